#include "shard/ghosts.h"

#include <algorithm>

namespace ringgate {
namespace {

/// How often a bind that waits looks whether there is a place.
constexpr Nanos look_interval = milliseconds(50);
/// From the end of a probe to the end of its bind, on another shard that has enough to do.
constexpr Nanos slack = milliseconds(200);

}  // namespace

bool Ghosts::wait(Connection& connection) {
  const Nanos now = house_.now.mono;
  const Nanos within = house_.options.ghost_probe;
  Hunt& hunt = connection.claim.hunt;
  if (hunt.until == never) {
    if (within == 0) return false;
    begin(connection, within);
  }
  const bool has_none = hunt.unheard == 0 && !hunt.has_hope;
  if (has_none || hunt.until <= now) return false;
  hunt.look_at = std::min(now + look_interval, hunt.until);
  connection.session.await_verdict(hunt.until + slack);
  return true;
}

void Ghosts::begin(Connection& connection, Nanos within) {
  const Nanos now = house_.now.mono;
  Hunt& hunt = connection.claim.hunt;
  const Account& account = *connection.claim.account;
  hunt.until = now + within + slack;
  if (!account.state->binds.may_hunt(connection.stranger.address, now)) return;
  hunt.has_hope = probe(account.index, connection.stranger.address);
  hunt.unheard = house_.options.count - 1;
  for (unsigned shard = 0; shard < house_.options.count; ++shard) {
    if (shard == house_.options.index) continue;
    auto parcel = std::make_unique<HuntParcel>();
    parcel->account = account.index;
    parcel->asker = static_cast<std::uint16_t>(house_.options.index);
    parcel->address = connection.stranger.address;
    house_.world.mesh.post(shard, make_mail(MailKind::hunt, std::move(parcel), connection.id));
  }
}

void Ghosts::hunt(const HuntParcel& parcel, LinkId asker) {
  io::Mail mail;
  mail.kind = static_cast<std::uint8_t>(MailKind::hunted);
  mail.code = probe(parcel.account, parcel.address) ? 1 : 0;
  mail.link = asker.value;
  house_.world.mesh.post(parcel.asker, mail);
}

void Ghosts::heard(LinkId asker, bool has_hope) {
  Connection* const connection = links_.find(asker);
  if (connection == nullptr || connection->over) return;
  Hunt& hunt = connection->claim.hunt;
  // It may have been decided meanwhile, and have bound again.
  if (hunt.look_at == never || hunt.unheard == 0) return;
  --hunt.unheard;
  hunt.has_hope = hunt.has_hope || has_hope;
  if (hunt.unheard == 0 && !hunt.has_hope) hunt.look_at = house_.now.mono;
  links_.touch(*connection);
}

/// True: at least one may end.
bool Ghosts::probe(std::uint32_t account, const std::string& address) {
  bool any = false;
  links_.for_each([&](Connection& connection) {
    if (!connection.serves(account) || !connection.counted || connection.over) return;
    if (connection.stranger.address != address || connection.is_going()) return;
    if (!connection.session.probe(house_.now, house_.options.ghost_probe)) return;
    connection.probed_until = house_.now.mono + house_.options.ghost_probe + slack;
    links_.touch(connection);
    any = true;
  });
  return any;
}

}  // namespace ringgate

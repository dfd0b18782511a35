#include "shard/originated.h"

#include "base/rarely.h"
#include "shard/route.h"

namespace ringgate {

// ---- messages from subscribers

Routed Originated::deliver(const Deliver& message, MessageId& id) {
  if (shard_of(message.session) >= house_.options.count) return Routed::no_session;
  std::unique_ptr<Parcel> parcel;
  const Routed routed = route(message, *house_.roster, parcel);
  if (routed != Routed::ok) return routed;
  ASSERT(parcel != nullptr);
  id = parcel->id = ids_.next();
  take(std::move(parcel));
  return Routed::ok;
}

void Originated::take(std::unique_ptr<Parcel> parcel) {
  if (parcel->only != SessionId{} && parcel->bind.link == LinkId{})
    return find_session(std::move(parcel));
  ASSERT(parcel->account < house_.directory().size());
  const unsigned home = house_.home_of(parcel->account);
  if (home == house_.options.index) return arrive(std::move(parcel));
  house_.world.mesh.post(home, make_mail(MailKind::mo, std::move(parcel)));
}

void Originated::find_session(std::unique_ptr<Parcel> parcel) {
  const unsigned shard = shard_of(parcel->only);
  ASSERT(shard < house_.options.count);
  if (shard != house_.options.index)
    return house_.world.mesh.post(shard, make_mail(MailKind::mo_for_session, std::move(parcel)));
  const Connection* const connection = links_.find_serial(serial_of(parcel->only));
  if (connection == nullptr || connection->over || !connection->receives)
    return tidings_.ended(parcel->id, parcel->token, DeliverResult::gone);
  const Account& account = *connection->account;
  if (!account.state->open_mo(account.options.max_outbox))
    return tidings_.ended(parcel->id, parcel->token, DeliverResult::no_room);
  parcel->account = account.index;
  parcel->bind = house_.bind_of(connection->id);
  take(std::move(parcel));
}

void Originated::arrive(std::unique_ptr<Parcel> parcel) {
  ASSERT(house_.is_home_of(parcel->account));
  const bool is_kept = safe_.keeps() && parcel->only == SessionId{};
  const bool full =
      (is_kept && safe_.admit(journal::accepted_size(*parcel->content), 1) != Status::ESME_ROK) ||
      !books_.uses.admits_message(parcel->account, false);
  MessageRecord* const record =
      full || RARELY("there is no place for an MO")
          ? nullptr
          : registry_.begin_own(RecordKind::mo, parcel->id, parcel->account, {});
  if (record == nullptr) {
    house_.directory().at(parcel->account).state->close_mo();
    return tidings_.ended(parcel->id, parcel->token, DeliverResult::no_room);
  }
  house_.counters.mo_accepted.add();
  registry_.attach(*record, std::move(parcel));
  if (is_kept) {
    safe_.accept(*record, *record->parcel->content);
    books_.messages.note_open(*record);
    tidings_.given(record->id, safe_.last());
  } else if (record->parcel->only == SessionId{}) {
    tidings_.given(record->id);
  } else {
    record->pinned = true;
    record->home.last_link = record->parcel->bind.link;
    record->home.last_shard = record->parcel->bind.shard;
  }
  delivery_.take(*record);
}

// ---- alerts

Routed Originated::alert(const Alert& alert) {
  std::unique_ptr<AlertParcel> parcel;
  const Routed routed = route(alert, *house_.roster, parcel);
  if (routed == Routed::ok) take(std::move(parcel));
  return routed;
}

void Originated::take(std::unique_ptr<AlertParcel> parcel) {
  ASSERT(parcel->account < house_.directory().size());
  const unsigned home = house_.home_of(parcel->account);
  if (home == house_.options.index) return arrive(std::move(parcel));
  house_.world.mesh.post(home, make_mail(MailKind::alert, std::move(parcel)));
}

void Originated::arrive(std::unique_ptr<AlertParcel> parcel) {
  ASSERT(house_.is_home_of(parcel->account));
  const auto bind = delivery_.any_bind(parcel->account);
  if (!bind) return;
  if (bind->shard == house_.options.index) return send(*parcel, bind->link);
  house_.world.mesh.post(bind->shard, make_mail(MailKind::alert, std::move(parcel), bind->link));
}

void Originated::send(const AlertParcel& alert, LinkId bind) {
  Connection* const connection = door_.find(bind, alert.account, "an alert");
  if (connection == nullptr) return;
  if (connection->session.output().size() > tx_backlog_max) return;  // now or never
  if (connection->session.alert({alert.source.address(), alert.esme.address(),
                                 alert.has_availability, alert.ms_availability_status}))
    house_.counters.alerts_sent.add();
  links_.touch(*connection);
}

}  // namespace ringgate

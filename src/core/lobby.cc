#include "core/lobby.h"

#include <span>
#include <utility>

#include "base/assert.h"
#include "base/units.h"

namespace ringgate {
namespace {

// A load balancer sends it with the connection.
constexpr Nanos patience = seconds(3);

}  // namespace

Lobby::~Lobby() {
  for (Guests* const guests : {&here_, &leaving_})
    while (Guest* const guest = guests->pop_front()) guests_.give(guest);
}

bool Lobby::enter(Arrival& one, Nanos now) {
  Guest* const guest = guests_.take();
  if (guest == nullptr) {
    if (!here_.empty()) send_away(*here_.front());
    return false;
  }
  guest->one = std::move(one);
  guest->until = now + patience;
  here_.push_back(*guest);
  read(*guest);
  return true;
}

void Lobby::read(Guest& guest) {
  kernel_.read_whole(guest.one.socket, guests_.index_of(&guest),
                     std::span(guest.octets).first(guest.header.wanted()));
}

std::optional<Arrival> Lobby::on_read(std::uint32_t place, int result, std::string_view& fault) {
  Guest& guest = guests_.at(place);
  if (result > 0) guest.header.put(std::span(guest.octets).first(static_cast<std::size_t>(result)));
  const bool goes_on = result > 0 && !guest.is_leaving;
  if (goes_on && guest.header.stage() == ProxyHeader::Stage::reading) {
    read(guest);
    return std::nullopt;
  }
  const bool is_done = guest.header.stage() == ProxyHeader::Stage::done;
  if (is_done && !guest.header.peer().empty()) guest.one.peer = guest.header.peer();
  if (guest.is_leaving)
    fault = "no PROXY header in time";
  else if (guest.header.stage() == ProxyHeader::Stage::wrong)
    fault = guest.header.fault();
  else if (!is_done)
    fault = "ended before its PROXY header did";
  Arrival out = std::move(guest.one);
  (guest.is_leaving ? leaving_ : here_).remove(guest);
  guests_.give(&guest);
  return out;
}

/// Its read then ends.
void Lobby::send_away(Guest& guest) {
  ASSERT(!guest.is_leaving);
  here_.remove(guest);
  leaving_.push_back(guest);
  guest.is_leaving = true;
  kernel_.hang_up(guest.one.socket);
}

void Lobby::expire(Nanos now) {
  while (!here_.empty() && here_.front()->until <= now) send_away(*here_.front());
}

void Lobby::close_all() {
  while (!here_.empty()) send_away(*here_.front());
}

}  // namespace ringgate

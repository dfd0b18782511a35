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

bool Lobby::enter(Arrival& one, Nanos now) {
  if (count_ == guests_max) {
    while (!by_age_.empty() && !is_here(by_age_.front())) by_age_.pop_front();
    if (!by_age_.empty()) send_away(by_age_.front());
    return false;
  }
  const std::uint32_t place = free_place();
  places_[place].guest = std::make_unique<Guest>();
  places_[place].guest->one = std::move(one);
  places_[place].serial = ++serials_;
  ++count_;
  by_age_.push_back({now + patience, place, serials_});
  read(place);
  return true;
}

std::uint32_t Lobby::free_place() {
  if (free_.empty()) {
    places_.emplace_back();
    return static_cast<std::uint32_t>(places_.size() - 1);
  }
  const std::uint32_t place = free_.back();
  free_.pop_back();
  return place;
}

void Lobby::read(std::uint32_t place) {
  Guest& guest = *places_[place].guest;
  kernel_.read_whole(guest.one.socket, place, std::span(guest.octets).first(guest.header.wanted()));
}

std::optional<Arrival> Lobby::on_read(std::uint32_t place, int result, std::string_view& fault) {
  Guest& guest = *places_[place].guest;
  if (result > 0) guest.header.put(std::span(guest.octets).first(static_cast<std::size_t>(result)));
  const bool goes_on = result > 0 && !guest.is_leaving;
  if (goes_on && guest.header.stage() == ProxyHeader::Stage::reading) {
    read(place);
    return std::nullopt;
  }
  const std::unique_ptr<Guest> gone = std::move(places_[place].guest);
  places_[place].serial = 0;
  free_.push_back(place);
  ASSERT(count_ != 0);
  --count_;
  const bool is_done = gone->header.stage() == ProxyHeader::Stage::done;
  if (is_done && !gone->header.peer().empty()) gone->one.peer = gone->header.peer();
  if (gone->is_leaving)
    fault = "no PROXY header in time";
  else if (gone->header.stage() == ProxyHeader::Stage::wrong)
    fault = gone->header.fault();
  else if (!is_done)
    fault = "ended before its PROXY header did";
  return std::move(gone->one);
}

/// And has not been sent away.
bool Lobby::is_here(const Age& age) const {
  const Place& place = places_[age.place];
  return place.serial == age.serial && !place.guest->is_leaving;
}

/// Its read then ends.
void Lobby::send_away(const Age& age) {
  if (!is_here(age)) return;
  places_[age.place].guest->is_leaving = true;
  kernel_.hang_up(places_[age.place].guest->one.socket);
}

void Lobby::expire(Nanos now) {
  for (; !by_age_.empty() && by_age_.front().until <= now; by_age_.pop_front())
    send_away(by_age_.front());
}

void Lobby::close_all() {
  for (; !by_age_.empty(); by_age_.pop_front()) send_away(by_age_.front());
}

}  // namespace ringgate

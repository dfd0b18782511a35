#include "backend/sim/waiting.h"

#include "base/bytes.h"
#include "base/hash.h"

namespace ringgate {
namespace {

std::uint64_t hash_address(const Address& address, std::uint64_t seed) {
  return hash_64(as_octets(address.text), seed ^ (std::uint64_t{address.ton} << 8 | address.npi));
}

}  // namespace

Waiting::Waiting(std::uint32_t count_max, std::uint64_t key, Now now)
    : timers(now.mono),
      key_(key),
      slab_(count_max),
      by_id_(slab_),
      by_addresses_(slab_),
      by_service_type_(slab_) {}

std::uint64_t Waiting::hash(const AddressPair& pair) const {
  const std::uint64_t seed = key_ ^ std::uint64_t{pair.account} << 16;
  return hash_address(pair.destination, hash_address(pair.source, seed));
}

std::uint32_t Waiting::hash(std::uint64_t of_pair, std::string_view service_type) {
  // Most have none.
  const std::uint64_t of_both =
      service_type.empty() ? of_pair : hash_64(as_octets(service_type), of_pair);
  return static_cast<std::uint32_t>(of_both);
}

Pending* Waiting::add(const Submit& submit, AccountNumber account) {
  Pending* const pending = slab_.take();
  if (pending == nullptr) return nullptr;
  RememberedMessage& message = pending->message;
  message.set(submit, account);
  pending->ticket = submit.ticket;
  pending->arrival = arrivals_++;
  pending->service_type.set(submit.service_type);
  by_id_.add(*pending, low_bits(submit.id),
             [&](const Pending& other) { return other.message.id == submit.id; });
  pending->comparable =
      message.source.whole() && message.destination.whole() && pending->service_type.whole();
  if (!pending->comparable) [[unlikely]]
    return pending;
  const AddressPair pair{account, submit.source, submit.destination};
  const std::uint64_t hashed = hash(pair);
  by_addresses_.add(*pending, static_cast<std::uint32_t>(hashed),
                    [&](const Pending& other) { return is(other, pair); });
  by_service_type_.add(*pending, hash(hashed, submit.service_type),
                       [&](const Pending& other) { return is(other, pair, submit.service_type); });
  return pending;
}

void Waiting::remove(Pending& pending) {
  timers.disarm(pending.timer);
  by_id_.remove(pending);
  if (pending.comparable) {
    by_addresses_.remove(pending);
    by_service_type_.remove(pending);
  }
  slab_.give(&pending);
}

Pending* Waiting::find(const Operation& operation, AccountNumber asker) {
  Pending* found = nullptr;
  const auto is_meant = [&](const Pending& one) { return one.message.is_meant(operation, asker); };
  // No more share an id than a submit_multi has destinations.
  by_id_.find(low_bits(operation.id), [&](Pending& oldest) {
    for (Pending* one = &oldest; one != nullptr; one = by_id_.next(*one))
      if (is_meant(*one)) found = one;
    return found != nullptr;
  });
  return found;
}

Pending* Waiting::oldest(const AddressPair& pair) {
  return by_addresses_.find(static_cast<std::uint32_t>(hash(pair)),
                            [&](const Pending& one) { return is(one, pair); });
}

Pending* Waiting::oldest(const AddressPair& pair, std::string_view service_type) {
  return by_service_type_.find(hash(hash(pair), service_type),
                               [&](const Pending& one) { return is(one, pair, service_type); });
}

Pending* Waiting::newest(const AddressPair& pair, std::string_view service_type) {
  Pending* const first = oldest(pair, service_type);
  return first == nullptr ? nullptr : &by_service_type_.newest(*first);
}

bool Waiting::more_than(std::size_t count, const AddressPair& pair) {
  Pending* one = oldest(pair);
  while (one != nullptr && count-- > 0) one = by_addresses_.next(*one);
  return one != nullptr;
}

}  // namespace ringgate

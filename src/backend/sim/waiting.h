// The messages that wait for something to happen to them: for their time, or for an outcome that
// the server wants to hear.
#pragma once

#include <string_view>

#include "backend/sim/group_index.h"
#include "backend/sim/remembered_message.h"
#include "base/timer_wheel.h"

namespace ringgate {

/// A service_type that is compared in full; one that no PDU has room for (c6) is equal to none.
class KnownServiceType {
 public:
  void set(std::string_view text) {
    size_ = text.size() > size_max ? too_long : static_cast<std::uint8_t>(text.size());
    for (std::size_t i = 0; i < size_ && i < size_max; ++i) text_[i] = text[i];
  }
  bool whole() const { return size_ != too_long; }
  bool is(std::string_view other) const { return whole() && other == view(); }
  /// Only of a whole one. Borrows.
  std::string_view view() const { return {text_, size_}; }

 private:
  static constexpr std::size_t size_max = 5;
  static constexpr std::uint8_t too_long = 0xFF;

  char text_[size_max];
  std::uint8_t size_;
};

/// One of them. The timer comes first: its address is the Pending's.
struct Pending {
  TimerNode timer;
  RememberedMessage message;
  Ticket ticket;
  Nanos starts;           ///< scheduled delivery; before it the message is SCHEDULED
  std::uint64_t arrival;  ///< counts them all
  GroupLink by_id;
  GroupLink by_addresses;
  GroupLink by_service_type;
  KnownServiceType service_type;
  bool comparable;   ///< nothing is too long to be compared, so it is in all indices
  bool owes_report;  ///< the server wants to hear the outcome
  bool owes_notice;  ///< an intermediate notification half way

  Pending() {}  // NOLINT: add() sets everything, and zeros would be written for nothing
};

/// From whom and to whom. Views borrow.
struct AddressPair {
  AccountNumber account = 0;
  Address source;
  Address destination;
};

/// One shard's waiting messages, found by id, by their addresses, and by these and their
/// service_type, each in constant time however many there are. One thread.
class Waiting {
 public:
  /// `key` should not be known to clients: they choose what is hashed with it.
  Waiting(std::uint32_t count_max, std::uint64_t key, Now now);

  /// A new one, with everything that its submit says; null when there are too many. The caller sets
  /// times and outcome, and arms the timer.
  Pending* add(const Submit& submit, AccountNumber account);
  void remove(Pending& pending);
  bool full() const { return slab_.in_use() == slab_.capacity(); }
  /// What the next one will have as `arrival`.
  std::uint64_t next_arrival() const { return arrivals_; }

  /// The newest of those that are meant by an operation that names an id.
  Pending* find(const Operation& operation, AccountNumber asker);
  /// The one that has waited longest between these addresses, of any service_type or of that one.
  Pending* oldest(const AddressPair& pair);
  Pending* oldest(const AddressPair& pair, std::string_view service_type);
  Pending* newest(const AddressPair& pair, std::string_view service_type);
  /// Whether more than `count` wait between these addresses. Looks at no more than these.
  bool more_than(std::size_t count, const AddressPair& pair);

  TimerWheel timers;

 private:
  static bool is(const Pending& pending, const AddressPair& pair) {
    const RememberedMessage& message = pending.message;
    return message.account == pair.account && message.source.is(pair.source) &&
           message.destination.is(pair.destination);
  }
  static bool is(const Pending& pending, const AddressPair& pair, std::string_view service_type) {
    return is(pending, pair) && pending.service_type.is(service_type);
  }
  std::uint64_t hash(const AddressPair& pair) const;
  static std::uint32_t hash(std::uint64_t of_pair, std::string_view service_type);

  const std::uint64_t key_;
  std::uint64_t arrivals_ = 0;
  Slab<Pending> slab_;
  GroupIndex<Pending, &Pending::by_id> by_id_;
  GroupIndex<Pending, &Pending::by_addresses> by_addresses_;
  GroupIndex<Pending, &Pending::by_service_type> by_service_type_;
};

}  // namespace ringgate

// What the simulator keeps for one shard.
#pragma once

#include "backend/sim/broadcasts.h"
#include "backend/sim/history.h"
#include "backend/sim/simulator.h"

namespace ringgate {

/// Of a message whose validity ends first: 27 is GSM 09.02's absent subscriber.
inline constexpr Outcome expired_outcome{MessageState::expired, 27};

/// A wall-clock second on the monotonic clock.
inline Nanos mono_of(std::int64_t wall_s, Now now) {
  return now.mono + seconds(wall_s - now.wall_s);
}

/// A message that waits for something to happen to it. The timer comes first: its address is the
/// Pending's.
struct Simulator::Pending {
  TimerNode timer;
  Ticket ticket;
  MessageId id;
  Outcome outcome;
  Nanos starts = 0;          ///< scheduled delivery; before it the message is SCHEDULED
  Nanos due = 0;             ///< when the outcome comes
  bool owes_report = false;  ///< the server wants to hear the outcome
  bool owes_notice = false;  ///< an intermediate notification half way
};

struct alignas(128) Simulator::PerShard {
  PerShard(std::uint64_t seed, std::uint32_t history_size, std::uint32_t pending_max, Now now)
      : prng(seed), timers(now.mono), pending(pending_max), history(history_size) {}

  /// The entry that a pending message still has in the history; null when a newer one took it.
  RememberedMessage* entry_of(const Pending& one) {
    RememberedMessage* const entry = history.find(one.id);
    const bool has_it = entry != nullptr && entry->pending == pending.index_of(&one) + 1;
    return has_it ? entry : nullptr;
  }
  Pending* pending_of(const RememberedMessage& entry) {
    return entry.pending == 0 ? nullptr : &pending.at(entry.pending - 1);
  }

  Prng prng;
  TimerWheel timers;
  Slab<Pending> pending;
  History history;
  Broadcasts broadcasts;
  Nanos next_mo = never;

  /// Most submits of a batch are of one account, whose name lies at one place.
  std::uint16_t hash_of_account(std::string_view system_id) {
    if (system_id.data() != account_name || system_id.size() != account_size) {
      account_name = system_id.data();
      account_size = system_id.size();
      account = account_hash(system_id);
    }
    return account;
  }
  const char* account_name = nullptr;  // of the batch in hand
  std::size_t account_size = 0;
  std::uint16_t account = 0;
};

}  // namespace ringgate

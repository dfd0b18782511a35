// The outboxes of all accounts of one home shard. What cannot move costs nothing: a turn looks only
// at outboxes in the ready list, and events and timers put them there.
//
//   pushed while a bind can take it ┐
//   a bind added, or gone           ├─> ready ─> run(): hands out, expires ─> timer
//   a place given back              │      ^                                    │
//   busy bind, oldest expired       ┘      └────────────────────────────────────┘
#pragma once

#include <deque>

#include "base/rarely.h"
#include "base/timer_wheel.h"
#include "policy/directory.h"
#include "routing/outbox.h"

namespace ringgate {

/// Keeps AccountState::waiting right at every change. Accounts whose home is elsewhere stay empty.
/// Pure; one thread. `now` never goes back.
class Outboxes {
 public:
  /// Of one account, before the others have their turn.
  static constexpr unsigned per_visit_max = 32;
  /// Of all accounts, before everything else that a shard does has its turn.
  static constexpr unsigned per_run_max = 512;

  Outboxes(const Directory& directory, Nanos now);
  /// The accounts have changed.
  void adopt(const Directory& directory);

  void push_back(MessageRecord& record, Nanos now);
  void push_front(MessageRecord& record, Nanos now);

  void add_bind(std::uint32_t account, BindRef bind, std::uint32_t window, Nanos now);
  void remove_bind(std::uint32_t account, BindRef bind, Nanos now);
  void give_back(std::uint32_t account, BindRef bind, Nanos now);
  void give_back_busy(std::uint32_t account, BindRef bind, Nanos now);
  std::optional<BindRef> any_bind(std::uint32_t account) const {
    return entries_[account].outbox.any_bind();
  }

  /// Once per turn: hand_out(MessageRecord&, BindRef) for what goes to a bind now,
  /// expire(MessageRecord&) for what nobody took in time, and lose(MessageRecord&) for what was
  /// pinned to a bind that is no more. All may call anything above. Goes round
  /// the ready accounts until nothing is ready or per_run_max is reached; then deadline() is now.
  template <class HandOut, class Expire, class Lose>
  void run(Nanos now, HandOut&& hand_out, Expire&& expire, Lose&& lose) {
    timers_.advance(now, [this](TimerNode& node) {
      node.at = never;
      make_ready(static_cast<Entry&>(node));
    });
    for (unsigned left = per_run_max; left != 0;) {
      Entry* const entry = ready_.pop_front();
      if (entry == nullptr) return;
      ++visits_;
      const unsigned done = visit(*entry, now, hand_out, expire, lose);
      left -= std::min(left, done + 1);  // An empty look is work too.
      if (RARELY("handing out ends early")) return;
    }
  }

  /// When run() wants to be called next even if nothing happens: in the past while something is
  /// ready.
  Nanos deadline() const { return ready_.empty() ? timers_.next_deadline() : 0; }

  std::size_t waiting(std::uint32_t account) const { return entries_[account].outbox.waiting(); }
  /// How many times an outbox was looked at by run(): what waits in vain must not make it grow.
  std::uint64_t visits() const { return visits_; }

 private:
  /// Its timer is set for deadline() of the outbox or earlier, while that is not in the ready list.
  struct Entry : TimerNode {
    ListLink ready;
    Outbox outbox;
    AccountState* state = nullptr;
  };

  template <class HandOut, class Expire, class Lose>
  unsigned visit(Entry& entry, Nanos now, HandOut&& hand_out, Expire&& expire, Lose&& lose) {
    BindRef target;
    for (unsigned done = 0; done < per_visit_max; ++done) {
      if (done != 0 && RARELY("an account has had its visit")) break;
      if (MessageRecord* const record = entry.outbox.take(now, target)) {
        tell_waiting(entry);
        hand_out(*record, target);
      } else if (MessageRecord* const late = entry.outbox.take_expired(now)) {
        tell_waiting(entry);
        expire(*late);
      } else if (MessageRecord* const lost = entry.outbox.take_lost()) {
        tell_waiting(entry);
        lose(*lost);
      } else {
        arm(entry, now);
        return done;
      }
    }
    make_ready(entry);
    return per_visit_max;
  }

  void changed(Entry& entry, Nanos now);
  void tell_waiting(Entry& entry);
  void make_ready(Entry& entry);
  void arm(Entry& entry, Nanos now);

  std::deque<Entry> entries_;  // lists and timers must stay where they are
  IntrusiveList<Entry, &Entry::ready> ready_;
  TimerWheel timers_;
  std::uint64_t visits_ = 0;
};

}  // namespace ringgate

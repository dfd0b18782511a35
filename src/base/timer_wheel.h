// Very many timers on one thread, at constant cost each.
//
//   level      0            1            2            3
//   slot       1 tick       256 ticks    2^16 ticks   2^24 ticks
//   reach      256 ms       65 s         4.6 h        49 days         with the usual tick of 1 ms
//
// A timer lies in the lowest level that reaches it. When time comes to the start of a slot of a
// higher level, the timers of that slot cascade: each is placed again, and now falls into a lower
// level. Bitmaps say which slots hold timers, so a wheel that slept for an hour steps over the
// empty ones in a few instructions. (Varghese and Lauck, scheme 7)
#pragma once

#include <ringgate/types.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include "base/assert.h"
#include "base/intrusive_list.h"
#include "base/units.h"

namespace ringgate {

/// A timer, embedded in what it times. It must stay where it is, and alive, while armed.
struct TimerNode {
  ListLink link;
  /// When it is due: meaningful while armed and, as what it was armed for, inside the callback of
  /// advance().
  Nanos at = never;
  /// Where the wheel keeps it; the wheel's business.
  std::uint32_t slot = 0;

  bool armed() const { return link.linked(); }
};

/// The timers of one owner, in no particular order within a tick. It reads no clock: the owner
/// sleeps until next_deadline() at most and then calls advance(). A timer fires at the first
/// advance() whose `now` has reached it, never before. One thread; a wheel may die with armed
/// timers if nobody disarms them afterwards.
class TimerWheel {
 public:
  explicit TimerWheel(Nanos now, Nanos tick = milliseconds(1)) : origin_(now), tick_(tick) {
    ASSERT(tick > 0);
    ASSERT(tick <= seconds(1));  // The whole reach, in nanoseconds, must fit a Nanos.
  }

  /// Sets the timer to fire at `at`, whether or not it was armed. A time in the past fires at the
  /// next advance(); `never` disarms.
  void arm(TimerNode& node, Nanos at) {
    if (node.armed()) unlink(node);
    node.at = at;
    if (at != never) place(node);
  }

  /// Makes sure that the timer does not fire. Harmless if it is not armed.
  void disarm(TimerNode& node) {
    if (node.armed()) unlink(node);
    node.at = never;
  }

  /// Calls f(TimerNode&) for each timer with at <= now, disarmed before its call. f may arm, disarm
  /// or destroy any timer, itself included: one that it disarms does not fire, and one that it arms
  /// fires at a later advance(), even if already due, so that advance() always ends. f must not
  /// call advance(). A `now` earlier than the last one is harmless.
  template <class F>
  void advance(Nanos now, F&& f) {
    advance_some(now, std::numeric_limits<std::size_t>::max(), std::forward<F>(f));
  }

  /// advance() for an owner with other work to do: at most `count_max` timers fire or cascade.
  /// Where that was not enough, next_deadline() is not after `now`, and the next call goes on from
  /// there.
  template <class F>
  void advance_some(Nanos now, std::size_t count_max, F&& f) {
    ASSERT(count_max > 0);
    ASSERT(due().empty());
    collect(now, count_max);
    while (TimerNode* const node = due().pop_front()) f(*node);
  }

  /// A time not later than the earliest armed timer, and `never` if none is armed. It is early by
  /// less than one tick for a timer within reach of level 0; for a farther one it may be the time
  /// of a cascade, and after a disarm() it may be that of the timer disarmed, if it was due within
  /// the current tick. The next advance() corrects all of these: an owner that sleeps until
  /// next_deadline() wakes a few times per timer, never in a tight loop.
  Nanos next_deadline() const {
    if (cascading_) return std::min(current_earliest_, start_of(current_));
    if (occupied(current_slot())) return current_earliest_;
    const std::uint64_t tick = next_tick();
    return tick == no_tick ? never : start_of(tick);
  }

 private:
  using List = IntrusiveList<TimerNode, &TimerNode::link>;

  static constexpr unsigned level_bits = 8;
  static constexpr unsigned level_count = 4;
  static constexpr std::uint32_t slots_per_level = 1U << level_bits;
  static constexpr std::uint32_t slot_count = level_count * slots_per_level;
  // One more list, for timers whose call is pending in advance().
  static constexpr std::uint32_t due_slot = slot_count;
  static constexpr std::uint64_t reach = std::uint64_t{1} << (level_count * level_bits);
  static constexpr std::uint64_t no_tick = std::numeric_limits<std::uint64_t>::max();
  static constexpr unsigned words_per_level = slots_per_level / 64;

  static std::uint32_t slot_of(unsigned level, std::uint64_t tick) {
    return level * slots_per_level +
           static_cast<std::uint32_t>((tick >> (level * level_bits)) % slots_per_level);
  }

  // Unsigned, because `at` may lie anywhere and the difference of two Nanos might not fit one.
  std::uint64_t tick_of(Nanos at) const {
    if (at <= origin_) return 0;
    return (static_cast<std::uint64_t>(at) - static_cast<std::uint64_t>(origin_)) /
           static_cast<std::uint64_t>(tick_);
  }

  Nanos start_of(std::uint64_t tick) const { return origin_ + static_cast<Nanos>(tick) * tick_; }

  std::uint32_t current_slot() const { return slot_of(0, current_); }
  List& due() { return slots_[due_slot]; }
  bool occupied(std::uint32_t slot) const { return (bits_[slot / 64] >> (slot % 64) & 1) != 0; }

  void place(TimerNode& node) {
    // What is late goes to the current tick, whose timers are compared one by one. What is out of
    // reach goes as far as possible and is placed again from there.
    const std::uint64_t tick = std::clamp(tick_of(node.at), current_, current_ + reach - 1);
    const std::uint64_t distance = tick - current_;
    unsigned level = 0;
    while (distance >> ((level + 1) * level_bits) != 0) ++level;
    if (distance == 0) current_earliest_ = std::min(current_earliest_, node.at);
    link(node, slot_of(level, tick));
  }

  void link(TimerNode& node, std::uint32_t slot) {
    slots_[slot].push_back(node);
    node.slot = slot;
    if (slot != due_slot) bits_[slot / 64] |= std::uint64_t{1} << (slot % 64);
  }

  void unlink(TimerNode& node) {
    const std::uint32_t slot = node.slot;
    slots_[slot].remove(node);
    if (slot != due_slot && slots_[slot].empty()) {
      bits_[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
    }
  }

  // Moves the wheel to `now` and everything that is due into its list, or as much as `budget` moves
  // of timers allow. No callback runs meanwhile, so f sees a wheel that stands at `now` whatever it
  // does, or at the tick where the budget ended: nothing is lost by a wheel that stands too early.
  void collect(Nanos now, std::size_t budget) {
    const std::uint64_t target = std::max(current_, tick_of(now));
    if (cascading_ && !cascade(budget)) return;
    while (current_ < target) {
      if (!collect_current(now, budget)) return;
      const std::uint64_t tick = next_tick();
      current_ = std::min(tick, target);
      // The bound belongs to the tick just left.
      current_earliest_ = never;
      if (tick > target) break;
      if (!cascade(budget)) return;
    }
    collect_current(now, budget);
  }

  // Within one tick the bound spares us the walk; it may be stale after a disarm(), but only by
  // less than a tick and only early. False when the budget ends first: the bound stays as it was.
  bool collect_current(Nanos now, std::size_t& budget) {
    const std::uint32_t slot = current_slot();
    if (!occupied(slot)) {
      current_earliest_ = never;
      return true;
    }
    if (now < current_earliest_) return true;
    Nanos earliest = never;
    for (TimerNode* node = slots_[slot].front(); node != nullptr;) {
      TimerNode* const following = slots_[slot].next(*node);
      if (node->at <= now) {
        if (budget == 0) return false;
        --budget;
        unlink(*node);
        link(*node, due_slot);
      } else {
        earliest = std::min(earliest, node->at);
      }
      node = following;
    }
    current_earliest_ = earliest;
    return true;
  }

  void refresh_current_earliest() {
    // The timers of the tick just reached lie past its start, so its start is a bound that costs no
    // walk; but one armed late, while the cascade paused, may lie before it.
    if (occupied(current_slot()))
      current_earliest_ = std::min(current_earliest_, start_of(current_));
  }

  // Places again the timers of every slot of a higher level that starts at the current tick. False
  // when the budget ends first: the wheel stays at this tick until the rest is placed as well.
  bool cascade(std::size_t& budget) {
    for (unsigned level = level_count - 1; level > 0; --level) {
      const std::uint64_t slot_ticks = std::uint64_t{1} << (level * level_bits);
      if (current_ % slot_ticks != 0) continue;
      const std::uint32_t slot = slot_of(level, current_);
      if (!occupied(slot)) continue;
      // None of them can come back to this slot: at the start of a slot, even the farthest reach
      // ends one slot short of it.
      while (TimerNode* const node = slots_[slot].front()) {
        cascading_ = budget == 0;
        if (cascading_) return false;
        --budget;
        unlink(*node);
        place(*node);
        ASSERT(node->slot != slot);
      }
    }
    cascading_ = false;
    refresh_current_earliest();
    return true;
  }

  // The first tick after the current one at which a slot of any level with timers starts.
  std::uint64_t next_tick() const {
    std::uint64_t earliest = no_tick;
    for (unsigned level = 0; level < level_count; ++level) {
      const std::uint64_t slot_now = current_ >> (level * level_bits);
      const std::uint64_t steps = steps_to_occupied(level, (slot_now + 1) % slots_per_level);
      if (steps == slots_per_level) continue;
      // In level 0 the walk ends with the current slot itself, which is not ahead but here.
      if (level == 0 && steps == slots_per_level - 1) continue;
      earliest = std::min(earliest, (slot_now + 1 + steps) << (level * level_bits));
    }
    return earliest;
  }

  // How many slots after `first`, going round, the first one with timers lies; slots_per_level if
  // there is none.
  std::uint64_t steps_to_occupied(unsigned level, std::uint64_t first) const {
    const std::uint64_t* const words = &bits_[level * words_per_level];
    const std::uint64_t first_word = words[first / 64] >> (first % 64);
    if (first_word != 0) return static_cast<std::uint64_t>(std::countr_zero(first_word));
    for (unsigned i = 1; i <= words_per_level; ++i) {
      const std::uint64_t word = (first / 64 + i) % words_per_level;
      if (words[word] == 0) continue;
      const std::uint64_t found =
          word * 64 + static_cast<std::uint64_t>(std::countr_zero(words[word]));
      return (found - first) % slots_per_level;
    }
    return slots_per_level;
  }

  Nanos origin_;
  Nanos tick_;
  std::uint64_t current_ = 0;       // The tick that holds the last `now`, counted from the origin.
  Nanos current_earliest_ = never;  // Not later than any timer in the slot of the current tick.
  bool cascading_ = false;          // Timers that the current tick should have placed wait for it.
  std::array<std::uint64_t, slot_count / 64> bits_{};
  std::array<List, slot_count + 1> slots_;
};

}  // namespace ringgate

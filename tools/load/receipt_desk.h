// Receipts of all threads: one may bring what is owed to a message that another has sent.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "load/receipt_matcher.h"

namespace ringgate::load {

/// Matchers of which each has a part of the keys and a lock. Many threads.
class ReceiptDesk {
 public:
  /// What a thread has heard, in the order in which it has.
  struct Note {
    std::uint64_t key;
    Nanos time;  ///< a message's intended time, or when its receipt came
    bool is_receipt;
  };
  static constexpr std::size_t drawer_count = 16;
  static constexpr std::size_t refused_max = std::size_t{1} << 22;
  /// Neighbouring ids lie together, as in the matcher.
  static std::size_t drawer_of(std::uint64_t key) { return key >> 6 & (drawer_count - 1); }
  /// Without what all keys of a drawer share, which would leave most of its buckets empty.
  static std::uint64_t within_drawer(std::uint64_t key) { return key >> 10 << 6 | (key & 63); }

  /// Room for `expected` unfinished messages at once before it grows. With one thread there is one
  /// matcher, and no lock is taken.
  ReceiptDesk(std::size_t expected, bool one_thread);

  /// Of the only thread; null where there are more.
  ReceiptMatcher* only() { return drawers_.size() == 1 ? &drawers_.front()->matcher : nullptr; }

  /// `found(sent, came)` for each receipt that is matched by one of them.
  template <class Found>
  void file(std::size_t drawer, const std::vector<Note>& notes, Found&& found) {
    Drawer& one = *drawers_[drawer];
    const std::lock_guard lock(one.mutex);
    for (const Note& note : notes) {
      const auto latency = note.is_receipt ? one.matcher.on_receipt(note.key, note.time)
                                           : one.matcher.on_accepted(note.key, note.time);
      if (!latency) continue;
      if (note.is_receipt)
        found(note.time - *latency, note.time);
      else
        found(note.time, note.time + *latency);
    }
  }

  /// A receipt was taken, or refused: then it may come again or not.
  void answered(std::uint64_t key, bool taken);

  /// Receipts still to come, of what was filed.
  std::uint64_t open_count() const;
  ReceiptCounts counts() const;

 private:
  struct alignas(64) Drawer {
    explicit Drawer(std::size_t expected) : matcher(expected) {}
    mutable std::mutex mutex;
    ReceiptMatcher matcher;
  };

  std::vector<std::unique_ptr<Drawer>> drawers_;
  mutable std::mutex mutex_;
  std::unordered_set<std::uint64_t> refused_;  // and not taken since; refused_max at most
  std::uint64_t refused_beyond_ = 0;           // these are not followed
};

/// What one thread brings to the desk; a turn's worth at once, so that locks are taken rarely.
class ReceiptNotes {
 public:
  explicit ReceiptNotes(ReceiptDesk& desk) : desk_(desk), only_(desk.only()) {}

  /// A message is accepted under `id`; its latency counts from `sent`. `found` as of
  /// ReceiptDesk::file(), if it is known at once.
  template <class Found>
  void accepted(std::string_view id, Nanos sent, Found&& found) {
    const std::uint64_t key = ReceiptMatcher::key_of(id);
    if (only_ == nullptr) return note({key, sent, false});
    if (const auto latency = only_->on_accepted(key, sent)) found(sent, sent + *latency);
  }
  template <class Found>
  void received(std::string_view id, Nanos now, Found&& found) {
    const std::uint64_t key = ReceiptMatcher::key_of(id);
    if (only_ == nullptr) return note({key, now, true});
    if (const auto latency = only_->on_receipt(key, now)) found(now - *latency, now);
  }
  /// Nothing of this turn is left.
  template <class Found>
  void flush(Found&& found) {
    if (only_ != nullptr) return;
    for (std::size_t i = 0; i < notes_.size(); ++i) {
      if (notes_[i].empty()) continue;
      desk_.file(i, notes_[i], found);
      notes_[i].clear();
    }
  }

 private:
  void note(const ReceiptDesk::Note& note) {
    notes_[ReceiptDesk::drawer_of(note.key)].push_back(
        {ReceiptDesk::within_drawer(note.key), note.time, note.is_receipt});
  }

  ReceiptDesk& desk_;
  ReceiptMatcher* const only_;
  std::array<std::vector<ReceiptDesk::Note>, ReceiptDesk::drawer_count> notes_;
};

}  // namespace ringgate::load

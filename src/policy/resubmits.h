// Submits that a client may send again because it never learned their answer: the repetition gets
// the first one's id.
#pragma once

#include <cstdint>
#include <deque>
#include <type_traits>
#include <unordered_map>

#include <ringgate/message.h>

#include "base/hash.h"
#include "policy/hold.h"

namespace ringgate {

/// 128 bits of hash over what makes two submits of an account the same.
struct ResubmitKey {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend bool operator==(const ResubmitKey&, const ResubmitKey&) = default;
};

/// One account's. Shared by all shards, because the client comes back on any of them, under a flag
/// that is held for one look into a table; only accounts that ask for this pay for it.
class Resubmits {
 public:
  /// Beyond this many, submits are taken without being remembered. With its key and its place in
  /// the order of age each takes 120 octets.
  static constexpr std::size_t count_max = 1'000'000;
  /// So many whose time is over are forgotten at once: more go than come, and nobody waits for a
  /// million.
  static constexpr unsigned expired_at_once_max = 16;

  enum class Verdict : std::uint8_t {
    fresh,         ///< not seen before: now remembered as `id`
    unremembered,  ///< not seen before, and there are too many to remember it
    repeated,      ///< `id` is the first one's
    undecided,     ///< the first one has not been answered yet
  };

  /// The client chooses what the keys are made of: without the seed it cannot fill one bucket.
  explicit Resubmits(std::uint64_t hash_seed = 0) : entries_(0, Hash{hash_seed}) {}

  /// `now_s` and every `until_s` are seconds of one clock that nobody sets.
  Verdict recognise(const ResubmitKey& key, std::int64_t now_s, std::uint32_t window_s,
                    MessageId& id);
  /// The first one is answered with ESME_ROK, and safe: repetitions get its id from now on.
  void settle(const ResubmitKey& key, MessageId id);
  /// The first one was refused: the next is a first one again.
  void remove(const ResubmitKey& key, MessageId id);
  /// From an earlier run; false: it is known already.
  bool restore(const ResubmitKey& key, MessageId id, std::uint32_t until_s);

 private:
  struct Entry {
    MessageId id;
    std::uint32_t until_s = 0;
    bool settled = false;
  };
  struct Hash {
    std::uint64_t seed;
    std::size_t operator()(const ResubmitKey& key) const {
      return hash_64({reinterpret_cast<const std::uint8_t*>(&key), sizeof key}, seed);
    }
  };
  static_assert(std::has_unique_object_representations_v<ResubmitKey>);
  struct Aging {
    std::uint32_t until_s;
    ResubmitKey key;
  };

  void expire(std::int64_t now_s);

  HoldFlag held_;
  std::unordered_map<ResubmitKey, Entry, Hash> entries_;
  std::deque<Aging> by_age_;  // one window for all, so the oldest is in front
};

}  // namespace ringgate

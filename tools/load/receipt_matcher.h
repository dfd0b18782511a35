// Which receipts have come, and how long they took.
//
//   bucket (one cache line):  4 x | key (64 bits) | state (2 bits) | time (62 bits) |
//
// A slot is empty, open (accepted, receipt still to come), early (receipt seen, submit_sm_resp
// still to come) or done. Done slots stay until their bucket needs the room, which is what makes a
// duplicate known as one; what finds its bucket full of unfinished messages goes to a map beside.
// Servers number their messages, so hexadecimal ids are their own keys and neighbours share a
// bucket: a hash spread them over memory and made this the dearest part of the client.
#pragma once

#include <ringgate/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"

namespace ringgate::load {

/// The message id a deliver_sm is the receipt of: the TLV receipted_message_id, else what follows
/// "id:" in the text (3.4 Appendix B). Empty if it names none. `tlvs` has been checked.
std::string_view receipted_message_id(Octets tlvs, Octets text);

struct ReceiptCounts {
  std::uint64_t requested = 0;  ///< accepted messages that owe a receipt
  std::uint64_t matched = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t early = 0;     ///< matched, but the receipt overtook its submit_sm_resp
  std::uint64_t unknown = 0;   ///< receipts for messages that nobody here has sent
  std::uint64_t refused = 0;   ///< answered with an error: the server brings them again or not
  std::uint64_t given_up = 0;  ///< refused, and not come again

  std::uint64_t missing() const { return requested - matched; }
  /// Of those, such as the server cannot have given up because of our answer.
  std::uint64_t lost() const { return missing() > given_up ? missing() - given_up : 0; }
};

/// Ids that are no hexadecimal numbers are kept as 64-bit hashes: two of ten million collide with a
/// probability of 3 in a million. An id may be used again after its receipt. One thread; allocates
/// only to grow.
class ReceiptMatcher {
 public:
  static constexpr std::size_t slot_count_max = std::size_t{1} << 27;

  /// Room for `expected` unfinished messages at once before the table grows.
  explicit ReceiptMatcher(std::size_t expected);

  /// A message is accepted under `id`; its latency counts from `sent`. Returns the receipt's
  /// latency if the receipt is there already.
  std::optional<Nanos> on_accepted(std::string_view id, Nanos sent) {
    return on_accepted(key_of(id), sent);
  }
  std::optional<Nanos> on_accepted(std::uint64_t key, Nanos sent);

  /// A receipt for `id` has come. Returns its latency if it is the one that was expected.
  std::optional<Nanos> on_receipt(std::string_view id, Nanos now) {
    return on_receipt(key_of(id), now);
  }
  std::optional<Nanos> on_receipt(std::uint64_t key, Nanos now);

  /// What ids are known by.
  static std::uint64_t key_of(std::string_view id);

  /// Receipts still to come.
  std::uint64_t open_count() const { return counts_.missing(); }
  ReceiptCounts counts() const;

 private:
  enum class State : std::uint8_t { empty, open, early, done };

  struct Slot {
    std::uint64_t key = 0;
    std::uint64_t state_and_time = 0;

    State state() const { return static_cast<State>(state_and_time >> 62); }
    Nanos time() const {
      return static_cast<Nanos>(state_and_time & ((std::uint64_t{1} << 62) - 1));
    }
    void set(State state, Nanos time) {
      state_and_time = static_cast<std::uint64_t>(state) << 62 | static_cast<std::uint64_t>(time);
    }
  };

  static constexpr std::size_t bucket_size = 4;

  Slot* bucket_of(std::uint64_t key);
  Slot* find(std::uint64_t key);
  bool insert(std::uint64_t key, State state, Nanos time);
  Slot* room_for(std::uint64_t key);
  void finish(Slot& slot, std::uint64_t key);
  void grow();

  std::vector<Slot> slots_;
  std::size_t bucket_mask_;
  std::unordered_map<std::uint64_t, Slot> beside_;  // unfinished ones only
  Nanos done_clock_ = 1;                            // orders done slots by age
  std::uint64_t early_open_ = 0;
  ReceiptCounts counts_;
};

}  // namespace ringgate::load

// Which receipts have come, and how long they took.
//
//   slot:  | hash of the message id (64 bits) | state (2 bits) | time (62 bits) |
//
// Linear probing over one array. A slot is empty, open (accepted, receipt still to come), early
// (receipt seen, submit_sm_resp still to come) or done.
#pragma once

#include <ringgate/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
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
  std::uint64_t early = 0;    ///< matched, but the receipt overtook its submit_sm_resp
  std::uint64_t unknown = 0;  ///< receipts for messages that nobody here has sent

  std::uint64_t missing() const { return requested - matched; }
};

/// Ids are kept as 64-bit hashes: two of ten million collide with a probability of 3 in a million.
/// Done ids stay for a while, which is what makes a duplicate known as one; a duplicate older than
/// `done_count_max` receipts counts as unknown. An id may be used again after its receipt. One
/// thread; allocates only to grow.
class ReceiptMatcher {
 public:
  static constexpr std::size_t done_count_default = std::size_t{1} << 18;
  static constexpr std::size_t slot_count_max = std::size_t{1} << 27;

  /// Room for `expected` messages at once before the table must grow.
  explicit ReceiptMatcher(std::size_t expected, std::size_t done_count_max = done_count_default);

  /// A message is accepted under `id`; its latency counts from `sent`. Returns the receipt's
  /// latency if the receipt is there already.
  std::optional<Nanos> on_accepted(std::string_view id, Nanos sent);

  /// A receipt for `id` has come. Returns its latency if it is the one that was expected.
  std::optional<Nanos> on_receipt(std::string_view id, Nanos now);

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

  std::size_t find(std::uint64_t key) const;
  bool insert(std::size_t index, std::uint64_t key, State state, Nanos time);
  void finish(std::size_t index);
  void remove(std::size_t index);
  void grow();

  std::vector<Slot> slots_;
  std::size_t mask_;
  std::size_t used_ = 0;
  std::vector<std::uint64_t> done_;  // keys in the order they were done, as a ring
  std::size_t done_next_ = 0;
  std::size_t done_count_ = 0;
  std::uint64_t early_open_ = 0;
  ReceiptCounts counts_;
};

}  // namespace ringgate::load

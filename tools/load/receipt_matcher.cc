#include "load/receipt_matcher.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "smpp/tlv.h"

namespace ringgate::load {

namespace {

__extension__ using Wide = unsigned __int128;

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const Wide product = Wide{a} * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Eight octets per multiplication, as wyhash does; ids are 8 to 64 octets long.
std::uint64_t hash_of(std::string_view id) {
  constexpr std::uint64_t odd_1 = 0xa076'1d64'78bd'642fU;
  constexpr std::uint64_t odd_2 = 0xe703'7ed1'a0b4'28dbU;
  std::uint64_t hash = id.size() ^ odd_1;
  while (!id.empty()) {
    std::uint64_t word = 0;
    const std::size_t size = std::min(id.size(), sizeof word);
    std::memcpy(&word, id.data(), size);
    hash = mix(hash ^ word, odd_2);
    id.remove_prefix(size);
  }
  return mix(hash, odd_1);
}

}  // namespace

std::string_view receipted_message_id(Octets tlvs, Octets text) {
  if (!tlvs.empty()) {
    if (const auto value = smpp::find_tlv(tlvs, smpp::Tag::receipted_message_id)) {
      // A C-octet string, but some send it without its NUL.
      const std::string_view id = as_text(*value);
      return id.substr(0, id.find('\0'));
    }
  }
  constexpr std::string_view key = "id:";
  const std::string_view all = as_text(text);
  const std::size_t at = all.find(key);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = all.substr(at + key.size());
  return rest.substr(0, rest.find(' '));
}

ReceiptMatcher::ReceiptMatcher(std::size_t expected, std::size_t done_count_max)
    : slots_(std::clamp(std::bit_ceil((expected + done_count_max) * 2), std::size_t{16},
                        slot_count_max)),
      mask_(slots_.size() - 1),
      done_(done_count_max) {
  ASSERT(done_count_max > 0);
}

std::optional<Nanos> ReceiptMatcher::on_accepted(std::string_view id, Nanos sent) {
  ++counts_.requested;
  const std::uint64_t key = hash_of(id);
  const std::size_t index = find(key);
  Slot& slot = slots_[index];
  switch (slot.state()) {
    case State::empty:
      insert(index, key, State::open, sent);
      return std::nullopt;
    case State::done:
    case State::open:  // One id for two messages: one of them will be missing its receipt.
      slot.set(State::open, sent);
      return std::nullopt;
    case State::early: {
      const Nanos latency = slot.time() - sent;
      ++counts_.early;
      ++counts_.matched;
      --early_open_;
      finish(index);
      return latency;
    }
  }
  UNREACHABLE();
}

std::optional<Nanos> ReceiptMatcher::on_receipt(std::string_view id, Nanos now) {
  const std::uint64_t key = hash_of(id);
  const std::size_t index = find(key);
  Slot& slot = slots_[index];
  switch (slot.state()) {
    case State::open: {
      const Nanos latency = now - slot.time();
      ++counts_.matched;
      finish(index);
      return latency;
    }
    case State::done:
    case State::early:
      ++counts_.duplicate;
      return std::nullopt;
    case State::empty:
      if (insert(index, key, State::early, now))
        ++early_open_;
      else
        ++counts_.unknown;
      return std::nullopt;
  }
  UNREACHABLE();
}

ReceiptCounts ReceiptMatcher::counts() const {
  ReceiptCounts counts = counts_;
  counts.unknown += early_open_;
  return counts;
}

// The slot of that key, or the empty one where it belongs.
std::size_t ReceiptMatcher::find(std::uint64_t key) const {
  std::size_t index = key & mask_;
  while (slots_[index].state() != State::empty && slots_[index].key != key)
    index = (index + 1) & mask_;
  return index;
}

// False if the table has reached its bound; the message is then not followed.
bool ReceiptMatcher::insert(std::size_t index, std::uint64_t key, State state, Nanos time) {
  if (used_ * 2 >= slots_.size()) {
    if (slots_.size() < slot_count_max) {
      grow();
      index = find(key);
    } else if (used_ + 1 == slots_.size()) {
      return false;
    }
  }
  slots_[index].key = key;
  slots_[index].set(state, time);
  ++used_;
  return true;
}

// Keeps the slot as done, and lets go of the oldest one that was kept so far.
void ReceiptMatcher::finish(std::size_t index) {
  const std::uint64_t key = slots_[index].key;
  slots_[index].set(State::done, 0);
  if (done_count_ == done_.size()) {
    const std::size_t oldest = find(done_[done_next_]);
    // An id in use again is no longer done, and may be listed twice.
    if (slots_[oldest].state() == State::done && slots_[oldest].key != key) remove(oldest);
  } else {
    ++done_count_;
  }
  done_[done_next_] = key;
  done_next_ = done_next_ + 1 == done_.size() ? 0 : done_next_ + 1;
}

// Closes the gap, so that probing needs no tombstones.
void ReceiptMatcher::remove(std::size_t index) {
  --used_;
  std::size_t gap = index;
  for (std::size_t at = (gap + 1) & mask_; slots_[at].state() != State::empty;
       at = (at + 1) & mask_) {
    // Stays if its home lies behind the gap, seen along the probe.
    const std::size_t home = slots_[at].key & mask_;
    if (((at - home) & mask_) < ((at - gap) & mask_)) continue;
    slots_[gap] = slots_[at];
    gap = at;
  }
  slots_[gap] = {};
}

void ReceiptMatcher::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  std::swap(old, slots_);
  mask_ = slots_.size() - 1;
  for (const Slot& slot : old)
    if (slot.state() != State::empty) slots_[find(slot.key)] = slot;
}

}  // namespace ringgate::load

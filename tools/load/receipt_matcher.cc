#include "load/receipt_matcher.h"

#include <algorithm>
#include <array>
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

/// By octet, as hexadecimal digits; more than 15: it is none. Whether a digit is a letter cannot be
/// foretold, and to branch on it took a fifth of the time of a message with its receipt.
constexpr auto digit_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(0xFF);
  for (unsigned i = 0; i < 10; ++i) values['0' + i] = static_cast<std::uint8_t>(i);
  for (unsigned i = 0; i < 6; ++i)
    values['a' + i] = values['A' + i] = static_cast<std::uint8_t>(10 + i);
  return values;
}();

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

std::uint64_t ReceiptMatcher::key_of(std::string_view id) {
  if (id.size() > 16) return hash_of(id);
  std::uint64_t value = 0;
  unsigned seen = 0;
  for (const char octet : id) {
    const std::uint8_t digit = digit_values[static_cast<std::uint8_t>(octet)];
    seen |= digit;
    value = value << 4 | digit;
  }
  return seen > 15 ? hash_of(id) : value;
}

ReceiptMatcher::ReceiptMatcher(std::size_t expected)
    : slots_(std::clamp(std::bit_ceil(expected * 2), std::size_t{16}, slot_count_max)),
      bucket_mask_(slots_.size() / bucket_size - 1) {}

std::optional<Nanos> ReceiptMatcher::on_accepted(std::uint64_t key, Nanos sent) {
  ++counts_.requested;
  Slot* const slot = find(key);
  if (slot == nullptr) {
    insert(key, State::open, sent);
    return std::nullopt;
  }
  if (slot->state() == State::early) {
    const Nanos latency = slot->time() - sent;
    ++counts_.early;
    ++counts_.matched;
    --early_open_;
    finish(*slot, key);
    return latency;
  }
  // Done, or one id for two messages: then one of them will be missing its receipt.
  slot->set(State::open, sent);
  return std::nullopt;
}

std::optional<Nanos> ReceiptMatcher::on_receipt(std::uint64_t key, Nanos now) {
  Slot* const slot = find(key);
  if (slot == nullptr) {
    if (insert(key, State::early, now))
      ++early_open_;
    else
      ++counts_.unknown;
    return std::nullopt;
  }
  if (slot->state() != State::open) {
    ++counts_.duplicate;
    return std::nullopt;
  }
  const Nanos latency = now - slot->time();
  ++counts_.matched;
  finish(*slot, key);
  return latency;
}

ReceiptCounts ReceiptMatcher::counts() const {
  ReceiptCounts counts = counts_;
  counts.unknown += early_open_;
  return counts;
}

ReceiptMatcher::Slot* ReceiptMatcher::bucket_of(std::uint64_t key) {
  // The top octets tell nodes and cores apart, which number alike; the factor keeps them out of
  // each other's buckets.
  constexpr std::uint64_t spread = 0x9E37'79B9;
  return &slots_[(((key >> 2) + (key >> 48) * spread) & bucket_mask_) * bucket_size];
}

ReceiptMatcher::Slot* ReceiptMatcher::find(std::uint64_t key) {
  Slot* const bucket = bucket_of(key);
  for (std::size_t i = 0; i < bucket_size; ++i)
    if (bucket[i].key == key && bucket[i].state() != State::empty) return &bucket[i];
  if (beside_.empty()) return nullptr;
  const auto found = beside_.find(key);
  return found == beside_.end() ? nullptr : &found->second;
}

/// An empty slot of the key's bucket, else the one that has been done longest, else none.
ReceiptMatcher::Slot* ReceiptMatcher::room_for(std::uint64_t key) {
  Slot* const bucket = bucket_of(key);
  Slot* best = nullptr;
  for (std::size_t i = 0; i < bucket_size; ++i) {
    Slot& slot = bucket[i];
    if (slot.state() == State::empty) return &slot;
    if (slot.state() == State::done && (best == nullptr || slot.time() < best->time()))
      best = &slot;
  }
  return best;
}

/// False if the table has reached its bound; the message is then not followed.
bool ReceiptMatcher::insert(std::uint64_t key, State state, Nanos time) {
  Slot* slot = room_for(key);
  if (slot == nullptr && beside_.size() >= slots_.size() / 8) {
    if (slots_.size() == slot_count_max) return false;
    grow();
    slot = room_for(key);
  }
  Slot& target = slot != nullptr ? *slot : beside_[key];
  target.key = key;
  target.set(state, time);
  return true;
}

void ReceiptMatcher::finish(Slot& slot, std::uint64_t key) {
  slot.set(State::done, done_clock_++);
  if (!beside_.empty()) beside_.erase(key);
}

/// Unfinished messages move to a table twice as large; done ones are forgotten.
void ReceiptMatcher::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  std::swap(old, slots_);
  bucket_mask_ = slots_.size() / bucket_size - 1;
  const std::unordered_map<std::uint64_t, Slot> beside = std::exchange(beside_, {});
  const auto move = [this](const Slot& slot) {
    if (slot.state() != State::open && slot.state() != State::early) return;
    Slot* const target = room_for(slot.key);
    (target != nullptr ? *target : beside_[slot.key]) = slot;
  };
  for (const Slot& slot : old) move(slot);
  for (const auto& one : beside) move(one.second);
}

}  // namespace ringgate::load

#include "message/id_codec.h"

#include <utility>

namespace ringgate {
namespace {

// The short permutation is a Feistel network over two halves of 13 bits. Four rounds are enough in
// theory for a good round function; more cost nothing here, where 3.3 clients are rare.
constexpr unsigned half_bits = 13;
constexpr std::uint32_t half_mask = (1u << half_bits) - 1;
constexpr unsigned short_rounds = 8;
static_assert(2 * half_bits == short_sequence_bits);

}  // namespace

void MessageIdCodec::ids_of(MessageId prefix, std::uint64_t first, Speck48::Run& out) const {
  const std::uint64_t high = prefix.value & ~message_sequence_mask;
  if (cipher_) return cipher_->encrypt_run(first, high, out);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = high | ((first + i) & message_sequence_mask);
}

/// The round function: the cipher itself, on blocks so small that no sequence is among them (those
/// count microseconds).
std::uint32_t MessageIdCodec::mixed(unsigned round, std::uint32_t half) const {
  return static_cast<std::uint32_t>(cipher_->encrypt(round << half_bits | half)) & half_mask;
}

std::uint32_t MessageIdCodec::short_form(MessageId id) const {
  const std::uint32_t key = short_key(id, sequence_of(id));
  if (!cipher_) return key;
  std::uint32_t left = key >> half_bits & half_mask, right = key & half_mask;
  for (unsigned round = 0; round < short_rounds; ++round) {
    left ^= mixed(round, right);
    std::swap(left, right);
  }
  return (key & ~short_sequence_mask) | left << half_bits | right;
}

std::uint32_t MessageIdCodec::short_sequence(std::uint32_t short_form) const {
  if (!cipher_) return short_form & short_sequence_mask;
  std::uint32_t left = short_form >> half_bits & half_mask, right = short_form & half_mask;
  for (unsigned round = short_rounds; round-- > 0;) {
    std::swap(left, right);
    left ^= mixed(round, right);
  }
  return left << half_bits | right;
}

}  // namespace ringgate

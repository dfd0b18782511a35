// Between the number a shard counts its messages by and the id that clients see.
//
//   id           node (8) | shard (8) | 48 bits: the sequence, or with a key its permutation
//   short form   shard (6) | 26 bits: the low ones of the sequence, or their permutation
//
// With a key nobody can tell from his own ids those of others, how many there are, or when they
// were given out. Both permutations are one to one, so what is unique as a sequence is unique as an
// id, for as long as the node keeps its key.
#pragma once

#include <array>
#include <optional>

#include "message/message_id.h"
#include "message/speck.h"

namespace ringgate {

using IdKey = Speck48::Key;

/// Pure and constant; copies are equal. Any thread.
class MessageIdCodec {
 public:
  /// Ids show their sequence.
  MessageIdCodec() = default;
  explicit MessageIdCodec(const IdKey& key) : cipher_(key) {}

  bool permutes() const { return cipher_.has_value(); }

  /// The sequence in an id; of one that was given out under another key, any.
  std::uint64_t sequence_of(MessageId id) const {
    const std::uint64_t low = id.value & message_sequence_mask;
    return cipher_ ? cipher_->decrypt(low) : low;
  }
  /// All that an id may stand for: those that a version without a key gave out are their sequence.
  std::array<std::uint64_t, 2> sequences_of(MessageId id) const {
    return {sequence_of(id), id.value & message_sequence_mask};
  }
  /// The id of a sequence, with the node and shard of `prefix`.
  MessageId id_of(MessageId prefix, std::uint64_t sequence) const {
    const std::uint64_t low = sequence & message_sequence_mask;
    return MessageId{(prefix.value & ~message_sequence_mask) |
                     (cipher_ ? cipher_->encrypt(low) : low)};
  }
  /// The ids of `first` and those that follow it.
  void ids_of(MessageId prefix, std::uint64_t first, Speck48::Run& out) const;

  /// What a peer below 3.4 sees of an id.
  std::uint32_t short_form(MessageId id) const;
  /// The low bits of the sequence behind a short form.
  std::uint32_t short_sequence(std::uint32_t short_form) const;

 private:
  std::uint32_t mixed(unsigned round, std::uint32_t half) const;

  std::optional<Speck48> cipher_;
};

}  // namespace ringgate

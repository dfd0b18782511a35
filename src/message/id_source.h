// Gives out the ids of one shard.
#pragma once

#include "message/id_codec.h"

namespace ringgate {

/// Makes ids a run at a time, because permuting one alone costs ten times as much. One thread.
class MessageIdSource {
 public:
  /// `codec` outlives the source.
  MessageIdSource(unsigned node, unsigned shard, std::int64_t wall_us, const MessageIdCodec& codec)
      : codec_(codec),
        prefix_((std::uint64_t{node & 0xFF} << 56) | (std::uint64_t{shard & 0xFF} << 48)),
        first_(static_cast<std::uint64_t>(wall_us)) {}

  /// Of the id that next() gives out.
  std::uint64_t next_sequence() const { return (first_ + used_) & message_sequence_mask; }

  NumberedId next() {
    if (used_ == made_) [[unlikely]]
      make();
    const std::uint64_t sequence = next_sequence();
    return {MessageId{run_[used_++]}, sequence};
  }

  /// Whether ids with this node and shard are ours.
  bool is_ours(MessageId id) const { return (id.value & ~message_sequence_mask) == prefix_; }
  /// The id of one of our sequences.
  MessageId id_of(std::uint64_t sequence) const {
    return codec_.id_of(MessageId{prefix_}, sequence);
  }

 private:
  void make() {
    first_ += used_;
    codec_.ids_of(MessageId{prefix_}, first_, run_);
    used_ = 0;
    made_ = run_.size();
  }

  const MessageIdCodec& codec_;
  const std::uint64_t prefix_;
  std::uint64_t first_;  // sequence of run_[0]
  std::size_t used_ = 0;
  std::size_t made_ = 0;
  Speck48::Run run_;
};

}  // namespace ringgate

#include "shard/messages.h"

namespace ringgate {

MessageRecord* Messages::find_open(MessageId id) {
  for (const std::uint64_t sequence : ids_.sequences_of(id))
    if (const auto slot = open_by_id_.find({id, sequence}, open_ids())) return &records_.at(*slot);
  return nullptr;
}

std::uint32_t Messages::short_form_of(const MessageRecord& record) const {
  const bool plain = record.sequence == (record.id.value & message_sequence_mask);
  return plain ? short_key(record.id, record.sequence) : ids_.short_form(record.id);
}

const MessageRecord* Messages::find_short(std::uint32_t short_form, std::uint32_t account) {
  const std::uint32_t key = (short_form & ~short_sequence_mask) | ids_.short_sequence(short_form);
  // A plain id of an earlier version is its own key.
  for (const std::uint32_t one : {key, short_form}) {
    const auto slot = open_by_id_.find_short(one, open_ids(), [&](std::uint32_t candidate) {
      const MessageRecord& record = records_.at(candidate);
      return record.account == account && short_form_of(record) == short_form;
    });
    if (slot) return &records_.at(*slot);
  }
  return nullptr;
}

}  // namespace ringgate

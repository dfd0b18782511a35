#include "shard/given_ids.h"

namespace ringgate {
namespace {

// Open messages of an earlier run whose short forms follow each other: more are not passed over.
constexpr unsigned short_ids_passed_over_max = 4096;

}  // namespace

const EndedMessage* GivenIds::find_ended(MessageId id) const {
  for (const std::uint64_t sequence : house_.options.ids.sequences_of(id))
    if (const EndedMessage* const ended = safe_.find_ended(NumberedId{id, sequence})) return ended;
  return nullptr;
}

bool GivenIds::gave_to(std::uint32_t account, MessageId id) {
  if (const MessageRecord* const open = books_.messages.find_open(id))
    return open->account == account;
  if (const EndedMessage* const ended = find_ended(id)) return ended->account == account;
  return books_.ids.is_ours(id) &&
         owners_.account_of(house_.options.ids.sequence_of(id)) == account;
}

/// For a client below 3.4: eight digits repeat after 67 million messages, after a restart sooner.
/// While one message has them and owes its receipt, no other of that account gets them.
NumberedId GivenIds::next_short(std::uint32_t account) {
  NumberedId id = books_.ids.next();
  for (unsigned i = 0; i < short_ids_passed_over_max; ++i) {
    if (books_.messages.find_short(house_.options.ids.short_form(id.id), account) == nullptr) break;
    id = books_.ids.next();
  }
  return id;
}

bool GivenIds::complete(OperationParcel& parcel) {
  if (!parcel.short_form) return true;
  const MessageIdCodec& codec = house_.options.ids;
  const std::uint32_t form = *parcel.short_form;
  MessageId& id = parcel.operation.id;
  const std::uint32_t key = (form & ~short_sequence_mask) | codec.short_sequence(form);
  const std::uint64_t last = books_.ids.next_sequence() - 1;
  const std::uint64_t newest = last - ((last - key) & short_sequence_mask);
  id = books_.ids.id_of(newest);
  if (codec.short_form(id) == form &&
      owners_.account_of(newest & message_sequence_mask) == parcel.account)
    return true;
  if (const MessageRecord* const open = books_.messages.find_short(form, parcel.account)) {
    id = open->id;
    return true;
  }
  // A plain id of an earlier version is its own key.
  for (const std::uint32_t one : {key, form}) {
    const EndedMessage* const ended = safe_.find_ended(one, [&](const EndedMessage& candidate) {
      return candidate.account == parcel.account && codec.short_form(candidate.id) == form;
    });
    if (ended != nullptr) {
      id = ended->id;
      return true;
    }
  }
  return false;
}

}  // namespace ringgate

// Long messages: a part waits for its answer, then goes to its account's home shard, where all
// parts meet whatever bind they came by; the backend hears of the whole.
#include "base/hash.h"
#include "base/rarely.h"
#include "session/content_part.h"
#include "shard/shard.h"
#include "text/data_coding.h"

namespace ringgate {
namespace {

/// Parts with the same key belong together, as far as one account can tell. A submit_multi's are
/// those that go to the same destinations.
std::uint64_t key_of(const PartOf& part, const Event& event) {
  const Content& content = *event.content;
  const bool is_multi = event.kind == EventKind::submit_multi;
  const std::uint64_t numbers = part.reference | std::uint64_t{part.wide_reference} << 16 |
                                std::uint64_t{part.total} << 24 | std::uint64_t{is_multi} << 32;
  const std::uint64_t from = hash_64(as_octets(content.source.text), numbers);
  if (!is_multi) return hash_64(as_octets(content.destination.text), from);
  std::uint64_t to = from;
  for (const Destination& one : event.destinations) to = hash_64(as_octets(one.address.text), to);
  return to;
}

}  // namespace

/// A long message is admitted or refused as a whole, by the first of its parts to come: half of it
/// is worth nothing to anybody. Empty for what is no part.
std::optional<Status> Shard::take_rate_of_part(Connection& connection, const Event& event,
                                               unsigned count) {
  const std::optional<PartOf> part = part_of(*event.content);
  if (!part || part->total <= 1) return std::nullopt;
  AccountState& state = *connection.account->state;
  const bool admitted = state.paid_parts.admit(key_of(*part, event), part->total, state.submits,
                                               now_.mono, seconds(options_.long_messages.expiry_s));
  if (!admitted) return Status::ESME_RTHROTTLED;
  // Each part to several destinations counts for each of them; the whole was asked for one.
  if (count > 1) state.submits.reserve(now_.mono, count - 1);
  return Status::ESME_ROK;
}

/// Keeps the octets of a message that is long: a part, or one message_payload.
void Shard::keep_part(MessageRecord& record, const Content& content) {
  std::optional<PartOf> part = part_of(content);
  // A part of one is whole, as a payload is.
  if (!part || part->total == 1) {
    if (!is_payload(content) && !part) return;
    part = PartOf{};
  }
  AccountUse& use = uses_.of(record.account);
  if (RARELY("there is no place for a part") ||
      part_octets_ + content.text.size() > options_.long_messages.max_octets ||
      use.part_octets + content.text.size() > uses_.bounds_of(record.account).part_octets) {
    counters_.parts_refused.add();
    return;
  }
  ASSERT(record.parcel == nullptr);
  part_octets_ += content.text.size();
  use.part_octets += content.text.size();
  // All that is needed of it from here on.
  Content part_content = content;
  part_content.tlvs = {};
  auto parcel = std::make_unique<Parcel>(part_content);
  parcel->id = record.id;
  parcel->account = record.account;
  parcel->reference = part->reference;
  parcel->wide_reference = part->wide_reference;
  parcel->total = part->total;
  parcel->sequence = part->sequence;
  parcels_.push_back(*parcel);
  record.parcel = parcel.release();
}

void Shard::part_answered(MessageRecord& record, Status status) {
  ASSERT(record.parcel != nullptr && record.kind != RecordKind::mo);
  std::unique_ptr<Parcel> parcel(record.parcel);
  record.parcel = nullptr;
  const std::size_t size = parcel->content->text.size();
  ASSERT(part_octets_ >= size);
  parcels_.remove(*parcel);
  part_octets_ -= size;
  AccountUse& use = uses_.of(parcel->account);
  ASSERT(parcel->account == record.account && use.part_octets >= size);
  use.part_octets -= size;
  if (status != Status::ESME_ROK) return;
  const unsigned home = home_of(parcel->account);
  if (home == options_.index) return home_part(std::move(parcel));
  world_.mesh.post(home, make_mail(MailKind::part, std::move(parcel)));
}

void Shard::home_part(std::unique_ptr<Parcel> parcel) {
  ASSERT(home_of(parcel->account) == options_.index);
  const Content& content = *parcel->content;
  const Octets user_data = content.text;
  if (parcel->total == 0)
    return announce(*parcel, std::span(&parcel->id, 1), std::span(&user_data, 1));
  counters_.parts.add();
  Part part;
  part.key = {parcel->account,   content.source,         content.destination,
              parcel->reference, parcel->wide_reference, parcel->total};
  part.sequence = parcel->sequence;
  part.data_coding = content.data_coding;
  part.id = parcel->id;
  part.udhi = content.has_udh();
  part.user_data = user_data;
  WholeMessage whole;
  switch (reassembler_.add(part, now_, whole)) {
    case Reassembler::Verdict::complete:
      return announce(*parcel, whole.ids, whole.parts);
    case Reassembler::Verdict::stored:
    case Reassembler::Verdict::duplicate:
      return;
    case Reassembler::Verdict::refused_full:
    case Reassembler::Verdict::inconsistent:
      counters_.parts_refused.add();
      return;
  }
}

/// `last` is the part that came last; what it says of addresses and coding holds for all.
void Shard::announce(const Parcel& last, std::span<const MessageId> ids,
                     std::span<const Octets> parts) {
  counters_.long_messages.add();
  ASSERT(!ids.empty() && ids.size() == parts.size());
  const Account& account = directory_.at(last.account);
  const Content& content = *last.content;
  TextDecoder decoder(content.data_coding,
                      decode_options(account.options.quirks.default_alphabet, content.has_udh()));
  for (const Octets part : parts) decoder.add(part);
  const DecodedText text = decoder.finish();
  LongMessage message;
  message.ids = ids;
  message.system_id = account.options.system_id;
  message.source = content.source;
  message.destination = content.destination;
  message.data_coding = content.data_coding;
  message.parts = parts;
  message.is_text = text.is_text;
  message.text = text.text;
  backend_.on_long_message(message, now_, *this);
}

void Shard::expire_parts() {
  reassembler_.expire(now_, [this](const ExpiredParts& parts) {
    counters_.incomplete_messages.add();
    ASSERT(parts.account < directory_.size() && parts.ids.size() < parts.total);
    IncompleteMessage message;
    message.ids = parts.ids;
    message.system_id = directory_.at(parts.account).options.system_id;
    message.reference = parts.reference;
    message.total = parts.total;
    backend_.on_incomplete_message(message, now_, *this);
  });
}

}  // namespace ringgate

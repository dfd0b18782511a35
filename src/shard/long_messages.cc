#include "shard/long_messages.h"

#include "base/rarely.h"
#include "session/content_part.h"
#include "text/data_coding.h"

namespace ringgate {

LongMessages::LongMessages(House& house, AccountUses& uses)
    : house_(house),
      uses_(uses),
      reassembler_(house.options.long_messages, house.options.seed, share()) {}

void LongMessages::keep(MessageRecord& record, const Content& content) {
  std::optional<PartOf> part = part_of(content);
  bool is_short = false;
  // A part of one is whole, as a payload is.
  if (!part || part->total == 1) {
    is_short = !is_payload(content) && !part;
    if (is_short && !house_.wishes.short_messages) return;
    part = PartOf{};
  }
  AccountUse& use = uses_.of(record.account);
  if (RARELY("there is no place for a part") ||
      octets_ + content.text.size() > house_.options.long_messages.max_octets ||
      use.part_octets + content.text.size() > uses_.bounds_of(record.account).part_octets) {
    house_.counters.parts_refused.add();
    return;
  }
  ASSERT(record.parcel == nullptr);
  octets_ += content.text.size();
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
  parcel->is_short = is_short;
  waiting_.push_back(*parcel);
  record.parcel = parcel.release();
}

void LongMessages::answered(MessageRecord& record, Status status) {
  ASSERT(record.parcel != nullptr && record.kind != RecordKind::mo);
  std::unique_ptr<Parcel> parcel(record.parcel);
  record.parcel = nullptr;
  const std::size_t size = parcel->content->text.size();
  ASSERT(octets_ >= size);
  waiting_.remove(*parcel);
  octets_ -= size;
  AccountUse& use = uses_.of(parcel->account);
  ASSERT(parcel->account == record.account && use.part_octets >= size);
  use.part_octets -= size;
  if (status != Status::ESME_ROK) return;
  const std::uint32_t account = parcel->account;
  if (house_.is_home_of(account)) return accepted_.push_back(*parcel.release());
  house_.world.mesh.post(house_.home_of(account), make_mail(MailKind::part, std::move(parcel)));
}

/// What is accepted meanwhile waits for the next time.
void LongMessages::tell() {
  for (std::size_t left = accepted_.size(); left != 0; --left)
    take(std::unique_ptr<Parcel>(accepted_.pop_front()));
}

void LongMessages::take(std::unique_ptr<Parcel> parcel) {
  ASSERT(house_.is_home_of(parcel->account));
  const Content& content = *parcel->content;
  const Octets user_data = content.text;
  if (parcel->total == 0)
    return announce(*parcel, std::span(&parcel->id, 1), std::span(&user_data, 1));
  house_.counters.parts.add();
  Part part;
  part.key = {parcel->account,   content.source,         content.destination,
              parcel->reference, parcel->wide_reference, parcel->total};
  part.sequence = parcel->sequence;
  part.data_coding = content.data_coding;
  part.id = parcel->id;
  part.udhi = content.has_udh();
  part.user_data = user_data;
  JoinedParts whole;
  switch (reassembler_.add(part, house_.now, whole)) {
    case Reassembler::Verdict::complete:
      return announce(*parcel, whole.ids, whole.parts);
    case Reassembler::Verdict::stored:
    case Reassembler::Verdict::duplicate:
      return;
    case Reassembler::Verdict::refused_full:
    case Reassembler::Verdict::inconsistent:
      house_.counters.parts_refused.add();
      return;
  }
}

/// `last` is the part that came last; what it says of addresses and coding holds for all.
void LongMessages::announce(const Parcel& last, std::span<const MessageId> ids,
                            std::span<const Octets> parts) {
  if (!last.is_short) house_.counters.long_messages.add();
  ASSERT(!ids.empty() && ids.size() == parts.size());
  const Account& account = house_.directory().at(last.account);
  const Content& content = *last.content;
  TextDecoder decoder(content.data_coding,
                      decode_options(account.options.quirks.default_alphabet, content.has_udh()));
  for (const Octets part : parts) decoder.add(part);
  const DecodedText text = decoder.finish();
  WholeMessage message;
  message.ids = ids;
  message.system_id = account.options.system_id;
  message.source = content.source;
  message.destination = content.destination;
  message.data_coding = content.data_coding;
  message.parts = parts;
  message.is_text = text.is_text;
  message.text = text.text;
  house_.backend.on_messages({&message, 1}, house_.now, house_.replies);
}

void LongMessages::expire() {
  reassembler_.expire(house_.now, [this](const ExpiredParts& parts) {
    house_.counters.incomplete_messages.add();
    ASSERT(parts.account < house_.directory().size() && parts.ids.size() < parts.total);
    IncompleteMessage message;
    message.ids = parts.ids;
    message.system_id = house_.directory().at(parts.account).options.system_id;
    message.reference = parts.reference;
    message.total = parts.total;
    house_.backend.on_incomplete_messages({&message, 1}, house_.now, house_.replies);
  });
}

}  // namespace ringgate

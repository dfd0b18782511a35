#include "journal/record.h"

#include "base/assert.h"
#include "base/hash.h"
#include "base/planted.h"

namespace ringgate::journal {
namespace {

/// Cuts pieces off the front, and remembers whether there was enough.
struct Reader {
  Octets rest;
  bool sound = true;

  Octets take(std::size_t size) {
    if (size > rest.size()) {
      sound = false;
      return {};
    }
    const Octets out = rest.first(size);
    rest = rest.subspan(size);
    return out;
  }
  std::string_view text(std::size_t size) {
    const Octets octets = take(size);
    return {reinterpret_cast<const char*>(octets.data()), octets.size()};
  }
};

std::uint64_t checksum_of(const std::uint8_t* batch, std::size_t size, const Epoch& epoch) {
  ASSERT(size >= sizeof(BatchHeader) && size <= batch_size_max);
  return hash_64(
      Octets(batch + sizeof(BatchHeader::checksum), size - sizeof(BatchHeader::checksum)),
      PLANTED("no salt") ? 0 : epoch.salt);
}

}  // namespace

std::optional<Accepted> read_accepted(const RecordView& record) {
  const auto body = record.fixed<AcceptedBody>();
  if (!body) return std::nullopt;
  Reader reader{record.body().subspan(sizeof(AcceptedBody))};
  Accepted out;
  out.id = record.id();
  out.slot = record.header.slot;
  out.account = body->account;
  out.submitted_s = body->submitted_s;
  out.kind = static_cast<RecordKind>(body->kind);
  out.trimmed = (body->flags & accepted_flag_trimmed) != 0;
  out.permuted = (body->flags & accepted_flag_permuted) != 0;
  out.default_alphabet = static_cast<DefaultAlphabet>(body->default_alphabet);
  for (const ContentOctet& row : content_octets) out.*row.in_content = (*body).*row.in_record;
  out.registered_delivery |= body->wish;
  if ((body->flags & accepted_flag_intermediate) != 0) out.registered_delivery |= 0x10;
  out.source = {body->source_ton, body->source_npi, reader.text(body->source_size)};
  out.destination = {body->destination_ton, body->destination_npi,
                     reader.text(body->destination_size)};
  out.service_type = reader.text(body->service_type_size);
  out.schedule_delivery_time = reader.text(body->schedule_size);
  out.validity_period = reader.text(body->validity_size);
  const bool in_tlvs = (body->flags & accepted_flag_text_in_tlvs) != 0;
  if (!in_tlvs) out.text = reader.take(body->text_size);
  out.tlvs = reader.take(body->tlvs_size);
  if (in_tlvs) {
    std::uint32_t place;
    std::memcpy(&place, body->text_place, sizeof place);
    Reader tlvs{out.tlvs};
    tlvs.take(place);
    out.text = tlvs.take(body->text_size);
    if (!tlvs.sound) return std::nullopt;
  }
  const bool known = body->kind <= static_cast<std::uint8_t>(RecordKind::mo) && body->wish <= 3;
  if (!reader.sound || !known) return std::nullopt;
  return out;
}

std::size_t size_of(const Replaced& message) {
  return record_size(sizeof(ReplacedBody) + message.schedule_delivery_time.size() +
                     message.validity_period.size() + message.text.size());
}

void write_replaced(std::uint8_t* to, MessageId id, std::uint32_t slot, const Replaced& message) {
  const std::size_t size = size_of(message);
  ASSERT((message.schedule_delivery_time.size() | message.validity_period.size()) <= 0xFF);
  std::memset(to + size - 8, 0, 8);
  put_header(to, RecordType::replaced, 0, slot, id, size);
  const ReplacedBody body{static_cast<std::uint32_t>(message.text.size()),
                          static_cast<std::uint8_t>(message.wish), message.sm_default_msg_id,
                          static_cast<std::uint8_t>(message.schedule_delivery_time.size()),
                          static_cast<std::uint8_t>(message.validity_period.size())};
  std::memcpy(to + sizeof(RecordHeader), &body, sizeof body);
  std::uint8_t* at = to + sizeof(RecordHeader) + sizeof body;
  at = put(at, message.schedule_delivery_time);
  at = put(at, message.validity_period);
  at = put(at, message.text.data(), message.text.size());
  ASSERT(round_up(static_cast<std::size_t>(at - to), 8) == size);
}

std::optional<Replaced> read_replaced(const RecordView& record) {
  const auto body = record.fixed<ReplacedBody>();
  if (!body) return std::nullopt;
  Reader reader{record.body().subspan(sizeof(ReplacedBody))};
  Replaced out;
  out.wish = static_cast<ReceiptWish>(body->wish & 3);
  out.sm_default_msg_id = body->sm_default_msg_id;
  out.schedule_delivery_time = reader.text(body->schedule_size);
  out.validity_period = reader.text(body->validity_size);
  out.text = reader.take(body->text_size);
  if (!reader.sound) return std::nullopt;
  return out;
}

bool next_record(Octets& rest, RecordView& record, bool& broken) {
  if (rest.empty()) return false;
  broken = true;
  if (rest.size() < sizeof(RecordHeader)) return false;
  std::memcpy(&record.header, rest.data(), sizeof record.header);
  const std::size_t size = record.header.units * std::size_t{8};
  if (size < sizeof(RecordHeader) || size > rest.size()) return false;
  broken = false;
  record.octets = rest.first(size);
  rest = rest.subspan(size);
  ASSERT(record.octets.size() <= record_size_max);
  return true;
}

std::optional<BatchHeader> read_batch(Octets octets, const Epoch& epoch) {
  if (octets.size() < sizeof(BatchHeader)) return std::nullopt;
  BatchHeader header;
  std::memcpy(&header, octets.data(), sizeof header);
  if (header.magic != epoch.magic() || header.epoch != epoch.number ||
      header.size < sizeof header || header.size > batch_size_max || header.size > octets.size())
    return std::nullopt;
  if (header.checksum != checksum_of(octets.data(), header.size, epoch)) return std::nullopt;
  return header;
}

void seal_batch(std::uint8_t* batch, BatchHeader header, const Epoch& epoch) {
  header.magic = epoch.magic();
  header.epoch = epoch.number;
  std::memcpy(batch, &header, sizeof header);
  header.checksum = checksum_of(batch, header.size, epoch);
  std::memcpy(batch, &header, sizeof header);
}

}  // namespace ringgate::journal

// Receipts of any message decode to what was put in, templates keep to their bounds, and message
// ids are read back as written.
#include "base/bytes.h"
#include "message/message_id.h"
#include "smpp/check.h"
#include "smpp/command.h"
#include "smpp/receipt_template.h"
#include "smpp/receipt_text.h"
#include "target.h"

namespace ringgate::fuzz {
namespace {

/// Printable and below the limit, as every address is that has passed a decoder.
std::string address(Input& input) {
  std::string text(as_text(input.take(input.u8() % 25)));
  std::erase(text, '\0');
  return text;
}

MessageRecord& fill(Input& input, MessageRecord& record) {
  const MessageId id{input.u64()};
  const std::uint32_t account = input.u32();
  record.begin(id, account, {});
  record.sequence_number = input.u32();
  record.kind = input.u8() % 2 == 0 ? RecordKind::submit_sm : RecordKind::notice;
  const std::string source = address(input);
  const std::string destination = address(input);
  record.source.set({input.u8(), input.u8(), source});
  record.destination.set({input.u8(), input.u8(), destination});
  // Years 1970 to 2106: what a wall clock may say.
  record.submitted_s = input.u32();
  record.done_s = input.u32();
  record.outcome.state = static_cast<MessageState>(input.u8() % 10);
  record.outcome.error = static_cast<std::uint16_t>(input.u16() % 1'000);
  const Octets snippet = input.take(input.u8() % (MessageRecord::snippet_max + 1));
  record.snippet_size = static_cast<std::uint8_t>(snippet.size());
  if (!snippet.empty()) std::memcpy(record.snippet, snippet.data(), snippet.size());
  return record;
}

bool account_bit(const MessageRecord& record, std::uint32_t bit) {
  return (record.account & bit) != 0;
}

void check_receipt(const MessageRecord& record, std::uint8_t interface_version, Octets pdu) {
  const smpp::Header header = smpp::read_header(pdu.data());
  ASSERT(header.command_length == pdu.size());
  ASSERT(header.command_id == static_cast<std::uint32_t>(smpp::Command::deliver_sm));
  ASSERT(header.command_status == 0);
  ASSERT(header.sequence_number == 77);
  Cursor cursor{pdu.data() + wire::pdu_header_size, pdu.data() + pdu.size()};
  smpp::ShortMessage body;
  ASSERT(wire::decode(cursor, body).ok());
  ASSERT(body.source_addr == record.destination.view());
  ASSERT(body.destination_addr == record.source.view());
  ASSERT(body.source_addr_ton == record.destination.ton);
  ASSERT(body.dest_addr_npi == record.source.npi);

  const Octets tlvs(cursor.at, cursor.left());
  ASSERT(smpp::check_tlvs(tlvs) == Status::ESME_ROK);
  ASSERT(tlvs.empty() == (interface_version < 0x34));

  char id[message_id_text_max];
  const std::string_view id_text(id, write_message_id(record.id, {interface_version}, id));
  const std::string_view text = as_text(body.short_message);
  ASSERT(text.starts_with("id:" + std::string(id_text) + " sub:001 dlvrd:00"));
  ASSERT(text.ends_with(std::string_view(record.snippet, record.snippet_size)));
  ASSERT(text.find(smpp::receipt_stat(record.outcome.state)) != text.npos);
  if (tlvs.empty()) return;
  const auto receipted = smpp::find_tlv(tlvs, smpp::Tag::receipted_message_id);
  ASSERT(receipted.has_value());
  ASSERT(as_text(*receipted) == std::string(id_text) + '\0');
}

void check_id(MessageId id) {
  for (const IdFormat format : {IdFormat::hex, IdFormat::decimal, IdFormat::uuid}) {
    for (const std::uint8_t version : {std::uint8_t{0x33}, std::uint8_t{0x34}}) {
      char text[message_id_text_max];
      const std::size_t size = write_message_id(id, {version, format}, text);
      ASSERT(size <= message_id_text_max);
      const auto read = read_message_id({text, size}, {version, format});
      ASSERT(read.has_value());
      ASSERT(read->is_short == (version < 0x34));
      ASSERT(read->id.value == (read->is_short ? short_key(id, id.value) : id.value));
    }
  }
}

void check_template(std::string_view text, const MessageRecord& record) {
  std::string error;
  const auto receipt = smpp::ReceiptTemplate::compile(text, error);
  ASSERT(receipt.has_value() == error.empty());
  ASSERT(error.find('\n') == error.npos);
  if (!receipt) return;
  char id[message_id_text_max];
  smpp::ReceiptFields fields;
  fields.id = {id, write_message_id(record.id, {0x34, IdFormat::uuid}, id)};
  fields.state = record.outcome.state;
  fields.submit_s = record.submitted_s;
  fields.done_s = record.done_s;
  fields.err = record.source.view().substr(0, smpp::ReceiptTemplate::err_max);
  fields.text = {record.snippet, record.snippet_size};
  const std::size_t size_max = receipt->size_max();
  ASSERT(size_max <= smpp::ReceiptTemplate::receipt_max);
  const auto whole = std::make_unique<char[]>(size_max);
  const std::size_t size = receipt->write(fields, whole.get(), size_max);
  ASSERT(size <= size_max);
  // With less room it is the same, cut.
  const std::size_t room = size / 2;
  const auto part = std::make_unique<char[]>(room);
  ASSERT(receipt->write(fields, part.get(), room) == room);
  ASSERT(std::string_view(part.get(), room) == std::string_view(whole.get(), room));
}

}  // namespace

void run_receipt(Octets octets) {
  Input input(octets);
  const std::uint8_t interface_version = input.u8();
  MessageRecord record;
  fill(input, record);
  smpp::OutcomeTexts outcomes;
  const auto memory = std::make_unique<std::uint8_t[]>(smpp::receipt_pdu_max);
  const QuirkOptions standard;
  std::size_t size = smpp::write_receipt(record, smpp::ReceiptStyle(standard), {interface_version},
                                         77, outcomes, memory.get());
  ASSERT(size <= smpp::receipt_pdu_max);
  check_receipt(record, interface_version, {memory.get(), size});
  check_id(record.id);

  const ExactCopy anything(input.rest());
  check_template(as_text(anything.octets()), record);
  QuirkOptions quirks;
  quirks.receipt_template = as_text(anything.octets());
  std::string error;
  if (smpp::ReceiptTemplate::compile(quirks.receipt_template, error)) {
    quirks.receipt_pdu = account_bit(record, 1) ? ReceiptPdu::data_sm : ReceiptPdu::deliver_sm;
    quirks.receipt_tlvs = account_bit(record, 2);
    quirks.receipt_swaps_addresses = account_bit(record, 4);
    quirks.message_id = account_bit(record, 8) ? IdFormat::uuid : IdFormat::decimal;
    size = smpp::write_receipt(record, smpp::ReceiptStyle(quirks),
                               {interface_version, quirks.message_id}, 77, outcomes, memory.get());
    ASSERT(size <= smpp::receipt_pdu_max);
    ASSERT(smpp::read_header(memory.get()).command_length == size);
  }
  for (const IdFormat format : {IdFormat::hex, IdFormat::decimal, IdFormat::uuid}) {
    const auto read = read_message_id(as_text(anything.octets()), {0x34, format});
    ASSERT(!read || !read->is_short);
  }
}

Seeds seeds_of_receipt(const SeedSource&) {
  // No addresses and no snippet, so that what follows is the template.
  const std::string bare = "\x34" + std::string(35, '\0');
  return {std::string(60, '\x34'), "\x33" + std::string(80, '7'), "\x50" + std::string(80, '\x0C'),
          bare + std::string(smpp::ReceiptTemplate::appendix_b),
          bare + "{{{submit_date:14}}} {text:160}{err:8}{dlvrd:1}"};
}

}  // namespace ringgate::fuzz

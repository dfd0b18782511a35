#include "smpp/receipt_text.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "base/prng.h"
#include "message/message_id.h"
#include "pdu_builder.h"
#include "smpp/tlv.h"
#include "text/smpp_time.h"

namespace ringgate::smpp {
namespace {

using testing::octets;
using testing::ShortMessageSpec;
using testing::tlv;

const QuirkOptions standard;

void fill(MessageRecord& message) {
  message.kind = RecordKind::submit_sm;
  message.id = {0x0102030405060708};
  message.source.set({5, 0, "Bank"});
  message.destination.set({1, 1, "447700900123"});
  message.submitted_s = 1'767'225'600 + 61;    // 2026-01-01 00:01:01
  message.done_s = 1'767'225'600 + 3600 + 59;  // 2026-01-01 01:00:59
  message.snippet_size = 5;
  std::memcpy(message.snippet, "hello", 5);
}

std::string written(const MessageRecord& message, std::uint8_t version,
                    std::uint32_t sequence_number = 9) {
  OutcomeTexts outcomes;
  // A larger buffer with a mark behind the bound shows a write past receipt_pdu_max.
  std::vector<std::uint8_t> buffer(receipt_pdu_max + 16, 0xEE);
  const std::size_t size = write_receipt(message, ReceiptStyle(standard), {version},
                                         sequence_number, outcomes, buffer.data());
  EXPECT_LE(size, receipt_pdu_max);
  for (std::size_t i = receipt_pdu_max; i < buffer.size(); ++i) EXPECT_EQ(buffer[i], 0xEE);
  return {reinterpret_cast<char*>(buffer.data()), size};
}

ShortMessageSpec expected_receipt(const std::string& text) {
  ShortMessageSpec spec;
  spec.command_id = 0x00000005;
  spec.source_ton = 1;
  spec.source_npi = 1;
  spec.source = "447700900123";
  spec.dest_ton = 5;
  spec.dest_npi = 0;
  spec.destination = "Bank";
  spec.esm_class = 0x04;
  spec.short_message = text;
  return spec;
}

// Aim: the exact octets a 3.4 peer gets for a delivered message: addresses swapped, text of
// Appendix B, two TLVs. Method: against a PDU written by hand.
TEST(Receipt, DeliveredFor34) {
  MessageRecord message;
  fill(message);
  ShortMessageSpec spec = expected_receipt(
      "id:0102030405060708 sub:001 dlvrd:001 submit date:2601010001 done date:2601010100"
      " stat:DELIVRD err:000 text:hello");
  spec.rest = tlv(0x001E, octets("0102030405060708\0")) + tlv(0x0427, "\x02");
  EXPECT_EQ(written(message, 0x34), spec.pdu(9));
  EXPECT_EQ(written(message, 0x50), spec.pdu(9));
}

// Aim: a 3.3 peer gets eight digits and no TLVs. Method: against a PDU written by hand.
TEST(Receipt, DeliveredFor33) {
  MessageRecord message;
  fill(message);
  const ShortMessageSpec spec = expected_receipt(
      "id:09060708 sub:001 dlvrd:001 submit date:2601010001 done date:2601010100"
      " stat:DELIVRD err:000 text:hello");
  EXPECT_EQ(written(message, 0x33), spec.pdu(9));
  EXPECT_EQ(written(message, 0x00), spec.pdu(9));
}

// Aim: a failure says dlvrd:000, its state and its error, also as network_error_code of GSM.
// Method: against a PDU written by hand.
TEST(Receipt, Failure) {
  MessageRecord message;
  fill(message);
  message.outcome = {MessageState::undeliverable, 27};
  ShortMessageSpec spec = expected_receipt(
      "id:0102030405060708 sub:001 dlvrd:000 submit date:2601010001 done date:2601010100"
      " stat:UNDELIV err:027 text:hello");
  spec.rest = tlv(0x001E, octets("0102030405060708\0")) + tlv(0x0427, "\x05") +
              tlv(0x0423, octets("\x03\x00\x1B"));
  EXPECT_EQ(written(message, 0x34), spec.pdu(9));
}

// Aim: every state has its seven letters, and success is what wants_receipt calls success. Method:
// all ten states.
TEST(Receipt, States) {
  const std::map<int, std::string> letters{
      {0, "ENROUTE"}, {1, "ENROUTE"}, {2, "DELIVRD"}, {3, "EXPIRED"}, {4, "DELETED"},
      {5, "UNDELIV"}, {6, "ACCEPTD"}, {7, "UNKNOWN"}, {8, "REJECTD"}, {9, "UNDELIV"}};
  for (const auto& [number, name] : letters) {
    const auto state = static_cast<MessageState>(number);
    EXPECT_EQ(receipt_stat(state), name);
    MessageRecord message;
    fill(message);
    message.outcome.state = state;
    const std::string pdu = written(message, 0x34);
    EXPECT_NE(pdu.find(" stat:" + name + " err:000"), std::string::npos);
    const bool success = wants_receipt(ReceiptWish::on_success, state);
    EXPECT_NE(pdu.find(success ? "dlvrd:001" : "dlvrd:000"), std::string::npos) << name;
    // 5.0's own states are told to 5.0 clients only.
    const char old = static_cast<char>(number == 0 ? 1 : number == 9 ? 5 : number);
    EXPECT_NE(pdu.find(tlv(0x0427, std::string(1, old))), std::string::npos);
    EXPECT_NE(written(message, 0x50).find(tlv(0x0427, std::string(1, static_cast<char>(number)))),
              std::string::npos);
  }
}

// Aim: every receipt, whatever it is about, is a sound deliver_sm whose text can be parsed back.
// Method: random records; decode, check TLVs, and read the text with sscanf.
TEST(Receipt, ParsesAgain) {
  Prng prng(1);
  for (int round = 0; round < 2'000; ++round) {
    MessageRecord message;
    fill(message);
    message.id = {prng.next()};
    message.outcome.state = static_cast<MessageState>(prng.below(10));
    message.outcome.error = static_cast<std::uint16_t>(prng.below(1000));
    message.submitted_s = static_cast<std::int64_t>(prng.below(2'000'000'000));
    message.done_s = message.submitted_s + static_cast<std::int64_t>(prng.below(100'000));
    const std::string digits(prng.below(21), '7');
    message.destination.set({1, 1, digits});
    message.snippet_size = static_cast<std::uint8_t>(prng.below(MessageRecord::snippet_max + 1));
    for (char& c : message.snippet) c = static_cast<char>(prng.next());
    const std::uint8_t version = prng.chance(0.5) ? 0x34 : 0x33;
    const std::string pdu = written(message, version);

    const Header header = read_header(as_octets(pdu).data());
    ASSERT_EQ(header.command_length, pdu.size());
    Cursor cursor{as_octets(pdu).data() + 16, as_octets(pdu).data() + pdu.size()};
    ShortMessage body;
    ASSERT_TRUE(wire::decode(cursor, body).ok());
    ASSERT_EQ(body.source_addr, digits);
    ASSERT_EQ(check_tlvs({cursor.at, cursor.left()}), Status::ESME_ROK);
    ASSERT_EQ(cursor.left() != 0, version == 0x34);

    const std::string text(as_text(body.short_message));
    char id[17], submitted[11], done[11], stat[8];
    int sub = -1, delivered = -1, error = -1, read = -1;
    ASSERT_EQ(std::sscanf(text.c_str(),
                          "id:%16[0-9a-f] sub:%3d dlvrd:%3d submit date:%10[0-9] done date:%10[0-9]"
                          " stat:%7[A-Z] err:%3d text:%n",
                          id, &sub, &delivered, submitted, done, stat, &error, &read),
              7)
        << text;
    char expected_id[message_id_text_max];
    const std::size_t id_size = write_message_id(message.id, {version}, expected_id);
    ASSERT_EQ(id, std::string(expected_id, id_size));
    ASSERT_EQ(error, message.outcome.error);
    char date[10];
    write_receipt_date(message.submitted_s, date);
    ASSERT_EQ(submitted, std::string(date, 10));
    write_receipt_date(message.done_s, date);
    ASSERT_EQ(done, std::string(date, 10));
    ASSERT_EQ(stat, receipt_stat(message.outcome.state));
    ASSERT_EQ(text.size() - static_cast<std::size_t>(read), message.snippet_size);
  }
}

// Aim: remembered dates are the dates, also when two minutes share a place. Method: against
// write_receipt_date on times that come and go.
TEST(Receipt, Dates) {
  ReceiptDates dates;
  Prng prng(2);
  for (int round = 0; round < 20'000; ++round) {
    const auto at = static_cast<std::int64_t>(prng.below(round % 2 == 0 ? 2'000'000'000 : 1'000));
    char expected[10];
    write_receipt_date(at, expected);
    ASSERT_EQ(std::string(dates.ten_digits(at), 10), std::string(expected, 10));
  }
}

// Aim: a remembered text is the message's own, also when two share a place or differ in one thing
// only. Method: against texts that remember nothing, for times and outcomes that come and go.
TEST(Receipt, OutcomeTexts) {
  OutcomeTexts outcomes;
  Prng prng(3);
  for (int round = 0; round < 20'000; ++round) {
    MessageRecord message;
    // Few minutes, and the first ones there are.
    const std::uint64_t seconds_max = round % 2 == 0 ? 1'000 : 200;
    message.submitted_s = static_cast<std::int64_t>(prng.below(seconds_max));
    message.done_s = message.submitted_s + static_cast<std::int64_t>(prng.below(200));
    message.outcome = {static_cast<MessageState>(prng.below(10)),
                       static_cast<std::uint16_t>(prng.below(3) * 499)};
    OutcomeTexts fresh;
    ASSERT_EQ(std::string(outcomes.of(message), OutcomeTexts::size),
              std::string(fresh.of(message), OutcomeTexts::size));
  }
}

std::string styled(const MessageRecord& message, const QuirkOptions& quirks, IdStyle style) {
  OutcomeTexts outcomes;
  std::vector<std::uint8_t> buffer(receipt_pdu_max);
  const std::size_t size =
      write_receipt(message, ReceiptStyle(quirks), style, 9, outcomes, buffer.data());
  return {reinterpret_cast<char*>(buffer.data()), size};
}

// Aim: an account's template, error texts, ids and missing TLVs. Method: against PDUs written by
// hand.
TEST(Receipt, Styled) {
  MessageRecord message;
  fill(message);
  message.outcome = {MessageState::undeliverable, 27};
  QuirkOptions quirks;
  quirks.receipt_template = "id:{id} stat:{stat} err:{err:1} text:\"{text}\"";
  quirks.receipt_tlvs = false;
  EXPECT_EQ(styled(message, quirks, {0x34, IdFormat::decimal}),
            expected_receipt("id:72623859790382856 stat:UNDELIV err:27 text:\"hello\"").pdu(9));
  quirks.err_map = {{1, "no"}, {27, "ABSENT"}};
  EXPECT_EQ(styled(message, quirks, {0x34, IdFormat::hex}),
            expected_receipt("id:0102030405060708 stat:UNDELIV err:ABSENT text:\"hello\"").pdu(9));
  // Appendix B where only something else differs.
  quirks.receipt_template = "";
  EXPECT_EQ(styled(message, quirks, {0x34, IdFormat::hex}),
            expected_receipt("id:0102030405060708 sub:001 dlvrd:000 submit date:2601010001 done "
                             "date:2601010100 stat:UNDELIV err:ABSENT text:hello")
                .pdu(9));
}

// Aim: addresses as submitted, where the account wants them so. Method: against a PDU by hand.
TEST(Receipt, AddressesAsSubmitted) {
  MessageRecord message;
  fill(message);
  QuirkOptions quirks;
  quirks.receipt_template = "{stat}";
  quirks.receipt_swaps_addresses = false;
  ShortMessageSpec spec = expected_receipt("DELIVRD");
  std::swap(spec.source_ton, spec.dest_ton);
  std::swap(spec.source_npi, spec.dest_npi);
  std::swap(spec.source, spec.destination);
  EXPECT_EQ(styled(message, quirks, {0x33}), spec.pdu(9));
}

// Aim: receipts as data_sm carry their text in message_payload; a 3.3 client, who knows neither,
// gets a deliver_sm. Method: both.
TEST(Receipt, AsDataSm) {
  MessageRecord message;
  fill(message);
  QuirkOptions quirks;
  quirks.receipt_template = "{stat}";
  quirks.receipt_pdu = ReceiptPdu::data_sm;
  const std::string expected = testing::PduBuilder(0x103, 9)
                                   .c_string("")
                                   .i1(1)
                                   .i1(1)
                                   .c_string("447700900123")
                                   .i1(5)
                                   .i1(0)
                                   .c_string("Bank")
                                   .i1(4)
                                   .i1(0)
                                   .i1(0)
                                   .raw(tlv(0x0424, "DELIVRD"))
                                   .raw(tlv(0x001E, octets("0102030405060708\0")))
                                   .raw(tlv(0x0427, "\x02"))
                                   .pdu();
  EXPECT_EQ(styled(message, quirks, {0x34}), expected);
  EXPECT_EQ(styled(message, quirks, {0x33}), expected_receipt("DELIVRD").pdu(9));
}

// Aim: an intermediate notification says so in esm_class. Method: a record of that kind.
TEST(Receipt, Notification) {
  MessageRecord message;
  fill(message);
  message.kind = RecordKind::notice;
  message.outcome = {MessageState::enroute, 0};
  ShortMessageSpec spec = expected_receipt(
      "id:0102030405060708 sub:001 dlvrd:000 submit date:2601010001 done date:2601010100"
      " stat:ENROUTE err:000 text:hello");
  spec.esm_class = 0x20;
  spec.rest = tlv(0x001E, octets("0102030405060708\0")) + tlv(0x0427, "\x01");
  EXPECT_EQ(written(message, 0x34), spec.pdu(9));
}

}  // namespace
}  // namespace ringgate::smpp

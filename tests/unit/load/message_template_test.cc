#include "load/message_template.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "load/mix.h"
#include "smpp/check.h"
#include "smpp/content_rows.h"
#include "smpp/operations.h"
#include "smpp/tlv.h"
#include "wire/frame.h"

namespace ringgate::load {
namespace {

struct Decoded {
  smpp::Header header;
  Content content;
  Octets short_message;
  Status status = Status::ESME_ROK;
};

Decoded decode(Octets pdu) {
  Decoded result;
  result.header = smpp::read_header(pdu.data());
  Cursor cursor{pdu.data() + wire::pdu_header_size, pdu.data() + pdu.size()};
  const wire::Verdict verdict =
      wire::decode_any(smpp::content_rows<smpp::ShortMessage>, cursor, &result.content);
  EXPECT_TRUE(verdict.ok());
  result.short_message = result.content.text;
  result.content.tlvs = Octets(cursor.at, cursor.left());
  EXPECT_EQ(smpp::check_tlvs(result.content.tlvs), Status::ESME_ROK);
  result.status = smpp::check_submit(result.content, 0x34, QuirkOptions{}, 0);
  return result;
}

MessageOptions options_of(std::uint32_t size) {
  MessageOptions options;
  options.source = "491700000001";
  options.destinations = Destinations("491600000998", 1);
  options.size = size;
  return options;
}

/// The first PDU of such messages.
std::vector<std::uint8_t> first_of(const MessageOptions& options) {
  std::uint16_t references = 0;
  MessageTemplate one(options, 0, references);
  std::vector<std::uint8_t> pdu(one.size());
  one.write(1, pdu.data());
  return pdu;
}

// Aim: what is written is a sound submit_sm with the number asked for, at every interesting size.
// Method: decodes it as the server does.
TEST(MessageTemplate, WritesSoundPdus) {
  for (const std::uint32_t size : {0u, 1u, 160u, 254u, 255u, 65'535u}) {
    std::uint16_t references = 0;
    MessageTemplate one(options_of(size), 0, references);
    std::vector<std::uint8_t> pdu(one.size());
    ASSERT_EQ(one.write(0x01020304, pdu.data()), pdu.size());
    const Decoded decoded = decode(pdu);
    EXPECT_EQ(decoded.status, Status::ESME_ROK) << size;
    EXPECT_EQ(decoded.header.command_length, pdu.size());
    EXPECT_EQ(decoded.header.command_id, 4u);
    EXPECT_EQ(decoded.header.sequence_number, 0x01020304u);
    EXPECT_EQ(decoded.content.text.size(), size);
    EXPECT_EQ(decoded.short_message.empty(), size == 0 || size > short_message_size_max);
    EXPECT_EQ(decoded.content.registered_delivery, 0);
  }
}

// Aim: receipts are asked for, and a source with letters is sent as one. Method: decodes.
TEST(MessageTemplate, FollowsOptions) {
  MessageOptions options = options_of(10);
  options.receipt = true;
  options.source = "Ringgate";
  const std::vector<std::uint8_t> pdu = first_of(options);
  const Decoded decoded = decode(pdu);
  EXPECT_EQ(decoded.content.registered_delivery, 1);
  EXPECT_EQ(decoded.content.source.ton, smpp::ton::alphanumeric);
  EXPECT_EQ(decoded.content.source.text, "Ringgate");
}

// Aim: without a source there is no kind of it either. Method: decodes.
TEST(MessageTemplate, HasNoKindOfNoSource) {
  MessageOptions options = options_of(10);
  options.source = "";
  const std::vector<std::uint8_t> pdu = first_of(options);
  const Decoded decoded = decode(pdu);
  EXPECT_EQ(decoded.content.source.ton, 0);
  EXPECT_EQ(decoded.content.source.npi, 0);
  EXPECT_TRUE(decoded.content.source.text.empty());
}

// Aim: destinations count up with a carry and start again after the last.
// Method: five numbers from ...998, for seven messages.
TEST(MessageTemplate, CountsDestinations) {
  MessageOptions options = options_of(10);
  options.destinations = Destinations("491600000998", 5);
  std::uint16_t references = 0;
  MessageTemplate one(options, 0, references);
  std::vector<std::uint8_t> pdu(one.size());
  for (const char* expected : {"491600000998", "491600000999", "491600001000", "491600001001",
                               "491600001002", "491600000998", "491600000999"}) {
    one.write(1, pdu.data());
    EXPECT_EQ(decode(pdu).content.destination.text, expected);
  }
}

std::vector<std::vector<std::uint8_t>> written(MessageTemplate& message, std::size_t count) {
  std::vector<std::vector<std::uint8_t>> out;
  for (std::size_t i = 0; i < count; ++i) {
    EXPECT_LE(message.size(), message.size_max());
    std::vector<std::uint8_t> pdu(message.size());
    EXPECT_EQ(message.write(static_cast<std::uint32_t>(i + 1), pdu.data()), pdu.size());
    EXPECT_EQ(smpp::read_header(pdu.data()).command_length, pdu.size());
    out.push_back(std::move(pdu));
  }
  return out;
}

// Aim: a long text becomes parts that belong together, and the next message's to another one.
// Method: two messages of three parts; header of each as 3GPP TS 23.040 §9.2.3.24.1 has it.
TEST(MessageTemplate, SplitsByHeader) {
  MessageOptions options = options_of(400);
  options.coding = Coding::automatic;
  options.long_text = LongText::udh;
  std::uint16_t references = 0;
  MessageTemplate message(options, 0, references);
  ASSERT_EQ(message.part_count(), 3u);
  std::string text;
  std::size_t number = 0;
  for (const auto& pdu : written(message, 6)) {
    const Decoded decoded = decode(pdu);
    EXPECT_EQ(decoded.status, Status::ESME_ROK);
    EXPECT_EQ(decoded.content.esm_class, 0x40);
    const Octets part = decoded.short_message;
    EXPECT_EQ(std::vector(part.begin(), part.begin() + 6),
              (std::vector<std::uint8_t>{5, 0, 3, static_cast<std::uint8_t>(number / 3), 3,
                                         static_cast<std::uint8_t>(number % 3 + 1)}));
    text += as_text(part.subspan(6));
    ++number;
  }
  EXPECT_EQ(text.size(), 800u);
  EXPECT_EQ(text.substr(0, 20), text.substr(400, 20));
}

// Aim: the same by TLVs. Method: reads them back; the text lacks nothing.
TEST(MessageTemplate, SplitsByTlvs) {
  MessageOptions options = options_of(0);
  options.text = std::string(100, 'x') + "Grüße aus Ελλάδα";
  options.coding = Coding::ucs2;
  options.long_text = LongText::sar;
  std::uint16_t references = 0;
  MessageTemplate message(options, 0, references);
  ASSERT_EQ(message.part_count(), 2u);
  std::size_t octets = 0;
  std::uint8_t number = 0;
  for (const auto& pdu : written(message, 4)) {
    const Decoded decoded = decode(pdu);
    EXPECT_EQ(decoded.status, Status::ESME_ROK);
    EXPECT_EQ(decoded.content.data_coding, 8);
    EXPECT_EQ(decoded.content.esm_class, 0);
    octets += decoded.short_message.size();
    const auto value = [&](smpp::Tag tag) {
      const auto found = smpp::find_tlv(decoded.content.tlvs, tag);
      return found ? found->back() : 0xFF;
    };
    EXPECT_EQ(value(smpp::Tag::sar_msg_ref_num), number / 2);
    EXPECT_EQ(value(smpp::Tag::sar_total_segments), 2);
    EXPECT_EQ(value(smpp::Tag::sar_segment_seqnum), number % 2 + 1);
    ++number;
  }
  EXPECT_EQ(octets, 2u * 2 * 116);
}

// Aim: data_sm is one. Method: decodes it as one.
TEST(MessageTemplate, WritesDataSm) {
  MessageOptions options = options_of(300);
  options.operation = smpp::Command::data_sm;
  options.receipt = true;
  std::uint16_t references = 0;
  MessageTemplate message(options, 0, references);
  const auto pdu = written(message, 1).front();
  EXPECT_EQ(smpp::read_header(pdu.data()).command_id, 0x103u);
  smpp::DataSm body;
  Cursor cursor{pdu.data() + wire::pdu_header_size, pdu.data() + pdu.size()};
  ASSERT_TRUE(wire::decode_any(smpp::DataSm::fields, cursor, &body).ok());
  EXPECT_EQ(body.destination_addr, "491600000998");
  EXPECT_EQ(body.registered_delivery, 1);
  const auto text = smpp::find_tlv(Octets(cursor.at, cursor.left()), smpp::Tag::message_payload);
  ASSERT_TRUE(text);
  EXPECT_EQ(text->size(), 300u);
}

// Aim: a submit_multi names as many numbers as it is to, and the next one those behind them; of a
// list whose numbers differ in length too. Method: reads the lists.
TEST(MessageTemplate, WritesSubmitMulti) {
  MessageOptions options = options_of(10);
  options.operation = smpp::Command::submit_multi;
  options.recipients = 3;
  options.destinations = Destinations(std::make_shared<const std::vector<std::string>>(
      std::vector<std::string>{"491", "49160000", "4915", "+4917999", "1"}));
  std::uint16_t references = 0;
  MessageTemplate message(options, 0, references);
  std::vector<std::string> numbers;
  for (const auto& pdu : written(message, 2)) {
    EXPECT_EQ(smpp::read_header(pdu.data()).command_id, 0x21u);
    const std::size_t at = wire::pdu_header_size + 1 + 2 + options.source.size() + 1;
    ASSERT_EQ(pdu[at], 3);
    Cursor cursor{pdu.data() + at + 1, pdu.data() + pdu.size()};
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(*cursor.at++, smpp::dest_flag_sme_address);
      smpp::DestAddress address;
      ASSERT_TRUE(wire::decode_any(smpp::DestAddress::fields, cursor, &address).ok());
      numbers.emplace_back(address.destination_addr);
    }
  }
  EXPECT_EQ(numbers, (std::vector<std::string>{"491", "49160000", "4915", "+4917999", "1", "491"}));
}

// Aim: what cannot be sent is said before anything is. Method: each.
TEST(MessageTemplate, RefusesWhatCannotBeSent) {
  MessageOptions options = options_of(10);
  options.coding = Coding::gsm;
  options.text = "Ω and 漢";
  EXPECT_NE(fault_of(options), "");
  options.text = "Ω and a";
  EXPECT_EQ(fault_of(options), "");
  options.text = std::string(60'000, 'x');
  EXPECT_EQ(fault_of(options), "") << "in message_payload there are no parts to count";
  options.coding = Coding::ucs2;
  options.text = std::string(40'000, 'x');
  EXPECT_NE(fault_of(options), "");
  options.long_text = LongText::udh;
  EXPECT_NE(fault_of(options), "") << "more than 255 parts";
  options = options_of(10);
  options.source = std::string(21, '1');
  EXPECT_NE(fault_of(options), "");
}

// Aim: kinds come in the proportion of their weights, spread, and a message's parts together.
// Method: three kinds with weights 5, 3 and 2, of which one has two parts.
TEST(Mix, KeepsTheProportion) {
  std::vector<MessageOptions> kinds(3, options_of(10));
  kinds[0].weight = 5;
  kinds[1].weight = 3;
  kinds[1].receipt = true;
  kinds[2].weight = 2;
  kinds[2].size = 200;
  kinds[2].coding = Coding::gsm;
  kinds[2].long_text = LongText::udh;
  std::uint16_t references = 0;
  Mix mix(kinds, 0, references);
  EXPECT_TRUE(mix.has_parts());
  std::string order;
  std::vector<std::uint8_t> pdu(mix.size_max());
  for (int i = 0; i < 24; ++i) {
    const bool receipt = mix.receipt();
    const std::size_t size = mix.write(1, pdu.data());
    order += receipt ? 'b' : size > 100 ? 'c' : 'a';
  }
  EXPECT_EQ(std::ranges::count(order, 'a'), 10);
  EXPECT_EQ(std::ranges::count(order, 'b'), 6);
  EXPECT_EQ(order.find("aaa"), order.npos);
  for (std::size_t at = order.find('c'); at != order.npos; at = order.find('c', at + 2))
    EXPECT_EQ(order.substr(at, 2), "cc");
}

}  // namespace
}  // namespace ringgate::load

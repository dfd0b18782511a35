#include "load/submit_template.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/bytes.h"
#include "smpp/check.h"
#include "smpp/content_rows.h"
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

SubmitOptions options_of(std::uint32_t size) {
  SubmitOptions options;
  options.source = "491700000001";
  options.destination = "491600000998";
  options.size = size;
  return options;
}

// Aim: what is written is a sound submit_sm with the number asked for, at every interesting size.
// Method: decodes it as the server does.
TEST(SubmitTemplate, WritesSoundPdus) {
  for (const std::uint32_t size : {0u, 1u, 160u, 254u, 255u, 65'535u}) {
    SubmitTemplate one(options_of(size));
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
TEST(SubmitTemplate, FollowsOptions) {
  SubmitOptions options = options_of(10);
  options.receipt = true;
  options.source = "Ringgate";
  SubmitTemplate one(options);
  std::vector<std::uint8_t> pdu(one.size());
  one.write(1, pdu.data());
  const Decoded decoded = decode(pdu);
  EXPECT_EQ(decoded.content.registered_delivery, 1);
  EXPECT_EQ(decoded.content.source.ton, smpp::ton::alphanumeric);
  EXPECT_EQ(decoded.content.source.text, "Ringgate");
}

// Aim: destinations count up with a carry and start again after the last.
// Method: five numbers from ...998, for seven messages.
TEST(SubmitTemplate, CountsDestinations) {
  SubmitOptions options = options_of(10);
  options.destination_count = 5;
  SubmitTemplate one(options);
  std::vector<std::uint8_t> pdu(one.size());
  for (const char* expected : {"491600000998", "491600000999", "491600001000", "491600001001",
                               "491600001002", "491600000998", "491600000999"}) {
    one.write(1, pdu.data());
    EXPECT_EQ(decode(pdu).content.destination.text, expected);
  }
}

}  // namespace
}  // namespace ringgate::load

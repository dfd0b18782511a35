#include <ringgate/text.h>

#include <gtest/gtest.h>

#include <string>

#include "../silent_replies.h"
#include "base/bytes.h"
#include "smpp/tlv.h"

namespace ringgate {
namespace {

/// Keeps what it is given to deliver.
struct Recorder final : test::SilentReplies {
  Routed deliver(const Deliver& message, MessageId& id) override {
    text = as_text(message.text);
    tlvs = as_text(message.tlvs);
    account = message.account;
    destination = message.destination.text;
    session = message.session;
    token = message.token;
    esm_class = message.esm_class;
    id = {77};
    return Routed::ok;
  }

  std::string text, tlvs, account, destination;
  SessionId session;
  std::uint64_t token = 0;
  std::uint8_t esm_class = 0;
};

Receipt receipt() {
  Receipt out;
  out.id = "abc-1";
  out.source = {1, 1, "447700900002"};
  out.destination = {5, 0, "Bank"};
  out.outcome = {MessageState::undeliverable, 7};
  out.submitted_s = 1'800'000'000;  // 2027-01-15 08:00:00
  out.done_s = 1'800'000'060;
  out.text = "a text of more than twenty characters";
  out.account = "bank";
  out.session = {5};
  out.token = 9;
  return out;
}

// Aim: a receipt for a message that was never seen here is one that any client reads. Method: each
// part of it.
TEST(PublicReceipt, SaysWhatItIsTold) {
  Recorder recorder;
  MessageId id;
  ASSERT_EQ(deliver_receipt(recorder, receipt(), id), Routed::ok);
  EXPECT_EQ(id.value, 77U);
  EXPECT_EQ(recorder.text,
            "id:abc-1 sub:001 dlvrd:000 submit date:2701150800 done date:2701150801 stat:UNDELIV "
            "err:007 text:a text of more than ");
  EXPECT_EQ(recorder.esm_class, 0x04);
  EXPECT_EQ(recorder.account, "bank");
  EXPECT_EQ(recorder.destination, "Bank");
  EXPECT_EQ(recorder.session, SessionId{5});
  EXPECT_EQ(recorder.token, 9U);
  const Octets tlvs = as_octets(recorder.tlvs);
  EXPECT_EQ(smpp::check_tlvs(tlvs), Status::ESME_ROK);
  EXPECT_EQ(as_text(smpp::find_tlv(tlvs, smpp::Tag::receipted_message_id).value()),
            std::string_view("abc-1\0", 6));
  EXPECT_EQ(smpp::find_tlv(tlvs, smpp::Tag::message_state).value()[0], 5);
  EXPECT_EQ(as_text(smpp::find_tlv(tlvs, smpp::Tag::network_error_code).value()),
            std::string_view("\3\0\7", 3));
}

TEST(PublicReceipt, ANotificationIsNoReceipt) {
  Recorder recorder;
  Receipt one = receipt();
  one.outcome = {MessageState::enroute, 0};
  MessageId id;
  ASSERT_EQ(deliver_receipt(recorder, one, id), Routed::ok);
  EXPECT_EQ(recorder.esm_class, 0x20);
  EXPECT_FALSE(smpp::find_tlv(as_octets(recorder.tlvs), smpp::Tag::network_error_code).has_value());
}

TEST(PublicReceipt, AnIdHasItsBound) {
  Recorder recorder;
  Receipt one = receipt();
  const std::string longest(64, 'x');
  one.id = longest;
  MessageId id;
  EXPECT_EQ(deliver_receipt(recorder, one, id), Routed::ok);
  const std::string longer(65, 'x');
  one.id = longer;
  EXPECT_EQ(deliver_receipt(recorder, one, id), Routed::malformed);
  one.id = std::string_view("1\0002", 3);
  EXPECT_EQ(deliver_receipt(recorder, one, id), Routed::malformed);
  one = receipt();
  one.outcome.error = 1000;
  EXPECT_EQ(deliver_receipt(recorder, one, id), Routed::malformed);
  one = receipt();
  one.outcome.state = static_cast<MessageState>(10);
  EXPECT_EQ(deliver_receipt(recorder, one, id), Routed::malformed);
}

}  // namespace
}  // namespace ringgate

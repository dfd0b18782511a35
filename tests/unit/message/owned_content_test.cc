#include "message/owned_content.h"

#include <gtest/gtest.h>

#include <string>

#include "base/bytes.h"

namespace ringgate {
namespace {

// Aim: a copy says all of it after the original is gone, wherever it is moved. Method: every view
// of the original points into strings that are overwritten.
TEST(OwnedContent, OutlivesWhatItWasMadeOf) {
  std::string all[] = {
      "CMT",   "447700900001", "447700900002", "000000010000000R", "000000020000000R",
      "hello", "\x04\x2a"};
  Content content;
  content.service_type = all[0];
  content.source = {1, 2, all[1]};
  content.destination = {3, 4, all[2]};
  content.schedule_delivery_time = all[3];
  content.validity_period = all[4];
  content.text = as_octets(all[5]);
  content.tlvs = as_octets(all[6]);
  content.esm_class = 0x40;
  content.registered_delivery = 0x11;
  OwnedContent first(content);
  for (std::string& one : all) one.assign(one.size(), '?');
  const OwnedContent moved(std::move(first));
  EXPECT_EQ(moved->service_type, "CMT");
  EXPECT_EQ(moved->source.text, "447700900001");
  EXPECT_EQ(moved->source.npi, 2);
  EXPECT_EQ(moved->destination.text, "447700900002");
  EXPECT_EQ(moved->schedule_delivery_time, "000000010000000R");
  EXPECT_EQ(moved->validity_period, "000000020000000R");
  EXPECT_EQ(as_text(moved->text), "hello");
  EXPECT_EQ(as_text(moved->tlvs), "\x04\x2a");
  EXPECT_TRUE(moved->has_udh());
  EXPECT_TRUE(moved->intermediate());
  EXPECT_EQ(moved->receipt(), ReceiptWish::always);
  EXPECT_FALSE(is_payload(*moved));
}

// Aim: a text that is one of the TLVs is one of the copy's, so that whoever keeps the copy keeps
// the octets once; a text elsewhere, and no text, are not. Method: one of each.
TEST(OwnedContent, PayloadStaysOneOfTheTlvs) {
  const std::string tlvs("\x04\x24\x00\x05hello", 9);
  Content content;
  content.tlvs = as_octets(tlvs);
  content.text = content.tlvs.subspan(4);
  ASSERT_TRUE(is_payload(content));
  const OwnedContent copy(content);
  EXPECT_TRUE(is_payload(*copy));
  EXPECT_EQ(as_text(copy->text), "hello");
  const std::string elsewhere = "hello";
  content.text = as_octets(elsewhere);
  EXPECT_FALSE(is_payload(content));
  EXPECT_FALSE(is_payload(*OwnedContent(content)));
  content.text = {};
  EXPECT_FALSE(is_payload(content));
}

}  // namespace
}  // namespace ringgate

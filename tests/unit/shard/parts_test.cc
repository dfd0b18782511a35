#include <gtest/gtest.h>

#include "shard_world.h"

namespace ringgate::test {
namespace {

using smpp::Command;

/// One part of a message, with a UDH of 8-bit reference.
std::string udh_part(std::uint32_t sequence_number, unsigned reference, unsigned total,
                     unsigned sequence, std::string_view text, std::uint8_t data_coding = 0) {
  std::string user_data("\x05\x00\x03", 3);
  user_data.push_back(static_cast<char>(reference));
  user_data.push_back(static_cast<char>(total));
  user_data.push_back(static_cast<char>(sequence));
  user_data.append(text);
  smpp::ShortMessage body;
  body.source_addr = "447700900001";
  body.destination_addr = "447700900002";
  body.esm_class = 0x40;
  body.data_coding = data_coding;
  body.short_message = as_octets(user_data);
  return encoded(Command::submit_sm, sequence_number, body);
}

std::string with_tlvs(std::uint32_t sequence_number, std::string_view text, std::string_view tlvs) {
  smpp::ShortMessage body;
  body.source_addr = "447700900001";
  body.destination_addr = "447700900002";
  body.short_message = as_octets(text);
  std::string octets(wire::encoded_size(body), '\0');
  wire::encode(body, reinterpret_cast<std::uint8_t*>(octets.data()));
  return pdu(Command::submit_sm, sequence_number, Status::ESME_ROK, octets.append(tlvs));
}

std::string sar(unsigned reference, unsigned total, unsigned sequence) {
  std::string out("\x02\x0c\x00\x02", 4);
  out.push_back(static_cast<char>(reference >> 8));
  out.push_back(static_cast<char>(reference));
  out.append("\x02\x0e\x00\x01", 4).push_back(static_cast<char>(total));
  out.append("\x02\x0f\x00\x01", 4).push_back(static_cast<char>(sequence));
  return out;
}

// Aim: parts that come in any order, by binds on different shards, meet, and the backend hears of
// the whole after the parts. Method: three parts of a UTF-16 text with a surrogate pair cut between
// two of them, over two shards, one part twice.
TEST(Parts, MeetAtHome) {
  World world(one_account(2));
  Peer& a = world.bound("esme", 0);
  Peer& b = world.bound("esme", 1);
  world.write(b, udh_part(1, 9, 3, 3, std::string("\xDE\x00", 2), 8));
  world.write(a, udh_part(2, 9, 3, 1, std::string("\x00H", 2), 8));
  world.write(b, udh_part(3, 9, 3, 1, std::string("\x00X", 2), 8));
  EXPECT_TRUE(world.backend.longs.empty());
  world.write(b, udh_part(4, 9, 3, 2, std::string("\xD8\x3D", 2), 8));
  ASSERT_EQ(world.backend.longs.size(), 1U);
  EXPECT_EQ(world.backend.longs[0].text, "H\U0001F600");
  EXPECT_TRUE(world.backend.longs[0].is_text);
  EXPECT_EQ(world.backend.longs[0].shard, 0U);
  ASSERT_EQ(world.backend.longs[0].ids.size(), 3U);
  EXPECT_EQ(world.backend.longs[0].ids[0], world.backend.held[1].id);
  EXPECT_EQ(world.backend.longs[0].ids[1], world.backend.held[3].id);
  EXPECT_EQ(world.backend.longs[0].ids[2], world.backend.held[0].id);
}

// Aim: sar_* TLVs make parts as a UDH does; incomplete or impossible ones make none. Method: two
// parts; then the kinds of A30.
TEST(Parts, SarTlvs) {
  World world(one_account());
  Peer& peer = world.bound("esme");
  world.write(peer, with_tlvs(1, "two", sar(300, 2, 2)));
  world.write(peer, with_tlvs(2, "one ", sar(300, 2, 1)));
  ASSERT_EQ(world.backend.longs.size(), 1U);
  EXPECT_EQ(world.backend.longs[0].text, "one two");
  world.write(peer, with_tlvs(3, "x", sar(301, 0, 1)));
  world.write(peer, with_tlvs(4, "x", sar(301, 2, 0)));
  world.write(peer, with_tlvs(5, "x", sar(301, 2, 3)));
  world.write(peer, with_tlvs(6, "x", sar(301, 2, 1).substr(0, 11)));
  EXPECT_EQ(world.counters().parts.get(), 2U);
  EXPECT_EQ(world.counters().submits_ok.get(), 6U);
}

// Aim: a message_payload is whole by itself. Method: one of 300 characters.
TEST(Parts, Payload) {
  World world(one_account());
  Peer& peer = world.bound("esme");
  const std::string text(300, 'p');
  std::string tlv("\x04\x24\x01\x2c", 4);
  world.write(peer, with_tlvs(1, "", tlv + text));
  ASSERT_EQ(world.backend.longs.size(), 1U);
  EXPECT_EQ(world.backend.longs[0].text, text);
  EXPECT_EQ(world.backend.longs[0].ids.size(), 1U);
  EXPECT_EQ(world.counters().parts.get(), 0U);
}

// Aim: a part that the backend refuses is no part. Method: it is refused once and accepted again.
TEST(Parts, RefusedPart) {
  World world(one_account());
  Peer& peer = world.bound("esme");
  world.write(peer, udh_part(1, 1, 2, 1, "a"));
  world.backend.answer = Status::ESME_RSYSERR;
  world.write(peer, udh_part(2, 1, 2, 2, "wrong"));
  EXPECT_TRUE(world.backend.longs.empty());
  world.backend.answer = Status::ESME_ROK;
  world.write(peer, udh_part(3, 1, 2, 2, "b"));
  ASSERT_EQ(world.backend.longs.size(), 1U);
  EXPECT_EQ(world.backend.longs[0].text, "ab");
}

// Aim: parts whose others never come are given up after their time, and the backend hears which
// came. Method: one of two, and the time.
TEST(Parts, Expire) {
  WorldOptions options = one_account();
  options.limits.enquire_link = 0;
  options.limits.inactivity = 0;
  options.long_messages.expiry_s = 20;
  World world(options);
  Peer& peer = world.bound("esme");
  world.write(peer, udh_part(1, 1, 2, 2, "b"));
  world.advance(seconds(19));
  EXPECT_TRUE(world.backend.incomplete.empty());
  world.advance(seconds(2));
  ASSERT_EQ(world.backend.incomplete.size(), 1U);
  EXPECT_EQ(world.backend.incomplete[0], std::vector{world.backend.held[0].id});
  EXPECT_EQ(world.counters().incomplete_messages.get(), 1U);
}

// Aim: the memory for parts is bounded, for those that wait for their answer as well; beyond it the
// message still goes through. Method: a bound of a few hundred octets and no answers.
TEST(Parts, Bounded) {
  WorldOptions options = one_account();
  options.long_messages.max_octets = 300;
  World world(options);
  world.backend.answer.reset();
  Peer& peer = world.bound("esme");
  const std::string text(100, 'x');
  for (unsigned i = 1; i <= 4; ++i) world.write(peer, udh_part(i, i, 2, 1, text));
  EXPECT_EQ(world.backend.held.size(), 4U);
  EXPECT_EQ(world.counters().parts_refused.get(), 2U);
}

// Aim: a rate limit never cuts a message in two: with its first part all are admitted, by whatever
// bind and in whatever order, or it is refused with its first part. Method: a burst of four; two
// messages of three parts, one of UDH and one of sar_* TLVs, over two shards; then singles.
TEST(Parts, AdmittedAsAWhole) {
  WorldOptions options = one_account(2);
  options.accounts[0].rate = 10;
  options.accounts[0].burst = 4;
  World world(options);
  Peer& a = world.bound("esme", 0);
  Peer& b = world.bound("esme", 1);
  const auto status = [&](Peer& peer, const std::string& octets) {
    world.write(peer, octets);
    const auto one = peer.next();
    return one ? one->status() : Status::ESME_RUNKNOWNERR;
  };
  EXPECT_EQ(status(a, udh_part(1, 9, 3, 2, "two ")), Status::ESME_ROK);
  EXPECT_EQ(status(b, with_tlvs(2, "one ", sar(9, 3, 1))), Status::ESME_RTHROTTLED);
  EXPECT_EQ(status(a, submit_pdu(3, 0)), Status::ESME_ROK) << "the fourth";
  EXPECT_EQ(status(a, submit_pdu(4, 0)), Status::ESME_RTHROTTLED);
  EXPECT_EQ(status(b, udh_part(5, 9, 3, 1, "one ")), Status::ESME_ROK);
  EXPECT_EQ(status(a, udh_part(6, 9, 3, 3, "three")), Status::ESME_ROK);
  ASSERT_EQ(world.backend.longs.size(), 1U);
  EXPECT_EQ(world.backend.longs[0].text, "one two three");
  EXPECT_EQ(status(a, udh_part(7, 9, 3, 1, "one ")), Status::ESME_RTHROTTLED) << "a new message";
  world.advance(milliseconds(310));
  EXPECT_EQ(status(b, with_tlvs(8, "one ", sar(9, 3, 1))), Status::ESME_ROK);
  EXPECT_EQ(status(b, submit_pdu(9, 0)), Status::ESME_RTHROTTLED);
  EXPECT_EQ(status(a, with_tlvs(10, "two ", sar(9, 3, 2))), Status::ESME_ROK);
  EXPECT_EQ(status(b, with_tlvs(11, "three", sar(9, 3, 3))), Status::ESME_ROK);
  EXPECT_EQ(world.backend.longs.size(), 2U);
  EXPECT_EQ(status(a, udh_part(12, 10, 1, 1, "a part of one")), Status::ESME_RTHROTTLED);
}

}  // namespace
}  // namespace ringgate::test

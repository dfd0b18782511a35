// A24 to A30: TLVs. How the tables are run is said in framing_test.cc.
#include <gtest/gtest.h>

#include "row.h"
#include "site.h"

namespace ringgate::hostile {
namespace {

/// The same TLVs in each PDU that takes them.
std::vector<Row> in_all(const std::string& number, const std::string& what, const std::string& tlvs,
                        std::uint32_t command_status) {
  SubmitMulti multi;
  multi.message.rest = tlvs;
  std::vector<Row> rows{
      submit(number, what, {.rest = tlvs}, command_status),
      request(number, "data_sm, " + what, command::data_sm,
              DataSm{.rest = tlv(tag::message_payload, "Hello") + tlvs}.body(), command_status),
      request(number, "submit_multi, " + what, command::submit_multi, multi.body(), command_status),
  };
  if (command_status == status::ROK) rows[0].text = rows[1].text = "Hello";
  return rows;
}

void add(std::vector<Row>& to, std::vector<Row> rows) {
  for (Row& row : rows) to.push_back(std::move(row));
}

TEST(Tlvs, A24Structure) {
  std::vector<Row> rows;
  add(rows, in_all("A24", "one stray octet", octets("\x00"), status::RINVTLVSTREAM));
  add(rows, in_all("A24", "two stray octets", octets("\x02\x04"), status::RINVTLVSTREAM));
  add(rows, in_all("A24", "three stray octets", octets("\x02\x04\x00"), status::RINVTLVSTREAM));
  const std::string good = tlv(tag::user_message_reference, "ab");
  add(rows, in_all("A24", "stray octet behind a TLV", good + "x", status::RINVTLVSTREAM));
  add(rows,
      in_all("A24", "length past the end", octets("\x02\x04\x00\x02\x01"), status::RINVTLVSTREAM));
  add(rows, in_all("A24", "length 65535", octets("\x14\x00\xFF\xFF\x01"), status::RINVTLVSTREAM));
  add(rows, in_all("A24", "second TLV past the end", good + octets("\x14\x00\x00\x01"),
                   status::RINVTLVSTREAM));
  rows.push_back(request("A24", "query_sm, stray octet", command::query_sm,
                         QuerySm{"0123456789abcdef"}.body() + "x", status::RINVTLVSTREAM));
  rows.push_back(request("A24", "cancel_sm, stray octet", command::cancel_sm,
                         CancelSm{.message_id = "0123456789abcdef"}.body() + "x",
                         status::RINVTLVSTREAM));
  rows.push_back(request("A24", "replace_sm, stray octet", command::replace_sm,
                         ReplaceSm{.message_id = "0123456789abcdef"}.body() + "x",
                         status::RINVTLVSTREAM));
  rows.push_back(request("A24", "broadcast_sm, stray octet", command::broadcast_sm,
                         BroadcastSm{}.body() + "x", status::RINVTLVSTREAM));
  run(rows);
}

TEST(Tlvs, A25Lengths) {
  std::vector<Row> rows;
  add(rows, in_all("A25", "2 octets for 1", tlv(tag::dest_addr_subunit, "ab"), status::RINVTLVLEN));
  add(rows, in_all("A25", "none for 1", tlv(tag::dest_addr_subunit, ""), status::RINVTLVLEN));
  add(rows,
      in_all("A25", "1 octet for 2", tlv(tag::user_message_reference, "a"), status::RINVTLVLEN));
  add(rows, in_all("A25", "3 octets for 2", tlv(tag::source_port, "abc"), status::RINVTLVLEN));
  add(rows,
      in_all("A25", "3 octets for 4 to 19", tlv(tag::callback_num, "abc"), status::RINVTLVLEN));
  add(rows, in_all("A25", "20 octets for 4 to 19", tlv(tag::callback_num, std::string(20, '4')),
                   status::RINVTLVLEN));
  add(rows,
      in_all("A25", "wrong behind right",
             tlv(tag::source_port, "ab") + tlv(tag::sar_msg_ref_num, "abc"), status::RINVTLVLEN));
  run(rows);
}

TEST(Tlvs, A26UnknownTags) {
  std::vector<Row> rows;
  constexpr std::uint16_t unknown_tags[] = {0x0000, 0x0002, 0x0206, 0x13FF,
                                            0x1400, 0x3FFF, 0x4000, 0xFFFF};
  for (const std::uint16_t unknown : unknown_tags) {
    const std::string name = "tag " + to_hex(u16(unknown));
    add(rows, in_all("A26", name, tlv(unknown, "anything"), status::ROK));
    add(rows, in_all("A26", name + " without a value", tlv(unknown, ""), status::ROK));
  }
  // Known, and none of a submit's business.
  add(rows, in_all("A26", "message_state", tlv(tag::message_state, "\x02"), status::ROK));
  add(rows, in_all("A26", "receipted_message_id", tlv(tag::receipted_message_id, c_string("7")),
                   status::ROK));
  add(rows,
      in_all("A26", "sc_interface_version", tlv(tag::sc_interface_version, "\x34"), status::ROK));
  add(rows, in_all("A26", "broadcast_rep_num", tlv(tag::broadcast_rep_num, "ab"), status::ROK));
  run(rows);
}

// Aim: A26: TLVs that the server does not know reach the backend as they came. Method: a vendor's.
TEST(Tlvs, A26VendorTagsAreCarriedThrough) {
  const std::string vendor = tlv(0x1400, "vendor") + tlv(0x3FFF, "");
  Site& site = common_site();
  site.watcher.take_seen();
  Peer peer = enter(State::trx);
  ASSERT_EQ(peer.ask(command::submit_sm, 1, SubmitSm{.rest = vendor}.body()).command_status,
            status::ROK);
  const std::vector<Seen> seen = site.watcher.take_seen();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].tlvs, vendor);
}

TEST(Tlvs, A27SameTagTwice) {
  const std::string twice = tlv(tag::message_payload, "first") + tlv(tag::message_payload, "other");
  std::vector<Row> rows;
  add(rows, in_all("A27", "user_message_reference twice",
                   tlv(tag::user_message_reference, "ab") + tlv(tag::user_message_reference, "cd"),
                   status::ROK));
  // The first wins.
  rows.push_back(
      submit("A27", "message_payload twice", {.short_message = "", .rest = twice}, status::ROK)
          .backend_reads("first"));
  rows.push_back(request("A27", "data_sm, message_payload twice", command::data_sm,
                         DataSm{.rest = twice}.body(), status::ROK)
                     .backend_reads("first"));
  run(rows);
}

TEST(Tlvs, A28Many) {
  const auto many = [](unsigned count) {
    std::string out;
    for (unsigned i = 0; i < count; ++i) out += tlv(0x1400, "");
    return out;
  };
  std::vector<Row> rows;
  rows.push_back(submit("A28", "10,000 empty TLVs", {.rest = many(10'000)}, status::RINVTLVSTREAM));
  // The limit is ours: smpp/tlv.h.
  rows.push_back(submit("A28", "256 TLVs", {.rest = many(256)}, status::ROK));
  rows.push_back(submit("A28", "257 TLVs", {.rest = many(257)}, status::RINVTLVSTREAM));
  run(rows);
}

// Aim: A28: ten thousand TLVs cost no more than reading them once. Method: a thousand such PDUs in
// a row; anything quadratic would take minutes.
TEST(Tlvs, A28LinearTime) {
  std::string tlvs;
  for (int i = 0; i < 10'000; ++i) tlvs += tlv(0x1400, "");
  const std::string one = pdu(command::submit_sm, own_sequence, SubmitSm{.rest = tlvs}.body());
  Peer peer = enter(State::trx);
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) peer.send(one);
  ASSERT_TRUE(peer.read_count(1000));
  for (const Received& reply : peer.received)
    ASSERT_EQ(reply.command_status, status::RINVTLVSTREAM);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(4));
}

TEST(Tlvs, A29DataSmWithoutText) {
  run({
      request("A29", "no TLVs", command::data_sm, DataSm{.rest = ""}.body(), status::RMISSINGTLV),
      request("A29", "other TLVs", command::data_sm,
              DataSm{.rest = tlv(tag::user_message_reference, "ab") + tlv(0x1400, "v")}.body(),
              status::RMISSINGTLV),
      request("A29", "empty message_payload", command::data_sm,
              DataSm{.rest = tlv(tag::message_payload, "")}.body(), status::ROK)
          .backend_reads(""),
  });
}

TEST(Tlvs, A30SegmentsThatAreNone) {
  const std::string reference = tlv(tag::sar_msg_ref_num, "ab");
  const auto total = [](std::uint32_t value) { return tlv(tag::sar_total_segments, u8(value)); };
  const auto segment = [](std::uint32_t value) { return tlv(tag::sar_segment_seqnum, u8(value)); };
  const struct {
    const char* what;
    std::string tlvs;
  } segments[] = {
      {"reference alone", reference},
      {"total alone", total(2)},
      {"segment alone", segment(1)},
      {"no reference", total(2) + segment(1)},
      {"no total", reference + segment(1)},
      {"no segment", reference + total(2)},
      {"total 0", reference + total(0) + segment(0)},
      {"total 0, segment 1", reference + total(0) + segment(1)},
      {"segment 0", reference + total(2) + segment(0)},
      {"segment above total", reference + total(2) + segment(3)},
      {"segment 255 of 254", reference + total(254) + segment(255)},
  };
  const Counters before = common_site().server->counters();
  std::vector<Row> rows;
  for (const auto& [what, tlvs] : segments) add(rows, in_all("A30", what, tlvs, status::ROK));
  run(rows);
  // None of them was taken for a part of anything.
  const Counters after = common_site().server->counters();
  EXPECT_EQ(after.parts, before.parts);
  EXPECT_EQ(after.parts_refused, before.parts_refused);
}

}  // namespace
}  // namespace ringgate::hostile

#include "smpp/tlv.h"

#include <gtest/gtest.h>

#include <memory>

#include "pdu_builder.h"

namespace ringgate::smpp {
namespace {

using testing::octets;
using testing::tlv;
using wire::KeyedKind;

// 5.0 §4.8.4 with the lengths of 3.4 §5.3.2 where these are wider, written a second time.
struct Expected {
  std::uint16_t tag;
  const char* name;
  KeyedKind kind;
  std::uint16_t min, max;
  std::uint8_t since;
  bool repeats;
};

constexpr Expected expected[] = {
    {0x0005, "dest_addr_subunit", KeyedKind::integer, 1, 1, 0x34, false},
    {0x0006, "dest_network_type", KeyedKind::integer, 1, 1, 0x34, false},
    {0x0007, "dest_bearer_type", KeyedKind::integer, 1, 1, 0x34, false},
    {0x0008, "dest_telematics_id", KeyedKind::integer, 2, 2, 0x34, false},
    {0x000D, "source_addr_subunit", KeyedKind::integer, 1, 1, 0x34, false},
    {0x000E, "source_network_type", KeyedKind::integer, 1, 1, 0x34, false},
    {0x000F, "source_bearer_type", KeyedKind::integer, 1, 1, 0x34, false},
    {0x0010, "source_telematics_id", KeyedKind::integer, 1, 1, 0x34, false},
    {0x0017, "qos_time_to_live", KeyedKind::integer, 4, 4, 0x34, false},
    {0x0019, "payload_type", KeyedKind::integer, 1, 1, 0x34, false},
    {0x001D, "additional_status_info_text", KeyedKind::c_string, 1, 256, 0x34, false},
    {0x001E, "receipted_message_id", KeyedKind::c_string, 1, 65, 0x34, false},
    {0x0030, "ms_msg_wait_facilities", KeyedKind::integer, 1, 1, 0x34, false},
    {0x0201, "privacy_indicator", KeyedKind::integer, 1, 1, 0x34, false},
    {0x0202, "source_subaddress", KeyedKind::octets, 2, 23, 0x34, false},
    {0x0203, "dest_subaddress", KeyedKind::octets, 2, 23, 0x34, false},
    {0x0204, "user_message_reference", KeyedKind::integer, 2, 2, 0x34, false},
    {0x0205, "user_response_code", KeyedKind::integer, 1, 1, 0x34, false},
    {0x020A, "source_port", KeyedKind::integer, 2, 2, 0x34, false},
    {0x020B, "dest_port", KeyedKind::integer, 2, 2, 0x34, false},
    {0x020C, "sar_msg_ref_num", KeyedKind::integer, 2, 2, 0x34, false},
    {0x020D, "language_indicator", KeyedKind::integer, 1, 1, 0x34, false},
    {0x020E, "sar_total_segments", KeyedKind::integer, 1, 1, 0x34, false},
    {0x020F, "sar_segment_seqnum", KeyedKind::integer, 1, 1, 0x34, false},
    {0x0210, "sc_interface_version", KeyedKind::integer, 1, 1, 0x34, false},
    {0x0302, "callback_num_pres_ind", KeyedKind::integer, 1, 1, 0x34, true},
    {0x0303, "callback_num_atag", KeyedKind::octets, 0, 65, 0x34, true},
    {0x0304, "number_of_messages", KeyedKind::integer, 1, 1, 0x34, false},
    {0x0381, "callback_num", KeyedKind::octets, 4, 19, 0x34, true},
    {0x0420, "dpf_result", KeyedKind::integer, 1, 1, 0x34, false},
    {0x0421, "set_dpf", KeyedKind::integer, 1, 1, 0x34, false},
    {0x0422, "ms_availability_status", KeyedKind::integer, 1, 1, 0x34, false},
    {0x0423, "network_error_code", KeyedKind::octets, 3, 3, 0x34, false},
    {0x0424, "message_payload", KeyedKind::octets, 0, 65535, 0x34, false},
    {0x0425, "delivery_failure_reason", KeyedKind::integer, 1, 1, 0x34, false},
    {0x0426, "more_messages_to_send", KeyedKind::integer, 1, 1, 0x34, false},
    {0x0427, "message_state", KeyedKind::integer, 1, 1, 0x34, false},
    {0x0428, "congestion_state", KeyedKind::integer, 1, 1, 0x50, false},
    {0x0501, "ussd_service_op", KeyedKind::octets, 1, 1, 0x34, false},
    {0x0600, "broadcast_channel_indicator", KeyedKind::integer, 1, 1, 0x50, false},
    {0x0601, "broadcast_content_type", KeyedKind::octets, 3, 3, 0x50, false},
    {0x0602, "broadcast_content_type_info", KeyedKind::octets, 1, 255, 0x50, false},
    {0x0603, "broadcast_message_class", KeyedKind::integer, 1, 1, 0x50, false},
    {0x0604, "broadcast_rep_num", KeyedKind::integer, 2, 2, 0x50, false},
    {0x0605, "broadcast_frequency_interval", KeyedKind::octets, 3, 3, 0x50, false},
    {0x0606, "broadcast_area_identifier", KeyedKind::octets, 1, 101, 0x50, true},
    {0x0607, "broadcast_error_status", KeyedKind::integer, 4, 4, 0x50, true},
    {0x0608, "broadcast_area_success", KeyedKind::integer, 1, 1, 0x50, false},
    {0x0609, "broadcast_end_time", KeyedKind::c_string, 16, 17, 0x50, false},
    {0x060A, "broadcast_service_group", KeyedKind::octets, 1, 255, 0x50, false},
    {0x060B, "billing_identification", KeyedKind::octets, 1, 1024, 0x50, false},
    {0x060D, "source_network_id", KeyedKind::c_string, 7, 65, 0x50, false},
    {0x060E, "dest_network_id", KeyedKind::c_string, 7, 65, 0x50, false},
    {0x060F, "source_node_id", KeyedKind::octets, 6, 6, 0x50, false},
    {0x0610, "dest_node_id", KeyedKind::octets, 6, 6, 0x50, false},
    {0x0611, "dest_addr_np_resolution", KeyedKind::integer, 1, 1, 0x50, false},
    {0x0612, "dest_addr_np_information", KeyedKind::octets, 10, 10, 0x50, false},
    {0x0613, "dest_addr_np_country", KeyedKind::octets, 1, 5, 0x50, false},
    {0x1201, "display_time", KeyedKind::integer, 1, 1, 0x34, false},
    {0x1203, "sms_signal", KeyedKind::integer, 2, 2, 0x34, false},
    {0x1204, "ms_validity", KeyedKind::octets, 1, 4, 0x34, false},
    {0x130C, "alert_on_message_delivery", KeyedKind::integer, 0, 1, 0x34, false},
    {0x1380, "its_reply_type", KeyedKind::integer, 1, 1, 0x34, false},
    {0x1383, "its_session_info", KeyedKind::octets, 2, 2, 0x34, false},
};

/// Checks octets in memory of exactly their size, so that the sanitizer sees a read past them.
Status check(std::string_view stream, std::uint16_t* culprit = nullptr) {
  const auto memory = std::make_unique<std::uint8_t[]>(stream.size());
  if (!stream.empty()) std::memcpy(memory.get(), stream.data(), stream.size());
  return check_tlvs({memory.get(), stream.size()}, culprit);
}

// Aim: the 64 rows say what the documents say. Method: against the second copy above.
TEST(Tlv, RowsAgainstTheDocument) {
  ASSERT_EQ(tlv_rows.size(), 64u);
  ASSERT_EQ(std::size(expected), 64u);
  for (const Expected& row : expected) {
    const wire::KeyedField* const found = tlv_row(row.tag);
    ASSERT_NE(found, nullptr) << row.name;
    EXPECT_EQ(found->tag, row.tag);
    EXPECT_EQ(found->name, row.name);
    EXPECT_EQ(found->min, row.min) << row.name;
    EXPECT_EQ(found->max, row.max) << row.name;
    EXPECT_EQ(found->since, row.since) << row.name;
    EXPECT_EQ(found->repeats, row.repeats) << row.name;
    // Bit masks of one octet and integers are read alike; strings are not.
    EXPECT_EQ(found->kind == KeyedKind::c_string, row.kind == KeyedKind::c_string) << row.name;
  }
}

// Aim: tags of no row have none. Method: all 65,536.
TEST(Tlv, Unknown) {
  std::size_t found = 0;
  for (unsigned tag = 0; tag <= 0xFFFF; ++tag)
    found += tlv_row(static_cast<std::uint16_t>(tag)) != nullptr;
  EXPECT_EQ(found, 64u);
  EXPECT_EQ(tlv_row(0x1400), nullptr);
  EXPECT_EQ(tlv_row(0x3FFF), nullptr);
}

// Aim: tags that code names are those of the rows. Method: by name.
TEST(Tlv, NamedTags) {
  const auto name = [](Tag tag) { return tlv_row(static_cast<std::uint16_t>(tag))->name; };
  EXPECT_EQ(name(Tag::source_port), "source_port");
  EXPECT_EQ(name(Tag::dest_port), "dest_port");
  EXPECT_EQ(name(Tag::sar_msg_ref_num), "sar_msg_ref_num");
  EXPECT_EQ(name(Tag::sar_total_segments), "sar_total_segments");
  EXPECT_EQ(name(Tag::sar_segment_seqnum), "sar_segment_seqnum");
  EXPECT_EQ(name(Tag::user_message_reference), "user_message_reference");
  EXPECT_EQ(name(Tag::sc_interface_version), "sc_interface_version");
  EXPECT_EQ(name(Tag::receipted_message_id), "receipted_message_id");
  EXPECT_EQ(name(Tag::network_error_code), "network_error_code");
  EXPECT_EQ(name(Tag::message_payload), "message_payload");
  EXPECT_EQ(name(Tag::message_state), "message_state");
}

// Aim: A24: stray octets and a length past the end are faults of the stream. Method: every cut of a
// stream of two.
TEST(Tlv, A24StreamStructure) {
  const std::string first = tlv(0x0204, octets("\x00\x01"));
  const std::string stream = first + tlv(0x0424, "payload");
  for (std::size_t size = 0; size <= stream.size(); ++size) {
    const bool whole = size == 0 || size == first.size() || size == stream.size();
    EXPECT_EQ(check(std::string_view(stream).substr(0, size)),
              whole ? Status::ESME_ROK : Status::ESME_RINVTLVSTREAM)
        << size;
  }
  EXPECT_EQ(check(octets("\x04\x24\xFF\xFFpayload")), Status::ESME_RINVTLVSTREAM);
}

// Aim: A25: known tags keep to their lengths, and the culprit is named. Method: every row at its
// limits and one octet beyond each.
TEST(Tlv, A25Lengths) {
  for (const Expected& row : expected) {
    EXPECT_EQ(check(tlv(row.tag, std::string(row.min, '\0'))), Status::ESME_ROK) << row.name;
    EXPECT_EQ(check(tlv(row.tag, std::string(row.max, '\0'))), Status::ESME_ROK) << row.name;
    std::uint16_t culprit = 0;
    if (row.min > 0) {
      EXPECT_EQ(check(tlv(row.tag, std::string(row.min - 1u, '\0')), &culprit),
                Status::ESME_RINVTLVLEN);
      EXPECT_EQ(culprit, row.tag) << row.name;
    }
    if (row.max < 65535) {
      culprit = 0;
      EXPECT_EQ(check(tlv(row.tag, std::string(row.max + 1u, '\0')), &culprit),
                Status::ESME_RINVTLVLEN);
      EXPECT_EQ(culprit, row.tag) << row.name;
    }
  }
}

// Aim: A26: unknown, vendor and misplaced tags pass. Method: one of each, of odd sizes.
TEST(Tlv, A26OthersPass) {
  for (const unsigned tag : {0x0000u, 0x0003u, 0x1400u, 0x3FFFu, 0x4000u, 0xFFFFu}) {
    EXPECT_EQ(check(tlv(tag, "")), Status::ESME_ROK);
    EXPECT_EQ(check(tlv(tag, std::string(1000, 'x'))), Status::ESME_ROK);
  }
  EXPECT_EQ(check(tlv(0x0210, "\x34")), Status::ESME_ROK);  // belongs to bind responses
}

// Aim: A27: the same tag twice passes, and the first one counts. Method: two user references.
TEST(Tlv, A27FirstCounts) {
  const std::string stream = tlv(0x0204, octets("\x00\x01")) + tlv(0x0204, octets("\x00\x02"));
  EXPECT_EQ(check(stream), Status::ESME_ROK);
  const auto found = find_tlv(as_octets(stream), Tag::user_message_reference);
  ASSERT_TRUE(found);
  EXPECT_EQ(as_text(*found), octets("\x00\x01"));
}

// Aim: A28: the count is limited, so 10,000 empty parameters cost no more than the limit does.
// Method: the limit, one more, and a stream whose tail would be a different fault if it were read.
TEST(Tlv, A28Count) {
  std::string stream;
  for (unsigned i = 0; i < tlv_count_max; ++i) stream += tlv(0x1400, "");
  EXPECT_EQ(check(stream), Status::ESME_ROK);
  EXPECT_EQ(check(stream + tlv(0x1400, "")), Status::ESME_RINVTLVSTREAM);
  std::string many;
  for (int i = 0; i < 10'000; ++i) many += tlv(0x1400, "");
  std::uint16_t culprit = 0;
  EXPECT_EQ(check(many, &culprit), Status::ESME_RINVTLVSTREAM);
  EXPECT_EQ(check(many + tlv(0x0204, "x"), &culprit), Status::ESME_RINVTLVSTREAM);
  EXPECT_EQ(culprit, 0) << "read past the limit";
}

}  // namespace
}  // namespace ringgate::smpp

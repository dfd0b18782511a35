// Aim: every profile can be found, is what its row says and no more, and an account that names none
// is the standard. Method: rows against find_profile(), and the switches that the evidence names.
#include "policy/quirk_profiles.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace ringgate {
namespace {

/// Every switch of a set in one comparable line, but for its name. The binding must name every
/// member, so a new one does not compile until it is here.
std::string text_of(const QuirkOptions& quirks) {
  const auto& [profile, message_id, receipt_template, receipt_tlvs, receipt_pdu,
               receipt_swaps_addresses, err_map, default_alphabet, strip_trailing_nul, error_body,
               interface_version, source_addr_max, source_too_long, scheduled_delivery,
               strict_ton_npi, lenient_data_coding, replace_sm_service_type, long_passwords,
               wrong_credentials] = quirks;
  std::string text = receipt_template + "|";
  for (const ErrRow& row : err_map) text += std::to_string(row.error) + "=" + row.text + ",";
  for (const unsigned value :
       {static_cast<unsigned>(message_id), unsigned{receipt_tlvs},
        static_cast<unsigned>(receipt_pdu), unsigned{receipt_swaps_addresses},
        static_cast<unsigned>(default_alphabet), unsigned{strip_trailing_nul},
        static_cast<unsigned>(error_body), unsigned{interface_version}, source_addr_max,
        static_cast<unsigned>(source_too_long), static_cast<unsigned>(scheduled_delivery),
        unsigned{strict_ton_npi}, unsigned{lenient_data_coding}, unsigned{replace_sm_service_type},
        unsigned{long_passwords}, static_cast<unsigned>(wrong_credentials)})
    text += "|" + std::to_string(value);
  return text;
}

TEST(QuirkProfiles, EachRowIsFoundByItsUniqueName) {
  std::set<std::string_view> names;
  for (const QuirkProfileRow& row : quirk_profile_rows) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    const QuirkOptions* quirks = find_profile(row.name);
    ASSERT_NE(quirks, nullptr) << row.name;
    EXPECT_EQ(quirks->profile, row.name);
    EXPECT_EQ(quirks, find_profile(row.name));
    QuirkOptions wanted;
    row.apply(wanted);
    EXPECT_EQ(text_of(*quirks), text_of(wanted)) << row.name;
    EXPECT_EQ(row.meaning.find('|'), std::string_view::npos) << row.name;
    EXPECT_FALSE(row.meaning.empty()) << row.name;
  }
  EXPECT_EQ(names.size(), quirk_profile_names.size());
  EXPECT_EQ(quirk_profile_names[0], "standard");
}

TEST(QuirkProfiles, UnknownNames) {
  EXPECT_EQ(find_profile(""), nullptr);
  EXPECT_EQ(find_profile("Kannel"), nullptr);
  EXPECT_EQ(find_profile("kannel "), nullptr);
}

TEST(QuirkProfiles, StandardIsTheDefault) {
  const QuirkOptions defaults;
  EXPECT_EQ(defaults.profile, "standard");
  EXPECT_EQ(text_of(*find_profile("standard")), text_of(defaults));
}

TEST(QuirkProfiles, EvidenceReachesItsSwitch) {
  EXPECT_TRUE(find_profile("kannel")->replace_sm_service_type);
  EXPECT_EQ(find_profile("jasmin")->error_body, ErrorBody::none);
  EXPECT_EQ(find_profile("node_smpp")->interface_version, 0x34);
  EXPECT_EQ(find_profile("smpp33")->interface_version, 0x33);
  EXPECT_EQ(find_profile("smpp33")->error_body, ErrorBody::nul);
  EXPECT_TRUE(find_profile("lenient")->strip_trailing_nul);
  EXPECT_TRUE(find_profile("lenient")->lenient_data_coding);
  EXPECT_TRUE(find_profile("strict")->strict_ton_npi);
  EXPECT_FALSE(find_profile("strict")->lenient_data_coding);
  EXPECT_EQ(find_profile("inmobile")->source_addr_max, 15u);
  EXPECT_EQ(find_profile("inmobile")->source_too_long, SourceTooLong::truncate);
  EXPECT_EQ(find_profile("inmobile")->scheduled_delivery, ScheduledDelivery::ignore);
  EXPECT_EQ(find_profile("imiconnect")->wrong_credentials, Status::ESME_RINVPASWD);
}

}  // namespace
}  // namespace ringgate

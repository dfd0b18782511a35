// The tables against tests/golden/tables/rows.json: every command with its fields, every TLV with
// its size, every command_status of 3.3, 3.4 and 5.0, written down from the documents and not from
// here.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "json/pdus.h"
#include "smpp/operations.h"
#include "smpp/submit_multi.h"
#include "smpp/tlv.h"

namespace ringgate::smpp {
namespace {

using Json = nlohmann::json;

Json tables() {
  const char* const root = std::getenv("RINGGATE_SOURCE_ROOT");
  if (root == nullptr) {
    ADD_FAILURE() << "RINGGATE_SOURCE_ROOT is not set";
    return {};
  }
  std::ifstream stream(std::string(root) + "/tests/golden/tables/rows.json");
  return Json::parse(stream);
}

/// A row as the documents write it: "system_id c16", "addr_ton i1", "validity_period t".
void describe(std::span<const Field> rows, std::vector<std::string>& out) {
  for (const Field& row : rows) {
    const std::string name(row.name);
    switch (row.kind) {
      case Kind::u8:
        out.push_back(name + " i1");
        break;
      case Kind::u32:
        out.push_back(name + " i4");
        break;
      case Kind::c_string:
        out.push_back(name + " c" + std::to_string(row.limit));
        break;
      case Kind::time:
        out.push_back(name + " t");
        break;
      case Kind::counted8:
        out.push_back("sm_length i1");
        out.push_back(name + " o0-" + std::to_string(row.limit));
        break;
    }
  }
}

std::vector<std::string> fields_of(Command command) {
  std::vector<std::string> out;
  if (command == Command::submit_multi) {
    describe(submit_multi_head, out);
    out.insert(out.end(), {"number_of_dests i1", "dest_address[]"});
    describe(submit_multi_tail, out);
    return out;
  }
  describe(body_rows(command), out);
  if (command == Command::submit_multi_resp) out.push_back("unsuccess_sme[]");
  return out;
}

// Aim: no command, no field of one, and no octet of its length is missing or too many. Method: both
// ways, in order.
TEST(Rows, Commands) {
  const Json rows = tables().at("commands");
  EXPECT_EQ(rows.size(), 33u);
  EXPECT_EQ(rows.size(), command_rows.size());
  for (const Json& row : rows) {
    const CommandRow* const found = command_row(row.at("id").get<std::uint32_t>());
    ASSERT_NE(found, nullptr) << row.at("name");
    EXPECT_EQ(found->name, row.at("name").get<std::string>());
    EXPECT_EQ(fields_of(found->id), row.at("fields").get<std::vector<std::string>>())
        << found->name;
  }
}

// Aim: all TLVs with their sizes. Method: both ways; sizes that need words are spelled out here.
TEST(Rows, Tlvs) {
  const Json rows = tables().at("tlvs");
  EXPECT_EQ(rows.size(), 64u);
  EXPECT_EQ(rows.size(), tlv_rows.size());
  const std::map<std::string, std::string> words{{"0-65535 (impl. limit)", "0-65535"},
                                                 {"1+(0-100)", "1-101"},
                                                 {"3.4: 1; 5.0: 1 or 4", "1-4"},
                                                 {"3.4: 0; 5.0: 0 or 1", "0-1"}};
  for (const Json& row : rows) {
    const wire::KeyedField* const found = tlv_row(row.at("tag").get<std::uint16_t>());
    ASSERT_NE(found, nullptr) << row.at("name");
    EXPECT_EQ(found->name, row.at("name").get<std::string>());
    std::string size = row.at("size");
    if (words.contains(size)) size = words.at(size);
    // Sixteen characters, with or without the NUL that other strings have.
    if (found->name == "broadcast_end_time") size = "16-17";
    std::string ours = std::to_string(found->min);
    if (found->max != found->min) ours += "-" + std::to_string(found->max);
    EXPECT_EQ(ours, size) << found->name;
    EXPECT_EQ(found->since, row.at("since") == "5.0" ? 0x50 : 0x34) << found->name;
  }
}

// Aim: all statuses, and those of 5.0 known as such. Method: both ways.
TEST(Rows, Statuses) {
  const Json rows = tables().at("statuses");
  EXPECT_EQ(rows.size(), 67u);
  EXPECT_EQ(rows.size(), std::size(status_rows));
  for (const Json& row : rows) {
    const auto status = static_cast<Status>(row.at("code").get<std::uint32_t>());
    EXPECT_EQ(status_name(status), row.at("name").get<std::string>());
    const bool same = status_for_version(status, 0x34) == status;
    EXPECT_EQ(same, row.at("in_34").get<bool>()) << row.at("name");
  }
}

}  // namespace
}  // namespace ringgate::smpp

// Golden PDUs: tests/golden/*.json pairs octets with JSON, made without this code.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "base/bytes.h"
#include "base/hex.h"
#include "json/fields.h"
#include "json/pdus.h"

namespace ringgate::smpp {
namespace {

using Json = nlohmann::ordered_json;

std::vector<Json> golden_entries() {
  std::vector<Json> out;
  const char* const root = std::getenv("RINGGATE_SOURCE_ROOT");
  if (root == nullptr) {
    ADD_FAILURE() << "RINGGATE_SOURCE_ROOT is not set";
    return out;
  }
  for (const auto& file :
       std::filesystem::directory_iterator(std::string(root) + "/tests/golden")) {
    if (file.path().extension() != ".json") continue;
    std::ifstream stream(file.path());
    for (Json& entry : Json::parse(stream)) out.push_back(std::move(entry));
  }
  return out;
}

// Aim: the corpus is there, and its names are unique. Method: count.
TEST(Golden, Corpus) {
  const std::vector<Json> entries = golden_entries();
  EXPECT_GE(entries.size(), 40u);
  std::set<std::string> names;
  for (const Json& entry : entries)
    EXPECT_TRUE(names.insert(entry.at("name").get<std::string>()).second) << entry.at("name");
}

// Aim: octets decode to the JSON, faults and the answers they earn included. Method: every entry.
TEST(Golden, Decodes) {
  for (const Json& entry : golden_entries()) {
    std::string octets;
    ASSERT_TRUE(wire::from_hex(entry.at("hex").get<std::string>(), octets)) << entry.at("name");
    EXPECT_EQ(pdu_to_json(as_octets(octets)), entry.at("json")) << entry.at("name");
  }
}

// Aim: JSON encodes to the octets. Method: every entry without a fault.
TEST(Golden, Encodes) {
  for (const Json& entry : golden_entries()) {
    const Json& json = entry.at("json");
    if (json.contains("fault")) continue;
    std::string error;
    const std::string octets = json_to_pdu(json, error);
    EXPECT_EQ(error, "") << entry.at("name");
    std::string expected;
    ASSERT_TRUE(wire::from_hex(entry.at("hex").get<std::string>(), expected));
    EXPECT_EQ(to_hex(as_octets(octets)), to_hex(as_octets(expected))) << entry.at("name");
  }
}

// Aim: JSON that cannot become a PDU is complained of, not bent. Method: one thing wrong at a time.
TEST(Golden, RefusesBadJson) {
  const Json good = Json::parse(
      R"({"command":"submit_sm_resp","command_status":0,"sequence_number":1,"body":{"message_id":"a"},)"
      R"("tlvs":[{"tag":516,"value":"0001"}]})");
  std::string error;
  EXPECT_FALSE(json_to_pdu(good, error).empty());
  EXPECT_EQ(error, "");
  const auto complains = [](const Json& json) {
    std::string complaint;
    EXPECT_TRUE(json_to_pdu(json, complaint).empty()) << json;
    EXPECT_NE(complaint, "") << json;
  };
  Json bad = good;
  bad["command"] = "no_such_command";
  complains(bad);
  bad = good;
  bad["body"].erase("message_id");
  complains(bad);
  bad = good;
  bad["body"]["message_id"] = std::string(65, 'x');
  complains(bad);
  bad = good;
  bad["tlvs"][0]["value"] = "xyz";
  complains(bad);
  bad = good;
  bad["tlvs"][0]["tag"] = 65'536;
  complains(bad);
  bad = good;
  bad["tlvs"][0]["value"] = std::string(2 * 65'536, '0');
  complains(bad);
}

}  // namespace
}  // namespace ringgate::smpp

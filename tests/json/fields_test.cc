#include "json/fields.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/hex.h"
#include "wire/positional.h"

namespace ringgate::wire {
namespace {

using Json = nlohmann::ordered_json;

struct Sample {
  std::string_view name;
  std::uint8_t flag = 0;
  std::uint32_t number = 0;
  std::string_view when;
  Octets data;
  static const std::array<Field, 5> fields;
};
inline constexpr std::array<Field, 5> Sample::fields{{
    RINGGATE_FIELD(Sample, name, c_string, 300, ESME_RINVSERTYP),
    RINGGATE_FIELD(Sample, flag, u8, 255, ESME_RINVPRTFLG),
    RINGGATE_FIELD(Sample, number, u32, 0, ESME_RSYSERR),
    RINGGATE_FIELD(Sample, when, time, 17, ESME_RINVSCHED),
    RINGGATE_FIELD(Sample, data, counted8, 255, ESME_RINVMSGLEN),
}};
static_assert(rows_cover<Sample>());

const char* const example =
    R"({"name":"abc","flag":7,"number":4294967295,"when":"","data":"00ff7f"})";

// Aim: fields appear under their names, in the order of the rows. Method: exact JSON.
TEST(Json, Writes) {
  const std::uint8_t data[] = {0x00, 0xFF, 0x7F};
  const Sample sample{"abc", 7, 0xFFFFFFFF, "", data};
  EXPECT_EQ(to_json(Sample::fields, &sample).dump(), example);
}

// Aim: what is written is read again. Method: the same JSON backwards.
TEST(Json, Reads) {
  Sample sample;
  std::deque<std::string> storage;
  ASSERT_EQ(from_json(Sample::fields, Json::parse(example), &sample, storage), "");
  EXPECT_EQ(sample.name, "abc");
  EXPECT_EQ(sample.flag, 7);
  EXPECT_EQ(sample.number, 0xFFFFFFFFu);
  EXPECT_EQ(sample.when, "");
  EXPECT_EQ(as_text(sample.data), std::string("\x00\xFF\x7F", 3));
}

// Aim: every octet that text may hold survives JSON, and the JSON is valid UTF-8. Method: all
// octets but NUL through dump and parse.
TEST(Json, EveryOctetSurvives) {
  std::string all;
  for (int octet = 1; octet < 256; ++octet) all.push_back(static_cast<char>(octet));
  Sample sample;
  sample.name = all;
  const std::string dumped = to_json(Sample::fields, &sample).dump();
  EXPECT_EQ(dumped.find('\n'), std::string::npos);
  EXPECT_EQ(dumped.find('\x1B'), std::string::npos);
  Sample again;
  std::deque<std::string> storage;
  ASSERT_EQ(from_json(Sample::fields, Json::parse(dumped), &again, storage), "");
  EXPECT_EQ(again.name, all);
}

// Aim: JSON that does not fit the rows is complained of by the field's name. Method: one thing
// wrong at a time.
TEST(Json, Complains) {
  const auto complaint = [](const char* name, const Json& value) {
    Json json = Json::parse(example);
    json[name] = value;
    Sample sample;
    std::deque<std::string> storage;
    return from_json(Sample::fields, json, &sample, storage);
  };
  for (const Json& value : {Json(-1), Json("7"), Json(1.5), Json(nullptr), Json(256u)})
    EXPECT_NE(complaint("flag", value).find("flag"), std::string::npos) << value;
  for (const Json& value : {Json(-1), Json("7"), Json(std::uint64_t{1} << 32)})
    EXPECT_NE(complaint("number", value).find("number"), std::string::npos) << value;
  for (const Json& value : {Json(1), Json("0"), Json("0g"), Json("zz"), Json(nullptr)})
    EXPECT_NE(complaint("data", value).find("data"), std::string::npos) << value;
  // U+20AC is no octet, so no field can hold it.
  for (const Json& value : {Json(1), Json(Json::array()), Json("\xE2\x82\xAC")})
    EXPECT_NE(complaint("name", value).find("name"), std::string::npos) << value;
  Json missing = Json::parse(example);
  missing.erase("when");
  Sample sample;
  std::deque<std::string> storage;
  EXPECT_NE(from_json(Sample::fields, missing, &sample, storage).find("when"), std::string::npos);
}

// Aim: hexadecimal text in both cases, with blanks, and nothing else. Method: examples.
TEST(Json, Hex) {
  std::string octets;
  EXPECT_TRUE(from_hex("", octets));
  EXPECT_EQ(octets, "");
  EXPECT_TRUE(from_hex("00 fF\nA5\t", octets));
  EXPECT_EQ(octets, std::string("\x00\xFF\xA5", 3));
  EXPECT_EQ(to_hex(as_octets(octets)), "00ffa5");
  for (const char* bad : {"0", "0x00", "g0", "00 1", "0:0"})
    EXPECT_FALSE(from_hex(bad, octets)) << bad;
}

}  // namespace
}  // namespace ringgate::wire

// Properties of bodies, TLVs and whole PDUs: what is written can be read, and what can be read is
// written the same.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <deque>
#include <nlohmann/json.hpp>

#include "../unit/smpp/pdu_builder.h"
#include "json/pdus.h"
#include "smpp/check.h"
#include "smpp/command.h"
#include "wire/frame.h"

namespace ringgate::smpp {
namespace {

using testing::tlv;

/// Octets of any value from `lowest` on.
std::string any_octets(std::size_t size_max, int lowest) {
  const auto size = *rc::gen::inRange<std::size_t>(0, size_max + 1);
  const auto octets =
      *rc::gen::container<std::vector<int>>(size, rc::gen::inRange<int>(lowest, 256));
  std::string out;
  for (const int octet : octets) out.push_back(static_cast<char>(octet));
  return out;
}

/// Fills every member with a value that its row allows.
void fill(std::span<const wire::Field> fields, void* message, std::deque<std::string>& storage) {
  for (const wire::Field& row : fields) {
    switch (row.kind) {
      case wire::Kind::u8:
        wire::member<std::uint8_t>(message, row.offset) =
            static_cast<std::uint8_t>(*rc::gen::inRange<int>(0, row.limit + 1));
        break;
      case wire::Kind::u32:
        wire::member<std::uint32_t>(message, row.offset) = *rc::gen::arbitrary<std::uint32_t>();
        break;
      case wire::Kind::c_string:
        storage.push_back(any_octets(row.limit - 1u, 1));
        wire::member<std::string_view>(message, row.offset) = storage.back();
        break;
      case wire::Kind::time:
        storage.push_back(*rc::gen::arbitrary<bool>() ? "260101000000000+" : "");
        wire::member<std::string_view>(message, row.offset) = storage.back();
        break;
      case wire::Kind::counted8:
        storage.push_back(any_octets(row.limit, 0));
        wire::member<Octets>(message, row.offset) = as_octets(storage.back());
        break;
    }
  }
}

std::string encoded(std::span<const wire::Field> fields, const void* message) {
  std::string out(wire::encoded_size_any(fields, message), '\0');
  auto* at = reinterpret_cast<std::uint8_t*>(out.data());
  for (const wire::Field& row : fields) at = wire::write(row, message, at);
  return out;
}

template <class Body>
void decode_inverts_encode() {
  std::deque<std::string> storage;
  Body body;
  fill(Body::fields, &body, storage);
  RC_ASSERT(wire::check_any(Body::fields, &body).ok());
  const std::string octets = encoded(Body::fields, &body);
  RC_ASSERT(octets.size() == wire::encoded_size(body));
  Cursor cursor{as_octets(octets).data(), as_octets(octets).data() + octets.size()};
  Body again;
  RC_ASSERT(wire::decode(cursor, again).ok());
  RC_ASSERT(cursor.left() == 0u);
  RC_ASSERT(encoded(Body::fields, &again) == octets);
}

/// Octets that look like a body as often as not.
std::string almost_a_body() {
  testing::ShortMessageSpec spec;
  std::string octets = spec.body();
  const auto changes = *rc::gen::inRange(0, 5);
  for (int i = 0; i < changes; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, octets.size());
    octets[at] = static_cast<char>(*rc::gen::inRange(0, 256));
  }
  if (*rc::gen::inRange(0, 4) == 0)
    octets.resize(*rc::gen::inRange<std::size_t>(0, octets.size() + 1));
  if (*rc::gen::inRange(0, 4) == 0) octets += any_octets(40, 0);
  return octets;
}

template <class Body>
void encode_inverts_decode(const std::string& octets) {
  const auto memory = std::make_unique<std::uint8_t[]>(octets.size());
  if (!octets.empty()) std::memcpy(memory.get(), octets.data(), octets.size());
  Cursor cursor{memory.get(), memory.get() + octets.size()};
  Body body;
  const wire::Verdict verdict = wire::decode(cursor, body);
  if (!verdict.ok()) {
    // The fault is named: a field, and a status that is no success.
    RC_ASSERT(verdict.field < Body::fields.size());
    RC_ASSERT(status_of<Body>(verdict) != Status::ESME_ROK);
    return;
  }
  RC_ASSERT(encoded(Body::fields, &body) == octets.substr(0, octets.size() - cursor.left()));
}

// Aim: decode(encode(x)) == x. Method: values that the rows allow, for every body.
TEST(PduProperty, DecodeInvertsEncode) {
  EXPECT_TRUE(rc::check("Bind", decode_inverts_encode<Bind>));
  EXPECT_TRUE(rc::check("BindResp", decode_inverts_encode<BindResp>));
  EXPECT_TRUE(rc::check("ShortMessage", decode_inverts_encode<ShortMessage>));
  EXPECT_TRUE(rc::check("MessageIdResp", decode_inverts_encode<MessageIdResp>));
}

// Aim: encode(decode(b)) == b, or a named fault. Method: random octets, and bodies with changes.
TEST(PduProperty, EncodeInvertsDecode) {
  EXPECT_TRUE(rc::check("random octets", [] {
    const std::string octets = any_octets(120, *rc::gen::element(0, 0, 250));
    encode_inverts_decode<Bind>(octets);
    encode_inverts_decode<ShortMessage>(octets);
    encode_inverts_decode<MessageIdResp>(octets);
  }));
  EXPECT_TRUE(
      rc::check("almost a body", [] { encode_inverts_decode<ShortMessage>(almost_a_body()); }));
}

// Aim: whole PDUs of known commands survive JSON both ways unless they are faulty. Method: any
// known command over almost a body.
TEST(PduProperty, JsonInvertsItself) {
  EXPECT_TRUE(rc::check("bytes to JSON to bytes", [] {
    const auto index = *rc::gen::inRange<std::size_t>(0, command_rows.size());
    const auto id = static_cast<std::uint32_t>(command_rows[index].id);
    const std::string pdu = testing::PduBuilder(id, *rc::gen::arbitrary<std::uint32_t>(),
                                                *rc::gen::arbitrary<std::uint32_t>())
                                .raw(almost_a_body())
                                .pdu();
    const nlohmann::ordered_json json = pdu_to_json(as_octets(pdu));
    if (json.contains("fault")) return;
    std::string error;
    RC_ASSERT(json_to_pdu(nlohmann::ordered_json::parse(json.dump()), error) == pdu);
    RC_ASSERT(error == "");
  }));
}

// Aim: a TLV stream that passes is read to its end, and one that is cut somewhere inside a
// parameter does not pass. Method: random parameters of unknown tags, every cut.
TEST(PduProperty, TlvStreams) {
  EXPECT_TRUE(rc::check("cuts", [] {
    std::string stream;
    std::vector<std::size_t> borders{0};
    const auto count = *rc::gen::inRange(0, 6);
    for (int i = 0; i < count; ++i) {
      stream += tlv(static_cast<unsigned>(*rc::gen::inRange(0x1400, 0x4000)), any_octets(9, 0));
      borders.push_back(stream.size());
    }
    for (std::size_t size = 0; size <= stream.size(); ++size) {
      const bool border = std::find(borders.begin(), borders.end(), size) != borders.end();
      const Status status = check_tlvs(as_octets(std::string_view(stream).substr(0, size)));
      RC_ASSERT(status == (border ? Status::ESME_ROK : Status::ESME_RINVTLVSTREAM));
    }
  }));
}

// Aim: no octets make the checks read outside of them or crash. Method: arbitrary TLV streams and
// texts, for the sanitizers to watch.
TEST(PduProperty, AnythingIsJudged) {
  EXPECT_TRUE(rc::check("anything", [] {
    const std::string octets = any_octets(200, 0);
    const auto memory = std::make_unique<std::uint8_t[]>(octets.size());
    if (!octets.empty()) std::memcpy(memory.get(), octets.data(), octets.size());
    const Octets exact(memory.get(), octets.size());
    const Status status = check_tlvs(exact);
    if (status == Status::ESME_ROK) (void)find_tlv(exact, Tag::message_payload);
    (void)parse_udh(exact);
    (void)is_number(as_text(exact));
    (void)parse_smpp_time(as_text(exact), 0);
    RC_ASSERT(!pdu_to_json(exact).empty());
  }));
}

}  // namespace
}  // namespace ringgate::smpp

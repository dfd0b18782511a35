#include "smpp/check.h"
#include "smpp/content_rows.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "pdu_builder.h"

namespace ringgate::smpp {
namespace {

using testing::octets;
using testing::ShortMessageSpec;
using testing::tlv;

constexpr std::int64_t wall = 1'767'225'600;  // 2026-01-01 00:00:00 UTC

/// What a session of that version answers to a submit_sm body: decoded, TLVs checked, rules
/// checked, in memory of exactly its size.
QuirkOptions quirks;  // of the account; a test that changes them puts them back

Status status_of_body(const std::string& body, std::uint8_t version = 0x34,
                      std::string* text = nullptr) {
  const auto memory = std::make_unique<std::uint8_t[]>(body.size());
  if (!body.empty()) std::memcpy(memory.get(), body.data(), body.size());
  Cursor cursor{memory.get(), memory.get() + body.size()};
  Content message;
  const wire::Verdict verdict = wire::decode_any(content_rows<ShortMessage>, cursor, &message);
  if (!verdict.ok()) return smpp::status_of<ShortMessage>(verdict);
  message.tlvs = Octets(cursor.at, cursor.left());
  const Status status = check_tlvs(message.tlvs);
  if (status != Status::ESME_ROK) return status;
  const Status checked = check_submit(message, version, quirks, wall);
  if (text != nullptr) *text = std::string(as_text(message.text));
  return checked;
}

template <class F>
Status status_with(F&& change, std::uint8_t version = 0x34, std::string* text = nullptr) {
  ShortMessageSpec spec;
  change(spec);
  return status_of_body(spec.body(), version, text);
}

// Aim: the message that all others are steps from is accepted, for every version. Method: plain.
TEST(Check, Plain) {
  for (const int version : {0x00, 0x33, 0x34, 0x50, 0xFF}) {
    std::string text;
    EXPECT_EQ(status_with([](ShortMessageSpec&) {}, static_cast<std::uint8_t>(version), &text),
              Status::ESME_ROK);
    EXPECT_EQ(text, "hello");
  }
}

// Aim: each fault of the decoder becomes the status of its field, an early end ESME_RINVCMDLEN.
// Method: all faults on all rows.
TEST(Check, StatusOfVerdict) {
  using wire::Fault;
  for (std::uint8_t i = 0; i < ShortMessage::fields.size(); ++i) {
    EXPECT_EQ(status_of<ShortMessage>({Fault::none, i}), Status::ESME_ROK);
    EXPECT_EQ(status_of<ShortMessage>({Fault::truncated, i}), Status::ESME_RINVCMDLEN);
    for (const Fault fault : {Fault::too_long, Fault::bad_length, Fault::out_of_range})
      EXPECT_EQ(status_of<ShortMessage>({fault, i}), ShortMessage::fields[i].error);
  }
}

// Aim: A15: every cut of the mandatory fields is ESME_RINVCMDLEN. Method: all of them.
TEST(Check, A15EndsEarly) {
  const std::string body = ShortMessageSpec{}.body();
  for (std::size_t size = 0; size < body.size(); ++size)
    EXPECT_EQ(status_of_body(body.substr(0, size)), Status::ESME_RINVCMDLEN) << size;
}

// Aim: A16: destinations are numbers of up to 20 characters, or text where TON says so. Method:
// examples on both sides.
TEST(Check, A16Destination) {
  const auto with = [](const std::string& destination, unsigned ton) {
    return status_with([&](ShortMessageSpec& spec) {
      spec.destination = destination;
      spec.dest_ton = ton;
    });
  };
  for (const char* good : {"1", "447700900123", "+447700900123", "12345678901234567890", "*100#"})
    EXPECT_EQ(with(good, 1), Status::ESME_ROK) << good;
  for (const char* bad : {"", "+", "4477O0900123", "44 7700", "447700900123 ", "44+77", "++44",
                          "123456789012345678901", "\x80", "-1", "1/2", "1:2"})
    EXPECT_EQ(with(bad, 1), Status::ESME_RINVDSTADR) << bad;
  EXPECT_EQ(with("Ringgate", 5), Status::ESME_ROK);
  EXPECT_EQ(with("", 5), Status::ESME_RINVDSTADR);
}

// Aim: every octet is either part of a number or not. Method: all 256 in the middle of one.
TEST(Check, IsNumber) {
  for (int octet = 0; octet < 256; ++octet) {
    const std::string text = std::string("12") + static_cast<char>(octet) + "34";
    const bool expected = (octet >= '0' && octet <= '9') || octet == '*' || octet == '#';
    EXPECT_EQ(is_number(text), expected) << octet;
  }
}

// Aim: A18: bad times are named by their field. Method: the same list in both fields.
TEST(Check, A18Times) {
  for (const char* bad : {"26010100000000+", "20260101000000000000", "261301000000000+",
                          "260101000000049+", "000001000000100R", "251231235959000+"}) {
    EXPECT_EQ(status_with([&](ShortMessageSpec& spec) { spec.schedule_delivery_time = bad; }),
              Status::ESME_RINVSCHED)
        << bad;
    EXPECT_EQ(status_with([&](ShortMessageSpec& spec) { spec.validity_period = bad; }),
              Status::ESME_RINVEXPIRY)
        << bad;
  }
  for (const char* good : {"", "260101000000000+", "300101000000000+", "000001000000000R"}) {
    EXPECT_EQ(status_with([&](ShortMessageSpec& spec) {
                spec.schedule_delivery_time = good;
                spec.validity_period = good;
              }),
              Status::ESME_ROK)
        << good;
  }
}

// Aim: A19: a text longer than the PDU is an early end; 255 octets are for 5.0 only. Method: both
// borders.
TEST(Check, A19Length) {
  EXPECT_EQ(status_with([](ShortMessageSpec& spec) { spec.sm_length = 6; }),
            Status::ESME_RINVCMDLEN);
  EXPECT_EQ(status_with([](ShortMessageSpec& spec) { spec.sm_length = 255; }),
            Status::ESME_RINVCMDLEN);
  const auto sized = [](std::size_t size, std::uint8_t version) {
    return status_with([&](ShortMessageSpec& spec) { spec.short_message.assign(size, 'x'); },
                       version);
  };
  EXPECT_EQ(sized(254, 0x34), Status::ESME_ROK);
  EXPECT_EQ(sized(255, 0x33), Status::ESME_RINVMSGLEN);
  EXPECT_EQ(sized(255, 0x34), Status::ESME_RINVMSGLEN);
  EXPECT_EQ(sized(255, 0x50), Status::ESME_ROK);
  EXPECT_EQ(sized(0, 0x34), Status::ESME_ROK);
}

// Aim: A20: what follows a shorter text must parse as parameters. Method: a text that happens to
// hold one at its end, and one that does not.
TEST(Check, A20ShorterLength) {
  const std::string parameter = tlv(0x0204, octets("\x00\x01"));
  EXPECT_EQ(status_with([&](ShortMessageSpec& spec) {
              spec.short_message = "hello" + parameter;
              spec.sm_length = 5;
            }),
            Status::ESME_ROK);
  EXPECT_EQ(status_with([](ShortMessageSpec& spec) { spec.sm_length = 3; }),
            Status::ESME_RINVTLVSTREAM);
}

// Aim: A21: text in both places is refused up to 3.4, and message_payload counts in 5.0. Method:
// both versions, and payload alone.
TEST(Check, A21Payload) {
  const auto both = [](ShortMessageSpec& spec) { spec.rest = tlv(0x0424, "payload"); };
  EXPECT_EQ(status_with(both, 0x34), Status::ESME_RTLVNOTALLWD);
  std::string text;
  EXPECT_EQ(status_with(both, 0x50, &text), Status::ESME_ROK);
  EXPECT_EQ(text, "payload");
  const auto alone = [](ShortMessageSpec& spec) {
    spec.short_message.clear();
    spec.rest = tlv(0x0424, std::string(60'000, 'p'));
  };
  EXPECT_EQ(status_with(alone, 0x34, &text), Status::ESME_ROK);
  EXPECT_EQ(text, std::string(60'000, 'p'));
}

// Aim: A22: the header inside the text must fit into it, whichever elements it holds. Method:
// sound and broken ones, in short_message and in message_payload.
TEST(Check, A22UserDataHeader) {
  const std::vector<std::pair<std::string, bool>> headers{
      {octets("\x05\x00\x03\x2A\x02\x01text"), true},
      {octets("\x06\x08\x04\x01\x02\x02\x01text"), true},
      {octets("\x05\x00\x03\x2A\x02\x01"), true},                      // no text behind it
      {octets("\x0A\x00\x03\x2A\x02\x01\x77\x03\x01\x02\x03"), true},  // unknown element
      {octets("\x02\x77\x00text"), true},                              // element without content
      {"", false},                                                     // no header at all
      {octets("\x00text"), false},                                     // empty header
      {octets("\x05\x00\x03\x2A\x02"), false},              // header longer than the text
      {octets("\xFF\x00\x03"), false},                      //
      {octets("\x05\x00\x04\x2A\x02\x01text"), false},      // element overruns the header
      {octets("\x05\x00\x02\x2A\x02\x01text"), false},      // one octet left over
      {octets("\x06\x00\x03\x2A\x02\x01\x05text"), false},  //
      {octets("\x01\x00text"), false},                      // element without a length
      {octets("\x05\x00\xFF\x2A\x02\x01text"), false},      //
  };
  for (const auto& header : headers) {
    const std::string& text = header.first;
    const bool sound = header.second;
    EXPECT_EQ(parse_udh(as_octets(text)).sound, sound) << ::testing::PrintToString(text);
    const Status expected = sound ? Status::ESME_ROK : Status::ESME_RINVESMCLASS;
    EXPECT_EQ(status_with([&](ShortMessageSpec& spec) {
                spec.esm_class = 0x40;
                spec.short_message = text;
              }),
              expected);
    EXPECT_EQ(status_with([&](ShortMessageSpec& spec) {
                spec.esm_class = 0x40;
                spec.short_message.clear();
                spec.rest = tlv(0x0424, text);
              }),
              expected);
    // Without the indicator the octets mean nothing.
    EXPECT_EQ(status_with([&](ShortMessageSpec& spec) { spec.short_message = text; }),
              Status::ESME_ROK);
  }
}

// Aim: A23: reserved values of one-octet fields are refused under the field's status. Method: all
// 256 values of each.
TEST(Check, A23Reserved) {
  const auto expect = [](unsigned ShortMessageSpec::*field, auto&& good, Status status) {
    for (unsigned value = 0; value < 256; ++value) {
      EXPECT_EQ(status_with([&](ShortMessageSpec& spec) {
                  spec.*field = value;
                  // A text that is sound with and without the user data header indicator.
                  spec.short_message = octets("\x05\x00\x03\x2A\x02\x01text");
                }),
                good(value) ? Status::ESME_ROK : status)
          << value;
    }
  };
  expect(
      &ShortMessageSpec::esm_class,
      [](unsigned v) {
        const unsigned type = v & 0x3C;
        return type == 0 || type == 0x08 || type == 0x10;
      },
      Status::ESME_RINVESMCLASS);
  expect(
      &ShortMessageSpec::priority_flag, [](unsigned v) { return v <= 3; }, Status::ESME_RINVPRTFLG);
  expect(
      &ShortMessageSpec::registered_delivery, [](unsigned v) { return v <= 0x1F; },
      Status::ESME_RINVREGDLVFLG);
  expect(
      &ShortMessageSpec::replace_if_present_flag, [](unsigned v) { return v <= 1; },
      Status::ESME_RINVREPFLAG);
  // 0x10-0x7F are reserved by SMPP but in use: they are the general groups of 3GPP TS 23.038.
  expect(
      &ShortMessageSpec::data_coding,
      [](unsigned v) {
        return v != 11 && v != 12 && v != 15 && !(v >= 0x80 && v <= 0xBF) &&
               !(v >= 0xE0 && v <= 0xEF);
      },
      Status::ESME_RINVDCS);
  const auto all = [](unsigned) { return true; };
  expect(&ShortMessageSpec::source_ton, all, Status::ESME_RINVSRCTON);
  expect(&ShortMessageSpec::source_npi, all, Status::ESME_RINVSRCNPI);
  expect(&ShortMessageSpec::dest_npi, all, Status::ESME_RINVDSTNPI);
  expect(&ShortMessageSpec::protocol_id, all, Status::ESME_RSYSERR);
}

/// Gives the account its quirks back.
struct Restore {
  ~Restore() { quirks = {}; }
};

// Aim: A17: reserved TON and NPI pass unless the account is strict. Method: each field, both ways.
TEST(Check, A17Strict) {
  const Restore restore;
  struct Case {
    unsigned ShortMessageSpec::*field;
    unsigned reserved;
    Status status;
  };
  const Case cases[] = {
      {&ShortMessageSpec::source_ton, 7, Status::ESME_RINVSRCTON},
      {&ShortMessageSpec::source_npi, 2, Status::ESME_RINVSRCNPI},
      {&ShortMessageSpec::source_npi, 200, Status::ESME_RINVSRCNPI},
      {&ShortMessageSpec::dest_ton, 8, Status::ESME_RINVDSTTON},
      {&ShortMessageSpec::dest_npi, 19, Status::ESME_RINVDSTNPI},
  };
  for (const Case& one : cases) {
    const auto change = [&](ShortMessageSpec& spec) { spec.*one.field = one.reserved; };
    quirks.strict_ton_npi = false;
    EXPECT_EQ(status_with(change), Status::ESME_ROK);
    quirks.strict_ton_npi = true;
    EXPECT_EQ(status_with(change), one.status);
  }
}

// Aim: R14: a long source is refused, cut or passed, as the account says. Method: 16 characters of
// 15.
TEST(Check, SourceTooLong) {
  const Restore restore;
  const auto change = [](ShortMessageSpec& spec) { spec.source = "1234567890123456"; };
  quirks.source_addr_max = 15;
  EXPECT_EQ(status_with(change), Status::ESME_RINVSRCADR);
  for (const SourceTooLong how : {SourceTooLong::truncate, SourceTooLong::pass}) {
    quirks.source_too_long = how;
    EXPECT_EQ(status_with(change), Status::ESME_ROK);
    Content message;
    message.source.text = "1234567890123456";
    EXPECT_EQ(check_message(message, quirks), Status::ESME_ROK);
    EXPECT_EQ(message.source.text.size(), how == SourceTooLong::truncate ? 15u : 16u);
  }
}

// Aim: R15: timed delivery is honoured, ignored or refused. Method: a time to come, all three ways.
TEST(Check, ScheduledDelivery) {
  const Restore restore;
  Content message;
  message.schedule_delivery_time = "000000010000000R";
  EXPECT_EQ(check_message(message, quirks), Status::ESME_ROK);
  EXPECT_FALSE(message.schedule_delivery_time.empty());
  quirks.scheduled_delivery = ScheduledDelivery::refuse;
  EXPECT_EQ(check_message(message, quirks), Status::ESME_RINVSCHED);
  quirks.scheduled_delivery = ScheduledDelivery::ignore;
  EXPECT_EQ(check_message(message, quirks), Status::ESME_ROK);
  EXPECT_TRUE(message.schedule_delivery_time.empty());
}

// Aim: reserved data_coding values pass where the account is lenient, and one NUL behind the text
// is dropped where it says so. Method: 0x0B; "hi" with NULs.
TEST(Check, LenientAccounts) {
  const Restore restore;
  const auto reserved = [](ShortMessageSpec& spec) { spec.data_coding = 0x0B; };
  EXPECT_EQ(status_with(reserved), Status::ESME_RINVDCS);
  quirks.lenient_data_coding = true;
  EXPECT_EQ(status_with(reserved), Status::ESME_ROK);

  quirks.strip_trailing_nul = true;
  const std::pair<std::string, std::string> texts[] = {
      {"hi", "hi"}, {octets("hi\0"), "hi"}, {octets("hi\0\0"), octets("hi\0")}, {"", ""}};
  for (const auto& one : texts) {
    std::string text;
    const auto change = [&](ShortMessageSpec& spec) { spec.short_message = one.first; };
    EXPECT_EQ(status_with(change, 0x34, &text), Status::ESME_ROK);
    EXPECT_EQ(text, one.second);
  }
}

}  // namespace
}  // namespace ringgate::smpp

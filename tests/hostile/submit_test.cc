// A14 to A23: the mandatory fields of submit_sm, and of what shares them. How the tables are run is
// said in framing_test.cc.
#include <gtest/gtest.h>

#include <ctime>

#include "row.h"
#include "site.h"

namespace ringgate::hostile {
namespace {

Row data_sm(std::string number, std::string what, const DataSm& message,
            std::uint32_t command_status) {
  return request(std::move(number), std::move(what), command::data_sm, message.body(),
                 command_status);
}

/// An absolute time that many days from now.
std::string in_days(int days, std::string_view end = "000+") {
  const std::time_t at = std::time(nullptr) + days * 86'400;
  std::tm parts{};
  gmtime_r(&at, &parts);
  char text[16];
  const std::size_t size = std::strftime(text, sizeof text, "%y%m%d%H%M%S", &parts);
  return std::string(text, size).append(end);
}

TEST(Submits, A14TextWithoutEnd) {
  const std::string digits(300, '4');
  run({
      submit("A14", "service_type of 5", {.service_type = "12345"}, status::ROK),
      submit("A14", "service_type of 6", {.service_type = "123456"}, status::RINVSERTYP),
      submit("A14", "service_type of 300", {.service_type = digits}, status::RINVSERTYP),
      submit("A14", "source of 20", {.source_addr = digits.substr(0, 20)}, status::ROK),
      submit("A14", "source of 21", {.source_addr = digits.substr(0, 21)}, status::RINVSRCADR),
      submit("A14", "source of 300", {.source_addr = digits}, status::RINVSRCADR),
      submit("A14", "destination of 20", {.destination_addr = digits.substr(0, 20)}, status::ROK),
      submit("A14", "destination of 21", {.destination_addr = digits.substr(0, 21)},
             status::RINVDSTADR),
      submit("A14", "destination of 300", {.destination_addr = digits}, status::RINVDSTADR),
      data_sm("A14", "data_sm, source of 65", {.source_addr = digits.substr(0, 65)},
              status::RINVSRCADR),
      // data_sm has room for 64 characters, but no number is longer than 20, and no receipt has
      // room for one.
      data_sm("A14", "data_sm, destination of 20", {.destination_addr = digits.substr(0, 20)},
              status::ROK),
      data_sm("A14", "data_sm, destination of 21", {.destination_addr = digits.substr(0, 21)},
              status::RINVDSTADR),
      data_sm("A14", "data_sm, destination of 64", {.destination_addr = digits.substr(0, 64)},
              status::RINVDSTADR),
      data_sm("A14", "data_sm, destination of 65", {.destination_addr = digits.substr(0, 65)},
              status::RINVDSTADR),
  });
}

TEST(Submits, A15EndsEarly) {
  SubmitSm small;
  small.source_addr = "4";
  small.destination_addr = "44";
  small.short_message = "t";
  const struct {
    const char* name;
    std::uint32_t command_id;
    std::string body;  // up to the last mandatory octet
  } whole[] = {
      {"submit_sm", command::submit_sm, small.body()},
      {"data_sm", command::data_sm, DataSm{.source_addr = "4", .rest = ""}.body()},
      {"submit_multi", command::submit_multi,
       SubmitMulti{.destinations = {destination("44")}, .message = small}.body()},
      {"query_sm", command::query_sm, QuerySm{"12", "4"}.body()},
      {"cancel_sm", command::cancel_sm, CancelSm{"", "12", "4", "44"}.body()},
      {"replace_sm", command::replace_sm,
       ReplaceSm{.message_id = "12", .source_addr = "4", .short_message = "t"}.body()},
      {"broadcast_sm", command::broadcast_sm, BroadcastSm{.rest = ""}.body()},
      {"query_broadcast_sm", command::query_broadcast_sm, QuerySm{"12", "4"}.body()},
      {"cancel_broadcast_sm", command::cancel_broadcast_sm, CancelBroadcastSm{"12"}.body()},
  };
  std::vector<Row> rows;
  for (const auto& [name, command_id, body] : whole) {
    for (std::size_t size = 0; size < body.size(); ++size) {
      Row row = request("A15", name + (" cut to " + std::to_string(size)), command_id,
                        body.substr(0, size), status::RINVCMDLEN);
      row.interface_versions = {0x34};
      rows.push_back(std::move(row));
    }
  }
  const std::string body = Bind{}.body();
  for (std::size_t size = 0; size < body.size(); ++size) {
    Row row = bind("A15", "bind cut to " + std::to_string(size), {}, status::RINVCMDLEN);
    row.octets = pdu(command::bind_transceiver, own_sequence, body.substr(0, size));
    row.interface_versions = {0x34};
    rows.push_back(std::move(row));
  }
  run(rows);
}

TEST(Submits, A16Destinations) {
  std::vector<Row> rows;
  for (const char* bad : {"", "44abc", "abc", "4477009001 23", "447700900123\n", "+", "44+7",
                          "\xFF\xFE", "<script>"}) {
    rows.push_back(submit("A16", "destination \"" + std::string(bad) + "\"",
                          {.destination_addr = bad}, status::RINVDSTADR));
    rows.push_back(data_sm("A16", "data_sm, destination \"" + std::string(bad) + "\"",
                           {.destination_addr = bad}, status::RINVDSTADR));
  }
  rows.push_back(
      submit("A16", "21 digits", {.destination_addr = std::string(21, '4')}, status::RINVDSTADR));
  rows.push_back(submit("A16", "leading plus", {.destination_addr = "+447700900123"}, status::ROK));
  run(rows);
}

TEST(Submits, A17ReservedTonAndNpi) {
  std::vector<Row> rows;
  for (const char* account : {"strict", "esme"}) {
    const bool strict = account == std::string_view("strict");
    const auto refused = [strict](std::uint32_t command_status) {
      return strict ? command_status : status::ROK;
    };
    for (const std::uint32_t value : {7u, 8u, 255u}) {
      const std::string name = " " + std::to_string(value);
      rows.push_back(submit("A17", "source ton" + name, {.source_addr_ton = value},
                            refused(status::RINVSRCTON))
                         .of_account(account));
      rows.push_back(submit("A17", "destination ton" + name, {.dest_addr_ton = value},
                            refused(status::RINVDSTTON))
                         .of_account(account));
    }
    for (const std::uint32_t value : {2u, 5u, 7u, 11u, 17u, 19u, 32u, 255u}) {
      const std::string name = " " + std::to_string(value);
      rows.push_back(submit("A17", "source npi" + name, {.source_addr_npi = value},
                            refused(status::RINVSRCNPI))
                         .of_account(account));
      rows.push_back(submit("A17", "destination npi" + name, {.dest_addr_npi = value},
                            refused(status::RINVDSTNPI))
                         .of_account(account));
    }
    for (const std::uint32_t value : {0u, 1u, 3u, 4u, 6u, 8u, 9u, 10u, 14u, 18u})
      rows.push_back(submit("A17", "defined npi " + std::to_string(value),
                            {.source_addr_npi = value, .dest_addr_npi = value}, status::ROK)
                         .of_account(account));
  }
  run(rows);
}

TEST(Submits, A18Times) {
  const std::string bad[] = {
      "2",                     // one character
      in_days(1, "00+"),       // 16 octets with the NUL
      in_days(1, "0000+"),     // 18 octets
      in_days(1, "0000000+"),  // 20 characters, 5.0's example
      "301301000000000+",      // month 13
      "300001000000000+",      // month 0
      "300132000000000+",      // day 32
      "300230000000000+",      // 30 February
      "290229000000000+",      // 29 February of a common year
      "300101240000000+",      // hour 24
      "300101006000000+",      // minute 60
      "300101000060000+",      // second 60
      in_days(1, "049+"),      // nn 49
      in_days(1, "049-"),
      in_days(1, "000X"),  // neither +, - nor R
      in_days(1, "000\xFF"),
      "000001000000100R",  // relative with tenths
      "000001000000004R",  // relative with an offset from UTC
      "3001010000000A0+",  // not a digit
      "    01000000000+",
      in_days(-2),         // in the past
      "990101000000000+",  // 1999
  };
  std::vector<Row> rows;
  for (const std::string& time : bad) {
    rows.push_back(
        submit("A18", "schedule " + time, {.schedule_delivery_time = time}, status::RINVSCHED));
    rows.push_back(
        submit("A18", "validity " + time, {.validity_period = time}, status::RINVEXPIRY));
    SubmitMulti multi;
    multi.message.schedule_delivery_time = time;
    rows.push_back(request("A18", "submit_multi, schedule " + time, command::submit_multi,
                           multi.body(), status::RINVSCHED));
    rows.push_back(
        request("A18", "replace_sm, validity " + time, command::replace_sm,
                ReplaceSm{.message_id = "0123456789abcdef", .validity_period = time}.body(),
                status::RINVEXPIRY));
  }
  for (const std::string& time :
       {in_days(1), in_days(1, "948+"), in_days(2, "048-"), std::string("000000000100000R"),
        std::string("000002000000000R")}) {
    rows.push_back(submit("A18", "good validity " + time, {.validity_period = time}, status::ROK));
  }
  // Soon, so that nothing is left at the end.
  rows.push_back(
      submit("A18", "good schedule", {.schedule_delivery_time = "000000000001000R"}, status::ROK));
  run(rows);
}

TEST(Submits, A19A20Lengths) {
  const std::string vendor = tlv(0x1400, "vendor");
  run({
      submit("A19", "sm_length 6 of 5", {.sm_length = 6}, status::RINVCMDLEN),
      submit("A19", "sm_length 255 of 5", {.sm_length = 255}, status::RINVCMDLEN),
      submit("A19", "sm_length 1 of 0", {.sm_length = 1, .short_message = ""}, status::RINVCMDLEN),
      submit("A19", "254 octets", {.short_message = std::string(254, 'x')}, status::ROK)
          .backend_reads(std::string(254, 'x')),
      submit("A19", "255 octets before 5.0", {.short_message = std::string(255, 'x')},
             status::RINVMSGLEN)
          .in_versions({0x34, 0x33, 0x00, 0x4F}),
      submit("A19", "255 octets from 5.0 on", {.short_message = std::string(255, 'x')}, status::ROK)
          .in_versions({0x50, 0xFF})
          .backend_reads(std::string(255, 'x')),
      submit("A19", "no text at all", {.short_message = ""}, status::ROK).backend_reads(""),
      submit("A20", "sm_length 2 of 5, the rest no TLV", {.sm_length = 2}, status::RINVTLVSTREAM),
      submit("A20", "sm_length 0 of 5, the rest no TLV", {.sm_length = 0}, status::RINVTLVSTREAM),
      submit("A20", "sm_length 4 of 5", {.sm_length = 4}, status::RINVTLVSTREAM),
      submit("A20", "sm_length smaller, the rest a TLV",
             {.sm_length = 2, .short_message = "He" + vendor}, status::ROK)
          .backend_reads("He"),
      submit("A20", "sm_length smaller, the rest a TLV and an octet",
             {.sm_length = 2, .short_message = "He" + vendor + "!"}, status::RINVTLVSTREAM),
  });
}

TEST(Submits, A21TextTwice) {
  const SubmitSm both{.rest = tlv(tag::message_payload, "payload")};
  SubmitMulti multi;
  multi.message = both;
  run({
      submit("A21", "both texts before 5.0", both, status::RTLVNOTALLWD)
          .in_versions({0x34, 0x33, 0x4F}),
      submit("A21", "both texts from 5.0 on", both, status::ROK)
          .in_versions({0x50, 0xFF})
          .backend_reads("payload"),
      request("A21", "submit_multi, both texts", command::submit_multi, multi.body(),
              status::RTLVNOTALLWD)
          .in_versions({0x34, 0x33}),
      submit("A21", "message_payload alone",
             {.short_message = "", .rest = tlv(tag::message_payload, "payload")}, status::ROK)
          .backend_reads("payload"),
      submit("A21", "empty message_payload alone",
             {.short_message = "", .rest = tlv(tag::message_payload, "")}, status::ROK)
          .backend_reads(""),
  });
}

TEST(Submits, A22UserDataHeader) {
  const struct {
    const char* what;
    std::string text;
    std::uint32_t command_status;
  } headers[] = {
      {"no text", "", status::RINVESMCLASS},
      {"UDHL 0", octets("\x00text"), status::RINVESMCLASS},
      {"UDHL alone", octets("\x05"), status::RINVESMCLASS},
      {"UDHL past the text", octets("\x05\x00\x03\x01"), status::RINVESMCLASS},
      {"UDHL 255", octets("\xFFtext"), status::RINVESMCLASS},
      {"element past the header", octets("\x05\x00\x04\x01\x02\x01text"), status::RINVESMCLASS},
      {"element of 255", octets("\x02\x77\xFFtext"), status::RINVESMCLASS},
      {"half an element", octets("\x01\x77text"), status::RINVESMCLASS},
      {"element and a stray octet", octets("\x04\x77\x01\x01\x77text"), status::RINVESMCLASS},
      {"unknown element", octets("\x03\x77\x01\x01text"), status::ROK},
      {"unknown element without data", octets("\x02\x77\x00text"), status::ROK},
      {"header and no text", octets("\x03\x77\x01\x01"), status::ROK},
  };
  std::vector<Row> rows;
  for (const auto& [what, text, command_status] : headers) {
    rows.push_back(submit("A22", what, {.esm_class = 0x40, .short_message = text}, command_status));
    if (command_status == status::ROK) rows.back().text = text;
    rows.push_back(data_sm("A22", std::string("data_sm, ") + what,
                           {.esm_class = 0x40, .rest = tlv(tag::message_payload, text)},
                           command_status));
    SubmitMulti multi;
    multi.message = {.esm_class = 0x40, .short_message = text};
    rows.push_back(request("A22", std::string("submit_multi, ") + what, command::submit_multi,
                           multi.body(), command_status));
    // Without the indicator the same octets are text.
    rows.push_back(
        submit("A22", std::string("no indicator, ") + what, {.short_message = text}, status::ROK));
  }
  run(rows);
}

TEST(Submits, A23ReservedValues) {
  std::vector<Row> rows;
  const auto add = [&rows](std::string what, std::uint32_t value, const SubmitSm& message,
                           std::uint32_t command_status) {
    what += " " + std::to_string(value);
    rows.push_back(submit("A23", what, message, command_status));
    SubmitMulti multi;
    multi.message = message;
    rows.push_back(request("A23", "submit_multi, " + what, command::submit_multi, multi.body(),
                           command_status));
  };
  for (std::uint32_t type = 0; type < 16; ++type) {
    const std::uint32_t value = type << 2;
    const bool defined = type == 0 || type == 2 || type == 4;
    add("esm_class", value, {.esm_class = value}, defined ? status::ROK : status::RINVESMCLASS);
  }
  for (const std::uint32_t value : {1u, 2u, 3u, 0x80u, 0x83u})
    add("esm_class", value, {.esm_class = value}, status::ROK);
  for (const std::uint32_t value : {0u, 1u, 2u, 3u})
    add("priority_flag", value, {.priority_flag = value}, status::ROK);
  // 4 is for cell broadcast only.
  for (const std::uint32_t value : {4u, 5u, 128u, 255u})
    add("priority_flag", value, {.priority_flag = value}, status::RINVPRTFLG);
  for (const std::uint32_t value : {0x20u, 0x21u, 0x40u, 0x80u, 0xFFu})
    add("registered_delivery", value, {.registered_delivery = value}, status::RINVREGDLVFLG);
  for (const std::uint32_t value : {2u, 3u, 255u})
    add("replace_if_present_flag", value, {.replace_if_present_flag = value}, status::RINVREPFLAG);
  run(rows);
}

// Values that neither SMPP nor the general groups of 3GPP TS 23.038 define. Those groups (0x10 to
// 0x7F) are reserved in SMPP, and common in the field.
constexpr std::uint32_t reserved_data_codings[] = {11, 12, 15, 0x80, 0x9F, 0xA0, 0xBF, 0xE0, 0xEF};

TEST(Submits, A23DataCoding) {
  std::vector<Row> rows;
  for (const std::uint32_t value : reserved_data_codings) {
    const std::string name = " " + to_hex(u8(value));
    const SubmitSm message{.data_coding = value};
    const DataSm data{.data_coding = value};
    SubmitMulti multi;
    multi.message = message;
    for (const bool is_50 : {false, true}) {
      // RINVDCS came with 5.0.
      const std::vector<std::uint32_t> versions =
          is_50 ? std::vector<std::uint32_t>{0x50, 0x51, 0xFF}
                : std::vector<std::uint32_t>{0x34, 0x33, 0x00, 0x4F};
      const std::uint32_t refused = is_50 ? status::RINVDCS : status::RSUBMITFAIL;
      rows.push_back(submit("A23", "data_coding" + name, message, refused).in_versions(versions));
      rows.push_back(
          data_sm("A23", "data_sm, data_coding" + name, data, refused).in_versions(versions));
      rows.push_back(request("A23", "submit_multi, data_coding" + name, command::submit_multi,
                             multi.body(), refused)
                         .in_versions(versions));
    }
    rows.push_back(
        submit("A23", "lenient, data_coding" + name, message, status::ROK).of_account("lenient"));
  }
  for (const std::uint32_t value :
       {0u,  1u,  2u,    3u,    4u,    5u,    6u,    7u,    8u,    9u,   10u,
        13u, 14u, 0x10u, 0x18u, 0xC0u, 0xC8u, 0xDFu, 0xF0u, 0xF5u, 0xFFu})
    rows.push_back(
        submit("A23", "data_coding " + to_hex(u8(value)), {.data_coding = value}, status::ROK));
  run(rows);
}

}  // namespace
}  // namespace ringgate::hostile

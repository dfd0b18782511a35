// What peers of each version are told when a backend answers with a code that came with 5.0.
#include <gtest/gtest.h>

#include "row.h"
#include "site.h"

namespace ringgate::hostile {
namespace {

// 5.0 §4.7.6: the code, and the nearest that 3.4 §5.1.3.1 has.
constexpr std::pair<std::uint32_t, std::uint32_t> codes[] = {
    {0x100, status::RINVSERTYP},  {0x101, status::RSUBMITFAIL}, {0x102, status::RINVSERTYP},
    {0x103, status::RINVSERTYP},  {0x104, status::RSUBMITFAIL}, {0x105, status::RSUBMITFAIL},
    {0x106, status::RSUBMITFAIL}, {0x107, status::RSYSERR},     {0x108, status::RSYSERR},
    {0x109, status::RSYSERR},     {0x10A, status::RSYSERR},     {0x10B, status::RSYSERR},
    {0x10C, status::RSYSERR},     {0x10D, status::RSYSERR},     {0x10E, status::RSYSERR},
    {0x10F, status::RSYSERR},     {0x110, status::RSYSERR},     {0x111, status::RSYSERR},
    {0x112, status::RSYSERR},
};

// Aim: codes of 5.0 reach only peers that know them; all others, and what vendors add, reach
// everybody. Method: the backend answers what the text tells it to, for submit_sm, data_sm and
// submit_multi, in each version.
TEST(Statuses, OfTheBackend) {
  std::vector<Row> rows;
  const auto add = [&rows](std::uint32_t code, std::uint32_t told,
                           std::vector<std::uint32_t> versions) {
    const std::string text = "status " + std::to_string(code);
    SubmitMulti multi;
    multi.message.short_message = text;
    std::vector<Row> same{
        submit("5.0", text, {.short_message = text}, told),
        request("5.0", "data_sm, " + text, command::data_sm,
                DataSm{.rest = tlv(tag::message_payload, text)}.body(), told),
        request("5.0", "submit_multi, " + text, command::submit_multi, multi.body(), told),
    };
    for (Row& row : same) {
      row.interface_versions = versions;
      row.reaches_backend = true;
      rows.push_back(std::move(row));
    }
  };
  for (const auto& [code, older] : codes) {
    add(code, code, {0x50, 0x51, 0xFF});
    add(code, older, {0x34, 0x33, 0x00, 0x4F});
  }
  for (const std::uint32_t code :
       {status::RSYSERR, status::RMSGQFUL, status::RTHROTTLED, 0xFFu, 0x400u, 0x4FFu})
    add(code, code, {0x34, 0x33, 0x50});
  run(rows);
}

}  // namespace
}  // namespace ringgate::hostile

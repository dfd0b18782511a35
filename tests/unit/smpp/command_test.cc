#include "smpp/command.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace ringgate::smpp {
namespace {

// The tables of 5.0 §2.4 and §4, written a second time from the document. Letters are the states in
// which a side may send: Open, oUtbound, Tx, Rx, trX (B), * for all.
struct Expected {
  std::uint32_t id;
  const char* name;
  std::uint8_t since;
  const char* esme;
  const char* mc;
};

constexpr Expected expected[] = {
    {0x00000001, "bind_receiver", 0x33, "OU", ""},
    {0x00000002, "bind_transmitter", 0x33, "OU", ""},
    {0x00000003, "query_sm", 0x33, "TB", ""},
    {0x00000004, "submit_sm", 0x33, "TB", ""},
    {0x00000005, "deliver_sm", 0x33, "", "RB"},
    {0x00000006, "unbind", 0x33, "TRB", "TRB"},
    {0x00000007, "replace_sm", 0x33, "TB", ""},
    {0x00000008, "cancel_sm", 0x33, "TB", ""},
    {0x00000009, "bind_transceiver", 0x34, "OU", ""},
    {0x0000000B, "outbind", 0x34, "", "O"},
    {0x00000015, "enquire_link", 0x33, "*", "*"},
    {0x00000021, "submit_multi", 0x33, "TB", ""},
    {0x00000102, "alert_notification", 0x34, "", "RB"},
    {0x00000103, "data_sm", 0x34, "TB", "RB"},
    {0x00000111, "broadcast_sm", 0x50, "TB", ""},
    {0x00000112, "query_broadcast_sm", 0x50, "TB", ""},
    {0x00000113, "cancel_broadcast_sm", 0x50, "TB", ""},
    {0x80000000, "generic_nack", 0x33, "*", "*"},
    {0x80000001, "bind_receiver_resp", 0x33, "", "OU"},
    {0x80000002, "bind_transmitter_resp", 0x33, "", "OU"},
    {0x80000003, "query_sm_resp", 0x33, "", "TB"},
    {0x80000004, "submit_sm_resp", 0x33, "", "TB"},
    {0x80000005, "deliver_sm_resp", 0x33, "RB", ""},
    {0x80000006, "unbind_resp", 0x33, "TRB", "TRB"},
    {0x80000007, "replace_sm_resp", 0x33, "", "TB"},
    {0x80000008, "cancel_sm_resp", 0x33, "", "TB"},
    {0x80000009, "bind_transceiver_resp", 0x34, "", "OU"},
    {0x80000015, "enquire_link_resp", 0x33, "*", "*"},
    {0x80000021, "submit_multi_resp", 0x33, "", "TB"},
    {0x80000103, "data_sm_resp", 0x34, "RB", "TB"},
    {0x80000111, "broadcast_sm_resp", 0x50, "", "TB"},
    {0x80000112, "query_broadcast_sm_resp", 0x50, "", "TB"},
    {0x80000113, "cancel_broadcast_sm_resp", 0x50, "", "TB"},
};

std::uint8_t states_of(std::string_view letters) {
  if (letters == "*") return in::any;
  unsigned states = 0;
  for (const char letter : letters) {
    const std::size_t index = std::string_view("OUTRB").find(letter);
    states |= 1u << index;
  }
  return static_cast<std::uint8_t>(states);
}

// Aim: the 33 rows say what the document says. Method: against the second copy above.
TEST(Command, RowsAgainstTheDocument) {
  ASSERT_EQ(command_rows.size(), std::size(expected));
  ASSERT_EQ(command_rows.size(), 33u);
  for (const Expected& row : expected) {
    const CommandRow* const found = command_row(row.id);
    ASSERT_NE(found, nullptr) << row.name;
    EXPECT_EQ(static_cast<std::uint32_t>(found->id), row.id);
    EXPECT_EQ(found->name, row.name);
    EXPECT_EQ(command_name(found->id), row.name);
    EXPECT_EQ(found->since, row.since) << row.name;
    EXPECT_EQ(found->esme_may, states_of(row.esme)) << row.name;
    EXPECT_EQ(found->mc_may, states_of(row.mc)) << row.name;
  }
}

// Aim: no id and no name twice. Method: sets.
TEST(Command, Unique) {
  std::set<std::uint32_t> ids;
  std::set<std::string_view> names;
  for (const CommandRow& row : command_rows) {
    EXPECT_TRUE(ids.insert(static_cast<std::uint32_t>(row.id)).second);
    EXPECT_TRUE(names.insert(row.name).second);
  }
}

// Aim: requests and responses belong together. Method: every request with an answer finds the row
// of its response, which may be sent by the other side in the same states.
TEST(Command, Responses) {
  for (const CommandRow& row : command_rows) {
    const auto id = static_cast<std::uint32_t>(row.id);
    EXPECT_EQ(is_response(id), id >= 0x80000000);
    if (is_response(id) || row.id == Command::outbind || row.id == Command::alert_notification)
      continue;
    const Command response = response_of(row.id);
    EXPECT_EQ(static_cast<std::uint32_t>(response), id + 0x80000000);
    const CommandRow* const found = command_row(static_cast<std::uint32_t>(response));
    ASSERT_NE(found, nullptr) << row.name;
    EXPECT_EQ(found->name, std::string(row.name) + "_resp");
    EXPECT_EQ(found->esme_may, row.mc_may) << row.name;
    EXPECT_EQ(found->mc_may, row.esme_may) << row.name;
  }
}

// Aim: ids of no row, among them those that 3.4 dropped (A6), have none. Method: examples and all
// ids up to 16 bits, both directions.
TEST(Command, Unknown) {
  std::set<std::uint32_t> known;
  for (const CommandRow& row : command_rows) known.insert(static_cast<std::uint32_t>(row.id));
  for (std::uint32_t id = 0; id < 0x10000; ++id) {
    EXPECT_EQ(command_row(id) != nullptr, known.count(id) == 1);
    EXPECT_EQ(command_row(id | response_bit) != nullptr, known.count(id | response_bit) == 1);
  }
  for (const std::uint32_t id : {0x00010200u, 0x01000001u, 0x7FFFFFFFu, 0xFFFFFFFFu, 0x80010200u}) {
    EXPECT_EQ(command_row(id), nullptr);
    EXPECT_EQ(command_name(static_cast<Command>(id)), "unknown");
  }
}

// Aim: the bits of states are those that rows are written with. Method: all six.
TEST(Command, StateBits) {
  EXPECT_EQ(bit_of(State::open), in::open);
  EXPECT_EQ(bit_of(State::outbound), in::outbound);
  EXPECT_EQ(bit_of(State::bound_tx), in::tx);
  EXPECT_EQ(bit_of(State::bound_rx), in::rx);
  EXPECT_EQ(bit_of(State::bound_trx), in::trx);
  EXPECT_EQ(bit_of(State::unbound), in::unbound);
  EXPECT_EQ(in::any, in::fresh | in::bound | in::unbound);
}

}  // namespace
}  // namespace ringgate::smpp

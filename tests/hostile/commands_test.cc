// A6 to A10, A33, A34: sound headers at the wrong time, with strange numbers, or of nobody knows
// what. How the tables are run is said in framing_test.cc.
#include <gtest/gtest.h>

#include "row.h"
#include "site.h"

namespace ringgate::hostile {
namespace {

Answer nothing() { return {}; }

TEST(Commands, A6UnknownRequests) {
  const Answer answer{{{command::generic_nack, status::RINVCMDID}}, Then::keep};
  std::vector<Row> rows;
  // 0x22 to 0x24 were 3.3's, 0x10200 to 0x102FF are the vendors', 0x01000001 is Huawei's auth_acc.
  for (const std::uint32_t id : {0x00u, 0x0Au, 0x0Cu, 0x22u, 0x23u, 0x24u, 0x10200u, 0x102FFu,
                                 0x01000001u, 0x01000002u, 0x7FFFFFFFu}) {
    rows.push_back(everywhere("A6", "header of " + to_hex(u32(id)), pdu(id, own_sequence), answer));
    rows.push_back(everywhere("A6", "body of " + to_hex(u32(id)),
                              pdu(id, own_sequence, "anything at all"), answer));
  }
  run(rows);
}

TEST(Commands, A7UnwantedResponses) {
  std::vector<Row> rows;
  for (const std::uint32_t id : {0x00u, 0x01u, 0x02u, 0x03u, 0x04u, 0x05u, 0x06u, 0x07u, 0x08u,
                                 0x09u, 0x15u, 0x21u, 0x103u, 0x111u, 0x112u, 0x113u}) {
    rows.push_back(everywhere("A7", "response " + to_hex(u32(id)),
                              pdu(id | command::resp, own_sequence), nothing()));
    rows.push_back(everywhere("A7", "failed response with a body " + to_hex(u32(id)),
                              pdu(id | command::resp, own_sequence, c_string("no"), 0x45),
                              nothing()));
  }
  for (const std::uint32_t id : {0x8000000Bu, 0x80000ABCu, 0x80010200u, 0xFFFFFFFFu})
    rows.push_back(everywhere("A7", "unknown response " + to_hex(u32(id)),
                              pdu(id, own_sequence, "anything"), nothing()));
  run(rows);
}

// Aim: A7: a hundred unwanted responses in a row end the connection; a request between them begins
// a new row. Method: 99, a request, 99 (still open), and one more.
TEST(Commands, A7ManyInARow) {
  std::string many;
  for (int i = 0; i < 99; ++i) many += pdu(command::deliver_sm | command::resp, own_sequence);
  for (const State state : all_states) {
    Peer peer = enter(state);
    for (std::uint32_t round = 1; round <= 2; ++round) {
      peer.send(many);
      EXPECT_EQ(peer.ask(command::enquire_link, round).command_status, status::ROK);
    }
    EXPECT_FALSE(peer.closed());
    peer.send(many + pdu(command::deliver_sm | command::resp, own_sequence));
    EXPECT_TRUE(peer.read_end()) << state_name(state);
    EXPECT_TRUE(peer.received.empty());
  }
}

TEST(Commands, A8A10RequestsInTheWrongState) {
  const auto refused = [](std::string number, std::string what, std::uint32_t id,
                          std::string_view body) {
    const std::uint32_t response = id | command::resp;
    return everywhere(std::move(number), std::move(what), pdu(id, own_sequence, body),
                      {{{response, status::RINVBNDSTS}}, Then::keep});
  };
  std::vector<Row> rows;
  // What a transmitter may send is refused elsewhere: request() says so for Open (A8) and RX (A10).
  rows.push_back(submit("A8, A10", "submit_sm", {}, status::ROK).backend_reads("Hello"));
  rows.push_back(request("A8, A10", "data_sm", command::data_sm, DataSm{}.body(), status::ROK)
                     .backend_reads("Hello"));
  rows.push_back(
      request("A8, A10", "submit_multi", command::submit_multi, SubmitMulti{}.body(), status::ROK));
  const std::string unknown_id = "0123456789abcdef";
  rows.push_back(request("A8, A10", "query_sm", command::query_sm, QuerySm{unknown_id}.body(),
                         status::RINVMSGID));
  rows.push_back(request("A8, A10", "cancel_sm", command::cancel_sm,
                         CancelSm{.message_id = unknown_id}.body(), status::RINVMSGID));
  rows.push_back(request("A8, A10", "replace_sm", command::replace_sm,
                         ReplaceSm{.message_id = unknown_id}.body(), status::RINVMSGID));
  rows.push_back(
      request("A8, A10", "broadcast_sm", command::broadcast_sm, BroadcastSm{}.body(), status::ROK));
  rows.push_back(request("A8, A10", "query_broadcast_sm", command::query_broadcast_sm,
                         QuerySm{unknown_id}.body(), status::RINVMSGID));
  rows.push_back(request("A8, A10", "cancel_broadcast_sm", command::cancel_broadcast_sm,
                         CancelBroadcastSm{unknown_id}.body(), status::RINVMSGID));
  // Even where a sound one would be refused in the same words, its body is not looked at.
  rows.push_back(
      request("A8, A10", "submit_sm without a body", command::submit_sm, "", status::RINVCMDLEN));
  // What only a message centre sends.
  rows.push_back(refused("A8", "deliver_sm", command::deliver_sm, SubmitSm{}.body()));
  for (const std::uint32_t id : {command::alert_notification, command::outbind}) {
    // These have no response that could say it.
    rows.push_back(everywhere("A8", "request without a response " + to_hex(u32(id)),
                              pdu(id, own_sequence, c_string("one") + c_string("two")),
                              {{{command::generic_nack, status::RINVBNDSTS}}, Then::keep}));
  }
  Row unbind = refused("A8", "unbind", command::unbind, "");
  for (const State state : {State::tx, State::rx, State::trx})
    unbind.answers[static_cast<std::size_t>(state)].reset();  // A36
  rows.push_back(unbind);
  rows.push_back(everywhere("A10", "deliver_sm_resp nobody waits for",
                            pdu(command::deliver_sm | command::resp, own_sequence, c_string("")),
                            nothing()));
  run(rows);
}

TEST(Commands, A33SequenceNumbers) {
  std::vector<Row> rows;
  for (const std::uint32_t sequence : {0u, 1u, 0x7FFFFFFFu, 0x80000000u, 0xFFFFFFFFu}) {
    const std::string name = to_hex(u32(sequence));
    const auto numbered = [&](Row row, std::uint32_t id, std::string_view body) {
      row.octets = pdu(id, sequence, body);
      for (auto& answer : row.answers) answer->replies[0].sequence_number = sequence;
      rows.push_back(std::move(row));
    };
    numbered(submit("A33", "submit_sm " + name, {}, status::ROK), command::submit_sm,
             SubmitSm{}.body());
    numbered(submit("A33", "bad submit_sm " + name, {}, status::RINVCMDLEN), command::submit_sm,
             "");
    numbered(everywhere("A33", "enquire_link " + name, "",
                        {{{command::enquire_link | command::resp}}, Then::keep}),
             command::enquire_link, "");
    numbered(everywhere("A33", "unknown request " + name, "",
                        {{{command::generic_nack, status::RINVCMDID}}, Then::keep}),
             0x0A, "");
    Row bound = bind("A33", "bind " + name, {}, status::ROK);
    numbered(bound, command::bind_transceiver, Bind{}.body());
  }
  // Both are open at once: the server sees the second before the backend has the first.
  Row twice = submit("A33", "two submit_sm of the same number", {}, status::ROK);
  twice.octets += twice.octets;
  for (auto& answer : twice.answers) answer->replies.push_back(answer->replies[0]);
  rows.push_back(twice);
  run(rows);
}

TEST(Commands, A34StatusInRequests) {
  std::vector<Row> rows;
  for (const std::uint32_t value : {0x01u, 0xFFu, 0x400u, 0xFFFFFFFFu}) {
    const std::string name = to_hex(u32(value));
    Row row = submit("A34", "submit_sm with status " + name, {}, status::ROK);
    row.octets = pdu(command::submit_sm, own_sequence, SubmitSm{}.body(), value);
    rows.push_back(row);
    row = bind("A34", "bind with status " + name, {}, status::ROK);
    row.octets = pdu(command::bind_transceiver, own_sequence, Bind{}.body(), value);
    rows.push_back(row);
    rows.push_back(everywhere("A34", "enquire_link with status " + name,
                              pdu(command::enquire_link, own_sequence, "", value),
                              {{{command::enquire_link | command::resp}}, Then::keep}));
  }
  run(rows);
}

}  // namespace
}  // namespace ringgate::hostile

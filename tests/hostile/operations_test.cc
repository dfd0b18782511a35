// A31, A32, A39: submit_multi, and operations on messages that are not there, not ours, or over.
// How the tables are run is said in framing_test.cc.
#include <gtest/gtest.h>

#include "row.h"
#include "site.h"

namespace ringgate::hostile {
namespace {

const std::string unknown_id = "0123456789abcdef";

Row submit_multi(std::string what, const SubmitMulti& message, std::uint32_t command_status) {
  return request("A31", std::move(what), command::submit_multi, message.body(), command_status);
}

/// Expects that many entries in unsuccess_sme[].
Row&& with_failures(Row&& row, unsigned count) {
  return std::move(row).checked_by([count](const Received& reply, std::uint32_t version) {
    const std::string id = c_string_of(reply.body);
    EXPECT_FALSE(id.empty());
    if (version < 0x34) {
      EXPECT_EQ(id.size(), 8u);
    }
    ASSERT_GT(reply.body.size(), id.size() + 1);
    EXPECT_EQ(static_cast<unsigned char>(reply.body[id.size() + 1]), count);
    if (count == 0) {
      EXPECT_EQ(reply.body.size(), id.size() + 2);
    }
  });
}

TEST(Operations, A31SubmitMulti) {
  const std::string good = destination("447700900123");
  const std::string bad = destination("letters");
  SubmitMulti cut{.number_of_dests = 2, .destinations = {good}};
  cut.ends_after_destinations = true;
  run({
      submit_multi("count 0", {.number_of_dests = 0, .destinations = {}}, status::RINVNUMDESTS),
      submit_multi("count 0 of 1", {.number_of_dests = 0, .destinations = {good}},
                   status::RINVNUMDESTS),
      submit_multi("count 255 before 5.0", {.destinations = {255, good}}, status::RINVNUMDESTS)
          .in_versions({0x34, 0x33}),
      with_failures(
          submit_multi("count 255 from 5.0 on", {.destinations = {255, good}}, status::ROK)
              .in_versions({0x50}),
          0),
      with_failures(submit_multi("count 254", {.destinations = {254, good}}, status::ROK), 0),
      submit_multi("more than present, and nothing behind them", cut, status::RINVCMDLEN),
      // What follows is taken for the second destination: esm_class 0 is no dest_flag.
      submit_multi("more than present", {.number_of_dests = 2, .destinations = {good}},
                   status::RINVDESTFLAG),
      submit_multi("dest_flag 0", {.destinations = {good, destination("447700900123", 0)}},
                   status::RINVDESTFLAG),
      submit_multi("dest_flag 3", {.destinations = {destination("447700900123", 3)}},
                   status::RINVDESTFLAG),
      submit_multi("dest_flag 255", {.destinations = {destination("447700900123", 255)}},
                   status::RINVDESTFLAG),
      submit_multi("list name of 20", {.destinations = {distribution_list(std::string(20, 'l'))}},
                   status::RCNTSUBDL),
      submit_multi("list name of 21", {.destinations = {distribution_list(std::string(21, 'l'))}},
                   status::RINVDLNAME),
      submit_multi("list name of 100", {.destinations = {distribution_list(std::string(100, 'l'))}},
                   status::RINVDLNAME),
      submit_multi("list behind an address", {.destinations = {good, distribution_list("list")}},
                   status::RCNTSUBDL),
      submit_multi("destination of 21", {.destinations = {good, destination(std::string(21, '4'))}},
                   status::RINVDSTADR),
      with_failures(submit_multi("one good, one bad", {.destinations = {good, bad}}, status::ROK),
                    1),
      with_failures(
          submit_multi("one good of three", {.destinations = {bad, good, bad}}, status::ROK), 2),
      submit_multi("none good", {.destinations = {bad, bad}}, status::RINVDSTADR),
      submit_multi("one and empty", {.destinations = {destination("")}}, status::RINVDSTADR),
  });
}

/// Submits and returns the id.
std::string submitted(const std::string& system_id, const SubmitSm& message,
                      std::uint32_t interface_version = 0x34) {
  Peer peer = enter(State::trx, interface_version, system_id);
  const Received response = peer.ask(command::submit_sm, 1, message.body());
  EXPECT_EQ(response.command_status, status::ROK);
  return c_string_of(response.body);
}

SubmitSm scheduled() { return {.schedule_delivery_time = "000000010000000R"}; }

std::uint32_t state_of(const std::string& system_id, const std::string& id) {
  Peer peer = enter(State::trx, 0x50, system_id);
  const Received response = peer.ask(command::query_sm, 1, QuerySm{id}.body());
  if (response.command_status != status::ROK || response.body.size() < id.size() + 4) return 255;
  return static_cast<unsigned char>(response.body[response.body.size() - 2]);
}

TEST(Operations, A32QueryCancelReplace) {
  const std::string waiting = submitted("esme", scheduled());
  const std::string foreign = submitted("other", scheduled());
  const std::string over = submitted("esme", {});
  while (state_of("esme", over) == 1) continue;
  ASSERT_EQ(state_of("esme", over), 2u);
  ASSERT_EQ(state_of("esme", waiting), 0u);

  const std::pair<const char*, std::string> nobodys[] = {
      {"unknown id", unknown_id},
      {"id of zeros", std::string(16, '0')},
      {"id in capitals that is none", "0123456789ABCDEF"},
      {"somebody else's id", foreign},
      {"id of 8", waiting.substr(8)},
      {"id of 17", waiting + "0"},
      {"id of 64", std::string(64, '1')},
      {"id of 65", std::string(65, '1')},
      {"id of 300", std::string(300, '1')},
      {"id that is no number", "%s%n<script>'--"},
      {"negative id", "-123456789abcdef"},
      {"id with a space", " 123456789abcdef"},
  };
  std::vector<Row> rows;
  const auto add = [&rows](const std::string& what, std::uint32_t id, const std::string& body,
                           std::uint32_t command_status) {
    rows.push_back(request("A32", what, id, body, command_status).in_versions({0x34, 0x50}));
  };
  for (const auto& [what, id] : nobodys) {
    const std::string name = std::string(", ") + what;
    add("query_sm" + name, command::query_sm, QuerySm{id}.body(), status::RINVMSGID);
    add("cancel_sm" + name, command::cancel_sm, CancelSm{.message_id = id}.body(),
        status::RINVMSGID);
    add("replace_sm" + name, command::replace_sm, ReplaceSm{.message_id = id}.body(),
        status::RINVMSGID);
    add("query_broadcast_sm" + name, command::query_broadcast_sm, QuerySm{id}.body(),
        status::RINVMSGID);
    add("cancel_broadcast_sm" + name, command::cancel_broadcast_sm, CancelBroadcastSm{id}.body(),
        status::RINVMSGID);
  }
  add("query_sm without an id", command::query_sm, QuerySm{}.body(), status::RINVMSGID);
  add("replace_sm without an id", command::replace_sm, ReplaceSm{}.body(), status::RINVMSGID);
  add("query_sm from another address", command::query_sm, QuerySm{waiting, "Somebody"}.body(),
      status::RINVMSGID);
  add("cancel_sm from another address", command::cancel_sm,
      CancelSm{.message_id = waiting, .source_addr = "Somebody"}.body(), status::RINVMSGID);
  add("replace_sm from another address", command::replace_sm,
      ReplaceSm{.message_id = waiting, .source_addr = "Somebody"}.body(), status::RINVMSGID);
  add("cancel_sm of what is over", command::cancel_sm, CancelSm{.message_id = over}.body(),
      status::RCANCELFAIL);
  add("replace_sm of what is over", command::replace_sm, ReplaceSm{.message_id = over}.body(),
      status::RREPLACEFAIL);
  add("query_sm of what is over", command::query_sm, QuerySm{over}.body(), status::ROK);
  rows.back().check = [over](const Received& reply, std::uint32_t) {
    EXPECT_EQ(c_string_of(reply.body), over);
    const std::string rest = reply.body.substr(over.size() + 1);
    ASSERT_EQ(rest.size(), 17u + 2u);  // final_date, message_state, error_code
    EXPECT_EQ(rest[17], 2);            // DELIVERED
  };
  add("cancel_sm of everything for a number without messages", command::cancel_sm,
      CancelSm{.destination_addr = "447700900999"}.body(), status::RCANCELFAIL);
  run(rows);

  // Nobody else has changed anything, and the owner can.
  EXPECT_EQ(state_of("other", foreign), 0u);
  EXPECT_EQ(state_of("esme", waiting), 0u);
  Peer owner = enter(State::tx);
  EXPECT_EQ(
      owner.ask(command::replace_sm, 1, ReplaceSm{.message_id = waiting}.body()).command_status,
      status::ROK);
  EXPECT_EQ(owner.ask(command::cancel_sm, 2, CancelSm{.message_id = waiting}.body()).command_status,
            status::ROK);
  EXPECT_EQ(owner.ask(command::cancel_sm, 3, CancelSm{.message_id = waiting}.body()).command_status,
            status::RCANCELFAIL);
  EXPECT_EQ(state_of("esme", waiting), 4u);  // DELETED
}

// Aim: A32 with the ids of 3.3, which are the ends of the long ones. Method: a 3.3 peer asks for
// its own, for an id in the long form, and for another account's.
TEST(Operations, A32ShortIds) {
  const std::string own = submitted("esme", scheduled(), 0x33);
  const std::string foreign = submitted("other", scheduled(), 0x33);
  ASSERT_EQ(own.size(), 8u);
  Peer peer = enter(State::trx, 0x33);
  const auto ask = [&peer](const std::string& id) {
    return peer.ask(command::query_sm, 1, QuerySm{id}.body()).command_status;
  };
  EXPECT_EQ(ask(own), status::ROK);
  EXPECT_EQ(ask(foreign), status::RINVMSGID);
  EXPECT_EQ(ask(unknown_id), status::RINVMSGID);
  EXPECT_EQ(ask("0000000"), status::RINVMSGID);
}

TEST(Operations, A32Broadcasts) {
  const auto without = [](std::uint16_t missing) {
    std::string out;
    for (const auto& [one, value] :
         {std::pair{tag::broadcast_area_identifier, octets("\x00here")},
          std::pair{tag::broadcast_content_type, octets("\x01\x00\x00")},
          std::pair{tag::broadcast_rep_num, u16(1)},
          std::pair{tag::broadcast_frequency_interval, octets("\x09\x00\x05")}})
      if (one != missing) out += tlv(one, value);
    return out;
  };
  Peer peer = enter(State::trx, 0x50);
  const std::string over =
      c_string_of(peer.ask(command::broadcast_sm, 1, BroadcastSm{}.body()).body);
  ASSERT_FALSE(over.empty());
  // The simulator's broadcasts last a millisecond.
  for (;;) {
    const Received query = peer.ask(command::query_broadcast_sm, 2, QuerySm{over}.body());
    ASSERT_EQ(query.command_status, status::ROK);
    std::size_t size = 0;
    const std::string tlvs = query.body.substr(over.size() + 1);
    const char* const state = find_tlv(tlvs, tag::message_state, size);
    ASSERT_NE(state, nullptr);
    if (*state == 2) break;
  }
  std::vector<Row> rows;
  for (const std::uint16_t missing : {tag::broadcast_area_identifier, tag::broadcast_content_type,
                                      tag::broadcast_rep_num, tag::broadcast_frequency_interval})
    rows.push_back(request("A29, A32", "broadcast_sm without " + to_hex(u16(missing)),
                           command::broadcast_sm, BroadcastSm{.rest = without(missing)}.body(),
                           status::RMISSINGTLV));
  rows.push_back(request("A23", "broadcast_sm, priority_flag 4", command::broadcast_sm,
                         BroadcastSm{.priority_flag = 4}.body(), status::ROK));
  rows.push_back(request("A23", "broadcast_sm, priority_flag 5", command::broadcast_sm,
                         BroadcastSm{.priority_flag = 5}.body(), status::RINVPRTFLG));
  rows.push_back(request("A32", "broadcast_sm, id of 65", command::broadcast_sm,
                         BroadcastSm{.message_id = std::string(65, '1')}.body(),
                         status::RINVMSGID));
  // The code for it came with 5.0.
  rows.push_back(request("A32", "cancel_broadcast_sm of what is over", command::cancel_broadcast_sm,
                         CancelBroadcastSm{over}.body(), status::RBCASTCANCELFAIL)
                     .in_versions({0x50, 0x51}));
  rows.push_back(request("A32", "cancel_broadcast_sm of what is over, before 5.0",
                         command::cancel_broadcast_sm, CancelBroadcastSm{over}.body(),
                         status::RSYSERR)
                     .in_versions({0x34}));
  run(rows);
}

/// Kannel's replace_sm begins with a service_type that no document has.
std::string kannels(const std::string& service_type, const ReplaceSm& message) {
  return c_string(service_type) + message.body();
}

// The receipts with commas that some message centres write come from the other side, and bodies
// that lack their NUL are among the responses of A35.
TEST(Operations, A39VendorDivergences) {
  const std::string id = submitted("kannel", scheduled());
  const ReplaceSm own{.message_id = id, .source_addr = "Hostile"};
  const ReplaceSm unknown{.message_id = unknown_id, .source_addr = "Hostile"};
  const auto replace_sm = [](std::string what, const std::string& body,
                             std::uint32_t command_status, const char* account) {
    return request("A39", std::move(what), command::replace_sm, body, command_status)
        .of_account(account)
        .in_versions({0x34, 0x50});
  };
  run({
      // Read as the documents have it, the id is empty, and a time begins in the addresses.
      replace_sm("Kannel's replace_sm", kannels("", unknown), status::RINVSCHED, "esme"),
      replace_sm("Kannel's replace_sm with a service_type", kannels("VMA", unknown),
                 status::RINVSCHED, "esme"),
      replace_sm("Kannel's replace_sm, unknown id", kannels("", unknown), status::RINVMSGID,
                 "kannel"),
      replace_sm("Kannel's replace_sm, own id", kannels("", own), status::ROK, "kannel"),
      replace_sm("Kannel's replace_sm with a service_type, own id", kannels("VMA", own),
                 status::ROK, "kannel"),
      replace_sm("replace_sm of the documents", own.body(), status::RINVSERTYP, "kannel"),
      replace_sm("Kannel's replace_sm without an end", c_string(""), status::RINVCMDLEN, "kannel"),
      // Kannel lets cancel_sm have 64 characters here, and writes one octet more into broadcast_sm.
      request("A39", "Kannel's cancel_sm", command::cancel_sm,
              CancelSm{.message_id = unknown_id, .destination_addr = std::string(64, '4')}.body(),
              status::RINVDSTADR),
      request("A39", "Kannel's broadcast_sm", command::broadcast_sm,
              BroadcastSm{.rest = u8(0) + BroadcastSm{}.rest}.body(), status::RINVTLVSTREAM),
  });
}

}  // namespace
}  // namespace ringgate::hostile

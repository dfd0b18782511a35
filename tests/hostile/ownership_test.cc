// Operations on messages of others, over sockets. How the tables are run is said in
// framing_test.cc.
#include <gtest/gtest.h>

#include "row.h"
#include "site.h"

namespace ringgate::hostile {
namespace {

struct Question {
  std::uint32_t command_id;
  std::string body;
};

std::vector<Question> questions(const std::string& id, std::uint32_t version) {
  std::vector<Question> out{{command::query_sm, QuerySm{id}.body()},
                            {command::cancel_sm, CancelSm{.message_id = id}.body()},
                            {command::replace_sm, ReplaceSm{.message_id = id}.body()}};
  if (version < 0x34) return out;
  out.push_back({command::query_broadcast_sm, QuerySm{id}.body()});
  out.push_back({command::cancel_broadcast_sm, CancelBroadcastSm{id}.body()});
  out.push_back({command::broadcast_sm, BroadcastSm{.message_id = id}.body()});
  return out;
}

std::string other_digit(std::string id) {
  id.back() = id.back() == '0' ? '1' : '0';
  return id;
}

// Aim: what one customer has submitted or broadcast, another cannot see, change or end, and cannot
// even tell that it is there; the names agree in all that a 16-bit hash of them looked at. Method:
// every operation of the second on ids of the first, and on ids that differ from these in the last
// digit, of messages that wait and that are over, with ids of both lengths. Then the first finds
// everything as it was.
TEST(Ownership, TwoCustomers) {
  Options options = site_options();
  for (const char* name : {"customer01", "customer02"}) {
    options.accounts.push_back(options.accounts[0]);
    options.accounts.back().system_id = name;
  }
  options.cores.shards = 2;
  Site site(options);
  const auto enter = [&site](const std::string& system_id, std::uint32_t version) {
    Peer peer(site.port());
    EXPECT_EQ(peer.ask(command::bind_transmitter, 1,
                       Bind{.system_id = system_id, .interface_version = version}.body())
                  .command_status,
              status::ROK);
    return peer;
  };
  for (const std::uint32_t version : {0x33u, 0x34u, 0x50u}) {
    Peer first = enter("customer01", version), second = enter("customer02", version);
    const auto submit = [&](const SubmitSm& message) {
      return c_string_of(first.ask(command::submit_sm, 2, message.body()).body);
    };
    const std::string waiting = submit({.schedule_delivery_time = "000000010000000R"});
    const std::string over = submit({});
    std::vector<std::string> ids{waiting, over};
    if (version >= 0x50)
      ids.push_back(c_string_of(first.ask(command::broadcast_sm, 3, BroadcastSm{}.body()).body));
    for (const std::string& id : ids) {
      ASSERT_EQ(id.size(), version < 0x34 ? 8u : 16u);
      const auto foreign = questions(id, version), unknown = questions(other_digit(id), version);
      for (std::size_t i = 0; i < foreign.size(); ++i) {
        const Received one = second.ask(foreign[i].command_id, 9, foreign[i].body);
        const Received other = second.ask(unknown[i].command_id, 9, unknown[i].body);
        EXPECT_EQ(one.command_status, status::RINVMSGID) << foreign[i].command_id;
        EXPECT_EQ(one.command_status, other.command_status) << foreign[i].command_id;
        EXPECT_EQ(one.command_id, other.command_id);
        EXPECT_EQ(one.body, other.body);
      }
    }
    const Received still = first.ask(command::query_sm, 11, QuerySm{waiting}.body());
    ASSERT_EQ(still.command_status, status::ROK);
    EXPECT_EQ(still.body[still.body.size() - 2], version < 0x50 ? 1 : 0);
    EXPECT_EQ(first.ask(command::query_sm, 12, QuerySm{over}.body()).command_status, status::ROK);
    if (ids.size() > 2) {
      EXPECT_EQ(first.ask(command::query_broadcast_sm, 13, QuerySm{ids[2]}.body()).command_status,
                status::ROK);
    }
    EXPECT_EQ(
        first.ask(command::cancel_sm, 14, CancelSm{.message_id = waiting}.body()).command_status,
        status::ROK);
  }
}

// Aim: an account that asks without end hears ESME_RTHROTTLED, and nobody else does. Method: 400
// queries in one piece, at a rate of 100 a second.
TEST(Ownership, OperationRate) {
  Options options = site_options();
  options.accounts[0].operation_rate = 100;
  Site site(options);
  const auto enter = [&site](const std::string& system_id) {
    Peer peer(site.port());
    EXPECT_EQ(
        peer.ask(command::bind_transmitter, 1, Bind{.system_id = system_id}.body()).command_status,
        status::ROK);
    return peer;
  };
  Peer greedy = enter("esme"), other = enter("other");
  constexpr std::size_t count = 400;
  std::string all;
  for (std::uint32_t i = 0; i < count; ++i)
    all += pdu(command::query_sm, 100 + i, QuerySm{"0123456789abcdef"}.body());
  EXPECT_TRUE(greedy.send(all));
  EXPECT_EQ(other.ask(command::query_sm, 5, QuerySm{"0123456789abcdef"}.body()).command_status,
            status::RINVMSGID);
  ASSERT_TRUE(greedy.read_count(count));
  std::size_t throttled = 0;
  for (const Received& reply : greedy.received)
    throttled += reply.command_status == status::RTHROTTLED;
  EXPECT_GT(throttled, 0u);
  EXPECT_LT(throttled, count);
  EXPECT_EQ(site.server->counters().operations_throttled, throttled);
}

}  // namespace
}  // namespace ringgate::hostile

// A store without room: what is refused, what goes on, and what is said.
#include <gtest/gtest.h>

#include "shard/condition.h"
#include "shard_world.h"
#include "smpp/operations.h"
#include "smpp/tlv.h"

namespace ringgate::test {
namespace {

using smpp::Command;

struct Lines final : Log {
  void write(LogLevel, std::string_view line) override { lines.emplace_back(line); }
  unsigned count(std::string_view part) const {
    unsigned count = 0;
    for (const std::string& line : lines) count += line.find(part) != std::string::npos;
    return count;
  }
  std::vector<std::string> lines;
};

std::string data_pdu(std::uint32_t sequence_number, std::size_t size) {
  smpp::DataSm body;
  body.source_addr = "4477009";
  body.destination_addr = "447700900002";
  std::vector<std::uint8_t> out(size + 256);
  std::uint8_t* to = wire::encode(body, out.data());
  const std::vector<std::uint8_t> payload(size, 'x');
  to = wire::write_keyed(static_cast<std::uint16_t>(smpp::Tag::message_payload), payload, to);
  out.resize(static_cast<std::size_t>(to - out.data()));
  return pdu(Command::data_sm, sequence_number, Status::ESME_ROK, as_text(out));
}

std::string multi_pdu(std::uint32_t sequence_number, unsigned count, std::size_t size) {
  std::string body = std::string("\0\1\1", 3) + "447700900001" + '\0';
  body += static_cast<char>(count);
  for (unsigned i = 0; i < count; ++i)
    body += std::string("\1\1\1", 3) + "4477009" + std::to_string(10'000 + i) + '\0';
  body += std::string("\0\0\0\0\0\0\0\0\0\0", 10);
  std::vector<std::uint8_t> out(size + 16);
  const std::vector<std::uint8_t> payload(size, 'x');
  const std::uint8_t* const end = wire::write_keyed(
      static_cast<std::uint16_t>(smpp::Tag::message_payload), payload, out.data());
  body += as_text(Octets(out.data(), static_cast<std::size_t>(end - out.data())));
  return pdu(Command::submit_multi, sequence_number, Status::ESME_ROK, body);
}

WorldOptions of_store(Lines* lines = nullptr) {
  WorldOptions options = one_account(1, true);
  options.messages_max = 10'000;
  options.connections_max = 1'000;  // so that there is enough memory for octets
  options.log = lines;
  options.files_max = 4;
  return options;
}

// Aim: a burst that does not fit is answered at once: what fits with ESME_ROK, the rest with
// ESME_RMSGQFUL, and enquire_link, binds and closings go on. Method: pipelined submit_multi and
// payloads, many times what there is room for, in one turn.
TEST(Pressure, ABurstIsAnswered) {
  for (const bool multi : {false, true}) {
    SCOPED_TRACE(multi ? "submit_multi" : "data_sm");
    World world(of_store());
    Peer& peer = world.bound("esme");
    std::string burst;
    for (std::uint32_t i = 1; i <= 120; ++i)
      burst += multi ? multi_pdu(i, 5, 20'000) : data_pdu(i, 60'000);
    burst += pdu(Command::enquire_link, 1'000);
    world.write(peer, burst);
    unsigned ok = 0, full = 0;
    bool enquire_link = false;
    while (const auto answer = peer.next()) {
      enquire_link = enquire_link || answer->command() == Command::enquire_link_resp;
      ok += answer->command() != Command::enquire_link_resp && answer->status() == Status::ESME_ROK;
      full += answer->status() == Status::ESME_RMSGQFUL;
    }
    EXPECT_TRUE(enquire_link);
    EXPECT_GT(ok, 0U);
    EXPECT_GT(full, 0U);
    EXPECT_EQ(ok + full, 120U);
    EXPECT_TRUE(world.shard().settled());
    EXPECT_NE(world.bound("esme").link, LinkId{});
    // All of it ends, one by one.
    const auto held = world.backend.held;
    for (const FakeBackend::Held& one : held) world.report(one);
    EXPECT_EQ(world.messages_open(), 0U);
    EXPECT_TRUE(world.shard().settled());
  }
}

// Aim: a submit_multi is taken with all its destinations or not at all. Method: one that is larger
// than the store, and a smaller one behind it.
TEST(Pressure, AllDestinationsOrNone) {
  World world(of_store());
  Peer& peer = world.bound("esme");
  world.write(peer, multi_pdu(1, 200, 30'000) + multi_pdu(2, 2, 10'000));
  EXPECT_EQ(peer.next()->status(), Status::ESME_RMSGQFUL);
  EXPECT_EQ(peer.next()->status(), Status::ESME_ROK);
  EXPECT_EQ(world.backend.held.size(), 2U);
}

// Aim: an account that fills its share of the store leaves the others theirs. Method: one sends
// payloads until it is refused, and many more; then another sends some.
TEST(Pressure, OneAccountDoesNotTakeTheStore) {
  WorldOptions options = of_store();
  options.accounts.push_back(account("other"));
  World world(options);
  const auto accepted = [&](const std::string& system_id) {
    Peer& peer = world.bound(system_id);
    unsigned ok = 0;
    for (std::uint32_t i = 1; i <= 200; ++i) {
      world.write(peer, data_pdu(i, 60'000));
      const auto answer = peer.next();
      ok += answer && answer->status() == Status::ESME_ROK;
    }
    return ok;
  };
  const unsigned first = accepted("esme"), second = accepted("other");
  EXPECT_GT(first, 2U);
  EXPECT_LT(first, 200U);
  EXPECT_GE(second, first * 2 / 3);
}

// Aim: a full store says so once, and once that it has room again, however often it refuses.
// Method: refusals over many seconds, then the end of all messages.
TEST(Pressure, FullIsToldOnce) {
  Lines lines;
  World world(of_store(&lines));
  Peer& peer = world.bound("esme");
  std::uint32_t number = 0;
  for (int i = 0; i < 60; ++i) {
    world.write(peer, data_pdu(++number, 60'000));
    world.advance(seconds(1));
  }
  EXPECT_EQ(lines.count("is full: new messages get ESME_RMSGQFUL"), 1U);
  EXPECT_EQ(lines.count("room again"), 0U);
  const auto held = world.backend.held;
  ASSERT_LT(held.size(), 60U);
  for (const FakeBackend::Held& one : held) world.report(one);
  world.advance(seconds(5));
  EXPECT_EQ(lines.count("has room again"), 1U);
  EXPECT_EQ(lines.count("is full"), 1U);
}

// Aim: states that go before their time are counted, and the log hears of it once. Method: fewer
// places than messages.
TEST(Pressure, StatesThatGoEarlyAreTold) {
  Lines lines;
  WorldOptions options = of_store(&lines);
  options.states_max = 4;
  World world(options);
  Peer& peer = world.bound("esme");
  for (std::uint32_t i = 1; i <= 10; ++i) {
    world.write(peer, submit_pdu(i, 0));
    world.report(world.backend.held.back());
  }
  EXPECT_EQ(world.counters().states_lost.get(), 6U);
  EXPECT_EQ(lines.count("query_sm forgets messages early"), 1U);
}

// Aim: a condition is told at its beginning and at its end, and not more often than it calms down.
TEST(Condition, BeginsAndEnds) {
  using Change = Condition::Change;
  Condition condition(seconds(1));
  EXPECT_EQ(condition.next(0), Change::none);
  EXPECT_EQ(condition.deadline(), never);
  condition.noticed(seconds(10));
  EXPECT_EQ(condition.next(seconds(10)), Change::begins);
  condition.noticed(seconds(10) + 1);
  EXPECT_EQ(condition.next(seconds(11)), Change::none);
  EXPECT_EQ(condition.next(condition.deadline(), true), Change::none) << "it lasts";
  EXPECT_EQ(condition.next(condition.deadline()), Change::ends);
  EXPECT_EQ(condition.deadline(), never);
}

}  // namespace
}  // namespace ringgate::test

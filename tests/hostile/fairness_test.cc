// Whatever one connection sends, or ten do, its neighbours are served.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "greedy.h"
#include "patient_backend.h"
#include "pdu.h"
#include "peer.h"
#include "site.h"

namespace ringgate::hostile {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Generous: a slow machine, shared with a compiler, must not fail this. bench/neighbours measures.
constexpr milliseconds answer_max{2000};
constexpr milliseconds answer_mean_max{150};
constexpr milliseconds warm_up{500};
constexpr std::uint32_t round_trips = 100;

struct Greed {
  const char* name;
  bool bound;
  std::vector<std::size_t> connections;
  std::string octets;
};

// GoogleTest would print it octet by octet.
void PrintTo(const Greed& greed, std::ostream* out) { *out << greed.name; }

std::string unwanted_responses() {
  std::string out;
  for (std::uint32_t i = 0; i < 50; ++i)
    out += pdu(command::deliver_sm | command::resp, 0x70000000 + i, u8(0));
  return out + pdu(command::enquire_link, 7);
}

std::string submit(SubmitSm message) { return pdu(command::submit_sm, 7, message.body()); }

SubmitSm with_payload(std::size_t size) {
  return {.short_message = {}, .rest = tlv(tag::message_payload, std::string(size, 'x'))};
}

SubmitMulti to_many() {
  SubmitMulti out;
  out.destinations.clear();
  for (int i = 0; i < 254; ++i)
    out.destinations.push_back(destination("4477009000" + std::to_string(100 + i)));
  return out;
}

const Greed greeds[] = {
    {"UnwantedResponsesUnbound", false, {1, 10}, unwanted_responses()},
    {"EnquireLinkUnbound", false, {10}, pdu(command::enquire_link, 7)},
    {"UnwantedResponses", true, {1, 10}, unwanted_responses()},
    {"EnquireLink", true, {10}, pdu(command::enquire_link, 7)},
    {"Submit", true, {10}, submit({})},
    {"Payload1000", true, {1, 10}, submit(with_payload(1000))},
    {"Payload60000", true, {1, 10}, submit(with_payload(60'000))},
    {"SubmitMulti254", true, {1, 10}, pdu(command::submit_multi, 7, to_many().body())},
    {"Query", true, {10}, pdu(command::query_sm, 7, QuerySm{"0123456789abcdef"}.body())},
};

/// One parameter per number of connections.
std::vector<Greed> each_count() {
  std::vector<Greed> out;
  for (const Greed& greed : greeds)
    for (const std::size_t count : greed.connections)
      out.push_back({greed.name, greed.bound, {count}, greed.octets});
  return out;
}

class Neighbours : public testing::TestWithParam<Greed> {};

std::string bind_as(std::string system_id) {
  return pdu(command::bind_transceiver, 1, Bind{.system_id = std::move(system_id)}.body());
}

milliseconds since(steady_clock::time_point begun) {
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - begun);
}

/// One request after the other, until one is not answered in time or all together take too long.
void expect_answers(Peer& peer, std::uint32_t count) {
  const auto all_begun = steady_clock::now();
  milliseconds longest{0};
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto begun = steady_clock::now();
    const Received answer = i % 2 == 0 ? peer.ask(command::enquire_link, 10 + i)
                                       : peer.ask(command::submit_sm, 10 + i, SubmitSm{}.body());
    longest = std::max(longest, since(begun));
    ASSERT_EQ(answer.command_status, status::ROK) << "request " << i;
    ASSERT_LE(longest, answer_max) << "request " << i;
    ASSERT_LE(since(all_begun), answer_mean_max * count) << "after " << i << " requests";
    for (const Received& one : std::exchange(peer.received, {}))
      if (one.command_id == command::enquire_link)
        peer.send(pdu(command::enquire_link | command::resp, one.sequence_number));
  }
}

// Aim: whatever one connection or ten send at full speed, a neighbour that was there before and one
// that comes meanwhile get every answer in time and are not dropped. Method: a hundred round trips
// of each; timers are short, so that whoever starves is ended for silence.
TEST_P(Neighbours, AreServed) {
  const Greed& greed = GetParam();
  Options options = site_options();
  options.limits.enquire_link_ms = 1000;
  options.limits.response_ms = 2000;
  options.limits.session_init_ms = 120'000;
  PatientBackend backend(true);
  std::string error;
  const auto server = Server::start(options, backend, nullptr, error);
  ASSERT_NE(server, nullptr) << error;

  Peer before(server->port());
  ASSERT_EQ(
      before.ask(command::bind_transceiver, 1, Bind{.system_id = "other"}.body()).command_status,
      status::ROK);
  const Greedy crowd(server->port(), greed.connections.front(),
                     greed.bound ? bind_as("esme") : std::string(), greed.octets);
  std::this_thread::sleep_for(warm_up);

  expect_answers(before, round_trips);
  EXPECT_FALSE(before.closed());
  const auto begun = steady_clock::now();
  Peer during(server->port());
  EXPECT_EQ(
      during.ask(command::bind_transceiver, 1, Bind{.system_id = "other"}.body()).command_status,
      status::ROK);
  EXPECT_LE(since(begun), answer_max);
  expect_answers(during, round_trips);
  EXPECT_FALSE(during.closed());
  EXPECT_EQ(crowd.ended(), 0u);
  RecordProperty("greedy_octets", std::to_string(crowd.octets_sent()));
}

INSTANTIATE_TEST_SUITE_P(Greedy, Neighbours, testing::ValuesIn(each_count()), [](const auto& test) {
  return test.param.name + ("By" + std::to_string(test.param.connections.front()));
});

}  // namespace
}  // namespace ringgate::hostile

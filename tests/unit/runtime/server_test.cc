#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <ringgate/server.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <set>
#include <span>
#include <thread>

#include "backend/sim/simulator.h"
#include "client.h"
#include "smpp/operations.h"

namespace ringgate::runtime {
namespace {

using smpp::Command;
using test::Pdu;

using test::Client;
using test::patience_ms;

Options options_with_hash(unsigned shards) {
  Options options;
  options.cores.shards = shards;
  options.listen.push_back({"127.0.0.1", 0});
  options.limits.max_connections = 64;
  options.limits.max_open_messages = 10'000;
  AccountOptions account;
  account.system_id = "esme";
  account.password = "secret";
  options.accounts.push_back(account);
  AccountOptions hashed;
  hashed.system_id = "hashed";
  hashed.password_hash =
      "$6$ringgate$5.p3L1cKJGlAKld7IFRyxEm6H.ZYTlv04Evr4wELqi6ElX/"
      "Pft0IS.D3baERGNFzxG9ynLhr4GNahPY3THcDt/";
  options.accounts.push_back(hashed);
  NumberOptions number;
  number.prefix = "5550";
  number.account = "esme";
  options.numbers.push_back(number);
  return options;
}

SimOptions at_once() {
  SimOptions options;
  options.delay_ms = 1;
  return options;
}

bool eventually(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

/// Takes submits and leaves the answers to others.
struct Collector final : Backend {
  void on_submits(std::span<const Submit> submits, Now, Replies&) noexcept override {
    const std::scoped_lock lock(mutex);
    for (const Submit& submit : submits) tickets.push_back(submit.ticket);
  }
  void on_operations(std::span<const Operation> asked, Now, Replies&) noexcept override {
    const std::scoped_lock lock(mutex);
    for (const Operation& operation : asked) operations.push_back(operation.ticket);
  }
  void on_delivered(std::span<const Delivered> ended, Replies&) noexcept override {
    const std::scoped_lock lock(mutex);
    for (const Delivered& one : ended) delivered.push_back({one.id, one.result});
  }
  Ticket last_ticket() {
    const std::scoped_lock lock(mutex);
    return tickets.back();
  }
  /// Forgets it, so that the next one shows.
  OperationTicket last_operation() {
    const std::scoped_lock lock(mutex);
    const OperationTicket last = operations.back();
    operations.clear();
    return last;
  }
  std::mutex mutex;
  std::vector<Ticket> tickets;
  std::vector<OperationTicket> operations;
  std::vector<std::pair<MessageId, DeliverResult>> delivered;
};

struct Shards {
  unsigned count;
  unsigned busy_poll_us;
};

class ServerTest : public testing::TestWithParam<Shards> {
 protected:
  void start(Backend& backend) {
    std::string error;
    Options options = options_with_hash(GetParam().count);
    options.cores.busy_poll_us = GetParam().busy_poll_us;
    server_ = Server::start(options, backend, nullptr, error);
    ASSERT_NE(server_, nullptr) << error;
    ASSERT_NE(server_->port(), 0);
  }

  // The server goes first.
  Simulator simulator_{at_once(), 10'000};
  Collector collector_;
  std::unique_ptr<Server> server_;
};

// Aim: the whole way over real sockets: bind, submit, response, receipt, unbind, counters. Method:
// four clients in turn, so that with two shards both are used.
TEST_P(ServerTest, BindSubmitReceipt) {
  start(simulator_);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 4; ++i) {
    Client& client = *clients.emplace_back(std::make_unique<Client>(server_->port()));
    ASSERT_TRUE(client.connected());
    ASSERT_EQ(client.bind(Command::bind_transceiver, "esme", "secret"), Status::ESME_ROK);
  }
  std::set<std::string> ids;
  for (auto& client : clients) {
    std::string burst;
    for (std::uint32_t i = 0; i < 50; ++i) burst += test::submit_pdu(100 + i);
    client->write(burst);
  }
  unsigned responses = 0;
  unsigned receipts = 0;
  std::set<std::string> receipted;
  for (auto& client : clients) {
    // The submitting bind is idle and preferred, so each client gets its own receipts.
    for (int i = 0; i < 100; ++i) {
      const Pdu pdu = client->read();
      if (pdu.command() == Command::submit_sm_resp) {
        ASSERT_EQ(pdu.status(), Status::ESME_ROK);
        ASSERT_TRUE(ids.insert(pdu.message_id()).second);
        ++responses;
      } else {
        ASSERT_EQ(pdu.command(), Command::deliver_sm);
        receipted.insert(pdu.receipted_id());
        client->write(test::pdu(Command::deliver_sm_resp, pdu.sequence_number(), Status::ESME_ROK,
                                std::string_view("\0", 1)));
        ++receipts;
      }
    }
  }
  EXPECT_EQ(responses, 200U);
  EXPECT_EQ(receipts, 200U);
  EXPECT_EQ(ids, receipted);
  EXPECT_TRUE(eventually([&] { return server_->counters().messages_open == 0; }));
  clients[0]->write(test::pdu(Command::unbind, 999));
  EXPECT_EQ(clients[0]->read().command(), Command::unbind_resp);
  const Counters counters = server_->counters();
  EXPECT_EQ(counters.connections, 4U);
  EXPECT_EQ(counters.binds_ok, 4U);
  EXPECT_EQ(counters.submits_ok, 200U);
  EXPECT_EQ(counters.delivers_ok, 200U);
}

// Aim: wrong credentials are refused and the connection ends; a hashed password works through the
// pool. Method: plain and hashed account, right and wrong.
TEST_P(ServerTest, Credentials) {
  start(simulator_);
  {
    Client client(server_->port());
    EXPECT_EQ(client.bind(Command::bind_transceiver, "esme", "wrong"), Status::ESME_RBINDFAIL);
    EXPECT_TRUE(client.closed());
  }
  {
    Client client(server_->port());
    EXPECT_EQ(client.bind(Command::bind_receiver, "hashed", "tiger"), Status::ESME_ROK);
  }
  {
    Client client(server_->port());
    EXPECT_EQ(client.bind(Command::bind_receiver, "hashed", "lion"), Status::ESME_RBINDFAIL);
  }
}

// Aim: a server may go while passwords are being compared. Method: binds whose comparisons are
// under way and queued when it stops; the sanitizers judge.
TEST_P(ServerTest, StopDuringPasswordChecks) {
  start(simulator_);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<Client>(server_->port()));
    clients.back()->write(test::bind_pdu(Command::bind_transceiver, "hashed", "lion"));
  }
  ASSERT_TRUE(eventually([&] { return server_->counters().pdus_in >= 20; }));
  server_.reset();
}

// Aim: stop() tells every bound client unbind, waits for the answer, and closes. Method: one client
// that answers, one that does not, one that never bound.
TEST_P(ServerTest, StopUnbinds) {
  start(simulator_);
  Client answers(server_->port());
  Client ignores(server_->port());
  Client unbound(server_->port());
  ASSERT_EQ(answers.bind(Command::bind_transceiver, "esme", "secret"), Status::ESME_ROK);
  ASSERT_EQ(ignores.bind(Command::bind_transmitter, "esme", "secret"), Status::ESME_ROK);
  ASSERT_TRUE(eventually([&] { return server_->counters().connections_open == 3; }));
  std::thread client([&] {
    const Pdu unbind = answers.read();
    EXPECT_EQ(unbind.command(), Command::unbind);
    answers.write(test::pdu(Command::unbind_resp, unbind.sequence_number()));
    EXPECT_TRUE(answers.closed());
  });
  const auto begun = std::chrono::steady_clock::now();
  server_->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(8));
  client.join();
  EXPECT_EQ(ignores.read().command(), Command::unbind);
  EXPECT_TRUE(ignores.closed());
  EXPECT_TRUE(unbound.closed());
  server_->stop();  // A second time is harmless.
}

// Aim: replies() from a foreign thread reaches the message's shard: late answer, report before the
// answer, and a ticket used twice. Method: a backend that only collects.
TEST_P(ServerTest, RepliesFromAnotherThread) {
  start(collector_);
  Client client(server_->port());
  ASSERT_EQ(client.bind(Command::bind_transceiver, "esme", "secret"), Status::ESME_ROK);
  client.write(test::submit_pdu(5));
  ASSERT_TRUE(eventually([&] {
    const std::scoped_lock lock(collector_.mutex);
    return !collector_.tickets.empty();
  }));
  const Ticket ticket = collector_.tickets.front();
  server_->replies().report(ticket, {MessageState::delivered, 0});
  server_->replies().answer(ticket, Status::ESME_ROK);
  server_->replies().answer(ticket, Status::ESME_RSYSERR);
  const Pdu response = client.read();
  EXPECT_EQ(response.command(), Command::submit_sm_resp);
  EXPECT_EQ(response.status(), Status::ESME_ROK);
  const Pdu receipt = client.read();
  EXPECT_EQ(receipt.command(), Command::deliver_sm);
  EXPECT_EQ(receipt.receipted_id(), response.message_id());
  client.write(test::pdu(Command::deliver_sm_resp, receipt.sequence_number(), Status::ESME_ROK,
                         std::string_view("\0", 1)));
  EXPECT_TRUE(eventually([&] { return server_->counters().messages_open == 0; }));
}

// Aim: what overflows the sockets' buffers is neither lost nor reordered. Method: 5,000 submits in
// one go, read only after all of them were written.
TEST_P(ServerTest, ManyAtOnce) {
  start(simulator_);
  Client client(server_->port());
  ASSERT_EQ(client.bind(Command::bind_transmitter, "esme", "secret"), Status::ESME_ROK);
  std::string burst;
  for (std::uint32_t i = 1; i <= 5'000; ++i) burst += test::submit_pdu(i, 0);
  client.write(burst);
  for (std::uint32_t i = 1; i <= 5'000; ++i) {
    const Pdu pdu = client.read();
    ASSERT_EQ(pdu.command(), Command::submit_sm_resp);
    ASSERT_EQ(pdu.sequence_number(), i);
    ASSERT_EQ(pdu.status(), Status::ESME_ROK);
  }
}

// Aim: a foreign thread delivers messages and alerts to the account that owns a number, and hears
// of the end on the shard. Method: a receiver that answers.
TEST_P(ServerTest, DeliverFromAnotherThread) {
  start(collector_);
  Client client(server_->port());
  ASSERT_EQ(client.bind(Command::bind_receiver, "esme", "secret"), Status::ESME_ROK);
  Deliver message;
  message.source = {1, 1, "4917"};
  message.destination = {1, 1, "55501"};
  message.text = as_octets(std::string_view("hello"));
  MessageId id;
  ASSERT_EQ(server_->replies().deliver(message, id), Routed::ok);
  const Pdu pdu = client.read();
  EXPECT_EQ(pdu.command(), Command::deliver_sm);
  EXPECT_NE(pdu.body.find("hello"), std::string::npos);
  client.write(test::pdu(Command::deliver_sm_resp, pdu.sequence_number(), Status::ESME_ROK,
                         std::string_view("\0", 1)));
  EXPECT_TRUE(eventually([&] {
    const std::scoped_lock lock(collector_.mutex);
    return collector_.delivered ==
           std::vector<std::pair<MessageId, DeliverResult>>{{id, DeliverResult::delivered}};
  }));
  Alert alert;
  alert.source = {1, 1, "4917"};
  alert.esme = {1, 1, "55501"};
  EXPECT_EQ(server_->replies().alert(alert), Routed::ok);
  EXPECT_EQ(client.read().command(), Command::alert_notification);
  message.destination.text = "1";
  EXPECT_EQ(server_->replies().deliver(message, id), Routed::no_account);
  alert.esme.text = "1";
  EXPECT_EQ(server_->replies().alert(alert), Routed::no_account);
  EXPECT_EQ(server_->counters().mo_accepted, 1U);
  EXPECT_EQ(server_->counters().alerts_sent, 1U);
}

// Aim: a foreign thread answers operations. Method: a query of a message on either shard.
TEST_P(ServerTest, OperationFromAnotherThread) {
  start(collector_);
  for (int round = 0; round < 3; ++round) {
    Client client(server_->port());
    ASSERT_EQ(client.bind(Command::bind_transmitter, "esme", "secret"), Status::ESME_ROK);
    client.write(test::submit_pdu(8));
    ASSERT_TRUE(eventually([&] {
      const std::scoped_lock lock(collector_.mutex);
      return collector_.tickets.size() == static_cast<std::size_t>(round) + 1;
    }));
    server_->replies().answer(collector_.tickets.back(), Status::ESME_ROK);
    smpp::QuerySm body;
    const std::string id = client.read().message_id();
    body.message_id = id;
    client.write(test::encoded(Command::query_sm, 9, body));
    ASSERT_TRUE(eventually([&] {
      const std::scoped_lock lock(collector_.mutex);
      return collector_.operations.size() == static_cast<std::size_t>(round) + 1;
    }));
    OperationAnswer answer;
    answer.state = MessageState::enroute;
    server_->replies().answer(collector_.operations.back(), answer);
    const Pdu response = client.read();
    EXPECT_EQ(response.command(), Command::query_sm_resp);
    EXPECT_EQ(response.status(), Status::ESME_ROK);
    EXPECT_EQ(response.message_id(), id);
  }
}

// Aim: an ESME that listens is asked for a bind, and binds on the connection that was made. Method:
// a listening socket here; then an address where nobody listens, and names that do not fit.
TEST_P(ServerTest, Outbind) {
  start(simulator_);
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(listener, 4), 0);
  ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  OutbindOptions options;
  options.address = "127.0.0.1";
  options.port = ntohs(address.sin_port);
  options.system_id = "Ringgate";
  options.password = "pw";
  EXPECT_EQ(server_->outbind(options), "");
  {
    Client client(accept(listener, nullptr, nullptr), Client::Accepted{});
    const Pdu asked = client.read();
    EXPECT_EQ(asked.command(), Command::outbind);
    EXPECT_EQ(asked.body, std::string("Ringgate\0pw\0", 12));
    EXPECT_EQ(client.bind(Command::bind_receiver, "esme", "secret"), Status::ESME_ROK);
  }
  close(listener);
  EXPECT_NE(server_->outbind(options), "");
  options.password = "too long for it";
  EXPECT_NE(server_->outbind(options), "");
}

// Aim: what nobody has taken at the end is freed, and who still speaks to a server that has ended
// is neither heard nor held up. Method: messages before and after stop(); the address sanitizer
// judges.
TEST_P(ServerTest, DeliverAroundStop) {
  start(collector_);
  Deliver message;
  message.source = {1, 1, "4917"};
  message.destination = {1, 1, "55501"};
  MessageId id;
  for (int i = 0; i < 100; ++i) server_->replies().deliver(message, id);
  server_->stop();
  for (int i = 0; i < 100'000; ++i) server_->replies().deliver(message, id);
}

INSTANTIATE_TEST_SUITE_P(Shards, ServerTest,
                         testing::Values(Shards{1, 0}, Shards{2, 0}, Shards{2, 1000}));

// Aim: messages that an earlier version accepted, whose ids are their sequence, keep these when ids
// begin to be permuted, and so do permuted ones over a restart: they are found by them, by a 3.3
// client too, and no id comes twice. Method: three runs on one data directory, the first without
// permutation; a backend that never reports, so that everything stays open.
TEST(ServerRestart, IdsOfEarlierRuns) {
  char directory[] = "/tmp/ringgate-ids-XXXXXX";
  ASSERT_NE(mkdtemp(directory), nullptr);
  Options options = options_with_hash(2);
  options.node.data_dir = directory;
  options.store.mode = StoreMode::journal;
  options.store.segment_bytes = 1 << 20;
  options.store.max_bytes = 16 << 20;
  options.limits.drain_ms = 0;
  std::vector<std::pair<std::uint8_t, std::string>> known;
  for (int run = 0; run < 3; ++run) {
    options.node.permuted_ids = run != 0;
    Collector collector;
    std::string error;
    const auto server = Server::start(options, collector, nullptr, error);
    ASSERT_NE(server, nullptr) << error;
    EXPECT_EQ(std::filesystem::exists(std::string(directory) + "/id.key"), run != 0);
    for (const std::uint8_t version : {std::uint8_t{0x33}, std::uint8_t{0x34}}) {
      Client client(server->port());
      client.write(test::bind_pdu(Command::bind_transmitter, "esme", "secret", 1, version));
      ASSERT_EQ(client.read().status(), Status::ESME_ROK);
      for (const auto& [of_version, id] : known) {
        if (of_version != version) continue;
        smpp::QuerySm body;
        body.message_id = id;
        client.write(test::encoded(Command::query_sm, 9, body));
        ASSERT_TRUE(eventually([&] {
          const std::scoped_lock lock(collector.mutex);
          return !collector.operations.empty();
        })) << "the backend is not asked about "
            << id << " in run " << run;
        server->replies().answer(collector.last_operation(), OperationAnswer{});
        EXPECT_EQ(client.read().message_id(), id);
      }
      const auto taken = [&] {
        const std::scoped_lock lock(collector.mutex);
        return collector.tickets.size();
      };
      const std::size_t before = taken();
      client.write(test::submit_pdu(5));
      ASSERT_TRUE(eventually([&] { return taken() > before; }));
      server->replies().answer(collector.last_ticket(), Status::ESME_ROK);
      const std::string id = client.read().message_id();
      ASSERT_EQ(id.size(), version < 0x34 ? 8U : 16U);
      for (const auto& one : known) EXPECT_NE(one.second, id);
      known.emplace_back(version, id);
    }
    if (run != 2) continue;
    // Receipts say what the responses said.
    Client client(server->port());
    client.write(test::bind_pdu(Command::bind_receiver, "esme", "secret", 1, 0x33));
    ASSERT_EQ(client.read().status(), Status::ESME_ROK);
    for (const Ticket ticket : collector.tickets)
      server->replies().report(ticket, {MessageState::delivered, 0});
    std::set<std::string> receipted;
    for (std::size_t i = 0; i < known.size(); ++i) {
      const Pdu receipt = client.read();
      receipted.insert(receipt.receipted_id());
      client.write(test::pdu(Command::deliver_sm_resp, receipt.sequence_number(), Status::ESME_ROK,
                             std::string_view("\0", 1)));
    }
    for (const auto& [version, id] : known) {
      if (version < 0x34) {
        EXPECT_TRUE(receipted.contains(id)) << id;
      }
    }
  }
  std::ofstream(std::string(directory) + "/id.key") << "no key";
  Collector collector;
  std::string error;
  EXPECT_EQ(Server::start(options, collector, nullptr, error), nullptr);
  EXPECT_NE(error.find("id.key is damaged"), std::string::npos) << error;
  std::filesystem::remove_all(directory);
}

// Aim: a port in use is named in the error, and nothing is left behind.
TEST(ServerStart, BusyPort) {
  Simulator simulator(at_once(), 10);
  std::string error;
  auto first = Server::start(options_with_hash(1), simulator, nullptr, error);
  ASSERT_NE(first, nullptr) << error;
  Options options = options_with_hash(1);
  options.listen[0].port = first->port();
  Simulator second_simulator(at_once(), 10);
  EXPECT_EQ(Server::start(options, second_simulator, nullptr, error), nullptr);
  EXPECT_NE(error.find(std::to_string(first->port())), std::string::npos) << error;
  EXPECT_NE(error.find("in use"), std::string::npos) << error;
  EXPECT_EQ(error.find('\n'), std::string::npos) << error;
}

// Aim: a shard that cannot be set up makes start fail with an explanation instead of hanging, also
// when an earlier shard is ready already. Method: others in this process have taken descriptors, so
// that start ends at each point in turn.
TEST(ServerStart, OutOfDescriptors) {
  const Options options = options_with_hash(2);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit tight{Server::descriptors_needed(options), before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
  std::vector<int> taken;
  for (int fd = dup(0); fd >= 0; fd = dup(0)) taken.push_back(fd);
  bool started = false;
  for (unsigned free = 0; free < 40 && !started; ++free) {
    Simulator simulator(at_once(), 10);
    std::string error;
    auto server = Server::start(options, simulator, nullptr, error);
    started = server != nullptr;
    EXPECT_NE(started, !error.empty()) << error;
    ASSERT_FALSE(taken.empty());
    close(taken.back());
    taken.pop_back();
  }
  for (const int fd : taken) close(fd);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(started);
}

// Aim: a limit that will not do is told at start, not by the connection that finds no descriptor.
// Method: one less than needed, and as many as needed.
TEST(ServerStart, TooFewDescriptors) {
  const Options options = options_with_hash(2);
  const std::uint64_t needed = Server::descriptors_needed(options);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  for (const std::uint64_t limit : {needed - 1, needed}) {
    const rlimit tight{limit, before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
    Simulator simulator(at_once(), 10);
    std::string error;
    const auto server = Server::start(options, simulator, nullptr, error);
    EXPECT_EQ(server != nullptr, limit == needed) << error;
    if (limit == needed) continue;
    EXPECT_NE(error.find("limits.max_connections is 64"), error.npos) << error;
    EXPECT_NE(error.find("needs " + std::to_string(needed) + " "), error.npos) << error;
    EXPECT_NE(error.find("only " + std::to_string(limit) + ";"), error.npos) << error;
    EXPECT_EQ(error.find('\n'), error.npos) << error;
  }
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
}

/// Keeps the shards of some clients busy, by enquire_link, until its end.
class Busy {
 public:
  explicit Busy(std::span<const std::unique_ptr<Client>> clients) : clients_(clients) {
    thread_ = std::thread([this] { run(); });
  }
  ~Busy() {
    stop_ = true;
    thread_.join();
  }

 private:
  static constexpr std::uint32_t at_once = 100;

  void run() {
    std::string burst;
    for (std::uint32_t i = 0; i < at_once; ++i) burst += test::pdu(Command::enquire_link, 10 + i);
    while (!stop_) {
      for (auto& client : clients_) client->write(burst);
      for (auto& client : clients_)
        for (std::uint32_t i = 0; i < at_once; ++i) client->read();
    }
  }

  const std::span<const std::unique_ptr<Client>> clients_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

// Aim: every place that max_connections promises can be taken, whichever shards are busy, and is
// there again when everybody has left. Method: four shards, of which three are so busy that all who
// come belong on the fourth, which has no room for them all; then once more on the idle server.
TEST(ServerPlaces, AllCanBeTakenTwice) {
  constexpr std::size_t places = 400;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit wide{std::min<rlim_t>(before.rlim_max, 2 * places + 200), before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &wide), 0);
  Options options = options_with_hash(4);
  options.limits.max_connections = places;
  Simulator simulator(at_once(), 10);
  std::string error;
  auto server = Server::start(options, simulator, nullptr, error);
  ASSERT_NE(server, nullptr) << error;

  std::vector<std::unique_ptr<Client>> clients;
  clients.reserve(places);  // Some are in use on another thread while more come.
  const auto fill = [&](std::size_t count) {
    std::size_t bound = 0;
    while (clients.size() < count) {
      Client& client = *clients.emplace_back(std::make_unique<Client>(server->port()));
      client.write(test::bind_pdu(Command::bind_transceiver, "esme", "secret"));
      const Pdu answer = client.read();
      if (answer.command() == Command::bind_transceiver_resp && answer.status() == Status::ESME_ROK)
        ++bound;
    }
    return bound;
  };
  EXPECT_EQ(fill(4), 4U);
  {
    const std::span<const std::unique_ptr<Client>> all(clients);
    const Busy busy(all.first(3));
    // Rates are averages over about a second, and sampled when somebody comes.
    for (int i = 0; i < 4; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      EXPECT_EQ(fill(clients.size() + 1), 1U);
    }
    EXPECT_EQ(fill(places), places - 8);
  }
  clients.clear();
  EXPECT_TRUE(eventually([&] { return server->counters().connections_open == 0; }));
  EXPECT_EQ(fill(places), places);
  clients.clear();
  server.reset();
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
}

}  // namespace
}  // namespace ringgate::runtime

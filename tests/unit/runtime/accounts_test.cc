// Accounts that change under a server that runs, and a gate with threads of its own (for
// ThreadSanitizer too).
#include <gtest/gtest.h>
#include <ringgate/server.h>

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "backend/sim/simulator.h"
#include "client.h"

namespace ringgate::runtime {
namespace {

using smpp::Command;
using test::Client;

AccountOptions account(std::string system_id) {
  AccountOptions out;
  out.system_id = std::move(system_id);
  out.password = "secret";
  return out;
}

NumberOptions number(std::string prefix, std::string owner) {
  NumberOptions out;
  out.prefix = std::move(prefix);
  out.account = std::move(owner);
  return out;
}

Options two_shards() {
  Options options;
  options.cores.shards = 2;
  options.listen.push_back({"127.0.0.1", 0});
  options.limits.max_connections = 64;
  options.limits.max_open_messages = 10'000;
  options.accounts = {account("stays"), account("flickers")};
  options.numbers = {number("5550", "stays"), number("5551", "flickers")};
  return options;
}

SimOptions at_once() {
  SimOptions options;
  options.delay_ms = 1;
  return options;
}

/// A simulator that changes accounts where nobody may.
struct Misuser final : Backend {
  void on_submits(std::span<const Submit> submits, Now, Replies& replies) noexcept override {
    AccountsDiff diff;
    said = server.load()->update_accounts({}, diff);
    for (const Submit& submit : submits) replies.answer(submit.ticket, Status::ESME_ROK);
  }
  std::atomic<Server*> server = nullptr;
  std::string said;
};

// Aim: changes, messages of subscribers and submits from three threads at once lose nothing and
// race with nothing. Method: one thread swaps accounts and numbers, one hands over MOs, and a
// client that stays submits all the while.
TEST(Accounts, ChangeUnderTraffic) {
  Simulator simulator(at_once(), 10'000);
  std::string error;
  const auto server = Server::start(two_shards(), simulator, nullptr, error);
  ASSERT_NE(server, nullptr) << error;
  Client client(server->port());
  ASSERT_EQ(client.bind(Command::bind_transceiver, "stays", "secret"), Status::ESME_ROK);

  std::atomic<bool> ended = false;
  std::atomic<unsigned> faults = 0;
  std::thread changes([&] {
    for (unsigned i = 0; !ended; ++i) {
      AccountsUpdate update;
      AccountOptions flickers = account("flickers");
      flickers.enabled = i % 2 == 0;
      AccountOptions stays = account("stays");
      stays.deliver_window = 1 + i % 7;
      update.put = {flickers, stays, account("new" + std::to_string(i % 50))};
      if (i % 3 == 0) update.numbers = {number("5550", "stays"), number("5551", "flickers")};
      AccountsDiff diff;
      if (!server->update_accounts(update, diff).empty()) ++faults;
    }
  });
  std::thread subscribers([&] {
    for (unsigned i = 0; !ended; ++i) {
      Deliver message;
      message.source = {1, 1, "4917"};
      message.destination = {1, 1, i % 2 == 0 ? "55501" : "55511"};
      const std::uint8_t text[] = {'h', 'i'};
      message.text = text;
      MessageId id;
      const Routed routed = server->replies().deliver(message, id);
      if (routed != Routed::ok && routed != Routed::full) ++faults;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  unsigned responses = 0;
  unsigned receipts = 0;
  constexpr unsigned rounds = 20;
  for (std::uint32_t round = 0; round < rounds; ++round) {
    std::string burst;
    for (std::uint32_t i = 0; i < 20; ++i) burst += test::submit_pdu(1'000 + round * 20 + i);
    client.write(burst);
    while (responses < (round + 1) * 20 || receipts < (round + 1) * 20) {
      const test::Pdu pdu = client.read();
      ASSERT_NE(pdu.command(), Command::generic_nack) << responses << " " << receipts;
      if (pdu.command() == Command::submit_sm_resp) {
        ASSERT_EQ(pdu.status(), Status::ESME_ROK);
        ++responses;
      } else if (pdu.command() == Command::deliver_sm) {
        if (pdu.receipted_id() != "no id") ++receipts;
        client.write(test::pdu(Command::deliver_sm_resp, pdu.sequence_number(), Status::ESME_ROK,
                               std::string_view("\0", 1)));
      }
    }
  }
  ended = true;
  changes.join();
  subscribers.join();
  EXPECT_EQ(faults, 0U);
  EXPECT_EQ(responses, rounds * 20);
  EXPECT_EQ(server->counters().misrouted, 0U);
}

// Aim: a change says what it did, or what is wrong with it, and then does nothing.
TEST(Accounts, Diffs) {
  Simulator simulator(at_once(), 10'000);
  std::string error;
  const auto server = Server::start(two_shards(), simulator, nullptr, error);
  ASSERT_NE(server, nullptr) << error;
  AccountsDiff diff;
  EXPECT_EQ(server->update_accounts({{account("stays")}, {}, {}}, diff), "");
  EXPECT_TRUE(diff.empty()) << "the same as before";
  AccountOptions changed = account("stays");
  changed.max_binds = 3;
  EXPECT_EQ(server->update_accounts({{changed, account("new")}, {}, {}}, diff), "");
  EXPECT_EQ(diff.added, std::vector<std::string>{"new"});
  EXPECT_EQ(diff.changed, std::vector<std::string>{"stays"});
  EXPECT_FALSE(diff.numbers);

  EXPECT_EQ(server->update_accounts({{}, {"nobody"}, {}}, diff),
            "\"nobody\" is no account's system_id");
  EXPECT_EQ(server->update_accounts({{}, {"flickers"}, {}}, diff),
            "number[1].account \"flickers\" is no account's system_id");
  changed.rate = -1;
  EXPECT_NE(server->update_accounts({{changed}, {}, {}}, diff), "");
  EXPECT_EQ(diff.added, std::vector<std::string>{"new"}) << "of the last that was done";

  EXPECT_EQ(server->update_accounts({{}, {"flickers"}, std::vector{number("5550", "stays")}}, diff),
            "");
  EXPECT_EQ(diff.removed, std::vector<std::string>{"flickers"});
  EXPECT_TRUE(diff.numbers);
  EXPECT_EQ(server->set_accounts({account("only")}, {}, diff), "");
  EXPECT_EQ(diff.removed, (std::vector<std::string>{"stays", "new"}));
  EXPECT_EQ(Client(server->port()).bind(Command::bind_transceiver, "only", "secret"),
            Status::ESME_ROK);
  server->stop();
  EXPECT_EQ(server->set_accounts({account("late")}, {}, diff), "") << "nobody is left to tell";
}

// Aim: on a shard's thread, where a change would wait for itself, it is refused.
TEST(Accounts, NotOnAShardsThread) {
  Misuser backend;
  std::string error;
  const auto server = Server::start(two_shards(), backend, nullptr, error);
  ASSERT_NE(server, nullptr) << error;
  backend.server = server.get();
  auto client = std::make_unique<Client>(server->port());
  ASSERT_EQ(client->bind(Command::bind_transceiver, "stays", "secret"), Status::ESME_ROK);
  client->write(test::submit_pdu(2, 0));
  EXPECT_EQ(client->read().status(), Status::ESME_ROK);
  client.reset();
  server->stop();
  EXPECT_EQ(backend.said, "accounts: not on a shard's thread, which may not wait");
}

/// Decides on a thread of its own, each bind a while after it has come.
class SlowGate final : public Gate {
 public:
  ~SlowGate() override { end(); }
  void end() {
    ended_ = true;
    if (thread_.joinable()) thread_.join();
  }
  void on_start(unsigned, const std::shared_ptr<Verdicts>& verdicts) noexcept override {
    verdicts_ = verdicts;
    thread_ = std::thread([this] {
      while (!ended_) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        std::deque<std::pair<SessionId, bool>> waiting;
        {
          const std::scoped_lock lock(mutex_);
          waiting.swap(waiting_);
        }
        for (const auto& [session, good] : waiting)
          verdicts_->decide({session, good ? Status::ESME_ROK : Status::ESME_RINVPASWD, "stays"});
      }
    });
  }
  void on_binds(std::span<const BindRequest> binds, Now, Verdicts&) noexcept override {
    const std::scoped_lock lock(mutex_);
    for (const BindRequest& bind : binds)
      waiting_.emplace_back(bind.session, bind.password == "good");
  }
  void on_closed(std::span<const Closed> sessions) noexcept override { closed += sessions.size(); }

  Verdicts& verdicts() { return *verdicts_; }
  std::atomic<std::size_t> closed = 0;

 private:
  std::mutex mutex_;
  std::deque<std::pair<SessionId, bool>> waiting_;
  std::shared_ptr<Verdicts> verdicts_;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

// Aim: a storm of binds whose verdicts take 50 ms is decided, each for itself, while who is bound
// already is served. Method: 40 clients bind at once, one in four with a wrong password; one that
// was there submits meanwhile.
TEST(GateOfThreads, ABindStorm) {
  Simulator simulator(at_once(), 10'000);
  SlowGate gate;
  std::string error;
  Options options = two_shards();
  options.limits.max_connections = 256;
  auto server = Server::start(options, simulator, nullptr, error, &gate);
  ASSERT_NE(server, nullptr) << error;
  auto early = std::make_unique<Client>(server->port());
  ASSERT_EQ(early->bind(Command::bind_transceiver, "whoever", "good"), Status::ESME_ROK);
  std::vector<std::unique_ptr<Client>> clients;
  for (unsigned i = 0; i < 40; ++i) {
    clients.push_back(std::make_unique<Client>(server->port()));
    clients.back()->write(
        test::bind_pdu(Command::bind_transmitter, "whoever", i % 4 == 0 ? "bad" : "good"));
  }
  early->write(test::submit_pdu(2, 0));
  EXPECT_EQ(early->read().status(), Status::ESME_ROK);
  for (unsigned i = 0; i < 40; ++i)
    EXPECT_EQ(clients[i]->read().status(), i % 4 == 0 ? Status::ESME_RINVPASWD : Status::ESME_ROK);
  clients.clear();
  early.reset();
  server->stop();
  EXPECT_EQ(gate.closed, 41U) << "the last word of each";
  server.reset();
  EXPECT_EQ(gate.verdicts().decide({{1}, Status::ESME_ROK, "stays"}), Posted::gone)
      << "the server is no more";
  EXPECT_EQ(gate.verdicts().decide({{~std::uint64_t{0}}, Status::ESME_ROK, "stays"}),
            Posted::misuse);
}

}  // namespace
}  // namespace ringgate::runtime

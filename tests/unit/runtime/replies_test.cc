// Aim: whatever a program does with the public interface, and from whatever thread, the server goes
// on and ends. Method: real servers, backends and tickets that misuse it.
#include <gtest/gtest.h>
#include <ringgate/server.h>
#include <sys/resource.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/prng.h"
#include "client.h"
#include "smpp/operations.h"

namespace ringgate::runtime {
namespace {

using smpp::Command;
using test::Client;
using test::Pdu;

Options options_for(unsigned shards) {
  Options options;
  options.cores.shards = shards;
  options.listen.push_back({"127.0.0.1", 0});
  options.limits.max_connections = 64;
  options.limits.max_open_messages = 10'000;
  options.accounts.emplace_back();
  options.accounts.back().system_id = "esme";
  options.accounts.back().password = "secret";
  options.numbers.emplace_back();
  options.numbers.back().prefix = "5550";
  options.numbers.back().account = "esme";
  return options;
}

/// Takes submits and operations, and leaves the answers to others.
struct Keeper : Backend {
  void on_start(unsigned, Now, const std::shared_ptr<Replies>& given) noexcept override {
    replies = given;
  }
  void on_submits(std::span<const Submit> submits, Now, Replies&) noexcept override {
    const std::scoped_lock lock(mutex);
    for (const Submit& submit : submits) tickets.push_back(submit.ticket);
    came.notify_all();
  }
  void on_operations(std::span<const Operation> asked, Now, Replies&) noexcept override {
    const std::scoped_lock lock(mutex);
    for (const Operation& operation : asked) operations.push_back(operation.ticket);
    came.notify_all();
  }
  Ticket next_ticket() {
    std::unique_lock lock(mutex);
    came.wait(lock, [this] { return !tickets.empty(); });
    const Ticket ticket = tickets.back();
    tickets.clear();
    return ticket;
  }
  OperationTicket next_operation() {
    std::unique_lock lock(mutex);
    came.wait(lock, [this] { return !operations.empty(); });
    const OperationTicket ticket = operations.back();
    operations.clear();
    return ticket;
  }

  std::shared_ptr<Replies> replies;
  std::mutex mutex;
  std::condition_variable came;
  std::vector<Ticket> tickets;
  std::vector<OperationTicket> operations;
};

std::unique_ptr<Server> started(const Options& options, Backend& backend) {
  std::string error;
  auto server = Server::start(options, backend, nullptr, error);
  EXPECT_NE(server, nullptr) << error;
  return server;
}

std::string query(std::string_view id, std::uint32_t sequence_number) {
  smpp::QuerySm body;
  body.message_id = id;
  return test::encoded(Command::query_sm, sequence_number, body);
}

Deliver some_deliver() {
  Deliver message;
  message.source = {1, 1, "4917"};
  message.destination = {1, 1, "55501"};
  return message;
}

// Aim: Options are checked before anything is opened, with a line for each mistake. Method: three.
TEST(ServerOptions, ALineForEachMistake) {
  Keeper backend;
  Options options = options_for(1);
  options.accounts[0].submit_window = 0;
  options.limits.password_threads = 0;
  options.numbers[0].account = "nobody";
  std::string error;
  EXPECT_EQ(Server::start(options, backend, nullptr, error), nullptr);
  EXPECT_EQ(error,
            "limits.password_threads must be 1-16, not 0\n"
            "account[0].submit_window must be 1-65535, not 0\n"
            "number[0].account \"nobody\" is no account's system_id");
  EXPECT_EQ(backend.replies, nullptr);
  EXPECT_EQ(Server::descriptors_needed(options), 0U);
}

// Method: values that would end in a division by zero, an endless loop or no memory.
TEST(ServerOptions, NonsenseIsRefused) {
  Keeper backend;
  const std::vector<std::function<void(Options&)>> mistakes{
      [](Options& options) { options.cores.shards = 4'000'000'000; },
      [](Options& options) {
        options.store = {StoreMode::journal, 0, 0, 0, 0};
      },
      [](Options& options) { options.limits.max_connections = 0; },
      [](Options& options) { options.limits.max_open_messages = 4'000'000'000; },
      [](Options& options) { options.accounts.clear(); },
      [](Options& options) { options.accounts[0].quirks.receipt_template = "{nonsense"; },
      [](Options& options) {
        options.numbers[0] = {"x", "", "", "", "esme"};
      },
      [](Options& options) { options.accounts[0].deliver_window = 0; },
      [](Options& options) { options.long_messages.max_octets = 0; }};
  for (std::size_t i = 0; i < mistakes.size(); ++i) {
    Options options = options_for(1);
    mistakes[i](options);
    std::string error;
    EXPECT_EQ(Server::start(options, backend, nullptr, error), nullptr) << i;
    EXPECT_NE(error, "") << i;
    EXPECT_EQ(Server::descriptors_needed(options), 0U) << i;
  }
}

TEST(ServerOptions, DefaultsAndAnAccountStart) {
  Options options;
  options.accounts.emplace_back();
  options.accounts.back().system_id = "esme";
  options.accounts.back().password = "secret";
  const std::uint64_t needed = Server::descriptors_needed(options);
  rlimit limit;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  if (limit.rlim_max < needed) GTEST_SKIP() << "this process may not open that many";
  const rlimit raised{limit.rlim_max, limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &raised), 0);
  options.listen.push_back({"127.0.0.1", 0});
  Keeper backend;
  {
    const auto server = started(options, backend);
    ASSERT_NE(server, nullptr);
    EXPECT_NE(server->port(), 0);
    EXPECT_EQ(server->port(1), 0) << "there is one listener";
  }
  setrlimit(RLIMIT_NOFILE, &limit);
}

class RepliesTest : public testing::TestWithParam<unsigned> {
 protected:
  Keeper backend_;
  Prng prng_{20'261'121};

  Ticket random_ticket(Ticket like) {
    return {prng_.below(3) == 0 ? like.name : prng_.next() >> prng_.below(64),
            prng_.below(3) == 0 ? like.slot : static_cast<std::uint32_t>(prng_.next()),
            prng_.below(3) == 0 ? like.shard : static_cast<std::uint16_t>(prng_.below(300))};
  }
};

// Aim: tickets that nobody was given change nothing. Method: random ones, near and far from a good
// one, for a message and an operation that stay open meanwhile; then these are answered.
TEST_P(RepliesTest, MadeUpTickets) {
  const auto server = started(options_for(GetParam()), backend_);
  Client client(server->port());
  ASSERT_EQ(client.bind(Command::bind_transmitter, "esme", "secret"), Status::ESME_ROK);
  client.write(test::submit_pdu(5));
  const Ticket first = backend_.next_ticket();
  backend_.replies->answer(first, Status::ESME_ROK);
  const std::string id = client.read().message_id();
  client.write(test::submit_pdu(6) + query(id, 7));
  const Ticket good = backend_.next_ticket();
  const OperationTicket good_operation = backend_.next_operation();
  for (int i = 0; i < 20'000; ++i) {
    const Ticket ticket = random_ticket(good);
    if (ticket != good && ticket != first) {
      backend_.replies->answer(ticket, Status::ESME_RSYSERR);
      backend_.replies->report(ticket, {MessageState::rejected, 9});
    }
    const Ticket like =
        random_ticket({good_operation.name, good_operation.slot, good_operation.shard});
    const OperationTicket operation{
        like.name, like.slot, like.shard,
        prng_.below(2) == 0 ? good_operation.owner : static_cast<std::uint16_t>(prng_.below(300))};
    const bool means_good = operation.name == good_operation.name &&
                            operation.slot == good_operation.slot &&
                            operation.shard == good_operation.shard;
    OperationAnswer answer;
    answer.status = Status::ESME_RSYSERR;
    if (!means_good) backend_.replies->answer(operation, answer);
  }
  backend_.replies->answer(good, Status::ESME_ROK);
  const Pdu submitted = client.read();
  EXPECT_EQ(submitted.sequence_number(), 6U);
  EXPECT_EQ(submitted.status(), Status::ESME_ROK);
  backend_.replies->answer(good_operation, OperationAnswer{});
  const Pdu queried = client.read();
  EXPECT_EQ(queried.sequence_number(), 7U);
  EXPECT_EQ(queried.status(), Status::ESME_ROK);
}

// Aim: a ticket of a server that has ended means nothing to the next one in the same process,
// although both count their messages. Method: the first message of each.
TEST_P(RepliesTest, TicketsOfAnEarlierServer) {
  Ticket old;
  OperationTicket old_operation;
  for (int run = 0; run < 2; ++run) {
    const auto server = started(options_for(GetParam()), backend_);
    Client client(server->port());
    ASSERT_EQ(client.bind(Command::bind_transmitter, "esme", "secret"), Status::ESME_ROK);
    client.write(test::submit_pdu(5));
    const Ticket ticket = backend_.next_ticket();
    if (run == 1) {
      EXPECT_EQ(ticket.slot, old.slot) << "else the test sees nothing";
      server->replies().answer(old, Status::ESME_RSYSERR);
    }
    server->replies().answer(ticket, Status::ESME_ROK);
    const Pdu response = client.read();
    EXPECT_EQ(response.status(), Status::ESME_ROK);
    client.write(query(response.message_id(), 6));
    const OperationTicket operation = backend_.next_operation();
    OperationAnswer wrong;
    wrong.status = Status::ESME_RSYSERR;
    if (run == 1) server->replies().answer(old_operation, wrong);
    server->replies().answer(operation, OperationAnswer{});
    EXPECT_EQ(client.read().status(), Status::ESME_ROK);
    old = ticket;
    old_operation = operation;
  }
}

/// Says far more than fits an inbox, to every shard, from within a call on a shard's thread, and
/// what then found no room once there is some.
struct Shouter final : Keeper {
  void on_submits(std::span<const Submit> submits, Now, Replies& here) noexcept override {
    for (std::uint16_t shard = 0; shard < 2; ++shard) {
      Posted last = Posted::ok;
      for (int i = 0; i < 100'000; ++i) last = replies->report({1, 0, shard}, Outcome{});
      // Nobody can empty the own one meanwhile.
      if (shard == here.shard()) {
        EXPECT_EQ(last, Posted::full);
      }
    }
    for (const Submit& submit : submits) answer(submit.ticket);
  }
  void on_room(unsigned shard) noexcept override {
    std::vector<Ticket> again;
    {
      const std::scoped_lock lock(mutex);
      again.swap(refused[shard]);
    }
    for (const Ticket& ticket : again) answer(ticket);
  }
  void answer(Ticket ticket) {
    const std::scoped_lock lock(mutex);
    const Posted posted = replies->answer(ticket, Status::ESME_ROK);
    if (posted == Posted::full) refused[ticket.shard].push_back(ticket);
  }
  std::array<std::vector<Ticket>, 2> refused;
};

// Aim: a shard's thread that uses the replies for all threads waits neither for itself nor for
// another shard that waits for it. Method: shouters on all shards at once.
TEST_P(RepliesTest, FromAShardsThread) {
  Shouter shouter;
  const auto server = started(options_for(GetParam()), shouter);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::make_unique<Client>(server->port()));
    ASSERT_EQ(clients.back()->bind(Command::bind_transmitter, "esme", "secret"), Status::ESME_ROK);
  }
  for (auto& client : clients) client->write(test::submit_pdu(5));
  for (auto& client : clients) EXPECT_EQ(client->read().status(), Status::ESME_ROK);
}

// Aim: the replies do nothing once the server has ended, and are safe even when it is gone, with
// everything that was its own. Method: threads that never cease, from before the start to after the
// destructor; the address and thread sanitizers judge.
TEST_P(RepliesTest, AfterTheServer) {
  std::atomic<bool> done = false;
  std::atomic<unsigned> ended = 0;
  auto server = started(options_for(GetParam()), backend_);
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i)
    threads.emplace_back([&, replies = backend_.replies] {
      Deliver message = some_deliver();
      MessageId id;
      while (!done) {
        replies->answer(Ticket{1, 2, 0}, Status::ESME_ROK);
        replies->report(Ticket{1, 2, 1}, Outcome{});
        replies->answer(OperationTicket{1, 2, 0, 0}, OperationAnswer{});
        if (replies->deliver(message, id) == Routed::ended) ++ended;
      }
    });
  server->stop();
  const unsigned before = ended;
  while (ended < before + 1'000) std::this_thread::yield();
  server.reset();
  const unsigned after = ended;
  while (ended < after + 1'000) std::this_thread::yield();
  done = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(backend_.replies->alert({{1, 1, "4917"}, {1, 1, "55501"}, false, 0}), Routed::ended);
}

/// Uses its replies at once, and sees whether they were there before the first submit.
struct Eager final : Keeper {
  void on_start(unsigned, Now, const std::shared_ptr<Replies>& given) noexcept override {
    replies = given;
    MessageId id;
    first = replies->deliver(some_deliver(), id);
    thread = std::thread([given] {
      for (int i = 0; i < 100'000; ++i) given->report({1, 0, 0}, Outcome{});
    });
  }
  void on_submits(std::span<const Submit> submits, Now, Replies&) noexcept override {
    ASSERT_NE(replies, nullptr);
    for (const Submit& submit : submits) replies->answer(submit.ticket, Status::ESME_ROK);
  }
  Routed first = Routed::ended;
  std::thread thread;
};

TEST_P(RepliesTest, FromOnStartOn) {
  Eager eager;
  {
    const auto server = started(options_for(GetParam()), eager);
    Client client(server->port());
    ASSERT_EQ(client.bind(Command::bind_transmitter, "esme", "secret"), Status::ESME_ROK);
    client.write(test::submit_pdu(5));
    EXPECT_EQ(client.read().status(), Status::ESME_ROK);
  }
  EXPECT_EQ(eager.first, Routed::ok);
  eager.thread.join();
}

/// Stops its server from within a call.
struct Quitter final : Keeper {
  void on_submits(std::span<const Submit> submits, Now, Replies& here) noexcept override {
    server.load()->stop();
    EXPECT_NE(server.load()->outbind({"127.0.0.1", 1, "us", "pw"}), "");
    for (const Submit& submit : submits) here.answer(submit.ticket, Status::ESME_ROK);
  }
  std::atomic<Server*> server = nullptr;
};

// Aim: stop() on a shard's thread asks for the end, and one elsewhere waits for it.
TEST_P(RepliesTest, StopOnAShardsThread) {
  Quitter quitter;
  const auto server = started(options_for(GetParam()), quitter);
  quitter.server = server.get();
  Client client(server->port());
  ASSERT_EQ(client.bind(Command::bind_transmitter, "esme", "secret"), Status::ESME_ROK);
  client.write(test::submit_pdu(5, 0));
  EXPECT_EQ(client.read().status(), Status::ESME_ROK);
  const Pdu unbind = client.read();
  EXPECT_EQ(unbind.command(), Command::unbind);
  client.write(test::pdu(Command::unbind_resp, unbind.sequence_number()));
  std::thread other([&] { server->stop(); });
  server->stop();
  other.join();
  EXPECT_EQ(server->counters().binds_open, 0U);
}

INSTANTIATE_TEST_SUITE_P(Shards, RepliesTest, testing::Values(1U, 2U));

}  // namespace
}  // namespace ringgate::runtime

// A Client over real sockets, against a Server.
#include <ringgate/client.h>

#include <gtest/gtest.h>
#include <poll.h>
#include <ringgate/server.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "backend/sim/simulator.h"

namespace ringgate {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto patience = std::chrono::seconds(30);

SimOptions soon() {
  SimOptions options;
  options.delay_ms = 1;
  return options;
}

/// Counts what it is told. Any thread may look.
struct Counter final : ClientHandler {
  void on_bound(Client&) noexcept override { ++bound; }
  void on_loss(Client&, const ClientLoss& loss) noexcept override {
    ++losses;
    last_status = static_cast<unsigned>(loss.status);
  }
  void on_submitted(Client&, std::span<const Submitted> all) noexcept override {
    for (const Submitted& one : all) {
      if (one.result == SubmitResult::accepted) ++accepted;
      ++told;
    }
  }
  void on_deliveries(Client& client, std::span<const Delivery> all) noexcept override {
    for (const Delivery& one : all) {
      if (one.is_receipt()) ++receipts;
      client.answer(one.ticket);
    }
  }
  void on_room(Client&) noexcept override { ++rooms; }
  void on_ended(Client&) noexcept override { ++ended; }

  std::atomic<unsigned> bound = 0, losses = 0, accepted = 0, told = 0, receipts = 0, rooms = 0,
                        ended = 0, last_status = 0;
};

class ClientTest : public testing::Test {
 protected:
  void serve(std::uint16_t port = 0) {
    Options options;
    options.cores.shards = 1;
    options.listen.push_back({"127.0.0.1", port});
    options.limits.max_connections = 64;
    options.limits.max_open_messages = 10'000;
    options.accounts.emplace_back().system_id = "esme";
    options.accounts[0].password = "secret";
    options.accounts[0].submit_window = 1'000;
    std::string error;
    server_ = Server::start(options, simulator_, nullptr, error);
    ASSERT_NE(server_, nullptr) << error;
    options_.port = server_->port();
  }
  ClientTest() {
    options_.system_id = "esme";
    options_.password = "secret";
    options_.retry_min_ms = 10;
    options_.retry_max_ms = 50;
  }
  static Outgoing message() {
    Outgoing out;
    out.source = {1, 1, "447700900001"};
    out.destination = {1, 1, "447700900002"};
    out.text = as_octets("hello");
    out.set_receipt(ReceiptWish::always);
    return out;
  }
  static Octets as_octets(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  }
  /// The program's loop, until that holds.
  static bool loop_until(Client& client, const std::function<bool()>& done) {
    const auto until = Clock::now() + patience;
    while (!done()) {
      if (Clock::now() > until) return false;
      pollfd one{client.descriptor(), POLLIN, 0};
      poll(&one, 1, 10'000);
      client.turn();
    }
    return true;
  }
  static bool wait_until(const std::function<bool()>& done) {
    const auto until = Clock::now() + patience;
    while (!done()) {
      if (Clock::now() > until) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }

  Simulator simulator_{soon(), 100'000};
  std::unique_ptr<Server> server_;
  ClientOptions options_;
  Counter counter_;
  std::string error_;
};

// Aim: a whole life in a loop of the program's own, which only ever waits for the descriptor.
TEST_F(ClientTest, InAPollLoop) {
  serve();
  const auto client = Client::make(options_, counter_, error_);
  ASSERT_NE(client, nullptr) << error_;
  constexpr unsigned count = 5'000;
  unsigned taken = 0;
  ASSERT_TRUE(loop_until(*client,
                         [&] {
                           while (taken < count && client->submit(message()) == Posted::ok) ++taken;
                           return counter_.accepted == count && counter_.receipts == count;
                         }))
      << counter_.accepted << " accepted, " << counter_.receipts << " receipts, " << taken
      << " taken";
  EXPECT_GE(counter_.rooms, 1U);
  client->stop();
  EXPECT_TRUE(loop_until(*client, [&] { return counter_.ended == 1; }));
  EXPECT_EQ(client->state(), ClientState::ended);
  EXPECT_EQ(counter_.losses, 0U);
}

TEST_F(ClientTest, OnAThreadOfItsOwn) {
  serve();
  const auto client = Client::start(options_, counter_, error_);
  ASSERT_NE(client, nullptr) << error_;
  EXPECT_EQ(client->descriptor(), -1);
  constexpr unsigned count = 5'000;
  const auto send = [&] {
    for (unsigned i = 0; i < count;) {
      const Posted posted = client->submit(message());
      ASSERT_TRUE(posted == Posted::ok || posted == Posted::full);
      if (posted == Posted::ok)
        ++i;
      else
        std::this_thread::yield();
    }
  };
  std::thread other(send);
  send();
  other.join();
  EXPECT_TRUE(wait_until([&] { return counter_.receipts == 2 * count; }));
  EXPECT_EQ(counter_.accepted, 2 * count);
  client->stop();
  EXPECT_TRUE(wait_until([&] { return counter_.ended == 1; }));
  EXPECT_EQ(client->submit(message()), Posted::gone);
}

// Aim: it binds again by itself, and what was queued meanwhile goes by the new bind.
TEST_F(ClientTest, BindsAgain) {
  serve();
  const std::uint16_t port = options_.port;
  const auto client = Client::start(options_, counter_, error_);
  ASSERT_NE(client, nullptr) << error_;
  ASSERT_TRUE(wait_until([&] { return counter_.bound == 1; }));
  server_.reset();
  ASSERT_TRUE(wait_until([&] { return counter_.losses >= 2; }));
  EXPECT_EQ(client->submit(message()), Posted::ok);
  serve(port);
  EXPECT_TRUE(wait_until([&] { return counter_.bound == 2 && counter_.accepted == 1; }));
}

TEST_F(ClientTest, ARefusedBindSaysWhy) {
  serve();
  options_.password = "wrong";
  const auto client = Client::start(options_, counter_, error_);
  ASSERT_NE(client, nullptr) << error_;
  ASSERT_TRUE(wait_until([&] { return counter_.losses >= 1; }));
  EXPECT_EQ(counter_.last_status, static_cast<unsigned>(Status::ESME_RBINDFAIL));
}

TEST_F(ClientTest, ADestructorNeedsNoStop) {
  serve();
  for (const bool threaded : {false, true}) {
    const unsigned bound = counter_.bound;
    auto client = threaded ? Client::start(options_, counter_, error_)
                           : Client::make(options_, counter_, error_);
    ASSERT_NE(client, nullptr) << error_;
    const auto is_bound = [&] { return counter_.bound > bound; };
    EXPECT_TRUE(threaded ? wait_until(is_bound) : loop_until(*client, is_bound));
    client->submit(message());
    client.reset();
  }
  // One that has not even connected.
  Client::make(options_, counter_, error_).reset();
}

// Aim: what a program says costs a bounded amount of memory while nobody takes it over. Method:
// answers of other threads while the client's own is held up.
TEST_F(ClientTest, AnswersAreBounded) {
  struct Blocker final : ClientHandler {
    void on_loss(Client&, const ClientLoss&) noexcept override {
      const std::scoped_lock lock(mutex);
      blocked = true;
    }
    std::mutex mutex;
    std::atomic<bool> blocked = false;
  } blocker;
  options_.port = 1;  // nobody's
  options_.deliver_window = 10;
  std::unique_lock lock(blocker.mutex);
  const auto client = Client::start(options_, blocker, error_);
  ASSERT_NE(client, nullptr) << error_;
  unsigned taken = 0;
  ASSERT_TRUE(wait_until([&] {
    while (taken < 1'000'000 && client->answer({1, ++taken}) == Posted::ok) {
    }
    return client->answer({1, 1}) == Posted::full;
  }));
  EXPECT_LT(taken, 1'000'000U);
  lock.unlock();
  EXPECT_TRUE(wait_until([&] { return client->answer({1, 1}) == Posted::ok; }));
}

TEST_F(ClientTest, TheLongestQueueThereIs) {
  options_.queue_max = 1'000'000;
  options_.window = 65'536;
  EXPECT_NE(Client::start(options_, counter_, error_), nullptr) << error_;
  options_.queue_max = ~0U;
  EXPECT_EQ(Client::start(options_, counter_, error_), nullptr);
  EXPECT_NE(error_.find("queue_max: "), std::string::npos) << error_;
}

TEST_F(ClientTest, MistakesAreNamed) {
  options_.address = "localhost";
  options_.window = 0;
  EXPECT_EQ(Client::make(options_, counter_, error_), nullptr);
  EXPECT_NE(error_.find("address: "), std::string::npos) << error_;
  EXPECT_NE(error_.find("window: "), std::string::npos) << error_;
  EXPECT_EQ(Client::start(options_, counter_, error_), nullptr);
  EXPECT_NE(error_.find("window: "), std::string::npos) << error_;
}

}  // namespace
}  // namespace ringgate

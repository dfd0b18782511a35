// A server is looked at and steered from other threads while it serves (for ThreadSanitizer too).
#include <gtest/gtest.h>
#include <ringgate/server.h>

#include <algorithm>
#include <atomic>
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

struct Lines final : Log {
  void write(LogLevel, std::string_view line) override {
    const std::scoped_lock lock(mutex);
    lines.emplace_back(line);
  }
  std::size_t count(std::string_view what) {
    const std::scoped_lock lock(mutex);
    return static_cast<std::size_t>(std::count_if(
        lines.begin(), lines.end(), [what](const auto& line) { return line.starts_with(what); }));
  }
  std::mutex mutex;
  std::vector<std::string> lines;
};

/// A server of two shards.
class Control : public testing::Test {
 protected:
  Control() {
    Options options;
    options.node.system_id = "Mine";
    options.cores.shards = 2;
    options.listen.push_back({"127.0.0.1", 0});
    options.limits.max_connections = 64;
    options.limits.max_open_messages = 10'000;
    for (const char* name : {"a", "b"}) {
      options.accounts.emplace_back().system_id = name;
      options.accounts.back().password = "secret";
    }
    std::string error;
    server_ = Server::start(options, simulator_, &log_, error);
    EXPECT_NE(server_, nullptr) << error;
  }

  std::unique_ptr<Client> bound(const char* account, std::size_t listener = 0) {
    auto client = std::make_unique<Client>(server_->port(listener));
    EXPECT_EQ(client->bind(Command::bind_transceiver, account, "secret"), Status::ESME_ROK);
    return client;
  }
  std::vector<SessionInfo> list(const SessionFilter& filter = {}) {
    std::vector<SessionInfo> out;
    EXPECT_EQ(server_->list_sessions(filter, out), "");
    return out;
  }
  static SimOptions sim() {
    SimOptions options;
    options.delay_ms = 1;
    return options;
  }

  Simulator simulator_{sim(), 10'000};
  Lines log_;
  std::unique_ptr<Server> server_;
};

TEST_F(Control, OurName) {
  Client client(server_->port());
  client.write(test::bind_pdu(Command::bind_transceiver, "a", "secret"));
  EXPECT_EQ(client.read().body.substr(0, 5), std::string_view("Mine\0", 5));
}

TEST_F(Control, SessionsOfEveryShard) {
  const auto one = bound("a");
  const auto two = bound("b");
  const auto three = bound("b");
  const auto all = list();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_NE(all[0].session.value >> 56, all[2].session.value >> 56) << "on both shards";
  EXPECT_EQ(list({{}, "b", {}}).size(), 2U);
  EXPECT_EQ(list({{}, {}, "127.0.0.1"}).size(), 3U);
  EXPECT_EQ(list({{}, {}, "::1"}).size(), 0U);

  std::uint64_t ended = 0;
  EXPECT_EQ(server_->end_sessions({{}, "b", {}}, {}, ended), "");
  EXPECT_EQ(ended, 2U);
  for (Client* client : {two.get(), three.get()}) {
    const auto goodbye = client->read();
    EXPECT_EQ(goodbye.command(), Command::unbind);
    client->write(test::pdu(Command::unbind_resp, goodbye.sequence_number()));
    EXPECT_TRUE(client->closed());
  }
  EXPECT_EQ(server_->end_session(list({{}, "a", {}}).at(0).session, {false, 0}), Posted::ok);
  EXPECT_TRUE(one->closed());
}

TEST_F(Control, MistakesAreNamed) {
  std::vector<SessionInfo> sessions;
  std::uint64_t ended = 0;
  EXPECT_EQ(server_->list_sessions({{}, {}, "example"}, sessions),
            "address: \"example\" is no IPv4 or IPv6 address");
  EXPECT_EQ(server_->end_sessions({{}, {}, "[::1]"}, {}, ended),
            "address: \"[::1]\" is no IPv4 or IPv6 address");
  EXPECT_EQ(server_->end_sessions({}, {true, 3'600'001}, ended),
            "grace_ms: 3600001 is above 3600000");
  EXPECT_EQ(server_->end_session({}), Posted::misuse);
  EXPECT_EQ(server_->end_session({~std::uint64_t{0}}), Posted::misuse) << "no such shard";
  EXPECT_EQ(server_->end_session({12345}), Posted::ok) << "of a session that is no more";
  EXPECT_EQ(server_->stop_listening(7), "stop_listening: 7 is no listener's index");
  std::size_t listener = 0;
  EXPECT_NE(server_->listen({"example", 0}, listener), "");
  EXPECT_NE(server_->listen({"127.0.0.1", server_->port()}, listener), "") << "taken already";
  ListenOptions bad{"127.0.0.1", 0};
  bad.networks = {"10.0.0.1/8"};
  EXPECT_NE(server_->listen(bad, listener).find("listen[0].networks[0]"), std::string::npos);
}

// Aim: a listener that is closed takes nobody any more, and costs no session; another one may take
// its port. Method: a client that was there goes on while listeners come and go.
TEST_F(Control, ListenersComeAndGo) {
  const std::uint16_t port = server_->port();
  const auto early = bound("a");
  EXPECT_EQ(server_->stop_listening(0), "");
  EXPECT_EQ(server_->port(), 0);
  EXPECT_NE(server_->stop_listening(0), "") << "it is closed";
  EXPECT_FALSE(Client(port).connected());
  early->write(test::submit_pdu(2, 0));
  EXPECT_EQ(early->read().status(), Status::ESME_ROK);

  std::size_t listener = 0;
  ASSERT_EQ(server_->listen({"127.0.0.1", port}, listener), "");
  EXPECT_EQ(listener, 1U);
  EXPECT_EQ(server_->port(listener), port);
  const auto late = bound("b", listener);
  EXPECT_EQ(list({{}, "b", {}}).at(0).listener, listener);
  EXPECT_EQ(list({{}, "a", {}}).at(0).listener, 0U);
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(server_->stop_listening(listener), "");
    ASSERT_EQ(server_->listen({"127.0.0.1", port}, listener), "");
    bound("b", listener);
  }
}

TEST_F(Control, TheLogIsAsLoudAsWished) {
  server_->set_log_level(LogLevel::warning);
  Client client(server_->port());
  EXPECT_EQ(client.bind(Command::bind_transceiver, "nobody", "secret"), Status::ESME_RBINDFAIL);
  bound("a");
  EXPECT_EQ(log_.count("bound"), 0U);
  EXPECT_EQ(log_.count("bind refused"), 1U);
  server_->set_log_level(LogLevel::info);
  bound("a");
  EXPECT_EQ(log_.count("bound"), 1U);
}

// Aim: what is asked from several threads at once, while clients come and go, races with nothing.
TEST_F(Control, ManyAtOnce) {
  std::atomic<bool> over = false;
  std::atomic<unsigned> faults = 0;
  std::thread lister([&] {
    std::vector<SessionInfo> out;
    while (!over)
      if (!server_->list_sessions({}, out).empty()) ++faults;
  });
  std::thread ender([&] {
    while (!over) {
      std::vector<SessionInfo> out;
      if (!server_->list_sessions({{}, "b", {}}, out).empty()) ++faults;
      for (const SessionInfo& one : out)
        if (server_->end_session(one.session, {false, 0}) == Posted::misuse) ++faults;
    }
  });
  const auto stays = bound("a");
  for (std::uint32_t i = 0; i < 100; ++i) {
    Client client(server_->port());
    client.write(test::bind_pdu(Command::bind_transceiver, "b", "secret"));
    stays->write(test::submit_pdu(10 + i, 0));
    EXPECT_EQ(stays->read().status(), Status::ESME_ROK);
  }
  over = true;
  lister.join();
  ender.join();
  EXPECT_EQ(faults, 0U);
}

// Aim: listeners are known by their index before they accept, and may be closed then. Method: one
// thread opens them, two close whatever has a port.
TEST_F(Control, ListenersAreClosedAsTheyOpen) {
  std::atomic<bool> over = false;
  std::vector<std::thread> closers;
  for (int i = 0; i < 2; ++i)
    closers.emplace_back([&] {
      while (!over)
        for (std::size_t one = 1; one < 200; ++one)
          if (server_->port(one) != 0) server_->stop_listening(one);
    });
  for (int i = 0; i < 150; ++i) {
    std::size_t listener = 0;
    EXPECT_EQ(server_->listen({"127.0.0.1", 0}, listener), "");
  }
  over = true;
  for (std::thread& one : closers) one.join();
  bound("a");
}

TEST_F(Control, AfterTheEnd) {
  const std::uint16_t port = server_->port();
  server_->stop();
  EXPECT_TRUE(list().empty());
  std::uint64_t ended = 7;
  EXPECT_EQ(server_->end_sessions({}, {}, ended), "");
  EXPECT_EQ(ended, 0U);
  EXPECT_EQ(server_->end_session({1}), Posted::gone);
  std::size_t listener = 0;
  EXPECT_EQ(server_->listen({"127.0.0.1", 0}, listener), "listen: the server has ended");
  EXPECT_NE(server_->stop_listening(0), "") << "the end has closed it";
  EXPECT_FALSE(Client(port).connected());
}

/// Steers the server from where nobody may wait.
struct Meddler final : Backend {
  void on_submits(std::span<const Submit> submits, Now, Replies& replies) noexcept override {
    Server& here = *server.load();
    std::vector<SessionInfo> sessions;
    std::uint64_t ended = 0;
    std::size_t listener = 0;
    said = {here.list_sessions({}, sessions), here.end_sessions({}, {}, ended),
            here.listen({"127.0.0.1", 0}, listener), here.stop_listening(0),
            here.reload_certificates()};
    posted = here.end_session(submits[0].session);
    for (const Submit& submit : submits) replies.answer(submit.ticket, Status::ESME_ROK);
  }
  std::atomic<Server*> server = nullptr;
  std::vector<std::string> said;
  Posted posted = Posted::misuse;
};

// Aim: on a shard's thread what would wait for itself is refused, and ending a session is not.
TEST(ControlOfAShard, DoesNotWait) {
  Meddler backend;
  Options options;
  options.listen.push_back({"127.0.0.1", 0});
  options.limits.max_connections = 64;
  options.limits.max_open_messages = 10'000;
  options.accounts.emplace_back().system_id = "a";
  options.accounts.back().password = "secret";
  std::string error;
  const auto server = Server::start(options, backend, nullptr, error);
  ASSERT_NE(server, nullptr) << error;
  backend.server = server.get();
  Client client(server->port());
  ASSERT_EQ(client.bind(Command::bind_transceiver, "a", "secret"), Status::ESME_ROK);
  client.write(test::submit_pdu(2, 0));
  EXPECT_EQ(client.read().command(), Command::submit_sm_resp);
  const auto goodbye = client.read();
  EXPECT_EQ(goodbye.command(), Command::unbind);
  client.write(test::pdu(Command::unbind_resp, goodbye.sequence_number()));
  EXPECT_TRUE(client.closed());
  server->stop();
  EXPECT_EQ(backend.posted, Posted::ok);
  EXPECT_EQ(backend.said,
            (std::vector<std::string>{"sessions: not on a shard's thread, which may not wait",
                                      "sessions: not on a shard's thread, which may not wait",
                                      "listen: not on a shard's thread, which may not wait",
                                      "stop_listening: not on a shard's thread, which may not "
                                      "wait",
                                      "reload_certificates: not on a shard's thread, which may "
                                      "not wait"}));
}

}  // namespace
}  // namespace ringgate::runtime

// Names of connections come round: 14 bits count how often a slot was used. Whoever holds an old
// name must not find the connection that has it now.
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <thread>

#include "patient_backend.h"
#include "pdu.h"
#include "peer.h"
#include "site.h"
#include "sockets.h"

namespace ringgate::hostile {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// base/link_id.h: the connection after so many others in the same slot has the first one's short
// name again.
constexpr unsigned names_of_a_slot = (1u << 14) - 1;
constexpr milliseconds grace{300};

// sha512crypt of "secret"; some seconds of work.
constexpr std::string_view slow_hash =
    "$6$rounds=8000000$ringgate$BL/w8NAWabd.L1ial/p61I/gaMeYPtj/y"
    "4n89YXXW9dZc5AEd1ZRxg0vQu3QqT2U6BuD4NbAjUlnmCMpKyU/m.";

class Identity : public testing::Test {
 protected:
  static Options options() {
    Options out = site_options();
    out.limits.session_init_ms = 120'000;
    for (const char* name : {"alice", "bob"}) {
      out.accounts.emplace_back();
      out.accounts.back().system_id = name;
      out.accounts.back().password = "secret";
    }
    for (const char* name : {"attacker", "victim"}) {
      out.accounts.emplace_back();
      out.accounts.back().system_id = name;
      out.accounts.back().password_hash = slow_hash;
    }
    return out;
  }

  void SetUp() override {
    std::string error;
    server_ = Server::start(options(), backend_, nullptr, error);
    ASSERT_NE(server_, nullptr) << error;
  }

  void TearDown() override {
    if (server_ == nullptr) return;
    backend_.answer_all(server_->replies());
    backend_.report_all(server_->replies());
    server_->stop();
  }

  std::uint16_t port() const { return server_->port(); }

  bool eventually(const std::function<bool()>& condition) const {
    const auto until = steady_clock::now() + std::chrono::seconds(10);
    while (!condition()) {
      if (steady_clock::now() > until) return false;
      std::this_thread::yield();
    }
    return true;
  }

  /// Waits until the server has let go of all connections but so many.
  void settle(std::uint64_t open) const {
    ASSERT_TRUE(eventually([&] { return server_->counters().connections_open == open; }));
  }

  /// The slot that was free last is the next one taken, so one after the other they use the same.
  void use_up_names(std::uint64_t open, unsigned count) const {
    for (unsigned i = 0; i < count; ++i) {
      const std::uint64_t before = server_->counters().connections;
      const int fd = connect_from(port(), nullptr);
      ASSERT_GE(fd, 0);
      close(fd);
      ASSERT_TRUE(eventually([&] {
        const Counters now = server_->counters();
        return now.connections == before + 1 && now.connections_open == open;
      }));
    }
  }

  static Peer bound(std::uint16_t port, const std::string& system_id) {
    Peer peer(port);
    EXPECT_EQ(
        peer.ask(command::bind_transceiver, 1, Bind{.system_id = system_id}.body()).command_status,
        status::ROK);
    return peer;
  }

  /// What came to a client that has asked for nothing, with time for what is under way.
  static std::string unasked(Peer& peer) {
    for (std::uint32_t i = 0; i < 2; ++i) {
      EXPECT_EQ(peer.ask(command::enquire_link, 1000 + i).command_status, status::ROK);
      std::this_thread::sleep_for(grace);
    }
    peer.read(steady_clock::now());
    std::string out;
    for (const Received& one : peer.received)
      out += to_hex(u32(one.command_id) + u32(one.sequence_number)) + " " + one.body + "\n";
    return out;
  }

  PatientBackend backend_{true};
  std::unique_ptr<Server> server_;
};

// Aim: a bind with a wrong password is refused, whoever's good password is being checked. Method:
// the attacker's check takes seconds; the attacker leaves and connects until the short name of that
// connection is the victim's, whose password is wrong.
TEST_F(Identity, LatePasswordAnswer) {
  // Its check began before the attacker's: while it is not over, neither is the other.
  Peer witness(port());
  witness.send(pdu(command::bind_transceiver, 1, Bind{.system_id = "attacker"}.body()));
  {
    Peer attacker(port());
    attacker.send(pdu(command::bind_transceiver, 1, Bind{.system_id = "attacker"}.body()));
    ASSERT_TRUE(eventually([this] { return server_->counters().pdus_in >= 2; }));
  }
  settle(1);
  use_up_names(1, names_of_a_slot - 1);
  witness.read(steady_clock::now());
  const bool in_time = witness.received.empty();
  Peer victim(port());
  victim.send(
      pdu(command::bind_transceiver, 1, Bind{.system_id = "victim", .password = "wrong"}.body()));
  ASSERT_TRUE(victim.read_until([&] { return !victim.received.empty(); }, milliseconds(120'000)));
  EXPECT_NE(victim.received.front().command_status, status::ROK);
  EXPECT_NE(victim.ask(command::submit_sm, 2, SubmitSm{}.body()).command_status, status::ROK);
  if (!in_time) GTEST_SKIP() << "the check was over before the names were used up";
}

// Aim: a receipt goes to the account that submitted, not to whoever has the connection's short name
// now. Method: alice submits and leaves, bob comes to her name, and then the outcome is reported.
TEST_F(Identity, LateReceipt) {
  {
    Peer alice = bound(port(), "alice");
    const SubmitSm message{.registered_delivery = 1, .short_message = "for alice only"};
    ASSERT_EQ(alice.ask(command::submit_sm, 2, message.body()).command_status, status::ROK);
  }
  settle(0);
  use_up_names(0, names_of_a_slot - 1);
  Peer bob = bound(port(), "bob");
  backend_.report_all(server_->replies());
  EXPECT_EQ(unasked(bob), "");
  Peer alice = bound(port(), "alice");
  const Received receipt = alice.next(command::deliver_sm);
  EXPECT_NE(receipt.body.find("for alice only"), receipt.body.npos);
  alice.send(pdu(command::deliver_sm | command::resp, receipt.sequence_number, u8(0)));
  EXPECT_EQ(unasked(bob), "");
}

// Aim: the same for answers: to a submit, to a submit_multi and to a query. Method: the backend
// keeps them until bob is there, and gives them from another thread.
TEST_F(Identity, LateAnswers) {
  {
    Peer alice = bound(port(), "alice");
    const Received known =
        alice.ask(command::submit_sm, 2, SubmitSm{.registered_delivery = 1}.body());
    ASSERT_EQ(known.command_status, status::ROK);
    backend_.answer_at_once(false);
    const SubmitSm wish{.registered_delivery = 1};
    const std::string id = c_string_of(known.body);
    alice.send(pdu(command::submit_sm, 3, wish.body()) +
               pdu(command::submit_multi, 4, SubmitMulti{.message = wish}.body()) +
               pdu(command::query_sm, 5, QuerySm{.message_id = id}.body()) +
               pdu(command::cancel_sm, 6, CancelSm{.message_id = id}.body()));
    EXPECT_TRUE(eventually(
        [this] { return backend_.submits_kept() == 3 && backend_.operations_kept() == 2; }));
  }
  settle(0);
  use_up_names(0, names_of_a_slot - 1);
  Peer bob = bound(port(), "bob");
  // What bob asks meanwhile has the same sequence_numbers, and is not answered by these.
  bob.send(pdu(command::submit_sm, 3, SubmitSm{}.body()));
  EXPECT_TRUE(eventually([this] { return backend_.submits_kept() == 4; }));
  backend_.answer_first(3, server_->replies());
  backend_.report_all(server_->replies());
  EXPECT_EQ(unasked(bob), "");
  backend_.answer_all(server_->replies());
  EXPECT_EQ(bob.next(command::submit_sm | command::resp).command_status, status::ROK);
  EXPECT_EQ(unasked(bob), "");
}

}  // namespace
}  // namespace ringgate::hostile

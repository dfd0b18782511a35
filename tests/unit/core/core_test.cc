#include "core/core.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <string>
#include <vector>

#include "../shard/shard_world.h"
#include "session/smpp_session.h"

namespace ringgate {
namespace {

using test::FakeBackend;
using test::one_account;

/// A kernel that writes down what it is asked, and a mesh and passwords that nobody uses.
struct FakeKernel final : io::Sockets, io::Mesh, io::Passwords {
  void accept(std::uint32_t) override { ++accepts; }
  const ListenerTerms* terms(std::uint32_t) override { return nullptr; }
  void read_whole(int, std::uint32_t, std::span<std::uint8_t>) override {}
  void hang_up(int) override {}
  std::string peer(int socket) override {
    ++peers;
    return "192.0.2." + std::to_string(socket) + ":1";
  }
  void tune(int socket) override { tuned.push_back(socket); }
  void receive(int socket, LinkId link, bool streaming) override {
    links[socket] = link;
    receives.push_back({socket, streaming});
  }
  void cancel_receive(LinkId link) override { cancelled.push_back(link); }
  void send(int socket, LinkId, Octets octets) override { sent[socket] += as_text(octets); }
  void end_sending(int socket) override { ended.push_back(socket); }
  void break_off(int socket, LinkId) override { broken_off.push_back(socket); }
  void close(int socket) override { closed.push_back(socket); }
  bool has_unread(int) override { return false; }
  void post(unsigned shard, const io::Mail& mail) override { mails.push_back({shard, mail}); }
  io::PasswordReply compare(const io::PasswordQuestion&) override {
    return io::PasswordReply::full;
  }
  io::PasswordDigest digest(const io::PasswordQuestion&) override { return {}; }
  bool known(const io::PasswordDigest&) override { return false; }
  void hold(const io::PasswordDigest&) override {}

  struct Receive {
    int socket;
    bool streaming;
  };
  unsigned accepts = 0;
  unsigned peers = 0;  // times that a peer was asked for
  std::map<int, LinkId> links;
  std::map<int, std::string> sent;
  std::vector<Receive> receives;
  std::vector<LinkId> cancelled;
  std::vector<int> tuned, ended, broken_off, closed;
  std::vector<std::pair<unsigned, io::Mail>> mails;
};

class CoreTest : public testing::Test {
 protected:
  static constexpr std::uint32_t places = 8;
  const SmppProtocol protocol_{};

  explicit CoreTest(std::uint32_t connections = places) {
    ShardOptions options;
    options.budget = make_budget(connections, 1, 100);
    options.drain_time = seconds(10);
    core.emplace(options, roster, backend, kernel, ShardWorld{protocol_, kernel, kernel, nullptr},
                 now());
  }

  Now now() const { return {at, 1'000 + at / seconds(1)}; }
  template <class F>
  void turn(F&& what) {
    core->begin_turn(now());
    what();
    core->end_turn();
  }
  void turn() {
    turn([] {});
  }
  void listen(std::vector<CoreSeen> cores, std::uint64_t connections_max = 1'000) {
    core->arrivals().see(std::move(cores), connections_max);
    core->arrivals().listen(1);
  }
  /// Accepted and with its receive under way.
  void accept(int socket) {
    turn([&] { core->arrivals().on_accept(0, socket, true); });
  }
  std::uint32_t slot(int socket) { return kernel.links.at(socket).slot(); }
  /// Bound by what came in one buffer, behind which its receive has ended.
  void bind(int socket) {
    const auto account = one_account().accounts[0];
    const std::string octets =
        test::bind_pdu(smpp::Command::bind_transceiver, account.system_id, account.password);
    core->sockets().on_octets(slot(socket), as_octets(octets));
    core->sockets().on_received(slot(socket), static_cast<int>(octets.size()), false);
  }
  /// One completion of so many buffers of that size.
  void receive(int socket, unsigned buffers, std::size_t size, bool more) {
    const std::string octets(size, '\0');
    for (unsigned i = 0; i < buffers; ++i)
      core->sockets().on_octets(slot(socket), as_octets(octets));
    core->sockets().on_received(slot(socket), static_cast<int>(buffers * size), more);
  }

  Nanos at = seconds(100);
  const std::shared_ptr<const Roster> roster = std::make_shared<const Roster>(
      one_account().accounts, std::vector<NumberOptions>{}, seconds(100));
  FakeBackend backend;
  FakeKernel kernel;
  std::optional<Core> core;
};

// Aim: without descriptors new connections wait in the backlog for a while, and are then accepted.
TEST_F(CoreTest, AcceptsAgainAfterAPause) {
  listen({core->seen()});
  EXPECT_EQ(kernel.accepts, 1U);
  turn([&] { core->arrivals().on_accept(0, -EMFILE, false); });
  EXPECT_EQ(kernel.accepts, 1U);
  const Nanos again = core->deadline(false);
  EXPECT_GT(again, at);
  at = again;
  turn();
  EXPECT_EQ(kernel.accepts, 2U);
  // Ended for no reason of ours: at once.
  turn([&] { core->arrivals().on_accept(0, 5, false); });
  EXPECT_EQ(kernel.accepts, 3U);
}

// Aim: who is accepted is tuned, has its link and is read, one buffer at a time before it has
// bound.
TEST_F(CoreTest, OpensWhatItAccepts) {
  listen({core->seen()});
  accept(7);
  EXPECT_EQ(kernel.tuned, std::vector<int>{7});
  ASSERT_EQ(kernel.receives.size(), 1U);
  EXPECT_EQ(kernel.receives[0].socket, 7);
  EXPECT_FALSE(kernel.receives[0].streaming);
  EXPECT_TRUE(core->shard().has_connections());
}

// Aim: a few connections begin per turn, the others with the next ones, which come at once.
TEST_F(CoreTest, BeginsSomePerTurn) {
  constexpr int many = 100;
  listen({core->seen()});
  turn([&] {
    for (int socket = 0; socket < many; ++socket) core->arrivals().on_accept(0, socket, true);
  });
  EXPECT_LT(kernel.tuned.size() + kernel.closed.size(), std::size_t{many});
  unsigned turns = 0;
  for (; core->deadline(false) <= at && turns < many; ++turns) turn();
  EXPECT_GT(turns, 0U);
  EXPECT_EQ(kernel.tuned.size() + core->arrivals().closed_unplaced(), std::size_t{many});
}

// Aim: who a connection is costs system calls, so that of a storm some are looked at in a turn, and
// none is left.
TEST_F(CoreTest, MeetsSomePerTurn) {
  constexpr unsigned many = 1'000;
  listen({core->seen()});
  turn([&] {
    for (unsigned i = 0; i < many; ++i) core->arrivals().on_accept(0, static_cast<int>(i), true);
  });
  EXPECT_LE(kernel.peers, 100U);
  for (unsigned turns = 0; core->deadline(false) <= at && turns < many; ++turns) {
    const unsigned before = kernel.peers;
    turn();
    EXPECT_LE(kernel.peers - before, 100U);
  }
  EXPECT_EQ(kernel.peers, many);
  EXPECT_EQ(kernel.tuned.size() + core->arrivals().closed_unplaced(), std::size_t{many});
}

/// Many connections, all bound.
class CrowdTest : public CoreTest {
 protected:
  static constexpr int first = 10, count = 100, last = first + count - 1;
  static constexpr std::uint32_t crowd_places = count + 10;

  CrowdTest() : CoreTest(crowd_places) {
    listen({core->seen()}, crowd_places);
    for (int socket = first; socket <= last; ++socket) accept(socket);
    turn();
    for (int socket = first; socket <= last; ++socket) {
      turn([&] { bind(socket); });
      turn([&] {
        core->sockets().on_sent(slot(socket),
                                static_cast<int>(std::exchange(kernel.sent[socket], {}).size()));
      });
    }
    EXPECT_EQ(core->shard().counters().binds_open.get(), std::uint64_t{count});
    kernel.receives.clear();
  }
  bool is_streaming(int socket) const {
    const auto found =
        std::find_if(kernel.receives.rbegin(), kernel.receives.rend(),
                     [socket](const FakeKernel::Receive& one) { return one.socket == socket; });
    EXPECT_NE(found, kernel.receives.rend()) << socket;
    return found != kernel.receives.rend() && found->streaming;
  }
  std::uint64_t open() const { return core->shard().counters().connections_open.get(); }
};

// Aim: where many end at once, what another one says is heard in that turn, and the ends follow in
// a few each. Method: all but one are reset, and it is the last.
TEST_F(CrowdTest, EndsSomePerTurn) {
  turn([&] {
    for (int socket = first; socket < last; ++socket)
      core->sockets().on_received(slot(socket), -ECONNRESET, false);
    const std::string enquiry = test::pdu(smpp::Command::enquire_link, 2);
    core->sockets().on_octets(slot(last), as_octets(enquiry));
    core->sockets().on_received(slot(last), static_cast<int>(enquiry.size()), false);
  });
  EXPECT_EQ(kernel.sent[last].size(), 16U);
  EXPECT_GT(open(), std::uint64_t{count / 2});
  unsigned turns = 0;
  for (; core->deadline(false) <= at && turns < count; ++turns) turn();
  EXPECT_GT(turns, 0U);
  EXPECT_EQ(open(), 1U);
  EXPECT_EQ(kernel.closed.size(), std::size_t{count - 1});
}

// Aim: a link that was reset, and was closed for another reason before its end was told, is told of
// no more: its slot may be another's by then. Method: all sessions are ended meanwhile, and others
// come into their places.
TEST_F(CrowdTest, EndsAnotherWay) {
  turn([&] {
    for (int socket = first; socket <= last; ++socket)
      core->sockets().on_received(slot(socket), -ECONNRESET, false);
    core->shard().sessions().end(SessionFilter{}, SessionEnd{.unbind = false});
  });
  EXPECT_TRUE(core->sockets().has_ends());
  constexpr int others = 5, other = last + 1;
  for (int socket = other; socket < other + others; ++socket) accept(socket);
  for (unsigned turns = 0; core->deadline(false) <= at && turns < count; ++turns) turn();
  EXPECT_FALSE(core->sockets().has_ends());
  EXPECT_EQ(kernel.closed.size(), std::size_t{count});
  EXPECT_EQ(open(), std::uint64_t{others});
}

// Aim: where all come back at once, the places of those who have gone are free before they are
// given: nobody is turned away. Method: every place taken, all reset, and as many come in that
// turn.
TEST_F(CrowdTest, ThePlacesOfTheGone) {
  for (int socket = last + 1; socket < first + static_cast<int>(crowd_places); ++socket)
    accept(socket);
  constexpr int back = 1'000;
  turn([&] {
    for (int socket = first; socket <= last; ++socket)
      core->sockets().on_received(slot(socket), -ECONNRESET, false);
    for (int i = 0; i < count; ++i) core->arrivals().on_accept(0, back + i, true);
  });
  for (unsigned turns = 0; core->deadline(false) <= at && turns < 10 * count; ++turns) turn();
  EXPECT_EQ(open(), std::uint64_t{crowd_places});
  EXPECT_EQ(core->arrivals().closed_unplaced(), 0U);
  EXPECT_EQ(kernel.closed.size(), std::size_t{count});
}

// Aim: where buffers ran out all are read one at a time, for a while, so that nobody takes all of
// them again; and who fills his is heavy. Method: all but two find no buffer.
TEST_F(CrowdTest, BuffersRunOut) {
  turn([&] {
    for (int socket = first; socket < last - 1; ++socket)
      core->sockets().on_received(slot(socket), -ENOBUFS, false);
  });
  // No more than there are buffers for; the others in the next turn, which comes at once.
  EXPECT_LT(kernel.receives.size(), SocketTable::buffer_count);
  EXPECT_LE(core->deadline(false), at);
  turn();
  for (int socket = first; socket < last - 1; ++socket) EXPECT_FALSE(is_streaming(socket));
  // One has filled its buffer with what is a PDU, the other says little.
  std::string much("\0\0\x40\0\0\0\0\x99", 8);
  much.resize(SocketTable::buffer_size);
  const auto hear = [&](int socket, const std::string& octets) {
    turn([&] {
      core->sockets().on_octets(slot(socket), as_octets(octets));
      core->sockets().on_received(slot(socket), static_cast<int>(octets.size()), false);
    });
  };
  const std::string enquiry = test::pdu(smpp::Command::enquire_link, 2);
  hear(first, much);
  hear(first + 1, enquiry);
  EXPECT_FALSE(is_streaming(first + 1)) << "for a while";
  for (int i = 0; i < 20; ++i) turn();
  hear(first + 1, enquiry);
  EXPECT_TRUE(is_streaming(first + 1));
  hear(first, much);
  EXPECT_FALSE(is_streaming(first)) << "it is heavy";
  hear(first, enquiry);
  EXPECT_TRUE(is_streaming(first)) << "it has nothing more";
}

// Aim: connections go to the other core when it has fewer, by mail, and count as its own until it
// says that they have gone. Method: a second core that never says anything.
TEST_F(CoreTest, PlacesOnOtherCores) {
  const ShardCounters other;
  const Counter other_closed;
  listen({core->seen(), {&other, &other_closed, places}});
  for (int socket = 1; socket <= 6; ++socket) accept(socket);
  EXPECT_EQ(kernel.tuned.size(), 3U);
  ASSERT_EQ(kernel.mails.size(), 3U);
  for (const auto& [shard, mail] : kernel.mails) {
    EXPECT_EQ(shard, 1U);
    EXPECT_EQ(mail.kind, Arrivals::mail_adopt);
    discard(mail, kernel);
  }
  EXPECT_EQ(kernel.closed.size(), 3U) << "whoever throws such mail away closes its socket";
}

// Aim: a core whose doors are closed closes who comes; the others are served to their end.
TEST_F(CoreTest, ClosesItsDoors) {
  listen({core->seen()});
  accept(3);
  turn([&] { core->end(Ending::abandon); });
  accept(4);
  EXPECT_EQ(kernel.closed, std::vector<int>{4});
  EXPECT_EQ(core->arrivals().closed_unplaced(), 1U);
}

// Aim: a socket is closed when its last operation has ended, not before; then its slot is free.
TEST_F(CoreTest, ClosesBehindTheLastCompletion) {
  listen({core->seen()});
  accept(3);
  // Nothing that SMPP knows: the session ends, after an answer.
  turn([&] {
    core->sockets().on_octets(slot(3), as_octets(std::string(16, '\0')));
    core->sockets().on_received(slot(3), 16, false);
  });
  EXPECT_FALSE(kernel.sent[3].empty());
  EXPECT_TRUE(kernel.closed.empty());
  turn([&] { core->sockets().on_sent(slot(3), static_cast<int>(kernel.sent[3].size())); });
  EXPECT_EQ(kernel.ended, std::vector<int>{3}) << "the peer may read what was sent";
  EXPECT_TRUE(kernel.closed.empty());
  // It never closes: after its time it is broken off, and closed with its receive.
  at = core->deadline(false);
  turn();
  EXPECT_EQ(kernel.broken_off, std::vector<int>{3});
  EXPECT_TRUE(kernel.closed.empty());
  turn([&] { core->sockets().on_received(slot(3), -ECANCELED, false); });
  EXPECT_EQ(kernel.closed, std::vector<int>{3});
  EXPECT_FALSE(core->shard().has_connections());
}

// Aim: an end with nothing bound is quick: connections are closed, and no turn is wanted then.
TEST_F(CoreTest, EndsWhenNobodyIsBound) {
  listen({core->seen()});
  accept(3);
  EXPECT_FALSE(core->is_over(false));
  turn([&] { core->end(Ending::drain); });
  EXPECT_FALSE(core->is_over(false)) << "its connection has not gone";
  turn([&] { core->sockets().on_received(slot(3), 0, false); });
  turn();
  EXPECT_TRUE(core->is_deserted());
  EXPECT_FALSE(core->is_over(true)) << "the disk works";
  EXPECT_TRUE(core->is_over(false));
}

// Aim: neither a peer that stays nor a disk that hangs keeps a core for ever. Method: nothing is
// completed; the turns come when the core wants them.
TEST_F(CoreTest, EndsWhateverHangs) {
  listen({core->seen()});
  accept(3);
  turn([&] { core->end(Ending::drain); });
  unsigned turns = 0;
  for (; !core->is_over(true) && turns < 100; ++turns) {
    const Nanos next = core->deadline(true);
    ASSERT_NE(next, never);
    at = std::max(at + 1, next);
    turn();
  }
  EXPECT_TRUE(core->is_over(true));
  EXPECT_LT(at, seconds(130));
}

// Aim: a core whose journal has failed in the middle of an orderly end waits for its disk and for
// nothing else, and says nothing more. Method: a submit without its answer keeps the session open;
// the disk hangs.
TEST_F(CoreTest, AbandonsAnOrderlyEnd) {
  backend.answer = std::nullopt;
  listen({core->seen()});
  accept(3);
  const auto hear = [&](const std::string& octets) {
    turn([&] {
      core->sockets().on_octets(slot(3), as_octets(octets));
      core->sockets().on_received(slot(3), static_cast<int>(octets.size()), true);
    });
  };
  hear(test::bind_pdu(smpp::Command::bind_transceiver, "esme", "secret"));
  const std::size_t said = kernel.sent[3].size();
  turn([&] { core->sockets().on_sent(slot(3), static_cast<int>(said)); });
  hear(test::submit_pdu(2));
  ASSERT_EQ(backend.held.size(), 1u);
  turn([&] { core->end(Ending::drain); });
  turn([&] { core->end(Ending::abandon); });
  const Nanos began = at;
  for (unsigned turns = 0; !core->is_over(true) && turns < 100; ++turns) {
    at = std::max(at + 1, core->deadline(true));
    turn();
  }
  EXPECT_TRUE(core->is_over(true));
  EXPECT_LT(at, began + seconds(6));
  EXPECT_EQ(kernel.sent[3].size(), said);
}

}  // namespace
}  // namespace ringgate

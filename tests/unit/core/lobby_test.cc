// Aim: a connection of a load balancer is its client's once it has said so, nobody waits there for
// ever, and what follows the header is left where it is. Method: a kernel that fills what it is
// given from a text, as far as that goes.
#include "core/lobby.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/units.h"

namespace ringgate {
namespace {

constexpr std::string_view header = "PROXY TCP4 192.0.2.1 192.0.2.2 5000 2775\r\n";

struct LobbyKernel final : io::Sockets {
  struct Read {
    int socket;
    std::span<std::uint8_t> to;
  };

  void accept(std::uint32_t) override {}
  const ListenerTerms* terms(std::uint32_t) override { return nullptr; }
  void read_whole(int socket, std::uint32_t place, std::span<std::uint8_t> to) override {
    EXPECT_TRUE(reads.emplace(place, Read{socket, to}).second) << "two reads at a time";
    EXPECT_FALSE(to.empty());
  }
  void hang_up(int socket) override { hung_up.push_back(socket); }
  std::string peer(int) override { return {}; }
  void tune(int) override {}
  void receive(int, LinkId, bool) override {}
  void cancel_receive(LinkId) override {}
  void send(int, LinkId, Octets) override {}
  void end_sending(int) override {}
  void break_off(int, LinkId) override {}
  void close(int) override {}
  bool has_unread(int) override { return false; }

  std::map<std::uint32_t, Read> reads;  // by place
  std::vector<int> hung_up;
};

class LobbyTest : public testing::Test {
 protected:
  bool enter(int socket) {
    Arrival one{.socket = socket, .peer = "10.0.0.1:1"};
    return lobby_.enter(one, now_);
  }
  /// The read of that socket ends with as much of `text` as it takes, or with an end.
  std::optional<Arrival> fill(int socket, std::string& text) {
    const auto found = std::find_if(kernel_.reads.begin(), kernel_.reads.end(),
                                    [&](const auto& one) { return one.second.socket == socket; });
    EXPECT_NE(found, kernel_.reads.end());
    const auto [place, read] = *found;
    kernel_.reads.erase(found);
    const std::size_t count = std::min(read.to.size(), text.size());
    std::copy_n(text.begin(), count, read.to.begin());
    text.erase(0, count);
    return lobby_.on_read(place, static_cast<int>(count), fault_);
  }
  std::optional<Arrival> say(int socket, std::string text) {
    std::optional<Arrival> out;
    while (!out && !kernel_.reads.empty()) out = fill(socket, text);
    rest_ = text;
    return out;
  }

  LobbyKernel kernel_;
  Lobby lobby_{kernel_};
  Nanos now_ = seconds(100);
  std::string_view fault_;
  std::string rest_;
};

TEST_F(LobbyTest, ItIsTheClients) {
  EXPECT_TRUE(enter(7));
  const auto one = say(7, std::string(header) + "what follows");
  ASSERT_TRUE(one);
  EXPECT_EQ(fault_, "");
  EXPECT_EQ(one->socket, 7);
  EXPECT_EQ(one->peer, "192.0.2.1:5000");
  EXPECT_EQ(rest_, "what follows");
  EXPECT_TRUE(lobby_.empty());
}

TEST_F(LobbyTest, ItMayBeItsOwn) {
  EXPECT_TRUE(enter(7));
  const auto one = say(7, "PROXY UNKNOWN\r\n");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->peer, "10.0.0.1:1");
}

TEST_F(LobbyTest, WhoSaysSomethingElse) {
  EXPECT_TRUE(enter(7));
  const auto one = say(7, std::string(16, '\0'));
  ASSERT_TRUE(one);
  EXPECT_EQ(one->socket, 7) << "to be closed";
  EXPECT_NE(fault_, "");
  EXPECT_TRUE(lobby_.empty());
}

TEST_F(LobbyTest, WhoEnds) {
  EXPECT_TRUE(enter(7));
  const auto one = say(7, std::string(header.substr(0, 20)));
  ASSERT_TRUE(one);
  EXPECT_NE(fault_, "");
}

// Aim: who says nothing is hung up on in time, and is gone when its read has ended; not before, for
// the kernel may still write there.
TEST_F(LobbyTest, WhoSaysNothing) {
  EXPECT_EQ(lobby_.deadline(), never);
  EXPECT_TRUE(enter(7));
  const Nanos until = lobby_.deadline();
  EXPECT_LT(until, now_ + seconds(10));
  lobby_.expire(until - 1);
  EXPECT_TRUE(kernel_.hung_up.empty());
  lobby_.expire(until);
  EXPECT_EQ(kernel_.hung_up, std::vector<int>{7});
  EXPECT_EQ(lobby_.deadline(), never);
  EXPECT_FALSE(lobby_.empty());
  // Too late.
  std::string text(header);
  const auto one = fill(7, text);
  ASSERT_TRUE(one);
  EXPECT_EQ(fault_, "no PROXY header in time");
  EXPECT_TRUE(lobby_.empty());
}

// Aim: a time that was set for one who has gone means nothing to the next in its place.
TEST_F(LobbyTest, PlacesAreUsedAgain) {
  EXPECT_TRUE(enter(7));
  const Nanos first = lobby_.deadline();
  EXPECT_TRUE(say(7, std::string(header)));
  EXPECT_EQ(lobby_.deadline(), never);
  now_ += seconds(1);
  EXPECT_TRUE(enter(8));
  lobby_.expire(first);
  EXPECT_TRUE(kernel_.hung_up.empty());
  lobby_.expire(lobby_.deadline());
  EXPECT_EQ(kernel_.hung_up, std::vector<int>{8});
}

// Aim: there is a bound, and at it those that came first make room.
TEST_F(LobbyTest, Full) {
  int socket = 1;
  while (enter(socket)) ++socket;
  EXPECT_LE(socket, 10'000);
  EXPECT_EQ(kernel_.hung_up, std::vector<int>{1});
  EXPECT_FALSE(enter(socket + 1)) << "its read has not ended";
  EXPECT_EQ(kernel_.hung_up, (std::vector<int>{1, 2}));
  std::string nothing;
  fill(1, nothing);
  EXPECT_TRUE(enter(socket + 2));
}

TEST_F(LobbyTest, EverybodyGoes) {
  EXPECT_TRUE(enter(1));
  EXPECT_TRUE(enter(2));
  lobby_.close_all();
  lobby_.close_all();
  EXPECT_EQ(kernel_.hung_up, (std::vector<int>{1, 2}));
  std::string nothing;
  fill(1, nothing);
  fill(2, nothing);
  EXPECT_TRUE(lobby_.empty());
}

}  // namespace
}  // namespace ringgate

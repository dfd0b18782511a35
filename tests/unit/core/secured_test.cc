// Sockets whose octets go through a channel: who has it when, and what becomes of octets meanwhile.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "../shard/shard_world.h"
#include "core/core.h"
#include "session/smpp_session.h"
#include "smpp/operations.h"

namespace ringgate {
namespace {

using Stage = io::Channel::Stage;

/// Writes what it carries upside down, so that nobody mistakes it for plain. "hello" begins and
/// "ok" ends its handshake, "bad" ends it badly, "bye" ends the session.
class UpsideDown final : public io::Channel {
 public:
  Stage stage() const override { return stage_; }
  void put(Octets octets) override {
    EXPECT_TRUE(stage_ != Stage::half && stage_ != Stage::over);
    put_ += as_text(octets);
    if (stage_ == Stage::shaking && put_.starts_with('\0')) stage_ = Stage::plain;
  }
  bool can_shake() const override { return put_ != "hel"; }
  void shake() override {
    if (put_ == "hello") gathered_ += "welcome";
    if (put_ == "ok") {
      stage_ = Stage::open;
      terms_ = "upside down";
    }
    if (put_ == "bad") end("no good", "alert");
    put_.clear();
  }
  std::size_t read(std::span<std::uint8_t> to) override {
    if (put_ == "bye") {
      stage_ = Stage::half;
      put_.clear();
    }
    if (put_ == "broken") {
      end("broken", "alert");
      put_.clear();
    }
    const std::size_t count = std::min(put_.size(), to.size());
    const std::string text = carried(put_.substr(0, count));
    std::copy(text.begin(), text.end(), to.begin());
    put_.erase(0, count);
    return count;
  }
  void write(Octets octets) override {
    if (stage_ != Stage::over) gathered_ += carried(std::string(as_text(octets)));
  }
  void finish() override {
    if (stage_ == Stage::open || stage_ == Stage::half) gathered_ += "bye";
  }
  Octets outgoing() override {
    if (leaving_.empty()) leaving_ = std::exchange(gathered_, {});
    return as_octets(leaving_);
  }
  void sent(std::size_t count) override { leaving_.erase(0, count); }
  std::string_view fault() const override { return fault_; }
  std::string_view terms() const override { return terms_; }
  bool resumed() const override { return false; }
  const std::vector<std::string>& names() const override { return names_; }

  static std::string turned(std::string text) {
    for (char& c : text) c = static_cast<char>(~c);
    return text;
  }

 private:
  std::string carried(const std::string& text) const {
    return stage_ == Stage::plain ? text : turned(text);
  }
  void end(const char* fault, const char* alert) {
    stage_ = Stage::over;
    fault_ = fault;
    gathered_ += alert;
  }

  Stage stage_ = Stage::shaking;
  std::string put_, leaving_, gathered_, fault_, terms_;
  std::vector<std::string> names_{"client.example"};
};

struct ChannelKernel final : io::Sockets, io::Mesh, io::Passwords, io::Channels {
  void accept(std::uint32_t) override {}
  const ListenerTerms* terms(std::uint32_t) override { return nullptr; }
  void read_whole(int, std::uint32_t, std::span<std::uint8_t>) override {}
  void hang_up(int) override {}
  std::string peer(int socket) override { return "192.0.2." + std::to_string(socket) + ":1"; }
  void tune(int) override {}
  void receive(int socket, LinkId given, bool streaming) override {
    link = given;
    ++receives;
    armed[socket] = {given, streaming};
  }
  void cancel_receive(LinkId) override {}
  void send(int socket, LinkId, Octets octets) override {
    EXPECT_TRUE(sending.empty() || socket != std::exchange(sender, socket));
    sending = as_text(octets);
    said += sending;
  }
  void end_sending(int) override { said += "|"; }
  void break_off(int, LinkId) override { broken_off = true; }
  void close(int) override { closed = true; }
  bool has_unread(int) override { return false; }
  void post(unsigned, const io::Mail&) override {}
  io::PasswordReply compare(const io::PasswordQuestion&) override {
    return io::PasswordReply::full;
  }
  std::unique_ptr<io::Channel> make(std::uint32_t listener) override {
    return listener == 0 ? std::make_unique<UpsideDown>() : nullptr;
  }
  void shake(LinkId given, io::Channel& channel, std::string_view address, bool begins) override {
    EXPECT_TRUE(address.starts_with("192.0.2."));
    EXPECT_EQ(begins, begun.insert(&channel).second);
    shaking = &channel;
    shaking_link = given;
  }
  bool withdraw(io::Channel& channel) override {
    EXPECT_EQ(&channel, shaking);
    if (step_waits) shaking = nullptr;
    return step_waits;
  }

  struct Armed {
    LinkId link;
    bool streaming = false;
  };

  LinkId link;
  unsigned receives = 0;
  std::map<int, Armed> armed;  // by socket: its last receive
  std::set<io::Channel*> begun;
  io::Channel* shaking = nullptr;
  LinkId shaking_link;
  bool step_waits = false;  // it can be withdrawn
  int sender = -1;          // the last
  std::string sending, said;
  bool broken_off = false;
  bool closed = false;
};

class SecuredTest : public testing::Test {
 protected:
  SecuredTest() {
    ShardOptions options;
    options.budget = make_budget(64, 1, 100);
    auto accounts = test::one_account().accounts;
    name_ = accounts[0].system_id;
    password_ = accounts[0].password;
    roster_ = std::make_shared<const Roster>(accounts, std::vector<NumberOptions>{}, seconds(100));
    core_.emplace(options, roster_, backend_, kernel_,
                  ShardWorld{protocol_, kernel_, kernel_, nullptr}, now(), &kernel_);
    core_->arrivals().see({core_->seen()}, 100);
    core_->arrivals().listen(1);
    turn([&] { core_->arrivals().on_accept(0, 7, true); });
  }

  Now now() const { return {at_, 1'000}; }
  template <class F>
  void turn(F&& what) {
    core_->begin_turn(now());
    what();
    core_->end_turn();
  }
  void turn() {
    turn([] {});
  }
  std::uint32_t slot() const { return kernel_.link.slot(); }
  void hear(std::string_view octets) {
    turn([&] {
      core_->sockets().on_octets(slot(), as_octets(octets));
      core_->sockets().on_received(slot(), static_cast<int>(octets.size()), false);
    });
  }
  void hang_up() {
    turn([&] { core_->sockets().on_received(slot(), 0, false); });
  }
  /// Within a turn: what came for that socket, whose receive has ended with it.
  void hear_from(int socket, std::string_view octets) {
    const std::uint32_t place = kernel_.armed.at(socket).link.slot();
    core_->sockets().on_octets(place, as_octets(octets));
    core_->sockets().on_received(place, static_cast<int>(octets.size()), false);
  }
  /// Of a send, so much has gone.
  void sent(std::size_t count) {
    turn([&] {
      kernel_.sending.clear();
      core_->sockets().on_sent(slot(), static_cast<int>(count));
    });
  }
  void sent() { sent(kernel_.sending.size()); }
  /// All of that socket's, if it sends.
  void sent_by(int socket) {
    const std::string octets = std::exchange(kernel_.sending, {});
    if (octets.empty()) return;
    turn([&] {
      core_->sockets().on_sent(kernel_.armed.at(socket).link.slot(),
                               static_cast<int>(octets.size()));
    });
  }
  /// What the other thread does, and that it has.
  void shake() {
    std::exchange(kernel_.shaking, nullptr)->shake();
    turn([&] { core_->sockets().on_shaken(kernel_.shaking_link); });
  }
  void open() {
    hear("hello");
    shake();
    sent();
    hear("ok");
    shake();
    kernel_.said.clear();
  }
  void expect_gone() const {
    EXPECT_TRUE(kernel_.closed);
    EXPECT_FALSE(core_->shard().has_connections());
  }
  std::string bind() const {
    std::string body = name_ + '\0' + password_ + '\0' + '\0' + "\x34" + std::string(3, '\0');
    const std::string head("\0\0\0", 3);
    return head + static_cast<char>(16 + body.size()) + head + '\x09' + std::string(7, '\0') +
           '\1' + body;
  }

  const SmppProtocol protocol_{};
  Nanos at_ = seconds(100);
  std::string name_, password_;
  std::shared_ptr<const Roster> roster_;
  test::FakeBackend backend_;
  ChannelKernel kernel_;
  std::optional<Core> core_;
};

// Aim: another thread has the channel one step at a time, and nothing is read meanwhile.
TEST_F(SecuredTest, ShakesElsewhere) {
  EXPECT_EQ(kernel_.receives, 1U);
  hear("hello");
  ASSERT_NE(kernel_.shaking, nullptr);
  turn();
  EXPECT_EQ(kernel_.receives, 1U) << "not while another thread has it";
  shake();
  EXPECT_EQ(kernel_.said, "welcome");
  EXPECT_EQ(kernel_.receives, 2U);
  sent();
  hear("ok");
  shake();
  EXPECT_EQ(kernel_.receives, 3U);
  EXPECT_EQ(core_->shard().counters().handshakes.get(), 1U);
  hear(UpsideDown::turned(bind()));
  EXPECT_EQ(core_->shard().counters().binds_ok.get(), 1U);
  EXPECT_NE(UpsideDown::turned(kernel_.sending).find("Ringgate"), std::string::npos);
}

// Aim: a send in pieces is one to the shard, which hears of it when all of it has gone.
TEST_F(SecuredTest, SendsInPieces) {
  open();
  hear(UpsideDown::turned(bind()));
  const std::string whole = kernel_.sending;
  ASSERT_GT(whole.size(), 3U);
  sent(3);
  EXPECT_EQ(kernel_.sending, whole.substr(3));
  sent();
  EXPECT_TRUE(kernel_.sending.empty());
}

// Aim: a peer that does not read what it is sent is broken off at the end of its patience, as it is
// in plain: it would not read the end either, and all that it sends meanwhile would be read.
TEST_F(SecuredTest, StuckPeer) {
  open();
  hear(UpsideDown::turned(bind()));
  ASSERT_FALSE(kernel_.sending.empty());
  for (int i = 0; i < 120 && !kernel_.broken_off; ++i) {
    at_ += seconds(1);
    turn();
    EXPECT_EQ(kernel_.said.find('|'), std::string::npos) << "no orderly end";
  }
  EXPECT_TRUE(kernel_.broken_off);
}

// Aim: a send may end while another thread has the channel; the rest goes on behind that.
TEST_F(SecuredTest, SendEndsMeanwhile) {
  hear("hello");
  shake();
  ASSERT_EQ(kernel_.sending, "welcome");
  hear("ok");
  ASSERT_NE(kernel_.shaking, nullptr);
  sent(3);
  EXPECT_TRUE(kernel_.sending.empty()) << "nobody touches the channel now";
  shake();
  EXPECT_EQ(kernel_.sending, "come");
  sent();
  EXPECT_EQ(core_->shard().counters().handshakes.get(), 1U);
}

// Aim: a handshake that fails is told to the peer, and the connection ends.
TEST_F(SecuredTest, BadHandshake) {
  hear("bad");
  shake();
  EXPECT_EQ(core_->shard().counters().tls_failed.get(), 1U);
  EXPECT_EQ(kernel_.said, "alert");
  sent();
  EXPECT_EQ(kernel_.said, "alert|");
  hang_up();
  EXPECT_TRUE(kernel_.closed);
  turn();
  EXPECT_FALSE(core_->shard().has_connections());
}

// Aim: so is one that breaks later.
TEST_F(SecuredTest, BreaksLater) {
  open();
  hear("broken");
  EXPECT_EQ(kernel_.said, "alert");
  sent();
  hang_up();
  turn();
  EXPECT_FALSE(core_->shard().has_connections());
}

// Aim: an end of the channel is the peer's end, once, and is answered by ours.
TEST_F(SecuredTest, PeerEnds) {
  open();
  hear("bye");
  turn();
  EXPECT_EQ(kernel_.said, "bye");
  sent();
  EXPECT_EQ(kernel_.said, "bye|");
  hang_up();
  turn();
  expect_gone();
}

// Aim: a peer that is gone while another thread has its channel is let go of behind that.
TEST_F(SecuredTest, OverWhileShaking) {
  hear("hello");
  turn([&] {
    std::uint64_t ended = core_->shard().sessions().end({}, {});
    EXPECT_EQ(ended, 1U);
  });
  turn();
  at_ += seconds(5);
  turn();
  EXPECT_FALSE(kernel_.closed) << "the channel is still the other thread's";
  shake();
  if (!kernel_.sending.empty()) sent();
  turn();
  expect_gone();
}

// Aim: one whose handshake waits for a thread is let go of at once: in a flood, those that have
// gone would take the places of all.
TEST_F(SecuredTest, OverWhileWaiting) {
  hear("hello");
  kernel_.step_waits = true;
  turn([&] { core_->shard().sessions().end({}, {}); });
  EXPECT_EQ(kernel_.shaking, nullptr);
  hang_up();
  expect_gone();
}

// Aim: half of what it takes is waited for without a thread.
TEST_F(SecuredTest, WaitsForAllOfAStep) {
  hear("hel");
  EXPECT_EQ(kernel_.shaking, nullptr);
  EXPECT_EQ(kernel_.receives, 2U);
  hear("lo");
  EXPECT_NE(kernel_.shaking, nullptr);
}

// Aim: who says that no more comes is still answered, and at once.
TEST_F(SecuredTest, AnswersBehindThePeersEnd) {
  open();
  turn([&] {
    const std::string request = UpsideDown::turned(bind());
    core_->sockets().on_octets(slot(), as_octets(request));
    core_->sockets().on_octets(slot(), as_octets(std::string_view("bye")));
    core_->sockets().on_received(slot(), 100, false);
  });
  EXPECT_NE(UpsideDown::turned(kernel_.sending).find("Ringgate"), std::string::npos);
}

// Aim: what cannot be written any more is no reason to wait: the next turn goes on at once.
TEST_F(SecuredTest, SendsThatGoNowhere) {
  open();
  turn([&] {
    const std::string request = UpsideDown::turned(bind());
    core_->sockets().on_octets(slot(), as_octets(request));
    core_->sockets().on_octets(slot(), as_octets(std::string_view("broken")));
    core_->sockets().on_received(slot(), 100, false);
  });
  EXPECT_EQ(kernel_.sending, "alert");
  sent();
  for (int i = 0; i < 3 && core_->deadline(false) <= at_; ++i) turn();
  EXPECT_EQ(kernel_.said, "alert|");
  hang_up();
  turn();
  expect_gone();
}

// Aim: who fills buffers of which a turn has more than enough to decipher gets one at a time from
// then on, and who says little at the same time is read as before. Method: more connections than
// that with a whole buffer each, which is one PDU, and one with a small PDU behind them.
TEST_F(SecuredTest, MuchToDecipher) {
  constexpr int first = 10, last = 50, little = 51;
  turn([&] {
    for (int socket = first; socket <= little; ++socket)
      core_->arrivals().on_accept(0, socket, true);
  });
  turn();
  const std::string hello = UpsideDown::turned(bind());
  for (int socket = first; socket <= little; ++socket) {
    for (const std::string_view step : {"hello", "ok"}) {
      turn([&] { hear_from(socket, step); });
      shake();
      sent_by(socket);
    }
    turn([&] { hear_from(socket, hello); });
    sent_by(socket);
    ASSERT_TRUE(kernel_.armed.at(socket).streaming) << socket;
  }
  std::string much("\0\0\x40\0\0\0\0\x99", 8), enquiry("\0\0\0\x10\0\0\0\x15", 8);
  much.resize(SocketTable::buffer_size);
  enquiry.resize(16);
  turn([&] {
    for (int socket = first; socket <= last; ++socket) hear_from(socket, UpsideDown::turned(much));
    hear_from(little, UpsideDown::turned(enquiry));
  });
  for (int i = 0; i < 10; ++i) turn();
  EXPECT_TRUE(kernel_.armed.at(first).streaming);
  EXPECT_FALSE(kernel_.armed.at(last - 20).streaming);
  EXPECT_TRUE(kernel_.armed.at(little).streaming);
}

// Aim: who speaks in plain where TLS is wanted is told so in plain, and may not bind.
TEST_F(SecuredTest, PlainOnTls) {
  hear(bind());
  EXPECT_EQ(kernel_.shaking, nullptr) << "no other thread is needed for that";
  at_ += seconds(2);  // A refusal is told with a delay.
  turn();
  ASSERT_GE(kernel_.said.size(), 16U);
  EXPECT_EQ(kernel_.said.substr(4, 8), std::string("\x80\0\0\x09\0\0\0\x0D", 8))
      << "ESME_RBINDFAIL";
  EXPECT_EQ(core_->shard().counters().binds_insecure.get(), 1U);
  EXPECT_EQ(core_->shard().counters().binds_ok.get(), 0U);
}

}  // namespace
}  // namespace ringgate

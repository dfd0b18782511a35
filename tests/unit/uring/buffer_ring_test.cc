// Aim: every octet arrives once and in order whatever the buffers do: many per completion,
// exhausted, re-armed, returned out of order. Method: multishot receives over socket pairs, with
// and without bundles.
#include "uring/buffer_ring.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <deque>
#include <string>

#include "ring_fixture.h"

namespace ringgate::uring {
namespace {

constexpr std::uint16_t group = 7;
constexpr std::uint32_t buffer_count = 4;
constexpr std::uint32_t buffer_size = 64;
constexpr UserData receive{.kind = 1, .generation = 0, .index = 0};

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * 7 % 26);
  return text;
}

class BufferRingTest : public testing::TestWithParam<bool> {
 protected:
  BufferRingTest() {
    Capabilities capabilities = all_capabilities();
    bundle_ = GetParam() && capabilities.bundle;
    ring_ = make_ring(capabilities);
    Result<std::unique_ptr<BufferRing>> made =
        BufferRing::make(*ring_, group, buffer_count, buffer_size);
    if (made) buffers_ = std::move(made).value();
    EXPECT_NE(buffers_, nullptr);
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair_.data()), 0);
  }
  ~BufferRingTest() override {
    close(pair_[0]);
    close(pair_[1]);
  }

  void arm() {
    prep_recv_multishot(ring_->sqe(), pair_[0], group, bundle_, false, receive);
    armed_ = true;
  }
  void write_to_peer(const std::string& text) {
    ASSERT_EQ(write(pair_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  // One turn: collects bytes; keeps the buffers' numbers in held_ if asked to, else gives them
  // back.
  void turn(bool keep) {
    ring_->enter(milliseconds(5), 1);
    ring_->drain([&](const io_uring_cqe& completion) {
      EXPECT_EQ(UserData::unpack(completion.user_data), receive);
      if ((completion.flags & IORING_CQE_F_MORE) == 0) armed_ = false;
      if (completion.res == 0) ended_ = true;
      if (completion.res < 0) last_error_ = -completion.res;
      buffers_->for_each_buffer(completion, [&](std::uint16_t bid, Octets bytes) {
        EXPECT_EQ(bytes.data(), buffers_->at(bid));
        received_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        if (keep)
          held_.push_back(bid);
        else
          buffers_->give_back(bid);
      });
    });
    buffers_->publish();
  }

  bool bundle_ = false;
  std::unique_ptr<Ring> ring_;
  std::unique_ptr<BufferRing> buffers_;
  std::array<int, 2> pair_{};
  bool armed_ = false;
  bool ended_ = false;
  int last_error_ = 0;
  std::string received_;
  std::deque<std::uint16_t> held_;
};

INSTANTIATE_TEST_SUITE_P(Receive, BufferRingTest, testing::Values(false, true),
                         [](const auto& test) { return test.param ? "Bundle" : "Plain"; });

TEST_P(BufferRingTest, ReceivesUntilTheEndOfTheStream) {
  arm();
  write_to_peer("hello");
  for (int i = 0; i < 100 && received_.size() < 5; ++i) turn(false);
  EXPECT_EQ(received_, "hello");
  EXPECT_TRUE(armed_);
  shutdown(pair_[1], SHUT_WR);
  for (int i = 0; i < 100 && !ended_; ++i) turn(false);
  EXPECT_TRUE(ended_);
  EXPECT_FALSE(armed_);
  EXPECT_EQ(buffers_->free_count(), buffer_count);
}

TEST_P(BufferRingTest, RearmsAfterExhaustion) {
  const std::string sent = pattern(buffer_size * buffer_count + 100);
  arm();
  write_to_peer(sent);
  for (int i = 0; i < 100 && armed_; ++i) turn(true);
  EXPECT_FALSE(armed_);
  EXPECT_EQ(buffers_->free_count(), 0u);
  EXPECT_EQ(received_, sent.substr(0, buffer_size * buffer_count));
  if (!bundle_) {
    EXPECT_EQ(last_error_, ENOBUFS);
  }

  while (!held_.empty()) {
    buffers_->give_back(held_.front());
    held_.pop_front();
  }
  EXPECT_EQ(buffers_->free_count(), buffer_count);
  buffers_->publish();
  arm();
  for (int i = 0; i < 100 && received_.size() < sent.size(); ++i) turn(false);
  EXPECT_EQ(received_, sent);
}

TEST_P(BufferRingTest, KeepsStreamOrderWhenBuffersComeBackInAnyOrder) {
  const std::string sent = pattern(20'000);
  std::size_t written = 0;
  arm();
  for (std::size_t i = 0; i < 10'000 && received_.size() < sent.size(); ++i) {
    if (written < sent.size()) {
      const std::size_t size = std::min<std::size_t>(sent.size() - written, 37 + i % 200);
      write_to_peer(sent.substr(written, size));
      written += size;
    }
    turn(true);
    // From the back, then the front: the numbers in the ring get thoroughly mixed.
    while (!held_.empty()) {
      buffers_->give_back(held_.back());
      held_.pop_back();
      if (held_.empty()) break;
      buffers_->give_back(held_.front());
      held_.pop_front();
    }
    buffers_->publish();
    if (!armed_) arm();
  }
  EXPECT_EQ(received_.size(), sent.size());
  EXPECT_EQ(received_, sent);
}

TEST_P(BufferRingTest, OctetsAfterTheLastBufferCanBeRead) {
  const std::uint8_t* last = buffers_->at(buffer_count - 1);
  unsigned sum = 0;
  for (std::size_t i = 0; i < BufferRing::overread_size; ++i) sum += last[buffer_size + i];
  EXPECT_EQ(sum, 0u);
}

TEST_P(BufferRingTest, RefusesAGroupTwice) {
  const Result<std::unique_ptr<BufferRing>> second =
      BufferRing::make(*ring_, group, buffer_count, buffer_size);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::invalid);
}

TEST_P(BufferRingTest, SendsThroughTheRing) {
  const std::string text = "through the ring";
  arm();
  prep_send(ring_->sqe(), pair_[1],
            Octets(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()),
            UserData{.kind = 2});
  int sent = 0;
  for (int i = 0; i < 100 && (sent == 0 || received_.size() < text.size()); ++i) {
    ring_->enter(milliseconds(5), 1);
    ring_->drain([&](const io_uring_cqe& completion) {
      if (UserData::unpack(completion.user_data).kind == 2) sent = completion.res;
      buffers_->for_each_buffer(completion, [&](std::uint16_t bid, Octets bytes) {
        received_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        buffers_->give_back(bid);
      });
    });
    buffers_->publish();
  }
  EXPECT_EQ(sent, static_cast<int>(text.size()));
  EXPECT_EQ(received_, text);
}

}  // namespace
}  // namespace ringgate::uring

#include "runtime/password_queue.h"

#include <gtest/gtest.h>

#include "base/units.h"

namespace ringgate::runtime {
namespace {

using io::PasswordReply;
using io::PasswordVerdict;

class PasswordQueueTest : public testing::Test {
 protected:
  static io::PasswordQuestion question(std::string address, std::string account,
                                       std::string password = "x") {
    io::PasswordQuestion out;
    out.address = std::move(address);
    out.account = std::move(account);
    out.hash = "hash";
    out.password = std::move(password);
    return out;
  }
  PasswordReply add(const io::PasswordQuestion& asked) {
    return queue_.add(
        asked, [this](PasswordVerdict) { ++told_; }, now_, gave_way_);
  }
  /// Computes the next one, in no time; its address and account.
  std::string next() {
    PasswordQueue::Check* const check = queue_.start(now_);
    if (check == nullptr) return "none";
    const std::string out = check->question.address + " " + check->question.account;
    for (const auto& done : queue_.finish(check)) done(PasswordVerdict::wrong);
    return out;
  }
  /// So many questions of one address, each about another account.
  void flood(const std::string& address, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) add(question(address, "a" + std::to_string(i)));
  }

  PasswordQueue queue_{1};
  Nanos now_ = seconds(1'000);
  std::vector<PasswordQueue::Done> gave_way_;
  unsigned told_ = 0;
};

// Aim: one address cannot keep another waiting: its second question comes after everybody's first.
// Method: a flood first, then a few others.
TEST_F(PasswordQueueTest, FairOverAddresses) {
  flood("flood", 900);
  add(question("good", "g"));
  add(question("fine", "f"));
  EXPECT_EQ(next(), "flood a0");
  EXPECT_EQ(next(), "good g");
  EXPECT_EQ(next(), "fine f");
  EXPECT_EQ(next(), "flood a1");
}

// Aim: many addresses that try one account do not keep other accounts waiting, nor, as far as can
// be told apart, that account's own client at an address that has had nothing. Method: 900
// addresses, some of which have had their turn.
TEST_F(PasswordQueueTest, FairOverAccounts) {
  const auto guess = [this](int i, const char* password) {
    add(question("bot" + std::to_string(i), "victim", password));
  };
  for (int i = 0; i < 450; ++i) guess(i, "1");
  // The same password again: that would be the same question.
  EXPECT_EQ(queue_.waiting(), 1U);
  EXPECT_EQ(next(), "bot0 victim");
  EXPECT_EQ(told_, 450U);
  guess(0, "2");
  guess(0, "3");
  add(question("good", "other"));
  add(question("owner", "victim", "right"));
  EXPECT_EQ(next(), "good other");
  EXPECT_EQ(next(), "owner victim");
  EXPECT_EQ(next(), "bot0 victim");
}

// Aim: names that nobody has count as one account, whatever they are. Method: decoys of two
// addresses under two names, and a real account behind them.
TEST_F(PasswordQueueTest, DecoysAreOneAccount) {
  auto first = question("a", "nobody");
  auto second = question("b", "anybody");
  first.decoy = second.decoy = true;
  add(first);
  add(second);
  add(question("c", "real"));
  EXPECT_EQ(next(), "a nobody");
  EXPECT_EQ(next(), "c real");
  EXPECT_EQ(next(), "b anybody");
}

// Aim: what was had long ago does not count, and nobody is remembered for ever.
TEST_F(PasswordQueueTest, Fades) {
  flood("flood", 1);
  next();
  now_ += seconds(60);
  add(question("flood", "a1"));
  add(question("good", "g"));
  EXPECT_EQ(next(), "flood a1");
  EXPECT_EQ(next(), "good g");
  EXPECT_EQ(queue_.payers(), 4U);
  now_ += seconds(60);
  EXPECT_EQ(next(), "none");
  EXPECT_EQ(queue_.payers(), 0U);
}

// Aim: what is the same is computed once, for those who come before and while it is; what differs
// in anything that decides is not the same.
TEST_F(PasswordQueueTest, Coalesces) {
  for (int i = 0; i < 100; ++i) add(question("address" + std::to_string(i), "esme"));
  EXPECT_EQ(queue_.waiting(), 1U);
  PasswordQueue::Check* const check = queue_.start(now_);
  add(question("late", "esme"));
  EXPECT_EQ(queue_.waiting(), 0U);
  EXPECT_EQ(queue_.finish(check).size(), 101U);
  add(question("late", "esme"));
  add(question("late", "esm", "ex"));
  auto other_hash = question("late", "esme");
  other_hash.hash = "other";
  add(other_hash);
  EXPECT_EQ(queue_.waiting(), 3U);
}

// Aim: when it is full, whoever has and wants most gives way, with word of it; the same for those
// who come new. Method: a flood of one address to the brim; a good one; the flood again; then
// nobody but one each.
TEST_F(PasswordQueueTest, FullQueue) {
  flood("flood", PasswordQueue::waiting_max);
  EXPECT_EQ(queue_.waiting(), PasswordQueue::waiting_max);
  EXPECT_EQ(add(question("good", "g")), PasswordReply::asked);
  EXPECT_EQ(queue_.waiting(), PasswordQueue::waiting_max);
  ASSERT_EQ(gave_way_.size(), 1U);
  EXPECT_EQ(add(question("flood", "one more")), PasswordReply::full);
  EXPECT_EQ(gave_way_.size(), 1U);
  for (std::size_t i = 2; i < PasswordQueue::waiting_max; ++i) {
    const std::string name = std::to_string(i);
    ASSERT_EQ(add(question("good" + name, "g" + name)), PasswordReply::asked);
  }
  EXPECT_EQ(gave_way_.size(), PasswordQueue::waiting_max - 1);
  // Everybody has one now: the youngest gives way, that is the one who comes.
  EXPECT_EQ(add(question("late", "late")), PasswordReply::full);
  EXPECT_EQ(told_, 0U);
}

// Aim: one address has a few guesses at one account under way, not a whole queue; also at a name
// that nobody has, or the difference would tell which those are.
TEST_F(PasswordQueueTest, FewPasswordsOfOnePair) {
  for (const bool decoy : {false, true}) {
    for (std::size_t i = 0; i <= PasswordQueue::waiting_max_per_pair; ++i) {
      auto guess = question("guesser", decoy ? "nobody" : "victim", std::to_string(i));
      guess.decoy = decoy;
      EXPECT_EQ(add(guess), i < PasswordQueue::waiting_max_per_pair ? PasswordReply::asked
                                                                    : PasswordReply::full);
    }
    auto other_name = question("guesser", decoy ? "nobody else" : "other");
    other_name.decoy = decoy;
    EXPECT_EQ(add(other_name), PasswordReply::asked);
  }
  EXPECT_EQ(add(question("other", "victim")), PasswordReply::asked);
  EXPECT_TRUE(gave_way_.empty());
}

// Aim: those who wait are bounded too, and so is who is remembered.
TEST_F(PasswordQueueTest, Bounds) {
  for (std::size_t i = 0; i < PasswordQueue::askers_max; ++i)
    ASSERT_EQ(add(question("a", "esme")), PasswordReply::asked);
  EXPECT_EQ(add(question("a", "esme")), PasswordReply::full);
  next();
  EXPECT_EQ(told_, PasswordQueue::askers_max);
  for (int i = 0; i < 20'000; ++i) {
    add(question("address" + std::to_string(i), "esme"));
    next();
  }
  EXPECT_LT(queue_.payers(), 9'000U);
}

}  // namespace
}  // namespace ringgate::runtime

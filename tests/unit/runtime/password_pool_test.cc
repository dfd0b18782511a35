#include "runtime/password_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace ringgate::runtime {
namespace {

// Both were made by crypt(3) from "tiger".
const std::string sha512crypt =
    "$6$ringgate$5.p3L1cKJGlAKld7IFRyxEm6H.ZYTlv04Evr4wELqi6ElX/"
    "Pft0IS.D3baERGNFzxG9ynLhr4GNahPY3THcDt/";
const std::string yescrypt =
    "$y$j9T$ringgate0123456789ab$l9iOTAgNfEcfPGqSnMHKWIF.mLnKFJTet70.IvfM7C1";

// Aim: known hashes match their password alone; what is no hash matches nothing. Method: both
// methods that mkpasswd offers first, and broken settings.
TEST(PasswordMatches, KnownHashes) {
  for (const std::string& hash : {sha512crypt, yescrypt}) {
    EXPECT_TRUE(password_matches(hash, "tiger"));
    EXPECT_FALSE(password_matches(hash, "Tiger"));
    EXPECT_FALSE(password_matches(hash, ""));
  }
  for (const char* broken : {"", "*", "*0", "tiger", "$y$", "$6$", "$9$x$y", "$y$j9T$!$x"})
    EXPECT_FALSE(password_matches(broken, "tiger")) << broken;
  EXPECT_FALSE(password_matches(yescrypt.substr(0, yescrypt.size() - 1), "tiger"));
}

io::PasswordQuestion question(std::string account, std::string hash, std::string password) {
  io::PasswordQuestion out;
  out.account = std::move(account);
  out.address = "192.0.2.1";
  out.hash = std::move(hash);
  out.password = std::move(password);
  return out;
}

/// Asks and waits; the verdict of what is known already is right.
io::PasswordVerdict verdict_of(PasswordPool& pool, const io::PasswordQuestion& asked) {
  auto promise = std::make_shared<std::promise<io::PasswordVerdict>>();
  const auto reply =
      pool.compare(asked, [promise](io::PasswordVerdict verdict) { promise->set_value(verdict); });
  if (reply == io::PasswordReply::known) return io::PasswordVerdict::right;
  if (reply == io::PasswordReply::full) return io::PasswordVerdict::unchecked;
  return promise->get_future().get();
}

// Aim: every question gets its own answer, on another thread. Method: right and wrong ones mixed,
// over several threads.
TEST(PasswordPool, Answers) {
  PasswordPool pool(3);
  std::vector<std::future<bool>> answers;
  std::atomic<bool> other_thread = true;
  for (int i = 0; i < 12; ++i) {
    auto promise = std::make_shared<std::promise<bool>>();
    answers.push_back(promise->get_future());
    const auto asked =
        question("account" + std::to_string(i), sha512crypt, i % 2 == 0 ? "tiger" : "lion");
    ASSERT_EQ(pool.compare(asked,
                           [promise, &other_thread,
                            caller = std::this_thread::get_id()](io::PasswordVerdict verdict) {
                             if (std::this_thread::get_id() == caller) other_thread = false;
                             promise->set_value(verdict == io::PasswordVerdict::right);
                           }),
              io::PasswordReply::asked);
  }
  for (int i = 0; i < 12; ++i) EXPECT_EQ(answers[static_cast<std::size_t>(i)].get(), i % 2 == 0);
  EXPECT_TRUE(other_thread);
}

// Aim: a pair that was right is known from then on, and nothing else is: not a wrong password, not
// the password with another account or hash, not what was right as a decoy.
TEST(PasswordPool, KnownPairs) {
  PasswordPool pool(1);
  const auto right = question("esme", sha512crypt, "tiger");
  EXPECT_FALSE(pool.known(pool.digest(right)));
  EXPECT_EQ(verdict_of(pool, right), io::PasswordVerdict::right);
  EXPECT_TRUE(pool.known(pool.digest(right)));
  EXPECT_EQ(pool.compare(right, [](io::PasswordVerdict) { ADD_FAILURE(); }),
            io::PasswordReply::known);

  auto decoy = question("nobody", sha512crypt, "tiger");
  decoy.decoy = true;
  EXPECT_EQ(verdict_of(pool, decoy), io::PasswordVerdict::right);
  const auto wrong = question("esme", sha512crypt, "lion");
  EXPECT_EQ(verdict_of(pool, wrong), io::PasswordVerdict::wrong);
  for (const auto& other :
       {decoy, wrong, question("other", sha512crypt, "tiger"), question("esme", yescrypt, "tiger"),
        question("esme", "", sha512crypt + "tiger"), question("", "esme" + sha512crypt, "tiger")})
    EXPECT_FALSE(pool.known(pool.digest(other))) << other.account << " " << other.password.text();
}

// Aim: a bind makes its pair known as well, and the digests of two pools have nothing in common.
TEST(PasswordPool, HeldPairsAndSecrets) {
  PasswordPool pool(1);
  const auto digest = pool.digest(question("esme", "", "plain"));
  pool.hold(digest);
  EXPECT_TRUE(pool.known(digest));
  pool.release(digest);
  EXPECT_TRUE(pool.known(digest));
  PasswordPool other(1);
  EXPECT_NE(other.digest(question("esme", "", "plain")), digest);
}

// Aim: the queue is bounded; whoever gives way hears so, on a thread of the pool, while a known
// pair needs no place at all; and the destructor waits for what is under way only. Method: hold the
// pool's thread in a callback, overfill from one address, then ask from another one.
TEST(PasswordPool, BoundAndEnd) {
  std::atomic<int> called = 0;
  std::promise<void> entered;
  std::promise<void> release;
  std::promise<io::PasswordVerdict> told;
  {
    PasswordPool pool(1);
    const auto right = question("esme", sha512crypt, "tiger");
    ASSERT_EQ(verdict_of(pool, right), io::PasswordVerdict::right);
    ASSERT_EQ(pool.compare(question("first", "*", "x"),
                           [&](io::PasswordVerdict) {
                             entered.set_value();
                             release.get_future().wait();
                           }),
              io::PasswordReply::asked);
    entered.get_future().wait();
    unsigned taken = 0;
    for (; taken < 5'000; ++taken) {
      const auto asked = question("account" + std::to_string(taken), "*", "x");
      const auto done = [&, last = taken + 1 ==
                                   PasswordQueue::waiting_max](io::PasswordVerdict verdict) {
        ++called;
        if (last) told.set_value(verdict);
      };
      if (pool.compare(asked, done) == io::PasswordReply::full) break;
    }
    EXPECT_EQ(taken, PasswordQueue::waiting_max);
    auto good = question("good", "*", "x");
    good.address = "192.0.2.2";
    EXPECT_EQ(pool.compare(good, [](io::PasswordVerdict) {}), io::PasswordReply::asked);
    EXPECT_EQ(pool.compare(right, [](io::PasswordVerdict) {}), io::PasswordReply::known);
    EXPECT_EQ(called.load(), 0);
    release.set_value();
    EXPECT_EQ(told.get_future().get(), io::PasswordVerdict::unchecked);
  }
  EXPECT_LE(called.load(), 1'000);
}

}  // namespace
}  // namespace ringgate::runtime

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

// Aim: every question gets its own answer, on another thread. Method: right and wrong ones mixed.
TEST(PasswordPool, Answers) {
  PasswordPool pool;
  std::vector<std::future<bool>> answers;
  std::thread::id pool_thread;
  for (int i = 0; i < 6; ++i) {
    auto promise = std::make_shared<std::promise<bool>>();
    answers.push_back(promise->get_future());
    ASSERT_TRUE(pool.compare(sha512crypt, i % 2 == 0 ? "tiger" : "lion",
                             [promise, &pool_thread](bool matches) {
                               pool_thread = std::this_thread::get_id();
                               promise->set_value(matches);
                             }));
  }
  for (int i = 0; i < 6; ++i) EXPECT_EQ(answers[static_cast<std::size_t>(i)].get(), i % 2 == 0);
  EXPECT_NE(pool_thread, std::this_thread::get_id());
}

// Aim: the queue is bounded, and the destructor waits for the one under way only. Method: hold the
// pool's thread in a callback, overfill, let go.
TEST(PasswordPool, BoundAndEnd) {
  std::atomic<int> called = 0;
  std::promise<void> entered;
  std::promise<void> release;
  {
    PasswordPool pool;
    ASSERT_TRUE(pool.compare("*", "x", [&](bool) {
      entered.set_value();
      release.get_future().wait();
    }));
    entered.get_future().wait();
    int taken = 0;
    while (taken < 5'000 && pool.compare("*", "x", [&](bool) { ++called; })) ++taken;
    EXPECT_EQ(taken, 1'000);
    std::thread later([&] { release.set_value(); });
    later.join();
  }
  EXPECT_LE(called.load(), 1'000);
}

}  // namespace
}  // namespace ringgate::runtime

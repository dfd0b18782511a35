#include "policy/directory.h"

#include <gtest/gtest.h>

namespace ringgate {
namespace {

AccountOptions account(std::string system_id, std::string password = "secret") {
  AccountOptions options;
  options.system_id = std::move(system_id);
  options.password = std::move(password);
  return options;
}

// Aim: every account is found by its exact name and by nothing else, in whatever order they were
// listed. Method: names that are prefixes of each other, unsorted.
TEST(Directory, FindsExactNames) {
  const Directory directory({account("zeta"), account("al"), account("alpha"), account("Alpha")},
                            0);
  ASSERT_EQ(directory.size(), 4U);
  for (std::uint32_t i = 0; i < directory.size(); ++i) {
    const Account* const found = directory.find(directory.at(i).options.system_id);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->index, i);
    EXPECT_EQ(found, &directory.at(i));
  }
  for (const char* name : {"", "a", "alp", "alphab", "ALPHA", "zetaa", "zz"})
    EXPECT_EQ(directory.find(name), nullptr) << name;
  EXPECT_EQ(Directory({}, 0).find("x"), nullptr);
}

// Aim: the password must match in full. Method: near misses in length and content.
TEST(Directory, Passwords) {
  const Directory directory({account("a", "secret"), account("b", "")}, 0);
  const Account& a = directory.at(0);
  EXPECT_TRUE(a.password_is("secret"));
  for (const char* wrong : {"", "s", "secre", "secret1", "Secret", "secretsecret"})
    EXPECT_FALSE(a.password_is(wrong)) << wrong;
  EXPECT_TRUE(directory.at(1).password_is(""));
  EXPECT_FALSE(directory.at(1).password_is("x"));
  EXPECT_FALSE(directory.at(1).password_is(std::string_view("\0", 1)));
}

// Aim: each bind command obeys its own switch. Method: every combination.
TEST(Directory, BindModes) {
  for (unsigned bits = 0; bits < 8; ++bits) {
    AccountOptions options = account("a");
    options.bind_tx = (bits & 1) != 0;
    options.bind_rx = (bits & 2) != 0;
    options.bind_trx = (bits & 4) != 0;
    const Directory directory({options}, 0);
    const Account& a = directory.at(0);
    EXPECT_EQ(a.may_bind(BindMode::transmitter), options.bind_tx);
    EXPECT_EQ(a.may_bind(BindMode::receiver), options.bind_rx);
    EXPECT_EQ(a.may_bind(BindMode::transceiver), options.bind_trx);
  }
}

// Aim: the default burst is a second's worth, at least one submit; a given one is used as it is.
TEST(Directory, Burst) {
  AccountOptions given = account("a");
  given.rate = 100;
  given.burst = 30;
  AccountOptions by_default = account("b");
  by_default.rate = 1'000;
  AccountOptions slow = account("d");
  slow.rate = 0.1;
  const Directory directory({given, by_default, account("c"), slow}, 0);
  const auto at_once = [&](std::uint32_t index) {
    int count = 0;
    while (directory.at(index).state->submits.admit(directory.at(index).submit_rate, 0)) ++count;
    return count;
  };
  EXPECT_EQ(at_once(0), 30);
  EXPECT_EQ(at_once(1), 1'000);
  EXPECT_EQ(at_once(3), 1);
  EXPECT_FALSE(directory.at(2).submit_rate.limited());
}

// Aim: through changes an account keeps its index and its state, whatever becomes of it. Method:
// one changes, one goes and comes back, one is new, and one is known from an earlier run.
TEST(Directory, Follows) {
  const Directory first({account("a"), account("b")}, 0, 7, {"old"});
  EXPECT_EQ(first.size(), 3U);
  EXPECT_EQ(first.find("old"), nullptr);
  EXPECT_FALSE(first.at(2).is_open());

  AccountOptions changed = account("b", "other");
  changed.rate = 5;
  const Directory second(first, {account("c"), changed}, 0);
  ASSERT_EQ(second.size(), 4U);
  EXPECT_EQ(second.find("a"), nullptr);
  EXPECT_FALSE(second.at(0).is_open());
  EXPECT_EQ(second.at(0).options.system_id, "a");
  ASSERT_NE(second.find("b"), nullptr);
  EXPECT_EQ(second.find("b")->index, 1U);
  EXPECT_TRUE(second.find("b")->password_is("other"));
  EXPECT_TRUE(second.find("b")->submit_rate.limited());
  EXPECT_EQ(second.find("c")->index, 3U);
  EXPECT_TRUE(first.at(1).password_is("secret")) << "the one before is what it was";

  AccountOptions disabled = account("c");
  disabled.enabled = false;
  const Directory third(second, {account("a"), account("old"), disabled}, 0);
  ASSERT_EQ(third.size(), 4U);
  EXPECT_EQ(third.find("a")->index, 0U);
  EXPECT_EQ(third.find("old")->index, 2U);
  EXPECT_TRUE(third.at(0).is_open());
  EXPECT_FALSE(third.at(1).is_open());
  ASSERT_NE(third.find("c"), nullptr);
  EXPECT_FALSE(third.find("c")->is_open());
  EXPECT_EQ(third.hash_seed(), 7U);
  for (std::uint32_t i = 0; i < second.size(); ++i)
    EXPECT_EQ(third.at(i).state, second.at(i).state);
  EXPECT_EQ(second.at(0).state, first.at(0).state);
}

// Aim: what is left of an earlier directory still works when that one is gone.
TEST(Directory, StatesOutliveDirectories) {
  auto first = std::make_unique<Directory>(std::vector{account("a")}, 0);
  AccountState& state = *first->at(0).state;
  AccountOptions one;
  one.max_binds = 1;
  ASSERT_TRUE(state.binds.open(one, BindMode::transceiver, "192.0.2.1"));
  const Directory second(*first, {account("b")}, 0);
  first.reset();
  const Directory third(second, {account("a")}, 0);
  EXPECT_FALSE(third.at(0).state->binds.open(one, BindMode::transceiver, "192.0.2.1"))
      << "its bind is counted";
}

}  // namespace
}  // namespace ringgate

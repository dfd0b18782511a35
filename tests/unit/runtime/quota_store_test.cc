// Aim: what was used of a quota is used in the next run as well, and a file that cannot be read
// costs nobody anything but that. Method: real files.
#include "runtime/quota_store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "uring/clocks.h"

namespace ringgate::runtime {
namespace {

struct Lines final : Log {
  void write(LogLevel, std::string_view line) override { lines.emplace_back(line); }
  std::vector<std::string> lines;
};

class QuotaStoreTest : public testing::Test {
 protected:
  QuotaStoreTest() {
    std::string name = testing::TempDir() + "/quotasXXXXXX";
    directory_ = mkdtemp(name.data());
  }
  ~QuotaStoreTest() override { std::filesystem::remove_all(directory_); }

  static std::shared_ptr<Rosters> rosters(const std::vector<std::string>& names) {
    std::vector<AccountOptions> accounts(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      accounts[i].system_id = names[i];
      accounts[i].password = "secret";
    }
    return std::make_shared<Rosters>(
        std::make_shared<const Roster>(accounts, std::vector<NumberOptions>{}, 0));
  }
  static std::array<QuotaUse, 2>& uses(const std::shared_ptr<Rosters>& rosters,
                                       std::string_view name) {
    return rosters->current()->directory.find(name)->state->quotas;
  }
  std::string file() const { return directory_ + "/quotas"; }
  std::string text() const {
    std::ifstream in(file());
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(std::string_view text) const { std::ofstream(file()) << text; }

  std::string directory_;
  Lines log_;
};

TEST_F(QuotaStoreTest, TheNextRunKnows) {
  const auto before = rosters({"a", " b c ", "unused"});
  {
    QuotaStore store(directory_, &log_);
    store.load(before->current()->directory);
    store.start(before);
    uses(before, "a")[0].set({5, 6});
    uses(before, "a")[1].set({7, 4'294'967'295});
    uses(before, " b c ")[1].set({8, 9});
  }
  EXPECT_EQ(text(), "ringgate quotas 1\n5 6 7 4294967295 a\n0 0 8 9  b c \n");
  const auto after = rosters({" b c ", "new", "a"});
  QuotaStore store(directory_, &log_);
  store.load(after->current()->directory);
  EXPECT_EQ(uses(after, "a")[0].get(), (QuotaUse::Value{5, 6}));
  EXPECT_EQ(uses(after, "a")[1].get(), (QuotaUse::Value{7, 4'294'967'295}));
  EXPECT_EQ(uses(after, " b c ")[1].get(), (QuotaUse::Value{8, 9}));
  EXPECT_EQ(uses(after, "new")[1].get(), QuotaUse::Value{});
  EXPECT_TRUE(log_.lines.empty());
}

TEST_F(QuotaStoreTest, WhatCannotBeRead) {
  for (const char* const bad :
       {"", "ringgate quotas 2\n1 1 1 1 a\n", "ringgate quotas 1\n1 1 1 a\n", "\n\n",
        "ringgate quotas 1\n1 1 1 1\n", "ringgate quotas 1\n1 1 1 99999999999 a\n",
        "ringgate quotas 1\n1 -1 x 1 a\n"}) {
    write(bad);
    const auto all = rosters({"a"});
    log_.lines.clear();
    QuotaStore store(directory_, &log_);
    store.load(all->current()->directory);
    EXPECT_EQ(uses(all, "a")[1].get(), QuotaUse::Value{}) << bad;
    EXPECT_EQ(log_.lines.size(), 1U) << bad;
    EXPECT_TRUE(std::filesystem::exists(file() + ".bad")) << bad;
  }
}

// Aim: what is damaged costs no more than its line.
TEST_F(QuotaStoreTest, OneBadLine) {
  write("ringgate quotas 1\n0 0 1 2 a\n0 0 x 3 b\n0 0 1 4 c\n");
  const auto all = rosters({"a", "b", "c"});
  QuotaStore store(directory_, &log_);
  store.load(all->current()->directory);
  EXPECT_EQ(uses(all, "a")[1].get().used, 2U);
  EXPECT_EQ(uses(all, "b")[1].get().used, 0U);
  EXPECT_EQ(uses(all, "c")[1].get().used, 4U);
  EXPECT_EQ(log_.lines.size(), 1U);
}

// Aim: who has no quotas has no file of them.
TEST_F(QuotaStoreTest, NoFileIsNoFault) {
  const auto all = rosters({"a"});
  QuotaStore store(directory_, &log_);
  store.load(all->current()->directory);
  store.start(all);
  store.stop();
  EXPECT_TRUE(log_.lines.empty());
  EXPECT_FALSE(std::filesystem::exists(file()));
}

// Aim: a disk that takes nothing is told of once, and what is used is written when it can be.
TEST_F(QuotaStoreTest, ADiskThatIsGone) {
  const auto all = rosters({"a"});
  std::filesystem::create_directory(file());
  {
    QuotaStore store(directory_, &log_);
    store.start(all);
    uses(all, "a")[1].set({1, 2});
  }
  EXPECT_EQ(log_.lines.size(), 1U);
  std::filesystem::remove(file());
  QuotaStore store(directory_, &log_);
  store.start(all);
  store.stop();
  EXPECT_EQ(text(), "ringgate quotas 1\n0 0 1 2 a\n");
}

}  // namespace
}  // namespace ringgate::runtime

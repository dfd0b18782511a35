// Aim: Options that a program fills in are held against the same rows and relations as a file, and
// each mistake is one line that names it. Method: good Options with one thing changed, and the
// whole list of lines.
#include "options/option_faults.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "options/option_rows.h"
#include "options/option_text.h"
#include "options/password_hash.h"

namespace ringgate {
namespace {

const Machine two_cpus{{0, 1}};

Options good() {
  Options options;
  options.listen.emplace_back();
  options.accounts.emplace_back();
  options.accounts.back().system_id = "test";
  options.accounts.back().password = "test";
  options.numbers.emplace_back();
  options.numbers.back().exact = "1";
  options.numbers.back().account = "test";
  return options;
}

std::string lines(const Options& options) {
  std::string out;
  for (const OptionFault& fault : option_faults(options, two_cpus)) out += fault.message + "\n";
  return out;
}

/// Expects one line for good Options with that value, which names the row.
void expect_refused(const OptionRow& row, const OptionValue& value) {
  Options options = good();
  if (row.key == "password_hash") options.accounts.back().password.clear();
  row.member.set(options, value);
  const std::string out = lines(options);
  const bool in_array = section_row(row.section.substr(0, row.section.find('.')))->array;
  std::string name(row.section);
  if (in_array) name.insert(std::min(name.find('.'), name.size()), "[0]");
  name += "." + std::string(row.key);
  EXPECT_EQ(out.rfind(name, 0), 0u) << out << row.section << "." << row.key;
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1) << out;
}

TEST(OptionFaults, NoneInGoodOnes) {
  EXPECT_EQ(lines(good()), "");
  Options options;
  options.accounts.emplace_back();
  options.accounts.back().system_id = "test";
  options.accounts.back().password = "test";
  EXPECT_EQ(lines(options), "") << "everything else has a default that does";
  EXPECT_EQ(lines(Options{}), "no account: nobody could bind\n");
}

// Method: one below the least and one above the most, where the member can hold that.
TEST(OptionFaults, EveryIntegerOutOfItsRange) {
  unsigned checked = 0;
  for (const OptionRow& row : option_rows) {
    if (row.kind != OptionKind::integer && row.kind != OptionKind::integer_or_auto) continue;
    for (const double wrong : {row.min - 1, row.max + 1}) {
      OptionValue value;
      value.integer = static_cast<std::int64_t>(wrong);
      const bool has_meaning = !row.zero.empty() || row.kind == OptionKind::integer_or_auto;
      if (value.integer == 0 && has_meaning) continue;
      Options options = good();
      row.member.set(options, value);
      if (row.member.get(options).integer != value.integer) continue;
      expect_refused(row, value);
      ++checked;
    }
  }
  EXPECT_GT(checked, 40u);
}

TEST(OptionFaults, EveryNumberOutOfItsRange) {
  for (const OptionRow& row : option_rows) {
    if (row.kind != OptionKind::number) continue;
    for (const double wrong : {row.min - 0.5, row.max + 1, std::nan("")}) {
      OptionValue value;
      value.number = wrong;
      expect_refused(row, value);
    }
  }
}

TEST(OptionFaults, EveryTextOutOfItsRange) {
  for (const OptionRow& row : option_rows) {
    const bool is_text = row.kind == OptionKind::text || row.kind == OptionKind::ascii ||
                         row.kind == OptionKind::digits || row.kind == OptionKind::receipt_template;
    if (!is_text) continue;
    OptionValue value;
    value.text = std::string(static_cast<std::size_t>(row.max) + 1, '1');
    expect_refused(row, value);
    value.text = std::string("1\0", 2);
    expect_refused(row, value);
    // What may be missing says so by being empty.
    value.text.clear();
    if (row.min == 1 && !default_text(row).empty()) expect_refused(row, value);
  }
}

// Method: enumerators, codes and names that no row knows.
TEST(OptionFaults, EveryWordOutsideItsList) {
  for (const OptionRow& row : option_rows) {
    OptionValue value;
    if (row.kind == OptionKind::status) {
      for (const std::int64_t code : {0, 0x9, 0xFFFF}) {
        value.integer = code;
        expect_refused(row, value);
      }
    } else if (row.kind == OptionKind::words) {
      expect_refused(row, value);
    }
  }
  Options options = good();
  options.store.mode = static_cast<StoreMode>(7);
  options.node.unknown_system_id = Status::ESME_ROK;
  options.accounts[0].over_rate = static_cast<OverRate>(7);
  options.accounts[0].quirks.interface_version = 7;
  options.accounts[0].quirks.profile = "kanel";
  options.accounts[0].quirks.err_map = {{1, "a"}, {1, "b"}};
  options.listen[0].address = "localhost";
  const std::string out = lines(options);
  for (const char* name : {"store.mode", "node.unknown_system_id", "account[0].over_rate",
                           "account[0].quirks.interface_version", "account[0].quirks.profile",
                           "account[0].quirks.err_map.\"1\" is there twice", "listen[0].address"})
    EXPECT_NE(out.find(name), std::string::npos) << name << "\n" << out;
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 7) << out;
  EXPECT_NE(out.find("not \"kanel\""), std::string::npos) << out;
}

TEST(OptionFaults, ThePlaceOfAnElementIsItsIndex) {
  Options options = good();
  options.accounts.push_back(options.accounts[0]);
  options.accounts.emplace_back();
  options.accounts.back().system_id = "none";
  options.accounts.emplace_back();
  options.accounts.back().password = "x";
  EXPECT_EQ(lines(options),
            "account[1].system_id \"test\" is taken by account[0]\n"
            "account[2] needs password or password_hash\n"
            "account[3] needs a system_id\n");
}

TEST(OptionFaults, Numbers) {
  const auto with = [](const NumberOptions& number) {
    Options options = good();
    options.numbers.push_back(number);
    return lines(options);
  };
  EXPECT_EQ(with({"2", "", "", "", "test"}), "");
  EXPECT_EQ(with({"", "", "", "", "test"}), "number[1] needs exact, prefix, or first and last\n");
  EXPECT_EQ(with({"2", "3", "", "", "test"}),
            "number[1] must have only one of exact, prefix, or first and last\n");
  EXPECT_EQ(with({"", "", "20", "1", "test"}),
            "number[1] must have first and last of the same length\n");
  EXPECT_EQ(with({"2", "", "", "", ""}), "number[1] needs an account\n");
  EXPECT_EQ(with({"2", "", "", "", "nobody"}),
            "number[1].account \"nobody\" is no account's system_id\n");
  EXPECT_EQ(with({"+1", "", "", "", "test"}), "number[1] exact 1 is taken by number[0]\n");
}

// Method: the same address in two spellings; port 0, which is another one each time.
TEST(OptionFaults, TheSameListenerTwice) {
  Options options = good();
  options.listen = {{"::1", 2775}, {"127.0.0.1", 2775}, {"0:0:0:0:0:0:0:1", 2775}, {"::1", 2776}};
  EXPECT_EQ(lines(options), "listen[2] has the address and port of listen[0]\n");
  options.listen = {{"::1", 0}, {"::1", 0}};
  EXPECT_EQ(lines(options), "");
}

TEST(OptionFaults, CpusThatTheMachineHasNot) {
  Options options = good();
  options.cores.pin = {1};
  EXPECT_EQ(lines(options), "");
  options.cores.pin = {1, 2};
  EXPECT_EQ(lines(options), "cores.pin: this machine has no CPU 2\n");
  options.cores.shards = 3;
  EXPECT_EQ(lines(options),
            "cores.pin must name at least 3 CPUs, one per shard, not 2\n"
            "cores.pin: this machine has no CPU 2\n");
}

TEST(OptionFaults, AStoreThatIsUsedHasRoomForItsFiles) {
  Options options = good();
  options.cores.shards = 64;
  EXPECT_EQ(lines(options), "") << "without a journal the default of max_bytes means nothing";
  options.store.mode = StoreMode::journal;
  EXPECT_EQ(lines(options),
            "store.max_bytes must hold four files of store.segment_bytes for each shard: at least "
            "8589934592, not 4294967296\n");
}

TEST(OptionFaults, AFileHasRoomForMoreThanTheNamesOfAccounts) {
  Options options = good();
  options.store.mode = StoreMode::journal;
  options.store.segment_bytes = 1'048'576;
  options.accounts.clear();
  options.numbers.clear();
  for (unsigned i = 0; i < 20'000; ++i) {
    AccountOptions& account = options.accounts.emplace_back();
    account.system_id = std::to_string(100'000'000'000'000 + i);
    account.password = "secret";
  }
  EXPECT_EQ(lines(options),
            "store.segment_bytes must be at least 1280000 for so many accounts, because each file "
            "begins with their names, not 1048576\n");
  options.accounts.resize(16'000);
  EXPECT_EQ(lines(options), "");
}

// Aim: what would have no effect is a mistake. Method: a burst of an account without a rate; more
// strangers than connections.
TEST(OptionFaults, WhatWouldHaveNoEffect) {
  Options options = good();
  options.accounts[0].burst = 5;
  EXPECT_EQ(lines(options), "account[0].burst means nothing without a rate\n");
  options.accounts[0].rate = 2;
  EXPECT_EQ(lines(options), "");
  options.accounts[0].rate = -1;
  options.limits.max_unbound = options.limits.max_connections;
  EXPECT_EQ(lines(options),
            "account[0].rate must be 0.001-10000000 per second (0 = no limit), not -1\n");
  options.accounts[0].rate = 2;
  ++options.limits.max_unbound;
  EXPECT_EQ(lines(options), "limits.max_unbound must be at most the " +
                                std::to_string(options.limits.max_connections) +
                                " of limits.max_connections, not " +
                                std::to_string(options.limits.max_unbound) + "\n");
}

// Method: a machine on which everything is in the way; a store that is not used.
TEST(OptionFaults, ADataDirectoryThatIsNone) {
  Machine machine = two_cpus;
  machine.in_the_way = [](const std::string& path) { return path; };
  Options options = good();
  EXPECT_TRUE(option_faults(options, machine).empty());
  options.store.mode = StoreMode::journal;
  const std::vector<OptionFault> faults = option_faults(options, machine);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].message, "node.data_dir must be a directory, and \"data\" is none");
}

// Method: a file, what would be below it, a directory, and what can be made.
TEST(OptionFaults, ThisMachineKnowsWhatIsNoDirectory) {
  const Machine machine = this_machine();
  const std::string file = testing::TempDir() + "no_directory";
  std::fclose(std::fopen(file.c_str(), "w"));
  EXPECT_EQ(machine.in_the_way(file), file);
  EXPECT_EQ(machine.in_the_way(file + "/a/b/"), file);
  std::remove(file.c_str());
  EXPECT_EQ(machine.in_the_way(testing::TempDir()), "");
  EXPECT_EQ(machine.in_the_way(file + "/a/b"), "");
  EXPECT_EQ(machine.in_the_way("data of nobody"), "");
}

// Aim: messages and documentation name kinds by the same words. Method: rows of every article.
TEST(OptionText, KindsInWords) {
  const auto kind = [](std::string_view section, std::string_view key) {
    return kind_text(*option_row(section, key));
  };
  EXPECT_EQ(kind("node", "id"), "an integer");
  EXPECT_EQ(kind("cores", "shards"), "an integer or \"auto\"");
  EXPECT_EQ(kind("account", "rate"), "a number");
  EXPECT_EQ(kind("account", "system_id"), "a string");
  EXPECT_EQ(kind("account", "bind"), "an array of strings");
  EXPECT_EQ(kind("account.quirks", "err_map"), "a table of strings");
  EXPECT_EQ(kind("node", "permuted_ids"), "true or false");
  EXPECT_EQ(kind_word(OptionKind::boolean), "boolean");
  EXPECT_EQ(kind_word(OptionKind::integers), "array of integers");
}

TEST(OptionFaults, ThisMachineHasACpu) { EXPECT_FALSE(this_machine().cpus.empty()); }

// Method: a hash of each form, made by the system's own crypt(); the same cut by one character.
TEST(PasswordHash, KnownForms) {
  const std::vector<std::string> hashes{
      "$y$j9T$k2XAnEHBqQ1Ct2aMXFKNa/HAmA1BpMnB$g8G3r8dmLk2t20IdDkj7M6HTpKHX1FN3V1ZXH0GzIqC",
      "$gy$j9T$k2XAnEHBqQ1Ct2aMXFKNa/HAmA1BpMnB$jadrVeK4HsPPPpNvkCzrcJy1lW3YBlpslTfg.9VaWx3",
      "$7$CU..../....k2XAnEHBqQ1Ct2aMXFKNa/HAmA1BpMnB$QrOhwec5vcEqdr5grpBG9lDWjgx7jQNL9w9tWx.N2s4",
      "$2b$04$KBCwKxOzLha2MUDgW0PjXeqwJ78OEP.tdZl7QD3ciJRDPHffCVr4y",
      "$2y$04$KBCwKxOzLha2MUDgW0PjXeqwJ78OEP.tdZl7QD3ciJRDPHffCVr4y",
      "$2a$04$KBCwKxOzLha2MUDgW0PjXeqwJ78OEP.tdZl7QD3ciJRDPHffCVr4y",
      "$6$k2XAnEHBqQ1Ct2aM$JQeLwJygNMo9eNHMlj2i6sFuZuaJBqbkpBw/KVWI6tm/Z3kSbPddUsoqFFOmR7H7v2/"
      "TaijWd2en0T0qx/DTv/",
      "$5$k2XAnEHBqQ1Ct2aM$J0zl2JHc8Ou2QXFDxrd6uUqCkf5cRY5zl1/yq1SwNWC",
      "$sha1$249552$qI1BtUnBX7KMaJ4Nm21ApEnA$sxkg7frcJf6KRZpwuBdIPP9hnSUE",
      "$1$k2XAnEHB$X8gYH4sXzEblHFenRdvAV0",
  };
  for (const std::string& hash : hashes) {
    EXPECT_EQ(password_hash_fault(hash), "") << hash;
    EXPECT_NE(password_hash_fault(hash.substr(0, hash.size() - 1)), "") << hash;
  }
}

TEST(PasswordHash, WhatIsNone) {
  EXPECT_EQ(password_hash_fault("secret"), " must begin with $, as mkpasswd writes it");
  EXPECT_EQ(
      password_hash_fault("$9$x$y").rfind(" is of no known form: must begin with one of $y$", 0),
      0u);
  EXPECT_EQ(password_hash_fault("$6$salt$hash"),
            " is not whole: a hash of the form $6$ has 86 characters behind its last $, not 4");
  const std::string digest = "l9iOTAgNfEcfPGqSnMHKWIF.mLnKFJTet70.IvfM7C1";
  EXPECT_EQ(password_hash_fault("$y$!!$salt$" + digest),
            " of the form $y$ is none that crypt() of this system takes");
}

}  // namespace
}  // namespace ringgate

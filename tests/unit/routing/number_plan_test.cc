// Aim: the right account for every number, whatever mix of rules names it; faulty rules are told
// apart. Method: named cases, then random plans against a model that looks at every rule.
#include "routing/number_plan.h"

#include <gtest/gtest.h>

#include <random>

namespace ringgate {
namespace {

NumberOptions exact(std::string number, std::string account) {
  NumberOptions rule;
  rule.exact = std::move(number);
  rule.account = std::move(account);
  return rule;
}

NumberOptions prefix(std::string number, std::string account) {
  NumberOptions rule;
  rule.prefix = std::move(number);
  rule.account = std::move(account);
  return rule;
}

NumberOptions range(std::string first, std::string last, std::string account) {
  NumberOptions rule;
  rule.first = std::move(first);
  rule.last = std::move(last);
  rule.account = std::move(account);
  return rule;
}

/// Accounts are named by one digit, which is their index.
std::optional<std::uint32_t> index_of(std::string_view system_id) {
  if (system_id.size() != 1 || system_id[0] < '0' || system_id[0] > '9') return std::nullopt;
  return static_cast<std::uint32_t>(system_id[0] - '0');
}

using Owner = std::optional<std::uint32_t>;

TEST(NumberPlan, WithoutRulesNobodyOwnsAnything) {
  EXPECT_EQ(NumberPlan().account_of("447700900123"), std::nullopt);
  EXPECT_EQ(NumberPlan({}, index_of).account_of("1"), std::nullopt);
}

TEST(NumberPlan, ExactBeforePrefixBeforeRange) {
  const NumberPlan plan({range("447700900000", "447700900999", "1"), prefix("44770090012", "2"),
                         prefix("4477", "3"), exact("447700900123", "4")},
                        index_of);
  EXPECT_EQ(plan.account_of("447700900123"), Owner(4));
  EXPECT_EQ(plan.account_of("447700900124"), Owner(2));
  EXPECT_EQ(plan.account_of("447700900999"), Owner(3)) << "a prefix comes before a range";
  EXPECT_EQ(plan.account_of("4477"), Owner(3));
  EXPECT_EQ(plan.account_of("447"), std::nullopt);
}

TEST(NumberPlan, RangesIncludeBothEndsAndOneLength) {
  const NumberPlan plan({range("100", "199", "1")}, index_of);
  EXPECT_EQ(plan.account_of("099"), std::nullopt);
  EXPECT_EQ(plan.account_of("100"), Owner(1));
  EXPECT_EQ(plan.account_of("199"), Owner(1));
  EXPECT_EQ(plan.account_of("200"), std::nullopt);
  EXPECT_EQ(plan.account_of("1500"), std::nullopt);
  EXPECT_EQ(plan.account_of("0150"), std::nullopt);
}

TEST(NumberPlan, NarrowestRangeThenTheFirst) {
  const NumberPlan plan({range("000", "999", "1"), range("300", "399", "2"),
                         range("350", "449", "3"), range("380", "380", "4")},
                        index_of);
  EXPECT_EQ(plan.account_of("299"), Owner(1));
  EXPECT_EQ(plan.account_of("360"), Owner(2)) << "of the same width, and first";
  EXPECT_EQ(plan.account_of("380"), Owner(4));
  EXPECT_EQ(plan.account_of("400"), Owner(3));
  EXPECT_EQ(plan.account_of("450"), Owner(1));
}

TEST(NumberPlan, PlusIsIgnoredAndZerosAreNot) {
  const NumberPlan plan({exact("+441", "1"), prefix("+0044", "2"), range("+500", "599", "3")},
                        index_of);
  for (const std::string& plus : {std::string(), std::string("+")}) {
    EXPECT_EQ(plan.account_of(plus + "441"), Owner(1));
    EXPECT_EQ(plan.account_of(plus + "0441"), std::nullopt);
    EXPECT_EQ(plan.account_of(plus + "00441"), Owner(2));
    EXPECT_EQ(plan.account_of(plus + "555"), Owner(3));
  }
  EXPECT_EQ(plan.account_of("++441"), std::nullopt);
}

TEST(NumberPlan, WhatIsNoNumberHasNoOwner) {
  const NumberPlan plan({prefix("1", "1")}, index_of);
  for (const char* text : {"", "+", "1a", "INFO", "1 2", "1234567890123456789"})
    EXPECT_EQ(plan.account_of(text), std::nullopt) << text;
  EXPECT_EQ(plan.account_of("123456789012345678"), Owner(1));
}

TEST(NumberPlan, LongestNumbers) {
  const std::string nines(plan_digits_max, '9');
  const NumberPlan plan({range("900000000000000000", nines, "1"), exact(nines, "2")}, index_of);
  EXPECT_EQ(plan.account_of("999999999999999998"), Owner(1));
  EXPECT_EQ(plan.account_of(nines), Owner(2));
}

TEST(NumberPlan, FirstOfTheSameRuleCounts) {
  const NumberPlan plan({exact("1", "1"), exact("1", "2"), prefix("2", "3"), prefix("2", "4"),
                         range("30", "39", "5"), range("30", "39", "6")},
                        index_of);
  EXPECT_EQ(plan.account_of("1"), Owner(1));
  EXPECT_EQ(plan.account_of("2"), Owner(3));
  EXPECT_EQ(plan.account_of("33"), Owner(5));
}

TEST(NumberFault, Words) {
  const std::string digits = "must have 1-18 digits and nothing else";
  const std::string several = "must have only one of exact, prefix, or first and last";
  EXPECT_EQ(number_fault(exact("1", "a")), "");
  EXPECT_EQ(number_fault(range("1", "1", "a")), "");
  EXPECT_EQ(number_fault(NumberOptions()), "needs exact, prefix, or first and last");
  EXPECT_EQ(number_fault(exact("12x", "a")), digits);
  EXPECT_EQ(number_fault(prefix("+", "a")), digits);
  EXPECT_EQ(number_fault(exact("1234567890123456789", "a")), digits);
  NumberOptions both = exact("1", "a");
  both.prefix = "2";
  EXPECT_EQ(number_fault(both), several);
  both = prefix("1", "a");
  both.last = "2";
  EXPECT_EQ(number_fault(both), several);
  EXPECT_EQ(number_fault(range("", "1", "a")), "has last, but no first");
  EXPECT_EQ(number_fault(range("1", "", "a")), "has first, but no last");
  EXPECT_EQ(number_fault(range("1", "22", "a")), "must have first and last of the same length");
  EXPECT_EQ(number_fault(range("2", "1", "a")), "must not have last below first");
  EXPECT_EQ(number_fault(range("+10", "99", "a")), "");
}

TEST(NumberKey, TellsRulesApart) {
  EXPECT_EQ(number_key(exact("+1", "a")), number_key(exact("1", "b")));
  EXPECT_EQ(number_key(range("+10", "20", "a")), number_key(range("10", "+20", "b")));
  EXPECT_NE(number_key(exact("1", "a")), number_key(prefix("1", "a")));
  EXPECT_NE(number_key(exact("1", "a")), number_key(exact("01", "a")));
  EXPECT_NE(number_key(range("10", "20", "a")), number_key(range("10", "21", "a")));
}

/// Looks at every rule; ranks as the documentation says.
Owner owner_by_model(const std::vector<NumberOptions>& rules, const std::string& number) {
  const NumberOptions* best = nullptr;
  std::uint64_t best_rank = 0;
  for (const NumberOptions& rule : rules) {
    std::uint64_t rank = 0;
    if (rule.exact == number) rank = 2'000'000;
    if (!rule.prefix.empty() && number.compare(0, rule.prefix.size(), rule.prefix) == 0)
      rank = 1'000'000 + rule.prefix.size();
    if (!rule.first.empty() && rule.first.size() == number.size() && rule.first <= number &&
        number <= rule.last)
      rank = 1'000'000 - (std::stoul(rule.last) - std::stoul(rule.first));
    if (rank > best_rank) {
      best = &rule;
      best_rank = rank;
    }
  }
  return best == nullptr ? Owner() : index_of(best->account);
}

/// Few digits of few values, so that rules collide all the time.
std::string random_number(std::mt19937& random) {
  std::string text;
  for (std::size_t count = 1 + random() % 5; count > 0; --count)
    text += static_cast<char>('0' + random() % 3);
  return text;
}

NumberOptions random_rule(std::mt19937& random) {
  const std::string account(1, static_cast<char>('0' + random() % 10));
  std::string first = random_number(random);
  if (random() % 3 == 0) return exact(first, account);
  if (random() % 2 == 0) return prefix(first, account);
  std::string last = first;
  for (char& digit : last) digit = static_cast<char>('0' + random() % 3);
  if (last < first) std::swap(first, last);
  return range(first, last, account);
}

TEST(NumberPlan, RandomPlansAgreeWithTheModel) {
  std::mt19937 random(11);
  std::size_t owned = 0;
  for (int round = 0; round < 400; ++round) {
    std::vector<NumberOptions> rules;
    for (std::size_t count = random() % 30; count > 0; --count)
      rules.push_back(random_rule(random));
    const NumberPlan plan(rules, index_of);
    for (int look = 0; look < 200; ++look) {
      const std::string number = random_number(random);
      const Owner owner = plan.account_of(number);
      ASSERT_EQ(owner, owner_by_model(rules, number)) << number << " in round " << round;
      owned += owner.has_value() ? 1 : 0;
    }
  }
  EXPECT_GT(owned, 10'000u);
}

}  // namespace
}  // namespace ringgate

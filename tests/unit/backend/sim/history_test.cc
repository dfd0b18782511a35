#include "backend/sim/history.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/prng.h"

namespace ringgate {
namespace {

Operation query(std::uint64_t id) {
  Operation out;
  out.id = {id};
  return out;
}

// Aim: the last messages are remembered, all of them and no others, also when their ids do not
// count up or agree in their low bits. Method: thousands of random ids, of few low bits and of
// many.
TEST(History, WhateverTheIds) {
  for (const unsigned shift : {16U, 58U}) {
    Prng prng(shift);
    History history(1'024);
    std::vector<std::uint64_t> ids;
    for (std::uint64_t i = 0; i < 5'000; ++i) {
      // Unique by their high bits.
      ids.push_back(i << 48 | prng.next() >> shift);
      RememberedMessage& entry = history.add({ids.back()});
      entry.id = {ids.back()};
      entry.account = 3;
      entry.error = static_cast<std::uint8_t>(i);
      // Not after each: what is not in its chain yet is looked for in ones and in dozens.
      if (prng.chance(0.05)) {
        ASSERT_EQ(history.find(query(ids.back()), 3), &entry);
      }
    }
    for (std::uint64_t i = 0; i < ids.size(); ++i) {
      const RememberedMessage* const found = history.find(query(ids[i]), 3);
      ASSERT_EQ(found != nullptr, i + 1'024 >= ids.size()) << i;
      if (found != nullptr) {
        EXPECT_EQ(found->error, static_cast<std::uint8_t>(i));
      }
      EXPECT_EQ(history.find(query(ids[i]), 4), nullptr);
    }
  }
}

// Aim: of messages that share an id, as the destinations of a submit_multi do, the newest that is
// meant is found. Method: three, asked for by account.
TEST(History, SharedId) {
  History history(1'024);
  for (const AccountNumber account : {1U, 2U, 1U}) {
    RememberedMessage& entry = history.add({7});
    entry.id = {7};
    entry.account = account;
    entry.due = static_cast<Nanos>(account) * 10;
  }
  EXPECT_EQ(history.find(query(7), 2)->due, 20);
  EXPECT_EQ(history.find(query(7), 3), nullptr);
  EXPECT_EQ(history.find(query(8), 1), nullptr);
}

}  // namespace
}  // namespace ringgate

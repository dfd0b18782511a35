#include "load/receipt_matcher.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/prng.h"

namespace ringgate::load {
namespace {

std::string id_of(std::uint64_t number) { return "id-" + std::to_string(number); }

// Aim: a receipt after its submit_sm_resp is matched, with the time since the submit.
// Method: one message, one receipt.
TEST(ReceiptMatcher, MatchesInOrder) {
  ReceiptMatcher matcher(16);
  EXPECT_FALSE(matcher.on_accepted("0100", 1000));
  EXPECT_EQ(matcher.open_count(), 1u);
  EXPECT_EQ(matcher.on_receipt("0100", 1500), 500);
  EXPECT_EQ(matcher.open_count(), 0u);
  EXPECT_EQ(matcher.counts().requested, 1u);
  EXPECT_EQ(matcher.counts().matched, 1u);
  EXPECT_EQ(matcher.counts().missing(), 0u);
  EXPECT_EQ(matcher.counts().early, 0u);
}

// Aim: a receipt that overtakes its submit_sm_resp is matched once that comes, counted as early,
// and timed from its own arrival. Method: the two in the wrong order.
TEST(ReceiptMatcher, MatchesEarlyReceipts) {
  ReceiptMatcher matcher(16);
  EXPECT_FALSE(matcher.on_receipt("a", 1500));
  EXPECT_EQ(matcher.counts().unknown, 1u);
  EXPECT_EQ(matcher.on_accepted("a", 1000), 500);
  EXPECT_EQ(matcher.counts().matched, 1u);
  EXPECT_EQ(matcher.counts().early, 1u);
  EXPECT_EQ(matcher.counts().unknown, 0u);
  EXPECT_EQ(matcher.open_count(), 0u);
}

// Aim: a second receipt is a duplicate, whether its message was matched in order, early or not yet.
// Method: repeats receipts in each of these states.
TEST(ReceiptMatcher, CountsDuplicates) {
  ReceiptMatcher matcher(16);
  matcher.on_accepted("a", 1);
  matcher.on_receipt("a", 2);
  EXPECT_FALSE(matcher.on_receipt("a", 3));
  EXPECT_EQ(matcher.counts().duplicate, 1u);
  matcher.on_receipt("b", 4);
  matcher.on_receipt("b", 5);
  EXPECT_EQ(matcher.counts().duplicate, 2u);
  matcher.on_accepted("b", 1);
  matcher.on_receipt("b", 6);
  EXPECT_EQ(matcher.counts().duplicate, 3u);
  EXPECT_EQ(matcher.counts().matched, 2u);
}

// Aim: what never comes is missing, and what nobody asked for is unknown. Method: one of each.
TEST(ReceiptMatcher, CountsMissingAndUnknown) {
  ReceiptMatcher matcher(16);
  matcher.on_accepted("a", 1);
  matcher.on_receipt("b", 2);
  EXPECT_EQ(matcher.counts().missing(), 1u);
  EXPECT_EQ(matcher.counts().unknown, 1u);
  EXPECT_EQ(matcher.counts().duplicate, 0u);
}

// Aim: an id may be used again once its receipt has come, and being listed as done twice does no
// harm. Method: one id many times, in a small table.
TEST(ReceiptMatcher, LetsIdsBeUsedAgain) {
  ReceiptMatcher matcher(4);
  for (Nanos i = 0; i < 1000; ++i) {
    EXPECT_FALSE(matcher.on_accepted("same", i));
    EXPECT_EQ(matcher.on_receipt("same", i + 7), 7);
  }
  EXPECT_EQ(matcher.counts().matched, 1000u);
  EXPECT_EQ(matcher.counts().duplicate, 0u);
}

// Aim: done ids make room for new ones, the oldest first; an older duplicate is unknown. Method:
// five neighbours of one bucket's four slots: ids that differ above the bucket's bits.
TEST(ReceiptMatcher, ForgetsTheOldestDone) {
  ReceiptMatcher matcher(4);
  for (const char* id : {"0000", "1000", "2000", "3000", "4000"}) {
    matcher.on_accepted(id, 1);
    matcher.on_receipt(id, 2);
  }
  for (const char* id : {"4000", "3000", "2000", "1000"}) matcher.on_receipt(id, 3);
  EXPECT_EQ(matcher.counts().duplicate, 4u);
  matcher.on_receipt("0000", 3);
  EXPECT_EQ(matcher.counts().unknown, 1u);
}

// Aim: the table stays correct while it grows and slots are removed under probing.
// Method: a random mix of messages and receipts, many open at once, starting from a table far too
// small; every latency is checked, and the counts at the end.
TEST(ReceiptMatcher, StaysCorrectUnderChurn) {
  constexpr std::uint64_t messages = 200'000;
  ReceiptMatcher matcher(1);
  Prng prng(7);
  std::vector<std::uint64_t> open;
  std::uint64_t begun = 0;
  while (begun < messages || !open.empty()) {
    const bool begin = begun < messages && (open.empty() || prng.chance(0.52));
    if (begin) {
      EXPECT_FALSE(matcher.on_accepted(id_of(begun), static_cast<Nanos>(begun)));
      open.push_back(begun++);
      continue;
    }
    const std::size_t at = prng.below(open.size());
    const std::uint64_t number = open[at];
    open[at] = open.back();
    open.pop_back();
    ASSERT_EQ(matcher.on_receipt(id_of(number), static_cast<Nanos>(number) + 3), 3);
  }
  EXPECT_EQ(matcher.counts().requested, messages);
  EXPECT_EQ(matcher.counts().matched, messages);
  EXPECT_EQ(matcher.counts().duplicate, 0u);
  EXPECT_EQ(matcher.counts().unknown, 0u);
}

Octets octets_of(const std::vector<std::uint8_t>& octets) { return octets; }

// Aim: the TLV names the message, with or without its NUL, before anything the text says.
// Method: both spellings of the TLV, beside a text with another id.
TEST(ReceiptedMessageId, PrefersTheTlv) {
  const std::string text = "id:fromtext sub:001 dlvrd:001";
  const std::vector<std::uint8_t> with_nul{0x00, 0x1E, 0x00, 0x03, 'a', 'b', 0x00};
  const std::vector<std::uint8_t> without_nul{0x00, 0x1E, 0x00, 0x02, 'a', 'b'};
  EXPECT_EQ(receipted_message_id(octets_of(with_nul), as_octets(text)), "ab");
  EXPECT_EQ(receipted_message_id(octets_of(without_nul), as_octets(text)), "ab");
}

// Aim: without the TLV, the text names the message. Method: id in front, at the very end, missing.
TEST(ReceiptedMessageId, ReadsTheText) {
  EXPECT_EQ(receipted_message_id({}, as_octets("id:0100af sub:001")), "0100af");
  EXPECT_EQ(receipted_message_id({}, as_octets("stat:DELIVRD id:77")), "77");
  EXPECT_EQ(receipted_message_id({}, as_octets("hello")), "");
  EXPECT_EQ(receipted_message_id({}, {}), "");
}

}  // namespace
}  // namespace ringgate::load

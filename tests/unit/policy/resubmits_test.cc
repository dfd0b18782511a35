#include "policy/resubmits.h"

#include <gtest/gtest.h>

namespace ringgate {
namespace {

constexpr std::uint32_t window_s = 60;

// Aim: the first of its kind is taken, a repetition gets its id once it is settled, and until then
// nobody is told anything.
TEST(Resubmits, FirstAndRepetition) {
  Resubmits resubmits;
  const ResubmitKey key{1, 2};
  MessageId id{100};
  EXPECT_EQ(resubmits.recognise(key, 1'000, window_s, id), Resubmits::Verdict::fresh);
  id = MessageId{101};
  EXPECT_EQ(resubmits.recognise(key, 1'001, window_s, id), Resubmits::Verdict::undecided);
  EXPECT_EQ(id, MessageId{101});
  resubmits.settle(key, MessageId{100});
  EXPECT_EQ(resubmits.recognise(key, 1'059, window_s, id), Resubmits::Verdict::repeated);
  EXPECT_EQ(id, MessageId{100});
}

// Aim: after the window it is a new message; a refused one leaves nothing behind; another key is
// another message.
TEST(Resubmits, Ends) {
  Resubmits resubmits;
  MessageId id{100};
  EXPECT_EQ(resubmits.recognise({1, 1}, 1'000, window_s, id), Resubmits::Verdict::fresh);
  resubmits.settle({1, 1}, id);
  EXPECT_EQ(resubmits.recognise({1, 2}, 1'000, window_s, id), Resubmits::Verdict::fresh);
  resubmits.remove({1, 2}, id);
  EXPECT_EQ(resubmits.recognise({1, 2}, 1'000, window_s, id), Resubmits::Verdict::fresh);
  EXPECT_EQ(resubmits.recognise({1, 1}, 1'060, window_s, id), Resubmits::Verdict::fresh);
}

// Aim: what an earlier run has settled is settled, until its time is over.
TEST(Resubmits, Restored) {
  Resubmits resubmits;
  resubmits.restore({1, 1}, MessageId{7}, 1'030);
  MessageId id{100};
  EXPECT_EQ(resubmits.recognise({1, 1}, 1'000, window_s, id), Resubmits::Verdict::repeated);
  EXPECT_EQ(id, MessageId{7});
  EXPECT_EQ(resubmits.recognise({1, 1}, 1'030, window_s, id), Resubmits::Verdict::fresh);
}

// Aim: what is forgotten early is said, and expiry is done in slices without which nothing that is
// over would count as known. Method: as many as there may be, one more, and then their end.
TEST(Resubmits, TooMany) {
  Resubmits resubmits;
  MessageId id{1};
  for (std::uint64_t i = 0; i < Resubmits::count_max; ++i)
    ASSERT_EQ(resubmits.recognise({i, 1}, 1'000, window_s, id), Resubmits::Verdict::fresh);
  EXPECT_EQ(resubmits.recognise({1, 2}, 1'000, window_s, id), Resubmits::Verdict::unremembered);
  EXPECT_EQ(resubmits.recognise({1, 2}, 1'001, window_s, id), Resubmits::Verdict::unremembered);
  resubmits.settle({Resubmits::count_max - 1, 1}, id);
  EXPECT_EQ(resubmits.recognise({1, 2}, 1'060, window_s, id), Resubmits::Verdict::fresh);
  EXPECT_EQ(resubmits.recognise({Resubmits::count_max - 1, 1}, 1'060, window_s, id),
            Resubmits::Verdict::fresh)
      << "over, though its turn to be forgotten has not come";
}

}  // namespace
}  // namespace ringgate

#include "shard/open_by_id.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>

namespace ringgate {
namespace {

class OpenByIdTest : public testing::Test {
 protected:
  void note(std::uint64_t id, std::uint32_t slot) {
    slots_[slot] = plain(id);
    open_.note(plain(id), slot, id_in());
  }
  void remove(std::uint64_t id, std::uint32_t slot) {
    slots_.erase(slot);
    open_.remove(plain(id), slot);
  }
  std::optional<std::uint32_t> find(std::uint64_t id) { return open_.find(plain(id), id_in()); }
  std::optional<std::uint32_t> find_short(std::uint32_t key, std::uint32_t wanted) {
    return open_.find_short(key, id_in(), [wanted](std::uint32_t slot) { return slot == wanted; });
  }

 private:
  static NumberedId plain(std::uint64_t id) { return {MessageId{id}, id & message_sequence_mask}; }
  std::function<NumberedId(std::uint32_t)> id_in() {
    return [this](std::uint32_t slot) {
      const auto found = slots_.find(slot);
      return found == slots_.end() ? NumberedId{} : found->second;
    };
  }

  OpenById open_{8};
  std::map<std::uint32_t, NumberedId> slots_;
};

// Aim: an open message is found by its id, a closed one is not, and slot 0 is a slot like others.
TEST_F(OpenByIdTest, FindsWhatIsOpen) {
  note(100, 0);
  note(101, 1);
  EXPECT_EQ(find(100), 0U);
  EXPECT_EQ(find(101), 1U);
  EXPECT_FALSE(find(102).has_value());
  remove(100, 0);
  EXPECT_FALSE(find(100).has_value());
}

// Aim: a message that stays open while its place is taken again and again is still found, by a 3.3
// client as well; once closed it is gone. Method: eight places; ids that share one, of this shard
// and of another one.
TEST_F(OpenByIdTest, NobodyIsDisplaced) {
  const std::uint64_t other_shard = std::uint64_t{1} << 48;
  note(3, 5);
  note(other_shard | 3, 6);
  note(11, 7);
  EXPECT_EQ(find(3), 5U);
  EXPECT_EQ(find(other_shard | 3), 6U);
  EXPECT_EQ(find(11), 7U);
  EXPECT_EQ(find_short(1u << 26 | 3, 6), 6U) << "short form: shard 1, sequence 3";
  EXPECT_EQ(find_short(3, 5), 5U);
  EXPECT_FALSE(find_short(3, 6).has_value()) << "not the one that is meant";
  remove(3, 5);
  remove(11, 7);
  EXPECT_FALSE(find(3).has_value());
  EXPECT_FALSE(find(11).has_value());
  EXPECT_EQ(find(other_shard | 3), 6U);
}

// Aim: of the destinations of a submit_multi, which share an id, the last is found, and the end of
// another one does not hide it.
TEST_F(OpenByIdTest, SharedId) {
  note(3, 5);
  note(3, 6);
  note(11, 7);
  EXPECT_EQ(find(3), 6U);
  remove(3, 5);
  EXPECT_EQ(find(3), 6U);
}

}  // namespace
}  // namespace ringgate

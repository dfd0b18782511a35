#include "routing/reassembly.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "base/bytes.h"
#include "base/prng.h"
#include "base/units.h"

namespace ringgate {
namespace {

using Verdict = Reassembler::Verdict;

LongMessageOptions limits(unsigned max_per_account = 100, unsigned max_octets = 1u << 20) {
  return {.expiry_s = 300, .max_per_account = max_per_account, .max_octets = max_octets};
}

struct PartSpec {
  std::uint8_t sequence = 1;
  std::uint8_t total = 2;
  std::string text = "text";
  std::uint64_t id = 1;
  std::uint16_t reference = 7;
  bool wide_reference = false;
  std::uint32_t account = 0;
  std::uint8_t data_coding = 0;
  bool udhi = false;
  Address source{5, 0, "sender"};
  Address destination{1, 1, "447700900123"};

  Part part() const {
    return {{account, source, destination, reference, wide_reference, total},
            sequence,
            data_coding,
            MessageId{id},
            udhi,
            as_octets(text)};
  }
};

class ReassemblyTest : public testing::Test {
 protected:
  Verdict add(const PartSpec& spec) { return reassembler_->add(spec.part(), now_, whole_); }
  std::vector<std::uint64_t> whole_ids() const {
    std::vector<std::uint64_t> ids;
    for (const MessageId id : whole_.ids) ids.push_back(id.value);
    return ids;
  }
  std::vector<std::string> whole_parts() const {
    std::vector<std::string> parts;
    for (const Octets part : whole_.parts) parts.emplace_back(as_text(part));
    return parts;
  }
  /// The parts one after the other.
  std::string whole_text() const {
    std::string text;
    for (const Octets part : whole_.parts) text += as_text(part);
    return text;
  }
  void use(const LongMessageOptions& options) { reassembler_.emplace(options, 42); }
  void expect_empty() const {
    EXPECT_EQ(reassembler_->incomplete(), 0U);
    EXPECT_EQ(reassembler_->octets(), 0U);
    EXPECT_EQ(reassembler_->deadline(), never);
  }

  Now now_{seconds(1'000), 0};
  std::optional<Reassembler> reassembler_{std::in_place, limits(), 42};
  JoinedParts whole_;
};

// Aim: the last part that was missing completes the message, in the order of the sequence and not
// of arrival. Method: three parts, last one first.
TEST_F(ReassemblyTest, AnyOrder) {
  EXPECT_EQ(add({.sequence = 3, .total = 3, .text = "!", .id = 30, .data_coding = 8}),
            Verdict::stored);
  EXPECT_EQ(add({.sequence = 1, .total = 3, .text = "long ", .id = 10, .data_coding = 8}),
            Verdict::stored);
  EXPECT_EQ(reassembler_->incomplete(), 1U);
  EXPECT_EQ(add({.sequence = 2, .total = 3, .text = "text", .id = 20, .data_coding = 8}),
            Verdict::complete);
  EXPECT_EQ(whole_parts(), (std::vector<std::string>{"long ", "text", "!"}));
  EXPECT_EQ(whole_ids(), (std::vector<std::uint64_t>{10, 20, 30}));
  EXPECT_EQ(whole_.data_coding, 8);
  EXPECT_FALSE(whole_.udhi);
  expect_empty();
  EXPECT_EQ(reassembler_->counters().stored, 3U);
  EXPECT_EQ(reassembler_->counters().complete, 1U);
}

// Aim: a message of one part is whole at once, and 255 parts are no special case; a part may be
// empty. Method: both ends of the range.
TEST_F(ReassemblyTest, FewestAndMostParts) {
  EXPECT_EQ(add({.sequence = 1, .total = 1, .text = "", .id = 9}), Verdict::complete);
  EXPECT_EQ(whole_ids(), (std::vector<std::uint64_t>{9}));
  EXPECT_EQ(whole_parts(), (std::vector<std::string>{""}));
  std::string expected;
  for (unsigned sequence = 1; sequence <= 255; ++sequence) {
    const std::string text(sequence % 3 == 0 ? 0 : 153, static_cast<char>(sequence));
    expected += text;
    EXPECT_EQ(add({.sequence = static_cast<std::uint8_t>(sequence),
                   .total = 255,
                   .text = text,
                   .id = sequence}),
              sequence == 255 ? Verdict::complete : Verdict::stored);
  }
  EXPECT_EQ(whole_text(), expected);
  EXPECT_EQ(whole_.ids.size(), 255U);
  EXPECT_EQ(whole_.parts.size(), 255U);
  expect_empty();
}

// Aim: a part that comes again is counted and changes nothing, even with another text or
// data_coding. Method: the first part twice more before the second.
TEST_F(ReassemblyTest, TheFirstOfDuplicatesCounts) {
  EXPECT_EQ(add({.sequence = 1, .text = "first ", .id = 1}), Verdict::stored);
  const std::size_t held = reassembler_->octets();
  EXPECT_EQ(add({.sequence = 1, .text = "first ", .id = 2}), Verdict::duplicate);
  EXPECT_EQ(add({.sequence = 1, .text = "other", .id = 3, .data_coding = 8}), Verdict::duplicate);
  EXPECT_EQ(reassembler_->octets(), held);
  EXPECT_EQ(reassembler_->counters().duplicate, 2U);
  EXPECT_EQ(add({.sequence = 2, .text = "second", .id = 4}), Verdict::complete);
  EXPECT_EQ(whole_text(), "first second");
  EXPECT_EQ(whole_ids(), (std::vector<std::uint64_t>{1, 4}));
}

// Aim: each part comes out with the UDH it came with, and the message says that they have one.
// Method: two parts with concatenation elements, the second one first.
TEST_F(ReassemblyTest, PartsKeepTheirHeaders) {
  const std::string first("\x05\x00\x03\x07\x02\x01one", 9);
  const std::string second("\x05\x00\x03\x07\x02\x02two", 9);
  EXPECT_EQ(add({.sequence = 2, .text = second, .id = 2, .udhi = true}), Verdict::stored);
  EXPECT_EQ(add({.sequence = 1, .text = first, .id = 1, .udhi = true}), Verdict::complete);
  EXPECT_EQ(whole_parts(), (std::vector<std::string>{first, second}));
  EXPECT_TRUE(whole_.udhi);
  EXPECT_EQ(add({.sequence = 1, .total = 1, .text = "three"}), Verdict::complete);
  EXPECT_FALSE(whole_.udhi);
}

// Aim: what cannot be a part is refused and leaves nothing behind. Method: sequence 0, beyond the
// total, total 0; then a part in another alphabet than its message, one with a UDH among parts
// without, and the other way round.
TEST_F(ReassemblyTest, Inconsistent) {
  EXPECT_EQ(add({.sequence = 0}), Verdict::inconsistent);
  EXPECT_EQ(add({.sequence = 3, .total = 2}), Verdict::inconsistent);
  EXPECT_EQ(add({.sequence = 0, .total = 0}), Verdict::inconsistent);
  EXPECT_EQ(add({.sequence = 1, .total = 0}), Verdict::inconsistent);
  expect_empty();
  EXPECT_EQ(add({.sequence = 1, .data_coding = 0}), Verdict::stored);
  EXPECT_EQ(add({.sequence = 2, .data_coding = 8}), Verdict::inconsistent);
  EXPECT_EQ(add({.sequence = 2, .data_coding = 0, .udhi = true}), Verdict::inconsistent);
  EXPECT_EQ(reassembler_->counters().inconsistent, 6U);
  EXPECT_EQ(add({.sequence = 2, .data_coding = 0}), Verdict::complete);
  EXPECT_EQ(add({.sequence = 1, .udhi = true}), Verdict::stored);
  EXPECT_EQ(add({.sequence = 2, .udhi = false}), Verdict::inconsistent);
  EXPECT_EQ(add({.sequence = 2, .udhi = true}), Verdict::complete);
}

// Aim: parts that differ in any part of the key are of different messages. Method: a first part of
// one, and second parts with one thing changed each; none completes.
TEST_F(ReassemblyTest, EveryPartOfTheKeyCounts) {
  ASSERT_EQ(add({.sequence = 1}), Verdict::stored);
  const PartSpec second{.sequence = 2};
  std::vector<PartSpec> others(10, second);
  others[0].account = 1;
  others[1].reference = 0x107;
  others[2].wide_reference = true;
  others[3].total = 3;
  others[4].source.ton = 1;
  others[5].source.npi = 1;
  others[6].source.text = "sende";
  others[7].destination.ton = 0;
  others[8].destination.npi = 0;
  others[9].destination.text = "447700900124";
  for (const PartSpec& other : others) EXPECT_EQ(add(other), Verdict::stored);
  EXPECT_EQ(reassembler_->incomplete(), 11U);
  EXPECT_EQ(add(second), Verdict::complete);
}

// Aim: where one address ends and the next begins is part of the key. Method: the same digits,
// divided in two ways.
TEST_F(ReassemblyTest, AddressesDoNotRunTogether) {
  EXPECT_EQ(add({.sequence = 1, .source = {0, 0, "12"}, .destination = {0, 0, "3"}}),
            Verdict::stored);
  EXPECT_EQ(add({.sequence = 2, .source = {0, 0, "1"}, .destination = {0, 0, "23"}}),
            Verdict::stored);
  EXPECT_EQ(reassembler_->incomplete(), 2U);
}

// Aim: a reference is free again once its message is whole. Method: the same key three times over.
TEST_F(ReassemblyTest, ReferencesAreUsedAgain) {
  for (const char* const text : {"a", "b", "c"}) {
    EXPECT_EQ(add({.sequence = 2, .text = text}), Verdict::stored);
    EXPECT_EQ(add({.sequence = 1, .text = text}), Verdict::complete);
    EXPECT_EQ(whole_text(), std::string(text) + text);
  }
  expect_empty();
}

// Aim: a message expires expiry_s after its first part, however late the others came, and its key
// is free then. Method: two messages, the clock just before and at each deadline.
TEST_F(ReassemblyTest, Expiry) {
  const Nanos start = now_.mono;
  EXPECT_EQ(add({.sequence = 3, .total = 4, .id = 3}), Verdict::stored);
  EXPECT_EQ(reassembler_->deadline(), start + seconds(300));
  now_.mono += seconds(200);
  EXPECT_EQ(add({.sequence = 1, .total = 4, .id = 1}), Verdict::stored);
  EXPECT_EQ(add({.sequence = 1, .id = 5, .reference = 8, .account = 3}), Verdict::stored);
  EXPECT_EQ(reassembler_->deadline(), start + seconds(300));

  std::vector<std::tuple<std::uint32_t, unsigned, unsigned, std::vector<std::uint64_t>>> given_up;
  const auto expire = [&] {
    reassembler_->expire(now_, [&](const ExpiredParts& message) {
      std::vector<std::uint64_t> ids;
      for (const MessageId id : message.ids) ids.push_back(id.value);
      given_up.emplace_back(message.account, message.reference, message.total, ids);
    });
  };
  now_.mono = start + seconds(300) - 1;
  expire();
  EXPECT_TRUE(given_up.empty());
  now_.mono = start + seconds(300);
  expire();
  ASSERT_EQ(given_up.size(), 1U);
  EXPECT_EQ(given_up[0], std::tuple(0U, 7U, 4U, (std::vector<std::uint64_t>{1, 3})));
  EXPECT_EQ(reassembler_->deadline(), start + seconds(500));
  EXPECT_EQ(add({.sequence = 2, .total = 4, .id = 2}), Verdict::stored);
  now_.mono = start + seconds(600);
  expire();
  ASSERT_EQ(given_up.size(), 3U);
  EXPECT_EQ(given_up[1], std::tuple(3U, 8U, 2U, (std::vector<std::uint64_t>{5})));
  EXPECT_EQ(std::get<3>(given_up[2]), (std::vector<std::uint64_t>{2}));
  expect_empty();
  EXPECT_EQ(reassembler_->counters().expired, 3U);
}

// Aim: completing the oldest message moves the deadline to the next oldest. Method: two messages,
// the first one completed.
TEST_F(ReassemblyTest, DeadlineFollowsTheOldest) {
  EXPECT_EQ(add({.sequence = 1, .reference = 1}), Verdict::stored);
  now_.mono += seconds(10);
  EXPECT_EQ(add({.sequence = 1, .reference = 2}), Verdict::stored);
  EXPECT_EQ(add({.sequence = 2, .reference = 1}), Verdict::complete);
  EXPECT_EQ(reassembler_->deadline(), now_.mono + seconds(300));
}

// Aim: an account at its bound gets no further message, but its own go on, and so do other
// accounts. Method: a bound of two.
TEST_F(ReassemblyTest, BoundPerAccount) {
  use(limits(2));
  EXPECT_EQ(add({.sequence = 1, .reference = 1}), Verdict::stored);
  EXPECT_EQ(add({.sequence = 1, .reference = 2}), Verdict::stored);
  EXPECT_EQ(add({.sequence = 1, .reference = 3}), Verdict::refused_full);
  EXPECT_EQ(reassembler_->counters().refused_account, 1U);
  EXPECT_EQ(add({.sequence = 1, .reference = 3, .account = 1}), Verdict::stored);
  EXPECT_EQ(add({.sequence = 2, .reference = 1}), Verdict::complete);
  EXPECT_EQ(add({.sequence = 1, .reference = 3}), Verdict::stored);
  now_.mono += seconds(300);
  reassembler_->expire(now_, [](const ExpiredParts&) {});
  EXPECT_EQ(add({.sequence = 1, .reference = 4}), Verdict::stored);
}

// Aim: octets never go beyond the bound, for first parts and for later ones, and what is refused
// changes nothing. Method: messages until one is refused, then a part too large for the rest, then
// one that fits.
TEST_F(ReassemblyTest, BoundInOctets) {
  constexpr std::size_t bound = 4'000;
  use(limits(1'000, bound));
  std::uint16_t reference = 0;
  Verdict verdict = Verdict::stored;
  while (verdict == Verdict::stored) {
    verdict = add({.sequence = 1, .total = 2, .text = "", .reference = ++reference});
    EXPECT_LE(reassembler_->octets(), bound);
  }
  EXPECT_EQ(verdict, Verdict::refused_full);
  EXPECT_LT(reference, 100) << "what is kept about a message counts as well";
  const std::size_t held = reassembler_->octets();
  const std::string too_much(bound - held + 1, 'x');
  EXPECT_EQ(add({.sequence = 2, .text = too_much, .reference = 1}), Verdict::refused_full);
  EXPECT_EQ(reassembler_->octets(), held);
  EXPECT_EQ(reassembler_->counters().refused_octets, 2U);
  EXPECT_EQ(reassembler_->counters().refused_account, 0U);
  EXPECT_EQ(add({.sequence = 2, .text = too_much.substr(1), .reference = 1}), Verdict::complete);
  EXPECT_EQ(whole_text(), too_much.substr(1));
  now_.mono += seconds(300);
  reassembler_->expire(now_, [](const ExpiredParts&) {});
  expect_empty();
}

// Aim: the views of a whole message do not depend on the size of the one before. Method: a message
// of a megabyte, then a small one.
TEST_F(ReassemblyTest, LargeThenSmall) {
  use(limits(10, 8u << 20));
  const std::string large(1u << 20, 'l');
  EXPECT_EQ(add({.sequence = 1, .text = large}), Verdict::stored);
  EXPECT_EQ(add({.sequence = 2, .text = "end"}), Verdict::complete);
  EXPECT_EQ(whole_text().size(), large.size() + 3);
  EXPECT_EQ(add({.sequence = 1, .total = 1, .text = "small"}), Verdict::complete);
  EXPECT_EQ(whole_text(), "small");
}

// What the reassembler should do, said in maps.
class Model {
 public:
  struct Kept {
    std::map<unsigned, std::pair<std::uint64_t, std::string>> parts;
    std::uint8_t data_coding = 0;
    bool udhi = false;
    Nanos deadline = 0;
  };
  using Key = std::tuple<std::uint32_t, std::string, std::uint16_t, bool, unsigned>;

  static Key key(const PartSpec& spec) {
    return {spec.account, std::string(spec.destination.text), spec.reference, spec.wide_reference,
            spec.total};
  }

  Verdict add(const PartSpec& spec, Nanos now, unsigned max_per_account, std::string& text,
              std::vector<std::uint64_t>& ids) {
    if (spec.sequence < 1 || spec.sequence > spec.total) return Verdict::inconsistent;
    const auto found = kept.find(key(spec));
    if (found == kept.end()) {
      const auto of_account = std::count_if(kept.begin(), kept.end(), [&](const auto& entry) {
        return std::get<0>(entry.first) == spec.account;
      });
      if (of_account >= max_per_account) return Verdict::refused_full;
    } else if (found->second.parts.contains(spec.sequence)) {
      return Verdict::duplicate;
    } else if (found->second.data_coding != spec.data_coding || found->second.udhi != spec.udhi) {
      return Verdict::inconsistent;
    }
    Kept& message = kept[key(spec)];
    if (message.parts.empty()) {
      message.deadline = now + seconds(300);
      message.data_coding = spec.data_coding;
      message.udhi = spec.udhi;
    }
    message.parts[spec.sequence] = {spec.id, spec.text};
    if (message.parts.size() < spec.total) return Verdict::stored;
    for (const auto& [sequence, part] : message.parts) {
      ids.push_back(part.first);
      text += part.second;
    }
    kept.erase(key(spec));
    return Verdict::complete;
  }

  std::size_t expire(Nanos now) {
    return std::erase_if(kept, [now](const auto& entry) { return entry.second.deadline <= now; });
  }

  std::map<Key, Kept> kept;
};

// Aim: any run of parts has the verdicts, the messages and the expiries of the model. Method: parts
// of many messages with few references, shuffled, some lost, some twice, some spoilt, while time
// passes.
TEST_F(ReassemblyTest, BehavesLikeTheModel) {
  static constexpr std::array<std::string_view, 3> destinations{"447700900123", "447700900124",
                                                                "1"};
  constexpr unsigned max_per_account = 12;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    use(limits(max_per_account, 64u << 20));
    Prng prng(seed);
    const auto below = [&prng](std::uint64_t n) {
      return static_cast<std::uint8_t>(prng.below(n));
    };
    Model model;
    std::vector<PartSpec> waiting;
    std::uint64_t next_id = 1;
    std::size_t expired = 0;
    unsigned completed = 0;
    for (int step = 0; step < 3'000; ++step) {
      if (waiting.size() < 60) {
        PartSpec spec;
        spec.account = below(3);
        spec.destination.text = destinations[below(3)];
        spec.reference = static_cast<std::uint16_t>(below(4) + 254u);
        spec.wide_reference = below(2) == 1;
        spec.total = static_cast<std::uint8_t>(1 + (below(10) == 0 ? below(40) : below(5)));
        spec.data_coding = below(20) == 0 ? 8 : 0;
        for (unsigned sequence = 1; sequence <= spec.total; ++sequence) {
          if (below(20) == 0) continue;
          spec.sequence = static_cast<std::uint8_t>(sequence);
          spec.text = std::string(below(20), static_cast<char>('a' + below(26)));
          spec.id = next_id++;
          spec.udhi = below(30) == 0;
          waiting.push_back(spec);
          if (below(10) == 0) waiting.push_back(spec);
          if (below(50) == 0) waiting.back().sequence = below(256);
        }
      }
      if (waiting.empty()) continue;
      std::swap(waiting[prng.below(waiting.size())], waiting.back());
      const PartSpec spec = waiting.back();
      waiting.pop_back();

      std::string text;
      std::vector<std::uint64_t> ids;
      const Verdict expected = model.add(spec, now_.mono, max_per_account, text, ids);
      ASSERT_EQ(add(spec), expected);
      if (expected == Verdict::complete) {
        ++completed;
        ASSERT_EQ(whole_text(), text);
        ASSERT_EQ(whole_ids(), ids);
        ASSERT_EQ(whole_.parts.size(), ids.size());
      }
      now_.mono += seconds(below(8));
      if (reassembler_->deadline() <= now_.mono) {
        const std::size_t before = expired;
        reassembler_->expire(now_, [&](const ExpiredParts&) { ++expired; });
        ASSERT_EQ(expired - before, model.expire(now_.mono));
      }
      ASSERT_EQ(reassembler_->incomplete(), model.kept.size());
      Nanos oldest = never;
      for (const auto& [key, message] : model.kept) oldest = std::min(oldest, message.deadline);
      ASSERT_EQ(reassembler_->deadline(), oldest);
    }
    EXPECT_GT(completed, 100U);
    EXPECT_GT(expired, 10U);
    now_.mono += seconds(300);
    reassembler_->expire(now_, [](const ExpiredParts&) {});
    expect_empty();
  }
}

}  // namespace
}  // namespace ringgate

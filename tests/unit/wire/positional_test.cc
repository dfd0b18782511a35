#include "wire/positional.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/prng.h"

namespace ringgate::wire {
namespace {

// One field of every kind, with limits small enough to reach.
struct Sample {
  std::string_view name;
  std::uint8_t flag = 0;
  std::uint32_t number = 0;
  std::string_view when;
  Octets data;
  std::string_view last;
  static const std::array<Field, 6> fields;
};
inline constexpr std::array<Field, 6> Sample::fields{{
    RINGGATE_FIELD(Sample, name, c_string, 6, ESME_RINVSERTYP),
    RINGGATE_FIELD(Sample, flag, u8, 3, ESME_RINVPRTFLG),
    RINGGATE_FIELD(Sample, number, u32, 0, ESME_RSYSERR),
    RINGGATE_FIELD(Sample, when, time, 17, ESME_RINVSCHED),
    RINGGATE_FIELD(Sample, data, counted8, 10, ESME_RINVMSGLEN),
    RINGGATE_FIELD(Sample, last, c_string, 41, ESME_RINVDSTADR),
}};
static_assert(rows_cover<Sample>());
enum : std::uint8_t { name_row, flag_row, number_row, when_row, data_row, last_row };

/// Octets in memory of exactly their size, so that the sanitizer sees a read past them.
struct Exact {
  explicit Exact(std::string_view text)
      : size(text.size()), memory(std::make_unique<std::uint8_t[]>(text.size())) {
    if (!text.empty()) std::memcpy(memory.get(), text.data(), text.size());
  }
  Cursor cursor() const { return {memory.get(), memory.get() + size}; }
  std::size_t size;
  std::unique_ptr<std::uint8_t[]> memory;
};

template <std::size_t N>
std::string text(const char (&literal)[N]) {
  return std::string(literal, N - 1);
}

const std::string valid = text(
    "abc\0"
    "\x02"
    "\x01\x02\x03\x04"
    "260101000000000+\0"
    "\x03xyz"
    "end\0");

/// Decodes both ways and expects one answer; returns it.
Verdict decode_both(const std::string& octets, Sample& hot) {
  const Exact exact(octets);
  Cursor hot_cursor = exact.cursor();
  const Verdict hot_verdict = decode(hot_cursor, hot);
  Sample cold;
  Cursor cold_cursor = exact.cursor();
  const Verdict cold_verdict = decode_any(Sample::fields, cold_cursor, &cold);
  EXPECT_EQ(hot_verdict.fault, cold_verdict.fault);
  EXPECT_EQ(hot_cursor.at, cold_cursor.at);
  if (!hot_verdict.ok()) {
    EXPECT_EQ(hot_verdict.field, cold_verdict.field);
    return hot_verdict;
  }
  EXPECT_EQ(hot.name, cold.name);
  EXPECT_EQ(hot.flag, cold.flag);
  EXPECT_EQ(hot.number, cold.number);
  EXPECT_EQ(hot.when, cold.when);
  EXPECT_EQ(as_text(hot.data), as_text(cold.data));
  EXPECT_EQ(hot.last, cold.last);
  // A decoded message is fit to be encoded, and gives the octets it came from.
  EXPECT_TRUE(check_any(Sample::fields, &hot).ok());
  const std::size_t read = octets.size() - hot_cursor.left();
  EXPECT_EQ(encoded_size(hot), read);
  EXPECT_EQ(encoded_size_any(Sample::fields, &hot), read);
  std::string again(read, '\0');
  auto* const to = reinterpret_cast<std::uint8_t*>(again.data());
  EXPECT_EQ(encode(hot, to), to + read);
  EXPECT_EQ(again, octets.substr(0, read));
  return hot_verdict;
}

void expect_fault(const std::string& octets, Fault fault, std::uint8_t field) {
  Sample sample;
  const Verdict verdict = decode_both(octets, sample);
  EXPECT_EQ(verdict.fault, fault);
  EXPECT_EQ(verdict.field, field);
}

// Aim: every kind is read as the specification lays it out. Method: one message, exact values.
TEST(Positional, Decodes) {
  // The views point into the decoded octets, so these must stay.
  const Exact exact(valid);
  Cursor cursor = exact.cursor();
  Sample sample;
  ASSERT_TRUE(decode(cursor, sample).ok());
  EXPECT_EQ(sample.name, "abc");
  EXPECT_EQ(sample.flag, 2);
  EXPECT_EQ(sample.number, 0x01020304u);
  EXPECT_EQ(sample.when, "260101000000000+");
  EXPECT_EQ(as_text(sample.data), "xyz");
  EXPECT_EQ(sample.last, "end");
  EXPECT_EQ(cursor.left(), 0u);
}

// Aim: the index of the NUL is right for every place of it, every limit and every end of memory,
// and nothing past the end is read. Method: all combinations up to 70 octets, memory of exact size.
TEST(Positional, NulIndexAtAllBoundaries) {
  for (std::size_t available = 0; available <= 70; ++available) {
    for (std::size_t nul = 0; nul <= available; ++nul) {  // nul == available: there is none
      const auto memory = std::make_unique<std::uint8_t[]>(available);
      if (available != 0) std::memset(memory.get(), 'x', available);
      if (nul < available) memory[nul] = 0;
      for (std::size_t limit = 0; limit <= 70; ++limit) {
        const bool found = nul < available && nul < limit;
        ASSERT_EQ(nul_index(memory.get(), available, limit), found ? nul : no_nul)
            << available << ' ' << nul << ' ' << limit;
      }
    }
  }
}

// Aim: of several NULs the first counts, also when an earlier octet has its high bit set. Method:
// octets that a careless comparison would confuse.
TEST(Positional, NulIndexFindsTheFirst) {
  std::string octets(40, '\x80');
  octets[5] = '\x01';
  octets[20] = octets[9] = octets[33] = '\0';
  const Exact exact(octets);
  EXPECT_EQ(nul_index(exact.memory.get(), 40, 32), 9u);
  EXPECT_EQ(nul_index(exact.memory.get(), 40, 9), no_nul);
  EXPECT_EQ(nul_index(exact.memory.get(), 40, 10), 9u);
  EXPECT_EQ(nul_index(exact.memory.get() + 10, 30, 21), 10u);
}

// Aim: a body that ends early is truncated, at the field where it ends. Method: every cut of a
// valid message.
TEST(Positional, Truncated) {
  const std::size_t starts[] = {0, 4, 5, 9, 26, 30};
  for (std::size_t size = 0; size < valid.size(); ++size) {
    std::uint8_t field = 0;
    while (field < last_row && size >= starts[field + 1]) ++field;
    expect_fault(valid.substr(0, size), Fault::truncated, field);
  }
}

// Aim: text fits up to the octet before its limit. Method: one less than the limit, the limit,
// more.
TEST(Positional, TextLimits) {
  const std::string rest = valid.substr(4);
  Sample sample;
  EXPECT_TRUE(decode_both(text("\0") + rest, sample).ok());
  EXPECT_TRUE(decode_both(text("12345\0") + rest, sample).ok());
  expect_fault(text("123456\0") + rest, Fault::too_long, name_row);
  expect_fault(text("1234567890123456789\0") + rest, Fault::too_long, name_row);
  const std::string head = valid.substr(0, 30);
  EXPECT_TRUE(decode_both(head + std::string(40, '7') + '\0', sample).ok());
  expect_fault(head + std::string(41, '7') + '\0', Fault::too_long, last_row);
  // Fewer octets than the limit and no NUL: nobody knows how long it would have become.
  expect_fault(head + std::string(40, '7'), Fault::truncated, last_row);
  expect_fault(head + std::string(41, '7'), Fault::too_long, last_row);
}

// Aim: integers keep to their limit. Method: the limit and its neighbours.
TEST(Positional, IntegerLimits) {
  std::string octets = valid;
  Sample sample;
  octets[4] = 3;
  EXPECT_TRUE(decode_both(octets, sample).ok());
  octets[4] = 4;
  expect_fault(octets, Fault::out_of_range, flag_row);
  octets[4] = '\xFF';
  expect_fault(octets, Fault::out_of_range, flag_row);
}

// Aim: times are empty or 16 characters. Method: all lengths up to past the limit.
TEST(Positional, TimeLengths) {
  for (std::size_t size = 0; size <= 20; ++size) {
    const std::string octets =
        valid.substr(0, 9) + std::string(size, '1') + '\0' + valid.substr(26);
    if (size == 0 || size == 16) {
      Sample sample;
      EXPECT_TRUE(decode_both(octets, sample).ok());
    } else {
      expect_fault(octets, size < 16 ? Fault::bad_length : Fault::too_long, when_row);
    }
  }
}

// Aim: counted octets keep to their limit and to what is there. Method: counts around both.
TEST(Positional, CountedOctets) {
  const std::string head = valid.substr(0, 26);
  Sample sample;
  EXPECT_TRUE(decode_both(head + text("\0end\0"), sample).ok());
  EXPECT_TRUE(decode_both(head + text("\x0a"
                                      "0123456789end\0"),
                          sample)
                  .ok());
  expect_fault(head + text("\x0b"
                           "0123456789aend\0"),
               Fault::too_long, data_row);
  expect_fault(head + text("\x09"
                           "12345678"),
               Fault::truncated, data_row);
}

// Aim: check() names the same faults before writing that decode() names after reading. Method: one
// field out of bounds at a time.
TEST(Positional, CheckBeforeEncoding) {
  const auto fault_of = [](const Sample& sample, std::uint8_t field) {
    const Verdict verdict = check_any(Sample::fields, &sample);
    if (!verdict.ok()) {
      EXPECT_EQ(verdict.field, field);
    }
    return verdict.fault;
  };
  Sample sample;
  EXPECT_EQ(fault_of(sample, 0), Fault::none);
  sample.name = "12345";
  EXPECT_EQ(fault_of(sample, 0), Fault::none);
  sample.name = "123456";
  EXPECT_EQ(fault_of(sample, name_row), Fault::too_long);
  sample = {};
  sample.flag = 4;
  EXPECT_EQ(fault_of(sample, flag_row), Fault::out_of_range);
  sample = {};
  sample.when = "1";
  EXPECT_EQ(fault_of(sample, when_row), Fault::bad_length);
  sample = {};
  const std::string eleven(11, 'x');
  sample.data = as_octets(eleven);
  EXPECT_EQ(fault_of(sample, data_row), Fault::too_long);
  sample = {};
  const std::string forty_one(41, 'x');
  sample.last = forty_one;
  EXPECT_EQ(fault_of(sample, last_row), Fault::too_long);
}

// Aim: text with a NUL inside may not go on the wire: the peer would read another message. Method:
// check() of such text in both kinds of text.
TEST(Positional, CheckRefusesNulInText) {
  Sample sample;
  sample.name = std::string_view("a\0b", 3);
  EXPECT_FALSE(check_any(Sample::fields, &sample).ok());
  sample = {};
  sample.when = std::string_view("26010100000000\0+", 16);
  EXPECT_FALSE(check_any(Sample::fields, &sample).ok());
}

// Aim: hot and cold decoding give one answer whatever arrives. Method: random octets, and valid
// messages with random octets changed, in memory of exact size.
TEST(Positional, HotEqualsColdOnRandomInput) {
  Prng prng(7);
  unsigned decoded = 0;
  for (int round = 0; round < 50'000; ++round) {
    std::string octets = valid;
    if (prng.chance(0.3)) {
      octets.resize(prng.below(80));
      for (char& c : octets) c = static_cast<char>(prng.below(prng.chance(0.5) ? 4 : 256));
    } else {
      for (std::uint64_t left = prng.below(4); left > 0; --left)
        octets[prng.below(octets.size())] = static_cast<char>(prng.next());
      if (prng.chance(0.3)) octets.resize(prng.below(octets.size() + 1));
    }
    Sample sample;
    decoded += decode_both(octets, sample).ok();
    ASSERT_FALSE(HasFailure()) << round;
  }
  EXPECT_GT(decoded, 5'000u);
}

}  // namespace
}  // namespace ringgate::wire

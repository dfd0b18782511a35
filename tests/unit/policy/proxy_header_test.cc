#include "policy/proxy_header.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/prng.h"

namespace ringgate {
namespace {

using std::literals::operator""s;
using std::literals::operator""sv;
using Stage = ProxyHeader::Stage;

constexpr std::size_t all_wanted = std::numeric_limits<std::size_t>::max();
constexpr std::string_view signature = "\r\n\r\n\0\r\nQUIT\n"sv;
// An enquire_link: what really follows is binary as well.
constexpr std::string_view follows = "\0\0\0\x10\0\0\0\x15\0\0\0\0\0\0\0\1 and more of SMPP"sv;

/// Version and command, family, and what stands behind the length.
std::string binary(char command, char family, const std::string& block) {
  const auto size = static_cast<unsigned>(block.size());
  return std::string(signature) + command + family + static_cast<char>(size >> 8) +
         static_cast<char>(size) + block;
}

/// 192.0.2.1:5000 to 198.51.100.2:2775.
const std::string tcp4_block = "\xC0\0\2\1\xC6\x33\x64\2\x13\x88\x0A\xD7"s;
/// [2001:db8::1]:5000 to [2001:db8::2]:2775.
const std::string tcp6_block = "\x20\1\x0D\xB8"s + std::string(11, '\0') + "\1\x20\1\x0D\xB8" +
                               std::string(11, '\0') + "\2\x13\x88\x0A\xD7";
/// ::ffff:192.0.2.1 to itself.
const std::string mapped_block = (std::string(10, '\0') + "\xFF\xFF\xC0\0\2\1"s) +
                                 (std::string(10, '\0') + "\xFF\xFF\xC0\0\2\1"s) + "\xFF\xFF\0\0"s;
/// A TLV that holds nothing (PP2_TYPE_NOOP).
std::string tlv(std::size_t size) {
  return "\4"s + static_cast<char>(size >> 8) + static_cast<char>(size) + std::string(size, 'x');
}

struct Good {
  std::string header;
  std::string peer;
};

const std::vector<Good>& good_headers() {
  static const std::string longest = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
  static const std::vector<Good> out = {
      {"PROXY TCP4 192.0.2.1 198.51.100.2 5000 2775\r\n", "192.0.2.1:5000"},
      {"PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n", "0.0.0.0:0"},
      {"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255:65535"},
      {"PROXY TCP6 :: :: 0 0\r\n", "[::]:0"},
      {"PROXY TCP6 2001:db8::1 2001:db8::2 5000 2775\r\n", "[2001:db8::1]:5000"},
      {"PROXY TCP6 2001:DB8:0:0::0001 ::1 5000 2775\r\n", "[2001:db8::1]:5000"},
      {"PROXY TCP6 1:: 1:0:0:2:0:0:0:3 1 2\r\n", "[1::]:1"},
      {"PROXY TCP6 ::ffff:192.0.2.1 ::ffff:c000:201 1 2\r\n", "[::ffff:192.0.2.1]:1"},
      {"PROXY TCP6 " + longest + " " + longest + " 65535 65535\r\n", "[" + longest + "]:65535"},
      {"PROXY UNKNOWN\r\n", ""},
      {"PROXY UNKNOWN \r\n", ""},
      {"PROXY UNKNOWN \r\r\n", ""},
      {"PROXY UNKNOWN a\rb\nc\0\xFF 1\r\n"s, ""},
      {"PROXY UNKNOWN " + longest + " " + longest + " 65535 65535\r\n", ""},
      {binary('\x20', '\0', ""), ""},
      {binary('\x20', '\x11', tcp4_block), ""},
      {binary('\x20', '\x11', "abc"), ""},
      {binary('\x20', '\x77', tlv(500)), ""},
      {binary('\x21', '\0', ""), ""},
      {binary('\x21', '\0', tcp4_block + tlv(3)), ""},
      {binary('\x21', '\x11', tcp4_block), "192.0.2.1:5000"},
      {binary('\x21', '\x11', tcp4_block + tlv(0) + tlv(300)), "192.0.2.1:5000"},
      {binary('\x21', '\x11', tcp4_block + "not a TLV"), "192.0.2.1:5000"},
      {binary('\x21', '\x11', tcp4_block + tlv(2048 - 16 - 12 - 3)), "192.0.2.1:5000"},
      {binary('\x21', '\x21', tcp6_block), "[2001:db8::1]:5000"},
      {binary('\x21', '\x21', tcp6_block + tlv(7)), "[2001:db8::1]:5000"},
      {binary('\x21', '\x21', mapped_block), "[::ffff:192.0.2.1]:65535"},
  };
  return out;
}

/// Puts what is wanted, in pieces of at most `piece_max`, while it reads and there is more. How
/// much of the stream that took.
std::size_t read(ProxyHeader& header, std::string_view stream, std::size_t piece_max) {
  std::size_t taken = 0;
  while (header.stage() == Stage::reading && taken < stream.size()) {
    EXPECT_GE(header.wanted(), 1u);
    EXPECT_LE(taken + header.wanted(), ProxyHeader::size_max);
    const std::string_view piece = stream.substr(taken, std::min(header.wanted(), piece_max));
    // In memory of its own, where a sanitizer sees a read beyond it.
    const std::vector<std::uint8_t> octets(piece.begin(), piece.end());
    header.put(octets);
    taken += piece.size();
  }
  EXPECT_LE(taken, ProxyHeader::size_max);
  EXPECT_EQ(header.stage() == Stage::wrong, !header.fault().empty());
  EXPECT_EQ(header.stage() == Stage::reading, header.wanted() > 0);
  return taken;
}

// A second reader, of whole streams, which shares nothing with the first one.

struct Judged {
  std::size_t size;
  std::string peer;
};

std::optional<std::string> judged_peer(int family, const void* address, unsigned port) {
  char host[INET6_ADDRSTRLEN];
  if (inet_ntop(family, address, host, sizeof host) == nullptr) return std::nullopt;
  const std::string name = family == AF_INET6 ? "[" + std::string(host) + "]" : host;
  return name + ":" + std::to_string(port);
}

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> out(1);
  for (const char c : line) {
    if (c == ' ')
      out.emplace_back();
    else
      out.back() += c;
  }
  return out;
}

bool is_judged_port(const std::string& word) {
  const bool digits = !word.empty() && word.size() <= 5 &&
                      word.find_first_not_of("0123456789") == std::string::npos;
  return digits && (word == "0" || word[0] != '0') && std::stoul(word) <= 65'535;
}

std::optional<Judged> judge_line(const std::string& stream) {
  const std::size_t end = stream.find("\r\n");
  if (end == std::string::npos || end + 2 > 107) return std::nullopt;
  const std::string line = stream.substr(0, end);
  if (line == "PROXY UNKNOWN" || line.starts_with("PROXY UNKNOWN ")) return Judged{end + 2, ""};
  const std::vector<std::string> words = words_of(line);
  if (words.size() != 6 || line.find('\0') != std::string::npos) return std::nullopt;
  if (words[0] != "PROXY" || (words[1] != "TCP4" && words[1] != "TCP6")) return std::nullopt;
  const int family = words[1] == "TCP4" ? AF_INET : AF_INET6;
  std::array<std::uint8_t, 16> source{};
  std::array<std::uint8_t, 16> target{};
  if (inet_pton(family, words[2].c_str(), source.data()) != 1) return std::nullopt;
  if (inet_pton(family, words[3].c_str(), target.data()) != 1) return std::nullopt;
  if (!is_judged_port(words[4]) || !is_judged_port(words[5])) return std::nullopt;
  const auto port = static_cast<unsigned>(std::stoul(words[4]));
  return Judged{end + 2, judged_peer(family, source.data(), port).value_or("?")};
}

std::optional<Judged> judge(const std::string& stream) {
  if (!stream.starts_with(signature)) return judge_line(stream);
  if (stream.size() < 16) return std::nullopt;
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(stream[i]); };
  const std::size_t length = at(14) * 256u + at(15);
  if (length > 2032 || stream.size() < 16 + length) return std::nullopt;
  const Judged unknown{16 + length, ""};
  if (at(12) == 0x20) return unknown;
  if (at(12) != 0x21) return std::nullopt;
  if (at(13) == 0x00) return unknown;
  if (at(13) == 0x11 && length >= 12)
    return Judged{16 + length, *judged_peer(AF_INET, &stream[16], at(24) * 256u + at(25))};
  if (at(13) == 0x21 && length >= 36)
    return Judged{16 + length, *judged_peer(AF_INET6, &stream[16], at(48) * 256u + at(49))};
  return std::nullopt;
}

/// Reads it in pieces of both sizes, and compares with the second reader.
void compare(const std::string& stream) {
  const auto expected = judge(stream);
  for (const std::size_t piece_max : {all_wanted, std::size_t{1}}) {
    ProxyHeader header;
    const std::size_t taken = read(header, stream, piece_max);
    ASSERT_EQ(header.stage() == Stage::done, expected.has_value())
        << testing::PrintToString(stream) << ' ' << header.fault();
    if (!expected) continue;
    ASSERT_EQ(taken, expected->size) << testing::PrintToString(stream);
    ASSERT_EQ(header.peer(), expected->peer) << testing::PrintToString(stream);
  }
}

// Aim: every kind of header gives its client, in whatever pieces it comes, and not one octet is
// taken of what follows, nor missing of it.
TEST(ProxyHeader, Valid) {
  for (const auto& [text, peer] : good_headers()) {
    for (const std::size_t piece_max : {std::size_t{1}, std::size_t{2}, std::size_t{7},
                                        std::size_t{15}, std::size_t{64}, all_wanted}) {
      ProxyHeader header;
      EXPECT_EQ(read(header, text + std::string(follows), piece_max), text.size())
          << testing::PrintToString(text);
      EXPECT_EQ(header.stage(), Stage::done) << testing::PrintToString(text) << header.fault();
      EXPECT_EQ(header.peer(), peer);
    }
    compare(text + std::string(follows));
  }
}

// Aim: what follows may look like a header's end, or like another header.
TEST(ProxyHeader, FollowedByItsLike) {
  for (const auto& [text, peer] : good_headers()) {
    for (const std::string& other :
         {"\r\n"s, "\n"s, "0"s, "00\r\n"s, text, "PROXY TCP4 "s, std::string(signature)}) {
      ProxyHeader header;
      EXPECT_EQ(read(header, text + other, all_wanted), text.size());
      EXPECT_EQ(header.stage(), Stage::done);
      EXPECT_EQ(header.peer(), peer);
    }
  }
}

// Aim: what is wanted at once is as much as is certain, so that a header costs few receives.
TEST(ProxyHeader, Wanted) {
  ProxyHeader line;
  EXPECT_EQ(line.wanted(), 15u);
  line.put(as_octets("PROXY TCP4 192."));
  EXPECT_EQ(line.wanted(), 17u);  // "0.0 0.0.0.0 0 0\r\n", one octet shorter than that can be
  line.put(as_octets("0.2.1 198.51.100."));
  EXPECT_EQ(line.wanted(), 6u);  // " 0 0\r\n" if the address were whole
  line.put(as_octets("2 5000"));
  EXPECT_EQ(line.wanted(), 4u);
  line.put(as_octets(" 277"));
  EXPECT_EQ(line.wanted(), 2u);
  line.put(as_octets("5\r"));
  EXPECT_EQ(line.wanted(), 1u);
  line.put(as_octets("\n"));
  EXPECT_EQ(line.stage(), Stage::done);

  const std::string octets = binary('\x21', '\x21', tcp6_block + tlv(1'000));
  ProxyHeader whole;
  whole.put(as_octets(octets).first(15));
  EXPECT_EQ(whole.wanted(), 1u);
  whole.put(as_octets(octets).subspan(15, 1));
  EXPECT_EQ(whole.wanted(), octets.size() - 16);
  whole.put(as_octets(octets).subspan(16));
  EXPECT_EQ(whole.stage(), Stage::done);
  EXPECT_EQ(whole.peer(), "[2001:db8::1]:5000");
}

// Aim: a header that has not come whole is neither done nor wrong.
TEST(ProxyHeader, Truncated) {
  for (const auto& [text, peer] : good_headers()) {
    for (std::size_t size = 0; size < text.size(); ++size) {
      ProxyHeader header;
      EXPECT_EQ(read(header, std::string_view(text).substr(0, size), all_wanted), size);
      ASSERT_EQ(header.stage(), Stage::reading) << testing::PrintToString(text) << size;
      EXPECT_GE(header.wanted(), 1u);
      EXPECT_LE(header.wanted(), text.size() - size);
    }
  }
}

// Aim: who is wrong hears of what, at the octet that shows it and no later.
TEST(ProxyHeader, Wrong) {
  constexpr std::string_view no_header = "no PROXY header";
  constexpr std::string_view no_form = "PROXY version 1: neither TCP4, TCP6 nor UNKNOWN";
  constexpr std::string_view no_address = "PROXY version 1: no valid address";
  constexpr std::string_view no_port = "PROXY version 1: no valid port";
  constexpr std::string_view no_end = "PROXY version 1: no CRLF at the end";
  constexpr std::string_view too_long = "PROXY header too long";
  constexpr std::string_view version = "PROXY header of another version";
  constexpr std::string_view command = "PROXY version 2: unknown command";
  constexpr std::string_view family = "PROXY version 2: not a TCP client";
  constexpr std::string_view too_short = "PROXY version 2: shorter than its addresses";
  const std::string mixed = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255";
  const auto head = [](std::string_view rest) {
    return std::string(signature) + std::string(rest);
  };
  struct Row {
    std::string stream;  // up to and with the octet that is wrong
    std::string_view fault;
  };
  const Row rows[] = {
      {"\0"s, no_header},
      {"\x16"s, no_header},
      {"G", no_header},
      {"p", no_header},
      {" ", no_header},
      {"\n", no_header},
      {"PP", no_header},
      {"PROXY\t", no_header},
      {"\r\r", no_header},
      {"\r\n\r\n\r", no_header},
      {"\r\n\r\n\0\r\nQUIT\r"s, no_header},
      {"PROXY  ", no_form},
      {"PROXY t", no_form},
      {"PROXY TCP5", no_form},
      {"PROXY TCP\r", no_form},
      {"PROXY TCP44", no_form},
      {"PROXY TCP4\r", no_form},
      {"PROXY UD", no_form},
      {"PROXY UNKNOWNX", no_form},
      {"PROXY UNKNOWN\n", no_form},
      {"PROXY UNKNOWN\r\r", no_form},
      {"PROXY TCP4  ", no_address},
      {"PROXY TCP4 g", no_address},
      {"PROXY TCP4 -", no_address},
      {"PROXY TCP4 1.2.3 ", no_address},
      {"PROXY TCP4 1.2.3.4.5 ", no_address},
      {"PROXY TCP4 1.2.3.256 ", no_address},
      {"PROXY TCP4 1.2.3.04 ", no_address},
      {"PROXY TCP4 1.2..4 ", no_address},
      {"PROXY TCP4 16909060 ", no_address},
      {"PROXY TCP4 ::1 ", no_address},
      {"PROXY TCP4 ::ffff:1.2.3.4 ", no_address},
      {"PROXY TCP4 1.2.3.4\t", no_address},
      {"PROXY TCP4 1.2.3.4\r", no_address},
      {"PROXY TCP4 1.2.3.4\0"s, no_address},
      {"PROXY TCP4 1.2.3.4 ::1 ", no_address},
      {"PROXY TCP4 1.2.3.4 5.6.7.8\r", no_address},
      {"PROXY TCP6 1.2.3.4 ", no_address},
      {"PROXY TCP6 ::1%", no_address},
      {"PROXY TCP6 [", no_address},
      {"PROXY TCP6 1::2::3 ", no_address},
      {"PROXY TCP6 ::: ", no_address},
      {"PROXY TCP6 1:2:3:4:5:6:7 ", no_address},
      {"PROXY TCP6 1:2:3:4:5:6:7:8:9 ", no_address},
      {"PROXY TCP6 1:2:3:4:5:6:7:8:: ", no_address},
      {"PROXY TCP6 12345:: ", no_address},
      {"PROXY TCP6 1.2.3.4:: ", no_address},
      {"PROXY TCP6 1.2.3.4::1.2.3.4 ", no_address},
      {"PROXY TCP6 ::1.2.3.04 ", no_address},
      {"PROXY TCP6 ::1 1.2.3.4 ", no_address},
      {"PROXY TCP4 1.2.3.4 5.6.7.8  ", no_port},
      {"PROXY TCP4 1.2.3.4 5.6.7.8 01 ", no_port},
      {"PROXY TCP4 1.2.3.4 5.6.7.8 00 ", no_port},
      {"PROXY TCP4 1.2.3.4 5.6.7.8 65536 ", no_port},
      {"PROXY TCP4 1.2.3.4 5.6.7.8 4294967297 ", no_port},
      {"PROXY TCP4 1.2.3.4 5.6.7.8 1a ", no_port},
      {"PROXY TCP4 1.2.3.4 5.6.7.8 +", no_port},
      {"PROXY TCP4 1.2.3.4 5.6.7.8 1\r", no_port},
      {"PROXY TCP4 1.2.3.4 5.6.7.8 1 \r", no_port},
      {"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n", no_port},
      {"PROXY TCP4 1.2.3.4 5.6.7.8 1 2 ", no_port},
      {"PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r", no_port},
      {"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r ", no_end},
      {"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\r", no_end},
      // Of these, at least 14 or 2 octets were still to come.
      {"PROXY TCP4 " + std::string(107 - 11 - 14 + 1, '1'), too_long},
      {"PROXY TCP4 1.2.3.4 5.6.7.8 1 " + std::string(107 - 29 - 2 + 1, '1'), too_long},
      {"PROXY TCP6 " + mixed + " " + mixed, too_long},
      {"PROXY UNKNOWN " + std::string(107 - 14 - 2 + 1, 'x'), too_long},
      {"PROXY UNKNOWN " + std::string(107 - 14 - 2, 'x') + "\rx", too_long},
      {head("\x11"), version},
      {head("\x31"), version},
      {head("\0"sv), version},
      {head("\x22"), command},
      {head("\x2F"), command},
      {head("\x21\x12"), family},
      {head("\x21\x22"), family},
      {head("\x21\x31"), family},
      {head("\x21\x32"), family},
      {head("\x21\x01"), family},
      {head("\x21\x10"), family},
      {head("\x21\x41"), family},
      {head("\x21\x11\0\0"sv), too_short},
      {head("\x21\x11\0\x0B"sv), too_short},
      {head("\x21\x21\0\x0C"sv), too_short},
      {head("\x21\x21\0\x23"sv), too_short},
      {head("\x21\x11\x07\xF1"sv), too_long},
      {head("\x21\0\x07\xF1"sv), too_long},
      {head("\x20\0\xFF\xFF"sv), too_long},
  };
  for (const Row& row : rows) {
    ProxyHeader before;
    read(before, std::string_view(row.stream).substr(0, row.stream.size() - 1), all_wanted);
    EXPECT_EQ(before.stage(), Stage::reading)
        << testing::PrintToString(row.stream) << before.fault();
    for (const std::size_t piece_max : {std::size_t{1}, all_wanted}) {
      ProxyHeader header;
      const std::size_t taken = read(header, row.stream + "\r\n" + std::string(follows), piece_max);
      if (piece_max == 1) {
        EXPECT_EQ(taken, row.stream.size()) << testing::PrintToString(row.stream);
      }
      EXPECT_EQ(header.stage(), Stage::wrong) << testing::PrintToString(row.stream);
      EXPECT_EQ(header.fault(), row.fault) << testing::PrintToString(row.stream);
      EXPECT_EQ(header.peer(), "");
    }
  }
}

// Aim: whatever a single octet is replaced by, the header is what the second reader says. Method:
// every fifth value, and all of those that may stand in a header.
TEST(ProxyHeader, CorruptedOctet) {
  for (const auto& [text, peer] : good_headers()) {
    if (text.size() > 64) continue;  // More of the same.
    const std::string stream = text + std::string(follows);
    for (std::size_t i = 0; i < text.size(); ++i) {
      for (unsigned octet = 0; octet < 256; ++octet) {
        const bool may_stand =
            std::string_view("PROXYTCPUNKW 0246 .:\r\n").find(static_cast<char>(octet)) !=
            std::string_view::npos;
        if (octet % 5 != 0 && !may_stand) continue;
        std::string changed = stream;
        changed[i] = static_cast<char>(octet);
        ASSERT_NO_FATAL_FAILURE(compare(changed));
      }
    }
  }
}

/// Mostly what belongs into a header, for no other octets would get far.
std::string random_stream(Prng& prng) {
  static constexpr std::string_view parts[] = {
      "PROXY ",  "TCP4 ",      "TCP6 ", "UNKNOWN", " ", "\r",    "\n",          "\r\n",
      "1.2.3.4", "::",         ":",     ".",       "0", "65535", "ffff",        "db8:",
      "1.2.3",   "192.0.2.1 ", "::1 ",  "00",      "7", "a:b",   "PROXY TCP6 ", "PROXY TCP4 "};
  std::string out;
  if (prng.chance(0.6)) {
    out = prng.chance(0.4) ? "PROXY TCP4 " : prng.chance(0.8) ? "PROXY TCP6 " : "PROXY UNKNOWN";
    const std::uint64_t count = prng.below(16);
    for (std::uint64_t i = 0; i < count; ++i) out += parts[prng.below(std::size(parts))];
    if (prng.chance(0.7)) out += " 1 2\r\n";
    return out;
  }
  if (prng.chance(0.5)) {
    out = std::string(signature) + static_cast<char>(0x20 + prng.below(3));
    out += "\0\x11\x21\x12"[prng.below(4)];
    out += static_cast<char>(prng.below(9));
  }
  const std::uint64_t size = prng.below(2'100);
  for (std::uint64_t i = 0; i < size; ++i) out += static_cast<char>(prng.below(256));
  return out;
}

// Aim: no stream makes it crash, read on for ever, or take for a header what is none. Method:
// 10,000 streams, half of them good headers in which a few octets are replaced, removed or doubled.
TEST(ProxyHeader, RandomStreams) {
  Prng prng(20'260'401);
  std::size_t done = 0;
  for (int i = 0; i < 10'000; ++i) {
    std::string stream = random_stream(prng);
    if (i % 2 == 0) {
      const auto& goods = good_headers();
      stream = goods[prng.below(goods.size())].header + std::string(follows);
      for (std::uint64_t change = prng.below(4); change > 0; --change) {
        const std::size_t at = prng.below(std::min<std::size_t>(stream.size(), 120));
        switch (prng.below(4)) {
          case 0:
            stream.erase(at, 1);
            break;
          case 1:
            stream.insert(at, 1, stream[at]);
            break;
          case 2:
            stream[at] = "0123456789abcdf:. \r\n"[prng.below(20)];
            break;
          default:
            stream[at] = static_cast<char>(prng.below(256));
        }
      }
    }
    ASSERT_NO_FATAL_FAILURE(compare(stream));
    if (judge(stream)) ++done;
  }
  // Both answers are frequent, or the streams would say little.
  EXPECT_GT(done, 1'500u);
  EXPECT_LT(done, 8'500u);
}

// Aim: addresses are written as inet_ntop does, whose text the connection's own address has.
TEST(ProxyHeader, AddressText) {
  Prng prng(7);
  for (int i = 0; i < 5'000; ++i) {
    std::string block = tcp6_block;
    for (std::size_t octet = 0; octet < 16; octet += 2) {
      const bool is_zero = prng.chance(0.6);
      block[octet] = is_zero || prng.chance(0.3) ? '\0' : static_cast<char>(prng.below(256));
      block[octet + 1] = is_zero ? '\0' : static_cast<char>(prng.below(256));
    }
    if (prng.chance(0.1)) block.replace(0, 12, std::string(10, '\0') + "\xFF\xFF");
    ASSERT_NO_FATAL_FAILURE(compare(binary('\x21', '\x21', block)));
  }
}

}  // namespace
}  // namespace ringgate

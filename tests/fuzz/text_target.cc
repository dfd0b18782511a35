// Times, headers, alphabets and splitting: nothing crashes, and what is written reads back.
#include "base/bytes.h"
#include "smpp/check.h"
#include "target.h"
#include "text/data_coding.h"
#include "text/segment.h"
#include "text/smpp_time.h"

namespace ringgate::fuzz {
namespace {

/// The structure of a header, judged a second way: every element ends where the next begins, and
/// the last where UDHL says.
bool structure_holds(Octets user_data) {
  if (user_data.empty() || user_data[0] == 0) return false;
  const std::size_t end = std::size_t{user_data[0]} + 1;
  if (end > user_data.size()) return false;
  std::size_t at = 1;
  while (at + 2 <= end) at += 2u + user_data[at + 1];
  return at == end;
}

constexpr std::int64_t wall_s = 1'767'225'600;  // 2026-01-01 00:00:00 UTC

void run_time(std::string_view text) {
  const auto at = parse_smpp_time(text, wall_s);
  if (!at) return;
  ASSERT(text.size() == 16);
  char digits[10];
  write_receipt_date(*at, digits);
  for (const char digit : digits) ASSERT(digit >= '0' && digit <= '9');
  // In UTC, without tenths, the first ten characters are the date as receipts write it.
  if (text[15] == '+' && text.substr(13, 2) == "00")
    ASSERT(text.substr(0, 10) == std::string_view(digits, 10));
}

void run_header(Octets user_data) {
  const UdhInfo info = parse_udh(user_data);
  ASSERT(info.sound == structure_holds(user_data));
  ASSERT(!info.sound || info.header_size <= user_data.size());
  if (!info.concatenated) return;
  ASSERT(info.sound);
  ASSERT(info.sequence >= 1 && info.sequence <= info.total);
  UdhWriter writer;
  if (info.wide_reference)
    writer.add_concatenation_16(info.reference, info.total, info.sequence);
  else
    writer.add_concatenation_8(static_cast<std::uint8_t>(info.reference), info.total,
                               info.sequence);
  const UdhInfo again = parse_udh(writer.octets());
  ASSERT(again.concatenated && again.fault == UdhFault::none);
  ASSERT(again.reference == info.reference && again.wide_reference == info.wide_reference);
  ASSERT(again.total == info.total && again.sequence == info.sequence);
}

DecodeOptions decode_options(Input& input) {
  constexpr Alphabet defaults[] = {Alphabet::gsm7, Alphabet::latin1, Alphabet::ascii,
                                   Alphabet::utf8};
  constexpr Utf16Order orders[] = {Utf16Order::big, Utf16Order::little, Utf16Order::detect};
  const std::uint8_t choice = input.u8();
  DecodeOptions options;
  options.default_alphabet = defaults[choice & 3];
  options.packed = (choice & 4) != 0;
  options.udhi = (choice & 8) != 0;
  options.utf16_order = orders[(choice >> 4) % 3];
  options.locking_shift = gsm7_shift(input.u8());
  options.single_shift = gsm7_shift(input.u8());
  return options;
}

void run_decode(Input input) {
  const std::uint8_t data_coding = input.u8();
  const DecodeOptions options = decode_options(input);
  TextDecoder decoder(data_coding, options);
  std::size_t parts = 0;
  do {
    const ExactCopy part(input.counted());
    decoder.add(part.octets());
  } while (!input.empty() && ++parts < 300);
  const DecodedText decoded = decoder.finish();
  ASSERT(is_utf8(decoded.text));
  ASSERT(decoded.is_text || decoded.text.empty());
  ASSERT(!alphabet_name(decoded.alphabet).empty());
}

std::string joined(const Segments& segments, const SegmentOptions& options) {
  DecodeOptions decode;
  decode.packed = options.packed;
  decode.udhi = segments.esm_class != 0;
  decode.utf16_order = Utf16Order::big;
  TextDecoder decoder(segments.data_coding, decode);
  for (const Segment& part : segments.parts) {
    const ExactCopy copy(part.octets);
    decoder.add(copy.octets());
  }
  const DecodedText decoded = decoder.finish();
  ASSERT(decoded.header_fault == UdhFault::none);
  ASSERT(decoded.replaced == 0);
  return decoded.text;
}

void run_split(Input input) {
  const std::uint8_t choice = input.u8();
  SegmentOptions options;
  options.reference = input.u16();
  options.wide_reference = (choice & 1) != 0;
  options.gsm7_allowed = (choice & 2) == 0;
  options.utf16_allowed = (choice & 4) == 0;
  options.packed = (choice & 8) != 0;
  options.locking_shift = gsm7_shift(input.u8());
  options.single_shift = gsm7_shift(input.u8());
  std::string text(as_text(input.rest()));
  // The fuzzer seldom makes more than a part's worth by itself.
  if ((choice & 16) != 0)
    for (unsigned doublings = choice >> 5; doublings > 0; --doublings) text += text;
  const Segments segments = split_text(text, options);
  ASSERT((segments.fault == SegmentFault::not_utf8) == !is_utf8(text));
  ASSERT(segments.parts.empty() == (segments.fault != SegmentFault::none));
  ASSERT(segments.parts.size() <= segment_count_max);
  if (segments.fault != SegmentFault::none) return;
  for (const Segment& part : segments.parts) {
    ASSERT(part.header_size <= part.octets.size());
    const std::size_t units = part.octets.size() - part.header_size;
    const bool septets = segments.alphabet == Alphabet::gsm7;
    const std::size_t octets = septets ? (units * 7 + 7) / 8 : units;
    ASSERT(part.header_size + octets <= segment_octets_max);
  }
  // Left out: the character whose capital GSM 7-bit shows, and a packed text whose last septet may
  // be taken for padding.
  if (text.find("\u00E7") != text.npos) return;
  if (segments.alphabet == Alphabet::gsm7_packed) return;
  ASSERT(joined(segments, options) == text);
}

void run_split_binary(Octets octets) {
  const Segments segments = split_binary(octets, {});
  if (segments.fault != SegmentFault::none) return;
  std::string all;
  for (const Segment& part : segments.parts) {
    ASSERT(part.octets.size() <= segment_octets_max);
    all += as_text(Octets(part.octets).subspan(part.header_size));
  }
  ASSERT(all == as_text(octets));
}

void run_packing(Input input) {
  const unsigned fill_bits = input.u8() % 8;
  std::vector<std::uint8_t> septets;
  for (const std::uint8_t octet : input.rest()) septets.push_back(octet & 0x7F);
  const std::vector<std::uint8_t> packed = gsm7_pack(septets, fill_bits);
  const std::size_t bits = septets.empty() ? 0 : fill_bits + septets.size() * 7;
  ASSERT(packed.size() == (bits + 7) / 8);
  ASSERT(gsm7_unpack(packed, septets.size(), fill_bits) == septets);
  ASSERT(gsm7_septet_count(packed, fill_bits) <= septets.size() + 1);
}

void run_unicode(std::string_view text) {
  std::size_t replaced = 0;
  const std::string valid = to_valid_utf8(text, &replaced);
  ASSERT(is_utf8(valid));
  ASSERT(is_utf8(text) == (replaced == 0));
  ASSERT(replaced != 0 || valid == text);
  std::vector<std::uint8_t> units;
  ASSERT(utf8_to_utf16be(text, units) == (replaced == 0));
  if (replaced == 0) ASSERT(utf16_to_utf8(units) == text);
}

}  // namespace

void run_text(Octets octets) {
  const ExactCopy copy(octets);
  Input input(copy.octets());
  switch (input.u8() % 7) {
    case 0:
      return run_time(as_text(input.rest()));
    case 1:
      return run_header(input.rest());
    case 2:
      return run_decode(input);
    case 3:
      return run_split(input);
    case 4:
      return run_split_binary(input.rest());
    case 5:
      return run_packing(input);
    default:
      return run_unicode(as_text(input.rest()));
  }
}

Seeds seeds_of_text(const SeedSource& source) {
  Seeds out{std::string("\0", 1) + "260101120000000+", std::string("\0", 1) + "000007000000000R",
            std::string("\0", 1) + "261231235959948-"};
  const std::string long_text(170, 'x');
  for (const char* const text :
       {"Hello {world}", "\u0395\u03BB\u03BB \u20AC", "\U0001F44D\U0001F3FD ok"}) {
    for (const char options : {'\0', '\1', '\2', '\x8'}) {
      out.push_back(std::string("\3") + options + std::string(4, '\0') + text);
      out.push_back(out.back() + long_text);
    }
    out.push_back(std::string("\6") + text);
  }
  const std::string concatenation("\5\0\3\7\2\1", 6);
  out.push_back("\1" + concatenation);
  out.push_back(std::string("\1\6\x08\4\1\7\3\1", 8));
  for (const char data_coding : {'\0', '\3', '\x8'})
    out.push_back(std::string("\2") + data_coding + std::string("\x08\0\0\x0A", 4) + concatenation +
                  "text");
  // The heads of user data that the golden PDUs hold.
  for (const std::string& pdu : source.pdus)
    if (pdu.size() > 40) out.push_back("\4" + pdu.substr(pdu.size() - 20));
  return out;
}

}  // namespace ringgate::fuzz

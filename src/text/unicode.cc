#include "text/unicode.h"

#include <cstring>

#include "base/assert.h"
#include "base/bytes.h"

namespace ringgate {
namespace {

constexpr bool is_high_surrogate(char32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
constexpr bool is_low_surrogate(char32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

constexpr bool is_scalar(char32_t character) {
  return character <= 0x10FFFF && !is_high_surrogate(character) && !is_low_surrogate(character);
}

// A lead octet and what may follow it (The Unicode Standard, table 3-7). The bounds of the second
// octet are what keeps out overlong forms, surrogates and values above U+10FFFF.
struct LeadRow {
  std::uint8_t first, last;
  std::uint8_t size;
  std::uint8_t second_min, second_max;
};
constexpr LeadRow lead_rows[] = {
    {0x00, 0x7F, 1, 0, 0},       {0xC2, 0xDF, 2, 0x80, 0xBF}, {0xE0, 0xE0, 3, 0xA0, 0xBF},
    {0xE1, 0xEC, 3, 0x80, 0xBF}, {0xED, 0xED, 3, 0x80, 0x9F}, {0xEE, 0xEF, 3, 0x80, 0xBF},
    {0xF0, 0xF0, 4, 0x90, 0xBF}, {0xF1, 0xF3, 4, 0x80, 0xBF}, {0xF4, 0xF4, 4, 0x80, 0x8F},
};

const LeadRow* find_lead(std::uint8_t octet) {
  for (const LeadRow& row : lead_rows) {
    if (octet >= row.first && octet <= row.last) return &row;
  }
  return nullptr;
}

void push_octet(unsigned octet, std::string& text) { text.push_back(static_cast<char>(octet)); }

void push_unit(char32_t unit, std::vector<std::uint8_t>& out) {
  out.push_back(static_cast<std::uint8_t>(unit >> 8));
  out.push_back(static_cast<std::uint8_t>(unit & 0xFF));
}

}  // namespace

void append_utf8(char32_t character, std::string& text) {
  ASSERT(is_scalar(character));
  const auto value = static_cast<unsigned>(character);
  if (value < 0x80) {
    push_octet(value, text);
    return;
  }
  if (value < 0x800) {
    push_octet(0xC0 | (value >> 6), text);
  } else {
    if (value < 0x1'0000) {
      push_octet(0xE0 | (value >> 12), text);
    } else {
      push_octet(0xF0 | (value >> 18), text);
      push_octet(0x80 | ((value >> 12) & 0x3F), text);
    }
    push_octet(0x80 | ((value >> 6) & 0x3F), text);
  }
  push_octet(0x80 | (value & 0x3F), text);
}

Octets append_ascii(Octets octets, std::string& text) {
  constexpr std::uint64_t high_bits = 0x8080'8080'8080'8080;
  std::size_t size = 0;
  for (std::uint64_t word = 0; octets.size() - size >= sizeof word; size += sizeof word) {
    std::memcpy(&word, octets.data() + size, sizeof word);
    if ((word & high_bits) != 0) break;
  }
  while (size < octets.size() && octets[size] < 0x80) ++size;
  text.append(as_text(octets.first(size)));
  return octets.subspan(size);
}

void append_utf16be(char32_t character, std::vector<std::uint8_t>& out) {
  ASSERT(is_scalar(character));
  if (character < 0x1'0000) {
    push_unit(character, out);
    return;
  }
  push_unit(0xD800 + ((character - 0x1'0000) >> 10), out);
  push_unit(0xDC00 + ((character - 0x1'0000) & 0x3FF), out);
}

std::optional<Utf8Reader::Character> Utf8Reader::next() {
  if (at_ == text_.size()) return std::nullopt;
  constexpr Character malformed{replacement_character, true};
  const auto lead = static_cast<std::uint8_t>(text_[at_++]);
  if (lead < 0x80) return Character{lead, false};
  const LeadRow* row = find_lead(lead);
  if (row == nullptr) return malformed;
  // The lead octet of n octets has n + 1 bits of its own in front of the value.
  char32_t value = lead & (0x7FU >> row->size);
  std::uint8_t least = row->second_min;
  std::uint8_t most = row->second_max;
  for (unsigned left = row->size - 1U; left > 0; --left) {
    if (at_ == text_.size()) return malformed;
    const auto octet = static_cast<std::uint8_t>(text_[at_]);
    // The octet that does not fit is not consumed: it may begin the next character.
    if (octet < least || octet > most) return malformed;
    ++at_;
    value = (value << 6) | (octet & 0x3FU);
    least = 0x80;
    most = 0xBF;
  }
  ASSERT(is_scalar(value));
  return Character{value, false};
}

bool is_utf8(std::string_view text) {
  Utf8Reader reader(text);
  while (const auto character = reader.next()) {
    if (character->malformed) return false;
  }
  return true;
}

std::string to_valid_utf8(std::string_view text, std::size_t* replaced) {
  std::string valid;
  valid.reserve(text.size());
  std::size_t count = 0;
  Utf8Reader reader(as_text(append_ascii(as_octets(text), valid)));
  while (const auto character = reader.next()) {
    count += character->malformed ? 1 : 0;
    append_utf8(character->value, valid);
  }
  if (replaced != nullptr) *replaced = count;
  return valid;
}

void Utf16Decoder::add(Octets octets, std::string& text) {
  for (const std::uint8_t octet : octets) {
    if (!odd_) {
      odd_ = octet;
      continue;
    }
    const unsigned first = *odd_;
    odd_.reset();
    const unsigned big = (first << 8) | octet;
    const unsigned little = (static_cast<unsigned>(octet) << 8) | first;
    if (order_ == Utf16Order::detect) {
      constexpr unsigned byte_order_mark = 0xFEFF;
      order_ = little == byte_order_mark ? Utf16Order::little : Utf16Order::big;
      if (little == byte_order_mark || big == byte_order_mark) continue;
    }
    add_unit(static_cast<char16_t>(order_ == Utf16Order::little ? little : big), text);
  }
}

void Utf16Decoder::finish(std::string& text) {
  // Half a unit may be the rest of the pair that waits; together they are one unreadable character.
  if (high_ != 0 || odd_) replace(text);
  high_ = 0;
  odd_.reset();
}

void Utf16Decoder::add_unit(char16_t unit, std::string& text) {
  if (is_low_surrogate(unit) && high_ != 0) {
    append_utf8(0x1'0000 + ((static_cast<char32_t>(high_) - 0xD800) << 10) +
                    (static_cast<char32_t>(unit) - 0xDC00),
                text);
    high_ = 0;
    return;
  }
  if (high_ != 0) replace(text);
  high_ = 0;
  if (is_high_surrogate(unit)) {
    high_ = unit;
  } else if (is_low_surrogate(unit)) {
    replace(text);
  } else {
    append_utf8(unit, text);
  }
}

void Utf16Decoder::replace(std::string& text) {
  ++replaced_;
  append_utf8(replacement_character, text);
}

std::string utf16_to_utf8(Octets octets, Utf16Order order, std::size_t* replaced) {
  std::string text;
  text.reserve(octets.size() + octets.size() / 2);
  Utf16Decoder decoder(order);
  decoder.add(octets, text);
  decoder.finish(text);
  if (replaced != nullptr) *replaced = decoder.replaced();
  return text;
}

bool utf8_to_utf16be(std::string_view utf8, std::vector<std::uint8_t>& out) {
  const std::size_t size_before = out.size();
  Utf8Reader reader(utf8);
  while (const auto character = reader.next()) {
    if (character->malformed) {
      out.resize(size_before);
      return false;
    }
    append_utf16be(character->value, out);
  }
  return true;
}

}  // namespace ringgate

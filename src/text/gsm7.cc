#include "text/gsm7.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/assert.h"
#include "base/bytes.h"
#include "text/gsm7_tables.h"
#include "text/unicode.h"

namespace ringgate {
namespace {

using gsm7_tables::undefined;

constexpr std::size_t codes = 128;
constexpr std::size_t languages = 14;

using Characters = std::array<char16_t, codes>;

// The rows, spread out so that a code is an index. A language without a row has the default's.
struct Tables {
  std::array<Characters, languages> locking{};
  std::array<Characters, languages> single{};
};

consteval void fill_extension(Characters& characters,
                              std::span<const gsm7_tables::Extension> extensions) {
  for (const gsm7_tables::Extension& extension : extensions) {
    characters[extension.code] = extension.character;
  }
}

consteval Tables fill_tables() {
  Tables tables;
  for (Characters& characters : tables.locking) {
    for (std::size_t code = 0; code < codes; ++code) {
      characters[code] = gsm7_tables::locking_rows[0].characters[code];
    }
  }
  for (const gsm7_tables::LockingRow& row : gsm7_tables::locking_rows) {
    Characters& characters = tables.locking[static_cast<std::size_t>(row.language)];
    for (std::size_t code = 0; code < codes; ++code) characters[code] = row.characters[code];
  }
  for (const gsm7_tables::SingleRow& row : gsm7_tables::single_rows) {
    Characters& characters = tables.single[static_cast<std::size_t>(row.language)];
    characters.fill(undefined);
    fill_extension(characters, gsm7_tables::default_extension);
    fill_extension(characters, row.shared);
    fill_extension(characters, row.own);
  }
  return tables;
}

consteval bool rows_are_whole() {
  return std::all_of(std::begin(gsm7_tables::locking_rows), std::end(gsm7_tables::locking_rows),
                     [](const auto& row) {
                       return row.characters.size() == codes &&
                              row.characters[gsm7_escape] == undefined;
                     });
}
static_assert(rows_are_whole(), "a locking row has 128 characters and none at ESC");
static_assert(gsm7_tables::locking_rows[0].language == Gsm7Shift::none);
static_assert(std::size(gsm7_tables::single_rows) == languages);

constexpr Tables tables = fill_tables();

// By octet: whether it is the ASCII character of the same value, as letters, digits and most else
// are in every table of a Latin script. Runs of those are copied.
using OwnCodes = std::array<std::uint8_t, 256>;
struct OwnCodesOfTables {
  std::array<OwnCodes, languages> locking{};
};

consteval OwnCodesOfTables fill_own_codes() {
  OwnCodesOfTables own;
  for (std::size_t language = 0; language < languages; ++language)
    for (std::size_t code = 0; code < codes; ++code)
      own.locking[language][code] = tables.locking[language][code] == code ? 1 : 0;
  return own;
}

constexpr OwnCodesOfTables own_codes = fill_own_codes();

std::size_t own_run(Octets septets, const OwnCodes& own) {
  constexpr std::size_t stride = 8;
  std::size_t size = 0;
  for (; septets.size() - size >= stride; size += stride) {
    unsigned all = 1;
    for (std::size_t i = 0; i < stride; ++i) all &= own[septets[size + i]];
    if (all == 0) break;
  }
  while (size < septets.size() && own[septets[size]] != 0) ++size;
  return size;
}

const Characters& locking_table(Gsm7Shift language) {
  return tables.locking[static_cast<std::size_t>(language)];
}

const Characters& single_table(Gsm7Shift language) {
  return tables.single[static_cast<std::size_t>(language)];
}

// The lowest code of a character, or `codes`. Most of ASCII is its own code in every table, which
// saves the search.
std::size_t find_code(const Characters& characters, char32_t character) {
  if (character >= undefined) return codes;
  const auto wanted = static_cast<char16_t>(character);
  if (wanted < codes && characters[wanted] == wanted) return wanted;
  return static_cast<std::size_t>(
      std::distance(characters.begin(), std::find(characters.begin(), characters.end(), wanted)));
}

}  // namespace

Gsm7Shift gsm7_shift(std::uint8_t identifier) {
  return identifier < languages ? static_cast<Gsm7Shift>(identifier) : Gsm7Shift::none;
}

void Gsm7Decoder::add(Octets septets, Gsm7Shift locking, Gsm7Shift single, std::string& text) {
  const OwnCodes& own = own_codes.locking[static_cast<std::size_t>(locking)];
  while (!septets.empty()) {
    const std::size_t run = escaped_ ? 0 : own_run(septets, own);
    text.append(as_text(septets.first(run)));
    septets = septets.subspan(run);
    if (septets.empty()) break;
    add_one(septets.front(), locking, single, text);
    septets = septets.subspan(1);
  }
}

void Gsm7Decoder::add_one(std::uint8_t septet, Gsm7Shift locking, Gsm7Shift single,
                          std::string& text) {
  if (septet == gsm7_escape) {
    if (escaped_) text.push_back(' ');
    escaped_ = !escaped_;
    return;
  }
  char16_t character = undefined;
  if (septet < codes) {
    if (escaped_) character = single_table(single)[septet];
    if (character == undefined) character = locking_table(locking)[septet];
  }
  escaped_ = false;
  if (character == undefined) {
    ++replaced_;
    character = replacement_character;
  }
  append_utf8(character, text);
}

void Gsm7Decoder::finish(std::string& text) {
  if (escaped_) text.push_back(' ');
  escaped_ = false;
}

std::string gsm7_to_utf8(Octets septets, Gsm7Shift locking, Gsm7Shift single,
                         std::size_t* replaced) {
  std::string text;
  text.reserve(septets.size());
  Gsm7Decoder decoder;
  decoder.add(septets, locking, single, text);
  decoder.finish(text);
  if (replaced != nullptr) *replaced = decoder.replaced();
  return text;
}

Gsm7Code gsm7_code(char32_t character, Gsm7Shift locking, Gsm7Shift single) {
  const std::size_t basic = find_code(locking_table(locking), character);
  if (basic != codes) return {Gsm7Fit::exact, 1, {static_cast<std::uint8_t>(basic)}};
  const std::size_t extension = find_code(single_table(single), character);
  if (extension != codes)
    return {Gsm7Fit::exact, 2, {gsm7_escape, static_cast<std::uint8_t>(extension)}};
  // 3GPP prints capital C with cedilla at 0x09, the mapping file of the Unicode Consortium the
  // small one; telephones show either.
  constexpr char32_t small_c_cedilla = 0x00E7;
  constexpr char32_t capital_c_cedilla = 0x00C7;
  if (character != small_c_cedilla) return {};
  const std::size_t capital = find_code(locking_table(locking), capital_c_cedilla);
  if (capital == codes) return {};
  return {Gsm7Fit::approximate, 1, {static_cast<std::uint8_t>(capital)}};
}

Gsm7Fit append_gsm7(char32_t character, Gsm7Shift locking, Gsm7Shift single,
                    std::vector<std::uint8_t>& out) {
  const Gsm7Code code = gsm7_code(character, locking, single);
  out.insert(out.end(), code.septets, code.septets + code.size);
  return code.fit;
}

bool utf8_to_gsm7(std::string_view utf8, std::vector<std::uint8_t>& out, Gsm7Shift locking,
                  Gsm7Shift single) {
  const std::size_t size_before = out.size();
  Utf8Reader reader(utf8);
  while (const auto character = reader.next()) {
    if (character->malformed ||
        append_gsm7(character->value, locking, single, out) == Gsm7Fit::none) {
      out.resize(size_before);
      return false;
    }
  }
  return true;
}

std::size_t gsm7_septet_count(Octets packed, unsigned fill_bits) {
  ASSERT(fill_bits < 8);
  if (packed.empty()) return 0;
  const std::size_t bits = packed.size() * 8 - fill_bits;
  const std::size_t count = bits / 7;
  if (count == 0 || bits % 7 != 0) return count;
  const std::uint8_t last = packed.back() >> 1;
  return last == 0x00 || last == 0x0D ? count - 1 : count;
}

std::vector<std::uint8_t> gsm7_unpack(Octets packed, std::size_t septet_count, unsigned fill_bits) {
  ASSERT(fill_bits < 8);
  std::vector<std::uint8_t> septets;
  if (packed.empty()) return septets;
  septet_count = std::min(septet_count, (packed.size() * 8 - fill_bits) / 7);
  septets.reserve(septet_count);
  std::size_t bit = fill_bits;
  for (std::size_t index = 0; index < septet_count; ++index, bit += 7) {
    const std::size_t at = bit / 8;
    unsigned window = packed[at];
    if (at + 1 < packed.size()) window |= static_cast<unsigned>(packed[at + 1]) << 8;
    septets.push_back(static_cast<std::uint8_t>((window >> (bit % 8)) & 0x7F));
  }
  return septets;
}

std::vector<std::uint8_t> gsm7_pack(Octets septets, unsigned fill_bits) {
  ASSERT(fill_bits < 8);
  if (septets.empty()) return {};
  std::vector<std::uint8_t> packed((fill_bits + septets.size() * 7 + 7) / 8);
  std::size_t bit = fill_bits;
  for (const std::uint8_t septet : septets) {
    const unsigned window = (septet & 0x7FU) << (bit % 8);
    packed[bit / 8] = static_cast<std::uint8_t>(packed[bit / 8] | (window & 0xFF));
    if (window > 0xFF) packed[bit / 8 + 1] = static_cast<std::uint8_t>(window >> 8);
    bit += 7;
  }
  return packed;
}

}  // namespace ringgate

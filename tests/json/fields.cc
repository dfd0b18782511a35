#include "wire/json.h"

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "wire/positional.h"

namespace ringgate::wire {
namespace {

// Octets above 0x7F are taken as Latin-1, so that every octet string survives the way through JSON
// and back.
std::string latin1_to_utf8(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x80) {
      out.push_back(c);
    } else {
      out.push_back(static_cast<char>(0xC0 | (octet >> 6)));
      out.push_back(static_cast<char>(0x80 | (octet & 0x3F)));
    }
  }
  return out;
}

/// False for a character that is no octet.
bool utf8_to_latin1(const std::string& text, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    if (octet < 0x80) {
      out.push_back(text[i]);
      continue;
    }
    // U+0080 to U+00FF are two octets that begin with C2 or C3.
    if ((octet != 0xC2 && octet != 0xC3) || i + 1 == text.size()) return false;
    const auto next = static_cast<unsigned char>(text[++i]);
    out.push_back(static_cast<char>(((octet & 0x03) << 6) | (next & 0x3F)));
  }
  return true;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string to_hex(Octets octets) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(octets.size() * 2);
  for (const std::uint8_t octet : octets) {
    out.push_back(digits[octet >> 4]);
    out.push_back(digits[octet & 15]);
  }
  return out;
}

bool from_hex(std::string_view hex, std::string& octets) {
  octets.clear();
  int high = -1;
  for (const char c : hex) {
    if (c == ' ' || c == '\n' || c == '\t') continue;
    const int value = hex_value(c);
    if (value < 0) return false;
    if (high < 0) {
      high = value;
    } else {
      octets.push_back(static_cast<char>((high << 4) | value));
      high = -1;
    }
  }
  return high < 0;
}

nlohmann::ordered_json to_json(std::span<const Field> fields, const void* message) {
  nlohmann::ordered_json out = nlohmann::ordered_json::object();
  for (const Field& row : fields) {
    const std::string name(row.name);
    switch (row.kind) {
      case Kind::u8:
        out[name] = member<std::uint8_t>(message, row.offset);
        break;
      case Kind::u32:
        out[name] = member<std::uint32_t>(message, row.offset);
        break;
      case Kind::c_string:
      case Kind::time:
        out[name] = latin1_to_utf8(member<std::string_view>(message, row.offset));
        break;
      case Kind::counted8:
        out[name] = to_hex(member<Octets>(message, row.offset));
        break;
    }
  }
  return out;
}

std::string from_json(std::span<const Field> fields, const nlohmann::ordered_json& json,
                      void* message, std::deque<std::string>& storage) {
  for (const Field& row : fields) {
    const std::string name(row.name);
    if (!json.contains(name)) return "missing field " + name;
    const auto& value = json[name];
    if (row.kind == Kind::u8 || row.kind == Kind::u32) {
      const std::uint64_t max = row.kind == Kind::u8 ? 0xFF : 0xFFFFFFFF;
      if (!value.is_number_unsigned() || value.get<std::uint64_t>() > max)
        return name + " must be a number up to " + std::to_string(max);
      if (row.kind == Kind::u8)
        member<std::uint8_t>(message, row.offset) = value.get<std::uint8_t>();
      else
        member<std::uint32_t>(message, row.offset) = value.get<std::uint32_t>();
      continue;
    }
    if (!value.is_string()) return name + " must be a string";
    if (row.kind == Kind::counted8) {
      std::string octets;
      if (!from_hex(value.get<std::string>(), octets)) return name + " must be hex digits";
      storage.push_back(std::move(octets));
      member<Octets>(message, row.offset) = as_octets(storage.back());
    } else {
      std::string text;
      if (!utf8_to_latin1(value.get<std::string>(), text)) return name + " must be Latin-1";
      storage.push_back(std::move(text));
      member<std::string_view>(message, row.offset) = storage.back();
    }
  }
  return {};
}

}  // namespace ringgate::wire

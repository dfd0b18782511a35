#include "json/fields.h"

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/hex.h"
#include "text/latin1.h"
#include "wire/positional.h"

namespace ringgate::wire {

bool from_hex(std::string_view hex, std::string& octets) {
  octets.clear();
  int high = -1;
  for (const char c : hex) {
    if (c == ' ' || c == '\n' || c == '\t') continue;
    const auto value = hex_value(c);
    if (!value) return false;
    if (high < 0) {
      high = *value;
    } else {
      octets.push_back(static_cast<char>((high << 4) | *value));
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
        out[name] = latin1_to_utf8(as_octets(member<std::string_view>(message, row.offset)));
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
      std::vector<std::uint8_t> text;
      if (!utf8_to_latin1(value.get<std::string>(), text)) return name + " must be Latin-1";
      storage.emplace_back(text.begin(), text.end());
      member<std::string_view>(message, row.offset) = storage.back();
    }
  }
  return {};
}

}  // namespace ringgate::wire

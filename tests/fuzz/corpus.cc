#include "corpus.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/units.h"
#include "json/fields.h"
#include "options/option_rows.h"
#include "smpp/command.h"
#include "smpp/receipt_template.h"
#include "smpp/tlv.h"

namespace ringgate::fuzz {
namespace {

std::string be16(std::uint16_t value) {
  std::string out(2, '\0');
  store_be16(reinterpret_cast<std::uint8_t*>(out.data()), value);
  return out;
}
std::string be32(std::uint32_t value) {
  std::string out(4, '\0');
  store_be32(reinterpret_cast<std::uint8_t*>(out.data()), value);
  return out;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<std::string> golden_pdus(const std::string& root) {
  std::vector<std::string> out;
  for (const auto& file : std::filesystem::directory_iterator(root + "/tests/golden")) {
    if (file.path().extension() != ".json") continue;
    for (const auto& entry : nlohmann::json::parse(read_file(file.path()))) {
      std::string octets;
      if (wire::from_hex(entry.at("hex").get<std::string>(), octets))
        out.push_back(std::move(octets));
    }
  }
  return out;
}

std::string escaped(std::string_view octets) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t octet : as_octets(octets)) {
    out += "\\x";
    out += digits[octet >> 4];
    out += digits[octet & 15];
  }
  return out;
}

}  // namespace

std::vector<DictionaryEntry> dictionary() {
  std::vector<DictionaryEntry> out;
  for (const smpp::CommandRow& row : smpp::command_rows)
    out.push_back({std::string(row.name), be32(static_cast<std::uint32_t>(row.id))});
  for (const StatusRow& row : status_rows)
    out.push_back({std::string(row.name), be32(static_cast<std::uint32_t>(row.status))});
  for (const wire::KeyedField& row : smpp::tlv_rows) {
    out.push_back({std::string(row.name), be16(row.tag)});
    out.push_back({std::string(row.name) + "_sized", be16(row.tag) + be16(row.min)});
  }
  for (const smpp::ReceiptFieldRow& row : smpp::receipt_field_rows) {
    const std::string name(row.name);
    out.push_back({"field_" + name, "{" + name + "}"});
  }
  for (const OptionRow& row : option_rows) {
    const std::string key(row.key);
    out.push_back({"key_" + key, key});
  }
  for (const SectionRow& row : section_rows) {
    const std::string name(row.name);
    const std::string text = row.array ? "[[" + name + "]]" : "[" + name + "]";
    out.push_back({"section", text + "\n"});
  }
  return out;
}

std::string dictionary_text() {
  std::string out;
  for (const DictionaryEntry& entry : dictionary())
    out += "# " + entry.name + "\n\"" + escaped(entry.octets) + "\"\n";
  return out;
}

SeedSource read_seed_source(const std::string& root) {
  return {golden_pdus(root), read_file(root + "/docs/ringgate.toml")};
}

}  // namespace ringgate::fuzz

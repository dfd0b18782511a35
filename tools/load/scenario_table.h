// A table of a scenario, key by key; what nobody asks for is a mistake.
#pragma once

#include <toml++/toml.h>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ringgate::load {

/// What is wrong, and where; caught by parse_scenario().
struct ScenarioFault {
  std::size_t line;
  std::string text;
};

/// Throws a ScenarioFault where a value is not what a key takes.
class ScenarioTable {
 public:
  ScenarioTable(const toml::table& table, std::string name)
      : table_(table), name_(std::move(name)) {}

  std::optional<std::string> text(std::string_view key);
  std::optional<double> number(std::string_view key, double least, double most);
  std::optional<std::uint64_t> count(std::string_view key, std::uint64_t least, std::uint64_t most);
  std::optional<bool> flag(std::string_view key);
  /// The place of one of these words.
  std::optional<std::size_t> word(std::string_view key, std::span<const std::string_view> words);
  const toml::table* table(std::string_view key);
  /// A key that is read elsewhere.
  void allow(std::string_view key) { known_.push_back(key); }
  /// Every key was asked for.
  void end() const;

  [[noreturn]] void refuse(std::string_view key, const std::string& why) const;

 private:
  const toml::node* find(std::string_view key);

  const toml::table& table_;
  const std::string name_;
  std::vector<std::string_view> known_;
};

}  // namespace ringgate::load

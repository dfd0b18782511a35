#include "load/scenario_table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "config/suggestion.h"

namespace ringgate::load {

namespace {

std::string plain(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.15g", value);
  return text;
}

}  // namespace

const toml::node* ScenarioTable::find(std::string_view key) {
  known_.push_back(key);
  return table_.get(key);
}

void ScenarioTable::refuse(std::string_view key, const std::string& why) const {
  const toml::node* const node = table_.get(key);
  throw ScenarioFault{node == nullptr ? table_.source().begin.line : node->source().begin.line,
                      name_ + "." + std::string(key) + " " + why};
}

std::optional<std::string> ScenarioTable::text(std::string_view key) {
  const toml::node* const node = find(key);
  if (node == nullptr) return std::nullopt;
  if (!node->is_string()) refuse(key, "must be a string");
  return node->as_string()->get();
}

std::optional<double> ScenarioTable::number(std::string_view key, double least, double most) {
  const toml::node* const node = find(key);
  if (node == nullptr) return std::nullopt;
  const std::optional<double> value = node->value<double>();
  if (!node->is_number() || !value || !(*value >= least && *value <= most))
    refuse(key, "must be a number from " + plain(least) + " to " + plain(most));
  return value;
}

std::optional<std::uint64_t> ScenarioTable::count(std::string_view key, std::uint64_t least,
                                                  std::uint64_t most) {
  const std::optional<double> value =
      number(key, static_cast<double>(least), static_cast<double>(most));
  if (!value) return std::nullopt;
  if (*value != std::floor(*value)) refuse(key, "must be a whole number");
  return static_cast<std::uint64_t>(*value);
}

std::optional<bool> ScenarioTable::flag(std::string_view key) {
  const toml::node* const node = find(key);
  if (node == nullptr) return std::nullopt;
  if (!node->is_boolean()) refuse(key, "must be true or false");
  return node->as_boolean()->get();
}

std::optional<std::size_t> ScenarioTable::word(std::string_view key,
                                               std::span<const std::string_view> words) {
  const std::optional<std::string> given = text(key);
  if (!given) return std::nullopt;
  const auto found = std::ranges::find(words, *given);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  std::string expected;
  for (const std::string_view one : words)
    expected += (expected.empty() ? "" : one == words.back() ? " or " : ", ") + std::string(one);
  refuse(key, "must be " + expected);
}

const toml::table* ScenarioTable::table(std::string_view key) {
  const toml::node* const node = find(key);
  if (node != nullptr && !node->is_table()) refuse(key, "must be a table");
  return node == nullptr ? nullptr : node->as_table();
}

void ScenarioTable::end() const {
  for (const auto& [key, node] : table_) {
    const std::string_view name = key.str();
    if (std::ranges::find(known_, name) != known_.end()) continue;
    const std::string_view best = suggestion(name, known_);
    throw ScenarioFault{key.source().begin.line,
                        "unknown key " + (name_.empty() ? "" : name_ + ".") + std::string(name) +
                            (best.empty() ? "" : "; did you mean " + std::string(best) + "?")};
  }
}

}  // namespace ringgate::load

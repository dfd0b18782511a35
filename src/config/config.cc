#include "config/config.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <optional>

#include "config/option_reader.h"
#include "config/suggestion.h"
#include "options/option_faults.h"
#include "options/option_text.h"

namespace ringgate {

namespace {

/// Only for names that are known not to need quoting; everything else goes through quoted().
bool is_bare_key(std::string_view key) {
  constexpr std::size_t bare_max = 64;
  return !key.empty() && key.size() <= bare_max &&
         key.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
             std::string_view::npos;
}

std::string key_path(std::string_view section, std::string_view key) {
  const std::string shown = is_bare_key(key) ? std::string(key) : quoted(key);
  return section.empty() ? shown : std::string(section) + "." + shown;
}

/// "backend.sim" is in "backend", which is in "".
std::string_view parent_of(std::string_view section) {
  const std::size_t dot = section.rfind('.');
  return dot == section.npos ? std::string_view() : section.substr(0, dot);
}

std::string_view leaf_of(std::string_view section) {
  const std::size_t dot = section.rfind('.');
  return dot == section.npos ? section : section.substr(dot + 1);
}

/// Walks the document along the rows. Faults are collected as they come and put in file order at
/// the end, because rows have an order of their own.
class Parser final : OptionNames {
 public:
  Parser(std::string_view file_name, const Machine* machine)
      : file_name_(file_name), machine_(machine) {}

  Config parse(std::string_view text);

 private:
  void read_table(const toml::table& table, std::string_view section);
  void read_key(const OptionRow& row, const toml::node& node);
  void read_section(const SectionRow& row, const toml::node& node, toml::source_position place);
  void read_section_array(const SectionRow& row, const toml::array& array);
  void read_sections(const toml::table& table, std::string_view section);
  void unknown_key(std::string_view section, const toml::key& key, const toml::node& node);
  void element_begin(std::string_view section);

  void check_relations();
  toml::source_position position_of(OptionPlace place) const;
  std::size_t element_of(std::string_view section) const;

  // How a file's parts are called: by their lines.
  std::string section(std::string_view section) const override;
  std::string element(std::string_view section, std::size_t) const override;
  std::string other(std::string_view section, std::size_t element) const override;

  void complain(toml::source_position place, std::string message);
  void sort_errors();

  const std::string file_name_;
  const Machine* const machine_;
  Config config_;
  std::map<OptionPlace, toml::source_position> positions_;  // of what the file says
  std::set<OptionPlace> refused_;                           // of that, what has been complained of
};

Config Parser::parse(std::string_view text) {
  toml::table document;
  try {
    document = toml::parse(text, file_name_);
  } catch (const toml::parse_error& error) {
    complain(error.source().begin, "not valid TOML: " + std::string(error.description()));
    return std::move(config_);
  }
  read_table(document, "");
  check_relations();
  if (!document.contains("listen")) config_.options.listen.emplace_back();
  sort_errors();
  return std::move(config_);
}

// In the order of the rows, whatever that of the file: a profile comes before the switches that
// differ from it, and the accounts before the numbers that name them.
void Parser::read_table(const toml::table& table, std::string_view section) {
  for (const OptionRow& row : option_rows) {
    if (row.section != section) continue;
    if (const toml::node* node = table.get(row.key)) read_key(row, *node);
  }
  read_sections(table, section);
  for (const auto& [key, node] : table) {
    const bool known = option_row(section, key.str()) != nullptr ||
                       section_row(key_path(section, key.str())) != nullptr;
    if (!known) unknown_key(section, key, node);
  }
}

void Parser::read_sections(const toml::table& table, std::string_view section) {
  for (const SectionRow& row : section_rows) {
    if (parent_of(row.name) != section) continue;
    const auto found = table.find(leaf_of(row.name));
    if (found == table.end()) continue;
    read_section(row, found->second, found->first.source().begin);
  }
}

void Parser::read_key(const OptionRow& row, const toml::node& node) {
  OptionReading reading = read_option(row, node);
  const OptionPlace place{row.section, element_of(row.section), row.key};
  positions_[place] = node.source().begin;
  if (!reading.complaint.empty()) {
    refused_.insert(place);
    complain(reading.place, std::move(reading.complaint));
    return;
  }
  row.member.set(config_.options, reading.value);
}

void Parser::read_section(const SectionRow& row, const toml::node& node,
                          toml::source_position place) {
  const std::string name(row.name);
  if (row.array) {
    if (const toml::array* array = node.as_array()) return read_section_array(row, *array);
    refused_.insert({row.name, 0, {}});
    return complain(place, name + " must be an array of tables ([[" + name + "]]), not " +
                               std::string(type_text(node)));
  }
  const toml::table* table = node.as_table();
  if (table == nullptr)
    return complain(
        place, name + " must be a table ([" + name + "]), not " + std::string(type_text(node)));
  positions_[{row.name, element_of(row.name), {}}] = table->source().begin;
  // Whoever writes a mix means all of it: {expired = 1} must not leave half of the messages
  // delivered.
  if (row.name == "backend.sim.outcomes") config_.options.backend.sim.outcomes.delivered = 0;
  read_table(*table, row.name);
}

void Parser::read_section_array(const SectionRow& row, const toml::array& array) {
  const std::string name(row.name);
  if (array.empty()) {
    refused_.insert({row.name, 0, {}});
    complain(array.source().begin, name + " must not be empty");
  }
  for (const toml::node& node : array) {
    const toml::table* table = node.as_table();
    if (table == nullptr) {
      refused_.insert({row.name, 0, {}});
      complain(node.source().begin, name + " must be an array of tables ([[" + name +
                                        "]]), not of " + std::string(type_text(node)));
      continue;
    }
    element_begin(row.name);
    positions_[{row.name, element_of(row.name), {}}] = table->source().begin;
    read_table(*table, row.name);
  }
}

void Parser::element_begin(std::string_view section) {
  if (section == "listen") {
    config_.options.listen.emplace_back();
  } else if (section == "account") {
    config_.options.accounts.emplace_back();
  } else {
    config_.options.numbers.emplace_back();
  }
}

void Parser::unknown_key(std::string_view section, const toml::key& key, const toml::node& node) {
  std::vector<std::string_view> candidates;
  for (const OptionRow& row : option_rows)
    if (row.section == section) candidates.push_back(row.key);
  for (const SectionRow& row : section_rows)
    if (parent_of(row.name) == section) candidates.push_back(leaf_of(row.name));

  std::string hint(suggestion(key.str(), candidates));
  if (hint.empty()) {
    // Right key, wrong section; the least nested one is the likeliest.
    const auto depth = [](std::string_view name) {
      return std::count(name.begin(), name.end(), '.');
    };
    for (const OptionRow& row : option_rows) {
      if (row.key != key.str()) continue;
      const std::string name = key_path(row.section, row.key);
      if (hint.empty() || depth(name) < depth(hint)) hint = name;
    }
  }
  if (!hint.empty()) hint = "; did you mean " + hint + "?";
  const char* noun = node.is_table() || node.is_array_of_tables() ? "section " : "key ";
  complain(key.source().begin, "unknown " + (noun + key_path(section, key.str())) + hint);
}

void Parser::check_relations() {
  for (OptionFault& fault : relation_faults(config_.options, refused_, *this, machine_))
    complain(position_of(fault.place), std::move(fault.message));
}

/// A key that the file does not say is missing where its section begins.
toml::source_position Parser::position_of(OptionPlace place) const {
  auto found = positions_.find(place);
  if (found == positions_.end()) found = positions_.find({place.section, place.element, {}});
  return found == positions_.end() ? toml::source_position{} : found->second;
}

/// The index of the element that is being read; 0 outside arrays.
std::size_t Parser::element_of(std::string_view section) const {
  const std::string_view top = section.substr(0, section.find('.'));
  const Options& options = config_.options;
  std::size_t count = 1;
  if (top == "listen") count = options.listen.size();
  if (top == "account") count = options.accounts.size();
  if (top == "number") count = options.numbers.size();
  return count - 1;
}

std::string Parser::section(std::string_view section) const {
  return "[[" + std::string(section) + "]]";
}

std::string Parser::element(std::string_view section, std::size_t) const {
  return std::string(section);
}

std::string Parser::other(std::string_view section, std::size_t element) const {
  const bool by_name = section == "account";
  const unsigned line = position_of({section, element, by_name ? "system_id" : ""}).line;
  const char* const noun = by_name ? "account" : section == "number" ? "rule" : "listener";
  return std::string("the ") + noun + " in line " + std::to_string(line);
}

void Parser::complain(toml::source_position place, std::string message) {
  // Names and values are repeated from the file; a message is one line, and must not drive
  // terminals.
  for (char& c : message)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F) c = '?';
  config_.errors.push_back({file_name_, place.line, place.column, std::move(message)});
}

void Parser::sort_errors() {
  const auto in_file_order = [](const ConfigError& left, const ConfigError& right) {
    if ((left.line == 0) != (right.line == 0)) return right.line == 0;
    return left.line != right.line ? left.line < right.line : left.column < right.column;
  };
  std::stable_sort(config_.errors.begin(), config_.errors.end(), in_file_order);
}

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// Empty on success, else what went wrong.
std::string read_file(const std::string& path, std::string& text) {
  // A file of a hundred thousand accounts has some 10 MiB; what is larger is not a configuration.
  constexpr std::size_t size_max = 64u << 20;
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path.c_str(), "rb"));
  if (!file) return std::strerror(errno);
  char buffer[16384];
  while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, file.get())) {
    text.append(buffer, count);
    if (text.size() > size_max) return "larger than 64 MiB";
  }
  return std::ferror(file.get()) != 0 ? std::strerror(errno) : std::string();
}

}  // namespace

std::string ConfigError::text() const {
  return line == 0 ? file + ": " + message : file + ":" + std::to_string(line) + ": " + message;
}

Config load_config(const std::string& path) {
  std::string text;
  const std::string failure = read_file(path, text);
  const Machine machine = this_machine();
  if (failure.empty()) return parse_config(text, path, &machine);
  Config config;
  config.errors.push_back({path, 0, 0, "cannot read: " + failure});
  return config;
}

Config parse_config(std::string_view text, std::string_view file_name, const Machine* machine) {
  return Parser(file_name, machine).parse(text);
}

}  // namespace ringgate

#include "config/config.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <set>

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

/// A message is one line, and must not drive terminals.
void make_printable(std::string& text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F) c = '?';
}

/// The first line with more dots than any key or value here has; 0 if there is none. The parser
/// goes one call deeper for each part of a key, and would end the process.
unsigned line_of_many_parts(std::string_view text) {
  constexpr std::size_t dots_max = 1000;
  unsigned line = 1;
  std::size_t dots = 0;
  for (const char c : text) {
    if (c == '\n') {
      ++line;
      dots = 0;
    } else if (c == '.' && ++dots > dots_max) {
      return line;
    }
  }
  return 0;
}

/// What the parser says, without what it repeats of the file where that may be a password that has
/// no quotes around it: a number that it cannot take, the letters that it stumbles over.
std::string without_values(std::string_view description) {
  constexpr std::string_view saw = ", saw '";
  const auto is_letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  const std::size_t seen = description.rfind(saw);
  if (seen != description.npos && is_letter(description[seen + saw.size()]))
    description = description.substr(0, seen);
  std::string text(description);
  for (const std::string_view behind : {"' is not representable", "' could not be interpreted"}) {
    const std::size_t end = text.find(behind);
    const std::size_t begin = end == text.npos ? text.npos : text.rfind('\'', end - 1);
    if (begin != text.npos) text.replace(begin, end + 1 - begin, "the number");
  }
  return text;
}

/// Walks the document along the rows. Faults are collected as they come and put in file order at
/// the end, because rows have an order of their own.
class Parser final : OptionNames {
 public:
  Parser(std::string_view file_name, const Machine* machine, const ReadAccountFiles& read)
      : files_{std::string(file_name)}, machine_(machine), read_(read) {}

  Config parse(std::string_view text);

 private:
  void read_account_files();
  void read_account_file(const AccountFile& file);
  std::optional<toml::table> parse_document(std::string_view text);
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

  void complain(toml::source_position place, std::string message) {
    complain(file_, place, std::move(message));
  }
  void complain(std::size_t file, toml::source_position place, std::string message);
  void sort_errors();
  std::size_t file_of(const OptionPlace& place) const;

  std::vector<std::string> files_;  // their names: the file itself, and then those of accounts
  std::size_t file_ = 0;            // the one that is being read
  std::vector<std::size_t> account_files_;  // of each account, in files_
  const Machine* const machine_;
  const ReadAccountFiles& read_;
  Config config_;
  std::map<OptionPlace, toml::source_position> positions_;  // of what the file says
  std::set<OptionPlace> refused_;                           // of that, what has been complained of
};

Config Parser::parse(std::string_view text) {
  const std::optional<toml::table> document = parse_document(text);
  if (!document) return std::move(config_);
  read_table(*document, "");
  if (read_ && !config_.options.account_files.dir.empty()) read_account_files();
  check_relations();
  if (!document->contains("listen")) config_.options.listen.emplace_back();
  sort_errors();
  for (const std::size_t file : account_files_) config_.account_files.push_back(files_[file]);
  return std::move(config_);
}

std::optional<toml::table> Parser::parse_document(std::string_view text) {
  if (const unsigned line = line_of_many_parts(text); line != 0) {
    complain({line, 1}, "not valid TOML: a key of so many parts");
    return std::nullopt;
  }
  try {
    return toml::parse(text, files_[file_]);
  } catch (const toml::parse_error& error) {
    complain(error.source().begin, "not valid TOML: " + without_values(error.description()));
    return std::nullopt;
  }
}

void Parser::read_account_files() {
  const OptionPlace place{"accounts", 0, "dir"};
  std::string failure;
  const std::vector<AccountFile> all = read_(config_.options.account_files.dir, failure);
  if (!failure.empty()) {
    refused_.insert({"account", 0, {}});
    return complain(position_of(place),
                    "accounts.dir " + quoted(config_.options.account_files.dir) + ": " + failure);
  }
  for (const AccountFile& file : all) {
    files_.push_back(file.name);
    file_ = files_.size() - 1;
    read_account_file(file);
  }
  file_ = 0;
}

void Parser::read_account_file(const AccountFile& file) {
  if (!file.failure.empty()) {
    refused_.insert({"account", 0, {}});
    return complain({}, "cannot read: " + file.failure);
  }
  if (file.instead) {
    element_begin("account");
    config_.options.accounts.back() = *file.instead;
    return;
  }
  const std::optional<toml::table> document = parse_document(file.text);
  if (!document) return void(refused_.insert({"account", 0, {}}));
  if (const auto inner = document->find("account"); inner != document->end()) {
    refused_.insert({"account", 0, {}});
    return complain(inner->first.source().begin,
                    "a file of one account has its keys, and no [[account]] above them");
  }
  element_begin("account");
  positions_[{"account", element_of("account"), {}}] = {1, 1};
  read_table(*document, "account");
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
  if (table == nullptr) {
    const bool means_one = name == "accounts" && node.is_array();
    return complain(place, name + " must be a table ([" + name + "]), not " +
                               std::string(type_text(node)) +
                               (means_one ? "; did you mean [[account]]?" : ""));
  }
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
    account_files_.push_back(file_);
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

  // Of a great many mistakes nobody reads all, and each suggestion takes its time.
  constexpr std::size_t suggestions_max = 1000;
  if (config_.errors.size() > suggestions_max)
    return complain(key.source().begin, "unknown key " + key_path(section, key.str()));
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
    complain(file_of(fault.place), position_of(fault.place), std::move(fault.message));
}

/// The index in files_ of the one that says it.
std::size_t Parser::file_of(const OptionPlace& place) const {
  const bool of_account = place.section.substr(0, place.section.find('.')) == "account";
  return of_account && place.element < account_files_.size() ? account_files_[place.element] : 0;
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
  const std::size_t file = file_of({section, element, {}});
  if (file != 0) return "the account of " + files_[file];
  const unsigned line = position_of({section, element, by_name ? "system_id" : ""}).line;
  const char* const noun = by_name ? "account" : section == "number" ? "rule" : "listener";
  return std::string("the ") + noun + " in line " + std::to_string(line);
}

void Parser::complain(std::size_t file, toml::source_position place, std::string message) {
  // Names and values are repeated from the file.
  make_printable(message);
  config_.errors.push_back({files_[file], place.line, place.column, std::move(message)});
}

void Parser::sort_errors() {
  std::map<std::string_view, std::size_t> rank;
  for (std::size_t i = 0; i < files_.size(); ++i) rank.emplace(files_[i], i);
  const auto in_file_order = [&rank](const ConfigError& left, const ConfigError& right) {
    if (left.file != right.file) return rank[left.file] < rank[right.file];
    if ((left.line == 0) != (right.line == 0)) return right.line == 0;
    return left.line != right.line ? left.line < right.line : left.column < right.column;
  };
  std::stable_sort(config_.errors.begin(), config_.errors.end(), in_file_order);
}

}  // namespace

std::string ConfigError::text() const {
  std::string name = file;
  make_printable(name);
  return line == 0 ? name + ": " + message : name + ":" + std::to_string(line) + ": " + message;
}

Config parse_config(std::string_view text, std::string_view file_name, const Machine* machine,
                    const ReadAccountFiles& read) {
  return Parser(file_name, machine, read).parse(text);
}

}  // namespace ringgate

#include "config/config.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <optional>

#include "config/option_reader.h"
#include "config/option_text.h"
#include "config/suggestion.h"

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
class Parser {
 public:
  explicit Parser(std::string_view file_name) : file_name_(file_name) {}

  Config parse(std::string_view text);

 private:
  void read_table(const toml::table& table, std::string_view section);
  void read_key(const OptionRow& row, const toml::node& node);
  void read_section(const SectionRow& row, const toml::node& node, toml::source_position place);
  void read_section_array(const SectionRow& row, const toml::array& array);
  void read_sections(const toml::table& table, std::string_view section);
  void unknown_key(std::string_view section, const toml::key& key, const toml::node& node);
  void element_begin(std::string_view section);

  void check_account(const toml::table& table);
  void check_account_system_id(const toml::table& table);
  void check_account_password(const toml::table& table);
  void check_number(const toml::table& table);
  void check_number_account(const std::string& system_id, const toml::node& node);
  void check_mo(const toml::table& table);
  void check_mo_destination(const toml::table& document);
  void check_cores(const toml::table& document);
  void check_store(const toml::table& document);
  void check_outcomes(const toml::table& table);

  void complain(toml::source_position place, std::string message);
  void sort_errors();

  std::string file_name_;
  Config config_;
  struct AccountPlace {
    unsigned line;
    std::uint32_t index;  // in options.accounts
  };
  std::map<std::string, AccountPlace, std::less<>> account_places_;
  std::map<std::string, unsigned, std::less<>> number_lines_;
  bool numbers_sound_ = true;
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
  check_cores(document);
  check_store(document);
  check_mo_destination(document);
  if (!document.contains("listen")) config_.options.listen.emplace_back();
  if (!document.contains("account")) complain({}, "no [[account]]: nobody could bind");
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
    const std::size_t errors_before = config_.errors.size();
    read_section(row, found->second, found->first.source().begin);
    if (row.name == "number") numbers_sound_ = config_.errors.size() == errors_before;
  }
}

void Parser::read_key(const OptionRow& row, const toml::node& node) {
  OptionReading reading = read_option(row, node);
  if (!reading.complaint.empty()) {
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
    return complain(place, name + " must be an array of tables ([[" + name + "]]), not " +
                               std::string(type_text(node)));
  }
  const toml::table* table = node.as_table();
  if (table == nullptr)
    return complain(
        place, name + " must be a table ([" + name + "]), not " + std::string(type_text(node)));
  if (row.name == "backend.sim.outcomes") return check_outcomes(*table);
  read_table(*table, row.name);
  if (row.name == "backend.sim.mo") check_mo(*table);
}

void Parser::read_section_array(const SectionRow& row, const toml::array& array) {
  const std::string name(row.name);
  if (array.empty()) complain(array.source().begin, name + " must not be empty");
  for (const toml::node& node : array) {
    const toml::table* table = node.as_table();
    if (table == nullptr) {
      complain(node.source().begin, name + " must be an array of tables ([[" + name +
                                        "]]), not of " + std::string(type_text(node)));
      continue;
    }
    element_begin(row.name);
    const std::size_t errors_before = config_.errors.size();
    read_table(*table, row.name);
    if (row.name == "account") check_account(*table);
    // What could not be read counts as missing; to complain of that as well would mislead.
    if (row.name == "number" && config_.errors.size() == errors_before) check_number(*table);
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

void Parser::check_account(const toml::table& table) {
  check_account_system_id(table);
  check_account_password(table);
}

void Parser::check_account_system_id(const toml::table& table) {
  const toml::node* node = table.get("system_id");
  if (node == nullptr) return complain(table.source().begin, "account needs a system_id");
  const std::string& system_id = config_.options.accounts.back().system_id;
  if (system_id.empty()) return;  // refused, and said so, before
  const AccountPlace place{node->source().begin.line,
                           static_cast<std::uint32_t>(config_.options.accounts.size() - 1)};
  const auto [known, inserted] = account_places_.try_emplace(system_id, place);
  if (!inserted)
    complain(node->source().begin, "account.system_id " + quoted(system_id) +
                                       " is taken by the account in line " +
                                       std::to_string(known->second.line));
}

void Parser::check_account_password(const toml::table& table) {
  const toml::node* password_hash = table.get("password_hash");
  if (table.contains("password") == (password_hash != nullptr)) {
    const char* fault = password_hash == nullptr
                            ? "account needs password or password_hash"
                            : "account must not have both password and password_hash";
    complain(table.source().begin, fault);
  }
  const std::string& text = config_.options.accounts.back().password_hash;
  if (!text.empty() && text.front() != '$')
    complain(password_hash->source().begin,
             "account.password_hash must begin with $, as mkpasswd writes it");
}

void Parser::check_number(const toml::table& table) {
  const NumberOptions& number = config_.options.numbers.back();
  const std::string fault = number_fault(number);
  if (!fault.empty()) return complain(table.source().begin, "number " + fault);
  if (number.account.empty()) return complain(table.source().begin, "number needs an account");
  check_number_account(number.account, *table.get("account"));
  const unsigned line = table.source().begin.line;
  const auto [known, inserted] = number_lines_.try_emplace(number_key(number), line);
  if (!inserted)
    complain(table.source().begin, "number " + known->first + " is taken by the rule in line " +
                                       std::to_string(known->second));
}

void Parser::check_number_account(const std::string& system_id, const toml::node& node) {
  const std::string name = "number.account " + quoted(system_id);
  const auto place = account_places_.find(system_id);
  if (place == account_places_.end())
    return complain(node.source().begin, name + " is no account's system_id");
  const AccountOptions& account = config_.options.accounts[place->second.index];
  if (!account.bind_rx && !account.bind_trx)
    complain(node.source().begin, name + " may not bind as rx or trx, so nothing could reach it");
}

void Parser::check_mo(const toml::table& table) {
  const SimMoOptions& mo = config_.options.backend.sim.mo;
  if (mo.rate > 0 && !table.contains("destination"))
    complain(table.source().begin, "backend.sim.mo needs a destination where there is a rate");
}

// Only of a plan that is as its writer meant it: behind a fault in the plan this one would be
// guessing.
void Parser::check_mo_destination(const toml::table& document) {
  const SimMoOptions& mo = config_.options.backend.sim.mo;
  if (mo.rate == 0 || mo.destination.empty() || !numbers_sound_) return;
  const NumberPlan plan(config_.options.numbers, [this](std::string_view system_id) {
    return std::optional(account_places_.find(system_id)->second.index);
  });
  if (plan.account_of(mo.destination)) return;
  complain(document["backend"]["sim"]["mo"]["destination"].node()->source().begin,
           "backend.sim.mo.destination " + quoted(mo.destination) +
               " is in no [[number]], so nobody would get the messages");
}

/// The files of a shard are emptied one after the other, which takes four of them.
void Parser::check_store(const toml::table& document) {
  constexpr std::uint64_t block = 4096;
  constexpr std::uint64_t files_min = 4;
  const StoreOptions& store = config_.options.store;
  const auto place = [&document](const char* key) {
    const auto* const node = document["store"][key].node();
    return node == nullptr ? document["store"].node()->source().begin : node->source().begin;
  };
  if (!document["store"].is_table()) return;
  if (store.segment_bytes % block != 0)
    complain(place("segment_bytes"), "store.segment_bytes must be a multiple of 4096, not " +
                                         std::to_string(store.segment_bytes));
  const std::uint64_t shards = std::max(1u, config_.options.cores.shards);
  if (store.max_bytes < files_min * store.segment_bytes * shards)
    complain(place("max_bytes"),
             "store.max_bytes must hold four files of store.segment_bytes for each shard: at "
             "least " +
                 std::to_string(files_min * store.segment_bytes * shards) + ", not " +
                 std::to_string(store.max_bytes));
}

void Parser::check_cores(const toml::table& document) {
  const CoresOptions& cores = config_.options.cores;
  // With "auto" the number of shards is known only to the process that will run them.
  if (cores.pin.empty() || cores.pin.size() >= cores.shards) return;
  complain(document["cores"]["pin"].node()->source().begin,
           "cores.pin must name at least " + std::to_string(cores.shards) +
               " CPUs, one per shard, not " + std::to_string(cores.pin.size()));
}

void Parser::check_outcomes(const toml::table& table) {
  SimOutcomes& outcomes = config_.options.backend.sim.outcomes;
  // Whoever writes a mix means all of it: {expired = 1} must not leave half of the messages
  // delivered.
  outcomes.delivered = 0;
  const std::size_t errors_before = config_.errors.size();
  read_table(table, "backend.sim.outcomes");
  const double sum = outcomes.delivered + outcomes.expired + outcomes.deleted +
                     outcomes.undeliverable + outcomes.accepted + outcomes.unknown +
                     outcomes.rejected;
  if (sum == 0 && config_.errors.size() == errors_before)
    complain(table.source().begin, "backend.sim.outcomes needs a weight above 0");
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
  if (failure.empty()) return parse_config(text, path);
  Config config;
  config.errors.push_back({path, 0, 0, "cannot read: " + failure});
  return config;
}

Config parse_config(std::string_view text, std::string_view file_name) {
  return Parser(file_name).parse(text);
}

}  // namespace ringgate

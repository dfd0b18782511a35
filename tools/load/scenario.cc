#include "load/scenario.h"

#include <xxhash.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <set>

#include "base/words.h"
#include "load/scenario_table.h"
#include "load/text_file.h"
#include "smpp/check.h"
#include "smpp/pdu.h"

namespace ringgate::load {

namespace {

constexpr std::size_t addresses_size_max = 256 << 20;
constexpr std::size_t kinds_max = 100;
constexpr std::size_t address_size_max = 20;
constexpr std::uint32_t recipients_max = 254;  // number_of_dests (5.0 §4.2.4.1)

constexpr std::string_view operations[] = {"submit_sm", "data_sm", "submit_multi"};
constexpr smpp::Command commands[] = {smpp::Command::submit_sm, smpp::Command::data_sm,
                                      smpp::Command::submit_multi};
constexpr std::string_view codings[] = {"octets", "auto", "gsm", "ucs2", "binary"};
constexpr std::string_view long_texts[] = {"payload", "udh", "sar"};

using Numbers = std::shared_ptr<const std::vector<std::string>>;

Numbers read_numbers(ScenarioTable& table, const std::string& name) {
  std::string fault;
  const auto text = text_of_file(name, addresses_size_max, fault);
  if (!text) table.refuse("destinations", name + ": " + fault);
  auto list = std::make_shared<std::vector<std::string>>();
  std::string_view rest = *text;
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);  // how some editors begin UTF-8
  for (std::size_t line = 1; !rest.empty(); ++line) {
    const std::string_view number = trimmed(rest.substr(0, rest.find('\n')));
    rest.remove_prefix(std::min(rest.size(), std::min(rest.find('\n'), rest.size()) + 1));
    if (number.empty() || number.front() == '#') continue;
    if (number.size() > address_size_max || !smpp::is_number(number))
      table.refuse("destinations", name + ", line " + std::to_string(line) +
                                       ": expected a number of up to 20 digits");
    list->emplace_back(number);
  }
  if (list->empty()) table.refuse("destinations", name + " has no number");
  return list;
}

/// Files of numbers, named from a folder; what several kinds of messages name is read once.
class NumberFiles {
 public:
  explicit NumberFiles(const std::string& folder) : folder_(folder) {}

  Destinations listed(ScenarioTable& table, const std::string& name) {
    const std::string path = name.starts_with('/') ? name : folder_ + "/" + name;
    Numbers& numbers = read_[path];
    if (!numbers) numbers = read_numbers(table, path);
    return Destinations(numbers);
  }

 private:
  const std::string& folder_;
  std::map<std::string, Numbers> read_;
};

Destinations destinations_of(ScenarioTable& table, NumberFiles& files, const Destinations& usual) {
  const auto file = table.text("destinations");
  const auto first = table.text("destination");
  const auto count = table.count("destination_count", 1, std::uint64_t{1'000'000'000'000'000});
  if (file && (first || count)) table.refuse("destinations", "already says where to");
  if (file) return files.listed(table, *file);
  if (!first && !count) return usual;
  if (!first) table.refuse("destination_count", "needs a destination to count from");
  if (first->size() > address_size_max || !smpp::is_number(*first))
    table.refuse("destination", "must be a number of up to 20 digits");
  if (!has_room(*first, count.value_or(1)))
    table.refuse("destination_count", "is more than can be counted up with as many digits");
  return Destinations(*first, count.value_or(1));
}

MessageOptions message_of(const toml::table& node, NumberFiles& files,
                          const MessageOptions& usual) {
  ScenarioTable table(node, "message");
  MessageOptions out = usual;
  out.weight = table.number("weight", 0.001, 1e6).value_or(1);
  if (const auto word = table.word("operation", operations)) out.operation = commands[*word];
  out.source = table.text("source").value_or(usual.source);
  out.destinations = destinations_of(table, files, usual.destinations);
  const auto recipients = table.count("recipients", 1, recipients_max);
  out.recipients = static_cast<std::uint32_t>(recipients.value_or(1));
  const auto text = table.text("text");
  const auto size = table.count("size", 0, 65'535);
  if (text && size) table.refuse("size", "means nothing beside a text");
  if (text && text->empty()) table.refuse("text", "is empty; size = 0 sends none");
  out.text = text.value_or("");
  out.size = static_cast<std::uint32_t>(size.value_or(usual.size));
  const auto coding = table.word("coding", codings);
  out.coding = coding ? static_cast<Coding>(*coding) : text ? Coding::automatic : usual.coding;
  if (const auto word = table.word("long", long_texts))
    out.long_text = static_cast<LongText>(*word);
  if (const auto priority = table.count("priority", 0, 3))
    out.priority = static_cast<std::uint8_t>(*priority);
  out.receipt = table.flag("receipt").value_or(usual.receipt);
  table.end();

  if (recipients && out.operation != smpp::Command::submit_multi)
    table.refuse("recipients", "means nothing without operation = \"submit_multi\"");
  if (out.operation == smpp::Command::submit_multi && out.receipt)
    table.refuse("receipt", "cannot be matched for submit_multi, whose receipts share an id");
  if (out.operation == smpp::Command::data_sm && out.priority != 0)
    table.refuse("priority", "is no field of data_sm");
  if (const std::string fault = fault_of(out); !fault.empty())
    table.refuse(text ? "text" : "operation", "cannot be sent: " + fault);
  return out;
}

Account account_of(const toml::table& node) {
  ScenarioTable table(node, "account");
  Account out;
  const auto system_id = table.text("system_id");
  if (!system_id) table.refuse("system_id", "is missing");
  out.system_id = *system_id;
  out.password = table.text("password").value_or("");
  table.end();
  return out;
}

AnswerOptions answers_of(const toml::table& node) {
  ScenarioTable table(node, "answers");
  AnswerOptions out;
  out.delay = static_cast<Nanos>(table.number("delay_ms", 0, 3.6e6).value_or(0) * 1e6);
  if (const toml::table* const errors = table.table("errors")) {
    ScenarioTable shares(*errors, "answers.errors");
    double all = 0;
    for (const StatusRow& row : status_rows) {
      if (row.status == Status::ESME_ROK) continue;
      const auto share = shares.number(row.name, 0, 1);
      if (!share) continue;
      out.errors.push_back({row.status, *share});
      all += *share;
    }
    shares.end();
    if (all > 1) table.refuse("errors", "are shares of all answers, and more than 1 in all");
  }
  table.end();
  return out;
}

/// Calls `read` with each table of an array of them.
template <class Read>
void each(const toml::table& root, std::string_view key, Read&& read) {
  const toml::node* const node = root.get(key);
  if (node == nullptr) return;
  if (!node->is_array_of_tables())
    throw ScenarioFault{node->source().begin.line,
                        std::string(key) + " must be tables: [[" + std::string(key) + "]]"};
  for (const toml::node& one : *node->as_array()) read(*one.as_table());
}

Scenario read(const toml::table& root, const std::string& folder, const MessageOptions& usual) {
  Scenario out;
  NumberFiles files(folder);
  ScenarioTable whole(root, "");
  each(root, "message", [&](const toml::table& node) {
    if (out.messages.size() == kinds_max)
      throw ScenarioFault{node.source().begin.line, "more than 100 kinds of messages"};
    out.messages.push_back(message_of(node, files, usual));
  });
  each(root, "account", [&](const toml::table& node) { out.accounts.push_back(account_of(node)); });
  if (const toml::table* const answers = whole.table("answers")) out.answers = answers_of(*answers);
  whole.allow("message");
  whole.allow("account");
  whole.end();
  return out;
}

}  // namespace

std::optional<Scenario> parse_scenario(std::string_view text, const std::string& folder,
                                       const MessageOptions& usual, std::string& fault) {
  const auto refuse = [&fault](std::size_t line, const std::string& why) {
    fault = "line " + std::to_string(line) + ": " + why;
    return std::nullopt;
  };
  try {
    return read(toml::parse(text), folder, usual);
  } catch (const toml::parse_error& error) {
    return refuse(error.source().begin.line, "not valid TOML: " + std::string(error.description()));
  } catch (const ScenarioFault& found) {
    return refuse(found.line, found.text);
  }
}

std::string digest_of(std::string_view text, const Scenario& scenario) {
  XXH64_hash_t hash = XXH3_64bits(text.data(), text.size());
  const auto add = [&hash](std::string_view more) {
    hash = XXH3_64bits_withSeed(more.data(), more.size(), hash);
  };
  for (const MessageOptions& one : scenario.messages) {
    // What it leaves out comes from the command line, and lists from files.
    Destinations numbers = one.destinations;
    add(one.source);
    add(std::to_string(one.size) + (one.receipt ? " receipt " : " ") +
        std::to_string(numbers.count()));
    add(numbers.now());
    for (std::uint64_t i = 1; numbers.is_list() && i < numbers.count(); ++i) {
      numbers.next();
      add(numbers.now());
    }
  }
  char out[17];
  std::snprintf(out, sizeof out, "%016llx", static_cast<unsigned long long>(hash));
  return out;
}

std::string mix_text(const std::vector<MessageOptions>& messages) {
  double total = 0;
  for (const MessageOptions& one : messages) total += one.weight;
  std::string out;
  for (const MessageOptions& one : messages) {
    const auto tenths = static_cast<unsigned>(one.weight / total * 1000 + 0.5);
    out += (out.empty() ? "" : ", ") + std::to_string(tenths / 10) +
           (tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10)) + " % " +
           std::string(smpp::command_name(one.operation));
  }
  return out;
}

}  // namespace ringgate::load

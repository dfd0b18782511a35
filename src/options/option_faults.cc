#include "options/option_faults.h"

#include <arpa/inet.h>

#include <algorithm>
#include <map>
#include <optional>

#include "options/option_rows.h"
#include "options/option_text.h"
#include "options/password_hash.h"
#include "options/value_fault.h"
#include "routing/number_plan.h"

namespace ringgate {
namespace {

/// The octets of an address, because several texts can mean the same.
std::string address_octets(const std::string& text) {
  char octets[sizeof(in6_addr)];
  if (inet_pton(AF_INET, text.c_str(), octets) == 1) return {octets, sizeof(in_addr)};
  if (inet_pton(AF_INET6, text.c_str(), octets) == 1) return {octets, sizeof(in6_addr)};
  return {};
}

class Relations {
 public:
  Relations(const Options& options, const std::set<OptionPlace>& refused, const OptionNames& names,
            const Machine* machine)
      : options_(options), refused_(refused), names_(names), machine_(machine) {}

  std::vector<OptionFault> check();

 private:
  void check_cores();
  void check_listeners();
  void check_tls(std::size_t index);
  void check_certificate(std::size_t index);
  void check_passwords(std::size_t index);
  void check_password_length(std::size_t index, std::string_view key, const std::string& password);
  void check_store();
  void check_data_dir();
  void check_limits();
  void check_outcomes();
  void check_account(std::size_t index);
  void check_bursts(std::size_t index);
  void check_burst(const OptionPlace& burst, unsigned count, std::string_view rate,
                   double per_second);
  void check_number(std::size_t index);
  void check_number_account(std::size_t index);
  void check_mo();

  bool refused(std::string_view section, std::size_t element, std::string_view key) const {
    return refused_.count({section, element, key}) != 0;
  }
  void complain(OptionPlace place, std::string message) {
    faults_.push_back({place, std::move(message)});
  }

  const Options& options_;
  const std::set<OptionPlace>& refused_;
  const OptionNames& names_;
  const Machine* const machine_;
  std::vector<OptionFault> faults_;
  std::map<std::string_view, std::size_t> accounts_;       // by system_id
  std::map<std::string, std::size_t, std::less<>> rules_;  // by number_key
  bool accounts_sound_ = true;
  bool plan_sound_ = true;
};

std::vector<OptionFault> Relations::check() {
  check_cores();
  check_listeners();
  check_store();
  check_data_dir();
  check_limits();
  check_outcomes();
  if (options_.accounts.empty() && !refused("account", 0, ""))
    complain({"account", 0, {}}, "no " + names_.section("account") + ": nobody could bind");
  for (std::size_t i = 0; i < options_.accounts.size(); ++i) check_account(i);
  for (std::size_t i = 0; i < options_.numbers.size(); ++i) check_number(i);
  check_mo();
  return std::move(faults_);
}

void Relations::check_cores() {
  const CoresOptions& cores = options_.cores;
  // With "auto" the number of shards is known only to the process that will run them.
  if (!cores.pin.empty() && cores.pin.size() < cores.shards && !refused("cores", 0, "shards"))
    complain({"cores", 0, "pin"}, "cores.pin must name at least " + std::to_string(cores.shards) +
                                      " CPUs, one per shard, not " +
                                      std::to_string(cores.pin.size()));
  if (machine_ == nullptr || refused("cores", 0, "pin")) return;
  for (const unsigned cpu : cores.pin) {
    if (std::binary_search(machine_->cpus.begin(), machine_->cpus.end(), cpu)) continue;
    return complain({"cores", 0, "pin"},
                    "cores.pin: this machine has no CPU " + std::to_string(cpu));
  }
}

void Relations::check_listeners() {
  std::map<std::pair<std::string, std::uint16_t>, std::size_t> seen;
  for (std::size_t i = 0; i < options_.listen.size(); ++i) {
    check_tls(i);
    const ListenOptions& listen = options_.listen[i];
    check_burst({"listen", i, "burst"}, listen.burst, "rate", listen.rate);
    const bool sound = !refused("listen", i, "address") && !refused("listen", i, "port");
    // Port 0 is another one each time.
    if (!sound || listen.port == 0) continue;
    const auto [known, inserted] =
        seen.try_emplace({address_octets(listen.address), listen.port}, i);
    if (!inserted)
      complain({"listen", i, {}}, names_.element("listen", i) + " has the address and port of " +
                                      names_.other("listen", known->second));
  }
}

void Relations::check_tls(std::size_t index) {
  constexpr std::string_view section = "listen.tls";
  const ListenTlsOptions& tls = options_.listen[index].tls;
  if (tls == ListenTlsOptions{}) return;
  // What could not be read may be what is missing.
  for (const OptionRow& row : option_rows)
    if (row.section == section && refused(section, index, row.key)) return;
  const std::string name = names_.element("listen", index) + ".tls";
  if (tls.cert.empty() || tls.cert.size() != tls.key.size())
    complain({section, index, "cert"}, name + " needs a cert, and a key for each, not " +
                                           std::to_string(tls.cert.size()) + " and " +
                                           std::to_string(tls.key.size()));
  const bool asks = tls.client_certificate != ClientCertificate::none;
  if (asks && tls.client_ca.empty())
    complain({section, index, "client_certificate"},
             name + ".client_certificate needs a client_ca to verify them with");
  if (!asks && !tls.client_ca.empty())
    complain({section, index, "client_ca"},
             name + ".client_ca means nothing without client_certificate");
}

/// The files of a shard are emptied one after the other, which takes four of them.
void Relations::check_store() {
  constexpr std::uint64_t block = 4096;
  constexpr std::uint64_t files_min = 4;
  const StoreOptions& store = options_.store;
  const StoreOptions defaults;
  // What nobody has written and nobody uses is nobody's fault.
  if (store.mode == StoreMode::none && store.max_bytes == defaults.max_bytes &&
      store.segment_bytes == defaults.segment_bytes)
    return;
  if (refused("store", 0, "segment_bytes") || refused("store", 0, "max_bytes")) return;
  if (store.segment_bytes % block != 0)
    complain({"store", 0, "segment_bytes"}, "store.segment_bytes must be a multiple of 4096, not " +
                                                std::to_string(store.segment_bytes));
  std::uint64_t names = 0;
  for (const AccountOptions& account : options_.accounts)
    names += journal_name_size(account.system_id);
  if (names > journal_names_max(store))
    complain({"store", 0, "segment_bytes"},
             "store.segment_bytes must be at least " + std::to_string(names * journal_names_part) +
                 " for so many accounts, because each file begins with their names, not " +
                 std::to_string(store.segment_bytes));
  if (refused("cores", 0, "shards")) return;
  const std::uint64_t shards = std::max(1u, options_.cores.shards);
  const std::uint64_t needed = files_min * store.segment_bytes * shards;
  if (store.max_bytes < needed)
    complain({"store", 0, "max_bytes"},
             "store.max_bytes must hold four files of store.segment_bytes for each shard: at "
             "least " +
                 std::to_string(needed) + ", not " + std::to_string(store.max_bytes));
}

void Relations::check_data_dir() {
  if (options_.store.mode == StoreMode::none || refused("store", 0, "mode")) return;
  if (machine_ == nullptr || machine_->in_the_way == nullptr || refused("node", 0, "data_dir"))
    return;
  const std::string found = machine_->in_the_way(options_.node.data_dir);
  if (!found.empty())
    complain({"node", 0, "data_dir"},
             "node.data_dir must be a directory, and " + quoted(found) + " is none");
}

void Relations::check_limits() {
  const LimitsOptions& limits = options_.limits;
  if (refused("limits", 0, "max_connections") || refused("limits", 0, "max_unbound")) return;
  if (limits.max_unbound > limits.max_connections)
    complain({"limits", 0, "max_unbound"},
             "limits.max_unbound must be at most the " + std::to_string(limits.max_connections) +
                 " of limits.max_connections, not " + std::to_string(limits.max_unbound));
}

void Relations::check_outcomes() {
  constexpr std::string_view section = "backend.sim.outcomes";
  for (const OptionRow& row : option_rows)
    if (row.section == section && refused(section, 0, row.key)) return;
  const SimOutcomes& outcomes = options_.backend.sim.outcomes;
  const double sum = outcomes.delivered + outcomes.expired + outcomes.deleted +
                     outcomes.undeliverable + outcomes.accepted + outcomes.unknown +
                     outcomes.rejected;
  if (sum == 0) complain({section, 0, {}}, "backend.sim.outcomes needs a weight above 0");
}

void Relations::check_account(std::size_t index) {
  const AccountOptions& account = options_.accounts[index];
  const std::string name = names_.element("account", index);
  if (refused("account", index, "system_id")) {
    accounts_sound_ = false;
  } else {
    const auto [known, inserted] = accounts_.try_emplace(account.system_id, index);
    if (account.system_id.empty())
      complain({"account", index, {}}, name + " needs a system_id");
    else if (!inserted)
      complain({"account", index, "system_id"}, name + ".system_id " + quoted(account.system_id) +
                                                    " is taken by " +
                                                    names_.other("account", known->second));
  }
  check_bursts(index);
  check_passwords(index);
  check_certificate(index);
}

/// An account that nobody could bind as is a mistake.
void Relations::check_certificate(std::size_t index) {
  const AccountOptions& account = options_.accounts[index];
  const auto is_refused = [&](std::string_view key) { return refused("account", index, key); };
  const bool needs_tls = account.tls == TlsDemand::required || !account.certificate.empty();
  if (!needs_tls || is_refused("tls") || is_refused("certificate")) return;
  bool has_tls = false;
  bool asks = false;
  for (std::size_t i = 0; i < options_.listen.size(); ++i) {
    const ListenOptions& listen = options_.listen[i];
    if (refused("listen", 0, {}) || refused("listen.tls", i, "cert")) return;
    has_tls = has_tls || listen.has_tls();
    asks = asks || listen.tls.client_certificate != ClientCertificate::none;
  }
  const std::string name = names_.element("account", index);
  if (!account.certificate.empty() && !asks)
    complain({"account", index, "certificate"},
             name + ".certificate needs a " + names_.section("listen") +
                 " that asks for certificates (tls.client_certificate)");
  else if (!has_tls)
    complain({"account", index, "tls"},
             name + ".tls = \"required\" needs a " + names_.section("listen") + " with tls");
}

/// SMPP's field holds 8 characters, but there are clients that send more.
void Relations::check_password_length(std::size_t index, std::string_view key,
                                      const std::string& password) {
  constexpr std::size_t standard_max = 8;
  if (password.size() <= standard_max || options_.accounts[index].quirks.long_passwords) return;
  if (refused("account", index, key) || refused("account.quirks", index, "long_passwords")) return;
  complain({"account", index, key},
           names_.element("account", index) + "." + std::string(key) +
               " must be 1-8 characters, or 1-64 with quirks.long_passwords, not " +
               std::to_string(password.size()));
}

void Relations::check_passwords(std::size_t index) {
  const AccountOptions& account = options_.accounts[index];
  const std::string name = names_.element("account", index);
  check_password_length(index, "password", account.password);
  check_password_length(index, "next_password", account.next_password);
  if (!account.next_password.empty() && !account.next_password_hash.empty())
    complain({"account", index, "next_password"},
             name + " must not have both next_password and next_password_hash");
  if (!account.next_password_hash.empty() && !refused("account", index, "next_password_hash"))
    if (const std::string fault = password_hash_fault(account.next_password_hash); !fault.empty())
      complain({"account", index, "next_password_hash"}, name + ".next_password_hash" + fault);
  const bool hash_refused = refused("account", index, "password_hash");
  const bool has_password = !account.password.empty() || refused("account", index, "password");
  const bool has_hash = !account.password_hash.empty() || hash_refused;
  if (!has_password && !has_hash)
    complain({"account", index, {}}, name + " needs password or password_hash");
  if (has_password && has_hash)
    complain({"account", index, {}}, name + " must not have both password and password_hash");
  if (account.password_hash.empty() || hash_refused || has_password) return;
  const std::string fault = password_hash_fault(account.password_hash);
  if (!fault.empty())
    complain({"account", index, "password_hash"}, name + ".password_hash" + fault);
}

void Relations::check_bursts(std::size_t index) {
  const AccountOptions& account = options_.accounts[index];
  check_burst({"account", index, "burst"}, account.burst, "rate", account.rate);
  check_burst({"account", index, "bind_burst"}, account.bind_burst, "bind_rate", account.bind_rate);
}

void Relations::check_burst(const OptionPlace& burst, unsigned count, std::string_view rate,
                            double per_second) {
  if (count == 0 || per_second != 0) return;
  if (refused(burst.section, burst.element, burst.key) ||
      refused(burst.section, burst.element, rate))
    return;
  complain(burst, names_.element(burst.section, burst.element) + "." + std::string(burst.key) +
                      " means nothing without a " + std::string(rate));
}

void Relations::check_number(std::size_t index) {
  const NumberOptions& number = options_.numbers[index];
  const std::string name = names_.element("number", index);
  const std::size_t faults_before = faults_.size();
  // What could not be read counts as missing; to complain of that as well would mislead.
  for (const OptionRow& row : option_rows) {
    if (row.section != "number" || !refused("number", index, row.key)) continue;
    plan_sound_ = false;
    return;
  }
  const std::string fault = number_fault(number);
  if (!fault.empty()) {
    complain({"number", index, {}}, name + " " + fault);
  } else if (number.account.empty()) {
    complain({"number", index, {}}, name + " needs an account");
  } else {
    check_number_account(index);
    const auto [known, inserted] = rules_.try_emplace(number_key(number), index);
    if (!inserted)
      complain({"number", index, {}},
               name + " " + known->first + " is taken by " + names_.other("number", known->second));
  }
  if (faults_.size() != faults_before) plan_sound_ = false;
}

void Relations::check_number_account(std::size_t index) {
  const std::string& system_id = options_.numbers[index].account;
  const OptionPlace place{"number", index, "account"};
  const std::string name = names_.element("number", index) + ".account " + quoted(system_id);
  const auto found = accounts_.find(system_id);
  if (found == accounts_.end()) {
    plan_sound_ = false;
    // It may well be the one whose name could not be taken.
    if (accounts_sound_) complain(place, name + " is no account's system_id");
    return;
  }
  const AccountOptions& account = options_.accounts[found->second];
  if (!account.bind_rx && !account.bind_trx && !refused("account", found->second, "bind"))
    complain(place, name + " may not bind as rx or trx, so nothing could reach it");
}

// Only of a plan that is as its writer meant it: behind a fault in the plan this one would be
// guessing.
void Relations::check_mo() {
  constexpr std::string_view section = "backend.sim.mo";
  const SimMoOptions& mo = options_.backend.sim.mo;
  if (mo.rate == 0 || refused(section, 0, "rate") || refused(section, 0, "destination")) return;
  if (mo.destination.empty())
    return complain({section, 0, {}}, "backend.sim.mo needs a destination where there is a rate");
  if (!plan_sound_ || refused("number", 0, "")) return;
  const NumberPlan plan(options_.numbers, [this](std::string_view system_id) {
    return std::optional(static_cast<std::uint32_t>(accounts_.find(system_id)->second));
  });
  if (plan.account_of(mo.destination)) return;
  complain({section, 0, "destination"}, "backend.sim.mo.destination " + quoted(mo.destination) +
                                            " is in no " + names_.section("number") +
                                            ", so nobody would get the messages");
}

/// The names of vectors' elements.
class IndexNames final : public OptionNames {
 public:
  std::string section(std::string_view section) const override { return std::string(section); }
  std::string element(std::string_view section, std::size_t element) const override {
    return std::string(section) + "[" + std::to_string(element) + "]";
  }
  std::string other(std::string_view section, std::size_t element) const override {
    return this->element(section, element);
  }
};

std::size_t element_count(const Options& options, std::string_view section) {
  if (section == "listen") return options.listen.size();
  return section == "number" ? options.numbers.size() : options.accounts.size();
}

/// Options whose arrays have that one element, for the members of rows reach the last.
Options with_element(const Options& options, std::string_view section, std::size_t element) {
  Options out;
  if (section == "listen")
    out.listen.push_back(options.listen[element]);
  else if (section == "number")
    out.numbers.push_back(options.numbers[element]);
  else
    out.accounts.push_back(options.accounts[element]);
  return out;
}

/// "account.quirks" has an element for each of "account".
std::string_view array_of(std::string_view section) {
  const std::string_view top = section.substr(0, section.find('.'));
  const SectionRow* const row = section_row(top);
  return row != nullptr && row->array ? top : std::string_view();
}

/// A text that has no default need not be given, and then is empty.
bool is_missing(const OptionRow& row, const OptionValue& value) {
  const bool is_text = row.kind == OptionKind::text || row.kind == OptionKind::ascii ||
                       row.kind == OptionKind::digits;
  return is_text && value.text.empty() && default_text(row).empty();
}

class Values {
 public:
  explicit Values(const Options& options) : options_(options) {}

  std::vector<OptionFault> check() {
    for (const SectionRow& section : section_rows) {
      const std::string_view array = array_of(section.name);
      if (array.empty()) {
        check_section(section.name, options_, 0, std::string(section.name));
        continue;
      }
      for (std::size_t i = 0; i < element_count(options_, array); ++i)
        check_section(
            section.name, with_element(options_, array, i), i,
            IndexNames().element(array, i) + std::string(section.name.substr(array.size())));
    }
    return std::move(faults_);
  }

 private:
  void check_section(std::string_view section, const Options& options, std::size_t element,
                     const std::string& name) {
    for (const OptionRow& row : option_rows) {
      if (row.section != section) continue;
      const OptionValue value = row.member.get(options);
      if (is_missing(row, value)) continue;
      const Complaint complaint = value_fault(row, value);
      if (!complaint.empty())
        faults_.push_back(
            {{row.section, element, row.key}, name + "." + std::string(row.key) + complaint});
    }
  }

  const Options& options_;
  std::vector<OptionFault> faults_;
};

}  // namespace

std::vector<OptionFault> relation_faults(const Options& options,
                                         const std::set<OptionPlace>& refused,
                                         const OptionNames& names, const Machine* machine) {
  return Relations(options, refused, names, machine).check();
}

std::vector<OptionFault> option_faults(const Options& options, const Machine& machine) {
  std::vector<OptionFault> faults = Values(options).check();
  std::set<OptionPlace> refused;
  for (const OptionFault& fault : faults) refused.insert(fault.place);
  const IndexNames names;
  for (OptionFault& fault : relation_faults(options, refused, names, &machine))
    faults.push_back(std::move(fault));
  return faults;
}

std::string faults_text(const Options& options) {
  constexpr std::size_t lines_max = 1000;
  const std::vector<OptionFault> faults = option_faults(options, this_machine());
  std::string text;
  for (std::size_t i = 0; i < faults.size() && i < lines_max; ++i)
    text += (i == 0 ? "" : "\n") + faults[i].message;
  if (faults.size() > lines_max)
    text += "\n... and " + std::to_string(faults.size() - lines_max) + " more";
  return text;
}

std::string faults_text(const ListenOptions& listener) {
  Options options;
  options.listen.push_back(listener);
  // Somebody has to be there.
  AccountOptions& anybody = options.accounts.emplace_back();
  anybody.system_id = anybody.password = "anybody";
  return faults_text(options);
}

}  // namespace ringgate

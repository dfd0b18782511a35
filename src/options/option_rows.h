// One row per key of the configuration file, and so per member of Options. The parser, the range
// checks of files and of a program's Options, the hints for misspelt keys and docs/configuration.md
// all read these rows; defaults come from the member initialisers of options.h.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <ringgate/options.h>

#include "message/message_id.h"
#include "policy/quirk_profiles.h"
#include "routing/number_plan.h"
#include "smpp/receipt_template.h"

namespace ringgate {

/// What a key accepts in the file.
enum class OptionKind : std::uint8_t {
  integer,
  integer_or_auto,  ///< "auto" is stored as 0
  number,           ///< integers are welcome too
  text,             ///< any text; the range is its length in octets
  ascii,  ///< printable ASCII only, because it ends up in a C-octet string; range as for text
  boolean,
  ip_address,  ///< IPv4 or IPv6 literal
  digits,      ///< a number of the plan: digits, perhaps after a '+'; the range is their count
  receipt_template,  ///< compiles; the range is its length in octets
  status,            ///< name of a command_status other than ESME_ROK
  word,              ///< one of `words`
  words,             ///< array of one or more of `words`
  integers,          ///< array; the range holds for each element
  texts,             ///< array, or one text; the range is the length of each in octets
  networks,          ///< array of IPv4 or IPv6 addresses, with the length of a prefix or without
  source_rules,      ///< array of addresses, prefixes and patterns (policy/address_rules.h)
  prefixes,          ///< array of prefixes of numbers (likewise)
  err_map,           ///< table from numbers (the range) to what a receipt says in err
};

/// A value on its way between the file and its member. Which field counts follows from the row's
/// kind.
struct OptionValue {
  std::int64_t integer =
      0;  ///< integers; the code of a status; the index of a word; bit n for word n of words; 0, 1
  double number = 0;
  std::string text;
  std::vector<unsigned> integers;
  std::vector<std::string> texts;
  std::vector<ErrRow> errors;

  bool operator==(const OptionValue&) const = default;
};

/// The way to one member of Options. Inside an array section it is the member of the last element.
struct OptionMember {
  void (*set)(Options& options, const OptionValue& value);
  OptionValue (*get)(const Options& options);
};

/// A table of the file. Sections are read in the order of their rows. `array` sections are written
/// [[name]] and may occur more than once.
struct SectionRow {
  std::string_view name;
  bool array = false;
};

/// A key of the file. Keys are read in the order of their rows. Bounds are inclusive and doubles,
/// which hold every integer bound here exactly.
struct OptionRow {
  std::string_view section;
  std::string_view key;
  OptionKind kind;
  double min;
  double max;
  std::string_view unit;  ///< of the value, for people; empty for none
  std::string_view zero;  ///< what 0 stands for; where this is set, 0 is accepted even below min
  std::span<const std::string_view> words;
  OptionMember member;
  std::string_view meaning;
};

/// A word that a reader of other documentation may well try, and the reason for which it is
/// refused.
struct RefusedWordRow {
  std::string_view section;
  std::string_view key;
  std::string_view word;
  std::string_view reason;
};

namespace option_rows_detail {

template <typename T>
auto& last(T& value) {
  return value;
}
template <typename T>
auto& last(std::vector<T>& value) {
  return value.back();
}
template <typename T>
auto& last(const std::vector<T>& value) {
  return value.back();
}

template <auto first, auto... rest>
auto& reach(auto& object) {
  if constexpr (sizeof...(rest) == 0) {
    return object.*first;
  } else {
    return reach<rest...>(last(object.*first));
  }
}

inline void store(std::string& member, const OptionValue& value) { member = value.text; }
inline void store(std::vector<unsigned>& member, const OptionValue& value) {
  member = value.integers;
}
inline void store(std::vector<std::string>& member, const OptionValue& value) {
  member = value.texts;
}
inline void store(std::vector<ErrRow>& member, const OptionValue& value) { member = value.errors; }
inline void store(double& member, const OptionValue& value) { member = value.number; }
template <typename T>
void store(T& member, const OptionValue& value) {
  static_assert(std::is_integral_v<T> || std::is_enum_v<T>);
  member = static_cast<T>(value.integer);
}

inline void load(const std::string& member, OptionValue& value) { value.text = member; }
inline void load(const std::vector<unsigned>& member, OptionValue& value) {
  value.integers = member;
}
inline void load(const std::vector<std::string>& member, OptionValue& value) {
  value.texts = member;
}
inline void load(const std::vector<ErrRow>& member, OptionValue& value) { value.errors = member; }
inline void load(const double& member, OptionValue& value) { value.number = member; }
template <typename T>
void load(const T& member, OptionValue& value) {
  static_assert(std::is_integral_v<T> || std::is_enum_v<T>);
  constexpr auto max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if constexpr (std::is_same_v<T, std::uint64_t>)
    value.integer = static_cast<std::int64_t>(std::min(member, max));
  else
    value.integer = static_cast<std::int64_t>(member);
}

template <auto... path>
constexpr OptionMember member() {
  return {[](Options& options, const OptionValue& value) { store(reach<path...>(options), value); },
          [](const Options& options) {
            OptionValue value;
            load(reach<path...>(options), value);
            return value;
          }};
}

/// The bind modes are three bools in Options and one array in the file.
inline constexpr OptionMember bind_member{[](Options& options, const OptionValue& value) {
                                            AccountOptions& account = options.accounts.back();
                                            account.bind_tx = (value.integer & 1) != 0;
                                            account.bind_rx = (value.integer & 2) != 0;
                                            account.bind_trx = (value.integer & 4) != 0;
                                          },
                                          [](const Options& options) {
                                            const AccountOptions& account = options.accounts.back();
                                            OptionValue value;
                                            value.integer = (account.bind_tx ? 1 : 0) |
                                                            (account.bind_rx ? 2 : 0) |
                                                            (account.bind_trx ? 4 : 0);
                                            return value;
                                          }};

// Words stand in the order of their enumerators: the index is the value.
inline constexpr std::string_view store_words[] = {"none", "journal"};
static_assert(store_words[static_cast<int>(StoreMode::none)] == "none");
static_assert(store_words[static_cast<int>(StoreMode::journal)] == "journal");
inline constexpr std::string_view backend_words[] = {"sim"};
static_assert(static_cast<int>(BackendKind::sim) == 0);
inline constexpr std::string_view delay_words[] = {"constant", "uniform", "exponential"};
static_assert(delay_words[static_cast<int>(SimDelay::constant)] == "constant");
static_assert(delay_words[static_cast<int>(SimDelay::uniform)] == "uniform");
static_assert(delay_words[static_cast<int>(SimDelay::exponential)] == "exponential");
inline constexpr std::string_view bind_words[] = {"tx", "rx", "trx"};
inline constexpr std::string_view tls_words[] = {"optional", "required"};
static_assert(tls_words[static_cast<int>(TlsDemand::required)] == "required");
inline constexpr std::string_view client_certificate_words[] = {"none", "optional", "required"};
static_assert(client_certificate_words[static_cast<int>(ClientCertificate::optional)] ==
              "optional");
static_assert(client_certificate_words[static_cast<int>(ClientCertificate::required)] ==
              "required");
inline constexpr std::string_view tls_version_words[] = {"1.2", "1.3"};
static_assert(tls_version_words[static_cast<int>(TlsVersion::tls13)] == "1.3");
inline constexpr std::string_view over_rate_words[] = {"reject", "pace"};
static_assert(over_rate_words[static_cast<int>(OverRate::reject)] == "reject");
static_assert(over_rate_words[static_cast<int>(OverRate::pace)] == "pace");
inline constexpr std::string_view receipts_words[] = {"any", "same_bind", "round_robin"};
static_assert(receipts_words[static_cast<int>(ReceiptRouting::any)] == "any");
static_assert(receipts_words[static_cast<int>(ReceiptRouting::same_bind)] == "same_bind");
static_assert(receipts_words[static_cast<int>(ReceiptRouting::round_robin)] == "round_robin");

inline constexpr std::string_view id_words[] = {"hex", "decimal", "uuid"};
static_assert(id_words[static_cast<int>(IdFormat::hex)] == "hex");
static_assert(id_words[static_cast<int>(IdFormat::decimal)] == "decimal");
static_assert(id_words[static_cast<int>(IdFormat::uuid)] == "uuid");
inline constexpr std::string_view receipt_pdu_words[] = {"deliver_sm", "data_sm"};
static_assert(receipt_pdu_words[static_cast<int>(ReceiptPdu::deliver_sm)] == "deliver_sm");
static_assert(receipt_pdu_words[static_cast<int>(ReceiptPdu::data_sm)] == "data_sm");
inline constexpr std::string_view alphabet_words[] = {"gsm7", "gsm7_packed", "latin1", "ascii",
                                                      "utf8"};
static_assert(alphabet_words[static_cast<int>(DefaultAlphabet::gsm7)] == "gsm7");
static_assert(alphabet_words[static_cast<int>(DefaultAlphabet::gsm7_packed)] == "gsm7_packed");
static_assert(alphabet_words[static_cast<int>(DefaultAlphabet::latin1)] == "latin1");
static_assert(alphabet_words[static_cast<int>(DefaultAlphabet::ascii)] == "ascii");
static_assert(alphabet_words[static_cast<int>(DefaultAlphabet::utf8)] == "utf8");
inline constexpr std::string_view error_body_words[] = {"none", "nul"};
static_assert(error_body_words[static_cast<int>(ErrorBody::none)] == "none");
static_assert(error_body_words[static_cast<int>(ErrorBody::nul)] == "nul");
inline constexpr std::string_view too_long_words[] = {"refuse", "truncate", "pass"};
static_assert(too_long_words[static_cast<int>(SourceTooLong::refuse)] == "refuse");
static_assert(too_long_words[static_cast<int>(SourceTooLong::truncate)] == "truncate");
static_assert(too_long_words[static_cast<int>(SourceTooLong::pass)] == "pass");
inline constexpr std::string_view scheduled_words[] = {"honour", "ignore", "refuse"};
static_assert(scheduled_words[static_cast<int>(ScheduledDelivery::honour)] == "honour");
static_assert(scheduled_words[static_cast<int>(ScheduledDelivery::ignore)] == "ignore");
static_assert(scheduled_words[static_cast<int>(ScheduledDelivery::refuse)] == "refuse");

/// A profile brings all its switches, so it has to be set before those that differ from it.
inline constexpr OptionMember profile_member{
    [](Options& options, const OptionValue& value) {
      const auto index = static_cast<std::size_t>(value.integer);
      options.accounts.back().quirks = *find_profile(quirk_profile_names[index]);
    },
    [](const Options& options) {
      OptionValue value;
      value.text = options.accounts.back().quirks.profile;
      for (const std::string_view name : quirk_profile_names) {
        if (name == value.text) break;
        ++value.integer;
      }
      return value;
    }};

/// A member whose values are named one by one: word n is values[n]. What is none of them has the
/// index behind the last.
template <const auto& values, auto... path>
constexpr OptionMember listed() {
  return {[](Options& options, const OptionValue& value) {
            reach<path...>(options) = values[static_cast<std::size_t>(value.integer)];
          },
          [](const Options& options) {
            const auto found = std::find(values.begin(), values.end(), reach<path...>(options));
            OptionValue value;
            value.integer = found - values.begin();
            return value;
          }};
}

inline constexpr std::string_view version_words[] = {"as_bound", "3.3", "3.4", "5.0"};
inline constexpr std::array<std::uint8_t, 4> version_values{0, 0x33, 0x34, 0x50};
inline constexpr std::string_view unknown_words[] = {"ESME_RBINDFAIL", "ESME_RINVSYSID"};
inline constexpr std::array<Status, 2> unknown_values{Status::ESME_RBINDFAIL,
                                                      Status::ESME_RINVSYSID};
inline constexpr std::string_view credentials_words[] = {"ESME_RBINDFAIL", "ESME_RINVPASWD"};
inline constexpr std::array<Status, 2> credentials_values{Status::ESME_RBINDFAIL,
                                                          Status::ESME_RINVPASWD};

/// The largest integer up to which doubles, and so JSON tools, hold every integer.
inline constexpr double integer_exact_max = 9'007'199'254'740'991;
inline constexpr double day_ms = 86'400'000;
inline constexpr double password_max = 64;
inline constexpr double digits_max = plan_digits_max;

}  // namespace option_rows_detail

inline constexpr SectionRow section_rows[] = {
    {"node"},           {"cores"},        {"listen", true},  {"listen.tls"},
    {"store"},          {"backend"},      {"backend.sim"},   {"backend.sim.outcomes"},
    {"backend.sim.mo"}, {"limits"},       {"accounts"},      {"account", true},
    {"account.quirks"}, {"number", true}, {"long_messages"},
};

// clang-format would put every field of a row on a line of its own; a table is read by its columns.
// clang-format off
namespace option_rows_detail {
using O = Options;
using K = OptionKind;
using A = AccountOptions;
using L = LimitsOptions;
using S = SimOptions;
using W = SimOutcomes;
using M = SimMoOptions;
using Q = QuirkOptions;
using N = NumberOptions;
using G = LongMessageOptions;
using T = ListenTlsOptions;
template <auto m> inline constexpr OptionMember listen_tls =
    member<&O::listen, &ListenOptions::tls, m>();
template <auto m> inline constexpr OptionMember limit = member<&O::limits, m>();
template <auto m> inline constexpr OptionMember sim =
    member<&O::backend, &BackendOptions::sim, m>();
template <auto m> inline constexpr OptionMember weight =
    member<&O::backend, &BackendOptions::sim, &S::outcomes, m>();
template <auto m> inline constexpr OptionMember mo =
    member<&O::backend, &BackendOptions::sim, &S::mo, m>();
template <auto m> inline constexpr OptionMember account = member<&O::accounts, m>();
template <auto m> inline constexpr OptionMember quirk = member<&O::accounts, &A::quirks, m>();
template <auto m, const auto& values> inline constexpr OptionMember listed_quirk =
    listed<values, &O::accounts, &A::quirks, m>();
template <auto m> inline constexpr OptionMember number = member<&O::numbers, m>();
template <auto m> inline constexpr OptionMember long_message = member<&O::long_messages, m>();

// section, key, kind, min, max, unit, zero, words, member, meaning
inline constexpr OptionRow rows[] = {
    {"node", "id", K::integer, 0, 255, "", "", {},
     member<&O::node, &NodeOptions::id>(), "part of every message id; different for every node"},
    {"node", "permuted_ids", K::boolean, 0, 0, "", "", {},
     member<&O::node, &NodeOptions::permuted_ids>(),
     "message ids show no order, so that nobody can guess those of others from his own"},
    {"node", "system_id", K::ascii, 0, 15, "", "", {},
     member<&O::node, &NodeOptions::system_id>(), "ours, in bind responses"},
    {"node", "unknown_system_id", K::word, 0, 0, "", "", unknown_words,
     listed<unknown_values, &O::node, &NodeOptions::unknown_system_id>(),
     "command_status of a bind with a system_id that no account has"},
    {"node", "data_dir", K::text, 1, 4096, "", "", {},
     member<&O::node, &NodeOptions::data_dir>(),
     "directory for the node's files; unused with store.mode \"none\""},
    {"node", "pid_file", K::text, 1, 4096, "", "", {},
     member<&O::node, &NodeOptions::pid_file>(),
     "file with the number of the process, by which `ringgate reload` finds it"},
    {"node", "user", K::text, 1, 32, "", "", {},
     member<&O::node, &NodeOptions::user>(),
     "whom the daemon becomes when root starts it; root's rights but that to low ports are given up "
     "before anything is read from the network"},
    {"node", "core_dumps", K::boolean, 0, 0, "", "", {},
     member<&O::node, &NodeOptions::core_dumps>(),
     "true: a crash may leave the daemon's memory, secrets too, in a file"},

    {"cores", "shards", K::integer_or_auto, 1, short_shards_max, "", "", {},
     member<&O::cores, &CoresOptions::shards>(),
     "threads that serve clients; \"auto\" is one per CPU this process may use; an id of SMPP 3.3 "
     "has room for 64"},
    {"cores", "pin", K::integers, 0, 1023, "", "", {},
     member<&O::cores, &CoresOptions::pin>(),
     "CPU of each shard, at least one per shard, that this machine has; empty takes the allowed CPUs in order"},
    {"cores", "busy_poll_us", K::integer, 0, 10'000, "", "", {},
     member<&O::cores, &CoresOptions::busy_poll_us>(),
     "microseconds that a shard looks for work before it sleeps: lower latencies for CPU time, where "
     "shards have CPUs of their own"},

    {"listen", "address", K::ip_address, 0, 0, "", "", {},
     member<&O::listen, &ListenOptions::address>(), "address to listen on"},
    {"listen", "port", K::integer, 1, 65535, "", "any free port", {},
     member<&O::listen, &ListenOptions::port>(), "TCP port"},
    {"listen", "networks", K::networks, 0, 0, "", "", {},
     member<&O::listen, &ListenOptions::networks>(),
     "where connections may come from; others are closed at once; empty is anywhere"},
    {"listen", "proxy_from", K::networks, 0, 0, "", "", {},
     member<&O::listen, &ListenOptions::proxy_from>(),
     "load balancers: a connection from there has to begin with the PROXY protocol (1 or 2), and "
     "counts as its client's; from elsewhere none may"},
    {"listen", "rate", K::number, 0.001, 1e7, "per second", "no limit", {},
     member<&O::listen, &ListenOptions::rate>(), "submits of all connections that came by it"},
    {"listen", "burst", K::integer, 1, 1'000'000, "", "a second's worth, at least 1", {},
     member<&O::listen, &ListenOptions::burst>(),
     "submits that may come at once after a pause; with a rate only"},
    {"listen", "over_rate", K::word, 0, 0, "", "", over_rate_words,
     member<&O::listen, &ListenOptions::over_rate>(),
     "what happens above rate: the submit is refused, or reading waits"},
    {"listen", "rate_status", K::status, 0, 0, "", "", {},
     member<&O::listen, &ListenOptions::rate_status>(), "command_status of what rate refuses"},
    {"listen.tls", "cert", K::texts, 1, 4096, "", "", {},
     listen_tls<&T::cert>, "PEM files, each a certificate and those that lead to its root; a client gets the one "
     "that has the name it asks for (SNI), or the first"},
    {"listen.tls", "key", K::texts, 1, 4096, "", "", {},
     listen_tls<&T::key>, "PEM files with the key of each"},
    {"listen.tls", "client_ca", K::text, 1, 4096, "", "", {},
     listen_tls<&T::client_ca>, "PEM file with the roots of clients' certificates"},
    {"listen.tls", "client_certificate", K::word, 0, 0, "", "", client_certificate_words,
     listen_tls<&T::client_certificate>, "whether clients show certificates, which are verified"},
    {"listen.tls", "min_version", K::word, 0, 0, "", "", tls_version_words,
     listen_tls<&T::min_version>, "the oldest version of TLS that is spoken"},
    {"listen.tls", "ciphers", K::ascii, 1, 4096, "", "", {},
     listen_tls<&T::ciphers>, "cipher suites as wolfSSL names them, with colons between; without, those with "
     "forward secrecy and authenticated encryption"},

    {"store", "mode", K::word, 0, 0, "", "", store_words,
     member<&O::store, &StoreOptions::mode>(),
     "where accepted messages are kept; \"none\" is memory only, so a crash loses what is open"},
    {"store", "max_bytes", K::integer, 16'777'216, integer_exact_max, "octets", "", {},
     member<&O::store, &StoreOptions::max_bytes>(),
     "of all files together; when they are full, new submits get ESME_RMSGQFUL"},
    {"store", "segment_bytes", K::integer, 1'048'576, 1'073'741'824, "octets", "", {},
     member<&O::store, &StoreOptions::segment_bytes>(),
     "of one file, a multiple of 4096; every shard has at least four"},
    {"store", "keep_states_s", K::integer, 1, 31'536'000, "s", "", {},
     member<&O::store, &StoreOptions::keep_states_s>(),
     "how long query_sm knows what a message ended with"},
    {"store", "max_states", K::integer, 1, 16'777'216, "", "", {},
     member<&O::store, &StoreOptions::max_states>(),
     "... and of how many messages per shard, the last ones: 32 octets of memory and 40 of the "
     "journal each, a sixteenth of it at the most; states_lost counts what goes early"},
    {"store", "leave_journal", K::boolean, 0, 0, "", "", {},
     member<&O::store, &StoreOptions::leave_journal>(),
     "with mode \"none\": start although data_dir holds a journal with open messages, which wait"},

    {"backend", "kind", K::word, 0, 0, "", "", backend_words,
     member<&O::backend, &BackendOptions::kind>(),
     "what carries the messages; \"sim\" is the built-in simulator"},
    {"backend.sim", "delay_ms", K::integer, 0, day_ms, "ms", "", {},
     sim<&S::delay_ms>, "mean time from the answer to the outcome"},
    {"backend.sim", "delay_distribution", K::word, 0, 0, "", "", delay_words,
     sim<&S::delay_distribution>, "how the delay varies around its mean"},
    {"backend.sim", "submit_error_rate", K::number, 0, 1, "", "", {},
     sim<&S::submit_error_rate>, "share of submits answered with submit_error"},
    {"backend.sim", "submit_error", K::status, 0, 0, "", "", {},
     sim<&S::submit_error>, "command_status of those answers"},
    {"backend.sim", "seed", K::integer, 0, integer_exact_max, "", "", {},
     sim<&S::seed>, "start of the random sequence; the same seed draws the same outcomes"},
    {"backend.sim", "history", K::integer, 1024, 16'777'216, "", "", {},
     sim<&S::history>, "messages per shard whose state is remembered for query_sm"},
    {"backend.sim.outcomes", "delivered", K::number, 0, 1e6, "", "", {},
     weight<&W::delivered>,
     "weight of DELIVRD among the outcomes; 0 where outcomes are given without it"},
    {"backend.sim.outcomes", "expired", K::number, 0, 1e6, "", "", {},
     weight<&W::expired>, "weight of EXPIRED"},
    {"backend.sim.outcomes", "deleted", K::number, 0, 1e6, "", "", {},
     weight<&W::deleted>, "weight of DELETED"},
    {"backend.sim.outcomes", "undeliverable", K::number, 0, 1e6, "", "", {},
     weight<&W::undeliverable>, "weight of UNDELIV"},
    {"backend.sim.outcomes", "accepted", K::number, 0, 1e6, "", "", {},
     weight<&W::accepted>, "weight of ACCEPTD"},
    {"backend.sim.outcomes", "unknown", K::number, 0, 1e6, "", "", {},
     weight<&W::unknown>, "weight of UNKNOWN"},
    {"backend.sim.outcomes", "rejected", K::number, 0, 1e6, "", "", {},
     weight<&W::rejected>, "weight of REJECTD"},
    {"backend.sim.mo", "rate", K::number, 0.001, 1e6, "per second", "none", {},
     mo<&M::rate>, "messages from subscribers that each shard makes"},
    {"backend.sim.mo", "source", K::ascii, 1, 20, "", "", {},
     mo<&M::source>, "who sends them"},
    {"backend.sim.mo", "destination", K::ascii, 1, 20, "", "", {},
     mo<&M::destination>, "a number of the plan ([[number]]); required where there is a rate"},
    {"backend.sim.mo", "text", K::text, 1, 160, "", "", {},
     mo<&M::text>, "what they say"},

    {"limits", "session_init_ms", K::integer, 100, day_ms, "ms", "", {},
     limit<&L::session_init_ms>, "longest time from connect to successful bind"},
    {"limits", "bind_verdict_ms", K::integer, 100, day_ms, "ms", "", {},
     limit<&L::bind_verdict_ms>,
     "how long a program that embeds the server, with a gate, may take to decide a bind"},
    {"limits", "enquire_link_ms", K::integer, 100, day_ms, "ms", "never", {},
     limit<&L::enquire_link_ms>, "silence after which the server sends enquire_link"},
    {"limits", "inactivity_ms", K::integer, 100, day_ms, "ms", "never", {},
     limit<&L::inactivity_ms>,
     "time with nothing but enquire_link after which a bound session ends"},
    {"limits", "response_ms", K::integer, 100, day_ms, "ms", "", {},
     limit<&L::response_ms>, "how long the server's requests wait for their response"},
    {"limits", "max_pdu", K::integer, 1024, 1'048'576, "octets", "", {},
     limit<&L::max_pdu>, "longest PDU accepted"},
    {"limits", "max_connections", K::integer, 1, 1'000'000, "", "", {},
     limit<&L::max_connections>, "connections over all shards"},
    {"limits", "max_unbound", K::integer, 1, 1'000'000, "", "a quarter of max_connections", {},
     limit<&L::max_unbound>,
     "connections that have not bound, at most max_connections; when there are more, the one silent "
     "longest is closed"},
    {"limits", "max_unbound_per_address", K::integer, 1, 1'000'000, "", "half of max_unbound", {},
     limit<&L::max_unbound_per_address>, "of these, those from one address (IPv6: one /64)"},
    {"limits", "max_unbound_pdu", K::integer, 128, 1'048'576, "octets", "", {},
     limit<&L::max_unbound_pdu>, "longest PDU accepted before the bind"},
    {"limits", "account_share", K::number, 0.01, 1, "", "", {},
     limit<&L::account_share>,
     "of each shard's open messages, journal and memory, what one account may have where there are several"},
    {"limits", "max_open_messages", K::integer, 1, 16'777'216, "", "", {},
     limit<&L::max_open_messages>,
     "accepted and not yet ended messages per shard, their receipts included"},
    {"limits", "receipt_expiry_s", K::integer, 1, 2'592'000, "s", "", {},
     limit<&L::receipt_expiry_s>, "how long a receipt waits for a bind that takes it"},
    {"limits", "drain_ms", K::integer, 0, 600'000, "ms", "", {},
     limit<&L::drain_ms>, "how long an orderly end (SIGTERM) may take"},
    {"limits", "password_threads", K::integer, 1, 16, "", "", {},
     limit<&L::password_threads>, "threads that compare passwords with password_hash"},
    {"limits", "tls_threads", K::integer, 1, 16, "", "", {},
     limit<&L::tls_threads>, "threads that shake hands, beside the shards"},
    {"limits", "handshake_rate", K::integer, 1, 1'000'000, "per second", "no limit", {},
     limit<&L::handshake_rate>, "TLS handshakes that are begun; more wait"},
    {"limits", "bind_failures_max", K::integer, 1, 1'000'000, "", "no limit", {},
     limit<&L::bind_failures_max>,
     "wrong passwords for one system_id from one address, per shard, after which it is blocked"},
    {"limits", "bind_failures_address_max", K::integer, 1, 1'000'000, "", "no limit", {},
     limit<&L::bind_failures_address_max>,
     "wrong passwords from one address, per shard, after which it is blocked altogether"},
    {"limits", "bind_block_s", K::integer, 1, 86'400, "s", "", {},
     limit<&L::bind_block_s>,
     "how long a block refuses binds unheard; in five times that a whole limit is forgiven"},
    {"limits", "ghost_probe_ms", K::integer, 100, 60'000, "ms", "never", {},
     limit<&L::ghost_probe_ms>,
     "when an account has all its binds and another comes: how long a silent one from the same "
     "address has to answer an enquire_link before it gives way"},

    {"accounts", "dir", K::text, 1, 4096, "", "", {},
     member<&O::account_files, &AccountFilesOptions::dir>(),
     "directory of files `*.toml` with one account each: the keys of one [[account]], without that "
     "line, and a [quirks]; seen from the directory of this file"},

    {"account", "system_id", K::ascii, 1, 15, "", "", {},
     account<&A::system_id>, "name the client binds with; required, unique"},
    {"account", "enabled", K::boolean, 0, 0, "", "", {},
     account<&A::enabled>,
     "false: nobody may bind as this account, and its binds are unbound; what waits for it stays"},
    {"account", "password", K::ascii, 1, password_max, "", "", {},
     account<&A::password>,
     "plain password, of up to 8 characters as SMPP has it, or more with quirks.long_passwords; give "
     "this or password_hash"},
    {"account", "password_hash", K::ascii, 1, 384, "", "", {},
     account<&A::password_hash>, "hashed password as mkpasswd writes it: $y$, $6$, $2b$ or another form of crypt(5), whole"},
    {"account", "next_password", K::ascii, 1, password_max, "", "", {},
     account<&A::next_password>,
     "another password that is right as well, while clients change from one to the other"},
    {"account", "next_password_hash", K::ascii, 1, 384, "", "", {},
     account<&A::next_password_hash>, "the same, hashed"},
    {"account", "tls", K::word, 0, 0, "", "", tls_words,
     account<&A::tls>, "\"required\": a bind in plain is refused"},
    {"account", "certificate", K::text, 1, 255, "", "", {},
     account<&A::certificate>, "name that the client's certificate has to have: common name of the subject, or "
     "alternative name"},
    {"account", "networks", K::networks, 0, 0, "", "", {},
     account<&A::networks>, "where it may bind from; empty is anywhere"},
    {"account", "submits", K::boolean, 0, 0, "", "", {},
     account<&A::submits>, "false: its submits get ESME_RSUBMITFAIL; it may bind, and gets what waits for it"},
    {"account", "bind", K::words, 0, 0, "", "", bind_words,
     bind_member, "ways in which the client may bind"},
    {"account", "max_binds", K::integer, 1, 100'000, "", "no limit", {},
     account<&A::max_binds>, "binds at the same time, over all shards"},
    {"account", "max_binds_tx", K::integer, 1, 100'000, "", "no limit", {},
     account<&A::max_binds_tx>, "... as transmitter"},
    {"account", "max_binds_rx", K::integer, 1, 100'000, "", "no limit", {},
     account<&A::max_binds_rx>, "... as receiver"},
    {"account", "max_binds_trx", K::integer, 1, 100'000, "", "no limit", {},
     account<&A::max_binds_trx>, "... as transceiver"},
    {"account", "max_binds_per_address", K::integer, 1, 100'000, "", "no limit", {},
     account<&A::max_binds_per_address>, "... from one address (IPv6: one /64)"},
    {"account", "sources", K::source_rules, 1, 255, "", "", {},
     account<&A::sources>, "addresses it may send from (see below); others get ESME_RINVSRCADR; empty is any"},
    {"account", "destinations", K::prefixes, 1, 20, "", "", {},
     account<&A::destinations>, "prefixes of numbers it may send to; others get ESME_RINVDSTADR; empty is any"},
    {"account", "denied_destinations", K::prefixes, 1, 20, "", "", {},
     account<&A::denied_destinations>,
     "prefixes of numbers it may not send to; of these and the last the longest that fits decides"},
    {"account", "rate", K::number, 0.001, 1e7, "per second", "no limit", {},
     account<&A::rate>, "submits over all binds and shards"},
    {"account", "burst", K::integer, 1, 1'000'000, "", "a second's worth, at least 1", {},
     account<&A::burst>, "submits that may come at once after a pause; with a rate only"},
    {"account", "operation_rate", K::number, 0.001, 1e7, "per second", "no limit", {},
     account<&A::operation_rate>,
     "query_sm, cancel_sm, replace_sm and broadcast operations over all binds and shards; a "
     "cancel_sm without an id counts as ten"},
    {"account", "over_rate", K::word, 0, 0, "", "", over_rate_words,
     account<&A::over_rate>,
     "what happens above rate and bind_rate: the submit is refused, or reading waits"},
    {"account", "rate_status", K::status, 0, 0, "", "", {},
     account<&A::rate_status>, "command_status of what rate refuses"},
    {"account", "bind_rate", K::number, 0.001, 1e7, "per second", "no limit", {},
     account<&A::bind_rate>, "submits of each bind"},
    {"account", "bind_burst", K::integer, 1, 1'000'000, "", "a second's worth, at least 1", {},
     account<&A::bind_burst>, "submits of a bind that may come at once; with a bind_rate only"},
    {"account", "bind_rate_status", K::status, 0, 0, "", "", {},
     account<&A::bind_rate_status>, "command_status of what bind_rate refuses"},
    {"account", "minute_quota", K::integer, 1, 4'294'967'295, "", "no limit", {},
     account<&A::minute_quota>, "submits from one full minute to the next, over all binds and shards"},
    {"account", "minute_quota_status", K::status, 0, 0, "", "", {},
     account<&A::minute_quota_status>, "command_status of those above it"},
    {"account", "day_quota", K::integer, 1, 4'294'967'295, "", "no limit", {},
     account<&A::day_quota>, "submits from one midnight (UTC) to the next, over all binds and shards"},
    {"account", "day_quota_status", K::status, 0, 0, "", "", {},
     account<&A::day_quota_status>, "command_status of those above it"},
    {"account", "submit_window", K::integer, 1, 65535, "", "", {},
     account<&A::submit_window>, "unanswered submits per bind before reading stops"},
    {"account", "deliver_window", K::integer, 1, 65535, "", "", {},
     account<&A::deliver_window>, "unanswered deliver_sm per bind"},
    {"account", "receipts", K::word, 0, 0, "", "", receipts_words,
     account<&A::receipts>,
     "bind that gets a receipt: any with room, the one that submitted, or each in turn"},
    {"account", "max_open", K::integer, 1, 16'777'216, "", "account_share of max_open_messages", {},
     account<&A::max_open>, "open messages per shard, receipt or not; more get ESME_RMSGQFUL"},
    {"account", "max_journal_bytes", K::integer, 65'536, 1'099'511'627'776, "octets",
     "account_share of the store", {},
     account<&A::max_journal_bytes>, "of open messages in each shard's journal"},
    {"account", "max_outbox", K::integer, 1, 16'777'216, "", "", {},
     account<&A::max_outbox>,
     "open messages per shard that may owe a receipt; more get ESME_RMSGQFUL"},
    {"account", "resubmit_window_s", K::integer, 1, 86'400, "s", "off", {},
     account<&A::resubmit_window_s>,
     "how long a submit that is sent again, with the same reference, gets the first one's id"},
    {"account", "resubmit_tag", K::integer, 1, 65'535, "", "", {},
     account<&A::resubmit_tag>,
     "TLV that holds the reference; 516 (0x0204) is user_message_reference"},

    {"account.quirks", "profile", K::word, 0, 0, "", "", quirk_profile_names,
     profile_member, "named set of switches (see below); the other keys differ from it"},
    {"account.quirks", "message_id", K::word, 0, 0, "", "", id_words,
     quirk<&Q::message_id>, "how message ids look; below 3.4 always eight hexadecimal digits"},
    {"account.quirks", "receipt_template", K::receipt_template, 0, 508, "", "", {},
     quirk<&Q::receipt_template>, "text of receipts (see below); empty is 3.4 Appendix B"},
    {"account.quirks", "receipt_tlvs", K::boolean, 0, 0, "", "", {},
     quirk<&Q::receipt_tlvs>,
     "receipted_message_id, message_state and network_error_code in receipts, from 3.4 on"},
    {"account.quirks", "receipt_pdu", K::word, 0, 0, "", "", receipt_pdu_words,
     quirk<&Q::receipt_pdu>, "PDU that carries receipts; below 3.4 always deliver_sm"},
    {"account.quirks", "receipt_swaps_addresses", K::boolean, 0, 0, "", "", {},
     quirk<&Q::receipt_swaps_addresses>,
     "receipts come from the message's destination; false keeps its addresses as submitted"},
    {"account.quirks", "err_map", K::err_map, 0, 999, "", "", {},
     quirk<&Q::err_map>,
     "err of receipts by error of the backend, such as {\"1\" = \"005\"}; others as they are"},
    {"account.quirks", "default_alphabet", K::word, 0, 0, "", "", alphabet_words,
     quirk<&Q::default_alphabet>, "what data_coding 0 means"},
    {"account.quirks", "strip_trailing_nul", K::boolean, 0, 0, "", "", {},
     quirk<&Q::strip_trailing_nul>, "one NUL at the end of short_message is not text"},
    {"account.quirks", "error_body", K::word, 0, 0, "", "", error_body_words,
     quirk<&Q::error_body>, "what follows the header of an error response: nothing, or one NUL"},
    {"account.quirks", "interface_version", K::word, 0, 0, "", "", version_words,
     listed_quirk<&Q::interface_version, version_values>,
     "version to speak, whatever the client's bind says"},
    {"account.quirks", "source_addr_max", K::integer, 1, 20, "", "", {},
     quirk<&Q::source_addr_max>, "characters of source_addr"},
    {"account.quirks", "source_too_long", K::word, 0, 0, "", "", too_long_words,
     quirk<&Q::source_too_long>, "what happens to a longer source_addr"},
    {"account.quirks", "scheduled_delivery", K::word, 0, 0, "", "", scheduled_words,
     quirk<&Q::scheduled_delivery>, "what happens with schedule_delivery_time"},
    {"account.quirks", "strict_ton_npi", K::boolean, 0, 0, "", "", {},
     quirk<&Q::strict_ton_npi>, "reserved values of ton and npi are refused"},
    {"account.quirks", "lenient_data_coding", K::boolean, 0, 0, "", "", {},
     quirk<&Q::lenient_data_coding>,
     "reserved values of data_coding pass; without, they get ESME_RINVDCS"},
    {"account.quirks", "replace_sm_service_type", K::boolean, 0, 0, "", "", {},
     quirk<&Q::replace_sm_service_type>, "replace_sm begins with a service_type, as Kannel's does"},
    {"account.quirks", "long_passwords", K::boolean, 0, 0, "", "", {},
     quirk<&Q::long_passwords>,
     "its binds may have passwords of up to 64 characters; without, above 8 they get ESME_RINVPASWD"},
    {"account.quirks", "wrong_credentials", K::word, 0, 0, "", "", credentials_words,
     listed_quirk<&Q::wrong_credentials, credentials_values>,
     "command_status of a bind with a wrong password"},

    {"number", "exact", K::digits, 1, digits_max, "", "", {},
     number<&N::exact>, "one number"},
    {"number", "prefix", K::digits, 1, digits_max, "", "", {},
     number<&N::prefix>, "all numbers that begin so"},
    {"number", "first", K::digits, 1, digits_max, "", "", {},
     number<&N::first>, "a range of numbers of the same length, from this one"},
    {"number", "last", K::digits, 1, digits_max, "", "", {},
     number<&N::last>, "... to this one, both included"},
    {"number", "account", K::ascii, 1, 15, "", "", {},
     number<&N::account>, "system_id of the account that gets the messages; required"},

    {"long_messages", "expiry_s", K::integer, 1, 86'400, "s", "", {},
     long_message<&G::expiry_s>, "how long the missing parts may take, from the first to arrive"},
    {"long_messages", "max_per_account", K::integer, 1, 1'000'000, "", "", {},
     long_message<&G::max_per_account>, "incomplete messages of an account, per shard"},
    {"long_messages", "max_octets", K::integer, 65'536, 4'294'967'295, "octets", "", {},
     long_message<&G::max_octets>, "of incomplete messages, per shard"},
};
}  // namespace option_rows_detail

inline constexpr std::span<const OptionRow> option_rows = option_rows_detail::rows;

inline constexpr RefusedWordRow refused_word_rows[] = {
    {"store", "mode", "rocksdb", "is no store of this server; use \"journal\""},
};
// clang-format on

/// The row of section and key; null if there is none.
constexpr const OptionRow* option_row(std::string_view section, std::string_view key) {
  for (const OptionRow& row : option_rows)
    if (row.section == section && row.key == key) return &row;
  return nullptr;
}

/// The row of a section; null if there is none.
constexpr const SectionRow* section_row(std::string_view name) {
  for (const SectionRow& row : section_rows)
    if (row.name == name) return &row;
  return nullptr;
}

}  // namespace ringgate

// One row per key of the configuration file. The parser, its range checks, the hints for misspelt
// keys and docs/configuration.md all read these rows; defaults come from the member initialisers of
// options.h.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <ringgate/options.h>

namespace ringgate {

/// What a key accepts in the file.
enum class OptionKind : std::uint8_t {
  integer,
  integer_or_auto,  ///< "auto" is stored as 0
  number,           ///< integers are welcome too
  text,             ///< any text; the range is its length in octets
  ascii,       ///< printable ASCII only, because it ends up in a C-octet string; range as for text
  ip_address,  ///< IPv4 or IPv6 literal
  status,      ///< name of a command_status other than ESME_ROK
  word,        ///< one of `words`
  words,       ///< array of one or more of `words`
  integers,    ///< array; the range holds for each element
};

/// A value on its way between the file and its member. Which field counts follows from the row's
/// kind.
struct OptionValue {
  std::int64_t integer =
      0;  ///< integers; the code of a status; the index of a word; bit n for word n of words
  double number = 0;
  std::string text;
  std::vector<unsigned> integers;
};

/// The way to one member of Options. Inside an array section it is the member of the last element.
struct OptionMember {
  void (*set)(Options& options, const OptionValue& value);
  OptionValue (*get)(const Options& options);
};

/// A table of the file. `array` sections are written [[name]] and may occur more than once.
struct SectionRow {
  std::string_view name;
  bool array = false;
};

/// A key of the file. Bounds are inclusive and doubles, which hold every integer bound here
/// exactly.
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
inline void load(const double& member, OptionValue& value) { value.number = member; }
template <typename T>
void load(const T& member, OptionValue& value) {
  static_assert(std::is_integral_v<T> || std::is_enum_v<T>);
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
inline constexpr std::string_view store_words[] = {"none"};
static_assert(static_cast<int>(StoreMode::none) == 0);
inline constexpr std::string_view backend_words[] = {"sim"};
static_assert(static_cast<int>(BackendKind::sim) == 0);
inline constexpr std::string_view delay_words[] = {"constant", "uniform", "exponential"};
static_assert(delay_words[static_cast<int>(SimDelay::constant)] == "constant");
static_assert(delay_words[static_cast<int>(SimDelay::uniform)] == "uniform");
static_assert(delay_words[static_cast<int>(SimDelay::exponential)] == "exponential");
inline constexpr std::string_view bind_words[] = {"tx", "rx", "trx"};
inline constexpr std::string_view over_rate_words[] = {"reject", "pace"};
static_assert(over_rate_words[static_cast<int>(OverRate::reject)] == "reject");
static_assert(over_rate_words[static_cast<int>(OverRate::pace)] == "pace");
inline constexpr std::string_view receipts_words[] = {"any", "same_bind", "round_robin"};
static_assert(receipts_words[static_cast<int>(ReceiptRouting::any)] == "any");
static_assert(receipts_words[static_cast<int>(ReceiptRouting::same_bind)] == "same_bind");
static_assert(receipts_words[static_cast<int>(ReceiptRouting::round_robin)] == "round_robin");

/// The largest integer up to which doubles, and so JSON tools, hold every integer.
inline constexpr double integer_exact_max = 9'007'199'254'740'991;
inline constexpr double day_ms = 86'400'000;

}  // namespace option_rows_detail

inline constexpr SectionRow section_rows[] = {
    {"node"},          {"cores"},       {"listen", true},         {"store"},
    {"backend"},       {"backend.sim"}, {"backend.sim.outcomes"}, {"limits"},
    {"account", true},
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
template <auto m> inline constexpr OptionMember limit = member<&O::limits, m>();
template <auto m> inline constexpr OptionMember sim =
    member<&O::backend, &BackendOptions::sim, m>();
template <auto m> inline constexpr OptionMember weight =
    member<&O::backend, &BackendOptions::sim, &S::outcomes, m>();
template <auto m> inline constexpr OptionMember account = member<&O::accounts, m>();

// section, key, kind, min, max, unit, zero, words, member, meaning
inline constexpr OptionRow rows[] = {
    {"node", "id", K::integer, 0, 255, "", "", {},
     member<&O::node, &NodeOptions::id>(), "part of every message id; different for every node"},
    {"node", "data_dir", K::text, 1, 4096, "", "", {},
     member<&O::node, &NodeOptions::data_dir>(),
     "directory for the node's files; unused with store.mode \"none\""},

    {"cores", "shards", K::integer_or_auto, 1, 256, "", "", {},
     member<&O::cores, &CoresOptions::shards>(),
     "threads that serve clients; \"auto\" is one per CPU this process may use"},
    {"cores", "pin", K::integers, 0, 1023, "", "", {},
     member<&O::cores, &CoresOptions::pin>(),
     "CPU of each shard, at least one per shard; empty takes the allowed CPUs in order"},

    {"listen", "address", K::ip_address, 0, 0, "", "", {},
     member<&O::listen, &ListenOptions::address>(), "address to listen on"},
    {"listen", "port", K::integer, 1, 65535, "", "any free port", {},
     member<&O::listen, &ListenOptions::port>(), "TCP port"},

    {"store", "mode", K::word, 0, 0, "", "", store_words,
     member<&O::store, &StoreOptions::mode>(),
     "where accepted messages are kept; \"none\" is memory only, so a crash loses what is open"},

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

    {"limits", "session_init_ms", K::integer, 100, day_ms, "ms", "", {},
     limit<&L::session_init_ms>, "longest time from connect to successful bind"},
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
    {"limits", "max_open_messages", K::integer, 1, 16'777'216, "", "", {},
     limit<&L::max_open_messages>,
     "accepted and not yet ended messages per shard, their receipts included"},
    {"limits", "receipt_expiry_s", K::integer, 1, 2'592'000, "s", "", {},
     limit<&L::receipt_expiry_s>, "how long a receipt waits for a bind that takes it"},

    {"account", "system_id", K::ascii, 1, 15, "", "", {},
     account<&A::system_id>, "name the client binds with; required, unique"},
    {"account", "password", K::ascii, 1, 8, "", "", {},
     account<&A::password>,
     "plain password (SMPP's field holds 8 characters); give this or password_hash"},
    {"account", "password_hash", K::ascii, 1, 384, "", "", {},
     account<&A::password_hash>, "hashed password as mkpasswd writes it; begins with $"},
    {"account", "bind", K::words, 0, 0, "", "", bind_words,
     bind_member, "ways in which the client may bind"},
    {"account", "max_binds", K::integer, 1, 100'000, "", "no limit", {},
     account<&A::max_binds>, "binds at the same time, over all shards"},
    {"account", "rate", K::number, 0.001, 1e7, "per second", "no limit", {},
     account<&A::rate>, "submits over all binds and shards"},
    {"account", "burst", K::integer, 1, 1'000'000, "", "a fiftieth of a second's worth, at least 1", {},
     account<&A::burst>, "submits that may come at once after a pause"},
    {"account", "over_rate", K::word, 0, 0, "", "", over_rate_words,
     account<&A::over_rate>, "what happens above rate: ESME_RTHROTTLED, or reading waits"},
    {"account", "submit_window", K::integer, 1, 65535, "", "", {},
     account<&A::submit_window>, "unanswered submits per bind before reading stops"},
    {"account", "deliver_window", K::integer, 1, 65535, "", "", {},
     account<&A::deliver_window>, "unanswered deliver_sm per bind"},
    {"account", "receipts", K::word, 0, 0, "", "", receipts_words,
     account<&A::receipts>,
     "bind that gets a receipt: any with room, the one that submitted, or each in turn"},
    {"account", "max_outbox", K::integer, 1, 16'777'216, "", "", {},
     account<&A::max_outbox>,
     "open messages per shard that may owe a receipt; more get ESME_RMSGQFUL"},
};
}  // namespace option_rows_detail

inline constexpr std::span<const OptionRow> option_rows = option_rows_detail::rows;

inline constexpr RefusedWordRow refused_word_rows[] = {
    {"store", "mode", "journal",
     "needs the durability work that this version does not contain; use \"none\""},
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

#include "load/options.h"

#include <ringgate/version.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string_view>

#include "base/units.h"
#include "config/suggestion.h"
#include "load/exit_status.h"
#include "load/habits.h"
#include "load/local_addresses.h"
#include "load/number.h"
#include "load/scenario.h"
#include "load/text_file.h"
#include "session/window.h"
#include "smpp/check.h"
#include "smpp/pdu.h"

namespace ringgate::load {

namespace {

constexpr double seconds_max = 1e9;
constexpr Nanos default_duration = seconds(10);
constexpr std::size_t rate_file_size_max = 16 << 20;
constexpr unsigned threads_max = 256;
constexpr unsigned cpu_max = 1023;
constexpr std::size_t scenario_size_max = 16 << 20;

// As the command line gives them, before they mean anything.
struct Words {
  std::string system_id = "test";
  std::string password = "test";
  std::vector<std::string> accounts;
  std::vector<std::string> requirements;
  std::string mode = "trx";
  std::string arrivals = "even";
  std::string interface_version = "3.4";
  MessageOptions message;
  std::string destination = "491600000002";
  std::uint64_t destination_count = 1;
  double duration_s = 0;
  double warm_up_s = 0;
  double receipt_wait_s = 10;
  double response_timeout_s = 10;
  double enquire_link_s = 30;
  double inactivity_s = 0;
  double throttle_pause_s = 0;
  double churn_s = 0;
  double storm_s = 0;
  std::string from;
  std::string cpus;
  std::uint32_t threads = 1;
  double busy_poll_us = 0;
};

int usage_error(const std::string& message) {
  std::fprintf(stderr, "ringgate-load: %s\n", printable(message).c_str());
  return exit_usage;
}

Nanos nanos(double s) { return static_cast<Nanos>(s * 1e9); }

// People name a version, the specification its octet.
std::optional<std::uint8_t> interface_version_of(const std::string& text) {
  static const std::map<std::string, std::uint8_t> versions{
      {"3.3", 0x33}, {"0x33", 0x33}, {"3.4", 0x34}, {"0x34", 0x34}, {"5.0", 0x50}, {"0x50", 0x50}};
  const auto found = versions.find(text);
  if (found == versions.end()) return std::nullopt;
  return found->second;
}

// CLI11's own range prints its bounds with six decimals, and in the help where they hide the rest.
std::string out_of_range(const std::string& text, const char* what, double least, double most) {
  char expected[120];
  std::snprintf(expected, sizeof expected, "expected %s from %.15g to %.15g", what, least, most);
  return text + ": " + expected;
}

CLI::Validator between(double least, double most) {
  const auto check = [least, most](const std::string& text) -> std::string {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (!text.empty() && *end == 0 && value >= least && value <= most) return {};
    return out_of_range(text, "a number", least, most);
  };
  return CLI::Validator(check, "");
}

// 50k and 1m, as people write large numbers. Replaces the text by the plain number.
CLI::Validator scaled(const char* what, double least, double most) {
  const bool whole = std::string_view(what) == "a whole number";
  const auto read = [what, whole, least, most](std::string& text) -> std::string {
    const std::optional<double> value = number_of(text);
    const bool good =
        value && *value >= least && *value <= most && (!whole || *value == std::floor(*value));
    if (!good) return out_of_range(text, what, least, most) + ", such as 500, 50k or 1m";
    char plain[64];
    std::snprintf(plain, sizeof plain, *value == std::floor(*value) ? "%.0f" : "%.15g", *value);
    text = plain;
    return {};
  };
  return CLI::Validator(read, "", "");
}

CLI::Validator count_between(double least, double most) {
  return scaled("a whole number", least, most);
}

std::optional<unsigned> whole_number(std::string_view text) {
  unsigned value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "2,4-7" as CPUs, none of them twice.
std::optional<std::vector<unsigned>> cpu_list(std::string_view text) {
  std::vector<unsigned> out;
  for (bool more = true; more;) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    more = comma != text.npos;
    text.remove_prefix(more ? comma + 1 : text.size());
    const std::size_t dash = part.find('-');
    const auto first = whole_number(part.substr(0, dash));
    const auto last = dash == part.npos ? first : whole_number(part.substr(dash + 1));
    if (!first || !last || *first > *last || *last > cpu_max) return std::nullopt;
    for (unsigned cpu = *first; cpu <= *last; ++cpu) {
      if (std::ranges::find(out, cpu) != out.end() || out.size() == threads_max)
        return std::nullopt;
      out.push_back(cpu);
    }
  }
  return out;
}

std::optional<Mode> mode_of(const std::string& text) {
  if (text == "trx") return Mode::trx;
  if (text == "tx") return Mode::tx;
  if (text == "tx+rx") return Mode::tx_rx;
  return std::nullopt;
}

void declare_where(CLI::App& app, Options& options, Words& words) {
  const char* const group = "Where to";
  const auto add = [&](const char* name, auto& value, const char* text, const char* type) {
    return app.add_option(name, value, text)->type_name(type)->group(group);
  };
  add("--host", options.host, "Name, or IPv4 or IPv6 address", "HOST")->capture_default_str();
  add("--port", options.port, "TCP port", "N")->check(between(1, 65'535))->capture_default_str();
  CLI::Option* const system_id =
      add("--system-id", words.system_id, "Account to bind as", "TEXT")->capture_default_str();
  CLI::Option* const password =
      add("--password", words.password, "Its password", "TEXT")->capture_default_str();
  add("--account", words.accounts, "Instead of these two; may be given several times",
      "SYSTEM_ID:PASSWORD")
      ->allow_extra_args(false)
      ->excludes(system_id)
      ->excludes(password);
  add("--mode", words.mode, "trx, tx, or tx+rx: a transmitter and a receiver each", "MODE")
      ->capture_default_str();
  add("--interface-version", words.interface_version, "3.3, 3.4 or 5.0", "V")
      ->capture_default_str();
  add("--binds", options.binds, "Binds per account", "N")
      ->transform(count_between(1, 100'000))
      ->capture_default_str();
  add("--bind-rate", options.bind_rate, "Begin so many binds a second; else as the server answers",
      "R")
      ->transform(scaled("a number", 0.01, 1e6));
  add("--idle-binds", options.idle_binds,
      "Only bind so many times in all, and hold the binds for --duration", "N")
      ->transform(count_between(1, 1'000'000));
}

void declare_behaviour(CLI::App& app, Options& options, Words& words) {
  const char* const group = "How it behaves";
  const auto add = [&](const char* name, auto& value, const char* text, const char* type) {
    return app.add_option(name, value, text)->type_name(type)->group(group);
  };
  add("--like", options.like,
      ("With the habits of another client, but for what is said here:\n" + habit_names()).c_str(),
      "CLIENT");
  add("--enquire-link", words.enquire_link_s, "Seconds of silence before enquire_link; 0: none",
      "S")
      ->check(between(0, seconds_max))
      ->capture_default_str();
  add("--inactivity", words.inactivity_s, "Seconds without messages before a bind ends; 0: none",
      "S")
      ->check(between(0, seconds_max));
  add("--throttle-pause", words.throttle_pause_s,
      "Seconds that a bind submits nothing after ESME_RTHROTTLED", "S")
      ->check(between(0, seconds_max));
  add("--churn", words.churn_s,
      "Each bind ends after about so many seconds, and a new one comes in its place", "S")
      ->check(between(0.05, seconds_max));
  add("--storm", words.storm_s,
      "All connections are cut every so many seconds, and bind again at once", "S")
      ->check(between(0.05, seconds_max));
  app.add_flag("--reconnect", options.rebinds.reconnect, "Bind again where a connection is lost")
      ->disable_flag_override()
      ->group(group);
  add("--from", words.from,
      "Local addresses to connect from, in turn: 127.0.0.2 or 127.0.0.2-127.0.0.9, or several "
      "with\n"
      "commas",
      "LIST");
}

void declare_how_much(CLI::App& app, Options& options, Words& words) {
  const char* const group = "How much";
  const auto add = [&](const char* name, auto& value, const char* text, const char* type) {
    return app.add_option(name, value, text)->type_name(type)->group(group);
  };
  add("--window", options.window, "Unanswered submits per bind", "N")
      ->transform(count_between(1, Window::size_max))
      ->capture_default_str();
  add("--count", options.count, "Stop after so many messages", "N")
      ->transform(count_between(1, 1e15));
  add("--duration", words.duration_s, "Stop after so many seconds", "S")
      ->check(between(0.001, seconds_max));
  add("--warm-up", words.warm_up_s,
      "Seconds at the beginning that count for no rate and no latency; --duration is without them",
      "S")
      ->check(between(0, seconds_max));
  add("--rate", options.rate_text,
      "Messages per second in all, such as 50k; 10k..100k from one to the other, 10k,20k,50k one\n"
      "after the other, @FILE as its lines SECONDS RATE say; latency then counts from the "
      "intended\n"
      "time",
      "R");
  add("--arrivals", words.arrivals,
      "With --rate: even, or poisson as people send, which is harder on a server", "HOW")
      ->capture_default_str();
  add("--seed", options.seed, "Of poisson: the same one gives the same times", "N")
      ->transform(count_between(0, 1e15))
      ->capture_default_str();
  add("--response-timeout", words.response_timeout_s, "Seconds to wait for a response", "S")
      ->check(between(0.001, seconds_max))
      ->capture_default_str();
}

void declare_messages(CLI::App& app, Options& options, Words& words) {
  const char* const group = "Messages";
  const auto add = [&](const char* name, auto& value, const char* text, const char* type) {
    return app.add_option(name, value, text)->type_name(type)->group(group)->capture_default_str();
  };
  add("--size", words.message.size, "Octets of text; above 254 as message_payload", "N")
      ->check(between(0, 65'535));
  add("--source", words.message.source, "Number, or a name", "TEXT");
  add("--destination", words.destination, "Number", "TEXT");
  add("--destinations", words.destination_count,
      "How many numbers to send to, counting up from --destination", "N")
      ->transform(count_between(1, 1e15));
  app.add_flag("--receipts", words.message.receipt, "Ask for delivery receipts and match them")
      ->disable_flag_override()
      ->group(group);
  app.add_option("--scenario", options.scenario,
                 "TOML: messages of several kinds, accounts, and what deliver_sm is answered")
      ->type_name("FILE")
      ->group(group);
  add("--receipt-wait", words.receipt_wait_s, "Seconds to wait for the last receipts", "S")
      ->check(between(0, seconds_max));
}

void declare_tls(CLI::App& app, Options& options) {
  const char* const group = "TLS";
  const auto add = [&](const char* name, std::string& value, const char* text, const char* type) {
    app.add_option(name, value, text)->type_name(type)->group(group);
  };
  app.add_flag("--tls", options.tls, "Speak TLS; without --tls-ca the server is not verified")
      ->disable_flag_override()
      ->group(group);
  add("--tls-name", options.tls_name, "Name of the server to ask for, and to verify", "NAME");
  add("--tls-ca", options.tls_ca, "Certificates that the server's must lead to, in PEM", "FILE");
  add("--tls-cert", options.tls_cert, "Certificate to show, in PEM", "FILE");
  add("--tls-key", options.tls_key, "Its key", "FILE");
}

void declare(CLI::App& app, Options& options, Words& words) {
  app.name("ringgate-load");
  app.description(
      "Sends messages to an SMPP server and reports what became of them: without --rate as\n"
      "fast as the windows allow, without --count and --duration for 10 seconds.\n"
      "Uses one CPU, or as many as --cpu or --threads say.\n");
  declare_where(app, options, words);
  declare_behaviour(app, options, words);
  declare_how_much(app, options, words);
  declare_messages(app, options, words);
  declare_tls(app, options);
  const char* const group = "Output and placement";
  app.add_option(
         "--require", words.requirements,
         "What must be reached, or else the exit status is 4 or 5: such as p99<5ms,missing=0.\n"
         "Of " +
             Requirement::metrics())
      ->type_name("METRIC<VALUE,...")
      ->allow_extra_args(false)
      ->group(group);
  app.add_flag("--json", options.json, "The summary as one JSON object")
      ->disable_flag_override()
      ->group(group);
  app.add_option("--html", options.html, "The summary with plots, as one page for a browser")
      ->type_name("FILE")
      ->group(group);
  app.add_flag("--quiet", options.quiet, "No progress line")->disable_flag_override()->group(group);
  app.add_option("--cpu", words.cpus, "Run on these CPUs only, a thread on each: 2 or 2,3 or 4-7")
      ->type_name("LIST")
      ->group(group);
  app.add_option("--threads", words.threads, "Threads without CPUs of their own")
      ->type_name("N")
      ->transform(count_between(1, threads_max))
      ->capture_default_str()
      ->group(group);
  app.add_option("--busy-poll", words.busy_poll_us,
                 "Microseconds to look for answers before sleeping, so that the server need not\n"
                 "wake this program: for CPUs that nobody else needs")
      ->type_name("US")
      ->check(between(0, 1e6))
      ->group(group);
  app.add_option(
         "--probe-disk", options.disk_probe,
         "Before the run, see whether these CPUs slow the disk of this folder, that of the\n"
         "server's journal, down")
      ->type_name("FOLDER")
      ->group(group);
  app.set_version_flag("--version", "ringgate-load " + std::string(version), "Print the version")
      ->group(group);
  app.footer(
      "Counts and rates may be written as 50k and 1m.\n"
      "`ringgate-load compare A.json B.json` says which of two is faster.\n"
      "Exit status: 0 all answered, no receipt missing or twice; 1 could not connect, bind or\n"
      "print; 2 wrong command line; 3 messages, receipts or connections were lost, or the server "
      "has\n"
      "violated SMPP; 4 else what --require asks for was not reached; 5 nor was it, but this "
      "program\n"
      "was the limit and not the server.");
}

// An option that would do nothing is a misunderstanding: whoever gave it expects something of it.
std::string ignored_option(const CLI::App& app) {
  if (app.count("--idle-binds") != 0) {
    constexpr const char* for_messages[] = {
        "--binds",   "--window",      "--count",    "--rate",         "--size",
        "--source",  "--destination", "--receipts", "--receipt-wait", "--destinations",
        "--warm-up", "--arrivals",    "--seed",     "--scenario",     "--throttle-pause"};
    for (const char* const name : for_messages)
      if (app.count(name) != 0)
        return std::string(name) +
               " means nothing with --idle-binds, which only binds so many times "
               "and holds the binds";
  }
  if (app.count("--tls") == 0)
    for (const char* const name : {"--tls-name", "--tls-ca", "--tls-cert", "--tls-key"})
      if (app.count(name) != 0) return std::string(name) + " means nothing without --tls";
  if (app.count("--probe-disk") != 0 && app.count("--cpu") == 0)
    return "--probe-disk needs --cpu: without it, there are no CPUs to look at";
  if (app.count("--tls-cert") != app.count("--tls-key"))
    return "--tls-cert and --tls-key need each other";
  return {};
}

// A file says itself how long it goes on.
std::string interpret_rate_file(const CLI::App& app, Options& options) {
  const std::string name = options.rate_text.substr(1);
  std::string fault;
  const std::optional<std::string> text = text_of_file(name, rate_file_size_max, fault);
  if (!text) return "--rate @" + name + ": " + fault;
  const auto profile = RateProfile::parse_lines(*text, fault);
  if (!profile) return "--rate @" + name + ", " + fault;
  if (profile->seconds() > seconds_max)
    return "--rate @" + name + ": lasts longer than 1000000000 seconds";
  options.rate = *profile;
  if (app.count("--duration") == 0) options.duration = nanos(profile->seconds());
  return {};
}

std::string interpret_rate(const CLI::App& app, const Words& words, Options& options) {
  if (words.arrivals != "even" && words.arrivals != "poisson")
    return "--arrivals " + words.arrivals + ": expected even or poisson";
  options.arrivals = words.arrivals == "even" ? Arrivals::even : Arrivals::poisson;
  if (app.count("--seed") != 0 && options.arrivals == Arrivals::even)
    return "--seed means nothing without --arrivals poisson";
  if (app.count("--rate") == 0 || number_of(options.rate_text) == 0) {
    if (app.count("--arrivals") != 0) return "--arrivals means nothing without --rate";
    return {};
  }
  if (options.rate_text.empty()) return "--rate is empty";
  if (options.rate_text.front() == '@') {
    if (std::string fault = interpret_rate_file(app, options); !fault.empty()) return fault;
  } else {
    // What a count alone ends has no length to be divided.
    const double length = static_cast<double>(options.duration) / 1e9;
    std::string fault;
    const auto profile = RateProfile::parse(options.rate_text, length, fault);
    if (!profile) return "--rate " + fault;
    if (!profile->is_constant() && options.duration == 0)
      return "--rate " + options.rate_text + " needs a --duration, over which it changes";
    options.rate = *profile;
  }
  if (options.rate.due_by(1e9) <= 0) return "--rate " + options.rate_text + " sends nothing";
  if (options.warm_up != 0 && options.rate.first_rate() <= 0)
    return "--warm-up sends nothing at a rate that begins with 0";
  options.rate.warm_up(static_cast<double>(options.warm_up) / 1e9);
  return {};
}

std::string interpret_scenario(const CLI::App& app, const Words& words, Options& options) {
  std::string fault;
  const auto text = text_of_file(options.scenario, scenario_size_max, fault);
  if (!text) return fault;
  const std::filesystem::path folder = std::filesystem::path(options.scenario).parent_path();
  auto scenario =
      parse_scenario(*text, folder.empty() ? "." : folder.string(), words.message, fault);
  if (!scenario) return fault;
  const bool two = app.count("--account") + app.count("--system-id") + app.count("--password") != 0;
  if (!scenario->accounts.empty() && two)
    return "has accounts, and so has the command line: one of the two";
  if (scenario->messages.empty()) scenario->messages.push_back(words.message);
  options.scenario_digest = digest_of(*text, *scenario);
  options.messages = std::move(scenario->messages);
  options.accounts = std::move(scenario->accounts);
  options.answers = std::move(scenario->answers);
  return {};
}

/// What SMPP 3.3 does not have (it has no TLVs and no data_sm), and is asked for all the same.
std::string version_fault(const Options& options) {
  if (options.interface_version >= 0x34) return {};
  for (const MessageOptions& message : options.messages) {
    if (message.operation == smpp::Command::data_sm) return "SMPP 3.3 has no data_sm";
    if (message.long_text == LongText::sar)
      return "SMPP 3.3 has no sar_msg_ref_num; long = \"udh\"";
    if (has_payload(message)) return "SMPP 3.3 has no message_payload; --size is at most 254";
  }
  return {};
}

// What the command line says of messages is what a scenario need not repeat.
std::string interpret_messages(const CLI::App& app, Words& words, Options& options) {
  const std::string& destination = words.destination;
  if (words.message.source.size() > 20) return "--source is longer than 20 characters";
  if (destination.size() > 20) return "--destination is longer than 20 characters";
  if (!smpp::is_number(destination)) return "--destination " + destination + " is not a number";
  if (!has_room(destination, words.destination_count))
    return "--destinations " + std::to_string(words.destination_count) +
           ": counting up from --destination " + destination + " needs more digits than that has";
  words.message.destinations = Destinations(destination, words.destination_count);
  if (app.count("--scenario") != 0) {
    if (std::string fault = interpret_scenario(app, words, options); !fault.empty())
      return "--scenario " + options.scenario + ": " + fault;
  }
  if (options.messages.empty()) options.messages.push_back(words.message);
  options.receipts = std::ranges::any_of(
      options.messages, [](const MessageOptions& message) { return message.receipt; });
  if (app.count("--receipt-wait") != 0 && !options.receipts)
    return "--receipt-wait means nothing without --receipts";
  return {};
}

std::string interpret_accounts(const Words& words, Options& options) {
  if (words.accounts.empty() && options.accounts.empty())
    options.accounts.push_back({words.system_id, words.password});
  for (const std::string& text : words.accounts) {
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos) return "--account: expected SYSTEM_ID:PASSWORD";
    options.accounts.push_back({text.substr(0, colon), text.substr(colon + 1)});
  }
  for (const Account& account : options.accounts) {
    smpp::Bind body;
    body.system_id = account.system_id;
    if (!wire::check_any(smpp::Bind::lenient_fields, &body).ok())
      return "system_id " + account.system_id + " is longer than 15 characters";
    body.password = account.password;
    if (!wire::check_any(smpp::Bind::lenient_fields, &body).ok())
      return "the password of " + account.system_id + " is longer than 64 characters";
  }
  return {};
}

std::string interpret_threads(const CLI::App& app, const Words& words, Options& options) {
  options.threads = words.threads;
  if (app.count("--cpu") != 0) {
    if (app.count("--threads") != 0) return "--cpu and --threads: one of the two";
    const auto cpus = cpu_list(words.cpus);
    if (!cpus) return "--cpu " + words.cpus + ": expected CPUs such as 2 or 2,3 or 4-7";
    options.cpus = *cpus;
    options.threads = static_cast<unsigned>(cpus->size());
  }
  const std::uint64_t binds = options.idle_binds != 0
                                  ? options.idle_binds
                                  : std::uint64_t{options.binds} * options.accounts.size();
  if (options.threads > binds)
    return std::to_string(options.threads) + " threads need as many binds at least, and there " +
           (binds == 1 ? "is one" : "are " + std::to_string(binds)) + ": --binds";
  if (options.count != 0 && options.count < options.threads)
    return "--count " + std::to_string(options.count) + " is less than a message for each of " +
           std::to_string(options.threads) + " threads";
  return {};
}

/// What the command line says itself is no habit.
std::string interpret_behaviour(const CLI::App& app, const Words& words, Options& options) {
  options.response_timeout = nanos(words.response_timeout_s);
  options.enquire_link = nanos(words.enquire_link_s);
  options.inactivity = nanos(words.inactivity_s);
  options.throttle_pause = nanos(words.throttle_pause_s);
  options.busy_poll = nanos(words.busy_poll_us / 1e6);
  options.rebinds.churn = nanos(words.churn_s);
  options.rebinds.storm = nanos(words.storm_s);
  if (app.count("--from") != 0) {
    std::string fault;
    options.from_text = words.from;
    auto from = local_addresses(words.from, fault);
    if (!from) return "--from: " + fault;
    options.from = std::move(*from);
  }
  if (app.count("--like") == 0) return {};
  const Habits* const habits = habits_of(options.like);
  if (habits == nullptr) {
    const std::string_view best = habit_like(options.like);
    return "--like " + options.like + ": " +
           (best.empty() ? "expected one of " + habit_names()
                         : "did you mean " + std::string(best) + "?");
  }
  const auto take = [&app](const char* option, auto& value, const auto& habit) {
    if (habit && app.count(option) == 0) value = *habit;
  };
  take("--window", options.window, habits->window);
  take("--enquire-link", options.enquire_link, habits->enquire_link);
  take("--inactivity", options.inactivity, habits->inactivity);
  take("--response-timeout", options.response_timeout, habits->response_timeout);
  take("--throttle-pause", options.throttle_pause, habits->throttle_pause);
  take("--interface-version", options.interface_version, habits->interface_version);
  return {};
}

// The first thing that is wrong, or nothing.
std::string interpret(const CLI::App& app, Words& words, Options& options) {
  std::string ignored = ignored_option(app);
  if (!ignored.empty()) return ignored;
  if (app.count("--html") != 0 && options.html.empty()) return "--html is empty";
  if (app.count("--probe-disk") != 0 && options.disk_probe.empty()) return "--probe-disk is empty";
  if (std::string fault = interpret_messages(app, words, options); !fault.empty()) return fault;
  if (std::string fault = interpret_accounts(words, options); !fault.empty()) return fault;
  const auto mode = mode_of(words.mode);
  if (!mode) return "--mode " + words.mode + ": expected trx, tx or tx+rx";
  options.mode = *mode;
  const auto version = interface_version_of(words.interface_version);
  if (!version)
    return "--interface-version " + words.interface_version + ": expected 3.3, 3.4 or 5.0";
  options.interface_version = *version;
  if (std::string fault = interpret_behaviour(app, words, options); !fault.empty()) return fault;
  if (options.interface_version < 0x34 && options.mode == Mode::trx)
    return "SMPP 3.3 has no transceiver; add --mode tx+rx";
  if (std::string fault = version_fault(options); !fault.empty()) return fault;
  if (options.receipts && options.mode == Mode::tx)
    return "--receipts, or a receipt of a scenario, needs a bind that receives: --mode trx or "
           "tx+rx";
  for (const std::string& text : words.requirements) {
    std::string fault;
    for (Requirement& one : parse_requirements(text, fault)) {
      if (one.of() == RequiredOf::rebinds && !options.rebinds.wanted())
        return "--require " + one.text() + " means nothing without --churn, --storm or --reconnect";
      if (one.of() == RequiredOf::receipts && !options.receipts)
        return "--require " + one.text() + " means nothing without --receipts";
      options.requirements.push_back(std::move(one));
    }
    if (!fault.empty()) return "--require " + fault;
  }
  if (std::string fault = interpret_threads(app, words, options); !fault.empty()) return fault;
  options.receipt_wait = nanos(words.receipt_wait_s);
  options.duration = nanos(words.duration_s);
  const bool bounded = options.duration != 0 || (options.count != 0 && options.idle_binds == 0);
  if (!bounded) options.duration = default_duration;
  options.warm_up = nanos(words.warm_up_s);
  if (std::string fault = interpret_rate(app, words, options); !fault.empty()) return fault;
  if (options.duration != 0) options.duration += options.warm_up;
  return {};
}

int unknown_word(const CLI::App& app, const std::string& word) {
  if (word.substr(0, 1) != "-")
    return usage_error("unexpected argument " + word + "; see ringgate-load --help");
  // What follows may be a password: "--pasword=secret", "-psecret".
  const std::string given = word.substr(0, word[1] == '-' ? word.find('=') : 2);
  std::string message = "unknown option " + given;
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) names.push_back(option->get_name());
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const std::string_view best = suggestion(given, candidates);
  message +=
      best.empty() ? "; see ringgate-load --help" : "; did you mean " + std::string(best) + "?";
  return usage_error(message);
}

}  // namespace

ParsedOptions parse_options(int argc, char** argv) {
  Options options;
  Words words;
  words.message.source = "491700000001";
  CLI::App app;
  declare(app, options, words);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& request) {  // --help, --version
    return {std::nullopt, app.exit(request)};
  } catch (const CLI::ExtrasError& error) {
    const std::vector<std::string> left = app.remaining(true);
    return {std::nullopt,
            left.empty() ? usage_error(error.what()) : unknown_word(app, left.front())};
  } catch (const CLI::Error& error) {
    return {std::nullopt, usage_error(std::string(error.what()) + "; see ringgate-load --help")};
  }
  const std::string fault = interpret(app, words, options);
  if (!fault.empty()) return {std::nullopt, usage_error(fault)};
  return {options, 0};
}

}  // namespace ringgate::load

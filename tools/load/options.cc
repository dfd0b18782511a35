#include "load/options.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <limits>
#include <map>
#include <string_view>

#include "base/units.h"
#include "config/suggestion.h"
#include "session/window.h"
#include "smpp/check.h"
#include "smpp/pdu.h"

namespace ringgate::load {

namespace {

constexpr int exit_usage = 2;
constexpr double seconds_max = 1e9;

// As the command line gives them, before they mean anything.
struct Words {
  std::string system_id = "test";
  std::string password = "test";
  std::vector<std::string> accounts;
  std::string interface_version = "3.4";
  double duration_s = 0;
  double receipt_wait_s = 10;
  double response_timeout_s = 10;
  int cpu = -1;
};

int usage_error(const std::string& message) {
  std::fprintf(stderr, "ringgate-load: %s\n", message.c_str());
  return exit_usage;
}

Nanos nanos(double s) { return static_cast<Nanos>(s * 1e9); }

// Some peers write the field as the version number, others as the octet.
std::optional<std::uint8_t> interface_version_of(const std::string& text) {
  static const std::map<std::string, std::uint8_t> versions{
      {"3.3", 0x33}, {"0x33", 0x33}, {"3.4", 0x34}, {"0x34", 0x34}, {"5.0", 0x50}, {"0x50", 0x50}};
  const auto found = versions.find(text);
  if (found == versions.end()) return std::nullopt;
  return found->second;
}

void declare(CLI::App& app, Options& options, Words& words) {
  app.description(
      "Sends messages to an SMPP server and reports what became of them.\n"
      "Without --rate as fast as the windows allow; without --count and --duration for 10 s.\n"
      "One thread: to use more CPUs, start it several times, each with its own --cpu.");
  app.name("ringgate-load");

  const char* const where = "Where to";
  app.add_option("--host", options.host, "IPv4 or IPv6 address")
      ->capture_default_str()
      ->group(where);
  app.add_option("--port", options.port)
      ->check(CLI::Range(1, 65535))
      ->capture_default_str()
      ->group(where);
  CLI::Option* const system_id =
      app.add_option("--system-id", words.system_id)->capture_default_str()->group(where);
  CLI::Option* const password =
      app.add_option("--password", words.password)->capture_default_str()->group(where);
  app.add_option("--account", words.accounts, "Instead of these two; may be given several times")
      ->type_name("SYSTEM_ID:PASSWORD")
      ->allow_extra_args(false)
      ->excludes(system_id)
      ->excludes(password)
      ->group(where);
  const std::map<std::string, Mode> modes{
      {"trx", Mode::trx}, {"tx", Mode::tx}, {"tx+rx", Mode::tx_rx}};
  app.add_option("--mode", options.mode, "trx, tx, or tx+rx for separate transmitter and receiver")
      ->transform(CLI::CheckedTransformer(modes).description(""))
      ->default_str("trx")
      ->type_name("MODE")
      ->group(where);
  app.add_option("--interface-version", words.interface_version, "3.3, 3.4 or 5.0")
      ->capture_default_str()
      ->group(where);

  const char* const how = "How much";
  CLI::Option* const binds = app.add_option("--binds", options.binds, "Binds per account")
                                 ->check(CLI::Range(1, 100'000))
                                 ->capture_default_str()
                                 ->group(how);
  app.add_option("--window", options.window, "Unanswered submits per bind")
      ->check(CLI::Range(1u, Window::size_max))
      ->capture_default_str()
      ->group(how);
  app.add_option("--count", options.count, "Stop after so many messages")
      ->check(CLI::PositiveNumber)
      ->group(how);
  app.add_option("--duration", words.duration_s, "Stop after so many seconds")
      ->check(CLI::Range(0.001, seconds_max).description(""))
      ->group(how);
  app.add_option("--rate", options.rate,
                 "Messages per second in all, evenly spaced; latency then counts from the time "
                 "that was meant, not from when a window was free")
      ->check(CLI::Range(0.0, 1e9).description(""))
      ->group(how);
  app.add_option("--idle-binds", options.idle_binds,
                 "Only bind so many times, and hold them for --duration")
      ->check(CLI::Range(1, 1'000'000).description(""))
      ->excludes(binds)
      ->group(how);
  app.add_option("--response-timeout", words.response_timeout_s, "Seconds to wait for a response")
      ->check(CLI::Range(0.001, seconds_max).description(""))
      ->capture_default_str()
      ->group(how);

  const char* const what = "Messages";
  app.add_option("--size", options.submit.size, "Octets of text; above 254 as message_payload")
      ->check(CLI::Range(0, 65'535))
      ->capture_default_str()
      ->group(what);
  app.add_option("--source", options.submit.source)->capture_default_str()->group(what);
  app.add_option("--destination", options.submit.destination)->capture_default_str()->group(what);
  app.add_option("--destinations", options.submit.destination_count,
                 "How many numbers to send to, counting up from --destination")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group(what);
  app.add_flag("--receipts", options.submit.receipt, "Ask for delivery receipts and match them")
      ->disable_flag_override()
      ->group(what);
  app.add_option("--receipt-wait", words.receipt_wait_s, "Seconds to wait for the last receipts")
      ->check(CLI::Range(0.0, seconds_max).description(""))
      ->capture_default_str()
      ->group(what);

  const char* const rest = "Output and placement";
  app.add_flag("--json", options.json, "The summary as one JSON object")
      ->disable_flag_override()
      ->group(rest);
  app.add_flag("--quiet", options.quiet, "No progress line")->disable_flag_override()->group(rest);
  app.add_option("--cpu", words.cpu, "Run on this CPU only")
      ->check(CLI::Range(0, 1023))
      ->group(rest);
  app.footer(
      "Exit status: 0 all answered, no receipt missing or twice; 1 could not connect or bind;\n"
      "2 wrong command line; 3 messages, receipts or connections were lost.");
}

// The first thing that is wrong, or nothing.
std::string interpret(const Words& words, Options& options) {
  if (words.accounts.empty()) options.accounts.push_back({words.system_id, words.password});
  for (const std::string& text : words.accounts) {
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos) return "--account " + text + ": expected SYSTEM_ID:PASSWORD";
    options.accounts.push_back({text.substr(0, colon), text.substr(colon + 1)});
  }
  for (const Account& account : options.accounts) {
    smpp::Bind body;
    body.system_id = account.system_id;
    if (!wire::check_any(smpp::Bind::fields, &body).ok())
      return "system_id " + account.system_id + " is longer than 15 characters";
    body.password = account.password;
    if (!wire::check_any(smpp::Bind::fields, &body).ok())
      return "the password of " + account.system_id + " is longer than 8 characters";
  }
  const auto version = interface_version_of(words.interface_version);
  if (!version)
    return "--interface-version " + words.interface_version + ": expected 3.3, 3.4 or 5.0";
  options.interface_version = *version;
  if (options.interface_version < 0x34 && options.mode == Mode::trx)
    return "SMPP 3.3 has no transceiver; add --mode tx+rx";
  if (options.interface_version < 0x34 && options.submit.size > short_message_size_max)
    return "SMPP 3.3 has no message_payload; --size is at most 254";
  if (options.submit.receipt && options.mode == Mode::tx)
    return "--receipts needs a bind that receives: --mode trx or tx+rx";
  if (options.submit.source.size() > 20) return "--source is longer than 20 characters";
  if (options.submit.destination.size() > 20) return "--destination is longer than 20 characters";
  if (!smpp::is_number(options.submit.destination))
    return "--destination " + options.submit.destination + " is not a number";
  if (words.cpu >= 0) options.cpu = static_cast<unsigned>(words.cpu);
  options.receipt_wait = nanos(words.receipt_wait_s);
  options.response_timeout = nanos(words.response_timeout_s);
  options.duration = nanos(words.duration_s);
  const bool bounded = options.duration != 0 || (options.count != 0 && options.idle_binds == 0);
  if (!bounded) options.duration = seconds(10);
  return {};
}

int unknown_word(const CLI::App& app, const std::string& word) {
  std::string message = "unknown option " + word;
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) names.push_back(option->get_name());
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const std::string_view best = suggestion(word.substr(0, word.find('=')), candidates);
  message +=
      best.empty() ? "; see ringgate-load --help" : "; did you mean " + std::string(best) + "?";
  return usage_error(message);
}

}  // namespace

ParsedOptions parse_options(int argc, char** argv) {
  Options options;
  options.submit.source = "491700000001";
  options.submit.destination = "491600000002";
  Words words;
  CLI::App app;
  declare(app, options, words);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& request) {  // --help
    return {std::nullopt, app.exit(request)};
  } catch (const CLI::ExtrasError& error) {
    const std::vector<std::string> left = app.remaining(true);
    return {std::nullopt,
            left.empty() ? usage_error(error.what()) : unknown_word(app, left.front())};
  } catch (const CLI::Error& error) {
    return {std::nullopt, usage_error(std::string(error.what()) + "; see ringgate-load --help")};
  }
  const std::string fault = interpret(words, options);
  if (!fault.empty()) return {std::nullopt, usage_error(fault)};
  return {options, 0};
}

}  // namespace ringgate::load

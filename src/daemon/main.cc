// The command line: which configuration, and whether to check it or to serve with it.
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "config/config.h"
#include "config/suggestion.h"
#include "daemon/journal_command.h"
#include "daemon/passwd.h"
#include "daemon/privileges.h"
#include "daemon/tls.h"
#include "daemon/wiring.h"
#include "uring/standard_streams.h"

namespace {

constexpr int exit_config = 1;  // the configuration is wrong
constexpr int exit_usage = 2;   // the command line is

int usage_error(const std::string& message) {
  std::fprintf(stderr, "ringgate: %s\n", message.c_str());
  return exit_usage;
}

std::string hint(std::string_view word, const std::vector<std::string_view>& candidates) {
  const std::string_view best = ringgate::suggestion(word, candidates);
  return best.empty() ? "; see ringgate --help" : "; did you mean " + std::string(best) + "?";
}

/// A word that CLI11 could not place: a misspelt command or option, or one word too many.
int unknown_word(const std::string& word, const std::string& command) {
  const bool has_command = !command.empty();
  // It may well be the password.
  if (command == "passwd")
    return usage_error(
        "passwd takes no argument: it asks for the password, or reads it from stdin");
  if (word.substr(0, 1) == "-") {
    const std::string option = word.substr(0, word.find('='));
    if (option == "--config")
      return usage_error("--config follows its command: ringgate serve --config FILE");
    std::vector<std::string_view> options{"--help"};
    options.push_back(has_command ? "--config" : "--version");
    return usage_error("unknown option " + option + hint(option, options));
  }
  if (has_command) return usage_error("unexpected argument " + word + "; see ringgate --help");
  return usage_error("unknown command " + word +
                     hint(word, {"serve", "check", "reload", "passwd", "journal"}));
}

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

int check(const std::string& path) {
  const ringgate::Config config = ringgate::load_config(path);
  if (!config.ok()) {
    ringgate::print_errors(config);
    return exit_config;
  }
  const std::string listeners = counted(config.options.listen.size(), "listener");
  const std::string fault = ringgate::user_fault(config.options.node);
  if (!fault.empty()) std::fprintf(stderr, "%s: %s\n", path.c_str(), fault.c_str());
  if (!ringgate::check_certificates(config.options) || !fault.empty()) return exit_config;
  const std::string accounts = counted(config.options.accounts.size(), "account");
  std::printf("%s: ok, %s, %s\n", path.c_str(), listeners.c_str(), accounts.c_str());
  return 0;
}

/// Checked first: what the server would refuse, its user reads here. It does not refuse the rest
/// for a file of one account.
int reload(const std::string& path) {
  const ringgate::Config config = ringgate::load_config(path);
  ringgate::print_errors(config);
  for (const ringgate::ConfigError& error : config.errors)
    if (error.file == path) return exit_config;
  const int asked = ringgate::ask_to_reload(config);
  return asked != 0 || config.ok() ? asked : exit_config;
}

/// Throws what CLI11 throws.
int run(CLI::App& app, int argc, char** argv) {
  app.description("Ringgate, an SMPP edge server");
  app.require_subcommand(0, 1);
  bool version = false;
  app.add_flag("--version", version, "Print version and build, and exit")->disable_flag_override();

  std::string path;
  CLI::App* serve_command = app.add_subcommand("serve", "Run the server until SIGINT or SIGTERM");
  CLI::App* check_command = app.add_subcommand("check", "Check a configuration file and exit");
  CLI::App* passwd_command =
      app.add_subcommand("passwd", "Read a password, and print its hash for account.password_hash");
  CLI::App* reload_command = app.add_subcommand(
      "reload", "Check a configuration file, and have the running server read it again");
  // Not required(): CLI11 would complain of the missing --config before it looks at a misspelt one.
  for (CLI::App* command : {serve_command, check_command, reload_command})
    command->add_option("--config", path, "Configuration file (TOML), required")->type_name("FILE");

  std::string directory;
  ringgate::DumpFilter filter;
  CLI::App* journal_command = app.add_subcommand("journal", "Look at a journal, or repair it");
  journal_command->require_subcommand(1);
  CLI::App* verify_command =
      journal_command->add_subcommand("verify", "Read all of it and say what is damaged");
  CLI::App* dump_command =
      journal_command->add_subcommand("dump", "Print every record as a line of JSON");
  CLI::App* repair_command = journal_command->add_subcommand(
      "repair", "Take over what is left of a damaged one; no server may be using it");
  for (CLI::App* command : {verify_command, dump_command, repair_command})
    command->add_option("DIR", directory, "node.data_dir of the configuration")->required();
  const auto not_empty = [](const std::string& text) {
    return text.empty() ? std::string("must not be empty") : std::string();
  };
  dump_command->add_option("--id", filter.id, "Only this message, by its id as a client saw it")
      ->check(not_empty);
  dump_command->add_option("--account", filter.account, "Only messages of this system_id")
      ->check(not_empty);
  dump_command
      ->add_option("--address", filter.address, "Only messages with this source or destination")
      ->check(not_empty);
  dump_command->add_flag("--text", filter.with_text, "Show the text of messages, in hexadecimal");

  app.parse(argc, argv);
  if (version) {
    std::fputs(ringgate::version_text().c_str(), stdout);
    return 0;
  }
  if (app.get_subcommands().empty()) {
    std::fputs(app.help().c_str(), stderr);
    return exit_usage;
  }
  if (verify_command->parsed()) return ringgate::journal_verify(directory);
  if (dump_command->parsed()) return ringgate::journal_dump(directory, filter);
  if (repair_command->parsed()) return ringgate::journal_repair(directory);
  if (passwd_command->parsed()) return ringgate::passwd();
  if (path.empty()) return usage_error("--config FILE is missing; see ringgate --help");
  if (reload_command->parsed()) return reload(path);
  return serve_command->parsed() ? ringgate::serve(path) : check(path);
}

}  // namespace

int main(int argc, char** argv) {
  ringgate::uring::open_standard_streams();
  CLI::App app;
  app.name("ringgate");
  try {
    return run(app, argc, argv);
  } catch (const CLI::Success& request) {  // --help
    return app.exit(request);
  } catch (const CLI::ExtrasError& error) {
    const std::vector<std::string> words = app.remaining(true);
    const std::vector<CLI::App*> commands = app.get_subcommands();
    const std::string command = commands.empty() ? std::string() : commands.front()->get_name();
    return words.empty() ? usage_error(error.what()) : unknown_word(words.front(), command);
  } catch (const CLI::Error& error) {
    return usage_error(std::string(error.what()) + "; see ringgate --help");
  } catch (const std::exception& error) {
    return usage_error(error.what());
  }
}

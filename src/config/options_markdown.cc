#include "config/config.h"
#include "options/option_text.h"

namespace ringgate {

namespace {

std::string section_text(const OptionRow& row) {
  const std::string name(row.section);
  return section_row(row.section)->array ? "`[[" + name + "]]`" : "`[" + name + "]`";
}

std::string default_cell(const OptionRow& row) {
  const std::string text = default_text(row);
  return text.empty() ? "none" : "`" + text + "`";
}

std::string numbers_markdown() {
  return "\n"
         "## Numbers\n"
         "\n"
         "A `[[number]]` says whose messages from subscribers are, by their destination: `exact`, "
         "`prefix`, or `first` and\n"
         "`last`. An exact number comes before the longest prefix, and that before the narrowest "
         "range (of several equally\n"
         "narrow ones, the first in the file). A `+` in front is ignored. The same rule twice is "
         "an error, and so is an\n"
         "account that may bind as `tx` only.\n";
}

std::string rates_markdown() {
  return "\n"
         "## Rates\n"
         "\n"
         "`account.rate` holds over all binds and shards. After a pause `account.burst` submits "
         "may "
         "come at once, by default a\n"
         "second's worth: a rate per second is agreed so that what is due in a second may be sent "
         "when it is there, and clients do\n"
         "send a window or all parts of a text at once. In the second after a pause up to twice "
         "the "
         "rate are admitted so; where\n"
         "whatever is behind the server cannot take that, say a smaller burst. With `over_rate = "
         "\"reject\"` a long message (UDH or\n"
         "sar_* parts) is admitted or refused as a whole: the first of its parts to come counts "
         "for "
         "all, the others are not\n"
         "ESME_RTHROTTLED while `long_messages.expiry_s` lasts; one with more parts than the burst "
         "needs the whole burst.\n";
}

/// "", "default 10", "default 10; 10, 12 or 14".
std::string field_number_cell(const smpp::ReceiptFieldRow& row) {
  if (row.max == 0) return "none";
  std::string text;
  if (row.step == 1) {
    text = std::to_string(row.min) + "-" + std::to_string(row.max);
  } else {
    for (unsigned number = row.min; number <= row.max; number += row.step)
      text += (number == row.min ? "" : ", ") + std::to_string(number);
  }
  return text + "; without, " + std::to_string(row.given_none);
}

std::string receipt_template_markdown() {
  std::string text =
      "\n"
      "## Receipt templates\n"
      "\n"
      "`account.quirks.receipt_template` is copied to the receipt, with fields in braces; a brace "
      "itself is doubled. A field\n"
      "may have a number: `{submit_date:12}`. A template that could make more than " +
      std::to_string(smpp::ReceiptTemplate::receipt_max) +
      " octets is an error. That of 3.4 Appendix B:\n"
      "\n"
      "    " +
      std::string(smpp::ReceiptTemplate::appendix_b) +
      "\n"
      "\n"
      "| field | number | what it becomes |\n"
      "|---|---|---|\n";
  for (const smpp::ReceiptFieldRow& row : smpp::receipt_field_rows)
    text += "| `{" + std::string(row.name) + "}` | " + field_number_cell(row) + " | " +
            std::string(row.meaning) + " |\n";
  return text;
}

/// What a profile sets: the keys whose values are not the defaults, as TOML.
std::string profile_cell(const QuirkProfileRow& profile) {
  Options defaults, options;
  defaults.accounts.emplace_back();
  options.accounts.emplace_back().quirks = *find_profile(profile.name);
  std::string text;
  for (const OptionRow& row : option_rows) {
    if (row.section != "account.quirks" || row.key == "profile") continue;
    const OptionValue value = row.member.get(options);
    const std::string shown = value_text(row, value);
    if (shown == value_text(row, row.member.get(defaults))) continue;
    // A template is as long as the table is wide, and has quotes that TOML would want escaped.
    const bool is_template = row.kind == OptionKind::receipt_template;
    text += (text.empty() ? "" : ", ") + ("`" + std::string(row.key)) + " = " +
            (is_template ? "'" + value.text + "'" : shown) + "`";
  }
  return text.empty() ? "nothing" : text;
}

std::string profiles_markdown() {
  std::string text =
      "\n"
      "## Quirk profiles\n"
      "\n"
      "`account.quirks.profile` sets switches for a kind of client, or for clients that come from "
      "another provider; keys\n"
      "beside it, before or after, override it. The evidence is in "
      "`src/policy/quirk_profiles.h`.\n"
      "\n"
      "| profile | for | sets |\n"
      "|---|---|---|\n";
  for (const QuirkProfileRow& row : quirk_profile_rows)
    text += "| `" + std::string(row.name) + "` | " + std::string(row.meaning) + " | " +
            profile_cell(row) + " |\n";
  return text;
}

}  // namespace

std::string options_markdown() {
  std::string text =
      "# Configuration\n"
      "\n"
      "One TOML file, checked with `ringgate check --config FILE`; [ringgate.toml](ringgate.toml) "
      "is an example.\n"
      "Unknown keys are errors. `[[account]]` is required, once per account, here or in files of "
      "its "
      "own ([accounts.md](accounts.md),\n"
      "which also says what changes while the server runs); without `[[listen]]` the server "
      "listens\n"
      "on 0.0.0.0 port 2775, and two with the same address and port are an error. Weights under "
      "`[backend.sim.outcomes]` need\n"
      "not add up to 1. `[account.quirks]` belongs to the `[[account]]` above it; "
      "`quirks = {profile = \"kannel\"}` in the account\n"
      "says the same. A program's `Options` are held against the same rules by `Server::start`.\n"
      "\n"
      "This page is generated from `src/options/option_rows.h`.\n"
      "\n"
      "| section | key | kind | range | default | meaning |\n"
      "|---|---|---|---|---|---|\n";
  for (const OptionRow& row : option_rows) {
    text += "| " + section_text(row) + " | `" + std::string(row.key) + "` | ";
    text += std::string(kind_word(row.kind)) + " | " + range_text(row) + " | ";
    text += default_cell(row) + " | " + std::string(row.meaning) + " |\n";
  }
  text += rates_markdown() + numbers_markdown() + profiles_markdown() + receipt_template_markdown();
  return text;
}

}  // namespace ringgate

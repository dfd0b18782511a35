#include "config/config.h"
#include "config/option_text.h"

namespace ringgate {

namespace {

std::string section_text(const OptionRow& row) {
  const std::string name(row.section);
  return section_row(row.section)->array ? "`[[" + name + "]]`" : "`[" + name + "]`";
}

std::string kind_word(OptionKind kind) {
  switch (kind) {
    case OptionKind::integer:
      return "integer";
    case OptionKind::integer_or_auto:
      return "integer or \"auto\"";
    case OptionKind::number:
      return "number";
    case OptionKind::text:
    case OptionKind::ascii:
    case OptionKind::ip_address:
    case OptionKind::status:
    case OptionKind::word:
      return "string";
    case OptionKind::words:
      return "array of strings";
    case OptionKind::integers:
      return "array of integers";
  }
  return {};
}

std::string default_cell(const OptionRow& row) {
  const std::string text = default_text(row);
  return text.empty() ? "none" : "`" + text + "`";
}

}  // namespace

std::string options_markdown() {
  std::string text =
      "# Configuration\n"
      "\n"
      "One TOML file, checked with `ringgate check --config FILE`; [ringgate.toml](ringgate.toml) "
      "is an example.\n"
      "Unknown keys are errors. `[[account]]` is required, once per account; without `[[listen]]` "
      "the server listens\n"
      "on 0.0.0.0 port 2775. Weights under `[backend.sim.outcomes]` need not add up to 1.\n"
      "\n"
      "This page is generated from `src/config/option_rows.h`.\n"
      "\n"
      "| section | key | kind | range | default | meaning |\n"
      "|---|---|---|---|---|---|\n";
  for (const OptionRow& row : option_rows) {
    text += "| " + section_text(row) + " | `" + std::string(row.key) + "` | ";
    text += kind_word(row.kind) + " | " + range_text(row) + " | ";
    text += default_cell(row) + " | " + std::string(row.meaning) + " |\n";
  }
  return text;
}

}  // namespace ringgate

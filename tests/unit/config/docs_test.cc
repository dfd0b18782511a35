// Aim: the rows, the defaults in options.h and the two pages under docs/ cannot drift apart.
// Method: each default is written as TOML and read back; the pages are compared with the rows. Run
// with RINGGATE_UPDATE_DOCS=1 to rewrite docs/configuration.md.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "config/config.h"
#include "options/option_rows.h"
#include "options/option_text.h"

namespace ringgate {
namespace {

std::string docs_path(const std::string& name) {
  const char* root = std::getenv("RINGGATE_SOURCE_ROOT");
  if (root == nullptr) ADD_FAILURE() << "RINGGATE_SOURCE_ROOT is not set";
  return (root == nullptr ? std::string() : root + std::string("/")) + "docs/" + name;
}

std::string file_text(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.is_open()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Parses a document that says `value` for the row and nothing else of interest; returns what the
/// member became.
std::string value_read(const OptionRow& row, const std::string& value) {
  const std::string name(row.section);
  std::string text = "[[account]]\nsystem_id = \"x\"\npassword = \"x\"\n";
  const std::size_t dot = row.section.find('.');
  const SectionRow* const parent = section_row(row.section.substr(0, dot));
  if (dot != row.section.npos && parent != nullptr && parent->array && parent->name != "account")
    text += "[[" + std::string(parent->name) + "]]\n";
  if (row.section != "account")
    text += section_row(row.section)->array ? "[[" + name + "]]\n" : "[" + name + "]\n";
  text += std::string(row.key) + " = " + value + "\n";
  const Config config = parse_config(text, "f.toml");
  for (const ConfigError& error : config.errors) ADD_FAILURE() << error.text() << "\n" << text;
  return value_text(row, row.member.get(config.options));
}

TEST(OptionRows, EachHasASectionAndAUniqueName) {
  std::set<std::string> names;
  for (const OptionRow& row : option_rows) {
    EXPECT_NE(section_row(row.section), nullptr) << row.section;
    const std::string name = std::string(row.section) + "." + std::string(row.key);
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(section_row(name), nullptr) << name;
    EXPECT_LE(row.min, row.max) << name;
    EXPECT_FALSE(row.meaning.empty()) << name;
    EXPECT_EQ(row.meaning.find('|'), std::string_view::npos) << name;
  }
}

TEST(OptionRows, DefaultsReadBack) {
  for (const OptionRow& row : option_rows) {
    // Weights belong together, so a default weight of 0 alone is rightly refused.
    if (row.section == "backend.sim.outcomes") continue;
    const std::string text = default_text(row);
    if (text.empty()) continue;
    EXPECT_EQ(value_read(row, text), text) << row.section << "." << row.key;
  }
}

TEST(QuirkProfiles, TemplatesCompile) {
  for (const QuirkProfileRow& row : quirk_profile_rows) {
    const std::string& text = find_profile(row.name)->receipt_template;
    std::string fault;
    if (!text.empty()) smpp::ReceiptTemplate::compile(text, fault);
    EXPECT_EQ(fault, "") << row.name;
  }
}

/// The receipts on the providers' own pages come out of their profiles' templates.
TEST(QuirkProfiles, TemplatesMakeTheirProvidersReceipts) {
  const auto receipt = [](std::string_view profile, const smpp::ReceiptFields& fields) {
    std::string fault;
    const auto compiled =
        smpp::ReceiptTemplate::compile(find_profile(profile)->receipt_template, fault);
    EXPECT_EQ(fault, "") << profile;
    char text[smpp::ReceiptTemplate::receipt_max];
    return std::string(text, compiled ? compiled->write(fields, text, sizeof text) : 0);
  };
  smpp::ReceiptFields fields;
  fields.success = true;
  fields.id = "ble50673-f8b8-41e8-a143-07a43bb8c86b";
  fields.submit_s = fields.done_s = 1'573'564'440;
  fields.err = "0";
  fields.text = "Sending SMS through SMPP and more";
  EXPECT_EQ(receipt("inmobile", fields),
            "id:ble50673-f8b8-41e8-a143-07a43bb8c86b sub:001 dlvrd:001 submit date:1911121314 "
            "done date:1911121314 stat:DELIVRD err:000");
  fields.id = "1_14839433040000";
  fields.submit_s = 1'483'954'500;
  fields.done_s = 1'483'954'800;
  EXPECT_EQ(receipt("imiconnect", fields),
            "id:1_14839433040000 sub:001 submit date:1701090935 done date:1701090940 stat:DELIVRD "
            "err:000 text:\"Sending SMS through SMPP \"");
}

/// What the page says a profile sets, given key by key, makes the same account.
TEST(QuirkProfiles, EveryValueCanBeWrittenInTheFile) {
  for (const QuirkProfileRow& profile : quirk_profile_rows) {
    Options wanted;
    wanted.accounts.emplace_back().quirks = *find_profile(profile.name);
    for (const OptionRow& row : option_rows) {
      if (row.section != "account.quirks" || row.key == "profile") continue;
      const OptionValue value = row.member.get(wanted);
      const bool is_template = row.kind == OptionKind::receipt_template;
      const std::string text = is_template ? "'" + value.text + "'" : value_text(row, value);
      EXPECT_EQ(value_read(row, text), value_text(row, value)) << profile.name << " " << row.key;
    }
  }
}

TEST(Docs, ConfigurationPageIsGenerated) {
  const std::string path = docs_path("configuration.md");
  if (std::getenv("RINGGATE_UPDATE_DOCS") != nullptr) std::ofstream(path) << options_markdown();
  EXPECT_EQ(file_text(path), options_markdown());
}

TEST(Docs, ExampleWorks) {
  const Config config = load_config(docs_path("ringgate.toml"));
  for (const ConfigError& error : config.errors) ADD_FAILURE() << error.text();
  ASSERT_EQ(config.options.listen.size(), 1u);
  EXPECT_EQ(config.options.listen[0].address, "0.0.0.0");
  EXPECT_EQ(config.options.listen[0].port, 2775);
  ASSERT_EQ(config.options.accounts.size(), 1u);
  EXPECT_EQ(config.options.accounts[0].system_id, "test");
  EXPECT_EQ(config.options.accounts[0].password, "test");
  EXPECT_EQ(config.options.backend.sim.delay_ms, 1000u);
}

TEST(Docs, ExampleShowsEveryKeyWithItsDefault) {
  const std::regex header("(?:# )?\\[+([a-z._]+)\\]+");
  const std::regex pair("(#? ?)([a-z_]+) = ([^#]*?) *(?:#.*)?");
  std::istringstream lines(file_text(docs_path("ringgate.toml")));
  std::set<const OptionRow*> shown;
  std::string section;
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, header)) section = match[1];
    if (!std::regex_match(line, match, pair) || match[2] == "outcomes") continue;
    const OptionRow* row = option_row(section, match[2].str());
    ASSERT_NE(row, nullptr) << line;
    shown.insert(row);
    if (match[1] != "#") continue;
    EXPECT_EQ(match[3].str(), default_text(*row)) << line;
  }
  for (const OptionRow& row : option_rows) {
    if (row.section == "backend.sim.outcomes") continue;
    EXPECT_EQ(shown.count(&row), 1u) << row.section << "." << row.key;
  }
}

}  // namespace
}  // namespace ringgate

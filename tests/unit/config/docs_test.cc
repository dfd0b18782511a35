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
#include "config/option_rows.h"
#include "config/option_text.h"

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
  const std::regex header("(?:# )?\\[+([a-z.]+)\\]+");
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

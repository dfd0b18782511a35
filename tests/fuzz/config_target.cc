// The configuration file: any text gives options or complaints, never an exception.
#include <algorithm>

#include "base/bytes.h"
#include "config/config.h"
#include "target.h"

namespace ringgate::fuzz {

void run_config(Octets input) {
  const ExactCopy text(input);
  const Config config = parse_config(as_text(text.octets()), "fuzz.toml");
  const auto lines = 1 + std::count(input.begin(), input.end(), '\n');
  for (const ConfigError& error : config.errors) {
    ASSERT(!error.message.empty());
    ASSERT(error.line <= lines);
    // One complaint is one line of a log or a terminal, whatever the file holds.
    const std::string shown = error.text();
    ASSERT(std::none_of(shown.begin(), shown.end(),
                        [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; }));
  }
}

/// The example, once as it is and once with every key that it shows as a comment.
Seeds seeds_of_config(const SeedSource& source) {
  const std::string& text = source.example_config;
  std::string all_keys;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = std::string_view(text).substr(begin, end - begin);
    const std::size_t key = line.find_first_not_of("# ");
    const bool has_key = line.find('=') != line.npos || (key != line.npos && line[key] == '[');
    if (has_key && key != line.npos) all_keys += std::string(line.substr(key)) + '\n';
    begin = end + 1;
  }
  return {text, all_keys, "[[account]]\nsystem_id = \"a\"\npassword = \"b\"\n"};
}

}  // namespace ringgate::fuzz

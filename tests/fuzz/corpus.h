// Where fuzzing starts: seeds from the golden PDUs, and the dictionary from the rows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "target.h"

namespace ringgate::fuzz {

/// Octets that mean something: command ids, statuses, TLV tags, keys of the configuration.
struct DictionaryEntry {
  std::string name;
  std::string octets;
};
std::vector<DictionaryEntry> dictionary();

/// In the form that libFuzzer's -dict reads.
std::string dictionary_text();

/// Reads tests/golden/*.json and docs/ringgate.toml under `root`, the repository.
SeedSource read_seed_source(const std::string& root);

}  // namespace ringgate::fuzz

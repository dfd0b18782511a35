// The fuzz program: every target behind one entry.
//
//   fuzz --list                     names of the targets
//   fuzz --dictionary FILE          writes the dictionary, derived from the rows
//   fuzz --seeds TARGET DIRECTORY   writes the seeds of a target, derived from the golden PDUs
//   fuzz --target=NAME ...          fuzzes, or runs the files named
//
// Built for libFuzzer, the last form takes libFuzzer's options. Built without it, standalone.cc has
// the main function and knows the few of them that tests/fuzz/run uses.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/bytes.h"
#include "corpus.h"
#include "target.h"

namespace ringgate::fuzz {
namespace {

#define RINGGATE_FUZZ_TARGET(name) \
  Target { #name, run_##name, seeds_of_##name }
constexpr Target rows[] = {
    RINGGATE_FUZZ_TARGET(framing), RINGGATE_FUZZ_TARGET(pdu),
    RINGGATE_FUZZ_TARGET(tlv),     RINGGATE_FUZZ_TARGET(session),
    RINGGATE_FUZZ_TARGET(text),    RINGGATE_FUZZ_TARGET(receipt),
    RINGGATE_FUZZ_TARGET(config),  RINGGATE_FUZZ_TARGET(journal),
    RINGGATE_FUZZ_TARGET(forgery), RINGGATE_FUZZ_TARGET(proxy_header),
    RINGGATE_FUZZ_TARGET(canary),
};
#undef RINGGATE_FUZZ_TARGET

const Target* chosen = nullptr;

[[noreturn]] void refuse(const std::string& why) {
  std::fprintf(stderr, "fuzz: %s\n", why.c_str());
  std::exit(2);
}

void write_file(const std::filesystem::path& path, std::string_view text) {
  std::ofstream stream(path, std::ios::binary);
  stream.write(text.data(), static_cast<std::streamsize>(text.size()));
  stream.close();
  if (!stream) refuse("cannot write " + path.string());
}

const Target& target_named(const std::string& name) {
  const Target* const target = find_target(name);
  if (target == nullptr) refuse("no target " + name + " (see --list)");
  return *target;
}

void write_seeds(const std::string& name, const std::filesystem::path& directory) {
  const char* const root = std::getenv("RINGGATE_SOURCE_ROOT");
  if (root == nullptr) refuse("RINGGATE_SOURCE_ROOT must name the repository");
  std::filesystem::create_directories(directory);
  unsigned number = 0;
  for (const std::string& seed : target_named(name).seeds(read_seed_source(root)))
    write_file(directory / ("seed-" + std::to_string(number++)), seed);
}

void read_command_line(const std::vector<std::string>& arguments) {
  const std::string first = arguments.empty() ? std::string() : arguments[0];
  if (first == "--list") {
    for (const Target& target : rows) std::puts(target.name.data());
    std::exit(0);
  }
  if (first == "--dictionary" && arguments.size() == 2) {
    write_file(arguments[1], dictionary_text());
    std::exit(0);
  }
  if (first == "--seeds" && arguments.size() == 3) {
    write_seeds(arguments[1], arguments[2]);
    std::exit(0);
  }
  constexpr std::string_view option = "--target=";
  if (!first.starts_with(option))
    refuse("wants --list, --dictionary FILE, --seeds TARGET DIRECTORY or --target=NAME first");
  chosen = &target_named(first.substr(option.size()));
}

}  // namespace

std::span<const Target> targets() { return rows; }

const Target* find_target(std::string_view name) {
  for (const Target& target : rows)
    if (target.name == name) return &target;
  return nullptr;
}

}  // namespace ringgate::fuzz

// The two functions that libFuzzer calls.

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  ringgate::fuzz::read_command_line({*argv + 1, *argv + *argc});
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ringgate::fuzz::chosen->run({data, size});
  return 0;
}

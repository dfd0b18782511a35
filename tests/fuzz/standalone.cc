// A main function for compilers without libFuzzer: runs the corpus, then random changes of it until
// the time is up. It does not look at coverage, so it finds less; it takes the same options.
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fcntl.h>

#include "base/bytes.h"
#include "base/prng.h"
#include "corpus.h"
#include "target.h"

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace ringgate::fuzz {
namespace {

constexpr std::size_t input_size_max = 4'096;  // libFuzzer's default as well
constexpr unsigned changes_max = 6;

struct Settings {
  Seeds corpus;
  std::string artifact_prefix = "./";
  unsigned long seconds = 0;  // 0: the corpus only
  std::uint64_t seed = 1;
};

// The input in hand, and where it is written when it ends the process.
std::string current;
std::string artifact_path;

/// Only what a signal handler may do.
void on_fatal_signal(int number) {
  const int file = open(artifact_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file >= 0) {
    const bool whole = write(file, current.data(), current.size()) >= 0;
    close(file);
    constexpr char said[] = "standalone: the input that did it is in the artifact file\n";
    if (whole && write(STDERR_FILENO, said, sizeof said - 1) < 0) _exit(77);
  }
  std::signal(number, SIG_DFL);
  std::raise(number);
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

Settings read_settings(int argc, char** argv) {
  Settings settings;
  const auto value_of = [](std::string_view argument, std::string_view name) {
    return argument.starts_with(name) ? argument.data() + name.size() : nullptr;
  };
  for (int i = 2; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (const char* const prefix = value_of(argument, "-artifact_prefix="))
      settings.artifact_prefix = prefix;
    else if (const char* const limit = value_of(argument, "-max_total_time="))
      settings.seconds = std::strtoul(limit, nullptr, 10);
    else if (const char* const seed = value_of(argument, "-seed="))
      settings.seed = std::strtoull(seed, nullptr, 10);
    else if (argument.starts_with("-"))
      continue;
    else if (std::filesystem::is_directory(argument))
      for (const auto& file : std::filesystem::directory_iterator(argument))
        settings.corpus.push_back(read_file(file.path()));
    else
      settings.corpus.push_back(read_file(argument));
  }
  return settings;
}

/// Changes inputs a little, as libFuzzer's own mutations do.
class Mutator {
 public:
  explicit Mutator(const Settings& settings) : corpus_(settings.corpus), prng_(settings.seed) {
    for (DictionaryEntry& entry : dictionary()) words_.push_back(std::move(entry.octets));
    words_.emplace_back(canary_magic);
  }

  std::string next() {
    std::string input = corpus_.empty() ? std::string() : any(corpus_);
    for (auto changes = 1 + prng_.below(changes_max); changes > 0; --changes) change(input);
    if (input.size() > input_size_max) input.resize(input_size_max);
    return input;
  }

 private:
  const std::string& any(const Seeds& from) { return from[prng_.below(from.size())]; }
  std::size_t place(const std::string& input) { return prng_.below(input.size() + 1); }

  void change(std::string& input) {
    const std::size_t at = place(input);
    switch (prng_.below(7)) {
      case 0:  // one bit
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << prng_.below(8)));
        return;
      case 1:  // one octet
        if (at < input.size()) input[at] = static_cast<char>(prng_.below(256));
        return;
      case 2:  // a value at the edge
        if (at < input.size()) input[at] = "\x00\x01\x0F\x10\x7F\x80\xFE\xFF"[prng_.below(8)];
        return;
      case 3:  // a piece less
        input.erase(at, 1 + prng_.below(1u << prng_.below(8)));
        return;
      case 4:  // a piece twice
        input.insert(at, input.substr(place(input), 1 + prng_.below(1u << prng_.below(8))));
        return;
      case 5: {  // a word, over what is there or between
        const std::string& word = any(words_);
        input.replace(at, prng_.below(2) * word.size(), word);
        return;
      }
      case 6:  // the end of another input
        if (!corpus_.empty()) {
          const std::string& other = any(corpus_);
          input = input.substr(0, at) + other.substr(place(other));
        }
        return;
    }
  }

  const Seeds& corpus_;
  Seeds words_;
  Prng prng_;
};

void run_one(std::string input) {
  current = std::move(input);
  LLVMFuzzerTestOneInput(as_octets(current).data(), current.size());
}

int run(int argc, char** argv) {
  const Settings settings = read_settings(argc, argv);
  artifact_path = settings.artifact_prefix + "crash-" + std::to_string(settings.seed);
  for (const int number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL})
    std::signal(number, on_fatal_signal);
  for (const std::string& input : settings.corpus) run_one(input);
  using Clock = std::chrono::steady_clock;
  const Clock::time_point until = Clock::now() + std::chrono::seconds(settings.seconds);
  Mutator mutator(settings);
  unsigned long runs = settings.corpus.size();
  for (; Clock::now() < until; ++runs) run_one(mutator.next());
  std::fprintf(stderr, "Done %lu runs in %lu second(s)\n", runs, settings.seconds);
  return 0;
}

}  // namespace
}  // namespace ringgate::fuzz

int main(int argc, char** argv) {
  LLVMFuzzerInitialize(&argc, &argv);
  return ringgate::fuzz::run(argc, argv);
}

// sim SEED | sim --seeds N [--start S] | sim --twice SEED | sim --canary | sim --planted | sim
// --broken | sim (what CI runs)
//
// RINGGATE_SECONDS and RINGGATE_ROUNDS extend the last form: so many seconds, or so many seeds, of
// fresh ones.
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <span>
#include <string_view>

#include "base/rarely.h"
#include "rare.h"
#include "world.h"

namespace {

using ringgate::sim::Canary;
using ringgate::sim::Result;
using ringgate::sim::World;

// Seeds that once failed, or that cover something rare, and then the first ones.
constexpr std::uint64_t fixed_seeds[] = {25, 144, 170, 196, 3561, 4887, 1,  2,  3,
                                         4,  5,   6,   7,   8,    9,    10, 11, 12};
constexpr std::uint64_t canary_seeds_max = 600;
constexpr double fresh_seconds = 20;

struct Totals {
  std::uint64_t seeds = 0;
  std::uint64_t accepted = 0;
  std::uint64_t receipts = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t operations = 0;
  std::uint64_t resubmits = 0;
  double simulated = 0;
  std::uint64_t crashes = 0;
  std::uint64_t ends = 0;
  std::uint64_t restored = 0;
};

bool run_one(std::uint64_t seed, Totals& totals, bool verbose) {
  World world(seed, Canary::none);
  const Result result = world.run();
  ++totals.seeds;
  totals.accepted += result.accepted;
  totals.receipts += result.receipts;
  totals.duplicates += result.duplicates;
  totals.operations += result.operations;
  totals.resubmits += result.resubmits;
  totals.simulated += result.seconds;
  totals.crashes += result.crashes;
  totals.ends += result.ends;
  totals.restored += result.restored;
  if (!result.faults.empty()) {
    world.print_trace();
    for (const std::string& fault : result.faults)
      std::fprintf(stderr, "seed %" PRIu64 ": %s\n", seed, fault.c_str());
    return false;
  }
  if (verbose)
    std::printf("seed %" PRIu64 ": %" PRIu64 " accepted, %" PRIu64 " receipts, %" PRIu64
                " again, %" PRIu64 " operations, %" PRIu64 " resubmits, %" PRIu64
                " crashes, %" PRIu64 " ends, %" PRIu64 " restored, %.0f s, %" PRIu64
                " events, trace %016" PRIx64 "\n",
                seed, result.accepted, result.receipts, result.duplicates, result.operations,
                result.resubmits, result.crashes, result.ends, result.restored, result.seconds,
                result.events, result.hash);
  return true;
}

int run_twice(std::uint64_t seed) {
  const std::uint64_t first = World(seed, Canary::none).run().hash;
  const std::uint64_t second = World(seed, Canary::none).run().hash;
  std::printf("seed %" PRIu64 ": trace %016" PRIx64 " and %016" PRIx64 "\n", seed, first, second);
  return first == second ? 0 : 1;
}

/// Each of the world's own faults must be seen within a bounded number of seeds.
int run_canary() {
  for (const Canary canary : {Canary::lost_mail, Canary::doubled_receipt}) {
    std::uint64_t seed = 1;
    std::vector<std::string> faults;
    for (; seed <= canary_seeds_max && faults.empty(); ++seed)
      faults = World(seed, canary).run().faults;
    if (faults.empty()) {
      std::fprintf(stderr, "canary %d lives after %" PRIu64 " seeds\n", static_cast<int>(canary),
                   canary_seeds_max);
      return 1;
    }
    std::printf("canary %d found by seed %" PRIu64 ": %s\n", static_cast<int>(canary), seed - 1,
                faults.front().c_str());
  }
  return 0;
}

/// Defences that are left out, alone or with the fault that they are there for.
constexpr std::string_view repeating_names[] = {"names repeat"};
constexpr std::string_view open_door[] = {"wrong bind", "no door"};
constexpr std::string_view open_ids[] = {"no ownership"};
constexpr std::string_view long_turns[] = {"no turn order"};
constexpr std::string_view open_memory[] = {"no shares"};
constexpr std::string_view forged_batches[] = {"no salt"};
constexpr std::string_view lost_names[] = {"no order of names"};
constexpr std::string_view poor_repair[] = {"names in one place"};
constexpr std::string_view late_answers[] = {"responses wait"};
constexpr std::string_view open_store[] = {"room is not reserved"};
constexpr std::string_view endless_copies[] = {"padding is garbage"};
constexpr std::string_view early_close[] = {"closed under way"};
constexpr std::span<const std::string_view> planted_faults[] = {
    repeating_names, open_door,   open_ids,     long_turns, open_memory,    forged_batches,
    lost_names,      poor_repair, late_answers, open_store, endless_copies, early_close};

/// Some are found by an assertion, which ends the process: each has one of its own.
bool planted_is_found(std::span<const std::string_view> faults) {
  const std::string name(faults.back());
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    ringgate::sim::plant(faults);
    for (std::uint64_t seed = 1; seed <= canary_seeds_max; ++seed) {
      const std::vector<std::string> found = World(seed, Canary::none).run().faults;
      if (found.empty()) continue;
      std::printf("planted \"%s\" found by seed %" PRIu64 ": %s\n", name.c_str(), seed,
                  found.front().c_str());
      std::fflush(nullptr);
      _exit(0);
    }
    _exit(1);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return false;
  if (WIFSIGNALED(status)) std::printf("planted \"%s\" found by an assertion\n", name.c_str());
  const bool found = WIFSIGNALED(status) ? WTERMSIG(status) == SIGABRT : WEXITSTATUS(status) == 0;
  if (!found) std::fprintf(stderr, "planted \"%s\" lives\n", name.c_str());
  return found;
}

int run_planted() {
  int lives = 0;
  for (const auto faults : planted_faults) lives += planted_is_found(faults) ? 0 : 1;
  return lives;
}

/// For the build with a planted bug: some world must see that what was promised is not kept.
int run_broken() {
  static constexpr std::string_view bug[] = {"of this build"};
  return planted_is_found(bug) ? 0 : 1;
}

double number_from(const char* variable, double otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtod(text, nullptr);
}

std::uint64_t seed_from(const char* text) { return std::strtoull(text, nullptr, 10); }

void print(const Totals& totals, double wall) {
  std::printf("%" PRIu64 " seeds, %" PRIu64 " accepted, %" PRIu64 " receipts, %" PRIu64
              " again, %" PRIu64 " operations, %" PRIu64 " resubmits, %" PRIu64 " crashes, %" PRIu64
              " ends, %" PRIu64 " restored; %.0f seeds a minute, %.1f simulated hours a minute\n",
              totals.seeds, totals.accepted, totals.receipts, totals.duplicates, totals.operations,
              totals.resubmits, totals.crashes, totals.ends, totals.restored,
              static_cast<double>(totals.seeds) / wall * 60, totals.simulated / wall * 60 / 3600);
  ringgate::sim::print_rare();
}

}  // namespace

int main(int count, char** arguments) {
  const auto begun = std::chrono::steady_clock::now();
  const auto passed = [begun] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  };
  Totals totals;
  if (count == 2 && std::strcmp(arguments[1], "--canary") == 0) return run_canary();
  if (count == 2 && std::strcmp(arguments[1], "--planted") == 0) return run_planted();
  if (count == 2 && std::strcmp(arguments[1], "--broken") == 0) return run_broken();
  if (count == 3 && std::strcmp(arguments[1], "--twice") == 0)
    return run_twice(seed_from(arguments[2]));
  if (count == 2) return run_one(seed_from(arguments[1]), totals, true) ? 0 : 1;
  if (count >= 3 && std::strcmp(arguments[1], "--seeds") == 0) {
    const std::uint64_t start = count == 5 ? seed_from(arguments[4]) : 1;
    bool good = true;
    for (std::uint64_t i = 0; i < seed_from(arguments[2]); ++i)
      good = run_one(start + i, totals, false) && good;
    print(totals, passed());
    return good ? 0 : 1;
  }
  if (count != 1) {
    std::fprintf(
        stderr,
        "sim [SEED | --seeds N [--start S] | --twice SEED | --canary | --planted | --broken]\n");
    return 2;
  }

  for (const std::uint64_t seed : fixed_seeds)
    if (!run_one(seed, totals, false)) return 1;
  // Fresh ones are printed before they run, in case they do not come back.
  const double seconds_max = number_from("RINGGATE_SECONDS", fresh_seconds);
  const double rounds_max = number_from("RINGGATE_ROUNDS", 1e18);
  const std::uint64_t start = std::random_device{}();
  const double from = passed();
  std::printf("fresh seeds from %" PRIu64 "\n", start);
  std::fflush(stdout);
  for (std::uint64_t i = 0; static_cast<double>(i) < rounds_max && passed() - from < seconds_max;
       ++i)
    if (!run_one(start + i, totals, false)) return 1;
  print(totals, passed());
  return 0;
}

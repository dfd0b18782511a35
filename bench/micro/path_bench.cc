// The stages of a message's way: timed, or run so often and no more.
//
//   path_bench [options of Google Benchmark]    times them
//   path_bench --stages                         lists them: name, messages in a turn
//   path_bench --run STAGE TURNS                for somebody who counts what that takes
#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "path_stages.h"
#include "policy/rate_limit.h"

namespace ringgate::bench {
namespace {

void rate_limit_shared(benchmark::State& state) {
  const Rate rate(1e9, 1);
  static RateLimit limit(0);
  static std::atomic<Nanos> base = 0;
  Nanos now = base.load();
  for (auto _ : state) benchmark::DoNotOptimize(limit.admit(rate, now += 10));
  base.store(now);
}
BENCHMARK(rate_limit_shared)->Threads(2)->UseRealTime();

void register_stages() {
  for (const Stage& stage : path_stages())
    benchmark::RegisterBenchmark(std::string(stage.name).c_str(), [stage](benchmark::State& state) {
      const auto turn = stage.make();
      for (auto _ : state) turn();
      state.SetItemsProcessed(state.iterations() * stage.messages);
    });
}

int list() {
  for (const Stage& stage : path_stages())
    std::printf("%.*s %u\n", static_cast<int>(stage.name.size()), stage.name.data(),
                stage.messages);
  return 0;
}

int run(std::string_view name, const char* turns) {
  for (const Stage& stage : path_stages()) {
    if (stage.name != name) continue;
    const auto turn = stage.make();
    for (unsigned long left = std::strtoul(turns, nullptr, 10); left != 0; --left) turn();
    return 0;
  }
  std::fprintf(stderr, "path_bench: no stage has that name; --stages lists them\n");
  return 2;
}

int run_benchmarks(int argc, char** argv) {
  register_stages();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

}  // namespace
}  // namespace ringgate::bench

int main(int argc, char** argv) {
  const std::string_view first = argc > 1 ? argv[1] : "";
  if (first == "--stages") return ringgate::bench::list();
  if (first == "--run" && argc == 4) return ringgate::bench::run(argv[2], argv[3]);
  return ringgate::bench::run_benchmarks(argc, argv);
}

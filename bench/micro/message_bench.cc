// What a message id costs: plain, permuted as the shards do it, and one by one.
#include <benchmark/benchmark.h>

#include "message/id_source.h"
#include "shard/owners.h"

namespace ringgate {
namespace {

constexpr IdKey key{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

void id_next(benchmark::State& state) {
  const MessageIdCodec codec = state.range(0) != 0 ? MessageIdCodec(key) : MessageIdCodec();
  MessageIdSource ids(1, 0, 1'700'000'000'000'000, codec);
  for (auto _ : state) benchmark::DoNotOptimize(ids.next());
}
BENCHMARK(id_next)->Arg(0)->Arg(1);

void id_permuted_alone(benchmark::State& state) {
  const MessageIdCodec codec(key);
  std::uint64_t sequence = 1'700'000'000'000'000;
  for (auto _ : state) benchmark::DoNotOptimize(codec.id_of({}, ++sequence));
}
BENCHMARK(id_permuted_alone);

void id_short_form(benchmark::State& state) {
  const MessageIdCodec codec(key);
  MessageId id;
  for (auto _ : state) {
    ++id.value;
    benchmark::DoNotOptimize(codec.short_form(id));
  }
}
BENCHMARK(id_short_form);

void owners_note(benchmark::State& state) {
  Owners owners(1u << 20);
  std::uint64_t sequence = 0;
  for (auto _ : state) owners.note(++sequence, 3);
  benchmark::DoNotOptimize(owners.account_of(sequence));
}
BENCHMARK(owners_note);

}  // namespace
}  // namespace ringgate

BENCHMARK_MAIN();

// What the simulator adds to one submit: the plain path of benchmarks, and messages that wait.
#include <benchmark/benchmark.h>

#include <array>
#include <vector>

#include "backend/sim/simulator.h"
#include "base/prng.h"
#include "base/units.h"

namespace ringgate {
namespace {

struct NoReplies final : Replies {
  Posted answer(Ticket, Status) override { return Posted::ok; }
  Posted report(Ticket, Outcome) override { return Posted::ok; }
  Posted answer(OperationTicket, const OperationAnswer&) override { return Posted::ok; }
  Routed deliver(const Deliver&, MessageId&) override { return Routed::ok; }
  Routed alert(const Alert&) override { return Routed::ok; }
  unsigned shard() const override { return 0; }
};

/// The low 48 bits of an id, as counted or as a keyed permutation would make them.
enum class Ids { counted, mixed };

/// Batches of 64 submits that wait for `delay_ms`, one batch each `gap`: per submit. So delay / gap
/// * 64 messages wait at any time.
void simulator_submits(benchmark::State& state, Ids ids, unsigned delay_ms, Nanos gap) {
  SimOptions options;
  options.delay_ms = delay_ms;
  Simulator simulator(options, 1'048'576);
  simulator.on_start(1, {1, 1'800'000'000}, nullptr);
  NoReplies replies;
  const std::array<std::string, 64> destinations = [] {
    std::array<std::string, 64> out;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::to_string(491'234'567'890 + i * 997);
    return out;
  }();
  std::vector<Submit> batch(64);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    batch[i].system_id = "test";
    batch[i].source = {1, 1, "441234567890"};
    batch[i].destination = {1, 1, destinations[i]};
    batch[i].outcome_wanted = true;
  }
  Prng prng(1);
  Now now{1, 1'800'000'000};
  std::uint64_t sequence = 0;
  const auto turn = [&] {
    now.mono += gap;
    for (Submit& submit : batch)
      submit.id = {1ULL << 48 | (ids == Ids::mixed ? prng.next() >> 16 : ++sequence)};
    simulator.on_submits(batch, now, replies);
    while (simulator.deadline(0) <= now.mono) simulator.on_deadline(now, replies);
  };
  for (int i = 0; i < 3'000; ++i) turn();
  for (auto _ : state) turn();
  state.SetItemsProcessed(state.iterations() * 64);
}
BENCHMARK_CAPTURE(simulator_submits, plain_counted, Ids::counted, 0, milliseconds(1));
BENCHMARK_CAPTURE(simulator_submits, plain_mixed, Ids::mixed, 0, milliseconds(1));
// 30,000 wait.
BENCHMARK_CAPTURE(simulator_submits, waiting_counted, Ids::counted, 469, milliseconds(1));
BENCHMARK_CAPTURE(simulator_submits, waiting_mixed, Ids::mixed, 469, milliseconds(1));

}  // namespace
}  // namespace ringgate

BENCHMARK_MAIN();

// What the building blocks of src/base cost, each beside what it replaces where there is such a
// thing.
#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <thread>
#include <vector>

#include "base/chunk_pool.h"
#include "base/histogram.h"
#include "base/prng.h"
#include "base/slab.h"
#include "base/spsc.h"
#include "base/timer_wheel.h"
#include "base/units.h"

namespace ringgate {
namespace {

struct Entry {
  std::uint64_t words[24];  // The size of a window or outbox entry, roughly.

  // Leaves the words alone, so that the allocators are compared and not their memset.
  Entry() {}
};

// Both allocators hold `range` objects and replace them in turn, as a window does.
void slab_take_give(benchmark::State& state) {
  const auto held = static_cast<std::uint32_t>(state.range(0));
  Slab<Entry> slab(held + 1);
  std::vector<Entry*> entries(held);
  for (Entry*& entry : entries) entry = slab.take();
  std::size_t position = 0;
  for (auto _ : state) {
    slab.give(entries[position]);
    entries[position] = slab.take();
    benchmark::DoNotOptimize(entries[position]->words[0] = 1);
    position = position + 1 == held ? 0 : position + 1;
  }
  for (Entry* const entry : entries) slab.give(entry);
}
BENCHMARK(slab_take_give)->Arg(1)->Arg(1000);

void malloc_free(benchmark::State& state) {
  const auto held = static_cast<std::size_t>(state.range(0));
  std::vector<Entry*> entries(held);
  for (Entry*& entry : entries) entry = static_cast<Entry*>(std::malloc(sizeof(Entry)));
  std::size_t position = 0;
  for (auto _ : state) {
    std::free(entries[position]);
    entries[position] = static_cast<Entry*>(std::malloc(sizeof(Entry)));
    benchmark::DoNotOptimize(entries[position]->words[0] = 1);
    position = position + 1 == held ? 0 : position + 1;
  }
  for (Entry* const entry : entries) std::free(entry);
}
BENCHMARK(malloc_free)->Arg(1)->Arg(1000);

void chunk_pool_take_give(benchmark::State& state) {
  ChunkPool pool(16384, 64);
  for (auto _ : state) {
    std::uint8_t* const chunk = pool.take();
    benchmark::DoNotOptimize(chunk);
    pool.give(chunk);
  }
}
BENCHMARK(chunk_pool_take_give);

struct Descriptor {
  std::uint64_t address;
  std::uint64_t length;
};

// Per item, in batches of `range`, without a second thread: the cost of the instructions alone.
void spsc_one_thread(benchmark::State& state) {
  const auto batch = static_cast<std::uint32_t>(state.range(0));
  Spsc<Descriptor> queue(1024);
  std::uint64_t sum = 0;
  for (auto _ : state) {
    for (std::uint32_t i = 0; i < batch; ++i) queue.stage(Descriptor{i, i});
    queue.publish();
    queue.drain(batch, [&sum](const Descriptor& item) { sum += item.address; });
  }
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(state.iterations() * batch);
}
BENCHMARK(spsc_one_thread)->Arg(1)->Arg(32);

// Per item, with a consumer that drains all the time: what two cores pass to each other, cache
// lines included.
void spsc_two_threads(benchmark::State& state) {
  const auto batch = static_cast<std::uint32_t>(state.range(0));
  Spsc<Descriptor> queue(4096);
  std::atomic<bool> stop = false;
  std::thread consumer([&queue, &stop] {
    std::uint64_t sum = 0;
    const auto add = [&sum](const Descriptor& item) { sum += item.address; };
    for (;;) {
      // The order matters: what was published before `stop` is drained after it is seen.
      const bool last = stop.load(std::memory_order_acquire);
      if (queue.drain(1024, add) == 0) {
        if (last) break;
        std::this_thread::yield();
      }
    }
    benchmark::DoNotOptimize(sum);
  });
  for (auto _ : state) {
    for (std::uint32_t i = 0; i < batch; ++i) {
      while (!queue.stage(Descriptor{i, i})) {
        queue.publish();
        std::this_thread::yield();
      }
    }
    queue.publish();
  }
  stop.store(true, std::memory_order_release);
  consumer.join();
  state.SetItemsProcessed(state.iterations() * batch);
}
BENCHMARK(spsc_two_threads)->Arg(1)->Arg(32)->UseRealTime();

// `range` timers of thirty seconds, each pushed back in turn while time passes: the inactivity
// timers of a busy shard.
void timer_wheel_rearm(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  TimerWheel wheel(0);
  std::vector<TimerNode> nodes(count);
  Nanos now = 0;
  std::size_t position = 0;
  for (auto _ : state) {
    now += 700;
    wheel.arm(nodes[position], now + seconds(30));
    position = position + 1 == count ? 0 : position + 1;
  }
}
BENCHMARK(timer_wheel_rearm)->Arg(100)->Arg(10000);

void timer_wheel_arm_disarm(benchmark::State& state) {
  TimerWheel wheel(0);
  TimerNode node;
  for (auto _ : state) {
    wheel.arm(node, seconds(10));
    wheel.disarm(node);
  }
}
BENCHMARK(timer_wheel_arm_disarm);

// What a turn pays when nothing is due: the deadline to sleep until, and the advance to now.
void timer_wheel_idle_turn(benchmark::State& state) {
  TimerWheel wheel(0);
  std::vector<TimerNode> nodes(1000);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    wheel.arm(nodes[i], seconds(1'000'000) + milliseconds(static_cast<Nanos>(i)));
  }
  Nanos now = 0;
  for (auto _ : state) {
    now += microseconds(20);
    wheel.advance(now, [](TimerNode&) {});
    benchmark::DoNotOptimize(wheel.next_deadline());
  }
}
BENCHMARK(timer_wheel_idle_turn);

// Per timer, from arming to firing, cascades included: each fired timer arms itself again for up to
// thirty seconds later.
void timer_wheel_fire(benchmark::State& state) {
  TimerWheel wheel(0);
  std::vector<TimerNode> nodes(10'000);
  Prng prng(1);
  const auto delay = [&prng] { return static_cast<Nanos>(prng.below(30'000'000'000)); };
  for (TimerNode& node : nodes) wheel.arm(node, delay());
  Nanos now = 0;
  std::int64_t fired = 0;
  for (auto _ : state) {
    now += milliseconds(1);
    wheel.advance(now, [&](TimerNode& node) {
      ++fired;
      wheel.arm(node, now + delay());
    });
  }
  state.SetItemsProcessed(fired);
}
BENCHMARK(timer_wheel_fire);

void histogram_record(benchmark::State& state) {
  Histogram histogram;
  Prng prng(1);
  std::vector<std::uint64_t> values(4096);
  for (std::uint64_t& value : values) value = static_cast<std::uint64_t>(prng.exponential(200'000));
  std::size_t position = 0;
  for (auto _ : state) {
    histogram.record(values[position]);
    position = (position + 1) % values.size();
  }
  benchmark::DoNotOptimize(histogram.count());
}
BENCHMARK(histogram_record);

void prng_below(benchmark::State& state) {
  Prng prng(1);
  for (auto _ : state) benchmark::DoNotOptimize(prng.below(1000));
}
BENCHMARK(prng_below);

}  // namespace
}  // namespace ringgate

BENCHMARK_MAIN();

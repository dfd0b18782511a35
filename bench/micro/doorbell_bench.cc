// What it costs to tell another shard something: when it is awake (queue only) and when it sleeps
// (MSG_RING or eventfd). The sleeping case measures the round trip of two threads that wake each
// other in turn.
#include <benchmark/benchmark.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "runtime/mesh.h"
#include "uring/ring.h"

namespace ringgate::runtime {
namespace {

void post_and_publish_awake(benchmark::State& state) {
  MeshQueues queues(2);
  MeshPort here(queues, 0), there(queues, 1);
  const auto batch = static_cast<unsigned>(state.range(0));
  for (auto _ : state) {
    for (unsigned i = 0; i < batch; ++i) here.post(1, {1, 0, 0, i, 0});
    here.publish([](unsigned) {});
    benchmark::DoNotOptimize(
        there.drain(1024, [](const io::Mail& mail) { benchmark::DoNotOptimize(mail); }));
  }
  state.SetItemsProcessed(state.iterations() * batch);
}
BENCHMARK(post_and_publish_awake)->Arg(1)->Arg(64);

/// One thread rings, the other answers; both sleep in between. Half of the time shown is one wake.
void ring_a_sleeper(benchmark::State& state) {
  auto capabilities = uring::probe();
  if (!capabilities) return state.SkipWithError(capabilities.error().text.c_str());
  uring::Capabilities found = capabilities.value();
  std::atomic<int> answerer_fd = -1;
  std::atomic<int> asker_fd = -1;
  std::atomic<bool> stop = false;
  std::thread answerer([&] {
    auto ring = uring::Ring::make(found, 64, 256);
    answerer_fd = ring.value()->fd();
    while (asker_fd < 0) std::this_thread::yield();
    while (!stop) {
      ring.value()->enter(1'000'000'000);
      bool rung = false;
      ring.value()->drain(
          [&](const io_uring_cqe& completion) { rung |= completion.user_data == 1; });
      if (rung) uring::prep_msg_ring(ring.value()->sqe(), asker_fd, 2, 1);
    }
  });
  {
    auto ring = uring::Ring::make(found, 64, 256);
    asker_fd = ring.value()->fd();
    while (answerer_fd < 0) std::this_thread::yield();
    const auto round_trip = [&] {
      uring::prep_msg_ring(ring.value()->sqe(), answerer_fd, 2, 1);
      for (bool rung = false; !rung;) {
        ring.value()->enter(never);
        ring.value()->drain(
            [&](const io_uring_cqe& completion) { rung |= completion.user_data == 1; });
      }
    };
    for (auto _ : state) round_trip();
    stop = true;
    uring::prep_msg_ring(ring.value()->sqe(), answerer_fd, 2, 1);
    ring.value()->enter(0);
    answerer.join();
  }
}
BENCHMARK(ring_a_sleeper)->UseRealTime();

}  // namespace
}  // namespace ringgate::runtime

BENCHMARK_MAIN();

#include "runtime/mesh.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/prng.h"

namespace ringgate::runtime {
namespace {

io::Mail mail(std::uint64_t number, std::uint16_t from) {
  io::Mail out;
  out.number = from;
  out.pointer = number;
  return out;
}

// Aim: nothing is seen before publish, order survives the spill, and the spill empties. Method:
// five times what a queue holds, drained in between.
TEST(MeshPort, SpillKeepsOrder) {
  MeshQueues queues(2);
  MeshPort a(queues, 0);
  MeshPort b(queues, 1);
  int rung = 0;
  const auto ring = [&](unsigned) { ++rung; };
  for (std::uint64_t i = 0; i < 5'000; ++i) a.post(1, mail(i, 0));
  EXPECT_FALSE(b.has_mail());
  EXPECT_TRUE(a.has_spill());
  std::uint64_t next = 0;
  while (next < 5'000) {
    a.publish(ring);
    ASSERT_TRUE(b.has_mail());
    b.drain(300, [&](const io::Mail& one) { EXPECT_EQ(one.pointer, next++); });
  }
  EXPECT_FALSE(a.has_spill());
  EXPECT_FALSE(b.has_mail());
  EXPECT_EQ(rung, 0);
}

// Aim: the bell rings for a sleeper once, and never without mail. Method: flags set by hand.
TEST(MeshPort, RingsSleepersOnce) {
  MeshQueues queues(3);
  MeshPort port(queues, 0);
  std::vector<unsigned> rung;
  const auto ring = [&](unsigned shard) { rung.push_back(shard); };
  queues.flag(1).set();
  queues.flag(2).set();
  port.publish(ring);
  EXPECT_TRUE(rung.empty());
  port.post(2, mail(1, 0));
  port.publish(ring);
  port.post(2, mail(2, 0));
  port.publish(ring);
  EXPECT_EQ(rung, std::vector<unsigned>{2});
}

/// A shard's bed: what the ring is to a real one.
struct Bed {
  std::mutex mutex;
  std::condition_variable wake;
  bool rung = false;

  void ring() {
    const std::scoped_lock lock(mutex);
    rung = true;
    wake.notify_one();
  }
  void sleep() {
    std::unique_lock lock(mutex);
    wake.wait(lock, [this] { return rung; });
    rung = false;
  }
};

// Aim: no mail is lost, doubled or reordered per pair, and nobody sleeps for ever on mail that is
// there (for ThreadSanitizer too). Method: three threads that send each other 100,000 mails in
// bursts that overflow the queues, and sleep without a timeout, exactly as shards do.
TEST(MeshPort, ThreeThreads) {
  constexpr unsigned count = 3;
  constexpr std::uint64_t mails_per_pair = 100'000 / (count * (count - 1));
  MeshQueues queues(count);
  Bed beds[count];
  std::uint64_t sleeps[count] = {};
  const auto live = [&](unsigned self) {
    MeshPort port(queues, self);
    Prng prng(self);
    std::uint64_t sent[count] = {};
    std::uint64_t received[count] = {};
    const auto total = [&](const std::uint64_t* numbers) {
      std::uint64_t sum = 0;
      for (unsigned i = 0; i < count; ++i) sum += numbers[i];
      return sum;
    };
    constexpr std::uint64_t all = mails_per_pair * (count - 1);
    while (total(sent) < all || total(received) < all || port.has_spill()) {
      port.drain(200, [&](const io::Mail& one) { ASSERT_EQ(one.pointer, received[one.number]++); });
      // Sometimes nothing, sometimes more than a queue holds; most often a few.
      std::uint64_t burst = prng.chance(0.01) ? 3'000 : prng.below(3);
      for (unsigned shard = 0; shard < count; ++shard) {
        if (shard == self) continue;
        for (std::uint64_t i = 0; i < burst && sent[shard] < mails_per_pair; ++i)
          port.post(shard, mail(sent[shard]++, static_cast<std::uint16_t>(self)));
      }
      port.publish([&](unsigned shard) { beds[shard].ring(); });
      if (total(sent) < all || port.has_spill() || total(received) == all) continue;
      queues.flag(self).set();
      if (!port.has_mail()) {
        ++sleeps[self];
        beds[self].sleep();
      }
      queues.flag(self).clear();
    }
    // A bell may still come; the last ones to finish need nothing from us.
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < count; ++i) threads.emplace_back(live, i);
  for (std::thread& thread : threads) thread.join();
}

// Aim: the protocol alone loses no wake. Method: ping-pong of single mails between two threads that
// sleep at every turn.
TEST(MeshPort, PingPong) {
  constexpr std::uint64_t rounds = 20'000;
  MeshQueues queues(2);
  Bed beds[2];
  const auto play = [&](unsigned self) {
    MeshPort port(queues, self);
    std::uint64_t received = 0;
    if (self == 0) port.post(1, mail(0, 0));
    while (received < rounds) {
      port.publish([&](unsigned shard) { beds[shard].ring(); });
      queues.flag(self).set();
      if (!port.has_mail()) beds[self].sleep();
      queues.flag(self).clear();
      port.drain(10, [&](const io::Mail&) {
        ++received;
        port.post(1 - self, mail(received, 0));
      });
    }
    port.publish([&](unsigned shard) { beds[shard].ring(); });
  };
  std::thread first(play, 0U);
  std::thread second(play, 1U);
  first.join();
  second.join();
}

}  // namespace
}  // namespace ringgate::runtime

// Work that a thread from outside has the shards do, each its part on its own thread.
#pragma once

#include <cstddef>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/inbox.h"
#include "runtime/shard_thread.h"

namespace ringgate::runtime {

/// The one line about a call that waits, on a thread that may not.
inline std::string not_here(std::string_view what) {
  return std::string(what) + ": not on a shard's thread, which may not wait";
}

/// `work` may be called until the last of these is gone.
template <class F>
class SharedOrder final : public Order {
 public:
  SharedOrder(F work, std::shared_ptr<void> told)
      : work_(std::move(work)), told_(std::move(told)) {}
  bool carry_out(Core& core) override { return work_(core); }

 private:
  F work_;
  const std::shared_ptr<void> told_;
};

/// Has shards from the first on, so many of them, do bool(Core&), each a copy of its own and again
/// while that returns true. Returns when all have, or have ended; so not on a shard's thread. What
/// the work refers to is used by all of them at the same time.
template <class F>
void on_shards(Fleet& fleet, std::size_t count, F work) {
  ASSERT(!on_shard_thread && count <= fleet.shards.size());
  std::promise<void> all;
  std::future<void> done = all.get_future();
  std::shared_ptr<void> told(&all, [](std::promise<void>* promise) { promise->set_value(); });
  for (std::size_t i = 0; i < count; ++i)
    fleet.shards[i]->inbox()->post(OrderItem{std::make_unique<SharedOrder<F>>(work, told)});
  told.reset();
  done.wait();
}

template <class F>
void on_every_shard(Fleet& fleet, F work) {
  on_shards(fleet, fleet.shards.size(), std::move(work));
}

}  // namespace ringgate::runtime

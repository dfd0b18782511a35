#include "runtime/handshake_pool.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>

#include "base/assert.h"
#include "base/units.h"
#include "uring/clocks.h"
#include "uring/random.h"

namespace ringgate::runtime {
namespace {

// A shard that shares the CPU goes first: who is bound feels nothing of who wants to be.
constexpr int niceness = 10;
// What was not used of the allowance is not lost at once, so that clients may come back together.
constexpr Nanos saved_max = milliseconds(100);

}  // namespace

HandshakePool::HandshakePool(unsigned threads, unsigned rate)
    : interval_(rate == 0 ? 0 : seconds(1) / rate),
      by_address_(0, SeededHash{uring::random_number()}) {
  ASSERT(threads >= 1 && threads <= threads_max);
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

HandshakePool::~HandshakePool() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void HandshakePool::shake(io::Channel& channel, std::string_view address, bool begins,
                          std::function<void()> done) {
  {
    const std::scoped_lock lock(mutex_);
    ++waiting_;
    if (begins) {
      const auto [place, is_new] = by_address_.try_emplace(std::string(address));
      if (is_new) place->second = lines_.insert(lines_.end(), Line{std::string(address), {}});
      place->second->steps.push_back({&channel, std::move(done)});
    } else {
      begun_.push_back({&channel, std::move(done)});
    }
  }
  wake_.notify_one();
}

std::size_t HandshakePool::waiting() const {
  const std::scoped_lock lock(mutex_);
  return waiting_;
}

/// The next that begins, of another address than the one before where there is one.
HandshakePool::Step HandshakePool::take_line() {
  const auto line = lines_.begin();
  Step out = std::move(line->steps.front());
  line->steps.pop_front();
  if (line->steps.empty()) {
    by_address_.erase(line->address);
    lines_.erase(line);
  } else {
    lines_.splice(lines_.end(), lines_, line);
  }
  return out;
}

/// How long until one more may begin; 0: it may now, and is counted.
Nanos HandshakePool::wait_until_allowed() {
  if (interval_ == 0) return 0;
  const Nanos now = uring::read_clocks().mono;
  next_ = std::max(next_, now - saved_max);
  if (next_ > now) return next_ - now;
  next_ += interval_;
  return 0;
}

void HandshakePool::run() {
  setpriority(PRIO_PROCESS, 0, niceness);
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stop_ || waiting_ != 0; });
    if (stop_) return;
    Step step;
    if (!begun_.empty()) {
      step = std::move(begun_.front());
      begun_.pop_front();
    } else if (const Nanos wait = wait_until_allowed(); wait != 0) {
      wake_.wait_for(lock, std::chrono::nanoseconds(wait));
      continue;
    } else {
      step = take_line();
    }
    --waiting_;
    lock.unlock();
    step.channel->shake();
    step.done();
    lock.lock();
  }
}

}  // namespace ringgate::runtime

#include "runtime/handshake_pool.h"

#include <algorithm>
#include <chrono>

#include "base/assert.h"
#include "base/units.h"
#include "runtime/background.h"
#include "uring/clocks.h"
#include "uring/random.h"

namespace ringgate::runtime {
namespace {

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
    Place place{lines_.end(), {}};
    if (begins) {
      const auto [line, is_new] = by_address_.try_emplace(std::string(address));
      if (is_new) line->second = lines_.insert(lines_.end(), Line{std::string(address), {}});
      place.line = line->second;
    }
    Steps& steps = begins ? place.line->steps : begun_;
    place.step = steps.insert(steps.end(), {&channel, std::move(done)});
    const bool is_first = places_.emplace(&channel, place).second;
    ASSERT(is_first);
  }
  wake_.notify_one();
}

bool HandshakePool::withdraw(io::Channel& channel) {
  const std::scoped_lock lock(mutex_);
  const auto found = places_.find(&channel);
  if (found == places_.end()) return false;
  take(Place(found->second));
  return true;
}

std::size_t HandshakePool::waiting() const {
  const std::scoped_lock lock(mutex_);
  return places_.size();
}

/// It waits no more. The next that begins is of another address, where there is one.
HandshakePool::Step HandshakePool::take(const Place& place) {
  Step out = std::move(*place.step);
  places_.erase(out.channel);
  if (place.line == lines_.end()) {
    begun_.erase(place.step);
    return out;
  }
  place.line->steps.erase(place.step);
  if (place.line->steps.empty()) {
    by_address_.erase(place.line->address);
    lines_.erase(place.line);
  } else {
    lines_.splice(lines_.end(), lines_, place.line);
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
  work_in_background();
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stop_ || !places_.empty(); });
    if (stop_) return;
    Place next{lines_.end(), begun_.begin()};
    if (begun_.empty()) {
      if (const Nanos wait = wait_until_allowed(); wait != 0) {
        wake_.wait_for(lock, std::chrono::nanoseconds(wait));
        continue;
      }
      next = {lines_.begin(), lines_.front().steps.begin()};
    }
    const Step step = take(next);
    lock.unlock();
    step.channel->shake();
    step.done();
    lock.lock();
  }
}

}  // namespace ringgate::runtime

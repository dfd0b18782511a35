#include "runtime/password_pool.h"

#include <crypt.h>
#include <string.h>
#include <sys/random.h>

#include <memory>
#include <utility>

#include "base/assert.h"
#include "base/bytes.h"
#include "runtime/background.h"
#include "runtime/shard_thread.h"
#include "uring/clocks.h"

namespace ringgate::runtime {
namespace {

std::array<std::uint8_t, hash_secret_size> random_secret() {
  std::array<std::uint8_t, hash_secret_size> out;
  // Up to 256 octets come whole once the kernel has its entropy, and it waits until then.
  const ssize_t drawn = getrandom(out.data(), out.size(), 0);
  ASSERT(drawn == static_cast<ssize_t>(out.size()));
  return out;
}

}  // namespace

bool password_matches(const std::string& hash, const Secret& password) {
  const auto data = std::make_unique<crypt_data>();
  const char* const result = crypt_r(password.text().c_str(), hash.c_str(), data.get());
  // A hash is not secret-dependent in length, and its comparison tells nothing about the password.
  const bool matches = result != nullptr && result[0] != '*' && hash == result;
  explicit_bzero(data.get(), sizeof *data);
  return matches;
}

PasswordPool::PasswordPool(unsigned threads) : secret_(random_secret()), queue_(hash_64(secret_)) {
  ASSERT(threads >= 1 && threads <= threads_max);
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

PasswordPool::~PasswordPool() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

io::PasswordReply PasswordPool::compare(const io::PasswordQuestion& question, Done done) {
  const io::PasswordDigest asked = digest(question);
  io::PasswordReply reply;
  {
    const std::scoped_lock lock(mutex_);
    const Nanos now = uring::read_clocks().mono;
    if (!question.decoy && cache_.known(asked, now)) return io::PasswordReply::known;
    reply = queue_.add(question, std::move(done), now, gave_way_);
  }
  if (reply == io::PasswordReply::asked) wake_.notify_one();
  return reply;
}

io::PasswordDigest PasswordPool::digest(const io::PasswordQuestion& question) const {
  const Secret text = io::text_of(question);
  const auto [low, high] = hash_128(as_octets(text), secret_);
  return {low, high};
}

bool PasswordPool::known(const io::PasswordDigest& digest) {
  const std::scoped_lock lock(mutex_);
  return cache_.known(digest, uring::read_clocks().mono);
}

void PasswordPool::hold(const io::PasswordDigest& digest) {
  const std::scoped_lock lock(mutex_);
  cache_.hold(digest, uring::read_clocks().mono);
}

void PasswordPool::release(const io::PasswordDigest& digest) {
  const std::scoped_lock lock(mutex_);
  cache_.release(digest, uring::read_clocks().mono);
}

void PasswordPool::run() {
  work_in_background();
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stop_ || !gave_way_.empty() || queue_.waiting() != 0; });
    if (stop_) return;
    if (!gave_way_.empty()) tell_gave_way(lock);
    if (PasswordQueue::Check* const check = queue_.start(uring::read_clocks().mono))
      compute(lock, *check);
  }
}

void PasswordPool::compute(std::unique_lock<std::mutex>& lock, PasswordQueue::Check& check) {
  lock.unlock();
  const io::PasswordQuestion& question = check.question;
  const bool matches = password_matches(question.hash, question.password);
  lock.lock();
  if (matches && !question.decoy) cache_.add(digest(question), uring::read_clocks().mono);
  const std::vector<Done> askers = queue_.finish(&check);
  lock.unlock();
  for (const Done& done : askers)
    done(matches ? io::PasswordVerdict::right : io::PasswordVerdict::wrong);
  lock.lock();
}

void PasswordPool::tell_gave_way(std::unique_lock<std::mutex>& lock) {
  const std::vector<Done> askers = std::exchange(gave_way_, {});
  lock.unlock();
  for (const Done& done : askers) done(io::PasswordVerdict::unchecked);
  lock.lock();
}

}  // namespace ringgate::runtime

#include "runtime/password_pool.h"

#include <crypt.h>

#include <cstring>
#include <memory>

namespace ringgate::runtime {

bool password_matches(const std::string& hash, const std::string& password) {
  const auto data = std::make_unique<crypt_data>();
  const char* const result = crypt_r(password.c_str(), hash.c_str(), data.get());
  // A hash is not secret-dependent in length, and its comparison tells nothing about the password.
  return result != nullptr && result[0] != '*' && hash == result;
}

PasswordPool::PasswordPool() : thread_([this] { run(); }) {}

PasswordPool::~PasswordPool() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

bool PasswordPool::compare(std::string hash, std::string password, Done done) {
  {
    const std::scoped_lock lock(mutex_);
    if (waiting_.size() >= waiting_max) return false;
    waiting_.push_back({std::move(hash), std::move(password), std::move(done)});
  }
  wake_.notify_one();
  return true;
}

void PasswordPool::run() {
  for (;;) {
    Question question;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
      if (stop_) return;
      question = std::move(waiting_.front());
      waiting_.pop_front();
    }
    question.done(password_matches(question.hash, question.password));
  }
}

}  // namespace ringgate::runtime

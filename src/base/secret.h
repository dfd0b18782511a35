// Secrets do not stay in memory longer than they are needed.
#pragma once

#include <string.h>

#include <string>
#include <string_view>
#include <utility>

namespace ringgate {

/// Overwrites what it holds, and empties it.
inline void wipe(std::string& secret) {
  explicit_bzero(secret.data(), secret.size());
  secret.clear();
}

/// A text that is overwritten when it is given up, moved on or replaced.
class Secret {
 public:
  Secret() = default;
  Secret(std::string_view text) : text_(text) {}
  Secret(const std::string& text) : text_(text) {}
  Secret(const char* text) : text_(text) {}
  Secret(const Secret&) = default;
  // A short text lies in the object itself, so moving it is a copy.
  Secret(Secret&& from) noexcept : text_(from.text_) { wipe(from.text_); }
  Secret& operator=(Secret from) noexcept {
    text_.swap(from.text_);
    return *this;
  }
  ~Secret() { wipe(text_); }

  operator std::string_view() const { return text_; }
  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }
  std::size_t size() const { return text_.size(); }
  /// Room for so many octets, so that it does not leave itself behind as it grows.
  void reserve(std::size_t size) {
    Secret larger;
    larger.text_.reserve(size);
    larger.text_.append(text_);
    text_.swap(larger.text_);
  }
  Secret& append(std::string_view more) {
    if (text_.size() + more.size() > text_.capacity()) reserve(2 * (text_.size() + more.size()));
    text_.append(more);
    return *this;
  }

  friend bool operator==(const Secret&, const Secret&) = default;

 private:
  std::string text_;
};

}  // namespace ringgate

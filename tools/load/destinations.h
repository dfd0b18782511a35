// Whom messages go to, one after the other and from the beginning again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ringgate::load {

/// Whether so many numbers, counting up from that one, have as many digits as it has.
bool has_room(std::string_view number, std::uint64_t count);

/// A number that counts up, or a list. Copies go on from the same one.
class Destinations {
 public:
  Destinations() = default;
  /// `count` numbers from `first` on, which has digits enough for them; at least one.
  Destinations(std::string first, std::uint64_t count)
      : first_(std::move(first)), now_(first_), count_(count) {}
  /// At least one.
  explicit Destinations(std::shared_ptr<const std::vector<std::string>> list)
      : list_(std::move(list)), count_(list_->size()) {}

  std::string_view now() const { return list_ ? std::string_view((*list_)[at_]) : now_; }
  std::uint64_t count() const { return count_; }
  bool is_list() const { return list_ != nullptr; }

  void next() {
    if (++at_ == count_) {
      at_ = 0;
      now_ = first_;
    } else if (!list_) {
      count_up(1);
    }
  }
  void skip(std::uint64_t numbers) {
    at_ = (at_ + numbers) % count_;
    if (list_) return;
    now_ = first_;
    count_up(at_);
  }

 private:
  void count_up(std::uint64_t by) {
    for (std::size_t i = now_.size(); i > 0 && by > 0; --i) {
      const char digit = now_[i - 1];
      if (digit < '0' || digit > '9') return;
      by += static_cast<std::uint64_t>(digit - '0');
      now_[i - 1] = static_cast<char>('0' + by % 10);
      by /= 10;
    }
  }

  std::string first_, now_;
  std::shared_ptr<const std::vector<std::string>> list_;
  std::uint64_t count_ = 1;
  std::uint64_t at_ = 0;
};

}  // namespace ringgate::load

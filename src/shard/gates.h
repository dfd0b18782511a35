// Which octets of a connection may leave: nothing is sent before everything that was journaled
// ahead of it is on stable storage.
#pragma once

#include <array>
#include <cstdint>

#include "base/assert.h"
#include "base/rarely.h"

namespace ringgate {

/// Pairs of a batch and the stream position up to which octets wait for it, in order. Few are open
/// at once; beyond that the last one takes the new position along, which delays a little and
/// promises nothing wrong.
class Gates {
 public:
  /// Octets up to `position` were written while `batch` was the newest; `durable` is the newest
  /// that is safe.
  void add(std::uint64_t batch, std::uint64_t position, std::uint64_t durable) {
    ASSERT(position >= position_);
    if (position == position_) return;
    position_ = position;
    if (batch <= durable) return;
    ASSERT(size_ == 0 || gates_[size_ - 1].batch <= batch);
    const bool full = size_ == gates_.size() || RARELY("there is no place for a gate");
    if (size_ != 0 && (gates_[size_ - 1].batch == batch || full))
      gates_[size_ - 1] = {batch, position};
    else
      gates_[size_++] = {batch, position};
  }

  /// The stream position up to which octets may leave; `written` is where the stream ends.
  std::uint64_t open_to(std::uint64_t durable, std::uint64_t written) {
    std::size_t done = 0;
    while (done < size_ && gates_[done].batch <= durable) open_ = gates_[done++].position;
    for (std::size_t i = done; i < size_; ++i) gates_[i - done] = gates_[i];
    size_ -= done;
    if (size_ == 0) open_ = written;
    ASSERT(open_ <= written);
    return open_;
  }

 private:
  struct Gate {
    std::uint64_t batch = 0;
    std::uint64_t position = 0;
  };
  std::array<Gate, 4> gates_{};
  std::size_t size_ = 0;
  std::uint64_t position_ = 0;  // of the last add()
  std::uint64_t open_ = 0;
};

}  // namespace ringgate

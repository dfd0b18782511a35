// Octets waiting to be sent: appended to, sent whole, emptied.
#pragma once

#include <ringgate/types.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

namespace ringgate::floor {

/// A growing buffer that, unlike std::vector, does not clear what is about to be overwritten. Keeps
/// its memory when emptied.
class Output {
 public:
  /// Room for `size` more octets, counted as appended. The pointer is good until the next append().
  std::uint8_t* append(std::size_t size) {
    if (size > capacity_ - size_) [[unlikely]]
      grow(size_ + size);
    std::uint8_t* const place = octets_.get() + size_;
    size_ += size;
    return place;
  }

  void clear() { size_ = 0; }
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  Octets from(std::size_t offset) const { return {octets_.get() + offset, size_ - offset}; }

 private:
  void grow(std::size_t needed) {
    std::size_t capacity = capacity_ == 0 ? 512 : capacity_;
    while (capacity < needed) capacity *= 2;
    std::unique_ptr<std::uint8_t[]> octets(new std::uint8_t[capacity]);
    if (size_ > 0) std::memcpy(octets.get(), octets_.get(), size_);
    octets_ = std::move(octets);
    capacity_ = capacity;
  }

  std::unique_ptr<std::uint8_t[]> octets_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace ringgate::floor

// What a journal asks of its files. Nothing waits: every request is answered in a later turn.
#pragma once

#include <cstdint>
#include <span>

#include <ringgate/types.h>

namespace ringgate::io {

/// A file of this shard's journal, numbered from 0 as they are made.
using FileSlot = std::uint32_t;

class Disk {
 public:
  /// Writes at a multiple of 4096, as many octets as that, from memory aligned so, which stays
  /// until the answer: on_disk(token, result) with the number of octets once all of them are on
  /// stable storage, or a negative errno. Writes may finish in any order.
  virtual void write(FileSlot file, std::uint64_t offset, Octets octets, std::uint32_t token) = 0;

  /// Reads; alignment and answer as for write().
  virtual void read(FileSlot file, std::uint64_t offset, std::span<std::uint8_t> to,
                    std::uint32_t token) = 0;

  /// Makes one more file, with its space allocated and written, so that writing it later changes
  /// nothing but its content. Answered by on_file(file, 0), or a negative errno.
  virtual void prepare(FileSlot file) = 0;

  /// Whoever asked is gone, and memory of a request that was not answered stays behind, made by
  /// std::aligned_alloc: the device may use it for as long as it likes.
  virtual void outlive(std::uint8_t* memory) = 0;

 protected:
  ~Disk() = default;
};

}  // namespace ringgate::io

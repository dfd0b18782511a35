// A disk that keeps its promises and nothing more: what was answered is safe; of what was under way
// at a crash, every block may or may not have arrived.
#pragma once

#include <cerrno>
#include <cstring>
#include <map>
#include <vector>

#include "base/prng.h"
#include "io/disk.h"
#include "journal/recovery.h"

namespace ringgate::sim {

/// The journal's files of one machine: they survive its crashes.
class SimDisk final : public journal::OldFiles, public journal::NewFiles {
 public:
  using Key = std::pair<unsigned, io::FileSlot>;

  explicit SimDisk(Prng& prng, std::uint64_t segment_size)
      : prng_(prng), segment_size_(segment_size) {}

  struct Write {
    Key file;
    std::uint64_t offset;
    std::vector<std::uint8_t> octets;
  };

  // While the machine runs.

  void make(Key file) { current_[file].resize(segment_size_); }
  void store(const Write& write) {
    std::vector<std::uint8_t>& file = current_[write.file];
    if (file.size() < write.offset + write.octets.size())
      file.resize(write.offset + write.octets.size());
    std::memcpy(file.data() + write.offset, write.octets.data(), write.octets.size());
  }
  void load(Key file, std::uint64_t offset, std::span<std::uint8_t> to) {
    std::memcpy(to.data(), current_[file].data() + offset, to.size());
  }
  /// A write that the crash interrupts: each of its sectors arrives or does not.
  void tear(const Write& write) {
    constexpr std::size_t sector = 512;
    Write part = write;
    for (std::size_t at = 0; at < write.octets.size(); at += sector) {
      if (prng_.chance(0.5)) continue;
      part.offset = write.offset + at;
      part.octets.assign(write.octets.begin() + static_cast<std::ptrdiff_t>(at),
                         write.octets.begin() + static_cast<std::ptrdiff_t>(
                                                    std::min(at + sector, write.octets.size())));
      store(part);
    }
  }

  // Recovery: the files become the old epoch, and a new one is written.

  void begin_recovery() {
    files_.clear();
    old_.clear();
    new_.clear();
    for (auto& [key, octets] : current_) {
      files_.push_back(
          {"shard " + std::to_string(key.first) + " file " + std::to_string(key.second),
           octets.size()});
      old_.push_back(&octets);
    }
  }
  /// The rename: now, or not at all if the machine crashes before.
  void commit_recovery() {
    current_ = std::move(new_);
    for (auto& [key, octets] : current_) octets.resize(segment_size_);
    files_.clear();
    old_.clear();
    new_.clear();
  }

  const std::vector<journal::StoredFile>& files() const override { return files_; }
  Result<std::size_t> read(std::size_t file, std::uint64_t offset,
                           std::span<std::uint8_t> to) override {
    const std::vector<std::uint8_t>& octets = *old_[file];
    if (offset >= octets.size()) return std::size_t{0};
    const std::size_t size = std::min<std::uint64_t>(to.size(), octets.size() - offset);
    std::memcpy(to.data(), octets.data() + offset, size);
    return size;
  }
  Result<void> write(unsigned shard, io::FileSlot file, std::uint64_t offset,
                     Octets octets) override {
    std::vector<std::uint8_t>& to = new_[{shard, file}];
    if (to.size() < offset + octets.size()) to.resize(offset + octets.size());
    std::memcpy(to.data() + offset, octets.data(), octets.size());
    return {};
  }
  /// What recovery has written, before it counts.
  Octets written(unsigned shard, io::FileSlot file) const { return new_.at({shard, file}); }
  /// Of the epoch in use.
  Octets content(unsigned shard, io::FileSlot file) const { return current_.at({shard, file}); }

 private:
  Prng& prng_;
  const std::uint64_t segment_size_;
  std::map<Key, std::vector<std::uint8_t>> current_;
  std::map<Key, std::vector<std::uint8_t>> new_;
  std::vector<journal::StoredFile> files_;
  std::vector<std::vector<std::uint8_t>*> old_;
};

}  // namespace ringgate::sim

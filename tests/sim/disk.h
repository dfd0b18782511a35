// A disk that keeps its promises and nothing more: what was answered is safe; of what was under way
// at a crash, every block may or may not have arrived, and so may every name that was not synced.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <vector>

#include "../unit/journal/fake_tree.h"
#include "base/prng.h"
#include "io/disk.h"
#include "journal/takeover.h"

namespace ringgate::sim {

/// The data directory of one machine: it survives its crashes.
class SimDisk final : public journal::EpochFiles,
                      public journal::OldFiles,
                      public journal::NewFiles {
 public:
  using Key = std::pair<unsigned, io::FileSlot>;
  using Tree = journal::test::FakeTree;

  explicit SimDisk(Prng& prng, std::uint64_t segment_size)
      : prng_(prng), segment_size_(segment_size) {}

  struct Write {
    Key file;
    std::uint64_t offset;
    std::vector<std::uint8_t> octets;
  };

  // While the machine runs.

  void make(Key file) {
    const std::string path = path_of(file);
    const bool made = tree_.put(path, new_content()) && tree_.sync(directory_);
    ASSERT(made);
  }
  void store(const Write& write) {
    std::memcpy(at(write.file).data() + write.offset, write.octets.data(), write.octets.size());
  }
  void load(Key file, std::uint64_t offset, std::span<std::uint8_t> to) {
    std::memcpy(to.data(), at(file).data() + offset, to.size());
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

  /// What is there after a crash.
  void reboot() {
    tree_.reboot([this] { return prng_.chance(0.5); });
  }
  Tree& tree() { return tree_; }
  /// The epoch that recovery has taken into use.
  void use(std::uint64_t epoch) { directory_ = journal::Epochs::path_of(epoch); }

  Result<journal::OldFiles*> open_old(const std::string& directory) override {
    files_.clear();
    old_.clear();
    std::vector<std::string> names;
    auto entries = tree_.list(directory);
    ASSERT(entries);
    for (const auto& entry : entries.value())
      if (journal::Epochs::is_segment(entry.name)) names.push_back(directory + "/" + entry.name);
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      old_.push_back(tree_.content(name));
      files_.push_back({name, old_.back()->size()});
    }
    return static_cast<journal::OldFiles*>(this);
  }
  journal::NewFiles& open_new(const std::string& directory) override {
    new_directory_ = directory;
    return *this;
  }
  Result<void> finish_new() override { return {}; }

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
    const std::string path = new_directory_ + "/" + journal::Epochs::file_name(shard, file);
    if (tree_.content(path) == nullptr) {
      auto made = tree_.put(path, new_content());
      if (!made) return made;
    }
    std::memcpy(tree_.content(path)->data() + offset, octets.data(), octets.size());
    return {};
  }

  // Of the epoch in use.

  bool exists(Key file) const { return tree_.content(path_of(file)) != nullptr; }
  Octets content(Key file) const { return *tree_.content(path_of(file)); }
  /// To be damaged; the files of the epoch that is being recovered.
  std::vector<std::uint8_t>& old_content(std::size_t file) { return *old_[file]; }

 private:
  std::string path_of(Key file) const {
    return directory_ + "/" + journal::Epochs::file_name(file.first, file.second);
  }
  std::vector<std::uint8_t>& at(Key file) {
    const Tree::Content content = tree_.content(path_of(file));
    ASSERT(content != nullptr);
    return *content;
  }
  Tree::Content new_content() const {
    return std::make_shared<std::vector<std::uint8_t>>(segment_size_);
  }

  Prng& prng_;
  const std::uint64_t segment_size_;
  Tree tree_;
  std::string directory_;
  std::string new_directory_;
  std::vector<journal::StoredFile> files_;
  std::vector<Tree::Content> old_;
};

}  // namespace ringgate::sim

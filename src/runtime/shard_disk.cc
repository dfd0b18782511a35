// A shard's journal and the kernel: its files, through the shard's own ring.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <vector>

#include <unistd.h>

#include "runtime/shard_thread.h"

namespace ringgate::runtime {

/// What recovery has written for this shard. Waits for the disk; nobody is served yet.
std::string ShardThread::restore() {
  const ShardFiles& files = fleet_.store->shard(options_.index);
  std::unique_ptr<std::uint8_t[], void (*)(void*)> memory(
      static_cast<std::uint8_t*>(std::aligned_alloc(journal::block_size, journal::batch_size_max)),
      [](void* octets) { std::free(octets); });
  std::uint32_t segment = 0;
  for (const journal::WrittenSegment& one : files.start.segments) {
    ++segment;
    for (std::uint64_t offset = 0; offset < one.end;) {
      const ssize_t got = pread(files.fds[one.file], memory.get(), journal::batch_size_max,
                                static_cast<off_t>(offset));
      const Octets octets(memory.get(), got > 0 ? static_cast<std::size_t>(got) : 0);
      const auto header = journal::read_batch(octets, fleet_.store->epoch());
      if (!header) return "journal: what recovery has written cannot be read back";
      core_->shard().restore(segment, *header, octets);
      offset += journal::round_up(header->size, journal::block_size);
    }
  }
  core_->shard().restored();
  return {};
}

void ShardThread::tell_failure() {
  failure_told_ = true;
  if (log_ != nullptr)
    log_->write(LogLevel::error,
                "journal of shard " + std::to_string(options_.index) + ": " +
                    std::strerror(core_->shard().journal_failure()) +
                    ". It is not tried again: nothing is acknowledged any more, and the node ends");
  if (fleet_.on_failure) fleet_.on_failure();
}

void ShardThread::on_item(FileItem& item) {
  auto& fds = fleet_.store->shard(options_.index).fds;
  if (item.fd >= 0) {
    fds.resize(std::max<std::size_t>(fds.size(), item.file + 1u), -1);
    fds[item.file] = item.fd;
  } else if (log_ != nullptr) {
    log_->write(LogLevel::warning, "journal of shard " + std::to_string(options_.index) +
                                       ": no room for another file: " + std::strerror(-item.fd));
  }
  core_->shard().on_file(item.file, std::min(item.fd, 0));
}

void ShardThread::write(io::FileSlot file, std::uint64_t offset, Octets octets,
                        std::uint32_t token) {
  ++disk_operations_;
  uring::prep_write_at(ring_->sqe(), fleet_.store->shard(options_.index).fds[file], octets, offset,
                       uring::UserData{op_disk, 0, token});
}

void ShardThread::read(io::FileSlot file, std::uint64_t offset, std::span<std::uint8_t> to,
                       std::uint32_t token) {
  ++disk_operations_;
  uring::prep_read_at(ring_->sqe(), fleet_.store->shard(options_.index).fds[file], to, offset,
                      uring::UserData{op_disk, 0, token});
}

/// Never given back, since nobody can tell when: the ring that would say so is gone. Some
/// megabytes, once, where a disk has hung until the end.
void ShardThread::outlive(std::uint8_t* memory) {
  static std::mutex mutex;
  static auto& kept = *new std::vector<std::uint8_t*>;
  const std::scoped_lock lock(mutex);
  kept.push_back(memory);
}

void ShardThread::prepare(io::FileSlot file) {
  fleet_.filler->make(options_.index, file, [this, file](int fd) {
    if (!inbox_->post(FileItem{file, fd}) && fd >= 0) ::close(fd);
  });
}

}  // namespace ringgate::runtime

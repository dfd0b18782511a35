#include "load/disk_probe.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>

#include "base/units.h"
#include "load/placement.h"
#include "uring/clocks.h"
#include "uring/ring.h"
#include "uring/time_slices.h"

namespace ringgate::load {

namespace {

constexpr std::size_t write_size = 16 * 1024;
constexpr std::size_t writes_max = 60;
constexpr std::size_t writes_min = 5;
constexpr Nanos time_max = seconds(2);
// Until the threads that keep CPUs busy do so.
constexpr Nanos settling = milliseconds(20);

Error failure(const std::string& folder, int os_errno) {
  const std::string why = os_errno == EINVAL || os_errno == EOPNOTSUPP
                              ? "its file system writes nothing past the kernel's memory"
                              : std::system_category().message(os_errno);
  constexpr int of_the_folder[] = {EINVAL, EOPNOTSUPP, ENOENT, ENOTDIR, EACCES, EPERM, EROFS};
  const bool invalid =
      std::ranges::find(of_the_folder, os_errno) != std::ranges::end(of_the_folder);
  return {invalid ? ErrorCode::invalid : ErrorCode::io, os_errno,
          "--probe-disk " + folder + ": " + why};
}

/// A file without a name, which is written as a journal is.
class ProbeFile {
 public:
  explicit ProbeFile(const std::string& folder)
      : fd_(open(folder.c_str(), O_TMPFILE | O_RDWR | O_DIRECT | O_DSYNC | O_CLOEXEC, 0600)) {}
  ~ProbeFile() {
    if (fd_ >= 0) close(fd_);
  }
  ProbeFile(const ProbeFile&) = delete;
  ProbeFile& operator=(const ProbeFile&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

/// Octets as direct writes need them.
class AlignedBlock {
 public:
  AlignedBlock() : data_(static_cast<std::uint8_t*>(std::aligned_alloc(4096, write_size))) {
    if (data_ == nullptr) throw std::bad_alloc();
    std::fill_n(data_, write_size, std::uint8_t{0x5A});
  }
  ~AlignedBlock() { std::free(data_); }
  AlignedBlock(const AlignedBlock&) = delete;
  AlignedBlock& operator=(const AlignedBlock&) = delete;
  Octets octets() const { return {data_, write_size}; }

 private:
  std::uint8_t* const data_;
};

/// Writes the same place again and again; returns the median of what that took.
Result<Nanos> median_write(uring::Ring& ring, int fd, Octets octets, const std::string& folder) {
  std::vector<Nanos> took;
  const Nanos until = uring::read_clocks().mono + time_max;
  while (took.size() < writes_max) {
    const Nanos began = uring::read_clocks().mono;
    if (began > until && took.size() >= writes_min) break;
    uring::prep_write_at(ring.sqe(), fd, octets, 0, 0);
    std::optional<int> result;
    while (!result) {
      ring.enter(milliseconds(100));
      ring.drain([&result](const io_uring_cqe& completion) { result = completion.res; });
    }
    if (*result < 0) return failure(folder, -*result);
    took.push_back(uring::read_clocks().mono - began);
  }
  std::ranges::nth_element(took, took.begin() + static_cast<std::ptrdiff_t>(took.size() / 2));
  return took[took.size() / 2];
}

Result<DiskProbe> probe_here(const std::string& folder, const std::vector<unsigned>& cpus) {
  (void)run_elsewhere(cpus);
  const ProbeFile file(folder);
  if (file.fd() < 0) return failure(folder, errno);
  const Result<uring::Capabilities> capabilities = uring::probe();
  if (!capabilities) return capabilities.error();
  const auto ring = uring::Ring::make(capabilities.value(), 8, 16);
  if (!ring) return ring.error();
  const AlignedBlock block;
  const auto median = [&] {
    return median_write(*ring.value(), file.fd(), block.octets(), folder);
  };
  // The first ones take the file's space.
  if (const Result<Nanos> first = median(); !first) return first.error();
  const Result<Nanos> idle = median();
  if (!idle) return idle.error();

  std::atomic<bool> enough{false};
  std::vector<std::jthread> spinners;
  for (const unsigned cpu : cpus)
    spinners.emplace_back([cpu, &enough] {
      if (!run_on(cpu)) return;
      uring::take_long_slices();
      while (!enough) {
      }
    });
  std::this_thread::sleep_for(std::chrono::nanoseconds(settling));
  const Result<Nanos> busy = median();
  enough = true;
  if (!busy) return busy.error();
  return DiskProbe{idle.value(), busy.value()};
}

}  // namespace

Result<DiskProbe> probe_disk(const std::string& folder, const std::vector<unsigned>& cpus) {
  std::optional<Result<DiskProbe>> found;
  // Whoever called keeps its own place.
  std::jthread([&] { found = probe_here(folder, cpus); }).join();
  return *found;
}

}  // namespace ringgate::load

#include "uring/buffer_ring.h"

#include <sys/mman.h>

#include <bit>
#include <cerrno>
#include <system_error>
#include <utility>

namespace ringgate::uring {

namespace {

constexpr std::size_t huge_page_size = std::size_t{2} << 20;

Error no_memory(std::size_t size, int os_errno) {
  return Error{ErrorCode::full, os_errno,
               "no memory for " + std::to_string(size >> 20) +
                   " MiB of receive buffers: " + std::system_category().message(os_errno)};
}

std::uint8_t* map_anonymous(std::size_t size) {
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<std::uint8_t*>(memory);
}

std::size_t round_up(std::size_t value, std::size_t unit) {
  return (value + unit - 1) / unit * unit;
}

// Maps `size` octets, a multiple of the page size, beginning at a huge page: kernels before 6.7 do
// not align by themselves, and an unaligned mapping gets its first huge page late or never.
std::uint8_t* map_aligned(std::size_t size) {
  std::uint8_t* memory = map_anonymous(size + huge_page_size);
  if (memory == nullptr) return nullptr;
  const std::size_t misaligned = reinterpret_cast<std::uintptr_t>(memory) % huge_page_size;
  const std::size_t before = misaligned == 0 ? 0 : huge_page_size - misaligned;
  if (before > 0) munmap(memory, before);
  munmap(memory + before + size, huge_page_size - before);
  return memory + before;
}

constexpr std::size_t page_size = 4096;

}  // namespace

Result<std::unique_ptr<BufferRing>> BufferRing::make(Ring& ring, std::uint16_t group,
                                                     std::uint32_t count, std::uint32_t size) {
  ASSERT(std::has_single_bit(count));
  ASSERT(count <= count_max);
  ASSERT(size > 0);
  ASSERT(size % 64 == 0);
  std::unique_ptr<BufferRing> buffers(new BufferRing(ring, group, count, size));
  if (Result<void> mapped = buffers->map(); !mapped) return mapped.error();
  if (Result<void> registered = buffers->register_with_kernel(); !registered)
    return registered.error();
  for (std::uint32_t bid = 0; bid < count; ++bid) buffers->append(static_cast<std::uint16_t>(bid));
  buffers->publish();
  return buffers;
}

BufferRing::BufferRing(Ring& ring, std::uint16_t group, std::uint32_t count, std::uint32_t size)
    : ring_(ring), group_(group), count_(count), size_(size), next_(count, 0) {}

BufferRing::~BufferRing() {
  // From another thread (at shutdown) the kernel refuses this; then the registration ends with the
  // ring, and a late arrival fails with EFAULT.
  if (registered_) io_uring_unregister_buf_ring(&ring_.ring_, group_);
  if (entries_ != nullptr) munmap(entries_, round_up(entries_size(), page_size));
  if (buffers_ != nullptr) munmap(buffers_, round_up(buffers_size(), huge_page_size));
}

Result<void> BufferRing::map() {
  const std::size_t buffers_mapped = round_up(buffers_size(), huge_page_size);
  entries_ =
      reinterpret_cast<io_uring_buf_ring*>(map_anonymous(round_up(entries_size(), page_size)));
  if (entries_ == nullptr) return no_memory(entries_size(), errno);
  buffers_ = map_aligned(buffers_mapped);
  if (buffers_ == nullptr) return no_memory(buffers_mapped, errno);
  // Both are requests: without huge pages small ones serve, and what is not populated now is on
  // first use.
  (void)madvise(buffers_, buffers_mapped, MADV_HUGEPAGE);
#ifdef MADV_POPULATE_WRITE
  (void)madvise(buffers_, std::size_t{count_} * size_, MADV_POPULATE_WRITE);
#endif
  return {};
}

Result<void> BufferRing::register_with_kernel() {
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<std::uintptr_t>(entries_);
  registration.ring_entries = count_;
  registration.bgid = group_;
  const int result = io_uring_register_buf_ring(&ring_.ring_, &registration, 0);
  if (result == 0) {
    registered_ = true;
    return {};
  }
  if (result == -ENOMEM) return no_memory(entries_size(), ENOMEM);
  if (result == -EEXIST)
    return Error{ErrorCode::invalid, EEXIST,
                 "buffer group " + std::to_string(group_) + " exists already on this ring"};
  return Error{
      ErrorCode::io, -result,
      "the kernel refused the receive buffers: " + std::system_category().message(-result)};
}

}  // namespace ringgate::uring

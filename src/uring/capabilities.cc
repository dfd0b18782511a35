#include "uring/capabilities.h"

#include <sys/mman.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/words.h"
#include "uring/uring_compat.h"

namespace ringgate::uring {

namespace {

constexpr unsigned probe_entries = 8;
constexpr unsigned coop_flags = IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG;
constexpr unsigned defer_flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;

struct Release {
  unsigned major = 0;
  unsigned minor = 0;

  auto operator<=>(const Release&) const = default;
};

struct Feature {
  std::string_view name;
  bool Capabilities::*available;
  Release since;  ///< the release of Linux from which on it is used
};

constexpr Feature features[] = {
    {"single_issuer", &Capabilities::single_issuer, {6, 1}},
    {"defer_taskrun", &Capabilities::defer_taskrun, {6, 1}},
    {"msg_ring", &Capabilities::msg_ring, {5, 18}},
    {"bundle", &Capabilities::bundle, {6, 10}},
    {"min_wait", &Capabilities::min_wait, {6, 12}},
    {"no_iowait", &Capabilities::no_iowait, {6, 15}},
};

/// Of "6.1"; nothing for what is not two numbers and a point.
std::optional<Release> release_of(std::string_view text) {
  Release release;
  const char* const end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, release.major);
  if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') return std::nullopt;
  const auto minor = std::from_chars(major.ptr + 1, end, release.minor);
  if (minor.ec != std::errc() || minor.ptr != end) return std::nullopt;
  return release;
}

const Feature* feature_of(std::string_view name) {
  const auto* const found = std::ranges::find(features, name, &Feature::name);
  return found == std::end(features) ? nullptr : found;
}

Error unknown_mask(std::string_view word) {
  return Error{ErrorCode::invalid, 0,
               std::string(mask_variable) + ": '" + std::string(word) +
                   "' is no feature of io_uring that can be left out; it takes none, a release of "
                   "Linux such as 6.1, or names as in the line that begins with \"io_uring on\""};
}

std::string kernel_release() {
  utsname name{};
  return uname(&name) == 0 ? std::string(name.release) : std::string("unknown");
}

Error too_old(const std::string& kernel) {
  return Error{ErrorCode::not_supported, 0,
               "kernel " + kernel + " is too old: Linux 6.0 or newer is needed " +
                   "(io_uring multishot receive and provided buffer rings)"};
}

// Registering is the only way to learn whether provided buffer rings exist; they have no feature
// bit.
bool buffer_rings_work(io_uring& ring) {
  constexpr std::size_t size = 4096;
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return false;
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<std::uintptr_t>(memory);
  registration.ring_entries = probe_entries;
  registration.bgid = 0;
  const bool works = io_uring_register_buf_ring(&ring, &registration, 0) == 0;
  if (works) io_uring_unregister_buf_ring(&ring, 0);
  munmap(memory, size);
  return works;
}

Result<Capabilities> probe_ring(io_uring& ring, Capabilities capabilities) {
  const std::unique_ptr<io_uring_probe, void (*)(io_uring_probe*)> operations(
      io_uring_get_probe_ring(&ring), io_uring_free_probe);
  if (operations == nullptr) return too_old(capabilities.kernel);
  // Multishot receive has neither an opcode nor a feature bit of its own; SEND_ZC came with the
  // same release, 6.0.
  const bool has_release_6_0 = io_uring_opcode_supported(operations.get(), IORING_OP_SEND_ZC) != 0;
  if (!has_release_6_0) return too_old(capabilities.kernel);
  if (!buffer_rings_work(ring)) return too_old(capabilities.kernel);

  capabilities.msg_ring = io_uring_opcode_supported(operations.get(), IORING_OP_MSG_RING) != 0;
  capabilities.bundle = (ring.features & IORING_FEAT_RECVSEND_BUNDLE) != 0;
  // The kernel counts the minimal wait only in the wait loop of rings that defer their task work.
  capabilities.min_wait =
      capabilities.defer_taskrun && (ring.features & IORING_FEAT_MIN_TIMEOUT) != 0;
  capabilities.no_iowait = (ring.features & IORING_FEAT_NO_IOWAIT) != 0;
  return capabilities;
}

void append_name(std::string& list, std::string_view name) {
  if (!list.empty()) list += ", ";
  list += name;
}

}  // namespace

std::string Capabilities::text() const {
  std::string with;
  std::string without;
  for (const Feature& feature : features)
    append_name(this->*feature.available ? with : without, feature.name);

  std::string line = "io_uring on kernel " + kernel + ":";
  if (!with.empty()) line += " " + with;
  if (!with.empty() && !without.empty()) line += ";";
  if (!without.empty()) line += " without " + without;
  return line;
}

Result<Capabilities> Capabilities::masked(std::string_view mask) const {
  Capabilities out = *this;
  if (const auto release = mask == "none" ? Release{} : release_of(mask)) {
    for (const Feature& feature : features)
      if (feature.since > *release) out.*feature.available = false;
    return out;
  }
  for (std::string_view word = take_word(mask, ", "); !word.empty(); word = take_word(mask, ", ")) {
    const Feature* const feature = feature_of(word);
    if (feature == nullptr) return unknown_mask(word);
    out.*feature->available = false;
  }
  // The kernel has neither without the other, and the minimal wait only with both.
  out.single_issuer = out.defer_taskrun = out.single_issuer && out.defer_taskrun;
  out.min_wait = out.min_wait && out.defer_taskrun;
  return out;
}

Result<Capabilities> probe() {
  Capabilities capabilities;
  capabilities.kernel = kernel_release();

  io_uring ring{};
  io_uring_params params{};
  params.flags = coop_flags | defer_flags;
  int result = io_uring_queue_init_params(probe_entries, &ring, &params);
  if (result == 0) {
    capabilities.single_issuer = true;
    capabilities.defer_taskrun = true;
  } else if (result == -EINVAL) {
    params = {};
    params.flags = coop_flags;
    result = io_uring_queue_init_params(probe_entries, &ring, &params);
  }
  if (result == -EINVAL) return too_old(capabilities.kernel);
  if (result < 0) return setup_error(-result, io_uring_disabled_sysctl(), capabilities.kernel);

  Result<Capabilities> outcome = probe_ring(ring, std::move(capabilities));
  io_uring_queue_exit(&ring);
  const char* const mask = std::getenv(mask_variable);
  if (!outcome || mask == nullptr) return outcome;
  return outcome.value().masked(mask);
}

int io_uring_disabled_sysctl() {
  std::FILE* file = std::fopen("/proc/sys/kernel/io_uring_disabled", "re");
  if (file == nullptr) return 0;
  int value = 0;
  if (std::fscanf(file, "%d", &value) != 1) value = 0;
  std::fclose(file);
  return value;
}

Error setup_error(int os_errno, int io_uring_disabled, const std::string& kernel) {
  const std::string seccomp_cure =
      "allow io_uring_setup, io_uring_enter and io_uring_register in the container's seccomp "
      "profile";
  switch (os_errno) {
    case EPERM:
    case EACCES:
      if (io_uring_disabled == 1)
        return Error{
            ErrorCode::permission, os_errno,
            "io_uring is reserved for one group (kernel.io_uring_disabled=1): run as a member of "
            "the group "
            "in kernel.io_uring_group, or as root run `sysctl kernel.io_uring_disabled=0`"};
      if (io_uring_disabled >= 2)
        return Error{ErrorCode::permission, os_errno,
                     "io_uring is switched off on this machine (kernel.io_uring_disabled=2): "
                     "as root run `sysctl kernel.io_uring_disabled=0`"};
      return Error{ErrorCode::permission, os_errno,
                   "io_uring is forbidden here, most likely by a container's seccomp profile: " +
                       seccomp_cure};
    case ENOSYS:
      return Error{ErrorCode::not_supported, os_errno,
                   "kernel " + kernel +
                       " offers no io_uring: run on Linux 6.0 or newer, or, in a container, " +
                       seccomp_cure};
    case ENOMEM:
      return Error{ErrorCode::full, os_errno,
                   "no memory for an io_uring: raise the limit of locked memory "
                   "(`ulimit -l`, LimitMEMLOCK= of the service) or the container's memory limit"};
    case EMFILE:
    case ENFILE:
      return Error{ErrorCode::full, os_errno,
                   "no file descriptor for an io_uring: raise the limit of open files "
                   "(`ulimit -n`, LimitNOFILE= of the service)"};
    default:
      return Error{ErrorCode::io, os_errno,
                   "io_uring_setup failed on kernel " + kernel + ": " +
                       std::system_category().message(os_errno)};
  }
}

}  // namespace ringgate::uring

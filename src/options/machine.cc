#include "options/machine.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>

namespace ringgate {
namespace {

constexpr unsigned cpus_max = 8192;

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// The kernel's form: "0-3,8,10-11".
std::vector<unsigned> read_cpu_list(const char* path) {
  std::vector<unsigned> out;
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path, "r"));
  if (!file) return out;
  unsigned first = 0;
  while (std::fscanf(file.get(), "%u", &first) == 1) {
    unsigned last = first;
    int next = std::fgetc(file.get());
    if (next == '-' && std::fscanf(file.get(), "%u", &last) == 1) next = std::fgetc(file.get());
    for (unsigned cpu = first; cpu <= last && cpu < cpus_max; ++cpu) out.push_back(cpu);
    if (next != ',') break;
  }
  return out;
}

std::string in_the_way_of_directory(const std::string& path) {
  std::string part = path;
  while (!part.empty()) {
    struct stat status;
    if (stat(part.c_str(), &status) == 0) return S_ISDIR(status.st_mode) ? std::string() : part;
    // Of what is not there or may not be seen, nothing is known.
    if (errno != ENOTDIR) return {};
    const std::size_t slash = part.rfind('/');
    part.resize(slash == part.npos ? 0 : slash);
  }
  return {};
}

}  // namespace

Machine this_machine() {
  Machine out{read_cpu_list("/sys/devices/system/cpu/present"), in_the_way_of_directory};
  // A container may hide that file.
  const long configured = sysconf(_SC_NPROCESSORS_CONF);
  if (out.cpus.empty())
    for (long cpu = 0; cpu < configured; ++cpu) out.cpus.push_back(static_cast<unsigned>(cpu));
  return out;
}

}  // namespace ringgate

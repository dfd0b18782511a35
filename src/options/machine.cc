#include "options/machine.h"

#include <unistd.h>

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

}  // namespace

Machine this_machine() {
  Machine out{read_cpu_list("/sys/devices/system/cpu/present")};
  // A container may hide that file.
  const long configured = sysconf(_SC_NPROCESSORS_CONF);
  if (out.cpus.empty())
    for (long cpu = 0; cpu < configured; ++cpu) out.cpus.push_back(static_cast<unsigned>(cpu));
  return out;
}

}  // namespace ringgate

#include "load/machine_watch.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>

#include "base/units.h"
#include "base/words.h"
#include "uring/clocks.h"

namespace ringgate::load {

namespace {

constexpr std::size_t text_max = 32 * 1024;

/// Nothing where it cannot be read: not every kernel has every file.
std::string read_file(const std::string& path) {
  std::string text;
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return text;
  text.resize(text_max);
  const ssize_t size = read(file, text.data(), text.size());
  close(file);
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return text;
}

std::string_view next_word(std::string_view& line) { return take_word(line, " \t\n"); }

std::uint64_t number_in(std::string_view word) {
  std::uint64_t value = 0;
  std::from_chars(word.data(), word.data() + word.size(), value);
  return value;
}

/// What follows that word at the head of a line; nothing where no line begins so.
std::string_view line_of(std::string_view text, std::string_view head) {
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (next_word(line) == head) return line;
  }
  return {};
}

std::string cgroup_stat_path() {
  constexpr std::string_view unified = "0::";
  const std::string text = read_file("/proc/self/cgroup");
  const std::size_t at = text.find(unified);
  if (at == std::string::npos) return {};
  const std::size_t from = at + unified.size();
  return "/sys/fs/cgroup" + text.substr(from, text.find('\n', from) - from) + "/cpu.stat";
}

double share(std::uint64_t before, std::uint64_t after, double of) {
  return of <= 0 || after < before ? 0 : static_cast<double>(after - before) / of;
}

double share(Nanos before, Nanos after, Nanos of) {
  return share(static_cast<std::uint64_t>(before), static_cast<std::uint64_t>(after),
               static_cast<double>(of));
}

}  // namespace

void read_stat(std::string_view text, std::optional<unsigned> cpu, MachineCounters& to) {
  std::string_view line = line_of(text, cpu ? "cpu" + std::to_string(*cpu) : "cpu");
  // user nice system idle iowait irq softirq steal; guests are part of user.
  constexpr unsigned columns = 8;
  if (line.empty()) return;
  to.ticks = 0;
  for (unsigned i = 0; i < columns; ++i) {
    to.steal_ticks = number_in(next_word(line));
    to.ticks += to.steal_ticks;
  }
}

void read_schedstat(std::string_view text, MachineCounters& to) {
  (void)next_word(text);
  if (!text.empty()) to.cpu_wait = static_cast<Nanos>(number_in(next_word(text)));
}

void read_pressure(std::string_view text, MachineCounters& to) {
  constexpr std::string_view head = "total=";
  const std::string_view line = line_of(text, "some");
  const std::size_t at = line.find(head);
  if (at == line.npos) return;
  to.pressure = microseconds(static_cast<std::int64_t>(number_in(line.substr(at + head.size()))));
}

void read_cgroup_stat(std::string_view text, MachineCounters& to) {
  std::string_view line = line_of(text, "nr_throttled");
  if (!line.empty()) to.throttled = number_in(next_word(line));
}

Surroundings between(const MachineCounters& before, const MachineCounters& after, Nanos size) {
  Surroundings out;
  out.client_cpu = share(before.cpu, after.cpu, size);
  out.cpu_wait = share(before.cpu_wait, after.cpu_wait, size);
  out.steal = share(before.steal_ticks, after.steal_ticks,
                    static_cast<double>(after.ticks) - static_cast<double>(before.ticks));
  out.pressure = share(before.pressure, after.pressure, size);
  out.throttled = after.throttled < before.throttled ? 0 : after.throttled - before.throttled;
  return out;
}

MachineWatch::MachineWatch(std::optional<unsigned> cpu)
    : cpu_(cpu),
      cgroup_stat_(cgroup_stat_path()),
      before_(read(0)),
      at_(uring::read_clocks().mono) {}

MachineCounters MachineWatch::read(Nanos unused) const {
  MachineCounters out;
  out.cpu = uring::thread_cpu_time() - unused;
  read_stat(read_file("/proc/stat"), cpu_, out);
  read_schedstat(read_file("/proc/thread-self/schedstat"), out);
  read_pressure(read_file("/proc/pressure/cpu"), out);
  if (!cgroup_stat_.empty()) read_cgroup_stat(read_file(cgroup_stat_), out);
  return out;
}

Surroundings MachineWatch::look(Nanos now, Nanos unused) {
  const MachineCounters after = read(unused);
  const Surroundings out = between(before_, after, now - at_);
  before_ = after;
  at_ = now;
  return out;
}

}  // namespace ringgate::load

// Configurations from disk: the file, the files of accounts, and both again while a server runs.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "config/config.h"

namespace ringgate {
namespace {

// A file of a hundred thousand accounts has some 10 MiB, and one of a single account some hundred
// octets; what is larger is none.
constexpr std::size_t size_max = 64u << 20;
constexpr std::size_t account_size_max = 64u << 10;
// What takes the place of a broken file may break another; files that do so one after the other are
// a mistake of another kind.
constexpr unsigned passes_max = 8;

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// Empty on success, else what went wrong. A server that runs must not wait for somebody to write
/// into a pipe: `may_wait` is for who starts one.
std::string read_file(const std::string& path, std::size_t most, bool may_wait, std::string& text) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | (may_wait ? 0 : O_NONBLOCK));
  if (fd < 0) return std::strerror(errno);
  const std::unique_ptr<std::FILE, FileCloser> file(fdopen(fd, "rb"));
  struct stat about;
  if (fstat(fd, &about) != 0) return std::strerror(errno);
  if (!may_wait && !S_ISREG(about.st_mode)) return "not a regular file";
  char buffer[16384];
  while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, file.get())) {
    text.append(buffer, count);
    if (text.size() > most) return "larger than " + std::to_string(most >> 10) + " KiB";
  }
  return std::ferror(file.get()) != 0 ? std::strerror(errno) : std::string();
}

/// Files `*.toml`, in the order of their names.
std::vector<AccountFile> read_account_files(const std::string& dir, std::string& failure) {
  namespace fs = std::filesystem;
  std::vector<AccountFile> files;
  std::error_code error;
  for (auto entry = fs::directory_iterator(dir, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    const fs::path& path = entry->path();
    if (path.extension() == ".toml" && path.filename().string().front() != '.')
      files.push_back({path.string(), {}, {}, {}});
  }
  if (error) {
    failure = error.message();
    return {};
  }
  std::sort(files.begin(), files.end(),
            [](const AccountFile& one, const AccountFile& other) { return one.name < other.name; });
  for (AccountFile& file : files)
    file.failure = read_file(file.name, account_size_max, false, file.text);
  return files;
}

/// However its directory is written.
std::string name_of(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

/// A directory is seen from that of the file that names it.
std::string from(const std::string& path, const std::string& dir) {
  return (std::filesystem::path(path).parent_path() / dir).string();
}

Config unreadable(const std::string& path, const std::string& failure) {
  Config config;
  config.errors.push_back({path, 0, 0, "cannot read: " + failure});
  return config;
}

}  // namespace

Config load_config(const std::string& path) {
  std::string text;
  const std::string failure = read_file(path, size_max, true, text);
  if (!failure.empty()) return unreadable(path, failure);
  const Machine machine = this_machine();
  return parse_config(text, path, &machine, [&path](const std::string& dir, std::string& why) {
    return read_account_files(from(path, dir), why);
  });
}

Config reload_config(const std::string& path, const Config& running,
                     std::vector<ConfigError>& broken) {
  std::string text;
  const std::string failure = read_file(path, size_max, false, text);
  if (!failure.empty()) return unreadable(path, failure);
  std::map<std::string, const AccountOptions*> before;
  for (std::size_t i = 0; i < running.account_files.size(); ++i)
    before.emplace(name_of(running.account_files[i]), &running.options.accounts[i]);
  // Read once, however often they are looked at: what is said of them is about one state.
  std::optional<std::vector<AccountFile>> on_disk;
  std::string no_directory;
  std::set<std::string> left_out;
  const auto read = [&](const std::string& dir, std::string& why) {
    if (!on_disk) on_disk = read_account_files(from(path, dir), no_directory);
    why = no_directory;
    std::vector<AccountFile> files = *on_disk;
    std::erase_if(files, [&](AccountFile& file) {
      if (!left_out.contains(file.name)) return false;
      const auto known = before.find(name_of(file.name));
      if (known == before.end()) return true;
      file.failure.clear();
      file.instead = *known->second;
      return false;
    });
    // Those that stay come first: a name that two of them have is the other one's mistake.
    std::stable_partition(files.begin(), files.end(),
                          [](const AccountFile& file) { return file.instead.has_value(); });
    return files;
  };
  const Machine machine = this_machine();
  // What takes the place of one may be what another is broken by.
  for (unsigned pass = 1;; ++pass) {
    Config config = parse_config(text, path, &machine, read);
    std::set<std::string> found;
    for (const ConfigError& error : config.errors) {
      if (error.file == path || left_out.contains(error.file)) continue;
      broken.push_back(error);
      found.insert(error.file);
    }
    if (found.empty() || pass == passes_max) return config;
    left_out.merge(found);
  }
}

}  // namespace ringgate

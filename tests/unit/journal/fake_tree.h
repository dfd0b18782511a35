// Directories in memory that keep their promises and nothing more: after a crash, what was done to
// names that nobody has synced since may or may not have happened, each by itself.
#pragma once

#include <cerrno>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "base/assert.h"
#include "io/directories.h"

namespace ringgate::journal::test {

class FakeTree final : public io::Directories {
 public:
  using Content = std::shared_ptr<std::vector<std::uint8_t>>;

  /// Thrown nowhere: an operation that the crash prevents returns an error, and so do all behind
  /// it.
  static constexpr int crashed = ECANCELED;

  FakeTree() { names_[""] = nullptr; }

  /// The machine ends before the operation with that number, counted from the last reboot.
  void crash_before(std::uint64_t operation) { crash_before_ = operation; }
  void crash_never() { crash_before_.reset(); }

  /// What the disk has: `keep` is asked about every change that is not safe.
  void reboot(const std::function<bool()>& keep) {
    const auto log = std::move(log_);
    log_.clear();
    names_ = safe_names_;
    for (const Change& change : log)
      if (change.safe || keep()) change.apply(names_);
    safe_names_ = names_;
    operations_ = 0;
    crash_before_.reset();
  }

  Result<std::vector<Entry>> list(const std::string& path) override {
    std::vector<Entry> out;
    const std::string prefix = path.empty() ? path : path + "/";
    for (const auto& [name, content] : names_)
      if (name.size() > prefix.size() && name.starts_with(prefix) &&
          name.find('/', prefix.size()) == name.npos)
        out.push_back({name.substr(prefix.size()), content == nullptr});
    return out;
  }
  Result<void> make(const std::string& path) override {
    return change({parent(path)}, [path](Names& names) {
      if (names.contains(parent(path))) names.try_emplace(path, nullptr);
    });
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    ASSERT(names_.contains(from) && names_.contains(parent(to)));
    return change({parent(from), parent(to)}, [from, to](Names& names) { move(names, from, to); });
  }
  Result<void> remove_file(const std::string& path) override {
    return change({parent(path)}, [path](Names& names) { names.erase(path); });
  }
  Result<bool> remove_directory(const std::string& path) override {
    if (auto inside = list(path); !inside || !inside.value().empty()) return false;
    // With the directory its names are gone, whether or not they were seen to go.
    auto done = change({parent(path)}, [path](Names& names) {
      std::erase_if(names, [&](const auto& one) {
        return one.first == path || one.first.starts_with(path + "/");
      });
    });
    if (!done) return done.error();
    return true;
  }
  Result<void> sync(const std::string& path) override {
    if (!step()) return stop();
    for (Change& one : log_)
      for (const std::string& directory : one.directories)
        if (directory == path) one.safe = true;
    return {};
  }
  Result<void> write_file(const std::string& path, Octets octets) override {
    auto content = std::make_shared<std::vector<std::uint8_t>>(octets.begin(), octets.end());
    return put(path, std::move(content));
  }
  Result<std::vector<std::uint8_t>> read_file(const std::string& path) override {
    const auto found = names_.find(path);
    if (found == names_.end() || found->second == nullptr)
      return Error{ErrorCode::io, ENOENT, path};
    return *found->second;
  }

  /// A file whose content somebody else looks after.
  Result<void> put(const std::string& path, Content content) {
    return change({parent(path)}, [path, content](Names& names) {
      if (names.contains(parent(path))) names[path] = content;
    });
  }
  Content content(const std::string& path) const {
    const auto found = names_.find(path);
    return found == names_.end() ? nullptr : found->second;
  }
  bool exists(const std::string& path) const { return names_.contains(path); }

 private:
  /// By path; directories have no content.
  using Names = std::map<std::string, Content>;

  struct Change {
    std::vector<std::string> directories;
    std::function<void(Names&)> apply;
    bool safe = false;
  };

  static std::string parent(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == path.npos ? std::string() : path.substr(0, slash);
  }
  static void move(Names& names, const std::string& from, const std::string& to) {
    if (!names.contains(from) || !names.contains(parent(to))) return;
    Names moved;
    for (auto one = names.lower_bound(from); one != names.end();) {
      const bool below = one->first == from || one->first.starts_with(from + "/");
      if (below) moved[to + one->first.substr(from.size())] = one->second;
      one = below ? names.erase(one) : std::next(one);
    }
    names.merge(moved);
  }

  Result<void> change(std::vector<std::string> directories, std::function<void(Names&)> apply) {
    if (!step()) return stop();
    apply(names_);
    log_.push_back({std::move(directories), std::move(apply)});
    return {};
  }
  bool step() {
    if (crash_before_ && operations_ >= *crash_before_) return false;
    ++operations_;
    return true;
  }
  static Result<void> stop() { return Error{ErrorCode::io, crashed, "the machine has ended"}; }

  Names names_;
  Names safe_names_ = {{"", nullptr}};
  std::vector<Change> log_;
  std::uint64_t operations_ = 0;
  std::optional<std::uint64_t> crash_before_;
};

}  // namespace ringgate::journal::test

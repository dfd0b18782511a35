#include "daemon/privileges.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "base/assert.h"
#include "options/option_text.h"
#include "runtime/directories.h"

namespace ringgate {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_sanitized = true;
#elif defined(__has_feature)
constexpr bool is_sanitized = __has_feature(address_sanitizer) || __has_feature(leak_sanitizer) ||
                              __has_feature(thread_sanitizer);
#else
constexpr bool is_sanitized = false;
#endif

/// Of the machine's users, what a process has of one.
struct User {
  uid_t uid = 0;
  gid_t gid = 0;
};

bool is_root() { return geteuid() == 0; }

std::string named(const NodeOptions& node) { return "node.user " + quoted(node.user); }

/// Returns why there is none.
std::string find_user(const NodeOptions& node, User& user) {
  constexpr std::size_t texts_max = 1u << 20;
  std::vector<char> texts(1024);
  struct passwd row;
  struct passwd* found = nullptr;
  int number = 0;
  while ((number = getpwnam_r(node.user.c_str(), &row, texts.data(), texts.size(), &found)) ==
             ERANGE &&
         texts.size() < texts_max)
    texts.resize(2 * texts.size());
  if (found == nullptr) {
    const bool missing = number == 0 || number == ENOENT || number == ESRCH;
    return named(node) +
           (missing ? " is no user of this machine" : std::string(": ") + std::strerror(number));
  }
  if (row.pw_uid == 0) return named(node) + " is root: name a user with fewer rights";
  user = {row.pw_uid, row.pw_gid};
  return {};
}

/// A kernel counts the memory of rings that are not root's: those of seven shards have more than
/// the usual 8 MiB.
void allow_locked_memory() {
  rlimit limit{RLIM_INFINITY, RLIM_INFINITY};
  if (setrlimit(RLIMIT_MEMLOCK, &limit) == 0) return;
  // A container's root may raise it no further than that.
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_MEMLOCK, &limit);
}

/// Not through a link, which somebody may have put there meanwhile. Returns the errno, or 0.
int give_directory(const std::string& path, const User& user) {
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return errno;
  const int number = fchown(fd, user.uid, user.gid) == 0 ? 0 : errno;
  close(fd);
  return number;
}

/// What of a path is not there, the deepest first.
std::vector<std::string> missing_directories(std::string path) {
  std::vector<std::string> out;
  for (;;) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    struct stat about;
    if (path.empty() || lstat(path.c_str(), &about) == 0 || errno != ENOENT) return out;
    out.push_back(path);
    const std::size_t slash = path.rfind('/');
    path.resize(slash == path.npos ? 0 : slash + 1);
  }
}

/// One that is there already keeps its owner.
std::string make_data_dir(const std::string& path, const User& user) {
  const std::vector<std::string> missing = missing_directories(path);
  if (missing.empty()) return {};
  if (const auto made = runtime::make_directories(path); !made)
    return "node.data_dir " + made.error().text;
  // From the deepest up: what stands above is still root's, and nobody can put another in its
  // place.
  for (const std::string& one : missing)
    if (const int number = give_directory(one, user); number != 0)
      return "node.data_dir " + one + ": " + std::strerror(number);
  return {};
}

/// What no program could get back, should one ever be run. Where root has not all of its rights, as
/// in a container, that may stay as it is: no_new_privs says the same.
void clear_bounding_set() {
  for (unsigned long one = 0; prctl(PR_CAPBSET_READ, one, 0UL, 0UL, 0UL) >= 0; ++one)
    (void)prctl(PR_CAPBSET_DROP, one, 0UL, 0UL, 0UL);
}

/// Nothing remains but the right to low ports, where it was there. The C library has no function
/// for it.
bool keep_low_ports_only() {
  static_assert(CAP_NET_BIND_SERVICE < 32, "it is in the first of the two words");
  constexpr std::uint32_t low_ports = 1u << CAP_NET_BIND_SERVICE;
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct had[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, had) != 0) return false;
  __user_cap_data_struct kept[_LINUX_CAPABILITY_U32S_3] = {};
  kept[0].permitted = kept[0].effective = had[0].permitted & low_ports;
  return syscall(SYS_capset, &header, kept) == 0;
}

/// Returns the name of the call that failed, with its errno; null: this process is that user.
const char* become(const NodeOptions& node, const User& user) {
  clear_bounding_set();
  if (prctl(PR_SET_KEEPCAPS, 1UL, 0UL, 0UL, 0UL) != 0) return "PR_SET_KEEPCAPS";
  if (initgroups(node.user.c_str(), user.gid) != 0) return "initgroups";
  if (setresgid(user.gid, user.gid, user.gid) != 0) return "setresgid";
  if (setresuid(user.uid, user.uid, user.uid) != 0) return "setresuid";
  if (!keep_low_ports_only()) return "capset";
  if (prctl(PR_SET_KEEPCAPS, 0UL, 0UL, 0UL, 0UL) != 0) return "PR_SET_KEEPCAPS";
  if (prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) != 0) return "PR_SET_NO_NEW_PRIVS";
  return nullptr;
}

void assert_there_is_no_way_back(const User& user) {
  ASSERT(setuid(0) != 0);
  uid_t real, effective, saved;
  ASSERT(getresuid(&real, &effective, &saved) == 0);
  ASSERT(real == user.uid && effective == user.uid && saved == user.uid);
  gid_t real_group, effective_group, saved_group;
  ASSERT(getresgid(&real_group, &effective_group, &saved_group) == 0);
  ASSERT(real_group == user.gid && effective_group == user.gid && saved_group == user.gid);
}

}  // namespace

std::string user_fault(const NodeOptions& node) {
  User user;
  return node.user.empty() ? std::string() : find_user(node, user);
}

std::string give_up_privileges(const Options& options) {
  const NodeOptions& node = options.node;
  if (node.user.empty()) return {};
  User user;
  if (std::string why = find_user(node, user); !why.empty()) return why;
  if (!is_root()) return {};
  allow_locked_memory();
  const bool stores = options.store.mode == StoreMode::journal;
  if (stores)
    if (std::string why = make_data_dir(node.data_dir, user); !why.empty()) return why;
  if (const char* const call = become(node, user); call != nullptr)
    return "cannot become " + named(node) + ": " + call + ": " + std::strerror(errno);
  assert_there_is_no_way_back(user);
  if (stores && access(node.data_dir.c_str(), R_OK | W_OK | X_OK) != 0)
    return "node.data_dir " + node.data_dir + " is not open to " + named(node) + ": " +
           std::strerror(errno) + "; give it, and what is in it, to that user";
  return {};
}

void keep_memory_private(const NodeOptions& node) {
  if (!node.core_dumps) {
    const rlimit none{0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
  }
  // Where cores go to a program, as systemd's, nobody asks for that limit, but for this. Set it
  // either way: after a change of user it is what fs.suid_dumpable says. LeakSanitizer looks at the
  // process by ptrace, which needs it.
  const bool dumpable = node.core_dumps || is_sanitized;
  (void)prctl(PR_SET_DUMPABLE, dumpable ? 1UL : 0UL, 0UL, 0UL, 0UL);
}

std::string privileges_warning(const NodeOptions& node, const std::string& config_path) {
  if (node.user.empty()) return is_root() ? "running as root: set node.user" : std::string();
  User user;
  if (!find_user(node, user).empty()) return {};
  if (geteuid() != user.uid)
    return "only root can become " + named(node) + ": running as user " + std::to_string(geteuid());
  if (access(config_path.c_str(), R_OK) != 0)
    return named(node) + " cannot read " + quoted(config_path) + ": a reload will be refused";
  return {};
}

}  // namespace ringgate

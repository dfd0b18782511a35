#include "runtime/descriptors.h"

#include <sys/resource.h>

#include <algorithm>
#include <string>

#include "core/lobby.h"
#include "runtime/journal_store.h"

namespace ringgate::runtime {
namespace {

/// A ring and an eventfd.
constexpr std::uint64_t per_shard = 2;
/// The data directory and its lock file; one file being made, and the directory it is synced in.
constexpr std::uint64_t journal_others = 4;
/// Beyond the limit: accepted, and waiting for a place or their end. In a storm there may be
/// thousands; those for whom no descriptor is left wait in the backlog.
constexpr std::uint64_t refused_connections = 64;
/// Standard streams, the probe of io_uring, an outbind on its way, what a log or a backend holds.
constexpr std::uint64_t others = 32;

std::uint64_t journal_files(const Options& options, unsigned shard_count) {
  if (options.store.mode != StoreMode::journal) return 0;
  // One more than its share is what a shard takes when it would stand still otherwise.
  const std::uint64_t per_shard_max =
      JournalStore::files_max(options.store, shard_count) + std::uint64_t{1};
  return per_shard_max * shard_count;
}

}  // namespace

std::uint64_t descriptors_needed(const Options& options, unsigned shard_count) {
  const std::uint64_t files = journal_files(options, shard_count);
  // Recovery, which ends before the first connection, reads one epoch and writes another.
  const std::uint64_t connections_or_recovery =
      std::max(options.limits.max_connections + refused_connections, files);
  const bool has_proxies =
      std::any_of(options.listen.begin(), options.listen.end(),
                  [](const ListenOptions& listen) { return !listen.proxy_from.empty(); });
  return connections_or_recovery + files + (files != 0 ? journal_others : 0) +
         (has_proxies ? Lobby::guests_max : 0) + per_shard * shard_count + options.listen.size() +
         others;
}

Result<void> check_descriptors(const Options& options, unsigned shard_count) {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  const std::uint64_t needed = descriptors_needed(options, shard_count);
  if (limit.rlim_cur >= needed) return {};
  const std::uint64_t files = journal_files(options, shard_count);
  std::string text = "limits.max_connections is " + std::to_string(options.limits.max_connections);
  if (files != 0) text += ", with up to " + std::to_string(files) + " files of the journal";
  text += ": that needs " + std::to_string(needed) +
          " descriptors, and this process may open only " + std::to_string(limit.rlim_cur) +
          "; raise the limit (ulimit -Hn and -n, LimitNOFILE= of the service) or lower "
          "limits.max_connections";
  return Error{ErrorCode::full, 0, std::move(text)};
}

}  // namespace ringgate::runtime

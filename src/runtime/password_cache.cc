#include "runtime/password_cache.h"

namespace ringgate::runtime {

bool PasswordCache::known(const io::PasswordDigest& digest, Nanos now) {
  drop_old(now);
  if (!entries_.contains(digest)) return false;
  use(digest, now);
  return true;
}

void PasswordCache::add(const io::PasswordDigest& digest, Nanos now) {
  drop_old(now);
  use(digest, now);
}

void PasswordCache::hold(const io::PasswordDigest& digest, Nanos now) {
  drop_old(now);
  const auto entry = use(digest, now);
  if (entry == entries_.end()) return;
  if (entry->second.holders++ == 0) idle_.erase(entry->second.idle);
}

void PasswordCache::release(const io::PasswordDigest& digest, Nanos now) {
  drop_old(now);
  // Not there, or without holders: there was no room for it when it was to be held.
  const auto entry = use(digest, now);
  if (entry == entries_.end() || entry->second.holders == 0) return;
  if (--entry->second.holders == 0) entry->second.idle = idle_.insert(idle_.end(), digest);
}

/// The entry, made if need be; none when all there is room for are held.
PasswordCache::Entries::iterator PasswordCache::use(const io::PasswordDigest& digest, Nanos now) {
  auto entry = entries_.find(digest);
  if (entry == entries_.end()) {
    if (entries_.size() >= count_max) {
      if (idle_.empty()) return entry;
      entries_.erase(idle_.front());
      idle_.pop_front();
    }
    entry = entries_.emplace(digest, Entry{}).first;
    entry->second.idle = idle_.insert(idle_.end(), digest);
  } else if (entry->second.holders == 0) {
    idle_.splice(idle_.end(), idle_, entry->second.idle);
  }
  entry->second.used = now;
  return entry;
}

void PasswordCache::drop_old(Nanos now) {
  while (!idle_.empty() && entries_.find(idle_.front())->second.used + lifetime <= now) {
    entries_.erase(idle_.front());
    idle_.pop_front();
  }
}

}  // namespace ringgate::runtime

#include "routing/suspensions.h"

#include <algorithm>

namespace ringgate {

Suspensions::Suspensions(const Directory& directory, std::uint32_t homes)
    : directory_(directory),
      per_account_(std::clamp(per_shard_max / std::max(homes, 1U), 1U, per_account_max)),
      nodes_(per_account_ * std::max(homes, 1U)),
      accounts_(directory.size()) {}

Suspensions::~Suspensions() {
  while (Node* const node = by_age_.front()) end(*node);
}

Suspensions::Made Suspensions::suspend(std::uint32_t account, const StoredAddress& destination,
                                       Nanos now) {
  if (Node* const known = find(account, destination)) {
    unlink(*known);
    link(*known, now);
    return Made::renewed;
  }
  const bool full = accounts_[account].size() >= per_account_;
  if (full) end(*accounts_[account].front());
  Node* const node = nodes_.take();
  ASSERT(node != nullptr);
  node->account = account;
  node->destination = destination;
  link(*node, now);
  tell_suspended(account);
  return full ? Made::displaced : Made::fresh;
}

Nanos Suspensions::until(std::uint32_t account, const StoredAddress& destination, Nanos now) {
  if (accounts_[account].empty()) return 0;
  const Node* const node = find(account, destination);
  return node == nullptr || node->until <= now ? 0 : node->until;
}

void Suspensions::expire(Nanos now) {
  while (Node* const node = by_age_.front()) {
    if (node->until > now) return;
    end(*node);
  }
}

Suspensions::Node* Suspensions::find(std::uint32_t account, const StoredAddress& destination) {
  Account& all = accounts_[account];
  for (Node* node = all.front(); node != nullptr; node = all.next(*node))
    if (node->destination == destination) return node;
  return nullptr;
}

void Suspensions::link(Node& node, Nanos now) {
  node.until = now + length;
  by_age_.push_back(node);
  accounts_[node.account].push_back(node);
}

void Suspensions::unlink(Node& node) {
  by_age_.remove(node);
  accounts_[node.account].remove(node);
}

void Suspensions::end(Node& node) {
  const std::uint32_t account = node.account;
  unlink(node);
  nodes_.give(&node);
  tell_suspended(account);
}

void Suspensions::tell_suspended(std::uint32_t account) {
  directory_.at(account).state->suspended.store(
      static_cast<std::uint32_t>(accounts_[account].size()), std::memory_order_relaxed);
}

}  // namespace ringgate

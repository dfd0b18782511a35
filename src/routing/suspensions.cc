#include "routing/suspensions.h"

#include <algorithm>

namespace ringgate {

Suspensions::Suspensions(const Directory& directory, std::uint32_t homes)
    : nodes_(std::max(per_shard_max, homes)) {
  adopt(directory, homes);
}

void Suspensions::adopt(const Directory& directory, std::uint32_t homes) {
  ASSERT(directory.size() >= accounts_.size());
  per_account_ = std::clamp(nodes_.capacity() / std::max(homes, 1U), 1U, per_account_max);
  accounts_.resize(directory.size());
  for (std::uint32_t i = 0; i < directory.size(); ++i) accounts_[i].state = directory.at(i).state;
}

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
  auto& mine = accounts_[account].nodes;
  bool displaces = mine.size() >= per_account_;
  while (mine.size() >= per_account_) end(*mine.front());
  // Accounts that had more when there were fewer may still have the places of others.
  if (nodes_.in_use() == nodes_.capacity()) {
    displaces = true;
    end(*by_age_.front());
  }
  Node* const node = nodes_.take();
  ASSERT(node != nullptr);
  node->account = account;
  node->destination = destination;
  link(*node, now);
  tell_suspended(account);
  return displaces ? Made::displaced : Made::fresh;
}

Nanos Suspensions::until(std::uint32_t account, const StoredAddress& destination, Nanos now) {
  if (accounts_[account].nodes.empty()) return 0;
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
  auto& all = accounts_[account].nodes;
  for (Node* node = all.front(); node != nullptr; node = all.next(*node))
    if (node->destination == destination) return node;
  return nullptr;
}

void Suspensions::link(Node& node, Nanos now) {
  node.until = now + length;
  by_age_.push_back(node);
  accounts_[node.account].nodes.push_back(node);
}

void Suspensions::unlink(Node& node) {
  by_age_.remove(node);
  accounts_[node.account].nodes.remove(node);
}

void Suspensions::end(Node& node) {
  const std::uint32_t account = node.account;
  unlink(node);
  nodes_.give(&node);
  tell_suspended(account);
}

void Suspensions::tell_suspended(std::uint32_t account) {
  Account& changed = accounts_[account];
  changed.state->suspended.store(static_cast<std::uint32_t>(changed.nodes.size()),
                                 std::memory_order_relaxed);
}

}  // namespace ringgate

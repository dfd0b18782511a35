// Destinations that a client wants nothing for at the moment (ESME_RX_P_APPN, docs/durability.md).
// Lives on the account's home shard.
#pragma once

#include <deque>

#include "base/slab.h"
#include "message/record.h"
#include "policy/directory.h"

namespace ringgate {

/// Each account has places of its own, so that none pushes out another's; when they are taken, its
/// oldest suspension gives way. All last equally long, so the oldest ends first. Keeps
/// AccountState::suspended right. Allocates only where accounts come in; pure; one thread.
class Suspensions {
 public:
  static constexpr Nanos length = seconds(300);
  static constexpr std::uint32_t per_account_max = 64;
  /// Of a shard; with so many accounts that they do not all have per_account_max of these, each has
  /// its equal part, and at least one.
  static constexpr std::uint32_t per_shard_max = 131'072;

  /// `homes` is how many of the directory's accounts have their home here at most.
  Suspensions(const Directory& directory, std::uint32_t homes);
  /// The accounts have changed. There are as many places as before: with more accounts, each has
  /// fewer of them.
  void adopt(const Directory& directory, std::uint32_t homes);
  ~Suspensions();
  Suspensions(const Suspensions&) = delete;
  Suspensions& operator=(const Suspensions&) = delete;

  enum class Made : std::uint8_t {
    fresh,
    renewed,    ///< it was there already, and lasts from now
    displaced,  ///< the oldest of the account gave way
  };
  Made suspend(std::uint32_t account, const StoredAddress& destination, Nanos now);

  /// Until when nothing goes there; 0 if it is not suspended.
  Nanos until(std::uint32_t account, const StoredAddress& destination, Nanos now);

  /// Ends those whose time is over.
  void expire(Nanos now);
  /// When the next one ends; never while there is none.
  Nanos deadline() const { return by_age_.empty() ? never : by_age_.front()->until; }

  std::uint32_t count() const { return nodes_.in_use(); }
  std::uint32_t per_account() const { return per_account_; }

 private:
  struct Node {
    ListLink age;
    ListLink of_account;
    Nanos until;
    std::uint32_t account;
    StoredAddress destination;
  };
  struct Account {
    IntrusiveList<Node, &Node::of_account> nodes;  // oldest first
    AccountState* state = nullptr;
  };

  Node* find(std::uint32_t account, const StoredAddress& destination);
  void link(Node& node, Nanos now);
  void unlink(Node& node);
  void end(Node& node);
  void tell_suspended(std::uint32_t account);

  std::uint32_t per_account_ = 0;
  Slab<Node> nodes_;
  IntrusiveList<Node, &Node::age> by_age_;
  std::deque<Account> accounts_;  // lists must stay where they are
};

}  // namespace ringgate

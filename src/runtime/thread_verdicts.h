// Verdicts for gates with threads of their own.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <ringgate/gate.h>

#include "base/link_id.h"
#include "runtime/inbox.h"

namespace ringgate::runtime {

/// Any thread, for ever: when the shards have ended their inboxes are closed, and nothing happens.
class ThreadVerdicts final : public Verdicts {
 public:
  /// One inbox per shard.
  explicit ThreadVerdicts(std::vector<std::shared_ptr<Inbox>> inboxes)
      : inboxes_(std::move(inboxes)) {}

  using Verdicts::decide;
  Posted decide(std::span<const BindVerdict> verdicts, std::size_t& taken) override {
    for (taken = 0; taken < verdicts.size(); ++taken) {
      const BindVerdict& one = verdicts[taken];
      const unsigned shard = shard_of(one.session);
      if (shard >= inboxes_.size()) return Posted::misuse;
      const Posted posted = inboxes_[shard]->try_post(VerdictItem{
          std::make_unique<StoredVerdict>(StoredVerdict{one, std::string(one.account)})});
      if (posted != Posted::ok) return posted;
    }
    return Posted::ok;
  }

 private:
  const std::vector<std::shared_ptr<Inbox>> inboxes_;
};

}  // namespace ringgate::runtime

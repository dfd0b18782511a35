#include "shard/strangers.h"

#include "base/assert.h"

namespace ringgate {

Connection* Strangers::in_the_way(const std::string& address) {
  const auto found = addresses_.find(address);
  ASSERT(found == addresses_.end() || !found->second.empty());
  if (found != addresses_.end() && found->second.size() >= limits_.per_address_max)
    return found->second.front()->connection;
  return by_silence_.size() >= limits_.count_max ? most_silent() : nullptr;
}

Connection* Strangers::most_silent() {
  Stranger* const stranger = by_silence_.front();
  ASSERT(stranger == nullptr || stranger->connection != nullptr);
  return stranger == nullptr ? nullptr : stranger->connection;
}

void Strangers::add(Stranger& stranger, Nanos now) {
  ASSERT(!stranger.by_silence.linked() && !stranger.of_address.linked());
  stranger.heard_at = now;
  by_silence_.push_back(stranger);
  addresses_[stranger.address].push_back(stranger);
  gauge_.set(count());
}

void Strangers::heard(Stranger& stranger, Nanos now) {
  if (!stranger.by_silence.linked()) return;
  ASSERT(now >= stranger.heard_at);
  stranger.heard_at = now;
  by_silence_.remove(stranger);
  by_silence_.push_back(stranger);
  const auto found = addresses_.find(stranger.address);
  ASSERT(found != addresses_.end());
  found->second.remove(stranger);
  found->second.push_back(stranger);
}

void Strangers::remove(Stranger& stranger) {
  if (!stranger.by_silence.linked()) return;
  by_silence_.remove(stranger);
  const auto found = addresses_.find(stranger.address);
  ASSERT(found != addresses_.end());
  found->second.remove(stranger);
  if (found->second.empty()) addresses_.erase(found);
  gauge_.set(count());
}

}  // namespace ringgate

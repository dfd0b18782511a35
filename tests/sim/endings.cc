// Sessions that the program ends while messages flow: those of an account or all of a shard, with
// an unbind and some grace, or at once. For what is under way that is no different from a client
// that leaves.
#include "parts.h"

namespace ringgate::sim {
namespace {

constexpr Nanos ending_gap = seconds(6);
constexpr std::uint64_t grace_max_ms = 20'000;

/// Links have it for a port; 0 of one that was reset.
ConnectionNumber number_of(const std::string& peer) {
  const std::size_t colon = peer.rfind(':');
  return colon == peer.npos ? 0
                            : static_cast<ConnectionNumber>(std::stoull(peer.substr(colon + 1)));
}

}  // namespace

void World::plan_ending() {
  at(now_ + static_cast<Nanos>(ending_prng_.below(ending_gap)), [this] {
    if (!faulty_) return;
    if (booted_) end_sessions();
    plan_ending();
  });
}

void World::end_sessions() {
  const auto shard = static_cast<unsigned>(ending_prng_.below(nodes_.size()));
  SessionFilter filter;
  if (ending_prng_.chance(0.8))
    filter.account = accounts_[ending_prng_.below(accounts_.size())].system_id;
  SessionEnd how;
  how.unbind = ending_prng_.chance(0.7);
  how.grace_ms = static_cast<std::uint32_t>(ending_prng_.below(grace_max_ms));
  input(shard, now_, [this, filter, how](Core& core) {
    std::vector<SessionInfo> seen;
    for (std::uint32_t from = 0;;) {
      from = core.shard().sessions().list(filter, from, seen);
      if (from == 0) break;
    }
    for (const SessionInfo& one : seen)
      if ((one.state == SessionState::bound && one.account.empty()) || one.session == SessionId{})
        ledger_->fault("a session is listed that cannot be");
    // An answer that comes behind the end of its session is not heard, long before the connection
    // is closed.
    const Nanos heard_until = now_ + (how.unbind ? milliseconds(how.grace_ms) : 0);
    for (const SessionInfo& one : seen)
      at(heard_until, [this, number = number_of(one.peer)] {
        if (number != 0) ledger_->on_connection_over(number, now_);
      });
    const std::uint64_t ended = core.shard().sessions().end(filter, how);
    trace_.note(now_, "sessions: seen, ended", seen.size(), ended);
    if (ended > seen.size()) ledger_->fault("more sessions end than there are");
  });
}

}  // namespace ringgate::sim

// What a program does with single sessions while messages flow. It ends them, those of an account
// or all of a shard, with an unbind and some grace, or at once: for what is under way that is no
// different from a client that leaves. And it sends messages to one session and no other.
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

/// A message for one of that shard's sessions, handed over on the other one.
void World::subscriber_aims(unsigned shard) {
  const auto at_shard = static_cast<unsigned>(ending_prng_.below(nodes_.size()));
  input(at_shard, now_, [this, shard](Core& core) {
    std::vector<SessionInfo> seen;
    core.shard().sessions().list({}, 0, seen);
    std::erase_if(seen, [](const SessionInfo& one) {
      return one.account.empty() || number_of(one.peer) == 0;
    });
    if (seen.empty()) return;
    const SessionInfo aim = seen[ending_prng_.below(seen.size())];
    input(shard, now_, [this, aim](Core& sender) {
      const std::string text = "M" + std::to_string(next_mo_);
      Deliver message;
      message.source = {1, 1, "4917"};
      message.destination = {1, 1, "550"};
      message.text = as_octets(text);
      message.session = aim.session;
      std::uint32_t account = 0;
      while (accounts_[account].system_id != aim.account) ++account;
      MessageId id;
      const Routed routed = sender.shard().deliver(message, id);
      trace_.note(now_, "MO for a session: number, connection, routed", next_mo_,
                  number_of(aim.peer), static_cast<std::uint64_t>(routed));
      if (routed != Routed::ok) return ledger_->fault("an MO found no session");
      ledger_->on_mo_given(next_mo_++, id, account, now_, number_of(aim.peer));
    });
  });
}

}  // namespace ringgate::sim

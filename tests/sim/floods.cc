// Strangers that flood: they send without end, read nothing, and never bind. Nobody may notice.
#include "parts.h"
#include "shard/turn_order.h"

namespace ringgate::sim {
namespace {

// What the kernel has of them at once, and how often.
constexpr std::size_t burst_pdus = 4'096;
constexpr Nanos flood_gap = milliseconds(50);
constexpr std::uint64_t flood_size_max = 6;
// Of one turn: the last PDU may go beyond the turn's work, and none is larger than this, the work
// of a payload of 60,000 octets.
constexpr std::uint64_t pdu_work_max = 1'100;
// Whoever sends little waits at the most so many turns.
constexpr std::uint64_t turns_waited_max = 16;
// Pieces of memory beyond the pool: no more than one for each connection there may be.
constexpr std::uint64_t beyond_pool_max = 64;

}  // namespace

void World::flood_begins() {
  if (!faulty_) return;
  at(now_ + seconds(2) + delay(seconds(20)), [this] { flood_begins(); });
  if (!booted_) return;
  // Together, since the kernel hands over one buffer of each at a time.
  for (std::uint64_t left = 1 + prng_.below(flood_size_max); left != 0; --left) {
    const auto link = new_link("198.51.100.1:");
    link->mute = true;
    trace_.note(now_, "floods: connection", link->number);
    const Nanos until = now_ + delay(seconds(12));
    arrive(link);
    flood_goes_on(link, until);
  }
}

void World::flood_goes_on(const std::shared_ptr<Link>& link, Nanos until) {
  if (link->over) return;
  if (!faulty_ || now_ >= until) return client_closes(link, true);
  static const std::string burst = [] {
    std::string out;
    std::uint8_t pdu[wire::pdu_header_size];
    for (std::uint32_t i = 1; i <= burst_pdus; ++i) {
      smpp::write_header(pdu, sizeof pdu, static_cast<std::uint32_t>(Command::enquire_link), 0, i);
      out.append(reinterpret_cast<const char*>(pdu), sizeof pdu);
    }
    return out;
  }();
  if (link->established && link->arrived.empty() && !link->server_closed) {
    link->arrived = burst;
    receive_some(link);
  }
  at(now_ + flood_gap, [this, link, until] { flood_goes_on(link, until); });
}

/// Whatever anybody sends.
void World::look_at_bounds(const ShardCounters& counters) {
  if (counters.misrouted.get() != 0)
    return ledger_->fault("something of one account was about to go to another");
  if (counters.turn_work_max.get() > TurnOrder::turn_work + pdu_work_max)
    return ledger_->fault("a turn without end");
  if (counters.turn_wait_max.get() > turns_waited_max)
    return ledger_->fault("somebody who sends little waits for many turns");
  if (counters.tx_on_heap_max.get() > beyond_pool_max)
    return ledger_->fault("memory beyond the pools");
}

}  // namespace ringgate::sim

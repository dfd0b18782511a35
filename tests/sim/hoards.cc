// Somebody fills the store: bursts of submit_multi, of payloads and of short messages, none of
// which ends while there are faults. Whatever the disk says, everybody is answered; and when nobody
// asks for anything, nothing is written.
#include "parts.h"
#include "rare.h"

namespace ringgate::sim {
namespace {

constexpr Nanos hoard_gap = milliseconds(400);
constexpr std::size_t payload_max = 60'000;
constexpr std::uint64_t burst_octets_max = 3u << 20;
// From an enquire_link to its answer: the disk may have many batches before it, and stand still
// for two seconds now and then.
constexpr Nanos answer_max = seconds(20);
// Retries come to their end before the store is idle.
constexpr Nanos quiet_time = seconds(100);
constexpr Nanos idle_time = seconds(30);
constexpr std::uint64_t idle_octets_max = sim_segment_size;
// What emptying segments may copy: so much for what comes in, and for what a start has found as
// often as the reserve may be won back from it in parts.
constexpr std::uint64_t copied_per_accepted_max = 4;
constexpr std::uint64_t copied_per_file_max = 32 * sim_segment_size;
constexpr std::uint32_t enquire_sequence = 0x7FFF'0000;

std::string pdu(Command command, std::uint32_t sequence_number, std::string_view body = {}) {
  std::string out(wire::pdu_header_size, '\0');
  smpp::write_header(reinterpret_cast<std::uint8_t*>(out.data()),
                     static_cast<std::uint32_t>(out.size() + body.size()),
                     static_cast<std::uint32_t>(command), 0, sequence_number);
  return out.append(body);
}

std::string payload_of(std::size_t size) {
  std::string text(size, 'x');
  text.replace(0, Witness::hoard_mark.size(), Witness::hoard_mark);
  std::string out(size + 4, '\0');
  wire::write_keyed(static_cast<std::uint16_t>(smpp::Tag::message_payload), as_octets(text),
                    reinterpret_cast<std::uint8_t*>(out.data()));
  return out;
}

std::string data_sm(std::uint32_t sequence_number, std::size_t size) {
  smpp::DataSm body;
  body.source_addr = "4477009";
  body.destination_addr = "447700900002";
  std::string octets(wire::encoded_size(body), '\0');
  wire::encode(body, reinterpret_cast<std::uint8_t*>(octets.data()));
  return pdu(Command::data_sm, sequence_number, octets + payload_of(size));
}

std::string submit_multi(std::uint32_t sequence_number, unsigned count, std::size_t size) {
  std::string body(
      "\0\1\1"
      "4477009\0",
      11);
  body += static_cast<char>(count);
  for (unsigned i = 0; i < count; ++i)
    body += std::string("\1\1\1", 3) + "44770" + std::to_string(100 + i) + '\0';
  body += std::string(10, '\0');
  return pdu(Command::submit_multi, sequence_number, body + payload_of(size));
}

}  // namespace

void World::hoard_begins() {
  hoards_ = true;
  AccountOptions& account = accounts_.emplace_back();
  account.system_id = "hoard";
  account.password = "secret";
  account.submit_window = 1'000;
  // A small store is full sooner.
  files_max_ = static_cast<std::uint32_t>(4 + hoard_prng_.below(8));
  const auto come = [this](const auto& again) -> void {
    if (!faulty_) return;
    at(now_ + seconds(1) + static_cast<Nanos>(hoard_prng_.below(seconds(8))),
       [again] { again(again); });
    if (!booted_) return;
    const auto link = new_link("192.0.2.200:");
    link->hoards = true;
    smpp::Bind body;
    body.system_id = "hoard";
    body.password = "secret";
    body.interface_version = 0x34;
    std::string octets(wire::encoded_size(body), '\0');
    wire::encode(body, reinterpret_cast<std::uint8_t*>(octets.data()));
    link->up = pdu(Command::bind_transmitter, 1, octets);
    arrive(link);
    hoard_goes_on(link);
  };
  at(now_ + seconds(1), [come] { come(come); });
}

void World::hoard_goes_on(const std::shared_ptr<Link>& link) {
  if (link->over || link->server_closed) return;
  if (!faulty_ || hoard_prng_.chance(0.05)) return client_closes(link, true);
  at(now_ + hoard_gap, [this, link] { hoard_goes_on(link); });
  if (!link->up.empty() || !link->arrived.empty()) return;
  std::string burst;
  const std::size_t size = hoard_prng_.chance(0.3) ? 10 + hoard_prng_.below(200)
                                                   : 1'000 + hoard_prng_.below(payload_max);
  const auto count = static_cast<unsigned>(1 + hoard_prng_.below(100));
  const bool multi = hoard_prng_.chance(0.5);
  std::uint64_t octets = 0;
  for (std::uint32_t i = 2; i < 100 && octets < burst_octets_max; ++i) {
    burst += multi ? submit_multi(i, count, size) : data_sm(i, size);
    octets += multi ? count * size : size;
  }
  burst += pdu(Command::enquire_link, enquire_sequence);
  link->up = std::move(burst);
  link->enquire_behind = link->received + link->up.size();
  carry_up(link);
}

void World::hoard_reads(Link& link) {
  link.wire += link.down;
  while (link.wire.size() >= wire::pdu_header_size) {
    const auto* const at = reinterpret_cast<const std::uint8_t*>(link.wire.data());
    const std::uint32_t size = load_be32(at);
    if (size < wire::pdu_header_size || link.wire.size() < size) return;
    if (load_be32(at + 4) == static_cast<std::uint32_t>(Command::enquire_link_resp))
      link.asked_at = never;
    link.wire.erase(0, size);
  }
}

/// Everything that was kept open ends, some of it in turns of its own.
void World::hoard_ends() {
  if (!booted_) return;
  Nanos when = now_;
  for (const Ticket ticket : witness_->take_hoarded()) {
    if (hoard_prng_.chance(0.3)) when += milliseconds(3);
    input(ticket.shard, when, [ticket](Core& on) {
      on.shard().report(ticket, {MessageState::delivered, 0});
    });
  }
}

/// At the end of a turn: what has to be written is under way, and nobody waits for ever.
void World::look_at_store(unsigned shard) {
  Node& node = *nodes_[shard];
  if (!node.shard().settled() && node.writes.empty())
    return ledger_->fault("what has to be written finds no place");
  const ShardCounters& counters = node.shard().counters();
  const std::uint64_t copied_max =
      copied_per_accepted_max * counters.journal_accepted.get() + copied_per_file_max * files_max_;
  // Rare branches empty segments without need.
  if (!drew_rare_ && counters.journal_rewritten.get() > copied_max)
    return ledger_->fault("octets are copied without end");
  for (const auto& link : sockets_)
    if (link != nullptr && link->hoards && !link->over && !link->server_closed && !link->reset &&
        link->asked_at != never && now_ - link->asked_at > answer_max)
      return ledger_->fault("an enquire_link is not answered");
}

void World::look_at_idleness() {
  trace_.note(now_, "idle");
  run_until(now_ + quiet_time, {});
  if (!booted_ || !ledger_->faults().empty()) return;
  const auto written = [this] {
    std::uint64_t octets = 0;
    for (const auto& node : nodes_) octets += node->shard().counters().journal_octets.get();
    return octets;
  };
  const std::uint64_t before = written();
  run_until(now_ + idle_time, {});
  if (written() - before > idle_octets_max)
    ledger_->fault("octets are written while nobody asks for anything");
  hoard_ends();
}

}  // namespace ringgate::sim

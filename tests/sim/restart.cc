// The machine under the shards: it boots, crashes at any point, and boots again with another number
// of shards from what its disk has kept.
#include "parts.h"

namespace ringgate::sim {
namespace {

constexpr unsigned shards_max = 4;
constexpr std::uint32_t sim_states_max = 4'096;
// Crashes come while there is something to lose, and end before the liveness phase.
constexpr Nanos crash_gap = seconds(25);
// A process with a broken journal ends itself within this time.
constexpr Nanos failure_time = milliseconds(50);
constexpr Nanos reboot_time = seconds(2);
// More than the tests ever have.
constexpr std::uint64_t sockets_max = 1'000;
// Operations of a recovery before it is interrupted: about as many as one has.
constexpr std::uint64_t interrupted_max = 40;

}  // namespace

void World::boot() {
  const auto shard_count = static_cast<unsigned>(1 + prng_.below(shards_max));
  // Some nodes begin with a version, or an option, that does not permute ids; none goes back.
  if (!ids_.permutes() && prng_.chance(0.7)) {
    IdKey key;
    for (std::uint8_t& octet : key) octet = static_cast<std::uint8_t>(prng_.next());
    ids_ = MessageIdCodec(key);
  }
  sim_options_.seed = prng_.next();
  if (simulated_backend_)
    backend_ = std::make_unique<Simulator>(sim_options_, 5'000);
  else
    backend_ = std::make_unique<ModelBackend>(prng_, shard_count);
  witness_ = std::make_unique<Witness>(*backend_, *ledger_, trace_);
  witness_->on_start(shard_count, clock(), nullptr);

  journal::Recovered recovered;
  if (durable_) {
    recovered = recover(shard_count);
    if (!ledger_->faults().empty()) return;
    restored_ += recovered.messages;
    trace_.note(now_, "boots: shards, messages, receipts", shard_count, recovered.messages,
                recovered.receipts);
  }
  std::vector<std::string> gone;
  if (durable_)
    gone.assign(recovered.accounts.begin() + static_cast<std::ptrdiff_t>(accounts_.size()),
                recovered.accounts.end());
  roster_ = std::make_shared<const Roster>(accounts_, number_options_, now_, 0, gone);
  for (unsigned i = 0; i < shard_count; ++i) {
    Node& node = *nodes_.emplace_back(std::make_unique<Node>(*this, i));
    node.mail_arrival.resize(shard_count);
    ShardOptions options;
    options.index = i;
    options.count = shard_count;
    options.limits = limits_;
    // So few that clients with a wrong password now and then are blocked at times.
    options.guesses.pair_max = 2;
    options.guesses.block = seconds(20);
    // Who hoards shall fill the store, and not only his share of it.
    if (hoards_) options.account_share = 1;
    options.budget = make_budget(64, shard_count, messages_max_);
    options.budget.tx_chunks = 64;
    options.seed = prng_.next();
    options.ids = ids_;
    options.first_sequence = clock().wall_s * 1'000'000 + now_ / 1'000 % 1'000'000;
    if (durable_) {
      ShardJournal& journal = options.journal.emplace();
      journal.options = {static_cast<std::uint16_t>(i), static_cast<std::uint16_t>(shard_count),
                         epoch_, sim_segment_size, files_max_};
      journal.start = recovered.shards[i];
      journal.states_max = sim_states_max;
      // Those that it begins with, and what it was left of the epoch before: two at least.
      journal.files = static_cast<std::uint32_t>(journal.start.segments.size());
      const std::uint32_t least = journal.files + 2;
      for (; journal.files < least || disk_->exists({i, journal.files}); ++journal.files)
        if (!disk_->exists({i, journal.files})) disk_->make({i, journal.files});
      options.budget.messages += journal.start.messages;
      options.first_sequence = first_sequence(options.first_sequence, journal.start.next_sequence);
    }
    options.drain_time = drain_time_;
    node.core = std::make_unique<Core>(options, roster_, *witness_, node,
                                       ShardWorld{protocol_, node, node, nullptr, &node}, clock(),
                                       seals_ ? &node : nullptr);
  }
  std::vector<CoreSeen> cores;
  for (const auto& node : nodes_) cores.push_back(node->core->seen());
  nodes_[0]->core->arrivals().see(std::move(cores), sockets_max);
  nodes_[0]->core->arrivals().listen(1);
  booted_ = true;
  if (!durable_) return;
  for (unsigned i = 0; i < shard_count; ++i) {
    for (std::size_t segment = 0; segment < recovered.shards[i].segments.size(); ++segment) {
      const journal::WrittenSegment& one = recovered.shards[i].segments[segment];
      const Octets content = disk_->content({i, one.file});
      for (std::uint64_t offset = 0; offset < one.end;) {
        const Octets rest = content.subspan(offset, one.end - offset);
        const auto header = journal::read_batch(rest, epoch_);
        if (!header) return ledger_->fault("what recovery has written is broken");
        nodes_[i]->shard().restore(static_cast<std::uint32_t>(segment + 1), *header, rest);
        offset += journal::round_up(header->size, journal::block_size);
      }
    }
    nodes_[i]->shard().restored();
    wake(i, now_);
  }
}

journal::Recovered World::recover(unsigned shard_count) {
  journal::TakeoverOptions options;
  options.shard_count = static_cast<std::uint16_t>(shard_count);
  options.segment_size = sim_segment_size;
  options.files_max = files_max_;
  options.wall_s = clock().wall_s;
  options.states_max = sim_states_max;
  options.ids = ids_;
  for (const AccountOptions& account : accounts_) {
    options.accounts.push_back(account.system_id);
    options.quoted_octets.push_back(smpp::ReceiptStyle(account.quirks).quoted_octets());
  }
  const journal::Progress nobody_watches;
  while (true) {
    disk_->reboot();
    look_at_damage(options);
    clients_have_sent();
    options.salt = prng_.next();
    // A recovery may be interrupted as well, between any two of the things that it does.
    if (faulty_ && prng_.chance(0.3)) disk_->tree().crash_before(prng_.below(interrupted_max));
    auto taken = journal::Taker(disk_->tree(), *disk_, options, nobody_watches).run();
    if (taken) {
      disk_->tree().crash_never();
      epoch_ = taken.value().note.epoch;
      disk_->use(epoch_.number);
      return std::move(taken.value().recovered);
    }
    if (taken.error().os_errno != SimDisk::Tree::crashed)
      return ledger_->fault("the disk kept its promises, and recovery says: " + taken.error().text),
             journal::Recovered{};
  }
}

void World::plan_crash() {
  at(now_ + milliseconds(200) + delay(crash_gap), [this] {
    if (!faulty_) return;
    if (booted_) crash();
    plan_crash();
  });
}

/// The shard that failed acknowledges nothing more; the process follows it soon.
void World::look_for_failure() {
  at(now_ + delay(failure_time), [this, incarnation = incarnation_] {
    if (incarnation == incarnation_) crash();
  });
}

/// Everything in memory is gone. What the kernel has already taken from the process may still reach
/// the clients; what was on its way to the disk may have arrived, in parts.
void World::crash() {
  ++crashes_;
  trace_.note(now_, "crashes");
  process_is_gone();
}

/// Somebody tells the process to end, which it does in order, and starts it again.
void World::plan_end() {
  at(now_ + milliseconds(200) + delay(crash_gap), [this] {
    if (!faulty_) return;
    if (booted_ && !is_ending_) {
      trace_.note(now_, "is told to end");
      is_ending_ = is_told_to_end_ = true;
      const bool hurries = prng_.chance(0.3);
      for (const auto& node : nodes_) {
        input(node->index, now_, [](Core& on) { on.end(Ending::drain); });
        if (hurries)
          input(node->index, now_ + delay(drain_time_), [](Core& on) { on.end(Ending::hurry); });
      }
    }
    plan_end();
  });
}

/// The process ends with its last core.
void World::look_for_end() {
  for (const auto& node : nodes_)
    if (!node->core->is_over(node->disk_operations != 0)) return;
  at(now_, [this, incarnation = incarnation_] {
    if (incarnation != incarnation_) return;
    ++ends_;
    trace_.note(now_, "has ended");
    for (const auto& node : nodes_)
      if (node->shard().settled() && !node->writes.empty())
        ledger_->fault("the process ends and leaves something unwritten");
    process_is_gone();
  });
}

void World::process_is_gone() {
  ++incarnation_;
  for (const auto& node : nodes_)
    for (const auto& write : node->writes) disk_->tear(*write);
  std::vector<std::shared_ptr<Link>> links(backlog_.begin(), backlog_.end());
  for (const auto& link : sockets_)
    if (link != nullptr) links.push_back(link);
  nodes_.clear();
  sockets_.clear();
  backlog_.clear();
  accepting_ = accept_due_ = is_ending_ = booted_ = false;
  ledger_->on_crash(now_);
  if (clock_is_set_ && prng_.chance(0.5)) set_clock();
  at(now_ + delay(reboot_time), [this] { boot(); });
  for (const auto& link : links) {
    if (prng_.chance(0.5)) link->down.clear();
    drop(link);
  }
}

}  // namespace ringgate::sim

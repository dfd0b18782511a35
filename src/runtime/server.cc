// ringgate::Server: options and a backend become listeners and shard threads.
#include <ringgate/server.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>

#include "message/id_source.h"
#include "runtime/cpus.h"
#include "runtime/descriptors.h"
#include "runtime/id_key.h"
#include "runtime/shard_thread.h"
#include "shard/route.h"
#include "uring/socket.h"

namespace ringgate::runtime {
namespace {

constexpr int listen_backlog = 4096;
constexpr int busy_port_tries = 10;
constexpr int busy_port_pause_ms = 50;

std::int64_t wall_us() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1'000'000 + now.tv_nsec / 1'000;
}

SessionLimits session_limits(const LimitsOptions& options) {
  SessionLimits limits;
  limits.session_init = milliseconds(options.session_init_ms);
  limits.enquire_link = milliseconds(options.enquire_link_ms);
  limits.inactivity = milliseconds(options.inactivity_ms);
  limits.response = milliseconds(options.response_ms);
  limits.pdu_size_max = options.max_pdu;
  limits.unbound_pdu_size_max = options.max_unbound_pdu;
  return limits;
}

/// One shard's part of the connections that have not bound.
StrangerLimits stranger_limits(const LimitsOptions& options, unsigned shard_count) {
  // A small node's clients may all come at once, and from one address.
  constexpr unsigned small = 256;
  const unsigned all = options.max_unbound != 0 ? options.max_unbound
                                                : std::max(std::min(small, options.max_connections),
                                                           options.max_connections / 4);
  const unsigned of_address = options.max_unbound_per_address != 0 ? options.max_unbound_per_address
                                                                   : std::max(1u, all / 2);
  return {std::max(1u, all / shard_count), std::max(1u, of_address / shard_count)};
}

class ServerOnRings final : public Server, public Replies {
 public:
  ServerOnRings(const Options& options, std::vector<unsigned> cpus, Backend& backend, Log* log)
      : options_(options),
        cpus_(std::move(cpus)),
        directory_(options_.accounts, read_clocks().mono),
        numbers_(options_.numbers,
                 [this](std::string_view system_id) -> std::optional<std::uint32_t> {
                   const Account* const account = directory_.find(system_id);
                   if (account == nullptr) return std::nullopt;
                   return account->index;
                 }),
        backend_(backend),
        log_(log),
        fleet_(static_cast<unsigned>(cpus_.size()), options_.limits.password_threads) {}

  ~ServerOnRings() override {
    stop();
    for (const int fd : fleet_.listeners) close(fd);
  }

  std::string start() {
    std::string complaint = try_start();
    if (!complaint.empty() && store_) store_->give_back();
    return complaint;
  }

  std::string try_start() {
    const auto shard_count = static_cast<unsigned>(cpus_.size());
    if (const auto enough = check_descriptors(options_, shard_count); !enough)
      return enough.error().text;
    auto capabilities = uring::probe();
    if (!capabilities) return capabilities.error().text;
    fleet_.capabilities = capabilities.value();
    fleet_.connections_max = options_.limits.max_connections;
    fleet_.numbers = &numbers_;
    // Before the listeners, so that nobody connects to a server that cannot start.
    if (options_.store.mode == StoreMode::journal) {
      store_.emplace(options_, static_cast<unsigned>(cpus_.size()), log_);
      if (const auto opened = store_->open(); !opened) return opened.error().text;
      filler_.emplace(*store_);
      fleet_.store = &*store_;
      fleet_.filler = &*filler_;
    } else if (std::string complaint = refuse_forgotten_journal(); !complaint.empty()) {
      return complaint;
    }
    ids_ = store_ ? store_->ids() : machine_ids();
    fleet_.on_failure = [this] { on_journal_failure(); };
    for (const ListenOptions& listen : options_.listen) {
      auto fd = uring::listen_tcp(listen.address, listen.port, listen_backlog);
      // After a kill -9 the kernel takes down the old process's ring, and with it the listening
      // socket, a moment later than the process.
      for (int tries = 0; !fd && fd.error().os_errno == EADDRINUSE && tries < busy_port_tries;
           ++tries) {
        std::this_thread::sleep_for(std::chrono::milliseconds(busy_port_pause_ms));
        fd = uring::listen_tcp(listen.address, listen.port, listen_backlog);
      }
      if (!fd) return fd.error().text;
      fleet_.listeners.push_back(fd.value());
    }
    const auto count = static_cast<unsigned>(cpus_.size());
    const Now now = read_clocks();
    // Ids given out on other threads than the shards' carry a shard number that no shard has.
    off_shard_ids_.emplace(options_.node.id, off_shard, first_sequence(0), ids_);
    backend_.on_start(count, now);
    for (unsigned i = 0; i < count; ++i) {
      ShardOptions shard;
      shard.index = i;
      shard.count = count;
      shard.node = options_.node.id;
      shard.limits = session_limits(options_.limits);
      shard.budget =
          make_budget(options_.limits.max_connections, count, options_.limits.max_open_messages);
      shard.receipt_expiry_s = options_.limits.receipt_expiry_s;
      shard.unknown_system_id = options_.node.unknown_system_id;
      shard.guesses.pair_max = options_.limits.bind_failures_max;
      shard.guesses.address_max = options_.limits.bind_failures_address_max;
      shard.guesses.block = seconds(options_.limits.bind_block_s);
      shard.long_messages = options_.long_messages;
      shard.strangers = stranger_limits(options_.limits, count);
      shard.account_share = options_.limits.account_share;
      shard.seed = static_cast<std::uint64_t>(now.mono) + i;
      shard.first_sequence = first_sequence(i);
      shard.ids = ids_;
      shard.drain_time = milliseconds(options_.limits.drain_ms);
      if (store_) give_journal(shard);
      fleet_.shards.push_back(
          std::make_unique<ShardThread>(fleet_, shard, cpus_[i], directory_, backend_, log_));
    }
    // One after the other, so that the first complaint is the one that is told.
    for (unsigned i = 0; i < count; ++i) {
      std::string complaint = fleet_.shards[i]->start().get();
      if (complaint.empty()) continue;
      while (i-- > 0) fleet_.shards[i]->give_up();
      return complaint;
    }
    for (auto& shard : fleet_.shards) shard->go();
    running_ = true;
    return {};
  }

  void stop() override {
    if (!running_.exchange(false)) return;
    for (auto& shard : fleet_.shards) shard->stop(failed_ ? Ending::abandon : Ending::drain);
    for (auto& shard : fleet_.shards) shard->join();
    filler_.reset();
    for (auto& shard : fleet_.shards) shard->discard_rest();
  }

  void hurry() override {
    for (auto& shard : fleet_.shards) shard->stop(Ending::hurry);
  }

  void on_failure(std::function<void()> handler) override {
    const std::scoped_lock lock(failure_mutex_);
    failure_handler_ = std::move(handler);
    if (failed_ && failure_handler_) failure_handler_();
  }
  bool failed() const override { return failed_; }

  std::string outbind(const OutbindOptions& options) override {
    if (options.system_id.size() > 15 || options.password.size() > 8)
      return "outbind: system_id has at most 15 characters and password 8";
    if (!running_) return "outbind: the server is not running";
    auto fd = uring::connect_tcp(options.address, options.port, outbind_timeout_ms);
    if (!fd) return fd.error().text;
    fleet_.shards[0]->inbox().post(
        OutbindItem{fd.value(), std::make_unique<OutbindOptions>(options)});
    return {};
  }

  std::uint16_t port(std::size_t listener) const override {
    return uring::bound_port(fleet_.listeners.at(listener));
  }

  Replies& replies() override { return *this; }
  std::string capabilities() const override { return fleet_.capabilities.text(); }

  Counters counters() const override {
    Counters out;
    for (const auto& shard : fleet_.shards) {
      const ShardCounters& from = shard->counters();
      out.connections += from.connections.get();
      out.connections_open += from.connections_open.get();
      out.binds_ok += from.binds_ok.get();
      out.binds_refused += from.binds_refused.get();
      out.binds_open += from.binds_open.get();
      out.binds_blocked += from.binds_blocked.get();
      out.passwords_asked += from.passwords_asked.get();
      out.passwords_known += from.passwords_known.get();
      out.pdus_in += from.pdus_in.get();
      out.submits += from.submits.get();
      out.submits_ok += from.submits_ok.get();
      out.submits_throttled += from.submits_throttled.get();
      out.submits_refused += from.submits_refused.get();
      out.delivers_sent += from.delivers_sent.get();
      out.delivers_ok += from.delivers_ok.get();
      out.delivers_retried += from.delivers_retried.get();
      out.delivers_refused += from.delivers_refused.get();
      out.delivers_expired += from.delivers_expired.get();
      out.messages_open += from.messages_open.get();
      out.operations += from.operations.get();
      out.operations_throttled += from.operations_throttled.get();
      out.mo_accepted += from.mo_accepted.get();
      out.alerts_sent += from.alerts_sent.get();
      out.parts += from.parts.get();
      out.parts_refused += from.parts_refused.get();
      out.long_messages += from.long_messages.get();
      out.incomplete_messages += from.incomplete_messages.get();
      out.messages_restored += from.messages_restored.get();
      out.resubmits += from.resubmits.get();
      out.delivers_suspended += from.delivers_suspended.get();
      out.suspensions_lost += from.suspensions_lost.get();
      out.journal_octets += from.journal_octets.get();
      out.journal_batches += from.journal_batches.get();
      out.journal_rewritten += from.journal_rewritten.get();
      out.journal_used += from.journal_used.get();
      out.journal_live += from.journal_live.get();
      out.misrouted += from.misrouted.get();
      out.strangers += from.strangers.get();
      out.gave_way += from.gave_way.get();
      out.connections_refused +=
          from.connections_refused.get() + shard->runtime_counters().closed_unplaced.get();
      out.doorbells += shard->runtime_counters().doorbells.get();
    }
    for (std::uint32_t i = 0; i < directory_.size(); ++i)
      out.outbox_waiting += directory_.at(i).state->waiting.load(std::memory_order_relaxed);
    return out;
  }

  // Replies from any thread: each goes to the shard its ticket names.

  void answer(Ticket ticket, Status status) override {
    inbox_of(ticket).post(AnswerItem{ticket, status});
  }
  void report(Ticket ticket, Outcome outcome) override {
    inbox_of(ticket).post(ReportItem{ticket, outcome});
  }
  void answer(OperationTicket ticket, const OperationAnswer& answer) override {
    ASSERT(ticket.owner < fleet_.shards.size());
    fleet_.shards[ticket.owner]->inbox().post(
        OperationAnswerItem{std::make_unique<OperationAnswerParcel>(ticket, answer)});
  }
  Routed deliver(const Deliver& message, MessageId& id) override {
    std::unique_ptr<Parcel> parcel;
    const Routed routed = route(message, directory_, &numbers_, parcel);
    if (routed != Routed::ok) return routed;
    {
      const std::scoped_lock lock(off_shard_mutex_);
      id = parcel->id = off_shard_ids_->next().id;
    }
    // Any shard passes it on, but the home shard need not.
    Inbox& home = fleet_.shards[parcel->account % fleet_.shards.size()]->inbox();
    home.post(DeliverItem{std::move(parcel)});
    return Routed::ok;
  }
  Routed alert(const Alert& alert) override {
    std::unique_ptr<AlertParcel> parcel;
    const Routed routed = route(alert, directory_, &numbers_, parcel);
    if (routed != Routed::ok) return routed;
    Inbox& home = fleet_.shards[parcel->account % fleet_.shards.size()]->inbox();
    home.post(AlertItem{std::move(parcel)});
    return Routed::ok;
  }
  unsigned shard() const override { return 0; }

 private:
  /// Behind every id that an earlier run may have given out, even if the clock has stepped back.
  std::int64_t first_sequence(unsigned shard) {
    return ringgate::first_sequence(
        wall_us(), store_ ? store_->shard(shard).start.next_sequence : std::uint64_t{0});
  }

  /// Without a store nobody would look after what an earlier run has promised to keep.
  std::string refuse_forgotten_journal() const {
    if (options_.store.leave_journal) return {};
    const auto found = JournalStore::look(options_);
    if (!found) return options_.node.data_dir + ": " + found.error().text;
    std::uint64_t open = found.value().messages;
    for (const auto& [name, count] : found.value().orphans) open += count;
    if (open == 0) return {};
    return "store.mode is \"none\", and the journal in " + options_.node.data_dir + " holds " +
           std::to_string(open) +
           " open messages that were acknowledged. Set store.mode = \"journal\" to deliver them, "
           "or "
           "store.leave_journal = true to leave them there";
  }

  /// For a node that writes no files.
  MessageIdCodec machine_ids() const {
    if (!options_.node.permuted_ids) return {};
    const auto key = machine_id_key(options_.node.id, "/etc/machine-id");
    if (key) return MessageIdCodec(*key);
    if (log_ != nullptr)
      log_->write(LogLevel::warning,
                  "message ids can be guessed from each other: node.permuted_ids needs a store "
                  "with a journal, or /etc/machine-id");
    return {};
  }

  void give_journal(ShardOptions& shard) {
    ShardFiles& files = store_->shard(shard.index);
    ShardJournal& journal = shard.journal.emplace();
    journal.options.shard = static_cast<std::uint16_t>(shard.index);
    journal.options.shard_count = static_cast<std::uint16_t>(shard.count);
    journal.options.epoch = store_->epoch();
    journal.options.segment_size = options_.store.segment_bytes;
    journal.options.files_max = store_->files_max();
    journal.start = files.start;
    journal.files = static_cast<std::uint32_t>(files.fds.size());
    journal.states_max = store_->states_max();
    journal.keep_states_s = options_.store.keep_states_s;
    // What was accepted by an earlier run has its place, whatever the limit says now.
    shard.budget.messages = std::max(shard.budget.messages, files.start.messages + 1024);
  }

  void on_journal_failure() {
    const std::scoped_lock lock(failure_mutex_);
    if (failed_.exchange(true)) return;
    if (failure_handler_) failure_handler_();
  }

  static constexpr unsigned off_shard = 255;
  static constexpr unsigned outbind_timeout_ms = 10'000;

  Inbox& inbox_of(Ticket ticket) {
    ASSERT(ticket.shard < fleet_.shards.size());
    return fleet_.shards[ticket.shard]->inbox();
  }

  const Options options_;
  const std::vector<unsigned> cpus_;
  const Directory directory_;
  const NumberPlan numbers_;
  Backend& backend_;
  Log* const log_;
  std::optional<JournalStore> store_;
  Fleet fleet_;
  // Ends before the shards, to whose inboxes it reports.
  std::optional<Filler> filler_;
  std::mutex failure_mutex_;
  std::function<void()> failure_handler_;
  std::atomic<bool> failed_ = false;
  MessageIdCodec ids_;
  std::mutex off_shard_mutex_;
  std::optional<MessageIdSource> off_shard_ids_;
  std::atomic<bool> running_ = false;
};

}  // namespace
}  // namespace ringgate::runtime

namespace ringgate {

std::unique_ptr<Server> Server::start(const Options& options, Backend& backend, Log* log,
                                      std::string& error) {
  auto cpus = runtime::place_shards(options.cores);
  if (!cpus) {
    error = cpus.error().text;
    return nullptr;
  }
  auto server =
      std::make_unique<runtime::ServerOnRings>(options, std::move(cpus.value()), backend, log);
  error = server->start();
  if (!error.empty()) return nullptr;
  return server;
}

std::uint64_t Server::descriptors_needed(const Options& options) {
  const auto cpus = runtime::place_shards(options.cores);
  if (!cpus) return 0;
  return runtime::descriptors_needed(options, static_cast<unsigned>(cpus.value().size()));
}

}  // namespace ringgate

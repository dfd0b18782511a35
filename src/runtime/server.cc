// ringgate::Server: options and a backend become listeners and shard threads.
#include <ringgate/server.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <optional>

#include "options/option_faults.h"
#include "runtime/account_changes.h"
#include "runtime/cpus.h"
#include "runtime/descriptors.h"
#include "runtime/id_key.h"
#include "runtime/leveled_log.h"
#include "runtime/orders.h"
#include "runtime/quota_store.h"
#include "runtime/session_orders.h"
#include "runtime/shard_thread.h"
#include "runtime/thread_replies.h"
#include "runtime/thread_verdicts.h"
#include "uring/clocks.h"
#include "uring/random.h"
#include "uring/socket.h"

namespace ringgate::runtime {
namespace {

std::int64_t wall_us() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1'000'000 + now.tv_nsec / 1'000;
}

/// Where a server begins to count the names of its tickets. Those of another one in this process
/// count from somewhere else, so that a ticket that has outlived its server names nothing here.
std::uint64_t first_name() { return uring::random_number() >> 1; }

/// What is left open has its default.
Options completed(Options options) {
  if (options.listen.empty()) options.listen.emplace_back();
  return options;
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

class ServerOnRings final : public Server {
 public:
  ServerOnRings(const Options& options, std::vector<unsigned> cpus, Backend& backend, Log* log,
                Gate* gate, const std::shared_ptr<TlsEngine>& tls)
      : options_(options),
        cpus_(std::move(cpus)),
        backend_(backend),
        leveled_log_(log),
        log_(log == nullptr ? nullptr : &leveled_log_),
        fleet_(static_cast<unsigned>(cpus_.size()), options_.limits, tls) {
    fleet_.gate = gate;
  }

  ~ServerOnRings() override { stop(); }

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
    fleet_.busy_poll = microseconds(options_.cores.busy_poll_us);
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
    fleet_.rosters = std::make_shared<Rosters>(std::make_shared<const Roster>(
        options_.accounts, options_.numbers, uring::read_clocks().mono, uring::random_number(),
        names_in_journal()));
    if (store_) {
      quotas_.emplace(options_.node.data_dir, log_);
      quotas_->load(fleet_.rosters->current()->directory);
    }
    changes_.emplace(options_, fleet_);
    ids_ = store_ ? store_->ids() : machine_ids();
    fleet_.on_failure = [this] { on_journal_failure(); };
    for (const ListenOptions& one : options_.listen)
      if (const auto opened = fleet_.listeners.open(one); !opened) return opened.error().text;
    const auto count = static_cast<unsigned>(cpus_.size());
    const Now now = uring::read_clocks();
    const std::uint64_t names = first_name();
    for (unsigned i = 0; i < count; ++i) {
      ShardOptions shard;
      shard.index = i;
      shard.count = count;
      shard.node = options_.node.id;
      shard.limits = session_limits(options_.limits);
      shard.budget =
          make_budget(options_.limits.max_connections, count, options_.limits.max_open_messages);
      shard.receipt_expiry_s = options_.limits.receipt_expiry_s;
      shard.ghost_probe = milliseconds(options_.limits.ghost_probe_ms);
      shard.bind_verdict = milliseconds(options_.limits.bind_verdict_ms);
      shard.system_id = options_.node.system_id;
      shard.unknown_system_id = options_.node.unknown_system_id;
      shard.guesses.pair_max = options_.limits.bind_failures_max;
      shard.guesses.address_max = options_.limits.bind_failures_address_max;
      shard.guesses.block = seconds(options_.limits.bind_block_s);
      shard.long_messages = options_.long_messages;
      shard.strangers = stranger_limits(options_.limits, count);
      shard.account_share = options_.limits.account_share;
      shard.seed = uring::random_number();
      shard.first_sequence = first_sequence(i);
      shard.first_name = names;
      shard.ids = ids_;
      shard.drain_time = milliseconds(options_.limits.drain_ms);
      if (store_) give_journal(shard);
      fleet_.shards.push_back(
          std::make_unique<ShardThread>(fleet_, shard, cpus_[i], backend_, log_));
    }
    // Before the first of them runs, so that a backend has its replies when submits come.
    replies_ = std::make_shared<ThreadReplies>(inboxes(), fleet_.rosters, options_.node.id,
                                               first_sequence(0), ids_);
    backend_.on_start(count, now, replies_);
    if (fleet_.gate != nullptr)
      fleet_.gate->on_start(count, std::make_shared<ThreadVerdicts>(inboxes()));
    // One after the other, so that the first complaint is the one that is told.
    for (unsigned i = 0; i < count; ++i) {
      std::string complaint = fleet_.shards[i]->start().get();
      if (complaint.empty()) continue;
      while (i-- > 0) fleet_.shards[i]->give_up();
      return complaint;
    }
    if (quotas_) quotas_->start(fleet_.rosters);
    for (auto& shard : fleet_.shards) shard->go();
    running_ = true;
    return {};
  }

  void stop() override {
    // A shard cannot wait for its own end: it is left to whoever stops the server from elsewhere.
    if (on_shard_thread) return ask_to_end();
    const std::scoped_lock lock(stop_mutex_);
    if (!running_.exchange(false)) return;
    ask_to_end();
    for (auto& shard : fleet_.shards) shard->join();
    // Nobody accepts any more: who connects shall find another server, or none.
    for (std::size_t i = fleet_.listeners.count(); i-- > 0;) fleet_.listeners.close(i);
    filler_.reset();
    if (quotas_) quotas_->stop();
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
    if (on_shard_thread) return not_here("outbind");
    auto fd = uring::connect_tcp(options.address, options.port, outbind_timeout_ms);
    if (!fd) return fd.error().text;
    if (fleet_.shards[0]->inbox()->post(
            OutbindItem{fd.value(), std::make_unique<OutbindOptions>(options)}))
      return {};
    close(fd.value());
    return "outbind: the server has ended";
  }

  std::string set_accounts(const std::vector<AccountOptions>& accounts,
                           const std::vector<NumberOptions>& numbers, AccountsDiff& diff) override {
    return changes_->set(accounts, numbers, diff);
  }
  std::string update_accounts(const AccountsUpdate& update, AccountsDiff& diff) override {
    return changes_->update(update, diff);
  }

  std::uint16_t port(std::size_t listener) const override {
    return fleet_.listeners.port(listener);
  }

  std::string list_sessions(const SessionFilter& filter,
                            std::vector<SessionInfo>& sessions) override {
    return session_orders_.list(filter, sessions);
  }
  std::string end_sessions(const SessionFilter& filter, const SessionEnd& how,
                           std::uint64_t& ended) override {
    return session_orders_.end(filter, how, ended);
  }
  Posted end_session(SessionId session, const SessionEnd& how) override {
    return session_orders_.end(session, how);
  }
  std::string listen(const ListenOptions& options, std::size_t& listener) override {
    return session_orders_.listen(options, listener);
  }
  std::string stop_listening(std::size_t listener) override {
    return session_orders_.stop_listening(listener);
  }
  std::string reload_certificates() override {
    if (on_shard_thread) return not_here("reload_certificates");
    const auto reloaded = fleet_.listeners.reload_certificates();
    return reloaded ? std::string() : reloaded.error().text;
  }
  std::vector<ListenerCertificate> certificates() const override {
    return fleet_.listeners.certificates();
  }
  void set_log_level(LogLevel least) override { leveled_log_.set_least(least); }

  Replies& replies() override { return *replies_; }
  std::string capabilities() const override { return fleet_.capabilities.text(); }

  Counters counters() const override {
    Counters out;
    for (const auto& shard : fleet_.shards) {
      const ShardCounters& from = shard->counters();
      for (std::size_t i = 0; i < std::size(counter_rows<std::uint64_t>); ++i)
        out.*counter_rows<std::uint64_t>[i].member += (from.*counter_rows<Counter>[i].member).get();
      out.connections_refused += shard->arrivals().closed_unplaced();
      out.connections_unwelcome += shard->arrivals().unwelcome();
      out.proxy_failed += shard->arrivals().proxy_failed();
      out.doorbells += shard->runtime_counters().doorbells.get();
    }
    const std::shared_ptr<const Roster> roster = fleet_.rosters->current();
    for (std::uint32_t i = 0; i < roster->directory.size(); ++i)
      out.outbox_waiting += roster->directory.at(i).state->waiting.load(std::memory_order_relaxed);
    out.certificates_expiring =
        fleet_.listeners.expiring(wall_us() / 1'000'000 + certificate_warning_s);
    return out;
  }

 private:
  void ask_to_end() {
    for (auto& shard : fleet_.shards) shard->stop(failed_ ? Ending::abandon : Ending::drain);
  }

  std::vector<std::shared_ptr<Inbox>> inboxes() const {
    std::vector<std::shared_ptr<Inbox>> out;
    for (auto& shard : fleet_.shards) out.push_back(shard->inbox());
    return out;
  }

  /// Of accounts that are not configured, and whose messages wait: what records call them, no other
  /// account may be called.
  std::vector<std::string> names_in_journal() const {
    if (!store_) return {};
    const std::vector<std::string>& names = store_->recovered().accounts;
    ASSERT(names.size() >= options_.accounts.size());
    return {names.begin() + static_cast<std::ptrdiff_t>(options_.accounts.size()), names.end()};
  }

  /// Behind every id that an earlier run may have given out, even if the clock has stepped back.
  std::int64_t first_sequence(unsigned shard) {
    return ringgate::first_sequence(
        wall_us(), store_ ? store_->shard(shard).start.next_sequence : std::uint64_t{0});
  }

  /// Without a store nobody would look after what an earlier run has promised to keep.
  std::string refuse_forgotten_journal() const {
    if (options_.store.leave_journal) return {};
    const auto found = JournalStore::look(options_);
    if (!found) return found.error().text;
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

  static constexpr unsigned outbind_timeout_ms = 10'000;

  const Options options_;
  const std::vector<unsigned> cpus_;
  std::shared_ptr<ThreadReplies> replies_;
  Backend& backend_;
  LeveledLog leveled_log_;
  Log* const log_;  // null: silence
  std::optional<JournalStore> store_;
  Fleet fleet_;
  SessionOrders session_orders_{fleet_};
  // Ends before the shards, to whose inboxes it reports.
  std::optional<Filler> filler_;
  std::optional<QuotaStore> quotas_;
  std::optional<AccountChanges> changes_;
  std::mutex failure_mutex_;
  std::function<void()> failure_handler_;
  std::atomic<bool> failed_ = false;
  MessageIdCodec ids_;
  std::mutex stop_mutex_;
  std::atomic<bool> running_ = false;
};

}  // namespace
}  // namespace ringgate::runtime

namespace ringgate {

std::unique_ptr<Server> Server::start(const Options& options, Backend& backend, Log* log,
                                      std::string& error, Gate* gate,
                                      std::shared_ptr<TlsEngine> tls) {
  error = faults_text(options);
  if (!error.empty()) return nullptr;
  auto cpus = runtime::place_shards(options.cores);
  if (!cpus) {
    error = cpus.error().text;
    return nullptr;
  }
  auto server = std::make_unique<runtime::ServerOnRings>(
      runtime::completed(options), std::move(cpus.value()), backend, log, gate, tls);
  error = server->start();
  if (!error.empty()) return nullptr;
  return server;
}

std::uint64_t Server::descriptors_needed(const Options& options) {
  if (!faults_text(options).empty()) return 0;
  const auto cpus = runtime::place_shards(options.cores);
  if (!cpus) return 0;
  return runtime::descriptors_needed(runtime::completed(options),
                                     static_cast<unsigned>(cpus.value().size()));
}

}  // namespace ringgate

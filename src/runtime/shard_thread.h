// One core: a pinned thread, its ring, its sockets, and the shard they serve.
//
// A turn is one io_uring_enter: drain completions and mail into the core, let it decide, turn its
// wishes into submissions, enter once to submit them and wait for more.
#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/core.h"
#include "io/channel.h"
#include "io/disk.h"
#include "io/passwords.h"
#include "io/sockets.h"
#include "runtime/handshake_pool.h"
#include "runtime/inbox.h"
#include "runtime/journal_store.h"
#include "runtime/listeners.h"
#include "runtime/mesh.h"
#include "runtime/password_pool.h"
#include "runtime/rosters.h"
#include "session/smpp_session.h"
#include "uring/buffer_ring.h"
#include "uring/ring.h"

namespace ringgate::runtime {

class ShardThread;

/// What a completion belongs to: the kind in its user_data.
enum Operation : std::uint8_t {
  op_accept,
  op_receive,
  op_send,
  op_wake,
  op_doorbell,
  op_disk,
  op_read_whole,
  op_ignore
};

/// What all shard threads share. Filled in before the first of them runs.
struct Fleet {
  /// `tls` may be null: then no listener has it.
  Fleet(unsigned shard_count, const LimitsOptions& limits, const std::shared_ptr<TlsEngine>& tls)
      : queues(shard_count), passwords(limits.password_threads), listeners(tls) {
    if (tls != nullptr) handshakes.emplace(limits.tls_threads, limits.handshake_rate);
  }

  MeshQueues queues;
  uring::Capabilities capabilities;
  std::vector<std::unique_ptr<ShardThread>> shards;
  /// Behind the shards, so that it ends before them: its answers go to their inboxes.
  PasswordPool passwords;
  /// Likewise, and what it works on is a shard's.
  std::optional<HandshakePool> handshakes;
  Listeners listeners;  ///< shard 0 accepts
  std::shared_ptr<Rosters> rosters;
  Gate* gate = nullptr;  ///< null: the accounts decide who binds
  std::uint64_t connections_max = 0;
  Nanos busy_poll = 0;            ///< how long a shard looks for work before it sleeps
  JournalStore* store = nullptr;  ///< null with store mode "none"
  Filler* filler = nullptr;
  /// Called on a shard's thread when its journal has failed, once per shard.
  std::function<void()> on_failure;
};

struct RuntimeCounters {
  Counter doorbells;
  Counter enters;
};

class ShardThread final : public io::Sockets,
                          public io::Passwords,
                          public io::Disk,
                          public io::Channels {
 public:
  /// References outlive the thread.
  ShardThread(Fleet& fleet, const ShardOptions& options, unsigned cpu, Backend& backend, Log* log);
  ~ShardThread();

  /// Starts the thread; the future tells when its ring and memory are ready, or why not. It then
  /// waits for go().
  std::future<std::string> start();
  void go() { go_.set_value(true); }
  /// Instead of go(), when another shard could not be set up.
  void give_up() { go_.set_value(false); }
  /// Asks for an orderly end, or hurries one that is under way; join() waits for it.
  void stop(Ending how) { inbox_->post(StopItem{how}); }
  void join();

  /// Frees what mail and items still own; after every shard's join().
  void discard_rest();

  /// Outlives the thread with whoever holds it, and is closed then.
  const std::shared_ptr<Inbox>& inbox() { return inbox_; }
  const ShardCounters& counters() const { return core_->shard().counters(); }
  const Arrivals& arrivals() const { return core_->arrivals(); }
  const RuntimeCounters& runtime_counters() const { return runtime_counters_; }

  // Called by the core, on this thread.

  void accept(std::uint32_t listener) override;
  const ListenerTerms* terms(std::uint32_t listener) override;
  void read_whole(int socket, std::uint32_t place, std::span<std::uint8_t> to) override;
  void hang_up(int socket) override;
  std::string peer(int socket) override;
  void tune(int socket) override;
  void receive(int socket, LinkId link, bool streaming) override;
  void cancel_receive(LinkId link) override;
  void send(int socket, LinkId link, Octets octets) override;
  void end_sending(int socket) override;
  void break_off(int socket, LinkId link) override;
  void close(int socket) override;
  bool has_unread(int socket) override;
  std::unique_ptr<io::Channel> make(std::uint32_t listener) override;
  void shake(LinkId link, io::Channel& channel, std::string_view address, bool begins) override;
  bool withdraw(io::Channel& channel) override { return fleet_.handshakes->withdraw(channel); }
  io::PasswordReply compare(const io::PasswordQuestion& question) override;
  io::PasswordDigest digest(const io::PasswordQuestion& question) override {
    return fleet_.passwords.digest(question);
  }
  bool known(const io::PasswordDigest& digest) override { return fleet_.passwords.known(digest); }
  void hold(const io::PasswordDigest& digest) override { fleet_.passwords.hold(digest); }
  void release(const io::PasswordDigest& digest) override { fleet_.passwords.release(digest); }
  void write(io::FileSlot file, std::uint64_t offset, Octets octets, std::uint32_t token) override;
  void read(io::FileSlot file, std::uint64_t offset, std::span<std::uint8_t> to,
            std::uint32_t token) override;
  void prepare(io::FileSlot file) override;
  void outlive(std::uint8_t* memory) override;

 private:
  static constexpr std::uint16_t buffer_group = 0;

  void run(std::promise<std::string>& ready);
  std::string set_up();
  std::string restore();
  void tell_failure();
  void turn();
  void follow_roster();
  Nanos wait_time();
  void wait();
  void on_completion(const io_uring_cqe& completion);
  void on_receive(const io_uring_cqe& completion, uring::UserData data);
  void on_inbox();
  /// It comes soon.
  void fetch(const InboxItem& item) const;
  void on_item(AnswerItem& item);
  void on_item(ReportItem& item);
  void on_item(OperationAnswerItem& item);
  void on_item(DeliverItem& item);
  void on_item(AlertItem& item);
  void on_item(OutbindItem& item);
  void on_item(VerdictItem& item);
  void on_item(PasswordItem& item);
  void on_item(ShakenItem& item);
  void on_item(FileItem& item);
  void on_item(StopItem& item);
  void on_item(OrderItem& item);
  void begin_to_accept();
  void arm_wake();
  LinkId link_of(uring::UserData data) const;
  void ring_doorbell(unsigned shard);

  Fleet& fleet_;
  const SmppProtocol protocol_{};
  const ShardOptions options_;
  const unsigned cpu_;
  Backend& backend_;
  Log* const log_;
  const int event_fd_;
  const std::shared_ptr<Inbox> inbox_;
  MeshPort mesh_;
  RuntimeCounters runtime_counters_;

  std::unique_ptr<uring::Ring> ring_;
  std::unique_ptr<uring::BufferRing> buffers_;
  std::unique_ptr<Core> core_;
  std::vector<InboxItem> inbox_items_;
  std::uint64_t event_value_ = 0;
  Now now_;
  Nanos worked_at_ = 0;           // when a turn last had completions
  unsigned disk_operations_ = 0;  // under way
  bool failure_told_ = false;
  std::uint64_t roster_version_ = 0;
  std::promise<bool> go_;
  std::thread thread_;
};

}  // namespace ringgate::runtime

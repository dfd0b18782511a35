// One core: a pinned thread, its ring, its sockets, and the shard they serve.
//
// A turn is one io_uring_enter: drain completions and mail into the shard, let it decide, turn its
// commands into submissions, enter once to submit them and wait for more.
#pragma once

#include <atomic>
#include <deque>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "io/disk.h"
#include "io/network.h"
#include "io/passwords.h"
#include "runtime/accept_queue.h"
#include "runtime/inbox.h"
#include "runtime/journal_store.h"
#include "runtime/mesh.h"
#include "runtime/password_pool.h"
#include "runtime/placement.h"
#include "shard/shard.h"
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
  op_ignore
};

/// What all shard threads share. Filled in before the first of them runs.
struct Fleet {
  Fleet(unsigned shard_count, unsigned password_threads)
      : queues(shard_count), passwords(password_threads) {}

  MeshQueues queues;
  uring::Capabilities capabilities;
  std::vector<std::unique_ptr<ShardThread>> shards;
  /// Behind the shards, so that it ends before them: its answers go to their inboxes.
  PasswordPool passwords;
  std::vector<int> listeners;  ///< descriptors; shard 0 accepts
  const NumberPlan* numbers = nullptr;
  std::uint64_t connections_max = 0;
  JournalStore* store = nullptr;  ///< null with store mode "none"
  Filler* filler = nullptr;
  /// Called on a shard's thread when its journal has failed, once per shard.
  std::function<void()> on_failure;
};

struct RuntimeCounters {
  Counter doorbells;
  Counter enters;
  Counter recv_rearmed;
  Counter closed_unplaced;  // connections that never came to a shard
  Counter closed_placed;    // of these, those that the acceptor had placed here
};

class ShardThread final : public io::Network, public io::Passwords, public io::Disk {
 public:
  /// References outlive the thread.
  ShardThread(Fleet& fleet, const ShardOptions& options, unsigned cpu, const Directory& directory,
              Backend& backend, Log* log);
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
  const ShardCounters& counters() const { return shard_->counters(); }
  std::uint32_t places() const { return options_.budget.places; }
  const RuntimeCounters& runtime_counters() const { return runtime_counters_; }

  // Called by the shard, on this thread.

  void apply(std::span<const io::LinkCommand> commands) override;
  bool has_unread(LinkId link) override;
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
  struct Socket {
    int fd = -1;
    LinkId link;
    bool receiving = false;     ///< a receive is armed
    bool streaming = false;     ///< bound: receives may be multishot
    bool heavy = false;         ///< has taken more than its share of buffers: one at a time
    bool queued = false;        ///< in rearm_ or rearm_heavy_
    std::uint32_t buffers = 0;  ///< taken in that turn
    std::uint64_t turn = 0;
    bool wanted = false;  ///< the shard wants octets
    bool sending = false;
    bool closing = false;
    bool hung_up = false;
  };

  void run(std::promise<std::string>& ready);
  std::string set_up();
  std::string restore();
  bool drained() const;
  void end_when_drained();
  void tell_failure();
  void turn();
  Nanos wait_time();
  bool on_completion(const io_uring_cqe& completion);
  void on_accept(const io_uring_cqe& completion, std::uint32_t listener);
  void on_receive(const io_uring_cqe& completion, uring::UserData data);
  void on_send(const io_uring_cqe& completion, uring::UserData data);
  void on_mail(const io::Mail& mail);
  void on_inbox();
  void on_item(AnswerItem& item);
  void on_item(ReportItem& item);
  void on_item(OperationAnswerItem& item);
  void on_item(DeliverItem& item);
  void on_item(AlertItem& item);
  void on_item(OutbindItem& item);
  void on_item(PasswordItem& item);
  void on_item(FileItem& item);
  void on_item(StopItem& item);
  void arm_accepts();
  void arm_wake();
  void arm_receive(Socket& socket);
  void arm_later(Socket& socket);
  void arm_receives();
  void queue_accepted(Accepted one);
  void place_accepted();
  void close_unplaced(int fd);
  void place(int fd, std::string peer, std::unique_ptr<OutbindOptions> outbind);
  void adopt(int fd, std::string peer, bool make_room, std::unique_ptr<OutbindOptions> outbind);
  void close_link(Socket& socket, bool at_once);
  void release_if_quiet(Socket& socket);
  void end_lingering();
  Socket* find(uring::UserData data);
  uring::UserData user_data(std::uint8_t kind, LinkId link) const;
  void ring_doorbell(unsigned shard);

  Fleet& fleet_;
  const ShardOptions options_;
  const unsigned cpu_;
  const Directory& directory_;
  Backend& backend_;
  Log* const log_;
  const int event_fd_;
  const std::shared_ptr<Inbox> inbox_;
  MeshPort mesh_;
  Placement placement_;
  std::vector<ShardLoad> loads_;
  std::vector<std::uint64_t> placed_;  // connections ever given to each shard
  RuntimeCounters runtime_counters_;

  std::unique_ptr<uring::Ring> ring_;
  std::unique_ptr<uring::BufferRing> buffers_;
  std::unique_ptr<Shard> shard_;
  std::vector<Socket> sockets_;  // by link slot
  // Receives to be armed before the turn ends: first those of connections that take little, then,
  // some at a time, those that take all they can get. So buffers are never all theirs.
  std::vector<LinkId> rearm_;
  std::deque<LinkId> rearm_heavy_;
  std::uint64_t turn_ = 1;
  unsigned costly_ = 0;  // completions of this turn that took system calls or log lines
  // They get their places some a turn: so everybody is heard before somebody has to give way to the
  // next.
  AcceptQueue accepted_;
  std::vector<LinkId> released_;
  struct Lingering {
    LinkId link;
    Nanos until;
  };
  std::deque<Lingering> lingering_;
  std::vector<InboxItem> inbox_items_;
  std::uint64_t event_value_ = 0;
  Now now_;
  Nanos accept_again_ = never;
  std::vector<bool> accepting_;  // listeners with an accept armed
  Nanos drain_until_ = never;    // orderly end asked for: by then at the latest sessions are closed
  Nanos stop_until_ = never;
  unsigned disk_operations_ = 0;  // under way
  bool failure_told_ = false;
  bool abandoned_ = false;
  std::promise<bool> go_;
  std::thread thread_;
};

/// Both clocks, now.
Now read_clocks();

}  // namespace ringgate::runtime

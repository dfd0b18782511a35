// The run itself: connections, submits, responses and receipts, on one ring and one thread.
#pragma once

#include <signal.h>
#include <sys/signalfd.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/chunk_pool.h"
#include "io/channel.h"
#include "load/answers.h"
#include "load/backlog.h"
#include "load/connection.h"
#include "load/crew.h"
#include "load/full_windows.h"
#include "load/live_view.h"
#include "load/machine_watch.h"
#include "load/mix.h"
#include "load/options.h"
#include "load/pacer.h"
#include "load/rebinds.h"
#include "load/receipt_desk.h"
#include "load/report.h"
#include "load/ring_wait.h"
#include "load/share.h"
#include "load/timeline.h"
#include "session/smpp_session.h"
#include "uring/buffer_ring.h"
#include "uring/ring.h"
#include "uring/socket.h"

namespace ringgate::load {

/// Where connections go, and where from: these in turn; none: wherever the kernel likes.
struct Endpoints {
  uring::SocketAddress server;
  std::vector<uring::SocketAddress> from;
};

/// Binds, submits, waits for what is still to come, unbinds: a thread's share of it. Each phase
/// ends when its work is done or its time is up; SIGINT and SIGTERM end the current one, so that a
/// second signal ends a wait. All threads begin to submit together, and wait for the last receipt
/// together.
///
/// A turn is: drain completions, which reads responses and notes whose window has room; submit;
/// one send per connection with output; one enter. The clock is read once per turn, so a closed
/// loop's latencies begin with the turn that sent, and end with the turn that read the response.
class Client {
 public:
  /// Everything referred to outlives the client. `signals` is a signalfd, which any thread may
  /// read for all; `cpu` is the only one this thread runs on.
  /// `make_channel`: what connections go through; empty: they are in plain.
  Client(const Options& options, Crew& crew, unsigned index, std::optional<unsigned> cpu,
         const Endpoints& endpoints, uring::Ring& ring, uring::BufferRing& buffers, int signals,
         std::function<std::unique_ptr<io::Channel>()> make_channel = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Runs to the end, and returns what this thread has found; the crew has failed when not
  /// everything could be bound.
  [[nodiscard]] Report run();

 private:
  enum class Kind : std::uint8_t { ignored, connect, receive, send, signal };
  enum class Phase : std::uint8_t { binding, running, draining, receipts, unbinding, done };

  // Phases.
  void turn();
  void advance();
  void enter_phase(Phase phase, Nanos deadline);
  bool phase_is_complete() const;
  void begin_together();
  void begin_receipt_wait();
  void start_run();
  void start_unbind();
  Report report();

  // Binding.
  void start_connects();
  Nanos next_connect() const;
  void connect(Connection& connection);
  void on_connect(Connection& connection, int result);
  void on_bound(Connection& connection, const SmppEvent& event);
  void begin_submits(Connection& connection);
  void end_submits(Connection& connection);
  std::string open_socket(Connection& connection);

  // Binding again.
  bool comes_back() const;
  void come_back();
  void expect_back(Connection& connection);
  bool all_are_back() const;
  void note_missing();
  void look_after(Connection& connection);
  void cut_all();

  // Submitting.
  void submit();
  void submit_closed(Connection& connection);
  void submit_open();
  Admit submit_one(Connection& connection, Nanos sent);
  void note_lateness(Nanos intended);
  Mix& mix_of(Connection& connection) { return connection.mix ? *connection.mix : mix_; }

  // Completions.
  void on_completion(const io_uring_cqe& completion);
  void on_receive(Connection& connection, const io_uring_cqe& completion);
  void on_octets(Connection& connection, Octets octets);
  void on_cipher(Connection& connection, Octets octets);
  Octets to_send(Connection& connection);
  void on_send(Connection& connection, int result);
  void on_signal();
  void take_events(Connection& connection);
  void on_response(Connection& connection, const SmppEvent& event);
  void on_deliver(Connection& connection, const SmppEvent& event);
  Status answer_deliver(Connection& connection, const SmppEvent& event);
  void send_answers();

  // Time, output and ends.
  void tick();
  void note_pause();
  void publish();
  void file_receipts();
  void note_backlog();
  void end_second();
  LiveFacts live_facts();
  void note_violations(const Connection& connection);
  Nanos wakes_at() const;
  Nanos cpu_time() const;
  void flush();
  void rearm();
  void arm_receive(Connection& connection);
  void mark_dirty(Connection& connection);
  void lose(Connection& connection, const std::string& why);
  void close_if_quiet(Connection& connection);
  void fail(std::string text);
  /// What becomes of a receipt that has found its message.
  auto on_matched() {
    return [this](Nanos sent, Nanos came) {
      ++receipts_matched_;
      timeline_.receipted(sent, came);
    };
  }
  uring::UserData user_data(Kind kind, const Connection& connection) const;

  const Options& options_;
  Crew& crew_;
  const Share share_;
  const Endpoints& endpoints_;
  uring::Ring& ring_;
  uring::BufferRing& buffers_;
  const int signals_;
  signalfd_siginfo signal_{};
  const std::function<std::unique_ptr<io::Channel>()> make_channel_;
  std::vector<std::uint8_t> read_;  // of a channel; nothing stays in it

  SessionLimits limits_;
  std::uint16_t references_;  // of messages in parts; threads begin apart from each other
  Mix mix_;
  OctetPool tx_pool_;
  ChunkPool carry_pool_;
  Now now_;

  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> submitters_;
  std::vector<Connection*> dirty_;  // has output, or room for more of it
  std::vector<Connection*> rearm_;  // lost its receive
  struct Return {
    std::uint32_t index;
    Nanos at;
  };
  std::vector<Return> returning_;  // closed, and to be made again
  Rebinds rebinds_;
  std::size_t next_submitter_ = 0;  // of an open loop
  Nanos connecting_since_ = 0;
  std::size_t binding_ = 0;  // begun and not bound yet
  std::size_t bound_ = 0;    // ever
  std::size_t open_ = 0;     // begun and not closed

  Phase phase_ = Phase::binding;
  Nanos phase_deadline_ = never;
  Nanos next_tick_ = 0;
  Nanos wanted_at_ = never;  // what the next turn is to begin at, at the latest
  Nanos next_progress_ = never;
  Nanos progress_at_ = 0;
  std::uint64_t progress_submitted_ = 0;  // by all threads
  bool told_bound_ = false;
  unsigned interrupts_ = 0;  // of the crew, seen here
  bool interrupted_ = false;

  std::uint64_t remaining_;  // messages still to be submitted, at most
  std::optional<Pacer> pacer_;
  ReceiptNotes receipts_;
  std::uint64_t receipts_matched_ = 0;
  Answers answers_;
  std::uint64_t receipts_refused_ = 0;
  Timeline timeline_;
  MachineWatch watch_;
  RingWait wait_;
  Backlog backlog_;
  FullWindows full_windows_;
  std::uint64_t accepted_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t unanswered_ = 0;
  Nanos started_ = 0;
  Nanos stopped_ = 0;    // submitting
  Nanos due_until_ = 0;  // what was meant for later than that was not to be sent
  Nanos last_response_ = 0;
  Nanos cpu_started_ = 0;
  Report report_;
};

}  // namespace ringgate::load

// The run itself: connections, submits, responses and receipts, on one ring and one thread.
#pragma once

#include <ringgate/types.h>
#include <sys/signalfd.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "io/channel.h"
#include "load/binds.h"
#include "load/connections.h"
#include "load/crew.h"
#include "load/inbox.h"
#include "load/machine_watch.h"
#include "load/options.h"
#include "load/progress.h"
#include "load/report.h"
#include "load/ring_wait.h"
#include "load/share.h"
#include "load/stage.h"
#include "load/submitter.h"
#include "load/timeline.h"
#include "load/wires.h"
#include "uring/buffer_ring.h"
#include "uring/ring.h"

namespace ringgate::load {

/// Binds, submits, waits for what is still to come, unbinds: a thread's share of it. Each phase
/// ends when its work is done or its time is up; SIGINT and SIGTERM end the current one, so that a
/// second signal ends a wait. All threads begin to submit together, and wait for the last receipt
/// together.
///
/// A turn is: drain completions, which reads responses and notes whose window has room; submit;
/// one send per connection with output; one enter. The clock is read once per turn, so a closed
/// loop's latencies begin with the turn that sent, and end with the turn that read the response.
class Client : private WireEvents {
 public:
  /// Everything referred to outlives the client. `signals` is a signalfd, which any thread may
  /// read for all; `cpu` is the only one this thread runs on.
  /// `make_channel`: what connections go through; empty: they are in plain.
  Client(const Options& options, Crew& crew, unsigned index, std::optional<unsigned> cpu,
         const Endpoints& endpoints, uring::Ring& ring, uring::BufferRing& buffers, int signals,
         std::function<std::unique_ptr<io::Channel>()> make_channel = {});
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Runs to the end, and returns what this thread has found; the crew has failed when not
  /// everything could be bound.
  [[nodiscard]] Report run();

 private:
  // Phases.
  void turn();
  void advance();
  bool phase_is_complete() const;
  void begin_receipt_wait();
  void start_run();
  void stop_submitting();
  void start_unbind();
  Report report();

  // Completions.
  void on_completion(const io_uring_cqe& completion);
  void arm_signal();
  void on_connected(Connection& connection) override { binds_.on_connected(connection); }
  void on_octets(Connection& connection, Octets octets) override;
  void on_broken(Connection& connection, const std::string& why) override {
    binds_.lose(connection, why);
  }
  void on_closed(Connection& connection) override { binds_.on_closed(connection); }

  // Time.
  void tick();
  void note_pause();
  void note_interrupts();
  void end_second();
  Nanos wakes_at() const;
  Nanos cpu_time() const;

  const Options& options_;
  Crew& crew_;
  const Share share_;
  uring::Ring& ring_;
  const int signals_;
  signalfd_siginfo signal_{};

  Stage stage_;
  Report report_;
  Timeline timeline_;
  MachineWatch watch_;
  RingWait wait_;

  Wires wires_;
  Submitter submitter_;
  Connections connections_;
  Inbox inbox_;
  Binds binds_;
  Progress progress_;

  Nanos next_tick_ = 0;
  Nanos wanted_at_ = never;  // what the next turn is to begin at, at the latest
  unsigned interrupts_ = 0;  // of the crew, seen here
  Nanos started_ = 0;
  Nanos stopped_ = 0;  // submitting
  Nanos cpu_started_ = 0;
};

}  // namespace ringgate::load

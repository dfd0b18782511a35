#include "load/client.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/assert.h"
#include "base/units.h"
#include "uring/clocks.h"

namespace ringgate::load {

namespace {

constexpr std::uint8_t kind_signal = Wires::kind_count;
constexpr Nanos tick_period = milliseconds(50);
// How often a thread looks at what others may have done.
constexpr Nanos crew_period = milliseconds(1);
// A turn that begins so late was not waiting for a timer, nor at work.
constexpr Nanos pause_min = milliseconds(20);

}  // namespace

Client::Client(const Options& options, Crew& crew, unsigned index, std::optional<unsigned> cpu,
               const Endpoints& endpoints, uring::Ring& ring, uring::BufferRing& buffers,
               int signals, std::function<std::unique_ptr<io::Channel>()> make_channel)
    : options_(options),
      crew_(crew),
      share_{index, crew.threads()},
      ring_(ring),
      signals_(signals),
      stage_{.now = uring::read_clocks()},
      timeline_(crew.seconds(), index),
      watch_(cpu),
      wait_(ring, options.busy_poll),
      wires_(ring, buffers, endpoints, std::move(make_channel), connection_count(options, share_),
             *this),
      submitter_(options, share_, stage_, timeline_, wires_, report_),
      connections_(options, connection_count(options, share_), submitter_.message_size_max()),
      inbox_(options, crew, stage_, timeline_, report_,
             [this](Connection& connection, const SmppEvent& event) {
               binds_.on_bound(connection, event);
             }),
      binds_(options, crew, share_, stage_, connections_, wires_, submitter_, inbox_, report_),
      progress_(options, crew, share_, stage_) {}

// ---- phases

Report Client::run() {
  arm_signal();
  binds_.open();
  while (stage_.phase != Phase::done) turn();
  return report();
}

void Client::turn() {
  stage_.now = uring::read_clocks();
  note_pause();
  note_interrupts();
  begin_receipt_wait();
  // Before anything of the next second is counted.
  if (timeline_.deadline() <= stage_.now.mono) end_second();
  binds_.come_back_due();
  binds_.connect_due();
  ring_.drain([this](const io_uring_cqe& completion) { on_completion(completion); });
  binds_.cut_due();
  if (inbox_.next_answer() <= stage_.now.mono) inbox_.send_answers(connections_, wires_);
  if (next_tick_ <= stage_.now.mono) tick();
  if (stage_.phase == Phase::running) submitter_.submit();
  inbox_.file_receipts();
  wires_.flush();
  wires_.rearm();
  advance();
  if (stage_.phase == Phase::done) return;
  wanted_at_ = wakes_at();
  wait_.wait(stage_.now.mono, wanted_at_);
}

// Goes on to the next phase, or several of them, once there is nothing left to do in this one.
void Client::advance() {
  while (stage_.phase != Phase::done && phase_is_complete()) {
    switch (stage_.phase) {
      case Phase::binding:
        start_run();
        break;
      case Phase::running:
        stop_submitting();
        stage_.enter(Phase::draining, stage_.now.mono + options_.response_timeout);
        break;
      case Phase::draining:
        binds_.note_missing();
        crew_.drained();
        stage_.enter(Phase::receipts, never);
        begin_receipt_wait();
        break;
      case Phase::receipts:
        start_unbind();
        break;
      case Phase::unbinding:
      case Phase::done:
        stage_.phase = Phase::done;
        break;
    }
    stage_.interrupted = false;
  }
}

bool Client::phase_is_complete() const {
  if (crew_.failed() || stage_.is_over()) return true;
  switch (stage_.phase) {
    case Phase::binding:
      return crew_.start_at() <= stage_.now.mono;
    case Phase::running:
      if (options_.rebinds.wanted()) return submitter_.is_done() && options_.idle_binds == 0;
      if (options_.idle_binds != 0) return wires_.open_count() == 0;
      return submitter_.is_done() || !submitter_.has_connections();
    case Phase::draining:
      return report_.submitted == inbox_.settled() && binds_.all_are_back();
    case Phase::receipts:
      return !binds_.any_left() || (inbox_.next_answer() == never && crew_.all_drained() &&
                                    crew_.receipts().open_count() == 0);
    case Phase::unbinding:
      return wires_.open_count() == 0;
    case Phase::done:
      return true;
  }
  UNREACHABLE();
}

/// The last message of any thread may be the one whose receipt comes here.
void Client::begin_receipt_wait() {
  if (stage_.phase == Phase::receipts && stage_.deadline == never && crew_.all_drained())
    stage_.deadline = stage_.now.mono + options_.receipt_wait;
}

void Client::start_run() {
  if (crew_.failed() || crew_.start_at() == never || stage_.interrupted) {
    stage_.phase = Phase::done;
    crew_.fail(Error{ErrorCode::io, 0, "interrupted while binding"});
    return;
  }
  if (!options_.quiet && options_.idle_binds != 0 && share_.index == 0)
    std::fprintf(stderr, "holding %s binds\n", grouped(options_.idle_binds).c_str());
  stage_.now = uring::read_clocks();
  started_ = crew_.start_at();
  stage_.enter(Phase::running, options_.duration == 0 ? never : started_ + options_.duration);
  cpu_started_ = cpu_time();
  (void)watch_.look(stage_.now.mono, wait_.looked());
  timeline_.start(started_, options_.warm_up, !options_.rate.empty());
  progress_.start(started_);
  binds_.start_run(started_);
  submitter_.start(started_);
  submitter_.submit();
  wires_.flush();
}

void Client::stop_submitting() {
  stopped_ = std::min(stage_.now.mono, stage_.deadline);
  // Who has lost his last bind still owes what was due until the end.
  const bool lost = !submitter_.has_connections() && stage_.deadline != never;
  submitter_.finish(lost && !stage_.interrupted ? stage_.deadline : stopped_);
}

void Client::start_unbind() {
  report_.client_cpu = cpu_time() - cpu_started_;
  progress_.stop();
  stage_.enter(Phase::unbinding, stage_.now.mono + connections_.limits().unbind);
  binds_.start_unbind();
  wires_.flush();
}

Report Client::report() {
  if (crew_.failed()) return {};
  end_second();
  crew_.seconds().leave(share_.index);
  inbox_.finish();
  binds_.finish();
  report_.idle = options_.idle_binds != 0;
  report_.submitting = stopped_ - started_;
  report_.duration = std::max(inbox_.last_response(), stopped_) - started_;
  report_.warm_up = std::min(options_.warm_up, report_.duration);
  return report_;
}

// ---- completions

void Client::on_completion(const io_uring_cqe& completion) {
  const uring::UserData data = uring::UserData::unpack(completion.user_data);
  const auto kind = static_cast<Wires::Kind>(data.kind);
  if (kind == Wires::Kind::ignored) return;
  if (data.kind != kind_signal)
    return wires_.on_completion(connections_[data.index], kind, completion);
  crew_.interrupt();
  arm_signal();
}

void Client::arm_signal() {
  uring::prep_read(ring_.sqe(), signals_,
                   {reinterpret_cast<std::uint8_t*>(&signal_), sizeof signal_},
                   uring::UserData{.kind = kind_signal});
}

void Client::on_octets(Connection& connection, Octets octets) {
  connection.session.on_bytes(octets, stage_.now);
  inbox_.take(connection);
  connection.session.settle();
}

// ---- time

void Client::tick() {
  next_tick_ = stage_.now.mono + tick_period;
  binds_.look_after_all();
  if (stage_.phase == Phase::running) submitter_.note_backlog(inbox_.settled());
  progress_.tell(report_, inbox_.counts(), wires_.open_count());
}

// Stopped by somebody, on a machine that was, or not let run: whatever has happened meanwhile was
// not seen in time.
void Client::note_pause() {
  if (stage_.phase == Phase::binding || stage_.now.mono < wanted_at_ + pause_min) return;
  timeline_.pause(stage_.now.mono - wanted_at_);
}

void Client::note_interrupts() {
  const unsigned interrupts = crew_.interrupts();
  if (interrupts == interrupts_) [[likely]]
    return;
  interrupts_ = interrupts;
  stage_.interrupted = true;
}

void Client::end_second() {
  // The run itself may have no submits yet, or be over.
  if (timeline_.deadline() == never) return;
  const Inbox::Counts& counts = inbox_.counts();
  timeline_.end_second(
      stage_.now.mono,
      {report_.submitted, counts.accepted, counts.refused, counts.receipts_matched},
      watch_.look(stage_.now.mono, wait_.looked()));
}

/// Without what it was only looking for work.
Nanos Client::cpu_time() const { return uring::thread_cpu_time() - wait_.looked(); }

Nanos Client::wakes_at() const {
  const Nanos now = stage_.now.mono;
  if (ring_.ready() != 0) return now;
  Nanos until = std::min(
      {next_tick_, stage_.deadline, timeline_.deadline(), inbox_.next_answer(), binds_.next()});
  if (stage_.phase == Phase::running) until = std::min(until, submitter_.next());
  if (stage_.phase == Phase::binding && binds_.all_are_bound())
    until = std::min({until, crew_.start_at(), now + crew_period});
  // Others may bring the last one.
  if (stage_.phase == Phase::receipts && share_.count > 1)
    until = std::min(until, now + crew_period);
  return std::max(until, now);
}

}  // namespace ringgate::load

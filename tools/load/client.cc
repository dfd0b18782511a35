#include "load/client.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "base/assert.h"
#include "base/units.h"
#include "uring/clocks.h"

namespace ringgate::load {

namespace {

// Output of a connection that waits for its socket; submitting pauses above, and the chunks of the
// tx pool follow from it.
constexpr std::uint64_t output_high_water = 1 << 20;
// A window of 64 messages of 230 octets lies in one piece most of the time, and is one send.
constexpr std::uint32_t tx_chunk_size_min = 64 * 1024;
constexpr std::uint32_t carry_chunk_size = 1024;
// A record's worth of what a channel has read.
constexpr std::size_t channel_read_max = 16 * 1024;
constexpr Nanos tick_period = milliseconds(50);
constexpr Nanos progress_period = seconds(1);
constexpr std::size_t seconds_shown = 60;
// A turn that begins so late was not waiting for a timer, nor at work.
constexpr Nanos pause_min = milliseconds(20);

std::uint32_t tx_chunk_size(const Mix& mix) {
  constexpr std::size_t head = 64;  // the chunk's own
  return std::max(tx_chunk_size_min,
                  static_cast<std::uint32_t>((mix.size_max() + head + 63) / 64 * 64));
}

// Per connection: output up to the mark and the message that crosses it, each possibly in a chunk
// that is not full, and one chunk for the answers we owe. Untouched chunks cost address space only.
std::uint32_t tx_chunk_count(const Options& options, std::size_t connections) {
  const std::uint64_t each =
      options.idle_binds != 0 ? 2 : 2 * output_high_water / tx_chunk_size_min + 3;
  const std::uint64_t count = each * connections;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(count, 1u << 24));
}

SessionLimits limits_of(const Options& options) {
  SessionLimits limits;
  limits.session_init = limits.response = options.response_timeout;
  limits.enquire_link = options.enquire_link;
  limits.inactivity = options.inactivity;
  return limits;
}

/// What comes back with the response: when its message was meant to leave, and whether it owes a
/// receipt.
std::uint64_t token_of(Nanos sent, const Mix& mix) {
  return static_cast<std::uint64_t>(sent) << 1 | (mix.receipt() ? 1 : 0);
}

}  // namespace

Client::Client(const Options& options, Crew& crew, unsigned index, std::optional<unsigned> cpu,
               const Endpoints& endpoints, uring::Ring& ring, uring::BufferRing& buffers,
               int signals, std::function<std::unique_ptr<io::Channel>()> make_channel)
    : options_(options),
      crew_(crew),
      share_{index, crew.threads()},
      endpoints_(endpoints),
      ring_(ring),
      buffers_(buffers),
      signals_(signals),
      make_channel_(std::move(make_channel)),
      limits_(limits_of(options)),
      references_(static_cast<std::uint16_t>(share_.index * 256 / share_.count)),
      mix_(options.messages,
           static_cast<double>(before(pair_count(options), share_)) /
               static_cast<double>(pair_count(options)),
           references_),
      tx_pool_(tx_chunk_size(mix_), tx_chunk_count(options, connection_count(options, share_))),
      carry_pool_(carry_chunk_size, static_cast<std::uint32_t>(connection_count(options, share_))),
      now_(uring::read_clocks()),
      rebinds_(options.rebinds, options.seed + index),
      remaining_(count_of(options, share_)),
      receipts_(crew.receipts()),
      answers_(options.answers),
      timeline_(crew.seconds(), index),
      watch_(cpu),
      wait_(ring, options.busy_poll) {
  const std::size_t count = connection_count(options, share_);
  connections_.reserve(count);
  dirty_.reserve(count);
  rearm_.reserve(count);
}

Client::~Client() {
  for (const auto& connection : connections_)
    if (connection->fd >= 0) close(connection->fd);
}

// ---- phases

Report Client::run() {
  uring::prep_read(ring_.sqe(), signals_,
                   {reinterpret_cast<std::uint8_t*>(&signal_), sizeof signal_},
                   uring::UserData{.kind = static_cast<std::uint8_t>(Kind::signal)});
  connecting_since_ = now_.mono;
  start_connects();
  while (phase_ != Phase::done) turn();
  return report();
}

void Client::turn() {
  now_ = uring::read_clocks();
  note_pause();
  if (const unsigned interrupts = crew_.interrupts(); interrupts != interrupts_) [[unlikely]] {
    interrupts_ = interrupts;
    interrupted_ = true;
  }
  begin_receipt_wait();
  // Before anything of the next second is counted.
  if (timeline_.deadline() <= now_.mono) end_second();
  if (!returning_.empty()) come_back();
  if (phase_ == Phase::binding && next_connect() <= now_.mono) start_connects();
  ring_.drain([this](const io_uring_cqe& completion) { on_completion(completion); });
  // Not at the very end: nobody would see how it ends.
  if (phase_ == Phase::running && rebinds_.next_storm() <= now_.mono &&
      rebinds_.next_storm() < phase_deadline_) [[unlikely]]
    cut_all();
  if (answers_.due() <= now_.mono) send_answers();
  if (next_tick_ <= now_.mono) tick();
  if (phase_ == Phase::running) submit();
  file_receipts();
  flush();
  buffers_.publish();
  rearm();
  advance();
  if (phase_ == Phase::done) return;
  wanted_at_ = wakes_at();
  wait_.wait(now_.mono, wanted_at_);
}

// Goes on to the next phase, or several of them, once there is nothing left to do in this one.
void Client::advance() {
  while (phase_ != Phase::done && phase_is_complete()) {
    switch (phase_) {
      case Phase::binding:
        start_run();
        break;
      case Phase::running:
        stopped_ = due_until_ = std::min(now_.mono, phase_deadline_);
        // Who has lost his last bind still owes what was due until the end.
        if (submitters_.empty() && phase_deadline_ != never && !interrupted_)
          due_until_ = phase_deadline_;
        enter_phase(Phase::draining, now_.mono + options_.response_timeout);
        break;
      case Phase::draining:
        note_missing();
        crew_.drained();
        enter_phase(Phase::receipts, never);
        begin_receipt_wait();
        break;
      case Phase::receipts:
        start_unbind();
        break;
      case Phase::unbinding:
      case Phase::done:
        phase_ = Phase::done;
        break;
    }
    interrupted_ = false;
  }
}

void Client::enter_phase(Phase phase, Nanos deadline) {
  phase_ = phase;
  phase_deadline_ = deadline;
}

bool Client::phase_is_complete() const {
  if (crew_.failed()) return true;
  if (interrupted_ || phase_deadline_ <= now_.mono) return true;
  switch (phase_) {
    case Phase::binding:
      return crew_.start_at() <= now_.mono;
    case Phase::running:
      if (rebinds_.wanted()) return remaining_ == 0 && options_.idle_binds == 0;
      if (options_.idle_binds != 0) return open_ == 0;
      return remaining_ == 0 || submitters_.empty();
    case Phase::draining:
      return report_.submitted == report_.responses + unanswered_ && all_are_back();
    case Phase::receipts:
      return (open_ == 0 && returning_.empty()) ||
             (answers_.due() == never && crew_.all_drained() && crew_.receipts().open_count() == 0);
    case Phase::unbinding:
      return open_ == 0;
    case Phase::done:
      return true;
  }
  UNREACHABLE();
}

/// The last message of any thread may be the one whose receipt comes here.
void Client::begin_receipt_wait() {
  if (phase_ == Phase::receipts && phase_deadline_ == never && crew_.all_drained())
    phase_deadline_ = now_.mono + options_.receipt_wait;
}

/// Whoever is bound waits for the others.
void Client::begin_together() {
  if (told_bound_ || bound_ != connection_count(options_, share_)) return;
  told_bound_ = true;
  crew_.bound(now_.mono);
}

void Client::start_run() {
  if (crew_.failed() || crew_.start_at() == never || interrupted_) {
    phase_ = Phase::done;
    fail("interrupted while binding");
    return;
  }
  if (!options_.quiet && options_.idle_binds != 0 && share_.index == 0)
    std::fprintf(stderr, "holding %s binds\n", grouped(options_.idle_binds).c_str());
  report_.connections = bound_;
  now_ = uring::read_clocks();
  started_ = last_response_ = progress_at_ = crew_.start_at();
  next_progress_ = started_ + progress_period;
  cpu_started_ = cpu_time();
  (void)watch_.look(now_.mono, wait_.looked());
  timeline_.start(started_, options_.warm_up, !options_.rate.empty());
  rebinds_.start(started_);
  enter_phase(Phase::running, options_.duration == 0 ? never : started_ + options_.duration);
  for (const auto& connection : connections_) {
    connection->ends_at = rebinds_.end_of_bind(started_);
    // Lost before the last one was bound.
    if (connection->over && connection->fd < 0) expect_back(*connection);
  }
  if (!options_.rate.empty()) {
    const auto pairs = static_cast<double>(pair_count(options_));
    const auto mine = static_cast<double>(part_of(pair_count(options_), share_));
    const auto first = static_cast<double>(before(pair_count(options_), share_));
    // Evenly spaced messages of all threads lie between each other.
    pacer_.emplace(options_.rate.scaled(mine / pairs), options_.arrivals,
                   options_.seed + share_.index, started_, first / pairs);
    backlog_.start(started_ + options_.warm_up, phase_deadline_);
  }
  for (Connection* connection : submitters_) mark_dirty(*connection);
  submit();
  flush();
}

void Client::start_unbind() {
  report_.client_cpu = cpu_time() - cpu_started_;
  // The screen is the summary's.
  crew_.screen().clear();
  next_progress_ = never;
  returning_.clear();
  enter_phase(Phase::unbinding, now_.mono + limits_.unbind);
  for (const auto& connection : connections_) {
    if (connection->over) continue;
    if (!connection->bound) {
      lose(*connection, "");
      continue;
    }
    connection->session.start_unbind(CloseCause::unbound, now_);
    mark_dirty(*connection);
  }
  flush();
}

Report Client::report() {
  if (crew_.failed()) return {};
  end_second();
  crew_.seconds().leave(share_.index);
  if (pacer_) report_.not_submitted = std::min(pacer_->behind(due_until_), remaining_);
  report_.backlog_growth = backlog_.growth();
  report_.statuses.add(Status::ESME_ROK, accepted_);
  report_.idle = options_.idle_binds != 0;
  report_.submitting = stopped_ - started_;
  report_.duration = std::max(last_response_, stopped_) - started_;
  for (const auto& connection : connections_)
    if (!connection->over) note_violations(*connection);
  report_.warm_up = std::min(options_.warm_up, report_.duration);
  report_.receipts_requested = options_.receipts;
  report_.receipts.refused = receipts_refused_;
  report_.rebinds.wanted = rebinds_.wanted();
  return report_;
}

// ---- submitting

void Client::submit() {
  // What was due in time leaves even when the time is over by now.
  if (pacer_) return submit_open();
  if (remaining_ == 0 || phase_deadline_ <= now_.mono || interrupted_) return;
  for (Connection* connection : dirty_)
    if (connection->submits) submit_closed(*connection);
}

// Fills the window. The loop holds what the compiler could not keep in registers otherwise.
void Client::submit_closed(Connection& connection) {
  if (connection.paused_until != 0) [[unlikely]]
    return;
  SmppSession& session = connection.session;
  Mix& mix = mix_of(connection);
  const auto write = [&mix](std::uint32_t sequence_number, std::uint8_t* to) {
    return mix.write(sequence_number, to);
  };
  std::uint64_t submitted = 0;
  while (submitted < remaining_ && session.output().size() < output_high_water &&
         session.request(token_of(now_.mono, mix), now_, mix.size(), write) == Admit::ok)
    ++submitted;
  remaining_ -= submitted;
  report_.submitted += submitted;
}

void Client::submit_open() {
  // Until a round finds no window with room; what is due then keeps its intended time.
  std::size_t refused = 0;
  while (remaining_ != 0 && refused < submitters_.size() && pacer_->due(now_.mono) &&
         pacer_->next() < phase_deadline_) {
    Connection& connection = *submitters_[next_submitter_];
    next_submitter_ = next_submitter_ + 1 == submitters_.size() ? 0 : next_submitter_ + 1;
    if (submit_one(connection, pacer_->next()) != Admit::ok) {
      ++refused;
      continue;
    }
    refused = 0;
    note_lateness(pacer_->next());
    pacer_->advance();
    --remaining_;
    ++report_.submitted;
    mark_dirty(connection);
  }
  full_windows_.note(now_.mono, refused != 0 || submitters_.empty());
}

void Client::note_lateness(Nanos intended) {
  if (const auto late = full_windows_.lateness(intended, now_.mono))
    timeline_.lateness().record(*late);
  else
    timeline_.hold();
}

Admit Client::submit_one(Connection& connection, Nanos sent) {
  SmppSession& session = connection.session;
  if (session.output().size() >= output_high_water || connection.paused_until != 0)
    return Admit::full;
  Mix& mix = mix_of(connection);
  return session.request(token_of(sent, mix), now_, mix.size(),
                         [&mix](std::uint32_t sequence_number, std::uint8_t* to) {
                           return mix.write(sequence_number, to);
                         });
}

// ---- completions

void Client::on_completion(const io_uring_cqe& completion) {
  const uring::UserData data = uring::UserData::unpack(completion.user_data);
  switch (static_cast<Kind>(data.kind)) {
    case Kind::receive:
      return on_receive(*connections_[data.index], completion);
    case Kind::send:
      return on_send(*connections_[data.index], completion.res);
    case Kind::connect:
      return on_connect(*connections_[data.index], completion.res);
    case Kind::signal:
      return on_signal();
    case Kind::ignored:
      return;
  }
  UNREACHABLE();
}

void Client::on_receive(Connection& connection, const io_uring_cqe& completion) {
  buffers_.for_each_buffer(completion, [&](std::uint16_t bid, Octets octets) {
    if (!connection.over && !octets.empty()) {
      if (connection.channel == nullptr)
        on_octets(connection, octets);
      else
        on_cipher(connection, octets);
    }
    buffers_.give_back(bid);
  });
  mark_dirty(connection);
  if ((completion.flags & IORING_CQE_F_MORE) != 0) return;
  connection.receiving = false;
  if (connection.over) return close_if_quiet(connection);
  if (completion.res == 0) return lose(connection, "the server closed it");
  if (completion.res < 0 && completion.res != -ENOBUFS)
    return lose(connection, std::system_category().message(-completion.res));
  rearm_.push_back(&connection);
}

void Client::on_octets(Connection& connection, Octets octets) {
  connection.session.on_bytes(octets, now_);
  take_events(connection);
  connection.session.settle();
}

void Client::on_cipher(Connection& connection, Octets octets) {
  io::Channel& channel = *connection.channel;
  if (!channel.hears()) return;
  channel.put(octets);
  if (channel.stage() == io::Channel::Stage::shaking) channel.shake();
  if (channel.stage() == io::Channel::Stage::shaking) return;
  read_.resize(channel_read_max);
  while (const std::size_t count = channel.read(read_)) {
    on_octets(connection, Octets(read_).first(count));
    if (connection.over) return;
  }
  if (channel.stage() != io::Channel::Stage::over) return;
  const std::string fault(channel.fault());
  lose(connection, fault.empty() ? "the server ended TLS" : "TLS: " + fault);
}

/// What its socket gets next: of its session, or of the channel that this goes through.
Octets Client::to_send(Connection& connection) {
  ByteQueue& output = connection.session.output();
  if (connection.channel == nullptr) return output.empty() ? Octets{} : output.front();
  io::Channel& channel = *connection.channel;
  const Octets octets = channel.outgoing();
  if (!octets.empty() || channel.stage() != io::Channel::Stage::open || output.empty())
    return octets;
  const std::size_t size = output.front().size();
  channel.write(output.front());
  output.pop(size);
  return channel.outgoing();
}

void Client::on_send(Connection& connection, int result) {
  connection.sending = false;
  if (connection.over) return close_if_quiet(connection);
  if (result < 0) return lose(connection, std::system_category().message(-result));
  if (connection.channel == nullptr)
    connection.session.output().pop(static_cast<std::size_t>(result));
  else
    connection.channel->sent(static_cast<std::size_t>(result));
  mark_dirty(connection);
}

void Client::on_signal() {
  crew_.interrupt();
  uring::prep_read(ring_.sqe(), signals_,
                   {reinterpret_cast<std::uint8_t*>(&signal_), sizeof signal_},
                   uring::UserData{.kind = static_cast<std::uint8_t>(Kind::signal)});
}

void Client::take_events(Connection& connection) {
  SmppEvent event;
  Content content;
  while (connection.session.next_event(event, content)) {
    switch (event.kind) {
      case EventKind::response:
        on_response(connection, event);
        break;
      case EventKind::deliver:
        on_deliver(connection, event);
        break;
      case EventKind::bound:
        on_bound(connection, event);
        break;
      case EventKind::unbind:
        connection.wanted_at = now_.mono;
        connection.session.finish_unbind(now_);
        break;
      // Nothing of ours depends on these.
      case EventKind::alert:
      case EventKind::outbind:
        break;
      case EventKind::none:
      case EventKind::bind:
      case EventKind::submit:
      case EventKind::submit_multi:
      case EventKind::operation:
        UNREACHABLE();  // Not in the ESME's role.
    }
  }
}

void Client::on_response(Connection& connection, const SmppEvent& event) {
  if (!event.answered) [[unlikely]] {
    ++unanswered_;
    if (connection.cut) ++report_.rebinds.cut_off;
    return;
  }
  if (connection.is_out_of_order(event.sequence_number)) [[unlikely]]
    ++report_.out_of_order;
  const auto sent = static_cast<Nanos>(event.token >> 1);
  ++report_.responses;
  last_response_ = now_.mono;
  timeline_.answered(sent, now_.mono);
  if (event.status != Status::ESME_ROK) [[unlikely]] {
    report_.statuses.add(event.status);
    ++refused_;
    if (event.status == Status::ESME_RTHROTTLED && options_.throttle_pause != 0)
      connection.paused_until = now_.mono + options_.throttle_pause;
    return;
  }
  if (accepted_++ == 0) report_.last_message_id = event.message_id;
  if (!timeline_.measures(sent)) ++report_.accepted_in_warm_up;
  if ((event.token & 1) == 0) return;
  receipts_.accepted(event.message_id, sent, on_matched());
}

void Client::on_deliver(Connection& connection, const SmppEvent& event) {
  const Status answer = answer_deliver(connection, event);
  // esm_class bits 5-2 tell a receipt (3.4 §5.2.12).
  constexpr std::uint8_t message_type_mask = 0x3C;
  constexpr std::uint8_t message_type_receipt = 0x04;
  if ((event.content->esm_class & message_type_mask) != message_type_receipt ||
      !options_.receipts) {
    ++report_.other_deliver_sm;
    return;
  }
  if (report_.last_receipt.empty()) report_.last_receipt = as_text(event.content->text);
  const std::string_view id = receipted_message_id(event.content->tlvs, event.content->text);
  if (!options_.answers.errors.empty()) [[unlikely]]
    crew_.receipts().answered(ReceiptMatcher::key_of(id), answer == Status::ESME_ROK);
  if (answer != Status::ESME_ROK) {
    ++receipts_refused_;
    return;
  }
  receipts_.received(id, now_.mono, on_matched());
}

/// Returns what it is answered with, now or later.
Status Client::answer_deliver(Connection& connection, const SmppEvent& event) {
  // Of more than that, a session would read nothing more.
  constexpr std::uint32_t owed_max = Window::size_max / 2;
  if (!options_.answers.usual() && connection.session.open_requests() <= owed_max) [[unlikely]]
    return answers_.owe(connection.place.index, connection.generation, event.command,
                        event.sequence_number, now_.mono);
  connection.session.answer_deliver(event.command, event.sequence_number, Status::ESME_ROK);
  return Status::ESME_ROK;
}

void Client::send_answers() {
  while (answers_.due() <= now_.mono) {
    const Answers::Answer answer = answers_.take();
    Connection& connection = *connections_[answer.connection];
    if (connection.over || connection.generation != answer.generation) continue;
    connection.session.answer_deliver(answer.request, answer.sequence_number, answer.status);
    mark_dirty(connection);
  }
}

// ---- time

void Client::tick() {
  next_tick_ = now_.mono + tick_period;
  for (const auto& connection : connections_) {
    if (connection->over) continue;
    if (connection->session.deadline() <= now_.mono) {
      connection->session.on_deadline(now_);
      take_events(*connection);
      // Who has not answered in time may not read a farewell either.
      const CloseCause cause = connection->session.close_cause();
      if (cause != CloseCause::none)
        lose(*connection, std::string(close_cause_name(cause)));
      else
        mark_dirty(*connection);
    }
    if (!connection->over) look_after(*connection);
  }
  note_backlog();
  publish();
  if (next_progress_ <= now_.mono) {
    next_progress_ += progress_period;
    if (!options_.quiet && share_.index == 0) crew_.screen().show(live_facts());
  }
}

void Client::file_receipts() { receipts_.flush(on_matched()); }

void Client::publish() {
  Tally& tally = crew_.tallies()[share_.index];
  tally.submitted = report_.submitted;
  tally.answered = report_.responses;
  tally.accepted = accepted_;
  tally.refused = refused_;
  tally.throttled = report_.statuses.of(Status::ESME_RTHROTTLED);
  tally.unanswered = unanswered_;
  tally.receipts = receipts_matched_;
  tally.open = open_;
  tally.rebinds = report_.rebinds.done;
  tally.cut_off = report_.rebinds.cut_off;
}

// Stopped by somebody, on a machine that was, or not let run: whatever has happened meanwhile was
// not seen in time.
void Client::note_pause() {
  if (phase_ == Phase::binding || now_.mono < wanted_at_ + pause_min) return;
  timeline_.pause(now_.mono - wanted_at_);
}

void Client::note_backlog() {
  if (!pacer_ || phase_ != Phase::running) return;
  const std::uint64_t unsent = std::min(pacer_->behind(now_.mono), remaining_);
  backlog_.note(now_.mono, report_.submitted + unsent, report_.responses + unanswered_);
}

void Client::end_second() {
  // The run itself may have no submits yet, or be over.
  if (timeline_.deadline() == never) return;
  timeline_.end_second(now_.mono, {report_.submitted, accepted_, refused_, receipts_matched_},
                       watch_.look(now_.mono, wait_.looked()));
}

LiveFacts Client::live_facts() {
  const auto sum = [this](std::atomic<std::uint64_t> Tally::*counter) {
    std::uint64_t all = 0;
    for (const Tally& tally : crew_.tallies()) all += tally.*counter;
    return all;
  };
  LiveFacts out;
  out.elapsed = now_.mono - started_;
  out.length = options_.duration;
  if (phase_ == Phase::draining) out.stage = "answers";
  if (phase_ == Phase::receipts) out.stage = "receipts";
  out.submitted = sum(&Tally::submitted);
  const double period_s = static_cast<double>(now_.mono - progress_at_) / 1e9;
  out.rate = static_cast<std::uint64_t>(static_cast<double>(out.submitted - progress_submitted_) /
                                        period_s);
  progress_at_ = now_.mono;
  progress_submitted_ = out.submitted;
  const std::uint64_t unanswered = sum(&Tally::unanswered);
  out.accepted = sum(&Tally::accepted);
  out.throttled = sum(&Tally::throttled);
  // Other threads count on between two of these.
  const auto difference = [](std::uint64_t all, std::uint64_t part) {
    return all - std::min(all, part);
  };
  out.errors = difference(sum(&Tally::refused), out.throttled) +
               difference(unanswered, sum(&Tally::cut_off));
  out.open = difference(out.submitted, sum(&Tally::answered) + unanswered);
  out.receipts = sum(&Tally::receipts);
  out.with_receipts = options_.receipts;
  out.binds = sum(&Tally::open);
  out.rebinds = sum(&Tally::rebinds);
  out.with_rebinds = rebinds_.wanted();
  out.idle = options_.idle_binds != 0;
  if (crew_.screen().is_terminal()) out.seconds = crew_.seconds().last(seconds_shown);
  return out;
}

/// Without what it was only looking for work.
Nanos Client::cpu_time() const { return uring::thread_cpu_time() - wait_.looked(); }

Nanos Client::wakes_at() const {
  if (ring_.ready() != 0) return now_.mono;
  Nanos until = std::min({next_tick_, phase_deadline_, timeline_.deadline(), answers_.due()});
  for (const Return& one : returning_) until = std::min(until, one.at);
  if (phase_ == Phase::running) until = std::min(until, rebinds_.next_storm());
  // A message that is due already waits for a window, that is for a response.
  if (phase_ == Phase::running && pacer_ && pacer_->next() > now_.mono)
    until = std::min(until, pacer_->next());
  if (phase_ == Phase::binding) until = std::min(until, next_connect());
  if (phase_ == Phase::binding && told_bound_)
    until = std::min({until, crew_.start_at(), now_.mono + milliseconds(1)});
  // Others may bring the last one.
  if (phase_ == Phase::receipts && share_.count > 1)
    until = std::min(until, now_.mono + milliseconds(1));
  return std::max(until, now_.mono);
}

// ---- output and ends

void Client::mark_dirty(Connection& connection) {
  if (connection.dirty) return;
  connection.dirty = true;
  dirty_.push_back(&connection);
}

void Client::flush() {
  for (Connection* const dirty : dirty_) {
    Connection& connection = *dirty;
    connection.dirty = false;
    if (connection.over || connection.sending || connection.connecting) continue;
    if (const Octets octets = to_send(connection); !octets.empty()) {
      connection.sending = true;
      uring::prep_send(ring_.sqe(), connection.fd, octets, user_data(Kind::send, connection));
    } else if (connection.session.close_cause() != CloseCause::none) {
      lose(connection, std::string(close_cause_name(connection.session.close_cause())));
    }
  }
  dirty_.clear();
}

// After publish(), because a receive armed on an empty buffer ring fails at once.
void Client::rearm() {
  for (Connection* connection : rearm_)
    if (!connection->over && !connection->receiving) arm_receive(*connection);
  rearm_.clear();
}

void Client::arm_receive(Connection& connection) {
  connection.receiving = true;
  uring::prep_recv_multishot(ring_.sqe(), connection.fd, buffers_.group(),
                             ring_.capabilities().bundle, true,
                             user_data(Kind::receive, connection));
}

void Client::fail(std::string text) { crew_.fail(Error{ErrorCode::io, 0, std::move(text)}); }

uring::UserData Client::user_data(Kind kind, const Connection& connection) const {
  return {
      .kind = static_cast<std::uint8_t>(kind), .generation = 0, .index = connection.place.index};
}

}  // namespace ringgate::load

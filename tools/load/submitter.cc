#include "load/submitter.h"

#include <algorithm>
#include <memory>

#include "load/connections.h"

namespace ringgate::load {

namespace {

std::uint64_t token_of(Nanos sent, const Mix& mix) {
  return static_cast<std::uint64_t>(sent) << 1 | (mix.receipt() ? 1 : 0);
}

/// Of all binds, those of the threads before this one.
double part_before(const Options& options, const Share& share) {
  const std::uint64_t pairs = pair_count(options);
  return static_cast<double>(before(pairs, share)) / static_cast<double>(pairs);
}

}  // namespace

Submitter::Submitter(const Options& options, const Share& share, const Stage& stage,
                     Timeline& timeline, Wires& wires, Report& report)
    : options_(options),
      share_(share),
      stage_(stage),
      timeline_(timeline),
      wires_(wires),
      report_(report),
      references_(static_cast<std::uint16_t>(share.index * 256 / share.count)),
      mix_(options.messages, part_before(options, share), references_),
      remaining_(count_of(options, share)) {}

void Submitter::start(Nanos at) {
  if (!options_.rate.empty()) {
    const auto pairs = static_cast<double>(pair_count(options_));
    const auto mine = static_cast<double>(part_of(pair_count(options_), share_));
    // Evenly spaced messages of all threads lie between each other.
    pacer_.emplace(options_.rate.scaled(mine / pairs), options_.arrivals,
                   options_.seed + share_.index, at, part_before(options_, share_));
    backlog_.start(at + options_.warm_up, stage_.deadline);
  }
  for (Connection* connection : connections_) wires_.mark(*connection);
}

void Submitter::add(Connection& connection) {
  if (connection.place.command == smpp::Command::bind_receiver || options_.idle_binds != 0) return;
  connection.submits = true;
  if (mix_.has_parts() && !connection.mix) {
    const auto pairs = static_cast<double>(pair_count(options_));
    connection.mix =
        std::make_unique<Mix>(options_.messages, connection.place.pair / pairs, references_);
  }
  connections_.push_back(&connection);
}

void Submitter::remove(Connection& connection) {
  if (!connection.submits) return;
  connection.submits = false;
  const auto at = std::ranges::find(connections_, &connection);
  if (static_cast<std::size_t>(at - connections_.begin()) < next_connection_) --next_connection_;
  connections_.erase(at);
  if (next_connection_ >= connections_.size()) next_connection_ = 0;
}

void Submitter::submit() {
  // What was due in time leaves even when the time is over by now.
  if (pacer_) return submit_open();
  if (remaining_ == 0 || stage_.is_over()) return;
  for (Connection* connection : wires_.marked())
    if (connection->submits) submit_closed(*connection);
}

// Fills the window. The loop holds what the compiler could not keep in registers otherwise.
void Submitter::submit_closed(Connection& connection) {
  if (connection.paused_until != 0) [[unlikely]]
    return;
  SmppSession& session = connection.session;
  Mix& mix = mix_of(connection);
  const Now now = stage_.now;
  const auto write = [&mix](std::uint32_t sequence_number, std::uint8_t* to) {
    return mix.write(sequence_number, to);
  };
  std::uint64_t submitted = 0;
  while (submitted < remaining_ && session.output().size() < Connections::output_high_water &&
         session.request(token_of(now.mono, mix), now, mix.size(), write) == Admit::ok)
    ++submitted;
  remaining_ -= submitted;
  report_.submitted += submitted;
}

void Submitter::submit_open() {
  // Until a round finds no window with room; what is due then keeps its intended time.
  std::size_t refused = 0;
  while (remaining_ != 0 && refused < connections_.size() && pacer_->due(stage_.now.mono) &&
         pacer_->next() < stage_.deadline) {
    Connection& connection = *connections_[next_connection_];
    next_connection_ = next_connection_ + 1 == connections_.size() ? 0 : next_connection_ + 1;
    if (submit_one(connection, pacer_->next()) != Admit::ok) {
      ++refused;
      continue;
    }
    refused = 0;
    note_lateness(pacer_->next());
    pacer_->advance();
    --remaining_;
    ++report_.submitted;
    wires_.mark(connection);
  }
  full_windows_.note(stage_.now.mono, refused != 0 || connections_.empty());
}

Admit Submitter::submit_one(Connection& connection, Nanos intended) {
  SmppSession& session = connection.session;
  if (session.output().size() >= Connections::output_high_water || connection.paused_until != 0)
    return Admit::full;
  Mix& mix = mix_of(connection);
  return session.request(token_of(intended, mix), stage_.now, mix.size(),
                         [&mix](std::uint32_t sequence_number, std::uint8_t* to) {
                           return mix.write(sequence_number, to);
                         });
}

void Submitter::note_lateness(Nanos intended) {
  if (const auto late = full_windows_.lateness(intended, stage_.now.mono))
    timeline_.lateness().record(*late);
  else
    timeline_.hold();
}

Nanos Submitter::next() const {
  return pacer_ && pacer_->next() > stage_.now.mono ? pacer_->next() : never;
}

void Submitter::note_backlog(std::uint64_t settled) {
  if (!pacer_) return;
  const Nanos now = stage_.now.mono;
  const std::uint64_t unsent = std::min(pacer_->behind(now), remaining_);
  backlog_.note(now, report_.submitted + unsent, settled);
}

void Submitter::finish(Nanos due_until) {
  if (pacer_) report_.not_submitted = std::min(pacer_->behind(due_until), remaining_);
  report_.backlog_growth = backlog_.growth();
}

}  // namespace ringgate::load

#include "load/binds.h"

#include <algorithm>
#include <cstdio>
#include <span>
#include <string_view>
#include <utility>

#include "base/units.h"
#include "load/bind_causes.h"

namespace ringgate::load {

namespace {

// Binds begun and not answered: more would only wait in the server's backlog. Storms have no such
// bound, as clients that know nothing of each other have none.
constexpr std::size_t binding_max = 64;
constexpr unsigned losses_told_max = 3;

std::span<const smpp::Command> commands_of(Mode mode) {
  static constexpr smpp::Command trx[] = {smpp::Command::bind_transceiver};
  static constexpr smpp::Command tx[] = {smpp::Command::bind_transmitter};
  static constexpr smpp::Command tx_rx[] = {smpp::Command::bind_transmitter,
                                            smpp::Command::bind_receiver};
  if (mode == Mode::trx) return trx;
  if (mode == Mode::tx) return tx;
  return tx_rx;
}

std::string quoted(const std::string& text) { return "\"" + printable(text) + "\""; }

std::string causes_text(std::string_view causes) {
  return causes.empty() ? std::string() : "; possible causes: " + std::string(causes);
}

std::string bind_text(const Place& place) {
  return std::string(smpp::command_name(place.command)) + " of " + quoted(place.account->system_id);
}

bool is_back(const Connection& connection) { return connection.bound && connection.wanted_at == 0; }

}  // namespace

Binds::Binds(const Options& options, Crew& crew, const Share& share, const Stage& stage,
             Connections& connections, Wires& wires, Submitter& submitter, Inbox& inbox,
             Report& report)
    : options_(options),
      crew_(crew),
      share_(share),
      stage_(stage),
      connections_(connections),
      wires_(wires),
      submitter_(submitter),
      inbox_(inbox),
      report_(report),
      rebinds_(options.rebinds, options.seed + share.index) {}

// ---- beginning

void Binds::open() {
  connecting_since_ = stage_.now.mono;
  connect_due();
}

void Binds::connect_due() {
  const std::span<const smpp::Command> commands = commands_of(options_.mode);
  // Neighbours belong to different accounts, and so often to different shards.
  while (!crew_.failed() && next_connect() <= stage_.now.mono) {
    const std::size_t index = connections_.size();
    const std::size_t pair = index / commands.size() * share_.count + share_.index;
    const Place place{static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(pair),
                      &options_.accounts[pair % options_.accounts.size()],
                      commands[index % commands.size()]};
    connect(connections_.add(place, stage_.now));
  }
}

/// When the next bind may begin; `never`: none is left, or others are to be answered first.
Nanos Binds::next_connect() const {
  const std::size_t begun = connections_.size(), all = connection_count(options_, share_);
  if (stage_.phase != Phase::binding || begun == all || binding_ >= binding_max) return never;
  if (options_.bind_rate == 0) return connecting_since_;
  // Each thread has its part of the rate.
  const double rate = options_.bind_rate *
                      static_cast<double>(part_of(pair_count(options_), share_)) /
                      static_cast<double>(pair_count(options_));
  const std::size_t pairs = begun / kinds_of(options_);
  return connecting_since_ + static_cast<Nanos>(static_cast<double>(pairs) / rate * 1e9);
}

void Binds::connect(Connection& connection) {
  if (std::string fault = wires_.open(connection); !fault.empty()) {
    connection.over = true;
    if (!comes_back()) return fail(std::move(fault));
    ++report_.rebinds.failed;
    ++connection.failures;
    return on_closed(connection);
  }
  ++binding_;
}

void Binds::on_connected(Connection& connection) {
  smpp::Bind body;
  body.system_id = connection.place.account->system_id;
  body.password = connection.place.account->password;
  body.interface_version = options_.interface_version;
  connection.session.bind(connection.place.command, body, options_.window, stage_.now);
}

void Binds::on_bound(Connection& connection, const SmppEvent& event) {
  if (event.status != Status::ESME_ROK) return on_refused(connection, event.status);
  const Nanos now = stage_.now.mono;
  connection.bound = true;
  connection.bound_at = now;
  connection.ends_at = rebinds_.end_of_bind(now);
  if (stage_.phase == Phase::binding) {
    --binding_;
    ++bound_;
    submitter_.add(connection);
    connect_due();
    // Whoever is bound waits for the others.
    if (all_are_bound()) crew_.bound(now);
    return;
  }
  ++report_.rebinds.done;
  report_.rebind_histogram.record(static_cast<std::uint64_t>(now - connection.wanted_at));
  connection.wanted_at = 0;
  if (stage_.phase == Phase::running) submitter_.add(connection);
}

void Binds::on_refused(const Connection& connection, Status status) {
  // lose() follows.
  if (comes_back()) return report_.rebinds.refusals.add(status);
  char number[16];
  std::snprintf(number, sizeof number, "0x%08X", static_cast<unsigned>(status));
  fail(bind_text(connection.place) +
       " refused: " + (status_row(status) == nullptr ? "" : status_text(status) + " ") + "(" +
       number + ")" + causes_text(bind_causes(status)));
}

void Binds::start_run(Nanos at) {
  report_.connections = bound_;
  rebinds_.start(at);
  for (const auto& connection : connections_) {
    connection->ends_at = rebinds_.end_of_bind(at);
    // Lost before the last one was bound.
    if (connection->over && connection->fd < 0) on_closed(*connection);
  }
}

// ---- ending

void Binds::look_after_all() {
  for (const auto& connection : connections_) {
    if (connection->over) continue;
    SmppSession& session = connection->session;
    if (session.deadline() <= stage_.now.mono) {
      session.on_deadline(stage_.now);
      inbox_.take(*connection);
      // Who has not answered in time may not read a farewell either.
      if (session.close_cause() != CloseCause::none)
        lose(*connection, std::string(close_cause_name(session.close_cause())));
      else
        wires_.mark(*connection);
    }
    if (!connection->over) look_after(*connection);
  }
}

/// What is due of a connection that is not over.
void Binds::look_after(Connection& connection) {
  const Nanos now = stage_.now.mono;
  if (connection.paused_until != 0 && connection.paused_until <= now) {
    connection.paused_until = 0;
    wires_.mark(connection);
  }
  SmppSession& session = connection.session;
  if (stage_.phase == Phase::running && connection.ends_at <= now && !connection.leaving &&
      !session.unbinding()) {
    connection.leaving = true;
    submitter_.remove(connection);
  }
  // With all answers, those that it owes as well: else what it was asked would be asked again.
  if (connection.leaving && session.window().open_count() == 0 && session.open_requests() == 0 &&
      !session.unbinding()) {
    connection.wanted_at = now;
    session.start_unbind(CloseCause::unbound, stage_.now);
    wires_.mark(connection);
  }
}

void Binds::start_unbind() {
  rebinds_.forget();
  for (const auto& connection : connections_) {
    if (connection->over) continue;
    if (!connection->bound) {
      lose(*connection, "");
      continue;
    }
    connection->session.start_unbind(CloseCause::unbound, stage_.now);
    wires_.mark(*connection);
  }
}

void Binds::lose(Connection& connection, const std::string& why) {
  if (connection.over) return;
  connection.over = true;
  if (connection.wanted_at == 0) connection.wanted_at = stage_.now.mono;
  const bool was_asked = connection.session.bind_asked();
  connection.session.on_closed(CloseCause::peer);
  inbox_.take(connection);
  note_violations(connection);
  submitter_.remove(connection);
  note_lost(connection, why, was_asked);
  wires_.end(connection);
}

void Binds::note_lost(Connection& connection, const std::string& why, bool was_asked) {
  const bool ours = stage_.phase == Phase::unbinding || crew_.failed() || connection.leaving ||
                    connection.cut || connection.session.close_cause() == CloseCause::inactivity;
  if (!connection.bound && comes_back()) {
    if (connection.cut) return;
    ++report_.rebinds.failed;
    ++connection.failures;
  } else if (!connection.bound && !ours) {
    fail(was_asked ? wires_.server() + " did not answer " + bind_text(connection.place) + ": " +
                         why + causes_text(silence_causes())
                   : why);
  } else if (!ours) {
    if (++report_.connections_lost <= losses_told_max)
      crew_.screen().say("ringgate-load: a connection is lost: " + why);
    // Who binds us and ends us at once is not asked again at once.
    constexpr Nanos brief = seconds(1);
    connection.failures =
        stage_.now.mono - connection.bound_at < brief ? connection.failures + 1 : 0;
  } else {
    connection.failures = 0;
  }
}

void Binds::note_violations(const Connection& connection) {
  report_.violations.malformed += connection.session.peer_faults().malformed;
  report_.violations.unasked += connection.session.peer_faults().unasked;
}

void Binds::finish() {
  for (const auto& connection : connections_)
    if (!connection->over) note_violations(*connection);
  report_.rebinds.wanted = rebinds_.wanted();
}

void Binds::fail(std::string text) { crew_.fail(Error{ErrorCode::io, 0, std::move(text)}); }

// ---- binding again

bool Binds::comes_back() const {
  const bool goes_on = stage_.phase == Phase::running || stage_.phase == Phase::draining ||
                       stage_.phase == Phase::receipts;
  return rebinds_.wanted() && goes_on && !crew_.failed();
}

void Binds::on_closed(const Connection& connection) {
  if (comes_back()) rebinds_.expect(connection.place.index, stage_.now.mono, connection.failures);
}

bool Binds::all_are_back() const {
  return !comes_back() || std::ranges::all_of(connections_, [](const auto& connection) {
    return is_back(*connection);
  });
}

/// Their time counts as far as it was seen.
void Binds::note_missing() {
  if (!rebinds_.wanted()) return;
  for (const auto& connection : connections_) {
    if (is_back(*connection)) continue;
    ++report_.rebinds.missing;
    report_.rebind_histogram.record(
        static_cast<std::uint64_t>(stage_.now.mono - connection->wanted_at));
  }
}

/// At the beginning of a turn, when no list refers to a connection that is over.
void Binds::come_back_due() {
  while (const auto index = rebinds_.take_return(stage_.now.mono))
    connect(connections_.renew(*index, stage_.now));
}

/// As when a network or a machine fails: nobody says a word. Not at the very end: nobody would see
/// how it ends.
void Binds::cut_due() {
  if (stage_.phase != Phase::running || rebinds_.next_storm() > stage_.now.mono ||
      rebinds_.next_storm() >= stage_.deadline) [[likely]]
    return;
  rebinds_.pass_storm(stage_.now.mono);
  for (const auto& connection : connections_) {
    if (connection->over) continue;
    connection->cut = true;
    lose(*connection, "");
  }
}

Nanos Binds::next() const {
  Nanos next = std::min(rebinds_.next_return(), next_connect());
  if (stage_.phase == Phase::running) next = std::min(next, rebinds_.next_storm());
  return next;
}

}  // namespace ringgate::load

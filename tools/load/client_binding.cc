// The life of a client's connections: made, bound, ended, and made again.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <span>
#include <system_error>
#include <utility>

#include "load/bind_causes.h"
#include "load/client.h"

namespace ringgate::load {

namespace {

// Binds begun and not answered: more would only wait in the server's backlog. Storms have no such
// bound, as clients that know nothing of each other have none.
constexpr std::size_t binding_max = 64;
constexpr unsigned losses_told_max = 3;

std::string quoted(const std::string& text) { return "\"" + printable(text) + "\""; }

std::string connect_failure(int os_errno, const std::string& server) {
  switch (os_errno) {
    case ECONNREFUSED:
      return "nothing listens on " + server + "; is the server running?";
    case EADDRNOTAVAIL:
      return "no local port is left for another connection to " + server;
    default:
      return "cannot connect to " + server + ": " + std::system_category().message(os_errno);
  }
}

std::string causes_text(std::string_view causes) {
  return causes.empty() ? std::string() : "; possible causes: " + std::string(causes);
}

}  // namespace

// ---- beginning

void Client::start_connects() {
  static constexpr smpp::Command trx[] = {smpp::Command::bind_transceiver};
  static constexpr smpp::Command tx[] = {smpp::Command::bind_transmitter};
  static constexpr smpp::Command tx_rx[] = {smpp::Command::bind_transmitter,
                                            smpp::Command::bind_receiver};
  const std::span<const smpp::Command> commands =
      options_.mode == Mode::trx  ? std::span<const smpp::Command>(trx)
      : options_.mode == Mode::tx ? std::span<const smpp::Command>(tx)
                                  : std::span<const smpp::Command>(tx_rx);
  // Neighbours belong to different accounts, and so often to different shards.
  while (!crew_.failed() && next_connect() <= now_.mono) {
    const std::size_t index = connections_.size();
    const std::size_t pair = index / commands.size() * share_.count + share_.index;
    const Place place{static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(pair),
                      &options_.accounts[pair % options_.accounts.size()],
                      commands[index % commands.size()]};
    connections_.push_back(
        std::make_unique<Connection>(place, limits_, SessionPools{tx_pool_, carry_pool_}, now_));
    connect(*connections_.back());
  }
}

/// When the next bind may begin; `never`: none is left, or others are to be answered first.
Nanos Client::next_connect() const {
  const std::size_t begun = connections_.size(), all = connection_count(options_, share_);
  if (begun == all || binding_ >= binding_max) return never;
  if (options_.bind_rate == 0) return connecting_since_;
  // Each thread has its part of the rate.
  const double rate = options_.bind_rate *
                      static_cast<double>(part_of(pair_count(options_), share_)) /
                      static_cast<double>(pair_count(options_));
  const std::size_t pairs = begun / kinds_of(options_);
  return connecting_since_ + static_cast<Nanos>(static_cast<double>(pairs) / rate * 1e9);
}

void Client::connect(Connection& connection) {
  if (std::string fault = open_socket(connection); !fault.empty()) {
    connection.over = true;
    if (!comes_back()) return fail(std::move(fault));
    ++report_.rebinds.failed;
    ++connection.failures;
    return expect_back(connection);
  }
  ++open_;
  ++binding_;
  uring::tune_accepted(connection.fd);
  connection.connecting = true;
  uring::prep_connect(ring_.sqe(), connection.fd, endpoints_.server.raw(), endpoints_.server.size,
                      user_data(Kind::connect, connection));
}

/// What is wrong, or nothing. The port of a local address is chosen when the server's is known: an
/// address has as many to each server.
std::string Client::open_socket(Connection& connection) {
  const uring::SocketAddress& server = endpoints_.server;
  connection.fd = socket(server.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection.fd < 0)
    return errno == EMFILE ? "no file descriptor is left: raise the limit (`ulimit -n`)"
                           : connect_failure(errno, server.text());
  if (endpoints_.from.empty()) return {};
  const uring::SocketAddress& from =
      endpoints_.from[connection.place.pair % endpoints_.from.size()];
  const int yes = 1;
  setsockopt(connection.fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
  if (bind(connection.fd, from.raw(), from.size) == 0) return {};
  const std::string why = std::system_category().message(errno);
  close(connection.fd);
  connection.fd = -1;
  return "cannot connect from the addresses of --from: " + why;
}

void Client::on_connect(Connection& connection, int result) {
  connection.connecting = false;
  if (connection.over) return close_if_quiet(connection);
  if (result < 0) return lose(connection, connect_failure(-result, endpoints_.server.text()));
  arm_receive(connection);
  if (make_channel_) {
    connection.channel = make_channel_();
    connection.channel->shake();
  }
  smpp::Bind body;
  body.system_id = connection.place.account->system_id;
  body.password = connection.place.account->password;
  body.interface_version = options_.interface_version;
  connection.session.bind(connection.place.command, body, options_.window, now_);
  mark_dirty(connection);
}

void Client::on_bound(Connection& connection, const SmppEvent& event) {
  if (event.status != Status::ESME_ROK) {
    if (comes_back()) {  // lose() follows
      report_.rebinds.refusals.add(event.status);
      return;
    }
    char number[16];
    std::snprintf(number, sizeof number, "0x%08X", static_cast<unsigned>(event.status));
    return fail(std::string(smpp::command_name(connection.place.command)) + " of " +
                quoted(connection.place.account->system_id) + " refused: " +
                (status_row(event.status) == nullptr ? "" : status_text(event.status) + " ") + "(" +
                number + ")" + causes_text(bind_causes(event.status)));
  }
  connection.bound = true;
  connection.bound_at = now_.mono;
  connection.ends_at = rebinds_.end_of_bind(now_.mono);
  if (phase_ == Phase::binding) {
    --binding_;
    ++bound_;
    begin_submits(connection);
    start_connects();
    begin_together();
    return;
  }
  ++report_.rebinds.done;
  report_.rebind_histogram.record(static_cast<std::uint64_t>(now_.mono - connection.wanted_at));
  connection.wanted_at = 0;
  if (phase_ == Phase::running) begin_submits(connection);
}

void Client::begin_submits(Connection& connection) {
  if (connection.place.command == smpp::Command::bind_receiver || options_.idle_binds != 0) return;
  connection.submits = true;
  if (mix_.has_parts() && !connection.mix) {
    const auto pairs = static_cast<double>(pair_count(options_));
    connection.mix =
        std::make_unique<Mix>(options_.messages, connection.place.pair / pairs, references_);
  }
  submitters_.push_back(&connection);
}

/// The others keep their turns.
void Client::end_submits(Connection& connection) {
  if (!connection.submits) return;
  connection.submits = false;
  const auto at = std::ranges::find(submitters_, &connection);
  if (static_cast<std::size_t>(at - submitters_.begin()) < next_submitter_) --next_submitter_;
  submitters_.erase(at);
  if (next_submitter_ >= submitters_.size()) next_submitter_ = 0;
}

// ---- ending

// The connection has ended, by our unbind or for some other reason.
void Client::lose(Connection& connection, const std::string& why) {
  if (connection.over) return;
  connection.over = true;
  if (connection.wanted_at == 0) connection.wanted_at = now_.mono;
  SmppSession& session = connection.session;
  const bool was_asked = session.bind_asked();
  session.on_closed(CloseCause::peer);
  take_events(connection);
  note_violations(connection);
  end_submits(connection);
  const bool ours = phase_ == Phase::unbinding || crew_.failed() || connection.leaving ||
                    connection.cut || session.close_cause() == CloseCause::inactivity;
  if (!connection.bound && comes_back()) {
    if (!connection.cut) {
      ++report_.rebinds.failed;
      ++connection.failures;
    }
  } else if (!connection.bound && !ours) {
    fail(was_asked ? endpoints_.server.text() + " did not answer " +
                         std::string(smpp::command_name(connection.place.command)) + " of " +
                         quoted(connection.place.account->system_id) + ": " + why +
                         causes_text(silence_causes())
                   : why);
  } else if (!ours) {
    if (++report_.connections_lost <= losses_told_max)
      crew_.screen().say("ringgate-load: a connection is lost: " + why);
    // Who binds us and ends us at once is not asked again at once.
    constexpr Nanos brief = seconds(1);
    connection.failures = now_.mono - connection.bound_at < brief ? connection.failures + 1 : 0;
  } else {
    connection.failures = 0;
  }
  if (connection.receiving || connection.sending || connection.connecting)
    uring::prep_cancel_fd(ring_.sqe(), connection.fd, uring::UserData{});
  close_if_quiet(connection);
}

// A descriptor number must not be used again while the kernel works with it.
void Client::close_if_quiet(Connection& connection) {
  if (connection.fd < 0 || connection.receiving || connection.sending || connection.connecting)
    return;
  close(connection.fd);
  connection.fd = -1;
  --open_;
  expect_back(connection);
}

void Client::note_violations(const Connection& connection) {
  report_.violations.malformed += connection.session.peer_faults().malformed;
  report_.violations.unasked += connection.session.peer_faults().unasked;
}

// ---- binding again

bool Client::comes_back() const {
  const bool goes_on =
      phase_ == Phase::running || phase_ == Phase::draining || phase_ == Phase::receipts;
  return rebinds_.wanted() && goes_on && !crew_.failed();
}

/// Where those that are lost come back at all.
void Client::expect_back(Connection& connection) {
  if (!comes_back()) return;
  returning_.push_back(
      {connection.place.index, rebinds_.next_attempt(now_.mono, connection.failures)});
}

bool Client::all_are_back() const {
  return !comes_back() || std::ranges::all_of(connections_, [](const auto& connection) {
    return connection->bound && connection->wanted_at == 0;
  });
}

/// Their time counts as far as it was seen.
void Client::note_missing() {
  if (!rebinds_.wanted()) return;
  for (const auto& connection : connections_) {
    if (connection->bound && connection->wanted_at == 0) continue;
    ++report_.rebinds.missing;
    report_.rebind_histogram.record(static_cast<std::uint64_t>(now_.mono - connection->wanted_at));
  }
}

/// At the beginning of a turn, when no list refers to a connection that is over.
void Client::come_back() {
  for (std::size_t i = 0; i < returning_.size();) {
    if (returning_[i].at > now_.mono) {
      ++i;
      continue;
    }
    std::unique_ptr<Connection>& slot = connections_[returning_[i].index];
    returning_[i] = returning_.back();
    returning_.pop_back();
    auto next = std::make_unique<Connection>(slot->place, limits_,
                                             SessionPools{tx_pool_, carry_pool_}, now_);
    next->mix = std::move(slot->mix);
    next->wanted_at = slot->wanted_at;
    next->failures = slot->failures;
    next->generation = slot->generation + 1;
    slot = std::move(next);
    connect(*slot);
  }
}

/// What is due of a connection that is not over.
void Client::look_after(Connection& connection) {
  if (connection.paused_until != 0 && connection.paused_until <= now_.mono) {
    connection.paused_until = 0;
    mark_dirty(connection);
  }
  SmppSession& session = connection.session;
  if (phase_ == Phase::running && connection.ends_at <= now_.mono && !connection.leaving &&
      !session.unbinding()) {
    connection.leaving = true;
    end_submits(connection);
  }
  // With all answers, those that it owes as well: else what it was asked would be asked again.
  if (connection.leaving && session.window().open_count() == 0 && session.open_requests() == 0 &&
      !session.unbinding()) {
    connection.wanted_at = now_.mono;
    session.start_unbind(CloseCause::unbound, now_);
    mark_dirty(connection);
  }
}

/// As when a network or a machine fails: nobody says a word.
void Client::cut_all() {
  rebinds_.pass_storm(now_.mono);
  for (const auto& connection : connections_) {
    if (connection->over) continue;
    connection->cut = true;
    lose(*connection, "");
  }
}

}  // namespace ringgate::load

// An ESME without its socket: what binds, is kept, submits and takes deliveries. Pure: octets,
// connections that came or went and the time go in; octets, wishes for connections and a deadline
// come out, and the program's handler is called.
//
// A turn: begin_turn, any number of on_*, end_turn; then the owner connects, sends and closes as is
// wished. Calls of the program may come at any time.
//
// Invariants:
//   - Every submit that was taken is in one place: in queue_, or in sent_ and the session's window.
//     Whoever takes it out of both tells the program.
//   - There is a session from on_connected to on_closed, and no other time.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ringgate/client.h>

#include "base/chunk_pool.h"
#include "base/octet_pool.h"
#include "esme/backoff.h"
#include "esme/open_deliveries.h"
#include "esme/queued_submit.h"
#include "esme/sent.h"
#include "session/smpp_session.h"

namespace ringgate {

/// What `options` have wrong, one line each; empty: nothing. Whether the address is one is for who
/// connects.
std::string client_faults(const ClientOptions& options);

/// One thread.
class Esme {
 public:
  /// `options` have no faults. The handler and the client that it is told of outlive this.
  Esme(const ClientOptions& options, ClientHandler& handler, Client& client, std::uint64_t seed,
       Now now);

  // The program.

  Posted submit(std::span<const Outgoing> messages, std::size_t& taken);
  /// One that can be said, before stop(), for whoever bounds how many there are.
  void submit(QueuedSubmit&& message);
  Posted answer(DeliveryTicket ticket, Status status);
  void stop();
  ClientState state() const { return state_; }

  // The connection.

  void begin_turn(Now now) { now_ = now; }
  void on_connected();
  /// It did not come about.
  void on_refused(std::string_view why);
  void on_octets(Octets octets);
  /// So many octets of output() have left.
  void on_sent(std::size_t count);
  /// No octets will come any more; on_closed follows once the owner has closed its end.
  void on_hangup();
  /// The socket is no more.
  void on_closed();
  void end_turn();

  // What the owner is to do.

  /// Once for each time that it is wished.
  bool take_connect_wish() { return std::exchange(wants_connection_, false); }
  /// The attempt takes too long: break it off, which ends with on_refused.
  bool wants_to_give_up() const {
    return state_ == ClientState::connecting && connect_until_ <= now_.mono;
  }
  /// What is to be sent next. It stays where it is until on_sent or on_closed.
  Octets output();
  bool has_output() const {
    return session_ != nullptr && lent_ == 0 && !session_->output().empty();
  }
  /// False while the peer does not read: what is to be said grows with each PDU of its.
  bool wants_to_read() const;
  /// All that was to be said has been.
  bool wants_close() const;
  Nanos deadline() const;

 private:
  bool can_write() const;
  Admit write(const Content& content, std::uint64_t token);
  bool has_room() const { return queue_.size() < options_.queue_max; }
  void send_queue();
  void read_events();
  void on_event(const SmppEvent& event);
  void on_response(const SmppEvent& event);
  void on_delivery(const SmppEvent& event);
  void tell();
  void lose(CloseCause cause, std::string_view text, Nanos retry);
  void give_up_queue();
  void finish_stopping();

  const ClientOptions options_;
  ClientHandler& handler_;
  Client& client_;
  SessionLimits limits_;
  OctetPool tx_;
  ChunkPool carry_;
  std::unique_ptr<SmppSession> session_;
  Backoff backoff_;
  SentSubmits sent_;
  std::deque<QueuedSubmit> queue_;
  OpenDeliveries open_;
  std::vector<Submitted> submitted_;  // not told yet; ids borrow from the octets of the turn
  std::vector<Delivery> deliveries_;  // the same
  Now now_;
  Nanos retry_at_;
  Nanos connect_until_ = never;
  Nanos bound_at_ = 0;
  Nanos stop_until_ = never;
  Nanos flush_until_ = never;        // what a session that is over has still to say
  std::uint64_t lent_ = 0;           // octets of the output that a send has
  std::uint64_t may_have_left_ = 0;  // stream position up to which octets were ever given to a send
  Status refusal_ = Status::ESME_ROK;
  std::uint32_t connection_ = 0;
  ClientState state_ = ClientState::waiting;
  bool wants_connection_ = false;
  bool stopping_ = false;
  bool stop_unseen_ = false;  // no turn has looked at it yet
  bool hung_up_ = false;      // nothing can be said any more
  bool closed_ = false;       // the socket is no more: what has not left never will
  bool told_full_ = false;
};

}  // namespace ringgate

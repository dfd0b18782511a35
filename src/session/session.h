// One link's state machine, as its owner sees it, whatever protocol it speaks. Pure: octets,
// commands and the time go in; octets, events and a deadline come out. The owner moves the octets.
//
// SmppSession is the one there is. Another protocol is a class beside it and a Protocol that makes
// it; a shard knows no more than what stands here.
#pragma once

#include <ringgate/options.h>

#include <limits>
#include <memory>
#include <span>
#include <string>

#include "base/units.h"
#include "message/message_id.h"
#include "message/record.h"
#include "session/byte_queue.h"
#include "session/event.h"
#include "session/window.h"

namespace ringgate {

class Quotes;

/// Shared by all sessions of an owner; the times are constant while they live.
struct SessionLimits {
  Nanos session_init = seconds(10);  ///< connect to successful bind
  Nanos enquire_link = seconds(30);  ///< silence after which we send enquire_link; 0 = never
  Nanos inactivity = seconds(120);   ///< bound without traffic other than enquire_link; 0 = never
  Nanos response = seconds(30);      ///< how long our requests wait
  Nanos pdu_read = seconds(10);      ///< from the first octet of a PDU to its last
  Nanos unbind = seconds(2);         ///< how long an unbound peer may take to close
  Nanos refusal_delay =
      seconds(1);  ///< a refused bind keeps its connection that long, to slow guessing down
  std::uint32_t pdu_size_max = 70'000;
  std::uint32_t unbound_pdu_size_max = 1024;  ///< before the bind: no bind is that long
  /// Whether binds may have passwords of more than 8 characters. As for the next one.
  bool long_passwords = false;
  /// How full the owner is, 0-100 as in 5.0 §4.8.4.18; the owner keeps it up to date between turns.
  std::uint8_t congestion_state = 0;
  const MessageIdCodec* ids = nullptr;  ///< outlives the sessions; null = ids are not permuted
};

/// Memory that sessions of one shard share. Outlives them.
struct SessionPools {
  OctetPool& tx;     ///< pieces of ByteQueue
  ChunkPool& carry;  ///< chunks for partial PDUs
};

/// A bind that was refused because a field of it cannot be read.
struct MalformedBind {
  std::string system_id;  ///< empty if that is the field
  std::string_view field;
  Status status = Status::ESME_ROK;
};

enum class Admit : std::uint8_t {
  ok,
  full,
  closed,
  unfit,  ///< this peer can never take it
};

/// What the first octets of a PDU that waits say of it.
struct HeldHead {
  static constexpr std::size_t size_max = 16;  ///< of these octets

  bool is_lost = false;       ///< there is no PDU to be found any more
  std::uint32_t size = 0;     ///< of the PDU; 0: they do not say yet
  bool may_overtake = false;  ///< it answers us, and need not wait for what came before it
};

/// Order of calls: on_bytes, then next_event until it returns false (or blocked() is true), then
/// settle, then take_rest if it was blocked. Commands may come between events. After any of these:
/// send output(), look at deadline() and close_cause(). One thread; nothing here blocks, allocates
/// per message, or reads a clock.
///
/// What the owner asks for with every octet is state of this class, and no call of the protocol's.
class Session {
 public:
  virtual ~Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Inputs.

  /// Octets from the peer, borrowed until settle(). Everything given before must have been
  /// consumed.
  virtual void on_bytes(Octets octets, Now now) = 0;
  /// Octets arrived that the owner holds back for now: the peer is alive, whatever they say.
  virtual void on_heard(Now now) = 0;
  /// A whole response out of octets that the owner holds back, ahead of what came before it; those
  /// octets are never given to on_bytes. True: it made an event. For bound sessions.
  virtual bool on_held_response(Octets pdu, Now now, Event& event) = 0;
  /// A request was seen among those octets. It comes to on_bytes in its turn.
  virtual void on_held_request() = 0;
  /// deadline() has come.
  virtual void on_deadline(Now now) = 0;
  /// The connection is gone; open requests come back as events with answered == false.
  virtual void on_closed(CloseCause cause) = 0;

  // Outputs.

  /// The next event, false when the input is used up. Protocol answers that need no decision are
  /// written meanwhile. What a message says goes straight to where it is wanted: to `content`,
  /// which holds nothing of use unless the event says so.
  virtual bool next_event(Event& event, Content& content) = 0;
  /// The owner is done with every view of this round: keeps the trailing part of a PDU, lets go of
  /// the rest.
  virtual void settle() = 0;
  /// While blocked: the octets not looked at yet. The owner keeps a copy and gives it to on_bytes
  /// later.
  virtual Octets take_rest() = 0;
  /// Of octets that the owner holds back.
  virtual HeldHead look_at(Octets head) const = 0;
  /// No further event will be produced for now: a bind decision is pending, submit_window requests
  /// are unanswered, or the allowance is used up.
  bool blocked() const {
    return bind_pending_ || open_requests_ >= submit_window_ || allowance_ <= 0;
  }

  // How much of the peer's input may be worked through before the owner turns to somebody else.
  // Without limit until the owner says otherwise.

  /// One for each PDU, and one more for each of these octets of it.
  static constexpr std::uint32_t octets_per_work = 256;
  static constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max() / 2;
  void allow(std::int64_t work) { allowance_ = work; }
  std::int64_t allowance() const { return allowance_; }
  /// A PDU has made more work than its size tells.
  void charge(std::int64_t work) { allowance_ -= work; }

  ByteQueue& output() { return output_; }
  const ByteQueue& output() const { return output_; }
  virtual Nanos deadline() const = 0;
  /// Anything but none: send what is in output(), then close.
  CloseCause close_cause() const { return close_cause_; }

  // Commands.

  /// Accepts the pending bind. `system_id` is ours; windows and quirks are the account's, and
  /// `quirks` outlives the session.
  virtual void accept_bind(std::string_view system_id, std::uint32_t submit_window,
                           std::uint32_t deliver_window, const QuirkOptions& quirks, Now now) = 0;
  /// The account of this bound session has changed: as for accept_bind. What the peer was told
  /// when it bound, its version and the form of ids, stays.
  virtual void revise(std::uint32_t submit_window, std::uint32_t deliver_window,
                      const QuirkOptions& quirks) = 0;
  /// The pending bind is decided elsewhere, until then: what limits the time to a bind does not end
  /// it before.
  virtual void await_verdict(Nanos until) = 0;
  /// Refuses the pending bind; the connection is closed after that delay.
  virtual void refuse_bind(Status status, Now now, Nanos delay) = 0;
  /// Answers a submit_sm or data_sm, or refuses any submit. `id` is used only with ESME_ROK.
  virtual void answer_submit(RecordKind submit, std::uint32_t sequence_number, Status status,
                             MessageId id) = 0;
  /// Answers a submit_multi of which at least one destination was accepted, and these were not.
  virtual void answer_submit_multi(std::uint32_t sequence_number, MessageId id,
                                   std::span<const Destination> failures) = 0;
  /// Answers an operation about the message or broadcast that the client knows as `id_text`.
  virtual void answer_operation(OperationKind operation, std::uint32_t sequence_number,
                                std::string_view id_text, const OperationAnswer& answer) = 0;
  /// Sends a message of a subscriber. `token` comes back with the response event.
  virtual Admit deliver(std::uint64_t token, Now now, const Content& message) = 0;
  /// Sends the receipt or intermediate notification of a message.
  virtual Admit deliver(std::uint64_t token, Now now, const MessageRecord& message,
                        Quotes& quotes) = 0;
  /// Tells that a subscriber can be reached again. False when this bind cannot be told.
  virtual bool alert(const Alert& alert) = 0;
  /// Asks a freshly connected ESME to bind (5.0 §2.2.2).
  virtual void outbind(std::string_view system_id, std::string_view password, Now now) = 0;
  /// The peer's unbind is answered once the last of its requests is.
  virtual void finish_unbind(Now now) = 0;
  /// Sends unbind and ends after the response, or after `grace`. Before a bind: ends at once.
  /// Again: the shorter time holds.
  virtual void start_unbind(CloseCause cause, Now now, Nanos grace) = 0;
  void start_unbind(CloseCause cause, Now now) { start_unbind(cause, now, limits_.unbind); }
  /// Asks a bound peer whether it lives: without an answer within that time the session ends. False
  /// where that means nothing, as it is not read, or on its way to its end.
  virtual bool probe(Now now, Nanos within) = 0;
  virtual void close(CloseCause cause) = 0;

  // State.

  virtual bool bound() const = 0;
  virtual bool can_receive() const = 0;
  /// Either side has said that it will unbind.
  virtual bool unbinding() const = 0;
  bool bind_pending() const { return bind_pending_; }
  /// As SMPP has it: what the peer understands, 0x34 for 3.4.
  std::uint8_t interface_version() const { return interface_version_; }
  /// How the peer reads and writes ids of messages.
  virtual IdStyle id_style() const = 0;
  /// When octets came last.
  Nanos last_heard() const { return last_heard_; }
  const Window& window() const { return window_; }
  std::uint32_t submit_window() const { return submit_window_; }
  std::uint32_t open_requests() const { return open_requests_; }
  std::uint64_t pdus_in() const { return pdus_in_; }
  /// Half a PDU, whose rest is still to come.
  virtual Octets begun() const = 0;
  /// Octets of memory that half a PDU holds.
  virtual std::uint32_t carried() const = 0;
  /// Where the framing was lost: what the peer seems to speak; empty if that is not known.
  virtual std::string_view foreign_protocol() const { return {}; }
  /// Binds that were refused here because a field was malformed; no event tells of those.
  std::uint32_t malformed_binds() const { return malformed_binds_; }
  /// The last of them.
  const MalformedBind& malformed_bind() const { return malformed_bind_; }

 protected:
  Session(const SessionLimits& limits, OctetPool& tx) : limits_(limits), output_(tx) {}

  const SessionLimits& limits_;
  ByteQueue output_;
  Window window_;
  Nanos last_heard_ = 0;
  std::int64_t allowance_ = unlimited;
  std::uint64_t pdus_in_ = 0;
  std::uint32_t open_requests_ = 0;
  std::uint32_t submit_window_ = 1;
  std::uint32_t malformed_binds_ = 0;
  std::uint8_t interface_version_ = 0x34;
  CloseCause close_cause_ = CloseCause::none;
  bool bind_pending_ = false;  // the owner has to decide
  MalformedBind malformed_bind_;
};

/// What makes sessions. Outlives them; any thread.
class Protocol {
 public:
  virtual std::unique_ptr<Session> make_session(const SessionLimits& limits, SessionPools pools,
                                                Now now) const = 0;

 protected:
  ~Protocol() = default;
};

}  // namespace ringgate

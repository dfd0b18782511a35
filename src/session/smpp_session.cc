#include "session/smpp_session.h"

#include <algorithm>

#include "base/rarely.h"

namespace ringgate {

using smpp::Command;
using smpp::Header;
using smpp::State;

namespace {

// Until a bind names the account.
const QuirkOptions standard_quirks;

constexpr Nanos after(Nanos start, Nanos period) { return period == 0 ? never : start + period; }

}  // namespace

SmppSession::SmppSession(Role role, const SessionLimits& limits, SessionPools pools, Now now)
    : Session(limits, pools.tx),
      quirks_(&standard_quirks),
      carry_(pools.carry),
      now_(now),
      init_deadline_(now.mono + limits.session_init),
      last_active_(now.mono),
      pdu_size_max_(role == Role::smsc ? std::min(limits.unbound_pdu_size_max, limits.pdu_size_max)
                                       : limits.pdu_size_max),
      role_(role) {
  last_heard_ = now.mono;
}

// ---- octets in

void SmppSession::on_bytes(Octets octets, Now now) {
  ASSERT(input_.empty());
  now_ = now;
  input_ = octets;
  if (!octets.empty()) last_heard_ = now.mono;
}

[[gnu::always_inline]] inline bool SmppSession::next_frame(Octets& frame) {
  // Only the first PDU of a round can lie in the carry; it stays there, for its views, until
  // settle().
  if (!carry_.empty() && !carry_used_) [[unlikely]] {
    const wire::Frame head = carry_.fill(input_, pdu_size_max_);
    if (head.state == wire::FrameState::lost) lose_framing(carry_.octets());
    if (head.state != wire::FrameState::whole) return false;
    pdu_deadline_ = never;
    carry_used_ = true;
    frame = carry_.octets();
    return true;
  }
  const wire::Frame head = wire::next_frame(input_, pdu_size_max_);
  if (head.state != wire::FrameState::whole) [[unlikely]] {
    if (head.state == wire::FrameState::lost) lose_framing(input_);
    return false;
  }
  frame = input_.first(head.size);
  input_ = input_.subspan(head.size);
  return true;
}

[[gnu::always_inline]] inline bool SmppSession::handle(Octets frame, Event& event) {
  const Header header = smpp::read_header(frame.data());
  if (header.command_id == static_cast<std::uint32_t>(Command::submit_sm) && role_ == Role::smsc &&
      (state_ == State::bound_trx || state_ == State::bound_tx)) [[likely]]
    return handle_submit_sm(header, frame, event);
  if (smpp::is_response(header.command_id)) return handle_response(header, frame, event);
  unwanted_responses_ = 0;
  return handle_request(header, frame, event);
}

bool SmppSession::next_event(SmppEvent& event, Content& content) {
  details_ = &event;
  const bool found = next_event(static_cast<Event&>(event), content);
  details_ = nullptr;
  return found;
}

bool SmppSession::next_event(Event& event, Content& content) {
  event.content = &content;
  // Requests that got no answer: those whose time is up, and all of them once the connection is
  // gone.
  if (over_ ? window_.take_oldest(event.token) : window_.take_expired(now_.mono, event.token))
      [[unlikely]] {
    event.kind = EventKind::response;
    name_command(Command::generic_nack);
    event.status = Status::ESME_RSYSERR;
    event.answered = false;
    event.message_id = {};
    return true;
  }
  Octets frame;
  while (close_cause_ == CloseCause::none && !blocked() && next_frame(frame)) {
    ++pdus_in_;
    allowance_ -= 1 + static_cast<std::int64_t>(frame.size() / octets_per_work);
    if (handle(frame, event)) return true;
  }
  return false;
}

bool SmppSession::on_held_response(Octets pdu, Now now, Event& event) {
  ASSERT(bound() && close_cause_ == CloseCause::none);
  now_ = now;
  ++pdus_in_;
  allowance_ -= 1 + static_cast<std::int64_t>(pdu.size() / octets_per_work);
  return handle_response(smpp::read_header(pdu.data()), pdu, event);
}

/// An unbind_resp ends the session: what was sent before it is refused first.
HeldHead SmppSession::look_at(Octets head) const {
  const wire::Frame frame = wire::next_frame(head, limits_.pdu_size_max);
  HeldHead out;
  out.is_lost = frame.state == wire::FrameState::lost;
  if (out.is_lost || frame.size == 0) return out;
  out.size = static_cast<std::uint32_t>(frame.size);
  if (head.size() < wire::pdu_header_size) return out;
  const Header header = smpp::read_header(head.data());
  out.may_overtake = smpp::is_response(header.command_id) &&
                     header.command_id != static_cast<std::uint32_t>(Command::unbind_resp);
  return out;
}

void SmppSession::settle() {
  if (carry_used_) {
    carry_.release();
    carry_used_ = false;
  }
  if (close_cause_ != CloseCause::none) {
    input_ = {};
    return;
  }
  if (input_.empty() || blocked()) return;
  // next_event has stopped at the head of a PDU whose rest is still to come.
  carry_.fill(input_, pdu_size_max_);
  ASSERT(input_.empty());
  pdu_deadline_ = now_.mono + limits_.pdu_read;
}

Octets SmppSession::take_rest() {
  const Octets rest = input_;
  input_ = {};
  return rest;
}

void SmppSession::lose_framing(Octets head) {
  // The sequence_number is echoed where it has arrived; otherwise 0 says "the header could not be
  // used".
  const std::uint32_t sequence =
      head.size() >= wire::pdu_header_size ? load_be32(head.data() + 12) : 0;
  ++peer_faults_.malformed;
  write_empty(static_cast<std::uint32_t>(Command::generic_nack), Status::ESME_RINVCMDLEN, sequence);
  foreign_protocol_ = wire::foreign_protocol(head);
  close(CloseCause::framing);
}

// ---- the end

void SmppSession::close(CloseCause cause) {
  // A peer that closes after its unbind, or during ours, ends for that reason and not for its own.
  if (cause == CloseCause::peer && closing_because_ != CloseCause::none) cause = closing_because_;
  if (close_cause_ == CloseCause::none) close_cause_ = cause;
  input_ = {};
}

void SmppSession::on_heard(Now now) {
  last_heard_ = last_active_ = now.mono;
  enquire_deadline_ = never;
}

void SmppSession::on_closed(CloseCause cause) {
  ASSERT(cause != CloseCause::none);
  close(cause);
  over_ = true;
}

// ---- time

Nanos SmppSession::deadline() const {
  if (close_cause_ != CloseCause::none) return never;
  Nanos at = std::min(init_deadline_, pdu_deadline_);
  at = std::min(at, closing_deadline_);
  at = std::min(at, window_.deadline());
  if (bound()) {
    if (enquire_deadline_ != never)
      at = std::min(at, enquire_deadline_);
    else
      at = std::min(at, after(last_heard_, limits_.enquire_link));
    if (!unbinding_) at = std::min(at, after(last_active_, limits_.inactivity));
  }
  return at;
}

void SmppSession::on_deadline(Now now) {
  now_ = now;
  if (close_cause_ != CloseCause::none) return;
  if (closing_deadline_ <= now.mono) return close(closing_because_);
  if (init_deadline_ <= now.mono) return close(CloseCause::session_init);
  if (pdu_deadline_ <= now.mono) return close(CloseCause::pdu_read);
  if (!bound()) return;
  // While the window holds the peer back, its answers are not heard, so its silence proves nothing.
  if (blocked()) return on_heard(now);
  // Whoever was probed has shown that he lives by whatever he has said since.
  if (enquire_deadline_ <= now.mono && last_heard_ > probed_at_) enquire_deadline_ = never;
  if (enquire_deadline_ <= now.mono) return close(CloseCause::enquire_link);
  if (after(last_active_, limits_.inactivity) <= now.mono && !unbinding_)
    return start_unbind(CloseCause::inactivity, now);
  const bool is_silent =
      after(last_heard_, limits_.enquire_link) <= now.mono ||
      (limits_.enquire_link != 0 && RARELY("a peer is asked early whether it lives"));
  if (enquire_deadline_ == never && is_silent) ask_for_life(now.mono + limits_.response);
  // Requests that waited too long come out of next_event.
}

void SmppSession::ask_for_life(Nanos until) {
  write_empty(static_cast<std::uint32_t>(Command::enquire_link), Status::ESME_ROK,
              window_.take_sequence());
  enquire_deadline_ = until;
  probed_at_ = never;
}

bool SmppSession::probe(Now now, Nanos within) {
  if (!bound() || unbinding_ || close_cause_ != CloseCause::none || blocked()) return false;
  const Nanos until = now.mono + within;
  const bool is_asked = enquire_deadline_ != never;
  const bool is_probed = is_asked && probed_at_ != never;
  // It has its time already: no more, and no less.
  if (is_probed && last_heard_ <= probed_at_) return true;
  if (is_asked && !is_probed)
    enquire_deadline_ = std::min(enquire_deadline_, until);
  else
    ask_for_life(until);
  probed_at_ = now.mono;
  return true;
}

}  // namespace ringgate

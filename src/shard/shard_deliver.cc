// Receipts: from the outcome to the bind that takes it, and back.
//
//   owner ── receipt ──> home: outbox ── deliver ──> bearer ──> deliver_sm
//   owner <── ended ──── home <── attempt_over ───── bearer <── deliver_sm_resp
//
// The short way: the submitting bind is on this shard and free, and nothing of its account waits
// elsewhere. Then owner and bearer are one, and home hears of the receipt only if the attempt
// fails.
#include <algorithm>

#include "base/rarely.h"
#include "routing/deliver_action.h"
#include "shard/shard.h"

namespace ringgate {
namespace {

// The lowest bit of a record's address is free and says which way the receipt came.
constexpr std::uint64_t from_home_bit = 1;
static_assert(alignof(MessageRecord) > from_home_bit);

/// The application that the receipt or MO is for.
StoredAddress delivered_to(const MessageRecord& record) {
  if (record.kind != RecordKind::mo) return record.source;
  ASSERT(record.parcel != nullptr);
  StoredAddress esme;
  esme.set(record.parcel->content->destination);
  return esme;
}

}  // namespace

// ---- owner

void Shard::send_receipt(MessageRecord& record) {
  ASSERT(record.responded && record.reported);
  if (record.notice_open) return;
  if (record.kind != RecordKind::notice && !wants_receipt(record.wish, record.outcome.state))
    return release(record);
  const Account& account = directory_.at(record.account);
  Connection* const submitter = links_.find(record.submitter);
  if (submitter != nullptr && submitter->receives &&
      account.options.receipts != ReceiptRouting::round_robin && account.state->short_way_open() &&
      !RARELY("the short way is closed")) {
    // On the connection of its submit_sm_resp a receipt cannot overtake it.
    if (attempt(record, submitter, false) == Attempt::delivered) return;
  }
  // On any other connection it could: it waits until the response has been handed to the kernel.
  if (submitter != nullptr && !submitter->over &&
      submitter->session.output().popped() < record.response_end) {
    submitter->awaiting_send.push_back(record);
    return;
  }
  send_receipt_home(record);
}

void Shard::send_receipt_home(MessageRecord& record) {
  ASSERT(record.owner_shard == options_.index);
  // Whatever happens after this, the receipt must say the same after a crash.
  if (safe_.keeps() && record.journal_batch > safe_.durable()) {
    until_safe_.add(record);
    return;
  }
  if (home_of(record.account) == options_.index) return home_receipt(record);
  world_.mesh.post(home_of(record.account), make_mail(MailKind::receipt, record));
}

void Shard::release_awaiting(Connection& connection, bool all) {
  const std::uint64_t popped = connection.session.output().popped();
  while (MessageRecord* const record = connection.awaiting_send.front()) {
    if (!all && record->response_end > popped) return;
    connection.awaiting_send.remove(*record);
    send_receipt_home(*record);
  }
}

void Shard::owner_end(MessageRecord& record, DeliverResult how) {
  ASSERT(record.owner_shard == options_.index);
  if (record.kind == RecordKind::notice) return notice_over(record);
  if (record.kind == RecordKind::mo) {
    AccountState& state = *directory_.at(record.account).state;
    const std::uint32_t open = state.mo_open.fetch_sub(1, std::memory_order_relaxed);
    ASSERT(open != 0);
  }
  const MessageId id = record.id;
  record.end = how;
  release(record);
  backend_.on_delivered(id, how, *this);
}

// ---- bearer

/// Attempt::delivered here means "sent"; how it ends is heard of in on_response. Attempt::refused:
/// the peer's version cannot take it.
Attempt Shard::attempt(MessageRecord& record, Connection* connection, bool from_home) {
  ASSERT(!record.link.linked());
  connection = door(connection, record.account, "a receipt or message");
  if (connection == nullptr || connection->over || !connection->session.can_receive())
    return Attempt::closed;
  // What is in the journal is safe there; the session shall come to its end.
  if (draining_ && safe_.keeps()) return Attempt::closed;
  if (connection->session.output().size() > tx_backlog_max || RARELY("a bind is full"))
    return Attempt::full;
  const std::uint64_t token =
      reinterpret_cast<std::uint64_t>(&record) | (from_home ? from_home_bit : 0);
  Session& session = connection->session;
  const Admit admit = record.kind == RecordKind::mo
                          ? session.deliver(token, now_, *record.parcel->content)
                          : session.deliver(token, now_, record, quotes_);
  if (admit == Admit::unfit) return Attempt::refused;
  if (admit != Admit::ok) return admit == Admit::full ? Attempt::full : Attempt::closed;
  counters_.delivers_sent.add();
  links_.touch(*connection);
  return Attempt::delivered;
}

void Shard::on_response(Connection& connection, const Event& event) {
  auto& record = *reinterpret_cast<MessageRecord*>(event.token & ~from_home_bit);
  ASSERT(connection.serves(record.account) || PLANTED("no door"));
  Attempt how = Attempt::unanswered;
  if (event.answered) {
    switch (deliver_action(event.status)) {
      case DeliverAction::done:
        how = Attempt::delivered;
        break;
      case DeliverAction::refuse:
        how = Attempt::refused;
        break;
      case DeliverAction::suspend:
        how = Attempt::suspended;
        break;
      case DeliverAction::retry:
        how = Attempt::later;
        break;
    }
  }
  if (how == Attempt::delivered) counters_.delivers_ok.add();
  attempt_over(record, {connection.id, static_cast<std::uint16_t>(options_.index)},
               (event.token & from_home_bit) != 0, how);
}

void Shard::attempt_over(MessageRecord& record, BindRef bind, bool from_home, Attempt how) {
  if (!from_home) {
    ASSERT(record.owner_shard == options_.index);
    if (how == Attempt::delivered) return owner_end(record, DeliverResult::delivered);
    if (how == Attempt::refused) {
      counters_.delivers_refused.add();
      return owner_end(record, DeliverResult::refused);
    }
    // It ended with its connection before its octets were allowed to leave.
    if (safe_.keeps() && record.journal_batch > safe_.durable()) return until_safe_.add(record);
  }
  if (home_of(record.account) == options_.index)
    return home_attempt_over(record, bind, from_home, how);
  const auto code = static_cast<std::uint8_t>(static_cast<std::uint8_t>(how) |
                                              (from_home ? attempt_from_home : 0));
  world_.mesh.post(home_of(record.account),
                   make_mail(MailKind::attempt_over, record, bind.link, code, bind.shard));
}

// ---- home

void Shard::home_receipt(MessageRecord& record) {
  ASSERT(home_of(record.account) == options_.index);
  const Nanos at = std::max(now_.mono + seconds(record.put_off_s), suspended_until(record));
  record.put_off_s = 0;
  if (at <= now_.mono) return outboxes_.push_back(record, now_.mono);
  rest_until(record, at);
}

/// The record comes back to home_receipt().
void Shard::rest_until(MessageRecord& record, Nanos at) {
  ASSERT(at > now_.mono && !record.timer.armed());
  if (record.expires_at <= now_.mono) return home_expire(record);
  if (RARELY("a rest ends early")) at = now_.mono + 1;
  retry_timers_.arm(record.timer, std::min(at, record.expires_at));
}

/// The client does not want anything for that destination for now (contract: RX_P_APPN).
void Shard::suspend(const MessageRecord& record) {
  ASSERT(home_of(record.account) == options_.index);
  counters_.delivers_suspended.add();
  const auto made = suspensions_.suspend(record.account, delivered_to(record), now_.mono);
  if (made == Suspensions::Made::displaced) counters_.suspensions_lost.add();
}

/// Until when the record's destination is left alone; 0: it is not.
Nanos Shard::suspended_until(const MessageRecord& record) {
  return suspensions_.until(record.account, delivered_to(record), now_.mono);
}

void Shard::put_off(MessageRecord& record, Nanos delay) {
  ASSERT(delay > 0 && record.attempts != 0);
  ASSERT(!record.timer.armed());
  retry_timers_.arm(record.timer, now_.mono + (RARELY("a retry comes early") ? 1 : delay));
  if (record.kind == RecordKind::notice) return;
  const auto delay_s = static_cast<std::uint8_t>(std::min<Nanos>(delay / seconds(1), 255));
  const auto slot = record.slot;
  if (record.owner_shard == options_.index) {
    if (safe_.keeps())
      safe_.keep_retry(slot, record.id, record.attempts,
                       static_cast<std::uint32_t>(now_.wall_s + delay_s));
    return;
  }
  world_.mesh.post(record.owner_shard, {static_cast<std::uint8_t>(MailKind::put_off), delay_s,
                                        record.attempts, record.account, slot, record.id.value});
}

void Shard::home_attempt_over(MessageRecord& record, BindRef bind, bool from_home, Attempt how) {
  ASSERT(home_of(record.account) == options_.index);
  // What took the short way has no place in the outbox's count of what its binds hold.
  if (how == Attempt::full)
    outboxes_.give_back_busy(record.account, bind, now_.mono);
  else if (from_home)
    outboxes_.give_back(record.account, bind, now_.mono);
  switch (how) {
    case Attempt::delivered:
      return home_end(record, DeliverResult::delivered);
    case Attempt::suspended:
      suspend(record);
      [[fallthrough]];
    case Attempt::refused:
      counters_.delivers_refused.add();
      return home_end(record, DeliverResult::refused);
    case Attempt::full:
      break;
    case Attempt::closed:
      // Its shard will say so too, but an unbinding one only when it is over; until then the
      // receipt would go to and fro.
      outboxes_.remove_bind(record.account, bind, now_.mono);
      break;
    case Attempt::later:
    case Attempt::unanswered:
      counters_.delivers_retried.add();
      record.last_link = bind.link;
      record.last_shard = bind.shard;
      if (record.attempts < 0xFFFF) ++record.attempts;
      break;
  }
  // Here and not only in the outbox: one that is taken and put off at every attempt never waits
  // there.
  if (record.expires_at <= now_.mono) return home_expire(record);
  if (how == Attempt::later) return put_off(record, retry_delay(record.attempts, prng_));
  outboxes_.push_front(record, now_.mono);
}

void Shard::home_expire(MessageRecord& record) {
  ASSERT(record.expires_at <= now_.mono);
  counters_.delivers_expired.add();
  home_end(record, DeliverResult::expired);
}

void Shard::home_end(MessageRecord& record, DeliverResult how) {
  ASSERT(!record.link.linked() && !record.timer.armed());
  if (record.owner_shard == options_.index) return owner_end(record, how);
  world_.mesh.post(record.owner_shard,
                   make_mail(MailKind::ended, record, {}, static_cast<std::uint8_t>(how)));
}

/// A window of 0 takes the bind away.
void Shard::home_bind(std::uint32_t account, BindRef bind, std::uint32_t window) {
  ASSERT(account < directory_.size() && home_of(account) == options_.index);
  if (window == 0)
    outboxes_.remove_bind(account, bind, now_.mono);
  else
    outboxes_.add_bind(account, bind, window, now_.mono);
}

/// Gives a record to the bind that the outbox has chosen.
void Shard::hand_out(MessageRecord& record, BindRef target) {
  const std::uint32_t account = record.account;
  ASSERT(home_of(account) == options_.index && target.shard < options_.count);
  // Its destination may have been suspended since it came.
  if (const Nanos until = suspended_until(record); until != 0) {
    outboxes_.give_back(account, target, now_.mono);
    return rest_until(record, until);
  }
  if (target.shard != options_.index)
    return world_.mesh.post(target.shard, make_mail(MailKind::deliver, record, target.link));
  Connection* const bearer =
      links_.find(PLANTED("wrong bind") ? links_.anybody_at(target.link.slot() / 2) : target.link);
  const Attempt how = attempt(record, bearer, true);
  // Nothing was sent: that is over at once. What was sent is heard of when its response comes.
  if (how != Attempt::delivered) home_attempt_over(record, target, true, how);
}

void Shard::run_outboxes() {
  suspensions_.expire(now_.mono);
  outboxes_.run(
      now_.mono, [this](MessageRecord& record, BindRef target) { hand_out(record, target); },
      [this](MessageRecord& record) { home_expire(record); });
}

}  // namespace ringgate

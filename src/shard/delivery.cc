#include "shard/delivery.h"

#include <algorithm>

#include "base/rarely.h"
#include "routing/deliver_action.h"

namespace ringgate {
namespace {

// An intermediate notification that no bind takes within this time is dropped: the receipt waits
// for its end.
constexpr Nanos notice_expiry = seconds(10);
constexpr Nanos retry_grain = milliseconds(10);
constexpr Nanos pinned_rest_max = seconds(1);

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

Delivery::Delivery(House& house, Links& links, Door& door, Books& books, Registry& registry,
                   Safekeeping& safe, Tidings& tidings)
    : house_(house),
      links_(links),
      door_(door),
      books_(books),
      registry_(registry),
      safe_(safe),
      tidings_(tidings),
      outboxes_(house.directory(), house.now.mono),
      suspensions_(house.directory(), homes()),
      prng_(house.options.seed),
      retry_timers_(house.now.mono, retry_grain) {}

void Delivery::adopt() {
  outboxes_.adopt(house_.directory());
  suspensions_.adopt(house_.directory(), homes());
}

// ---- owner

void Delivery::begin(MessageRecord& record) {
  ASSERT(record.stage.responded() && record.stage.reported());
  if (record.notice_open) return;
  if (record.kind != RecordKind::notice && !wants_receipt(record.wish, record.outcome.state))
    return registry_.release(record);
  const Account& account = house_.directory().at(record.account);
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
  send_home(record);
}

void Delivery::send_home(MessageRecord& record) {
  ASSERT(record.owner_shard == house_.options.index);
  // Whatever happens after this, the receipt must say the same after a crash.
  if (must_wait(record)) {
    safe_.until_safe().add(record);
    return;
  }
  if (house_.is_home_of(record.account)) return take(record);
  house_.world.mesh.post(house_.home_of(record.account), make_mail(MailKind::receipt, record));
}

void Delivery::release_awaiting(Connection& connection, bool all) {
  const std::uint64_t popped = connection.session.output().popped();
  while (MessageRecord* const record = connection.awaiting_send.front()) {
    if (!all && record->response_end > popped) return;
    connection.awaiting_send.remove(*record);
    send_home(*record);
  }
}

void Delivery::end(MessageRecord& record, DeliverResult how) {
  ASSERT(record.owner_shard == house_.options.index);
  if (record.kind == RecordKind::notice) return notice_over(record);
  const bool is_mo = record.kind == RecordKind::mo;
  if (is_mo) house_.directory().at(record.account).state->close_mo();
  tidings_.ended(record, is_mo ? record.parcel->token : 0, how);
  record.end = how;
  registry_.release_here(record);
}

/// The record of the notification is one of its own, so that the outcome may come while it is on
/// its way.
void Delivery::notify(MessageRecord& record, Outcome outcome) {
  if (!record.intermediate || !record.stage.responded()) return;
  ASSERT(!record.notice_open);
  if (RARELY("there is no place for a notification")) return;
  record.intermediate = false;
  MessageRecord* const notice =
      registry_.begin_own(RecordKind::notice, record.id, record.account, record.submitter);
  if (notice == nullptr) return;
  notice->sequence = record.sequence;
  notice->outcome = outcome;
  notice->expires_at = house_.now.mono + std::min(notice_expiry, house_.receipt_expiry());
  notice->submitted_s = record.submitted_s;
  notice->response_end = record.response_end;
  notice->source = record.source;
  notice->destination = record.destination;
  books_.quotes.copy(record, *notice);
  notice->notice_of = &record;
  record.notice_open = true;
  begin(*notice);
}

void Delivery::notice_over(MessageRecord& notice) {
  ASSERT(notice.kind == RecordKind::notice && notice.notice_of != nullptr);
  MessageRecord& record = *notice.notice_of;
  ASSERT(record.notice_open && record.account == notice.account);
  ASSERT(record.id == notice.id && record.owner_shard == notice.owner_shard);
  notice.parcel = nullptr;
  registry_.release(notice);
  record.notice_open = false;
  if (record.stage.reported()) begin(record);
}

// ---- bearer

/// Attempt::delivered here means "sent"; how it ends is heard of in on_response. Attempt::refused:
/// the peer's version cannot take it.
Attempt Delivery::attempt(MessageRecord& record, Connection* connection, bool from_home) {
  ASSERT(!record.link.linked());
  connection = door_.pass(connection, record.account, "a receipt or message");
  if (connection == nullptr || connection->over || !connection->session.can_receive())
    return Attempt::closed;
  // What is in the journal is safe there; the session shall come to its end.
  if (house_.draining && safe_.keeps()) return Attempt::closed;
  if (connection->session.output().size() > tx_backlog_max || RARELY("a bind is full"))
    return Attempt::full;
  const std::uint64_t token =
      reinterpret_cast<std::uint64_t>(&record) | (from_home ? from_home_bit : 0);
  Session& session = connection->session;
  const Admit admit = record.kind == RecordKind::mo
                          ? session.deliver(token, house_.now, *record.parcel->content)
                          : session.deliver(token, house_.now, record, books_.quotes);
  if (admit == Admit::unfit) return Attempt::refused;
  if (admit != Admit::ok) return admit == Admit::full ? Attempt::full : Attempt::closed;
  house_.counters.delivers_sent.add();
  links_.touch(*connection);
  return Attempt::delivered;
}

void Delivery::on_response(Connection& connection, const Event& event) {
  auto& record = *reinterpret_cast<MessageRecord*>(event.token & ~from_home_bit);
  ASSERT(connection.serves(record.account) || PLANTED("no door"));
  Attempt how = Attempt::unanswered;
  if (event.answered) {
    record.answer = static_cast<std::uint32_t>(event.status);
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
  if (how == Attempt::delivered) house_.counters.delivers_ok.add();
  attempt_over(record, house_.bind_of(connection.id), (event.token & from_home_bit) != 0, how);
}

void Delivery::attempt_over(MessageRecord& record, BindRef bind, bool from_home, Attempt how) {
  if (!from_home) {
    ASSERT(record.owner_shard == house_.options.index);
    record.home.last_link = bind.link;
    record.home.last_shard = bind.shard;
    if (how == Attempt::delivered) return end(record, DeliverResult::delivered);
    if (how == Attempt::refused) {
      house_.counters.delivers_refused.add();
      return end(record, DeliverResult::refused);
    }
    // It ended with its connection before its octets were allowed to leave.
    if (must_wait(record)) return safe_.until_safe().add(record);
  }
  if (house_.is_home_of(record.account)) return home_attempt_over(record, bind, from_home, how);
  const auto code = static_cast<std::uint8_t>(static_cast<std::uint8_t>(how) |
                                              (from_home ? attempt_from_home : 0));
  house_.world.mesh.post(house_.home_of(record.account),
                         make_mail(MailKind::attempt_over, record, bind.link, code, bind.shard));
}

/// Nothing was sent: say so at once. What was sent is heard of when its response comes.
void Delivery::carry(MessageRecord& record, LinkId link) {
  const Attempt how = attempt(record, links_.find(link), true);
  if (how != Attempt::delivered) attempt_over(record, house_.bind_of(link), true, how);
}

void Delivery::add_bind(const Connection& connection) {
  tell_home(MailKind::bind_added, connection, connection.session.window().size());
}

void Delivery::remove_bind(const Connection& connection) {
  tell_home(MailKind::bind_removed, connection, 0);
}

void Delivery::tell_home(MailKind kind, const Connection& connection, std::uint32_t window) {
  ASSERT(connection.account != nullptr);
  ASSERT((window != 0) == (kind == MailKind::bind_added));
  const std::uint32_t account = connection.account->index;
  const BindRef bind = house_.bind_of(connection.id);
  if (house_.is_home_of(account)) return set_bind(account, bind, window);
  house_.world.mesh.post(house_.home_of(account),
                         {static_cast<std::uint8_t>(kind), 0, static_cast<std::uint16_t>(window),
                          account, bind.link.value, bind.shard});
}

// ---- home

void Delivery::take(MessageRecord& record) {
  ASSERT(house_.is_home_of(record.account));
  const Nanos at =
      std::max(house_.now.mono + seconds(record.home.put_off_s), suspended_until(record));
  record.home.put_off_s = 0;
  if (at <= house_.now.mono) return outboxes_.push_back(record, house_.now.mono);
  rest_until(record, at);
}

/// The record comes back to take().
void Delivery::rest_until(MessageRecord& record, Nanos at) {
  ASSERT(at > house_.now.mono && !record.timer.armed());
  if (record.expires_at <= house_.now.mono) return expire(record);
  if (RARELY("a rest ends early")) at = house_.now.mono + 1;
  retry_timers_.arm(record.timer, std::min(at, record.expires_at));
}

/// The client does not want anything for that destination for now (ESME_RX_P_APPN,
/// docs/durability.md).
void Delivery::suspend(const MessageRecord& record) {
  ASSERT(house_.is_home_of(record.account));
  house_.counters.delivers_suspended.add();
  const auto made = suspensions_.suspend(record.account, delivered_to(record), house_.now.mono);
  if (made == Suspensions::Made::displaced) house_.counters.suspensions_lost.add();
}

/// Until when the record's destination is left alone; 0: it is not. What is for one session does
/// not rest longer than that may last.
Nanos Delivery::suspended_until(const MessageRecord& record) {
  if (record.pinned) return 0;
  return suspensions_.until(record.account, delivered_to(record), house_.now.mono);
}

void Delivery::put_off(MessageRecord& record, Nanos delay) {
  ASSERT(delay > 0 && record.home.attempts != 0);
  // While it rests nobody sees that its session has ended.
  if (record.pinned) delay = std::min(delay, pinned_rest_max);
  ASSERT(!record.timer.armed());
  retry_timers_.arm(record.timer, house_.now.mono + (RARELY("a retry comes early") ? 1 : delay));
  if (record.kind == RecordKind::notice) return;
  const auto delay_s = static_cast<std::uint8_t>(std::min<Nanos>(delay / seconds(1), 255));
  const auto slot = record.slot;
  if (record.owner_shard == house_.options.index) {
    if (safe_.keeps())
      safe_.keep_retry(slot, record.id, record.home.attempts,
                       static_cast<std::uint32_t>(house_.now.wall_s + delay_s));
    return;
  }
  house_.world.mesh.post(record.owner_shard,
                         {static_cast<std::uint8_t>(MailKind::put_off), delay_s,
                          record.home.attempts, record.account, slot, record.id.value});
}

void Delivery::home_attempt_over(MessageRecord& record, BindRef bind, bool from_home, Attempt how) {
  ASSERT(house_.is_home_of(record.account));
  // What took the short way has no place in the outbox's count of what its binds hold.
  if (how == Attempt::full)
    outboxes_.give_back_busy(record.account, bind, house_.now.mono);
  else if (from_home)
    outboxes_.give_back(record.account, bind, house_.now.mono);
  // Nothing was sent where there was no room, or nobody.
  if (how != Attempt::full && how != Attempt::closed) {
    record.home.last_link = bind.link;
    record.home.last_shard = bind.shard;
  }
  switch (how) {
    case Attempt::delivered:
      return home_end(record, DeliverResult::delivered);
    case Attempt::suspended:
      suspend(record);
      [[fallthrough]];
    case Attempt::refused:
      house_.counters.delivers_refused.add();
      return home_end(record, DeliverResult::refused);
    case Attempt::full:
      break;
    case Attempt::closed:
      // Its shard will say so too, but an unbinding one only when it is over; until then the
      // receipt would go to and fro.
      outboxes_.remove_bind(record.account, bind, house_.now.mono);
      break;
    case Attempt::later:
    case Attempt::unanswered:
      house_.counters.delivers_retried.add();
      if (record.home.attempts < 0xFFFF) ++record.home.attempts;
      break;
  }
  // Here and not only in the outbox: one that is taken and put off at every attempt never waits
  // there.
  if (record.expires_at <= house_.now.mono) return expire(record);
  if (how == Attempt::later) return put_off(record, retry_delay(record.home.attempts, prng_));
  outboxes_.push_front(record, house_.now.mono);
}

void Delivery::expire(MessageRecord& record) {
  ASSERT(record.expires_at <= house_.now.mono);
  house_.counters.delivers_expired.add();
  home_end(record, DeliverResult::expired);
}

/// The bind that it is for is no more.
void Delivery::lose_bind(MessageRecord& record) {
  ASSERT(record.pinned && record.kind == RecordKind::mo);
  home_end(record, DeliverResult::gone);
}

void Delivery::home_end(MessageRecord& record, DeliverResult how) {
  ASSERT(!record.link.linked() && !record.timer.armed());
  if (record.owner_shard == house_.options.index) return end(record, how);
  house_.world.mesh.post(record.owner_shard,
                         make_mail(MailKind::ended, record, {}, static_cast<std::uint8_t>(how)));
}

void Delivery::set_bind(std::uint32_t account, BindRef bind, std::uint32_t window) {
  ASSERT(account < house_.directory().size() && house_.is_home_of(account));
  if (window == 0)
    outboxes_.remove_bind(account, bind, house_.now.mono);
  else
    outboxes_.add_bind(account, bind, window, house_.now.mono);
}

/// Gives a record to the bind that the outbox has chosen.
void Delivery::hand_out(MessageRecord& record, BindRef target) {
  const std::uint32_t account = record.account;
  ASSERT(house_.is_home_of(account) && target.shard < house_.options.count);
  // Its destination may have been suspended since it came.
  if (const Nanos until = suspended_until(record); until != 0) {
    outboxes_.give_back(account, target, house_.now.mono);
    return rest_until(record, until);
  }
  if (target.shard != house_.options.index)
    return house_.world.mesh.post(target.shard, make_mail(MailKind::deliver, record, target.link));
  Connection* const bearer =
      links_.find(PLANTED("wrong bind") ? links_.anybody_at(target.link.slot() / 2) : target.link);
  const Attempt how = attempt(record, bearer, true);
  // Nothing was sent: that is over at once. What was sent is heard of when its response comes.
  if (how != Attempt::delivered) home_attempt_over(record, target, true, how);
}

void Delivery::run_timers() {
  retry_timers_.advance(house_.now.mono, [this](TimerNode& node) {
    auto& record = *reinterpret_cast<MessageRecord*>(reinterpret_cast<char*>(&node) -
                                                     offsetof(MessageRecord, timer));
    take(record);
  });
}

void Delivery::run_outboxes() {
  suspensions_.expire(house_.now.mono);
  outboxes_.run(
      house_.now.mono, [this](MessageRecord& record, BindRef target) { hand_out(record, target); },
      [this](MessageRecord& record) { expire(record); },
      [this](MessageRecord& record) { lose_bind(record); });
}

}  // namespace ringgate

// What goes to clients beside receipts: messages from subscribers, alerts, and intermediate
// notifications. Messages wait in the account's outbox as receipts do; alerts and notifications are
// told now or never.
#include "base/rarely.h"
#include "shard/route.h"
#include "shard/shard.h"

namespace ringgate {
namespace {

// An intermediate notification that no bind takes within this time is dropped: the receipt waits
// for its end.
constexpr Nanos notice_expiry = seconds(10);

}  // namespace

// ---- messages from subscribers

Routed Shard::deliver(const Deliver& message, MessageId& id) {
  std::unique_ptr<Parcel> parcel;
  const Routed routed = route(message, directory_, world_.numbers, parcel);
  if (routed != Routed::ok) return routed;
  ASSERT(parcel != nullptr);
  id = parcel->id = ids_.next().id;
  take_mo(std::move(parcel));
  return Routed::ok;
}

void Shard::take_mo(std::unique_ptr<Parcel> parcel) {
  ASSERT(parcel->account < directory_.size());
  const unsigned home = home_of(parcel->account);
  if (home == options_.index) return home_mo(std::move(parcel));
  world_.mesh.post(home, make_mail(MailKind::mo, std::move(parcel)));
}

/// A record that nobody submitted: it owes no response, and its delivery begins now. Null when
/// there is no room.
MessageRecord* Shard::own_record(RecordKind kind, MessageId id, std::uint32_t account,
                                 LinkId submitter) {
  MessageRecord* const record = messages_.begin({id}, account, submitter);
  if (record == nullptr) return nullptr;
  ASSERT(kind == RecordKind::mo || kind == RecordKind::notice);
  ++uses_.of(account).messages;
  counters_.messages_open.add();
  record->kind = kind;
  record->wish = ReceiptWish::none;
  record->intermediate = false;
  record->tracked = false;
  record->awaited = false;
  record->answered = record->responded = record->reported = true;
  record->submitted_s = record->done_s = now_.wall_s;
  record->expires_at = now_.mono + receipt_expiry();
  return record;
}

void Shard::home_mo(std::unique_ptr<Parcel> parcel) {
  ASSERT(home_of(parcel->account) == options_.index);
  const bool full = (safe_.keeps() && safe_.admit(journal::accepted_size(*parcel->content), 1) !=
                                          Status::ESME_ROK) ||
                    !uses_.admits_message(parcel->account, false);
  MessageRecord* const record = full || RARELY("there is no place for an MO")
                                    ? nullptr
                                    : own_record(RecordKind::mo, parcel->id, parcel->account, {});
  if (record == nullptr) {
    AccountState& state = *directory_.at(parcel->account).state;
    const std::uint32_t open = state.mo_open.fetch_sub(1, std::memory_order_relaxed);
    ASSERT(open != 0);
    return backend_.on_delivered(parcel->id, DeliverResult::no_room, *this);
  }
  counters_.mo_accepted.add();
  parcels_.push_back(*parcel);
  record->parcel = parcel.release();
  if (safe_.keeps()) {
    safe_.accept(*record, *record->parcel->content);
    messages_.note_open(*record);
  }
  home_receipt(*record);
}

// ---- alerts

Routed Shard::alert(const Alert& alert) {
  std::unique_ptr<AlertParcel> parcel;
  const Routed routed = route(alert, directory_, world_.numbers, parcel);
  if (routed == Routed::ok) take_alert(std::move(parcel));
  return routed;
}

void Shard::take_alert(std::unique_ptr<AlertParcel> parcel) {
  ASSERT(parcel->account < directory_.size());
  const unsigned home = home_of(parcel->account);
  if (home == options_.index) return home_alert(std::move(parcel));
  world_.mesh.post(home, make_mail(MailKind::alert, std::move(parcel)));
}

void Shard::home_alert(std::unique_ptr<AlertParcel> parcel) {
  ASSERT(home_of(parcel->account) == options_.index);
  const auto bind = outboxes_.any_bind(parcel->account);
  if (!bind) return;
  if (bind->shard == options_.index) return send_alert(*parcel, links_.find(bind->link));
  world_.mesh.post(bind->shard, make_mail(MailKind::alert, std::move(parcel), bind->link));
}

void Shard::send_alert(const AlertParcel& alert, Connection* connection) {
  connection = door(connection, alert.account, "an alert");
  if (connection == nullptr || connection->over) return;
  if (connection->session.output().size() > tx_backlog_max) return;  // now or never
  if (connection->session.alert({alert.source.address(), alert.esme.address(),
                                 alert.has_availability, alert.ms_availability_status}))
    counters_.alerts_sent.add();
  links_.touch(*connection);
}

// ---- intermediate notifications

/// Only after the message's response, and only once. The record of the notification is one of its
/// own, so that the outcome may come while it is on its way.
void Shard::send_notice(MessageRecord& record, Outcome outcome) {
  if (!record.intermediate || !record.responded) return;
  ASSERT(!record.notice_open);
  if (RARELY("there is no place for a notification")) return;
  record.intermediate = false;
  MessageRecord* const notice =
      own_record(RecordKind::notice, record.id, record.account, record.submitter);
  if (notice == nullptr) return;
  notice->sequence = record.sequence;
  notice->outcome = outcome;
  notice->expires_at = now_.mono + std::min(notice_expiry, receipt_expiry());
  notice->journal_batch = record.journal_batch;
  notice->submitted_s = record.submitted_s;
  notice->response_end = record.response_end;
  notice->source = record.source;
  notice->destination = record.destination;
  quotes_.copy(record, *notice);
  notice->notice_of = &record;
  record.notice_open = true;
  send_receipt(*notice);
}

void Shard::notice_over(MessageRecord& notice) {
  ASSERT(notice.kind == RecordKind::notice && notice.notice_of != nullptr);
  MessageRecord& record = *notice.notice_of;
  ASSERT(record.notice_open && record.account == notice.account);
  ASSERT(record.id == notice.id && record.owner_shard == notice.owner_shard);
  notice.parcel = nullptr;
  release(notice);
  record.notice_open = false;
  if (record.reported) send_receipt(record);
}

}  // namespace ringgate

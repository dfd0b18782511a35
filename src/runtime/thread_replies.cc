#include "runtime/thread_replies.h"

#include <utility>

#include "base/assert.h"
#include "shard/route.h"

namespace ringgate::runtime {

ThreadReplies::ThreadReplies(std::vector<std::shared_ptr<Inbox>> inboxes,
                             std::shared_ptr<const Rosters> rosters, unsigned node,
                             std::int64_t first_sequence, const MessageIdCodec& codec)
    : inboxes_(std::move(inboxes)),
      rosters_(std::move(rosters)),
      codec_(codec),
      ids_(node, off_shard, first_sequence, codec_) {
  ASSERT(!inboxes_.empty());
}

Inbox* ThreadReplies::inbox_of(unsigned shard) {
  return shard < inboxes_.size() ? inboxes_[shard].get() : nullptr;
}

void ThreadReplies::answer(Ticket ticket, Status status) {
  if (Inbox* const inbox = inbox_of(ticket.shard)) inbox->post(AnswerItem{ticket, status});
}

void ThreadReplies::report(Ticket ticket, Outcome outcome) {
  if (Inbox* const inbox = inbox_of(ticket.shard)) inbox->post(ReportItem{ticket, outcome});
}

void ThreadReplies::answer(OperationTicket ticket, const OperationAnswer& answer) {
  Inbox* const inbox = inbox_of(ticket.owner);
  if (inbox == nullptr || ticket.shard >= inboxes_.size()) return;
  inbox->post(OperationAnswerItem{std::make_unique<OperationAnswerParcel>(ticket, answer)});
}

Routed ThreadReplies::deliver(const Deliver& message, MessageId& id) {
  const std::shared_ptr<const Roster> roster = rosters_->current();
  std::unique_ptr<Parcel> parcel;
  const Routed routed = route(message, *roster, parcel);
  if (routed != Routed::ok) return routed;
  const std::uint32_t account = parcel->account;
  MessageId given;
  {
    const std::scoped_lock lock(ids_mutex_);
    given = parcel->id = ids_.next().id;
  }
  // Any shard passes it on, but the home shard need not.
  if (!home_of(account).post(DeliverItem{std::move(parcel)})) {
    roster->directory.at(account).state->close_mo();
    return Routed::ended;
  }
  id = given;
  return Routed::ok;
}

Routed ThreadReplies::alert(const Alert& alert) {
  std::unique_ptr<AlertParcel> parcel;
  const Routed routed = route(alert, *rosters_->current(), parcel);
  if (routed != Routed::ok) return routed;
  Inbox& home = home_of(parcel->account);
  return home.post(AlertItem{std::move(parcel)}) ? Routed::ok : Routed::ended;
}

}  // namespace ringgate::runtime

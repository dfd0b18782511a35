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

namespace {

/// Of something for an account, the number plan's refusals aside.
Routed routed(Posted posted) {
  switch (posted) {
    case Posted::ok:
      return Routed::ok;
    case Posted::full:
      return Routed::full;
    case Posted::gone:
    case Posted::misuse:
      break;
  }
  return Routed::ended;
}

}  // namespace

Posted ThreadReplies::answer(Ticket ticket, Status status) {
  Inbox* const inbox = inbox_of(ticket.shard);
  return inbox == nullptr ? Posted::misuse : inbox->try_post(AnswerItem{{ticket, status}});
}

Posted ThreadReplies::report(Ticket ticket, Outcome outcome) {
  Inbox* const inbox = inbox_of(ticket.shard);
  return inbox == nullptr ? Posted::misuse : inbox->try_post(ReportItem{{ticket, outcome}});
}

/// Those of one shard that follow each other go in together.
template <class Item, class Said>
Posted ThreadReplies::post_all(std::span<const Said> said, std::size_t& taken) {
  taken = 0;
  while (taken < said.size()) {
    const unsigned shard = said[taken].ticket.shard;
    std::size_t end = taken + 1;
    while (end < said.size() && said[end].ticket.shard == shard) ++end;
    Inbox* const inbox = inbox_of(shard);
    if (inbox != nullptr) {
      const auto some = said.subspan(taken, end - taken);
      std::size_t put = 0;
      const Posted posted = inbox->try_post_all<Item>(some, put);
      taken += put;
      if (posted != Posted::ok) return posted;
    }
    taken = end;
  }
  return Posted::ok;
}

Posted ThreadReplies::answer_all(std::span<const Answer> answers, std::size_t& taken) {
  return post_all<AnswerItem>(answers, taken);
}

Posted ThreadReplies::report_all(std::span<const Report> reports, std::size_t& taken) {
  return post_all<ReportItem>(reports, taken);
}

Posted ThreadReplies::answer(OperationTicket ticket, const OperationAnswer& answer) {
  Inbox* const inbox = inbox_of(ticket.owner);
  if (inbox == nullptr || ticket.shard >= inboxes_.size()) return Posted::misuse;
  return inbox->try_post(
      OperationAnswerItem{std::make_unique<OperationAnswerParcel>(ticket, answer)});
}

Routed ThreadReplies::deliver(const Deliver& message, MessageId& id) {
  const bool has_account = message.session == SessionId{};
  if (!has_account && shard_of(message.session) >= inboxes_.size()) return Routed::no_session;
  const std::shared_ptr<const Roster> roster = rosters_->current();
  std::unique_ptr<Parcel> parcel;
  const Routed found = route(message, *roster, parcel);
  if (found != Routed::ok) return found;
  const std::uint32_t account = parcel->account;
  MessageId given;
  {
    const std::scoped_lock lock(ids_mutex_);
    given = parcel->id = ids_.next().id;
  }
  // Any shard passes it on, but the home shard need not.
  Inbox& inbox = has_account ? home_of(account) : *inboxes_[shard_of(message.session)];
  const Routed done = routed(inbox.try_post(DeliverItem{std::move(parcel)}));
  if (done != Routed::ok) {
    if (has_account) roster->directory.at(account).state->close_mo();
    return done;
  }
  id = given;
  return Routed::ok;
}

Routed ThreadReplies::alert(const Alert& alert) {
  std::unique_ptr<AlertParcel> parcel;
  const Routed found = route(alert, *rosters_->current(), parcel);
  if (found != Routed::ok) return found;
  Inbox& home = home_of(parcel->account);
  return routed(home.try_post(AlertItem{std::move(parcel)}));
}

}  // namespace ringgate::runtime

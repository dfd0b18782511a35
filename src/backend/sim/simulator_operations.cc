// query_sm, cancel_sm, replace_sm and the broadcast operations, from what the simulator remembers.
#include "backend/sim/per_shard.h"
#include "backend/sim/simulator.h"
#include "smpp/tlv.h"
#include "text/smpp_time.h"

namespace ringgate {
namespace {

constexpr std::uint8_t all_of_the_area = 100;

OperationAnswer failed(Status status) {
  OperationAnswer answer;
  answer.status = status;
  return answer;
}

void append_tlv(std::vector<std::uint8_t>& to, smpp::Tag tag, Octets value) {
  const std::size_t at = to.size();
  to.resize(at + wire::keyed_header_size + value.size());
  wire::write_keyed(static_cast<std::uint16_t>(tag), value, to.data() + at);
}

/// Each area that was asked for, and that all of it was reached (5.0 §4.4.2.2).
std::vector<std::uint8_t> areas_of(Octets tlvs) {
  std::vector<std::uint8_t> out;
  Cursor cursor{tlvs.data(), tlvs.data() + tlvs.size()};
  while (const auto tlv = wire::next_keyed(cursor)) {
    const auto tag = static_cast<smpp::Tag>(tlv->tag);
    if (tag != smpp::Tag::broadcast_area_identifier) continue;
    append_tlv(out, tag, tlv->value);
    append_tlv(out, smpp::Tag::broadcast_area_success, Octets(&all_of_the_area, 1));
  }
  return out;
}

}  // namespace

void Simulator::on_operations(std::span<const Operation> operations, Now now,
                              Replies& replies) noexcept {
  for (const Operation& operation : operations) on_operation(operation, now, replies);
}

void Simulator::on_operation(const Operation& operation, Now now, Replies& replies) {
  PerShard& shard = *shards_[replies.shard()];
  switch (operation.kind) {
    case OperationKind::query:
      replies.answer(operation.ticket, query(shard, operation, now));
      return;
    case OperationKind::cancel:
      if (!operation.names_id) return cancel_all(shard, operation, now, replies);
      replies.answer(operation.ticket, cancel(shard, operation, now, replies));
      return;
    case OperationKind::replace:
      replies.answer(operation.ticket, replace(shard, operation, now));
      return;
    case OperationKind::broadcast:
    case OperationKind::query_broadcast:
    case OperationKind::cancel_broadcast:
      return broadcast(shard, operation, now, replies);
  }
}

/// What waits comes first: of the destinations of a submit_multi, which share an id, some may be
/// over.
Simulator::Found Simulator::find(PerShard& shard, const Operation& operation, AccountNumber asker) {
  if (Pending* const pending = shard.waiting.find(operation, asker))
    return {&pending->message, pending};
  return {shard.history.find(operation, asker), nullptr};
}

/// Not before the server has heard of it: what a query tells must stay true.
bool Simulator::is_over(const Found& found, Now now) const {
  return found.pending == nullptr && found.message->due <= now.mono;
}

OperationAnswer Simulator::query(PerShard& shard, const Operation& operation, Now now) {
  const Found found = find(shard, operation, shard.accounts.find(operation.system_id));
  const RememberedMessage* const message = found.message;
  if (message == nullptr) return failed(Status::ESME_RINVMSGID);
  OperationAnswer answer;
  if (!is_over(found, now)) {
    const bool scheduled = found.pending != nullptr && found.pending->starts > now.mono;
    answer.state = scheduled ? MessageState::scheduled : MessageState::enroute;
    return answer;
  }
  answer.state = message->state;
  answer.error = message->error;
  answer.final_s = now.wall_s - (now.mono - message->due) / seconds(1);
  return answer;
}

OperationAnswer Simulator::cancel(PerShard& shard, const Operation& operation, Now now,
                                  Replies& replies) {
  const Found found = find(shard, operation, shard.accounts.find(operation.system_id));
  if (found.message == nullptr) return failed(Status::ESME_RINVMSGID);
  if (is_over(found, now)) return failed(Status::ESME_RCANCELFAIL);
  if (found.pending == nullptr) {
    found.message->due = now.mono;
    found.message->set(deleted_outcome);
    return {};
  }
  const Ended ended = remove(shard, *found.pending, now);
  if (ended.owed) replies.report(ended.ticket, ended.outcome);
  return {};
}

/// Everything between two addresses. The answer comes when all is done, in this turn or a later
/// one.
void Simulator::cancel_all(PerShard& shard, const Operation& operation, Now now, Replies& replies) {
  Cancel cancel;
  cancel.ticket = operation.ticket;
  cancel.account = shard.accounts.find(operation.system_id);
  cancel.source.set(operation.source);
  cancel.destination.set(operation.destination);
  cancel.service_type.set(operation.service_type);
  cancel.before = shard.waiting.next_arrival();
  // Too long for any message that could be found.
  if (!cancel.source.whole() || !cancel.destination.whole() || !cancel.service_type.whole()) {
    replies.answer(cancel.ticket, failed(Status::ESME_RCANCELFAIL));
    return;
  }
  // Without a place to go on from, only what is done at once is begun.
  if (shard.cancels.full(cancel.account) &&
      shard.waiting.more_than(Cancels::slice_max,
                              {cancel.account, operation.source, operation.destination})) {
    replies.answer(cancel.ticket, failed(Status::ESME_RTHROTTLED));
    return;
  }
  if (cancel_some(shard, cancel, now, replies)) return;
  shard.cancels.put(cancel);
  shard.next_cancel = now.mono;
}

/// True when that was all, and it has been answered.
bool Simulator::cancel_some(PerShard& shard, Cancel& cancel, Now now, Replies& replies) {
  const AddressPair pair{cancel.account, cancel.source.address(), cancel.destination.address()};
  const std::string_view service_type = cancel.service_type.view();
  for (std::size_t i = 0;; ++i) {
    Pending* const pending = service_type.empty() ? shard.waiting.oldest(pair)
                                                  : shard.waiting.oldest(pair, service_type);
    if (pending == nullptr || pending->arrival >= cancel.before) break;
    if (i == Cancels::slice_max) return false;
    cancel.found = true;
    const Ended ended = remove(shard, *pending, now);
    if (ended.owed) replies.report(ended.ticket, ended.outcome);
  }
  replies.answer(cancel.ticket,
                 cancel.found ? OperationAnswer{} : failed(Status::ESME_RCANCELFAIL));
  return true;
}

void Simulator::on_next_cancel(PerShard& shard, Now now, Replies& replies) {
  Cancel cancel = shard.cancels.take();
  if (!cancel_some(shard, cancel, now, replies)) shard.cancels.put(cancel);
  shard.next_cancel = shard.cancels.empty() ? never : now.mono;
}

OperationAnswer Simulator::replace(PerShard& shard, const Operation& operation, Now now) {
  const Found found = find(shard, operation, shard.accounts.find(operation.system_id));
  RememberedMessage* const message = found.message;
  Pending* const pending = found.pending;
  if (message == nullptr) return failed(Status::ESME_RINVMSGID);
  if (is_over(found, now)) return failed(Status::ESME_RREPLACEFAIL);
  if (!operation.schedule_delivery_time.empty()) {
    const auto at = parse_smpp_time(operation.schedule_delivery_time, now.wall_s);
    const Nanos delay = pending == nullptr ? 0 : message->due - pending->starts;
    if (at) {
      message->due = mono_of(*at, now) + delay;
      if (pending != nullptr) pending->starts = mono_of(*at, now);
    }
  }
  if (!operation.validity_period.empty()) {
    const auto until = parse_smpp_time(operation.validity_period, now.wall_s);
    if (until && mono_of(*until, now) < message->due) {
      message->due = mono_of(*until, now);
      message->set(expired_outcome);
    }
  }
  if (pending != nullptr) shard.waiting.timers.arm(pending->timer, message->due);
  return {};
}

void Simulator::broadcast(PerShard& shard, const Operation& operation, Now now, Replies& replies) {
  if (operation.kind == OperationKind::broadcast) {
    Broadcast& made = shard.broadcasts.add();
    made.id = operation.id;
    made.account = shard.accounts.number(operation.system_id);
    made.source.set(operation.source);
    made.due = now.mono + milliseconds(options_.delay_ms);
    made.areas = areas_of(operation.tlvs);
    replies.answer(operation.ticket, {});
    return;
  }
  const bool is_query = operation.kind == OperationKind::query_broadcast;
  OperationAnswer answer =
      failed(operation.names_id ? Status::ESME_RINVMSGID : Status::ESME_RBCASTCANCELFAIL);
  const AccountNumber asker = shard.accounts.find(operation.system_id);
  shard.broadcasts.for_each(operation, asker, [&](Broadcast& one) {
    const bool over = one.cancelled || one.due <= now.mono;
    if (is_query) {
      answer.status = Status::ESME_ROK;
      answer.state = one.cancelled ? MessageState::deleted
                     : over        ? MessageState::delivered
                                   : MessageState::enroute;
      answer.tlvs = one.areas;
    } else if (!over) {
      one.cancelled = true;
      answer.status = Status::ESME_ROK;
    } else if (operation.names_id) {
      answer.status = Status::ESME_RBCASTCANCELFAIL;
    }
  });
  replies.answer(operation.ticket, answer);
}

}  // namespace ringgate

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

void Simulator::on_operation(const Operation& operation, Now now, Replies& replies) {
  PerShard& shard = *shards_[replies.shard()];
  switch (operation.kind) {
    case OperationKind::query:
      return replies.answer(operation.ticket, query(shard, operation, now));
    case OperationKind::cancel:
      return replies.answer(operation.ticket, cancel(shard, operation, now, replies));
    case OperationKind::replace:
      return replies.answer(operation.ticket, replace(shard, operation, now));
    case OperationKind::broadcast:
    case OperationKind::query_broadcast:
    case OperationKind::cancel_broadcast:
      return broadcast(shard, operation, now, replies);
  }
}

/// Not before the server has heard of it: what a query tells must stay true.
bool Simulator::is_over(const RememberedMessage& message, Now now) const {
  return message.pending == 0 && message.due <= now.mono;
}

OperationAnswer Simulator::query(PerShard& shard, const Operation& operation, Now now) {
  const RememberedMessage* const message = shard.history.find(operation);
  if (message == nullptr) return failed(Status::ESME_RINVMSGID);
  OperationAnswer answer;
  if (!is_over(*message, now)) {
    const Pending* const pending = shard.pending_of(*message);
    const bool scheduled = pending != nullptr && pending->starts > now.mono;
    answer.state = scheduled ? MessageState::scheduled : MessageState::enroute;
    return answer;
  }
  answer.state = message->state;
  answer.error = message->error;
  answer.final_s = now.wall_s - (now.mono - message->due) / seconds(1);
  return answer;
}

/// The message will not go out: its state is DELETED from now on, and whoever wants a receipt gets
/// one that says so.
void Simulator::remove(PerShard& shard, RememberedMessage& message, Now now, Replies& replies) {
  message.due = now.mono;
  message.set({MessageState::deleted, 0});
  Pending* const pending = shard.pending_of(message);
  if (pending == nullptr) return;
  const Pending over = *pending;
  shard.timers.disarm(pending->timer);
  shard.pending.give(pending);
  message.pending = 0;
  if (over.owes_report) replies.report(over.ticket, message.outcome());
}

OperationAnswer Simulator::cancel(PerShard& shard, const Operation& operation, Now now,
                                  Replies& replies) {
  if (operation.names_id) {
    RememberedMessage* const message = shard.history.find(operation);
    // A destination may be left out where there is an id; where it is there, it must be right.
    const bool other = !operation.destination.text.empty() && message != nullptr &&
                       message->destination != short_hash(operation.destination);
    if (message == nullptr || other) return failed(Status::ESME_RINVMSGID);
    if (is_over(*message, now)) return failed(Status::ESME_RCANCELFAIL);
    const MessageId id = message->id;
    remove(shard, *message, now, replies);
    shard.history.settle(id);
    return {};
  }
  bool found = false;
  const std::uint32_t destination = short_hash(operation.destination);
  shard.history.for_each([&](RememberedMessage& message) {
    if (message.id == MessageId{} || is_over(message, now)) return;
    if (message.destination != destination || !shard.history.belongs(message, operation)) return;
    remove(shard, message, now, replies);
    found = true;
  });
  shard.history.settle_all();
  return found ? OperationAnswer{} : failed(Status::ESME_RCANCELFAIL);
}

OperationAnswer Simulator::replace(PerShard& shard, const Operation& operation, Now now) {
  RememberedMessage* const message = shard.history.find(operation);
  if (message == nullptr) return failed(Status::ESME_RINVMSGID);
  if (is_over(*message, now)) return failed(Status::ESME_RREPLACEFAIL);
  Pending* const pending = shard.pending_of(*message);
  if (!operation.schedule_delivery_time.empty()) {
    const auto at = parse_smpp_time(operation.schedule_delivery_time, now.wall_s);
    const Nanos delay = pending == nullptr ? 0 : pending->due - pending->starts;
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
  if (pending != nullptr) {
    pending->due = message->due;
    pending->outcome = message->outcome();
    shard.timers.arm(pending->timer, pending->due);
  }
  return {};
}

void Simulator::broadcast(PerShard& shard, const Operation& operation, Now now, Replies& replies) {
  if (operation.kind == OperationKind::broadcast) {
    Broadcast& made = shard.broadcasts.add();
    made.id = operation.id;
    made.account = account_hash(operation.system_id);
    made.source = short_hash(operation.source);
    made.due = now.mono + milliseconds(options_.delay_ms);
    made.areas = areas_of(operation.tlvs);
    return replies.answer(operation.ticket, {});
  }
  const bool is_query = operation.kind == OperationKind::query_broadcast;
  OperationAnswer answer =
      failed(operation.names_id ? Status::ESME_RINVMSGID : Status::ESME_RBCASTCANCELFAIL);
  shard.broadcasts.for_each(operation, [&](Broadcast& one) {
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

// query_sm, cancel_sm, replace_sm and the broadcast operations, from what the simulator remembers.
#include "backend/sim/per_shard.h"
#include "backend/sim/simulator.h"
#include "base/bytes.h"
#include "text/smpp_time.h"

namespace ringgate {
namespace {

// 5.0 §4.8.4.
constexpr unsigned broadcast_area_identifier = 0x0606;
constexpr unsigned broadcast_area_success = 0x0608;
constexpr std::uint8_t all_of_the_area = 100;

OperationAnswer failed(Status status) {
  OperationAnswer answer;
  answer.status = status;
  return answer;
}

void append_tlv(std::vector<std::uint8_t>& to, unsigned tag, Octets value) {
  for (const std::size_t number : {std::size_t{tag}, value.size()}) {
    to.push_back(static_cast<std::uint8_t>(number >> 8));
    to.push_back(static_cast<std::uint8_t>(number));
  }
  to.insert(to.end(), value.begin(), value.end());
}

/// Each area that was asked for, and that all of it was reached (5.0 §4.4.2.2).
std::vector<std::uint8_t> areas_of(Octets tlvs) {
  std::vector<std::uint8_t> out;
  for (std::size_t at = 0; at + 4 <= tlvs.size();) {
    const unsigned tag = load_be16(tlvs.data() + at);
    const std::size_t size = load_be16(tlvs.data() + at + 2);
    if (tag == broadcast_area_identifier) {
      append_tlv(out, tag, tlvs.subspan(at + 4, size));
      append_tlv(out, broadcast_area_success, Octets(&all_of_the_area, 1));
    }
    at += 4 + size;
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

bool Simulator::is_over(const RememberedMessage& message, Now now) const {
  return message.due <= now.mono;
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
    remove(shard, *message, now, replies);
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
  return found ? OperationAnswer{} : failed(Status::ESME_RCANCELFAIL);
}

OperationAnswer Simulator::replace(PerShard& shard, const Operation& operation, Now now) {
  RememberedMessage* const message = shard.history.find(operation);
  if (message == nullptr) return failed(Status::ESME_RINVMSGID);
  if (is_over(*message, now)) return failed(Status::ESME_RREPLACEFAIL);
  Pending* const pending = shard.pending_of(*message);
  const auto mono_of = [now](std::int64_t wall_s) {
    return now.mono + seconds(wall_s - now.wall_s);
  };
  if (!operation.schedule_delivery_time.empty()) {
    const auto at = parse_smpp_time(operation.schedule_delivery_time, now.wall_s);
    const Nanos delay = pending == nullptr ? 0 : pending->due - pending->starts;
    if (at) {
      message->due = mono_of(*at) + delay;
      if (pending != nullptr) pending->starts = mono_of(*at);
    }
  }
  if (!operation.validity_period.empty()) {
    const auto until = parse_smpp_time(operation.validity_period, now.wall_s);
    if (until && mono_of(*until) < message->due) {
      message->due = mono_of(*until);
      message->set({MessageState::expired, 27});
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

#include "shard/multi_submits.h"

#include <algorithm>

#include "base/rarely.h"

namespace ringgate {

/// To how many of its destinations it may go.
unsigned MultiSubmits::allowed_of(const Connection& connection, const Event& event) {
  const DestinationRules& rules = connection.account->destinations;
  const auto is_allowed = [&rules](const Destination& one) {
    return one.status == Status::ESME_ROK && rules.allow(one.address);
  };
  return static_cast<unsigned>(
      std::count_if(event.destinations.begin(), event.destinations.end(), is_allowed));
}

void MultiSubmits::on_submit(Connection& connection, const Event& event) {
  const auto count = static_cast<unsigned>(event.destinations.size());
  ASSERT(count != 0);
  house_.counters.submits.add(count);
  const Status status = admission_.admit_all(connection, event, allowed_of(connection, event));
  if (status != Status::ESME_ROK) return admission_.refuse(connection, event, status);
  AccountUse& use = uses_.of(connection.account->index);
  const bool has_share = use.groups < uses_.bounds_of(connection.account->index).groups;
  const bool has_place = has_share && !RARELY("there is no place for a submit_multi");
  MultiGroup* const group = has_place ? groups_.open() : nullptr;
  if (group == nullptr) {
    admission_.undo();
    return admission_.refuse(connection, event, Status::ESME_RMSGQFUL);
  }
  // Where it lies the batch goes on.
  const Content content = *event.content;
  ++use.groups;
  ASSERT(group->accepted.empty() && group->failures.empty());
  connection.session.charge(count);
  group->from = connection.id;
  group->account = connection.account->index;
  group->sequence_number = event.sequence_number;
  const NumberedId id = ids_.next(connection);
  group->id = id.id;
  // One more than there are, so that the group lasts until the loop is over, however fast the
  // backend answers.
  group->waiting = 1;
  for (const Destination& one : event.destinations) {
    const Address& destination = one.address;
    Status verdict = one.status;
    if (verdict == Status::ESME_ROK && connection.is_restricted)
      verdict = admission_.admit_destination(connection, destination);
    MessageRecord* record = nullptr;
    if (verdict == Status::ESME_ROK) {
      record = intake_.accept_destination(connection, content, destination, id);
      if (record == nullptr) verdict = Status::ESME_RMSGQFUL;
    }
    if (record == nullptr) {
      house_.counters.submits_refused.add();
      group->failures.push_back({{}, verdict});
      group->failures.back().destination.set(destination);
      continue;
    }
    record->sequence_number = groups_.slot_of(*group);
    record->destination.set(destination);
    ++group->waiting;
    if (intake_.full()) intake_.flush();
  }
  if (--group->waiting == 0) respond(*group);
}

void MultiSubmits::answered(MessageRecord& record, Status status) {
  MultiGroup& group = groups_.at(record.sequence_number);
  // The slot is found by number, the group by name: ids are never given out again.
  ASSERT(group.id == record.id);
  ASSERT(group.account == record.account);
  if (status == Status::ESME_ROK) {
    group.accepted.push_back(&record);
  } else {
    group.failures.push_back({record.destination, status});
    registry_.release(record);
  }
  ASSERT(group.waiting != 0);
  if (--group.waiting == 0) respond(group);
}

void MultiSubmits::respond(MultiGroup& group) {
  ASSERT(group.waiting == 0 && !(group.accepted.empty() && group.failures.empty()));
  Connection* const connection =
      door_.find(group.from, group.account, "the answer to a submit_multi");
  std::uint64_t response_end = 0;
  if (connection != nullptr) {
    Session& session = connection->session;
    if (group.accepted.empty()) {
      session.answer_submit(RecordKind::submit_multi, group.sequence_number,
                            group.failures.front().status, {});
    } else {
      std::vector<Destination> failures;
      for (const MultiGroup::Failure& failure : group.failures)
        failures.push_back({failure.destination.address(), failure.status});
      session.answer_submit_multi(group.sequence_number, group.id, failures);
    }
    response_end = session.output().written();
    links_.touch(*connection);
  }
  for (MessageRecord* const record : group.accepted) {
    record->stage.respond();
    record->response_end = response_end;
    if (!registry_.awaits_outcome(*record))
      registry_.release(*record);
    else if (record->stage.reported())
      delivery_.begin(*record);
  }
  ASSERT(uses_.of(group.account).groups != 0);
  --uses_.of(group.account).groups;
  groups_.close(group);
}

}  // namespace ringgate

#include "patient_backend.h"

#include <utility>

namespace ringgate::hostile {

void PatientBackend::on_submits(std::span<const Submit> submits, Now, Replies& replies) noexcept {
  const bool at_once = answers_at_once_;
  for (const Submit& submit : submits) {
    if (at_once) replies.answer(submit.ticket, Status::ESME_ROK);
    if (at_once && !submit.outcome_wanted) continue;
    const std::scoped_lock lock(mutex_);
    if (!at_once) unanswered_.push_back(submit.ticket);
    if (submit.outcome_wanted) unreported_.push_back(submit.ticket);
  }
}

void PatientBackend::on_operations(std::span<const Operation> operations, Now now,
                                   Replies& replies) noexcept {
  if (answers_at_once_) return Backend::on_operations(operations, now, replies);
  const std::scoped_lock lock(mutex_);
  for (const Operation& operation : operations) operations_.push_back(operation.ticket);
}

void PatientBackend::answer_first(std::size_t submits, Replies& replies) {
  const std::scoped_lock lock(mutex_);
  for (; submits != 0 && !unanswered_.empty(); --submits) {
    replies.answer(unanswered_.front(), Status::ESME_ROK);
    unanswered_.pop_front();
  }
  for (const OperationTicket& ticket : std::exchange(operations_, {}))
    replies.answer(ticket, OperationAnswer{});
}

void PatientBackend::report_all(Replies& replies) {
  const std::scoped_lock lock(mutex_);
  for (const Ticket& ticket : std::exchange(unreported_, {}))
    replies.report(ticket, {MessageState::delivered, 0});
}

std::size_t PatientBackend::submits_kept() const {
  const std::scoped_lock lock(mutex_);
  return unanswered_.size();
}

std::size_t PatientBackend::operations_kept() const {
  const std::scoped_lock lock(mutex_);
  return operations_.size();
}

}  // namespace ringgate::hostile

// What a backend does that has nothing to say about operations.
#include <ringgate/backend.h>

namespace ringgate {
namespace {

Status failure_of(OperationKind kind) {
  switch (kind) {
    case OperationKind::query:
      return Status::ESME_RQUERYFAIL;
    case OperationKind::cancel:
      return Status::ESME_RCANCELFAIL;
    case OperationKind::replace:
      return Status::ESME_RREPLACEFAIL;
    case OperationKind::broadcast:
      return Status::ESME_RBCASTFAIL;
    case OperationKind::query_broadcast:
      return Status::ESME_RBCASTQUERYFAIL;
    case OperationKind::cancel_broadcast:
      return Status::ESME_RBCASTCANCELFAIL;
  }
  return Status::ESME_RSYSERR;
}

}  // namespace

void Backend::on_operation(const Operation& operation, Now, Replies& replies) {
  OperationAnswer answer;
  answer.status = failure_of(operation.kind);
  replies.answer(operation.ticket, answer);
}

}  // namespace ringgate

#include "message/operation.h"

#include "base/assert.h"

namespace ringgate {

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
  UNREACHABLE();
}

}  // namespace ringgate

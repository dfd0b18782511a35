// What a backend does that has nothing to say about operations.
#include <ringgate/backend.h>

#include "message/operation.h"

namespace ringgate {

void Backend::on_operation(const Operation& operation, Now, Replies& replies) {
  OperationAnswer answer;
  answer.status = failure_of(operation.kind);
  replies.answer(operation.ticket, answer);
}

}  // namespace ringgate

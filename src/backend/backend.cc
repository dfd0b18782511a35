// What a backend does that has nothing to say about operations.
#include <ringgate/backend.h>

#include "message/operation.h"

namespace ringgate {
inline namespace RINGGATE_ABI {

void Backend::on_operations(std::span<const Operation> operations, Now, Replies& replies) noexcept {
  for (const Operation& operation : operations) {
    OperationAnswer answer;
    answer.status = failure_of(operation.kind);
    replies.answer(operation.ticket, answer);
  }
}

}  // namespace RINGGATE_ABI
}  // namespace ringgate

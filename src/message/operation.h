// What operations have in common, whoever answers them.
#pragma once

#include <ringgate/message.h>

namespace ringgate {

/// The status that says "it did not work" without saying why (5.0 §4.7.6).
Status failure_of(OperationKind kind);

}  // namespace ringgate

// A submit that waits: for a place in the window, for a bind, or for the thread of its client.
#pragma once

#include <cstdint>

#include <ringgate/client.h>

#include "message/owned_content.h"

namespace ringgate {

struct QueuedSubmit {
  explicit QueuedSubmit(const Outgoing& message) : content(message), token(message.token) {}

  OwnedContent content;
  std::uint64_t token;  ///< the program's
};

}  // namespace ringgate

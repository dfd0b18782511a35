// Replies that take whatever they are told, for tests that look at one call of them.
#pragma once

#include <ringgate/backend.h>

namespace ringgate::test {

struct SilentReplies : Replies {
  Posted answer(Ticket, Status) override { return Posted::ok; }
  Posted report(Ticket, Outcome) override { return Posted::ok; }
  Posted answer(OperationTicket, const OperationAnswer&) override { return Posted::ok; }
  Routed deliver(const Deliver&, MessageId&) override { return Routed::ok; }
  Routed alert(const Alert&) override { return Routed::ok; }
  unsigned shard() const override { return 0; }
};

}  // namespace ringgate::test

// What shards tell each other. A message's record changes hands with the mail that carries its
// pointer.
//
//   owner  = the shard on which the message was submitted; its slab holds the record
//   home   = the shard that owns the account's outbox
//   bearer = the shard of the bind that carries the receipt
#pragma once

#include "io/mesh.h"
#include "message/record.h"

namespace ringgate {

enum class MailKind : std::uint8_t {
  receipt,       ///< owner -> home: a receipt is due
  deliver,       ///< home -> bearer: send it on `link`
  attempt_over,  ///< bearer -> home: `code` is an Attempt
  ended,         ///< home -> owner: `code` is a DeliverResult; the record may go
  bind_added,    ///< bearer -> home: `link` takes deliver_sm, `number` at once; `pointer` is the
                 ///< account's index
  bind_removed,  ///< bearer -> home
  shard_last = bind_removed,
  runtime_first = 128,  ///< kinds from here on never reach a shard
};

/// How one attempt to deliver ended.
enum class Attempt : std::uint8_t {
  delivered,
  refused,     ///< never again
  later,       ///< the client asked for time
  unanswered,  ///< timed out, or the link closed
  full,        ///< the bind's window had no room; nothing was sent
  closed,      ///< the bind is gone; nothing was sent
};

inline io::Mail make_mail(MailKind kind, MessageRecord& record, LinkId link = {},
                          std::uint8_t code = 0, std::uint16_t number = 0) {
  return {static_cast<std::uint8_t>(kind), code, number, link.value,
          reinterpret_cast<std::uint64_t>(&record)};
}

inline MessageRecord& record_of(const io::Mail& mail) {
  return *reinterpret_cast<MessageRecord*>(mail.pointer);
}

}  // namespace ringgate

// What shards tell each other. A message's record changes hands with the mail that carries its
// pointer.
//
//   owner  = the shard on which the message was submitted; its slab holds the record
//   home   = the shard that owns the account's outbox
//   bearer = the shard of the bind that carries the receipt
#pragma once

#include <string>

#include "base/assert.h"
#include "io/mesh.h"
#include "message/parcel.h"
#include "message/record.h"
#include "shard/open_operations.h"

namespace ringgate {

enum class MailKind : std::uint8_t {
  receipt,           ///< owner -> home: a receipt is due
  deliver,           ///< home -> bearer: send it on `link`
  attempt_over,      ///< bearer -> home: `code` is an Attempt, with attempt_from_home if home
                     ///< began it
  put_off,           ///< home -> owner: not before `code` seconds; `link` is the slot, `number` the
                     ///< attempts, `pointer` the id
  ended,             ///< home -> owner: `code` is a DeliverResult; the record may go
  bind_added,        ///< bearer -> home: `link` takes deliver_sm of `account`, `number` at once;
                     ///< `pointer` is the bearer
  bind_removed,      ///< bearer -> home
  part,              ///< any -> home: `pointer` is a Parcel, part of a long message or whole
  mo,                ///< any -> home: `pointer` is a Parcel
  mo_for_session,    ///< any -> bearer: the same, for one session
  alert,             ///< any -> home, home -> bearer with `link`: `pointer` is an AlertParcel
  operation,         ///< asker -> owner of the id: `pointer` is an OperationParcel
  operation_answer,  ///< owner -> asker: `pointer` is an OperationAnswerParcel
  hunt,              ///< asker -> any: `pointer` is a HuntParcel; `link` is who waits
  hunted,            ///< any -> asker: `code` 1 if there may be a dead bind; `link` as it came
  shard_last = hunted,
  core_first = 128,  ///< kinds from here on never reach a shard
};

/// How one attempt to deliver ended.
enum class Attempt : std::uint8_t {
  delivered,
  refused,     ///< never again
  suspended,   ///< never again, and nothing else to that destination for a while
  later,       ///< the client asked for time
  unanswered,  ///< timed out, or the link closed
  full,        ///< the bind's window had no room; nothing was sent
  closed,      ///< the bind is gone; nothing was sent
};

/// Beside an Attempt in the code of a mail: the attempt has a place in the bind's share of home.
inline constexpr std::uint8_t attempt_from_home = 0x80;

inline io::Mail make_mail(MailKind kind, MessageRecord& record, LinkId link = {},
                          std::uint8_t code = 0, std::uint16_t number = 0) {
  return {static_cast<std::uint8_t>(kind),         code, number, record.account, link.value,
          reinterpret_cast<std::uint64_t>(&record)};
}

/// An alert_notification on its way.
struct AlertParcel {
  std::uint32_t account = 0;
  StoredAddress source;
  StoredAddress esme;
  bool has_availability = false;
  std::uint8_t ms_availability_status = 0;
};

/// Binds of that account from that address are asked whether they live.
struct HuntParcel {
  std::uint32_t account = 0;
  std::uint16_t asker = 0;
  std::string address;
};

/// Mail that owns what it points to, unlike mail about records: whoever takes it deletes it.
template <class T>
io::Mail make_mail(MailKind kind, std::unique_ptr<T> parcel, LinkId link = {}) {
  ASSERT(parcel != nullptr);
  return {static_cast<std::uint8_t>(kind),
          0,
          0,
          0,
          link.value,
          reinterpret_cast<std::uint64_t>(parcel.release())};
}

template <class T>
std::unique_ptr<T> take_parcel(const io::Mail& mail) {
  return std::unique_ptr<T>(reinterpret_cast<T*>(mail.pointer));
}

/// Frees what a mail owns that nobody will read any more.
void discard(const io::Mail& mail);

inline MessageRecord& record_of(const io::Mail& mail) {
  ASSERT(mail.pointer != 0 && mail.pointer % alignof(MessageRecord) == 0);
  return *reinterpret_cast<MessageRecord*>(mail.pointer);
}

}  // namespace ringgate

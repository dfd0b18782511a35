// A message that owns its octets: an MO from the backend to its client, or a part of a long message
// that waits for its answer and then travels to the shard that puts the parts together.
#pragma once

#include "base/intrusive_list.h"
#include "base/link_id.h"
#include "message/owned_content.h"

namespace ringgate {

struct Parcel {
  explicit Parcel(const Content& from) : content(from) {}

  ListLink link;  ///< in its shard's list, so that the shard's end finds it
  MessageId id;
  std::uint32_t account = 0;  ///< index in the directory
  OwnedContent content;
  // Of an MO.
  std::uint64_t token = 0;  ///< the program's own
  SessionId only;           ///< the session that it is for; 0: any of the account
  BindRef bind;             ///< of that session, once its shard has found it
  // Of a part or a whole message; total is 0 where the message is whole by itself.
  std::uint16_t reference = 0;
  bool wide_reference = false;
  std::uint8_t total = 0;
  std::uint8_t sequence = 0;
  bool is_short = false;  ///< it was never long
};

}  // namespace ringgate

#include "message/message_id.h"

namespace ringgate {

MessageIdText to_text(MessageId id) {
  MessageIdText out;
  write_message_id(id, 0x34, out.data());
  return out;
}

}  // namespace ringgate

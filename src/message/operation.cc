#include <ringgate/message.h>

#include "message/message_id.h"

namespace ringgate {

bool Operation::names(MessageId other) const {
  return short_id ? short_form(other) == id.value : other == id;
}

}  // namespace ringgate

// The books of a shard's messages: their records, what accounts have of them, their ids, what
// receipts repeat of them, and which of them may be submitted again.
#pragma once

#include "message/id_source.h"
#include "policy/directory.h"
#include "session/quotes.h"
#include "shard/account_use.h"
#include "shard/messages.h"
#include "shard/resubmit_watch.h"
#include "shard/shard_options.h"

namespace ringgate {

struct Books {
  Books(const ShardOptions& options, const Directory& directory);
  /// The accounts have changed.
  void adopt(const Directory& directory) {
    uses.adopt(directory);
    quotes.adopt(directory.quirks());
  }

  Messages messages;
  AccountUses uses;
  MessageIdSource ids;
  Quotes quotes;
  ResubmitWatch resubmits;
};

}  // namespace ringgate

// What a shard is told when it begins.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "journal/recovery.h"
#include "message/id_codec.h"
#include "policy/guesses.h"
#include "session/session.h"
#include "shard/budget.h"
#include "shard/strangers.h"

namespace ringgate {

/// What a shard with a journal begins with.
struct ShardJournal {
  journal::JournalOptions options;
  journal::ShardStart start;
  std::uint32_t files = 0;  ///< that there are: those of `start` first, then empty ones
  std::uint32_t states_max = 65'536;
  std::int64_t keep_states_s = 86'400;
};

struct ShardOptions {
  unsigned index = 0;
  unsigned count = 1;
  unsigned node = 1;
  std::string system_id = "Ringgate";  ///< ours, in bind responses
  SessionLimits limits;
  ShardBudget budget;
  std::int64_t receipt_expiry_s = 172'800;
  Status unknown_system_id = Status::ESME_RBINDFAIL;
  Nanos ghost_probe =
      seconds(2);  ///< how long a silent bind has to show that it lives; 0: none is asked
  Nanos bind_verdict = seconds(5);  ///< how long the gate may take for one
  GuessLimits guesses;
  LongMessageOptions long_messages;
  StrangerLimits strangers;
  double account_share = 0.5;           ///< of everything, for one account where there are several
  std::uint64_t seed = 1;               ///< of the retry jitter
  Nanos drain_time = seconds(10);       ///< of an orderly end; the runtime's
  std::int64_t first_sequence = 1;      ///< of message ids: the wall clock's microseconds at start
  std::uint64_t first_name = 0;         ///< of tickets: they count from here
  MessageIdCodec ids;                   ///< the node's
  std::optional<ShardJournal> journal;  ///< empty: accepted messages live in memory only
};

}  // namespace ringgate

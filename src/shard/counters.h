// A shard's statistics: written by its own thread, read by anyone.
#pragma once

#include "base/counter.h"

namespace ringgate {

struct alignas(128) ShardCounters {
  Counter connections;
  Counter connections_open;
  Counter binds_ok;
  Counter binds_refused;
  Counter binds_open;
  Counter binds_blocked;
  Counter passwords_asked;
  Counter passwords_known;
  Counter pdus_in;
  Counter submits;
  Counter submits_ok;
  Counter submits_throttled;
  Counter submits_refused;
  Counter delivers_sent;
  Counter delivers_ok;
  Counter delivers_retried;
  Counter delivers_refused;
  Counter delivers_expired;
  Counter messages_open;
  Counter operations;
  Counter operations_throttled;
  Counter mo_accepted;
  Counter alerts_sent;
  Counter parts;
  Counter parts_refused;
  Counter long_messages;
  Counter incomplete_messages;
  Counter messages_restored;
  Counter resubmits;
  Counter resubmits_lost;
  Counter states_lost;
  Counter delivers_suspended;
  Counter suspensions_lost;
  Counter journal_octets;
  Counter journal_accepted;
  Counter journal_batches;
  Counter journal_rewritten;
  Counter journal_used;
  Counter journal_live;
  Counter misrouted;
  Counter strangers;  ///< connections that have not bound
  Counter connections_refused;
  Counter gave_way;
  Counter turn_work_max;
  Counter turn_wait_max;
  Counter tx_on_heap_max;
};

}  // namespace ringgate

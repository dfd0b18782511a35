// What a server counts: one list, of which the public totals and each shard's own numbers are made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <ringgate/api.h>

namespace ringgate {
inline namespace RINGGATE_ABI {

/// `Value` is a number, or what a shard's thread counts with.
template <class Value>
struct CountersOf {
  Value connections{};  ///< accepted
  Value connections_open{};
  Value binds_ok{};
  Value binds_refused{};
  Value binds_open{};
  Value binds_blocked{};    ///< refused unheard after too many wrong passwords
  Value passwords_asked{};  ///< comparisons with hashes, decoys included
  Value passwords_known{};  ///< binds whose hashed password had been found right before
  Value pdus_in{};
  Value submits{};            ///< submit_sm seen
  Value submits_ok{};         ///< answered ESME_ROK
  Value submits_throttled{};  ///< answered ESME_RTHROTTLED by a rate limit
  Value submits_refused{};    ///< any other error
  Value delivers_sent{};      ///< deliver_sm written, retries included
  Value delivers_ok{};
  Value delivers_retried{};
  Value delivers_refused{};  ///< ended by RX_R_APPN or RX_P_APPN
  Value delivers_expired{};
  Value messages_open{};         ///< accepted and not yet ended, on all shards
  Value outbox_waiting{};        ///< receipts and MO that no bind has taken
  Value operations{};            ///< query_sm, cancel_sm, replace_sm, broadcast operations
  Value operations_throttled{};  ///< answered ESME_RTHROTTLED
  Value mo_accepted{};           ///< messages taken for clients (Replies::deliver)
  Value alerts_sent{};           ///< alert_notification written
  Value parts{};                 ///< parts of long messages that were accepted
  Value parts_refused{};         ///< not put together: a bound was reached, or they disagree
  Value long_messages{};         ///< told to the backend
  Value incomplete_messages{};   ///< given up after long_messages.expiry_s
  Value doorbells{};             ///< wakes sent to sleeping shards
  Value messages_restored{};     ///< taken over from an earlier run
  Value resubmits{};             ///< answered with the id of an earlier submit
  Value resubmits_lost{};        ///< remembered for a shorter time than was asked for
  Value states_lost{};           ///< known for a shorter time than store.keep_states_s
  Value delivers_suspended{};    ///< destinations suspended by RX_P_APPN
  Value suspensions_lost{};      ///< ... that gave way to newer ones of their account
  Value journal_octets{};        ///< written, padding included
  Value journal_accepted{};      ///< octets of the records of new messages
  Value journal_batches{};       ///< synced writes
  Value journal_rewritten{};     ///< octets moved forward out of old segments
  Value journal_used{};          ///< octets of the segments in use
  Value journal_live{};          ///< messages that the journal keeps
  /// Things of one account that were about to be written to a connection of another, and were not:
  /// an error of ours. Anything but 0 is worth a report.
  Value misrouted{};
  Value strangers{};                ///< connections that have not bound, now
  Value gave_way{};                 ///< strangers closed because their place was needed
  Value connections_refused{};      ///< closed at once because there was no place
  Value connections_turned_away{};  ///< closed at once because the gate said so
  Value binds_unanswered{};         ///< refused because the gate gave no verdict in time
  Value handshakes{};               ///< of TLS that were completed
  Value handshakes_resumed{};       ///< ... by a session ticket
  Value tls_failed{};               ///< connections closed because TLS failed
  Value binds_insecure{};  ///< refused because they came in plain, or without the certificate
  Value binds_replaced{};  ///< ended without an answer for a new one of their account
  Value connections_unwelcome{};        ///< closed: not from a network of the listener
  Value proxy_failed{};                 ///< closed: no PROXY header from where there has to be one
  Value submits_over_rate{};            ///< refused by a rate, whatever the status
  Value submits_over_quota{};           ///< refused by a quota, whatever the status
  Value submits_source_refused{};       ///< refused for who sends them
  Value submits_destination_refused{};  ///< refused for where they go
  Value certificates_expiring{};        ///< shown by listeners, now, with less than a month left
  // What was done because memory for octets was short (docs/security.md).
  Value emergency_submits{};      ///< answered ESME_RTHROTTLED
  Value emergency_pauses{};       ///< times that a connection was not read
  Value emergency_binds{};        ///< refused
  Value emergency_connections{};  ///< closed at once
};

/// A counter by its name, for whoever shows all of them.
template <class Value>
struct CounterRow {
  std::string_view name;
  Value CountersOf<Value>::*member;
};

template <class Value>
inline constexpr CounterRow<Value> counter_rows[] = {
    {"connections", &CountersOf<Value>::connections},
    {"connections_open", &CountersOf<Value>::connections_open},
    {"binds_ok", &CountersOf<Value>::binds_ok},
    {"binds_refused", &CountersOf<Value>::binds_refused},
    {"binds_open", &CountersOf<Value>::binds_open},
    {"binds_blocked", &CountersOf<Value>::binds_blocked},
    {"passwords_asked", &CountersOf<Value>::passwords_asked},
    {"passwords_known", &CountersOf<Value>::passwords_known},
    {"pdus_in", &CountersOf<Value>::pdus_in},
    {"submits", &CountersOf<Value>::submits},
    {"submits_ok", &CountersOf<Value>::submits_ok},
    {"submits_throttled", &CountersOf<Value>::submits_throttled},
    {"submits_refused", &CountersOf<Value>::submits_refused},
    {"delivers_sent", &CountersOf<Value>::delivers_sent},
    {"delivers_ok", &CountersOf<Value>::delivers_ok},
    {"delivers_retried", &CountersOf<Value>::delivers_retried},
    {"delivers_refused", &CountersOf<Value>::delivers_refused},
    {"delivers_expired", &CountersOf<Value>::delivers_expired},
    {"messages_open", &CountersOf<Value>::messages_open},
    {"outbox_waiting", &CountersOf<Value>::outbox_waiting},
    {"operations", &CountersOf<Value>::operations},
    {"operations_throttled", &CountersOf<Value>::operations_throttled},
    {"mo_accepted", &CountersOf<Value>::mo_accepted},
    {"alerts_sent", &CountersOf<Value>::alerts_sent},
    {"parts", &CountersOf<Value>::parts},
    {"parts_refused", &CountersOf<Value>::parts_refused},
    {"long_messages", &CountersOf<Value>::long_messages},
    {"incomplete_messages", &CountersOf<Value>::incomplete_messages},
    {"doorbells", &CountersOf<Value>::doorbells},
    {"messages_restored", &CountersOf<Value>::messages_restored},
    {"resubmits", &CountersOf<Value>::resubmits},
    {"resubmits_lost", &CountersOf<Value>::resubmits_lost},
    {"states_lost", &CountersOf<Value>::states_lost},
    {"delivers_suspended", &CountersOf<Value>::delivers_suspended},
    {"suspensions_lost", &CountersOf<Value>::suspensions_lost},
    {"journal_octets", &CountersOf<Value>::journal_octets},
    {"journal_accepted", &CountersOf<Value>::journal_accepted},
    {"journal_batches", &CountersOf<Value>::journal_batches},
    {"journal_rewritten", &CountersOf<Value>::journal_rewritten},
    {"journal_used", &CountersOf<Value>::journal_used},
    {"journal_live", &CountersOf<Value>::journal_live},
    {"misrouted", &CountersOf<Value>::misrouted},
    {"strangers", &CountersOf<Value>::strangers},
    {"gave_way", &CountersOf<Value>::gave_way},
    {"connections_refused", &CountersOf<Value>::connections_refused},
    {"connections_turned_away", &CountersOf<Value>::connections_turned_away},
    {"binds_unanswered", &CountersOf<Value>::binds_unanswered},
    {"handshakes", &CountersOf<Value>::handshakes},
    {"handshakes_resumed", &CountersOf<Value>::handshakes_resumed},
    {"tls_failed", &CountersOf<Value>::tls_failed},
    {"binds_insecure", &CountersOf<Value>::binds_insecure},
    {"binds_replaced", &CountersOf<Value>::binds_replaced},
    {"connections_unwelcome", &CountersOf<Value>::connections_unwelcome},
    {"proxy_failed", &CountersOf<Value>::proxy_failed},
    {"submits_over_rate", &CountersOf<Value>::submits_over_rate},
    {"submits_over_quota", &CountersOf<Value>::submits_over_quota},
    {"submits_source_refused", &CountersOf<Value>::submits_source_refused},
    {"submits_destination_refused", &CountersOf<Value>::submits_destination_refused},
    {"certificates_expiring", &CountersOf<Value>::certificates_expiring},
    {"emergency_submits", &CountersOf<Value>::emergency_submits},
    {"emergency_pauses", &CountersOf<Value>::emergency_pauses},
    {"emergency_binds", &CountersOf<Value>::emergency_binds},
    {"emergency_connections", &CountersOf<Value>::emergency_connections},
};
static_assert(sizeof(CountersOf<std::uint64_t>) ==
                  sizeof(std::uint64_t) *
                      (sizeof counter_rows<std::uint64_t> / sizeof *counter_rows<std::uint64_t>),
              "every counter has its row");

}  // namespace RINGGATE_ABI
}  // namespace ringgate

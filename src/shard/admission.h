// What a submit must pass before it becomes a message: one place that says yes, or the status.
#pragma once

#include <optional>

#include "journal/record.h"
#include "policy/submit_limits.h"
#include "session/event.h"
#include "shard/account_use.h"
#include "shard/connection.h"
#include "shard/house.h"
#include "shard/safekeeping.h"
#include "shard/shard_log.h"

namespace ringgate {

/// Whether there is a place for its record, Registry says. One thread.
class Admission {
 public:
  /// Octets of TLVs that a journaled message may have: a message_payload of full length, and as
  /// much again. More could come only where limits.max_pdu was raised.
  static constexpr std::size_t kept_tlvs_max = 128 * 1024;

  Admission(House& house, AccountUses& uses, Safekeeping& safe, ShardLog& log)
      : house_(house), uses_(uses), safe_(safe), log_(log) {}

  /// A submit_sm or data_sm, which may need so many octets of the journal beside its record. With
  /// ESME_ROK the journal has room for it, and it is taken from all limits.
  Status admit(Connection& connection, const Event& event, std::size_t more_octets) {
    return admit(connection, event, 1, [=](const Content& content) {
      return journal::accepted_size(content) + more_octets;
    });
  }
  /// A submit_multi: the journal takes all destinations or none; so do the limits.
  /// `count`: those that it may go to, maybe none.
  Status admit_all(Connection& connection, const Event& event, unsigned count);
  /// Of a submit_multi, whether it may go there: ESME_RINVDSTADR.
  Status admit_destination(const Connection& connection, const Address& destination);

  /// What was admitted last has become no message: it is given back to the limits, unless it is a
  /// part, which may come again.
  void undo();

  /// Answers the submit with an error; counts what it asked for, and tells the log of it in time.
  void refuse(Connection& connection, const Event& event, Status status);

 private:
  /// For `count` messages, of which the journal has to hold octets(content) each.
  template <class F>
  Status admit(Connection& connection, const Event& event, unsigned count, F&& octets) {
    if (house_.draining || connection.leaving.cause != CloseCause::none ||
        !connection.account->options.submits) [[unlikely]]
      return Status::ESME_RSUBMITFAIL;
    if (house_.emergency.is(Measure::throttle) && is_throttled(connection, count)) [[unlikely]]
      return Status::ESME_RTHROTTLED;
    if (connection.is_restricted) [[unlikely]]
      if (const Status status = check_addresses(connection, event); status != Status::ESME_ROK)
        return status;
    if (safe_.keeps()) {
      if (event.content->tlvs.size() > kept_tlvs_max) [[unlikely]]
        return Status::ESME_RINVMSGLEN;
      const std::uint64_t size = std::uint64_t{count} * octets(*event.content);
      const Status status = safe_.admit(size, count);
      if (status != Status::ESME_ROK) [[unlikely]]
        return status;
    }
    taken_.reset();
    if (!connection.is_restricted || count == 0) [[likely]]
      return Status::ESME_ROK;
    return take_limits(connection, event, count);
  }
  bool is_throttled(const Connection& connection, unsigned count);
  Status check_addresses(const Connection& connection, const Event& event);
  Status take_limits(Connection& connection, const Event& event, unsigned count);

  /// What the last one that was admitted has taken.
  struct TakenLimits {
    SubmitLimits limits;
    std::uint32_t count;
  };

  std::optional<TakenLimits> taken_;
  House& house_;
  AccountUses& uses_;
  Safekeeping& safe_;
  ShardLog& log_;
};

}  // namespace ringgate

// What a deliver_sm_resp means for the message it answers: one row per status.
#pragma once

#include <array>

#include <ringgate/status.h>

namespace ringgate {

enum class DeliverAction : std::uint8_t {
  done,     ///< delivered
  retry,    ///< try again later, on any bind
  refuse,   ///< never again; recorded and counted
  suspend,  ///< the same, and nothing else to that destination for a while
};

struct DeliverActionRow {
  Status status;
  DeliverAction action;
};

inline constexpr std::array deliver_action_rows{
    DeliverActionRow{Status::ESME_ROK, DeliverAction::done},
    DeliverActionRow{Status::ESME_RX_R_APPN, DeliverAction::refuse},
    DeliverActionRow{Status::ESME_RX_P_APPN, DeliverAction::suspend},
};

/// Every status without a row is retried until the receipt expires: a client that answers something
/// odd today may answer ESME_ROK after its next deployment, and nothing is dropped for a reason we
/// do not understand.
constexpr DeliverAction deliver_action(Status status) {
  for (const DeliverActionRow& row : deliver_action_rows)
    if (row.status == status) return row.action;
  return DeliverAction::retry;
}

}  // namespace ringgate

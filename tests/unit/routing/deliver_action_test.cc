#include "routing/deliver_action.h"

#include <gtest/gtest.h>

namespace ringgate {
namespace {

// Aim: only ESME_ROK ends a receipt well, only the two permanent codes end it badly, and everything
// else, known or not, is tried again. Method: every status row, and codes without a row.
TEST(DeliverAction, EveryStatus) {
  for (const StatusRow& row : status_rows) {
    DeliverAction wanted = DeliverAction::retry;
    if (row.status == Status::ESME_ROK) wanted = DeliverAction::done;
    if (row.status == Status::ESME_RX_R_APPN) wanted = DeliverAction::refuse;
    if (row.status == Status::ESME_RX_P_APPN) wanted = DeliverAction::suspend;
    EXPECT_EQ(deliver_action(row.status), wanted) << row.name;
  }
  for (const std::uint32_t odd : {0x0009U, 0x0400U, 0x04FFU, 0xFFFFFFFFU})
    EXPECT_EQ(deliver_action(static_cast<Status>(odd)), DeliverAction::retry) << odd;
}

}  // namespace
}  // namespace ringgate

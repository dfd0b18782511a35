// From a number to its account: what backends hand over for clients becomes parcels. Any thread.
#pragma once

#include <memory>

#include "message/parcel.h"
#include "policy/directory.h"
#include "routing/number_plan.h"
#include "shard/mail.h"

namespace ringgate {

/// Finds the account and reserves a place among its open messages (AccountState::mo_open). Without
/// a plan nobody owns a number.
Routed route(const Deliver& message, const Directory& directory, const NumberPlan* numbers,
             std::unique_ptr<Parcel>& parcel);
Routed route(const Alert& alert, const Directory& directory, const NumberPlan* numbers,
             std::unique_ptr<AlertParcel>& parcel);

}  // namespace ringgate

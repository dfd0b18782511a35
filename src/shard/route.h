// From a number or a name to its account: what backends hand over for clients becomes parcels. Any
// thread.
#pragma once

#include <memory>

#include "message/parcel.h"
#include "routing/roster.h"
#include "shard/mail.h"

namespace ringgate {

/// Finds the account and reserves a place among its open messages (AccountState::mo_open); for what
/// is for one session (Parcel::only) the session's shard does both.
Routed route(const Deliver& message, const Roster& roster, std::unique_ptr<Parcel>& parcel);
Routed route(const Alert& alert, const Roster& roster, std::unique_ptr<AlertParcel>& parcel);

}  // namespace ringgate

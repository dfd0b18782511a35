// A run: its threads, and what they have found together.
#pragma once

#include "base/result.h"
#include "load/options.h"
#include "load/report.h"
#include "uring/socket.h"

namespace ringgate::load {

/// Starts a thread for each of the options' threads, and waits for all of them. `signals` is a
/// signalfd. Fails with `invalid` where the options cannot be followed on this machine, and with
/// `io` where not everything could be bound.
[[nodiscard]] Result<Report> run_threads(const Options& options, const uring::SocketAddress& server,
                                         int signals);

}  // namespace ringgate::load

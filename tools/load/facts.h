// What a report says of the run beside its figures: how it was asked for, and on what machine.
#pragma once

#include "load/options.h"
#include "load/report.h"

namespace ringgate::load {

/// No password is among them.
RunFacts run_facts(const Options& options);

}  // namespace ringgate::load

// How often the rare points of base/rarely.h were met, and how often they struck; and which faults
// of base/planted.h are planted.
#pragma once

#include <span>
#include <string_view>

#include "base/prng.h"

namespace ringgate::sim {

/// Draws from `prng` from now on; null: nothing rare happens.
void draw_rare_from(Prng* prng);
/// These faults are there from now on; the names outlive the call.
void plant(std::span<const std::string_view> faults);
/// One line per point, over the whole run of the program.
void print_rare();

}  // namespace ringgate::sim

// How often the rare points of base/rarely.h were met, and how often they struck.
#pragma once

#include "base/prng.h"

namespace ringgate::sim {

/// Draws from `prng` from now on; null: nothing rare happens.
void draw_rare_from(Prng* prng);
/// One line per point, over the whole run of the program.
void print_rare();

}  // namespace ringgate::sim

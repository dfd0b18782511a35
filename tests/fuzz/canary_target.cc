// A planted bug, so that a fuzzer that finds nothing can be told from one that looks at nothing.
#include "base/bytes.h"
#include "target.h"

namespace ringgate::fuzz {

void run_canary(Octets input) {
  // Octet by octet, so that each right one is new coverage.
  if (input.size() < canary_magic.size()) return;
  for (std::size_t i = 0; i < canary_magic.size(); ++i)
    if (as_text(input)[i] != canary_magic[i]) return;
  UNREACHABLE();
}

Seeds seeds_of_canary(const SeedSource&) { return {"fuzz"}; }

}  // namespace ringgate::fuzz

#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace ringgate {

void assert_failed(const char* expression, const char* file, int line) {
  // stderr is unbuffered and one call writes one line, so lines of several dying threads do not
  // mix.
  std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, expression);
  std::abort();
}

}  // namespace ringgate

// Which Ringgate this is: the headers, and the library.
#pragma once

#include <ringgate/api.h>

#define RINGGATE_VERSION_MAJOR 0
#define RINGGATE_VERSION_MINOR 1
#define RINGGATE_VERSION_PATCH 0
/// Grows with every release.
#define RINGGATE_VERSION_NUMBER \
  (RINGGATE_VERSION_MAJOR * 1000000 + RINGGATE_VERSION_MINOR * 1000 + RINGGATE_VERSION_PATCH)
#define RINGGATE_VERSION "0.1.0"

namespace ringgate {
inline namespace RINGGATE_ABI {

/// Semantic version of these headers.
inline constexpr const char* version = RINGGATE_VERSION;

/// The same of the library that the program runs with. Any thread.
RINGGATE_API const char* library_version() noexcept;

}  // namespace RINGGATE_ABI
}  // namespace ringgate

#pragma once

namespace ringgate {

/// Semantic version of the library and the programs.
inline constexpr const char* version = "0.1.0";

}  // namespace ringgate

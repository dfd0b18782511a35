// What one message costs on its way through the pure parts, stage by stage: the timed bench and the
// instruction budget drive the same ones. Inputs are the submit_sm that the end-to-end bench uses:
// 160 octets of text, 12-digit addresses.
#pragma once

#include <functional>
#include <span>
#include <string_view>

namespace ringgate::bench {

/// Nothing in it depends on the clock, on chance or on another thread, so that every turn but the
/// first few takes the same instructions.
struct Stage {
  std::string_view name;
  unsigned messages;  ///< in one turn
  /// Sets it up and returns its turn, to be called as often as one likes.
  std::function<void()> (*make)();
};

std::span<const Stage> path_stages();

}  // namespace ringgate::bench

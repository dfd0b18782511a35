// How clients that many use behave unless they are told otherwise.
#pragma once

#include <ringgate/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ringgate::load {

/// What of a client is its own; nothing: it has no habit that differs from ours.
struct Habits {
  std::string_view name;
  std::optional<std::uint32_t> window;
  std::optional<Nanos> enquire_link;
  std::optional<Nanos> inactivity;
  std::optional<Nanos> response_timeout;
  std::optional<Nanos> throttle_pause;
  std::optional<std::uint8_t> interface_version;
};

/// Null: nobody of that name.
const Habits* habits_of(std::string_view name);
/// "kannel, cloudhopper, ..."
std::string habit_names();
/// The one that is spelled nearly so; empty: none is.
std::string_view habit_like(std::string_view name);

}  // namespace ringgate::load

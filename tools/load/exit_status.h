// What ringgate-load ends with; README and --help name them.
#pragma once

namespace ringgate::load {

constexpr int exit_failure = 1;
constexpr int exit_usage = 2;
constexpr int exit_lost = 3;
constexpr int exit_not_reached = 4;
constexpr int exit_client_limited = 5;

}  // namespace ringgate::load

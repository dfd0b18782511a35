// Numbers as people write large ones.
#pragma once

#include <cmath>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ringgate::load {

struct Suffix {
  std::string_view name;
  double factor;
};

/// A number of at least 0 with one of the suffixes; empty: there is none, or no such suffix.
inline std::optional<double> scaled(std::string_view text, std::span<const Suffix> suffixes) {
  const std::string whole(text);
  char* end = nullptr;
  const double number = std::strtod(whole.c_str(), &end);
  const bool is_number = end != whole.c_str() && std::isfinite(number) && number >= 0;
  if (!is_number) return std::nullopt;
  for (const Suffix& suffix : suffixes)
    if (suffix.name == end) return number * suffix.factor;
  return std::nullopt;
}

/// 500, 50k, 1m.
inline std::optional<double> number_of(std::string_view text) {
  static constexpr Suffix suffixes[] = {{"", 1}, {"k", 1e3}, {"K", 1e3}, {"m", 1e6}, {"M", 1e6}};
  return scaled(text, suffixes);
}

}  // namespace ringgate::load

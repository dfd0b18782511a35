#include "load/destinations.h"

#include <algorithm>

namespace ringgate::load {

bool has_room(std::string_view number, std::uint64_t count) {
  // More than there can be of them, and less than 64 bits hold.
  constexpr std::size_t low_digits_max = 17;
  if (number.substr(0, 1) == "+") number.remove_prefix(1);
  const std::size_t low_digits = std::min(number.size(), low_digits_max);
  if (number.substr(0, number.size() - low_digits).find_first_not_of('9') != number.npos)
    return true;
  std::uint64_t low = 0, end = 1;
  for (const char digit : number.substr(number.size() - low_digits)) {
    low = low * 10 + static_cast<std::uint64_t>(digit - '0');
    end *= 10;
  }
  return count <= end - low;
}

}  // namespace ringgate::load

#include "rare.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <map>
#include <span>
#include <string_view>

#include "base/planted.h"
#include "base/rarely.h"

namespace ringgate {
namespace {

constexpr double rare = 0.02;

struct Point {
  std::uint64_t met = 0;
  std::uint64_t struck = 0;
};

Prng* draws_from = nullptr;
std::map<std::string_view, Point> points;
std::span<const std::string_view> planted_faults;

}  // namespace

bool rarely(const char* what) {
  if (draws_from == nullptr) return false;
  Point& point = points[what];
  ++point.met;
  if (!draws_from->chance(rare)) return false;
  ++point.struck;
  return true;
}

bool planted(const char* what) {
  return std::ranges::find(planted_faults, what) != planted_faults.end();
}

namespace sim {

void plant(std::span<const std::string_view> faults) { planted_faults = faults; }

void draw_rare_from(Prng* prng) { draws_from = prng; }

void print_rare() {
  for (const auto& [what, point] : points)
    std::printf("rarely: %.*s: %" PRIu64 " of %" PRIu64 "\n", static_cast<int>(what.size()),
                what.data(), point.struck, point.met);
}

}  // namespace sim
}  // namespace ringgate

#include "policy/quirk_profiles.h"

#include <vector>

namespace ringgate {
namespace {

std::vector<QuirkOptions> all_profiles() {
  std::vector<QuirkOptions> profiles;
  for (const QuirkProfileRow& row : quirk_profile_rows) {
    QuirkOptions& quirks = profiles.emplace_back();
    quirks.profile = row.name;
    row.apply(quirks);
  }
  return profiles;
}

}  // namespace

const QuirkOptions* find_profile(std::string_view name) {
  static const std::vector<QuirkOptions> profiles = all_profiles();
  for (const QuirkOptions& quirks : profiles)
    if (quirks.profile == name) return &quirks;
  return nullptr;
}

}  // namespace ringgate

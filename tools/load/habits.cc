#include "load/habits.h"

#include <vector>

#include "base/units.h"
#include "config/suggestion.h"

namespace ringgate::load {

namespace {

constexpr auto unsaid = std::nullopt;

//   name          window  enquire_link  inactivity    response      pause       version
constexpr Habits habit_rows[] = {
    {"kannel", 10, seconds(30), unsaid, seconds(60), seconds(1), 0x34},
    {"cloudhopper", 1, Nanos{0}, unsaid, seconds(60), unsaid, 0x34},
    {"jasmin", unsaid, seconds(30), seconds(300), seconds(120), unsaid, 0x34},
    {"jsmpp", unsaid, seconds(60), unsaid, seconds(2), unsaid, 0x34},
    {"node-smpp", unsaid, Nanos{0}, unsaid, unsaid, unsaid, 0x50},
};

}  // namespace

const Habits* habits_of(std::string_view name) {
  for (const Habits& row : habit_rows)
    if (row.name == name) return &row;
  return nullptr;
}

std::string habit_names() {
  std::string out;
  for (const Habits& row : habit_rows) {
    if (!out.empty()) out += ", ";
    out += row.name;
  }
  return out;
}

std::string_view habit_like(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Habits& row : habit_rows) names.push_back(row.name);
  return suggestion(name, names);
}

}  // namespace ringgate::load

// "Did you mean": the known word nearest to one that a person has misspelt.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace ringgate {

/// Number of single-character insertions, deletions and replacements, and of neighbours exchanged,
/// between two words.
inline std::size_t edit_distance(std::string_view source, std::string_view target) {
  std::vector<std::size_t> before, above, row(target.size() + 1);
  for (std::size_t column = 0; column < row.size(); ++column) row[column] = column;
  for (std::size_t line = 1; line <= source.size(); ++line) {
    before = std::move(above);
    above = std::move(row);
    row.assign(target.size() + 1, line);
    for (std::size_t column = 1; column < row.size(); ++column) {
      const char mine = source[line - 1], theirs = target[column - 1];
      row[column] = std::min(
          {above[column - 1] + (mine == theirs ? 0 : 1), above[column] + 1, row[column - 1] + 1});
      const bool exchanged =
          line > 1 && column > 1 && mine == target[column - 2] && source[line - 2] == theirs;
      if (exchanged) row[column] = std::min(row[column], before[column - 2] + 1);
    }
  }
  return row.back();
}

/// The candidate nearest to `word`, the first of several equals; empty where none is near enough
/// (one edit, or one per three characters of a longer candidate) to be what was meant. The view is
/// the candidate's own.
inline std::string_view suggestion(std::string_view word,
                                   std::span<const std::string_view> candidates) {
  // Nobody misspells a key into this; the bound keeps the cost of a hostile file down.
  constexpr std::size_t word_size_max = 64;
  if (word.size() > word_size_max) return {};
  std::string_view best;
  std::size_t best_distance = word_size_max;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    const std::size_t allowed = std::max<std::size_t>(1, candidate.size() / 3);
    if (distance <= allowed && distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace ringgate

// Texts of the kernel, of the environment and of people, word by word.
#pragma once

#include <algorithm>
#include <string_view>

namespace ringgate {

/// Takes the first word off, and what separates it from the beginning; empty: there is none. A view
/// of `text`.
inline std::string_view take_word(std::string_view& text, std::string_view separators) {
  text.remove_prefix(std::min(text.find_first_not_of(separators), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(separators));
  text.remove_prefix(word.size());
  return word;
}

/// Without the blanks around it.
inline std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t from = text.find_first_not_of(blanks);
  return from == text.npos ? std::string_view()
                           : text.substr(from, text.find_last_not_of(blanks) + 1 - from);
}

}  // namespace ringgate

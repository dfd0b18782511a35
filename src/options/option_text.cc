#include "options/option_text.h"

#include <charconv>
#include <cmath>

namespace ringgate {

namespace {

std::string words_text(std::span<const std::string_view> words, std::string_view last_separator) {
  std::string text;
  for (std::size_t index = 0; index < words.size(); ++index) {
    if (index > 0) text += index + 1 == words.size() ? last_separator : std::string_view(", ");
    text += '"';
    text += words[index];
    text += '"';
  }
  return text;
}

std::string bounds_text(const OptionRow& row) {
  return number_text(row.min) + "-" + number_text(row.max);
}

std::string array_text(const OptionRow& row, const OptionValue& value) {
  std::string text;
  const auto append = [&text](const std::string& element) {
    if (!text.empty()) text += ", ";
    text += element;
  };
  for (const std::string& element : value.texts) append(quoted(element));
  if (row.kind == OptionKind::integers) {
    for (const unsigned element : value.integers) append(std::to_string(element));
  } else {
    for (std::size_t index = 0; index < row.words.size(); ++index)
      if ((value.integer >> index & 1) != 0) append(quoted(row.words[index]));
  }
  return "[" + text + "]";
}

std::string err_map_text(const OptionValue& value) {
  std::string text;
  for (const ErrRow& row : value.errors)
    text +=
        (text.empty() ? "" : ", ") + quoted(std::to_string(row.error)) + " = " + quoted(row.text);
  return "{" + text + "}";
}

}  // namespace

std::string quoted(std::string_view text) {
  constexpr std::size_t shown_max = 64;
  std::string result = "\"";
  for (const char octet : text.substr(0, shown_max)) {
    const auto code = static_cast<unsigned char>(octet);
    result += code < 0x20 || code == 0x7f ? '?' : octet;
  }
  result += text.size() > shown_max ? "...\"" : "\"";
  return result;
}

std::string number_text(double number) {
  // The shortest form of 10000000 is 1e+07, which nobody writes in a configuration file.
  constexpr double fixed_max = 1e16;
  char buffer[64];
  const bool fixed = number == 0 || (std::fabs(number) >= 1e-6 && std::fabs(number) < fixed_max);
  const std::to_chars_result end =
      fixed ? std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::fixed)
            : std::to_chars(buffer, buffer + sizeof buffer, number);
  return std::string(buffer, end.ptr);
}

std::string_view kind_word(OptionKind kind) {
  switch (kind) {
    case OptionKind::integer:
      return "integer";
    case OptionKind::integer_or_auto:
      return "integer or \"auto\"";
    case OptionKind::number:
      return "number";
    case OptionKind::boolean:
      return "boolean";
    case OptionKind::err_map:
      return "table of strings";
    case OptionKind::text:
    case OptionKind::ascii:
    case OptionKind::ip_address:
    case OptionKind::digits:
    case OptionKind::receipt_template:
    case OptionKind::status:
    case OptionKind::word:
      return "string";
    case OptionKind::words:
    case OptionKind::texts:
    case OptionKind::networks:
    case OptionKind::source_rules:
    case OptionKind::prefixes:
      return "array of strings";
    case OptionKind::integers:
      return "array of integers";
  }
  return {};
}

std::string kind_text(const OptionRow& row) {
  if (row.kind == OptionKind::boolean) return "true or false";
  const std::string_view word = kind_word(row.kind);
  const bool begins_with_vowel = std::string_view("aeiou").find(word.front()) != word.npos;
  return std::string(begins_with_vowel ? "an " : "a ").append(word);
}

std::string range_text(const OptionRow& row) {
  switch (row.kind) {
    case OptionKind::integer_or_auto:
      return bounds_text(row) + " or \"auto\"";
    case OptionKind::text:
    case OptionKind::ascii:
    case OptionKind::receipt_template:
      return bounds_text(row) + " characters";
    case OptionKind::texts:
      return bounds_text(row) + " characters each";
    case OptionKind::networks:
      return "an IPv4 or IPv6 address, or a network as \"192.0.2.0/24\"";
    case OptionKind::source_rules:
      return "an address as \"ACME\", a prefix as \"4477*\" or a pattern as \"/[A-Z]+/\"";
    case OptionKind::prefixes:
      return "digits, perhaps with a '*' behind them, or \"*\"";
    case OptionKind::digits:
      return bounds_text(row) + " digits";
    case OptionKind::boolean:
      return "true or false";
    case OptionKind::err_map:
      return bounds_text(row) + " to 1-" + std::to_string(smpp::ReceiptTemplate::err_max) +
             " characters";
    case OptionKind::ip_address:
      return "an IPv4 or IPv6 address";
    case OptionKind::status:
      return "the name of an error status such as \"ESME_RSYSERR\"";
    case OptionKind::word:
      return words_text(row.words, " or ");
    case OptionKind::words:
      return "one or more of " + words_text(row.words, ", ");
    case OptionKind::integer:
    case OptionKind::number:
    case OptionKind::integers:
      break;
  }
  std::string text = bounds_text(row);
  if (!row.unit.empty()) {
    text += ' ';
    text += row.unit;
  }
  if (!row.zero.empty()) {
    text += " (0 = ";
    text += row.zero;
    text += ')';
  }
  return text;
}

std::string value_text(const OptionRow& row, const OptionValue& value) {
  switch (row.kind) {
    case OptionKind::integer:
      return std::to_string(value.integer);
    case OptionKind::integer_or_auto:
      return value.integer == 0 ? "\"auto\"" : std::to_string(value.integer);
    case OptionKind::number:
      return number_text(value.number);
    case OptionKind::text:
    case OptionKind::ascii:
    case OptionKind::ip_address:
    case OptionKind::digits:
    case OptionKind::receipt_template:
      return quoted(value.text);
    case OptionKind::boolean:
      return value.integer == 0 ? "false" : "true";
    case OptionKind::err_map:
      return err_map_text(value);
    case OptionKind::status:
      return quoted(status_name(static_cast<Status>(value.integer)));
    case OptionKind::word:
      return quoted(row.words[static_cast<std::size_t>(value.integer)]);
    case OptionKind::words:
    case OptionKind::integers:
    case OptionKind::texts:
    case OptionKind::networks:
    case OptionKind::source_rules:
    case OptionKind::prefixes:
      return array_text(row, value);
  }
  return {};
}

std::string default_text(const OptionRow& row) {
  Options options;
  options.listen.emplace_back();
  options.accounts.emplace_back();
  options.numbers.emplace_back();
  const OptionValue value = row.member.get(options);
  // No text can be empty and be given, except a template, which then is the standard's.
  const bool is_text = row.kind == OptionKind::text || row.kind == OptionKind::ascii ||
                       row.kind == OptionKind::digits;
  if (is_text && value.text.empty()) return {};
  return value_text(row, value);
}

}  // namespace ringgate

#include "config/option_reader.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "config/option_text.h"
#include "config/suggestion.h"

namespace ringgate {

namespace {

/// Empty if the value is good, else what follows the name of the key.
using Complaint = std::string;

Complaint wrong_type(const OptionRow& row, const toml::node& node) {
  return " must be " + kind_text(row) + ", not " + std::string(type_text(node));
}

Complaint out_of_range(const OptionRow& row, const std::string& value) {
  return " must be " + range_text(row) + ", not " + value;
}

bool in_range(const OptionRow& row, double value) {
  if (value == 0 && !row.zero.empty()) return true;
  // Written so that a NaN is out of range.
  return value >= row.min && value <= row.max;
}

Complaint read_integer(const OptionRow& row, const toml::node& node, OptionValue& value) {
  const toml::value<std::int64_t>* integer = node.as_integer();
  if (integer == nullptr) return wrong_type(row, node);
  value.integer = integer->get();
  if (!in_range(row, static_cast<double>(value.integer)))
    return out_of_range(row, std::to_string(value.integer));
  return {};
}

Complaint read_integer_or_auto(const OptionRow& row, const toml::node& node, OptionValue& value) {
  const toml::value<std::string>* text = node.as_string();
  if (text == nullptr) return read_integer(row, node, value);
  if (text->get() != "auto") return out_of_range(row, quoted(text->get()));
  value.integer = 0;
  return {};
}

Complaint read_number(const OptionRow& row, const toml::node& node, OptionValue& value) {
  if (const toml::value<double>* number = node.as_floating_point()) {
    value.number = number->get();
  } else if (const toml::value<std::int64_t>* integer = node.as_integer()) {
    value.number = static_cast<double>(integer->get());
  } else {
    return wrong_type(row, node);
  }
  if (!in_range(row, value.number)) return out_of_range(row, number_text(value.number));
  return {};
}

bool is_printable_ascii(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

Complaint read_text(const OptionRow& row, const std::string& text) {
  // The value itself stays out of these messages: it may be a password.
  if (row.kind == OptionKind::ascii && !is_printable_ascii(text)) return " must be printable ASCII";
  if (text.find('\0') != std::string::npos) return " must not contain a NUL";
  if (!in_range(row, static_cast<double>(text.size())))
    return out_of_range(row, std::to_string(text.size()));
  return {};
}

Complaint read_ip_address(const OptionRow& row, const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> address;
  // inet_pton stops at a NUL and would take what stands before it.
  const bool whole = text.find('\0') == std::string::npos;
  const bool valid = whole && (inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
                               inet_pton(AF_INET6, text.c_str(), address.data()) == 1);
  return valid ? Complaint() : out_of_range(row, quoted(text));
}

Complaint read_boolean(const OptionRow& row, const toml::node& node, OptionValue& value) {
  const toml::value<bool>* boolean = node.as_boolean();
  if (boolean == nullptr) return wrong_type(row, node);
  value.integer = boolean->get() ? 1 : 0;
  return {};
}

Complaint read_digits(const OptionRow& row, const std::string& text) {
  return plan_digits(text) ? Complaint() : out_of_range(row, quoted(text));
}

Complaint read_receipt_template(const OptionRow& row, const std::string& text) {
  const Complaint complaint = read_text(row, text);
  if (!complaint.empty() || text.empty()) return complaint;
  std::string fault;
  smpp::ReceiptTemplate::compile(text, fault);
  return fault.empty() ? Complaint() : ": " + fault;
}

/// "; did you mean ...?", or nothing where no word is near.
std::string hint_text(const std::string& text, std::span<const std::string_view> words) {
  const std::string_view best = suggestion(text, words);
  return best.empty() ? std::string() : "; did you mean " + quoted(best) + "?";
}

Complaint read_status(const OptionRow& row, const std::string& text, OptionValue& value) {
  std::vector<std::string_view> names;
  for (const StatusRow& status : status_rows) {
    if (status.status == Status::ESME_ROK) continue;
    if (status.name == text) {
      value.integer = static_cast<std::int64_t>(status.status);
      return {};
    }
    names.push_back(status.name);
  }
  return out_of_range(row, quoted(text)) + hint_text(text, names);
}

Complaint read_word(const OptionRow& row, const std::string& text, OptionValue& value) {
  for (std::size_t index = 0; index < row.words.size(); ++index) {
    if (row.words[index] != text) continue;
    value.integer = static_cast<std::int64_t>(index);
    return {};
  }
  for (const RefusedWordRow& refused : refused_word_rows)
    if (refused.section == row.section && refused.key == row.key && refused.word == text)
      return " " + quoted(text) + " " + std::string(refused.reason);
  // A short list is hint enough, and its words are so short that a guess is often wrong.
  constexpr std::size_t words_few = 5;
  const bool many = row.words.size() > words_few;
  return out_of_range(row, quoted(text)) + (many ? hint_text(text, row.words) : std::string());
}

Complaint read_string(const OptionRow& row, const toml::node& node, OptionValue& value) {
  const toml::value<std::string>* string = node.as_string();
  if (string == nullptr) return wrong_type(row, node);
  value.text = string->get();
  switch (row.kind) {
    case OptionKind::ip_address:
      return read_ip_address(row, value.text);
    case OptionKind::status:
      return read_status(row, value.text, value);
    case OptionKind::word:
      return read_word(row, value.text, value);
    case OptionKind::digits:
      return read_digits(row, value.text);
    case OptionKind::receipt_template:
      return read_receipt_template(row, value.text);
    default:
      return read_text(row, value.text);
  }
}

/// An element's complaint names its index and place; that of the array as a whole does not.
OptionReading read_array(const OptionRow& row, const toml::node& node, const std::string& name) {
  OptionReading reading{{}, {}, node.source().begin};
  const toml::array* array = node.as_array();
  if (array == nullptr) {
    reading.complaint = name + wrong_type(row, node);
    return reading;
  }
  const OptionKind element_kind =
      row.kind == OptionKind::integers ? OptionKind::integer : OptionKind::word;
  OptionRow element_row = row;
  element_row.kind = element_kind;
  std::size_t index = 0;
  for (const toml::node& element : *array) {
    OptionValue value;
    const Complaint complaint = element_kind == OptionKind::integer
                                    ? read_integer(element_row, element, value)
                                    : read_string(element_row, element, value);
    if (!complaint.empty()) {
      reading.complaint = name + "[" + std::to_string(index) + "]" + complaint;
      reading.place = element.source().begin;
      return reading;
    }
    if (element_kind == OptionKind::integer) {
      reading.value.integers.push_back(static_cast<unsigned>(value.integer));
    } else {
      reading.value.integer |= std::int64_t{1} << value.integer;
    }
    ++index;
  }
  if (row.kind == OptionKind::words && array->empty())
    reading.complaint = name + out_of_range(row, "empty");
  return reading;
}

/// The backend's error that a key of the map stands for; empty if it is out of range.
std::optional<std::uint16_t> err_map_error(const OptionRow& row, std::string_view key) {
  unsigned error = 0;
  const auto [end, fault] = std::from_chars(key.data(), key.data() + key.size(), error);
  const bool whole = fault == std::errc() && end == key.data() + key.size();
  if (!whole || !in_range(row, error)) return std::nullopt;
  return static_cast<std::uint16_t>(error);
}

Complaint err_map_complaint(const toml::node& node) {
  const toml::value<std::string>* text = node.as_string();
  if (text == nullptr) return " must be a string, not " + std::string(type_text(node));
  const std::size_t size = text->get().size();
  if (size < 1 || size > smpp::ReceiptTemplate::err_max || !is_printable_ascii(text->get()))
    return " must be 1-" + std::to_string(smpp::ReceiptTemplate::err_max) +
           " characters of printable ASCII";
  return {};
}

/// Errors in ascending order, so that receipts can search them.
OptionReading read_err_map(const OptionRow& row, const toml::node& node, const std::string& name) {
  OptionReading reading{{}, {}, node.source().begin};
  const toml::table* table = node.as_table();
  if (table == nullptr) {
    reading.complaint = name + wrong_type(row, node);
    return reading;
  }
  std::vector<ErrRow>& rows = reading.value.errors;
  for (const auto& [key, entry] : *table) {
    const std::string entry_name = name + "." + quoted(key.str());
    const std::optional<std::uint16_t> error = err_map_error(row, key.str());
    const auto same = [&error](const ErrRow& other) { return other.error == error; };
    Complaint complaint = error ? err_map_complaint(entry) : " is no error: must be 0-999";
    if (complaint.empty() && std::any_of(rows.begin(), rows.end(), same))
      complaint = " is there twice";
    if (!complaint.empty()) {
      reading.complaint = entry_name + complaint;
      reading.place = entry.source().begin;
      return reading;
    }
    rows.push_back({*error, entry.as_string()->get()});
  }
  std::sort(rows.begin(), rows.end(),
            [](const ErrRow& left, const ErrRow& right) { return left.error < right.error; });
  return reading;
}

Complaint read_scalar(const OptionRow& row, const toml::node& node, OptionValue& value) {
  switch (row.kind) {
    case OptionKind::integer:
      return read_integer(row, node, value);
    case OptionKind::integer_or_auto:
      return read_integer_or_auto(row, node, value);
    case OptionKind::number:
      return read_number(row, node, value);
    case OptionKind::boolean:
      return read_boolean(row, node, value);
    default:
      return read_string(row, node, value);
  }
}

}  // namespace

std::string_view type_text(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::none:
      return "nothing";
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a float";
    case toml::node_type::boolean:
      return "a boolean";
    case toml::node_type::date:
      return "a date";
    case toml::node_type::time:
      return "a time";
    case toml::node_type::date_time:
      return "a date-time";
  }
  return "something else";
}

OptionReading read_option(const OptionRow& row, const toml::node& node) {
  const std::string name = std::string(row.section) + "." + std::string(row.key);
  if (row.kind == OptionKind::words || row.kind == OptionKind::integers)
    return read_array(row, node, name);
  if (row.kind == OptionKind::err_map) return read_err_map(row, node, name);
  OptionReading reading{{}, {}, node.source().begin};
  const Complaint complaint = read_scalar(row, node, reading.value);
  if (!complaint.empty()) reading.complaint = name + complaint;
  return reading;
}

}  // namespace ringgate

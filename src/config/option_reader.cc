#include "config/option_reader.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "config/suggestion.h"
#include "options/option_text.h"
#include "options/value_fault.h"

namespace ringgate {

namespace {

Complaint wrong_type(const OptionRow& row, const toml::node& node) {
  return " must be " + kind_text(row) + ", not " + std::string(type_text(node));
}

Complaint read_integer(const OptionRow& row, const toml::node& node, OptionValue& value) {
  const toml::value<std::int64_t>* integer = node.as_integer();
  if (integer == nullptr) return wrong_type(row, node);
  value.integer = integer->get();
  return value_fault(row, value);
}

Complaint read_integer_or_auto(const OptionRow& row, const toml::node& node, OptionValue& value) {
  const toml::value<std::string>* text = node.as_string();
  if (text == nullptr) {
    const Complaint complaint = read_integer(row, node, value);
    // In a file 0 is a word: Options say so, people say "auto".
    return complaint.empty() && value.integer == 0 ? out_of_range(row, "0") : complaint;
  }
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
  return value_fault(row, value);
}

Complaint read_boolean(const OptionRow& row, const toml::node& node, OptionValue& value) {
  const toml::value<bool>* boolean = node.as_boolean();
  if (boolean == nullptr) return wrong_type(row, node);
  value.integer = boolean->get() ? 1 : 0;
  return {};
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
  if (row.kind == OptionKind::status) return read_status(row, value.text, value);
  if (row.kind == OptionKind::word) return read_word(row, value.text, value);
  return value_fault(row, value);
}

/// What there is one of need not be written as an array.
OptionReading read_texts(const OptionRow& row, const toml::node& node, const std::string& name) {
  OptionReading reading{{}, {}, node.source().begin};
  const auto take = [&](const toml::node& element) {
    const toml::value<std::string>* const text = element.as_string();
    if (text == nullptr) return false;
    reading.value.texts.push_back(text->get());
    return true;
  };
  const toml::array* const array = node.as_array();
  bool sound = array != nullptr || take(node);
  if (array != nullptr)
    for (const toml::node& element : *array) sound = sound && take(element);
  const Complaint complaint = sound ? value_fault(row, reading.value) : wrong_type(row, node);
  if (!complaint.empty()) reading.complaint = name + complaint;
  return reading;
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
  if (!whole || !err_map_number_fault(row, error).empty()) return std::nullopt;
  return static_cast<std::uint16_t>(error);
}

Complaint err_map_complaint(const toml::node& node) {
  const toml::value<std::string>* text = node.as_string();
  if (text == nullptr) return " must be a string, not " + std::string(type_text(node));
  return err_map_text_fault(text->get());
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
    Complaint complaint = error ? err_map_complaint(entry) : err_map_number_fault(row, -1);
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
  if (row.kind == OptionKind::texts || row.kind == OptionKind::networks ||
      row.kind == OptionKind::source_rules || row.kind == OptionKind::prefixes)
    return read_texts(row, node, name);
  if (row.kind == OptionKind::err_map) return read_err_map(row, node, name);
  OptionReading reading{{}, {}, node.source().begin};
  const Complaint complaint = read_scalar(row, node, reading.value);
  if (!complaint.empty()) reading.complaint = name + complaint;
  return reading;
}

}  // namespace ringgate

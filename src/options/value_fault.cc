#include "options/value_fault.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <set>

#include "options/option_text.h"
#include "policy/address_rules.h"
#include "policy/networks.h"

namespace ringgate {
namespace {

bool in_range(const OptionRow& row, double value) {
  if (value == 0 && !row.zero.empty()) return true;
  // Written so that a NaN is out of range.
  return value >= row.min && value <= row.max;
}

Complaint integer_fault(const OptionRow& row, std::int64_t integer) {
  if (in_range(row, static_cast<double>(integer))) return {};
  return out_of_range(row, std::to_string(integer));
}

bool is_printable_ascii(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

Complaint text_fault(const OptionRow& row, const std::string& text) {
  // The value itself stays out of these messages: it may be a password.
  if (row.kind == OptionKind::ascii && !is_printable_ascii(text)) return " must be printable ASCII";
  if (text.find('\0') != std::string::npos) return " must not contain a NUL";
  if (!in_range(row, static_cast<double>(text.size())))
    return out_of_range(row, std::to_string(text.size()));
  return {};
}

Complaint ip_address_fault(const OptionRow& row, const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> address;
  // inet_pton stops at a NUL and would take what stands before it.
  const bool whole = text.find('\0') == std::string::npos;
  const bool valid = whole && (inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
                               inet_pton(AF_INET6, text.c_str(), address.data()) == 1);
  return valid ? Complaint() : out_of_range(row, quoted(text));
}

Complaint receipt_template_fault(const OptionRow& row, const std::string& text) {
  const Complaint complaint = text_fault(row, text);
  if (!complaint.empty() || text.empty()) return complaint;
  std::string fault;
  smpp::ReceiptTemplate::compile(text, fault);
  return fault.empty() ? Complaint() : ": " + fault;
}

Complaint status_fault(const OptionRow& row, std::int64_t code) {
  const auto status = static_cast<Status>(code);
  const bool known = status != Status::ESME_ROK && status_row(status) != nullptr;
  return known ? Complaint() : out_of_range(row, std::to_string(code));
}

Complaint word_fault(const OptionRow& row, const OptionValue& value) {
  const auto count = static_cast<std::int64_t>(row.words.size());
  if (value.integer >= 0 && value.integer < count) return {};
  return out_of_range(row, value.text.empty() ? std::to_string(value.integer) : quoted(value.text));
}

Complaint integers_fault(const OptionRow& row, const std::vector<unsigned>& integers) {
  for (std::size_t index = 0; index < integers.size(); ++index) {
    const Complaint complaint = integer_fault(row, integers[index]);
    if (!complaint.empty()) return "[" + std::to_string(index) + "]" + complaint;
  }
  return {};
}

/// Of a rule about addresses: `fault` by itself, within the length that the row allows.
Complaint rule_fault(const OptionRow& row, const std::string& text,
                     std::string (*fault)(std::string_view)) {
  if (text.find('\0') != std::string::npos) return " must not contain a NUL";
  if (!in_range(row, static_cast<double>(text.size())))
    return " must have " + number_text(row.min) + "-" + number_text(row.max) + " characters, not " +
           std::to_string(text.size());
  return fault(text);
}

Complaint element_fault(const OptionRow& row, const std::string& text) {
  switch (row.kind) {
    case OptionKind::networks:
      return Network::parse(text) ? Complaint() : out_of_range(row, quoted(text));
    case OptionKind::source_rules:
      return rule_fault(row, text, SourceRules::fault);
    case OptionKind::prefixes:
      return rule_fault(row, text, DestinationRules::fault);
    default:
      return text_fault(row, text);
  }
}

Complaint texts_fault(const OptionRow& row, const std::vector<std::string>& texts) {
  for (std::size_t index = 0; index < texts.size(); ++index) {
    const Complaint complaint = element_fault(row, texts[index]);
    if (!complaint.empty()) return "[" + std::to_string(index) + "]" + complaint;
  }
  return {};
}

Complaint err_map_fault(const OptionRow& row, const std::vector<ErrRow>& errors) {
  std::set<std::uint16_t> seen;
  for (const ErrRow& error : errors) {
    const std::string name = "." + quoted(std::to_string(error.error));
    const Complaint number = err_map_number_fault(row, error.error);
    if (!number.empty()) return name + number;
    const Complaint text = err_map_text_fault(error.text);
    if (!text.empty()) return name + text;
    if (!seen.insert(error.error).second) return name + " is there twice";
  }
  return {};
}

}  // namespace

Complaint out_of_range(const OptionRow& row, const std::string& value) {
  return " must be " + range_text(row) + ", not " + value;
}

Complaint err_map_number_fault(const OptionRow& row, std::int64_t error) {
  return in_range(row, static_cast<double>(error)) ? Complaint() : " is no error: must be 0-999";
}

Complaint err_map_text_fault(const std::string& text) {
  constexpr std::size_t max = smpp::ReceiptTemplate::err_max;
  if (text.size() >= 1 && text.size() <= max && is_printable_ascii(text)) return {};
  return " must be 1-" + std::to_string(max) + " characters of printable ASCII";
}

Complaint value_fault(const OptionRow& row, const OptionValue& value) {
  switch (row.kind) {
    case OptionKind::integer:
      return integer_fault(row, value.integer);
    case OptionKind::integer_or_auto:
      return value.integer == 0 ? Complaint() : integer_fault(row, value.integer);
    case OptionKind::number:
      return in_range(row, value.number) ? Complaint()
                                         : out_of_range(row, number_text(value.number));
    case OptionKind::text:
    case OptionKind::ascii:
      return text_fault(row, value.text);
    case OptionKind::boolean:
      return {};
    case OptionKind::ip_address:
      return ip_address_fault(row, value.text);
    case OptionKind::digits:
      return plan_digits(value.text) ? Complaint() : out_of_range(row, quoted(value.text));
    case OptionKind::receipt_template:
      return receipt_template_fault(row, value.text);
    case OptionKind::status:
      return status_fault(row, value.integer);
    case OptionKind::word:
      return word_fault(row, value);
    case OptionKind::words:
      return value.integer == 0 ? out_of_range(row, "empty") : Complaint();
    case OptionKind::integers:
      return integers_fault(row, value.integers);
    case OptionKind::texts:
    case OptionKind::networks:
    case OptionKind::source_rules:
    case OptionKind::prefixes:
      return texts_fault(row, value.texts);
    case OptionKind::err_map:
      return err_map_fault(row, value.errors);
  }
  return {};
}

}  // namespace ringgate

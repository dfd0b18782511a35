#include "smpp/receipt_template.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "smpp/receipt_quote.h"
#include "smpp/receipt_text.h"
#include "text/smpp_time.h"

namespace ringgate::smpp {
namespace {

constexpr std::size_t date_digits_max = 14;

/// Appends as long as there is room.
class Sink {
 public:
  Sink(char* to, std::size_t room) : begin_(to), at_(to), end_(to + room) {}

  void put(std::string_view text) {
    const std::size_t count = std::min(text.size(), static_cast<std::size_t>(end_ - at_));
    if (count == 0) return;
    std::memcpy(at_, text.data(), count);
    at_ += count;
  }
  void put_zeros(std::size_t count) { put(std::string_view("00000000").substr(0, count)); }
  void put_padded(std::string_view text, std::size_t width) {
    if (text.size() < width) put_zeros(width - text.size());
    put(text);
  }
  std::size_t size() const { return static_cast<std::size_t>(at_ - begin_); }

 private:
  char* begin_;
  char* at_;
  char* end_;
};

void put_count(Sink& sink, unsigned count, std::size_t width) {
  constexpr unsigned count_max = 999;
  char digits[3];
  const char* end = std::to_chars(digits, digits + sizeof digits, std::min(count, count_max)).ptr;
  sink.put_padded({digits, static_cast<std::size_t>(end - digits)}, width);
}

void put_date(Sink& sink, std::int64_t wall_s, std::size_t width) {
  char digits[date_digits_max];
  // A clock before 1970 is broken; it gives a date that is wrong.
  write_date(std::max<std::int64_t>(wall_s, 0), digits);
  // Only the longest form has the century.
  const bool has_century = width == date_digits_max;
  sink.put({has_century ? digits : digits + 2, width});
}

const ReceiptFieldRow* field_row(std::string_view name) {
  for (const ReceiptFieldRow& row : receipt_field_rows)
    if (row.name == name) return &row;
  return nullptr;
}

std::string known_fields() {
  std::string text;
  for (const ReceiptFieldRow& row : receipt_field_rows) {
    text += text.empty() ? "{" : ", {";
    text += row.name;
    text += '}';
  }
  return text;
}

std::string number_fault(const ReceiptFieldRow& row) {
  const std::string name(row.name);
  if (row.max == 0) return "{" + name + "} takes no number";
  std::string text = "the number of {" + name + "} must be ";
  if (row.step == 1) return text + std::to_string(row.min) + "-" + std::to_string(row.max);
  for (unsigned number = row.min; number <= row.max; number += row.step) {
    if (number != row.min) text += number == row.max ? " or " : ", ";
    text += std::to_string(number);
  }
  return text;
}

/// The number after the colon; empty if it is none that the row allows.
std::optional<unsigned> read_number(const ReceiptFieldRow& row, std::string_view text) {
  unsigned number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = fault == std::errc() && end == text.data() + text.size();
  if (!whole || number < row.min || number > row.max) return std::nullopt;
  if ((number - row.min) % row.step != 0) return std::nullopt;
  return number;
}

}  // namespace

/// Reads a template from left to right; gives up at the first fault.
class ReceiptTemplateCompiler {
 public:
  explicit ReceiptTemplateCompiler(std::string_view text) : text_(text) {}

  /// Empty on success.
  std::string run() {
    if (text_.empty()) return "the template is empty";
    // Doubled braces are two octets of the template and one of the receipt.
    if (text_.size() > 2 * ReceiptTemplate::receipt_max) return too_long(text_.size());
    while (at_ < text_.size()) {
      const std::string fault = step();
      if (!fault.empty()) return "position " + std::to_string(at_ + 1) + ": " + fault;
    }
    const std::size_t size = result_.size_max();
    if (size > ReceiptTemplate::receipt_max) return too_long(size);
    result_.spare_ = ReceiptTemplate::receipt_max - size;
    return {};
  }

  ReceiptTemplate take() { return std::move(result_); }

 private:
  static std::string too_long(std::size_t size) {
    return "a receipt could have " + std::to_string(size) + " octets, more than " +
           std::to_string(ReceiptTemplate::receipt_max);
  }

  std::string step() {
    const char octet = text_[at_];
    if (octet != '{' && octet != '}') {
      result_.add_literal(octet);
      ++at_;
      return {};
    }
    if (at_ + 1 < text_.size() && text_[at_ + 1] == octet) {
      result_.add_literal(octet);
      at_ += 2;
      return {};
    }
    return octet == '{' ? field() : "} without {; a brace of the text is written }}";
  }

  std::string field() {
    const std::size_t end = text_.find('}', at_);
    if (end == text_.npos) return "{ without }; a brace of the text is written {{";
    const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
    const std::size_t colon = inside.find(':');
    const ReceiptFieldRow* row = field_row(inside.substr(0, colon));
    // The name itself stays out of the message: it may be anything.
    if (row == nullptr) return "unknown field; the fields are " + known_fields();
    unsigned number = row->given_none;
    if (colon != inside.npos) {
      const std::optional<unsigned> read = read_number(*row, inside.substr(colon + 1));
      if (row->max == 0 || !read) return number_fault(*row);
      number = *read;
    }
    result_.ops_.push_back({row->field, static_cast<std::uint16_t>(number), 0});
    at_ = end + 1;
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  ReceiptTemplate result_;
};

std::optional<ReceiptTemplate> ReceiptTemplate::compile(std::string_view text, std::string& error) {
  ReceiptTemplateCompiler compiler(text);
  error = compiler.run();
  if (!error.empty()) return std::nullopt;
  return compiler.take();
}

void ReceiptTemplate::add_literal(char octet) {
  if (ops_.empty() || ops_.back().field != ReceiptField::literal)
    ops_.push_back({ReceiptField::literal, 0, static_cast<std::uint16_t>(literals_.size())});
  literals_ += octet;
  ++ops_.back().width;
}

std::size_t ReceiptTemplate::size_max() const {
  constexpr std::size_t stat_size = 7;
  std::size_t size = 0;
  for (const Op& op : ops_) {
    switch (op.field) {
      case ReceiptField::id:
        size += id_max;
        break;
      case ReceiptField::sub:
      case ReceiptField::dlvrd:
        size += 3;
        break;
      case ReceiptField::stat:
        size += stat_size;
        break;
      case ReceiptField::err:
        size += err_max;
        break;
      case ReceiptField::literal:
      case ReceiptField::submit_date:
      case ReceiptField::done_date:
      case ReceiptField::text:
        size += op.width;
        break;
    }
  }
  return size;
}

unsigned ReceiptTemplate::text_characters() const {
  unsigned most = 0;
  for (const Op& op : ops_)
    if (op.field == ReceiptField::text) most = std::max<unsigned>(most, op.width);
  return most;
}

std::size_t ReceiptTemplate::write(const ReceiptFields& fields, char* to, std::size_t room) const {
  Sink sink(to, room);
  std::size_t spare = spare_;
  for (const Op& op : ops_) {
    switch (op.field) {
      case ReceiptField::literal:
        sink.put(std::string_view(literals_).substr(op.offset, op.width));
        break;
      case ReceiptField::id:
        sink.put(fields.id);
        break;
      case ReceiptField::sub:
        put_count(sink, fields.sub, op.width);
        break;
      case ReceiptField::dlvrd:
        put_count(sink, fields.success ? fields.sub : 0, op.width);
        break;
      case ReceiptField::submit_date:
        put_date(sink, fields.submit_s, op.width);
        break;
      case ReceiptField::done_date:
        put_date(sink, fields.done_s, op.width);
        break;
      case ReceiptField::stat:
        sink.put(receipt_stat(fields.state));
        break;
      case ReceiptField::err:
        sink.put_padded(fields.err, op.width);
        break;
      case ReceiptField::text: {
        // What stands behind it keeps its place.
        const std::string_view text =
            first_characters(fields.text, fields.alphabet, op.width, op.width + spare);
        if (text.size() > op.width) spare -= text.size() - op.width;
        sink.put(text);
        break;
      }
    }
  }
  return sink.size();
}

}  // namespace ringgate::smpp

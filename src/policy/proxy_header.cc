#include "policy/proxy_header.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/units.h"

namespace ringgate {

using std::literals::operator""sv;

/// What a header can begin with. None begins with another one, so the first that has come whole is
/// the one.
struct ProxyForm {
  enum class Kind { tcp4, tcp6, unknown, nothing, binary };

  Kind kind;
  std::string_view beginning;
  std::string_view shortest;  // of the headers that begin so
};

namespace {

using Kind = ProxyForm::Kind;

constexpr std::string_view signature = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr ProxyForm forms[] = {
    {Kind::tcp4, "PROXY TCP4 ", "PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n"},
    {Kind::tcp6, "PROXY TCP6 ", "PROXY TCP6 :: :: 0 0\r\n"},
    {Kind::unknown, "PROXY UNKNOWN ", "PROXY UNKNOWN \r\n"},
    {Kind::nothing, "PROXY UNKNOWN\r\n", "PROXY UNKNOWN\r\n"},
    {Kind::binary, signature, "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"sv},
};

constexpr std::size_t shortest_size() {
  std::size_t out = forms[0].shortest.size();
  for (const ProxyForm& form : forms) out = std::min(out, form.shortest.size());
  return out;
}
static_assert(shortest_size() == ProxyHeader::size_min);

// The fields of a line.
constexpr std::size_t source_field = 0;
constexpr std::size_t source_port_field = 2;
constexpr std::size_t field_count = 4;
constexpr std::string_view field_octets = "0123456789abcdefABCDEF.:";

bool is_address(std::size_t field) { return field < source_port_field; }

/// The fewest octets that a field has.
std::size_t field_size_min(std::size_t field, Kind kind) {
  if (!is_address(field)) return "0"sv.size();
  return kind == Kind::tcp4 ? "0.0.0.0"sv.size() : "::"sv.size();
}

// Places in a binary header.
constexpr std::size_t command_at = signature.size();
constexpr std::size_t family_at = 13;
constexpr std::size_t length_at = 14;
constexpr std::size_t addresses_at = 16;

constexpr unsigned binary_version = 2;
constexpr unsigned command_local = 0;
constexpr unsigned command_proxy = 1;

struct Family {
  std::uint8_t octet;
  std::size_t address_size;  // of one of both, without the port
};
constexpr Family unspecified = {0x00, 0};
constexpr Family families[] = {unspecified, {0x11, 4}, {0x21, 16}};
constexpr std::size_t ports_size = 4;

const Family* family_of(std::uint8_t octet) {
  for (const Family& family : families)
    if (family.octet == octet) return &family;
  return nullptr;
}

std::size_t block_size(const Family& family) {
  return family.address_size == 0 ? 0 : 2 * family.address_size + ports_size;
}

/// Of an IPv4 address as AddressGroups has it.
std::string ipv4_text(const AddressGroups& groups) {
  std::string out;
  for (const std::size_t i : {6u, 7u}) {
    if (!out.empty()) out.push_back('.');
    out += std::to_string(groups[i] >> 8) + '.' + std::to_string(groups[i] & 0xFF);
  }
  return out;
}

struct Run {
  std::size_t begin = 0;
  std::size_t size = 0;
};

/// The longest run of zeros, of those the first.
Run zeros_of(const AddressGroups& groups) {
  Run best;
  Run run;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    run = groups[i] != 0 ? Run{i + 1, 0} : Run{run.begin, run.size + 1};
    if (run.size > best.size) best = run;
  }
  return best;
}

/// As inet_ntop writes it, so that a client looks the same whoever accepted its connection.
std::string ipv6_text(const AddressGroups& groups) {
  const Run zeros = zeros_of(groups);
  const bool holds_ipv4 =
      zeros.begin == 0 && (zeros.size == 6 || (zeros.size == 5 && groups[5] == 0xFFFF));
  const std::size_t end = holds_ipv4 ? 6 : groups.size();
  std::string out;
  for (std::size_t i = 0; i < end; ++i) {
    if (zeros.size > 1 && i == zeros.begin) {
      out += "::";
      i += zeros.size - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out.push_back(':');
    char digits[4];
    const auto [digits_end, error] = std::to_chars(digits, digits + sizeof digits, groups[i], 16);
    ASSERT(error == std::errc{});
    out.append(digits, digits_end);
  }
  if (!holds_ipv4) return out;
  if (out.back() != ':') out.push_back(':');
  return out + ipv4_text(groups);
}

std::string host_text(const AddressGroups& groups, bool is_ipv4) {
  return is_ipv4 ? ipv4_text(groups) : '[' + ipv6_text(groups) + ']';
}

/// Of that family.
std::optional<AddressGroups> address_in(std::string_view text, bool is_ipv4) {
  const bool looks_ipv4 = text.find(':') == text.npos;
  const bool has_zone = text.find('%') != text.npos;
  return looks_ipv4 == is_ipv4 && !has_zone ? parse_address(text) : std::nullopt;
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && text == std::to_string(port);
}

AddressGroups groups_at(const std::uint8_t* from, std::size_t size) {
  AddressGroups out{};
  if (size < sizeof out) out[5] = 0xFFFF;
  const std::size_t first = out.size() - size / 2;
  for (std::size_t i = first; i < out.size(); ++i) out[i] = load_be16(from + 2 * (i - first));
  return out;
}

}  // namespace

void ProxyHeader::put(Octets octets) {
  ASSERT(octets.size() <= wanted_);
  for (const std::uint8_t octet : octets) {
    // It never ends before what was wanted has come.
    ASSERT(stage_ == Stage::reading);
    if (size_ < octets_.size()) octets_[size_] = octet;
    ++size_;
    wanted_ = on_octet();
    const bool is_text = form_ != nullptr && form_->kind != Kind::binary;
    if (size_ + wanted_ > (is_text ? line_max : size_max)) refuse("PROXY header too long");
    if (stage_ == Stage::wrong) return;
    if (wanted_ == 0) stage_ = Stage::done;
  }
}

std::string_view ProxyHeader::text() const {
  return as_text(Octets(octets_).first(std::min(size_, octets_.size())));
}

std::size_t ProxyHeader::refuse(std::string_view fault) {
  stage_ = Stage::wrong;
  wanted_ = 0;
  fault_ = fault;
  peer_.clear();
  return 0;
}

std::size_t ProxyHeader::on_octet() {
  if (form_ == nullptr) return on_beginning();
  switch (form_->kind) {
    case Kind::tcp4:
    case Kind::tcp6:
      return on_line();
    case Kind::unknown:
      return on_unknown_line();
    case Kind::binary:
      return on_binary();
    case Kind::nothing:
      break;
  }
  UNREACHABLE();
}

std::size_t ProxyHeader::on_beginning() {
  const std::string_view begun = text();
  std::size_t left = 0;
  for (const ProxyForm& form : forms) {
    if (!form.beginning.starts_with(begun)) continue;
    const std::size_t form_left = form.shortest.size() - size_;
    left = left == 0 ? form_left : std::min(left, form_left);
    if (begun == form.beginning) {
      form_ = &form;
      field_begin_ = size_;
      return form_left;
    }
  }
  if (left != 0) return left;
  return refuse(begun.starts_with("PROXY ") ? "PROXY version 1: neither TCP4, TCP6 nor UNKNOWN"
                                            : "no PROXY header");
}

std::size_t ProxyHeader::on_unknown_line() {
  if (text().ends_with("\r\n")) return 0;
  return text().ends_with('\r') ? 1 : 2;
}

std::size_t ProxyHeader::on_line() {
  const char octet = text().back();
  if (field_ == field_count)
    return octet == '\n' ? 0 : refuse("PROXY version 1: no CRLF at the end");
  const bool is_end = octet == (field_ + 1 == field_count ? '\r' : ' ');
  if (is_end ? !end_field() : field_octets.find(octet) == field_octets.npos)
    return refuse(is_address(field_) ? "PROXY version 1: no valid address"
                                     : "PROXY version 1: no valid port");
  return line_left();
}

bool ProxyHeader::end_field() {
  const std::string_view field = text().substr(field_begin_, size_ - field_begin_ - 1);
  const bool is_ipv4 = form_->kind == Kind::tcp4;
  if (is_address(field_)) {
    const auto address = address_in(field, is_ipv4);
    if (!address) return false;
    if (field_ == source_field) peer_ = host_text(*address, is_ipv4);
  } else {
    if (!is_port(field)) return false;
    if (field_ == source_port_field) peer_.append(":").append(field);
  }
  ++field_;
  field_begin_ = size_;
  return true;
}

std::size_t ProxyHeader::line_left() const {
  std::size_t begun = size_ - field_begin_;
  std::size_t left = "\n"sv.size();
  for (std::size_t i = field_; i < field_count; ++i) {
    const std::size_t least = field_size_min(i, form_->kind);
    left += least - std::min(least, begun) + 1;
    begun = 0;
  }
  return left;
}

std::size_t ProxyHeader::on_binary() {
  if (octets_[command_at] >> 4 != binary_version) return refuse("PROXY header of another version");
  const unsigned command = octets_[command_at] & 0xF;
  if (command > command_proxy) return refuse("PROXY version 2: unknown command");
  if (size_ <= family_at) return addresses_at - size_;
  // What LOCAL says of addresses is to be ignored, whatever it is.
  const Family* const family =
      command == command_local ? &unspecified : family_of(octets_[family_at]);
  if (family == nullptr) return refuse("PROXY version 2: not a TCP client");
  if (size_ < addresses_at) return addresses_at - size_;
  const std::size_t length = load_be16(&octets_[length_at]);
  if (length < block_size(*family)) return refuse("PROXY version 2: shorter than its addresses");
  const std::size_t left = addresses_at + length - size_;
  if (left == 0 && family->address_size != 0) read_addresses();
  return left;
}

void ProxyHeader::read_addresses() {
  const std::size_t size = family_of(octets_[family_at])->address_size;
  const std::uint8_t* const source = &octets_[addresses_at];
  const std::uint16_t port = load_be16(source + 2 * size);
  peer_ = host_text(groups_at(source, size), size == 4) + ':' + std::to_string(port);
}

}  // namespace ringgate

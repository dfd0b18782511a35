#include "text/udh.h"

#include <array>

#include "base/assert.h"

namespace ringgate {
namespace {

std::uint16_t read_16(Octets data, std::size_t at) {
  return static_cast<std::uint16_t>((data[at] << 8) | data[at + 1]);
}

UdhFault read_concatenation(Octets data, bool wide, UdhInfo& info) {
  const std::size_t reference_size = wide ? 2 : 1;
  if (data.size() != reference_size + 2) return UdhFault::element_size;
  const std::uint8_t total = data[reference_size];
  const std::uint8_t sequence = data[reference_size + 1];
  if (total == 0 || sequence == 0 || sequence > total) return UdhFault::element_sequence;
  info.concatenated = true;
  info.wide_reference = wide;
  info.reference = wide ? read_16(data, 0) : data[0];
  info.total = total;
  info.sequence = sequence;
  return UdhFault::none;
}

UdhFault read_ports(Octets data, bool wide, UdhInfo& info) {
  if (data.size() != (wide ? 4 : 2)) return UdhFault::element_size;
  info.ports =
      wide ? UdhInfo::Ports{read_16(data, 0), read_16(data, 2)} : UdhInfo::Ports{data[0], data[1]};
  return UdhFault::none;
}

UdhFault read_shift(Octets data, std::uint8_t& shift) {
  if (data.size() != 1) return UdhFault::element_size;
  shift = data[0];
  return UdhFault::none;
}

UdhFault read_element(std::uint8_t identifier, Octets data, UdhInfo& info) {
  switch (identifier) {
    case udh_concatenation_8:
      return read_concatenation(data, false, info);
    case udh_concatenation_16:
      return read_concatenation(data, true, info);
    case udh_ports_8:
      return read_ports(data, false, info);
    case udh_ports_16:
      return read_ports(data, true, info);
    case udh_single_shift:
      return read_shift(data, info.single_shift);
    case udh_locking_shift:
      return read_shift(data, info.locking_shift);
    default:
      return UdhFault::none;
  }
}

UdhInfo unsound(UdhFault fault) {
  UdhInfo info;
  info.fault = fault;
  return info;
}

}  // namespace

std::string_view udh_fault_text(UdhFault fault) {
  switch (fault) {
    case UdhFault::none:
      return "none";
    case UdhFault::missing:
      return "header missing";
    case UdhFault::length:
      return "header longer than user data";
    case UdhFault::element_length:
      return "element longer than header";
    case UdhFault::element_size:
      return "element of wrong size";
    case UdhFault::element_sequence:
      return "part number out of range";
  }
  UNREACHABLE();
}

UdhInfo parse_udh(Octets user_data) {
  if (user_data.empty() || user_data[0] == 0) return unsound(UdhFault::missing);
  UdhInfo info;
  info.header_size = std::size_t{user_data[0]} + 1;
  if (info.header_size > user_data.size()) return unsound(UdhFault::length);
  std::size_t at = 1;
  while (at < info.header_size) {
    if (info.header_size - at < 2) return unsound(UdhFault::element_length);
    const std::uint8_t identifier = user_data[at];
    const std::size_t size = user_data[at + 1];
    at += 2;
    if (size > info.header_size - at) return unsound(UdhFault::element_length);
    const UdhFault fault = read_element(identifier, user_data.subspan(at, size), info);
    if (info.fault == UdhFault::none) info.fault = fault;
    at += size;
  }
  info.sound = true;
  return info;
}

void UdhWriter::add_concatenation_8(std::uint8_t reference, std::uint8_t total,
                                    std::uint8_t sequence) {
  ASSERT(sequence > 0);
  ASSERT(sequence <= total);
  add(udh_concatenation_8, std::array<std::uint8_t, 3>{reference, total, sequence});
}

void UdhWriter::add_concatenation_16(std::uint16_t reference, std::uint8_t total,
                                     std::uint8_t sequence) {
  ASSERT(sequence > 0);
  ASSERT(sequence <= total);
  add(udh_concatenation_16,
      std::array<std::uint8_t, 4>{static_cast<std::uint8_t>(reference >> 8),
                                  static_cast<std::uint8_t>(reference & 0xFF), total, sequence});
}

void UdhWriter::add_locking_shift(std::uint8_t language) {
  add(udh_locking_shift, std::array<std::uint8_t, 1>{language});
}

void UdhWriter::add_single_shift(std::uint8_t language) {
  add(udh_single_shift, std::array<std::uint8_t, 1>{language});
}

void UdhWriter::add(std::uint8_t identifier, Octets data) {
  if (octets_.empty()) octets_.push_back(0);
  octets_.push_back(identifier);
  octets_.push_back(static_cast<std::uint8_t>(data.size()));
  octets_.insert(octets_.end(), data.begin(), data.end());
  ASSERT(octets_.size() <= 140);  // what fits a short message (3GPP TS 23.040 §9.2.3.16)
  octets_[0] = static_cast<std::uint8_t>(octets_.size() - 1);
}

}  // namespace ringgate

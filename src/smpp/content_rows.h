// Where the parameters of a PDU stand in neutral content: the one place that knows.
#pragma once

#include <ringgate/message.h>

#include "smpp/operations.h"

namespace ringgate::smpp {

/// What an operation says, and what it is about.
struct NamedContent {
  Content content;
  std::string_view message_id;
};
static_assert(offsetof(NamedContent, content) == 0);

namespace detail {
struct Place {
  std::string_view name;
  std::size_t offset;
};
inline constexpr Place content_places[] = {
    {"service_type", offsetof(Content, service_type)},
    {"source_addr_ton", offsetof(Content, source) + offsetof(Address, ton)},
    {"source_addr_npi", offsetof(Content, source) + offsetof(Address, npi)},
    {"source_addr", offsetof(Content, source) + offsetof(Address, text)},
    {"dest_addr_ton", offsetof(Content, destination) + offsetof(Address, ton)},
    {"dest_addr_npi", offsetof(Content, destination) + offsetof(Address, npi)},
    {"destination_addr", offsetof(Content, destination) + offsetof(Address, text)},
    {"esm_class", offsetof(Content, esm_class)},
    {"protocol_id", offsetof(Content, protocol_id)},
    {"priority_flag", offsetof(Content, priority_flag)},
    {"registered_delivery", offsetof(Content, registered_delivery)},
    {"replace_if_present_flag", offsetof(Content, replace_if_present_flag)},
    {"data_coding", offsetof(Content, data_coding)},
    {"sm_default_msg_id", offsetof(Content, sm_default_msg_id)},
    {"schedule_delivery_time", offsetof(Content, schedule_delivery_time)},
    {"validity_period", offsetof(Content, validity_period)},
    {"short_message", offsetof(Content, text)},
    {"message_id", offsetof(NamedContent, message_id)},
};

constexpr std::uint16_t place_of(std::string_view name) {
  for (const Place& place : content_places)
    if (place.name == name) return static_cast<std::uint16_t>(place.offset);
  throw "no place for that field";
}
template <class Pdu, class Into>
constexpr auto rows_into() {
  auto rows = Pdu::fields;
  for (Field& row : rows) {
    row.offset = place_of(row.name);
    if (row.offset >= sizeof(Into)) throw "no place for that field in this struct";
  }
  return rows;
}
}  // namespace detail

/// The rows of a PDU, reading into Content and writing out of it. A PDU with a field that Content
/// has not does not compile.
template <class Pdu>
inline constexpr auto content_rows = detail::rows_into<Pdu, Content>();

/// The same for a PDU with a message_id, and NamedContent.
template <class Pdu>
inline constexpr auto named_rows = detail::rows_into<Pdu, NamedContent>();

}  // namespace ringgate::smpp

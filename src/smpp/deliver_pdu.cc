#include "smpp/deliver_pdu.h"

#include "smpp/command.h"
#include "smpp/tlv.h"
#include "wire/frame.h"

namespace ringgate::smpp {

std::size_t write_deliver(const Parcel& message, std::uint8_t interface_version,
                          std::uint32_t sequence_number, std::uint8_t* to) {
  ASSERT(deliver_fits(message, interface_version));
  const bool payload = message.text.size() > short_message_max;
  ShortMessage body;
  body.service_type = message.service_type;
  body.source_addr_ton = message.source.ton;
  body.source_addr_npi = message.source.npi;
  body.source_addr = message.source.view();
  body.dest_addr_ton = message.destination.ton;
  body.dest_addr_npi = message.destination.npi;
  body.destination_addr = message.destination.view();
  body.esm_class = message.esm_class;
  body.protocol_id = message.protocol_id;
  body.priority_flag = message.priority_flag;
  body.data_coding = message.data_coding;
  if (!payload) body.short_message = message.text;
  std::uint8_t* at = wire::encode(body, to + wire::pdu_header_size);
  if (payload)
    at = wire::write_keyed(static_cast<std::uint16_t>(Tag::message_payload), message.text, at);
  if (interface_version >= 0x34 && !message.tlvs.empty()) {
    std::memcpy(at, message.tlvs.data(), message.tlvs.size());
    at += message.tlvs.size();
  }
  const auto size = static_cast<std::size_t>(at - to);
  write_header(to, static_cast<std::uint32_t>(size),
               static_cast<std::uint32_t>(Command::deliver_sm), 0, sequence_number);
  return size;
}

}  // namespace ringgate::smpp

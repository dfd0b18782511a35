#include "session/content_part.h"

#include "base/bytes.h"
#include "smpp/tlv.h"
#include "text/udh.h"

namespace ringgate {
namespace {

std::optional<PartOf> read_sar(Octets tlvs) {
  const auto reference = smpp::find_tlv(tlvs, smpp::Tag::sar_msg_ref_num);
  const auto total = smpp::find_tlv(tlvs, smpp::Tag::sar_total_segments);
  const auto sequence = smpp::find_tlv(tlvs, smpp::Tag::sar_segment_seqnum);
  if (!reference || !total || !sequence) return std::nullopt;
  const PartOf out{load_be16(reference->data()), true, (*total)[0], (*sequence)[0]};
  if (out.sequence == 0 || out.sequence > out.total) return std::nullopt;
  return out;
}

}  // namespace

std::optional<PartOf> part_of(const Content& content) {
  if (content.has_udh()) {
    const UdhInfo udh = parse_udh(content.text);
    if (udh.sound && udh.concatenated)
      return PartOf{udh.reference, udh.wide_reference, udh.total, udh.sequence};
  }
  if (content.tlvs.empty()) return std::nullopt;
  return read_sar(content.tlvs);
}

std::optional<Octets> find_parameter(Octets tlvs, std::uint16_t tag) {
  return wire::find_keyed(tlvs, tag);
}

Octets payload_of(Octets tlvs) {
  return smpp::find_tlv(tlvs, smpp::Tag::message_payload).value_or(Octets{});
}

std::vector<std::uint8_t> without_payload(Octets tlvs) {
  std::vector<std::uint8_t> out;
  Cursor cursor{tlvs.data(), tlvs.data() + tlvs.size()};
  for (const std::uint8_t* at = cursor.at; const auto tlv = wire::next_keyed(cursor);
       at = cursor.at)
    if (tlv->tag != static_cast<std::uint16_t>(smpp::Tag::message_payload))
      out.insert(out.end(), at, cursor.at);
  return out;
}

}  // namespace ringgate

#include <ringgate/text.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "text/data_coding.h"
#include "text/segment.h"

namespace ringgate {
inline namespace RINGGATE_ABI {
namespace {

constexpr std::uint8_t udhi = 0x40;

// Parts are joined by sender, receiver and reference. A hash of the text keeps the references of
// messages between the same two apart without any state to share among threads; two texts that meet
// in it and are under way together are one chance in 65,536.
std::uint16_t reference_of(std::string_view utf8) {
  return static_cast<std::uint16_t>(hash_64(as_octets(utf8)));
}

}  // namespace

Text text_of(const Submit& submit) {
  const DecodedText decoded =
      decode_text(submit.text, submit.data_coding,
                  decode_options(submit.default_alphabet, (submit.esm_class & udhi) != 0));
  return {decoded.text, decoded.is_text, decoded.replaced};
}

Routed deliver_text(Replies& replies, const Deliver& about, std::string_view utf8, MessageId& first,
                    TextCoding coding) {
  SegmentOptions options;
  options.reference = reference_of(utf8);
  options.wide_reference = true;
  options.gsm7_allowed = coding != TextCoding::utf16;
  options.utf16_allowed = coding != TextCoding::gsm7;
  const Segments segments = split_text(utf8, options);
  if (segments.fault != SegmentFault::none) return Routed::malformed;
  Deliver message = about;
  message.tlvs = {};
  message.esm_class = segments.esm_class;
  message.data_coding = segments.data_coding;
  bool is_first = true;
  for (const Segment& part : segments.parts) {
    message.text = part.octets;
    MessageId id;
    const Routed routed = replies.deliver(message, id);
    if (routed != Routed::ok) return routed;
    if (is_first) first = id;
    is_first = false;
  }
  return Routed::ok;
}

Routed deliver_text(Replies& replies, const Address& source, const Address& destination,
                    std::string_view utf8, MessageId& first) {
  Deliver message;
  message.source = source;
  message.destination = destination;
  return deliver_text(replies, message, utf8, first);
}

}  // namespace RINGGATE_ABI
}  // namespace ringgate

#include "load/message_template.h"

#include <algorithm>

#include "base/assert.h"
#include "base/bytes.h"
#include "smpp/check.h"
#include "smpp/operations.h"
#include "smpp/pdu.h"
#include "smpp/tlv.h"
#include "text/segment.h"
#include "wire/frame.h"

namespace ringgate::load {

namespace {

constexpr std::uint8_t ton_international = 1;
constexpr std::uint8_t npi_e164 = 1;
constexpr std::size_t udh_reference_offset = 3;  // 05 00 03, then the reference

using OctetVector = std::vector<std::uint8_t>;

std::string text_of(const MessageOptions& options) {
  if (!options.text.empty()) return options.text;
  constexpr std::string_view words = "The quick brown fox jumps over the lazy dog. ";
  std::string text(options.size, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = words[i % words.size()];
  return text;
}

Segments segments_of(const MessageOptions& options) {
  const std::string text = text_of(options);
  if (options.coding == Coding::octets || options.coding == Coding::binary) {
    const auto octets = as_octets(text);
    Segments out;
    if (options.long_text == LongText::payload)
      out.parts.push_back({OctetVector(octets.begin(), octets.end()), 0});
    else
      out = split_binary(octets, {});
    out.data_coding = options.coding == Coding::binary ? 4 : 0;
    return out;
  }
  SegmentOptions how;
  how.gsm7_allowed = options.coding != Coding::ucs2;
  how.utf16_allowed = options.coding != Coding::gsm;
  Segments out = split_text(text, how);
  const bool long_one = out.parts.size() > 1 || out.fault == SegmentFault::too_many_parts;
  if (options.long_text != LongText::payload || !long_one) return out;
  // Parts would cost room, and can only be so many.
  out = {};
  OctetVector whole;
  if (options.coding == Coding::ucs2 || !utf8_to_gsm7(text, whole)) {
    whole.clear();
    if (!how.utf16_allowed || !utf8_to_utf16be(text, whole))
      out.fault = SegmentFault::not_encodable;
    out.data_coding = how.utf16_data_coding;
  }
  out.parts.push_back({std::move(whole), 0});
  return out;
}

void append_tlv(OctetVector& to, smpp::Tag tag, Octets value) {
  const std::size_t at = to.size();
  to.resize(at + wire::keyed_header_size + value.size());
  wire::write_keyed(static_cast<std::uint16_t>(tag), value, to.data() + at);
}

template <class Body>
OctetVector encoded(const Body& body) {
  OctetVector out(wire::encoded_size(body));
  wire::encode(body, out.data());
  return out;
}

template <class Body>
void address(Body& body, const MessageOptions& options) {
  body.source_addr = options.source;
  // Without one, which the centre then chooses, TON and NPI stay unknown (3.4 §4.4.1).
  if (!options.source.empty()) {
    const bool number = smpp::is_number(options.source);
    body.source_addr_ton = number ? ton_international : smpp::ton::alphanumeric;
    body.source_addr_npi = number ? npi_e164 : std::uint8_t{0};
  }
  body.registered_delivery = options.receipt ? 1 : 0;
}

/// Its body without destinations, which lie behind service_type (empty) and the source.
OctetVector body_of(const MessageOptions& options, const Segments& segments, Octets text) {
  const bool payload = text.size() > short_message_size_max;
  OctetVector out;
  // Of an empty destination, three octets stand in the body.
  constexpr std::size_t empty_destination = 3;
  const std::size_t at = 1 + 2 + options.source.size() + 1;
  if (options.operation == smpp::Command::data_sm) {
    smpp::DataSm body;
    address(body, options);
    body.esm_class = segments.esm_class;
    body.data_coding = segments.data_coding;
    out = encoded(body);
  } else {
    smpp::ShortMessage body;
    address(body, options);
    body.esm_class = segments.esm_class;
    body.data_coding = segments.data_coding;
    body.priority_flag = options.priority;
    if (!payload) body.short_message = text;
    out = encoded(body);
  }
  const auto from = out.begin() + static_cast<std::ptrdiff_t>(at);
  out.erase(from, from + empty_destination);
  if (payload || options.operation == smpp::Command::data_sm)
    append_tlv(out, smpp::Tag::message_payload, text);
  return out;
}

}  // namespace

std::string fault_of(const MessageOptions& options) {
  const Segments segments = segments_of(options);
  if (segments.fault != SegmentFault::none)
    return "text: " + std::string(segment_fault_text(segments.fault));
  constexpr std::size_t payload_max = 65'535;
  if (segments.parts.front().octets.size() > payload_max) return "text: longer than 65535 octets";
  if (options.operation == smpp::Command::submit_multi &&
      options.recipients > options.destinations.count())
    return "fewer destinations than recipients: one would get it twice";
  smpp::ShortMessage body;
  address(body, options);
  return wire::check_any(smpp::ShortMessage::fields, &body).ok()
             ? std::string()
             : "source " + options.source + ": expected up to 20 characters of ASCII";
}

bool has_payload(const MessageOptions& options) {
  const Segments segments = segments_of(options);
  return std::ranges::any_of(segments.parts, [](const Segment& part) {
    return part.octets.size() > short_message_size_max;
  });
}

MessageTemplate::MessageTemplate(const MessageOptions& options, std::uint64_t first,
                                 std::uint16_t& references)
    : receipt_(options.receipt),
      multi_(options.operation == smpp::Command::submit_multi),
      recipients_(options.recipients),
      destinations_(options.destinations),
      references_(&references) {
  Segments segments = segments_of(options);
  ASSERT(segments.fault == SegmentFault::none);
  const std::size_t count = segments.parts.size();
  const bool sar = count > 1 && options.long_text == LongText::sar;
  if (sar) segments.esm_class = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Segment& segment = segments.parts[i];
    const Octets text = Octets(segment.octets).subspan(sar ? segment.header_size : 0);
    OctetVector body = body_of(options, segments, text);
    Part part;
    if (sar) {
      append_tlv(body, smpp::Tag::sar_msg_ref_num, OctetVector{0, 0});
      part.reference_at = 2;
      part.reference_size = 2;
      for (const auto& [tag, value] : {std::pair(smpp::Tag::sar_total_segments, count),
                                       {smpp::Tag::sar_segment_seqnum, i + 1}}) {
        append_tlv(body, tag, OctetVector{static_cast<std::uint8_t>(value)});
        part.reference_at += wire::keyed_header_size + 1;
      }
    } else if (count > 1) {
      // The text is the last of the body, as it is of a submit_sm and of a data_sm.
      part.reference_at = text.size() - udh_reference_offset;
      part.reference_size = 1;
    }
    part.pdu.resize(wire::pdu_header_size);
    part.pdu.insert(part.pdu.end(), body.begin(), body.end());
    part.destinations_at = wire::pdu_header_size + 1 + 2 + options.source.size() + 1;
    smpp::write_header(part.pdu.data(), 0, static_cast<std::uint32_t>(options.operation), 0, 0);
    parts_.push_back(std::move(part));
  }
  destinations_.skip(first);
  lay_destinations();
  refer();
  fixed_ = count == 1 && destinations_.count() == 1;
}

std::size_t MessageTemplate::size_max() const {
  constexpr std::size_t destination_max = 1 + 2 + 21;
  std::size_t most = 0;
  for (const Part& part : parts_) most = std::max(most, part.pdu.size() - part.destinations_size);
  return most + 1 + recipients_ * destination_max;
}

void MessageTemplate::end_part() {
  if (++part_ < parts_.size()) {
    next_ = parts_[part_].pdu;
    return;
  }
  part_ = 0;
  next_ = parts_[0].pdu;
  if (destinations_.count() > 1) {
    destinations_.next();
    lay_destinations();
  }
  refer();
}

void MessageTemplate::refer() {
  if (parts_.size() == 1) return;
  const std::uint16_t reference = (*references_)++;
  for (Part& part : parts_) {
    std::uint8_t* const at = part.pdu.data() + part.pdu.size() - part.reference_at;
    if (part.reference_size == 2) *at = static_cast<std::uint8_t>(reference >> 8);
    at[part.reference_size - 1] = static_cast<std::uint8_t>(reference);
  }
}

// A submit_multi takes as many as it has recipients, and goes on behind them.
void MessageTemplate::lay_destinations() {
  laid_.clear();
  if (multi_) laid_.push_back(static_cast<std::uint8_t>(recipients_));
  for (std::uint32_t i = 0; i < recipients_; ++i) {
    if (i > 0) destinations_.next();
    if (multi_) laid_.push_back(smpp::dest_flag_sme_address);
    laid_.push_back(ton_international);
    laid_.push_back(npi_e164);
    const std::string_view number = destinations_.now();
    laid_.insert(laid_.end(), number.begin(), number.end());
    laid_.push_back(0);
  }
  for (Part& part : parts_) {
    const auto from = part.pdu.begin() + static_cast<std::ptrdiff_t>(part.destinations_at);
    if (part.destinations_size == laid_.size()) {
      std::ranges::copy(laid_, from);
      continue;
    }
    part.pdu.insert(
        part.pdu.erase(from, from + static_cast<std::ptrdiff_t>(part.destinations_size)),
        laid_.begin(), laid_.end());
    part.destinations_size = laid_.size();
    store_be32(part.pdu.data(), static_cast<std::uint32_t>(part.pdu.size()));
  }
  next_ = parts_[part_].pdu;
}

}  // namespace ringgate::load

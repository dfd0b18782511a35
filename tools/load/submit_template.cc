#include "load/submit_template.h"

#include "base/assert.h"
#include "base/bytes.h"
#include "smpp/check.h"
#include "smpp/command.h"
#include "smpp/pdu.h"
#include "smpp/tlv.h"
#include "wire/frame.h"

namespace ringgate::load {

namespace {

constexpr std::uint8_t ton_international = 1;
constexpr std::uint8_t npi_e164 = 1;

std::vector<std::uint8_t> text_of(std::uint32_t size) {
  constexpr std::string_view words = "The quick brown fox jumps over the lazy dog. ";
  std::vector<std::uint8_t> text(size);
  for (std::size_t i = 0; i < size; ++i)
    text[i] = static_cast<std::uint8_t>(words[i % words.size()]);
  return text;
}

}  // namespace

SubmitTemplate::SubmitTemplate(const SubmitOptions& options)
    : destination_(options.destination), destination_count_(options.destination_count) {
  const std::vector<std::uint8_t> text = text_of(options.size);
  const bool payload = options.size > short_message_size_max;
  const bool number = smpp::is_number(options.source);
  smpp::ShortMessage body;
  body.source_addr_ton = number ? ton_international : smpp::ton::alphanumeric;
  body.source_addr_npi = number ? npi_e164 : std::uint8_t{0};
  body.source_addr = options.source;
  body.dest_addr_ton = ton_international;
  body.dest_addr_npi = npi_e164;
  body.destination_addr = destination_;
  body.registered_delivery = options.receipt ? 1 : 0;
  if (!payload) body.short_message = text;
  ASSERT(wire::check_any(smpp::ShortMessage::fields, &body).ok());

  const std::size_t plain = wire::pdu_header_size + wire::encoded_size(body);
  pdu_.resize(plain + (payload ? wire::keyed_header_size + text.size() : 0));
  std::uint8_t* const start =
      smpp::write_header(pdu_.data(), static_cast<std::uint32_t>(pdu_.size()),
                         static_cast<std::uint32_t>(smpp::Command::submit_sm), 0, 0);
  std::uint8_t* end = wire::encode(body, start);
  if (payload)
    end = wire::write_keyed(static_cast<std::uint16_t>(smpp::Tag::message_payload), text, end);
  ASSERT(end == pdu_.data() + pdu_.size());
  // service_type (empty), the two octets and the text of the source, the two octets of the
  // destination.
  destination_offset_ = wire::pdu_header_size + 1 + 2 + options.source.size() + 1 + 2;
}

// Counts up the digits where they lie. options.cc has seen to it that there are enough of them.
void SubmitTemplate::next_destination() {
  std::uint8_t* const first = pdu_.data() + destination_offset_;
  if (++destination_index_ == destination_count_) {
    destination_index_ = 0;
    std::memcpy(first, destination_.data(), destination_.size());
    return;
  }
  for (std::size_t i = destination_.size(); i > 0; --i) {
    std::uint8_t& digit = first[i - 1];
    if (digit < '0' || digit > '9') return;
    if (digit != '9') {
      ++digit;
      return;
    }
    digit = '0';
  }
}

}  // namespace ringgate::load

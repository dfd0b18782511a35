#include <ringgate/text.h>

#include <array>
#include <cstring>

#include "base/bytes.h"
#include "smpp/receipt_template.h"
#include "smpp/receipt_text.h"
#include "smpp/tlv.h"

namespace ringgate {
inline namespace RINGGATE_ABI {
namespace {

constexpr std::size_t id_max = 64;
constexpr std::uint16_t error_max = 999;

/// receipted_message_id, message_state and network_error_code with their headers.
class ReceiptTlvs {
 public:
  explicit ReceiptTlvs(const Receipt& receipt) {
    std::array<std::uint8_t, id_max + 1> id{};
    std::memcpy(id.data(), receipt.id.data(), receipt.id.size());
    put(smpp::Tag::receipted_message_id, {id.data(), receipt.id.size() + 1});
    const auto state = static_cast<std::uint8_t>(receipt.outcome.state);
    put(smpp::Tag::message_state, {&state, 1});
    if (receipt.outcome.error == 0) return;
    std::uint8_t error[3] = {smpp::network_gsm};
    store_be16(error + 1, receipt.outcome.error);
    put(smpp::Tag::network_error_code, error);
  }

  ReceiptTlvs(const ReceiptTlvs&) = delete;
  ReceiptTlvs& operator=(const ReceiptTlvs&) = delete;

  Octets octets() const { return {octets_.data(), end_}; }

 private:
  void put(smpp::Tag tag, Octets value) {
    end_ = wire::write_keyed(static_cast<std::uint16_t>(tag), value, end_);
  }

  std::array<std::uint8_t, 3 * wire::keyed_header_size + (id_max + 1) + 1 + 3> octets_;
  std::uint8_t* end_ = octets_.data();
};

const smpp::ReceiptTemplate& appendix_b() {
  static const smpp::ReceiptTemplate compiled = [] {
    std::string error;
    return smpp::ReceiptTemplate::compile(smpp::ReceiptTemplate::appendix_b, error).value();
  }();
  return compiled;
}

}  // namespace

Routed deliver_receipt(Replies& replies, const Receipt& receipt, MessageId& id) {
  if (receipt.id.size() > id_max || receipt.id.find('\0') != receipt.id.npos ||
      receipt.outcome.error > error_max || receipt.outcome.state > MessageState::skipped)
    return Routed::malformed;
  const std::string error = std::to_string(receipt.outcome.error);
  smpp::ReceiptFields fields;
  fields.id = receipt.id;
  fields.state = receipt.outcome.state;
  fields.submit_s = receipt.submitted_s;
  fields.done_s = receipt.done_s;
  fields.err = error;
  fields.text = receipt.text;
  fields.alphabet = DefaultAlphabet::latin1;
  fields.success = is_success(receipt.outcome.state);
  char text[smpp::ReceiptTemplate::receipt_max];
  const std::size_t size = appendix_b().write(fields, text, sizeof text);
  const ReceiptTlvs tlvs(receipt);
  Deliver message;
  message.source = receipt.source;
  message.destination = receipt.destination;
  message.esm_class =
      is_final(receipt.outcome.state) ? smpp::esm_class_receipt : smpp::esm_class_notification;
  message.text = as_octets({text, size});
  message.tlvs = tlvs.octets();
  message.account = receipt.account;
  message.session = receipt.session;
  message.token = receipt.token;
  return replies.deliver(message, id);
}

}  // namespace RINGGATE_ABI
}  // namespace ringgate

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

constexpr std::uint8_t esm_class_receipt = 0x04;
constexpr std::uint8_t esm_class_notification = 0x20;
constexpr std::size_t id_max = 64;
constexpr std::uint16_t error_max = 999;
constexpr std::uint8_t network_gsm = 3;

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
    std::uint8_t error[3] = {network_gsm};
    store_be16(error + 1, receipt.outcome.error);
    put(smpp::Tag::network_error_code, error);
  }

  Octets octets() const { return {octets_.data(), size_}; }

 private:
  void put(smpp::Tag tag, Octets value) {
    std::uint8_t* const at = octets_.data() + size_;
    store_be16(at, static_cast<std::uint16_t>(tag));
    store_be16(at + 2, static_cast<std::uint16_t>(value.size()));
    std::memcpy(at + 4, value.data(), value.size());
    size_ += 4 + value.size();
  }

  std::array<std::uint8_t, (4 + id_max + 1) + (4 + 1) + (4 + 3)> octets_{};
  std::size_t size_ = 0;
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
  fields.success = receipt.outcome.state == MessageState::delivered ||
                   receipt.outcome.state == MessageState::accepted;
  char text[smpp::ReceiptTemplate::receipt_max];
  const std::size_t size = appendix_b().write(fields, text, sizeof text);
  const ReceiptTlvs tlvs(receipt);
  Deliver message;
  message.source = receipt.source;
  message.destination = receipt.destination;
  message.esm_class = is_final(receipt.outcome.state) ? esm_class_receipt : esm_class_notification;
  message.text = as_octets({text, size});
  message.tlvs = tlvs.octets();
  message.account = receipt.account;
  message.session = receipt.session;
  message.token = receipt.token;
  return replies.deliver(message, id);
}

}  // namespace RINGGATE_ABI
}  // namespace ringgate

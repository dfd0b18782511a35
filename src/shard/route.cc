#include "shard/route.h"

#include "base/assert.h"
#include "base/bytes.h"

namespace ringgate {
namespace {

constexpr std::size_t service_type_max = 5;

/// Such a one ends where it does not.
bool has_nul(std::string_view text) { return text.find('\0') != text.npos; }

bool is_sound(const Address& address) {
  return address.text.size() <= StoredAddress::size_max && !has_nul(address.text);
}

/// Tag, length and value, one behind the other.
bool are_whole(Octets tlvs) {
  constexpr std::size_t head = 4;
  while (!tlvs.empty()) {
    if (tlvs.size() < head) return false;
    const std::size_t size = head + load_be16(tlvs.data() + 2);
    if (tlvs.size() < size) return false;
    tlvs = tlvs.subspan(size);
  }
  return true;
}

/// Null: nobody's.
const Account* account_of(const Deliver& message, const Roster& roster) {
  if (!message.account.empty()) return roster.directory.find(message.account);
  const auto index = roster.numbers.account_of(message.destination.text);
  if (!index) return nullptr;
  ASSERT(*index < roster.directory.size());
  return &roster.directory.at(*index);
}

}  // namespace

Routed route(const Deliver& message, const Roster& roster, std::unique_ptr<Parcel>& parcel) {
  if (!is_sound(message.source) || !is_sound(message.destination) ||
      message.service_type.size() > service_type_max || has_nul(message.service_type) ||
      message.priority_flag > 3 || message.text.size() + message.tlvs.size() > deliver_octets_max ||
      !are_whole(message.tlvs))
    return Routed::malformed;
  const bool has_account = message.session == SessionId{};
  const Account* const owner = has_account ? account_of(message, roster) : nullptr;
  if (has_account && owner == nullptr) return Routed::no_account;
  if (has_account && !owner->state->open_mo(owner->options.max_outbox)) return Routed::full;
  // Where a deliver_sm has no place for something, it is not told.
  Content told = message;
  told.schedule_delivery_time = told.validity_period = {};
  told.registered_delivery = told.replace_if_present_flag = told.sm_default_msg_id = 0;
  parcel = std::make_unique<Parcel>(told);
  parcel->token = message.token;
  parcel->only = message.session;
  if (has_account) parcel->account = owner->index;
  return Routed::ok;
}

Routed route(const Alert& alert, const Roster& roster, std::unique_ptr<AlertParcel>& parcel) {
  if (!is_sound(alert.source) || !is_sound(alert.esme)) return Routed::malformed;
  const auto account = roster.numbers.account_of(alert.esme.text);
  if (!account) return Routed::no_account;
  ASSERT(*account < roster.directory.size());
  parcel = std::make_unique<AlertParcel>();
  parcel->account = *account;
  parcel->source.set(alert.source);
  parcel->esme.set(alert.esme);
  parcel->has_availability = alert.has_availability;
  parcel->ms_availability_status = alert.ms_availability_status;
  return Routed::ok;
}

}  // namespace ringgate

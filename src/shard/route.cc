#include "shard/route.h"

#include "base/assert.h"

namespace ringgate {
namespace {

constexpr std::size_t service_type_max = 5;

}  // namespace

Routed route(const Deliver& message, const Directory& directory, const NumberPlan* numbers,
             std::unique_ptr<Parcel>& parcel) {
  if (message.source.text.size() > StoredAddress::size_max ||
      message.destination.text.size() > StoredAddress::size_max ||
      message.service_type.size() > service_type_max || message.priority_flag > 3 ||
      message.text.size() + message.tlvs.size() > deliver_octets_max)
    return Routed::malformed;
  const auto account =
      numbers == nullptr ? std::nullopt : numbers->account_of(message.destination.text);
  if (!account) return Routed::no_account;
  ASSERT(*account < directory.size());
  const Account& owner = directory.at(*account);
  if (owner.state->mo_open.fetch_add(1, std::memory_order_relaxed) >= owner.options.max_outbox) {
    owner.state->mo_open.fetch_sub(1, std::memory_order_relaxed);
    return Routed::full;
  }
  // Where a deliver_sm has no place for something, it is not told.
  Content told = message;
  told.schedule_delivery_time = told.validity_period = {};
  told.registered_delivery = told.replace_if_present_flag = told.sm_default_msg_id = 0;
  parcel = std::make_unique<Parcel>(told);
  parcel->account = *account;
  return Routed::ok;
}

Routed route(const Alert& alert, const Directory& directory, const NumberPlan* numbers,
             std::unique_ptr<AlertParcel>& parcel) {
  if (alert.source.text.size() > StoredAddress::size_max ||
      alert.esme.text.size() > StoredAddress::size_max)
    return Routed::malformed;
  const auto account = numbers == nullptr ? std::nullopt : numbers->account_of(alert.esme.text);
  if (!account) return Routed::no_account;
  ASSERT(*account < directory.size());
  parcel = std::make_unique<AlertParcel>();
  parcel->account = *account;
  parcel->source.set(alert.source);
  parcel->esme.set(alert.esme);
  parcel->has_availability = alert.has_availability;
  parcel->ms_availability_status = alert.ms_availability_status;
  return Routed::ok;
}

}  // namespace ringgate

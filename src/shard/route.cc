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
  parcel = std::make_unique<Parcel>();
  parcel->account = *account;
  parcel->source.set(message.source);
  parcel->destination.set(message.destination);
  parcel->service_type = message.service_type;
  parcel->esm_class = message.esm_class;
  parcel->protocol_id = message.protocol_id;
  parcel->priority_flag = message.priority_flag;
  parcel->data_coding = message.data_coding;
  parcel->text.assign(message.text.begin(), message.text.end());
  parcel->tlvs.assign(message.tlvs.begin(), message.tlvs.end());
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

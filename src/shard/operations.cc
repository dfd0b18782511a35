#include "shard/operations.h"

#include "base/rarely.h"
#include "smpp/operations.h"
#include "smpp/tlv.h"

namespace ringgate {
namespace {

using smpp::Command;

// Of cancels: NULL asks for everything between two addresses (5.0 §4.5.3).
bool may_lack_id(Command command) {
  return command == Command::cancel_sm || command == Command::cancel_broadcast_sm;
}

template <class Body>
Body decode(Octets octets, Octets& tlvs) {
  Cursor cursor{octets.data(), octets.data() + octets.size()};
  Body body;
  const bool sound = wire::decode_any(Body::fields, cursor, &body).ok();
  ASSERT(sound);
  tlvs = Octets(cursor.at, cursor.left());
  return body;
}

template <class Body>
void take_source(Operation& to, const Body& body) {
  to.source = {body.source_addr_ton, body.source_addr_npi, body.source_addr};
}

void take_query(Operation& to, std::string_view& id, Octets octets) {
  const auto body = decode<smpp::QuerySm>(octets, to.tlvs);
  take_source(to, body);
  id = body.message_id;
}

void take_cancel(Operation& to, std::string_view& id, Octets octets) {
  const auto body = decode<smpp::CancelSm>(octets, to.tlvs);
  take_source(to, body);
  to.service_type = body.service_type;
  to.destination = {body.dest_addr_ton, body.dest_addr_npi, body.destination_addr};
  id = body.message_id;
}

void take_replace(Operation& to, std::string_view& id, Octets octets) {
  const auto body = decode<smpp::ReplaceSm>(octets, to.tlvs);
  take_source(to, body);
  to.schedule_delivery_time = body.schedule_delivery_time;
  to.validity_period = body.validity_period;
  to.registered_delivery = body.registered_delivery;
  to.sm_default_msg_id = body.sm_default_msg_id;
  to.text = body.short_message;
  if (const auto payload = smpp::find_tlv(to.tlvs, smpp::Tag::message_payload)) to.text = *payload;
  id = body.message_id;
}

void take_broadcast(Operation& to, std::string_view& id, Octets octets) {
  const auto body = decode<smpp::BroadcastSm>(octets, to.tlvs);
  take_source(to, body);
  to.service_type = body.service_type;
  to.priority_flag = body.priority_flag;
  to.schedule_delivery_time = body.schedule_delivery_time;
  to.validity_period = body.validity_period;
  to.replace_if_present_flag = body.replace_if_present_flag;
  to.data_coding = body.data_coding;
  to.sm_default_msg_id = body.sm_default_msg_id;
  to.text = smpp::find_tlv(to.tlvs, smpp::Tag::message_payload).value_or(Octets{});
  id = body.message_id;
}

void take_cancel_broadcast(Operation& to, std::string_view& id, Octets octets) {
  const auto body = decode<smpp::CancelBroadcastSm>(octets, to.tlvs);
  take_source(to, body);
  to.service_type = body.service_type;
  id = body.message_id;
}

struct Reader {
  Command command;
  OperationKind kind;
  void (*read)(Operation& to, std::string_view& id, Octets octets);
};

constexpr Reader readers[] = {
    {Command::query_sm, OperationKind::query, take_query},
    {Command::cancel_sm, OperationKind::cancel, take_cancel},
    {Command::replace_sm, OperationKind::replace, take_replace},
    {Command::broadcast_sm, OperationKind::broadcast, take_broadcast},
    {Command::query_broadcast_sm, OperationKind::query_broadcast, take_query},
    {Command::cancel_broadcast_sm, OperationKind::cancel_broadcast, take_cancel_broadcast},
};

}  // namespace

std::unique_ptr<OperationParcel> read_operation(Command command, Octets body, IdStyle style,
                                                Status& status) {
  auto parcel = std::make_unique<OperationParcel>();
  parcel->body.assign(body.begin(), body.end());
  Operation& operation = parcel->operation;
  std::string_view id;
  bool known = false;
  for (const Reader& reader : readers) {
    if (reader.command != command) continue;
    known = true;
    operation.kind = reader.kind;
    reader.read(operation, id, parcel->body);
  }
  // The session makes an operation of nothing else.
  ASSERT(known);
  parcel->id_text = id;
  // A new broadcast has no id yet; one is given only to replace an earlier broadcast.
  operation.names_id = !id.empty();
  if (!operation.names_id) {
    if (command == Command::broadcast_sm || may_lack_id(command)) return parcel;
    status = Status::ESME_RINVMSGID;
    return nullptr;
  }
  const auto written = read_message_id(id, style);
  if (!written) {
    status = Status::ESME_RINVMSGID;
    return nullptr;
  }
  if (written->is_short)
    parcel->short_form = static_cast<std::uint32_t>(written->id.value);
  else
    operation.id = written->id;
  return parcel;
}

OpenOperation* OpenOperations::open(std::uint32_t account, unsigned shard, Nanos deadline,
                                    OperationTicket& ticket) {
  if (RARELY("there is no place for an operation") || !shares_.take(account)) return nullptr;
  OpenOperation* const open = slots_.take();
  if (open == nullptr) {
    shares_.give(account);
    return nullptr;
  }
  open->account = account;
  open->deadline = deadline;
  by_age_.push_back(*open);
  const std::uint32_t slot = slots_.index_of(open);
  ASSERT(names_[slot] == 0);
  ASSERT(deadline >= by_age_.front()->deadline);
  names_[slot] = ++last_name_;
  ticket = {names_[slot], slot, static_cast<std::uint16_t>(shard)};
  return open;
}

OpenOperation* OpenOperations::find(OperationTicket ticket) {
  if (ticket.name == 0 || ticket.slot >= names_.size() || names_[ticket.slot] != ticket.name)
    return nullptr;
  return &slots_.at(ticket.slot);
}

void OpenOperations::close(OpenOperation& open) {
  ASSERT(names_[slots_.index_of(&open)] != 0);
  by_age_.remove(open);
  shares_.give(open.account);
  names_[slots_.index_of(&open)] = 0;
  slots_.give(&open);
}

OpenOperation* OpenOperations::expired(Nanos now) {
  OpenOperation* const oldest = by_age_.front();
  return oldest != nullptr && oldest->deadline <= now ? oldest : nullptr;
}

bool Replacing::add(std::shared_ptr<const OperationParcel> parcel, Nanos until,
                    std::size_t octets) {
  ASSERT(parcel != nullptr && parcel->operation.kind == OperationKind::replace);
  const Name name = name_of(parcel->operation.ticket);
  if (RARELY("there is no place for a replace")) return false;
  if (by_age_.size() >= count_max || !shares_.take(parcel->account)) return false;
  if (const auto earlier = by_name_.find(name); earlier != by_name_.end()) remove(earlier->second);
  by_age_.push_back({std::move(parcel), until, octets});
  octets_ += octets;
  by_name_[name] = std::prev(by_age_.end());
  ASSERT(by_name_.size() == by_age_.size());
  return true;
}

std::shared_ptr<const OperationParcel> Replacing::take(OperationTicket ticket) {
  const auto found = by_name_.find(name_of(ticket));
  return found != by_name_.end() ? remove(found->second) : nullptr;
}

std::shared_ptr<const OperationParcel> Replacing::remove(ByAge::iterator one) {
  std::shared_ptr<const OperationParcel> parcel = std::move(one->parcel);
  ASSERT(octets_ >= one->octets);
  octets_ -= one->octets;
  shares_.give(parcel->account);
  by_name_.erase(name_of(parcel->operation.ticket));
  by_age_.erase(one);
  ASSERT(by_name_.size() == by_age_.size());
  ASSERT(octets_ == 0 || !by_age_.empty());
  return parcel;
}

void Replacing::expire(Nanos now) {
  while (!by_age_.empty() && by_age_.front().until <= now) remove(by_age_.begin());
}

}  // namespace ringgate

#include "shard/open_operations.h"

#include "base/rarely.h"

namespace ringgate {
std::unique_ptr<OperationParcel> read_operation(const Event& event, IdStyle style, Status& status) {
  auto parcel = std::make_unique<OperationParcel>(event.operation, *event.content);
  Operation& operation = parcel->operation;
  parcel->id_text = event.message_id;
  operation.names_id = !event.message_id.empty();
  if (!operation.names_id) {
    // A new broadcast has no id yet; one is given only to replace an earlier one. A cancel without
    // one asks for everything between two addresses (5.0 §4.5.3).
    if (event.operation == OperationKind::broadcast || event.operation == OperationKind::cancel ||
        event.operation == OperationKind::cancel_broadcast)
      return parcel;
    status = Status::ESME_RINVMSGID;
    return nullptr;
  }
  const auto written = read_message_id(event.message_id, style);
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

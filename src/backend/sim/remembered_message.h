// What the simulator keeps of one message, while it waits and when it is over.
#pragma once

#include <cstring>

#include <ringgate/message.h>

#include "backend/sim/account_numbers.h"
#include "message/record.h"

namespace ringgate {

/// An address that is compared in full. One that is too long to be kept whole (data_sm has room for
/// 64 characters) is equal to none: no operation can name it (5.0 §4.5: c21).
class KnownAddress {
 public:
  void set(const Address& address) {
    address_.set(address);
    if (address.text.size() > StoredAddress::size_max) [[unlikely]]
      address_.size = too_long;
  }
  bool whole() const { return address_.size != too_long; }
  bool is(const Address& other) const {
    return whole() && other.ton == address_.ton && other.npi == address_.npi &&
           other.text == address_.view();
  }
  /// Only of a whole one. Borrows.
  Address address() const { return address_.address(); }

 private:
  static constexpr std::uint8_t too_long = 0xFF;

  StoredAddress address_;
};

/// Every submit writes one, in order, so it is its octets that cost and not its cache lines.
struct RememberedMessage {
  MessageId id;
  Nanos due = 0;  ///< when the outcome comes, or came
  AccountNumber account = 0;
  MessageState state = MessageState::delivered;
  std::uint8_t error = 0;
  KnownAddress source;
  KnownAddress destination;

  void set(const Submit& submit, AccountNumber of) {
    id = submit.id;
    account = of;
    source.set(submit.source);
    destination.set(submit.destination);
  }
  void set(Outcome outcome) {
    state = outcome.state;
    error = static_cast<std::uint8_t>(outcome.error);
  }
  Outcome outcome() const { return {state, error}; }

  /// Whether the operation, which is that account's and names an id, means this message: an address
  /// may be left out, but where it is there it must be right.
  bool is_meant(const Operation& operation, AccountNumber asker) const {
    return id == operation.id && account == asker &&
           (operation.source.text.empty() || source.is(operation.source)) &&
           (operation.destination.text.empty() || destination.is(operation.destination));
  }
};
static_assert(sizeof(RememberedMessage) == 72);

/// The bits of an id that its short form has as well, for tables.
constexpr std::uint32_t low_bits(MessageId id) { return id.value & 0x3FFFFFF; }

}  // namespace ringgate

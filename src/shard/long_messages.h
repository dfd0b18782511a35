// Long messages: a part waits for its answer, then goes to its account's home shard, where all
// parts meet whatever bind they came by; the backend hears of the whole.
#pragma once

#include <memory>
#include <span>

#include "base/intrusive_list.h"
#include "message/parcel.h"
#include "routing/reassembly.h"
#include "shard/account_use.h"
#include "shard/house.h"
#include "shard/mail.h"

namespace ringgate {

/// One thread.
class LongMessages {
 public:
  LongMessages(House& house, AccountUses& uses);
  ~LongMessages() {
    for (auto* const list : {&waiting_, &accepted_})
      while (Parcel* const parcel = list->pop_front()) delete parcel;
  }
  LongMessages(const LongMessages&) = delete;
  LongMessages& operator=(const LongMessages&) = delete;

  // Owner: where the part was submitted.

  /// Whether keep() may have something to do with it.
  bool concerns(const Content& content) const {
    return !content.tlvs.empty() || content.has_udh() || house_.wishes.short_messages;
  }
  /// Keeps the octets of a message that is long, a part or one message_payload, until it is
  /// answered; of any, where the backend wants to hear of all.
  void keep(MessageRecord& record, const Content& content);
  /// They are not kept any more, and go on their way if the part was accepted: from tell(), since
  /// the backend that has just answered is still in its call.
  void answered(MessageRecord& record, Status status);

  /// What was accepted goes on.
  void tell();
  bool has_told() const { return accepted_.empty(); }

  // Home.

  void take(std::unique_ptr<Parcel> parcel);
  /// Gives up those whose parts have not come in time.
  void expire();
  Nanos deadline() const { return reassembler_.deadline(); }

  /// The accounts have changed.
  void adopt() { reassembler_.set_account_share(share()); }

 private:
  double share() const { return house_.directory().size() <= 1 ? 1 : house_.options.account_share; }
  void announce(const Parcel& last, std::span<const MessageId> ids, std::span<const Octets> parts);

  House& house_;
  AccountUses& uses_;
  Reassembler reassembler_;
  IntrusiveList<Parcel, &Parcel::link> waiting_;   // for their answer
  std::size_t octets_ = 0;                         // of these
  IntrusiveList<Parcel, &Parcel::link> accepted_;  // in this turn
};

}  // namespace ringgate

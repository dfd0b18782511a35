// The operations of clients that wait for their answers: query_sm, cancel_sm, replace_sm and the
// broadcast ones. They are rare beside submits, so their octets travel by the heap.
#pragma once

#include <bitset>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ringgate/message.h>

#include "base/intrusive_list.h"
#include "base/link_id.h"
#include "base/slab.h"
#include "base/units.h"
#include "message/message_id.h"
#include "message/owned_content.h"
#include "session/event.h"
#include "shard/shares.h"

namespace ringgate {

/// An operation on its way to the shard that gave out the id; owns what its views point into.
struct OperationParcel {
  OperationParcel(OperationKind kind, const Content& from) : content(from) {
    static_cast<Content&>(operation) = *content;
    operation.kind = kind;
  }

  OwnedContent content;
  Operation operation;
  std::uint32_t account =
      0;  ///< that asks: its index in the directory, which is the same on all shards
  /// What a 3.3 client has of the id. The shard that gave it out finds the rest before anybody else
  /// sees the operation.
  std::optional<std::uint32_t> short_form;
  std::string id_text;  ///< as the client wrote it
};

/// What a session's operation asks for. Null, with the status that says so, when its message_id is
/// none of ours: nobody can have been given that.
std::unique_ptr<OperationParcel> read_operation(const Event& event, IdStyle style, Status& status);

/// An answer on its way back.
struct OperationAnswerParcel {
  OperationTicket ticket;
  OperationAnswer answer;
  std::vector<std::uint8_t> tlvs;

  OperationAnswerParcel(OperationTicket to, const OperationAnswer& from)
      : ticket(to), answer(from), tlvs(from.tlvs.begin(), from.tlvs.end()) {
    answer.tlvs = tlvs;
  }
};

/// What the asking shard remembers of an operation until it is answered.
struct OpenOperation {
  ListLink link;  ///< by age
  Nanos deadline = 0;
  LinkId from;
  std::uint32_t account = 0;  ///< that asks
  std::uint32_t sequence_number = 0;
  OperationKind kind = OperationKind::query;
  std::bitset<256> asked;  ///< shards that have not answered; each is heard once
  bool done = false;       ///< one of them has done something
  std::string id_text;
};

/// One shard's open operations, bounded and with an end to their patience. One thread.
class OpenOperations {
 public:
  static constexpr std::uint32_t count_max = 4096;

  /// Names count from `first_name`.
  explicit OpenOperations(std::uint32_t account_count, std::uint64_t first_name = 0)
      : slots_(count_max),
        names_(count_max),
        last_name_(first_name),
        shares_(count_max, account_count) {}
  /// As Shares have it.
  void adopt(std::uint32_t account_count) { shares_.adopt(account_count); }
  ~OpenOperations() {
    while (OpenOperation* const open = by_age_.pop_front()) slots_.give(open);
  }

  /// Null when too many are open, of that account or in all.
  OpenOperation* open(std::uint32_t account, unsigned shard, Nanos deadline,
                      OperationTicket& ticket);
  /// Null when it is closed.
  OpenOperation* find(OperationTicket ticket);
  void close(OpenOperation& open);
  /// The oldest whose deadline has come.
  OpenOperation* expired(Nanos now);
  Nanos deadline() const { return by_age_.empty() ? never : by_age_.front()->deadline; }

 private:
  Slab<OpenOperation> slots_;
  std::vector<std::uint64_t> names_;  // by slot; 0: it is free
  std::uint64_t last_name_;
  Shares shares_;
  IntrusiveList<OpenOperation, &OpenOperation::link> by_age_;  // all have the same patience
};

/// The replaces that the backend of this shard has not answered: their texts are needed once more
/// if it agrees. Bounded; whoever asked has the same patience. One thread.
class Replacing {
 public:
  static constexpr std::uint32_t count_max = OpenOperations::count_max;

  explicit Replacing(std::uint32_t account_count) : shares_(count_max, account_count) {}
  void adopt(std::uint32_t account_count) { shares_.adopt(account_count); }

  /// False when there are too many, of that account or in all. `octets` is what keeping it takes.
  bool add(std::shared_ptr<const OperationParcel> parcel, Nanos until, std::size_t octets);
  /// Null when there is none of that ticket.
  std::shared_ptr<const OperationParcel> take(OperationTicket ticket);
  bool empty() const { return by_age_.empty(); }
  /// Of all that are open: the journal has promised to have room for them.
  std::uint64_t octets() const { return octets_; }
  void expire(Nanos now);

 private:
  struct One {
    std::shared_ptr<const OperationParcel> parcel;
    Nanos until;
    std::size_t octets;
  };
  using ByAge = std::list<One>;
  /// The shard that asks, and the name it has given.
  using Name = std::pair<std::uint16_t, std::uint64_t>;

  static Name name_of(OperationTicket ticket) { return {ticket.shard, ticket.name}; }
  std::shared_ptr<const OperationParcel> remove(ByAge::iterator one);

  Shares shares_;
  ByAge by_age_;
  std::uint64_t octets_ = 0;
  std::map<Name, ByAge::iterator> by_name_;
};

}  // namespace ringgate

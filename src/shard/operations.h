// The operations of clients that wait for their answers: query_sm, cancel_sm, replace_sm and the
// broadcast ones. They are rare beside submits, so their octets travel by the heap.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <ringgate/message.h>

#include "base/intrusive_list.h"
#include "base/link_id.h"
#include "base/slab.h"
#include "base/units.h"
#include "message/message_id.h"
#include "smpp/command.h"

namespace ringgate {

/// An operation on its way to the shard that gave out the id; owns what its views point into.
struct OperationParcel {
  Operation operation;
  std::string id_text;  ///< as the client wrote it
  std::vector<std::uint8_t> body;
};

/// Reads an operation out of a body that the session has checked. Empty, with the status that says
/// so, when its message_id is none of ours: nobody can have been given that.
std::unique_ptr<OperationParcel> read_operation(smpp::Command command, Octets body, IdStyle style,
                                                Status& status);

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
  smpp::Command command = smpp::Command::generic_nack;
  OperationKind kind = OperationKind::query;
  std::uint16_t waiting = 1;  ///< shards that have not answered
  bool done = false;          ///< one of them has done something
  std::string id_text;
};

/// One shard's open operations, bounded and with an end to their patience. One thread.
class OpenOperations {
 public:
  static constexpr std::uint32_t count_max = 4096;

  OpenOperations() : slots_(count_max), names_(count_max) {}
  ~OpenOperations() {
    while (OpenOperation* const open = by_age_.pop_front()) slots_.give(open);
  }

  /// Null when too many are open.
  OpenOperation* open(unsigned shard, Nanos deadline, OperationTicket& ticket);
  /// Null when it is closed.
  OpenOperation* find(OperationTicket ticket);
  void close(OpenOperation& open);
  /// The oldest whose deadline has come.
  OpenOperation* expired(Nanos now);
  Nanos deadline() const { return by_age_.empty() ? never : by_age_.front()->deadline; }

 private:
  Slab<OpenOperation> slots_;
  std::vector<std::uint64_t> names_;  // by slot; 0: it is free
  std::uint64_t last_name_ = 0;
  IntrusiveList<OpenOperation, &OpenOperation::link> by_age_;  // all have the same patience
};

}  // namespace ringgate

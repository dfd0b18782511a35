// The messages of one shard: their records, and how tickets, ids and the journal's slots find them.
//
// A record begins here and is released here; in between its pointer may be another shard's, as
// message/record.h says. What finds one is only ever the owner's.
#pragma once

#include <cstdint>
#include <vector>

#include <ringgate/backend.h>

#include "base/assert.h"
#include "base/planted.h"
#include "base/slab.h"
#include "base/zeroed_array.h"
#include "message/id_codec.h"
#include "message/record.h"
#include "shard/open_by_id.h"

namespace ringgate {

class Messages {
  enum class Kept : std::uint8_t {
    nothing,
    message,  ///< a client's, in open_by_id_ as well
    mo,       ///< which the journal holds; no operation can name it
  };
  /// For open_by_id_: the client's message that is open in a slot; id 0: none.
  auto open_ids() const {
    return [this](std::uint32_t slot) {
      if (kept_[slot] != Kept::message) return NumberedId{};
      const MessageRecord& record = records_.at(slot);
      return NumberedId{record.id, record.sequence};
    };
  }

 public:
  /// `first_name`: no ticket of an earlier run has one from there on. `ids` outlives this.
  Messages(unsigned shard, std::uint32_t size, std::uint64_t first_name, const MessageIdCodec& ids)
      : shard_(static_cast<std::uint16_t>(shard)),
        ids_(ids),
        records_(size),
        names_(size),
        last_name_(first_name),
        kept_(size),
        open_by_id_(size) {}

  std::uint32_t capacity() const { return records_.capacity(); }
  std::uint32_t in_use() const { return records_.in_use(); }

  // Its life.

  /// A new record with a name by which tickets find it. Null when all are in use.
  MessageRecord* begin(NumberedId id, std::uint32_t account, LinkId submitter) {
    MessageRecord* const record = records_.take();
    if (record == nullptr) [[unlikely]]
      return nullptr;
    set_up(*record, records_.index_of(record), id, account, submitter);
    return record;
  }
  /// Before any begin(): the first `count` slots are those of records that a restart brings back.
  void reserve(std::uint32_t count) {
    for (std::uint32_t slot = 0; slot < count; ++slot) {
      const MessageRecord* const record = records_.take();
      ASSERT(record != nullptr && records_.index_of(record) == slot);
    }
  }
  /// In a reserved slot.
  MessageRecord& begin_at(std::uint32_t slot, NumberedId id, std::uint32_t account) {
    ASSERT(names_[slot] == 0);
    MessageRecord& record = records_.at(slot);
    set_up(record, slot, id, account, {});
    return record;
  }
  /// From now on a client's message is found by its id; nothing that is open is forgotten in a
  /// crash.
  void note_open(const MessageRecord& record) {
    ASSERT(kept_[record.slot] == Kept::nothing && record.kind != RecordKind::notice);
    const bool is_mo = record.kind == RecordKind::mo;
    kept_[record.slot] = is_mo ? Kept::mo : Kept::message;
    if (!is_mo) open_by_id_.note({record.id, record.sequence}, record.slot, open_ids());
  }
  bool is_open(const MessageRecord& record) const { return kept_[record.slot] != Kept::nothing; }
  /// Its end: nothing finds it any more, and its slot may be another's.
  void release(const MessageRecord& record) {
    const std::uint32_t slot = record.slot;
    ASSERT(names_[slot] != 0);
    if (kept_[slot] == Kept::message) open_by_id_.remove({record.id, record.sequence}, slot);
    kept_[slot] = Kept::nothing;
    names_[slot] = 0;
    records_.give_at(slot);
  }

  // Who finds it.

  Ticket ticket_of(const MessageRecord& record) const {
    return {names_[record.slot], record.slot, record.owner_shard};
  }
  /// Null for tickets of other shards, of messages that have ended, and for whatever was never
  /// given out.
  MessageRecord* find(Ticket ticket) {
    if (ticket.shard != shard_ || ticket.slot >= names_.size() || ticket.name == 0 ||
        names_[ticket.slot] != ticket.name)
      return nullptr;
    return &records_.at(ticket.slot);
  }
  /// find() comes soon: asks for the memory that this will touch. Takes any ticket.
  void fetch(Ticket ticket) const {
    if (ticket.slot >= names_.size()) return;
    __builtin_prefetch(&names_[ticket.slot]);
    records_.at(ticket.slot).fetch();
  }
  /// What the journal's records name.
  MessageRecord* find_open(std::uint32_t slot, MessageId id) {
    if (slot >= kept_.size() || kept_[slot] == Kept::nothing) return nullptr;
    MessageRecord& record = records_.at(slot);
    return record.id == id ? &record : nullptr;
  }
  /// The open message of a client with that id; of a submit_multi's, the destination accepted last.
  MessageRecord* find_open(MessageId id);
  /// The open message of that account which has this short form.
  const MessageRecord* find_short(std::uint32_t short_form, std::uint32_t account);
  /// As its client was told it.
  std::uint32_t short_form_of(const MessageRecord& record) const;

 private:
  void set_up(MessageRecord& record, std::uint32_t slot, NumberedId id, std::uint32_t account,
              LinkId submitter) {
    ASSERT(names_[slot] == 0);
    record.begin(id.id, account, submitter);
    record.sequence = id.sequence;
    record.slot = slot;
    record.owner_shard = shard_;
    ++last_name_;
    names_[slot] = PLANTED("names repeat") ? (last_name_ & 3) + 1 : last_name_;
  }
  const std::uint16_t shard_;
  const MessageIdCodec& ids_;
  Slab<MessageRecord> records_;
  std::vector<std::uint64_t> names_;  // by slot; 0: it is free
  std::uint64_t last_name_;
  ZeroedArray<Kept> kept_;  // by slot: what is open there, and is not to be forgotten in a crash
  OpenById open_by_id_;
};

}  // namespace ringgate

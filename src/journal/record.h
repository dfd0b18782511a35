// Records: written into a batch, and read back.
#pragma once

#include <cstring>
#include <new>
#include <optional>
#include <string_view>

#include <ringgate/message.h>

#include "base/assert.h"
#include "journal/epoch.h"
#include "journal/format.h"
#include "message/owned_content.h"
#include "message/record.h"

namespace ringgate::journal {

/// What is kept of a message beside its content.
struct AcceptedHead {
  MessageId id;
  std::uint32_t slot = 0;
  std::uint32_t account = 0;
  std::int64_t submitted_s = 0;
  RecordKind kind = RecordKind::submit_sm;
  bool trimmed = false;
  bool permuted = false;  ///< its id was made with the node's key
  DefaultAlphabet default_alphabet = DefaultAlphabet::gsm7;
};

/// Everything a message needs to begin again. Views borrow.
struct Accepted : AcceptedHead, Content {};

/// One record of a batch. Borrows the batch.
struct RecordView {
  RecordHeader header;
  Octets octets;  ///< the whole record, header and padding included

  MessageId id() const { return MessageId{header.id}; }
  Octets body() const { return octets.subspan(sizeof(RecordHeader)); }

  /// The fixed part. Empty when the record is shorter than that.
  template <class Body>
  std::optional<Body> fixed() const {
    if (octets.size() < sizeof(RecordHeader) + sizeof(Body)) return std::nullopt;
    Body out;
    std::memcpy(&out, octets.data() + sizeof(RecordHeader), sizeof out);
    return out;
  }
};

/// 32 bits that tell addresses apart well enough for query_sm. Part of the format, and run for
/// every message that ends: two loads that overlap, or three for more than 16 characters, and two
/// products.
inline std::uint32_t address_hash(const Address& address) {
  constexpr std::uint64_t factor = 0x9E37'79B9'7F4A'7C15;
  const std::size_t size = address.text.size();
  const char* const text = address.text.data();
  std::uint64_t head = 0, middle = 0, tail = 0;
  if (size >= 8) [[likely]] {
    std::memcpy(&head, text, 8);
    std::memcpy(&tail, text + size - 8, 8);
    if (size > 16) std::memcpy(&middle, text + 8, 8);
  } else {
    for (std::size_t i = 0; i < size; ++i)
      head |= std::uint64_t{static_cast<std::uint8_t>(text[i])} << (8 * i);
  }
  const std::uint64_t kind =
      std::uint64_t{address.ton} << 16 | std::uint64_t{address.npi} << 8 | size;
  std::uint64_t mixed = (head ^ kind) * factor;
  mixed = (mixed ^ mixed >> 32 ^ tail ^ middle << 1) * factor;
  return static_cast<std::uint32_t>(mixed >> 32);
}

constexpr std::size_t record_size(std::size_t body_size) {
  return round_up(sizeof(RecordHeader) + body_size, 8);
}

/// Of a state or the key of a resubmit.
inline constexpr std::size_t kept_record_size = record_size(sizeof(StateBody));
static_assert(sizeof(StateBody) == sizeof(ResubmitBody));

/// Copies up to 64 octets with loads of a fixed size where that is allowed to read and write too
/// far; a call of memcpy for an unknown short size costs more than the octets.
[[gnu::always_inline]] inline std::uint8_t* put(std::uint8_t* to, const void* from,
                                                std::size_t size) {
  const auto* at = static_cast<const std::uint8_t*>(from);
  if (size >= 8 && size <= 32) [[likely]] {
    if (size > 16) {
      std::memcpy(to, at, 16);
      std::memcpy(to + size - 16, at + size - 16, 16);
    } else {
      std::memcpy(to, at, 8);
      std::memcpy(to + size - 8, at + size - 8, 8);
    }
  } else if (size < 8) {
    for (std::size_t i = 0; i < size; ++i) to[i] = at[i];
  } else {
    std::memcpy(to, at, size);
  }
  return to + size;
}

[[gnu::always_inline]] inline std::uint8_t* put(std::uint8_t* to, std::string_view text) {
  return put(to, text.data(), text.size());
}

/// The fixed parts are made in place, field by field: one put together elsewhere and copied whole
/// would wait until its pieces have left the store buffer, a third of the time a record takes.
inline void put_header(std::uint8_t* to, RecordType type, std::uint8_t code, std::uint32_t slot,
                       MessageId id, std::size_t size) {
  ASSERT(size <= record_size_max);
  auto* const header = ::new (to) RecordHeader;
  header->units = static_cast<std::uint16_t>(size / 8);
  header->type = type;
  header->code = code;
  header->slot = slot;
  header->id = id.value;
}

/// A record without a variable part, whose fixed part is a multiple of 8 octets.
template <class Body>
void write_fixed(std::uint8_t* to, RecordType type, std::uint8_t code, std::uint32_t slot,
                 MessageId id, const Body& body) {
  static_assert(sizeof(Body) % 8 == 0);
  put_header(to, type, code, slot, id, record_size(sizeof body));
  std::memcpy(to + sizeof(RecordHeader), &body, sizeof body);
}

/// Of the accepted record of a message that says this. The text of a message_payload is the value
/// of one of its TLVs, and is kept once.
[[gnu::always_inline]] inline std::size_t accepted_size(const Content& message,
                                                        std::size_t destination_size) {
  const bool in_tlvs = !message.tlvs.empty() && is_payload(message);
  return record_size(sizeof(AcceptedBody) + message.source.text.size() + destination_size +
                     message.service_type.size() + message.schedule_delivery_time.size() +
                     message.validity_period.size() + message.tlvs.size() +
                     (in_tlvs ? 0 : message.text.size()));
}
[[gnu::always_inline]] inline std::size_t accepted_size(const Content& message) {
  return accepted_size(message, message.destination.text.size());
}

/// Where the octets of Content that are no lengths stand in a record: read and written by the same
/// rows.
struct ContentOctet {
  std::uint8_t Content::*in_content;
  std::uint8_t AcceptedBody::*in_record;
};
inline constexpr ContentOctet content_octets[] = {
    {&Content::esm_class, &AcceptedBody::esm_class},
    {&Content::protocol_id, &AcceptedBody::protocol_id},
    {&Content::priority_flag, &AcceptedBody::priority_flag},
    {&Content::registered_delivery, &AcceptedBody::registered_delivery},
    {&Content::replace_if_present_flag, &AcceptedBody::replace_if_present_flag},
    {&Content::data_coding, &AcceptedBody::data_coding},
    {&Content::sm_default_msg_id, &AcceptedBody::sm_default_msg_id},
};

/// Fills exactly `size` = accepted_size(message) octets.
inline void write_accepted(std::uint8_t* to, std::size_t size, const AcceptedHead& head,
                           const Content& message) {
  ASSERT((message.source.text.size() | message.destination.text.size() |
          message.service_type.size() | message.schedule_delivery_time.size() |
          message.validity_period.size()) <= 0xFF);
  // The padding first: what follows overwrites the rest of it.
  std::memset(to + size - 8, 0, 8);
  put_header(to, RecordType::accepted, 0, head.slot, head.id, size);
  const bool in_tlvs = !message.tlvs.empty() && is_payload(message);
  auto* const body = ::new (to + sizeof(RecordHeader)) AcceptedBody;
  body->submitted_s = head.submitted_s;
  body->account = head.account;
  body->text_size = static_cast<std::uint32_t>(message.text.size());
  body->tlvs_size = static_cast<std::uint32_t>(message.tlvs.size());
  body->kind = static_cast<std::uint8_t>(head.kind);
  body->wish = static_cast<std::uint8_t>(message.receipt());
  body->flags = static_cast<std::uint8_t>(
      (message.intermediate() ? accepted_flag_intermediate : 0) |
      (head.trimmed ? accepted_flag_trimmed : 0) | (head.permuted ? accepted_flag_permuted : 0));
  if (in_tlvs) [[unlikely]]
    body->flags |= accepted_flag_text_in_tlvs;
  body->default_alphabet = static_cast<std::uint8_t>(head.default_alphabet);
  for (const ContentOctet& row : content_octets) body->*row.in_record = message.*row.in_content;
  body->source_ton = message.source.ton;
  body->source_npi = message.source.npi;
  body->source_size = static_cast<std::uint8_t>(message.source.text.size());
  body->destination_ton = message.destination.ton;
  body->destination_npi = message.destination.npi;
  body->destination_size = static_cast<std::uint8_t>(message.destination.text.size());
  body->service_type_size = static_cast<std::uint8_t>(message.service_type.size());
  body->schedule_size = static_cast<std::uint8_t>(message.schedule_delivery_time.size());
  body->validity_size = static_cast<std::uint8_t>(message.validity_period.size());
  const auto place =
      in_tlvs ? static_cast<std::uint32_t>(message.text.data() - message.tlvs.data()) : 0;
  std::memcpy(body->text_place, &place, sizeof place);
  std::uint8_t* at = to + sizeof(RecordHeader) + sizeof(AcceptedBody);
  at = put(at, message.source.text);
  at = put(at, message.destination.text);
  at = put(at, message.service_type);
  if (!message.schedule_delivery_time.empty()) at = put(at, message.schedule_delivery_time);
  if (!message.validity_period.empty()) at = put(at, message.validity_period);
  if (!in_tlvs) [[likely]]
    at = put(at, message.text.data(), message.text.size());
  if (!message.tlvs.empty()) at = put(at, message.tlvs.data(), message.tlvs.size());
  ASSERT(round_up(static_cast<std::size_t>(at - to), 8) == size);
}

inline void write_accepted(std::uint8_t* to, std::size_t size, const Accepted& message) {
  write_accepted(to, size, message, message);
}

/// What a replace_sm has changed. Views borrow.
struct Replaced {
  ReceiptWish wish = ReceiptWish::none;
  std::uint8_t sm_default_msg_id = 0;
  std::string_view schedule_delivery_time;
  std::string_view validity_period;
  Octets text;
};

std::size_t size_of(const Replaced& message);
void write_replaced(std::uint8_t* to, MessageId id, std::uint32_t slot, const Replaced& message);

// Reading: empty when the record is not what its type says, which a batch with a good checksum
// never holds.

std::optional<Accepted> read_accepted(const RecordView& record);
std::optional<Replaced> read_replaced(const RecordView& record);

/// Calls f(index, name) for each account of a checkpoint; false when the record is broken.
template <class F>
bool for_each_account(const RecordView& record, F&& f) {
  const auto body = record.fixed<CheckpointBody>();
  if (!body) return false;
  Octets rest = record.body().subspan(sizeof(CheckpointBody));
  for (std::uint32_t i = 0; i < body->count; ++i) {
    if (rest.empty() || rest.size() < 1u + rest[0]) return false;
    f(body->first + i,
      std::string_view(reinterpret_cast<const char*>(rest.data()) + 1, std::size_t{rest[0]}));
    rest = rest.subspan(1u + rest[0]);
  }
  return true;
}

/// Writes the accounts from `first` on as checkpoints, as many as it takes and at least one.
/// `append(size)` gives room for one record, or null to stop.
template <class Names, class F>
void put_checkpoints(const Names& accounts, std::uint64_t next_sequence, F&& append,
                     std::uint32_t first = 0) {
  constexpr std::size_t octets_max = 32 * 1024;
  const auto count = static_cast<std::uint32_t>(accounts.size());
  ASSERT(first <= count);
  do {
    std::uint32_t last = first;
    std::size_t names = 0;
    for (; last < count && names < octets_max; ++last) {
      ASSERT(accounts[last].size() <= 0xFF);
      names += 1 + accounts[last].size();
    }
    const std::size_t size = record_size(sizeof(CheckpointBody) + names);
    std::uint8_t* const to = append(size);
    if (to == nullptr) return;
    std::memset(to + size - 8, 0, 8);
    put_header(to, RecordType::checkpoint, 0, 0, MessageId{}, size);
    const CheckpointBody body{next_sequence, first, last - first};
    std::memcpy(to + sizeof(RecordHeader), &body, sizeof body);
    std::uint8_t* at = to + sizeof(RecordHeader) + sizeof body;
    for (; first < last; ++first) {
      *at++ = static_cast<std::uint8_t>(accounts[first].size());
      at = put(at, std::string_view(accounts[first]));
    }
    ASSERT(round_up(static_cast<std::size_t>(at - to), 8) == size);
  } while (first < count);
}

/// The message as it has to be kept once its outcome is known, with so many octets of its text as
/// receipts of its account need: see accepted_flag_trimmed.
inline void trim(Accepted& message, std::size_t text_octets = MessageRecord::snippet_max) {
  ASSERT(text_octets <= octets_of_characters(quoted_characters_max));
  message.trimmed = true;
  message.tlvs = {};
  message.service_type = {};
  message.schedule_delivery_time = {};
  message.validity_period = {};
  message.text =
      message.text.first(message.text.size() < text_octets ? message.text.size() : text_octets);
}

/// The records of a batch one by one, from behind its header. False at the end; `broken` when what
/// follows is no record.
bool next_record(Octets& rest, RecordView& record, bool& broken);

/// A batch of that epoch at the beginning of `octets`: its header, if the batch is whole and its
/// checksum right.
std::optional<BatchHeader> read_batch(Octets octets, const Epoch& epoch);
/// Fills in what makes it one of that epoch; the header lies in front of the records.
void seal_batch(std::uint8_t* batch, BatchHeader header, const Epoch& epoch);

/// The records of a batch.
inline Octets records_of(const BatchHeader& header, Octets batch) {
  ASSERT(header.size >= sizeof(BatchHeader) && header.size <= batch.size());
  return batch.subspan(sizeof(BatchHeader), header.size - sizeof(BatchHeader));
}

}  // namespace ringgate::journal

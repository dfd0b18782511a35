// The journal on disk, version 2. All numbers are little-endian.
//
//   DATA_DIR/journal/00000012/          one epoch: everything since the last start (see recovery.h)
//     epoch                             its note, twice: NoteHeader, names of accounts (epoch.h)
//     01-0003                           shard 1's fourth file, `segment_bytes` long, preallocated
//     left-0000                         messages of accounts that are not configured any more
//
// A file holds one segment at a time and is used again for later ones. A segment is a row of
// batches; each begins at a multiple of `block_size` and is what one turn of the shard (or several,
// while an earlier write was under way) had to keep:
//
//   batch     BatchHeader (64 octets), records, zeros up to the next block
//   record    RecordHeader (16 octets), its type's fixed part, its variable part, zeros up to a
//             multiple of 8
//
// A segment has no header of its own: every batch says where it belongs, so a segment begins to
// exist with its first batch, and what an earlier use of the file left behind belongs elsewhere.
//
// What clients send lies in the files as it came, and may look like a batch. It is none without
// the epoch's salt, which seeds the checksum and which no client knows. Version 1 had no salt and
// no note; its files are read still.
//
// Batches are numbered per shard without gaps. Several may be on their way to the disk at once, and
// each says up to which number all were safe when it was written (`durable`). So after a crash a
// missing or broken batch is a torn tail if nobody behind it knows it as safe: it was never
// acknowledged and is cut off with all that follows. If somebody does, the disk has lost what it
// had promised to keep, and recovery says so instead of going on.
//
// Which segments count: those from the highest `oldest` of any batch on. Segments are given up in
// their order only, so that no record that closes a message is ever forgotten before the record
// that accepted it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ringgate::journal {

/// Every batch begins at a multiple of this; also what direct writes must be aligned to.
inline constexpr std::size_t block_size = 4096;
/// The most a batch may occupy, padding included.
inline constexpr std::size_t batch_size_max = std::size_t{1} << 20;

/// "RGJ" and the version of the format.
inline constexpr std::uint32_t batch_magic = 0x324A4752;
inline constexpr std::uint32_t batch_magic_1 = 0x314A4752;
/// "RGE" and the version of the note.
inline constexpr std::uint32_t note_magic = 0x31454752;

/// Followed by `shards` NoteShards and `accounts` names, each an octet with its length and then the
/// system_id.
struct NoteHeader {
  std::uint64_t checksum;  ///< XXH3 (64 bits) of the `size - 8` octets that follow this field
  std::uint32_t magic;     ///< note_magic
  std::uint32_t version;   ///< of the epoch's batches
  std::uint32_t size;      ///< octets, header and names
  std::uint32_t accounts;
  std::uint64_t number;
  std::uint64_t salt;
  std::uint64_t previous;  ///< number of the epoch before, 0 for none
  std::uint32_t fate;      ///< Fate of that one
  std::uint32_t shards;
  std::uint64_t next_sequence;  ///< of message ids, 0 for unknown
  std::uint64_t segment_size;   ///< octets of each file, 0 for unknown
};
static_assert(sizeof(NoteHeader) == 72);

struct NoteShard {
  std::uint64_t shard;
  std::uint64_t batches;  ///< that were safe when the epoch began
};

/// Instead of a shard's number: messages whose accounts are not configured any more.
inline constexpr std::uint16_t left_shard = 0xFFFF;

struct BatchHeader {
  std::uint64_t
      checksum;         ///< XXH3 (64 bits), seeded with the salt, of the `size - 8` octets behind
  std::uint32_t magic;  ///< batch_magic
  std::uint32_t size;   ///< octets, header and records, without padding
  std::uint64_t epoch;
  std::uint64_t sequence;  ///< of the batch, per shard and epoch, from 1
  std::uint64_t durable;   ///< all batches up to this one were safe when this one was written
  std::uint64_t segment;   ///< number of the segment, per shard and epoch, from 1
  std::uint64_t oldest;    ///< segments below this number are given up
  std::uint16_t shard;
  std::uint16_t shard_count;
  std::uint32_t records;
};
static_assert(sizeof(BatchHeader) == 64);

enum class RecordType : std::uint8_t {
  accepted = 1,    ///< AcceptedBody: a message is here, a client's or (kind mo) for one
  outcome = 2,     ///< OutcomeBody; `code` is its MessageState: what became of a client's message
  closed = 3,      ///< no body; `code` is a DeliverResult: nothing more is owed
  retry = 4,       ///< RetryBody: its receipt or MO was put off
  replaced = 5,    ///< ReplacedBody: replace_sm has changed it
  state = 6,       ///< StateBody; `code` is the MessageState a closed message ended with
  resubmit = 7,    ///< ResubmitBody: by which a repeated submit is recognised
  checkpoint = 8,  ///< CheckpointBody: at the beginning of every segment, and of a batch before
                   ///< which accounts were added
};

/// Names a message by its id and its slot in the shard's memory: the destinations of a submit_multi
/// share the id.
struct RecordHeader {
  std::uint16_t units;  ///< of 8 octets, the whole record
  RecordType type;
  std::uint8_t code;
  std::uint32_t slot;
  std::uint64_t id;
};
static_assert(sizeof(RecordHeader) == 16);

inline constexpr std::size_t record_size_max = 0xFFFF * std::size_t{8};

/// Followed by the octets of source, destination, service_type, schedule_delivery_time,
/// validity_period, text and TLVs, in this order and without separators.
struct AcceptedBody {
  std::int64_t submitted_s;  ///< wall clock
  std::uint32_t account;     ///< index in the checkpoint of the segment
  std::uint32_t text_size;
  std::uint32_t tlvs_size;
  std::uint8_t kind;   ///< RecordKind
  std::uint8_t wish;   ///< ReceiptWish
  std::uint8_t flags;  ///< accepted_flag_*
  std::uint8_t default_alphabet;
  std::uint8_t esm_class;
  std::uint8_t protocol_id;
  std::uint8_t priority_flag;
  std::uint8_t data_coding;
  std::uint8_t replace_if_present_flag;
  std::uint8_t sm_default_msg_id;
  std::uint8_t source_ton;
  std::uint8_t source_npi;
  std::uint8_t source_size;
  std::uint8_t destination_ton;
  std::uint8_t destination_npi;
  std::uint8_t destination_size;
  std::uint8_t service_type_size;
  std::uint8_t schedule_size;
  std::uint8_t validity_size;
  std::uint8_t text_place[4];  ///< with accepted_flag_text_in_tlvs: where in the TLVs it begins
  std::uint8_t registered_delivery;  ///< 0 in records of earlier versions, which have only the wish
};
static_assert(sizeof(AcceptedBody) == 48);

/// Intermediate notifications are wished for.
inline constexpr std::uint8_t accepted_flag_intermediate = 1;
/// Its outcome is known, so only what a receipt needs of it is still there: no TLVs, and of the
/// text what a receipt repeats.
inline constexpr std::uint8_t accepted_flag_trimmed = 2;
/// The low part of its id is not the sequence but its permutation by the node's key. Ids of earlier
/// versions are plain.
inline constexpr std::uint8_t accepted_flag_permuted = 4;

/// The text is the value of one of the TLVs (message_payload) and stands there only.
inline constexpr std::uint8_t accepted_flag_text_in_tlvs = 8;

struct OutcomeBody {
  std::uint32_t done_s;  ///< wall clock, unsigned so that it lasts until 2106
  std::uint16_t error;
  std::uint16_t closes;  ///< 1: nobody wants a receipt, so the message ends with this
};
static_assert(sizeof(OutcomeBody) == 8);

struct RetryBody {
  std::uint32_t next_s;  ///< wall clock: not before
  std::uint32_t attempts;
};
static_assert(sizeof(RetryBody) == 8);

/// Followed by schedule_delivery_time, validity_period and text. An empty time leaves the old one.
struct ReplacedBody {
  std::uint32_t text_size;
  std::uint8_t wish;
  std::uint8_t sm_default_msg_id;
  std::uint8_t schedule_size;
  std::uint8_t validity_size;
};
static_assert(sizeof(ReplacedBody) == 8);

struct StateBody {
  std::uint32_t account;
  std::uint32_t done_s;
  std::uint32_t source_hash;
  std::uint32_t reserved_hash;  ///< 0; nobody asks for destinations
  std::uint16_t error;
  std::uint16_t reserved[3];
};
static_assert(sizeof(StateBody) == 24);

/// The id in the header is the one that a repetition is answered with.
struct ResubmitBody {
  std::uint64_t key[2];
  std::uint32_t account;
  std::uint32_t until_s;  ///< wall clock
};
static_assert(sizeof(ResubmitBody) == 24);

/// Followed by `count` names of accounts, each an octet with its length and then the system_id: the
/// accounts `first`, `first` + 1, ... as records of this segment number them.
struct CheckpointBody {
  std::uint64_t next_sequence;  ///< of the message ids of this shard
  std::uint32_t first;
  std::uint32_t count;
};
static_assert(sizeof(CheckpointBody) == 16);

constexpr std::size_t round_up(std::size_t size, std::size_t to) {
  return (size + to - 1) / to * to;
}

}  // namespace ringgate::journal

// One message in memory, from acceptance to its end.
//
// The shard on which it was submitted owns the record and its memory. While a receipt is on its way
// the record's pointer travels to the account's home shard and on to the shard of the chosen bind,
// and comes back; at any moment exactly one shard may touch it, and the queues between shards carry
// the memory order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <ringgate/message.h>

#include "base/assert.h"
#include "base/intrusive_list.h"
#include "base/link_id.h"
#include "base/timer_wheel.h"
#include "message/long_quote.h"
#include "message/stage.h"

namespace ringgate {

/// An address that owns its digits: 3.4 allows 20 characters in submit_sm.
struct StoredAddress {
  static constexpr std::size_t size_max = 20;

  std::uint8_t ton;
  std::uint8_t npi;
  std::uint8_t size;
  char text[size_max + 1];

  void set(const Address& address) {
    ton = address.ton;
    npi = address.npi;
    size =
        static_cast<std::uint8_t>(address.text.size() < size_max ? address.text.size() : size_max);
    copy(address.text.data());
  }
  /// `size` octets, by loads that overlap: a call of memcpy for an unknown size costs more than all
  /// the rest of set().
  void copy(const char* from) {
    if (size >= 8) [[likely]] {
      if (size > 16) std::memcpy(text + 8, from + 8, 8);
      std::memcpy(text, from, 8);
      std::memcpy(text + size - 8, from + size - 8, 8);
    } else {
      for (std::size_t i = 0; i < size; ++i) text[i] = from[i];
    }
  }
  std::string_view view() const { return {text, size}; }
  Address address() const { return {ton, npi, view()}; }
  friend bool operator==(const StoredAddress& one, const StoredAddress& other) {
    return one.ton == other.ton && one.npi == other.npi && one.view() == other.view();
  }
};

struct Parcel;

/// Where a record comes from, which says how it is answered and what its delivery looks like.
enum class RecordKind : std::uint8_t {
  submit_sm,
  data_sm,
  submit_multi,  ///< one of its destinations; sequence_number is the group's slot
  notice,        ///< the intermediate notification of another record
  mo,
};

/// What the journal has of a message: written by the Safekeeping of its owner alone, and read where
/// it says what is safe.
class KeptPart {
 public:
  /// The batch that says its outcome.
  std::uint64_t batch() const { return batch_; }
  bool empty() const { return units_ == 0; }
  /// Of its record, with all that belongs to it.
  std::size_t octets() const { return units_ * std::size_t{8}; }
  static constexpr std::size_t octets_max = 0x7FFF * std::size_t{8};

 private:
  friend class Safekeeping;
  friend struct KeptPartTest;

  void set_octets(std::size_t octets) { set(octets, ended_); }
  /// Both with one store: who reads one of them behind a store of the other waits for that.
  void set(std::size_t octets, bool ended) {
    ASSERT(octets % 8 == 0 && octets <= octets_max);
    units_ = static_cast<std::uint16_t>(octets / 8) & 0x7FFF;
    ended_ = ended;
  }

  std::uint64_t batch_ = 0;
  std::uint32_t segment_ = 0;      // that holds it
  std::uint32_t next_s_ = 0;       // of the last retry, by the wall clock
  std::uint32_t source_hash_ = 0;  // of the address, for query_sm
  std::uint16_t attempts_ = 0;
  std::uint16_t units_ : 15 = 0;  // of 8 octets; 0: it has none
  std::uint16_t ended_ : 1 = 0;   // the record of its outcome has closed it
};

/// What home knows of the delivery of a message: its business from the mail that brings the record
/// to the one that takes it back. The owner of a restored message fills it in before that.
struct HomePart {
  LinkId last_link;  ///< bind of the last attempt, avoided by the next one where there is another;
                     ///< of what is pinned the only one
  std::uint16_t last_shard;
  std::uint16_t attempts;
  std::uint16_t put_off_s;  ///< by an earlier run: rests so long before its first attempt in this
                            ///< one

  void begin() {
    last_link = {};
    last_shard = attempts = put_off_s = 0;
  }
};

/// Left uninitialised by a slab: begin() sets what the life of a message starts from, and the
/// fields that only a receipt needs are set when one is wished for. Zeroing all 250 octets took a
/// tenth of a submit's time.
struct MessageRecord {
  static constexpr std::size_t snippet_max =
      20;  ///< characters of text a receipt repeats (3.4 Appendix B)
  /// In place of a snippet's size: the text stands beside the record, at the address that the
  /// snippet holds. Only of accounts whose template asks for more than snippet_max.
  static constexpr std::uint8_t quote_is_beside = 0xFF;
  static_assert(LongQuote::size_max < quote_is_beside && sizeof(LongQuote*) <= snippet_max);

  ListLink link;  ///< in its outbox, or in the list of receipts that wait for their submit_sm_resp
  TimerNode timer;  ///< the home shard's, while it rests between two attempts
  MessageId id;
  std::uint64_t sequence;  ///< behind the id; of a client's message only
  std::uint64_t
      response_end;  ///< stream position behind its submit_sm_resp on the submitting connection
  std::int64_t submitted_s;  ///< wall clock, for dates only: waits are measured by expires_at
  std::int64_t done_s;       ///< the same
  Nanos expires_at;  ///< monotonic; set by the owner when there is something to deliver, read by
                     ///< the home shard: nobody waits for a bind any longer than this
  union {
    Parcel* parcel;            ///< an MO's octets, or a part's until its answer; owned
    MessageRecord* notice_of;  ///< of a notice: the record that it speaks for
  };
  LinkId submitter;
  KeptPart kept;
  HomePart home;
  std::uint32_t account;  ///< index in the directory
  std::uint32_t sequence_number;
  std::uint32_t slot;    ///< its own, in its owner's memory
  std::uint32_t answer;  ///< command_status of the last response to its delivery
  std::uint16_t owner_shard;
  Outcome outcome;
  Stage stage;
  DeliverResult end;  ///< how its receipt or MO ended
  RecordKind kind;
  ReceiptWish wish;
  bool intermediate;  ///< an intermediate notification is wished for and has not been made
  bool tracked;       ///< counted among its account's open receipts
  bool restored;      ///< an earlier run accepted it
  bool notice_open;   ///< its notification is on its way: the receipt waits for its end
  bool pinned;        ///< for the bind of home.last_link only, with which it ends
  std::uint8_t snippet_size;
  // From here on, what only a message needs that may owe a receipt: the others leave this cache
  // line untouched.
  StoredAddress source;
  StoredAddress destination;
  char snippet[snippet_max];
  std::uint8_t data_coding;  ///< of the text, for one that a replace_sm brings
  std::uint8_t esm_class;

  MessageRecord() {}  // NOLINT: see above

  void begin(MessageId new_id, std::uint32_t new_account, LinkId link_id) {
    id = new_id;
    account = new_account;
    submitter = link_id;
    response_end = 0;
    home.begin();
    kept = {};
    end = DeliverResult::delivered;
    stage = Stage::offered();
    restored = pinned = false;
    answer = 0;
    snippet_size = 0;
    notice_open = false;
    parcel = nullptr;
  }

  /// Asks for all of its memory, before anybody looks at it.
  void fetch() const {
    constexpr std::size_t cache_line = 64;
    const char* const octets = reinterpret_cast<const char*>(this);
    for (std::size_t at = 0; at < sizeof(MessageRecord); at += cache_line)
      __builtin_prefetch(octets + at, 1);
  }

  /// What its receipt repeats of the text.
  std::string_view quote() const {
    if (snippet_size != quote_is_beside) return {snippet, snippet_size};
    const LongQuote* beside;
    std::memcpy(&beside, snippet, sizeof beside);
    return {beside->octets, beside->size};
  }
  /// Where the record has no room for it, in `beside`, which then has to live as long as this.
  void set_quote(std::string_view text, LongQuote& beside) {
    if (text.size() <= snippet_max) {
      std::memcpy(snippet, text.data(), text.size());
      snippet_size = static_cast<std::uint8_t>(text.size());
      return;
    }
    ASSERT(text.size() <= LongQuote::size_max);
    std::memcpy(beside.octets, text.data(), text.size());
    beside.size = static_cast<std::uint8_t>(text.size());
    const LongQuote* const at = &beside;
    std::memcpy(snippet, &at, sizeof at);
    snippet_size = quote_is_beside;
  }
};

/// Four cache lines each; a few octets more touch a fifth with every message.
static_assert(sizeof(MessageRecord) <= 256);
static_assert(offsetof(MessageRecord, source) <= 192);

/// As receipts count: {dlvrd}, and who wishes for those of failures only.
constexpr bool is_success(MessageState state) {
  return state == MessageState::delivered || state == MessageState::accepted;
}

/// Whether that outcome is worth a receipt to a client that wished so.
constexpr bool wants_receipt(ReceiptWish wish, MessageState state) {
  const bool success = is_success(state);
  switch (wish) {
    case ReceiptWish::none:
      return false;
    case ReceiptWish::always:
      return true;
    case ReceiptWish::on_failure:
      return !success;
    case ReceiptWish::on_success:
      return success;
  }
  return false;
}

}  // namespace ringgate

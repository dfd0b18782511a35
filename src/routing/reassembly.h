// Collects the parts of long messages until they are whole.
//
// Parts say to which message they belong in a UDH concatenation element of 8 or 16 bits (3GPP TS
// 23.040 §9.2.3.24) or in the three sar_* TLVs (5.0 §4.8.4.48); the caller reads those and hands
// them over in one form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <ringgate/message.h>
#include <ringgate/options.h>

#include "base/hash.h"
#include "base/intrusive_list.h"

namespace ringgate {

/// What the parts of one message have in common. The total is one of these: a part that names
/// another total than the others cannot be put among them, and begins a message of its own.
struct PartKey {
  std::uint32_t account = 0;  ///< index in the directory
  Address source;
  Address destination;
  std::uint16_t reference = 0;
  bool wide_reference = false;  ///< 16 bits (UDH or sar_*): another number space than 8 bits
  std::uint8_t total = 0;
};

/// One part. The views borrow until add() returns.
struct Part {
  PartKey key;
  std::uint8_t sequence = 0;  ///< from 1
  std::uint8_t data_coding = 0;
  MessageId id;
  bool udhi = false;  ///< user_data begins with a UDH
  Octets user_data;
};

/// A message whose last part has come. The views are good until the next call.
struct JoinedParts {
  std::span<const MessageId> ids;  ///< of its parts, in order
  std::span<const Octets> parts;   ///< their user data, in order, each with its UDH
  std::uint8_t data_coding = 0;
  bool udhi = false;
};

/// A message that was given up. The views are good until on_expired returns.
struct ExpiredParts {
  std::uint32_t account = 0;
  std::uint16_t reference = 0;
  std::uint8_t total = 0;
  std::span<const MessageId> ids;  ///< of the parts that came, in order
};

/// One shard's incomplete messages. Pure; one thread. A turn calls expire() when deadline() has
/// come, and add() for each part.
///
/// Memory is bounded, per account in messages and octets, and over all in octets. At a bound the
/// new part is refused rather than an old message dropped: otherwise first parts sent without end
/// would push out the messages of everybody, while now they only keep out what comes later, until
/// they expire. A key is free again as soon as its message is whole or has expired; a part that
/// comes again after that begins a message anew.
class Reassembler {
 public:
  enum class Verdict : std::uint8_t {
    stored,
    complete,      ///< the last part that was missing: `out` is filled in
    duplicate,     ///< that part is there already; the first one counts, whatever is in this one
    refused_full,  ///< a bound is reached; nothing is kept
    inconsistent,  ///< sequence outside 1..total, or another data_coding or UDHI than the first's
  };

  struct Counters {
    std::uint64_t stored = 0;  ///< parts, those that completed a message among them
    std::uint64_t complete = 0;
    std::uint64_t duplicate = 0;
    std::uint64_t inconsistent = 0;
    /// The account has max_per_account incomplete messages, or its share of the octets.
    std::uint64_t refused_account = 0;
    std::uint64_t refused_octets = 0;  ///< max_octets are held
    std::uint64_t expired = 0;         ///< messages
  };

  /// `hash_seed` should be hard to guess: clients choose references and addresses, and could
  /// otherwise choose those that collide.
  /// An account may hold `account_share` of limits.max_octets.
  Reassembler(const LongMessageOptions& limits, std::uint64_t hash_seed, double account_share = 1);
  void set_account_share(double share) {
    account_octets_max_ = static_cast<std::size_t>(static_cast<double>(limits_.max_octets) * share);
  }
  Reassembler(const Reassembler&) = delete;
  Reassembler& operator=(const Reassembler&) = delete;

  [[nodiscard]] Verdict add(const Part& part, Now now, JoinedParts& out);

  /// Gives up messages whose first part came expiry_s ago: on_expired(const ExpiredParts&) for
  /// each, which must not call back into this object.
  template <class F>
  void expire(Now now, F&& on_expired) {
    ExpiredParts message;
    while (take_expired(now, message)) on_expired(message);
  }

  /// When the oldest message expires; never while there is none.
  Nanos deadline() const { return oldest_deadline_; }

  const Counters& counters() const { return counters_; }
  std::size_t incomplete() const { return messages_.size(); }
  /// Octets held, against max_octets: user data, and what is kept about messages and parts, so that
  /// empty parts cannot fill the memory either. A vector that grows may take up to twice its part
  /// of this.
  std::size_t octets() const { return octets_; }

 private:
  struct StoredPart {
    MessageId id;
    std::uint32_t begin = 0;  // in Message::user_data
    std::uint32_t size = 0;
    bool present = false;
  };
  struct Message {
    ListLink link;
    const std::string* key = nullptr;  // in messages_
    Nanos deadline = 0;
    std::vector<StoredPart> parts;        // by sequence
    std::vector<std::uint8_t> user_data;  // in the order in which the parts came
    std::uint32_t account = 0;
    std::uint16_t reference = 0;
    std::uint8_t missing = 0;
    std::uint8_t data_coding = 0;
    bool udhi = false;
  };
  using Messages = std::unordered_map<std::string, Message, SeededHash, std::equal_to<>>;

  void write_key(const PartKey& key);
  Message* begin(const Part& part, Now now);
  void store(Message& message, const Part& part);
  void finish(Message& message, JoinedParts& out);
  bool take_expired(Now now, ExpiredParts& out);
  void drop(Message& message, std::size_t user_data_size);
  bool admits(std::uint32_t account, std::size_t octets);
  static std::size_t overhead(const Message& message);

  const LongMessageOptions limits_;
  Messages messages_;
  IntrusiveList<Message, &Message::link> by_age_;  // one expiry for all, so the oldest is in front
  struct Held {
    std::uint32_t messages = 0;
    std::size_t octets = 0;
  };
  std::unordered_map<std::uint32_t, Held> per_account_;
  std::size_t account_octets_max_ = 0;
  std::size_t octets_ = 0;
  Nanos oldest_deadline_ = never;
  Counters counters_;

  std::string key_;  // of the part in hand
  std::vector<MessageId> ids_;
  std::vector<std::uint8_t> user_data_;  // of the message handed out last
  std::vector<Octets> parts_;
};

}  // namespace ringgate

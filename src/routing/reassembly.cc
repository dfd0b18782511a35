#include "routing/reassembly.h"

#include <algorithm>

#include "base/units.h"

namespace ringgate {
namespace {

// What the map and the list keep for a message beside its Message: node, hash, bucket.
constexpr std::size_t node_octets = 32;

void append(std::string& to, const Address& address) {
  to.push_back(static_cast<char>(address.ton));
  to.push_back(static_cast<char>(address.npi));
  to.append(address.text);
  to.push_back('\0');  // no address has one inside: it ends them on the wire
}

}  // namespace

Reassembler::Reassembler(const LongMessageOptions& limits, std::uint64_t hash_seed,
                         double account_share)
    : limits_(limits), messages_(0, SeededHash{hash_seed}) {
  set_account_share(account_share);
}

/// The key as octets, so that equality and hash see the same.
void Reassembler::write_key(const PartKey& key) {
  key_.clear();
  for (unsigned shift = 0; shift < 32; shift += 8)
    key_.push_back(static_cast<char>(key.account >> shift));
  key_.push_back(static_cast<char>(key.reference));
  key_.push_back(static_cast<char>(key.reference >> 8));
  key_.push_back(key.wide_reference ? 1 : 0);
  key_.push_back(static_cast<char>(key.total));
  append(key_, key.source);
  append(key_, key.destination);
}

Reassembler::Verdict Reassembler::add(const Part& part, Now now, JoinedParts& out) {
  if (part.sequence == 0 || part.sequence > part.key.total) {
    ++counters_.inconsistent;
    return Verdict::inconsistent;
  }
  write_key(part.key);
  const auto found = messages_.find(std::string_view(key_));
  Message* message = nullptr;
  if (found == messages_.end()) {
    message = begin(part, now);
    if (message == nullptr) return Verdict::refused_full;
  } else {
    message = &found->second;
    if (message->parts[part.sequence - 1u].present) {
      ++counters_.duplicate;
      return Verdict::duplicate;
    }
    if (message->data_coding != part.data_coding || message->udhi != part.udhi) {
      ++counters_.inconsistent;
      return Verdict::inconsistent;
    }
    if (!admits(part.key.account, part.user_data.size())) return Verdict::refused_full;
  }
  store(*message, part);
  if (message->missing != 0) return Verdict::stored;
  finish(*message, out);
  return Verdict::complete;
}

/// The first part of a message, if the bounds admit both.
Reassembler::Message* Reassembler::begin(const Part& part, Now now) {
  const auto count = per_account_.find(part.key.account);
  const std::uint32_t incomplete_already = count == per_account_.end() ? 0 : count->second.messages;
  if (incomplete_already >= limits_.max_per_account) {
    ++counters_.refused_account;
    return nullptr;
  }
  Message fresh;
  fresh.parts.resize(part.key.total);
  const std::size_t kept =
      node_octets + sizeof(Message) + key_.size() + part.key.total * sizeof(StoredPart);
  if (!admits(part.key.account, kept + part.user_data.size())) return nullptr;
  fresh.deadline = now.mono + seconds(limits_.expiry_s);
  fresh.account = part.key.account;
  fresh.reference = part.key.reference;
  fresh.missing = part.key.total;
  fresh.data_coding = part.data_coding;
  fresh.udhi = part.udhi;
  const auto place = messages_.emplace(key_, std::move(fresh)).first;
  Message& message = place->second;
  message.key = &place->first;
  ASSERT(overhead(message) == kept);
  octets_ += kept;
  Held& held = per_account_[message.account];
  held.octets += kept;
  ++held.messages;
  if (by_age_.empty()) oldest_deadline_ = message.deadline;
  by_age_.push_back(message);
  return &message;
}

void Reassembler::store(Message& message, const Part& part) {
  StoredPart& stored = message.parts[part.sequence - 1u];
  stored = {part.id, static_cast<std::uint32_t>(message.user_data.size()),
            static_cast<std::uint32_t>(part.user_data.size()), true};
  message.user_data.insert(message.user_data.end(), part.user_data.begin(), part.user_data.end());
  octets_ += part.user_data.size();
  per_account_[message.account].octets += part.user_data.size();
  --message.missing;
  ++counters_.stored;
}

void Reassembler::finish(Message& message, JoinedParts& out) {
  ids_.clear();
  parts_.clear();
  const std::size_t held = message.user_data.size();
  user_data_ = std::move(message.user_data);
  for (const StoredPart& part : message.parts) {
    ids_.push_back(part.id);
    parts_.push_back(Octets(user_data_).subspan(part.begin, part.size));
  }
  out = {ids_, parts_, message.data_coding, message.udhi};
  ++counters_.complete;
  drop(message, held);
}

bool Reassembler::take_expired(Now now, ExpiredParts& out) {
  if (oldest_deadline_ > now.mono) return false;
  Message& message = *by_age_.front();
  ids_.clear();
  for (const StoredPart& part : message.parts)
    if (part.present) ids_.push_back(part.id);
  out = {message.account, message.reference, static_cast<std::uint8_t>(message.parts.size()), ids_};
  ++counters_.expired;
  drop(message, message.user_data.size());
  return true;
}

void Reassembler::drop(Message& message, std::size_t user_data_size) {
  const std::size_t held = overhead(message) + user_data_size;
  ASSERT(octets_ >= held);
  octets_ -= held;
  const auto count = per_account_.find(message.account);
  ASSERT(count != per_account_.end());
  count->second.octets -= held;
  if (--count->second.messages == 0) per_account_.erase(count);
  by_age_.remove(message);
  messages_.erase(messages_.find(*message.key));
  const Message* const oldest = by_age_.front();
  oldest_deadline_ = oldest == nullptr ? never : oldest->deadline;
}

bool Reassembler::admits(std::uint32_t account, std::size_t octets) {
  ASSERT(octets_ <= limits_.max_octets);
  if (octets > limits_.max_octets - octets_) {
    ++counters_.refused_octets;
    return false;
  }
  const auto held = per_account_.find(account);
  if (octets + (held == per_account_.end() ? 0 : held->second.octets) <= account_octets_max_)
    return true;
  ++counters_.refused_account;
  return false;
}

std::size_t Reassembler::overhead(const Message& message) {
  return node_octets + sizeof(Message) + message.key->size() +
         message.parts.size() * sizeof(StoredPart);
}

}  // namespace ringgate

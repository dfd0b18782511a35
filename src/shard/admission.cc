#include "shard/admission.h"

#include "base/hash.h"
#include "session/content_part.h"

namespace ringgate {
namespace {

/// Addresses, times and what else a record has beside text and TLVs, and all that comes behind it.
constexpr std::size_t record_rest_max = 2048;

/// Parts with the same key belong together, as far as one account can tell. A submit_multi's are
/// those that go to the same destinations. Without the seed nobody finds two that share a key, of
/// which the second would be paid with the first.
std::uint64_t key_of(const PartOf& part, const Event& event, std::uint64_t seed) {
  const Content& content = *event.content;
  const bool is_multi = event.kind == EventKind::submit_multi;
  const std::uint64_t numbers = part.reference | std::uint64_t{part.wide_reference} << 16 |
                                std::uint64_t{part.total} << 24 | std::uint64_t{is_multi} << 32;
  const std::uint64_t from = hash_64(as_octets(content.source.text), seed ^ numbers);
  if (!is_multi) return hash_64(as_octets(content.destination.text), from);
  std::uint64_t to = from;
  for (const Destination& one : event.destinations) {
    const std::uint64_t type = std::uint64_t{one.address.ton} << 8 | one.address.npi;
    to = hash_64(as_octets(one.address.text), to ^ type);
  }
  return to;
}

}  // namespace

// A text that is no TLV is at most as long as a message_payload, so what is admitted fits a record.
static_assert(Admission::kept_tlvs_max + 0xFFFF + record_rest_max <= KeptPart::octets_max);

Status Admission::admit_all(Connection& connection, const Event& event) {
  return admit(connection, event, static_cast<unsigned>(event.destinations.size()),
               [](const Content& content) {
                 return journal::accepted_size(content, StoredAddress::size_max);
               });
}

void Admission::refuse(Connection& connection, const Event& event, Status status) {
  ASSERT(status != Status::ESME_ROK);
  const bool is_multi = event.kind == EventKind::submit_multi;
  const std::size_t count = is_multi ? event.destinations.size() : 1;
  ShardCounters& counters = house_.counters;
  (status == Status::ESME_RTHROTTLED ? counters.submits_throttled : counters.submits_refused)
      .add(count);
  log_.note_refusal(connection.account->index, status);
  connection.session.answer_submit(event.submit, event.sequence_number, status, {});
}

/// Only where there is a limit.
Status Admission::take_rate(Connection& connection, const Event& event, unsigned count) {
  const Account& account = *connection.account;
  ASSERT(count != 0);
  const Rate& rate = account.submit_rate;
  RateLimit& limit = account.state->submits;
  ASSERT(rate.limited());
  if (account.options.over_rate == OverRate::pace) {
    connection.pace_until = limit.reserve(rate, house_.now.mono, count);
    return Status::ESME_ROK;
  }
  const Content& content = *event.content;
  if (!content.tlvs.empty() || content.has_udh()) [[unlikely]]
    if (const std::optional<Status> status = take_rate_of_part(connection, event, count))
      return *status;
  if (!limit.admit(rate, house_.now.mono)) return Status::ESME_RTHROTTLED;
  if (count > 1) limit.reserve(rate, house_.now.mono, count - 1);
  return Status::ESME_ROK;
}

/// A long message is admitted or refused as a whole, by the first of its parts to come: half of it
/// is worth nothing to anybody. Empty for what is no part.
std::optional<Status> Admission::take_rate_of_part(Connection& connection, const Event& event,
                                                   unsigned count) {
  const std::optional<PartOf> part = part_of(*event.content);
  if (!part || part->total <= 1) return std::nullopt;
  const Rate& rate = connection.account->submit_rate;
  AccountState& state = *connection.account->state;
  const bool admitted = state.paid_parts.admit(key_of(*part, event, house_.directory().hash_seed()),
                                               part->total, rate, state.submits, house_.now.mono,
                                               seconds(house_.options.long_messages.expiry_s));
  if (!admitted) return Status::ESME_RTHROTTLED;
  // Each part to several destinations counts for each of them; the whole was asked for one.
  if (count > 1) state.submits.reserve(rate, house_.now.mono, count - 1);
  return Status::ESME_ROK;
}

}  // namespace ringgate

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

Status Admission::admit_all(Connection& connection, const Event& event, unsigned count) {
  return admit(connection, event, count, [](const Content& content) {
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

/// Memory is short: who has most sends less.
bool Admission::is_throttled(const Connection& connection, unsigned count) {
  if (!house_.emergency.throttles(uses_.of(connection.account->index).queued_octets)) return false;
  house_.counters.emergency_submits.add(count);
  return true;
}

/// Only where something is said of addresses. Before the limits: what may not go at all takes
/// nothing from them.
Status Admission::check_addresses(const Connection& connection, const Event& event) {
  const Content& content = *event.content;
  if (!connection.account->sources.allow(content.source)) {
    house_.counters.submits_source_refused.add();
    return Status::ESME_RINVSRCADR;
  }
  if (event.kind == EventKind::submit_multi) return Status::ESME_ROK;
  return admit_destination(connection, content.destination);
}

Status Admission::admit_destination(const Connection& connection, const Address& destination) {
  if (connection.account->destinations.allow(destination)) return Status::ESME_ROK;
  house_.counters.submits_destination_refused.add();
  return Status::ESME_RINVDSTADR;
}

/// Only where there is a limit. A long message is admitted or refused as a whole by what is its
/// account's, by the first of its parts to come: half of it is worth nothing to anybody. What paces
/// takes each part as it comes, for nothing is refused there; so does what is shared with others.
Status Admission::take_limits(Connection& connection, const Event& event, unsigned count) {
  const Account& account = *connection.account;
  const AccountOptions& options = account.options;
  AccountState& state = *account.state;
  SubmitLimits limits(house_.now);
  limits.add(account.bind_rate, connection.submits, options.over_rate, options.bind_rate_status);
  limits.add(account.submit_rate, state.submits, options.over_rate, options.rate_status);
  limits.add(options.minute_quota, 0, state.quotas[0], options.minute_quota_status);
  limits.add(options.day_quota, 1, state.quotas[1], options.day_quota_status);
  if (const ListenerTerms* const terms = connection.terms)
    limits.share(terms->rate, terms->submits, terms->over_rate, terms->rate_status);

  std::optional<PartOf> part;
  const Content& content = *event.content;
  if (limits.may_refuse() && (!content.tlvs.empty() || content.has_udh())) part = part_of(content);
  const bool is_part = part && part->total > 1;
  SubmitLimits::Taken taken = limits.take_shared(count);
  if (taken.over == SubmitLimits::Over::nothing) {
    taken = is_part ? state.paid_parts.take(key_of(*part, event, house_.directory().hash_seed()),
                                            part->total, count, limits, house_.now.mono,
                                            seconds(house_.options.long_messages.expiry_s))
                    : limits.take(1, count);
    if (taken.over != SubmitLimits::Over::nothing) limits.give_back_shared(count);
  }
  switch (taken.over) {
    case SubmitLimits::Over::nothing:
      connection.pace_until = std::max(connection.pace_until, limits.pace(count));
      // A part that was paid for stays so: it comes again.
      if (!is_part) taken_.emplace(TakenLimits{limits, count});
      break;
    case SubmitLimits::Over::rate:
      house_.counters.submits_over_rate.add(count);
      break;
    case SubmitLimits::Over::quota:
      house_.counters.submits_over_quota.add(count);
      break;
  }
  return taken.status;
}

void Admission::undo() {
  if (taken_) taken_->limits.give_back(taken_->count);
  taken_.reset();
}

}  // namespace ringgate

#include "backend/sim/simulator.h"

#include <ringgate/text.h>

#include "backend/sim/per_shard.h"
#include "base/rarely.h"
#include "smpp/check.h"
#include "smpp/tlv.h"
#include "text/smpp_time.h"
#include "text/udh.h"

namespace ringgate {
namespace {

// How far the simulator's own messages may be behind their rate before the rest is left out.
constexpr unsigned mo_backlog_max = 1000;

// Outcomes that one turn tells. Of a flood that is due at once, the rest waits for the next turns,
// so that what clients send is read in between.
constexpr std::size_t timers_per_turn_max = 2048;

// What the err: field of a receipt says; the numbers of GSM 09.02 that operators show most.
std::uint16_t error_of(MessageState state) {
  switch (state) {
    case MessageState::undeliverable:
      return 1;  // unknown subscriber
    case MessageState::expired:
      return expired_outcome.error;
    case MessageState::rejected:
      return 21;  // facility not supported
    default:
      return 0;
  }
}

bool is_part(const Submit& submit) {
  if (submit.has_udh() && parse_udh(submit.text).concatenated) return true;
  return smpp::find_tlv(submit.tlvs, smpp::Tag::sar_msg_ref_num).has_value();
}

}  // namespace

Simulator::Simulator(const SimOptions& options, std::uint32_t pending_max)
    : options_(options), pending_max_(pending_max) {
  const SimOutcomes& mix = options.outcomes;
  weights_ = {{{MessageState::delivered, mix.delivered},
               {MessageState::expired, mix.expired},
               {MessageState::deleted, mix.deleted},
               {MessageState::undeliverable, mix.undeliverable},
               {MessageState::accepted, mix.accepted},
               {MessageState::unknown, mix.unknown},
               {MessageState::rejected, mix.rejected}}};
  double sum = 0;
  for (Weight& weight : weights_) weight.up_to = sum += weight.up_to;
  ASSERT(sum > 0);
  always_alike_ = mix.delivered == sum && options_.submit_error_rate == 0 &&
                  options_.delay_distribution == SimDelay::constant;
}

void Simulator::on_start(unsigned shard_count, Now now, const std::shared_ptr<Replies>&) noexcept {
  for (unsigned i = 0; i < shard_count; ++i) {
    shards_.push_back(
        std::make_unique<PerShard>(options_.seed + i, options_.history, pending_max_, now));
    if (options_.mo.rate > 0) shards_.back()->next_mo = now.mono;
  }
}

Simulator::~Simulator() = default;

MessageState Simulator::draw_outcome(Prng& prng) const {
  const double point = prng.unit() * weights_.back().up_to;
  for (const Weight& weight : weights_)
    if (point < weight.up_to) return weight.state;
  return MessageState::delivered;
}

Nanos Simulator::draw_delay(Prng& prng) const {
  const double mean = options_.delay_ms * 1e6;
  switch (options_.delay_distribution) {
    case SimDelay::constant:
      return milliseconds(options_.delay_ms);
    case SimDelay::uniform:
      return static_cast<Nanos>(prng.unit() * 2 * mean);
    case SimDelay::exponential:
      return static_cast<Nanos>(prng.exponential(mean));
  }
  UNREACHABLE();
}

[[gnu::always_inline]] inline RememberedMessage& Simulator::remember(PerShard& shard,
                                                                     const Submit& submit) {
  RememberedMessage& entry = shard.history.add(submit.id);
  entry.set(submit, shard.accounts.number_in_batch(submit.system_id));
  return entry;
}

void Simulator::take(PerShard& shard, const Submit& submit, Now now, Replies& replies) {
  if (options_.submit_error_rate > 0 && shard.prng.chance(options_.submit_error_rate)) {
    replies.answer(submit.ticket, options_.submit_error);
    return;
  }
  const MessageState state = draw_outcome(shard.prng);
  Outcome outcome{state, error_of(state)};
  Nanos starts = now.mono;
  if (!submit.schedule_delivery_time.empty()) {
    const auto at = parse_smpp_time(submit.schedule_delivery_time, now.wall_s);
    if (at) starts = std::max(starts, mono_of(*at, now));
  }
  Nanos due = starts + draw_delay(shard.prng);
  if (!submit.validity_period.empty()) {
    const auto until = parse_smpp_time(submit.validity_period, now.wall_s);
    if (until && mono_of(*until, now) < due) {
      due = mono_of(*until, now);
      outcome = expired_outcome;
    }
  }
  const bool owes_report = submit.outcome_wanted || submit.intermediate();
  // What has a time of its own is kept even without a receipt, so that its state can be told.
  const bool waits = due > now.mono && (owes_report || starts > now.mono);
  const AccountNumber account = shard.accounts.number_in_batch(submit.system_id);
  // What was accepted in an earlier run has replaced there what it replaces.
  const bool replaces = submit.replace_if_present_flag != 0 && !submit.restored && !is_part(submit);
  Pending* const replaced =
      replaces
          ? shard.waiting.newest({account, submit.source, submit.destination}, submit.service_type)
          : nullptr;
  if (waits && replaced == nullptr && (shard.waiting.full() || RARELY("the simulator is full"))) {
    replies.answer(submit.ticket, Status::ESME_RMSGQFUL);
    return;
  }

  // All is in order before anything is told: who hears it may submit more.
  const Ended ended = replaced != nullptr ? remove(shard, *replaced, now) : Ended{};
  if (Pending* const pending = waits ? shard.waiting.add(submit, account) : nullptr) {
    pending->message.due = due;
    pending->message.set(outcome);
    pending->starts = starts;
    pending->owes_report = owes_report;
    pending->owes_notice = submit.intermediate();
    shard.waiting.timers.arm(pending->timer,
                             submit.intermediate() ? starts + (due - starts) / 2 : due);
  } else {
    RememberedMessage& entry = remember(shard, submit);
    entry.due = due;
    entry.set(outcome);
  }
  if (ended.owed) replies.report(ended.ticket, ended.outcome);
  replies.answer(submit.ticket, Status::ESME_ROK);
  if (owes_report && !waits) replies.report(submit.ticket, outcome);
}

void Simulator::on_submits(std::span<const Submit> submits, Now now, Replies& replies) noexcept {
  PerShard& shard = *shards_[replies.shard()];
  shard.accounts.begin_batch();
  for (const Submit& submit : submits) {
    // Nothing to draw and nothing to wait for: what a benchmark sends.
    const bool plain = always_alike_ && !submit.intermediate() &&
                       submit.replace_if_present_flag == 0 &&
                       submit.schedule_delivery_time.empty() && submit.validity_period.empty() &&
                       (options_.delay_ms == 0 || !submit.outcome_wanted);
    if (!plain) {
      take(shard, submit, now, replies);
      continue;
    }
    RememberedMessage& entry = remember(shard, submit);
    entry.due = now.mono + milliseconds(options_.delay_ms);
    entry.set({MessageState::delivered, 0});
    replies.answer(submit.ticket, Status::ESME_ROK);
    if (submit.outcome_wanted) replies.report(submit.ticket, {MessageState::delivered, 0});
  }
  shard.accounts.begin_batch();
}

Nanos Simulator::deadline(unsigned shard) const noexcept {
  const PerShard& of = *shards_[shard];
  return std::min({of.waiting.timers.next_deadline(), of.next_cancel, of.next_mo});
}

void Simulator::on_deadline(Now now, Replies& replies) noexcept {
  PerShard& shard = *shards_[replies.shard()];
  if (shard.next_cancel <= now.mono) on_next_cancel(shard, now, replies);
  const std::size_t count_max = RARELY("outcomes wait for the next turn") ? 1 : timers_per_turn_max;
  shard.waiting.timers.advance_some(now.mono, count_max, [&](TimerNode& node) {
    static_assert(offsetof(Pending, timer) == 0);
    on_timer(shard, reinterpret_cast<Pending&>(node), now, replies);
  });
  if (shard.next_mo <= now.mono) send_mo(shard, now, replies);
}

void Simulator::on_timer(PerShard& shard, Pending& pending, Now now, Replies& replies) {
  if (pending.owes_notice) {
    pending.owes_notice = false;
    shard.waiting.timers.arm(pending.timer, std::max(pending.message.due, now.mono));
    replies.report(pending.ticket, {MessageState::enroute, 0});
    return;
  }
  const Ended ended = end(shard, pending);
  if (ended.owed) replies.report(ended.ticket, ended.outcome);
}

/// The message waits no more and is remembered as it is.
Simulator::Ended Simulator::end(PerShard& shard, Pending& pending) {
  const Ended out{pending.ticket, pending.message.outcome(), pending.owes_report};
  shard.history.add(pending.message.id) = pending.message;
  shard.waiting.remove(pending);
  return out;
}

/// The message will not go out: its state is DELETED from now on, and whoever wants a receipt gets
/// one that says so.
Simulator::Ended Simulator::remove(PerShard& shard, Pending& pending, Now now) {
  pending.message.due = now.mono;
  pending.message.set(deleted_outcome);
  return end(shard, pending);
}

void Simulator::send_mo(PerShard& shard, Now now, Replies& replies) {
  const auto gap = static_cast<Nanos>(1e9 / options_.mo.rate);
  const Address source{1, 1, options_.mo.source};
  const Address destination{1, 1, options_.mo.destination};
  shard.next_mo = std::max(shard.next_mo, now.mono - mo_backlog_max * gap);
  for (; shard.next_mo <= now.mono; shard.next_mo += std::max<Nanos>(gap, 1)) {
    MessageId first;
    deliver_text(replies, source, destination, options_.mo.text, first);
  }
}

}  // namespace ringgate

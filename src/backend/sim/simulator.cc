#include "backend/sim/simulator.h"

namespace ringgate {

struct Simulator::Pending {
  TimerNode timer;
  Ticket ticket;
  Outcome outcome;
};

struct alignas(128) Simulator::PerShard {
  PerShard(std::uint64_t seed, std::uint32_t pending_max, Now now)
      : prng(seed), timers(now.mono), pending(pending_max) {}

  Prng prng;
  TimerWheel timers;
  Slab<Pending> pending;
};

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
}

void Simulator::on_start(unsigned shard_count, Now now) {
  for (unsigned i = 0; i < shard_count; ++i)
    shards_.push_back(std::make_unique<PerShard>(options_.seed + i, pending_max_, now));
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

namespace {

// What the err: field of a receipt says; the numbers of GSM 09.02 that operators show most.
std::uint16_t error_of(MessageState state) {
  switch (state) {
    case MessageState::undeliverable:
      return 1;  // unknown subscriber
    case MessageState::expired:
      return 27;  // absent subscriber
    case MessageState::rejected:
      return 21;  // facility not supported
    default:
      return 0;
  }
}

}  // namespace

void Simulator::on_submits(std::span<const Submit> submits, Now now, Replies& replies) {
  PerShard& shard = *shards_[replies.shard()];
  for (const Submit& submit : submits) {
    if (options_.submit_error_rate > 0 && shard.prng.chance(options_.submit_error_rate)) {
      replies.answer(submit.ticket, options_.submit_error);
      continue;
    }
    if (submit.receipt == ReceiptWish::none) {
      replies.answer(submit.ticket, Status::ESME_ROK);
      continue;
    }
    const MessageState state = draw_outcome(shard.prng);
    const Outcome outcome{state, error_of(state)};
    if (options_.delay_ms == 0) {
      replies.answer(submit.ticket, Status::ESME_ROK);
      replies.report(submit.ticket, outcome);
      continue;
    }
    Pending* const pending = shard.pending.take();
    if (pending == nullptr) {
      replies.answer(submit.ticket, Status::ESME_RMSGQFUL);
      continue;
    }
    replies.answer(submit.ticket, Status::ESME_ROK);
    pending->ticket = submit.ticket;
    pending->outcome = outcome;
    shard.timers.arm(pending->timer, now.mono + draw_delay(shard.prng));
  }
}

Nanos Simulator::deadline(unsigned shard) const { return shards_[shard]->timers.next_deadline(); }

void Simulator::on_deadline(Now now, Replies& replies) {
  PerShard& shard = *shards_[replies.shard()];
  shard.timers.advance(now.mono, [&](TimerNode& node) {
    static_assert(offsetof(Pending, timer) == 0);
    auto& pending = reinterpret_cast<Pending&>(node);
    const Ticket ticket = pending.ticket;
    const Outcome outcome = pending.outcome;
    shard.pending.give(&pending);
    replies.report(ticket, outcome);
  });
}

}  // namespace ringgate

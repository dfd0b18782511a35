// Submits that come again because their answer was lost: recognised, and answered as the first
// time.
#include "base/hash.h"
#include "shard/shard.h"

namespace ringgate {
namespace {

ResubmitKey key_of(const Content& content, Octets reference) {
  std::vector<std::uint8_t> all;
  const auto add = [&all](const auto& octets) {
    const std::size_t size = octets.size();
    all.push_back(static_cast<std::uint8_t>(size));
    all.push_back(static_cast<std::uint8_t>(size >> 8));
    all.insert(all.end(), octets.begin(), octets.end());
  };
  for (const std::uint8_t octet : {content.source.ton, content.source.npi, content.destination.ton,
                                   content.destination.npi, content.esm_class, content.data_coding})
    all.push_back(octet);
  add(content.source.text);
  add(content.destination.text);
  add(reference);
  add(content.text);
  const auto [low, high] = hash_128(all);
  return {low, high};
}

std::optional<Octets> reference_in(Octets tlvs, const AccountOptions& account) {
  return wire::find_keyed(tlvs, static_cast<std::uint16_t>(account.resubmit_tag));
}

}  // namespace

/// For accounts that may resubmit: true when the client has its answer, because this submit is a
/// repetition. What makes two the same is the account, the addresses, the reference that the client
/// gave, and the text.
bool Shard::meets_again(Connection& connection, const Event& event, MessageId id) {
  const Account& account = *connection.account;
  const auto reference = reference_in(event.content->tlvs, account.options);
  if (!reference) return false;
  ResubmitWatch::Watched watched;
  watched.key = key_of(*event.content, *reference);
  watched.account = account.index;
  watched.id = id;
  const std::int64_t steady_s = steady_.seconds_at(now_);
  watched.until_s = static_cast<std::uint32_t>(steady_s + account.options.resubmit_window_s);
  switch (account.state->resubmits.meet(watched.key, steady_s, account.options.resubmit_window_s,
                                        watched.id)) {
    case Resubmits::Verdict::repeated:
      counters_.resubmits.add();
      connection.session.answer_submit(event.submit, event.sequence_number, Status::ESME_ROK,
                                       watched.id);
      return true;
    case Resubmits::Verdict::undecided:
      refuse_submit(connection, event, Status::ESME_RTHROTTLED);
      return true;
    case Resubmits::Verdict::unremembered:
      counters_.resubmits_lost.add();
      safe_.resubmit_lost();
      return false;
    case Resubmits::Verdict::fresh:
      break;
  }
  ASSERT(!met_);
  met_ = watched;
  return false;
}

/// What became of the submit that meets_again() has just let through; null: it was refused.
void Shard::watch(const MessageRecord* record) {
  if (!met_) return;
  ASSERT(record == nullptr || (record->id == met_->id && record->account == met_->account));
  if (record == nullptr)
    directory_.at(met_->account).state->resubmits.forget(met_->key, met_->id);
  else
    resubmits_.open(record->slot, *met_);
  met_.reset();
}

/// Repetitions hear of it when it is safe: until then a restart may know nothing of an accepted
/// one, and takes a refused one, whose record is closed, for accepted.
void Shard::watched_answered(std::uint32_t slot, bool accepted) {
  ResubmitWatch::Answered answered;
  if (!resubmits_.take(slot, answered.watched)) return;
  answered.accepted = accepted;
  if (!safe_.keeps()) return decide(answered);
  if (accepted) {
    safe_.keep_resubmit(answered.watched);
    watch_kept(answered.watched);
  }
  answered.batch = safe_.last();
  resubmits_.wait(answered);
}

void Shard::decide(const ResubmitWatch::Answered& answered) {
  const ResubmitWatch::Watched& watched = answered.watched;
  ASSERT(watched.account < directory_.size() && watched.id != MessageId{});
  Resubmits& resubmits = directory_.at(watched.account).state->resubmits;
  if (answered.accepted)
    resubmits.settle(watched.key, watched.id);
  else
    resubmits.forget(watched.key, watched.id);
}

/// The outcome comes before the answer. Once it is safe, a restart takes the message for accepted;
/// so it must not be safe before this.
void Shard::watched_reported(std::uint32_t slot) {
  ResubmitWatch::Watched* const watched = resubmits_.find(slot);
  if (watched != nullptr && safe_.keeps()) safe_.keep_resubmit(*watched);
}

/// A message of an earlier run: its client may send it again, and may have had no answer yet.
/// Before the backend has it: when its outcome is safe, this must be.
void Shard::rewatch(const journal::Accepted& message) {
  const Account& account = directory_.at(message.account);
  if (account.options.resubmit_window_s == 0) return;
  const auto reference = reference_in(message.tlvs, account.options);
  if (!reference) return;
  ResubmitWatch::Watched watched;
  watched.key = key_of(message, *reference);
  watched.account = message.account;
  watched.id = message.id;
  watched.until_s =
      resubmit_until(message.account, message.submitted_s + account.options.resubmit_window_s);
  if (!account.state->resubmits.restore(watched.key, watched.id, watched.until_s)) return;
  safe_.keep_resubmit(watched);
  watch_kept(watched);
}

void Shard::watch_kept(const ResubmitWatch::Watched& watched) {
  ASSERT(safe_.keeps());
  if (!resubmits_.keep(watched, options_.journal->states_max, steady_.seconds_at(now_))) return;
  counters_.resubmits_lost.add();
  safe_.resubmit_lost();
}

/// The steady clock's second at which a key of an earlier run ends.
std::uint32_t Shard::resubmit_until(std::uint32_t account, std::int64_t until_s) const {
  const std::int64_t window_s = directory_.at(account).options.resubmit_window_s;
  return static_cast<std::uint32_t>(steady_.seconds_at(now_) +
                                    rest_after_restart_s(until_s, window_s, now_));
}

}  // namespace ringgate

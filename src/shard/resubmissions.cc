#include "shard/resubmissions.h"

#include "base/hash.h"
#include "session/content_part.h"

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
  return find_parameter(tlvs, static_cast<std::uint16_t>(account.resubmit_tag));
}

}  // namespace

bool Resubmissions::is_repetition(Connection& connection, const Event& event, MessageId id) {
  const Account& account = *connection.account;
  const auto reference = reference_in(event.content->tlvs, account.options);
  if (!reference) return false;
  ResubmitWatch::Watched watched;
  watched.key = key_of(*event.content, *reference);
  watched.account = account.index;
  watched.id = id;
  const std::int64_t steady_s = house_.steady_s();
  watched.until_s = static_cast<std::uint32_t>(steady_s + account.options.resubmit_window_s);
  switch (account.state->resubmits.recognise(watched.key, steady_s,
                                             account.options.resubmit_window_s, watched.id)) {
    case Resubmits::Verdict::repeated:
      house_.counters.resubmits.add();
      connection.session.answer_submit(event.submit, event.sequence_number, Status::ESME_ROK,
                                       watched.id);
      return true;
    case Resubmits::Verdict::undecided:
      admission_.refuse(connection, event, Status::ESME_RTHROTTLED);
      return true;
    case Resubmits::Verdict::unremembered:
      house_.counters.resubmits_lost.add();
      safe_.resubmit_lost();
      return false;
    case Resubmits::Verdict::fresh:
      break;
  }
  ASSERT(!let_through_);
  let_through_ = watched;
  return false;
}

void Resubmissions::watch(const MessageRecord* record) {
  if (!let_through_) return;
  ASSERT(record == nullptr ||
         (record->id == let_through_->id && record->account == let_through_->account));
  if (record == nullptr)
    house_.directory()
        .at(let_through_->account)
        .state->resubmits.remove(let_through_->key, let_through_->id);
  else
    books_.resubmits.open(record->slot, *let_through_);
  let_through_.reset();
}

/// Repetitions hear of it when it is safe: until then a restart may know nothing of an accepted
/// one, and takes a refused one, whose record is closed, for accepted.
void Resubmissions::answered(std::uint32_t slot, bool accepted) {
  ResubmitWatch::Answered answered;
  if (!books_.resubmits.take(slot, answered.watched)) return;
  answered.accepted = accepted;
  if (!safe_.keeps()) return decide(answered);
  if (accepted) {
    safe_.keep_resubmit(answered.watched);
    keep(answered.watched);
  }
  safe_.until_safe().add(safe_.last(), answered);
}

void Resubmissions::decide(const ResubmitWatch::Answered& answered) {
  const ResubmitWatch::Watched& watched = answered.watched;
  ASSERT(watched.account < house_.directory().size() && watched.id != MessageId{});
  Resubmits& resubmits = house_.directory().at(watched.account).state->resubmits;
  if (answered.accepted)
    resubmits.settle(watched.key, watched.id);
  else
    resubmits.remove(watched.key, watched.id);
}

/// The outcome comes before the answer. Once it is safe, a restart takes the message for accepted;
/// so it must not be safe before this.
void Resubmissions::reported(std::uint32_t slot) {
  ResubmitWatch::Watched* const watched = books_.resubmits.find(slot);
  if (watched != nullptr && safe_.keeps()) safe_.keep_resubmit(*watched);
}

void Resubmissions::restore(const journal::Accepted& message) {
  const Account& account = house_.directory().at(message.account);
  if (account.options.resubmit_window_s == 0) return;
  const auto reference = reference_in(message.tlvs, account.options);
  if (!reference) return;
  ResubmitWatch::Watched watched;
  watched.key = key_of(message, *reference);
  watched.account = message.account;
  watched.id = message.id;
  watched.until_s =
      until_s(message.account, message.submitted_s + account.options.resubmit_window_s);
  if (!account.state->resubmits.restore(watched.key, watched.id, watched.until_s)) return;
  safe_.keep_resubmit(watched);
  keep(watched);
}

void Resubmissions::keep(const ResubmitWatch::Watched& watched) {
  ASSERT(safe_.keeps());
  if (!books_.resubmits.keep(watched, house_.options.journal->states_max, house_.steady_s()))
    return;
  house_.counters.resubmits_lost.add();
  safe_.resubmit_lost();
}

void Resubmissions::restore(const journal::RecordView& record, std::uint32_t segment) {
  const auto body = record.fixed<journal::ResubmitBody>();
  ASSERT(body);
  ASSERT(body->account < house_.directory().size());
  const ResubmitKey key{body->key[0], body->key[1]};
  Resubmits& resubmits = house_.directory().at(body->account).state->resubmits;
  const std::uint32_t until = until_s(body->account, body->until_s);
  if (resubmits.restore(key, record.id(), until))
    keep({key, record.id(), body->account, until, segment});
}

/// The steady clock's second at which a key of an earlier run ends.
std::uint32_t Resubmissions::until_s(std::uint32_t account, std::int64_t date_s) const {
  const std::int64_t window_s = house_.directory().at(account).options.resubmit_window_s;
  return static_cast<std::uint32_t>(house_.steady_s() +
                                    rest_after_restart_s(date_s, window_s, house_.now));
}

}  // namespace ringgate

#include "shard/safekeeping.h"

#include <algorithm>

#include "base/rarely.h"

namespace ringgate {
namespace {

using journal::RecordType;

constexpr std::size_t closed_size = journal::record_size(0);
constexpr std::size_t outcome_size = journal::record_size(sizeof(journal::OutcomeBody));
constexpr std::size_t retry_size = journal::record_size(sizeof(journal::RetryBody));
// Once, as often as it is rewritten.
static_assert(outcome_size + retry_size + closed_size <= journal::Journal::owed_per_message);

/// What is kept of a message once its outcome is known, at the most (see journal::trim): addresses
/// may have 64 characters in data_sm.
constexpr std::size_t trimmed_size_max(std::size_t quoted_octets) {
  return journal::record_size(sizeof(journal::AcceptedBody) + 2 * 64 + quoted_octets);
}

// States aside are looked at so often, so many at a time.
constexpr Nanos states_pause = seconds(1);
constexpr std::size_t states_looked_at_max = 1'024;

/// Whether that is the record of the message that is open in its slot under its id. The
/// destinations of a submit_multi share an id, and one that is refused while the others are still
/// taken in leaves its slot to one of them. Two that are equal have equal records.
bool is_record_of(const journal::RecordView& view, const MessageRecord& record) {
  if (record.kind != RecordKind::submit_multi) [[likely]]
    return true;
  const auto message = journal::read_accepted(view);
  ASSERT(message);
  StoredAddress destination;
  destination.set(message->destination);
  return record.destination == destination;
}

}  // namespace

Safekeeping::Safekeeping(House& house, Books& books) : house_(house), books_(books) {
  const ShardOptions& options = house.options;
  if (!options.journal) return;
  ASSERT(house.world.disk != nullptr);
  const ShardJournal& journal = *options.journal;
  keep_states_s_ = journal.keep_states_s;
  octets_max_ = journal.options.segment_size * journal.options.files_max;
  ended_ = std::make_unique<EndedMessages>(journal.states_max);
  journal::Keeper& keeper = *this;
  journal_ = std::make_unique<journal::Journal>(journal.options, *house.world.disk, keeper,
                                                journal.start.segments, journal.start.batches,
                                                journal.files);
}

Status Safekeeping::refusal(journal::Room room) {
  switch (room) {
    case journal::Room::ok:
      return Status::ESME_ROK;
    case journal::Room::slow:
      pressure_.slow.noticed(house_.now.mono);
      return Status::ESME_RTHROTTLED;
    case journal::Room::full:
      pressure_.full.noticed(house_.now.mono);
      return Status::ESME_RMSGQFUL;
  }
  UNREACHABLE();
}

// ---- writing

[[gnu::always_inline]] inline void Safekeeping::put_accepted(MessageRecord& record,
                                                             const journal::AcceptedHead& head,
                                                             const Content& content) {
  const std::size_t size = journal::accepted_size(content);
  journal::write_accepted(journal_->append(size), size, head, content);
  record.kept.set_octets(size);
  record.kept.segment_ = journal_->segment();
  books_.uses.of(record.account).journal_octets += size;
}

void Safekeeping::restore(MessageRecord& record, const Content& content, std::uint32_t segment,
                          std::size_t octets) {
  ASSERT(record.kept.empty());
  record.kept.set_octets(octets);
  record.kept.segment_ = segment;
  record.kept.source_hash_ = journal::address_hash(content.source);
  books_.uses.of(record.account).journal_octets += octets;
  journal_->hold(segment, octets);
}

void Safekeeping::restore_retry(MessageRecord& record, const journal::RetryBody& body) {
  ASSERT(record.kept.attempts_ == 0);
  restore_more(record, retry_size);
  record.kept.attempts_ = static_cast<std::uint16_t>(body.attempts);
  record.kept.next_s_ = body.next_s;
}

/// Its copy, with all that belongs to it, will have so many octets.
[[gnu::always_inline]] inline void Safekeeping::resize_now(MessageRecord& record,
                                                           std::size_t octets, bool ended) {
  ASSERT(!record.kept.empty());
  const std::size_t from = record.kept.octets();
  journal_->resize(record.kept.segment_, from, octets);
  books_.uses.of(record.account).journal_octets += octets - from;
  record.kept.set(octets, ended);
}

void Safekeeping::resize(MessageRecord& record, std::size_t octets) {
  resize_now(record, octets, record.kept.ended_);
}

/// A message that has just begun, a client's or an MO.
void Safekeeping::accept(MessageRecord& record, const Content& content) {
  ASSERT(record.kept.empty());
  record.kept.source_hash_ = journal::address_hash(content.source);
  put_accepted(
      record,
      {.id = record.id,
       .slot = record.slot,
       .account = record.account,
       .submitted_s = record.submitted_s,
       .kind = record.kind,
       .permuted = house_.options.ids.permutes(),
       .default_alphabet = house_.directory().at(record.account).options.quirks.default_alphabet},
      content);
  journal_->hold(record.kept.octets());
}

void Safekeeping::keep_outcome(MessageRecord& record) {
  ASSERT(record.stage.reported() && record.kind != RecordKind::mo);
  const bool closes = !wants_receipt(record.wish, record.outcome.state);
  const journal::OutcomeBody body{static_cast<std::uint32_t>(record.done_s), record.outcome.error,
                                  static_cast<std::uint16_t>(closes ? 1 : 0)};
  journal::write_fixed(journal_->append(journal::record_size(sizeof body)), RecordType::outcome,
                       static_cast<std::uint8_t>(record.outcome.state), record.slot, record.id,
                       body);
  record.kept.batch_ = journal_->last();
  std::size_t trimmed = trimmed_size_max(MessageRecord::snippet_max);
  if (books_.quotes.repeats_more(record.account)) [[unlikely]]
    trimmed = trimmed_size_max(books_.quotes.quoted_octets(record.account));
  resize_now(record, std::min(record.kept.octets(), trimmed) + outcome_size, closes);
}

void Safekeeping::keep_retry(std::uint32_t slot, MessageId id, std::uint16_t attempts,
                             std::uint32_t next_s) {
  MessageRecord* const record = books_.messages.find_open(slot, id);
  if (record == nullptr) return;
  ASSERT(attempts != 0);
  if (record->kept.attempts_ == 0) resize(*record, record->kept.octets() + retry_size);
  record->kept.attempts_ = attempts;
  record->kept.next_s_ = next_s;
  const journal::RetryBody body{next_s, attempts};
  journal::write_fixed(journal_->append(journal::record_size(sizeof body)), RecordType::retry, 0,
                       slot, id, body);
}

void Safekeeping::keep_replaced(const journal::Replaced& replaced, MessageRecord& record) {
  ASSERT(!record.stage.reported() && books_.messages.is_open(record));
  Replacements::Replacement& kept = replacements_.set(record.slot, journal::size_of(replaced));
  journal::write_replaced(kept.record.data(), record.id, record.slot, replaced);
  put_replaced(kept);
}

void Safekeeping::put_replaced(Replacements::Replacement& replacement) {
  ASSERT(!replacement.record.empty() && replacement.record.size() % 8 == 0);
  const std::vector<std::uint8_t>& record = replacement.record;
  std::memcpy(journal_->append(record.size()), record.data(), record.size());
  replacement.segment = journal_->segment();
}

void Safekeeping::keep_resubmit(ResubmitWatch::Watched& watched) {
  const journal::ResubmitBody body{
      {watched.key.low, watched.key.high},
      watched.account,
      static_cast<std::uint32_t>(house_.steady.date_of(watched.until_s, house_.now))};
  journal::write_fixed(journal_->append(journal::record_size(sizeof body)), RecordType::resubmit, 0,
                       0, watched.id, body);
  watched.segment = journal_->segment();
}

/// The message's record is not needed any more.
void Safekeeping::end(MessageRecord& record) {
  ASSERT(keeps() && books_.messages.is_open(record));
  ASSERT(books_.uses.of(record.account).journal_octets >= record.kept.octets());
  if (!record.kept.ended_)
    journal::put_header(journal_->append(closed_size), RecordType::closed,
                        static_cast<std::uint8_t>(record.end), record.slot, record.id, closed_size);
  journal_->drop(record.kept.segment_, record.kept.octets());
  books_.uses.of(record.account).journal_octets -= record.kept.octets();
  if (record.stage.reported() && record.kind != RecordKind::mo) note_ended(record);
  if (replacements_.empty()) [[likely]]
    return;
  replacements_.drop(record.slot);
}

[[gnu::always_inline]] inline void Safekeeping::note_ended(const MessageRecord& record) {
  ASSERT(record.stage.reported());
  if (record.restored) return ended_->take_over(end_of(record), record.sequence);
  const std::uint32_t lost_s = ended_->keep(end_of(record), record.sequence, house_.steady_s());
  if (lost_s == 0) [[likely]]
    return;
  house_.counters.states_lost.add();
  pressure_.state_kept_s = keep_states_s_ - lost_s;
  pressure_.states_early.noticed(house_.now.mono);
}

EndedMessage Safekeeping::end_of(const MessageRecord& record) const {
  ASSERT(record.stage.reported() && keeps());
  EndedMessage ended;
  ended.id = record.id;
  ended.account = record.account;
  ended.source_hash = record.kept.source_hash_;
  ended.done_s = static_cast<std::uint32_t>(record.done_s);
  ended.kept_until_s = static_cast<std::uint32_t>(house_.steady_s() + keep_states_s_);
  // The records of the message itself say it as long as their segments are there; when the first of
  // them goes, a record of its own is written.
  ended.segment = record.kept.segment_;
  ended.error = record.outcome.error;
  ended.state = record.outcome.state;
  return ended;
}

void Safekeeping::restore_state(const journal::RecordView& record, std::uint32_t segment,
                                std::uint64_t sequence) {
  const auto body = record.fixed<journal::StateBody>();
  ASSERT(body);
  ASSERT(body->account < house_.directory().size());
  const auto until_s = static_cast<std::uint32_t>(
      house_.steady_s() +
      rest_after_restart_s(body->done_s + keep_states_s_, keep_states_s_, house_.now));
  ended_->take_over({record.id(), body->account, body->source_hash, body->done_s, until_s, segment,
                     body->error, static_cast<MessageState>(record.header.code)},
                    sequence);
}

void Safekeeping::put_state(EndedMessage& ended) {
  ASSERT(ended.account < house_.directory().size());
  const journal::StateBody body{ended.account, ended.done_s, ended.source_hash, 0, ended.error, {}};
  journal::write_fixed(journal_->append(journal::record_size(sizeof body)), RecordType::state,
                       static_cast<std::uint8_t>(ended.state), 0, ended.id, body);
  ended.segment = journal_->segment();
}

// ---- keeping alive

std::size_t Safekeeping::rewrite(const journal::RecordView& view, std::uint32_t segment) {
  if (view.header.type != RecordType::accepted) return 0;
  MessageRecord* const record = books_.messages.find_open(view.header.slot, view.id());
  if (record == nullptr || record->kept.segment_ != segment || !is_record_of(view, *record))
    return 0;
  ASSERT(record->slot == view.header.slot && !record->kept.empty());
  const std::size_t from = record->kept.octets();
  journal_->drop(segment, from);
  AccountUse& use = books_.uses.of(record->account);
  ASSERT(use.journal_octets >= from);
  use.journal_octets -= from;
  if (!record->stage.reported() || record->kind == RecordKind::mo) {
    const std::size_t size = view.octets.size();
    std::memcpy(journal_->append(size), view.octets.data(), size);
    use.journal_octets += size;
    record->kept.set_octets(size);
    record->kept.segment_ = journal_->segment();
    journal_->hold(record->kept.segment_, size);
    // What has replaced its text belongs behind it.
    if (auto* const replacement = replacements_.find(view.header.slot)) put_replaced(*replacement);
  } else {
    auto message = journal::read_accepted(view);
    ASSERT(message);
    // What has replaced its text would stand in front of it, and belongs to no message there.
    journal::RecordView change;
    if (const auto* const replacement = replacements_.find(view.header.slot)) {
      change.octets = replacement->record;
      std::memcpy(&change.header, change.octets.data(), sizeof change.header);
      const auto replaced = journal::read_replaced(change);
      ASSERT(replaced);
      message->text = replaced->text;
    }
    journal::trim(*message, books_.quotes.quoted_octets(record->account));
    // Receipts of its account may repeat more by now than it has room for.
    if (journal::accepted_size(*message) + outcome_size > from)
      journal::trim(*message, MessageRecord::snippet_max);
    put_accepted(*record, *message, *message);
    journal_->hold(record->kept.segment_, record->kept.octets());
    replacements_.drop(view.header.slot);
    keep_outcome(*record);
  }
  if (const std::uint16_t attempts = record->kept.attempts_; attempts != 0) {
    record->kept.attempts_ = 0;
    keep_retry(view.header.slot, record->id, attempts, record->kept.next_s_);
  }
  return record->kept.octets();
}

std::size_t Safekeeping::before_release(std::uint32_t segment) {
  const std::int64_t steady_s = house_.steady_s();
  std::size_t octets = 0;
  ended_->for_each_in(segment, steady_s, [&](EndedMessage& ended) {
    put_state(ended);
    octets += journal::kept_record_size;
  });
  replacements_.for_each_in(segment, [&](Replacements::Replacement& kept) {
    put_replaced(kept);
    octets += kept.record.size();
  });
  books_.resubmits.for_each_in(segment, steady_s, [&](ResubmitWatch::Watched& watched) {
    keep_resubmit(watched);
    octets += journal::kept_record_size;
  });
  return octets;
}

std::uint64_t Safekeeping::kept_of(std::uint32_t segment) const {
  const std::int64_t steady_s = house_.steady_s();
  std::uint64_t octets = 0;
  const auto count = [&octets](const auto&) { octets += journal::kept_record_size; };
  ended_->for_each_in(segment, steady_s, count);
  octets += books_.resubmits.count_in(segment, steady_s) * journal::kept_record_size;
  replacements_.for_each_in(
      segment, [&](const Replacements::Replacement& kept) { octets += kept.record.size(); });
  return octets;
}

void Safekeeping::put_checkpoints(std::uint32_t first) {
  struct Names {
    const Directory& directory;
    std::size_t size() const { return directory.size(); }
    const std::string& operator[](std::size_t i) const {
      return directory.at(static_cast<std::uint32_t>(i)).options.system_id;
    }
  };
  journal::put_checkpoints(
      Names{house_.directory()}, books_.ids.next_sequence(),
      [this](std::size_t size) { return journal_->append(size); }, first);
}

void Safekeeping::put_accounts_from(std::uint32_t first) {
  if (first == house_.directory().size()) return;
  // Names are looked for at the beginning of batches only.
  journal_->begin_anew();
  put_checkpoints(first);
}

// ---- the end of a turn

void Safekeeping::commit(std::uint64_t pledged) {
  if (house_.now.mono >= states_looked_at_ + states_pause || RARELY("states are looked at early")) {
    states_looked_at_ = house_.now.mono;
    ended_->expire(house_.steady_s(), states_looked_at_max);
  }
  journal_->set_other_live((ended_->count() + books_.resubmits.kept()) * journal::kept_record_size +
                           replacements_.octets());
  journal_->set_pledged(pledged + books_.resubmits.open_count() * resubmit_records);
  journal_->commit(house_.now.mono);
  house_.counters.journal_octets.set(journal_->octets_written());
  house_.counters.journal_accepted.set(journal_->octets_accepted());
  house_.counters.journal_batches.set(journal_->batches_written());
  house_.counters.journal_rewritten.set(journal_->octets_rewritten());
  house_.counters.journal_used.set(journal_->octets_used());
  house_.counters.journal_live.set(journal_->live());
  if (pressure_.deadline() != never) tell_pressure();
}

/// Once when it begins, and once when it is over.
void Safekeeping::tell_pressure() {
  using Change = Condition::Change;

  const bool has_room = journal_->has_ample_room();
  switch (pressure_.full.next(house_.now.mono, !has_room)) {
    case Change::begins: {
      const bool is_disk = journal_->disk_is_full();
      LogLine line(is_disk ? "the disk is full: new messages get ESME_RMSGQFUL"
                           : "the store is full: new messages get ESME_RMSGQFUL");
      line.field("used", journal_->octets_used()).field("messages", journal_->live());
      line.field("max", octets_max_);
      house_.tell(LogLevel::warning, line);
      break;
    }
    case Change::ends: {
      LogLine line("the store has room again");
      house_.tell(LogLevel::info, line.field("used", journal_->octets_used()));
      break;
    }
    case Change::none:
      break;
  }
  switch (pressure_.slow.next(house_.now.mono)) {
    case Change::begins: {
      LogLine line("the disk is behind: new messages get ESME_RTHROTTLED");
      house_.tell(LogLevel::warning, line.field("waiting", journal_->staged()));
      break;
    }
    case Change::ends: {
      LogLine line("the disk has caught up");
      house_.tell(LogLevel::info, line);
      break;
    }
    case Change::none:
      break;
  }
  if (pressure_.states_early.next(house_.now.mono) == Change::begins) {
    LogLine line("query_sm forgets messages early: there are more than store.max_states");
    line.field("store.keep_states_s", keep_states_s_);
    line.field("kept_s", pressure_.state_kept_s).field("places", ended_->places());
    house_.tell(LogLevel::warning, line);
  }
  if (pressure_.resubmits_early.next(house_.now.mono) == Change::begins) {
    LogLine line("more submits are to be recognised than can be remembered");
    house_.tell(LogLevel::warning, line.field("lost", house_.counters.resubmits_lost.get()));
  }
}

}  // namespace ringgate

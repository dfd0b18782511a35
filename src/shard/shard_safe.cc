// What the shard writes into its journal, what it keeps alive there, and what waits until it is
// safe.
#include <algorithm>

#include "base/rarely.h"
#include "shard/shard.h"

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

// ---- writing

[[gnu::always_inline]] inline void Shard::put_accepted(MessageRecord& record,
                                                       const journal::AcceptedHead& head,
                                                       const Content& content) {
  const std::size_t size = journal::accepted_size(content);
  journal::write_accepted(journal_->append(size), size, head, content);
  record.journal_units = static_cast<std::uint16_t>(size / 8);
  record.journal_segment = journal_->segment();
  uses_.of(record.account).journal_octets += size;
}

/// Its copy, with all that belongs to it, will have so many units of 8 octets.
[[gnu::always_inline]] inline void Shard::resize_kept_now(MessageRecord& record,
                                                          std::size_t units) {
  ASSERT(units <= 0xFFFF);
  ASSERT(record.journal_units != 0);
  const std::size_t from = record.journal_units * std::size_t{8};
  journal_->resize(record.journal_segment, from, units * 8);
  uses_.of(record.account).journal_octets += units * 8 - from;
  record.journal_units = static_cast<std::uint16_t>(units);
}

void Shard::resize_kept(MessageRecord& record, std::size_t units) {
  resize_kept_now(record, units);
}

/// A message that has just begun, a client's or an MO.
void Shard::keep(MessageRecord& record, const Content& content) {
  ASSERT(record.journal_units == 0);
  record.source_hash = journal::address_hash(content.source);
  put_accepted(record,
               {.id = record.id,
                .slot = record.slot,
                .account = record.account,
                .submitted_s = record.submitted_s,
                .kind = record.kind,
                .permuted = options_.ids.permutes(),
                .default_alphabet = alphabet_of(record.account)},
               content);
  journal_->hold(record.journal_units * std::size_t{8});
}

void Shard::keep_outcome(MessageRecord& record) {
  ASSERT(record.reported && record.kind != RecordKind::mo);
  const bool closes = !wants_receipt(record.wish, record.outcome.state);
  const journal::OutcomeBody body{static_cast<std::uint32_t>(record.done_s), record.outcome.error,
                                  static_cast<std::uint16_t>(closes ? 1 : 0)};
  journal::write_fixed(journal_->append(journal::record_size(sizeof body)), RecordType::outcome,
                       static_cast<std::uint8_t>(record.outcome.state), record.slot, record.id,
                       body);
  record.ended_in_journal = closes;
  record.journal_batch = journal_->last();
  std::size_t trimmed = trimmed_size_max(MessageRecord::snippet_max);
  if (quotes_.repeats_more(record.account)) [[unlikely]]
    trimmed = trimmed_size_max(quotes_.quoted_octets(record.account));
  const std::size_t kept = std::min<std::size_t>(record.journal_units, trimmed / 8);
  resize_kept_now(record, kept + outcome_size / 8);
}

void Shard::keep_retry(std::uint32_t slot, MessageId id, std::uint16_t attempts,
                       std::uint32_t next_s) {
  MessageRecord* const record = messages_.find_open(slot, id);
  if (record == nullptr) return;
  ASSERT(attempts != 0);
  if (record->kept_attempts == 0) resize_kept(*record, record->journal_units + retry_size / 8);
  record->kept_attempts = attempts;
  record->kept_next_s = next_s;
  const journal::RetryBody body{next_s, attempts};
  journal::write_fixed(journal_->append(journal::record_size(sizeof body)), RecordType::retry, 0,
                       slot, id, body);
}

void Shard::keep_replaced(const journal::Replaced& replaced, MessageRecord& record) {
  ASSERT(!record.reported && messages_.is_open(record));
  Replacement& kept = replacements_[record.slot];
  const std::size_t size = journal::size_of(replaced);
  ASSERT(replacements_octets_ >= kept.record.size());
  replacements_octets_ += size - kept.record.size();
  kept.record.resize(size);
  journal::write_replaced(kept.record.data(), record.id, record.slot, replaced);
  put_replaced(kept);
}

void Shard::put_replaced(Replacement& replacement) {
  ASSERT(!replacement.record.empty() && replacement.record.size() % 8 == 0);
  const std::vector<std::uint8_t>& record = replacement.record;
  std::memcpy(journal_->append(record.size()), record.data(), record.size());
  replacement.segment = journal_->segment();
}

void Shard::keep_resubmit(ResubmitWatch::Watched& watched) {
  const journal::ResubmitBody body{
      {watched.key.low, watched.key.high},
      watched.account,
      static_cast<std::uint32_t>(steady_.date_of(watched.until_s, now_))};
  journal::write_fixed(journal_->append(journal::record_size(sizeof body)), RecordType::resubmit, 0,
                       0, watched.id, body);
  watched.segment = journal_->segment();
}

/// The message's record is not needed any more.
void Shard::forget(MessageRecord& record) {
  ASSERT(journal_ != nullptr && messages_.is_open(record));
  ASSERT(uses_.of(record.account).journal_octets >= record.journal_units * std::size_t{8});
  if (!record.ended_in_journal)
    journal::put_header(journal_->append(closed_size), RecordType::closed,
                        static_cast<std::uint8_t>(record.end), record.slot, record.id, closed_size);
  journal_->drop(record.journal_segment, record.journal_units * std::size_t{8});
  uses_.of(record.account).journal_octets -= record.journal_units * std::size_t{8};
  if (record.reported && record.kind != RecordKind::mo) note_ended(record);
  if (replacements_.empty()) [[likely]]
    return;
  drop_replacement(replacements_.find(record.slot));
}

void Shard::drop_replacement(std::map<std::uint32_t, Replacement>::iterator replacement) {
  if (replacement == replacements_.end()) return;
  ASSERT(replacements_octets_ >= replacement->second.record.size());
  replacements_octets_ -= replacement->second.record.size();
  replacements_.erase(replacement);
  ASSERT(!replacements_.empty() || replacements_octets_ == 0);
}

[[gnu::always_inline]] inline void Shard::note_ended(const MessageRecord& record) {
  ASSERT(record.reported);
  if (record.restored) return ended_->take_over(end_of(record), record.sequence);
  const std::uint32_t lost_s =
      ended_->keep(end_of(record), record.sequence, steady_.seconds_at(now_));
  if (lost_s == 0) [[likely]]
    return;
  counters_.states_lost.add();
  pressure_.state_kept_s = options_.journal->keep_states_s - lost_s;
  pressure_.states_early.met(now_.mono);
}

EndedMessage Shard::end_of(const MessageRecord& record) const {
  ASSERT(record.reported && options_.journal);
  EndedMessage ended;
  ended.id = record.id;
  ended.account = record.account;
  ended.source_hash = record.source_hash;
  ended.done_s = static_cast<std::uint32_t>(record.done_s);
  ended.kept_until_s =
      static_cast<std::uint32_t>(steady_.seconds_at(now_) + options_.journal->keep_states_s);
  // The records of the message itself say it as long as their segments are there; when the first of
  // them goes, a record of its own is written.
  ended.segment = record.journal_segment;
  ended.error = record.outcome.error;
  ended.state = record.outcome.state;
  return ended;
}

void Shard::put_state(EndedMessage& ended) {
  ASSERT(ended.account < directory_.size());
  const journal::StateBody body{ended.account, ended.done_s, ended.source_hash, 0, ended.error, {}};
  journal::write_fixed(journal_->append(journal::record_size(sizeof body)), RecordType::state,
                       static_cast<std::uint8_t>(ended.state), 0, ended.id, body);
  ended.segment = journal_->segment();
}

// ---- keeping alive

std::size_t Shard::rewrite(const journal::RecordView& view, std::uint32_t segment) {
  if (view.header.type != RecordType::accepted) return 0;
  MessageRecord* const record = messages_.find_open(view.header.slot, view.id());
  if (record == nullptr || record->journal_segment != segment || !is_record_of(view, *record))
    return 0;
  ASSERT(record->slot == view.header.slot && record->journal_units != 0);
  const std::size_t from = record->journal_units * std::size_t{8};
  journal_->drop(segment, from);
  AccountUse& use = uses_.of(record->account);
  ASSERT(use.journal_octets >= from);
  use.journal_octets -= from;
  if (!record->reported || record->kind == RecordKind::mo) {
    const std::size_t size = view.octets.size();
    std::memcpy(journal_->append(size), view.octets.data(), size);
    use.journal_octets += size;
    record->journal_units = static_cast<std::uint16_t>(size / 8);
    record->journal_segment = journal_->segment();
    journal_->hold(record->journal_segment, size);
    // What has replaced its text belongs behind it.
    const auto replacement = replacements_.find(view.header.slot);
    if (replacement != replacements_.end()) put_replaced(replacement->second);
  } else {
    auto message = journal::read_accepted(view);
    ASSERT(message);
    // What has replaced its text would stand in front of it, and belongs to no message there.
    const auto replacement = replacements_.find(view.header.slot);
    journal::RecordView change;
    if (replacement != replacements_.end()) {
      change.octets = replacement->second.record;
      std::memcpy(&change.header, change.octets.data(), sizeof change.header);
      const auto replaced = journal::read_replaced(change);
      ASSERT(replaced);
      message->text = replaced->text;
    }
    journal::trim(*message, quotes_.quoted_octets(record->account));
    put_accepted(*record, *message, *message);
    journal_->hold(record->journal_segment, record->journal_units * std::size_t{8});
    drop_replacement(replacement);
    keep_outcome(*record);
  }
  if (const std::uint16_t attempts = record->kept_attempts; attempts != 0) {
    record->kept_attempts = 0;
    keep_retry(view.header.slot, record->id, attempts, record->kept_next_s);
  }
  return record->journal_units * std::size_t{8};
}

std::size_t Shard::before_release(std::uint32_t segment) {
  const std::int64_t steady_s = steady_.seconds_at(now_);
  std::size_t octets = 0;
  ended_->for_each_in(segment, steady_s, [&](EndedMessage& ended) {
    put_state(ended);
    octets += journal::kept_record_size;
  });
  for (auto& [slot, kept] : replacements_) {
    if (kept.segment != segment) continue;
    put_replaced(kept);
    octets += kept.record.size();
  }
  resubmits_.for_each_in(segment, steady_s, [&](ResubmitWatch::Watched& watched) {
    keep_resubmit(watched);
    octets += journal::kept_record_size;
  });
  return octets;
}

std::uint64_t Shard::kept_of(std::uint32_t segment) const {
  const std::int64_t steady_s = steady_.seconds_at(now_);
  std::uint64_t octets = 0;
  const auto count = [&octets](const auto&) { octets += journal::kept_record_size; };
  ended_->for_each_in(segment, steady_s, count);
  octets += resubmits_.count_in(segment, steady_s) * journal::kept_record_size;
  for (const auto& [slot, kept] : replacements_)
    if (kept.segment == segment) octets += kept.record.size();
  return octets;
}

void Shard::write_checkpoint() {
  struct Names {
    const Directory& directory;
    std::size_t size() const { return directory.size(); }
    const std::string& operator[](std::size_t i) const {
      return directory.at(static_cast<std::uint32_t>(i)).options.system_id;
    }
  };
  journal::put_checkpoints(Names{directory_}, ids_.next_sequence(),
                           [this](std::size_t size) { return journal_->append(size); });
}

// ---- what waits until it is safe

void Shard::commit_journal() {
  if (now_.mono >= states_looked_at_ + states_pause || RARELY("states are looked at early")) {
    states_looked_at_ = now_.mono;
    ended_->expire(steady_.seconds_at(now_), states_looked_at_max);
  }
  ASSERT(!replacements_.empty() || replacements_octets_ == 0);
  journal_->set_other_live((ended_->count() + resubmits_.kept()) * journal::kept_record_size +
                           replacements_octets_);
  journal_->set_pledged(replacing_.octets() + resubmits_.open_count() * resubmit_records);
  journal_->commit(now_.mono);
  counters_.journal_octets.set(journal_->octets_written());
  counters_.journal_accepted.set(journal_->octets_accepted());
  counters_.journal_batches.set(journal_->batches_written());
  counters_.journal_rewritten.set(journal_->octets_rewritten());
  counters_.journal_used.set(journal_->octets_used());
  counters_.journal_live.set(journal_->live());
  if (pressure_.deadline() != never) tell_pressure();
}

void Shard::tell(LogLevel level, LogLine& line) {
  if (world_.log == nullptr) return;
  world_.log->write(level, line.field("shard", options_.index).view());
}

/// Once when it begins, and once when it is over.
void Shard::tell_pressure() {
  using Change = Condition::Change;
  const journal::JournalOptions& options = options_.journal->options;
  const bool has_room = journal_->has_ample_room();
  switch (pressure_.full.next(now_.mono, !has_room)) {
    case Change::begins: {
      const bool is_disk = journal_->disk_is_full();
      LogLine line(is_disk ? "the disk is full: new messages get ESME_RMSGQFUL"
                           : "the store is full: new messages get ESME_RMSGQFUL");
      line.field("used", journal_->octets_used()).field("messages", journal_->live());
      line.field("max", options.segment_size * options.files_max);
      tell(LogLevel::warning, line);
      break;
    }
    case Change::ends: {
      LogLine line("the store has room again");
      tell(LogLevel::info, line.field("used", journal_->octets_used()));
      break;
    }
    case Change::none:
      break;
  }
  switch (pressure_.slow.next(now_.mono)) {
    case Change::begins: {
      LogLine line("the disk is behind: new messages get ESME_RTHROTTLED");
      tell(LogLevel::warning, line.field("waiting", journal_->staged()));
      break;
    }
    case Change::ends: {
      LogLine line("the disk has caught up");
      tell(LogLevel::info, line);
      break;
    }
    case Change::none:
      break;
  }
  if (pressure_.states_early.next(now_.mono) == Change::begins) {
    LogLine line("query_sm forgets messages early: there are more than store.max_states");
    line.field("store.keep_states_s", options_.journal->keep_states_s);
    line.field("kept_s", pressure_.state_kept_s).field("places", ended_->places());
    tell(LogLevel::warning, line);
  }
  if (pressure_.resubmits_early.next(now_.mono) == Change::begins) {
    LogLine line("more submits are to be recognised than can be remembered");
    tell(LogLevel::warning, line.field("lost", counters_.resubmits_lost.get()));
  }
}

/// More batches have become safe.
void Shard::on_safe() {
  const std::uint64_t safe = journal_->durable();
  resubmits_.settle(safe, [this](const ResubmitWatch::Answered& answered) { decide(answered); });
  until_safe_.settle(
      safe, [this](Connection& connection) { links_.touch(connection); },
      [this](MessageRecord& record) { send_receipt_home(record); },
      [this](unsigned shard, const io::Mail& mail) { world_.mesh.post(shard, mail); });
}

void Shard::post_when_safe(unsigned shard, const io::Mail& mail) {
  ASSERT(shard < options_.count && shard != options_.index);
  if (journal_ == nullptr || journal_->settled()) return world_.mesh.post(shard, mail);
  until_safe_.add(journal_->last(), shard, mail);
}

/// What of a connection's output may leave now.
Octets Shard::sendable(Connection& connection) {
  const ByteQueue& output = connection.session.output();
  const Octets front = output.front();
  const std::size_t size_max =
      RARELY("a send takes half of what there is") ? (front.size() + 1) / 2 : front.size();
  if (journal_ == nullptr) return front.first(size_max);
  connection.gates.add(journal_->last(), output.written(), journal_->durable());
  const std::uint64_t open = connection.gates.open_to(journal_->durable(), output.written());
  ASSERT(open >= output.popped() && open <= output.written());
  if (open < output.written()) until_safe_.add(connection);
  return front.first(std::min<std::uint64_t>(size_max, open - output.popped()));
}

}  // namespace ringgate

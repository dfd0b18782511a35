// What the shard writes into its journal, what it keeps alive there, and what waits until it is
// safe.
#include "shard/shard.h"

namespace ringgate {
namespace {

using journal::RecordType;

constexpr std::size_t closed_size = journal::record_size(0);

}  // namespace

// ---- writing

[[gnu::always_inline]] inline void Shard::append_accepted(MessageRecord& record,
                                                          const journal::Accepted& message) {
  const std::size_t size = journal::size_of(message);
  journal::write_accepted(journal_->append(size), size, message);
  journal_->hold(size);
  record.journal_units = static_cast<std::uint16_t>(size / 8);
  uses_.of(record.account).journal_octets += size;
  record.journal_segment = journal_->segment();
}

void Shard::keep(MessageRecord& record, std::uint32_t slot, const Account& account,
                 const Event& event, const Address& destination) {
  const smpp::ShortMessage& pdu = event.message;
  journal::Accepted message;
  message.id = record.id;
  message.slot = slot;
  message.account = record.account;
  message.submitted_s = record.submitted_s;
  message.kind = record.kind;
  message.wish = record.wish;
  message.intermediate = record.intermediate;
  message.permuted = options_.ids.permutes();
  message.default_alphabet = account.options.quirks.default_alphabet;
  message.esm_class = pdu.esm_class;
  message.protocol_id = pdu.protocol_id;
  message.priority_flag = pdu.priority_flag;
  message.data_coding = pdu.data_coding;
  message.replace_if_present_flag = pdu.replace_if_present_flag;
  message.sm_default_msg_id = pdu.sm_default_msg_id;
  message.source = {pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr};
  message.destination = destination;
  message.service_type = pdu.service_type;
  message.schedule_delivery_time = pdu.schedule_delivery_time;
  message.validity_period = pdu.validity_period;
  message.text = event.text;
  message.tlvs = event.tlvs;
  record.source_hash = journal::address_hash(message.source);
  append_accepted(record, message);
}

void Shard::keep_mo(MessageRecord& record) {
  const Parcel& parcel = *record.parcel;
  journal::Accepted message;
  message.id = record.id;
  message.slot = record.slot;
  message.account = record.account;
  message.submitted_s = record.submitted_s;
  message.kind = record.kind;
  message.wish = record.wish;
  message.intermediate = record.intermediate;
  message.permuted = options_.ids.permutes();
  message.source = parcel.source.address();
  message.destination = parcel.destination.address();
  message.service_type = parcel.service_type;
  message.esm_class = parcel.esm_class;
  message.protocol_id = parcel.protocol_id;
  message.priority_flag = parcel.priority_flag;
  message.data_coding = parcel.data_coding;
  message.text = parcel.text;
  message.tlvs = parcel.tlvs;
  append_accepted(record, message);
  kept_[record.slot] = Kept::mo;
}

void Shard::keep_outcome(MessageRecord& record) {
  const bool closes = !wants_receipt(record.wish, record.outcome.state);
  const journal::OutcomeBody body{static_cast<std::uint32_t>(record.done_s), record.outcome.error,
                                  static_cast<std::uint16_t>(closes ? 1 : 0)};
  journal::write_fixed(journal_->append(journal::record_size(sizeof body)), RecordType::outcome,
                       static_cast<std::uint8_t>(record.outcome.state), record.slot, record.id,
                       body);
  record.ended_in_journal = closes;
  record.journal_batch = journal_->last();
}

void Shard::keep_retry(std::uint32_t slot, MessageId id, std::uint16_t attempts,
                       std::uint32_t next_s) {
  MessageRecord* const record = find_open(slot, id);
  if (record == nullptr) return;
  record->kept_attempts = attempts;
  record->kept_next_s = next_s;
  const journal::RetryBody body{next_s, attempts};
  journal::write_fixed(journal_->append(journal::record_size(sizeof body)), RecordType::retry, 0,
                       slot, id, body);
}

void Shard::keep_replaced(const journal::Replaced& replaced, MessageRecord& record) {
  Replacement& kept = replacements_[record.slot];
  kept.record.resize(journal::size_of(replaced));
  journal::write_replaced(kept.record.data(), record.id, record.slot, replaced);
  put_replaced(kept);
}

void Shard::put_replaced(Replacement& replacement) {
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
void Shard::forget(MessageRecord& record, std::uint32_t slot) {
  if (!record.ended_in_journal)
    journal::put_header(journal_->append(closed_size), RecordType::closed,
                        static_cast<std::uint8_t>(record.end), slot, record.id, closed_size);
  journal_->drop(record.journal_segment, record.journal_units * std::size_t{8});
  uses_.of(record.account).journal_octets -= record.journal_units * std::size_t{8};
  if (record.reported && record.kind != RecordKind::mo) {
    if (record.restored)
      ended_->take_over(end_of(record), record.sequence);
    else
      ended_->keep(end_of(record), record.sequence);
  }
  if (!replacements_.empty()) replacements_.erase(slot);
}

EndedMessage Shard::end_of(const MessageRecord& record) const {
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
  const journal::StateBody body{ended.account, ended.done_s, ended.source_hash, 0, ended.error, {}};
  journal::write_fixed(journal_->append(journal::record_size(sizeof body)), RecordType::state,
                       static_cast<std::uint8_t>(ended.state), 0, ended.id, body);
  ended.segment = journal_->segment();
}

// ---- keeping alive

MessageRecord* Shard::find_open(std::uint32_t slot, MessageId id) {
  if (slot >= kept_.size() || kept_[slot] == Kept::nothing) return nullptr;
  MessageRecord& record = messages_.at(slot);
  return record.id == id ? &record : nullptr;
}

std::size_t Shard::rewrite(const journal::RecordView& view, std::uint32_t segment) {
  if (view.header.type != RecordType::accepted) return 0;
  MessageRecord* const record = find_open(view.header.slot, view.id());
  if (record == nullptr || record->journal_segment != segment) return 0;
  journal_->drop(segment, record->journal_units * std::size_t{8});
  if (!record->reported || record->kind == RecordKind::mo) {
    std::memcpy(journal_->append(view.octets.size()), view.octets.data(), view.octets.size());
    journal_->hold(view.octets.size());
    record->journal_segment = journal_->segment();
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
    journal::trim(*message);
    uses_.of(record->account).journal_octets -= record->journal_units * std::size_t{8};
    append_accepted(*record, *message);
    if (replacement != replacements_.end()) replacements_.erase(replacement);
    keep_outcome(*record);
  }
  if (record->kept_attempts != 0)
    keep_retry(view.header.slot, record->id, record->kept_attempts, record->kept_next_s);
  return record->journal_units * std::size_t{8};
}

void Shard::before_release(std::uint32_t segment) {
  const std::int64_t steady_s = steady_.seconds_at(now_);
  ended_->for_each_in(segment, steady_s, [this](EndedMessage& ended) { put_state(ended); });
  for (auto& [slot, kept] : replacements_)
    if (kept.segment == segment) put_replaced(kept);
  resubmits_.for_each_in(segment, steady_s,
                         [this](ResubmitWatch::Watched& watched) { keep_resubmit(watched); });
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
  journal_->set_other_live((ended_->count() + resubmits_.kept()) * journal::kept_record_size);
  journal_->commit(now_.mono);
  counters_.journal_octets.set(journal_->octets_written());
  counters_.journal_batches.set(journal_->batches_written());
  counters_.journal_rewritten.set(journal_->octets_rewritten());
  counters_.journal_used.set(journal_->octets_used());
  counters_.journal_live.set(journal_->live());
}

/// More batches have become safe.
void Shard::on_safe() {
  safe_ = journal_->durable();
  while (Connection* const connection = gated_.pop_front()) touch(*connection);
  resubmits_.settle(safe_, [this](const ResubmitWatch::Answered& answered) { decide(answered); });
  while (MessageRecord* const record = until_safe_.front()) {
    if (record->journal_batch > safe_) break;
    until_safe_.remove(*record);
    send_receipt_home(*record);
  }
  while (!mail_until_safe_.empty() && mail_until_safe_.front().batch <= safe_) {
    world_.mesh.post(mail_until_safe_.front().shard, mail_until_safe_.front().mail);
    mail_until_safe_.pop_front();
  }
}

void Shard::post_when_safe(unsigned shard, const io::Mail& mail) {
  if (journal_ == nullptr || journal_->settled()) return world_.mesh.post(shard, mail);
  mail_until_safe_.push_back({journal_->last(), shard, mail});
}

/// What of a connection's output may leave now.
Octets Shard::sendable(Connection& connection) {
  const ByteQueue& output = connection.session.output();
  const Octets front = output.front();
  if (journal_ == nullptr) return front;
  connection.gates.add(journal_->last(), output.written(), journal_->durable());
  const std::uint64_t open = connection.gates.open_to(journal_->durable(), output.written());
  if (open < output.written() && !connection.gated.linked()) gated_.push_back(connection);
  return front.first(std::min<std::uint64_t>(front.size(), open - output.popped()));
}

}  // namespace ringgate

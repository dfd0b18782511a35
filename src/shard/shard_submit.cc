// Submits: admission, the batch for the backend, and the answers.
#include <algorithm>

#include "shard/shard.h"

namespace ringgate {
namespace {

/// A receipt repeats the beginning of the text in its own data_coding 0. Only text of one octet per
/// character survives that; a user data header, UTF-16 or binary would be rubbish that some clients
/// fall over.
bool text_can_be_quoted(const smpp::ShortMessage& pdu) {
  const bool one_octet_text = pdu.data_coding == 0 || pdu.data_coding == 1 ||
                              pdu.data_coding == 3 || pdu.data_coding == 0x10 ||
                              (pdu.data_coding & 0xFC) == 0xF0;
  return one_octet_text && (pdu.esm_class & smpp::esm_class_udhi) == 0;
}

}  // namespace

void Shard::on_submit(Connection& connection, const Event& event) {
  counters_.submits.add();
  const Account& account = *connection.account;
  if (shutting_down_)
    return refuse_submit(connection, event, Status::ESME_RSUBMITFAIL, counters_.submits_refused);
  RateLimit& limit = account.state->submits;
  if (limit.limited()) {
    if (account.options.over_rate == OverRate::pace) {
      connection.pace_until = limit.reserve(now_.mono);
    } else if (!limit.admit(now_.mono)) {
      return refuse_submit(connection, event, Status::ESME_RTHROTTLED, counters_.submits_throttled);
    }
  }

  const smpp::ShortMessage& pdu = event.message;
  const auto wish = static_cast<ReceiptWish>(pdu.registered_delivery & 0x03);
  // Accepting a message that may owe a receipt reserves the receipt's place, so that it never has
  // to be dropped.
  const bool outbox_full =
      wish != ReceiptWish::none && open_receipts_[account.index] >= account.options.max_outbox;
  MessageRecord* const record = outbox_full ? nullptr : messages_.take();
  if (record == nullptr)
    return refuse_submit(connection, event, Status::ESME_RMSGQFUL, counters_.submits_refused);

  const std::uint32_t slot = messages_.index_of(record);
  record->begin(ids_.next(), account.index, connection.id, event.sequence_number);
  record->submitted_s = now_.wall_s;
  record->owner_shard = static_cast<std::uint16_t>(options_.index);
  record->generation = message_generations_[slot];
  record->wish = wish;
  const Address source{pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr};
  const Address destination{pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr};
  if (wish != ReceiptWish::none) {
    ++open_receipts_[account.index];
    record->source.set(source);
    record->destination.set(destination);
    if (text_can_be_quoted(pdu)) {
      record->snippet_size =
          static_cast<std::uint8_t>(std::min(event.text.size(), MessageRecord::snippet_max));
      if (record->snippet_size != 0)
        std::memcpy(record->snippet, event.text.data(), record->snippet_size);
    }
  }
  counters_.messages_open.add();

  Submit& submit = batch_[batch_size_++];
  submit.ticket = {slot, record->generation, record->owner_shard};
  submit.id = record->id;
  submit.system_id = account.options.system_id;
  submit.service_type = pdu.service_type;
  submit.source = source;
  submit.destination = destination;
  submit.esm_class = pdu.esm_class;
  submit.protocol_id = pdu.protocol_id;
  submit.priority_flag = pdu.priority_flag;
  submit.data_coding = pdu.data_coding;
  submit.replace_if_present_flag = pdu.replace_if_present_flag;
  submit.sm_default_msg_id = pdu.sm_default_msg_id;
  submit.receipt = wish;
  submit.intermediate = (pdu.registered_delivery & 0x10) != 0;
  submit.schedule_delivery_time = pdu.schedule_delivery_time;
  submit.validity_period = pdu.validity_period;
  submit.text = event.text;
  submit.tlvs = event.tlvs;
  if (batch_size_ == batch_max) flush_batch();
}

void Shard::refuse_submit(Connection& connection, const Event& event, Status status,
                          Counter& counter) {
  counter.add();
  connection.session.answer_submit(event.sequence_number, status, {});
}

void Shard::flush_batch() {
  if (batch_size_ == 0) return;
  const std::size_t size = batch_size_;
  // Reset first: a backend that answers may make this shard read on, and what it reads starts a new
  // batch.
  batch_size_ = 0;
  backend_.on_submits({batch_.data(), size}, now_, *this);
}

MessageRecord* Shard::find(Ticket ticket) {
  ASSERT(ticket.shard == options_.index);
  if (ticket.slot >= message_generations_.size()) return nullptr;
  if (message_generations_[ticket.slot] != ticket.generation) return nullptr;
  return &messages_.at(ticket.slot);
}

void Shard::release(MessageRecord& record) {
  if (record.wish != ReceiptWish::none) --open_receipts_[record.account];
  ++message_generations_[messages_.index_of(&record)];
  messages_.give(&record);
  counters_.messages_open.subtract();
}

void Shard::answer(Ticket ticket, Status status) {
  MessageRecord* const record = find(ticket);
  if (record == nullptr || record->answered) return;
  record->answered = true;
  if (status == Status::ESME_ROK)
    counters_.submits_ok.add();
  else
    counters_.submits_refused.add();
  // The client may have left before its answer: then it will never know, and the message lives on
  // all the same.
  Connection* const connection = find(record->submitter);
  if (connection != nullptr && !connection->over) {
    connection->session.answer_submit(record->sequence_number, status, record->id);
    record->response_end = connection->session.output().written();
    touch(*connection);
  }
  if (status != Status::ESME_ROK || record->wish == ReceiptWish::none) return release(*record);
  if (record->reported) send_receipt(*record);
}

void Shard::report(Ticket ticket, Outcome outcome) {
  MessageRecord* const record = find(ticket);
  if (record == nullptr || record->reported || !is_final(outcome.state)) return;
  record->reported = true;
  record->outcome = outcome;
  record->done_s = now_.wall_s;
  if (record->answered) send_receipt(*record);
}

}  // namespace ringgate

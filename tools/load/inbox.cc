#include "load/inbox.h"

#include <string_view>
#include <utility>

#include "base/assert.h"
#include "load/submitter.h"

namespace ringgate::load {

Inbox::Inbox(const Options& options, Crew& crew, const Stage& stage, Timeline& timeline,
             Report& report, OnBound on_bound)
    : options_(options),
      crew_(crew),
      stage_(stage),
      timeline_(timeline),
      report_(report),
      on_bound_(std::move(on_bound)),
      answers_(options.answers),
      receipts_(crew.receipts()) {}

void Inbox::take(Connection& connection) {
  SmppEvent event;
  Content content;
  while (connection.session.next_event(event, content)) {
    switch (event.kind) {
      case EventKind::response:
        on_response(connection, event);
        break;
      case EventKind::deliver:
        on_deliver(connection, event);
        break;
      case EventKind::bound:
        on_bound_(connection, event);
        break;
      case EventKind::unbind:
        connection.wanted_at = stage_.now.mono;
        connection.session.finish_unbind(stage_.now);
        break;
      // Nothing of ours depends on these.
      case EventKind::alert:
      case EventKind::outbind:
        break;
      case EventKind::none:
      case EventKind::bind:
      case EventKind::submit:
      case EventKind::submit_multi:
      case EventKind::operation:
        UNREACHABLE();  // Not in the ESME's role.
    }
  }
}

void Inbox::on_response(Connection& connection, const SmppEvent& event) {
  if (!event.answered) [[unlikely]] {
    ++counts_.unanswered;
    if (connection.cut) ++report_.rebinds.cut_off;
    return;
  }
  if (connection.is_out_of_order(event.sequence_number)) [[unlikely]]
    ++report_.out_of_order;
  const Nanos now = stage_.now.mono, sent = Submitter::sent(event.token);
  ++report_.responses;
  last_response_ = now;
  timeline_.answered(sent, now);
  if (event.status != Status::ESME_ROK) [[unlikely]] {
    report_.statuses.add(event.status);
    ++counts_.refused;
    if (event.status == Status::ESME_RTHROTTLED && options_.throttle_pause != 0)
      connection.paused_until = now + options_.throttle_pause;
    return;
  }
  if (counts_.accepted++ == 0) report_.last_message_id = event.message_id;
  if (!timeline_.measures(sent)) ++report_.accepted_in_warm_up;
  if (Submitter::owes_receipt(event.token))
    receipts_.accepted(event.message_id, sent, on_matched());
}

void Inbox::on_deliver(Connection& connection, const SmppEvent& event) {
  const Status answer = answer_deliver(connection, event);
  // esm_class bits 5-2 tell a receipt (3.4 §5.2.12).
  constexpr std::uint8_t message_type_mask = 0x3C;
  constexpr std::uint8_t message_type_receipt = 0x04;
  if ((event.content->esm_class & message_type_mask) != message_type_receipt ||
      !options_.receipts) {
    ++report_.other_deliver_sm;
    return;
  }
  if (report_.last_receipt.empty()) report_.last_receipt = as_text(event.content->text);
  const std::string_view id = receipted_message_id(event.content->tlvs, event.content->text);
  if (!options_.answers.errors.empty()) [[unlikely]]
    crew_.receipts().answered(ReceiptMatcher::key_of(id), answer == Status::ESME_ROK);
  if (answer != Status::ESME_ROK) {
    ++report_.receipts.refused;
    return;
  }
  receipts_.received(id, stage_.now.mono, on_matched());
}

/// Returns what it is answered with, now or later.
Status Inbox::answer_deliver(Connection& connection, const SmppEvent& event) {
  // Of more than that, a session would read nothing more.
  constexpr std::uint32_t owed_max = Window::size_max / 2;
  if (!options_.answers.usual() && connection.session.open_requests() <= owed_max) [[unlikely]]
    return answers_.owe(connection.place.index, connection.generation, event.command,
                        event.sequence_number, stage_.now.mono);
  connection.session.answer_deliver(event.command, event.sequence_number, Status::ESME_ROK);
  return Status::ESME_ROK;
}

void Inbox::send_answers(Connections& connections, Wires& wires) {
  while (answers_.due() <= stage_.now.mono) {
    const Answers::Answer answer = answers_.take();
    Connection& connection = connections[answer.connection];
    if (connection.over || connection.generation != answer.generation) continue;
    connection.session.answer_deliver(answer.request, answer.sequence_number, answer.status);
    wires.mark(connection);
  }
}

void Inbox::file_receipts() { receipts_.flush(on_matched()); }

void Inbox::finish() {
  report_.statuses.add(Status::ESME_ROK, counts_.accepted);
  report_.receipts_requested = options_.receipts;
}

}  // namespace ringgate::load

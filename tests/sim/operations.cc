// Clients that ask about their messages: query_sm, cancel_sm, replace_sm; and what they do about
// requests that nobody answered. Sometimes about the messages of others, which must look like none.
#include "smpp/operations.h"
#include "parts.h"

namespace ringgate::sim {
namespace {

// A request's token: the number of its submit, and above it what was asked.
constexpr unsigned kind_shift = 56;
constexpr std::uint64_t submit_mask = (std::uint64_t{1} << kind_shift) - 1;
// ... and whether it is another account's.
constexpr std::uint64_t foreign_bit = std::uint64_t{1} << (kind_shift - 1);
constexpr std::string_view source = "4477009";

Command command_of(std::uint64_t token) { return static_cast<Command>(token >> kind_shift); }

}  // namespace

void World::client_asks(Esme& esme) {
  const bool foreign = number_options_.size() > 1 && prng_.chance(0.2);
  const auto others = static_cast<std::uint32_t>(number_options_.size() - 1);
  const std::uint32_t account =
      foreign ? (esme.account + 1 + static_cast<std::uint32_t>(prng_.below(others))) % (others + 1)
              : esme.account;
  const std::uint64_t submit =
      ledger_->choose(account, [this](std::uint64_t count) { return prng_.below(count); });
  if (submit == 0) return;
  static constexpr Command commands[] = {Command::query_sm, Command::query_sm, Command::cancel_sm,
                                         Command::replace_sm};
  const Command command = commands[prng_.below(std::size(commands))];
  const std::string& id = ledger_->id_of(submit);
  const std::string text = text_of(account, submit, ledger_->texts_of(submit) + 1);
  const std::uint64_t token = submit | (foreign ? foreign_bit : 0) |
                              std::uint64_t{static_cast<std::uint32_t>(command)} << kind_shift;
  const bool asked = client_requests(esme, token, command, [&](std::uint8_t* to) {
    if (command == Command::query_sm) {
      smpp::QuerySm body;
      body.message_id = id;
      body.source_addr = source;
      return wire::encode(body, to);
    }
    if (command == Command::cancel_sm) {
      smpp::CancelSm body;
      body.message_id = id;
      body.source_addr = source;
      return wire::encode(body, to);
    }
    smpp::ReplaceSm body;
    body.message_id = id;
    body.source_addr = source;
    body.registered_delivery = submitted_[submit - 1].registered_delivery;
    body.short_message = as_octets(text);
    return wire::encode(body, to);
  });
  if (!asked) return;
  trace_.note(now_, "asks: esme, command, submit", esme.number, static_cast<std::uint32_t>(command),
              submit);
  if (foreign) return;
  ledger_->on_asked(submit, command == Command::replace_sm);
}

void World::client_told(const SmppEvent& event) {
  const std::uint64_t submit = event.token & submit_mask;
  const bool ok = event.status == Status::ESME_ROK;
  trace_.note(now_, "told: command, submit, status", event.token >> kind_shift, submit,
              static_cast<std::uint32_t>(event.status));
  // Asked while our unbind was on its way.
  if (unbinds_clients() && event.status == Status::ESME_RINVBNDSTS)
    return (event.token & foreign_bit) != 0 ? void() : ledger_->on_unanswered(submit);
  if ((event.token & foreign_bit) != 0) {
    if (event.status != Status::ESME_RINVMSGID && event.status != Status::ESME_RTHROTTLED)
      ledger_->fault("somebody else's message " + std::to_string(submit & ~foreign_bit) +
                     " is not an unknown one");
    return;
  }
  // There was no place for the operation, which says nothing of the message.
  const bool unheard =
      event.status == Status::ESME_RTHROTTLED || event.status == Status::ESME_RMSGQFUL;
  if (unheard) return ledger_->on_unanswered(submit);
  switch (command_of(event.token)) {
    case Command::query_sm: {
      smpp::QuerySmResp body;
      Cursor cursor{event.body.data(), event.body.data() + event.body.size()};
      if (ok && wire::decode(cursor, body).fault != wire::Fault::none)
        return ledger_->fault("a query_sm_resp that cannot be read");
      return ledger_->on_queried(submit, ok, static_cast<MessageState>(body.message_state));
    }
    case Command::cancel_sm:
      return ledger_->on_cancelled(submit, ok);
    case Command::replace_sm:
      return ledger_->on_replaced(submit, ok);
    default:
      return ledger_->fault("an answer to nothing");
  }
}

/// The connection has ended first. What became of a submit can be found out by sending it again, if
/// the account may; what an operation has done cannot.
void World::client_unanswered(Esme& esme, std::uint64_t token) {
  if (token > submit_mask) {
    if ((token & foreign_bit) == 0) ledger_->on_unanswered(token & submit_mask);
    return;
  }
  if (token != 0 && accounts_[esme.account].resubmit_window_s != 0)
    unsure_[esme.account].push_back(token);
}

}  // namespace ringgate::sim

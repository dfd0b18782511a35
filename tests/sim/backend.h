// What stands behind the shards in a simulation.
#pragma once

#include <charconv>
#include <map>
#include <set>
#include <utility>

#include <ringgate/backend.h>

#include "base/bytes.h"
#include "base/prng.h"
#include "base/units.h"
#include "ledger.h"
#include "smpp/tlv.h"
#include "trace.h"

namespace ringgate::sim {

/// Answers late, out of order, twice; reports before it answers, or says "enroute" first.
class ModelBackend final : public Backend {
 public:
  ModelBackend(Prng& prng, unsigned shards) : prng_(prng), due_(shards), states_(shards) {}

  void on_submits(std::span<const Submit> submits, Now now, Replies& replies) noexcept override {
    for (const Submit& submit : submits) {
      const Nanos answer_at = now.mono + (prng_.chance(0.5) ? 0 : delay(seconds(2)));
      const Nanos report_at = now.mono + (prng_.chance(0.2) ? 0 : delay(seconds(15)));
      const bool refuse = prng_.chance(0.05);
      states_[submit.ticket.shard][submit.id.value] = {submit.ticket, MessageState::enroute};
      Action answer;
      answer.ticket = submit.ticket;
      answer.id = submit.id;
      answer.status = refuse ? Status::ESME_RSUBMITFAIL : Status::ESME_ROK;
      Action report = answer;
      report.kind = Action::Kind::report;
      report.outcome = draw();
      // Refused messages have no outcome, and a report for them would be wrong only
      // if it came first and stood; so none is made.
      if (!refuse && report_at < answer_at) plan(report, report_at, now, replies);
      plan(answer, answer_at, now, replies);
      if (refuse) continue;
      if (prng_.chance(0.1)) {
        Action notice = report;
        notice.outcome = {MessageState::enroute, 0};
        plan(notice, answer_at, now, replies);
      }
      if (report_at >= answer_at) plan(report, report_at, now, replies);
      if (prng_.chance(0.05)) plan(report, report_at + delay(seconds(1)), now, replies);
    }
  }
  void on_operations(std::span<const Operation> operations, Now now,
                     Replies& replies) noexcept override {
    for (const Operation& operation : operations) on_operation(operation, now, replies);
  }
  void on_operation(const Operation& operation, Now now, Replies& replies) {
    Action action;
    action.kind = Action::Kind::operate;
    action.ticket.shard = static_cast<std::uint16_t>(replies.shard());
    action.id = operation.id;
    action.operation = operation.kind;
    action.asker = operation.ticket;
    plan(action, now.mono + (prng_.chance(0.5) ? 0 : delay(seconds(3))), now, replies);
  }
  Nanos deadline(unsigned shard) const noexcept override {
    return due_[shard].empty() ? never : due_[shard].begin()->first;
  }
  void on_deadline(Now now, Replies& replies) noexcept override {
    auto& due = due_[replies.shard()];
    while (!due.empty() && due.begin()->first <= now.mono) {
      const Action action = due.begin()->second;
      due.erase(due.begin());
      perform(action, replies);
    }
  }

 private:
  struct Action {
    enum class Kind : std::uint8_t { answer, report, operate };
    Kind kind = Kind::answer;
    Ticket ticket;
    MessageId id;
    Status status = Status::ESME_ROK;
    Outcome outcome;
    OperationKind operation = OperationKind::query;
    OperationTicket asker;
  };
  struct Known {
    Ticket ticket;
    MessageState state = MessageState::enroute;
  };
  Nanos delay(Nanos most) {
    return static_cast<Nanos>(prng_.below(static_cast<std::uint64_t>(most)));
  }
  Outcome draw() {
    static constexpr MessageState states[] = {MessageState::delivered, MessageState::undeliverable,
                                              MessageState::expired, MessageState::accepted};
    return {prng_.chance(0.6) ? MessageState::delivered : states[prng_.below(4)], 0};
  }
  void plan(const Action& action, Nanos at, Now now, Replies& replies) {
    if (at <= now.mono)
      perform(action, replies);
    else
      due_[action.ticket.shard].emplace(at, action);
  }
  void perform(const Action& action, Replies& replies) {
    switch (action.kind) {
      case Action::Kind::answer:
        if (action.status != Status::ESME_ROK)
          states_[action.ticket.shard][action.id.value].state = MessageState::rejected;
        replies.answer(action.ticket, action.status);
        return;
      case Action::Kind::report: {
        MessageState& state = states_[action.ticket.shard][action.id.value].state;
        if (!is_final(state)) state = action.outcome.state;
        replies.report(action.ticket, action.outcome);
        return;
      }
      case Action::Kind::operate:
        return operate(action, replies);
    }
  }
  void operate(const Action& action, Replies& replies) {
    auto& states = states_[action.ticket.shard];
    const auto found = states.find(action.id.value);
    OperationAnswer answer;
    if (found == states.end()) {
      answer.status = Status::ESME_RINVMSGID;
    } else if (action.operation == OperationKind::query) {
      answer.state = found->second.state;
    } else if (is_final(found->second.state)) {
      answer.status = action.operation == OperationKind::cancel ? Status::ESME_RCANCELFAIL
                                                                : Status::ESME_RREPLACEFAIL;
    } else if (action.operation == OperationKind::cancel) {
      found->second.state = MessageState::deleted;
      replies.report(found->second.ticket, {MessageState::deleted, 0});
    }
    replies.answer(action.asker, answer);
  }

  Prng& prng_;
  std::vector<std::multimap<Nanos, Action>> due_;
  std::vector<std::map<std::uint64_t, Known>> states_;  // by id
};

/// Stands between the shards and any backend and tells the ledger what passes.
class Witness final : public Backend {
 public:
  Witness(Backend& inner, Ledger& ledger, Trace& trace)
      : inner_(inner), ledger_(ledger), trace_(trace) {}

  void on_start(unsigned shard_count, Now now,
                const std::shared_ptr<Replies>& replies) noexcept override {
    inner_.on_start(shard_count, now, replies);
  }
  void on_submits(std::span<const Submit> submits, Now now, Replies& replies) noexcept override {
    std::vector<Submit> passed;
    for (const Submit& submit : submits) {
      const std::string_view text = as_text(submit.text);
      if (text.starts_with(hoard_mark)) {
        hoarded_.push_back(submit.ticket);
        if (!submit.restored) replies.answer(submit.ticket, Status::ESME_ROK);
        continue;
      }
      passed.push_back(submit);
      const std::uint64_t number = number_in(text);
      std::uint32_t account = 0;
      std::from_chars(submit.system_id.data() + 1,
                      submit.system_id.data() + submit.system_id.size(), account);
      trace_.note(now.mono, "taken: submit, account, id", number, account, submit.id.value);
      const auto payload = smpp::find_tlv(submit.tlvs, smpp::Tag::message_payload);
      if (payload && as_text(*payload) != text)
        ledger_.fault("two texts of submit " + std::to_string(number));
      if (submit.restored) {
        ledger_.on_restored(number, version_in(text), submit.id, account);
        restored_.insert(key(submit.ticket));
      } else {
        ledger_.on_taken(number, submit.id, account, now.mono);
        restored_.erase(key(submit.ticket));
      }
      ids_[key(submit.ticket)] = submit.id;
      owners_[submit.id.value] = submit.system_id;
    }
    Tap tap(*this, replies);
    if (!passed.empty()) inner_.on_submits(passed, now, tap);
  }
  /// Texts that begin with it are nobody's but the store's: they stay until hoarded() is taken.
  static constexpr std::string_view hoard_mark = "B";
  std::vector<Ticket> take_hoarded() { return std::exchange(hoarded_, {}); }
  void on_delivered(std::span<const Delivered> delivered, Replies& replies) noexcept override {
    for (const Delivered& one : delivered) {
      if (one.result == DeliverResult::expired) ledger_.fault("a receipt expired, far too early");
      if (one.result == DeliverResult::no_room) ledger_.on_mo_dropped(one.id);
      if (one.result == DeliverResult::gone) ledger_.on_mo_gone(one.id);
    }
    Tap tap(*this, replies);
    inner_.on_delivered(delivered, tap);
  }
  void on_operations(std::span<const Operation> operations, Now now,
                     Replies& replies) noexcept override {
    for (const Operation& operation : operations) {
      const auto owner = owners_.find(operation.id.value);
      if (operation.names_id && (owner == owners_.end() || owner->second != operation.system_id))
        ledger_.fault("the backend is asked about an id that is not the account's");
    }
    Tap tap(*this, replies);
    inner_.on_operations(operations, now, tap);
  }
  Nanos deadline(unsigned shard) const noexcept override { return inner_.deadline(shard); }
  void on_deadline(Now now, Replies& replies) noexcept override {
    Tap tap(*this, replies);
    inner_.on_deadline(now, tap);
  }

  /// "S123" is 123, and so is "M123".
  static std::uint64_t number_in(std::string_view text) {
    std::uint64_t out = 0;
    if (text.size() > 1) std::from_chars(text.data() + 1, text.data() + text.size(), out);
    return out;
  }
  /// "S123 v2" is the second replacement of "S123".
  static unsigned version_in(std::string_view text) {
    unsigned out = 0;
    const std::size_t mark = text.find(" v");
    if (mark != text.npos) std::from_chars(text.data() + mark + 2, text.data() + text.size(), out);
    return out;
  }

 private:
  struct Tap final : Replies {
    Tap(Witness& witness_in, Replies& replies_in) : witness(witness_in), replies(replies_in) {}
    Posted answer(Ticket ticket, Status status) override {
      // The server makes an outcome of it: the client was told ESME_ROK in an earlier run.
      if (status != Status::ESME_ROK && witness.restored_.contains(key(ticket)))
        witness.ledger_.on_outcome(witness.ids_.at(key(ticket)), MessageState::rejected);
      else if (status != Status::ESME_ROK)
        witness.ledger_.on_refused(witness.ids_.at(key(ticket)));
      return replies.answer(ticket, status);
    }
    Posted report(Ticket ticket, Outcome outcome) override {
      const auto found = witness.ids_.find(key(ticket));
      if (found != witness.ids_.end()) witness.ledger_.on_outcome(found->second, outcome.state);
      return replies.report(ticket, outcome);
    }
    Posted answer(OperationTicket ticket, const OperationAnswer& answer) override {
      return replies.answer(ticket, answer);
    }
    Routed deliver(const Deliver& message, MessageId& id) override {
      return replies.deliver(message, id);
    }
    Routed alert(const Alert& alert) override { return replies.alert(alert); }
    unsigned shard() const override { return replies.shard(); }
    Witness& witness;
    Replies& replies;
  };
  static std::uint64_t key(Ticket ticket) {
    return std::uint64_t{ticket.shard} << 48 | ticket.name;
  }

  Backend& inner_;
  Ledger& ledger_;
  Trace& trace_;
  std::map<std::uint64_t, MessageId> ids_;
  std::set<std::uint64_t> restored_;
  std::vector<Ticket> hoarded_;
  std::map<std::uint64_t, std::string> owners_;  // of ids
};

}  // namespace ringgate::sim

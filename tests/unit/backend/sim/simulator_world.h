// A simulator without a server, and what it says.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "backend/sim/simulator.h"
#include "base/units.h"

namespace ringgate::test {

struct Report {
  std::uint32_t slot;
  MessageState state;
  std::uint16_t error;
  Nanos at;
  friend bool operator==(const Report&, const Report&) = default;
};

/// Plays the shard: keeps every reply with its time.
class Recorder final : public Replies {
 public:
  explicit Recorder(unsigned shard = 0) : shard_(shard) {}
  Posted answer(Ticket ticket, Status status) override {
    answers[ticket.slot].push_back(status);
    return Posted::ok;
  }
  Posted report(Ticket ticket, Outcome outcome) override {
    reports.push_back({ticket.slot, outcome.state, outcome.error, now});
    return Posted::ok;
  }
  Posted answer(OperationTicket ticket, const OperationAnswer& answer) override {
    operation = answer;
    operation_answers[ticket.slot].push_back(answer.status);
    operation_tlvs.assign(answer.tlvs.begin(), answer.tlvs.end());
    return Posted::ok;
  }
  Routed deliver(const Deliver& message, MessageId& id) override {
    id = {delivered.size() + 1};
    delivered.emplace_back(message.text.begin(), message.text.end());
    return Routed::ok;
  }
  Routed alert(const Alert&) override { return Routed::ok; }
  unsigned shard() const override { return shard_; }

  OperationAnswer operation;
  std::vector<std::uint8_t> operation_tlvs;
  std::vector<std::string> delivered;

  std::map<std::uint32_t, std::vector<Status>> answers;
  std::map<std::uint32_t, std::vector<Status>> operation_answers;
  std::vector<Report> reports;
  Nanos now = 0;

 private:
  unsigned shard_;
};

inline Submit submit(std::uint32_t slot, ReceiptWish wish = ReceiptWish::always) {
  Submit out;
  out.ticket = {slot, slot, 0};
  out.set_receipt(wish);
  out.outcome_wanted = wish != ReceiptWish::none;
  return out;
}

inline void give(Simulator& simulator, Recorder& recorder, std::uint32_t count, Nanos now = 0,
                 ReceiptWish wish = ReceiptWish::always) {
  std::vector<Submit> batch;
  for (std::uint32_t i = 0; i < count; ++i) batch.push_back(submit(i, wish));
  recorder.now = now;
  simulator.on_submits(batch, {now, 0}, recorder);
}

/// Runs the simulator's own deadlines until it has none.
inline void run(Simulator& simulator, Recorder& recorder) {
  for (;;) {
    const Nanos at = simulator.deadline(recorder.shard());
    if (at == never) return;
    recorder.now = std::max(recorder.now, at);
    simulator.on_deadline({recorder.now, 0}, recorder);
  }
}

struct Asked {
  OperationKind kind = OperationKind::query;
  std::uint64_t id = 7;
  std::string_view source = "1000";
  std::string_view account = "esme";
};

inline Operation operation(const Asked& asked) {
  Operation out;
  out.kind = asked.kind;
  out.id = {asked.id};
  out.system_id = asked.account;
  out.source = {0, 0, asked.source};
  return out;
}

/// A cancel_sm without an id.
inline Operation cancel_between(std::string_view source, std::string_view destination,
                                std::string_view account = "esme", std::uint32_t slot = 0) {
  Operation out = operation({.kind = OperationKind::cancel, .id = 0, .source = source});
  out.system_id = account;
  out.names_id = false;
  out.destination = {1, 1, destination};
  out.ticket.slot = slot;
  return out;
}

/// One simulator on one shard, with messages of id 7 from "1000" to "447700900123" of "esme".
class States : public ::testing::Test {
 protected:
  void start(unsigned delay_ms = 1'000) {
    options_.delay_ms = delay_ms;
    simulator_.emplace(options_, pending_max_);
    simulator_->on_start(1, {0, wall}, nullptr);
  }
  /// One of the usual, with changes made by f(submit).
  template <class F>
  void submit_changed(std::uint64_t id, F&& f) {
    Submit one = submit(static_cast<std::uint32_t>(id), ReceiptWish::always);
    one.id = {id};
    one.system_id = "esme";
    one.source = {0, 0, "1000"};
    one.destination = {1, 1, "447700900123"};
    f(one);
    simulator_->on_submits(std::span(&one, 1), at(now_), recorder_);
  }
  void submit_one(ReceiptWish wish, std::uint64_t id = 7, std::string_view schedule = {},
                  std::string_view validity = {}, bool intermediate = false) {
    submit_changed(id, [&](Submit& one) {
      one.set_receipt(wish);
      one.outcome_wanted = wish != ReceiptWish::none;
      one.schedule_delivery_time = schedule;
      one.validity_period = validity;
      if (intermediate) one.registered_delivery |= 0x10;
    });
  }
  OperationAnswer ask(const Operation& operation) {
    simulator_->on_operations({&operation, 1}, at(now_), recorder_);
    return recorder_.operation;
  }
  Status status_of(const Asked& asked) { return ask(operation(asked)).status; }
  MessageState state_of(std::uint64_t id, std::string_view account = "esme") {
    return ask(operation({.id = id, .source = "", .account = account})).state;
  }
  MessageState state() { return ask(operation({})).state; }
  /// Lets the time pass, with the simulator's deadlines.
  void advance(Nanos period) {
    const Nanos until = now_ + period;
    while (simulator_->deadline(0) <= until) {
      now_ = std::max(now_, simulator_->deadline(0));
      recorder_.now = now_;
      simulator_->on_deadline(at(now_), recorder_);
    }
    now_ = until;
  }
  static Now at(Nanos mono) { return {mono, wall + mono / seconds(1)}; }

  static constexpr std::int64_t wall = 1'767'225'600;  // 2026-01-01 00:00:00
  SimOptions options_;
  std::uint32_t pending_max_ = 100;
  std::optional<Simulator> simulator_;
  Recorder recorder_;
  Nanos now_ = 0;
};

}  // namespace ringgate::test

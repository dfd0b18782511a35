// A Session with an owner that answers by rule and writes down what it sees.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "../smpp/pdu_builder.h"
#include "session/smpp_session.h"

namespace ringgate::testing {

inline constexpr std::int64_t wall_start = 1'767'225'600;  // 2026-01-01 00:00:00 UTC

/// An event whose views have been copied.
struct SeenEvent {
  EventKind kind = EventKind::none;
  smpp::Command command = smpp::Command::generic_nack;
  std::uint32_t sequence_number = 0;
  Status status = Status::ESME_ROK;
  bool answered = true;
  std::uint64_t token = 0;
  std::string message_id;
  std::string system_id;
  std::string destination;
  std::string text;
  std::string tlvs;
  OperationKind operation = OperationKind::query;

  explicit SeenEvent(const SmppEvent& event)
      : kind(event.kind),
        command(event.command),
        sequence_number(event.sequence_number),
        status(event.status),
        answered(event.answered),
        token(event.token) {
    if (kind == EventKind::response || kind == EventKind::operation) message_id = event.message_id;
    if (kind == EventKind::operation) operation = event.operation;
    if (kind == EventKind::bind) system_id = event.system_id;
    if (kind == EventKind::bound) tlvs = as_text(event.tlvs);
    if (kind == EventKind::submit || kind == EventKind::deliver) {
      destination = event.content->destination.text;
      text = as_text(event.content->text);
      tlvs = as_text(event.content->tlvs);
    }
  }
};

struct Pools {
  OctetPool tx{4096, 256};
  ChunkPool carry{1024, 64};
  SessionPools both() { return {tx, carry}; }
};

/// The owner of one session. What it does on an event is set by the flags; everything else is up to
/// the test.
class Owner {
 public:
  static constexpr std::uint64_t first_id = 0x0102030405060708;

  explicit Owner(Role role = Role::smsc, SessionLimits session_limits = {})
      : limits(session_limits), session(role, limits, pools.both(), now) {}

  SessionLimits limits;
  Pools pools;
  Now now{seconds(1'000), wall_start};
  SmppSession session;

  QuirkOptions quirks;
  bool accept_binds = true;
  bool answer_messages = true;
  bool finish_unbinds = true;
  std::uint32_t submit_window = 100;
  std::uint32_t deliver_window = 100;
  std::uint64_t next_id = first_id;
  std::vector<SeenEvent> events;
  /// What the session would not look at yet.
  std::string rest;

  /// One round. The octets lie in memory of exactly their size that is gone afterwards, so that the
  /// sanitizer sees reads past them and views kept too long.
  void give(std::string_view octets) {
    auto memory = std::make_unique<std::uint8_t[]>(octets.size());
    if (!octets.empty()) std::memcpy(memory.get(), octets.data(), octets.size());
    session.on_bytes({memory.get(), octets.size()}, now);
    finish_round();
  }
  /// Gives what was held back, behind which anything new must wait.
  void give_rest() {
    const std::string held = std::move(rest);
    rest.clear();
    give(held);
  }

  void finish_round() {
    pump();
    session.settle();
    if (session.blocked()) rest += as_text(session.take_rest());
  }

  void pump() {
    SmppEvent event;
    Content content;
    while (session.next_event(event, content)) {
      events.emplace_back(event);
      react(event);
    }
  }

  /// Takes everything out of the session's output.
  std::string sent() {
    std::string out;
    while (!session.output().empty()) {
      const Octets front = session.output().front();
      out += as_text(front);
      session.output().pop(front.size());
    }
    return out;
  }

  void advance(Nanos period) {
    now.mono += period;
    now.wall_s += period / seconds(1);
  }
  /// Lets time pass as a timer wheel would: stops at each deadline on the way.
  void sleep(Nanos period) {
    const Nanos until = now.mono + period;
    while (session.deadline() <= until) {
      advance(std::max<Nanos>(session.deadline() - now.mono, 0));
      session.on_deadline(now);
      const std::size_t before = events.size();
      pump();
      if (session.close_cause() != CloseCause::none) break;
      // A deadline that stays where it is would keep a real owner busy for ever.
      if (session.deadline() <= now.mono && events.size() == before && ++stuck_ > 3) break;
    }
    now.mono = std::max(now.mono, until);
  }
  bool stuck() const { return stuck_ > 3; }

  CloseCause cause() const { return session.close_cause(); }

  /// Binds in one of the bound states and forgets what was said; open stays open.
  void enter(smpp::State state, unsigned interface_version = 0x34) {
    if (state == smpp::State::open) return;
    BindSpec bind;
    bind.command_id = state == smpp::State::bound_tx   ? 0x00000002
                      : state == smpp::State::bound_rx ? 0x00000001
                                                       : 0x00000009;
    bind.interface_version = interface_version;
    give(bind.pdu(0x7000));
    sent();
    events.clear();
  }

  /// A small request of ours: deliver_sm as SMSC, submit_sm as ESME.
  Admit request(std::uint64_t token, const ShortMessageSpec& spec = {}) {
    return session.request(token, now, 1024, [&](std::uint32_t sequence_number, std::uint8_t* to) {
      const std::string pdu = spec.pdu(sequence_number);
      std::memcpy(to, pdu.data(), pdu.size());
      return pdu.size();
    });
  }

  std::size_t count(EventKind kind) const {
    std::size_t found = 0;
    for (const SeenEvent& event : events) found += event.kind == kind;
    return found;
  }

 private:
  void react(const SmppEvent& event) {
    switch (event.kind) {
      case EventKind::bind:
        if (accept_binds)
          session.accept_bind("ringgate", submit_window, deliver_window, quirks, now);
        return;
      case EventKind::submit:
        if (answer_messages)
          session.answer_submit(event.submit, event.sequence_number, Status::ESME_ROK,
                                MessageId{next_id++});
        return;
      case EventKind::deliver:
        if (answer_messages)
          session.answer_deliver(event.command, event.sequence_number, Status::ESME_ROK);
        return;
      case EventKind::submit_multi:
        if (answer_messages)
          session.answer_submit_multi(event.sequence_number, MessageId{next_id++}, {});
        return;
      case EventKind::operation:
        if (answer_messages)
          session.answer_empty(event.command, event.sequence_number, Status::ESME_ROK);
        return;
      case EventKind::unbind:
        if (finish_unbinds) session.finish_unbind(now);
        return;
      case EventKind::none:
      case EventKind::alert:
      case EventKind::outbind:
      case EventKind::response:
      case EventKind::bound:
        return;
    }
  }

  unsigned stuck_ = 0;
};

inline ShortMessageSpec deliver_spec() {
  ShortMessageSpec spec;
  spec.command_id = 0x00000005;
  return spec;
}

inline std::string bind_resp(std::uint32_t command_id, std::uint32_t sequence_number,
                             unsigned version) {
  PduBuilder pdu(command_id | 0x80000000, sequence_number);
  pdu.c_string("ringgate");
  if (version >= 0x34) pdu.tlv(0x0210, version >= 0x50 ? "\x50" : "\x34");
  return pdu.pdu();
}

inline std::string submit_resp(std::uint32_t sequence_number,
                               std::string_view id = "0102030405060708") {
  return PduBuilder(0x80000004, sequence_number).c_string(id).pdu();
}

}  // namespace ringgate::testing

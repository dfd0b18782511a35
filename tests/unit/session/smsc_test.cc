// A session in the SMSC's role: states, windows, binds, answers and the way out.
#include <gtest/gtest.h>

#include "session_fixture.h"

namespace ringgate {
namespace {

using smpp::State;
using testing::bind_resp;
using testing::BindSpec;
using testing::deliver_spec;
using testing::header_only;
using testing::octets;
using testing::Owner;
using testing::PduBuilder;
using testing::ShortMessageSpec;
using testing::submit_resp;
using testing::tlv;

constexpr State states[] = {State::open, State::bound_tx, State::bound_rx, State::bound_trx,
                            State::unbound};

void enter_any(Owner& owner, State state) {
  if (state != State::unbound) return owner.enter(state);
  owner.enter(State::bound_trx);
  owner.give(header_only(6, 0x7001));
  owner.sent();
  owner.events.clear();
}

// Aim: the matrix of states and requests decides who is heard. Method: every served request in
// every state; refused ones earn ESME_RINVBNDSTS, or ESME_RALYBND where a bind meets a bind.
TEST(Smsc, StateMatrix) {
  for (const smpp::CommandRow& row : smpp::command_rows) {
    const auto id = static_cast<std::uint32_t>(row.id);
    if (smpp::is_response(id)) continue;
    for (const State state : states) {
      SCOPED_TRACE(std::string(row.name) + " in " + std::to_string(static_cast<int>(state)));
      Owner owner;
      enter_any(owner, state);
      ASSERT_EQ(owner.session.state(), state);
      const bool bind = id == 1 || id == 2 || id == 9;
      BindSpec bind_spec;
      bind_spec.command_id = id;
      ShortMessageSpec message;
      message.command_id = id;
      owner.give(bind                 ? bind_spec.pdu(5)
                 : id == 4 || id == 5 ? message.pdu(5)
                                      : header_only(id, 5));
      const std::string sent = owner.sent();
      ASSERT_GE(sent.size(), 16u);
      const auto status = static_cast<Status>(load_be32(as_octets(sent).data() + 8));
      // What has no response is refused with a generic_nack.
      const bool has_response = smpp::command_row(id | 0x80000000) != nullptr;
      EXPECT_EQ(load_be32(as_octets(sent).data() + 4), has_response ? id | 0x80000000 : 0x80000000);
      const bool bound = state != State::open && state != State::unbound;
      if ((row.esme_may & smpp::bit_of(state)) != 0) {
        // The others came without their bodies: heard, and found too short.
        const bool whole = bind || id == 4 || id == 6 || id == 0x15;
        EXPECT_EQ(status, whole ? Status::ESME_ROK : Status::ESME_RINVCMDLEN);
      } else {
        EXPECT_EQ(status, bind && bound ? Status::ESME_RALYBND : Status::ESME_RINVBNDSTS);
      }
    }
  }
}

// Aim: the bind's kind decides the state and what the owner may ask of it. Method: three binds.
TEST(Smsc, BoundStates) {
  for (const auto& [command, state] :
       {std::pair{1u, State::bound_rx}, {2u, State::bound_tx}, {9u, State::bound_trx}}) {
    Owner owner;
    EXPECT_FALSE(owner.session.bound());
    EXPECT_FALSE(owner.session.can_receive());
    EXPECT_EQ(owner.request(1, deliver_spec()), Admit::closed);
    BindSpec bind;
    bind.command_id = command;
    owner.give(bind.pdu(3));
    ASSERT_EQ(owner.events.size(), 1u);
    EXPECT_EQ(owner.events[0].kind, EventKind::bind);
    EXPECT_EQ(static_cast<std::uint32_t>(owner.events[0].command), command);
    EXPECT_EQ(owner.events[0].system_id, "esme");
    EXPECT_EQ(owner.sent(), bind_resp(command, 3, 0x34));
    EXPECT_EQ(owner.session.state(), state);
    EXPECT_TRUE(owner.session.bound());
    EXPECT_EQ(owner.session.can_receive(), command != 2);
  }
}

// Aim: while the owner thinks about a bind, nothing behind it is looked at; then everything is, in
// order. Method: a bind glued to requests, accepted and refused.
TEST(Smsc, PendingBindHoldsLaterPdus) {
  for (const bool accepts : {true, false}) {
    Owner owner;
    owner.accept_binds = false;
    owner.give(header_only(0x15, 1) + BindSpec{}.pdu(2) + ShortMessageSpec{}.pdu(3) +
               header_only(0x15, 4));
    EXPECT_TRUE(owner.session.bind_pending());
    EXPECT_TRUE(owner.session.blocked());
    EXPECT_EQ(owner.sent(), header_only(0x80000015, 1));
    EXPECT_EQ(owner.rest, ShortMessageSpec{}.pdu(3) + header_only(0x15, 4));
    owner.advance(seconds(1));
    std::string expected;
    if (accepts) {
      owner.session.accept_bind("ringgate", 10, 10, owner.quirks, owner.now);
      expected = bind_resp(9, 2, 0x34) + submit_resp(3);
    } else {
      owner.session.refuse_bind(Status::ESME_RBINDFAIL, owner.now);
      expected = header_only(0x80000009, 2, Status::ESME_RBINDFAIL) +
                 header_only(0x80000004, 3, Status::ESME_RINVBNDSTS);
    }
    EXPECT_FALSE(owner.session.blocked());
    owner.give_rest();
    EXPECT_EQ(owner.sent(), expected + header_only(0x80000015, 4));
  }
}

// Aim: as many submits as the window are in hand, the rest waits, and each answer lets one more
// through; nothing is lost or overtaken. Method: twenty submits in random splits, window of three.
TEST(Smsc, SubmitWindow) {
  Owner owner;
  owner.submit_window = 3;
  owner.enter(State::bound_tx);
  owner.answer_messages = false;
  std::string stream;
  for (std::uint32_t i = 1; i <= 20; ++i) stream += ShortMessageSpec{}.pdu(i);
  owner.give(stream);
  std::uint32_t answered = 0;
  while (answered < 20) {
    ASSERT_EQ(owner.count(EventKind::submit), std::min(answered + 3, 20u));
    ASSERT_EQ(owner.session.blocked(), answered + 3 <= 20);
    ASSERT_EQ(owner.session.open_requests(), std::min(3u, 20 - answered));
    const std::uint32_t sequence = owner.events[answered].sequence_number;
    ASSERT_EQ(sequence, answered + 1);
    owner.session.answer_submit(RecordKind::submit_sm, sequence, Status::ESME_ROK,
                                {Owner::first_id});
    ++answered;
    ASSERT_EQ(owner.sent(), submit_resp(sequence));
    owner.give_rest();
  }
  EXPECT_FALSE(owner.session.blocked());
  EXPECT_EQ(owner.rest, "");
}

// Aim: an answer given while the round still runs opens the window for the next PDU of it. Method:
// answer between events, as an owner whose backend is quick.
TEST(Smsc, AnswersWithinTheRound) {
  Owner owner;
  owner.submit_window = 1;
  owner.enter(State::bound_tx);
  owner.give(ShortMessageSpec{}.pdu(1) + ShortMessageSpec{}.pdu(2) + ShortMessageSpec{}.pdu(3));
  EXPECT_EQ(owner.count(EventKind::submit), 3u);
  EXPECT_EQ(owner.rest, "");
}

// Aim: a PDU that lies in the carry stays readable while it is answered, and half of the next one
// is kept. Method: cuts at every octet of three submits, window of one.
TEST(Smsc, BlockedWithHalfAPdu) {
  const std::string stream =
      ShortMessageSpec{}.pdu(1) + ShortMessageSpec{}.pdu(2) + ShortMessageSpec{}.pdu(3);
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    Owner owner;
    owner.submit_window = 1;
    owner.enter(State::bound_tx);
    owner.answer_messages = false;
    std::string waiting = stream.substr(0, cut);
    owner.give(waiting);
    if (owner.session.blocked())
      owner.rest += stream.substr(cut);
    else
      owner.give(stream.substr(cut));
    for (std::uint32_t i = 1; i <= 3; ++i) {
      ASSERT_EQ(owner.events.size(), i) << cut;
      ASSERT_EQ(owner.events.back().sequence_number, i);
      ASSERT_EQ(owner.events.back().text, "hello");
      owner.session.answer_submit(RecordKind::submit_sm, i, Status::ESME_ROK, {Owner::first_id});
      owner.give_rest();
    }
    EXPECT_EQ(owner.sent(), submit_resp(1) + submit_resp(2) + submit_resp(3));
    EXPECT_EQ(owner.pools.carry.in_use(), 0u);
  }
}

// Aim: answers leave in the order they are given, each under its own number. Method: backwards.
TEST(Smsc, AnswersOutOfOrder) {
  Owner owner;
  owner.enter(State::bound_trx);
  owner.answer_messages = false;
  std::string stream, expected;
  for (std::uint32_t i = 1; i <= 5; ++i) stream += ShortMessageSpec{}.pdu(i * 7);
  owner.give(stream);
  for (std::uint32_t i = 5; i >= 1; --i) {
    owner.session.answer_submit(RecordKind::submit_sm, i * 7, Status::ESME_ROK,
                                {Owner::first_id + i});
    expected += submit_resp(i * 7, "010203040506070" + std::string(1, "89abcdef"[i]));
  }
  EXPECT_EQ(owner.sent(), expected);
}

// Aim: our own window bounds what the peer has in hand. Method: two requests, a third refused until
// one is answered.
TEST(Smsc, DeliverWindow) {
  Owner owner;
  owner.deliver_window = 2;
  owner.enter(State::bound_rx);
  ASSERT_EQ(owner.request(1, deliver_spec()), Admit::ok);
  const std::string first = owner.sent();
  const std::uint32_t sequence = load_be32(as_octets(first).data() + 12);
  EXPECT_EQ(first, deliver_spec().pdu(sequence));
  ASSERT_EQ(owner.request(2, deliver_spec()), Admit::ok);
  EXPECT_EQ(owner.request(3, deliver_spec()), Admit::full);
  owner.give(header_only(0x80000005, sequence));
  ASSERT_EQ(owner.events.size(), 1u);
  EXPECT_EQ(owner.events[0].token, 1u);
  EXPECT_EQ(owner.request(3, deliver_spec()), Admit::ok);
}

// Aim: an empty tx pool ends no session: requests and answers find memory behind it. Method: a pool
// of which everything is taken.
TEST(Smsc, NoMemory) {
  Owner owner;
  std::vector<OctetPool::Piece> taken;
  owner.enter(State::bound_trx);
  while (owner.pools.tx.on_heap() == 0) taken.push_back(owner.pools.tx.take_large());
  EXPECT_EQ(owner.request(1, deliver_spec()), Admit::ok);
  owner.give(header_only(0x15, 1) + header_only(0x15, 2));
  EXPECT_EQ(owner.cause(), CloseCause::none);
  EXPECT_NE(owner.sent(), "");
  for (const OctetPool::Piece& piece : taken) owner.pools.tx.give(piece);
  EXPECT_TRUE(owner.pools.tx.empty());
}

// Aim: an allowance stops the session between PDUs, whatever they are, and what is left is handed
// back whole. Method: a hundred enquire_links, ten at a time.
TEST(Smsc, Allowance) {
  Owner owner;
  owner.enter(State::bound_trx);
  owner.sent();
  std::string octets;
  for (std::uint32_t i = 1; i <= 100; ++i) octets += header_only(0x15, i);
  std::string answers;
  for (int round = 0; round < 10; ++round) {
    owner.session.allow(10);
    owner.session.on_bytes(as_octets(octets), owner.now);
    SmppEvent event;
    Content content;
    EXPECT_FALSE(owner.session.next_event(event, content));
    EXPECT_TRUE(owner.session.blocked());
    octets = as_text(owner.session.take_rest());
    owner.session.settle();
    answers += owner.sent();
    EXPECT_EQ(answers.size(), 160u * static_cast<unsigned>(round + 1));
  }
  EXPECT_EQ(octets, "");
  owner.session.allow(Session::unlimited);
  EXPECT_FALSE(owner.session.blocked());
}

// Aim: before the bind no PDU is longer than it has to be, after it any may. Method: a header that
// claims one octet more than the limit, in both states.
TEST(Smsc, UnboundPduSize) {
  Owner fresh;
  fresh.give(header_only(0x15, 1).replace(2, 2, std::string("\x04\x01", 2)));
  EXPECT_EQ(fresh.cause(), CloseCause::framing);
  Owner bound;
  bound.enter(State::bound_trx);
  bound.give(header_only(0x15, 1).replace(2, 2, std::string("\x04\x01", 2)));
  EXPECT_EQ(bound.cause(), CloseCause::none);
}

// Aim: unbind_resp comes after the last answer that is owed, then the link ends. Method: unbind
// with two submits in hand.
TEST(Smsc, UnbindWaitsForAnswers) {
  Owner owner;
  owner.enter(State::bound_trx);
  owner.answer_messages = false;
  owner.give(ShortMessageSpec{}.pdu(1) + ShortMessageSpec{}.pdu(2) + header_only(6, 3));
  EXPECT_EQ(owner.count(EventKind::unbind), 1u);
  EXPECT_EQ(owner.session.state(), State::unbound);
  EXPECT_EQ(owner.sent(), "");
  owner.session.answer_submit(RecordKind::submit_sm, 2, Status::ESME_ROK, {Owner::first_id});
  EXPECT_EQ(owner.sent(), submit_resp(2));
  owner.session.answer_submit(RecordKind::submit_sm, 1, Status::ESME_RSYSERR, {});
  EXPECT_EQ(owner.sent(),
            header_only(0x80000004, 1, Status::ESME_RSYSERR) + header_only(0x80000006, 3));
  EXPECT_EQ(owner.cause(), CloseCause::none) << "the peer closes first, if it does in time";
  owner.sleep(owner.limits.unbind);
  EXPECT_EQ(owner.cause(), CloseCause::unbound);
}

// Aim: an answer that comes behind the client's unbind still ends our request, or its receipt would
// go out twice. Method: deliver_sm, unbind, deliver_sm_resp. Found by the simulator.
TEST(Smsc, ResponseBehindUnbind) {
  Owner owner;
  owner.enter(State::bound_rx);
  ASSERT_EQ(owner.request(1, deliver_spec()), Admit::ok);
  const std::uint32_t sequence = load_be32(as_octets(owner.sent()).data() + 12);
  owner.give(header_only(6, 3) + header_only(0x80000005, sequence));
  ASSERT_EQ(owner.count(EventKind::response), 1u);
  EXPECT_EQ(owner.session.window().open_count(), 0u);
}

// Aim: the owner may take its time after an unbind. Method: finish_unbind later, nothing open.
TEST(Smsc, UnbindFinishedLater) {
  Owner owner;
  owner.enter(State::bound_rx);
  owner.finish_unbinds = false;
  ASSERT_EQ(owner.request(1, deliver_spec()), Admit::ok);
  owner.sent();
  owner.give(header_only(6, 3));
  EXPECT_EQ(owner.sent(), "");
  EXPECT_FALSE(owner.session.can_receive());
  EXPECT_EQ(owner.request(2, deliver_spec()), Admit::closed);
  owner.session.finish_unbind(owner.now);
  EXPECT_EQ(owner.sent(), header_only(0x80000006, 3));
}

// Aim: what was open when the connection ends comes back once, unanswered, oldest first. Method:
// three requests, then the end.
TEST(Smsc, ClosedConnection) {
  Owner owner;
  owner.enter(State::bound_trx);
  for (const std::uint64_t token : {5u, 6u, 7u})
    ASSERT_EQ(owner.request(token, deliver_spec()), Admit::ok);
  owner.session.on_closed(CloseCause::peer);
  owner.pump();
  ASSERT_EQ(owner.events.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(owner.events[i].token, 5 + i);
    EXPECT_FALSE(owner.events[i].answered);
    EXPECT_EQ(owner.events[i].kind, EventKind::response);
  }
  EXPECT_EQ(owner.cause(), CloseCause::peer);
  EXPECT_EQ(owner.request(8, deliver_spec()), Admit::closed);
}

// Aim: our unbind ends the session with the peer's answer, and only with that. Method: a wrong
// number first; before a bind there is nobody to say it to.
TEST(Smsc, StartUnbind) {
  Owner owner;
  owner.enter(State::bound_trx);
  owner.session.start_unbind(CloseCause::shutdown, owner.now);
  const std::string sent = owner.sent();
  const std::uint32_t sequence = load_be32(as_octets(sent).data() + 12);
  EXPECT_EQ(sent, header_only(6, sequence));
  EXPECT_FALSE(owner.session.can_receive());
  EXPECT_EQ(owner.request(1, deliver_spec()), Admit::closed);
  owner.give(header_only(0x80000006, sequence + 1));
  EXPECT_EQ(owner.cause(), CloseCause::none);
  owner.give(header_only(0x80000006, sequence));
  EXPECT_EQ(owner.cause(), CloseCause::shutdown);
  Owner fresh;
  fresh.session.start_unbind(CloseCause::shutdown, fresh.now);
  EXPECT_EQ(fresh.cause(), CloseCause::shutdown);
  EXPECT_EQ(fresh.sent(), "");
}

// Aim: each version gets ids, TLVs and statuses it knows. Method: bind, an accepted submit and one
// refused under a 5.0 code, for versions on every side of a border.
TEST(Smsc, Versions) {
  for (const unsigned version : {0x00u, 0x33u, 0x34u, 0x3Fu, 0x50u, 0x51u, 0xFFu}) {
    Owner owner;
    owner.answer_messages = false;
    BindSpec bind;
    bind.interface_version = version;
    owner.give(bind.pdu(1));
    EXPECT_EQ(owner.session.interface_version(), version);
    EXPECT_EQ(owner.sent(), bind_resp(9, 1, version));
    owner.give(ShortMessageSpec{}.pdu(2) + ShortMessageSpec{}.pdu(3));
    owner.session.answer_submit(RecordKind::submit_sm, 2, Status::ESME_ROK, {Owner::first_id});
    owner.session.answer_submit(RecordKind::submit_sm, 3, Status::ESME_RSERTYPUNAUTH, {});
    const std::string id = version < 0x34 ? "09060708" : "0102030405060708";
    const Status status = version < 0x50 ? Status::ESME_RINVSERTYP : Status::ESME_RSERTYPUNAUTH;
    EXPECT_EQ(owner.sent(), submit_resp(2, id) + header_only(0x80000004, 3, status)) << version;
  }
}

// Aim: our system_id is cut to what its field holds. Method: one that is too long.
TEST(Smsc, LongSystemId) {
  Owner owner;
  owner.accept_binds = false;
  owner.give(BindSpec{}.pdu(1));
  owner.session.accept_bind("a-name-of-more-than-fifteen", 1, 1, owner.quirks, owner.now);
  EXPECT_EQ(owner.sent(),
            PduBuilder(0x80000009, 1).c_string("a-name-of-more-").tlv(0x0210, "\x34").pdu());
}

// Aim: the submit event carries what the peer wrote. Method: a message with all of it.
TEST(Smsc, SubmitEvent) {
  Owner owner;
  owner.enter(State::bound_trx);
  ShortMessageSpec spec;
  spec.rest = tlv(0x0204, octets("\x12\x34"));
  owner.give(spec.pdu(0x12345678));
  ASSERT_EQ(owner.events.size(), 1u);
  const testing::SeenEvent& event = owner.events[0];
  EXPECT_EQ(event.kind, EventKind::submit);
  EXPECT_EQ(event.command, smpp::Command::submit_sm);
  EXPECT_EQ(event.sequence_number, 0x12345678u);
  EXPECT_EQ(event.destination, "447700900123");
  EXPECT_EQ(event.text, "hello");
  EXPECT_EQ(event.tlvs, spec.rest);
  EXPECT_EQ(owner.session.pdus_in(), 2u);
}

// Aim: every cause has its own name, for logs and metrics. Method: all of them.
TEST(Smsc, CloseCauseNames) {
  std::vector<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(CloseCause::shutdown); ++i)
    names.push_back(close_cause_name(static_cast<CloseCause>(i)));
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::unique(names.begin(), names.end()), names.end());
}

}  // namespace
}  // namespace ringgate

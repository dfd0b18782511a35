// The timers of a session, in virtual time.
#include <gtest/gtest.h>

#include "session_fixture.h"

namespace ringgate {
namespace {

using smpp::State;
using testing::BindSpec;
using testing::deliver_spec;
using testing::header_only;
using testing::Owner;
using testing::ShortMessageSpec;

std::uint32_t sequence_of(const std::string& pdu) {
  return pdu.size() < 16 ? 0 : load_be32(as_octets(pdu).data() + 12);
}

SessionLimits without_enquire_link() {
  SessionLimits limits;
  limits.enquire_link = 0;
  return limits;
}

// Aim: a connection without a bind ends when session_init is over, not before, whatever it says.
// Method: silence, and refused requests, up to the last millisecond.
TEST(Timers, SessionInit) {
  Owner owner;
  EXPECT_EQ(owner.session.deadline(), owner.now.mono + owner.limits.session_init);
  owner.give(ShortMessageSpec{}.pdu(1));
  owner.sleep(owner.limits.session_init - milliseconds(1));
  EXPECT_EQ(owner.cause(), CloseCause::none);
  owner.sleep(milliseconds(1));
  EXPECT_EQ(owner.cause(), CloseCause::session_init);
  EXPECT_EQ(owner.session.deadline(), never);
}

// Aim: a bind ends session_init. Method: bind at the last moment.
TEST(Timers, SessionInitEndsWithTheBind) {
  Owner owner;
  owner.sleep(owner.limits.session_init - milliseconds(1));
  owner.enter(State::bound_trx);
  owner.sleep(seconds(20));
  EXPECT_EQ(owner.cause(), CloseCause::none);
}

// Aim: A11: a refused bind is answered at once and closed after a delay; meanwhile no further
// guess is looked at, or the delay would slow nobody down. Method: a second bind at once.
TEST(Timers, A11RefusedBind) {
  Owner owner;
  owner.accept_binds = false;
  owner.give(BindSpec{}.pdu(1));
  ASSERT_EQ(owner.count(EventKind::bind), 1u);
  owner.session.refuse_bind(Status::ESME_RBINDFAIL, owner.now);
  EXPECT_EQ(owner.sent(), header_only(0x80000009, 1, Status::ESME_RBINDFAIL));
  EXPECT_EQ(owner.cause(), CloseCause::none);
  const Nanos end = owner.now.mono + owner.limits.refusal_delay;
  EXPECT_EQ(owner.session.deadline(), end);
  owner.sleep(owner.limits.refusal_delay / 2);
  owner.give(BindSpec{}.pdu(2));
  EXPECT_EQ(owner.count(EventKind::bind), 1u) << "a second guess within the delay";
  EXPECT_EQ(owner.session.deadline(), end);
  owner.sleep(owner.limits.refusal_delay / 2);
  EXPECT_EQ(owner.cause(), CloseCause::refused);
}

// Aim: codes that only 5.0 knows are translated for a refused 3.4 peer. Method: both versions.
TEST(Timers, RefusalSpeaksThePeersVersion) {
  for (const unsigned version : {0x34u, 0x50u}) {
    Owner owner;
    owner.accept_binds = false;
    BindSpec bind;
    bind.interface_version = version;
    owner.give(bind.pdu(1));
    owner.session.refuse_bind(Status::ESME_RPROHIBITED, owner.now);
    EXPECT_EQ(owner.sent(),
              header_only(0x80000009, 1,
                          version == 0x50 ? Status::ESME_RPROHIBITED : Status::ESME_RSUBMITFAIL));
  }
}

// Aim: after silence we ask; an answer, whatever its number, buys another period. Method: several
// periods.
TEST(Timers, EnquireLink) {
  for (const std::uint32_t wrong_by : {0u, 1'000u}) {
    Owner owner;
    owner.limits.inactivity = 0;
    owner.enter(State::bound_trx);
    for (int period = 0; period < 5; ++period) {
      owner.sleep(owner.limits.enquire_link - milliseconds(1));
      EXPECT_EQ(owner.sent(), "");
      owner.sleep(milliseconds(1));
      const std::string asked = owner.sent();
      const std::uint32_t sequence = sequence_of(asked);
      EXPECT_EQ(asked, header_only(0x00000015, sequence));
      EXPECT_NE(sequence, 0u);
      owner.give(header_only(0x80000015, sequence + wrong_by));
      EXPECT_EQ(owner.sent(), "");
    }
    EXPECT_EQ(owner.cause(), CloseCause::none);
    EXPECT_FALSE(owner.stuck());
  }
}

// Aim: any octet from the peer puts our question off. Method: an enquire_link of its own.
TEST(Timers, EnquireLinkAfterSilenceOnly) {
  Owner owner;
  owner.enter(State::bound_trx);
  owner.sleep(owner.limits.enquire_link - milliseconds(1));
  owner.give(header_only(0x15, 1));
  owner.sent();
  owner.sleep(owner.limits.enquire_link - milliseconds(1));
  EXPECT_EQ(owner.sent(), "");
  owner.sleep(milliseconds(1));
  EXPECT_EQ(owner.sent().size(), 16u);
}

// Aim: B6: a peer that does not answer our question is gone. Method: silence.
TEST(Timers, EnquireLinkUnanswered) {
  Owner owner;
  owner.enter(State::bound_rx);
  const Nanos start = owner.now.mono;
  owner.sleep(owner.limits.enquire_link + owner.limits.response - milliseconds(1));
  EXPECT_EQ(owner.cause(), CloseCause::none);
  EXPECT_EQ(owner.sent().size(), 16u) << "one question, not many";
  owner.sleep(milliseconds(1));
  EXPECT_EQ(owner.cause(), CloseCause::enquire_link);
  EXPECT_EQ(owner.now.mono, start + owner.limits.enquire_link + owner.limits.response);
}

// Aim: while we hold the peer back we do not hear its answers, so silence proves nothing. Method: a
// full window, and the answer to our question among what is held back.
TEST(Timers, EnquireLinkWhileHeldBack) {
  Owner owner;
  owner.submit_window = 1;
  owner.enter(State::bound_trx);
  owner.answer_messages = false;
  owner.give(ShortMessageSpec{}.pdu(1));
  ASSERT_TRUE(owner.session.blocked());
  owner.sleep(owner.limits.enquire_link + owner.limits.response);
  EXPECT_EQ(owner.cause(), CloseCause::none);
}

// Aim: a bound peer without messages is asked to leave, and enquire_links do not count. Method:
// enquire_links of the peer only, then its unbind_resp or none.
TEST(Timers, Inactivity) {
  for (const bool answers : {true, false}) {
    Owner owner(Role::smsc, without_enquire_link());
    owner.enter(State::bound_tx);
    const Nanos start = owner.now.mono;
    std::string sent;
    std::uint32_t sequence = 0;
    while (owner.now.mono - start < owner.limits.inactivity) {
      EXPECT_EQ(sent, "");
      owner.give(header_only(0x15, ++sequence));
      EXPECT_EQ(owner.sent(), header_only(0x80000015, sequence));
      owner.sleep(seconds(1));
      sent = owner.sent();
    }
    EXPECT_EQ(sent, header_only(0x00000006, sequence_of(sent)));
    EXPECT_EQ(owner.cause(), CloseCause::none);
    // What arrives meanwhile is refused: the peer shall see that we are leaving.
    owner.give(ShortMessageSpec{}.pdu(7));
    EXPECT_EQ(owner.sent(), header_only(0x80000004, 7, Status::ESME_RINVBNDSTS));
    if (answers)
      owner.give(header_only(0x80000006, sequence_of(sent)));
    else
      owner.sleep(owner.limits.unbind);
    EXPECT_EQ(owner.cause(), CloseCause::inactivity);
    EXPECT_FALSE(owner.stuck());
  }
}

// Aim: who waits for messages and shows with enquire_link that it is there is not ended for having
// none. Method: receiver and transceiver, three times the period.
TEST(Timers, ReceiversThatAskStay) {
  for (const State state : {State::bound_rx, State::bound_trx}) {
    Owner owner(Role::smsc, without_enquire_link());
    owner.enter(state);
    const Nanos start = owner.now.mono;
    for (std::uint32_t sequence = 1; owner.now.mono - start < 3 * owner.limits.inactivity;
         ++sequence) {
      owner.give(header_only(0x15, sequence));
      EXPECT_EQ(owner.sent(), header_only(0x80000015, sequence));
      owner.sleep(owner.limits.inactivity / 2);
    }
    EXPECT_EQ(owner.cause(), CloseCause::none);
    owner.sleep(owner.limits.inactivity);
    EXPECT_NE(owner.sent(), "");
  }
}

// Aim: messages either way keep a session. Method: one submit, or one answered deliver, per period.
TEST(Timers, InactivityIsPutOffByMessages) {
  Owner owner(Role::smsc, without_enquire_link());
  owner.enter(State::bound_trx);
  for (std::uint32_t i = 1; i < 6; ++i) {
    owner.sleep(owner.limits.inactivity - milliseconds(1));
    if (i % 2 == 0) {
      owner.give(ShortMessageSpec{}.pdu(i));
    } else {
      ASSERT_EQ(owner.request(i, deliver_spec()), Admit::ok);
      owner.give(header_only(0x80000005, sequence_of(owner.sent())));
    }
    EXPECT_EQ(owner.cause(), CloseCause::none);
    owner.sent();
  }
}

// Aim: zero means never. Method: a year of silence.
TEST(Timers, ZeroIsNever) {
  SessionLimits limits = without_enquire_link();
  limits.inactivity = 0;
  Owner owner(Role::smsc, limits);
  owner.enter(State::bound_trx);
  EXPECT_EQ(owner.session.deadline(), never);
  owner.sleep(seconds(365 * 86'400));
  EXPECT_EQ(owner.cause(), CloseCause::none);
  EXPECT_EQ(owner.sent(), "");
}

// Aim: a request that nobody answers comes back as unanswered, and the session goes on. A late
// answer changes nothing. Method: three requests, one answered.
TEST(Timers, Response) {
  Owner owner(Role::smsc, without_enquire_link());
  owner.enter(State::bound_rx);
  ASSERT_EQ(owner.request(1, deliver_spec()), Admit::ok);
  const std::uint32_t first = sequence_of(owner.sent());
  owner.sleep(seconds(1));
  ASSERT_EQ(owner.request(2, deliver_spec()), Admit::ok);
  owner.give(header_only(0x80000005, sequence_of(owner.sent())));
  owner.sleep(seconds(1));
  ASSERT_EQ(owner.request(3, deliver_spec()), Admit::ok);
  owner.sent();
  owner.events.clear();
  owner.sleep(owner.limits.response - seconds(2) - milliseconds(1));
  EXPECT_TRUE(owner.events.empty());
  owner.sleep(milliseconds(1));
  ASSERT_EQ(owner.events.size(), 1u);
  EXPECT_EQ(owner.events[0].kind, EventKind::response);
  EXPECT_EQ(owner.events[0].token, 1u);
  EXPECT_FALSE(owner.events[0].answered);
  EXPECT_EQ(owner.events[0].status, Status::ESME_RSYSERR);
  owner.give(header_only(0x80000005, first));
  EXPECT_EQ(owner.events.size(), 1u);
  owner.sleep(seconds(2));
  ASSERT_EQ(owner.events.size(), 2u);
  EXPECT_EQ(owner.events[1].token, 3u);
  EXPECT_EQ(owner.cause(), CloseCause::none);
  EXPECT_FALSE(owner.stuck());
}

// Aim: A5: a PDU that stops in the middle ends the connection, counted from its first octet however
// slowly the rest drips in. Method: silence, and one octet a second.
TEST(Timers, A5PduRead) {
  const std::string pdu = ShortMessageSpec{}.pdu(1);
  for (const std::size_t size : {std::size_t{1}, std::size_t{16}, pdu.size() - 1}) {
    Owner owner;
    owner.enter(State::bound_trx);
    owner.give(pdu.substr(0, size));
    owner.sleep(owner.limits.pdu_read - milliseconds(1));
    EXPECT_EQ(owner.cause(), CloseCause::none);
    owner.sleep(milliseconds(1));
    EXPECT_EQ(owner.cause(), CloseCause::pdu_read);
    EXPECT_EQ(owner.sent(), "");
  }
  Owner owner;
  owner.enter(State::bound_trx);
  const Nanos start = owner.now.mono;
  for (const char& c : pdu) {
    if (owner.cause() != CloseCause::none) break;
    owner.give(std::string_view(&c, 1));
    owner.sleep(seconds(1));
  }
  EXPECT_EQ(owner.cause(), CloseCause::pdu_read);
  EXPECT_EQ(owner.now.mono, start + owner.limits.pdu_read);
}

// Aim: a PDU that does arrive ends its timer, and the next one has its own. Method: halves that
// meet in the middle of a round.
TEST(Timers, PduReadBeginsAnew) {
  const std::string pdu = ShortMessageSpec{}.pdu(1);
  Owner owner;
  owner.enter(State::bound_trx);
  owner.give(pdu.substr(0, 20));
  for (int i = 0; i < 5; ++i) {
    owner.sleep(owner.limits.pdu_read - milliseconds(1));
    owner.give(pdu.substr(20) + pdu.substr(0, 20));
    EXPECT_EQ(owner.cause(), CloseCause::none);
    EXPECT_NE(owner.sent(), "");
  }
  owner.give(pdu.substr(20));
  owner.sleep(owner.limits.pdu_read);
  EXPECT_EQ(owner.cause(), CloseCause::none);
}

}  // namespace
}  // namespace ringgate

// A session in the ESME's role talks to one in the SMSC's, in memory.
#include <gtest/gtest.h>

#include <map>

#include "base/prng.h"
#include "session_fixture.h"

namespace ringgate {
namespace {

using smpp::Command;
using smpp::State;
using testing::bind_resp;
using testing::deliver_spec;
using testing::header_only;
using testing::Owner;
using testing::PduBuilder;
using testing::ShortMessageSpec;

smpp::Bind bind_body(std::uint8_t version = 0x34) {
  smpp::Bind body;
  body.system_id = "esme";
  body.password = "secret";
  body.interface_version = version;
  return body;
}

/// Moves everything one owner has sent to the other, in random pieces.
bool carry_over(Owner& from, Owner& to, Prng& prng) {
  std::string stream = to.rest + from.sent();
  to.rest.clear();
  if (stream.empty()) return false;
  std::size_t at = 0;
  while (at < stream.size() && to.cause() == CloseCause::none) {
    if (to.session.blocked()) {
      to.rest += stream.substr(at);
      break;
    }
    const std::size_t size =
        std::min<std::size_t>(1 + prng.below(prng.chance(0.5) ? 8 : 600), stream.size() - at);
    to.give(std::string_view(stream).substr(at, size));
    at += size;
  }
  return true;
}

void talk(Owner& esme, Owner& smsc, Prng& prng) {
  for (int i = 0; i < 10; ++i) {
    const bool there = carry_over(esme, smsc, prng);
    const bool back = carry_over(smsc, esme, prng);
    if (!there && !back) return;
  }
}

// Aim: bind, bound and unbind of the client's side. Method: each bind, each version, both sides'
// states afterwards.
TEST(Pair, BindAndUnbind) {
  Prng prng(1);
  for (const auto& [command, state] : {std::pair{Command::bind_receiver, State::bound_rx},
                                       {Command::bind_transmitter, State::bound_tx},
                                       {Command::bind_transceiver, State::bound_trx}}) {
    for (const int version : {0x33, 0x34, 0x50}) {
      Owner esme(Role::esme), smsc;
      esme.session.bind(command, bind_body(static_cast<std::uint8_t>(version)), 10, esme.now);
      talk(esme, smsc, prng);
      ASSERT_EQ(esme.count(EventKind::bound), 1u);
      EXPECT_EQ(esme.events[0].status, Status::ESME_ROK);
      EXPECT_EQ(esme.events[0].tlvs.size(), version < 0x34 ? 0u : 5u);
      EXPECT_EQ(esme.session.state(), state);
      EXPECT_EQ(smsc.session.state(), state);
      esme.session.start_unbind(CloseCause::shutdown, esme.now);
      talk(esme, smsc, prng);
      EXPECT_EQ(smsc.count(EventKind::unbind), 1u);
      EXPECT_EQ(esme.cause(), CloseCause::shutdown);
      smsc.sleep(smsc.limits.unbind);
      EXPECT_EQ(smsc.cause(), CloseCause::unbound);
    }
  }
}

// Aim: a refused bind ends the client's session and says why. Method: refusal, and generic_nack.
TEST(Pair, RefusedBind) {
  for (const std::string& answer : {header_only(0x80000009, 1, Status::ESME_RBINDFAIL),
                                    header_only(0x80000000, 1, Status::ESME_RINVCMDID)}) {
    Owner esme(Role::esme);
    esme.session.bind(Command::bind_transceiver, bind_body(), 10, esme.now);
    EXPECT_EQ(esme.sent(), testing::BindSpec{}.pdu(1));
    esme.give(answer);
    ASSERT_EQ(esme.events.size(), 1u);
    EXPECT_EQ(esme.events[0].kind, EventKind::bound);
    EXPECT_NE(esme.events[0].status, Status::ESME_ROK);
    EXPECT_EQ(esme.cause(), CloseCause::refused);
    EXPECT_FALSE(esme.session.bound());
  }
}

// Aim: only the bind's own response makes a client bound. Method: other responses under its number.
TEST(Pair, OnlyBindRespBinds) {
  for (const std::uint32_t id : {0x80000000u, 0x80000004u, 0x80000001u, 0x80000ABCu}) {
    Owner esme(Role::esme);
    esme.session.bind(Command::bind_transceiver, bind_body(), 10, esme.now);
    esme.sent();
    esme.give(header_only(id, 1));
    EXPECT_FALSE(esme.session.bound()) << id;
  }
}

// Aim: a bind response without a body, as some servers write it, is good enough. Method: with and
// without.
TEST(Pair, BindRespBodies) {
  for (const std::string& answer : {header_only(0x80000009, 1), bind_resp(9, 1, 0x34),
                                    PduBuilder(0x80000009, 1).c_string("").pdu()}) {
    Owner esme(Role::esme);
    esme.session.bind(Command::bind_transceiver, bind_body(), 10, esme.now);
    esme.sent();
    esme.give(answer);
    EXPECT_EQ(esme.session.state(), State::bound_trx);
    EXPECT_EQ(esme.cause(), CloseCause::none);
  }
}

// Aim: a client whose bind nobody answers gives up. Method: silence.
TEST(Pair, BindUnanswered) {
  Owner esme(Role::esme);
  esme.session.bind(Command::bind_transceiver, bind_body(), 10, esme.now);
  esme.sleep(esme.limits.session_init);
  EXPECT_EQ(esme.cause(), CloseCause::session_init);
}

// Aim: the id of an accepted submit reaches the client; a failed one has none. Method: bodies of
// every form.
TEST(Pair, SubmitResponses) {
  Prng prng(2);
  Owner esme(Role::esme), smsc;
  esme.session.bind(Command::bind_transceiver, bind_body(), 10, esme.now);
  talk(esme, smsc, prng);
  for (const auto& [body, id] : {std::pair<std::string, std::string>{"", ""},
                                 {std::string(1, '\0'), ""},
                                 {std::string("abc\0", 4), "abc"},
                                 {"no end", ""},
                                 {std::string(64, 'i') + '\0', std::string(64, 'i')},
                                 {std::string(65, 'i') + '\0', ""}}) {
    esme.events.clear();
    ASSERT_EQ(esme.request(9), Admit::ok);
    const std::uint32_t sequence = load_be32(as_octets(esme.sent()).data() + 12);
    esme.give(PduBuilder(0x80000004, sequence).raw(body).pdu());
    ASSERT_EQ(esme.events.size(), 1u);
    EXPECT_EQ(esme.events[0].token, 9u);
    EXPECT_EQ(esme.events[0].message_id, id);
  }
}

// Aim: whatever the order of answers and the cuts of the stream, every request of both sides is
// answered once, with its own token. Method: random submits, deliveries and answers over small
// windows; all open ones are answered in the end.
TEST(Pair, RandomTraffic) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Prng prng(seed);
    Owner esme(Role::esme), smsc;
    smsc.submit_window = 1 + static_cast<std::uint32_t>(prng.below(8));
    smsc.deliver_window = 1 + static_cast<std::uint32_t>(prng.below(8));
    esme.session.bind(Command::bind_transceiver, bind_body(),
                      1 + static_cast<std::uint32_t>(prng.below(16)), esme.now);
    talk(esme, smsc, prng);
    ASSERT_EQ(esme.session.state(), State::bound_trx);
    esme.answer_messages = smsc.answer_messages = false;
    esme.events.clear();
    smsc.events.clear();

    std::map<std::uint64_t, unsigned> submits, delivers;  // token -> answers
    std::vector<std::uint32_t> to_answer_smsc, to_answer_esme;
    const auto collect = [&] {
      for (const testing::SeenEvent& event : smsc.events) {
        if (event.kind == EventKind::submit) {
          ASSERT_EQ(event.text, "hello");
          to_answer_smsc.push_back(event.sequence_number);
        } else {
          ASSERT_EQ(event.kind, EventKind::response);
          ASSERT_TRUE(event.answered);
          ++delivers.at(event.token);
        }
      }
      for (const testing::SeenEvent& event : esme.events) {
        if (event.kind == EventKind::deliver) {
          to_answer_esme.push_back(event.sequence_number);
        } else {
          ASSERT_EQ(event.kind, EventKind::response);
          ASSERT_TRUE(event.answered);
          // The text of a message id tells which submit it belongs to.
          if (event.status == Status::ESME_ROK) {
            ASSERT_EQ(event.message_id.size(), 16u);
          } else {
            ASSERT_EQ(event.status, Status::ESME_RTHROTTLED);
          }
          ++submits.at(event.token);
        }
      }
      smsc.events.clear();
      esme.events.clear();
    };
    const auto answer_some = [&](bool all) {
      while (!to_answer_smsc.empty() && (all || prng.chance(0.6))) {
        std::swap(to_answer_smsc[prng.below(to_answer_smsc.size())], to_answer_smsc.back());
        const bool good = prng.chance(0.8);
        smsc.session.answer_submit(RecordKind::submit_sm, to_answer_smsc.back(),
                                   good ? Status::ESME_ROK : Status::ESME_RTHROTTLED,
                                   {prng.next()});
        to_answer_smsc.pop_back();
      }
      while (!to_answer_esme.empty() && (all || prng.chance(0.6))) {
        std::swap(to_answer_esme[prng.below(to_answer_esme.size())], to_answer_esme.back());
        esme.session.answer_deliver(smpp::Command::deliver_sm, to_answer_esme.back(),
                                    prng.chance(0.8) ? Status::ESME_ROK : Status::ESME_RX_T_APPN);
        to_answer_esme.pop_back();
      }
    };

    std::uint64_t token = 0;
    for (int step = 0; step < 300; ++step) {
      for (std::uint64_t left = prng.below(6); left > 0; --left)
        if (esme.request(++token) == Admit::ok) submits[token] = 0;
      for (std::uint64_t left = prng.below(6); left > 0; --left)
        if (smsc.request(++token, deliver_spec()) == Admit::ok) delivers[token] = 0;
      talk(esme, smsc, prng);
      collect();
      ASSERT_LE(smsc.session.open_requests(), smsc.submit_window);
      answer_some(false);
    }
    for (int step = 0; step < 100; ++step) {
      answer_some(true);
      talk(esme, smsc, prng);
      collect();
      if (HasFatalFailure()) return;
    }
    EXPECT_GT(submits.size(), 50u);
    EXPECT_GT(delivers.size(), 50u);
    for (const auto& [sent, answers] : submits) ASSERT_EQ(answers, 1u) << sent;
    for (const auto& [sent, answers] : delivers) ASSERT_EQ(answers, 1u) << sent;
    EXPECT_EQ(esme.session.window().open_count(), 0u);
    EXPECT_EQ(smsc.session.window().open_count(), 0u);
    EXPECT_EQ(smsc.rest, "");
  }
}

// Aim: two quiet sides keep each other alive. Method: an hour with nothing to say.
TEST(Pair, EnquireLinkKeepsBothAlive) {
  SessionLimits limits;
  limits.inactivity = 0;
  Prng prng(3);
  Owner esme(Role::esme, limits), smsc(Role::smsc, limits);
  esme.session.bind(Command::bind_transceiver, bind_body(), 10, esme.now);
  talk(esme, smsc, prng);
  for (int second = 0; second < 3'600; ++second) {
    esme.sleep(seconds(1));
    smsc.sleep(seconds(1));
    talk(esme, smsc, prng);
  }
  EXPECT_EQ(esme.cause(), CloseCause::none);
  EXPECT_EQ(smsc.cause(), CloseCause::none);
  EXPECT_FALSE(esme.stuck() || smsc.stuck());
}

}  // namespace
}  // namespace ringgate

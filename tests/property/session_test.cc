// Properties of a session under any input.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "../unit/session/session_fixture.h"

namespace ringgate {
namespace {

using testing::BindSpec;
using testing::header_only;
using testing::Owner;
using testing::PduBuilder;
using testing::ShortMessageSpec;

std::string any_octets(std::size_t size_max) {
  const auto octets = *rc::gen::container<std::vector<std::uint8_t>>(
      *rc::gen::inRange<std::size_t>(0, size_max + 1), rc::gen::arbitrary<std::uint8_t>());
  return {octets.begin(), octets.end()};
}

/// A PDU with a true length: known commands more often than not, valid bodies now and then.
std::string any_pdu() {
  const auto sequence = *rc::gen::arbitrary<std::uint32_t>();
  switch (*rc::gen::inRange(0, 8)) {
    case 0: {
      BindSpec bind;
      bind.command_id = *rc::gen::element(1u, 2u, 9u);
      bind.interface_version = *rc::gen::element(0x33u, 0x34u, 0x50u);
      return bind.pdu(sequence);
    }
    case 1:
    case 2: {
      ShortMessageSpec spec;
      spec.command_id = *rc::gen::element(4u, 4u, 4u, 5u);
      if (*rc::gen::arbitrary<bool>()) spec.rest = any_octets(12);
      if (*rc::gen::arbitrary<bool>()) spec.destination = any_octets(25);
      return spec.pdu(sequence);
    }
    case 3:
      return header_only(*rc::gen::element(6u, 0x15u, 0x15u, 3u, 0x0Bu, 0x103u), sequence);
    case 4:
      return PduBuilder(0x80000000u | *rc::gen::element(0u, 1u, 2u, 4u, 5u, 6u, 9u, 0x15u, 0xABCu),
                        *rc::gen::inRange<std::uint32_t>(0, 8),
                        *rc::gen::element(0u, 0u, 8u, 0x64u))
          .raw(any_octets(20))
          .pdu();
    case 5:
      return PduBuilder(*rc::gen::element(1u, 2u, 4u, 5u, 9u, 0x15u), sequence)
          .raw(any_octets(80))
          .pdu();
    default:
      return PduBuilder(*rc::gen::arbitrary<std::uint32_t>(), sequence).raw(any_octets(30)).pdu();
  }
}

/// Gives the stream in pieces of random size, as far as the session takes it.
void give_in_pieces(Owner& owner, const std::string& stream) {
  std::size_t at = 0;
  while (at < stream.size() && owner.cause() == CloseCause::none && !owner.session.blocked()) {
    const auto size = *rc::gen::inRange<std::size_t>(1, 60);
    const std::string piece = stream.substr(at, size);
    owner.give(piece);
    at += piece.size();
    if (*rc::gen::inRange(0, 20) == 0) owner.sleep(seconds(*rc::gen::inRange(0, 12)));
  }
}

struct Counts {
  unsigned requests = 0, responses = 0;
};

/// Whole PDUs in a stream, by the top bit of their command.
Counts count(const std::string& stream) {
  Counts out;
  for (std::size_t at = 0; at + 16 <= stream.size();) {
    const std::uint8_t* const pdu = as_octets(stream).data() + at;
    const std::uint32_t size = load_be32(pdu);
    RC_ASSERT(size >= 16u);
    RC_ASSERT(at + size <= stream.size());
    ++((load_be32(pdu + 4) & 0x80000000) != 0 ? out.responses : out.requests);
    at += size;
  }
  return out;
}

void start(Owner& owner) {
  if (owner.session.state() != smpp::State::open) return;
  smpp::Bind body;
  body.system_id = "esme";
  owner.session.bind(smpp::Command::bind_transceiver, body, 4, owner.now);
  if (*rc::gen::arbitrary<bool>()) owner.give(testing::bind_resp(9, 1, 0x34));
}

void survives(Role role) {
  Owner owner(role);
  if (role == Role::esme) start(owner);
  if (role == Role::smsc && *rc::gen::arbitrary<bool>()) owner.enter(smpp::State::bound_trx);
  if (owner.session.bound()) {
    const auto own = *rc::gen::inRange<std::uint64_t>(0, 4);
    for (std::uint64_t token = 0; token < own; ++token)
      RC_ASSERT(owner.request(token) == Admit::ok);
  }
  owner.sent();
  std::string stream;
  const auto pdus = *rc::gen::inRange(0, 20);
  for (int i = 0; i < pdus; ++i)
    stream += *rc::gen::inRange(0, 25) == 0 ? any_octets(40) : any_pdu();
  give_in_pieces(owner, stream);
  owner.session.on_closed(CloseCause::peer);
  owner.pump();
  RC_ASSERT(owner.session.window().open_count() == 0u);
  RC_ASSERT(!owner.stuck());
  // Every octet that came out belongs to a whole PDU.
  count(owner.sent());
}

// Aim: no octets in any pieces crash a session of either role, and what comes out is always whole
// PDUs. Method: streams of PDUs and rubbish, time passing in between.
TEST(SessionProperty, SurvivesAnything) {
  EXPECT_TRUE(rc::check("as SMSC", [] { survives(Role::smsc); }));
  EXPECT_TRUE(rc::check("as ESME", [] { survives(Role::esme); }));
  EXPECT_TRUE(rc::check("rubbish only", [] {
    Owner owner;
    give_in_pieces(owner, any_octets(400));
    count(owner.sent());
  }));
}

// Aim: never more responses than requests, whatever arrives. Method: as above, counting both; lost
// framing adds the one generic_nack that says so.
TEST(SessionProperty, NoMoreResponsesThanRequests) {
  for (const Role role : {Role::smsc, Role::esme}) {
    EXPECT_TRUE(rc::check("count", [role] {
      Owner owner(role);
      if (role == Role::smsc) owner.enter(smpp::State::bound_trx);
      if (role == Role::esme) {
        start(owner);
        owner.sent();
      }
      std::string stream;
      const auto pdus = *rc::gen::inRange(0, 20);
      for (int i = 0; i < pdus; ++i) stream += any_pdu();
      give_in_pieces(owner, stream);
      const unsigned lost = owner.cause() == CloseCause::framing ? 1 : 0;
      RC_ASSERT(count(owner.sent()).responses <= count(stream).requests + lost);
    }));
  }
}

// Aim: every whole request yields exactly one response or one event, in an unbroken stream. Method:
// an owner that answers nothing, so that events stay events; one PDU at a time, any pieces.
TEST(SessionProperty, EveryRequestIsHeard) {
  EXPECT_TRUE(rc::check("one for one", [] {
    Owner owner;
    owner.submit_window = 1'000;
    const auto state = *rc::gen::element(smpp::State::open, smpp::State::bound_tx,
                                         smpp::State::bound_rx, smpp::State::bound_trx);
    owner.enter(state);
    owner.answer_messages = owner.finish_unbinds = owner.accept_binds = false;
    const auto pdus = *rc::gen::inRange(1, 15);
    for (int i = 0; i < pdus; ++i) {
      const std::string pdu = any_pdu();
      const unsigned requests = count(pdu).requests;
      owner.events.clear();
      std::size_t at = 0;
      while (at < pdu.size()) {
        const std::string piece = pdu.substr(at, *rc::gen::inRange<std::size_t>(1, 60));
        owner.give(piece);
        at += piece.size();
      }
      std::size_t heard = count(owner.sent()).responses;
      for (const testing::SeenEvent& event : owner.events)
        heard += event.kind == EventKind::bind || event.kind == EventKind::submit ||
                 event.kind == EventKind::unbind;
      RC_ASSERT(heard == requests);
      if (owner.session.bind_pending()) return;
    }
  }));
}

}  // namespace
}  // namespace ringgate

#include <gtest/gtest.h>

#include "session_fixture.h"

namespace ringgate::testing {
namespace {

using smpp::Command;
using smpp::State;

constexpr std::uint32_t query_sm = 3, submit_sm = 4, replace_sm = 7, cancel_sm = 8,
                        bind_transceiver = 9, outbind = 0xB, submit_multi = 0x21,
                        alert_notification = 0x102, data_sm = 0x103, broadcast_sm = 0x111,
                        query_broadcast_sm = 0x112, cancel_broadcast_sm = 0x113;
constexpr std::uint32_t resp = 0x80000000;

std::string data_sm_body(std::string_view destination = "447700900123") {
  return PduBuilder(0)
      .c_string("")
      .i1(0)
      .i1(0)
      .c_string("1000")
      .i1(1)
      .i1(1)
      .c_string(destination)
      .i1(0)
      .i1(1)
      .i1(0)
      .body();
}

std::string destination(std::string_view digits) {
  return PduBuilder(0).i1(1).i1(1).i1(1).c_string(digits).body();
}

/// A submit_multi whose list is `count` and these octets.
std::string multi_pdu(unsigned count, std::string_view list, std::string_view rest = {}) {
  return PduBuilder(submit_multi, 5)
      .c_string("")
      .i1(0)
      .i1(0)
      .c_string("1000")
      .i1(count)
      .raw(list)
      .i1(0)
      .i1(0)
      .i1(0)
      .c_string("")
      .c_string("")
      .i1(0)
      .i1(0)
      .i1(0)
      .i1(0)
      .i1(2)
      .raw("hi")
      .raw(rest)
      .pdu();
}

std::string query_body(std::string_view id) {
  return PduBuilder(0).c_string(id).i1(0).i1(0).c_string("1000").body();
}

std::string replace_body(std::string_view validity = "", std::string_view text = "new") {
  return PduBuilder(0)
      .c_string("0102030405060708")
      .i1(0)
      .i1(0)
      .c_string("1000")
      .c_string("")
      .c_string(validity)
      .i1(0)
      .i1(0)
      .i1(static_cast<unsigned>(text.size()))
      .raw(text)
      .body();
}

std::string broadcast_body(std::string_view validity = "") {
  return PduBuilder(0)
      .c_string("")
      .i1(0)
      .i1(0)
      .c_string("1000")
      .c_string("")
      .i1(0)
      .c_string("")
      .c_string(validity)
      .i1(0)
      .i1(0)
      .i1(0)
      .body();
}

const std::string broadcast_tlvs = tlv(0x0606, octets("\0A")) + tlv(0x0601, octets("\0\0\x10")) +
                                   tlv(0x0604, octets("\0\x01")) +
                                   tlv(0x0605, octets("\x09\0\x01"));

/// The header's status of the only PDU that was sent; its command must be `command`.
Status status_sent(Owner& owner, std::uint32_t command) {
  const std::string sent = owner.sent();
  if (sent.size() < 16) return Status::ESME_RUNKNOWNERR;
  EXPECT_EQ(load_be32(as_octets(sent).data()), sent.size()) << "one PDU";
  EXPECT_EQ(load_be32(as_octets(sent).data() + 4), command);
  EXPECT_EQ(load_be32(as_octets(sent).data() + 12), 5u);
  return static_cast<Status>(load_be32(as_octets(sent).data() + 8));
}

// Aim: a data_sm is a submit with its payload as text, and is answered by its own response. Method:
// one with message_payload.
TEST(Requests, DataSm) {
  Owner owner;
  owner.enter(State::bound_tx);
  owner.give(PduBuilder(data_sm, 5).raw(data_sm_body()).raw(tlv(0x0424, "payload")).pdu());
  ASSERT_EQ(owner.events.size(), 1u);
  EXPECT_EQ(owner.events[0].kind, EventKind::submit);
  EXPECT_EQ(owner.events[0].command, Command::data_sm);
  EXPECT_EQ(owner.events[0].text, "payload");
  EXPECT_EQ(owner.sent(), PduBuilder(data_sm | resp, 5).c_string("0102030405060708").pdu());
}

// Aim: what is wrong with a data_sm has its status (A29 among them). Method: one fault at a time.
TEST(Requests, DataSmFaults) {
  struct Case {
    std::string body;
    Status status;
  };
  const std::string payload = tlv(0x0424, "x");
  const Case cases[] = {
      {data_sm_body(), Status::ESME_RMISSINGTLV},
      {data_sm_body("letters") + payload, Status::ESME_RINVDSTADR},
      {data_sm_body(std::string(21, '4')) + payload, Status::ESME_RINVDSTADR},
      {data_sm_body().substr(0, 12), Status::ESME_RINVCMDLEN},
      {data_sm_body() + "\x01", Status::ESME_RINVTLVSTREAM},
      {data_sm_body() + payload + tlv(0x0204, "x"), Status::ESME_RINVTLVLEN},
  };
  for (const Case& one : cases) {
    Owner owner;
    owner.enter(State::bound_trx, 0x50);
    owner.give(PduBuilder(data_sm, 5).raw(one.body).pdu());
    EXPECT_EQ(status_sent(owner, data_sm | resp), one.status);
    EXPECT_TRUE(owner.events.empty());
    EXPECT_EQ(owner.cause(), CloseCause::none);
  }
}

// Aim: submit_multi shows its list and its message, and its response names failures. Method: two
// destinations, one of which is answered as failed.
TEST(Requests, SubmitMulti) {
  Owner owner;
  owner.answer_messages = false;
  owner.enter(State::bound_trx);
  const std::string list = destination("441") + destination("442");
  owner.give(multi_pdu(2, list));
  ASSERT_EQ(owner.events.size(), 1u);
  EXPECT_EQ(owner.events[0].kind, EventKind::submit_multi);
  const Destination failure{{1, 1, "442"}, Status::ESME_RINVDSTADR};
  owner.session.answer_submit_multi(5, MessageId{Owner::first_id}, std::span(&failure, 1));
  EXPECT_EQ(owner.sent(), PduBuilder(submit_multi | resp, 5)
                              .c_string("0102030405060708")
                              .i1(1)
                              .i1(1)
                              .i1(1)
                              .c_string("442")
                              .i4(0x0B)
                              .pdu());
}

// Aim: A31 and the rest: each fault of the list has its status. Method: one at a time, for 3.4 and
// 5.0 where they differ.
TEST(Requests, SubmitMultiFaults) {
  struct Case {
    std::string pdu;
    Status status;
    unsigned version = 0x34;
  };
  const std::string one = destination("441");
  std::string many;
  for (int i = 0; i < 255; ++i) many += one;
  const Case cases[] = {
      {multi_pdu(0, ""), Status::ESME_RINVNUMDESTS},
      {multi_pdu(255, many), Status::ESME_RINVNUMDESTS},
      {multi_pdu(255, many), Status::ESME_ROK, 0x50},
      {PduBuilder(submit_multi, 5).c_string("").i1(0).i1(0).c_string("1").i1(9).raw(one).pdu(),
       Status::ESME_RINVCMDLEN},
      {multi_pdu(1, std::string("\0", 1) + one), Status::ESME_RINVDESTFLAG},
      {multi_pdu(1, "\x03" + one), Status::ESME_RINVDESTFLAG},
      {multi_pdu(1, "\x02" + std::string(21, 'l') + octets("\0")), Status::ESME_RINVDLNAME},
      {multi_pdu(1, octets("\x02list\0")), Status::ESME_RCNTSUBDL},
      {multi_pdu(1, destination(std::string(21, '4'))), Status::ESME_RINVDSTADR},
      {multi_pdu(1, one, "\x01"), Status::ESME_RINVTLVSTREAM},
      {PduBuilder(submit_multi, 5).c_string("").i1(0).i1(0).c_string("1").pdu(),
       Status::ESME_RINVCMDLEN},
      {PduBuilder(submit_multi, 5).c_string("").i1(0).i1(0).c_string("1").i1(1).pdu(),
       Status::ESME_RINVCMDLEN},
      {PduBuilder(submit_multi, 5).c_string("").i1(0).i1(0).c_string("1").i1(1).raw("\x02l").pdu(),
       Status::ESME_RINVCMDLEN},
      {PduBuilder(submit_multi, 5).c_string("").i1(0).i1(0).c_string("1").i1(1).raw(one).pdu(),
       Status::ESME_RINVCMDLEN},
      {PduBuilder(submit_multi, 5).c_string("too long").pdu(), Status::ESME_RINVSERTYP},
  };
  for (const Case& each : cases) {
    Owner owner;
    owner.enter(State::bound_tx, each.version);
    std::string pdu = each.pdu;
    store_be32(reinterpret_cast<std::uint8_t*>(pdu.data()), static_cast<std::uint32_t>(pdu.size()));
    owner.give(pdu);
    EXPECT_EQ(status_sent(owner, submit_multi | resp), each.status)
        << status_name(each.status) << " " << each.pdu.size();
    EXPECT_EQ(owner.cause(), CloseCause::none);
  }
}

// Aim: the operations arrive with their bodies, count against the window, and are answered with a
// body or without. Method: each of them.
TEST(Requests, Operations) {
  const std::string cancel = PduBuilder(0)
                                 .c_string("")
                                 .c_string("0102030405060708")
                                 .i1(0)
                                 .i1(0)
                                 .c_string("1000")
                                 .i1(0)
                                 .i1(0)
                                 .c_string("")
                                 .body();
  const std::string cancel_broadcast =
      PduBuilder(0).c_string("").c_string("0102030405060708").i1(0).i1(0).c_string("1000").body();
  const std::pair<std::uint32_t, std::string> requests[] = {
      {query_sm, query_body("0102030405060708")},
      {cancel_sm, cancel},
      {replace_sm, replace_body()},
      {broadcast_sm, broadcast_body() + broadcast_tlvs},
      {query_broadcast_sm, query_body("0102030405060708")},
      {cancel_broadcast_sm, cancel_broadcast},
  };
  for (const auto& [command, body] : requests) {
    Owner owner;
    owner.answer_messages = false;
    owner.enter(State::bound_tx, 0x50);
    owner.give(PduBuilder(command, 5).raw(body).pdu());
    ASSERT_EQ(owner.events.size(), 1u) << command;
    EXPECT_EQ(owner.events[0].kind, EventKind::operation);
    EXPECT_EQ(owner.session.open_requests(), 1u);
    EXPECT_EQ(owner.events[0].message_id, command == broadcast_sm ? "" : "0102030405060708");
    const auto operation = smpp::operation_of(static_cast<Command>(command));
    ASSERT_TRUE(operation);
    EXPECT_EQ(owner.events[0].operation, *operation);
    OperationAnswer answer;
    answer.state = MessageState::delivered;
    answer.error = 7;
    owner.session.answer_operation(*operation, 5, "abc", answer);
    EXPECT_EQ(owner.sent(),
              command == query_sm
                  ? PduBuilder(command | resp, 5).c_string("abc").c_string("").i1(2).i1(7).pdu()
              : command == broadcast_sm ? PduBuilder(command | resp, 5).c_string("abc").pdu()
              : command == query_broadcast_sm
                  ? PduBuilder(command | resp, 5).c_string("abc").raw(tlv(0x0427, "\x02")).pdu()
                  : PduBuilder(command | resp, 5).pdu());
    EXPECT_EQ(owner.session.open_requests(), 0u);

    // Cut anywhere, it is too short.
    const std::size_t mandatory = command == broadcast_sm ? broadcast_body().size() : body.size();
    for (std::size_t size = 0; size < mandatory; ++size) {
      owner.give(PduBuilder(command, 5).raw(body.substr(0, size)).pdu());
      EXPECT_EQ(status_sent(owner, command | resp), Status::ESME_RINVCMDLEN);
    }
    owner.give(PduBuilder(command, 5).raw(body + "\x01").pdu());
    EXPECT_EQ(status_sent(owner, command | resp), Status::ESME_RINVTLVSTREAM);
  }
}

// Aim: times in operations are checked, and broadcasts need their four TLVs. Method: a month 13;
// each TLV left out.
TEST(Requests, OperationFaults) {
  Owner owner;
  owner.enter(State::bound_tx, 0x50);
  owner.give(PduBuilder(replace_sm, 5).raw(replace_body("261301000000000+")).pdu());
  EXPECT_EQ(status_sent(owner, replace_sm | resp), Status::ESME_RINVEXPIRY);
  owner.give(PduBuilder(broadcast_sm, 5)
                 .raw(broadcast_body("261301000000000+"))
                 .raw(broadcast_tlvs)
                 .pdu());
  EXPECT_EQ(status_sent(owner, broadcast_sm | resp), Status::ESME_RINVEXPIRY);
  for (const std::size_t left_out : {0u, 6u, 13u, 19u}) {
    std::string tlvs = broadcast_tlvs;
    const std::size_t size = 4 + load_be16(as_octets(tlvs).data() + left_out + 2);
    tlvs.erase(left_out, size);
    owner.give(PduBuilder(broadcast_sm, 5).raw(broadcast_body()).raw(tlvs).pdu());
    EXPECT_EQ(status_sent(owner, broadcast_sm | resp), Status::ESME_RMISSINGTLV) << left_out;
  }
  owner.give(PduBuilder(query_sm, 5).raw(query_body(std::string(65, 'i'))).pdu());
  EXPECT_EQ(status_sent(owner, query_sm | resp), Status::ESME_RINVMSGID);
  EXPECT_TRUE(owner.events.empty());
}

// Aim: Kannel's replace_sm is read where the account says so, and is a fault elsewhere. Method: a
// service_type in front; one that never ends.
TEST(Requests, KannelReplace) {
  Owner owner;
  owner.quirks.replace_sm_service_type = true;
  owner.enter(State::bound_tx);
  owner.give(PduBuilder(replace_sm, 5).c_string("CMT").raw(replace_body()).pdu());
  EXPECT_EQ(owner.count(EventKind::operation), 1u);
  EXPECT_EQ(status_sent(owner, replace_sm | resp), Status::ESME_ROK);
  owner.give(PduBuilder(replace_sm, 5).raw("toolong").raw(replace_body()).pdu());
  EXPECT_EQ(status_sent(owner, replace_sm | resp), Status::ESME_RINVSERTYP);
}

// Aim: id formats, a NUL in error responses, and another interface_version belong to the account.
// Method: one owner for each.
TEST(Requests, Quirks) {
  const std::pair<IdFormat, std::string> formats[] = {
      {IdFormat::decimal, "72623859790382856"},
      {IdFormat::uuid, "01020304-0506-8070-8800-000000000000"},
  };
  for (const auto& [format, text] : formats) {
    Owner owner;
    owner.quirks.message_id = format;
    owner.enter(State::bound_tx);
    owner.give(ShortMessageSpec{}.pdu(5));
    const std::string sent = owner.sent();
    EXPECT_EQ(sent.substr(16, sent.size() - 17).size(), text.size());
    if (format == IdFormat::decimal) {
      EXPECT_EQ(sent, PduBuilder(submit_sm | resp, 5).c_string(text).pdu());
    }
  }
  Owner owner;
  owner.quirks.error_body = ErrorBody::nul;
  owner.quirks.interface_version = 0x33;
  owner.enter(State::bound_tx, 0x34);
  EXPECT_EQ(owner.session.interface_version(), 0x33);
  ShortMessageSpec wrong;
  wrong.destination = "letters";
  owner.give(wrong.pdu(5));
  EXPECT_EQ(owner.sent(), PduBuilder(submit_sm | resp, 5, 0x0B).i1(0).pdu());
  owner.give(ShortMessageSpec{}.pdu(5));
  EXPECT_EQ(owner.sent(), PduBuilder(submit_sm | resp, 5).c_string("09060708").pdu());
}

// Aim: under load a 5.0 peer reads congestion_state in responses, good and bad; others do not, nor
// does anybody below "high". Method: both states, two versions.
TEST(Requests, CongestionState) {
  for (const unsigned version : {0x34u, 0x50u}) {
    for (const std::uint8_t state : {std::uint8_t{49}, std::uint8_t{80}}) {
      SessionLimits limits;
      limits.congestion_state = state;
      Owner owner(Role::smsc, limits);
      owner.enter(State::bound_tx, version);
      const std::string told = version == 0x50 && state == 80 ? tlv(0x0428, "\x50") : std::string();
      owner.give(ShortMessageSpec{}.pdu(5));
      EXPECT_EQ(owner.sent(),
                PduBuilder(submit_sm | resp, 5).c_string("0102030405060708").raw(told).pdu());
      ShortMessageSpec wrong;
      wrong.destination = "letters";
      owner.give(wrong.pdu(5));
      EXPECT_EQ(owner.sent(), PduBuilder(submit_sm | resp, 5, 0x0B).raw(told).pdu());
      owner.give(PduBuilder(cancel_sm, 5)
                     .c_string("")
                     .c_string("0102030405060708")
                     .i1(0)
                     .i1(0)
                     .c_string("1")
                     .i1(0)
                     .i1(0)
                     .c_string("")
                     .pdu());
      EXPECT_EQ(owner.sent(), PduBuilder(cancel_sm | resp, 5).raw(told).pdu());
    }
  }
}

// Aim: an alert goes to a bind that receives and to no other. Method: all bound states, and a tx
// pool that is used up.
TEST(Requests, Alert) {
  const Alert alert{{1, 2, "447700900123"}, {3, 4, "1000"}, true, 1};
  for (const State state : {State::open, State::bound_tx, State::bound_rx, State::bound_trx}) {
    Owner owner;
    owner.enter(state);
    const bool receives = state == State::bound_rx || state == State::bound_trx;
    EXPECT_EQ(owner.session.alert(alert), receives);
    EXPECT_EQ(owner.sent(), receives ? PduBuilder(alert_notification, 1)
                                           .i1(1)
                                           .i1(2)
                                           .c_string("447700900123")
                                           .i1(3)
                                           .i1(4)
                                           .c_string("1000")
                                           .raw(tlv(0x0422, "\x01"))
                                           .pdu()
                                     : "");
  }
}

// Aim: after an outbind the state is one from which a bind may come. Method: outbind, then bind.
TEST(Requests, OutbindThenBind) {
  Owner owner;
  owner.session.outbind("ringgate", "pw", owner.now);
  EXPECT_EQ(owner.sent(), PduBuilder(outbind, 1).c_string("ringgate").c_string("pw").pdu());
  EXPECT_EQ(owner.session.state(), State::outbound);
  owner.give(BindSpec{}.pdu(5));
  EXPECT_EQ(status_sent(owner, bind_transceiver | resp), Status::ESME_ROK);
}

// ---- the ESME's side

/// An ESME that is bound as transceiver.
class Esme : public Owner {
 public:
  Esme() : Owner(Role::esme) {
    smpp::Bind body;
    body.system_id = "esme";
    body.password = "secret";
    session.bind(Command::bind_transceiver, body, 10, now);
    sent();
    give(PduBuilder(bind_transceiver | resp, 1).c_string("smsc").pdu());
    events.clear();
  }
};

// Aim: an ESME takes deliver_sm and data_sm, with the text from the payload where it is there, and
// answers each with its own response. Method: both.
TEST(EsmeRequests, Deliveries) {
  Esme esme;
  ShortMessageSpec deliver = deliver_spec();
  deliver.short_message.clear();
  deliver.rest = tlv(0x0424, "payload");
  esme.give(deliver.pdu(5));
  esme.give(PduBuilder(data_sm, 6).raw(data_sm_body()).raw(tlv(0x0424, "data")).pdu());
  esme.give(PduBuilder(data_sm, 7).raw(data_sm_body()).pdu());
  ASSERT_EQ(esme.events.size(), 3u);
  EXPECT_EQ(esme.events[0].text, "payload");
  EXPECT_EQ(esme.events[1].kind, EventKind::deliver);
  EXPECT_EQ(esme.events[1].command, Command::data_sm);
  EXPECT_EQ(esme.events[1].text, "data");
  EXPECT_EQ(esme.events[2].text, "");
  EXPECT_EQ(esme.sent(), PduBuilder(5 | resp, 5).c_string("").pdu() +
                             PduBuilder(data_sm | resp, 6).c_string("").pdu() +
                             PduBuilder(data_sm | resp, 7).c_string("").pdu());
}

// Aim: alerts and outbinds are told to the owner; broken ones are passed over in silence, because
// nothing can be said about them. Method: whole and cut, before and after the bind.
TEST(EsmeRequests, Notifications) {
  const std::string alert = PduBuilder(alert_notification, 5)
                                .i1(1)
                                .i1(1)
                                .c_string("491701234567")
                                .i1(1)
                                .i1(1)
                                .c_string("4477")
                                .pdu();
  Esme esme;
  esme.give(alert);
  ASSERT_EQ(esme.events.size(), 1u);
  EXPECT_EQ(esme.events[0].kind, EventKind::alert);
  esme.give(PduBuilder(alert_notification, 5).i1(1).pdu());
  esme.give(alert.substr(0, 3) + static_cast<char>(alert.size() + 1) + alert.substr(4) + "x");
  EXPECT_EQ(esme.events.size(), 1u);
  EXPECT_EQ(esme.sent(), "");
  EXPECT_EQ(esme.cause(), CloseCause::none);

  Owner asked(Role::esme);
  asked.give(PduBuilder(outbind, 1).c_string("smsc").c_string("pw").pdu());
  ASSERT_EQ(asked.events.size(), 1u);
  EXPECT_EQ(asked.events[0].kind, EventKind::outbind);
  smpp::Bind body;
  body.system_id = "esme";
  asked.session.bind(Command::bind_receiver, body, 10, asked.now);
  EXPECT_NE(asked.sent(), "");
}

// Aim: the ESME's requests of every kind are answered with a response event that has the body.
// Method: a query_sm and its response.
TEST(EsmeRequests, Responses) {
  Esme esme;
  const Admit admit =
      esme.session.request(77, esme.now, 64, [](std::uint32_t sequence_number, std::uint8_t* to) {
        const std::string pdu =
            PduBuilder(query_sm, sequence_number).raw(query_body("0102030405060708")).pdu();
        std::memcpy(to, pdu.data(), pdu.size());
        return pdu.size();
      });
  ASSERT_EQ(admit, Admit::ok);
  EXPECT_EQ(esme.sent(), PduBuilder(query_sm, 2).raw(query_body("0102030405060708")).pdu());
  esme.give(
      PduBuilder(query_sm | resp, 2).c_string("0102030405060708").c_string("").i1(2).i1(0).pdu());
  ASSERT_EQ(esme.events.size(), 1u);
  EXPECT_EQ(esme.events[0].kind, EventKind::response);
  EXPECT_EQ(esme.events[0].command, Command::query_sm_resp);
  EXPECT_EQ(esme.events[0].token, 77u);
  EXPECT_EQ(esme.events[0].message_id, "0102030405060708");
}

// Aim: an ESME that has said unbind takes nothing new, nor does a message centre that has. Method:
// a request after start_unbind on either side.
TEST(EsmeRequests, WhileUnbinding) {
  Esme esme;
  esme.session.start_unbind(CloseCause::shutdown, esme.now);
  esme.sent();
  esme.give(deliver_spec().pdu(5));
  EXPECT_EQ(status_sent(esme, 5 | resp), Status::ESME_RINVBNDSTS);

  Owner smsc;
  smsc.enter(State::bound_trx);
  smsc.session.start_unbind(CloseCause::shutdown, smsc.now);
  smsc.sent();
  smsc.give(PduBuilder(query_sm, 5).raw(query_body("0102030405060708")).pdu());
  EXPECT_EQ(status_sent(smsc, query_sm | resp), Status::ESME_RINVBNDSTS);
}

// Aim: an empty tx pool ends no session and loses no answer. Method: a pool of one piece that is
// full, and each kind of answer.
TEST(Requests, AnswersAlwaysHaveMemory) {
  for (int kind = 0; kind < 5; ++kind) {
    OctetPool tx(4096, 1);
    ChunkPool carry(1024, 4);
    const SessionLimits limits;
    const QuirkOptions quirks;
    Now now{seconds(1), wall_start};
    SmppSession session(Role::smsc, limits, {tx, carry}, now);
    SmppEvent event;
    Content content;
    const std::string bind = BindSpec{}.pdu(1);
    session.on_bytes(as_octets(bind), now);
    ASSERT_TRUE(session.next_event(event, content));
    session.settle();
    if (kind != 0) session.accept_bind("smsc", 100, 100, quirks, now);
    for (const std::size_t size : {64u, 1u}) {
      while (tx.on_heap() == 0) {
        std::memset(session.output().reserve(size), 0, size);
        session.output().commit(size);
      }
    }
    std::string pdu = ShortMessageSpec{}.pdu(5);
    session.on_bytes(as_octets(pdu), now);
    if (kind != 0) {
      ASSERT_TRUE(session.next_event(event, content));
    }
    switch (kind) {
      case 0:
        session.accept_bind("smsc", 100, 100, quirks, now);
        break;
      case 1:
        session.answer_submit(RecordKind::submit_sm, 5, Status::ESME_ROK, MessageId{1});
        break;
      case 2:
        session.answer_submit(RecordKind::submit_sm, 5, Status::ESME_RSYSERR, MessageId{1});
        break;
      case 3:
        session.answer_submit_multi(5, MessageId{1}, {});
        break;
      default:
        EXPECT_TRUE(session.alert({}));
        break;
    }
    EXPECT_EQ(session.close_cause(), CloseCause::none) << kind;
    EXPECT_GT(tx.on_heap(), 0u) << kind;
    session.on_closed(CloseCause::peer);
    session.settle();
    session.output().clear();
  }
}

// Aim: half a header says how long its PDU is, and nothing that has not come yet. Method: every
// piece of the header of a response, each in memory of its own (the address sanitizer looks).
TEST(Requests, HalfAHeaderIsNotReadBeyond) {
  testing::Owner owner;
  const std::string response = PduBuilder(0x80000005, 7).pdu(33);
  for (std::size_t size = 0; size <= response.size(); ++size) {
    const std::vector<std::uint8_t> head(response.begin(),
                                         response.begin() + static_cast<std::ptrdiff_t>(size));
    const HeldHead found = owner.session.look_at(head);
    EXPECT_FALSE(found.is_lost);
    EXPECT_EQ(found.size, size < 4 ? 0U : 33U);
    EXPECT_EQ(found.may_overtake, size == response.size());
  }
}

}  // namespace
}  // namespace ringgate::testing

// Malformed input, row by row (A1 to A38): what comes back, and whether the session goes on.
#include <gtest/gtest.h>

#include <functional>

#include "base/hex.h"
#include "json/fields.h"
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

constexpr State open_and_bound[] = {State::open, State::bound_tx, State::bound_rx,
                                    State::bound_trx};
constexpr std::uint32_t number = 0x55;  // sequence_number of every row that can carry one

bool submits(State state) { return state == State::bound_tx || state == State::bound_trx; }

struct Row {
  std::string name;
  std::string input;
  /// Exact octets that come back in that state.
  std::function<std::string(State)> answer;
  bool closes = false;
  unsigned version = 0x34;
  /// Where the octets of a header arrive one by one, the answer goes out before its
  /// sequence_number is there.
  bool answers_early = false;
  /// Text of the submit event, where one is expected.
  std::string text = {};
};

std::string nack(Status status, std::uint32_t sequence_number) {
  return header_only(0x80000000, sequence_number, status);
}

std::function<std::string(State)> always(std::string answer) {
  return [answer = std::move(answer)](State) { return answer; };
}

/// The answer to a submit_sm: `status` where submits are allowed.
std::function<std::string(State)> to_submit(Status status, std::uint32_t sequence = number) {
  return [=](State state) {
    if (!submits(state)) return header_only(0x80000004, sequence, Status::ESME_RINVBNDSTS);
    if (status == Status::ESME_ROK) return submit_resp(sequence);
    return header_only(0x80000004, sequence, status);
  };
}

/// The answer to a bind: `open` while there is none yet.
std::function<std::string(State)> to_bind(std::uint32_t command_id, std::string open) {
  return [=](State state) {
    if (state == State::open) return open;
    return header_only(command_id | 0x80000000, number, Status::ESME_RALYBND);
  };
}

template <class F>
Row submit_row(std::string name, Status status, F&& change, unsigned version = 0x34) {
  ShortMessageSpec spec;
  change(spec);
  return {"submit_sm " + std::move(name), spec.pdu(number), to_submit(status), false, version};
}

template <class F>
Row bind_row(std::string name, Status status, F&& change) {
  BindSpec spec;
  change(spec);
  const std::string open = status == Status::ESME_ROK
                               ? bind_resp(spec.command_id, number, spec.interface_version)
                               : header_only(spec.command_id | 0x80000000, number, status);
  return {"bind " + std::move(name), spec.pdu(number), to_bind(spec.command_id, open)};
}

/// Runs one row in one state, cut and surrounded in one way.
class Run {
 public:
  Run(const Row& row, State state) : row_(row), state_(state) {
    owner_.enter(state, row.version);
    EXPECT_EQ(owner_.session.state(), state);
  }

  void whole() {
    owner_.give(row_.input);
    expect(row_.answer(state_));
  }

  void octet_by_octet() {
    std::size_t given = 0;
    for (const char& c : row_.input) {
      if (owner_.cause() != CloseCause::none) break;
      owner_.give(std::string_view(&c, 1));
      ++given;
    }
    if (!row_.closes) {
      EXPECT_EQ(given, row_.input.size());
    }
    expect(row_.answers_early ? nack(Status::ESME_RINVCMDLEN, 0) : row_.answer(state_));
  }

  /// Between two PDUs, in one piece: the neighbours are answered as if nothing were there.
  void glued(const std::string& neighbour, const std::string& first, const std::string& answer,
             const std::string& second) {
    owner_.give(neighbour + row_.input + neighbour);
    expect(first + answer + (row_.closes ? std::string() : second));
  }

 private:
  void expect(const std::string& answer) {
    EXPECT_EQ(to_hex(as_octets(owner_.sent())), to_hex(as_octets(answer)));
    EXPECT_EQ(owner_.cause(), row_.closes ? CloseCause::framing : CloseCause::none);
    if (row_.closes) return;
    // Nothing is left behind: the session still answers, and holds no memory for the past.
    owner_.give(header_only(0x00000015, 77));
    EXPECT_EQ(owner_.sent(), header_only(0x80000015, 77));
    EXPECT_EQ(owner_.pools.carry.in_use(), 0u);
    EXPECT_EQ(owner_.pools.tx.in_use(), 0u);
    EXPECT_EQ(owner_.session.open_requests(), 0u);
    if (!row_.text.empty() && submits(state_)) {
      bool found = false;
      for (const testing::SeenEvent& event : owner_.events)
        found = found || event.text == row_.text;
      EXPECT_TRUE(found) << "no submit with the text " << row_.text;
    }
  }

  const Row& row_;
  State state_;
  Owner owner_;
};

/// The row in that state: before the bind, a PDU longer than any bind is lost framing, whatever it
/// says.
Row in_state(const Row& row, State state) {
  Row out = row;
  if (state == State::open && row.input.size() > SessionLimits{}.unbound_pdu_size_max) {
    out.answer = always(nack(Status::ESME_RINVCMDLEN, load_be32(as_octets(row.input).data() + 12)));
    out.closes = out.answers_early = true;
  }
  return out;
}

void run(const std::vector<Row>& rows) {
  for (const Row& any : rows) {
    for (const State state : open_and_bound) {
      const Row row = in_state(any, state);
      SCOPED_TRACE(row.name + " in state " + std::to_string(static_cast<int>(state)));
      {
        SCOPED_TRACE("whole");
        Run(row, state).whole();
      }
      {
        SCOPED_TRACE("octet by octet");
        Run(row, state).octet_by_octet();
      }
      {
        SCOPED_TRACE("between two enquire_links");
        Run(row, state)
            .glued(header_only(0x15, 900), header_only(0x80000015, 900), row.answer(state),
                   header_only(0x80000015, 900));
      }
      if (submits(state)) {
        SCOPED_TRACE("between two submits");
        // Message ids count on: where the row is a good submit itself, it has the second one.
        std::string answer = row.answer(state);
        const std::uint32_t own = load_be32(as_octets(row.input).data() + 12);
        const bool counts = answer == submit_resp(own);
        if (counts) answer = submit_resp(own, "0102030405060709");
        Run(row, state)
            .glued(ShortMessageSpec{}.pdu(901), submit_resp(901), answer,
                   submit_resp(901, counts ? "010203040506070a" : "0102030405060709"));
      }
    }
  }
}

// Aim and method of all tests below: run() gives each row's octets whole, octet by octet and
// between neighbours, in the states Open, TX, RX and TRX, and compares every octet that comes back.

TEST(Hostile, A1LengthBelowHeader) {
  std::vector<Row> rows;
  for (const std::uint32_t length : {0u, 1u, 4u, 15u}) {
    rows.push_back({"length " + std::to_string(length), PduBuilder(4, number).pdu(length),
                    always(nack(Status::ESME_RINVCMDLEN, number)), true, 0x34, true});
  }
  run(rows);
}

TEST(Hostile, A2LengthAboveMaximum) {
  std::vector<Row> rows;
  for (const std::uint32_t length : {70'001u, 0x00100000u, 0x80000010u, 0xFFFFFFFFu}) {
    rows.push_back({"length " + std::to_string(length), PduBuilder(4, number).pdu(length),
                    always(nack(Status::ESME_RINVCMDLEN, number)), true, 0x34, true});
  }
  run(rows);
  // The answer does not wait for the body, nor even for the rest of the header.
  Owner owner;
  owner.give(octets("\xFF\xFF\xFF\xFF"));
  EXPECT_EQ(owner.sent(), nack(Status::ESME_RINVCMDLEN, 0));
  EXPECT_EQ(owner.cause(), CloseCause::framing);
}

TEST(Hostile, A3OtherProtocols) {
  std::vector<Row> rows;
  for (const std::string& hello :
       {octets("GET / HTTP/1.1\r\nHost: example\r\n\r\n"), octets("SSH-2.0-OpenSSH_9.2p1\r\n"),
        octets("\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03\x11\x22\x33\x44\x55\x66\x77\x88"),
        std::string(1 << 20, '\0')}) {
    const std::uint32_t sequence = load_be32(as_octets(hello).data() + 12);
    rows.push_back({hello.substr(0, 3), hello, always(nack(Status::ESME_RINVCMDLEN, sequence)),
                    true, 0x34, true});
  }
  run(rows);
}

TEST(Hostile, A6UnknownRequests) {
  std::vector<Row> rows;
  for (const std::uint32_t id : {0x00000000u, 0x0000000Au, 0x00000022u, 0x00000023u, 0x00000024u,
                                 0x00010200u, 0x000102FFu, 0x01000001u, 0x7FFFFFFFu}) {
    rows.push_back({"header " + std::to_string(id), header_only(id, number),
                    always(nack(Status::ESME_RINVCMDID, number))});
    rows.push_back({"body " + std::to_string(id), PduBuilder(id, number).raw("anything").pdu(),
                    always(nack(Status::ESME_RINVCMDID, number))});
  }
  run(rows);
}

TEST(Hostile, A7UnwantedResponses) {
  std::vector<Row> rows;
  for (const std::uint32_t id :
       {0x80000000u, 0x80000001u, 0x80000003u, 0x80000004u, 0x80000005u, 0x80000009u, 0x80000015u,
        0x80000103u, 0x80000ABCu, 0x80010200u, 0xFFFFFFFFu}) {
    for (const Status status : {Status::ESME_ROK, Status::ESME_RSYSERR})
      rows.push_back({"id " + std::to_string(id), header_only(id, number, status), always("")});
  }
  run(rows);
}

TEST(Hostile, A7ManyInARowClose) {
  Owner owner;
  owner.enter(State::bound_trx);
  for (int i = 0; i < 99; ++i) owner.give(header_only(0x80000005, number));
  EXPECT_EQ(owner.cause(), CloseCause::none);
  owner.give(header_only(0x80000005, number));
  EXPECT_EQ(owner.cause(), CloseCause::unwanted_responses);
  EXPECT_EQ(owner.sent(), "");
}

// Aim: "in a row" means with nothing sensible between. Method: a request of each kind halfway.
TEST(Hostile, A7RequestsBreakTheRow) {
  for (const std::string& between : {header_only(0x15, 1), ShortMessageSpec{}.pdu(1)}) {
    Owner owner;
    owner.enter(State::bound_trx);
    for (int i = 0; i < 99; ++i) owner.give(header_only(0x80000005, number));
    owner.give(between);
    for (int i = 0; i < 99; ++i) owner.give(header_only(0x80000005, number));
    EXPECT_EQ(owner.cause(), CloseCause::none);
  }
}

// Aim: only the response that belongs to a request ends it; otherwise a receipt would count as
// delivered that nobody has taken. Method: wrong responses under its sequence_number, then the
// right one.
TEST(Hostile, A7WrongResponseEndsNothing) {
  for (const std::uint32_t id : {0x80000ABCu, 0x80010200u, 0x80000004u, 0x80000009u}) {
    Owner owner;
    owner.enter(State::bound_trx);
    ASSERT_EQ(owner.request(42, deliver_spec()), Admit::ok);
    const std::uint32_t sequence = load_be32(as_octets(owner.sent()).data() + 12);
    owner.give(header_only(id, sequence));
    EXPECT_EQ(owner.count(EventKind::response), 0u) << id;
    EXPECT_EQ(owner.session.window().open_count(), 1u) << id;
    EXPECT_EQ(owner.sent(), "");
    owner.give(header_only(0x80000005, sequence));
    EXPECT_EQ(owner.count(EventKind::response), 1u) << id;
  }
}

TEST(Hostile, A8A10RequestsInTheWrongState) {
  std::vector<Row> rows;
  rows.push_back({"submit_sm", ShortMessageSpec{}.pdu(number), to_submit(Status::ESME_ROK)});
  rows.push_back({"deliver_sm from an ESME", deliver_spec().pdu(number),
                  always(header_only(0x80000005, number, Status::ESME_RINVBNDSTS))});
  run(rows);
  // A10: an answer to a deliver_sm that a transmitter was never sent.
  run({{"deliver_sm_resp", PduBuilder(0x80000005, number).c_string("").pdu(), always("")}});
  Owner owner;
  owner.give(header_only(0x00000006, number));
  EXPECT_EQ(owner.sent(), header_only(0x80000006, number, Status::ESME_RINVBNDSTS));
  EXPECT_EQ(owner.cause(), CloseCause::none);
}

TEST(Hostile, A9A13Binds) {
  std::vector<Row> rows;
  for (const std::uint32_t command : {1u, 2u, 9u}) {
    rows.push_back(bind_row("command " + std::to_string(command), Status::ESME_ROK,
                            [&](BindSpec& spec) { spec.command_id = command; }));
  }
  for (const unsigned version : {0x00u, 0x33u, 0x34u, 0x35u, 0x50u, 0x51u, 0xFFu}) {
    rows.push_back(bind_row("version " + std::to_string(version), Status::ESME_ROK,
                            [&](BindSpec& spec) { spec.interface_version = version; }));
  }
  run(rows);
}

TEST(Hostile, A12BindFields) {
  run({
      bind_row("system_id of 15", Status::ESME_ROK,
               [](BindSpec& spec) { spec.system_id.assign(15, 's'); }),
      bind_row("system_id of 16", Status::ESME_RINVSYSID,
               [](BindSpec& spec) { spec.system_id.assign(16, 's'); }),
      bind_row("system_id of 60", Status::ESME_RINVSYSID,
               [](BindSpec& spec) { spec.system_id.assign(60, 's'); }),
      bind_row("password of 8", Status::ESME_ROK,
               [](BindSpec& spec) { spec.password.assign(8, 'p'); }),
      bind_row("password of 9", Status::ESME_RINVPASWD,
               [](BindSpec& spec) { spec.password.assign(9, 'p'); }),
      bind_row("system_type of 12", Status::ESME_ROK,
               [](BindSpec& spec) { spec.system_type.assign(12, 't'); }),
      bind_row("system_type of 13", Status::ESME_RINVSYSTYP,
               [](BindSpec& spec) { spec.system_type.assign(13, 't'); }),
      bind_row("address_range of 40", Status::ESME_ROK,
               [](BindSpec& spec) { spec.address_range.assign(40, 'a'); }),
      bind_row("address_range of 41", Status::ESME_RBINDFAIL,
               [](BindSpec& spec) { spec.address_range.assign(41, 'a'); }),
      {"bind without a body", header_only(9, number),
       to_bind(9, header_only(0x80000009, number, Status::ESME_RINVCMDLEN))},
      {"bind that ends in its password", PduBuilder(9, number).c_string("esme").raw("se").pdu(),
       to_bind(9, header_only(0x80000009, number, Status::ESME_RINVCMDLEN))},
  });
}

TEST(Hostile, A14TextWithoutEnd) {
  run({
      submit_row("service_type of 6", Status::ESME_RINVSERTYP,
                 [](ShortMessageSpec& spec) { spec.service_type = "123456"; }),
      submit_row("source of 21", Status::ESME_RINVSRCADR,
                 [](ShortMessageSpec& spec) { spec.source.assign(21, '1'); }),
      submit_row("source of 20", Status::ESME_ROK,
                 [](ShortMessageSpec& spec) { spec.source.assign(20, '1'); }),
      submit_row("destination of 21", Status::ESME_RINVDSTADR,
                 [](ShortMessageSpec& spec) { spec.destination.assign(21, '1'); }),
      submit_row("destination of 200", Status::ESME_RINVDSTADR,
                 [](ShortMessageSpec& spec) { spec.destination.assign(200, '1'); }),
  });
}

TEST(Hostile, A15EndsEarly) {
  const std::string body = ShortMessageSpec{}.body();
  std::vector<Row> rows;
  for (std::size_t size = 0; size < body.size(); ++size) {
    rows.push_back({"body of " + std::to_string(size),
                    PduBuilder(4, number).raw(body.substr(0, size)).pdu(),
                    to_submit(Status::ESME_RINVCMDLEN)});
  }
  run(rows);
}

TEST(Hostile, A16Destinations) {
  run({
      submit_row("empty destination", Status::ESME_RINVDSTADR,
                 [](ShortMessageSpec& spec) { spec.destination = ""; }),
      submit_row("letters in destination", Status::ESME_RINVDSTADR,
                 [](ShortMessageSpec& spec) { spec.destination = "44abc"; }),
      submit_row("20 digits", Status::ESME_ROK,
                 [](ShortMessageSpec& spec) { spec.destination.assign(20, '4'); }),
      // A17, lenient by default.
      submit_row("reserved TON and NPI", Status::ESME_ROK,
                 [](ShortMessageSpec& spec) {
                   spec.source_ton = spec.dest_ton = 7;
                   spec.source_npi = spec.dest_npi = 255;
                 }),
  });
}

TEST(Hostile, A18Times) {
  std::vector<Row> rows;
  for (const char* bad : {"26010100000000+", "20260101000000000000", "261301000000000+",
                          "260101000000049+", "000001000000100R", "251231235959000+"}) {
    rows.push_back(submit_row(std::string("schedule ") + bad, Status::ESME_RINVSCHED,
                              [&](ShortMessageSpec& spec) { spec.schedule_delivery_time = bad; }));
    rows.push_back(submit_row(std::string("validity ") + bad, Status::ESME_RINVEXPIRY,
                              [&](ShortMessageSpec& spec) { spec.validity_period = bad; }));
  }
  rows.push_back(submit_row("good times", Status::ESME_ROK, [](ShortMessageSpec& spec) {
    spec.schedule_delivery_time = "300101000000000+";
    spec.validity_period = "000002000000000R";
  }));
  run(rows);
}

TEST(Hostile, A19A20Lengths) {
  run({
      submit_row("sm_length one too large", Status::ESME_RINVCMDLEN,
                 [](ShortMessageSpec& spec) { spec.sm_length = 6; }),
      submit_row("sm_length 255 of 5", Status::ESME_RINVCMDLEN,
                 [](ShortMessageSpec& spec) { spec.sm_length = 255; }),
      submit_row("255 octets in 3.4", Status::ESME_RINVMSGLEN,
                 [](ShortMessageSpec& spec) { spec.short_message.assign(255, 'x'); }),
      submit_row("254 octets in 3.4", Status::ESME_ROK,
                 [](ShortMessageSpec& spec) { spec.short_message.assign(254, 'x'); }),
      submit_row(
          "255 octets in 5.0", Status::ESME_ROK,
          [](ShortMessageSpec& spec) { spec.short_message.assign(255, 'x'); }, 0x50),
      submit_row("sm_length smaller, rest no TLV", Status::ESME_RINVTLVSTREAM,
                 [](ShortMessageSpec& spec) { spec.sm_length = 2; }),
      submit_row("sm_length smaller, rest a TLV", Status::ESME_ROK,
                 [](ShortMessageSpec& spec) {
                   spec.sm_length = 5;
                   spec.rest = tlv(0x1400, "vendor");
                 }),
  });
}

TEST(Hostile, A21TextTwice) {
  const auto both = [](ShortMessageSpec& spec) { spec.rest = tlv(0x0424, "payload"); };
  Row supersedes = submit_row("both texts in 5.0", Status::ESME_ROK, both, 0x50);
  supersedes.text = "payload";
  run({submit_row("both texts in 3.4", Status::ESME_RTLVNOTALLWD, both), supersedes});
}

TEST(Hostile, A22UserDataHeader) {
  const auto udh = [](const std::string& name, const std::string& text, Status status) {
    return submit_row(name, status, [&](ShortMessageSpec& spec) {
      spec.esm_class = 0x40;
      spec.short_message = text;
    });
  };
  run({
      udh("UDHI without text", "", Status::ESME_RINVESMCLASS),
      udh("UDHL 0", octets("\x00text"), Status::ESME_RINVESMCLASS),
      udh("UDHL past the text", octets("\x05\x00\x03\x01"), Status::ESME_RINVESMCLASS),
      udh("element past the header", octets("\x05\x00\x04\x01\x02\x01text"),
          Status::ESME_RINVESMCLASS),
      udh("unknown element", octets("\x03\x77\x01\x01text"), Status::ESME_ROK),
  });
}

TEST(Hostile, A23ReservedValues) {
  const auto with = [](const char* name, unsigned ShortMessageSpec::*field, unsigned value,
                       Status status, unsigned version = 0x34) {
    return submit_row(
        std::string(name) + " " + std::to_string(value), status,
        [&](ShortMessageSpec& spec) { spec.*field = value; }, version);
  };
  std::vector<Row> rows;
  for (const unsigned value : {0x04u, 0x0Cu, 0x14u, 0x18u, 0x20u, 0x3Cu})
    rows.push_back(
        with("esm_class", &ShortMessageSpec::esm_class, value, Status::ESME_RINVESMCLASS));
  for (const unsigned value : {4u, 255u})
    rows.push_back(
        with("priority_flag", &ShortMessageSpec::priority_flag, value, Status::ESME_RINVPRTFLG));
  for (const unsigned value : {0x20u, 0x40u, 0x80u, 0xFFu})
    rows.push_back(with("registered_delivery", &ShortMessageSpec::registered_delivery, value,
                        Status::ESME_RINVREGDLVFLG));
  for (const unsigned value : {2u, 255u})
    rows.push_back(with("replace_if_present_flag", &ShortMessageSpec::replace_if_present_flag,
                        value, Status::ESME_RINVREPFLAG));
  for (const unsigned value : {11u, 12u, 15u, 0x80u, 0xBFu, 0xE0u, 0xEFu}) {
    rows.push_back(
        with("data_coding", &ShortMessageSpec::data_coding, value, Status::ESME_RSUBMITFAIL));
    rows.push_back(with("data_coding in 5.0", &ShortMessageSpec::data_coding, value,
                        Status::ESME_RINVDCS, 0x50));
  }
  for (const unsigned value : {0u, 3u, 4u, 8u, 0x10u, 0x18u, 0xC8u, 0xF5u})
    rows.push_back(with("data_coding", &ShortMessageSpec::data_coding, value, Status::ESME_ROK));
  run(rows);
}

TEST(Hostile, A24A28Tlvs) {
  const auto with = [](const char* name, std::string rest, Status status) {
    return submit_row(name, status, [&](ShortMessageSpec& spec) { spec.rest = std::move(rest); });
  };
  std::string many, most;
  for (int i = 0; i < 10'000; ++i) many += tlv(0x1400, "");
  for (unsigned i = 0; i < smpp::tlv_count_max; ++i) most += tlv(0x1400, "");
  Row first_counts = submit_row("payload twice", Status::ESME_ROK, [](ShortMessageSpec& spec) {
    spec.short_message.clear();
    spec.rest = tlv(0x0424, "first") + tlv(0x0424, "second");
  });
  first_counts.text = "first";
  run({
      with("A24 one stray octet", octets("\x00"), Status::ESME_RINVTLVSTREAM),
      with("A24 two", octets("\x02\x04"), Status::ESME_RINVTLVSTREAM),
      with("A24 three", octets("\x02\x04\x00"), Status::ESME_RINVTLVSTREAM),
      with("A24 past the end", octets("\x02\x04\x00\x02\x01"), Status::ESME_RINVTLVSTREAM),
      with("A24 stray octet behind a TLV", tlv(0x0204, "ab") + "x", Status::ESME_RINVTLVSTREAM),
      with("A25 wrong length", tlv(0x0204, "a"), Status::ESME_RINVTLVLEN),
      with("A25 no value", tlv(0x0005, ""), Status::ESME_RINVTLVLEN),
      with("A26 unknown tag", tlv(0x0002, "anything"), Status::ESME_ROK),
      with("A26 vendor tag", tlv(0x3FFF, "anything"), Status::ESME_ROK),
      with("A26 out of place", tlv(0x0427, "\x02"), Status::ESME_ROK),
      with("A27 twice", tlv(0x0204, "ab") + tlv(0x0204, "cd"), Status::ESME_ROK),
      first_counts,
      with("A28 ten thousand", many, Status::ESME_RINVTLVSTREAM),
      with("A28 as many as allowed", most, Status::ESME_ROK),
      // A30: fewer than three sar_* parameters mean nothing.
      with("A30 sar alone", tlv(0x020E, "\x02"), Status::ESME_ROK),
  });
}

TEST(Hostile, A33SequenceNumbers) {
  std::vector<Row> rows;
  for (const std::uint32_t sequence : {0u, 0x7FFFFFFFu, 0x80000000u, 0xFFFFFFFFu}) {
    const std::string name = std::to_string(sequence);
    rows.push_back({"submit " + name, ShortMessageSpec{}.pdu(sequence),
                    to_submit(Status::ESME_ROK, sequence)});
    rows.push_back({"enquire_link " + name, header_only(0x15, sequence),
                    always(header_only(0x80000015, sequence))});
    rows.push_back({"unknown " + name, header_only(0x0A, sequence),
                    always(nack(Status::ESME_RINVCMDID, sequence))});
  }
  run(rows);
}

TEST(Hostile, A33DuplicatesAreAnsweredEach) {
  Owner owner;
  owner.enter(State::bound_trx);
  owner.answer_messages = false;
  owner.give(ShortMessageSpec{}.pdu(5) + ShortMessageSpec{}.pdu(5));
  EXPECT_EQ(owner.count(EventKind::submit), 2u);
  owner.session.answer_submit(RecordKind::submit_sm, 5, Status::ESME_ROK, {Owner::first_id});
  owner.session.answer_submit(RecordKind::submit_sm, 5, Status::ESME_RTHROTTLED, {});
  EXPECT_EQ(owner.sent(), submit_resp(5) + header_only(0x80000004, 5, Status::ESME_RTHROTTLED));
  EXPECT_EQ(owner.session.open_requests(), 0u);
}

TEST(Hostile, A34StatusInRequests) {
  ShortMessageSpec spec;
  spec.command_status = 0x000000FF;
  run({{"submit", spec.pdu(number), to_submit(Status::ESME_ROK)},
       {"enquire_link", header_only(0x15, number, Status::ESME_RSYSERR),
        always(header_only(0x80000015, number))}});
}

// Aim: A35: every form of deliver_sm_resp ends its request and carries its status. Method: no body,
// one NUL, text, text without NUL, far too much; each with the statuses of the row.
TEST(Hostile, A35DeliverResponses) {
  for (const std::string& body : {octets(""), octets("\0"), octets("an id\0"), octets("no end"),
                                  std::string(500, 'x'), octets("\0\x04\x27\x00")}) {
    for (const std::uint32_t status :
         {0x00u, 0x64u, 0x65u, 0x66u, 0x14u, 0x58u, 0x08u, 0x0400u, 0xFFFFFFFFu}) {
      Owner owner;
      owner.enter(State::bound_rx);
      ASSERT_EQ(owner.request(42, deliver_spec()), Admit::ok);
      const std::uint32_t sequence = load_be32(as_octets(owner.sent()).data() + 12);
      owner.give(PduBuilder(0x80000005, sequence, status).raw(body).pdu());
      ASSERT_EQ(owner.events.size(), 1u);
      EXPECT_EQ(owner.events[0].kind, EventKind::response);
      EXPECT_EQ(owner.events[0].token, 42u);
      EXPECT_TRUE(owner.events[0].answered);
      EXPECT_EQ(static_cast<std::uint32_t>(owner.events[0].status), status);
      EXPECT_EQ(owner.sent(), "");
      EXPECT_EQ(owner.session.window().open_count(), 0u);
    }
  }
}

// Aim: A36: what follows an unbind is refused, and the link ends. Method: unbind and requests in
// one piece.
TEST(Hostile, A36RequestsAfterUnbind) {
  for (const State state : {State::bound_tx, State::bound_rx, State::bound_trx}) {
    Owner owner;
    owner.enter(state);
    owner.give(header_only(6, 10) + ShortMessageSpec{}.pdu(11) + BindSpec{}.pdu(12) +
               header_only(6, 13) + header_only(0x15, 14));
    EXPECT_EQ(owner.sent(), header_only(0x80000006, 10) +
                                header_only(0x80000004, 11, Status::ESME_RINVBNDSTS) +
                                header_only(0x80000009, 12, Status::ESME_RINVBNDSTS) +
                                header_only(0x80000006, 13, Status::ESME_RINVBNDSTS) +
                                header_only(0x80000015, 14));
    owner.sleep(owner.limits.unbind);
    EXPECT_EQ(owner.cause(), CloseCause::unbound);
  }
}

TEST(Hostile, A36UnbindRespWithoutUnbind) {
  run({{"unbind_resp", header_only(0x80000006, number), always("")}});
}

// Aim: A36: both sides unbind at once, and both are answered. Method: our unbind crosses theirs.
TEST(Hostile, A36BothUnbind) {
  Owner owner;
  owner.enter(State::bound_trx);
  owner.session.start_unbind(CloseCause::shutdown, owner.now);
  const std::uint32_t sequence = load_be32(as_octets(owner.sent()).data() + 12);
  owner.give(header_only(6, 10));
  EXPECT_EQ(owner.sent(), header_only(0x80000006, 10));
  owner.give(header_only(0x80000006, sequence));
  EXPECT_NE(owner.cause(), CloseCause::none);
}

// Aim: A37: enquire_link before the bind is answered and does not extend the bind timer. Method:
// one every millisecond.
TEST(Hostile, A37EnquireLinkBeforeBind) {
  Owner owner;
  const Nanos end = owner.now.mono + owner.limits.session_init;
  std::uint32_t sequence = 0;
  while (owner.cause() == CloseCause::none && owner.now.mono < end + seconds(1)) {
    EXPECT_EQ(owner.session.deadline(), end);
    owner.give(header_only(0x15, ++sequence));
    EXPECT_EQ(owner.sent(), header_only(0x80000015, sequence));
    owner.sleep(milliseconds(1));
  }
  EXPECT_EQ(owner.cause(), CloseCause::session_init);
  EXPECT_EQ(owner.now.mono, end);
}

// Aim: A38: generic_nack fails the request it names; one that names none fails none. Method: both,
// then silence until the timer.
TEST(Hostile, A38GenericNack) {
  Owner owner;
  owner.enter(State::bound_trx);
  ASSERT_EQ(owner.request(42, deliver_spec()), Admit::ok);
  const std::uint32_t sequence = load_be32(as_octets(owner.sent()).data() + 12);
  ASSERT_EQ(owner.request(43, deliver_spec()), Admit::ok);
  owner.give(nack(Status::ESME_RINVCMDID, sequence));
  ASSERT_EQ(owner.events.size(), 1u);
  EXPECT_EQ(owner.events[0].token, 42u);
  EXPECT_EQ(owner.events[0].command, smpp::Command::generic_nack);
  EXPECT_EQ(owner.events[0].status, Status::ESME_RINVCMDID);
  EXPECT_TRUE(owner.events[0].answered);
  owner.give(nack(Status::ESME_RINVCMDLEN, 0));
  EXPECT_EQ(owner.events.size(), 1u);
  owner.sleep(owner.limits.response);
  ASSERT_EQ(owner.events.size(), 2u);
  EXPECT_EQ(owner.events[1].token, 43u);
  EXPECT_FALSE(owner.events[1].answered);
  EXPECT_EQ(owner.cause(), CloseCause::none);
}

// Aim: A38: a generic_nack that says "no error" says so all the same of a request that failed.
// Method: command_status 0.
TEST(Hostile, A38GenericNackIsNeverSuccess) {
  Owner owner;
  owner.enter(State::bound_trx);
  ASSERT_EQ(owner.request(42, deliver_spec()), Admit::ok);
  const std::uint32_t sequence = load_be32(as_octets(owner.sent()).data() + 12);
  owner.give(nack(Status::ESME_ROK, sequence));
  ASSERT_EQ(owner.events.size(), 1u);
  EXPECT_NE(owner.events[0].status, Status::ESME_ROK);
}

}  // namespace
}  // namespace ringgate

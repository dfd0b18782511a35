#include "esme/esme.h"

#include <gtest/gtest.h>

#include "../shard/pdus.h"

namespace ringgate {
namespace {

using smpp::Command;
using test::Pdu;

struct Told {
  std::uint64_t token;
  SubmitResult result;
  Status status;
  std::string id;
  friend bool operator==(const Told&, const Told&) = default;
};

/// The program: keeps what it is told.
struct Program final : ClientHandler {
  void on_bound(Client&) noexcept override { ++bound; }
  void on_loss(Client&, const ClientLoss& loss) noexcept override {
    losses.push_back(loss);
    losses.back().text = {};
  }
  void on_submitted(Client&, std::span<const Submitted> all) noexcept override {
    for (const Submitted& one : all)
      told.push_back({one.token, one.result, one.status, std::string(one.id)});
  }
  void on_deliveries(Client& client, std::span<const Delivery> all) noexcept override {
    for (const Delivery& one : all) {
      texts.emplace_back(as_text(one.text));
      receipts.push_back(one.is_receipt());
      tickets.push_back(one.ticket);
      if (!answers) continue;
      EXPECT_EQ(client.answer(one.ticket), Posted::ok);
    }
  }
  void on_room(Client&) noexcept override { ++rooms; }
  void on_ended(Client&) noexcept override { ++ended; }

  std::vector<ClientLoss> losses;
  std::vector<Told> told;
  std::vector<std::string> texts;
  std::vector<bool> receipts;
  std::vector<DeliveryTicket> tickets;
  unsigned bound = 0;
  unsigned rooms = 0;
  unsigned ended = 0;
  bool answers = true;
};

/// An Esme and the message centre that it talks to, which the test plays.
class EsmeTest : public testing::Test, public Client {
 protected:
  EsmeTest() {
    options_.system_id = "esme";
    options_.password = "secret";
    options_.window = 2;
    options_.queue_max = 3;
  }
  void start() { esme_.emplace(options_, program_, *this, 1, now_); }

  // Client, as the program sees it.
  using Client::submit;
  Posted submit(std::span<const Outgoing> messages, std::size_t& taken) override {
    return esme_->submit(messages, taken);
  }
  Posted answer(DeliveryTicket ticket, Status status) override {
    return esme_->answer(ticket, status);
  }
  void stop() override { esme_->stop(); }
  ClientState state() const override { return esme_->state(); }
  int descriptor() const override { return -1; }

  /// A turn; `wished`: whether it wants to connect.
  void turn() override {
    esme_->begin_turn(now_);
    esme_->end_turn();
    if (esme_->take_connect_wish()) ++connects_;
    move();
    if (esme_->wants_close()) {
      esme_->on_closed();
      esme_->end_turn();
    }
  }
  /// What it has said reaches the centre, unless that does not read.
  void move() {
    if (!reads_) return;
    for (Octets octets = esme_->output(); !octets.empty(); octets = esme_->output()) {
      centre_.add(octets);
      esme_->on_sent(octets.size());
    }
  }
  void say(const std::string& octets) {
    esme_->begin_turn(now_);
    esme_->on_octets(as_octets(octets));
    turn();
  }
  Pdu heard() {
    if (centre_.pdus.empty()) {
      ADD_FAILURE() << "nothing was said";
      return {};
    }
    Pdu out = centre_.pdus.front();
    centre_.pdus.pop_front();
    return out;
  }
  void connect() {
    turn();
    ASSERT_EQ(state(), ClientState::connecting);
    esme_->on_connected();
    turn();
  }
  void bind(Status status = Status::ESME_ROK) {
    connect();
    const Pdu asked = heard();
    ASSERT_EQ(asked.command(), Command::bind_transceiver);
    say(test::pdu(Command::bind_transceiver_resp, asked.sequence_number(), status,
                  std::string_view("centre\0", 7)));
  }
  void drop() {
    esme_->on_hangup();
    turn();
  }
  void pass(Nanos period) {
    now_.mono += period;
    turn();
  }
  Posted send(std::uint64_t token, std::string_view text = "hello") {
    Outgoing message;
    message.source = {1, 1, "447700900001"};
    message.destination = {1, 1, "447700900002"};
    message.text = as_octets(text);
    message.token = token;
    const Posted posted = submit(message);
    turn();
    return posted;
  }
  void answer_submit(Status status = Status::ESME_ROK, std::string_view id = "id1") {
    const Pdu asked = heard();
    ASSERT_EQ(asked.command(), Command::submit_sm);
    say(test::pdu(Command::submit_sm_resp, asked.sequence_number(), status,
                  status == Status::ESME_ROK ? std::string(id) + '\0' : std::string()));
  }
  void deliver(std::uint32_t sequence_number, std::string_view text, std::uint8_t esm_class = 0) {
    smpp::ShortMessage body;
    body.source_addr = "1";
    body.destination_addr = "2";
    body.esm_class = esm_class;
    body.short_message = as_octets(text);
    say(test::encoded(Command::deliver_sm, sequence_number, body));
  }

  ClientOptions options_;
  Program program_;
  Now now_{seconds(1'000), 1'800'000'000};
  std::optional<Esme> esme_;
  test::PduReader centre_;
  bool reads_ = true;
  unsigned connects_ = 0;
};

TEST_F(EsmeTest, BindsAndSubmits) {
  start();
  bind();
  EXPECT_EQ(program_.bound, 1U);
  EXPECT_EQ(state(), ClientState::bound);
  EXPECT_EQ(send(7), Posted::ok);
  answer_submit(Status::ESME_ROK, "abc");
  EXPECT_EQ(program_.told,
            (std::vector<Told>{{7, SubmitResult::accepted, Status::ESME_ROK, "abc"}}));
  EXPECT_EQ(send(8), Posted::ok);
  answer_submit(Status::ESME_RINVDSTADR);
  EXPECT_EQ(program_.told[1], (Told{8, SubmitResult::refused, Status::ESME_RINVDSTADR, ""}));
}

TEST_F(EsmeTest, ALongTextIsAPayload) {
  start();
  bind();
  const std::string text(300, 'x');
  EXPECT_EQ(send(1, text), Posted::ok);
  const Pdu asked = heard();
  smpp::ShortMessage body;
  const Octets octets = as_octets(asked.body);
  Cursor cursor{octets.data(), octets.data() + octets.size()};
  ASSERT_TRUE(wire::decode(cursor, body).ok());
  EXPECT_TRUE(body.short_message.empty());
  const auto payload = smpp::find_tlv({cursor.at, cursor.left()}, smpp::Tag::message_payload);
  ASSERT_TRUE(payload.has_value());
  EXPECT_EQ(as_text(*payload), text);
}

// Aim: what comes before the bind, or beyond the window, waits in its order; what the queue has no
// room for is told, and that there is room again as well.
TEST_F(EsmeTest, TheQueueIsBounded) {
  start();
  for (std::uint64_t token = 1; token <= 3; ++token) EXPECT_EQ(send(token, "x"), Posted::ok);
  EXPECT_EQ(send(4), Posted::full);
  bind();
  EXPECT_EQ(program_.rooms, 1U);
  EXPECT_EQ(centre_.pdus.size(), 2U) << "the window";
  EXPECT_EQ(send(5), Posted::ok);
  EXPECT_EQ(send(6), Posted::ok);
  EXPECT_EQ(send(7), Posted::full);
  for (int i = 0; i < 5; ++i) answer_submit();
  std::vector<std::uint64_t> tokens;
  for (const Told& one : program_.told) tokens.push_back(one.token);
  EXPECT_EQ(tokens, (std::vector<std::uint64_t>{1, 2, 3, 5, 6}));
  EXPECT_EQ(program_.rooms, 2U);
}

TEST_F(EsmeTest, WhatNoSubmitCanSayIsNotTaken) {
  start();
  Outgoing message;
  message.destination.text = "123456789012345678901";
  EXPECT_EQ(submit(message), Posted::misuse);
  message.destination.text = "1";
  const std::string much(70'000, 'x');
  message.text = as_octets(much);
  EXPECT_EQ(submit(message), Posted::misuse);
  message.text = {};
  message.tlvs = as_octets("abc");
  EXPECT_EQ(submit(message), Posted::misuse);
}

// Aim: after a loss the program knows of each submit whether it may have been taken. Method: one
// answered, one sent, and one in a send that never began; what is queued goes by the next bind.
TEST_F(EsmeTest, ALossTellsWhatMayHaveLeft) {
  options_.window = 3;
  start();
  bind();
  send(1);
  send(2);
  reads_ = false;
  send(3);
  send(4);
  answer_submit();
  reads_ = true;
  drop();
  ASSERT_EQ(program_.losses.size(), 1U);
  EXPECT_TRUE(program_.losses[0].was_bound);
  EXPECT_EQ(program_.losses[0].cause, CloseCause::peer);
  ASSERT_GE(program_.told.size(), 3U);
  EXPECT_EQ(program_.told[0].result, SubmitResult::accepted);
  EXPECT_EQ(program_.told[1].token, 2U);
  EXPECT_EQ(program_.told[1].result, SubmitResult::unknown);
  EXPECT_EQ(program_.told[2].token, 3U);
  EXPECT_EQ(program_.told[2].result, SubmitResult::not_sent);
}

TEST_F(EsmeTest, QueuedSubmitsOutliveALoss) {
  start();
  for (std::uint64_t token = 1; token <= 3; ++token) send(token);
  bind();
  drop();
  EXPECT_EQ(program_.told.size(), 2U) << "those of the window";
  centre_ = {};
  pass(seconds(2));
  esme_->on_connected();
  turn();
  const Pdu asked = heard();
  say(test::pdu(Command::bind_transceiver_resp, asked.sequence_number(), Status::ESME_ROK,
                std::string_view("centre\0", 7)));
  answer_submit();
  ASSERT_EQ(program_.told.size(), 3U);
  EXPECT_EQ(program_.told[2].token, 3U);
  EXPECT_EQ(program_.told[2].result, SubmitResult::accepted);
}

// Aim: what has not left may yet leave as long as the connection is there, so its time being over
// does not make it safe to submit again. Method: a centre that does not read.
TEST_F(EsmeTest, NotSentIsSaidOfADeadConnectionOnly) {
  start();
  bind();
  send(1);
  reads_ = false;
  send(2);
  pass(seconds(31));
  ASSERT_EQ(program_.told.size(), 2U);
  EXPECT_EQ(program_.told[1].token, 2U);
  EXPECT_EQ(program_.told[1].result, SubmitResult::unknown);
}

// Aim: a session that is over is closed within its time, whatever it has still to say and whoever
// answers deliveries meanwhile.
TEST_F(EsmeTest, WhatIsOverIsClosed) {
  program_.answers = false;
  start();
  bind();
  deliver(1, "x");
  reads_ = false;
  say(test::pdu(Command::unbind, 9));
  EXPECT_EQ(state(), ClientState::unbinding);
  EXPECT_EQ(answer(program_.tickets[0], Status::ESME_ROK), Posted::ok);
  pass(seconds(3));
  EXPECT_EQ(answer(program_.tickets[0], Status::ESME_ROK), Posted::gone);
  EXPECT_FALSE(esme_->wants_close()) << "what it says may still leave";
  EXPECT_LE(esme_->deadline(), now_.mono + seconds(2));
  pass(seconds(2));
  EXPECT_EQ(program_.losses.size(), 1U);
  EXPECT_EQ(state(), ClientState::waiting);
}

TEST_F(EsmeTest, AHangupEndsWhateverWasLeftToSay) {
  start();
  bind();
  reads_ = false;
  say(test::pdu(Command::unbind, 9));
  drop();
  EXPECT_EQ(program_.losses.size(), 1U);
}

// Aim: a peer that only sends costs a bounded amount of memory. Method: one that does not read.
TEST_F(EsmeTest, WhoDoesNotReadIsNotRead) {
  start();
  bind();
  reads_ = false;
  unsigned said = 0;
  for (; esme_->wants_to_read() && said < 1'000'000; ++said)
    say(test::pdu(Command::enquire_link, said + 1));
  EXPECT_LT(said, 100'000U);
  reads_ = true;
  turn();
  EXPECT_TRUE(esme_->wants_to_read());
}

TEST_F(EsmeTest, AnotherRequestsResponseIsNoAnswer) {
  start();
  bind();
  send(1);
  const Pdu asked = heard();
  say(test::pdu(Command::query_sm_resp, asked.sequence_number()));
  ASSERT_EQ(program_.told.size(), 1U);
  EXPECT_EQ(program_.told[0].result, SubmitResult::unknown);
  send(2);
  say(test::pdu(Command::generic_nack, heard().sequence_number(), Status::ESME_RINVCMDLEN));
  ASSERT_EQ(program_.told.size(), 2U);
  EXPECT_EQ(program_.told[1].result, SubmitResult::refused);
}

TEST_F(EsmeTest, StopIsSeenAtOnce) {
  start();
  bind();
  stop();
  EXPECT_LE(esme_->deadline(), now_.mono);
  turn();
  EXPECT_EQ(heard().command(), Command::unbind);
}

TEST_F(EsmeTest, NoAnswerIsUnknown) {
  start();
  bind();
  send(1);
  // Other answers show that the centre is alive.
  for (int i = 0; i < 4; ++i) {
    pass(seconds(8));
    while (!centre_.pdus.empty()) {
      const Pdu one = heard();
      if (one.command() == Command::enquire_link)
        say(test::pdu(Command::enquire_link_resp, one.sequence_number()));
    }
  }
  ASSERT_EQ(program_.told.size(), 1U);
  EXPECT_EQ(program_.told[0].result, SubmitResult::unknown);
  EXPECT_EQ(state(), ClientState::bound);
}

TEST_F(EsmeTest, ASilentCentreIsLost) {
  start();
  bind();
  pass(seconds(31));
  EXPECT_EQ(heard().command(), Command::enquire_link);
  pass(seconds(31));
  ASSERT_EQ(program_.losses.size(), 1U);
  EXPECT_EQ(program_.losses[0].cause, CloseCause::enquire_link);
  EXPECT_EQ(state(), ClientState::waiting);
  pass(seconds(1));
  EXPECT_EQ(connects_, 2U);
}

TEST_F(EsmeTest, RefusedBindsWait) {
  start();
  bind(Status::ESME_RINVPASWD);
  ASSERT_EQ(program_.losses.size(), 1U);
  EXPECT_FALSE(program_.losses[0].was_bound);
  EXPECT_EQ(program_.losses[0].status, Status::ESME_RINVPASWD);
  EXPECT_GE(program_.losses[0].retry_ms, 45'000U);
  pass(seconds(44));
  EXPECT_EQ(connects_, 1U);
  pass(seconds(32));
  EXPECT_EQ(connects_, 2U);
  esme_->on_refused("no route");
  ASSERT_EQ(program_.losses.size(), 2U);
  EXPECT_EQ(program_.losses[1].cause, CloseCause::none);
  EXPECT_EQ(program_.losses[1].status, Status::ESME_ROK);
  EXPECT_LE(program_.losses[1].retry_ms, 1'250U);
}

TEST_F(EsmeTest, ConnectsAndBindsTakeTheirTime) {
  start();
  turn();
  EXPECT_FALSE(esme_->wants_to_give_up());
  pass(seconds(10));
  EXPECT_TRUE(esme_->wants_to_give_up());
  esme_->on_refused("no answer in time");
  pass(seconds(2));
  esme_->on_connected();
  turn();
  pass(seconds(10));
  ASSERT_EQ(program_.losses.size(), 2U);
  EXPECT_EQ(program_.losses[1].cause, CloseCause::session_init);
}

// Aim: each delivery is answered by the program, once, and by nobody else. Method: at once, later,
// twice, made up, and after its connection.
TEST_F(EsmeTest, DeliveriesAreTheProgramsToAnswer) {
  start();
  bind();
  deliver(50, "hello");
  EXPECT_EQ(heard().command(), Command::deliver_sm_resp);
  program_.answers = false;
  deliver(51, "id:1 stat:DELIVRD", 0x04);
  EXPECT_TRUE(centre_.pdus.empty());
  EXPECT_EQ(program_.receipts, (std::vector<bool>{false, true}));
  const DeliveryTicket ticket = program_.tickets[1];
  EXPECT_EQ(answer(ticket, Status::ESME_RX_T_APPN), Posted::ok);
  turn();
  const Pdu answered = heard();
  EXPECT_EQ(answered.status(), Status::ESME_RX_T_APPN);
  EXPECT_EQ(answered.sequence_number(), 51U);
  EXPECT_EQ(answer(ticket, Status::ESME_ROK), Posted::misuse);
  EXPECT_EQ(answer({1, 99}, Status::ESME_ROK), Posted::misuse);
  EXPECT_EQ(answer({2, 51}, Status::ESME_ROK), Posted::misuse);
  EXPECT_EQ(answer({}, Status::ESME_ROK), Posted::misuse);
  deliver(52, "again");
  drop();
  EXPECT_EQ(answer(program_.tickets[2], Status::ESME_ROK), Posted::gone);
  pass(seconds(2));
  esme_->on_connected();
  turn();
  EXPECT_EQ(answer(program_.tickets[2], Status::ESME_ROK), Posted::gone);
}

// Aim: a peer's numbers come back, our tickets do not: an answer that comes twice is nobody else's.
// Method: one number for two in turn, for two at once, and for a deliver_sm and a data_sm.
TEST_F(EsmeTest, TicketsOfOneSequenceNumber) {
  program_.answers = false;
  start();
  bind();
  deliver(7, "first");
  EXPECT_EQ(answer(program_.tickets[0], Status::ESME_ROK), Posted::ok);
  turn();
  EXPECT_EQ(heard().sequence_number(), 7U);
  deliver(7, "second");
  EXPECT_EQ(answer(program_.tickets[0], Status::ESME_ROK), Posted::misuse) << "not the second";
  deliver(7, "third");
  smpp::DataSm data;
  data.source_addr = "1";
  data.destination_addr = "2";
  say(test::encoded(Command::data_sm, 7, data));
  ASSERT_EQ(program_.tickets.size(), 4U);
  for (const std::size_t i : {3U, 1U, 2U})
    EXPECT_EQ(answer(program_.tickets[i], Status::ESME_ROK), Posted::ok) << i;
  turn();
  EXPECT_EQ(heard().command(), Command::data_sm_resp);
  EXPECT_EQ(heard().command(), Command::deliver_sm_resp);
  EXPECT_EQ(heard().command(), Command::deliver_sm_resp);
  EXPECT_TRUE(centre_.pdus.empty());
}

TEST_F(EsmeTest, TooManyDeliveriesComeAgain) {
  options_.deliver_window = 2;
  program_.answers = false;
  start();
  bind();
  for (std::uint32_t i = 1; i <= 3; ++i) deliver(i, "x");
  EXPECT_EQ(program_.texts.size(), 2U);
  const Pdu refused = heard();
  EXPECT_EQ(refused.sequence_number(), 3U);
  EXPECT_EQ(refused.status(), Status::ESME_RTHROTTLED);
}

TEST_F(EsmeTest, StopIsOrderly) {
  start();
  bind();
  for (std::uint64_t token = 1; token <= 4; ++token) send(token);
  stop();
  turn();
  EXPECT_EQ(program_.told, (std::vector<Told>{{3, SubmitResult::not_sent, Status::ESME_ROK, ""},
                                              {4, SubmitResult::not_sent, Status::ESME_ROK, ""}}));
  EXPECT_EQ(send(5), Posted::gone);
  answer_submit();
  EXPECT_EQ(centre_.pdus.size(), 1U);
  answer_submit();
  const Pdu unbind = heard();
  ASSERT_EQ(unbind.command(), Command::unbind);
  EXPECT_EQ(program_.ended, 0U);
  say(test::pdu(Command::unbind_resp, unbind.sequence_number()));
  turn();
  EXPECT_EQ(program_.ended, 1U);
  EXPECT_EQ(state(), ClientState::ended);
  EXPECT_TRUE(program_.losses.empty());
  pass(seconds(100));
  EXPECT_EQ(connects_, 1U);
  EXPECT_EQ(program_.ended, 1U);
}

// Aim: stop() ends whatever state it finds, within its time.
TEST_F(EsmeTest, StopEndsEveryState) {
  for (const ClientState found :
       {ClientState::waiting, ClientState::connecting, ClientState::binding, ClientState::bound}) {
    program_ = {};
    centre_ = {};
    start();
    if (found == ClientState::connecting) turn();
    if (found == ClientState::binding) connect();
    if (found == ClientState::bound) {
      bind();
      send(1);
    }
    EXPECT_EQ(state(), found);
    stop();
    turn();
    if (found == ClientState::connecting) {
      EXPECT_TRUE(esme_->wants_to_give_up());
      esme_->on_refused("given up");
    }
    turn();
    if (found == ClientState::bound) {
      pass(seconds(31));
      pass(seconds(3));
      turn();
    }
    EXPECT_EQ(program_.ended, 1U) << client_state_name(found);
    EXPECT_EQ(esme_->deadline(), never);
  }
}

TEST_F(EsmeTest, AnUnbindIsAnsweredAndALoss) {
  start();
  bind();
  say(test::pdu(Command::unbind, 9));
  EXPECT_EQ(heard().command(), Command::unbind_resp);
  drop();
  ASSERT_EQ(program_.losses.size(), 1U);
  EXPECT_EQ(program_.losses[0].was_bound, true);
  pass(seconds(2));
  EXPECT_EQ(connects_, 2U);
}

TEST(ClientFaults, EachHasItsLine) {
  ClientOptions options;
  EXPECT_EQ(client_faults(options), "system_id: is missing");
  options.system_id = "sixteen characters";
  options.password = "nine char";
  options.window = 0;
  options.version = 0x33;
  options.port = 0;
  const std::string faults = client_faults(options);
  for (const char* const word : {"port:", "system_id: is too long", "window:", "mode:"})
    EXPECT_NE(faults.find(word), std::string::npos) << word << " in\n" << faults;
  options = {};
  options.system_id = "esme";
  EXPECT_EQ(client_faults(options), "");
}

}  // namespace
}  // namespace ringgate

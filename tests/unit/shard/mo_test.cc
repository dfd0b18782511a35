#include <gtest/gtest.h>

#include "shard_world.h"
#include "smpp/operations.h"

namespace ringgate::test {
namespace {

using smpp::Command;

WorldOptions with_numbers(unsigned shards = 1) {
  WorldOptions options = one_account(shards);
  options.accounts.push_back(account("other"));
  NumberOptions ours;
  ours.prefix = "4477";
  ours.account = "esme";
  NumberOptions theirs;
  theirs.exact = "447799";
  theirs.account = "other";
  options.numbers = {ours, theirs};
  options.limits.enquire_link = 0;
  options.limits.inactivity = 0;
  return options;
}

Deliver mo(std::string_view destination, std::string_view text) {
  Deliver out;
  out.source = {1, 1, "491701234567"};
  out.destination = {1, 1, destination};
  out.text = as_octets(text);
  return out;
}

smpp::ShortMessage read(const Pdu& pdu) {
  smpp::ShortMessage out;
  const Octets octets = as_octets(pdu.body);
  Cursor cursor{octets.data(), octets.data() + octets.size()};
  EXPECT_TRUE(wire::decode(cursor, out).ok());
  return out;
}

// Aim: an MO reaches the account that owns its number on a bind that receives, whatever shard it
// was handed over on, and the backend hears of its end. Method: a transmitter on the home shard and
// a receiver on the other one.
TEST(Mo, ReachesReceivers) {
  World world(with_numbers(2));
  Peer& transmitter = world.bound("esme", 0, Command::bind_transmitter);
  Peer& receiver = world.bound("esme", 1, Command::bind_receiver);
  for (unsigned shard = 0; shard < 2; ++shard) {
    MessageId id;
    ASSERT_EQ(world.deliver(shard, mo("447712345", "hello"), &id), Routed::ok);
    const auto pdu = receiver.next();
    ASSERT_TRUE(pdu.has_value());
    EXPECT_EQ(pdu->command(), Command::deliver_sm);
    const smpp::ShortMessage message = read(*pdu);
    EXPECT_EQ(message.source_addr, "491701234567");
    EXPECT_EQ(message.destination_addr, "447712345");
    EXPECT_EQ(message.esm_class, 0);
    EXPECT_EQ(as_text(message.short_message), "hello");
    EXPECT_TRUE(world.backend.ended.empty());
    world.answer_deliver(receiver, *pdu);
    ASSERT_EQ(world.backend.ended.size(), 1U);
    EXPECT_EQ(world.backend.ended[0].id, id);
    EXPECT_EQ(world.backend.ended[0].how, DeliverResult::delivered);
    world.backend.ended.clear();
  }
  EXPECT_FALSE(transmitter.next().has_value());
  EXPECT_EQ(world.messages_open(), 0U);
}

// Aim: the number plan decides, and a number of nobody is told at once. Method: an exact rule
// inside a prefix, and a stranger.
TEST(Mo, NumberPlan) {
  World world(with_numbers());
  Peer& esme = world.bound("esme");
  Peer& other = world.bound("other");
  EXPECT_EQ(world.deliver(0, mo("447799", "x")), Routed::ok);
  EXPECT_TRUE(other.next().has_value());
  EXPECT_FALSE(esme.next().has_value());
  EXPECT_EQ(world.deliver(0, mo("33123", "x")), Routed::no_account);
  EXPECT_EQ(world.deliver(0, mo("447712345678901234567", "x")), Routed::malformed);
}

// Aim: whoever names an account reaches it, whatever the number plan says, and a receipt that the
// program has written goes as it is. Method: a number of nobody and one of the other account, and a
// name that nobody has.
TEST(Mo, ToAnAccountByName) {
  World world(with_numbers());
  Peer& esme = world.bound("esme");
  Peer& other = world.bound("other");
  Deliver message = mo("33123", "id:77 stat:DELIVRD");
  message.account = "esme";
  message.esm_class = 0x04;
  EXPECT_EQ(world.deliver(0, message), Routed::ok);
  const auto pdu = esme.next();
  ASSERT_TRUE(pdu.has_value());
  EXPECT_EQ(read(*pdu).esm_class, 0x04);
  EXPECT_EQ(as_text(read(*pdu).short_message), "id:77 stat:DELIVRD");
  message.destination.text = "447799";
  EXPECT_EQ(world.deliver(0, message), Routed::ok);
  EXPECT_TRUE(esme.next().has_value());
  EXPECT_FALSE(other.next().has_value());
  message.account = "nobody";
  EXPECT_EQ(world.deliver(0, message), Routed::no_account);
}

// Aim: an MO waits for a bind and is tried again where the client asks for time. Method: none
// bound, then one that says RX_T_APPN first.
TEST(Mo, WaitsAndRetries) {
  World world(with_numbers());
  ASSERT_EQ(world.deliver(0, mo("44771", "later")), Routed::ok);
  Peer& peer = world.bound("esme");
  auto pdu = peer.next();
  ASSERT_TRUE(pdu.has_value());
  world.answer_deliver(peer, *pdu, Status::ESME_RX_T_APPN);
  world.advance(seconds(3));
  pdu = peer.next();
  ASSERT_TRUE(pdu.has_value());
  EXPECT_EQ(as_text(read(*pdu).short_message), "later");
  world.answer_deliver(peer, *pdu);
  EXPECT_EQ(world.messages_open(), 0U);
}

// Aim: an account has no more waiting than it may, and one end frees a place. Method: max_outbox 2.
TEST(Mo, Bounded) {
  WorldOptions options = with_numbers();
  options.accounts[0].max_outbox = 2;
  World world(options);
  EXPECT_EQ(world.deliver(0, mo("44771", "1")), Routed::ok);
  EXPECT_EQ(world.deliver(0, mo("44771", "2")), Routed::ok);
  EXPECT_EQ(world.deliver(0, mo("44771", "3")), Routed::full);
  Peer& peer = world.bound("esme");
  world.answer_deliver(peer, *peer.next());
  EXPECT_EQ(world.deliver(0, mo("44771", "3")), Routed::ok);
}

// Aim: a text beyond 254 octets goes as message_payload, which a 3.3 client cannot take: its MO
// ends as refused. Method: 1,000 octets to a 3.4 and to a 3.3 bind.
TEST(Mo, LongText) {
  World world(with_numbers());
  const std::string text(1'000, 't');
  {
    Peer& peer = world.bound("esme");
    ASSERT_EQ(world.deliver(0, mo("44771", text)), Routed::ok);
    const auto pdu = peer.next();
    ASSERT_TRUE(pdu.has_value());
    EXPECT_TRUE(read(*pdu).short_message.empty());
    EXPECT_EQ(pdu->body.substr(pdu->body.size() - 1'004),
              std::string("\x04\x24\x03\xe8", 4) + text);
    world.answer_deliver(peer, *pdu);
    world.backend.ended.clear();
    world.drop(peer);
  }
  Peer& old = world.connect();
  world.write(old, bind_pdu(Command::bind_receiver, "esme", "secret", 1, 0x33));
  EXPECT_EQ(old.next()->status(), Status::ESME_ROK);
  ASSERT_EQ(world.deliver(0, mo("44771", text)), Routed::ok);
  EXPECT_FALSE(old.next().has_value());
  ASSERT_EQ(world.backend.ended.size(), 1U);
  EXPECT_EQ(world.backend.ended[0].how, DeliverResult::refused);
}

// Aim: what nobody has taken is freed with the shard. Method: an MO and a part left over at the
// end; the address sanitizer judges.
TEST(Mo, LeftOver) {
  World world(with_numbers());
  EXPECT_EQ(world.deliver(0, mo("44771", "nobody")), Routed::ok);
}

// Aim: an alert goes once to one bind that receives, or nowhere. Method: without a bind, with a
// transmitter, with a receiver on the other shard, with a 3.3 bind.
TEST(Alert, OnceToOneBind) {
  World world(with_numbers(2));
  Alert alert;
  alert.source = {1, 1, "491701234567"};
  alert.esme = {1, 1, "44771"};
  alert.has_availability = true;
  const auto tell = [&] {
    Routed routed = Routed::full;
    world.turn(0, [&](Shard& at) { routed = at.alert(alert); });
    world.settle();
    return routed;
  };
  EXPECT_EQ(tell(), Routed::ok);
  Peer& transmitter = world.bound("esme", 0, Command::bind_transmitter);
  Peer& receiver = world.bound("esme", 1, Command::bind_receiver);
  EXPECT_EQ(tell(), Routed::ok);
  EXPECT_FALSE(transmitter.next().has_value());
  const auto pdu = receiver.next();
  ASSERT_TRUE(pdu.has_value());
  EXPECT_EQ(pdu->command(), Command::alert_notification);
  EXPECT_EQ(pdu->body, std::string("\x01\x01") + "491701234567" + std::string("\0\x01\x01", 3) +
                           "44771" + std::string("\0\x04\x22\0\x01\0", 6));
  EXPECT_FALSE(receiver.next().has_value());
  alert.esme.text = "33";
  EXPECT_EQ(tell(), Routed::no_account);
}

// Aim: an intermediate notification goes out before the receipt, once, and the receipt waits for
// its end. Method: the backend reports enroute twice, then delivered, while the client has not
// answered.
TEST(Notice, BeforeTheReceipt) {
  World world(with_numbers());
  Peer& peer = world.bound("esme");
  world.write(peer, submit_pdu(2, 0x11));
  ASSERT_EQ(peer.next()->command(), Command::submit_sm_resp);
  const FakeBackend::Held held = world.backend.held.front();
  world.report(held, MessageState::enroute);
  world.report(held, MessageState::enroute);
  world.report(held, MessageState::delivered);
  const auto notice = peer.next();
  ASSERT_TRUE(notice.has_value());
  EXPECT_EQ(read(*notice).esm_class, 0x20);
  EXPECT_NE(as_text(read(*notice).short_message).find("stat:ENROUTE"), std::string_view::npos);
  EXPECT_FALSE(peer.next().has_value());
  world.answer_deliver(peer, *notice);
  const auto receipt = peer.next();
  ASSERT_TRUE(receipt.has_value());
  EXPECT_EQ(read(*receipt).esm_class, 0x04);
  world.answer_deliver(peer, *receipt);
  EXPECT_FALSE(peer.next().has_value());
  EXPECT_EQ(world.messages_open(), 0U);
  EXPECT_EQ(world.backend.ended.size(), 1U);
}

// Aim: a notification that no bind takes is dropped after a while and the receipt follows; without
// the wish for one there is none. Method: nobody receives for a minute.
TEST(Notice, DroppedWhenNobodyReceives) {
  World world(with_numbers());
  Peer& transmitter = world.bound("esme", 0, Command::bind_transmitter);
  world.write(transmitter, submit_pdu(2, 0x11));
  world.write(transmitter, submit_pdu(3, 0x01));
  ASSERT_EQ(world.backend.held.size(), 2U);
  for (const FakeBackend::Held& held : world.backend.held) {
    world.report(held, MessageState::enroute);
    world.report(held, MessageState::delivered);
  }
  world.advance(seconds(60));
  Peer& receiver = world.bound("esme", 0, Command::bind_receiver);
  for (int i = 0; i < 2; ++i) {
    const auto receipt = receiver.next();
    ASSERT_TRUE(receipt.has_value());
    EXPECT_EQ(read(*receipt).esm_class, 0x04);
    world.answer_deliver(receiver, *receipt);
  }
  EXPECT_FALSE(receiver.next().has_value());
  EXPECT_EQ(world.messages_open(), 0U);
}

// Aim: a client that wants intermediate notifications and no receipt gets just those. Method:
// registered_delivery 0x10.
TEST(Notice, WithoutReceipt) {
  World world(with_numbers());
  Peer& peer = world.bound("esme");
  world.write(peer, submit_pdu(2, 0x10));
  peer.next();
  const FakeBackend::Held held = world.backend.held.front();
  world.report(held, MessageState::enroute);
  world.answer_deliver(peer, *peer.next());
  world.report(held, MessageState::delivered);
  EXPECT_FALSE(peer.next().has_value());
  EXPECT_EQ(world.messages_open(), 0U);
}

// Aim: an ESME that is asked by outbind may bind as if it had come itself. Method: outbind, then a
// bind_receiver.
TEST(Outbind, ThenBind) {
  World world(with_numbers());
  Peer& peer = world.connect_by_outbind("Ringgate", "pw");
  const auto asked = peer.next();
  ASSERT_TRUE(asked.has_value());
  EXPECT_EQ(asked->command(), Command::outbind);
  EXPECT_EQ(asked->body, std::string("Ringgate\0pw\0", 12));
  EXPECT_EQ(world.bind(peer, Command::bind_receiver, "esme"), Status::ESME_ROK);
  ASSERT_EQ(world.deliver(0, mo("44771", "hello")), Routed::ok);
  EXPECT_EQ(peer.next()->command(), Command::deliver_sm);
}

}  // namespace
}  // namespace ringgate::test

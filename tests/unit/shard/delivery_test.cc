#include "shard/delivery.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "house_world.h"
#include "line_session.h"

namespace ringgate {
namespace {

/// The rooms of a shard's deliveries, with one connection that may bind. Its peer speaks lines.
class DeliveryTest : public testing::Test {
 protected:
  explicit DeliveryTest(unsigned shards = 1)
      : world_({.count = shards, .accounts = {"one", "two"}}) {}
  ~DeliveryTest() override {
    connection_.session.on_closed(CloseCause::peer);
    links_.release(connection_);
  }

  void bind(std::uint32_t account) {
    connection_.account = &world_.house.directory().at(account);
    connection_.session.accept_bind("us", 8, 8, connection_.account->options.quirks,
                                    world_.house.now);
    connection_.receives = true;
    delivery_.add_bind(connection_);
    sent();
  }
  /// What lies in its output.
  std::string sent() {
    ByteQueue& output = connection_.session.output();
    const std::string out(as_text(output.front()));
    if (!out.empty()) output.pop(out.size());
    return out;
  }
  MessageRecord& due(std::uint32_t account, ReceiptWish wish = ReceiptWish::always) {
    MessageRecord* const record = registry_.begin(RecordKind::submit_sm, world_.books.ids.next(),
                                                  account, connection_.id, wish, false);
    record->stage = Stage::due();
    record->outcome = {MessageState::delivered, 0};
    record->source.set({});
    record->destination.set({});
    record->expires_at = world_.house.now.mono + seconds(60);
    return *record;
  }
  void respond(Status status) {
    Event event;
    event.kind = EventKind::response;
    event.status = status;
    ASSERT_TRUE(take_token(event.token));
    delivery_.on_response(connection_, event);
    tidings_.tell();
  }

  bool take_token(std::uint64_t& token) {
    Event event;
    const std::string ok = "ok " + std::to_string(++answered_) + "\n";
    if (!connection_.session.on_held_response(as_octets(ok), world_.house.now, event)) return false;
    token = event.token;
    return true;
  }

  const test::LineProtocol lines_{};
  test::HouseWorld world_;
  Links links_{world_.house.options.budget, lines_, world_.house.now.mono};
  ShardLog log_{world_.house};
  Door door_{world_.house, links_, log_};
  Safekeeping safe_{world_.house, world_.books};
  Registry registry_{world_.house, world_.books, safe_};
  Tidings tidings_{world_.house};
  Delivery delivery_{world_.house, links_, door_, world_.books, registry_, safe_, tidings_};
  Connection& connection_ = world_.connect(links_);
  unsigned answered_ = 0;
};

// Aim: a receipt goes straight to the bind of its submit, and its end is told. Method: one, taken.
TEST_F(DeliveryTest, TheShortWay) {
  bind(0);
  delivery_.begin(due(0));
  EXPECT_TRUE(sent().starts_with("receipt 1 "));
  EXPECT_TRUE(world_.delivered.empty());
  respond(Status::ESME_ROK);
  ASSERT_EQ(world_.delivered.size(), 1U);
  EXPECT_EQ(world_.delivered[0].second, DeliverResult::delivered);
  EXPECT_EQ(world_.books.messages.in_use(), 0U);
}

// Aim: an outcome that nobody wants to hear of ends its message at once.
TEST_F(DeliveryTest, NothingIsSentThatNobodyWants) {
  bind(0);
  delivery_.begin(due(0, ReceiptWish::on_failure));
  EXPECT_EQ(sent(), "");
  EXPECT_EQ(world_.books.messages.in_use(), 0U);
}

// Aim: without a bind a receipt waits, and goes when one comes; what is refused is not sent again.
TEST_F(DeliveryTest, WaitsForABind) {
  delivery_.begin(due(0));
  delivery_.run_outboxes();
  EXPECT_EQ(world_.books.messages.in_use(), 1U);
  bind(0);
  delivery_.run_outboxes();
  EXPECT_TRUE(sent().starts_with("receipt 1 "));
  respond(Status::ESME_RX_R_APPN);
  ASSERT_EQ(world_.delivered.size(), 1U);
  EXPECT_EQ(world_.delivered[0].second, DeliverResult::refused);
}

// Aim: what the client puts off comes again after a while, and not before. Method: one that is
// answered ESME_RX_T_APPN.
TEST_F(DeliveryTest, ComesAgainAfterAWhile) {
  bind(0);
  delivery_.begin(due(0));
  sent();
  respond(Status::ESME_RX_T_APPN);
  delivery_.run_timers();
  delivery_.run_outboxes();
  EXPECT_EQ(sent(), "");
  ASSERT_GT(delivery_.deadline(), world_.house.now.mono);
  world_.house.now.mono += seconds(30);
  delivery_.run_timers();
  delivery_.run_outboxes();
  EXPECT_TRUE(sent().starts_with("receipt 2 "));
  answered_ = 1;
  respond(Status::ESME_ROK);
  EXPECT_EQ(world_.books.messages.in_use(), 0U);
}

class DeliveryElsewhere : public DeliveryTest {
 protected:
  DeliveryElsewhere() : DeliveryTest(2) {}
};

// Aim: what cannot take the short way goes to its account's home, by mail where that is another
// shard, and is answered for by mail. Method: account 1, whose home is the other one.
TEST_F(DeliveryElsewhere, GoesHomeByMail) {
  MessageRecord& record = due(1);
  delivery_.begin(record);
  ASSERT_EQ(world_.posted.size(), 1U);
  EXPECT_EQ(world_.posted[0].first, 1U);
  EXPECT_EQ(world_.posted[0].second.kind, static_cast<std::uint8_t>(MailKind::receipt));
  EXPECT_EQ(&record_of(world_.posted[0].second), &record);
  // Home hands it to a bind that is here.
  bind(1);
  world_.posted.clear();
  delivery_.carry(record, connection_.id);
  EXPECT_TRUE(sent().starts_with("receipt 1 "));
  EXPECT_TRUE(world_.posted.empty());
  respond(Status::ESME_ROK);
  ASSERT_EQ(world_.posted.size(), 1U);
  EXPECT_EQ(world_.posted[0].second.kind, static_cast<std::uint8_t>(MailKind::attempt_over));
  delivery_.end(record, DeliverResult::delivered);
  tidings_.tell();
  EXPECT_EQ(world_.books.messages.in_use(), 0U);
}

// Aim: a mail that names a bind which has gone comes back at once.
TEST_F(DeliveryElsewhere, ABindThatHasGoneIsToldOf) {
  MessageRecord& record = due(1);
  delivery_.carry(record, LinkId::make(3, 99));
  ASSERT_EQ(world_.posted.size(), 1U);
  EXPECT_EQ(static_cast<Attempt>(world_.posted[0].second.code & ~attempt_from_home),
            Attempt::closed);
  delivery_.end(record, DeliverResult::expired);
}

}  // namespace
}  // namespace ringgate

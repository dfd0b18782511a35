#include <gtest/gtest.h>

#include "shard_world.h"
#include "smpp/operations.h"

namespace ringgate::test {
namespace {

using smpp::Command;

std::string cancel_pdu(std::uint32_t sequence_number, std::string_view id) {
  smpp::CancelSm body;
  body.message_id = id;
  body.source_addr = "447700900001";
  body.destination_addr = "447700900002";
  return encoded(Command::cancel_sm, sequence_number, body);
}

/// Submits one message on that bind and returns its id as the client saw it.
std::string submit_one(World& world, Peer& peer) {
  world.write(peer, submit_pdu(100, 0));
  return peer.next()->message_id();
}

// Aim: an operation goes to the shard that gave out the id, and its answer comes back to the bind
// that asked. Method: two shards; each asks about a message of either.
TEST(Operations, GoToTheOwner) {
  World world(one_account(2));
  world.backend.operation_answer->state = MessageState::delivered;
  world.backend.operation_answer->final_s = 1'700'000'000;
  world.backend.operation_answer->error = 3;
  Peer* const peers[] = {&world.bound("esme", 0), &world.bound("esme", 1)};
  const std::string ids[] = {submit_one(world, *peers[0]), submit_one(world, *peers[1])};
  for (unsigned asker = 0; asker < 2; ++asker) {
    for (unsigned owner = 0; owner < 2; ++owner) {
      world.backend.operations.clear();
      world.write(*peers[asker], query_pdu(5, ids[owner]));
      ASSERT_EQ(world.backend.operations.size(), 1U);
      EXPECT_EQ(world.backend.operations[0].kind, OperationKind::query);
      EXPECT_EQ(world.backend.operations[0].shard, owner);
      EXPECT_EQ(world.backend.operations[0].source, "447700900001");
      const auto answer = peers[asker]->next();
      ASSERT_TRUE(answer.has_value());
      EXPECT_EQ(answer->command(), Command::query_sm_resp);
      EXPECT_EQ(answer->sequence_number(), 5U);
      EXPECT_EQ(answer->body, ids[owner] + std::string("\0", 1) + "231114221320000+" +
                                  std::string("\0\x02\x03", 3));
    }
  }
}

// Aim: an id that nobody can have been given is refused without asking the backend. Method: ids of
// wrong form.
TEST(Operations, ForeignForm) {
  World world(one_account());
  Peer& peer = world.bound("esme");
  for (const char* id : {"", "12", "01020304050607zz", "010203040506070809"}) {
    world.write(peer, query_pdu(6, id));
    EXPECT_EQ(peer.next()->status(), Status::ESME_RINVMSGID) << id;
  }
  EXPECT_TRUE(world.backend.operations.empty());
}

// Aim: the backend's verdict is the client's answer. Method: a failing cancel and a failing query.
TEST(Operations, Failures) {
  World world(one_account());
  Peer& peer = world.bound("esme");
  const std::string id = submit_one(world, peer);
  world.backend.operation_answer->status = Status::ESME_RCANCELFAIL;
  world.write(peer, cancel_pdu(6, id));
  const auto answer = peer.next();
  EXPECT_EQ(answer->command(), Command::cancel_sm_resp);
  EXPECT_EQ(answer->status(), Status::ESME_RCANCELFAIL);
}

// Aim: a cancel without an id asks every shard and succeeds when one of them has cancelled
// something. Method: three shards that fail but for one.
TEST(Operations, CancelWithoutId) {
  World world(one_account(3));
  Peer& peer = world.bound("esme", 1);
  world.backend.operation_answer.reset();
  for (const bool one_succeeds : {true, false}) {
    world.backend.operations.clear();
    world.write(peer, cancel_pdu(6, ""));
    ASSERT_EQ(world.backend.operations.size(), 3U);
    EXPECT_FALSE(world.backend.operations[0].names_id);
    for (const FakeBackend::Asked& asked : world.backend.operations) {
      EXPECT_FALSE(peer.next().has_value());
      OperationAnswer answer;
      answer.status =
          one_succeeds && asked.shard == 0 ? Status::ESME_ROK : Status::ESME_RCANCELFAIL;
      world.turn(asked.shard, [&](Shard& at) { at.answer(asked.ticket, answer); });
      world.settle();
    }
    const auto answer = peer.next();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status(), one_succeeds ? Status::ESME_ROK : Status::ESME_RCANCELFAIL);
  }
}

// Aim: the answer of a shard counts for that shard alone, and once. Method: a backend that answers
// a cancel without an id three times on one of three shards, with the ticket of another.
TEST(Operations, OneAnswerPerShard) {
  World world(one_account(3));
  Peer& peer = world.bound("esme", 1);
  world.backend.operation_answer.reset();
  world.write(peer, cancel_pdu(6, ""));
  ASSERT_EQ(world.backend.operations.size(), 3U);
  for (const FakeBackend::Asked& asked : world.backend.operations) {
    world.turn(0, [&](Shard& at) { at.answer(asked.ticket, {}); });
    world.settle();
  }
  EXPECT_FALSE(peer.next().has_value());
  OperationAnswer nothing;
  nothing.status = Status::ESME_RCANCELFAIL;
  for (const FakeBackend::Asked& asked : world.backend.operations) {
    if (asked.shard == 0) continue;
    EXPECT_FALSE(peer.next().has_value());
    world.turn(asked.shard, [&](Shard& at) { at.answer(asked.ticket, nothing); });
    world.settle();
  }
  const auto answer = peer.next();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status(), Status::ESME_ROK);
}

// Aim: of several accounts none takes all places for operations: above a quarter it hears
// ESME_RTHROTTLED, and the others go on. Method: a backend that does not answer, and one account on
// two binds.
TEST(Operations, SharesOfThePlaces) {
  WorldOptions options = one_account();
  options.accounts.push_back(account("other"));
  for (AccountOptions& one : options.accounts) one.operation_rate = 0;
  World world(options);
  world.backend.operation_answer.reset();
  constexpr std::uint32_t share = OpenOperations::count_max / 4;
  unsigned throttled = 0;
  std::string id;
  for (int bind = 0; bind < 2; ++bind) {
    Peer& peer = world.bound("esme");
    if (bind == 0) id = submit_one(world, peer);
    for (std::uint32_t i = 0; i < 600; ++i) world.write(peer, query_pdu(200 + i, id));
    while (const auto answer = peer.next()) {
      EXPECT_EQ(answer->status(), Status::ESME_RTHROTTLED);
      ++throttled;
    }
  }
  EXPECT_EQ(world.backend.operations.size(), share);
  EXPECT_EQ(throttled, 1'200 - share);
  EXPECT_EQ(world.counters().operations_throttled.get(), throttled);
  Peer& other = world.bound("other");
  world.write(other, query_pdu(5, submit_one(world, other)));
  EXPECT_EQ(world.backend.operations.size(), share + 1);
}

// Aim: operations count against their account's rate, whatever bind and shard they come by, and a
// cancel without an id counts as ten. Method: a burst of ten, then what two seconds bring.
TEST(Operations, Rate) {
  WorldOptions options = one_account(2);
  options.accounts[0].operation_rate = 10;
  options.accounts.push_back(account("other"));
  World world(options);
  Peer* const peers[] = {&world.bound("esme", 0), &world.bound("esme", 1)};
  const std::string id = submit_one(world, *peers[0]);
  const auto ask = [&](Peer& peer, const std::string& octets) {
    world.write(peer, octets);
    const auto answer = peer.next();
    EXPECT_TRUE(answer.has_value());
    return answer ? answer->status() : Status::ESME_RUNKNOWNERR;
  };
  for (std::uint32_t i = 0; i < 10; ++i)
    EXPECT_EQ(ask(*peers[i % 2], query_pdu(10 + i, id)), Status::ESME_ROK) << i;
  for (Peer* const peer : peers) EXPECT_EQ(ask(*peer, query_pdu(30, id)), Status::ESME_RTHROTTLED);
  EXPECT_EQ(ask(*peers[0], cancel_pdu(31, "")), Status::ESME_RTHROTTLED);
  Peer& other = world.bound("other");
  EXPECT_EQ(ask(other, query_pdu(5, submit_one(world, other))), Status::ESME_ROK);
  world.advance(seconds(2));
  EXPECT_EQ(ask(*peers[0], cancel_pdu(32, "")), Status::ESME_ROK);
  EXPECT_EQ(ask(*peers[1], cancel_pdu(33, "")), Status::ESME_RTHROTTLED);
  world.advance(milliseconds(100));
  EXPECT_EQ(ask(*peers[1], query_pdu(34, id)), Status::ESME_ROK);
  EXPECT_EQ(ask(*peers[1], query_pdu(35, id)), Status::ESME_RTHROTTLED);
  EXPECT_EQ(
      world.counters(0).operations_throttled.get() + world.counters(1).operations_throttled.get(),
      5U);
}

// Aim: a backend that never answers does not keep the client waiting for ever, and its late answer
// is ignored. Method: no answer for a minute, then one.
TEST(Operations, NoAnswer) {
  WorldOptions options = one_account();
  options.limits.enquire_link = 0;
  World world(options);
  Peer& peer = world.bound("esme");
  const std::string id = submit_one(world, peer);
  world.backend.operation_answer.reset();
  world.write(peer, query_pdu(6, id));
  world.advance(seconds(60));
  const auto answer = peer.next();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status(), Status::ESME_RQUERYFAIL);
  world.turn(0, [&](Shard& at) { at.answer(world.backend.operations[0].ticket, {}); });
  world.settle();
  EXPECT_FALSE(peer.next().has_value());
}

// Aim: a new broadcast gets an id, a query of it its state and areas. Method: broadcast_sm, then
// query_broadcast_sm with the id that was returned.
TEST(Operations, Broadcast) {
  World world(one_account());
  Peer& peer = world.connect();
  world.write(peer, bind_pdu(Command::bind_transceiver, "esme", "secret", 1, 0x50));
  ASSERT_EQ(peer.next()->status(), Status::ESME_ROK);
  smpp::BroadcastSm body;
  body.source_addr = "1000";
  std::string octets(wire::encoded_size(body), '\0');
  wire::encode(body, reinterpret_cast<std::uint8_t*>(octets.data()));
  octets += std::string("\x06\x06\x00\x02\x00\x41", 6);      // broadcast_area_identifier
  octets += std::string("\x06\x01\x00\x03\x00\x00\x00", 7);  // broadcast_content_type
  octets += std::string("\x06\x04\x00\x02\x00\x01", 6);      // broadcast_rep_num
  octets += std::string("\x06\x05\x00\x03\x09\x00\x01", 7);  // broadcast_frequency_interval
  world.write(peer, pdu(Command::broadcast_sm, 3, Status::ESME_ROK, octets));
  const auto made = peer.next();
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->command(), Command::broadcast_sm_resp);
  ASSERT_EQ(made->status(), Status::ESME_ROK);
  EXPECT_EQ(made->message_id(),
            std::string_view(to_text(world.backend.operations[0].id).data(), 16));
  const std::uint8_t area[] = {6, 6, 0, 1, 0x41};
  world.backend.operation_answer->state = MessageState::enroute;
  world.backend.operation_answer->tlvs = area;
  smpp::QuerySm query;
  query.message_id = made->message_id();
  const std::string id = made->message_id();
  query.message_id = id;
  query.source_addr = "1000";
  world.write(peer, encoded(Command::query_broadcast_sm, 4, query));
  const auto answer = peer.next();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, id + std::string("\0\x04\x27\0\x01\x01\x06\x06\0\x01\x41", 11));
}

// Aim: a 3.3 client finds its message by the eight digits it was given, and the backend is asked
// for the whole id. Method: query with them.
TEST(Operations, ShortIds) {
  World world(one_account(2));
  Peer& peer = world.connect(1);
  world.write(peer, bind_pdu(Command::bind_transmitter, "esme", "secret", 1, 0x33));
  ASSERT_EQ(peer.next()->status(), Status::ESME_ROK);
  const std::string id = submit_one(world, peer);
  EXPECT_EQ(id.size(), 8U);
  world.write(peer, query_pdu(6, id));
  ASSERT_EQ(world.backend.operations.size(), 1U);
  EXPECT_EQ(world.backend.operations[0].shard, 1U);
  EXPECT_EQ(world.backend.operations[0].id, world.backend.held[0].id);
  EXPECT_EQ(peer.next()->message_id(), id);
}

std::string replace_pdu(std::uint32_t sequence_number, std::string_view id, std::string_view text) {
  smpp::ReplaceSm body;
  body.message_id = id;
  body.source_addr = "447700900001";
  body.registered_delivery = 1;
  body.short_message = as_octets(text);
  return encoded(Command::replace_sm, sequence_number, body);
}

/// What a receipt repeats of its message.
std::string quoted(const Pdu& receipt) {
  smpp::ShortMessage message;
  const Octets octets = as_octets(receipt.body);
  Cursor cursor{octets.data(), octets.data() + octets.size()};
  if (!wire::decode(cursor, message).ok()) return "malformed";
  const std::string text(as_text(message.short_message));
  return text.substr(text.find(" text:") + 6);
}

// Aim: a receipt repeats the text that was in force when its outcome came: the last replacement
// that the backend agreed to. Method: agreed at once and later, refused, and agreed after the
// outcome; with and without a journal.
TEST(Operations, ReceiptsRepeatTheReplacedText) {
  for (const bool journal : {false, true}) {
    World world(one_account(1, journal));
    Peer& peer = world.bound("esme");
    world.write(peer, submit_pdu(1, 1, "the first"));
    world.settle();
    const std::string id = peer.next()->message_id();
    world.write(peer, replace_pdu(2, id, "the second"));
    EXPECT_EQ(peer.next()->status(), Status::ESME_ROK);
    world.backend.operation_answer->status = Status::ESME_RREPLACEFAIL;
    world.write(peer, replace_pdu(3, id, "refused"));
    EXPECT_EQ(peer.next()->status(), Status::ESME_RREPLACEFAIL);
    world.backend.operation_answer.reset();
    world.write(peer, replace_pdu(4, id, "too late"));
    world.report(world.backend.held[0]);
    auto receipt = peer.next();
    ASSERT_TRUE(receipt);
    EXPECT_EQ(quoted(*receipt), "the second");
    world.turn(0, [&](Shard& at) { at.answer(world.backend.operations.back().ticket, {}); });
    world.settle();
    EXPECT_EQ(peer.next()->status(), Status::ESME_ROK);
    // Sent once more, it says the same.
    world.drop(peer);
    Peer& other = world.bound("esme");
    receipt = other.next();
    ASSERT_TRUE(receipt);
    EXPECT_EQ(quoted(*receipt), "the second");
  }
}

// Aim: eight digits of 3.3 mean one message: an id is not given out while an open one of the same
// account looks like it. Method: open messages of an earlier run, 67 million ids ago; plain ids and
// permuted ones.
TEST(Operations, ShortIdsAreNotRepeatedWhileOpen) {
  for (const bool permuted : {false, true}) {
    WorldOptions options = one_account(1, true);
    if (!permuted) options.ids = MessageIdCodec{};
    for (std::uint32_t slot = 0; slot < 3; ++slot) {
      journal::Accepted message;
      const std::uint64_t sequence = (std::uint64_t{1} << short_sequence_bits) + 2 + slot;
      message.id = options.ids.id_of(MessageId{std::uint64_t{1} << 56}, sequence);
      message.permuted = permuted;
      message.slot = slot;
      message.submitted_s = 1'700'000'000;
      message.set_receipt(ReceiptWish::always);
      message.source.text = "447700900001";
      message.destination.text = "447700900002";
      const std::size_t size = journal::accepted_size(message);
      std::vector<std::uint8_t>& records = options.restored_records;
      records.resize(records.size() + size);
      journal::write_accepted(records.data() + records.size() - size, size, message);
    }
    options.restored_messages = 3;
    World world(options);
    const IdStyle style{0x33, IdFormat::hex, &options.ids};
    std::set<std::string> seen;
    for (const FakeBackend::Held& held : world.backend.held) {
      char text[message_id_text_max];
      seen.emplace(text, write_message_id(held.id, style, text));
    }
    ASSERT_EQ(seen.size(), 3U);
    Peer& peer = world.connect();
    world.write(peer, bind_pdu(Command::bind_transceiver, "esme", "secret", 1, 0x33));
    EXPECT_EQ(peer.next()->status(), Status::ESME_ROK);
    for (std::uint32_t i = 1; i <= 5; ++i) {
      world.write(peer, submit_pdu(i));
      world.settle();
      const auto answer = peer.next();
      ASSERT_TRUE(answer);
      EXPECT_TRUE(seen.insert(answer->message_id()).second) << permuted << i;
    }
  }
}

}  // namespace
}  // namespace ringgate::test

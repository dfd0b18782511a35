#include <gtest/gtest.h>

#include "shard_world.h"
#include "smpp/operations.h"
#include "smpp/tlv.h"

namespace ringgate::test {
namespace {

using smpp::Command;

std::string address(std::string_view digits) {
  return std::string("\x01\x01\x01", 3).append(digits).append(1, '\0');
}

/// submit_multi to these addresses.
std::string multi_pdu(std::uint32_t sequence_number, const std::vector<std::string>& destinations,
                      std::uint8_t registered_delivery = 0) {
  std::string body(3, '\0');  // service_type, source_addr_ton, source_addr_npi
  body.append("1000").append(1, '\0');
  body.push_back(static_cast<char>(destinations.size()));
  for (const std::string& one : destinations) body += address(one);
  body.append(5, '\0');  // esm_class ... validity_period
  body.push_back(static_cast<char>(registered_delivery));
  body.append(3, '\0');
  body.append("\x05hello");
  return pdu(Command::submit_multi, sequence_number, Status::ESME_ROK, body);
}

struct Failure {
  std::string destination;
  Status status;
};

struct MultiAnswer {
  std::string id;
  std::vector<Failure> failures;
};

MultiAnswer read_answer(const Pdu& answer) {
  MultiAnswer out;
  out.id = answer.message_id();
  std::size_t at = out.id.size() + 1;
  const auto count = static_cast<unsigned char>(answer.body.at(at++));
  for (unsigned i = 0; i < count; ++i) {
    at += 2;
    const std::size_t end = answer.body.find('\0', at);
    Failure failure;
    failure.destination = answer.body.substr(at, end - at);
    failure.status = static_cast<Status>(load_be32(as_octets(answer.body).data() + end + 1));
    out.failures.push_back(failure);
    at = end + 5;
  }
  EXPECT_EQ(at, answer.body.size());
  return out;
}

// Aim: one PDU becomes a message for every destination, all with the id of its one response, and
// each destination has a receipt of its own behind that response. Method: three destinations.
TEST(SubmitMulti, OneIdManyReceipts) {
  World world(one_account());
  world.backend.report = true;
  Peer& peer = world.bound("esme");
  world.write(peer, multi_pdu(7, {"441", "442", "443"}, 1));
  ASSERT_EQ(world.backend.held.size(), 3U);
  EXPECT_EQ(world.backend.held[0].destination, "441");
  EXPECT_EQ(world.backend.held[2].destination, "443");
  const auto answer = peer.next();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->command(), Command::submit_multi_resp);
  EXPECT_EQ(answer->sequence_number(), 7U);
  EXPECT_EQ(answer->status(), Status::ESME_ROK);
  const MultiAnswer read = read_answer(*answer);
  EXPECT_EQ(read.id, std::string_view(to_text(world.backend.held[0].id).data(), 16));
  EXPECT_TRUE(read.failures.empty());
  for (int i = 0; i < 3; ++i) {
    const auto receipt = peer.next();
    ASSERT_TRUE(receipt.has_value());
    EXPECT_EQ(receipt->receipted_id(), read.id);
    world.answer_deliver(peer, *receipt);
  }
  EXPECT_EQ(world.messages_open(), 0U);
}

// Aim: destinations that fail are named with their reasons, and the others are accepted. Method: a
// destination that is no number, and one that the backend refuses late.
TEST(SubmitMulti, PerDestinationFailures) {
  World world(one_account());
  world.backend.answer.reset();
  Peer& peer = world.bound("esme");
  world.write(peer, multi_pdu(8, {"441", "letters", "443"}));
  ASSERT_EQ(world.backend.held.size(), 2U);
  world.answer(world.backend.held[1], Status::ESME_RSUBMITFAIL);
  EXPECT_FALSE(peer.next().has_value());
  world.answer(world.backend.held[0]);
  const auto answer = peer.next();
  ASSERT_TRUE(answer.has_value());
  const MultiAnswer read = read_answer(*answer);
  ASSERT_EQ(read.failures.size(), 2U);
  EXPECT_EQ(read.failures[0].destination, "letters");
  EXPECT_EQ(read.failures[0].status, Status::ESME_RINVDSTADR);
  EXPECT_EQ(read.failures[1].destination, "443");
  EXPECT_EQ(read.failures[1].status, Status::ESME_RSUBMITFAIL);
  EXPECT_EQ(world.messages_open(), 0U);
}

// Aim: when nothing was accepted the response says so in its status. Method: one bad destination;
// then a backend that refuses.
TEST(SubmitMulti, AllFailed) {
  World world(one_account());
  Peer& peer = world.bound("esme");
  world.write(peer, multi_pdu(9, {"letters"}));
  EXPECT_EQ(peer.next()->status(), Status::ESME_RINVDSTADR);
  world.backend.answer = Status::ESME_RSYSERR;
  world.write(peer, multi_pdu(10, {"441", "442"}));
  EXPECT_EQ(peer.next()->status(), Status::ESME_RSYSERR);
  EXPECT_EQ(world.messages_open(), 0U);
}

// Aim: an outcome that comes before the last answer waits, so that no receipt overtakes the
// response. Method: the backend reports one destination while the other has no answer yet.
TEST(SubmitMulti, ReceiptWaitsForResponse) {
  World world(one_account());
  world.backend.answer.reset();
  Peer& peer = world.bound("esme");
  world.write(peer, multi_pdu(11, {"441", "442"}, 1));
  world.answer(world.backend.held[0]);
  world.report(world.backend.held[0]);
  EXPECT_FALSE(peer.next().has_value());
  world.answer(world.backend.held[1]);
  EXPECT_EQ(peer.next()->command(), Command::submit_multi_resp);
  EXPECT_EQ(peer.next()->command(), Command::deliver_sm);
}

// Aim: every destination counts against the rate, and one PDU is not refused by halves. Method: a
// rate of 10 with a burst of 5, 5 destinations at a time, for ten seconds.
TEST(SubmitMulti, CountsAgainstRate) {
  WorldOptions options = one_account();
  options.accounts[0].rate = 10;
  options.accounts[0].burst = 5;
  World world(options);
  Peer& peer = world.bound("esme");
  for (std::uint32_t i = 0; i < 100; ++i) {
    world.write(peer, multi_pdu(20 + i, {"441", "442", "443", "444", "445"}));
    world.advance(milliseconds(100));
  }
  EXPECT_GE(world.backend.held.size(), 95U);
  EXPECT_LE(world.backend.held.size(), 115U);
}

// Aim: a client that leaves before the last answer costs nothing that stays. Method: the link drops
// while one destination is open.
TEST(SubmitMulti, ClientLeaves) {
  World world(one_account());
  world.backend.answer.reset();
  Peer& peer = world.bound("esme");
  world.write(peer, multi_pdu(12, {"441", "442"}, 0));
  world.answer(world.backend.held[0]);
  world.drop(peer);
  world.answer(world.backend.held[1]);
  EXPECT_EQ(world.messages_open(), 0U);
}

/// A submit that fills much of a segment.
std::string large_pdu(std::uint32_t sequence_number) {
  smpp::ShortMessage body;
  body.source_addr = "447700900001";
  body.destination_addr = "447700900002";
  std::string out = encoded(Command::submit_sm, sequence_number, body);
  const std::vector<std::uint8_t> payload(60'000, 'x');
  const std::size_t size = out.size();
  out.resize(size + wire::keyed_header_size + payload.size());
  auto* const at = reinterpret_cast<std::uint8_t*>(out.data());
  wire::write_keyed(static_cast<std::uint16_t>(smpp::Tag::message_payload), payload, at + size);
  store_be32(at, static_cast<std::uint32_t>(out.size()));
  return out;
}

/// Where the journal's records of accepted messages with that id go to, by segment.
std::map<std::uint64_t, std::multiset<std::string>> destinations_of(World& world, MessageId id) {
  std::map<std::uint64_t, std::multiset<std::string>> out;
  for (io::FileSlot file = 0; file < 4; ++file) {
    Octets rest = world.file(file);
    while (const auto header = journal::read_batch(rest, {1})) {
      Octets records = journal::records_of(*header, rest);
      journal::RecordView record;
      bool broken = false;
      while (journal::next_record(records, record, broken))
        if (record.header.type == journal::RecordType::accepted && record.id() == id)
          out[header->segment].emplace(journal::read_accepted(record)->destination.text);
      rest =
          rest.subspan(std::min(journal::round_up(header->size, journal::block_size), rest.size()));
    }
  }
  return out;
}

// Aim: what is copied out of an old segment is the message that is open, also where another of the
// same submit_multi, refused at once, had its place in memory before it. Method: more destinations
// than the backend gets at a time, of which the first is refused and the last stays open; then
// other messages until the segment is emptied.
TEST(SubmitMulti, ARefusedDestinationDoesNotComeBack) {
  WorldOptions options = one_account(1, true);
  options.files_max = 4;
  World world(options);
  Peer& peer = world.bound("esme");
  std::vector<std::string> destinations;
  for (unsigned i = 0; i < 33; ++i) destinations.push_back(std::to_string(447700900100 + i));
  world.backend.refuses = {destinations.front()};
  world.write(peer, multi_pdu(1, destinations));
  ASSERT_EQ(world.backend.held.size(), 33u);
  const FakeBackend::Held refused = world.backend.held.front(), open = world.backend.held.back();
  ASSERT_EQ(refused.ticket.slot, open.ticket.slot) << "each has a place of its own";
  for (unsigned i = 1; i < 32; ++i) world.report(world.backend.held[i]);
  ASSERT_EQ(world.messages_open(), 1u);
  world.backend.report = true;
  for (unsigned i = 0; i < 60; ++i) world.write(peer, large_pdu(10 + i));
  ASSERT_EQ(world.messages_open(), 1u);
  const auto found = destinations_of(world, open.id);
  ASSERT_NE(found.rbegin()->first, 1u) << "no segment was emptied";
  EXPECT_EQ(found.rbegin()->second, std::multiset<std::string>{open.destination});
}

}  // namespace
}  // namespace ringgate::test

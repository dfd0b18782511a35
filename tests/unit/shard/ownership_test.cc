// Operations on what is somebody else's: the backend must not hear of them, and whoever asks must
// not be able to tell them from operations on what there is not.
#include <gtest/gtest.h>

#include "shard_world.h"
#include "smpp/operations.h"

namespace ringgate::test {
namespace {

using smpp::Command;

constexpr std::string_view source = "447700900001";

template <class Body>
Body naming(std::string_view id) {
  Body body;
  body.message_id = id;
  body.source_addr = source;
  return body;
}

/// Any operation with that id, as the account's own would be.
std::string operation_pdu(Command command, std::uint32_t sequence_number, std::string_view id) {
  switch (command) {
    case Command::query_sm:
    case Command::query_broadcast_sm:
      return encoded(command, sequence_number, naming<smpp::QuerySm>(id));
    case Command::cancel_sm:
      return encoded(command, sequence_number, naming<smpp::CancelSm>(id));
    case Command::cancel_broadcast_sm:
      return encoded(command, sequence_number, naming<smpp::CancelBroadcastSm>(id));
    case Command::replace_sm: {
      auto body = naming<smpp::ReplaceSm>(id);
      body.short_message = as_octets("replaced");
      return encoded(command, sequence_number, body);
    }
    default: {
      const auto body = naming<smpp::BroadcastSm>(id);
      std::string octets(wire::encoded_size(body), '\0');
      wire::encode(body, reinterpret_cast<std::uint8_t*>(octets.data()));
      octets += std::string("\x06\x06\x00\x02\x00\x41", 6);      // broadcast_area_identifier
      octets += std::string("\x06\x01\x00\x03\x00\x00\x00", 7);  // broadcast_content_type
      octets += std::string("\x06\x04\x00\x02\x00\x01", 6);      // broadcast_rep_num
      octets += std::string("\x06\x05\x00\x03\x09\x00\x01", 7);  // broadcast_frequency_interval
      return pdu(command, sequence_number, Status::ESME_ROK, octets);
    }
  }
}

/// What became of the message that is asked about.
enum class Fate : std::uint8_t { open, reported, over, broadcast };

struct Case {
  bool journal;
  std::uint8_t version;
  Fate fate;
};

class Ownership : public testing::TestWithParam<Case> {
 protected:
  static WorldOptions options() {
    WorldOptions out = one_account(2, GetParam().journal);
    // What decided once were 16 bits of these names, in which they agree.
    out.accounts = {account("customer01"), account("customer02")};
    return out;
  }
  Peer& bound(const std::string& system_id, unsigned shard) {
    Peer& peer = world.connect(shard);
    world.write(peer,
                bind_pdu(Command::bind_transmitter, system_id, "secret", 1, GetParam().version));
    EXPECT_EQ(peer.next()->status(), Status::ESME_ROK);
    return peer;
  }
  /// The id of a message of that peer's, as it was told.
  std::string make(Peer& peer) {
    if (GetParam().fate == Fate::broadcast) {
      world.write(peer, operation_pdu(Command::broadcast_sm, 3, ""));
      world.backend.operations.clear();
      return peer.next()->message_id();
    }
    // A receipt that no bind takes keeps a reported one open.
    const bool receipt = GetParam().fate == Fate::reported;
    world.write(peer, submit_pdu(2, receipt ? 1 : 0));
    if (GetParam().fate != Fate::open) world.report(world.backend.held.back());
    return peer.next()->message_id();
  }
  std::vector<Command> commands() const {
    std::vector<Command> out{Command::query_sm, Command::cancel_sm, Command::replace_sm};
    if (GetParam().version >= 0x50)
      out.insert(out.end(), {Command::query_broadcast_sm, Command::cancel_broadcast_sm,
                             Command::broadcast_sm});
    return out;
  }
  /// One that nobody was given, from the same shard.
  std::string unknown() const {
    const MessageIdCodec& codec = options().ids;
    char text[message_id_text_max];
    const MessageId id = codec.id_of(MessageId{std::uint64_t{1} << 56}, 50'000'000);
    const IdStyle style{GetParam().version, IdFormat::hex, &codec};
    return {text, write_message_id(id, style, text)};
  }

  World world{options()};
};

// Aim: an operation of any kind on another account's id does not reach the backend, and its answer
// is that for an id that there is not; the account's own reaches it, or is answered from what is
// known here. Method: for full and short ids, with and without a journal, whatever became of the
// message; asked on the shard that has it and on another one.
TEST_P(Ownership, ForeignIdsAreUnknown) {
  Peer& owner = bound("customer01", 0);
  const std::string id = make(owner);
  ASSERT_EQ(id.size(), GetParam().version < 0x34 ? 8U : 16U);
  for (const unsigned shard : {0u, 1u}) {
    Peer& asker = bound("customer02", shard);
    make(asker);
    world.backend.operations.clear();
    for (const Command command : commands()) {
      std::optional<Pdu> answers[2];
      for (const bool foreign : {false, true}) {
        world.write(asker, operation_pdu(command, 9, foreign ? id : unknown()));
        answers[foreign] = asker.next();
        ASSERT_TRUE(answers[foreign].has_value());
      }
      const std::string what = "command " + std::to_string(static_cast<std::uint32_t>(command));
      EXPECT_EQ(answers[1]->status(), Status::ESME_RINVMSGID) << what;
      EXPECT_EQ(answers[1]->status(), answers[0]->status()) << what;
      EXPECT_EQ(answers[1]->header.command_id, answers[0]->header.command_id) << what;
      EXPECT_EQ(answers[1]->body, answers[0]->body) << what;
      EXPECT_TRUE(world.backend.operations.empty()) << what << ": the backend was asked";
    }
    Peer& other_bind = bound("customer01", shard);
    world.write(other_bind, operation_pdu(commands()[0], 10, id));
    EXPECT_EQ(other_bind.next()->status(), Status::ESME_ROK) << "the owner's own";
    const bool known_here =
        GetParam().journal && GetParam().fate != Fate::open && GetParam().fate != Fate::broadcast;
    EXPECT_EQ(world.backend.operations.size(), known_here ? 0U : 1U);
  }
}

std::vector<Case> cases() {
  std::vector<Case> out;
  for (const bool journal : {false, true})
    for (const std::uint8_t version : {std::uint8_t{0x33}, std::uint8_t{0x50}})
      for (const Fate fate : {Fate::open, Fate::reported, Fate::over, Fate::broadcast})
        if (fate != Fate::broadcast || version >= 0x50) out.push_back({journal, version, fate});
  return out;
}

std::string name_of(const testing::TestParamInfo<Case>& of) {
  static constexpr const char* fates[] = {"open", "reported", "over", "broadcast"};
  return std::string(of.param.journal ? "journal_" : "memory_") +
         (of.param.version < 0x34 ? "short_" : "full_") + fates[static_cast<int>(of.param.fate)];
}

INSTANTIATE_TEST_SUITE_P(, Ownership, testing::ValuesIn(cases()), name_of);

// Aim: a message that stays open is known as its account's however many others come, and is found
// by its short id as well. Method: more of them than there are places for the last owners.
TEST(OwnershipOfOldMessages, StayOpen) {
  WorldOptions options = one_account();
  options.accounts = {account("customer01"), account("customer02")};
  for (const std::uint8_t version : {std::uint8_t{0x33}, std::uint8_t{0x34}}) {
    World world(options);
    Peer* peers[2] = {&world.connect(), &world.connect()};
    for (std::size_t i = 0; i < 2; ++i) {
      world.write(*peers[i], bind_pdu(Command::bind_transmitter, options.accounts[i].system_id,
                                      "secret", 1, version));
      ASSERT_EQ(peers[i]->next()->status(), Status::ESME_ROK);
    }
    world.write(*peers[0], submit_pdu(2));
    const std::string id = peers[0]->next()->message_id();
    std::string many;
    for (std::uint32_t i = 0; i < 64; ++i) many += submit_pdu(100 + i, 0);
    for (std::uint32_t i = 0; i < Owners::size_min / 64 + 1; ++i) {
      world.write(*peers[1], many);
      peers[1]->in.pdus.clear();
      world.backend.held.clear();
    }
    for (const bool owner : {true, false}) {
      Peer& asker = *peers[owner ? 0 : 1];
      world.backend.operations.clear();
      world.write(asker, operation_pdu(Command::query_sm, 9, id));
      EXPECT_EQ(asker.next()->status(), owner ? Status::ESME_ROK : Status::ESME_RINVMSGID);
      EXPECT_EQ(world.backend.operations.size(), owner ? 1U : 0U);
    }
  }
}

// Aim: a replace that is agreed to when its message is over changes nothing in the journal, whoever
// has the message's place by then. Method: the other account's message takes the slot between the
// question and the answer.
TEST(OwnershipOfOldMessages, LateReplace) {
  WorldOptions options = one_account(1, true);
  options.accounts = {account("customer01"), account("customer02")};
  World world(options);
  Peer& first = world.bound("customer01");
  Peer& second = world.bound("customer02");
  world.write(first, submit_pdu(2, 0));
  const std::string id = first.next()->message_id();
  world.backend.operation_answer.reset();
  world.write(first, operation_pdu(Command::replace_sm, 3, id));
  ASSERT_EQ(world.backend.operations.size(), 1U);
  const Ticket ended = world.backend.held[0].ticket;
  world.report(world.backend.held[0]);
  world.write(second, submit_pdu(4, 0));
  ASSERT_EQ(world.backend.held[1].ticket.slot, ended.slot);
  const std::uint64_t written = world.counters().journal_batches.get();
  world.turn(0, [&](Shard& at) { at.answer(world.backend.operations[0].ticket, {}); });
  world.settle();
  EXPECT_EQ(first.next()->status(), Status::ESME_ROK);
  EXPECT_EQ(world.counters().journal_batches.get(), written) << "something was journaled";
}

}  // namespace
}  // namespace ringgate::test

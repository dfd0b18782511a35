// What receipts repeat of texts in other alphabets than their own, before a restart and after it.
#include <gtest/gtest.h>

#include "journal/record.h"
#include "shard_world.h"

namespace ringgate::test {
namespace {

using smpp::Command;
using namespace std::string_view_literals;

constexpr std::uint8_t latin1 = 3;
constexpr std::uint8_t ucs2 = 8;
constexpr std::string_view cafe = "caf\xE9";
constexpr std::string_view cafe_gsm7 = "caf\x05";

/// Behind "text:" of the receipt that comes next, which is answered.
std::string next_quote(World& world, Peer& peer) {
  const auto receipt = peer.next();
  if (!receipt || receipt->command() != Command::deliver_sm) return "no receipt";
  smpp::ShortMessage message;
  Cursor cursor{as_octets(receipt->body).data(),
                as_octets(receipt->body).data() + receipt->body.size()};
  if (!wire::decode(cursor, message).ok()) return "malformed";
  EXPECT_EQ(message.data_coding, 0);
  world.answer_deliver(peer, *receipt);
  const std::string text(as_text(message.short_message));
  return text.substr(text.find(" text:") + 6);
}

std::string submit(std::uint32_t sequence_number, std::string_view text, std::uint8_t data_coding) {
  smpp::ShortMessage body;
  body.source_addr = "447700900001";
  body.destination_addr = "447700900002";
  body.registered_delivery = 1;
  body.data_coding = data_coding;
  body.short_message = as_octets(text);
  return encoded(Command::submit_sm, sequence_number, body);
}

// Aim: a receipt is in one alphabet. Method: Latin-1, UTF-16 and default texts for an account of
// each default alphabet.
TEST(ReceiptQuotes, InTheAccountsAlphabet) {
  const struct {
    DefaultAlphabet alphabet;
    std::string_view quote;
  } rows[] = {{DefaultAlphabet::gsm7, cafe_gsm7},
              {DefaultAlphabet::gsm7_packed, cafe_gsm7},
              {DefaultAlphabet::latin1, cafe},
              {DefaultAlphabet::ascii, "caf?"},
              {DefaultAlphabet::utf8, "caf\xC3\xA9"}};
  for (const auto& row : rows) {
    WorldOptions options = one_account();
    options.accounts[0].quirks.default_alphabet = row.alphabet;
    World world(options);
    Peer& peer = world.bound("esme");
    world.write(peer, submit(1, cafe, latin1));
    world.write(peer, submit(2, "c\0a\0"sv, ucs2));
    EXPECT_EQ(peer.next()->status(), Status::ESME_ROK);
    EXPECT_EQ(peer.next()->status(), Status::ESME_ROK);
    world.report(world.backend.held[0]);
    EXPECT_EQ(next_quote(world, peer), row.quote);
    world.report(world.backend.held[1]);
    EXPECT_EQ(next_quote(world, peer), "");
  }
}

/// One segment with messages of which the outcome is known, as recovery or a rewrite leaves them.
class Segment {
 public:
  void add(std::string_view text, std::uint8_t data_coding, DefaultAlphabet alphabet) {
    journal::Accepted message;
    message.id = {100 + count_};
    message.slot = count_++;
    message.wish = ReceiptWish::always;
    message.default_alphabet = alphabet;
    message.data_coding = data_coding;
    message.source.text = "447700900001";
    message.destination.text = "447700900002";
    message.text = as_octets(text);
    journal::trim(message);
    const std::size_t size = journal::size_of(message);
    journal::write_accepted(append(size), size, message);
    journal::write_fixed(append(journal::record_size(sizeof(journal::OutcomeBody))),
                         journal::RecordType::outcome,
                         static_cast<std::uint8_t>(MessageState::delivered), message.slot,
                         message.id, journal::OutcomeBody{1'700'000'000, 0, 0});
  }
  journal::ShardStart start() const { return {{{0, 1u << 12}}, 1, count_, 0}; }
  void restore_into(Shard& shard) {
    journal::BatchHeader header{};
    header.size = static_cast<std::uint32_t>(size_);
    shard.restore(1, header, {batch_.data(), size_});
    shard.restored();
  }

 private:
  std::uint8_t* append(std::size_t size) {
    size_ += size;
    return batch_.data() + size_ - size;
  }

  std::vector<std::uint8_t> batch_ = std::vector<std::uint8_t>(1u << 12);
  std::size_t size_ = sizeof(journal::BatchHeader);
  std::uint32_t count_ = 0;
};

// Aim: a receipt that is sent after a restart repeats what it would have repeated before: of a
// trimmed record, in the account's alphabet of now, and nothing of UTF-16. Method: such records,
// restored.
TEST(ReceiptQuotes, AfterARestart) {
  Segment segment;
  segment.add("hello, a text that is trimmed", 0, DefaultAlphabet::gsm7);
  segment.add(cafe, latin1, DefaultAlphabet::gsm7);
  segment.add("caf\xC3\xA9", 0, DefaultAlphabet::utf8);
  segment.add("\0c\0a\0f"sv, ucs2, DefaultAlphabet::gsm7);
  segment.add("0123456789012345678\x1B\x65", 0, DefaultAlphabet::gsm7);
  WorldOptions options = one_account(1, true);
  options.restored = segment.start();
  World world(options);
  world.turn(0, [&](Shard& at) { segment.restore_into(at); });
  world.settle();
  Peer& peer = world.bound("esme");
  for (const std::string_view quote :
       {"hello, a text that i"sv, cafe_gsm7, cafe_gsm7, ""sv, "0123456789012345678"sv})
    EXPECT_EQ(next_quote(world, peer), quote);
  EXPECT_EQ(world.messages_open(), 0U);
}

}  // namespace
}  // namespace ringgate::test

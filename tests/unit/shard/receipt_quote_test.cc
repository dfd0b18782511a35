// What receipts repeat of texts in other alphabets than their own, before a restart and after it.
#include <gtest/gtest.h>

#include "journal/record.h"
#include "policy/quirk_profiles.h"
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

std::string submit(std::uint32_t sequence_number, std::string_view text, std::uint8_t data_coding,
                   std::uint8_t registered_delivery = 1) {
  smpp::ShortMessage body;
  body.source_addr = "447700900001";
  body.destination_addr = "447700900002";
  body.registered_delivery = registered_delivery;
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
  void add(std::string_view text, std::uint8_t data_coding, DefaultAlphabet alphabet,
           std::size_t text_octets = MessageRecord::snippet_max) {
    journal::Accepted message;
    message.id = {100 + count_};
    message.slot = count_++;
    message.set_receipt(ReceiptWish::always);
    message.default_alphabet = alphabet;
    message.data_coding = data_coding;
    message.source.text = "447700900001";
    message.destination.text = "447700900002";
    message.text = as_octets(text);
    journal::trim(message, text_octets);
    const std::size_t size = journal::accepted_size(message);
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

constexpr std::string_view long_text = "Sending SMS through SMPP and more";
constexpr std::string_view long_quote = "Sending SMS through SMPP ";
static_assert(long_quote.size() == 25);

/// An account whose receipts repeat 25 characters, as a known provider's do.
AccountOptions imiconnect(std::string system_id) {
  AccountOptions out = account(std::move(system_id));
  out.quirks.receipt_template = find_profile("imiconnect")->receipt_template;
  return out;
}
WorldOptions one_imiconnect(unsigned shards = 1, bool journal = false) {
  WorldOptions out = one_account(shards, journal);
  out.accounts[0] = imiconnect("esme");
  return out;
}
/// As that template has it.
std::string marked(std::string_view quote) { return '"' + std::string(quote) + '"'; }

std::string utf16(std::string_view text) {
  std::string out;
  for (const char c : text) (out += '\0') += c;
  return out;
}

// Aim: receipts of an account whose template asks for more than a record holds have it, whatever
// the coding of the text; other accounts' have what they had. Method: such texts, a short one
// between them, in both accounts, with and without a journal; slots are used again.
TEST(LongReceiptQuotes, AsTheTemplateSays) {
  for (const bool journal : {false, true}) {
    WorldOptions options = one_imiconnect(1, journal);
    options.accounts.push_back(account("plain"));
    World world(options);
    Peer& peer = world.bound("esme");
    Peer& plain = world.bound("plain");
    const auto quote_of = [&world](Peer& by, std::string_view text, std::uint8_t data_coding) {
      world.write(by, submit(1, text, data_coding));
      EXPECT_EQ(by.next()->status(), Status::ESME_ROK);
      world.report(world.backend.held.back());
      return next_quote(world, by);
    };
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(quote_of(peer, long_text, 0), marked(long_quote));
      EXPECT_EQ(quote_of(peer, "short", 0), marked("short"));
      EXPECT_EQ(quote_of(peer, long_text, latin1), marked(long_quote));
      EXPECT_EQ(quote_of(peer, utf16(long_text), ucs2), marked(long_quote));
      EXPECT_EQ(quote_of(peer, "\x04\x16\0a"sv, ucs2), marked("?a"));
      EXPECT_EQ(quote_of(plain, long_text, 0), long_text.substr(0, 20));
      EXPECT_EQ(quote_of(plain, utf16(long_text), ucs2), "");
    }
    EXPECT_EQ(world.messages_open(), 0U);
  }
}

// Aim: the text goes with its record to whatever shard carries the receipt, and each message has
// its own. Method: submits by a transmitter on each shard, a receiver on one; outcomes when all are
// in.
TEST(LongReceiptQuotes, OnAnotherShard) {
  World world(one_imiconnect(3));
  Peer& receiver = world.bound("esme", 2, Command::bind_receiver);
  std::vector<Peer*> transmitters;
  for (unsigned shard = 0; shard < 2; ++shard)
    transmitters.push_back(&world.bound("esme", shard, Command::bind_transmitter));
  std::vector<std::string> expected;
  for (unsigned i = 0; i < 10; ++i) {
    const std::string text = std::to_string(i) + " " + std::string(long_text);
    world.write(*transmitters[i % 2], submit(i + 1, text, 0));
    expected.push_back(marked(text.substr(0, 25)));
  }
  ASSERT_EQ(world.backend.held.size(), expected.size());
  for (unsigned i = 0; i < expected.size(); ++i) {
    world.report(world.backend.held[i]);
    EXPECT_EQ(next_quote(world, receiver), expected[i]);
  }
}

std::string replace(std::uint32_t sequence_number, std::string_view id, std::string_view text) {
  smpp::ReplaceSm body;
  body.message_id = id;
  body.source_addr = "447700900001";
  body.registered_delivery = 1;
  body.short_message = as_octets(text);
  return encoded(Command::replace_sm, sequence_number, body);
}

// Aim: a replace_sm brings the text that the receipt repeats, and changes no notification that is
// on its way. Method: a notification, a longer text, again a short one, the outcome; the
// notification is answered last, on another bind than the one that it was sent to first.
TEST(LongReceiptQuotes, Replaced) {
  for (const bool journal : {false, true}) {
    World world(one_imiconnect(1, journal));
    Peer& peer = world.bound("esme");
    world.write(peer, submit(1, long_text, 0, 0x11));
    const std::string id = peer.next()->message_id();
    world.report(world.backend.held[0], MessageState::enroute);
    ASSERT_TRUE(peer.next());
    const std::string other = "Another text, that is as long as the first";
    for (const std::string& text : {other, std::string("short"), other + " one"}) {
      world.write(peer, replace(2, id, text));
      EXPECT_EQ(peer.next()->status(), Status::ESME_ROK);
    }
    world.drop(peer);
    Peer& next = world.bound("esme");
    EXPECT_EQ(next_quote(world, next), marked(long_quote));
    world.report(world.backend.held[0]);
    EXPECT_EQ(next_quote(world, next), marked(other.substr(0, 25)));
    EXPECT_EQ(world.messages_open(), 0U);
  }
}

// Aim: after a restart a receipt repeats what it would have repeated before: of a record that was
// trimmed as its account needs it, of one that an earlier version trimmed, what is left. Method:
// such records, restored; one of another alphabet than the account has now.
TEST(LongReceiptQuotes, AfterARestart) {
  const std::size_t kept = octets_of_characters(25);
  Segment segment;
  segment.add(long_text, 0, DefaultAlphabet::gsm7, kept);
  segment.add(utf16(long_text), ucs2, DefaultAlphabet::gsm7, kept);
  segment.add("caf\xC3\xA9 caf\xC3\xA9 caf\xC3\xA9 caf\xC3\xA9 caf\xC3\xA9 caf\xC3\xA9", 0,
              DefaultAlphabet::utf8, kept);
  segment.add(long_text, 0, DefaultAlphabet::gsm7);
  WorldOptions options = one_imiconnect(1, true);
  options.restored = segment.start();
  World world(options);
  world.turn(0, [&](Shard& at) { segment.restore_into(at); });
  world.settle();
  Peer& peer = world.bound("esme");
  for (const std::string_view quote :
       {long_quote, long_quote, "caf\x05 caf\x05 caf\x05 caf\x05 caf\x05 "sv,
        long_text.substr(0, 20)})
    EXPECT_EQ(next_quote(world, peer), marked(quote));
  EXPECT_EQ(world.messages_open(), 0U);
}

}  // namespace
}  // namespace ringgate::test

#include <gtest/gtest.h>
#include <ringgate/text.h>

#include <string>
#include <vector>

#include "../silent_replies.h"
#include "base/bytes.h"
#include "text/data_coding.h"

namespace ringgate {
namespace {

/// Takes what is delivered, up to a number.
class Taker final : public test::SilentReplies {
 public:
  explicit Taker(std::size_t room) : room_(room) {}
  Routed deliver(const Deliver& message, MessageId& id) override {
    if (taken.size() == room_) return Routed::full;
    taken.push_back({std::string(as_text(message.text)), message.data_coding, message.esm_class,
                     std::string(message.source.text), std::string(message.destination.text)});
    id = {taken.size() + 100};
    return Routed::ok;
  }

  struct One {
    std::string text;
    std::uint8_t data_coding;
    std::uint8_t esm_class;
    std::string source;
    std::string destination;
  };
  std::vector<One> taken;

 private:
  std::size_t room_;
};

Routed deliver(Taker& taker, std::string_view utf8, MessageId& first) {
  return deliver_text(taker, {1, 1, "4917"}, {1, 1, "4477"}, utf8, first);
}

// Aim: a submit's text by its coding, its account's alphabet, and its header. Method: a line for
// each alphabet an account may have; UTF-16; binary; a header in front.
TEST(PublicText, TextOf) {
  Submit submit;
  const std::string plain = "a@\x11";
  submit.text = as_octets(plain);
  const auto text = [&](DefaultAlphabet alphabet) {
    submit.default_alphabet = alphabet;
    return text_of(submit).utf8;
  };
  EXPECT_EQ(text(DefaultAlphabet::gsm7), "a\u00a1_");
  EXPECT_EQ(text(DefaultAlphabet::latin1), "a@\x11");
  EXPECT_EQ(text(DefaultAlphabet::ascii), "a@\x11");
  EXPECT_EQ(text(DefaultAlphabet::utf8), "a@\x11");
  const std::string packed = "\xE8\x32\x9B\xFD\x06";
  submit.text = as_octets(packed);
  EXPECT_EQ(text(DefaultAlphabet::gsm7_packed), "hello");

  submit.data_coding = 4;
  EXPECT_FALSE(text_of(submit).is_text);
  submit.data_coding = 8;
  submit.esm_class = 0x40;
  const std::string with_header("\x05\x00\x03\x01\x02\x01\x00\x41", 8);
  submit.text = as_octets(with_header);
  EXPECT_EQ(text_of(submit).utf8, "A");
  submit.text = submit.text.first(7);
  EXPECT_EQ(text_of(submit).replaced, 1u);
}

// Aim: a program may choose the alphabet. Method: one that is more than is needed, and one that
// does not do.
TEST(PublicText, DeliverTextInAnAlphabet) {
  Taker taker(10);
  Deliver message;
  message.source = {1, 1, "4917"};
  message.destination = {1, 1, "4477"};
  MessageId first;
  EXPECT_EQ(deliver_text(taker, message, "hello", first, TextCoding::utf16), Routed::ok);
  EXPECT_EQ(taker.taken.back().data_coding, 8);
  EXPECT_EQ(taker.taken.back().text.size(), 10U);
  EXPECT_EQ(deliver_text(taker, message, "hello", first, TextCoding::gsm7), Routed::ok);
  EXPECT_EQ(taker.taken.back().data_coding, 0);
  EXPECT_EQ(deliver_text(taker, message, "\u0416", first, TextCoding::gsm7), Routed::malformed);
  EXPECT_EQ(deliver_text(taker, message, "\u0416", first), Routed::ok);
  EXPECT_EQ(taker.taken.size(), 3U);
}

// Aim: a text goes out in as many parts as it needs, in the alphabet it needs, and can be read
// again. Method: short and long, with and without characters outside of GSM 7-bit.
TEST(PublicText, DeliverText) {
  MessageId first;
  Taker one(10);
  ASSERT_EQ(deliver(one, "hello", first), Routed::ok);
  ASSERT_EQ(one.taken.size(), 1u);
  EXPECT_EQ(one.taken[0].text, "hello");
  EXPECT_EQ(one.taken[0].esm_class, 0);
  EXPECT_EQ(one.taken[0].source, "4917");
  EXPECT_EQ(one.taken[0].destination, "4477");
  EXPECT_EQ(first, MessageId{101});

  std::string long_text;
  for (int i = 0; i < 50; ++i) long_text += "snow \u2603 ";
  Taker many(10);
  ASSERT_EQ(deliver(many, long_text, first), Routed::ok);
  ASSERT_GT(many.taken.size(), 1u);
  TextDecoder decoder(8, decode_options(DefaultAlphabet::gsm7, true));
  for (const Taker::One& part : many.taken) {
    EXPECT_EQ(part.data_coding, 8);
    EXPECT_EQ(part.esm_class, 0x40);
    EXPECT_LE(part.text.size(), 140u);
    decoder.add(as_octets(part.text));
  }
  EXPECT_EQ(decoder.finish().text, long_text);
  EXPECT_EQ(first, MessageId{101});
}

// Aim: what cannot be sent is told. Method: octets that are no UTF-8; no room for the second part.
TEST(PublicText, Faults) {
  MessageId first;
  Taker taker(1);
  EXPECT_EQ(deliver(taker, "\xC3", first), Routed::malformed);
  EXPECT_TRUE(taker.taken.empty());
  EXPECT_EQ(deliver(taker, std::string(200, 'x'), first), Routed::full);
  EXPECT_EQ(taker.taken.size(), 1u);
}

}  // namespace
}  // namespace ringgate

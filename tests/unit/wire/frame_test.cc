#include "wire/frame.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/bytes.h"
#include "base/units.h"

namespace ringgate::wire {
namespace {

constexpr std::uint32_t limit = 70'000;

Frame frame_of(std::uint32_t command_length, std::size_t arrived) {
  // Exactly as many octets as have arrived, so that a read past them is seen by the sanitizer.
  const auto octets = std::make_unique<std::uint8_t[]>(arrived);
  std::uint8_t length[4];
  store_be32(length, command_length);
  for (std::size_t i = 0; i < arrived && i < 4; ++i) octets[i] = length[i];
  return next_frame({octets.get(), arrived}, limit);
}

// Aim: nothing is decided, and nothing read, before four octets are there. Method: 0 to 3 octets.
TEST(Frame, WaitsForTheLength) {
  for (std::size_t arrived = 0; arrived < 4; ++arrived) {
    const Frame frame = frame_of(0, arrived);
    EXPECT_EQ(frame.state, FrameState::partial);
    EXPECT_EQ(frame.size, 0u);
  }
}

// Aim: impossible lengths are lost at once, before any of the body (A1, A2). Method: both limits
// and their neighbours, with no more than the length there.
TEST(Frame, Lost) {
  for (const std::uint32_t length :
       {0u, 1u, 4u, 15u, limit + 1, 0x7FFFFFFFu, 0x80000010u, 0xFFFFFFFFu}) {
    EXPECT_EQ(frame_of(length, 4).state, FrameState::lost) << length;
    EXPECT_EQ(frame_of(length, 64).state, FrameState::lost) << length;
    EXPECT_EQ(frame_of(length, 4).size, length);
  }
  for (const std::uint32_t length : {16u, 17u, limit})
    EXPECT_EQ(frame_of(length, 4).state, FrameState::partial) << length;
}

// Aim: a PDU is whole with its last octet, and what follows it does not matter. Method: one octet
// less, exact, one more.
TEST(Frame, Whole) {
  for (const std::uint32_t length : {16u, 17u, 200u, limit}) {
    EXPECT_EQ(frame_of(length, length - 1).state, FrameState::partial);
    EXPECT_EQ(frame_of(length, length).state, FrameState::whole);
    EXPECT_EQ(frame_of(length, length + 1).state, FrameState::whole);
    EXPECT_EQ(frame_of(length, length + 1).size, length);
  }
}

// Aim: strangers are recognised by their first octets, PDUs and nonsense are not. Method: one of
// each.
TEST(Frame, ForeignProtocol) {
  const auto protocol = [](std::string_view head) { return foreign_protocol(as_octets(head)); };
  EXPECT_EQ(protocol("GET / HTTP/1.1"), "HTTP");
  EXPECT_EQ(protocol("POST"), "HTTP");
  EXPECT_EQ(protocol("SSH-2.0-x"), "SSH");
  EXPECT_EQ(protocol("\x16\x03\x01\x02"), "TLS");
  EXPECT_EQ(protocol("GE"), "");
  EXPECT_EQ(protocol(""), "");
  EXPECT_EQ(protocol(std::string_view("\0\0\0\x10", 4)), "");
}

}  // namespace
}  // namespace ringgate::wire

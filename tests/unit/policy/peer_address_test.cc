#include "policy/peer_address.h"

#include <gtest/gtest.h>

namespace ringgate {
namespace {

// Aim: every spelling of one address, with any port, is one text. Method: the forms that the kernel
// and inet_ntop write, and those that RFC 4291 allows besides.
TEST(PeerAddress, Forms) {
  const struct {
    const char* peer;
    const char* address;
  } rows[] = {
      {"192.0.2.1:5000", "192.0.2.1"},
      {"192.0.2.1:5001", "192.0.2.1"},
      {"0.0.0.0:1", "0.0.0.0"},
      {"255.255.255.255:65535", "255.255.255.255"},
      {"[::ffff:192.0.2.1]:5000", "192.0.2.1"},
      {"[::FFFF:c000:201]:5000", "192.0.2.1"},
      {"[0:0:0:0:0:ffff:192.0.2.1]:5000", "192.0.2.1"},
      {"[2001:db8::1]:5000", "2001:db8:0:0::/64"},
      {"[2001:DB8::ffff:ffff:ffff:ffff]:5000", "2001:db8:0:0::/64"},
      {"[2001:db8:0:1::1]:5000", "2001:db8:0:1::/64"},
      {"[2001:0db8:0000:0001:1:2:3:4]:5000", "2001:db8:0:1::/64"},
      {"[ffff:ffff:ffff:ffff:1:2:3:4]:5000", "ffff:ffff:ffff:ffff::/64"},
      {"[::1]:5000", "0:0:0:0::/64"},
      {"[::]:5000", "0:0:0:0::/64"},
      {"[1::]:5000", "1:0:0:0::/64"},
      {"[fe80::1%eth0]:5000", "fe80:0:0:0::/64"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(address_of(row.peer), row.address) << row.peer;
    EXPECT_LE(address_of(row.peer).size(), peer_address_max) << row.peer;
  }
}

// Aim: what is no address counts as itself, without its port, and crashes nothing.
TEST(PeerAddress, AnythingElse) {
  const struct {
    const char* peer;
    const char* address;
  } rows[] = {
      {"", ""},
      {":", ""},
      {"unknown", "unknown"},
      {"test:7", "test"},
      {"1.2.3:4", "1.2.3"},
      {"1.2.3.256:4", "1.2.3.256"},
      {"1.2.3.4.5:4", "1.2.3.4.5"},
      {"1.2.3.0004:4", "1.2.3.0004"},
      {"1..2.3:4", "1..2.3"},
      {"[", "["},
      {"[]:5", "[]"},
      {"[1:2:3]:5", "[1:2:3]"},
      {"[1:2:3:4:5:6:7:8:9]:5", "[1:2:3:4:5:6:7:8:9]"},
      {"[1:2:3:4:5:6:7:8::]:5", "[1:2:3:4:5:6:7:8::]"},
      {"[12345::]:5", "[12345::]"},
      {"[1::2::3]:5", "[1::2::3]"},
      {"[1:]:5", "[1:]"},
      {"[::1.2.3]:5", "[::1.2.3]"},
      {"[g::]:5", "[g::]"},
  };
  for (const auto& row : rows) EXPECT_EQ(address_of(row.peer), row.address) << row.peer;
}

}  // namespace
}  // namespace ringgate

#include "policy/networks.h"

#include <gtest/gtest.h>

namespace ringgate {
namespace {

// Aim: what is no network, or leaves open which one it is, is refused.
TEST(NetworkTest, Parse) {
  for (const char* good : {"192.0.2.7", "192.0.2.0/24", "0.0.0.0/0", "2001:db8::/32", "::/0",
                           "2001:db8::1", "::ffff:192.0.2.7", "192.0.2.7/32", "fe80::/10"})
    EXPECT_TRUE(Network::parse(good)) << good;
  for (const char* bad : {"", "/", "/8", "192.0.2", "192.0.2.0/", "192.0.2.0/33", "192.0.2.7/24",
                          "192.0.2.0/-1", "192.0.2.0/24x", "192.0.2.0/ 24", "example.com",
                          "2001:db8::1/32", "2001:db8::/129", "010.0.0.1", "1.2.3.4::",
                          "fe80::1%eth0", "192.0.2.256", "192.0.2.0/4294967320", "10.0.0.0/8/8"})
    EXPECT_FALSE(Network::parse(bad)) << bad;
}

// Aim: an address is in the networks whose prefix it has, on both sides of every border.
TEST(NetworkTest, Borders) {
  const Networks odd(std::vector<std::string>{"10.1.2.128/25", "2001:db8:8000::/33"});
  EXPECT_TRUE(odd.contain("10.1.2.128:1"));
  EXPECT_TRUE(odd.contain("10.1.2.255:65535"));
  EXPECT_FALSE(odd.contain("10.1.2.127:1"));
  EXPECT_FALSE(odd.contain("10.1.3.128:1"));
  EXPECT_TRUE(odd.contain("[2001:db8:8000::1]:1"));
  EXPECT_TRUE(odd.contain("[2001:db8:ffff:ffff::]:1"));
  EXPECT_FALSE(odd.contain("[2001:db8:7fff::1]:1"));
  EXPECT_FALSE(odd.contain("[2001:db9:8000::1]:1"));
}

// Aim: IPv4 is the same address where a listener of IPv6 writes it.
TEST(NetworkTest, MappedAddresses) {
  const Networks four(std::vector<std::string>{"192.0.2.0/24"});
  EXPECT_TRUE(four.contain("[::ffff:192.0.2.9]:1"));
  EXPECT_FALSE(four.contain("[::ffff:192.0.3.9]:1"));
  EXPECT_FALSE(four.contain("[::192.0.2.9]:1"));
  // All of IPv4, and nothing of IPv6.
  const Networks all(std::vector<std::string>{"0.0.0.0/0"});
  EXPECT_TRUE(all.contain("203.0.113.1:1"));
  EXPECT_FALSE(all.contain("[2001:db8::1]:1"));
}

// Aim: no networks are everywhere; what is no address is nowhere else.
TEST(NetworkTest, NoneIsEverywhere) {
  EXPECT_TRUE(Networks().contain("192.0.2.1:1"));
  EXPECT_TRUE(Networks().contain("unknown"));
  EXPECT_FALSE(Networks(std::vector<std::string>{"::/0"}).contain("unknown"));
}

}  // namespace
}  // namespace ringgate

#include "load/local_addresses.h"

#include <gtest/gtest.h>

namespace ringgate::load {
namespace {

using Texts = std::vector<std::string>;

// Aim: addresses and ranges, one by one, in order. Method: each kind, and over the end of an octet.
TEST(LocalAddresses, AreListed) {
  std::string fault;
  EXPECT_EQ(local_addresses("127.0.0.2", fault), Texts{"127.0.0.2"});
  EXPECT_EQ(local_addresses("127.0.0.254-127.0.1.1,::1,10.0.0.1", fault),
            (Texts{"127.0.0.254", "127.0.0.255", "127.0.1.0", "127.0.1.1", "::1", "10.0.0.1"}));
  EXPECT_EQ(local_addresses("255.255.255.255-255.255.255.255", fault), Texts{"255.255.255.255"});
  EXPECT_EQ(local_addresses("10.0.0.0-10.0.255.255", fault)->size(), 65'536u);
}

// Aim: what is none is refused, and says so. Method: mistakes as people make them.
TEST(LocalAddresses, RefusesWhatIsNone) {
  for (const char* const text :
       {"", "127.0.0", "127.0.0.2,", "127.0.0.9-127.0.0.2", "127.0.0.2-5", "host", "::1-::2",
        "10.0.0.0-10.1.0.0", "0.0.0.0-255.255.255.255", "1.2.3.4-"}) {
    std::string fault;
    EXPECT_FALSE(local_addresses(text, fault)) << text;
    EXPECT_FALSE(fault.empty()) << text;
  }
}

}  // namespace
}  // namespace ringgate::load

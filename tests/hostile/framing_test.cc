// A1 to A4: octets that are no PDU.
//
// Aim and method of every test of this folder that calls run(): the rows' octets, whole, octet by
// octet and glued between two enquire_links, in the states Open, TX, RX and TRX and in three
// interface_versions; every PDU that comes back is accounted for. Then all rows that keep the
// connection in one session per state.
#include <gtest/gtest.h>

#include "row.h"
#include "site.h"

namespace ringgate::hostile {
namespace {

constexpr std::uint32_t max_pdu = 70'000;  // the default of limits.max_pdu

/// A submit_sm of exactly that size: the text in message_payload, and a vendor TLV for the rest.
std::string submit_of_size(std::uint32_t size) {
  SubmitSm message;
  message.short_message.clear();
  message.rest = tlv(tag::message_payload, std::string(60'000, 'x'));
  const std::size_t without = 16 + message.body().size() + 4;
  message.rest += tlv(0x1400, std::string(size - without, 'v'));
  return message.body();
}

TEST(Framing, A1LengthBelowHeader) {
  std::vector<Row> rows;
  for (std::uint32_t length = 0; length < 16; ++length)
    rows.push_back(lost_framing("A1", "command_length " + std::to_string(length),
                                header(length, command::submit_sm, own_sequence)));
  rows.push_back(lost_framing("A1", "four octets of a header", u32(15)));
  run(rows);
}

TEST(Framing, A2LengthAboveMaximum) {
  std::vector<Row> rows;
  for (const std::uint32_t length :
       {max_pdu + 1, 0x00100000u, 0x7FFFFFFFu, 0x80000010u, 0xFFFFFFFFu}) {
    // The body never comes: the answer must not wait for it.
    rows.push_back(lost_framing("A2", "command_length " + std::to_string(length),
                                header(length, command::submit_sm, own_sequence)));
  }
  rows.push_back(lost_framing("A2", "four octets of a header", u32(max_pdu + 1)));
  rows.push_back(request("A2", "command_length at the maximum", command::submit_sm,
                         submit_of_size(max_pdu), status::ROK)
                     .backend_reads(std::string(60'000, 'x')));
  run(rows);
}

std::string get_request() { return "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"; }
std::string ssh_banner() { return "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"; }
std::string client_hello() {
  return octets("\x16\x03\x01\x00\xC8\x01\x00\x00\xC4\x03\x03") + std::string(194, '\x5A');
}

// A4, plain SMPP on the TLS port, waits for a server that has one.
TEST(Framing, A3OtherProtocols) {
  run({
      lost_framing("A3", "GET / HTTP", get_request()),
      lost_framing("A3", "TLS ClientHello on the plain port", client_hello()),
      lost_framing("A3", "SSH banner", ssh_banner()),
      lost_framing("A3", "1 MiB of zero octets", std::string(1 << 20, '\0')),
  });
}

// Aim: A3 wants the protocol in the log: an operator who sees "framing" a thousand times must learn
// that it is a load balancer's health check. Method: a site of its own, one connection each.
TEST(Framing, A3ProtocolIsLogged) {
  const struct {
    const char* name;
    std::string hello;
  } protocols[] = {{"HTTP", get_request()}, {"TLS", client_hello()}, {"SSH", ssh_banner()}};
  Site site;
  for (const auto& [name, hello] : protocols) {
    Peer peer(site.port());
    peer.send(hello);
    EXPECT_TRUE(peer.read_end());
    EXPECT_EQ(site.log.count(name), 1u) << name << " is not named in the log";
  }
}

}  // namespace
}  // namespace ringgate::hostile

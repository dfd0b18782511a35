// Aim: sockets connect, are named as people write them, and every refusal names its cure. Method:
// loopback, both families.
#include "uring/socket.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>

#include "ring_fixture.h"

namespace ringgate::uring {
namespace {

TEST(Listen, ConnectsAndNamesThePeer) {
  const Result<int> listener = listen_tcp("127.0.0.1", 0, 16);
  ASSERT_TRUE(listener) << listener.error().text;
  const std::uint16_t port = bound_port(listener.value());
  EXPECT_NE(port, 0);
  const Result<int> client = connect_tcp("127.0.0.1", port);
  ASSERT_TRUE(client) << client.error().text;
  const int server = accept(listener.value(), nullptr, nullptr);
  ASSERT_GE(server, 0);
  tune_accepted(server);
  int no_delay = 0;
  socklen_t size = sizeof no_delay;
  getsockopt(server, IPPROTO_TCP, TCP_NODELAY, &no_delay, &size);
  EXPECT_NE(no_delay, 0);
  EXPECT_EQ(peer_text(client.value()), "127.0.0.1:" + std::to_string(port));
  EXPECT_EQ(peer_text(server), "127.0.0.1:" + std::to_string(bound_port(client.value())));
  close(server);
  close(client.value());
  close(listener.value());
}

// Method: a port that is free for IPv6 may be another test's for IPv4; then the next one is tried.
TEST(Listen, TakesIpv6BesideIpv4) {
  Result<int> six = listen_tcp("::", 0, 16);
  if (!six) GTEST_SKIP() << six.error().text;
  Result<int> four = listen_tcp("0.0.0.0", bound_port(six.value()), 16);
  for (int tries = 0; !four && tries < 10; ++tries) {
    close(six.value());
    six = listen_tcp("::", 0, 16);
    ASSERT_TRUE(six) << six.error().text;
    four = listen_tcp("0.0.0.0", bound_port(six.value()), 16);
  }
  const std::uint16_t port = bound_port(six.value());
  EXPECT_TRUE(four) << four.error().text;
  const Result<int> client = connect_tcp("::1", port);
  if (client) {
    EXPECT_EQ(peer_text(client.value()), "[::1]:" + std::to_string(port));
    close(client.value());
  }
  if (four) close(four.value());
  close(six.value());
}

TEST(Listen, SaysWhichPortIsBusy) {
  const Result<int> first = listen_tcp("127.0.0.1", 0, 16);
  ASSERT_TRUE(first) << first.error().text;
  const std::uint16_t port = bound_port(first.value());
  const Result<int> second = listen_tcp("127.0.0.1", port, 16);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::busy);
  EXPECT_EQ(second.error().os_errno, EADDRINUSE);
  EXPECT_EQ(second.error().text,
            "port " + std::to_string(port) + " on 127.0.0.1 is in use by another program");
  close(first.value());
}

TEST(Listen, RefusesWhatIsNoAddressHere) {
  const Result<int> name = listen_tcp("localhost", 0, 16);
  ASSERT_FALSE(name);
  EXPECT_EQ(name.error().code, ErrorCode::invalid);
  EXPECT_EQ(name.error().text, "\"localhost\" is not an IPv4 or IPv6 address");
  const Result<int> foreign = listen_tcp("192.0.2.1", 0, 16);
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().code, ErrorCode::invalid);
}

TEST(Connect, SaysThatNobodyListens) {
  const Result<int> listener = listen_tcp("127.0.0.1", 0, 1);
  ASSERT_TRUE(listener) << listener.error().text;
  const std::uint16_t port = bound_port(listener.value());
  close(listener.value());
  const Result<int> client = connect_tcp("127.0.0.1", port);
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().text, "nothing listens on 127.0.0.1:" + std::to_string(port));
}

TEST(Names, AreUnknownWithoutAPeer) {
  EXPECT_EQ(peer_text(-1), "unknown");
  EXPECT_EQ(bound_port(-1), 0);
}

TEST(Accept, MultishotAcceptsSeveralAndConnectGoesThroughTheRing) {
  const auto ring = make_ring(all_capabilities());
  const Result<int> listener = listen_tcp("127.0.0.1", 0, 16);
  ASSERT_TRUE(listener) << listener.error().text;
  const Result<SocketAddress> address = parse_address("127.0.0.1", bound_port(listener.value()));
  ASSERT_TRUE(address);
  constexpr UserData accepting{.kind = 1};
  constexpr UserData connecting{.kind = 2};
  prep_accept_multishot(ring->sqe(), listener.value(), accepting);
  std::vector<int> descriptors;
  for (int i = 0; i < 3; ++i) {
    descriptors.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    prep_connect(ring->sqe(), descriptors.back(), address.value().raw(), address.value().size,
                 connecting);
  }
  unsigned accepted = 0;
  unsigned connected = 0;
  for (const auto& completion : wait_for(*ring, 6)) {
    if (UserData::unpack(completion.user_data) == accepting) {
      EXPECT_NE(completion.flags & IORING_CQE_F_MORE, 0u);
      ASSERT_GE(completion.res, 0);
      descriptors.push_back(completion.res);
      ++accepted;
    } else {
      EXPECT_EQ(completion.res, 0);
      ++connected;
    }
  }
  EXPECT_EQ(accepted, 3u);
  EXPECT_EQ(connected, 3u);
  prep_shutdown(ring->sqe(), descriptors.front(), SHUT_RDWR, connecting);
  const auto completions = wait_for(*ring, 1);
  ASSERT_EQ(completions.size(), 1u);
  EXPECT_EQ(completions[0].res, 0);
  for (const int fd : descriptors) close(fd);
  close(listener.value());
}

}  // namespace
}  // namespace ringgate::uring

// Memory and places have owners: what the unbound and the mute take is theirs.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <thread>
#include <vector>

#include "patient_backend.h"
#include "pdu.h"
#include "peer.h"
#include "row.h"
#include "site.h"
#include "sockets.h"

namespace ringgate::hostile {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t octets_per_mib = 1u << 20;
constexpr milliseconds soon{2000};

std::string repeated(const std::string& pdu, std::size_t octets) {
  std::string out;
  while (out.size() < octets) out += pdu;
  return out;
}

/// Connections that send and never read, on the system's smallest buffers. What the server does not
/// take stays unsent.
class Mute {
 public:
  Mute(std::uint16_t port, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      fds_.push_back(connect_deaf(port));
      EXPECT_GE(fds_.back(), 0);
    }
  }
  ~Mute() {
    for (const int fd : fds_) close(fd);
  }
  Mute(const Mute&) = delete;
  Mute& operator=(const Mute&) = delete;

  /// Each sends these octets, as many at once as the system takes, or what is taken of them in that
  /// time.
  void send_all(const std::string& octets, milliseconds within) {
    std::vector<std::size_t> sent(fds_.size());
    const auto until = steady_clock::now() + within;
    for (bool more = true; more && steady_clock::now() < until;) {
      more = false;
      for (std::size_t i = 0; i < fds_.size(); ++i) {
        const ssize_t size = send(fds_[i], octets.data() + sent[i], octets.size() - sent[i],
                                  MSG_NOSIGNAL | MSG_DONTWAIT);
        if (size > 0) sent[i] += static_cast<std::size_t>(size);
        more = more || sent[i] < octets.size();
      }
      std::this_thread::sleep_for(milliseconds(5));
    }
  }

 private:
  std::vector<int> fds_;
};

/// Binds, submits with a wish for receipts, and reads and answers all of them.
void serve_customer(Site& site, std::uint32_t messages) {
  Peer peer(site.port());
  ASSERT_EQ(peer.ask(command::bind_transceiver, 1, Bind{}.body()).command_status, status::ROK);
  for (std::uint32_t i = 0; i < messages; ++i) {
    const Received answer =
        peer.ask(command::submit_sm, 10 + i, SubmitSm{.registered_delivery = 1}.body());
    ASSERT_EQ(answer.command_status, status::ROK) << "submit " << i;
  }
  for (std::uint32_t i = 0; i < messages; ++i) {
    const Received receipt = peer.next(command::deliver_sm);
    ASSERT_EQ(receipt.command_id, command::deliver_sm) << "receipt " << i;
    peer.send(pdu(command::deliver_sm | command::resp, receipt.sequence_number, u8(0)));
  }
  EXPECT_EQ(peer.ask(command::unbind, 9999).command_status, status::ROK);
}

class MuteUnbound : public testing::TestWithParam<std::size_t> {};

// Aim: unbound connections that never read take the memory of nobody else. Method: so many of them
// ask for more answers than they would be kept; meanwhile a customer who is there already and
// others who come bind, submit and get their receipts.
TEST_P(MuteUnbound, TakeNothingFromCustomers) {
  Options options = site_options();
  options.limits.session_init_ms = 60'000;
  Site site(options);
  Peer before(site.port());
  ASSERT_EQ(
      before.ask(command::bind_transceiver, 1, Bind{.system_id = "other"}.body()).command_status,
      status::ROK);
  {
    Mute mute(site.port(), GetParam());
    mute.send_all(repeated(pdu(command::enquire_link, 7), 4 * octets_per_mib), milliseconds(3000));
    for (int i = 0; i < 5; ++i) serve_customer(site, 50);
    for (std::uint32_t i = 0; i < 50; ++i)
      ASSERT_EQ(before.ask(command::submit_sm, 10 + i, SubmitSm{}.body()).command_status,
                status::ROK);
    EXPECT_EQ(site.log.count("no_memory"), 0u);
  }
  EXPECT_FALSE(before.closed());
}

INSTANTIATE_TEST_SUITE_P(Places, MuteUnbound, testing::Values(150u, 400u));

// Aim: at an orderly end everybody is unbound, however many there are, and the end comes as soon as
// they have answered. Method: more idle binds on a shard than its pieces of memory used to be.
TEST(Places, EveryIdleBindIsUnbound) {
  constexpr std::size_t count = 2500;
  if (!raise_descriptors(2 * count + 200)) GTEST_SKIP() << "too few descriptors";
  Options options = site_options();
  options.limits.max_connections = count + 100;
  options.limits.drain_ms = 10'000;
  Site site(options);
  std::vector<Peer> peers;
  for (std::size_t i = 0; i < count; ++i) {
    peers.emplace_back(site.port());
    ASSERT_EQ(peers.back().ask(command::bind_transceiver, 1, Bind{}.body()).command_status,
              status::ROK);
  }
  std::thread stopper([&site] { site.server->stop(); });
  std::size_t unbound = 0;
  for (Peer& peer : peers) {
    const Received theirs = peer.next(command::unbind, milliseconds(3000));
    if (theirs.command_id != command::unbind) continue;
    ++unbound;
    peer.send(pdu(command::unbind | command::resp, theirs.sequence_number));
  }
  EXPECT_EQ(unbound, count);
  peers.clear();
  stopper.join();
}

std::string bind_of_size(std::size_t size) {
  const std::string plain = Bind{}.body();
  return plain + tlv(tag::callback_num, std::string(size - 16 - plain.size() - 4, 'x'));
}

// Aim: whoever has not bound may say little at once. Method: a PDU of 1,024 octets is read and
// answered; one of an octet more, and one that only claims to be large, are the end, as lost
// framing is. Bound, the same sizes are welcome.
TEST(Places, UnboundPdusAreSmall) {
  constexpr std::uint32_t most = 1024;
  Site& site = common_site();
  Peer good(site.port());
  EXPECT_EQ(good.ask(command::bind_transceiver, 1, bind_of_size(most)).command_status, status::ROK);
  const SubmitSm large{.short_message = {},
                       .rest = tlv(tag::message_payload, std::string(60'000, 'x'))};
  EXPECT_EQ(good.ask(command::submit_sm, 2, large.body()).command_status, status::ROK);

  const std::string too_large[] = {
      pdu(command::bind_transceiver, own_sequence, bind_of_size(most + 1)),
      pdu(command::submit_sm, own_sequence, large.body()),
      header(60'000, command::submit_sm, own_sequence) + "begun",
      header(most + 1, command::bind_transceiver, own_sequence),
  };
  for (const std::string& octets : too_large) {
    Peer peer(site.port());
    peer.send(octets);
    const Received nack = peer.next(command::generic_nack, soon);
    EXPECT_EQ(nack.command_id, command::generic_nack);
    EXPECT_EQ(nack.command_status, status::RINVCMDLEN);
    EXPECT_TRUE(peer.read_end(soon));
  }
}

// Aim: what a stranger has begun to send is not kept for him. Method: two thousand unbound peers
// send most of a PDU of 60,000 octets, and the process's memory is read before and after.
TEST(Places, HalfPdusCostNoMemory) {
  constexpr std::size_t count = 2000;
  if (!raise_descriptors(2 * count + 200)) GTEST_SKIP() << "too few descriptors";
  Options options = site_options();
  options.limits.max_connections = count + 100;
  Site site(options);
  std::vector<Peer> peers;
  for (std::size_t i = 0; i < count; ++i) peers.emplace_back(site.port());
  const std::size_t before = resident_octets();
  // Enough that a place for the whole would be touched.
  const std::string half = header(60'000, command::submit_sm, 7) + std::string(50'000, 'x');
  for (Peer& peer : peers) peer.send(half);
  std::this_thread::sleep_for(milliseconds(500));
  const std::size_t after = resident_octets();
  EXPECT_LT(after, before + 64 * octets_per_mib);
}

/// Opens connections from one address as fast as it can, keeps them, and says nothing.
class SilentCrowd {
 public:
  explicit SilentCrowd(std::uint16_t port) : thread_([this, port] { run(port); }) {}
  ~SilentCrowd() {
    stop_ = true;
    thread_.join();
  }
  SilentCrowd(const SilentCrowd&) = delete;
  SilentCrowd& operator=(const SilentCrowd&) = delete;

  std::size_t opened() const { return opened_; }

 private:
  static constexpr std::size_t held_max = 2000;

  void run(std::uint16_t port) {
    std::vector<int> held;
    while (!stop_) {
      const int fd = held.size() < held_max ? connect_from(port, "127.0.0.1") : -1;
      if (fd >= 0) {
        held.push_back(fd);
        ++opened_;
      }
      if (fd < 0 || opened_ % 100 == 0) let_go_of_ended(held);
    }
    for (const int fd : held) close(fd);
  }

  /// Those that the server has ended only: a place is never given up willingly.
  static void let_go_of_ended(std::vector<int>& held) {
    std::erase_if(held, [](int fd) {
      char octet;
      const ssize_t size = recv(fd, &octet, 1, MSG_DONTWAIT);
      const bool ended = size == 0 || (size < 0 && errno != EAGAIN);
      if (ended) close(fd);
      return ended;
    });
  }

  std::atomic<bool> stop_ = false;
  std::atomic<std::size_t> opened_ = 0;
  std::thread thread_;
};

/// Connects and binds, again if the connection is ended before the answer. False when it took
/// longer.
bool binds(std::uint16_t port, const char* source, milliseconds within) {
  const auto until = steady_clock::now() + within;
  while (steady_clock::now() < until) {
    Peer peer(port, source);
    peer.send(pdu(command::bind_transceiver, 1, Bind{}.body()));
    peer.read_until([&] { return !peer.received.empty(); },
                    std::chrono::duration_cast<milliseconds>(until - steady_clock::now()));
    if (!peer.received.empty()) return peer.received.front().command_status == status::ROK;
  }
  return false;
}

// Aim: silent connections keep nobody out. Method: one address opens them without end; clients from
// another address and from the same bind in time, again and again, and one that was bound before
// stays.
TEST(Places, SilentConnectionsKeepNobodyOut) {
  if (!raise_descriptors(8000)) GTEST_SKIP() << "too few descriptors";
  Site site;
  Peer before(site.port(), "127.0.0.1");
  ASSERT_EQ(before.ask(command::bind_transceiver, 1, Bind{}.body()).command_status, status::ROK);
  {
    const SilentCrowd crowd(site.port());
    while (crowd.opened() < 1500) std::this_thread::sleep_for(milliseconds(1));
    for (int i = 0; i < 5; ++i) {
      EXPECT_TRUE(binds(site.port(), "127.0.0.2", milliseconds(2000))) << "another address";
      EXPECT_TRUE(binds(site.port(), "127.0.0.1", milliseconds(2000))) << "the same address";
    }
  }
  EXPECT_EQ(before.ask(command::enquire_link, 2).command_status, status::ROK);
}

/// Which messages stay open without a receipt to wait for: with a journal all of them.
struct Store {
  StoreMode mode;
  std::uint32_t registered_delivery;
};

void PrintTo(const Store& store, std::ostream* out) {
  *out << (store.mode == StoreMode::journal ? "journal" : "none") << ", registered_delivery "
       << store.registered_delivery;
}

constexpr std::uint32_t at_once = 100;

/// So many submits at once. Returns how many were accepted; counts those refused for want of room.
std::uint32_t submit_many(Peer& peer, const std::string& body, std::uint32_t& full) {
  std::string octets;
  for (std::uint32_t i = 0; i < at_once; ++i) octets += pdu(command::submit_sm, 10 + i, body);
  peer.received.clear();
  peer.send(octets);
  EXPECT_TRUE(peer.read_count(at_once));
  std::uint32_t accepted = 0;
  for (const Received& one : peer.received) {
    if (one.command_status == status::ROK) ++accepted;
    if (one.command_status == status::RMSGQFUL) ++full;
  }
  return accepted;
}

class Shares : public testing::TestWithParam<Store> {};

// Aim: an account that submits without end, while nothing is reported, fills its share and not the
// store. Method: `esme` until it is told ESME_RMSGQFUL; then `other` submits a tenth of the store.
TEST_P(Shares, OneAccountDoesNotFillTheStore) {
  constexpr std::uint32_t most = 1000;
  const auto directory =
      std::filesystem::temp_directory_path() / ("hostile.shares." + std::to_string(getpid()));
  std::filesystem::remove_all(directory);
  Options options;
  options.listen.push_back({"127.0.0.1", 0});
  options.node.data_dir = directory.string();
  options.store.mode = GetParam().mode;
  options.store.max_bytes = 64 * octets_per_mib;
  options.store.segment_bytes = 8 * octets_per_mib;
  options.limits.max_open_messages = most;
  options.limits.max_connections = 64;
  options.limits.drain_ms = 100;
  for (const char* name : {"esme", "other"}) {
    options.accounts.emplace_back();
    options.accounts.back().system_id = name;
    options.accounts.back().password = "secret";
  }
  PatientBackend backend(true);
  std::string error;
  auto server = Server::start(options, backend, nullptr, error);
  ASSERT_NE(server, nullptr) << error;
  const std::string body = SubmitSm{.registered_delivery = GetParam().registered_delivery}.body();

  Peer greedy(server->port());
  ASSERT_EQ(greedy.ask(command::bind_transmitter, 1, Bind{}.body()).command_status, status::ROK);
  std::uint32_t accepted = 0, full = 0;
  while (full == 0 && accepted < 2 * most) accepted += submit_many(greedy, body, full);
  EXPECT_GT(full, 0u);
  EXPECT_GE(accepted, most / 10);

  Peer other(server->port());
  ASSERT_EQ(
      other.ask(command::bind_transmitter, 1, Bind{.system_id = "other"}.body()).command_status,
      status::ROK);
  EXPECT_EQ(submit_many(other, body, full), at_once);

  backend.report_all(server->replies());
  server->stop();
  server.reset();
  std::filesystem::remove_all(directory);
}

INSTANTIATE_TEST_SUITE_P(Places, Shares,
                         testing::Values(Store{StoreMode::none, 1}, Store{StoreMode::journal, 0},
                                         Store{StoreMode::journal, 1}));

}  // namespace
}  // namespace ringgate::hostile

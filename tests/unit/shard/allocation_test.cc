// Counts what the shards allocate. The operators are replaced for this whole test program; they
// count only while a test asks.
#include <execinfo.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <new>

#include "backend/sim/simulator.h"
#include "session/smpp_session.h"
#include "shard/shard.h"
#include "shard_world.h"

namespace {

bool counting = false;
std::uint64_t allocations = 0;

void* allocate(std::size_t size, std::size_t alignment) {
  if (counting) {
    // The first few tell where; all are counted.
    if (++allocations <= 3) {
      counting = false;
      void* frames[16];
      backtrace_symbols_fd(frames, backtrace(frames, 16), STDERR_FILENO);
      counting = true;
    }
  }
  void* const out = alignment == 0 ? std::malloc(size == 0 ? 1 : size)
                                   : std::aligned_alloc(
                                         alignment, (size + alignment - 1) / alignment * alignment);
  if (out == nullptr) std::abort();
  return out;
}

}  // namespace

// NOLINTBEGIN: the replaceable forms that the others end in
void* operator new(std::size_t size) { return allocate(size, 0); }
void* operator new[](std::size_t size) { return allocate(size, 0); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* at) noexcept { std::free(at); }
void operator delete[](void* at) noexcept { std::free(at); }
void operator delete(void* at, std::size_t) noexcept { std::free(at); }
void operator delete[](void* at, std::size_t) noexcept { std::free(at); }
void operator delete(void* at, std::align_val_t) noexcept { std::free(at); }
void operator delete[](void* at, std::align_val_t) noexcept { std::free(at); }
void operator delete(void* at, std::size_t, std::align_val_t) noexcept { std::free(at); }
void operator delete[](void* at, std::size_t, std::align_val_t) noexcept { std::free(at); }
// NOLINTEND

namespace ringgate::test {
namespace {

/// A network of two shards that allocates nothing: what is sent is cut into PDUs where it lies, and
/// every deliver_sm is answered from a fixed buffer.
struct QuietNode final : io::Network, io::Mesh, io::Passwords {
  void apply(std::span<const io::LinkCommand> commands) override {
    for (const io::LinkCommand& command : commands) {
      if (command.kind != io::LinkCommand::Kind::send) continue;
      ASSERT_FALSE(sending);
      sending = true;
      sent = command.octets;
    }
  }
  bool has_unread(LinkId) override { return false; }
  void post(unsigned, const io::Mail& mail) override {
    ASSERT_LT(mail_count, std::size(mails));
    mails[mail_count++] = mail;
  }
  io::PasswordReply compare(const io::PasswordQuestion&) override {
    return io::PasswordReply::full;
  }

  std::unique_ptr<Shard> shard;
  LinkId link;
  bool sending = false;
  Octets sent;
  io::Mail mails[4096];
  std::size_t mail_count = 0;
  std::uint8_t partial[512];
  std::size_t partial_size = 0;
  std::uint8_t answers[65'536];
  std::size_t answers_size = 0;
  std::uint64_t responses = 0;
  std::uint64_t receipts = 0;

  void read_pdu(const std::uint8_t* at) {
    const smpp::Header header = smpp::read_header(at);
    if (header.command_id == static_cast<std::uint32_t>(smpp::Command::submit_sm_resp)) {
      ASSERT_EQ(header.command_status, 0U);
      ++responses;
    } else if (header.command_id == static_cast<std::uint32_t>(smpp::Command::deliver_sm)) {
      ++receipts;
      ASSERT_LT(answers_size + 17, sizeof answers);
      *smpp::write_header(answers + answers_size, 17,
                          static_cast<std::uint32_t>(smpp::Command::deliver_sm_resp), 0,
                          header.sequence_number) = 0;
      answers_size += 17;
    }
  }
  void read_sent() {
    while (!sent.empty()) {
      const std::size_t wanted =
          partial_size < 4 ? 4 : load_be32(partial);  // the whole, once its length is known
      ASSERT_LE(wanted, sizeof partial);
      const std::size_t take = std::min(wanted - partial_size, sent.size());
      std::memcpy(partial + partial_size, sent.data(), take);
      partial_size += take;
      sent = sent.subspan(take);
      if (partial_size >= 16 && partial_size == load_be32(partial)) {
        read_pdu(partial);
        partial_size = 0;
      }
    }
  }
  void turn(Now now, Octets in, QuietNode* other) {
    shard->begin_turn(now);
    if (sending) {
      const std::size_t size = sent.size();
      read_sent();
      sending = false;
      shard->on_sent(link, size);
    }
    if (other != nullptr) {
      const std::size_t count = other->mail_count;
      other->mail_count = 0;
      for (std::size_t i = 0; i < count; ++i) shard->on_mail(other->mails[i]);
    }
    if (!in.empty()) shard->on_bytes(link, in);
    const std::size_t answered = answers_size;
    answers_size = 0;
    if (answered != 0) shard->on_bytes(link, {answers, answered});
    shard->end_turn();
  }
};

void expect_no_allocation(unsigned shard_count, unsigned delay_ms, ReceiptRouting routing) {
  SimOptions sim;
  sim.delay_ms = delay_ms;
  Simulator simulator(sim, 10'000);
  std::vector<AccountOptions> accounts{account("esme")};
  accounts[0].receipts = routing;
  Now now{seconds(1'000), 1'700'000'000};
  const auto roster =
      std::make_shared<const Roster>(accounts, std::vector<NumberOptions>{}, now.mono);
  simulator.on_start(shard_count, now, nullptr);
  const SmppProtocol protocol{};
  std::vector<std::unique_ptr<QuietNode>> nodes;
  for (unsigned i = 0; i < shard_count; ++i) {
    QuietNode& node = *nodes.emplace_back(std::make_unique<QuietNode>());
    ShardOptions options;
    options.index = i;
    options.count = shard_count;
    options.budget = make_budget(16, shard_count, 20'000);
    node.shard = std::make_unique<Shard>(options, roster, simulator, node,
                                         ShardWorld{protocol, node, node, nullptr}, now);
    node.shard->begin_turn(now);
    node.link = node.shard->on_link("test");
    const std::string bind = bind_pdu(smpp::Command::bind_transceiver, "esme", "secret");
    node.shard->on_bytes(node.link, as_octets(bind));
    node.shard->end_turn();
  }
  std::string burst;
  for (std::uint32_t i = 0; i < 50; ++i) burst += submit_pdu(100 + i);
  const auto other = [&](unsigned i) { return shard_count == 1 ? nullptr : nodes[1 - i].get(); };
  std::uint64_t written = 0;
  // The first round warms up: windows and the batch of commands get their memory then.
  for (const unsigned rounds : {100U, 200U}) {
    counting = rounds == 200;
    for (unsigned round = 0; round < rounds; ++round) {
      for (unsigned i = 0; i < shard_count; ++i) {
        nodes[i]->turn(now, as_octets(burst), other(i));
        written += 50;
      }
      now.mono += milliseconds(5);
    }
    for (unsigned round = 0; round < 400; ++round) {
      for (unsigned i = 0; i < shard_count; ++i) nodes[i]->turn(now, {}, other(i));
      now.mono += milliseconds(5);
    }
    counting = false;
  }
  std::uint64_t responses = 0;
  std::uint64_t receipts = 0;
  for (const auto& node : nodes) {
    responses += node->responses;
    receipts += node->receipts;
  }
  EXPECT_EQ(responses, written);
  EXPECT_EQ(receipts, written);
  EXPECT_EQ(allocations, 0U);
  allocations = 0;
}

// Aim: a message costs no allocation from its submit_sm to its deliver_sm_resp. Method: 10,000 and
// more through warmed-up shards, operator new counted; the short way, the way over the outbox, and
// the way over the mesh.
TEST(Allocation, NonePerMessageShortWay) { expect_no_allocation(1, 0, ReceiptRouting::any); }
TEST(Allocation, NonePerMessageDelayed) { expect_no_allocation(1, 50, ReceiptRouting::same_bind); }
TEST(Allocation, NonePerMessageOutbox) { expect_no_allocation(1, 20, ReceiptRouting::round_robin); }
TEST(Allocation, NonePerMessageMesh) { expect_no_allocation(2, 20, ReceiptRouting::round_robin); }

}  // namespace
}  // namespace ringgate::test

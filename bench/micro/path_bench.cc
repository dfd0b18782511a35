// What one message costs on its way through the pure parts: decode, encode, a session's turn, a
// shard's turn, the limiter, a receipt. Inputs are the submit_sm that the end-to-end bench uses:
// 160 octets of text, 12-digit addresses.
#include <benchmark/benchmark.h>

#include <deque>
#include <string>
#include <vector>

#include "backend/sim/simulator.h"
#include "policy/rate_limit.h"
#include "session/smpp_session.h"
#include "shard/shard.h"
#include "smpp/content_rows.h"
#include "smpp/receipt_text.h"

namespace ringgate {
namespace {

std::string submit_pdu(std::uint32_t sequence_number, std::uint8_t registered_delivery = 0) {
  static const std::string text(160, 'x');
  smpp::ShortMessage body;
  body.source_addr_ton = body.dest_addr_ton = body.source_addr_npi = body.dest_addr_npi = 1;
  body.source_addr = "441234567890";
  body.destination_addr = "491234567890";
  body.registered_delivery = registered_delivery;
  body.short_message = as_octets(text);
  std::string out(wire::pdu_header_size + wire::encoded_size(body), '\0');
  auto* to = reinterpret_cast<std::uint8_t*>(out.data());
  wire::encode(body, smpp::write_header(to, static_cast<std::uint32_t>(out.size()),
                                        static_cast<std::uint32_t>(smpp::Command::submit_sm), 0,
                                        sequence_number));
  return out;
}

std::string bind_pdu() {
  smpp::Bind body;
  body.system_id = "test";
  body.password = "test";
  std::string out(wire::pdu_header_size + wire::encoded_size(body), '\0');
  auto* to = reinterpret_cast<std::uint8_t*>(out.data());
  wire::encode(
      body, smpp::write_header(to, static_cast<std::uint32_t>(out.size()),
                               static_cast<std::uint32_t>(smpp::Command::bind_transceiver), 0, 1));
  return out;
}

void decode_submit_sm(benchmark::State& state) {
  const std::string pdu = submit_pdu(1);
  const Octets octets = as_octets(pdu);
  for (auto _ : state) {
    smpp::ShortMessage body;
    Cursor cursor{octets.data() + wire::pdu_header_size, octets.data() + octets.size()};
    const wire::Verdict verdict = wire::decode(cursor, body);
    benchmark::DoNotOptimize(verdict);
    benchmark::DoNotOptimize(body);
  }
}
BENCHMARK(decode_submit_sm);

void decode_submit_sm_cold_form(benchmark::State& state) {
  const std::string pdu = submit_pdu(1);
  const Octets octets = as_octets(pdu);
  for (auto _ : state) {
    smpp::ShortMessage body;
    Cursor cursor{octets.data() + wire::pdu_header_size, octets.data() + octets.size()};
    const wire::Verdict verdict = wire::decode_any(smpp::ShortMessage::fields, cursor, &body);
    benchmark::DoNotOptimize(verdict);
    benchmark::DoNotOptimize(body);
  }
}
BENCHMARK(decode_submit_sm_cold_form);

void encode_submit_sm(benchmark::State& state) {
  const std::string pdu = submit_pdu(1);
  smpp::ShortMessage body;
  Cursor cursor{as_octets(pdu).data() + wire::pdu_header_size, as_octets(pdu).data() + pdu.size()};
  if (!wire::decode(cursor, body).ok()) state.SkipWithError("decode");
  std::vector<std::uint8_t> out(512);
  for (auto _ : state) {
    benchmark::DoNotOptimize(wire::encode(body, out.data()));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(encode_submit_sm);

void check_submit_sm(benchmark::State& state) {
  const std::string pdu = submit_pdu(1);
  Content content;
  Cursor cursor{as_octets(pdu).data() + wire::pdu_header_size, as_octets(pdu).data() + pdu.size()};
  if (!wire::decode_any(smpp::content_rows<smpp::ShortMessage>, cursor, &content).ok())
    state.SkipWithError("decode");
  const QuirkOptions quirks;
  for (auto _ : state) {
    benchmark::DoNotOptimize(smpp::check_submit(content, 0x34, quirks, 1'800'000'000));
    benchmark::DoNotOptimize(content);
  }
}
BENCHMARK(check_submit_sm);

void write_one_receipt(benchmark::State& state) {
  MessageRecord record;
  record.begin(MessageId{0x0100ABCDEF012345}, 0, {});
  record.kind = RecordKind::submit_sm;
  record.submitted_s = record.done_s = 1'800'000'000;
  record.outcome = {};
  record.source.set({1, 1, "441234567890"});
  record.destination.set({1, 1, "491234567890"});
  record.snippet_size = 20;
  smpp::ReceiptDates dates;
  const QuirkOptions quirks;
  const smpp::ReceiptStyle style(quirks);
  std::vector<std::uint8_t> out(smpp::receipt_pdu_max);
  for (auto _ : state) {
    benchmark::DoNotOptimize(smpp::write_receipt(record, style, {}, 7, dates, out.data()));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(write_one_receipt);

void rate_limit_admit(benchmark::State& state) {
  const Rate rate(1e9, 1);
  RateLimit limit(0);
  Nanos now = 0;
  for (auto _ : state) benchmark::DoNotOptimize(limit.admit(rate, now += 10));
}
BENCHMARK(rate_limit_admit);

void rate_limit_admit_shared(benchmark::State& state) {
  const Rate rate(1e9, 1);
  static RateLimit limit(0);
  static std::atomic<Nanos> base = 0;
  Nanos now = base.load();
  for (auto _ : state) benchmark::DoNotOptimize(limit.admit(rate, now += 10));
  base.store(now);
}
BENCHMARK(rate_limit_admit_shared)->Threads(2)->UseRealTime();

/// 64 submits in one receive buffer through a session alone, answered at once: per message.
void session_turn(benchmark::State& state) {
  OctetPool tx(64 * 1024, 16);
  ChunkPool carry(1024, 16);
  const SessionLimits limits;
  SmppSession session(Role::smsc, limits, {tx, carry}, {1, 0});
  SmppEvent event;
  Content content;
  const std::string bind = bind_pdu();
  session.on_bytes(as_octets(bind), {1, 0});
  if (!session.next_event(event, content)) state.SkipWithError("bind");
  session.settle();
  const QuirkOptions quirks;
  session.accept_bind("bench", 1000, 64, quirks, {1, 0});
  session.output().clear();
  std::string burst;
  for (std::uint32_t i = 0; i < 64; ++i) burst += submit_pdu(i + 2);
  std::uint64_t id = 0;
  for (auto _ : state) {
    session.on_bytes(as_octets(burst), {1, 1'800'000'000});
    while (session.next_event(event, content))
      session.answer_submit(event.submit, event.sequence_number, Status::ESME_ROK, {++id});
    session.settle();
    session.output().clear();
  }
  state.SetItemsProcessed(state.iterations() * 64);
  state.SetLabel("per item: one submit_sm and its response");
}
BENCHMARK(session_turn);

struct NoNetwork final : io::Network {
  void apply(std::span<const io::LinkCommand> commands) override {
    last.assign(commands.begin(), commands.end());
  }
  std::vector<io::LinkCommand> last;
  bool has_unread(LinkId) override { return false; }
};
struct NoMesh final : io::Mesh {
  void post(unsigned, const io::Mail&) override {}
};
struct NoPasswords final : io::Passwords {
  io::PasswordReply compare(const io::PasswordQuestion&) override {
    return io::PasswordReply::full;
  }
};

/// The whole of a shard for 64 submits in one buffer, with the simulator behind it: per message.
void shard_turn(benchmark::State& state, bool receipts) {
  AccountOptions account;
  account.system_id = account.password = "test";
  const auto roster = std::make_shared<const Roster>(std::vector<AccountOptions>{account},
                                                     std::vector<NumberOptions>{}, 0);
  SimOptions options;
  options.delay_ms = 0;
  Simulator simulator(options, 100'000);
  simulator.on_start(1, {1, 0}, nullptr);
  NoNetwork network;
  NoMesh mesh;
  NoPasswords passwords;
  ShardOptions shard_options;
  shard_options.budget = make_budget(100, 1, 100'000);
  const SmppProtocol protocol{};
  Shard shard(shard_options, roster, simulator, network, {protocol, mesh, passwords, nullptr},
              {1, 0});
  shard.begin_turn({1, 1'800'000'000});
  const LinkId link = shard.on_link("bench");
  const auto sent = [&] {
    for (const io::LinkCommand& command : network.last)
      if (command.kind == io::LinkCommand::Kind::send) shard.on_sent(link, command.octets.size());
    network.last.clear();
  };
  const std::string bind = bind_pdu();
  shard.on_bytes(link, as_octets(bind));
  shard.end_turn();
  sent();
  std::string burst;
  for (std::uint32_t i = 0; i < 64; ++i) burst += submit_pdu(i + 2, receipts ? 1 : 0);
  std::uint32_t receipt = 0;
  std::string answers(64 * 17, '\0');
  for (auto _ : state) {
    shard.begin_turn({1, 1'800'000'000});
    shard.on_bytes(link, as_octets(burst));
    if (receipts) {
      for (std::uint32_t i = 0; i < 64; ++i) {
        auto* at = reinterpret_cast<std::uint8_t*>(answers.data()) + i * 17;
        smpp::write_header(at, 17, static_cast<std::uint32_t>(smpp::Command::deliver_sm_resp), 0,
                           ++receipt);
      }
      shard.on_bytes(link, as_octets(answers));
    }
    shard.end_turn();
    sent();
  }
  state.SetItemsProcessed(state.iterations() * 64);
}
BENCHMARK_CAPTURE(shard_turn, plain, false);
BENCHMARK_CAPTURE(shard_turn, with_receipts, true);

}  // namespace
}  // namespace ringgate

BENCHMARK_MAIN();

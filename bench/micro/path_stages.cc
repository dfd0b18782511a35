#include "path_stages.h"

#include <benchmark/benchmark.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "backend/sim/simulator.h"
#include "base/assert.h"
#include "base/prng.h"
#include "journal/record.h"
#include "policy/rate_limit.h"
#include "session/smpp_session.h"
#include "shard/shard.h"
#include "smpp/content_rows.h"
#include "smpp/receipt_text.h"

namespace ringgate::bench {
namespace {

constexpr unsigned burst_size = 64;
constexpr std::int64_t wall_s = 1'800'000'000;

template <class Body>
std::string pdu_of(smpp::Command command, std::uint32_t sequence_number, const Body& body) {
  std::string out(wire::pdu_header_size + wire::encoded_size(body), '\0');
  auto* to = reinterpret_cast<std::uint8_t*>(out.data());
  wire::encode(body, smpp::write_header(to, static_cast<std::uint32_t>(out.size()),
                                        static_cast<std::uint32_t>(command), 0, sequence_number));
  return out;
}

std::string submit_pdu(std::uint32_t sequence_number, std::uint8_t registered_delivery = 0) {
  static const std::string text(160, 'x');
  smpp::ShortMessage body;
  body.source_addr_ton = body.dest_addr_ton = body.source_addr_npi = body.dest_addr_npi = 1;
  body.source_addr = "441234567890";
  body.destination_addr = "491234567890";
  body.registered_delivery = registered_delivery;
  body.short_message = as_octets(text);
  return pdu_of(smpp::Command::submit_sm, sequence_number, body);
}

std::string bind_pdu() {
  smpp::Bind body;
  body.system_id = "test";
  body.password = "test";
  return pdu_of(smpp::Command::bind_transceiver, 1, body);
}

std::string submit_burst(std::uint8_t registered_delivery = 0) {
  std::string out;
  for (std::uint32_t i = 0; i < burst_size; ++i) out += submit_pdu(i + 2, registered_delivery);
  return out;
}

Cursor body_of(Octets pdu) { return {pdu.data() + wire::pdu_header_size, pdu.data() + pdu.size()}; }

// ---- one function

std::function<void()> decode_submit_sm() {
  return [pdu = submit_pdu(1)] {
    smpp::ShortMessage body;
    Cursor cursor = body_of(as_octets(pdu));
    benchmark::DoNotOptimize(wire::decode(cursor, body));
    benchmark::DoNotOptimize(body);
  };
}

/// As all requests but submit_sm are decoded.
std::function<void()> decode_by_rows() {
  return [pdu = submit_pdu(1)] {
    smpp::ShortMessage body;
    Cursor cursor = body_of(as_octets(pdu));
    benchmark::DoNotOptimize(wire::decode_any(smpp::ShortMessage::fields, cursor, &body));
    benchmark::DoNotOptimize(body);
  };
}

std::function<void()> encode_submit_sm() {
  const auto pdu = std::make_shared<const std::string>(submit_pdu(1));
  smpp::ShortMessage body;
  Cursor cursor = body_of(as_octets(*pdu));
  ASSERT(wire::decode(cursor, body).ok());
  return [pdu, body, out = std::vector<std::uint8_t>(512)]() mutable {
    benchmark::DoNotOptimize(wire::encode(body, out.data()));
    benchmark::ClobberMemory();
  };
}

/// Of a submit_sm, whose octets it borrows.
Content content_of(const std::string& pdu) {
  Content content;
  Cursor cursor = body_of(as_octets(pdu));
  ASSERT(wire::decode_any(smpp::content_rows<smpp::ShortMessage>, cursor, &content).ok());
  return content;
}

std::function<void()> check_submit_sm() {
  const auto pdu = std::make_shared<const std::string>(submit_pdu(1));
  return [pdu, content = content_of(*pdu), quirks = QuirkOptions()]() mutable {
    benchmark::DoNotOptimize(smpp::check_submit(content, 0x34, quirks, wall_s));
    benchmark::DoNotOptimize(content);
  };
}

std::function<void()> journal_record() {
  const auto pdu = std::make_shared<const std::string>(submit_pdu(1));
  journal::AcceptedHead head;
  head.submitted_s = wall_s;
  return [pdu, head, content = content_of(*pdu), out = std::vector<std::uint8_t>(512)]() mutable {
    ++head.id.value;
    const std::size_t size = journal::accepted_size(content);
    journal::write_accepted(out.data(), size, head, content);
    benchmark::ClobberMemory();
  };
}

std::function<void()> encode_receipt() {
  MessageRecord record;
  record.begin(MessageId{0x0100ABCDEF012345}, 0, {});
  record.kind = RecordKind::submit_sm;
  record.submitted_s = record.done_s = wall_s;
  record.outcome = {};
  record.source.set({1, 1, "441234567890"});
  record.destination.set({1, 1, "491234567890"});
  record.snippet_size = 20;
  return [record, outcomes = smpp::OutcomeTexts(), style = smpp::ReceiptStyle(QuirkOptions()),
          out = std::vector<std::uint8_t>(smpp::receipt_pdu_max)]() mutable {
    benchmark::DoNotOptimize(smpp::write_receipt(record, style, {}, 7, outcomes, out.data()));
    benchmark::ClobberMemory();
  };
}

std::function<void()> rate_limit() {
  const auto limit = std::make_shared<RateLimit>(0);
  return [limit, rate = Rate(1e9, 1), now = Nanos{0}]() mutable {
    benchmark::DoNotOptimize(limit->admit(rate, now += 10));
  };
}

// ---- a session alone, answered at once

class SessionStage {
 public:
  SessionStage() {
    const std::string bind = bind_pdu();
    session_.on_bytes(as_octets(bind), {1, 0});
    ASSERT(session_.next_event(event_, content_));
    session_.settle();
    session_.accept_bind("bench", 1000, burst_size, quirks_, {1, 0});
    session_.output().clear();
  }

  void turn() {
    session_.on_bytes(as_octets(burst_), {1, wall_s});
    while (session_.next_event(event_, content_))
      session_.answer_submit(event_.submit, event_.sequence_number, Status::ESME_ROK, {++id_});
    session_.settle();
    session_.output().clear();
  }

 private:
  OctetPool tx_{64 * 1024, 16};
  ChunkPool carry_{1024, 16};
  const SessionLimits limits_;
  const QuirkOptions quirks_;
  SmppSession session_{Role::smsc, limits_, {tx_, carry_}, {1, 0}};
  SmppEvent event_;
  Content content_;
  const std::string burst_ = submit_burst();
  std::uint64_t id_ = 0;
};

std::function<void()> session_turn() {
  return [stage = std::make_shared<SessionStage>()] { stage->turn(); };
}

// ---- the whole of a shard, with the simulator behind it

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

constexpr std::uint32_t messages_max = 200'000;

ShardOptions shard_options() {
  ShardOptions options;
  options.budget = make_budget(100, 1, messages_max);
  return options;
}

SimOptions at_once() {
  SimOptions options;
  options.delay_ms = 0;
  return options;
}

/// Reports a burst of any of them once so many wait: outcomes come long after their messages, and
/// in another order.
class LateBackend final : public Backend {
 public:
  explicit LateBackend(std::size_t waiting) : waiting_(waiting) {}

  void on_submits(std::span<const Submit> submits, Now, Replies& replies) noexcept override {
    for (const Submit& submit : submits) {
      tickets_.push_back(submit.ticket);
      replies.answer(submit.ticket, Status::ESME_ROK);
    }
  }
  Nanos deadline(unsigned) const noexcept override {
    return tickets_.size() < waiting_ + burst_size ? never : 0;
  }
  void on_deadline(Now, Replies& replies) noexcept override {
    for (Report& report : reports_) {
      Ticket& drawn = tickets_[prng_.below(tickets_.size())];
      report = {drawn, {MessageState::delivered, 0}};
      drawn = tickets_.back();
      tickets_.pop_back();
    }
    std::size_t taken = 0;
    replies.report_all(reports_, taken);
  }

 private:
  const std::size_t waiting_;
  std::vector<Ticket> tickets_;
  std::array<Report, burst_size> reports_;
  Prng prng_{1};
};

class ShardStage {
 public:
  ShardStage(AccountOptions account, bool receipts, std::unique_ptr<Backend> backend)
      : backend_(std::move(backend)), burst_(submit_burst(receipts ? 1 : 0)) {
    account.system_id = account.password = "test";
    roster_ = std::make_shared<const Roster>(std::vector<AccountOptions>{account},
                                             std::vector<NumberOptions>{}, 0);
    backend_->on_start(1, {1, 0}, nullptr);
    shard_ = std::make_unique<Shard>(options_, roster_, *backend_, network_,
                                     ShardWorld{protocol_, mesh_, passwords_, nullptr}, Now{1, 0});
    shard_->begin_turn({1, wall_s});
    link_ = shard_->on_link("bench");
    const std::string bind = bind_pdu();
    shard_->on_bytes(link_, as_octets(bind));
    shard_->end_turn();
    sent();
  }

  void turn() {
    shard_->begin_turn({now_ += 1'000'000, wall_s});
    shard_->on_bytes(link_, as_octets(burst_));
    answer_receipts();
    shard_->end_turn();
    sent();
  }

 private:
  static constexpr std::uint32_t answer_size = 17;

  /// Those that have been sent and have no answer yet.
  void answer_receipts() {
    std::size_t size = 0;
    for (; receipt_ != shard_->counters().delivers_sent.get(); size += answer_size) {
      ASSERT(size < answers_.size());
      smpp::write_header(reinterpret_cast<std::uint8_t*>(&answers_[size]), answer_size,
                         static_cast<std::uint32_t>(smpp::Command::deliver_sm_resp), 0, ++receipt_);
    }
    if (size != 0) shard_->on_bytes(link_, as_octets(answers_).first(size));
  }

  void sent() {
    for (const io::LinkCommand& command : network_.last)
      if (command.kind == io::LinkCommand::Kind::send)
        shard_->on_sent(link_, command.octets.size());
    network_.last.clear();
  }

  const std::unique_ptr<Backend> backend_;
  const std::string burst_;
  std::string answers_ = std::string(burst_size * answer_size, '\0');
  std::uint32_t receipt_ = 0;
  Nanos now_ = 1;
  std::shared_ptr<const Roster> roster_;
  NoNetwork network_;
  NoMesh mesh_;
  NoPasswords passwords_;
  const ShardOptions options_ = shard_options();
  const SmppProtocol protocol_{};
  std::unique_ptr<Shard> shard_;
  LinkId link_;
};

std::function<void()> shard_turn_of(const AccountOptions& account, bool receipts) {
  return [stage = std::make_shared<ShardStage>(
              account, receipts, std::make_unique<Simulator>(at_once(), messages_max))] {
    stage->turn();
  };
}

std::function<void()> shard_turn() { return shard_turn_of({}, false); }
std::function<void()> shard_turn_receipts() { return shard_turn_of({}, true); }

std::function<void()> shard_turn_receipts_late() {
  constexpr std::size_t waiting = 150'000;
  AccountOptions account;
  account.max_outbox = messages_max;
  // A burst that waits for its answers, and the next.
  account.deliver_window = 2 * burst_size;
  const auto stage =
      std::make_shared<ShardStage>(account, true, std::make_unique<LateBackend>(waiting));
  for (std::size_t i = 0; i < waiting / burst_size; ++i) stage->turn();
  return [stage] { stage->turn(); };
}

std::function<void()> shard_turn_limits() {
  AccountOptions account;
  account.rate = 1e6;
  account.bind_rate = 1e6;
  account.destinations = {"49", "44", "1"};
  account.denied_destinations = {"4999"};
  return shard_turn_of(account, false);
}

constexpr Stage rows[] = {
    {"decode", 1, decode_submit_sm},
    {"decode_by_rows", 1, decode_by_rows},
    {"check", 1, check_submit_sm},
    {"encode", 1, encode_submit_sm},
    {"receipt", 1, encode_receipt},
    {"journal_record", 1, journal_record},
    {"rate_limit", 1, rate_limit},
    {"session", burst_size, session_turn},
    {"shard", burst_size, shard_turn},
    {"shard_limits", burst_size, shard_turn_limits},
    {"shard_receipts", burst_size, shard_turn_receipts},
    {"shard_receipts_late", burst_size, shard_turn_receipts_late},
};

}  // namespace

std::span<const Stage> path_stages() { return rows; }

}  // namespace ringgate::bench

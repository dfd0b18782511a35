#include "site.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <thread>

namespace ringgate::hostile {
namespace {

constexpr std::uint32_t pending_max = 10'000;

SimOptions soon_delivered() {
  SimOptions options;
  options.delay_ms = 1;
  options.history = 1024;
  return options;
}

AccountOptions account(std::string_view system_id) {
  AccountOptions out;
  out.system_id = system_id;
  out.password = "secret";
  // The tables ask more often than any client.
  out.operation_rate = 0;
  return out;
}

bool eventually(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

std::shared_ptr<TlsEngine> engine() {
#ifdef RINGGATE_TLS
  if (tls_directory() != nullptr) return make_tls_engine();
#endif
  return nullptr;
}

std::unique_ptr<Site> shared_site;

/// Ends the common site while failures still count.
class LastCheck final : public testing::Environment {
 public:
  void TearDown() override { shared_site.reset(); }
};
const testing::Environment* const last_check =
    testing::AddGlobalTestEnvironment(new LastCheck);  // GoogleTest deletes it.

}  // namespace

const char* tls_directory() {
  return std::getenv("RINGGATE_HOSTILE_TLS") == nullptr ? nullptr
                                                        : std::getenv("RINGGATE_TEST_CERTIFICATES");
}

Watcher::Watcher() : simulator_(soon_delivered(), pending_max) {}

std::vector<Seen> Watcher::take_seen() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(seen_, {});
}

void Watcher::on_submits(std::span<const Submit> submits, Now now, Replies& replies) noexcept {
  constexpr std::string_view order = "status ";
  std::vector<Submit> rest;
  for (const Submit& submit : submits) {
    const std::string text(submit.text.begin(), submit.text.end());
    {
      const std::scoped_lock lock(mutex_);
      seen_.push_back({text, std::string(submit.tlvs.begin(), submit.tlvs.end())});
    }
    if (text.starts_with(order)) {
      const auto number = std::strtoul(text.c_str() + order.size(), nullptr, 0);
      replies.answer(submit.ticket, static_cast<Status>(number));
    } else {
      rest.push_back(submit);
    }
  }
  if (!rest.empty()) simulator_.on_submits(rest, now, replies);
}

void LogLines::write(LogLevel level, std::string_view line) {
  const std::scoped_lock lock(mutex_);
  lines_.emplace_back(level, line);
}

std::size_t LogLines::count(std::string_view part, LogLevel level) {
  const std::scoped_lock lock(mutex_);
  std::size_t found = 0;
  for (const auto& [one, line] : lines_)
    if (one >= level && line.find(part) != line.npos) ++found;
  return found;
}

Options site_options() {
  Options options;
  options.listen.push_back({"127.0.0.1", 0});
  if (tls_directory() != nullptr) {
    const std::string directory = tls_directory();
    options.listen.back().tls.cert = {directory + "/server.pem"};
    options.listen.back().tls.key = {directory + "/server.key"};
  }
  options.limits.max_connections = 512;
  // Peers that leave something open for ever are what these tests are about.
  options.limits.drain_ms = 100;
  // Nor do they answer when they are asked whether they live.
  options.limits.ghost_probe_ms = 0;
  options.limits.max_open_messages = pending_max;
  for (const char* name :
       {"esme", "other", "strict", "lenient", "kannel", "tx", "one", "passwd", "mo"})
    options.accounts.push_back(account(name));
  const auto named = [&options](std::string_view name) -> AccountOptions& {
    for (AccountOptions& one : options.accounts)
      if (one.system_id == name) return one;
    std::abort();
  };
  named("strict").quirks.strict_ton_npi = true;
  named("lenient").quirks.lenient_data_coding = true;
  named("kannel").quirks.replace_sm_service_type = true;
  named("tx").bind_rx = named("tx").bind_trx = false;
  named("one").max_binds = 1;
  named("passwd").quirks.wrong_credentials = Status::ESME_RINVPASWD;
  options.numbers.emplace_back();
  options.numbers.back().prefix = "3333";
  options.numbers.back().account = "mo";
  return options;
}

Site::Site(const Options& options) {
  std::string error;
  server = Server::start(options, watcher, &log, error, nullptr, engine());
  EXPECT_NE(server, nullptr) << error;
  if (server == nullptr) std::abort();
}

Site::~Site() {
  EXPECT_TRUE(eventually([this] { return server->counters().connections_open == 0; }))
      << server->counters().connections_open << " connections are still held";
  EXPECT_TRUE(eventually([this] { return server->counters().messages_open == 0; }))
      << server->counters().messages_open << " messages are still held";
  const Counters counters = server->counters();
  EXPECT_EQ(counters.binds_open, 0u);
  EXPECT_EQ(counters.misrouted, 0u);
  // At most "bound" and "closed" of each connection, and each refusal: what a peer does wrong a
  // thousand times must not fill a disk.
  const std::size_t counted = log.count("count=");  // at most one a second of an account
  EXPECT_LE(log.count("") - counted, 2 * counters.connections + counters.binds_refused);
  // Before the watcher, which it calls.
  server.reset();
}

Site& common_site() {
  if (shared_site == nullptr) shared_site = std::make_unique<Site>();
  return *shared_site;
}

}  // namespace ringgate::hostile

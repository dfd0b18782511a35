// Aim: a server that runs knows which of its certificates expire soon.
#include <gtest/gtest.h>
#include <ringgate/server.h>
#include <ringgate/tls.h>

#include <cstdlib>
#include <string>

namespace ringgate::tls {
namespace {

struct Nobody final : Backend {
  void on_submits(std::span<const Submit>, Now, Replies&) noexcept override {}
};

ListenOptions shows(const std::string& name) {
  const std::string path = std::string(std::getenv("RINGGATE_TEST_CERTIFICATES")) + "/" + name;
  ListenOptions out{"127.0.0.1", 0};
  out.tls.cert = {path + ".pem"};
  out.tls.key = {path + ".key"};
  return out;
}

// Method: one for ten years, one for twenty days, and one more of those that comes and goes.
TEST(CertificatesTest, Expiring) {
  Options options;
  options.cores.shards = 1;
  options.limits.max_connections = 16;
  options.limits.max_open_messages = 1'000;
  options.accounts.emplace_back().system_id = "esme";
  options.accounts.back().password = "secret";
  options.listen = {shows("server"), shows("soon")};
  Nobody backend;
  std::string error;
  const auto server = Server::start(options, backend, nullptr, error, nullptr, make_tls_engine());
  ASSERT_NE(server, nullptr) << error;
  EXPECT_EQ(server->counters().certificates_expiring, 1U);
  std::size_t listener = 0;
  ASSERT_EQ(server->listen(shows("soon"), listener), "");
  EXPECT_EQ(server->counters().certificates_expiring, 2U);
  ASSERT_EQ(server->stop_listening(listener), "");
  EXPECT_EQ(server->counters().certificates_expiring, 1U);
  server->stop();
}

}  // namespace
}  // namespace ringgate::tls

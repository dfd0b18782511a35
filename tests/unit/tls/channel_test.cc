#include "tls/ssl_channel.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <string>

#include "base/bytes.h"
#include "base/prng.h"

namespace ringgate::tls {
namespace {

using Stage = io::Channel::Stage;

std::string file(const std::string& name) {
  const char* const directory = std::getenv("RINGGATE_TEST_CERTIFICATES");
  return (directory == nullptr ? std::string(".") : std::string(directory)) + "/" + name;
}

ListenTlsOptions served(std::initializer_list<const char*> names = {"server"}) {
  ListenTlsOptions options;
  for (const char* name : names) {
    options.cert.push_back(file(std::string(name) + ".pem"));
    options.key.push_back(file(std::string(name) + ".key"));
  }
  return options;
}

std::shared_ptr<const ServerContext> server_context(const ListenTlsOptions& options = served()) {
  auto made = ServerContext::make(options);
  EXPECT_TRUE(made) << (made ? "" : made.error().text);
  return made ? made.value() : nullptr;
}

std::shared_ptr<const ClientContext> client_context(const std::string& certificate = {}) {
  auto made = certificate.empty() ? ClientContext::make(file("ca.pem"), {}, {})
                                  : ClientContext::make(file("ca.pem"), file(certificate + ".pem"),
                                                        file(certificate + ".key"));
  EXPECT_TRUE(made) << (made ? "" : made.error().text);
  return made ? made.value() : nullptr;
}

/// Two channels, and a wire between them that cuts what it carries.
struct Pair {
  explicit Pair(std::shared_ptr<const ServerContext> context = server_context(),
                std::shared_ptr<const ClientContext> client_with = client_context(),
                const std::string& name = "smsc.example")
      : server(std::move(context)), client(std::move(client_with), name) {
    client.shake();
  }

  /// One piece of what `from` has to say, of at most so many octets. False: it is silent.
  bool carry(SslChannel& from, SslChannel& to, std::string& heard, std::size_t piece_max) {
    const Octets all = from.outgoing();
    if (all.empty()) return false;
    const Octets piece = all.first(std::min(all.size(), piece_max));
    if (to.hears()) to.put(piece);
    if (to.stage() == Stage::shaking && to.can_shake()) to.shake();
    from.sent(piece.size());
    if (to.stage() != Stage::shaking) read(to, heard);
    return true;
  }
  void read(SslChannel& channel, std::string& heard) {
    std::uint8_t buffer[700];
    while (const std::size_t count = channel.read(buffer))
      heard.append(reinterpret_cast<const char*>(buffer), count);
  }
  void talk(std::size_t piece_max = ~std::size_t{0}) {
    for (bool more = true; more;) {
      more = carry(client, server, server_heard, piece_max);
      more = carry(server, client, client_heard, piece_max) || more;
    }
  }

  SslChannel server;
  SslChannel client;
  std::string server_heard, client_heard;
};

// Aim: wherever the wire cuts, the handshake ends well and octets arrive as they were written.
TEST(SslChannelTest, CutAnywhere) {
  const auto context = server_context();
  const auto client = client_context();
  for (const std::size_t piece :
       std::initializer_list<std::size_t>{1, 2, 3, 5, 6, 7, 64, 1000, 1 << 20}) {
    Pair pair(context, client);
    pair.talk(piece);
    ASSERT_EQ(pair.server.stage(), Stage::open) << piece << ": " << pair.server.fault();
    ASSERT_EQ(pair.client.stage(), Stage::open) << piece << ": " << pair.client.fault();
    std::string there(40'000, 'a'), back(17, 'b');
    for (std::size_t i = 0; i < there.size(); ++i) there[i] = static_cast<char>(i * 7);
    pair.client.write(as_octets(there));
    pair.server.write(as_octets(back));
    pair.talk(piece);
    EXPECT_EQ(pair.server_heard, there) << piece;
    EXPECT_EQ(pair.client_heard, back) << piece;
    EXPECT_TRUE(pair.server.terms().starts_with("TLSv1.3 ")) << pair.server.terms();
    pair.client.finish();
    pair.talk(piece);
    EXPECT_EQ(pair.server.stage(), Stage::half);
    EXPECT_EQ(pair.server.fault(), "");
    // One direction has ended, not the other.
    pair.server.write(as_octets(std::string_view("late")));
    EXPECT_FALSE(pair.server.outgoing().empty());
  }
}

// Aim: what is written while a send is under way goes behind it, and moves nothing of it.
TEST(SslChannelTest, OctetsOfASendStay) {
  Pair pair;
  pair.talk();
  pair.server.write(as_octets(std::string_view("first")));
  const Octets sending = pair.server.outgoing();
  const std::string before(as_text(sending));
  for (int i = 0; i < 100; ++i) pair.server.write(as_octets(std::string(1000, 'x')));
  EXPECT_EQ(pair.server.outgoing().data(), sending.data());
  EXPECT_EQ(as_text(sending), before);
  pair.talk();
  EXPECT_EQ(pair.client_heard, "first" + std::string(100'000, 'x'));
}

// Aim: who begins with anything but a handshake is not answered by TLS, and is read as it is.
TEST(SslChannelTest, PlainPeers) {
  SslChannel server(server_context());
  const std::string bind("\0\0\0\x10", 4);
  server.put(as_octets(bind));
  ASSERT_EQ(server.stage(), Stage::plain);
  EXPECT_EQ(server.terms(), "");
  std::uint8_t buffer[64];
  EXPECT_EQ(server.read(buffer), bind.size());
  EXPECT_EQ(server.read(buffer), 0U);
  server.put(as_octets(std::string_view("more")));
  EXPECT_EQ(server.read(buffer), 4U);
  server.write(as_octets(std::string_view("answer")));
  EXPECT_EQ(as_text(server.outgoing()), "answer");
}

// Aim: nothing that a peer can say instead of a handshake does more than end it.
TEST(SslChannelTest, Nonsense) {
  const auto context = server_context();
  Prng random(7);
  std::string hello;
  {
    Pair pair(context);
    hello = as_text(pair.client.outgoing());
  }
  for (int i = 0; i < 3'000; ++i) {
    SslChannel server(context);
    std::string octets = hello;
    for (std::uint64_t changes = random.below(4) + 1; changes > 0; --changes)
      octets[random.below(octets.size())] = static_cast<char>(random.below(256));
    if (random.below(4) == 0) octets.resize(random.below(octets.size()) + 1);
    octets[0] = 0x16;
    std::size_t at = 0;
    while (at < octets.size() && server.stage() == Stage::shaking) {
      const std::size_t piece = std::min<std::size_t>(random.below(300) + 1, octets.size() - at);
      server.put(as_octets(std::string_view(octets).substr(at, piece)));
      if (server.can_shake()) server.shake();
      at += piece;
    }
    EXPECT_NE(server.stage(), Stage::open);
    EXPECT_NE(server.stage(), Stage::plain);
    EXPECT_EQ(server.stage() == Stage::over, !server.fault().empty());
  }
}

// Aim: what a stranger sends before it is open has a bound, however much of it is worked on.
TEST(SslChannelTest, EndlessHandshake) {
  SslChannel server(server_context());
  const std::string record = "\x16\3\1\x40" + std::string(16'384, '\1');
  std::size_t octets = 0;
  for (; server.hears() && octets < (1U << 20); octets += record.size())
    server.put(as_octets(record));
  EXPECT_EQ(server.stage(), Stage::over);
  EXPECT_EQ(server.fault(), "too long a handshake");
  EXPECT_LT(octets, 300U << 10);
}

// Aim: what is changed on the way ends the session, and nothing of it is read.
TEST(SslChannelTest, ChangedOnTheWay) {
  Pair pair;
  pair.talk();
  pair.client.write(as_octets(std::string_view("message")));
  std::string record(as_text(pair.client.outgoing()));
  record[record.size() / 2] ^= 1;
  pair.server.put(as_octets(record));
  pair.read(pair.server, pair.server_heard);
  EXPECT_EQ(pair.server.stage(), Stage::over);
  EXPECT_NE(pair.server.fault(), "");
  EXPECT_EQ(pair.server_heard, "");
  EXPECT_FALSE(pair.server.outgoing().empty()) << "an alert says so";
}

// Aim: records that are not for the session cost as much as messages: who sends too many of them is
// not heard any more, and one who asks for answers and does not read them has no memory of ours.
TEST(SslChannelTest, RecordsForTheirOwnSake) {
  RecordCount records;
  for (const char c : std::string("\x17\3\3\0\2ab\x17\3\3\0\0\x17\3\3\1\0", 17))
    records.pass(as_octets(std::string_view(&c, 1)));
  EXPECT_EQ(records.count(), 3U);
  records.pass(as_octets(std::string(256, 'x') + std::string("\x15\3\3\0\2", 5)));
  EXPECT_EQ(records.count(), 4U);

  Pair pair;
  pair.talk();
  for (int i = 0; i < 60; ++i) {
    ASSERT_TRUE(pair.client.update_keys());
    pair.talk();
  }
  EXPECT_EQ(pair.server.stage(), Stage::open) << pair.server.fault();
  pair.client.write(as_octets(std::string_view("message")));
  pair.talk();
  EXPECT_EQ(pair.server_heard, "message");
  for (int i = 0; i < 60 && pair.server.stage() == Stage::open; ++i) {
    pair.client.update_keys();
    pair.talk();
  }
  EXPECT_EQ(pair.server.stage(), Stage::over);
  EXPECT_EQ(pair.server.fault(), "too many records with nothing in them");
}

// Aim: a client gets the certificate of the name it asks for, and the first for any other name.
TEST(SslChannelTest, ServerNames) {
  const auto context = server_context(served({"server", "rsa"}));
  const auto client = client_context();
  for (const char* name : {"smsc.example", "other.example", "a.wild.example"}) {
    Pair pair(context, client, name);
    pair.talk();
    EXPECT_EQ(pair.client.stage(), Stage::open) << name << ": " << pair.client.fault();
  }
  for (const char* name : {"nobody.example", "wild.example", "a.b.wild.example"}) {
    Pair pair(context, client, name);
    pair.talk();
    EXPECT_EQ(pair.client.stage(), Stage::over) << name;
  }
}

// Aim: with certificates of clients, what they are is known; without, or with another's, there is
// no session where one is required.
TEST(SslChannelTest, ClientCertificates) {
  ListenTlsOptions options = served();
  options.client_ca = file("ca.pem");
  for (const auto wish : {ClientCertificate::optional, ClientCertificate::required}) {
    options.client_certificate = wish;
    const auto context = server_context(options);
    Pair known(context, client_context("client"));
    known.talk();
    EXPECT_EQ(known.server.stage(), Stage::open) << known.server.fault();
    EXPECT_EQ(known.server.names(),
              (std::vector<std::string>{"bank", "bank.example", "ops@bank.example"}));
    for (const char* bad : {"stranger", "expired"}) {
      Pair pair(context, client_context(bad));
      pair.talk();
      EXPECT_EQ(pair.server.stage(), Stage::over) << bad;
      EXPECT_TRUE(pair.server.names().empty()) << bad;
    }
    Pair none(context);
    none.talk();
    EXPECT_EQ(none.server.stage() == Stage::open, wish == ClientCertificate::optional);
    EXPECT_TRUE(none.server.names().empty());
  }
}

// Aim: each mistake in files is told with the file's name.
TEST(ServerContextTest, Mistakes) {
  const auto fault = [](const ListenTlsOptions& options) {
    const auto made = ServerContext::make(options);
    return made ? std::string() : made.error().text;
  };
  ListenTlsOptions options = served();
  options.cert[0] = file("none.pem");
  EXPECT_NE(fault(options).find("none.pem: No such file"), std::string::npos) << fault(options);
  options = served();
  options.key[0] = file("rsa.key");
  EXPECT_NE(fault(options).find("rsa.key: is not the key of"), std::string::npos) << fault(options);
  options = served();
  options.cert[0] = file("server.key");
  EXPECT_NE(fault(options).find("server.key: no certificate"), std::string::npos) << fault(options);
  options = served();
  options.key[0] = file("server.pem");
  EXPECT_NE(fault(options).find("server.pem: no private key"), std::string::npos) << fault(options);
  options = served();
  options.ciphers = "NONSENSE";
  EXPECT_NE(fault(options).find("NONSENSE"), std::string::npos) << fault(options);
  options = served();
  options.client_certificate = ClientCertificate::required;
  options.client_ca = file("ca.key");
  EXPECT_NE(fault(options).find("ca.key"), std::string::npos) << fault(options);
}

// Aim: what is in a certificate is told as it is, and whom it is for.
TEST(CertificateTest, Names) {
  const auto context = server_context(served({"rsa"}));
  ASSERT_EQ(context->certificates().size(), 1U);
  EXPECT_EQ(context->certificates()[0].names,
            (std::vector<std::string>{"other.example", "*.wild.example"}));
  Certificate one;
  one.common_name = "only.example";
  EXPECT_TRUE(one.is_for("only.example"));
  EXPECT_TRUE(one.is_for("ONLY.example"));
  EXPECT_FALSE(one.is_for(""));
  one.alternative_names = {"*.Wild.example"};
  EXPECT_FALSE(one.is_for("only.example"));
  EXPECT_TRUE(one.is_for("a.wild.example"));
  EXPECT_FALSE(one.is_for(".wild.example"));
  EXPECT_FALSE(one.is_for("wild.example"));
  EXPECT_FALSE(one.is_for("a.b.wild.example"));
}

}  // namespace
}  // namespace ringgate::tls

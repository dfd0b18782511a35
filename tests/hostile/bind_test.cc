// A9, A11 to A13: binds. How the tables are run is said in framing_test.cc.
#include <gtest/gtest.h>

#include "row.h"
#include "site.h"

namespace ringgate::hostile {
namespace {

TEST(Binds, A9SecondBind) {
  std::vector<Row> rows;
  for (const std::uint32_t id :
       {command::bind_receiver, command::bind_transmitter, command::bind_transceiver}) {
    rows.push_back(bind("A9", "bind " + to_hex(u32(id)), {}, status::ROK, id));
    rows.push_back(bind("A9", "bind of somebody else " + to_hex(u32(id)), {.system_id = "other"},
                        status::ROK, id));
  }
  run(rows);
}

struct Refusal {
  const char* what;
  Bind body;
  std::uint32_t command_id;
  std::uint32_t command_status;
};

// Aim: A11: a refused bind gets its response at once, is counted, guesses in the meantime are in
// vain, and the connection ends after a delay and not before. Method: all refusals at the same
// time, each on a connection of its own, whole and octet by octet. "Wrong IP" and "TLS required"
// wait for a server that has such rules.
TEST(Binds, A11Refusals) {
  constexpr std::uint32_t trx = command::bind_transceiver;
  const Refusal refusals[] = {
      {"unknown user", {.system_id = "nobody"}, trx, status::RBINDFAIL},
      {"no user", {.system_id = ""}, trx, status::RBINDFAIL},
      {"wrong password", {.password = "wrong"}, trx, status::RBINDFAIL},
      {"no password", {.password = ""}, trx, status::RBINDFAIL},
      {"wrong password, told so",
       {.system_id = "passwd", .password = "wrong"},
       trx,
       status::RINVPASWD},
      {"receiver that may only transmit",
       {.system_id = "tx"},
       command::bind_receiver,
       status::RBINDFAIL},
      {"transceiver that may only transmit", {.system_id = "tx"}, trx, status::RBINDFAIL},
      {"too many binds", {.system_id = "one"}, trx, status::RBINDFAIL},
  };
  Site& site = common_site();
  Peer only = enter(State::trx, 0x34, "one");
  const std::uint64_t refused_before = site.server->counters().binds_refused;
  const auto begun = std::chrono::steady_clock::now();
  std::vector<Peer> peers;
  for (const Refusal& refusal : refusals) {
    const std::string request = pdu(refusal.command_id, own_sequence, refusal.body.body());
    peers.emplace_back(site.port()).send(request);
    Peer& slow = peers.emplace_back(site.port());
    for (const char& c : request) slow.send(std::string_view(&c, 1));
  }
  for (std::size_t i = 0; i < peers.size(); ++i) {
    const Refusal& refusal = refusals[i / 2];
    SCOPED_TRACE(refusal.what);
    ASSERT_TRUE(peers[i].read_count(1));
    ASSERT_EQ(peers[i].received.size(), 1u);
    const Received response = peers[i].received.front();
    EXPECT_EQ(response.command_id, refusal.command_id | command::resp);
    EXPECT_EQ(response.command_status, refusal.command_status);
    EXPECT_EQ(response.sequence_number, own_sequence);
    EXPECT_EQ(response.body, "");
    peers[i].received.clear();
  }
  EXPECT_EQ(site.server->counters().binds_refused - refused_before, peers.size());
  EXPECT_GE(site.log.count("bind refused", LogLevel::warning), peers.size());
  for (Peer& peer : peers) {
    EXPECT_EQ(peer.ask(command::bind_transceiver, 2, Bind{}.body()).command_status,
              status::RBINDFAIL);
    EXPECT_EQ(peer.ask(command::enquire_link, 3).command_status, status::ROK);
  }
  for (Peer& peer : peers) {
    EXPECT_TRUE(peer.read_end());
    EXPECT_TRUE(peer.received.empty());
  }
  // session.h: refusal_delay.
  const auto lasted = std::chrono::steady_clock::now() - begun;
  EXPECT_GT(lasted, std::chrono::milliseconds(900));
  EXPECT_LT(lasted, std::chrono::milliseconds(4000));
}

// Aim: what a peer calls itself forges neither fields nor lines of the log. Method: a system_id
// like a field, one with a quote and one with a line end; the log holds each in quotes only.
TEST(Binds, ForgedLogFields) {
  Site& site = common_site();
  const struct {
    const char* system_id;
    const char* shown;
  } names[] = {{"a peer=1.2.3.4", "bind refused system_id=\"a peer=1.2.3.4\" peer=127.0.0.1:"},
               {"b\" peer=\"1", "bind refused system_id=\"b\\\" peer=\\\"1\" peer=127.0.0.1:"},
               {"c\n bound", "bind refused system_id=\"c\\x0a bound\" peer=127.0.0.1:"}};
  for (const auto& [system_id, shown] : names) {
    Peer peer(site.port());
    const Received response =
        peer.ask(command::bind_transceiver, own_sequence, Bind{.system_id = system_id}.body());
    EXPECT_EQ(response.command_status, status::RBINDFAIL);
    EXPECT_EQ(site.log.count(shown), 1u) << shown;
  }
}

// Aim: A11: unknown users can be told so. Method: a site with that option.
TEST(Binds, A11UnknownSystemIdOption) {
  Options options = site_options();
  options.node.unknown_system_id = Status::ESME_RINVSYSID;
  Site site(options);
  Peer peer(site.port());
  EXPECT_EQ(
      peer.ask(command::bind_transceiver, 1, Bind{.system_id = "nobody"}.body()).command_status,
      status::RINVSYSID);
}

TEST(Binds, A12Fields) {
  run({
      bind("A12", "system_id of 15 that nobody has, too long by one",
           {.system_id = std::string(16, 's')}, status::RINVSYSID),
      bind("A12", "system_id of 60", {.system_id = std::string(60, 's')}, status::RINVSYSID),
      bind("A12", "password of 8, too long by one", {.password = std::string(9, 'p')},
           status::RINVPASWD),
      bind("A12", "password of 200", {.password = std::string(200, 'p')}, status::RINVPASWD),
      bind("A12", "system_type of 12", {.system_type = std::string(12, 't')}, status::ROK),
      bind("A12", "system_type of 13", {.system_type = std::string(13, 't')}, status::RINVSYSTYP),
      bind("A12", "address_range of 40", {.address_range = std::string(40, '4')}, status::ROK),
      bind("A12", "address_range of 41", {.address_range = std::string(41, '4')},
           status::RBINDFAIL),
      bind("A12", "system_id that a terminal would obey",
           {.system_id = octets("\x1B[2J\n\"<b>"), .system_type = std::string(13, 't')},
           status::RINVSYSTYP),
  });
}

// Aim: A12 wants these counted like any other refused bind. Method: one of each.
TEST(Binds, A12IsCounted) {
  Site& site = common_site();
  const std::uint64_t before = site.server->counters().binds_refused;
  Peer peer(site.port());
  peer.ask(command::bind_transceiver, 1, Bind{.system_id = std::string(16, 's')}.body());
  peer.ask(command::bind_transceiver, 2, Bind{.password = std::string(9, 'p')}.body());
  peer.ask(command::bind_transceiver, 3, Bind{.system_type = std::string(13, 't')}.body());
  EXPECT_EQ(site.server->counters().binds_refused - before, 3u);
}

// Aim: A12: a peer whose bind was malformed may try again on the same connection. Method: three bad
// binds, one good.
TEST(Binds, A12ThenAGoodBind) {
  Peer peer(common_site().port());
  for (std::uint32_t i = 1; i <= 3; ++i)
    EXPECT_EQ(peer.ask(command::bind_transceiver, i, Bind{.password = std::string(9, 'p')}.body())
                  .command_status,
              status::RINVPASWD);
  EXPECT_EQ(peer.ask(command::bind_transceiver, 4, Bind{}.body()).command_status, status::ROK);
}

TEST(Binds, A13InterfaceVersions) {
  std::vector<Row> rows;
  const struct {
    std::uint32_t interface_version;
    std::uint32_t told;  // sc_interface_version; 0 = no TLV at all
  } versions[] = {{0x00, 0},    {0x01, 0},    {0x32, 0},    {0x33, 0},    {0x34, 0x34},
                  {0x35, 0x34}, {0x4F, 0x34}, {0x50, 0x50}, {0x51, 0x50}, {0xFF, 0x50}};
  for (const auto& [interface_version, told] : versions) {
    const std::string name = to_hex(u8(interface_version));
    rows.push_back(bind("A13", "interface_version 0x" + name,
                        {.interface_version = interface_version}, status::ROK)
                       .checked_by([told = told](const Received& reply, std::uint32_t) {
                         const std::string own = c_string_of(reply.body);
                         EXPECT_FALSE(own.empty());
                         const std::string tlvs = reply.body.substr(own.size() + 1);
                         EXPECT_EQ(tlvs, told == 0 ? "" : tlv(tag::sc_interface_version, u8(told)));
                       }));
    rows.push_back(submit("A13", "submit_sm after interface_version 0x" + name, {}, status::ROK)
                       .in_versions({interface_version}));
  }
  run(rows);
}

// Aim: A13: receipts of a 3.3 peer have no TLVs and its 8-character id; those of others have both
// forms of their id. Method: a submit and its receipt in each version.
TEST(Binds, A13Receipts) {
  SubmitSm message;
  message.registered_delivery = 1;
  for (const std::uint32_t version : {0x00u, 0x33u, 0x34u, 0x50u, 0x51u, 0xFFu}) {
    SCOPED_TRACE(version);
    Peer peer = enter(State::trx, version);
    const Received response = peer.ask(command::submit_sm, own_sequence, message.body());
    ASSERT_EQ(response.command_status, status::ROK);
    const std::string id = c_string_of(response.body);
    const Received receipt = peer.next(command::deliver_sm);
    ASSERT_EQ(receipt.command_id, command::deliver_sm);
    const DeliverSm deliver = read_deliver_sm(receipt.body);
    EXPECT_EQ(deliver.esm_class, 0x04u);
    EXPECT_EQ(deliver.short_message.substr(0, 3 + id.size() + 1), "id:" + id + " ");
    if (version < 0x34) {
      EXPECT_EQ(id.size(), 8u);
      EXPECT_EQ(deliver.rest, "");
    } else {
      std::size_t size = 0;
      const char* const value = find_tlv(deliver.rest, tag::receipted_message_id, size);
      ASSERT_NE(value, nullptr);
      EXPECT_EQ(std::string(value, size), c_string(id));
    }
    peer.send(pdu(command::deliver_sm | command::resp, receipt.sequence_number, c_string("")));
    // The answer must be there before we leave, or the receipt would wait for the next bind.
    EXPECT_EQ(peer.ask(command::enquire_link, 9).command_status, status::ROK);
  }
}

}  // namespace
}  // namespace ringgate::hostile

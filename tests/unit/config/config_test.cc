// Aim: a file either fills Options exactly, or every fault in it becomes one exact line in file
// order. Method: small documents through parse_config, compared with the whole list of lines.
#include "config/config.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "policy/quirk_profiles.h"

namespace ringgate {
namespace {

const std::string sha512crypt =
    "$6$ringgate$5.p3L1cKJGlAKld7IFRyxEm6H.ZYTlv04Evr4wELqi6ElX/"
    "Pft0IS.D3baERGNFzxG9ynLhr4GNahPY3THcDt/";
const std::string account = "[[account]]\nsystem_id = \"test\"\npassword = \"test\"\n";

/// All errors of a document, one per line.
std::string errors(const std::string& text) {
  std::string lines;
  for (const ConfigError& error : parse_config(text, "f.toml").errors) lines += error.text() + "\n";
  return lines;
}

/// Errors of a document that has a good account in lines 1 to 3, so that `text` begins in line 4.
std::string errors_after_account(const std::string& text) { return errors(account + text); }

TEST(Config, MinimalFileTakesDefaults) {
  const Config config = parse_config(account, "f.toml");
  ASSERT_TRUE(config.ok());
  const Options& options = config.options;
  ASSERT_EQ(options.listen.size(), 1u);
  EXPECT_EQ(options.listen[0].address, "0.0.0.0");
  EXPECT_EQ(options.listen[0].port, 2775);
  ASSERT_EQ(options.accounts.size(), 1u);
  EXPECT_EQ(options.accounts[0].system_id, "test");
  EXPECT_EQ(options.accounts[0].password, "test");
  EXPECT_TRUE(options.accounts[0].bind_tx);
  EXPECT_EQ(options.cores.shards, 1u);
  EXPECT_EQ(options.backend.sim.outcomes.delivered, 1.0);
}

TEST(Config, EveryKeyReachesItsMember) {
  const Config config = parse_config(R"(
[node]
id = 7
system_id = "SMSC-7"
unknown_system_id = "ESME_RINVSYSID"
data_dir = "/var/lib/ringgate"
[cores]
shards = 2
pin = [3, 5]
[[listen]]
address = "127.0.0.1"
port = 0
[[listen]]
address = "::1"
port = 2776
[store]
mode = "none"
[backend]
kind = "sim"
[backend.sim]
delay_ms = 5
delay_distribution = "exponential"
submit_error_rate = 0.5
submit_error = "ESME_RTHROTTLED"
seed = 9007199254740991
history = 1024
[backend.sim.mo]
rate = 2.5
source = "INFO"
destination = "+447700900123"
text = "hi"
[backend.sim.outcomes]
delivered = 0.25
expired = 1
deleted = 2
undeliverable = 3
accepted = 4
unknown = 5
rejected = 6
[limits]
session_init_ms = 101
enquire_link_ms = 0
inactivity_ms = 103
response_ms = 104
max_pdu = 1024
max_connections = 106
max_open_messages = 107
receipt_expiry_s = 108
[[account]]
system_id = "fifteen_chars_x"
password_hash = ")" + sha512crypt + R"("
bind = ["rx", "trx"]
max_binds = 2
rate = 12.5
burst = 3
over_rate = "pace"
submit_window = 4
deliver_window = 5
receipts = "round_robin"
max_outbox = 6
[account.quirks]
profile = "strict"
message_id = "uuid"
receipt_template = "{id} {stat}"
receipt_tlvs = false
receipt_pdu = "data_sm"
receipt_swaps_addresses = false
err_map = {"10" = "0A", "001" = "005"}
default_alphabet = "utf8"
strip_trailing_nul = true
error_body = "nul"
interface_version = "5.0"
source_addr_max = 11
source_too_long = "pass"
scheduled_delivery = "refuse"
strict_ton_npi = false
lenient_data_coding = true
replace_sm_service_type = true
wrong_credentials = "ESME_RINVPASWD"
[[number]]
exact = "+447700900123"
account = "fifteen_chars_x"
[[number]]
prefix = "4477009"
account = "fifteen_chars_x"
[[number]]
first = "447700900000"
last = "447700900999"
account = "fifteen_chars_x"
[long_messages]
expiry_s = 201
max_per_account = 202
max_octets = 4294967295
)",
                                     "f.toml");
  for (const ConfigError& error : config.errors) ADD_FAILURE() << error.text();
  const Options& o = config.options;
  EXPECT_EQ(o.node.id, 7u);
  EXPECT_EQ(o.node.system_id, "SMSC-7");
  EXPECT_EQ(o.node.unknown_system_id, Status::ESME_RINVSYSID);
  EXPECT_EQ(o.node.data_dir, "/var/lib/ringgate");
  EXPECT_EQ(o.cores.shards, 2u);
  EXPECT_EQ(o.cores.pin, (std::vector<unsigned>{3, 5}));
  ASSERT_EQ(o.listen.size(), 2u);
  EXPECT_EQ(o.listen[0].address, "127.0.0.1");
  EXPECT_EQ(o.listen[0].port, 0);
  EXPECT_EQ(o.listen[1].address, "::1");
  EXPECT_EQ(o.listen[1].port, 2776);
  const SimOptions& sim = o.backend.sim;
  EXPECT_EQ(sim.delay_ms, 5u);
  EXPECT_EQ(sim.delay_distribution, SimDelay::exponential);
  EXPECT_EQ(sim.outcomes.delivered, 0.25);
  EXPECT_EQ(sim.outcomes.expired, 1);
  EXPECT_EQ(sim.outcomes.deleted, 2);
  EXPECT_EQ(sim.outcomes.undeliverable, 3);
  EXPECT_EQ(sim.outcomes.accepted, 4);
  EXPECT_EQ(sim.outcomes.unknown, 5);
  EXPECT_EQ(sim.outcomes.rejected, 6);
  EXPECT_EQ(sim.submit_error_rate, 0.5);
  EXPECT_EQ(sim.submit_error, Status::ESME_RTHROTTLED);
  EXPECT_EQ(sim.seed, 9007199254740991u);
  EXPECT_EQ(sim.history, 1024u);
  EXPECT_EQ(sim.mo.rate, 2.5);
  EXPECT_EQ(sim.mo.source, "INFO");
  EXPECT_EQ(sim.mo.destination, "+447700900123");
  EXPECT_EQ(sim.mo.text, "hi");
  EXPECT_EQ(o.limits.session_init_ms, 101u);
  EXPECT_EQ(o.limits.enquire_link_ms, 0u);
  EXPECT_EQ(o.limits.inactivity_ms, 103u);
  EXPECT_EQ(o.limits.response_ms, 104u);
  EXPECT_EQ(o.limits.max_pdu, 1024u);
  EXPECT_EQ(o.limits.max_connections, 106u);
  EXPECT_EQ(o.limits.max_open_messages, 107u);
  EXPECT_EQ(o.limits.receipt_expiry_s, 108u);
  ASSERT_EQ(o.accounts.size(), 1u);
  const AccountOptions& a = o.accounts[0];
  EXPECT_EQ(a.system_id, "fifteen_chars_x");
  EXPECT_EQ(a.password, "");
  EXPECT_EQ(a.password_hash, sha512crypt);
  EXPECT_FALSE(a.bind_tx);
  EXPECT_TRUE(a.bind_rx);
  EXPECT_TRUE(a.bind_trx);
  EXPECT_EQ(a.max_binds, 2u);
  EXPECT_EQ(a.rate, 12.5);
  EXPECT_EQ(a.burst, 3u);
  EXPECT_EQ(a.over_rate, OverRate::pace);
  EXPECT_EQ(a.submit_window, 4u);
  EXPECT_EQ(a.deliver_window, 5u);
  EXPECT_EQ(a.receipts, ReceiptRouting::round_robin);
  EXPECT_EQ(a.max_outbox, 6u);
  const QuirkOptions& q = a.quirks;
  EXPECT_EQ(q.profile, "strict");
  EXPECT_EQ(q.message_id, IdFormat::uuid);
  EXPECT_EQ(q.receipt_template, "{id} {stat}");
  EXPECT_FALSE(q.receipt_tlvs);
  EXPECT_EQ(q.receipt_pdu, ReceiptPdu::data_sm);
  EXPECT_FALSE(q.receipt_swaps_addresses);
  ASSERT_EQ(q.err_map.size(), 2u);
  EXPECT_EQ(q.err_map[0].error, 1);
  EXPECT_EQ(q.err_map[0].text, "005");
  EXPECT_EQ(q.err_map[1].error, 10);
  EXPECT_EQ(q.err_map[1].text, "0A");
  EXPECT_EQ(q.default_alphabet, DefaultAlphabet::utf8);
  EXPECT_TRUE(q.strip_trailing_nul);
  EXPECT_EQ(q.error_body, ErrorBody::nul);
  EXPECT_EQ(q.interface_version, 0x50);
  EXPECT_EQ(q.source_addr_max, 11u);
  EXPECT_EQ(q.source_too_long, SourceTooLong::pass);
  EXPECT_EQ(q.scheduled_delivery, ScheduledDelivery::refuse);
  EXPECT_FALSE(q.strict_ton_npi);
  EXPECT_TRUE(q.lenient_data_coding);
  EXPECT_TRUE(q.replace_sm_service_type);
  EXPECT_EQ(q.wrong_credentials, Status::ESME_RINVPASWD);
  ASSERT_EQ(o.numbers.size(), 3u);
  EXPECT_EQ(o.numbers[0].exact, "+447700900123");
  EXPECT_EQ(o.numbers[0].account, "fifteen_chars_x");
  EXPECT_EQ(o.numbers[1].prefix, "4477009");
  EXPECT_EQ(o.numbers[2].first, "447700900000");
  EXPECT_EQ(o.numbers[2].last, "447700900999");
  EXPECT_EQ(o.long_messages.expiry_s, 201u);
  EXPECT_EQ(o.long_messages.max_per_account, 202u);
  EXPECT_EQ(o.long_messages.max_octets, 4294967295u);
}

TEST(Config, AutoShards) {
  const Config config = parse_config(account + "[cores]\nshards = \"auto\"\npin = [0]\n", "f.toml");
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(config.options.cores.shards, 0u);
}

TEST(Config, OutcomesGivenReplaceTheDefaultMix) {
  const Config config = parse_config(account + "[backend.sim.outcomes]\nexpired = 1\n", "f.toml");
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(config.options.backend.sim.outcomes.delivered, 0);
  EXPECT_EQ(config.options.backend.sim.outcomes.expired, 1);
}

TEST(Config, UnknownKey) {
  EXPECT_EQ(errors_after_account("[limits]\nmax_pdus = 1\n"),
            "f.toml:5: unknown key limits.max_pdus; did you mean max_pdu?\n");
  EXPECT_EQ(errors_after_account("[limits]\nrate = 1\n"),
            "f.toml:5: unknown key limits.rate; did you mean listen.rate?\n");
  EXPECT_EQ(errors_after_account("[limits]\nfrobnicate = 1\n"),
            "f.toml:5: unknown key limits.frobnicate\n");
  EXPECT_EQ(errors_after_account("pasword = \"x\"\n"),
            "f.toml:4: unknown key account.pasword; did you mean password?\n");
  EXPECT_EQ(errors_after_account("[backend.sim]\noutcomes = {expird = 1, expired = 1}\n"),
            "f.toml:5: unknown key backend.sim.outcomes.expird; did you mean expired?\n");
  EXPECT_EQ(errors_after_account("\"a\\nb\" = 1\n"), "f.toml:4: unknown key account.\"a?b\"\n");
}

TEST(Config, UnknownSection) {
  EXPECT_EQ(errors_after_account("[limit]\nmax_pdu = 1\n"),
            "f.toml:4: unknown section limit; did you mean limits?\n");
  EXPECT_EQ(errors_after_account("[[accounts]]\n"),
            "f.toml:4: accounts must be a table ([accounts]), not an array; did you mean "
            "[[account]]?\n");
  EXPECT_EQ(errors_after_account("[backend.smi]\n"),
            "f.toml:4: unknown section backend.smi; did you mean sim?\n");
  EXPECT_EQ(errors_after_account("[dashboard]\n"), "f.toml:4: unknown section dashboard\n");
}

TEST(Config, WrongType) {
  EXPECT_EQ(errors_after_account("[limits]\nmax_pdu = \"x\"\n"),
            "f.toml:5: limits.max_pdu must be an integer, not a string\n");
  EXPECT_EQ(errors_after_account("[limits]\nmax_pdu = 1.5\n"),
            "f.toml:5: limits.max_pdu must be an integer, not a float\n");
  EXPECT_EQ(errors_after_account("rate = true\n"),
            "f.toml:4: account.rate must be a number, not a boolean\n");
  EXPECT_EQ(errors_after_account("receipts = 1\n"),
            "f.toml:4: account.receipts must be a string, not an integer\n");
  EXPECT_EQ(errors_after_account("bind = \"tx\"\n"),
            "f.toml:4: account.bind must be an array of strings, not a string\n");
  EXPECT_EQ(errors_after_account("bind = [1]\n"),
            "f.toml:4: account.bind[0] must be a string, not an integer\n");
  EXPECT_EQ(errors_after_account("[cores]\nshards = []\n"),
            "f.toml:5: cores.shards must be an integer or \"auto\", not an array\n");
  EXPECT_EQ(errors_after_account("[cores]\npin = 1\n"),
            "f.toml:5: cores.pin must be an array of integers, not an integer\n");
  EXPECT_EQ(errors_after_account("[cores]\npin = [1,\n\"a\"]\n"),
            "f.toml:6: cores.pin[1] must be an integer, not a string\n");
  EXPECT_EQ(errors_after_account("[node]\ndata_dir = 1979-05-27\n"),
            "f.toml:5: node.data_dir must be a string, not a date\n");
}

TEST(Config, SectionOfTheWrongShape) {
  EXPECT_EQ(errors_after_account("[[limits]]\n"),
            "f.toml:4: limits must be a table ([limits]), not an array\n");
  EXPECT_EQ(errors_after_account("[listen]\n"),
            "f.toml:4: listen must be an array of tables ([[listen]]), not a table\n");
  EXPECT_EQ(errors("limits = 1\n" + account),
            "f.toml:1: limits must be a table ([limits]), not an integer\n");
  EXPECT_EQ(errors("listen = [1]\n" + account),
            "f.toml:1: listen must be an array of tables ([[listen]]), not of an integer\n");
  EXPECT_EQ(errors("listen = []\n" + account), "f.toml:1: listen must not be empty\n");
}

TEST(Config, OutOfRange) {
  EXPECT_EQ(errors_after_account("[[listen]]\nport = 99999\n"),
            "f.toml:5: listen.port must be 1-65535 (0 = any free port), not 99999\n");
  EXPECT_EQ(errors_after_account("[[listen]]\nport = -1\n"),
            "f.toml:5: listen.port must be 1-65535 (0 = any free port), not -1\n");
  EXPECT_EQ(errors_after_account("[node]\nid = 256\n"),
            "f.toml:5: node.id must be 0-255, not 256\n");
  EXPECT_EQ(errors_after_account("[cores]\nshards = 0\n"),
            "f.toml:5: cores.shards must be 1-64 or \"auto\", not 0\n");
  EXPECT_EQ(errors_after_account("[cores]\nshards = 65\n"),
            "f.toml:5: cores.shards must be 1-64 or \"auto\", not 65\n");
  EXPECT_EQ(errors_after_account("[cores]\nshards = \"all\"\n"),
            "f.toml:5: cores.shards must be 1-64 or \"auto\", not \"all\"\n");
  EXPECT_EQ(errors_after_account("[cores]\npin = [0, 1024]\n"),
            "f.toml:5: cores.pin[1] must be 0-1023, not 1024\n");
  EXPECT_EQ(errors_after_account("rate = -5\n"),
            "f.toml:4: account.rate must be 0.001-10000000 per second (0 = no limit), not -5\n");
  EXPECT_EQ(errors_after_account("rate = nan\n"),
            "f.toml:4: account.rate must be 0.001-10000000 per second (0 = no limit), not nan\n");
  EXPECT_EQ(errors_after_account("[backend.sim]\nsubmit_error_rate = 1.5\n"),
            "f.toml:5: backend.sim.submit_error_rate must be 0-1, not 1.5\n");
  EXPECT_EQ(errors_after_account("[backend.sim]\nseed = -1\n"),
            "f.toml:5: backend.sim.seed must be 0-9007199254740991, not -1\n");
  EXPECT_EQ(errors_after_account("[limits]\nmax_pdu = 9223372036854775807\n"),
            "f.toml:5: limits.max_pdu must be 1024-1048576 octets, not 9223372036854775807\n");
  EXPECT_EQ(errors_after_account("[node]\ndata_dir = \"\"\n"),
            "f.toml:5: node.data_dir must be 1-4096 characters, not 0\n");
  EXPECT_EQ(errors_after_account("[backend.sim]\nhistory = 1023\n"),
            "f.toml:5: backend.sim.history must be 1024-16777216, not 1023\n");
  EXPECT_EQ(errors_after_account("[backend.sim]\nhistory = 16777217\n"),
            "f.toml:5: backend.sim.history must be 1024-16777216, not 16777217\n");
  EXPECT_EQ(errors_after_account("[backend.sim.mo]\nrate = -1\n"),
            "f.toml:5: backend.sim.mo.rate must be 0.001-1000000 per second (0 = none), not -1\n");
}

TEST(Config, LongMessagesOutOfRange) {
  const auto fault = [](const std::string& line) {
    return errors_after_account("[long_messages]\n" + line + "\n");
  };
  const std::string at = "f.toml:5: long_messages.";
  EXPECT_EQ(fault("expiry_s = 1\nmax_per_account = 1\nmax_octets = 65536"), "");
  EXPECT_EQ(fault("expiry_s = 0"), at + "expiry_s must be 1-86400 s, not 0\n");
  EXPECT_EQ(fault("expiry_s = 86401"), at + "expiry_s must be 1-86400 s, not 86401\n");
  EXPECT_EQ(fault("max_per_account = 0"), at + "max_per_account must be 1-1000000, not 0\n");
  EXPECT_EQ(fault("max_per_account = 1000001"),
            at + "max_per_account must be 1-1000000, not 1000001\n");
  EXPECT_EQ(fault("max_octets = 65535"),
            at + "max_octets must be 65536-4294967295 octets, not 65535\n");
  EXPECT_EQ(fault("max_octets = 4294967296"),
            at + "max_octets must be 65536-4294967295 octets, not 4294967296\n");
}

TEST(Config, WordOutsideItsList) {
  EXPECT_EQ(errors_after_account("over_rate = \"drop\"\n"),
            "f.toml:4: account.over_rate must be \"reject\" or \"pace\", not \"drop\"\n");
  EXPECT_EQ(errors_after_account("receipts = \"all\"\n"),
            "f.toml:4: account.receipts must be \"any\", \"same_bind\" or \"round_robin\", not "
            "\"all\"\n");
  EXPECT_EQ(errors_after_account("bind = [\"tx\", \"txr\"]\n"),
            "f.toml:4: account.bind[1] must be \"tx\", \"rx\" or \"trx\", not \"txr\"\n");
  EXPECT_EQ(errors_after_account("bind = []\n"),
            "f.toml:4: account.bind must be one or more of \"tx\", \"rx\", \"trx\", not empty\n");
  EXPECT_EQ(errors_after_account("[backend]\nkind = \"relay\"\n"),
            "f.toml:5: backend.kind must be \"sim\", not \"relay\"\n");
  EXPECT_EQ(errors_after_account("[backend.sim]\ndelay_distribution = \"normal\"\n"),
            "f.toml:5: backend.sim.delay_distribution must be \"constant\", \"uniform\" or "
            "\"exponential\", "
            "not \"normal\"\n");
}

TEST(Config, AnswerToAnUnknownSystemId) {
  EXPECT_EQ(errors_after_account("[node]\nunknown_system_id = \"ESME_RBINDFAIL\"\n"), "");
  EXPECT_EQ(errors_after_account("[node]\nunknown_system_id = \"ESME_RINVPASWD\"\n"),
            "f.toml:5: node.unknown_system_id must be \"ESME_RBINDFAIL\" or "
            "\"ESME_RINVSYSID\", not \"ESME_RINVPASWD\"\n");
}

TEST(Config, Store) {
  EXPECT_EQ(errors_after_account("[store]\nmode = \"journal\"\n"), "");
  EXPECT_EQ(errors_after_account("[store]\nmode = \"rocksdb\"\n"),
            "f.toml:5: store.mode \"rocksdb\" is no store of this server; use \"journal\"\n");
  EXPECT_EQ(errors_after_account("[store]\nmode = \"disk\"\n"),
            "f.toml:5: store.mode must be \"none\" or \"journal\", not \"disk\"\n");
  EXPECT_EQ(errors_after_account("[store]\nsegment_bytes = 1048577\n"),
            "f.toml:5: store.segment_bytes must be a multiple of 4096, not 1048577\n");
  EXPECT_EQ(errors_after_account("[store]\nmax_bytes = 100000000\n"),
            "f.toml:5: store.max_bytes must hold four files of store.segment_bytes for each shard: "
            "at least 134217728, not 100000000\n");
}

TEST(Config, SubmitErrorMustBeAnErrorStatus) {
  const std::string must =
      "f.toml:5: backend.sim.submit_error must be the name of an error status such as "
      "\"ESME_RSYSERR\", not ";
  EXPECT_EQ(errors_after_account("[backend.sim]\nsubmit_error = \"ESME_RSYSER\"\n"),
            must + "\"ESME_RSYSER\"; did you mean \"ESME_RSYSERR\"?\n");
  EXPECT_EQ(errors_after_account("[backend.sim]\nsubmit_error = \"busy\"\n"), must + "\"busy\"\n");
  EXPECT_EQ(errors_after_account("[backend.sim]\nsubmit_error = \"ESME_ROK\"\n").rfind(must, 0),
            0u);
}

TEST(Config, ListenAddressMustBeALiteral) {
  EXPECT_EQ(errors_after_account("[[listen]]\naddress = \"localhost\"\n"),
            "f.toml:5: listen.address must be an IPv4 or IPv6 address, not \"localhost\"\n");
  EXPECT_EQ(errors_after_account("[[listen]]\naddress = \"1.2.3.4\\u0000x\"\n"),
            "f.toml:5: listen.address must be an IPv4 or IPv6 address, not \"1.2.3.4?x\"\n");
}

TEST(Config, OutcomeWeights) {
  EXPECT_EQ(errors_after_account("[backend.sim]\noutcomes = {delivered = 1, expired = -1}\n"),
            "f.toml:5: backend.sim.outcomes.expired must be 0-1000000, not -1\n");
  EXPECT_EQ(errors_after_account("[backend.sim]\noutcomes = {delivered = 0, expired = 0}\n"),
            "f.toml:5: backend.sim.outcomes needs a weight above 0\n");
  EXPECT_EQ(errors_after_account("[backend.sim]\noutcomes = {}\n"),
            "f.toml:5: backend.sim.outcomes needs a weight above 0\n");
  EXPECT_EQ(
      errors_after_account("[backend.sim]\noutcomes = 1\n"),
      "f.toml:5: backend.sim.outcomes must be a table ([backend.sim.outcomes]), not an integer\n");
}

TEST(Config, PinShorterThanShards) {
  EXPECT_EQ(errors_after_account("[cores]\nshards = 3\npin = [0, 1]\n"),
            "f.toml:6: cores.pin must name at least 3 CPUs, one per shard, not 2\n");
  EXPECT_EQ(errors_after_account("[cores]\nshards = 2\npin = [0, 1]\n"), "");
}

TEST(Config, AccountMissing) {
  EXPECT_EQ(errors(""), "f.toml: no [[account]]: nobody could bind\n");
}

TEST(Config, AccountWithoutSystemId) {
  EXPECT_EQ(errors("\n[[account]]\npassword = \"x\"\n"), "f.toml:2: account needs a system_id\n");
}

TEST(Config, AccountTexts) {
  EXPECT_EQ(errors("[[account]]\nsystem_id = \"sixteen_chars_xx\"\npassword = \"123456789\"\n"),
            "f.toml:2: account.system_id must be 1-15 characters, not 16\n"
            "f.toml:3: account.password must be 1-8 characters, or 1-64 with "
            "quirks.long_passwords, not 9\n");
  EXPECT_EQ(errors("[[account]]\nsystem_id = \"\"\npassword = \"é\"\n"),
            "f.toml:2: account.system_id must be 1-15 characters, not 0\n"
            "f.toml:3: account.password must be printable ASCII\n");
}

TEST(Config, AccountNeedsExactlyOnePassword) {
  EXPECT_EQ(errors("[[account]]\nsystem_id = \"a\"\n"),
            "f.toml:1: account needs password or password_hash\n");
  EXPECT_EQ(errors("[[account]]\nsystem_id = \"a\"\npassword = \"x\"\npassword_hash = \"$6$x\"\n"),
            "f.toml:1: account must not have both password and password_hash\n");
  EXPECT_EQ(errors("[[account]]\nsystem_id = \"a\"\npassword_hash = \"secret\"\n"),
            "f.toml:3: account.password_hash must begin with $, as mkpasswd writes it\n");
}

TEST(Config, PasswordHashOfAKnownForm) {
  const auto with = [](const std::string& hash) {
    return errors("[[account]]\nsystem_id = \"a\"\npassword_hash = \"" + hash + "\"\n");
  };
  EXPECT_EQ(with(sha512crypt), "");
  EXPECT_EQ(with("$9$salt$hash").rfind("f.toml:3: account.password_hash is of no known form: ", 0),
            0u);
  EXPECT_EQ(with(sha512crypt.substr(0, 40)),
            "f.toml:3: account.password_hash is not whole: a hash of the form $6$ has 86 "
            "characters behind its last $, not 28\n");
}

TEST(Config, SameListenerTwice) {
  EXPECT_EQ(errors_after_account("[[listen]]\nport = 1\n[[listen]]\nport = 2\n[[listen]]\n"
                                 "address = \"0.0.0.0\"\nport = 1\n"),
            "f.toml:8: listen has the address and port of the listener in line 4\n");
  EXPECT_EQ(errors_after_account("[[listen]]\nport = 0\n[[listen]]\nport = 0\n"), "");
}

TEST(Config, PinnedToACpuThatThereIsNot) {
  const Machine machine{{0, 1, 2, 3}};
  const auto with = [&](const std::string& pin) {
    std::string lines;
    for (const ConfigError& error :
         parse_config(account + "[cores]\npin = " + pin + "\n", "f.toml", &machine).errors)
      lines += error.text() + "\n";
    return lines;
  };
  EXPECT_EQ(with("[3]"), "");
  EXPECT_EQ(with("[0, 4]"), "f.toml:5: cores.pin: this machine has no CPU 4\n");
}

TEST(Config, DuplicateSystemId) {
  EXPECT_EQ(errors(account + account),
            "f.toml:5: account.system_id \"test\" is taken by the account in line 2\n");
}

TEST(Config, QuirksOfBothForms) {
  const std::string inline_form = "quirks = {message_id = \"decimal\", profile = \"inmobile\"}\n";
  const std::string table_form =
      "[account.quirks]\nmessage_id = \"decimal\"\nprofile = \"inmobile\"\n";
  for (const std::string& form : {inline_form, table_form}) {
    const Config config = parse_config(account + form, "f.toml");
    ASSERT_TRUE(config.ok()) << config.errors[0].text();
    const QuirkOptions& quirks = config.options.accounts[0].quirks;
    EXPECT_EQ(quirks.profile, "inmobile");
    EXPECT_EQ(quirks.message_id, IdFormat::decimal) << "a key overrides the profile";
    EXPECT_EQ(quirks.receipt_template, find_profile("inmobile")->receipt_template);
    EXPECT_EQ(quirks.source_addr_max, 15u);
  }
}

TEST(Config, QuirksBelongToTheirAccount) {
  const Config config = parse_config(account +
                                         "[account.quirks]\nprofile = \"kannel\"\n"
                                         "[[account]]\nsystem_id = \"b\"\npassword = \"b\"\n",
                                     "f.toml");
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(config.options.accounts[0].quirks.profile, "kannel");
  EXPECT_TRUE(config.options.accounts[0].quirks.replace_sm_service_type);
  EXPECT_EQ(config.options.accounts[1].quirks.profile, "standard");
  EXPECT_FALSE(config.options.accounts[1].quirks.replace_sm_service_type);
}

TEST(Config, AKeyCanTurnAProfileBack) {
  const Config config =
      parse_config(account +
                       "quirks = {profile = \"inmobile\", receipt_template = \"\", "
                       "interface_version = \"as_bound\"}\n",
                   "f.toml");
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(config.options.accounts[0].quirks.receipt_template, "");
  EXPECT_EQ(config.options.accounts[0].quirks.interface_version, 0);
}

TEST(Config, QuirkFaults) {
  const std::string at = "f.toml:5: account.quirks.";
  const auto fault = [](const std::string& line) {
    return errors_after_account("[account.quirks]\n" + line + "\n");
  };
  const std::string profile_must = at +
                                   "profile must be \"standard\", \"kannel\", \"jasmin\", "
                                   "\"jasmin_server\", \"cloudhopper\", \"jsmpp\", "
                                   "\"node_smpp\", \"smpp33\", \"lenient\", \"strict\", "
                                   "\"inmobile\", \"imiconnect\" or \"vonage\", not ";
  EXPECT_EQ(fault("profile = \"kanel\""), profile_must + "\"kanel\"; did you mean \"kannel\"?\n");
  EXPECT_EQ(fault("profile = \"acme\""), profile_must + "\"acme\"\n");
  EXPECT_EQ(fault("receipt_template = \"id:{id} {st}\""),
            at + "receipt_template: position 9: unknown field; the fields are {id}, {sub}, "
                 "{dlvrd}, {submit_date}, {done_date}, {stat}, {err}, {text}\n");
  EXPECT_EQ(fault("receipt_template = \"{done_date:11}\""),
            at + "receipt_template: position 1: the number of {done_date} must be 10, 12 or 14\n");
  EXPECT_EQ(fault("receipt_template = \"" + std::string(300, 'x') + "\""),
            at + "receipt_template: a receipt could have 300 octets, more than 254\n");
  EXPECT_EQ(fault("receipt_template = \"a\\u0000\""),
            at + "receipt_template must not contain a NUL\n");
  EXPECT_EQ(fault("receipt_tlvs = 1"), at + "receipt_tlvs must be true or false, not an integer\n");
  EXPECT_EQ(fault("interface_version = \"3.5\""),
            at + "interface_version must be \"as_bound\", \"3.3\", \"3.4\" or \"5.0\", not "
                 "\"3.5\"\n");
  EXPECT_EQ(fault("wrong_credentials = \"ESME_RSYSERR\""),
            at + "wrong_credentials must be \"ESME_RBINDFAIL\" or \"ESME_RINVPASWD\", not "
                 "\"ESME_RSYSERR\"\n");
  EXPECT_EQ(fault("source_addr_max = 0"), at + "source_addr_max must be 1-20, not 0\n");
  EXPECT_EQ(fault("source_addr_max = 21"), at + "source_addr_max must be 1-20, not 21\n");
  EXPECT_EQ(fault("strict_ton = true"),
            "f.toml:5: unknown key account.quirks.strict_ton; did you mean strict_ton_npi?\n");
  EXPECT_EQ(errors_after_account("quirks = \"kannel\"\n"),
            "f.toml:4: account.quirks must be a table ([account.quirks]), not a string\n");
}

TEST(Config, ErrMapFaults) {
  const std::string at = "f.toml:6: account.quirks.err_map.";
  const auto fault = [](const std::string& line) {
    return errors_after_account("[account.quirks]\n[account.quirks.err_map]\n" + line + "\n");
  };
  EXPECT_EQ(fault("1 = \"005\""), "");
  EXPECT_EQ(fault("1000 = \"005\""), at + "\"1000\" is no error: must be 0-999\n");
  EXPECT_EQ(fault("x = \"005\""), at + "\"x\" is no error: must be 0-999\n");
  EXPECT_EQ(fault("\"\" = \"005\""), at + "\"\" is no error: must be 0-999\n");
  EXPECT_EQ(fault("1 = 5"), at + "\"1\" must be a string, not an integer\n");
  EXPECT_EQ(fault("1 = \"\""), at + "\"1\" must be 1-8 characters of printable ASCII\n");
  EXPECT_EQ(fault("1 = \"123456789\""), at + "\"1\" must be 1-8 characters of printable ASCII\n");
  EXPECT_EQ(fault("01 = \"5\"\n1 = \"5\""),
            "f.toml:7: account.quirks.err_map.\"1\" is there twice\n");
  EXPECT_EQ(errors_after_account("quirks = {err_map = 5}\n"),
            "f.toml:4: account.quirks.err_map must be a table of strings, not an integer\n");
}

TEST(Config, NumberFaults) {
  const auto fault = [](const std::string& lines) {
    return errors_after_account("[[number]]\n" + lines);
  };
  const std::string owner = "account = \"test\"\n";
  EXPECT_EQ(fault("exact = \"+1\"\n" + owner), "");
  EXPECT_EQ(fault(owner), "f.toml:4: number needs exact, prefix, or first and last\n");
  EXPECT_EQ(fault("exact = \"1\"\nprefix = \"1\"\n" + owner),
            "f.toml:4: number must have only one of exact, prefix, or first and last\n");
  EXPECT_EQ(fault("first = \"1\"\n" + owner), "f.toml:4: number has first, but no last\n");
  EXPECT_EQ(fault("first = \"2\"\nlast = \"1\"\n" + owner),
            "f.toml:4: number must not have last below first\n");
  EXPECT_EQ(fault("exact = \"1\"\n"), "f.toml:4: number needs an account\n");
  EXPECT_EQ(fault("exact = \"1\"\naccount = \"tset\"\n"),
            "f.toml:6: number.account \"tset\" is no account's system_id\n");
  EXPECT_EQ(fault("exact = \"12a\"\n" + owner),
            "f.toml:5: number.exact must be 1-18 digits, not \"12a\"\n");
  EXPECT_EQ(fault("prefix = \"\"\n" + owner),
            "f.toml:5: number.prefix must be 1-18 digits, not \"\"\n");
  EXPECT_EQ(fault("exact = 12\n" + owner),
            "f.toml:5: number.exact must be a string, not an integer\n");
  EXPECT_EQ(errors_after_account("[number]\n"),
            "f.toml:4: number must be an array of tables ([[number]]), not a table\n");
}

TEST(Config, SameNumberTwice) {
  const auto twice = [](const std::string& one, const std::string& other) {
    return errors_after_account("[[number]]\naccount = \"test\"\n" + one +
                                "\n[[number]]\naccount = \"test\"\n" + other + "\n");
  };
  EXPECT_EQ(twice("exact = \"1\"", "exact = \"+1\""),
            "f.toml:7: number exact 1 is taken by the rule in line 4\n");
  EXPECT_EQ(twice("prefix = \"1\"", "prefix = \"1\""),
            "f.toml:7: number prefix 1 is taken by the rule in line 4\n");
  EXPECT_EQ(twice("first = \"1\"\nlast = \"2\"", "first = \"1\"\nlast = \"2\""),
            "f.toml:8: number range 1-2 is taken by the rule in line 4\n");
  EXPECT_EQ(twice("exact = \"1\"", "prefix = \"1\""), "");
  EXPECT_EQ(twice("first = \"1\"\nlast = \"2\"", "first = \"1\"\nlast = \"3\""), "");
}

// Two accounts, the second of which may only transmit: its numbers would be dead ends.
TEST(Config, NumberOfAnAccountThatCannotReceive) {
  const std::string sender =
      "[[account]]\nsystem_id = \"sender\"\npassword = \"x\"\nbind = [\"tx\"]\n";
  const auto owned_by = [&](const std::string& system_id) {
    return errors_after_account(sender + "[[number]]\nexact = \"1\"\naccount = \"" + system_id +
                                "\"\n");
  };
  EXPECT_EQ(owned_by("test"), "");
  EXPECT_EQ(owned_by("sender"),
            "f.toml:10: number.account \"sender\" may not bind as rx or trx, so nothing could "
            "reach it\n");
}

TEST(Config, NumbersMayStandBeforeTheirAccounts) {
  EXPECT_EQ(errors("[[number]]\nexact = \"1\"\naccount = \"test\"\n" + account), "");
}

TEST(Config, MoNeedsADestination) {
  EXPECT_EQ(errors_after_account("[backend.sim.mo]\nrate = 1\n"),
            "f.toml:4: backend.sim.mo needs a destination where there is a rate\n");
  EXPECT_EQ(errors_after_account("[backend.sim.mo]\nrate = 0\n"), "");
  EXPECT_EQ(errors_after_account("[backend.sim.mo]\nrate = 1\ndestination = \"\"\n"),
            "f.toml:6: backend.sim.mo.destination must be 1-20 characters, not 0\n");
}

TEST(Config, MoDestinationMustBeInThePlan) {
  const std::string number = "[[number]]\nprefix = \"4477\"\naccount = \"test\"\n";
  const auto fault = [](const std::string& rate, const std::string& destination,
                        const std::string& rest) {
    return errors_after_account("[backend.sim.mo]\nrate = " + rate + "\ndestination = \"" +
                                destination + "\"\n" + rest);
  };
  EXPECT_EQ(fault("1", "+447700900123", number), "");
  const std::string nobody =
      "f.toml:6: backend.sim.mo.destination \"448700900123\" is in no [[number]], so nobody would "
      "get the messages\n";
  EXPECT_EQ(fault("1", "448700900123", number), nobody);
  EXPECT_EQ(fault("1", "448700900123", ""), nobody);
  EXPECT_EQ(
      fault("1", "INFO", number),
      "f.toml:6: backend.sim.mo.destination \"INFO\" is in no [[number]], so nobody would get "
      "the messages\n");
  EXPECT_EQ(fault("0", "448700900123", number), "") << "nothing is made, so nothing is lost";
  EXPECT_EQ(fault("1", "448700900123", "[[number]]\naccount = \"test\"\n"),
            "f.toml:7: number needs exact, prefix, or first and last\n")
      << "the rule that is wrong may be the one";
}

TEST(Config, AllErrorsInFileOrder) {
  EXPECT_EQ(errors("[store]\nmode = 1\n[limits]\nzzz = 1\nmax_pdu = 1\n[cores]\nshards = 0\n"),
            "f.toml:2: store.mode must be a string, not an integer\n"
            "f.toml:4: unknown key limits.zzz\n"
            "f.toml:5: limits.max_pdu must be 1024-1048576 octets, not 1\n"
            "f.toml:7: cores.shards must be 1-64 or \"auto\", not 0\n"
            "f.toml: no [[account]]: nobody could bind\n");
}

TEST(Config, SyntaxError) {
  EXPECT_EQ(
      errors("[node]\nid = 1\nid = 2\n"),
      "f.toml:3: not valid TOML: Error while parsing key-value pair: cannot redefine existing "
      "integer 'id'\n");
  const Config config = parse_config("\n\n[node\n", "f.toml");
  ASSERT_EQ(config.errors.size(), 1u);
  EXPECT_EQ(config.errors[0].line, 3u);
}

TEST(Config, FileThatCannotBeRead) {
  const std::string missing = testing::TempDir() + "ringgate_config_test_missing.toml";
  const Config config = load_config(missing);
  ASSERT_EQ(config.errors.size(), 1u);
  EXPECT_EQ(config.errors[0].text(), missing + ": cannot read: No such file or directory");
  const Config directory = load_config(testing::TempDir());
  ASSERT_EQ(directory.errors.size(), 1u);
  EXPECT_EQ(directory.errors[0].text(), testing::TempDir() + ": cannot read: Is a directory");
}

TEST(Config, FileIsRead) {
  const std::string path = testing::TempDir() + "ringgate_config_test.toml";
  std::ofstream(path) << account << "rate = -1\n";
  const Config config = load_config(path);
  std::remove(path.c_str());
  ASSERT_EQ(config.errors.size(), 1u);
  EXPECT_EQ(config.errors[0].text(),
            path + ":4: account.rate must be 0.001-10000000 per second (0 = no limit), not -1");
  EXPECT_EQ(config.errors[0].column, 8u);
}

}  // namespace
}  // namespace ringgate

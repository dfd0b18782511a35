// A35, A38: what clients answer to a deliver_sm.
#include <gtest/gtest.h>

#include <thread>

#include "policy/quirk_profiles.h"
#include "row.h"
#include "site.h"

namespace ringgate::hostile {
namespace {

/// Gives the server a message for account `mo` and returns the deliver_sm that comes of it. Each
/// goes to a number of its own, because RX_P_APPN keeps back what comes for the same one.
Received delivered(Site& site, Peer& peer) {
  static unsigned count = 0;
  const std::string destination = "3333" + std::to_string(count++);
  Deliver message;
  message.source = {1, 1, "447700900999"};
  message.destination = {1, 1, destination};
  const std::uint8_t text[] = {'S', 'T', 'O', 'P'};
  message.text = text;
  MessageId id;
  EXPECT_EQ(site.server->replies().deliver(message, id), Routed::ok);
  Received out = peer.next(command::deliver_sm);
  EXPECT_EQ(out.command_id, command::deliver_sm);
  return out;
}

/// Sends one PDU whole, octet by octet, or between two enquire_links, and waits until it has been
/// read.
void send_in_way(Peer& peer, unsigned way, const std::string& octets) {
  if (way == 0) {
    peer.send(octets);
  } else if (way == 1) {
    for (const char& c : octets) {
      peer.send(std::string_view(&c, 1));
      std::this_thread::yield();
    }
  } else {
    peer.send(pdu(command::enquire_link, 0x1001) + octets + pdu(command::enquire_link, 0x1002));
    EXPECT_TRUE(peer.read_count(2));
    peer.received.clear();
  }
  EXPECT_EQ(peer.ask(command::enquire_link, 0x1003).command_status, status::ROK);
}

/// How the server's judgement of responses has moved.
struct Judged {
  std::uint64_t ok, refused, retried;
  friend bool operator==(const Judged&, const Judged&) = default;
};

Judged judged(Site& site) {
  const Counters counters = site.server->counters();
  return {counters.delivers_ok, counters.delivers_refused, counters.delivers_retried};
}

/// What a status means for the message (docs/durability.md): 0 ends it, RX_R_APPN and RX_P_APPN
/// drop it with a record (the latter suspends its destination), everything else asks for it again.
enum class Fate { done, refused, again };

// Aim: A35: each body a client may think of, and each status, ends the attempt as the status says.
// What is asked for again comes again, once. Method: every combination, in RX and TRX, in the three
// ways; few waits for everything that is to come again.
TEST(Delivers, A35Responses) {
  const std::pair<const char*, std::string> bodies[] = {
      {"no body", ""},
      {"one NUL", c_string("")},
      {"a string", c_string("an id")},
      {"a string of 64", c_string(std::string(64, 'x'))},
      {"a string without NUL", "no end"},
      {"500 octets without NUL", std::string(500, 'x')},
      {"a NUL and a TLV", c_string("") + tlv(tag::message_state, "\x02")},
      {"a NUL and half a TLV", c_string("") + octets("\x04\x27\x00")},
  };
  const std::pair<std::uint32_t, Fate> statuses[] = {
      {status::ROK, Fate::done},          {status::RX_T_APPN, Fate::again},
      {status::RX_P_APPN, Fate::refused}, {status::RX_R_APPN, Fate::refused},
      {status::RMSGQFUL, Fate::again},    {status::RTHROTTLED, Fate::again},
      {status::RSYSERR, Fate::again},     {0x0400, Fate::again},
      {0xFFFFFFFF, Fate::again},
  };
  Site site;
  for (const State state : {State::rx, State::trx}) {
    Peer peer(site.port());
    const std::uint32_t bind_command =
        state == State::rx ? command::bind_receiver : command::bind_transceiver;
    ASSERT_EQ(peer.ask(bind_command, 1, Bind{.system_id = "mo"}.body()).command_status,
              status::ROK);
    std::size_t to_come_again = 0;
    auto since = std::chrono::steady_clock::now();
    const auto take_what_comes_again = [&] {
      for (; to_come_again != 0; --to_come_again) {
        const Received request = peer.next(command::deliver_sm);
        ASSERT_EQ(request.command_id, command::deliver_sm) << to_come_again << " are missing";
        EXPECT_EQ(read_deliver_sm(request.body).short_message, "STOP");
        peer.send(pdu(command::deliver_sm | command::resp, request.sequence_number, c_string("")));
      }
      EXPECT_EQ(peer.ask(command::enquire_link, 2).command_status, status::ROK);
      EXPECT_TRUE(peer.received.empty());
      since = std::chrono::steady_clock::now();
    };
    for (const auto& [what, body] : bodies) {
      for (const auto& [command_status, fate] : statuses) {
        for (unsigned way = 0; way < 3; ++way) {
          SCOPED_TRACE(std::string(what) + ", status " + to_hex(u32(command_status)) + ", way " +
                       std::to_string(way) + ", " + std::string(state_name(state)));
          const Received request = delivered(site, peer);
          Judged expected = judged(site);
          ++(fate == Fate::done      ? expected.ok
             : fate == Fate::refused ? expected.refused
                                     : expected.retried);
          if (fate == Fate::again) ++to_come_again;
          send_in_way(peer, way,
                      pdu(command::deliver_sm | command::resp, request.sequence_number, body,
                          command_status));
          EXPECT_EQ(judged(site), expected);
          // Nothing is said to a response, and what is to come again rests for a second.
          ASSERT_TRUE(peer.received.empty());
          // A slow machine gets here more than once.
          if (std::chrono::steady_clock::now() - since > std::chrono::milliseconds(500))
            take_what_comes_again();
        }
      }
    }
    take_what_comes_again();
    EXPECT_EQ(site.server->counters().messages_open, 0u);
  }
}

// Aim: A38: generic_nack fails the deliver_sm that it names, which comes again after a pause; one
// with sequence_number 0 fails none, and what is open waits for its timer. Whatever happens, the
// session stays. Method: both, against a short response timer.
TEST(Delivers, A38GenericNack) {
  Options options = site_options();
  options.limits.response_ms = 700;
  Site site(options);
  Peer peer(site.port());
  ASSERT_EQ(peer.ask(command::bind_transceiver, 1, Bind{.system_id = "mo"}.body()).command_status,
            status::ROK);
  for (unsigned way = 0; way < 3; ++way) {
    const Received request = delivered(site, peer);
    Judged expected = judged(site);
    ++expected.retried;
    send_in_way(peer, way,
                pdu(command::generic_nack, request.sequence_number, "",
                    way == 0 ? status::ROK : status::RINVCMDID));
    EXPECT_EQ(judged(site), expected);
  }
  for (unsigned i = 0; i < 3; ++i) {
    const Received again = peer.next(command::deliver_sm);
    ASSERT_EQ(again.command_id, command::deliver_sm);
    peer.send(pdu(command::deliver_sm | command::resp, again.sequence_number, c_string("")));
  }
  // Without this the last of them may be judged after `before` was read.
  EXPECT_EQ(peer.ask(command::enquire_link, 2).command_status, status::ROK);

  const Received open = delivered(site, peer);
  const auto begun = std::chrono::steady_clock::now();
  const Judged before = judged(site);
  for (unsigned way = 0; way < 3; ++way)
    send_in_way(peer, way, pdu(command::generic_nack, 0, "", status::RINVCMDLEN));
  EXPECT_EQ(judged(site), before);
  const Received again = peer.next(command::deliver_sm);
  ASSERT_EQ(again.command_id, command::deliver_sm);
  EXPECT_NE(again.sequence_number, open.sequence_number);
  EXPECT_GT(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(500));
  peer.send(pdu(command::deliver_sm | command::resp, again.sequence_number, c_string("")));
  EXPECT_EQ(peer.ask(command::enquire_link, 3).command_status, status::ROK);
  EXPECT_EQ(site.server->counters().messages_open, 0u);
}

// Aim: what a bind has not answered when its connection ends comes to the next one in its order, in
// front of what never left. Method: more messages than a window holds, of which the first bind
// answers none; then half of the next window, and another end.
TEST(Delivers, AnEndedBindGivesBackInOrder) {
  Options options = site_options();
  for (AccountOptions& account : options.accounts)
    if (account.system_id == "mo") account.deliver_window = 10;
  Site site(options);
  constexpr unsigned count = 35;
  constexpr unsigned window = 10;
  for (unsigned i = 0; i < count; ++i) {
    Deliver message;
    message.source = {1, 1, "447700900999"};
    message.destination = {1, 1, "3333"};
    const std::string text = std::to_string(i);
    message.text = {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    MessageId id;
    EXPECT_EQ(site.server->replies().deliver(message, id), Routed::ok);
  }
  const auto bound = [&site] {
    Peer peer(site.port());
    EXPECT_EQ(peer.ask(command::bind_transceiver, 1, Bind{.system_id = "mo"}.body()).command_status,
              status::ROK);
    return peer;
  };
  for (int i = 0; i < 2; ++i) {
    Peer peer = bound();
    for (unsigned text = 0; text < window; ++text)
      EXPECT_EQ(read_deliver_sm(peer.next(command::deliver_sm).body).short_message,
                std::to_string(text));
  }
  Peer peer = bound();
  for (unsigned text = 0; text < count; ++text) {
    const Received request = peer.next(command::deliver_sm);
    EXPECT_EQ(read_deliver_sm(request.body).short_message, std::to_string(text));
    peer.send(pdu(command::deliver_sm | command::resp, request.sequence_number, c_string("")));
  }
  EXPECT_EQ(peer.ask(command::enquire_link, 2).command_status, status::ROK);
}

// Aim: a receipt shows the characters that its account's template promises, of texts in any coding,
// and of the last that a replace_sm has brought. Method: the profile imiconnect, which promises 25;
// texts of that and more in the default alphabet, in Latin-1 and in UCS-2, and one that is
// replaced.
TEST(Delivers, ReceiptsShowWhatTheTemplatePromises) {
  Options options = site_options();
  options.accounts.front().quirks.receipt_template = find_profile("imiconnect")->receipt_template;
  Site site(options);
  Peer peer(site.port());
  ASSERT_EQ(peer.ask(command::bind_transceiver, 1, Bind{.system_id = "esme"}.body()).command_status,
            status::ROK);
  const auto quoted = [&peer] {
    const Received receipt = peer.next(command::deliver_sm);
    peer.send(pdu(command::deliver_sm | command::resp, receipt.sequence_number, octets("\x00")));
    const std::string text = read_deliver_sm(receipt.body).short_message;
    return text.substr(std::min(text.size(), text.find(" text:")));
  };
  const std::string text = "Caf\xE9 and tea for everybody in here";
  std::string utf16;
  for (const char c : text) (utf16 += '\0') += c;
  const std::string shown = " text:\"Caf\x05 and tea for everybod\"";
  const std::pair<std::uint32_t, std::string> texts[] = {{3, text}, {8, utf16}};
  for (const auto& [data_coding, one] : texts) {
    const SubmitSm message{
        .registered_delivery = 1, .data_coding = data_coding, .short_message = one};
    ASSERT_EQ(peer.ask(command::submit_sm, 2, message.body()).command_status, status::ROK);
    EXPECT_EQ(quoted(), shown) << data_coding;
  }
  const SubmitSm message{.schedule_delivery_time = "000000000001000R",
                         .registered_delivery = 1,
                         .short_message = "the first text"};
  const Received response = peer.ask(command::submit_sm, 3, message.body());
  ASSERT_EQ(response.command_status, status::ROK);
  const ReplaceSm other{.message_id = c_string_of(response.body),
                        .source_addr = "Hostile",
                        .registered_delivery = 1,
                        .short_message = "Another text for those who read on"};
  ASSERT_EQ(peer.ask(command::replace_sm, 4, other.body()).command_status, status::ROK);
  EXPECT_EQ(quoted(), " text:\"Another text for those wh\"");
}

}  // namespace
}  // namespace ringgate::hostile

#include "row.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <map>
#include <memory>

#include "site.h"

namespace ringgate::hostile {
namespace {

enum class Way : std::uint8_t { whole, octet_by_octet, glued };

constexpr std::uint32_t bind_sequence = 0x1000;
constexpr std::uint32_t neighbour_before = 0x1001;
constexpr std::uint32_t neighbour_after = 0x1002;
constexpr std::uint32_t fence = 0x1003;

// Above this size only the ends of a row go octet by octet, what lies between in pieces.
constexpr std::size_t all_octets_max = 1024;
constexpr std::size_t end_size = 64;
constexpr std::size_t piece_size = 997;

std::string_view way_name(Way way) {
  return way == Way::whole ? "whole" : way == Way::glued ? "glued" : "octet by octet";
}

std::uint32_t bind_command(State state) {
  return state == State::tx   ? command::bind_transmitter
         : state == State::rx ? command::bind_receiver
                              : command::bind_transceiver;
}

std::string bind_pdu(State state, std::uint32_t interface_version, const std::string& system_id) {
  Bind body;
  body.system_id = system_id;
  body.interface_version = interface_version;
  return pdu(bind_command(state), bind_sequence, body.body());
}

Reply answered_enquire_link(std::uint32_t sequence_number) {
  return {command::enquire_link | command::resp, status::ROK, sequence_number};
}

std::string enquire_link(std::uint32_t sequence_number) {
  return pdu(command::enquire_link, sequence_number);
}

std::string text_of(std::uint32_t command_id, std::uint32_t command_status,
                    std::uint32_t sequence_number, std::string_view body = {}) {
  return "  " + to_hex(u32(command_id)) + " status " + to_hex(u32(command_status)) + " sequence " +
         to_hex(u32(sequence_number)) + (body.empty() ? "" : " body " + to_hex(body)) + "\n";
}

bool is_message_response(std::uint32_t command_id) {
  return command_id == (command::submit_sm | command::resp) ||
         command_id == (command::data_sm | command::resp);
}

bool accepts_message(const Reply& reply) {
  return reply.command_status == status::ROK &&
         (is_message_response(reply.command_id) ||
          reply.command_id == (command::submit_multi | command::resp));
}

/// What holds for every reply, whatever row it answers.
std::string complaint_about(const Received& reply, std::uint32_t interface_version) {
  if (reply.command_status != status::ROK)
    return reply.body.empty() ? "" : "an error response with a body (3.4 §4.4.2)";
  if (!is_message_response(reply.command_id)) return "";
  const std::string id = c_string_of(reply.body);
  if (id.empty() || id.size() > 64) return "no message_id";
  if (interface_version < 0x34 && id.size() > 8) return "a message_id that 3.3 has no room for";
  if (interface_version < 0x34 && reply.body.size() != id.size() + 1) return "TLVs for a 3.3 peer";
  return "";
}

/// Takes each expected reply out of those received. What is wrong, as text.
std::string compare(const std::vector<Reply>& expected, const std::deque<Received>& received,
                    const Row& row, std::uint32_t interface_version, bool sequence_may_be_0) {
  std::vector<const Received*> rest;
  for (const Received& one : received) rest.push_back(&one);
  std::string out;
  for (const Reply& reply : expected) {
    const auto found = std::find_if(rest.begin(), rest.end(), [&](const Received* one) {
      return one->command_id == reply.command_id && one->command_status == reply.command_status &&
             (one->sequence_number == reply.sequence_number ||
              (sequence_may_be_0 && one->sequence_number == 0));
    });
    if (found == rest.end()) {
      out += "missing\n" + text_of(reply.command_id, reply.command_status, reply.sequence_number);
      continue;
    }
    const std::string complaint = complaint_about(**found, interface_version);
    if (!complaint.empty()) out += complaint + "\n";
    const bool own = reply.sequence_number == own_sequence;
    if (own && row.check && reply.command_status == status::ROK)
      row.check(**found, interface_version);
    rest.erase(found);
  }
  for (const Received* one : rest)
    out += "unexpected\n" +
           text_of(one->command_id, one->command_status, one->sequence_number, one->body);
  return out;
}

/// One row on one connection.
class Trial {
 public:
  Trial(const Row& row, State state, Way way, std::uint32_t interface_version)
      : row_(row),
        answer_(*row.answers[static_cast<std::size_t>(state)]),
        state_(state),
        way_(way),
        interface_version_(interface_version),
        peer_(common_site().port()) {
    if (state != State::open) peer_.send(bind_pdu(state, interface_version, row.system_id));
    cut();
  }

  bool enter() {
    if (state_ == State::open) return true;
    peer_.read_count(1);
    const bool bound =
        peer_.received.size() == 1 &&
        peer_.received.front().command_id == (bind_command(state_) | command::resp) &&
        peer_.received.front().command_status == status::ROK;
    if (!bound) complain("the bind before the row has failed\n");
    peer_.received.clear();
    return bound;
  }

  /// Sends the next piece; false when there is none.
  bool step() {
    if (next_ == pieces_.size()) return false;
    // A peer that is cut off in the middle need not read the rest.
    next_ = peer_.send(pieces_[next_]) ? next_ + 1 : pieces_.size();
    return true;
  }

  void judge() {
    std::vector<Reply> expected = answer_.replies;
    if (way_ == Way::glued) expected.push_back(answered_enquire_link(neighbour_before));
    const bool closes = answer_.then == Then::close;
    if (closes) {
      expected[0].sequence_number = sequence_as_read();
      peer_.read_end();
      if (!peer_.closed()) complain("the connection is still open\n");
    } else {
      if (way_ == Way::glued) expected.push_back(answered_enquire_link(neighbour_after));
      peer_.read_count(expected.size());
      // Whatever else may come has come before the answer to this.
      expected.push_back(answered_enquire_link(fence));
      peer_.send(enquire_link(fence));
      peer_.read_until([this] {
        return std::any_of(peer_.received.begin(), peer_.received.end(),
                           [](const Received& one) { return one.sequence_number == fence; });
      });
      if (peer_.closed()) complain("the connection has been closed\n");
    }
    const std::string wrong = compare(expected, peer_.received, row_, interface_version_,
                                      closes && way_ == Way::octet_by_octet);
    if (!wrong.empty()) complain(wrong);
    if (!peer_.partial().empty()) complain("part of a PDU came: " + to_hex(peer_.partial()) + "\n");
  }

 private:
  void cut() {
    const std::string_view octets = row_.octets;
    if (way_ == Way::whole) pieces_.emplace_back(octets);
    if (way_ == Way::glued)
      pieces_.push_back(enquire_link(neighbour_before) + row_.octets +
                        enquire_link(neighbour_after));
    if (way_ != Way::octet_by_octet) return;
    for (std::size_t at = 0; at < octets.size();) {
      const bool between =
          octets.size() > all_octets_max && at >= end_size && at < octets.size() - end_size;
      const std::size_t size =
          between ? std::min(piece_size, octets.size() - end_size - at) : std::size_t{1};
      pieces_.emplace_back(octets.substr(at, size));
      at += size;
    }
  }

  /// Of lost framing: glued to what follows, even half a header has something in that place.
  std::uint32_t sequence_as_read() const {
    const std::string all =
        row_.octets + (way_ == Way::glued ? enquire_link(neighbour_after) : std::string());
    std::uint32_t sequence = 0;
    for (std::size_t i = 12; i < 16 && all.size() >= 16; ++i)
      sequence = sequence << 8 | static_cast<unsigned char>(all[i]);
    return sequence;
  }

  void complain(const std::string& what) {
    constexpr std::size_t shown_max = 300;
    ADD_FAILURE() << row_.number << " " << row_.what << " [" << state_name(state_) << ", "
                  << way_name(way_) << ", version 0x" << to_hex(u8(interface_version_)) << ", "
                  << row_.system_id << "]\nsent " << row_.octets.size()
                  << " octets: " << to_hex(std::string_view(row_.octets).substr(0, shown_max))
                  << "\n"
                  << what;
  }

  const Row& row_;
  const Answer& answer_;
  State state_;
  Way way_;
  std::uint32_t interface_version_;
  Peer peer_;
  std::vector<std::string> pieces_;
  std::size_t next_ = 0;
};

/// What has reached the backend: nothing that was refused, and the right text of what was not.
void compare_seen(const Row& row, std::size_t accepted) {
  const std::vector<Seen> seen = common_site().watcher.take_seen();
  if (row.reaches_backend) return;
  if (accepted == 0) {
    EXPECT_TRUE(seen.empty()) << row.number << " " << row.what << ": refused, but " << seen.size()
                              << " messages have reached the backend";
    return;
  }
  EXPECT_GE(seen.size(), accepted) << row.number << " " << row.what;
  if (!row.text) return;
  EXPECT_EQ(seen.size(), accepted) << row.number << " " << row.what;
  for (const Seen& one : seen) EXPECT_EQ(one.text, *row.text) << row.number << " " << row.what;
}

/// Before the bind, whatever is longer than a bind can be is lost framing.
Row with_unbound_limit(Row row) {
  constexpr std::size_t unbound_pdu_max = 1024;
  auto& answer = row.answers[static_cast<std::size_t>(State::open)];
  if (answer && row.octets.size() > unbound_pdu_max)
    answer = Answer{{{command::generic_nack, status::RINVCMDLEN}}, Then::close};
  return row;
}

void run_alone(const Row& row) {
  std::vector<std::unique_ptr<Trial>> trials;
  std::size_t accepted = 0;
  for (const State state : all_states) {
    const auto& answer = row.answers[static_cast<std::size_t>(state)];
    if (!answer) continue;
    for (const std::uint32_t version : row.interface_versions) {
      for (const Way way : {Way::whole, Way::octet_by_octet, Way::glued}) {
        if (way != Way::whole && version != row.interface_versions.front()) continue;
        // The version of an unbound session is unknown.
        if (state == State::open && version != row.interface_versions.front()) continue;
        trials.push_back(std::make_unique<Trial>(row, state, way, version));
        accepted += static_cast<std::size_t>(
            std::count_if(answer->replies.begin(), answer->replies.end(), accepts_message));
      }
    }
  }
  std::erase_if(trials, [](const auto& trial) { return !trial->enter(); });
  // In turns, so that the octets of one connection do not pile up before the server looks.
  for (bool more = true; more;) {
    more = false;
    for (const auto& trial : trials) more = trial->step() || more;
    sched_yield();
  }
  for (const auto& trial : trials) trial->judge();
  compare_seen(row, accepted);
}

bool leaves_state(const Answer& answer) {
  return std::any_of(answer.replies.begin(), answer.replies.end(), [](const Reply& reply) {
    const bool is_bind = reply.command_id == (command::bind_receiver | command::resp) ||
                         reply.command_id == (command::bind_transmitter | command::resp) ||
                         reply.command_id == (command::bind_transceiver | command::resp);
    return is_bind && reply.command_status == status::ROK;
  });
}

void run_in_one_session(const std::vector<Row>& rows, State state, const std::string& system_id,
                        std::uint32_t interface_version) {
  Peer peer = enter(state, interface_version, system_id);
  std::uint32_t sequence = fence;
  for (const Row& row : rows) {
    const auto& answer = row.answers[static_cast<std::size_t>(state)];
    const bool fits = answer && answer->then == Then::keep && !leaves_state(*answer) &&
                      row.system_id == system_id &&
                      row.interface_versions.front() == interface_version;
    if (!fits) continue;
    peer.received.clear();
    std::vector<Reply> expected = answer->replies;
    expected.push_back(answered_enquire_link(sequence + 1));
    expected.push_back(answered_enquire_link(sequence + 2));
    peer.send(enquire_link(sequence + 1) + row.octets + enquire_link(sequence + 2));
    sequence += 2;
    peer.read_count(expected.size());
    const std::string wrong =
        compare(expected, peer.received, row, interface_version, /*sequence_may_be_0=*/false);
    ASSERT_TRUE(wrong.empty() && !peer.closed())
        << row.number << " " << row.what << " [" << state_name(state)
        << ", after all rows before it]\n"
        << wrong << (peer.closed() ? "the connection has been closed" : "");
  }
}

}  // namespace

std::string_view state_name(State state) {
  constexpr std::string_view names[] = {"Open", "TX", "RX", "TRX"};
  return names[static_cast<std::size_t>(state)];
}

Row everywhere(std::string number, std::string what, std::string octets, Answer answer) {
  Row row;
  row.number = std::move(number);
  row.what = std::move(what);
  row.octets = std::move(octets);
  row.answers.fill(std::move(answer));
  return row;
}

Row request(std::string number, std::string what, std::uint32_t command_id, std::string_view body,
            std::uint32_t command_status) {
  const std::uint32_t response = command_id | command::resp;
  Row row = everywhere(std::move(number), std::move(what), pdu(command_id, own_sequence, body),
                       {{{response, command_status}}, Then::keep});
  for (const State state : {State::open, State::rx})
    row.answers[static_cast<std::size_t>(state)]->replies[0].command_status = status::RINVBNDSTS;
  return row;
}

Row submit(std::string number, std::string what, const SubmitSm& message,
           std::uint32_t command_status) {
  return request(std::move(number), std::move(what), command::submit_sm, message.body(),
                 command_status);
}

Row bind(std::string number, std::string what, const Bind& body, std::uint32_t command_status,
         std::uint32_t command_id) {
  Row row =
      everywhere(std::move(number), std::move(what), pdu(command_id, own_sequence, body.body()),
                 {{{command_id | command::resp, status::RALYBND}}, Then::keep});
  row.answers[0]->replies[0].command_status = command_status;
  return row;
}

Row lost_framing(std::string number, std::string what, std::string octets) {
  Row row = everywhere(std::move(number), std::move(what), std::move(octets),
                       {{{command::generic_nack, status::RINVCMDLEN}}, Then::close});
  row.interface_versions = {0x34};
  return row;
}

Peer enter(State state, std::uint32_t interface_version, const std::string& system_id) {
  Peer peer(common_site().port());
  if (state == State::open) return peer;
  peer.send(bind_pdu(state, interface_version, system_id));
  peer.read_count(1);
  const bool bound =
      peer.received.size() == 1 && peer.received.front().command_status == status::ROK;
  EXPECT_TRUE(bound);
  peer.received.clear();
  return peer;
}

void run(const std::vector<Row>& given) {
  std::vector<Row> rows;
  for (const Row& row : given) rows.push_back(with_unbound_limit(row));
  common_site().watcher.take_seen();
  for (const Row& row : rows) run_alone(row);
  std::map<std::pair<std::string, std::uint32_t>, bool> kinds;
  for (const Row& row : rows) kinds[{row.system_id, row.interface_versions.front()}] = true;
  for (const State state : all_states)
    for (const auto& [kind, used] : kinds) run_in_one_session(rows, state, kind.first, kind.second);
}

}  // namespace ringgate::hostile

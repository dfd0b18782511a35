// A script of PDUs, time and commands drives a Session of either role.
//
// The input is a script: one octet says what happens next, and takes what it needs from behind. The
// driver keeps to the order of calls that Session asks of its owner; everything else is as odd as
// the script has it.
#include <deque>
#include <map>

#include "base/bytes.h"
#include "session/smpp_session.h"
#include "smpp/submit_multi.h"
#include "target.h"

namespace ringgate::fuzz {
namespace {

using smpp::Command;

enum class Step : std::uint8_t {
  pdu,       ///< a known command with a right length: index, sequence, status, counted body
  octets,    ///< counted octets as they are
  response,  ///< to a request of ours, if there is one
  answer,    ///< the oldest request in hand
  request,   ///< a deliver_sm or submit_sm of ours
  time,      ///< passes, up to a minute
  send,      ///< what is in the output leaves
  unbind,    ///< we say unbind
  notify,    ///< alert_notification
  congest,   ///< the owner fills up or empties
  close,     ///< the connection is gone
  count_
};

constexpr std::uint8_t hold_back = 0x80;  // with Step: the octets wait for those of the next step

/// A request that the session has handed over and that is not answered yet.
struct OpenRequest {
  EventKind kind;
  RecordKind submit;
  Command command;
  std::uint32_t sequence_number;
  std::uint8_t destination_count;
};

class Driver {
 public:
  explicit Driver(Octets octets)
      : input_(octets),
        choice_(input_.u8()),
        role_((choice_ & 1) == 0 ? Role::smsc : Role::esme),
        tx_(4'096, (choice_ & 2) == 0 ? 64 : 2),
        session_(role_, limits_, {tx_, carry_}, now_) {
    quirks_.error_body = (choice_ & 4) == 0 ? ErrorBody::none : ErrorBody::nul;
    quirks_.replace_sm_service_type = (choice_ & 4) != 0;
    quirks_.strict_ton_npi = (choice_ & 8) != 0;
    quirks_.lenient_data_coding = (choice_ & 8) == 0;
    quirks_.strip_trailing_nul = (choice_ & 8) != 0;
    quirks_.message_id = static_cast<IdFormat>((choice_ >> 4) % 3);
    submit_window_ = (choice_ & 0x40) == 0 ? 100 : 1;
    if (role_ == Role::esme) bind();
  }

  void run() {
    for (unsigned steps = 0; !input_.empty() && steps < steps_max; ++steps) {
      step();
      check();
    }
    end();
  }

 private:
  static constexpr unsigned steps_max = 500;
  static constexpr std::size_t stream_max = 200'000;

  // ---- what happens

  void step() {
    const std::uint8_t octet = input_.u8();
    const auto what = static_cast<Step>((octet & 0x7F) % static_cast<unsigned>(Step::count_));
    switch (what) {
      case Step::pdu:
        return receive(any_pdu(), (octet & hold_back) != 0);
      case Step::octets:
        return receive(std::string(as_text(input_.counted())), (octet & hold_back) != 0);
      case Step::response:
        return receive(response(), (octet & hold_back) != 0);
      case Step::answer:
        return answer_oldest();
      case Step::request:
        return request();
      case Step::time:
        return sleep(milliseconds(input_.u16()));
      case Step::send:
        return send();
      case Step::unbind:
        session_.start_unbind(CloseCause::shutdown, now_);
        return;
      case Step::notify:
        return notify();
      case Step::congest:
        limits_.congestion_state = static_cast<std::uint8_t>(input_.u8() % 101);
        return;
      case Step::close:
        return close();
      case Step::count_:
        break;
    }
    UNREACHABLE();
  }

  std::string any_pdu() {
    const std::size_t index = input_.u8() % smpp::command_rows.size();
    const std::uint32_t sequence_number = input_.u8();
    const std::uint32_t status = input_.u8();
    return pdu(static_cast<std::uint32_t>(smpp::command_rows[index].id), status, sequence_number,
               as_text(input_.counted()));
  }

  /// To one of our requests, in any order, with the command_id it asks for.
  std::string response() {
    const std::size_t which = input_.u8();
    const std::uint8_t status = input_.u8();
    const std::string body(as_text(input_.counted()));
    if (own_.empty()) return {};
    const auto chosen = own_.begin() + static_cast<std::ptrdiff_t>(which % own_.size());
    const smpp::Header header = *chosen;
    own_.erase(chosen);
    return pdu(header.command_id | smpp::response_bit, status, header.sequence_number, body);
  }

  static std::string pdu(std::uint32_t command_id, std::uint32_t status,
                         std::uint32_t sequence_number, std::string_view body) {
    std::string out(wire::pdu_header_size, '\0');
    smpp::write_header(reinterpret_cast<std::uint8_t*>(out.data()),
                       static_cast<std::uint32_t>(out.size() + body.size()), command_id, status,
                       sequence_number);
    return out.append(body);
  }

  void receive(const std::string& octets, bool wait) {
    waiting_ += octets;
    if (!wait) give();
  }

  /// One round: octets in memory of their exact size, which is gone after settle().
  void give() {
    if (over_ || session_.close_cause() != CloseCause::none || session_.blocked()) return;
    if (stream_.size() + waiting_.size() > stream_max) waiting_.clear();
    const ExactCopy piece(as_octets(waiting_));
    stream_ += waiting_;
    waiting_.clear();
    session_.on_bytes(piece.octets(), now_);
    pump();
    session_.settle();
    if (session_.blocked()) {
      // Not looked at yet, so it comes again in front of what follows.
      const Octets rest = session_.take_rest();
      waiting_ = as_text(rest);
      stream_.resize(stream_.size() - rest.size());
    }
  }

  void pump() {
    SmppEvent event;
    Content content;
    while (session_.next_event(event, content)) on_event(event);
  }

  void sleep(Nanos period) {
    const Nanos until = now_.mono + period;
    for (unsigned rounds = 0; session_.deadline() <= until; ++rounds) {
      // Each deadline that comes does something, or a real owner would spin.
      ASSERT(rounds < 1'000 + window_size * 2);
      const Nanos at = std::max(session_.deadline(), now_.mono);
      advance(at);
      session_.on_deadline(now_);
      pump();
      give();
      send();
    }
    advance(until);
  }
  void advance(Nanos to) {
    now_.wall_s += (to - now_.mono) / seconds(1);
    now_.mono = to;
  }

  // ---- events

  void on_event(const SmppEvent& event) {
    touch(event);
    switch (event.kind) {
      case EventKind::bind:
        ASSERT(role_ == Role::smsc && session_.bind_pending());
        return on_bind();
      case EventKind::submit:
      case EventKind::submit_multi:
      case EventKind::operation:
        ASSERT(role_ == Role::smsc);
        open_.push_back({event.kind, event.submit, event.command, event.sequence_number,
                         static_cast<std::uint8_t>(event.kind == EventKind::submit_multi
                                                       ? event.destinations.size()
                                                       : 0)});
        return;
      case EventKind::deliver:
        ASSERT(role_ == Role::esme);
        open_.push_back({event.kind, event.submit, event.command, event.sequence_number, 0});
        return;
      case EventKind::response: {
        // Each request ends once.
        ASSERT(tokens_.erase(event.token) == 1);
        return;
      }
      case EventKind::unbind:
        session_.finish_unbind(now_);
        return;
      case EventKind::alert:
      case EventKind::bound:
        ASSERT(role_ == Role::esme);
        return;
      case EventKind::outbind:
        ASSERT(role_ == Role::esme);
        if (!session_.bind_asked()) bind();
        return;
      case EventKind::none:
        break;
    }
    UNREACHABLE();
  }

  void on_bind() {
    const std::uint8_t decision = input_.u8();
    if (decision % 8 == 7)
      session_.refuse_bind(Status::ESME_RBINDFAIL, now_);
    else
      session_.accept_bind("ringgate", submit_window_, window_size, quirks_, now_);
  }

  // Reads every octet that a view shows, for the sanitizer to judge.

  void sum(std::string_view text) {
    for (const char c : text) touched_ += static_cast<std::uint8_t>(c);
  }
  void touch(const Content& content) {
    for (const std::string_view text :
         {content.service_type, content.source.text, content.destination.text,
          content.schedule_delivery_time, content.validity_period, as_text(content.text),
          as_text(content.tlvs)})
      sum(text);
  }
  void touch(const SmppEvent& event) {
    switch (event.kind) {
      case EventKind::submit:
      case EventKind::submit_multi:
      case EventKind::deliver:
        touch(*event.content);
        if (event.kind == EventKind::submit_multi) touch_destinations(event);
        return;
      case EventKind::operation:
        sum(event.message_id);
        touch(*event.content);
        return;
      case EventKind::bind:
        sum(event.system_id);
        sum(event.password);
        return;
      case EventKind::response:
        sum(event.message_id);
        if (event.answered) sum(as_text(event.body));
        return;
      case EventKind::alert:
        sum(event.alert.source_addr);
        sum(event.alert.esme_addr);
        return;
      case EventKind::outbind:
        sum(event.outbind.system_id);
        return;
      case EventKind::bound:
        sum(as_text(event.tlvs));
        return;
      case EventKind::none:
      case EventKind::unbind:
        return;
    }
  }
  void touch_destinations(const SmppEvent& event) {
    ASSERT(!event.destinations.empty());
    for (const Destination& one : event.destinations) touched_ += one.address.text.size();
  }

  // ---- commands

  void bind() {
    smpp::Bind body;
    body.system_id = "esme";
    body.password = "secret";
    constexpr std::uint8_t versions[] = {0x33, 0x34, 0x50, 0x34};
    body.interface_version = versions[choice_ >> 6];
    constexpr Command commands[] = {Command::bind_transceiver, Command::bind_receiver,
                                    Command::bind_transmitter};
    session_.bind(commands[(choice_ >> 4) % 3], body, window_size, now_);
  }

  void answer_oldest() {
    const auto status = static_cast<Status>(input_.u8() % 3 == 0 ? input_.u8() : 0);
    if (open_.empty()) return;
    const OpenRequest request = open_.front();
    open_.pop_front();
    answer(request, status);
    give();
  }

  void answer(const OpenRequest& request, Status status) {
    const MessageId id{0x0102030405060708};
    if (request.kind == EventKind::deliver)
      return session_.answer_deliver(request.command, request.sequence_number, status);
    if (status != Status::ESME_ROK)
      return session_.answer_empty(request.command, request.sequence_number, status);
    if (request.kind == EventKind::submit_multi) {
      const std::vector<Destination> failures(request.destination_count - 1u,
                                              {{1, 1, "447700900123"}, Status::ESME_RINVDSTADR});
      return session_.answer_submit_multi(request.sequence_number, id, failures);
    }
    if (request.kind == EventKind::operation)
      return session_.answer_operation(*smpp::operation_of(request.command),
                                       request.sequence_number, "0102030405060708", {});
    if (request.kind == EventKind::submit)
      return session_.answer_submit(request.submit, request.sequence_number, status, id);
    session_.answer_empty(request.command, request.sequence_number, status);
  }

  void request() {
    const Command command = role_ == Role::smsc ? Command::deliver_sm : Command::submit_sm;
    const std::string body(33 + input_.u8(), '\0');
    const std::uint64_t token = next_token_++;
    const Admit admit =
        session_.request(token, now_, 512, [&](std::uint32_t sequence_number, std::uint8_t* to) {
          const std::string octets =
              pdu(static_cast<std::uint32_t>(command), 0, sequence_number, body);
          std::memcpy(to, octets.data(), octets.size());
          return octets.size();
        });
    if (admit == Admit::ok) tokens_[token] = now_.mono + limits_.response;
  }

  void notify() {
    if (role_ != Role::smsc) return;
    if (session_.state() == smpp::State::open && !session_.bind_asked() &&
        session_.close_cause() == CloseCause::none && !over_)
      return session_.outbind("ringgate", "secret", now_);
    session_.alert({{1, 1, "447700900123"}, {0, 0, "esme"}, (choice_ & 8) != 0, 1});
  }

  void send() {
    while (!session_.output().empty()) {
      const Octets front = session_.output().front();
      ASSERT(!front.empty());
      sent_ += as_text(front);
      session_.output().pop(front.size());
    }
    read_sent();
  }

  /// What came out is whole PDUs; our own requests are remembered, responses counted.
  void read_sent() {
    Octets octets = as_octets(sent_);
    while (!octets.empty()) {
      ASSERT(octets.size() >= wire::pdu_header_size);
      const smpp::Header header = smpp::read_header(octets.data());
      ASSERT(header.command_length >= wire::pdu_header_size);
      ASSERT(header.command_length <= octets.size());
      ASSERT(smpp::command_row(header.command_id) != nullptr);
      if (smpp::is_response(header.command_id))
        ++responses_[header.sequence_number];
      else if (own_.size() < 1'000)
        own_.push_back(header);
      octets = octets.subspan(header.command_length);
    }
    sent_.clear();
  }

  void close() {
    if (!over_) session_.on_closed(CloseCause::peer);
    over_ = true;
    pump();
  }

  // ---- what must hold

  void check() {
    ASSERT(session_.open_requests() == open_.size());
    ASSERT(session_.window().open_count() == tokens_.size());
    ASSERT(session_.window().open_count() <= window_size);
    ASSERT(open_.size() <= std::max(submit_window_, Window::size_max));
    if (session_.close_cause() != CloseCause::none) {
      ASSERT(session_.deadline() == never);
      return;
    }
    // Some timer runs always, and none beyond the longest period; no request waits for longer than
    // it may.
    ASSERT(session_.deadline() <= now_.mono + limits_.inactivity);
    for (const auto& [token, until] : tokens_) ASSERT(session_.deadline() <= until);
  }

  void end() {
    send();
    // Requests in hand are answered after the connection is gone as well as before.
    const bool close_first = (choice_ & 0x80) != 0;
    if (close_first) close();
    while (!open_.empty()) {
      const OpenRequest request = open_.front();
      open_.pop_front();
      answer(request, Status::ESME_ROK);
    }
    if (!close_first) close();
    ASSERT(session_.window().open_count() == 0);
    ASSERT(tokens_.empty());
    ASSERT(session_.open_requests() == 0);
    send();
    check_responses();
  }

  /// Never more responses than requests, for each sequence_number; lost framing adds the one
  /// generic_nack that says so.
  void check_responses() {
    std::map<std::uint32_t, unsigned> requests;
    Octets stream = as_octets(stream_);
    for (;;) {
      const wire::Frame frame = wire::next_frame(stream, limits_.pdu_size_max);
      if (frame.state != wire::FrameState::whole) break;
      const smpp::Header header = smpp::read_header(stream.data());
      if (!smpp::is_response(header.command_id)) ++requests[header.sequence_number];
      stream = stream.subspan(frame.size);
    }
    unsigned unasked = 0;
    for (const auto& [sequence_number, count] : responses_) {
      const unsigned asked = requests[sequence_number];
      if (count > asked) unasked += count - asked;
    }
    ASSERT(unasked <= (session_.close_cause() == CloseCause::framing ? 1u : 0u));
  }

  static constexpr std::uint32_t window_size = 8;

  Input input_;
  std::uint8_t choice_;
  Role role_;
  SessionLimits limits_;
  QuirkOptions quirks_;
  OctetPool tx_;
  ChunkPool carry_{1'024, 1};
  Now now_{seconds(1'000), 1'767'225'600};
  SmppSession session_;
  std::uint32_t submit_window_ = 100;

  std::string waiting_;  // octets for the next round
  std::string stream_;   // octets that the session has taken
  std::string sent_;
  std::deque<OpenRequest> open_;
  std::deque<smpp::Header> own_;           // requests that the peer has seen and not answered
  std::map<std::uint64_t, Nanos> tokens_;  // of our open requests: how long they wait
  std::map<std::uint32_t, unsigned> responses_;
  std::uint64_t next_token_ = 1;
  std::uint64_t touched_ = 0;
  bool over_ = false;
};

std::string step(Step what, std::uint8_t flags = 0) {
  return std::string(1, static_cast<char>(static_cast<std::uint8_t>(what) | flags));
}

std::string octets_step(std::string_view octets, std::uint8_t flags = 0) {
  return step(Step::octets, flags) + static_cast<char>(octets.size()) + std::string(octets);
}

}  // namespace

void run_session(Octets input) { Driver(input).run(); }

/// For each golden PDU of both roles: a bind, the PDU whole and in two pieces, answers, time.
Seeds seeds_of_session(const SeedSource& source) {
  const std::vector<std::string>& pdus = source.pdus;
  const auto with_command = [&](std::uint32_t command_id) {
    return std::find_if(pdus.begin(), pdus.end(), [&](const std::string& pdu) {
      return pdu.size() > wire::pdu_header_size && pdu.size() < 256 &&
             load_be32(as_octets(pdu).data()) == pdu.size() &&
             load_be32(as_octets(pdu).data() + 4) == command_id;
    });
  };
  const auto bind = with_command(static_cast<std::uint32_t>(Command::bind_transceiver));
  Seeds out;
  for (const std::string& pdu : pdus) {
    if (pdu.size() > 255 || bind == pdus.end()) continue;
    const std::string_view octets(pdu);
    const std::string halves = octets_step(octets.substr(0, octets.size() / 2)) +
                               octets_step(octets.substr(octets.size() / 2), hold_back) +
                               octets_step(octets);
    // The octet 0 behind the bind is the decision that accepts it.
    const std::string after = step(Step::answer) + '\1' + step(Step::request) + '\5' +
                              step(Step::send) + step(Step::response) + std::string(3, '\0') +
                              step(Step::time) + "\xFF\xFF" + step(Step::send) +
                              step(Step::answer) + '\1';
    for (const char choice : {'\0', '\x0C'})
      out.push_back(choice + octets_step(*bind) + '\0' + halves + after);
    // As ESME: our bind_transceiver goes out first, and its response is an accepting one.
    out.push_back('\1' + step(Step::send) + step(Step::response) + std::string("\0\0\1\0", 4) +
                  halves + after);
  }
  return out;
}

}  // namespace ringgate::fuzz

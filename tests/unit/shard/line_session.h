// A protocol of lines, which exists to show that a shard does not know which one its peers speak.
//
//   ESME                                  server
//   bind NAME PASSWORD                    bound | refused STATUS
//   N send SOURCE DESTINATION TEXT        N id ID | N refused STATUS
//                                         receipt NUMBER ID STATE | message NUMBER SOURCE TEXT
//   ok NUMBER
//   bye                                   bye
//
// STATUS is what SMPP calls it, STATE its number there. Whoever sends wants a receipt.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include <ringgate/status.h>

#include "session/quotes.h"
#include "session/session.h"

namespace ringgate::test {

class LineSession final : public Session {
 public:
  LineSession(const SessionLimits& limits, SessionPools pools, Now now)
      : Session(limits, pools.tx), init_deadline_(now.mono + limits.session_init) {}

  void on_bytes(Octets octets, Now now) override {
    now_ = now;
    input_ = octets;
  }
  void on_heard(Now now) override { now_ = now; }
  bool on_held_response(Octets line, Now now, Event& event) override {
    now_ = now;
    ++pdus_in_;
    return read_ok(as_text(line.first(line.size() - 1)), event);
  }
  void on_held_request() override {}
  void on_deadline(Now now) override {
    now_ = now;
    if (init_deadline_ <= now.mono) close(CloseCause::session_init);
    if (closing_deadline_ <= now.mono) close(closing_because_);
  }
  void on_closed(CloseCause cause) override {
    close(cause);
    over_ = true;
  }

  bool next_event(Event& event, Content& content) override {
    event.content = &content;
    if (over_ ? window_.take_oldest(event.token) : window_.take_expired(now_.mono, event.token)) {
      event.kind = EventKind::response;
      event.status = Status::ESME_RSYSERR;
      event.answered = false;
      return true;
    }
    while (close_cause_ == CloseCause::none && !blocked()) {
      const std::optional<std::string_view> line = next_line();
      if (!line) return false;
      ++pdus_in_;
      charge(1);
      if (read(*line, event, content)) return true;
    }
    return false;
  }
  void settle() override {
    joined_.clear();
    if (close_cause_ == CloseCause::none && !blocked()) begun_ += as_text(input_);
    input_ = {};
    if (begun_.size() > limits_.pdu_size_max) close(CloseCause::framing);
  }
  Octets take_rest() override {
    const Octets rest = input_;
    input_ = {};
    return rest;
  }
  /// A line that answers us is short, and lies in the octets that can be seen, or waits.
  HeldHead look_at(Octets head) const override {
    const std::string_view text = as_text(head);
    const std::size_t end = text.find('\n');
    HeldHead out;
    out.is_lost = end == text.npos && head.size() == HeldHead::size_max;
    if (end == text.npos) return out;
    out.size = static_cast<std::uint32_t>(end + 1);
    out.may_overtake = text.starts_with("ok ");
    return out;
  }
  Nanos deadline() const override {
    if (close_cause_ != CloseCause::none) return never;
    return std::min({init_deadline_, closing_deadline_, window_.deadline()});
  }

  void accept_bind(std::string_view, std::uint32_t submit_window, std::uint32_t deliver_window,
                   const QuirkOptions&, Now) override {
    bind_pending_ = false;
    bound_ = true;
    init_deadline_ = never;
    submit_window_ = submit_window;
    window_.set_size(deliver_window);
    say("bound");
  }
  void revise(std::uint32_t submit_window, std::uint32_t deliver_window,
              const QuirkOptions&) override {
    submit_window_ = submit_window;
    window_.resize(deliver_window);
  }
  void await_verdict(Nanos until) override { init_deadline_ = std::max(init_deadline_, until + 1); }
  void refuse_bind(Status status, Now now, Nanos delay) override {
    bind_pending_ = false;
    say("refused " + std::string(status_name(status)));
    end_at(now.mono + delay, CloseCause::refused);
  }
  void answer_submit(RecordKind, std::uint32_t number, Status status, MessageId id) override {
    const std::string to = std::to_string(number);
    if (status == Status::ESME_ROK)
      say(to + " id " + written(id));
    else
      say(to + " refused " + std::string(status_name(status)));
    --open_requests_;
  }
  void answer_submit_multi(std::uint32_t, MessageId, std::span<const Destination>) override {
    UNREACHABLE();  // There is no such request.
  }
  void answer_operation(OperationKind, std::uint32_t, std::string_view,
                        const OperationAnswer&) override {
    UNREACHABLE();
  }
  Admit deliver(std::uint64_t token, Now now, const Content& message) override {
    return tell(token, now, "message",
                std::string(message.source.text) + " " + std::string(as_text(message.text)));
  }
  Admit deliver(std::uint64_t token, Now now, const MessageRecord& message, Quotes&) override {
    return tell(
        token, now, "receipt",
        written(message.id) + " " + std::to_string(static_cast<unsigned>(message.outcome.state)));
  }
  bool alert(const Alert&) override { return false; }
  void outbind(std::string_view, std::string_view, Now) override { close(CloseCause::peer); }
  void finish_unbind(Now now) override {
    say("bye");
    end_at(now.mono + limits_.unbind, CloseCause::unbound);
  }
  void start_unbind(CloseCause cause, Now now, Nanos grace) override {
    if (closing_deadline_ != never) return;
    if (!bound_) return close(cause);
    bound_ = false;
    say("bye");
    end_at(now.mono + grace, cause);
  }
  /// It has no question that a peer must answer.
  bool probe(Now, Nanos) override { return false; }
  void close(CloseCause cause) override {
    if (close_cause_ == CloseCause::none) close_cause_ = cause;
    input_ = {};
  }

  bool bound() const override { return bound_; }
  bool can_receive() const override { return bound_ && close_cause_ == CloseCause::none; }
  bool unbinding() const override { return closing_deadline_ != never; }
  IdStyle id_style() const override { return {interface_version_, IdFormat::hex, limits_.ids}; }
  Octets begun() const override { return as_octets(begun_); }
  std::uint32_t carried() const override { return static_cast<std::uint32_t>(begun_.size()); }

 private:
  std::optional<std::string_view> next_line() {
    const std::size_t end = as_text(input_).find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view line = as_text(input_.first(end));
    input_ = input_.subspan(end + 1);
    if (begun_.empty()) return line;
    joined_ = begun_ + std::string(line);
    begun_.clear();
    return joined_;
  }
  static std::string_view word(std::string_view& rest) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view out = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return out;
  }
  static std::uint32_t number(std::string_view text) {
    std::uint32_t out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
  }
  bool read(std::string_view line, Event& event, Content& content) {
    std::string_view rest = line;
    std::string_view verb = word(rest);
    if (verb == "ok") return read_ok(line, event);
    if (verb == "bind" && !bound_) {
      event.kind = EventKind::bind;
      event.mode = BindMode::transceiver;
      event.system_id = word(rest);
      event.password = word(rest);
      bind_pending_ = true;
      return true;
    }
    if (verb == "bye" && bound_) {
      bound_ = false;
      event.kind = EventKind::unbind;
      return true;
    }
    event.sequence_number = number(verb);
    if (word(rest) != "send" || !bound_) {
      say(std::string(verb) + " refused ESME_RINVCMDID");
      return false;
    }
    content = {};
    content.source.text = word(rest);
    content.destination.text = word(rest);
    content.text = as_octets(rest);
    content.registered_delivery = 1;
    event.kind = EventKind::submit;
    event.submit = RecordKind::submit_sm;
    ++open_requests_;
    return true;
  }
  bool read_ok(std::string_view line, Event& event) {
    word(line);
    if (!window_.close(number(line), event.token)) return false;
    event.kind = EventKind::response;
    event.status = Status::ESME_ROK;
    event.answered = true;
    return true;
  }
  Admit tell(std::uint64_t token, Now now, std::string_view what, const std::string& more) {
    if (!can_receive()) return Admit::closed;
    if (window_.full()) return Admit::full;
    const std::uint32_t to = window_.open(token, now.mono + limits_.response);
    say(std::string(what) + " " + std::to_string(to) + " " + more);
    return Admit::ok;
  }
  std::string written(MessageId id) const {
    char text[message_id_text_max];
    return {text, write_message_id(id, id_style(), text)};
  }
  void say(const std::string& line) { output_.append(as_octets(line + "\n")); }
  void end_at(Nanos at, CloseCause cause) {
    closing_deadline_ = at;
    closing_because_ = cause;
  }

  Octets input_;
  std::string begun_;   // half a line
  std::string joined_;  // a line that came in two pieces, until settle()
  Now now_;
  Nanos init_deadline_;
  Nanos closing_deadline_ = never;
  CloseCause closing_because_ = CloseCause::none;
  bool bound_ = false;
  bool over_ = false;
};

class LineProtocol final : public Protocol {
 public:
  std::unique_ptr<Session> make_session(const SessionLimits& limits, SessionPools pools,
                                        Now now) const override {
    return std::make_unique<LineSession>(limits, pools, now);
  }
};

}  // namespace ringgate::test

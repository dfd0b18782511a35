#include "esme/esme.h"

#include <algorithm>

#include "smpp/deliver_pdu.h"

namespace ringgate {
namespace {

// The longest submit_sm: a payload, and as many octets of other TLVs.
constexpr std::uint32_t tx_piece_size = 160 * 1024;
constexpr std::uint32_t tx_pieces = 4;
constexpr std::uint32_t carry_chunk_size = 1024;
// Output that waits for its socket; above, submits wait in the queue and nothing is read.
constexpr std::uint64_t output_max = 512 * 1024;
constexpr Nanos unbind_grace = seconds(2);
constexpr unsigned window_max = Window::size_max;
constexpr unsigned deliver_window_max = 10'000;
constexpr unsigned queue_most = 1'000'000;

SessionLimits limits_of(const ClientOptions& options) {
  SessionLimits limits;
  limits.session_init = seconds(options.bind_s);
  limits.enquire_link = seconds(options.enquire_link_s);
  limits.inactivity = 0;
  limits.response = seconds(options.response_s);
  limits.unbind = unbind_grace;
  limits.pdu_size_max = 1 << 20;
  return limits;
}

smpp::Bind body_of(const ClientOptions& options) {
  smpp::Bind body;
  body.system_id = options.system_id;
  body.password = options.password;
  body.system_type = options.system_type;
  body.interface_version = options.version;
  body.addr_ton = options.range_ton;
  body.addr_npi = options.range_npi;
  body.address_range = options.address_range;
  return body;
}

smpp::Command command_of(BindMode mode) {
  switch (mode) {
    case BindMode::transmitter:
      return smpp::Command::bind_transmitter;
    case BindMode::receiver:
      return smpp::Command::bind_receiver;
    case BindMode::transceiver:
      break;
  }
  return smpp::Command::bind_transceiver;
}

}  // namespace

std::string client_faults(const ClientOptions& options) {
  std::string faults;
  const auto fault = [&faults](std::string_view line) {
    if (!faults.empty()) faults += '\n';
    faults += line;
  };
  if (options.port == 0) fault("port: must be 1-65535");
  if (options.system_id.empty()) fault("system_id: is missing");
  const smpp::Bind body = body_of(options);
  if (const wire::Verdict verdict = wire::check_any(smpp::Bind::lenient_fields, &body);
      !verdict.ok())
    fault(std::string(smpp::Bind::fields[verdict.field].name) + ": is too long");
  if (options.queue_max > queue_most) fault("queue_max: must be 0-1000000");
  if (options.version != 0x33 && options.version != 0x34 && options.version != 0x50)
    fault("version: must be 0x33, 0x34 or 0x50");
  if (options.version == 0x33 && options.mode == BindMode::transceiver)
    fault("mode: a transceiver came with version 0x34");
  if (options.window == 0 || options.window > window_max) fault("window: must be 1-65536");
  if (options.deliver_window == 0 || options.deliver_window > deliver_window_max)
    fault("deliver_window: must be 1-10000");
  if (options.connect_s == 0 || options.bind_s == 0 || options.response_s == 0)
    fault("connect_s, bind_s, response_s: must be above 0");
  if (options.retry_min_ms == 0 || options.retry_max_ms < options.retry_min_ms)
    fault("retry_min_ms: must be above 0, and not above retry_max_ms");
  return faults;
}

Esme::Esme(const ClientOptions& options, ClientHandler& handler, Client& client, std::uint64_t seed,
           Now now)
    : options_(options),
      handler_(handler),
      client_(client),
      limits_(limits_of(options)),
      tx_(tx_piece_size, tx_pieces),
      carry_(carry_chunk_size, 1),
      backoff_({milliseconds(options.retry_min_ms), milliseconds(options.retry_max_ms),
                milliseconds(options.ghost_ms)},
               seed),
      now_(now),
      retry_at_(now.mono) {}

// ---- the program

Posted Esme::submit(std::span<const Outgoing> messages, std::size_t& taken) {
  for (taken = 0; taken < messages.size(); ++taken) {
    const Outgoing& message = messages[taken];
    if (stopping_) return Posted::gone;
    if (!smpp::is_submittable(message, options_.version)) return Posted::misuse;
    if (queue_.empty() && can_write() && write(message, message.token) == Admit::ok) continue;
    if (!has_room()) {
      told_full_ = true;
      return Posted::full;
    }
    queue_.emplace_back(message);
  }
  return Posted::ok;
}

void Esme::submit(QueuedSubmit&& message) {
  ASSERT(!stopping_);
  if (queue_.empty() && can_write() && write(*message.content, message.token) == Admit::ok) return;
  queue_.push_back(std::move(message));
}

bool Esme::can_write() const {
  return state_ == ClientState::bound && options_.mode != BindMode::receiver &&
         session_->output().size() < output_max;
}

Admit Esme::write(const Content& content, std::uint64_t token) {
  const std::uint64_t begin = session_->output().written();
  const std::uint32_t slot = sent_.put({token, begin});
  const Admit admit = session_->submit(slot, now_, content);
  if (admit != Admit::ok) sent_.take(slot);
  return admit;
}

void Esme::send_queue() {
  while (!queue_.empty() && can_write()) {
    const QueuedSubmit& first = queue_.front();
    const Admit admit = write(*first.content, first.token);
    if (admit != Admit::ok) break;
    queue_.pop_front();
  }
  const bool has_much_room =
      queue_.size() <= options_.queue_max / 2 &&
      (options_.queue_max != 0 || (can_write() && !session_->window().full()));
  if (!told_full_ || !has_much_room || stopping_) return;
  told_full_ = false;
  handler_.on_room(client_);
}

Posted Esme::answer(DeliveryTicket ticket, Status status) {
  if (ticket.connection == 0 || ticket.connection > connection_) return Posted::misuse;
  if (ticket.connection != connection_ || session_ == nullptr ||
      session_->close_cause() != CloseCause::none)
    return Posted::gone;
  const auto delivery = open_.take(ticket.name);
  if (!delivery) return Posted::misuse;
  session_->answer_deliver(delivery->command, delivery->sequence_number, status);
  return Posted::ok;
}

void Esme::stop() {
  if (stopping_) return;
  stopping_ = stop_unseen_ = true;
  stop_until_ = now_.mono + seconds(options_.response_s);
}

// ---- the connection

void Esme::on_connected() {
  ASSERT(state_ == ClientState::connecting && session_ == nullptr);
  ++connection_;
  lent_ = may_have_left_ = 0;
  hung_up_ = closed_ = false;
  flush_until_ = never;
  refusal_ = Status::ESME_ROK;
  connect_until_ = never;
  session_ = std::make_unique<SmppSession>(Role::esme, limits_, SessionPools{tx_, carry_}, now_);
  session_->bind(command_of(options_.mode), body_of(options_), options_.window, now_);
  state_ = ClientState::binding;
}

void Esme::on_refused(std::string_view why) {
  ASSERT(state_ == ClientState::connecting);
  connect_until_ = never;
  lose(CloseCause::none, why, backoff_.after_failure());
}

void Esme::on_octets(Octets octets) {
  if (session_ == nullptr || session_->close_cause() != CloseCause::none) return;
  session_->on_bytes(octets, now_);
  read_events();
  session_->settle();
}

void Esme::read_events() {
  SmppEvent event;
  Content content;
  while (session_->next_event(event, content)) on_event(event);
  // While what they borrow is still there.
  tell();
}

void Esme::on_event(const SmppEvent& event) {
  switch (event.kind) {
    case EventKind::bound:
      refusal_ = event.status;
      if (event.status != Status::ESME_ROK) return;
      state_ = ClientState::bound;
      bound_at_ = now_.mono;
      handler_.on_bound(client_);
      return;
    case EventKind::response:
      return on_response(event);
    case EventKind::deliver:
      return on_delivery(event);
    case EventKind::unbind:
      session_->finish_unbind(now_);
      state_ = ClientState::unbinding;
      return;
    default:
      return;  // Alerts and outbinds are not asked for.
  }
}

void Esme::on_response(const SmppEvent& event) {
  const SentSubmits::Submit submit = sent_.take(event.token);
  Submitted out;
  out.token = submit.token;
  if (event.answered) {
    out.status = event.status;
    // The response of another request says nothing about a submit.
    if (event.command == smpp::Command::submit_sm_resp ||
        event.command == smpp::Command::generic_nack)
      out.result =
          event.status == Status::ESME_ROK ? SubmitResult::accepted : SubmitResult::refused;
    if (out.result == SubmitResult::accepted) out.id = event.message_id;
  } else if (closed_ && submit.begin >= may_have_left_) {
    out.result = SubmitResult::not_sent;
  }
  submitted_.push_back(out);
}

void Esme::on_delivery(const SmppEvent& event) {
  if (open_.count() >= options_.deliver_window)
    return session_->answer_deliver(event.command, event.sequence_number, Status::ESME_RTHROTTLED);
  Delivery& delivery = deliveries_.emplace_back();
  static_cast<Content&>(delivery) = *event.content;
  delivery.ticket = {connection_, open_.put({event.command, event.sequence_number})};
}

/// What the program says to that may make more to tell, but not before the next octets.
void Esme::tell() {
  if (!submitted_.empty()) handler_.on_submitted(client_, submitted_);
  submitted_.clear();
  if (!deliveries_.empty()) handler_.on_deliveries(client_, deliveries_);
  deliveries_.clear();
}

Octets Esme::output() {
  if (session_ == nullptr || lent_ != 0 || hung_up_) return {};
  const Octets out = session_->output().front();
  if (!out.empty()) session_->output().lend();
  lent_ = out.size();
  may_have_left_ = std::max(may_have_left_, session_->output().popped() + lent_);
  return out;
}

bool Esme::wants_to_read() const {
  return session_ != nullptr && session_->output().size() < output_max;
}

void Esme::on_sent(std::size_t count) {
  ASSERT(count <= lent_);
  lent_ = 0;
  if (session_ != nullptr && count != 0) session_->output().pop(count);
}

void Esme::on_hangup() {
  hung_up_ = true;
  if (session_ != nullptr) session_->close(CloseCause::peer);
}

bool Esme::wants_close() const {
  if (session_ == nullptr || session_->close_cause() == CloseCause::none) return false;
  return hung_up_ || session_->output().empty() || flush_until_ <= now_.mono;
}

void Esme::on_closed() {
  ASSERT(session_ != nullptr);
  const CloseCause cause =
      session_->close_cause() == CloseCause::none ? CloseCause::peer : session_->close_cause();
  const bool was_bound = bound_at_ != 0;
  closed_ = true;
  session_->on_closed(cause);
  read_events();
  session_.reset();
  open_ = {};
  lent_ = 0;
  if (was_bound) {
    const Nanos lasted = now_.mono - std::exchange(bound_at_, 0);
    const Nanos retry = backoff_.after_loss(lasted);
    state_ = ClientState::unbinding;
    return lose(cause, close_cause_name(cause), retry);
  }
  if (refusal_ != Status::ESME_ROK)
    return lose(CloseCause::refused, "bind refused", backoff_.after_refusal(refusal_));
  lose(cause,
       cause == CloseCause::session_init ? "the bind was not answered" : close_cause_name(cause),
       backoff_.after_failure());
}

void Esme::lose(CloseCause cause, std::string_view text, Nanos retry) {
  ClientLoss loss;
  loss.was_bound = state_ == ClientState::unbinding;
  loss.cause = cause;
  loss.status = std::exchange(refusal_, Status::ESME_ROK);
  loss.text = text;
  loss.retry_ms = static_cast<std::uint64_t>(retry / milliseconds(1));
  state_ = ClientState::waiting;
  retry_at_ = now_.mono + retry;
  // An unbind that was asked for is no loss.
  if (!stopping_) handler_.on_loss(client_, loss);
}

// ---- time

void Esme::end_turn() {
  if (session_ != nullptr && session_->deadline() <= now_.mono) session_->on_deadline(now_);
  if (session_ != nullptr && session_->close_cause() == CloseCause::none) {
    session_->on_bytes({}, now_);
    read_events();
    session_->settle();
  }
  if (session_ != nullptr && session_->close_cause() != CloseCause::none && flush_until_ == never)
    flush_until_ = now_.mono + unbind_grace;
  if (stopping_) return finish_stopping();
  send_queue();
  if (state_ != ClientState::waiting || retry_at_ > now_.mono) return;
  state_ = ClientState::connecting;
  connect_until_ = now_.mono + seconds(options_.connect_s);
  wants_connection_ = true;
}

void Esme::give_up_queue() {
  for (const QueuedSubmit& queued : queue_)
    submitted_.push_back({queued.token, SubmitResult::not_sent, Status::ESME_ROK, {}});
  queue_.clear();
  tell();
}

void Esme::finish_stopping() {
  stop_unseen_ = false;
  give_up_queue();
  switch (state_) {
    case ClientState::ended:
    case ClientState::unbinding:
      return;
    case ClientState::waiting:
      state_ = ClientState::ended;
      wants_connection_ = false;
      return handler_.on_ended(client_);
    case ClientState::connecting:
      connect_until_ = now_.mono;
      return;
    case ClientState::binding:
      return session_->close(CloseCause::shutdown);
    case ClientState::bound:
      if (sent_.count() != 0 && stop_until_ > now_.mono) return;
      session_->start_unbind(CloseCause::unbound, now_, unbind_grace);
      state_ = ClientState::unbinding;
      return;
  }
}

Nanos Esme::deadline() const {
  if (stop_unseen_) return now_.mono;
  Nanos at =
      std::min(connect_until_, stopping_ && state_ == ClientState::bound ? stop_until_ : never);
  if (state_ == ClientState::waiting) at = std::min(at, stopping_ ? now_.mono : retry_at_);
  if (session_ != nullptr) at = std::min({at, session_->deadline(), flush_until_});
  return at;
}

}  // namespace ringgate

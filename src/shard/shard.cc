#include "shard/shard.h"

#include <algorithm>
#include <bit>

#include "base/rarely.h"

namespace ringgate {
namespace {

// How long a peer may leave our octets unread.
constexpr Nanos write_stall = seconds(30);
// After a pause of this process everything is overdue, peers that have answered among the rest:
// what has arrived gets this long to be read before a timer speaks.
constexpr Nanos unread_grace = seconds(1);
constexpr Nanos unread_look = milliseconds(20);
// While there are places, nobody gives way who has been heard of within this time.
constexpr Nanos stranger_age_min = seconds(1);
// So many strangers are asked whether they are as silent as they seem, before one gives way.
constexpr unsigned strangers_looked_at = 16;
// Who connects and never binds has so many lines at once, of one address for one cause.
constexpr unsigned strangers_told_at_once = 50;
// Connections that wait for memory are looked at again so often, so many at a time.
constexpr std::size_t relieved_at_once = 64;
constexpr Nanos relief_pause = milliseconds(5);
// Reading goes on when what is held has shrunk to one part in so many. Not only when nothing is: a
// request may wait for long, and responses are coming.
constexpr std::uint64_t resumed_at = 4;
// Requests that are looked at and wait on: so many are one unit of a turn's work.
constexpr unsigned requests_per_work = 16;

ShardTotals totals_of(const ShardOptions& options) {
  ShardTotals totals;
  totals.messages = options.budget.messages;
  totals.groups = MultiGroups::count_max;
  totals.part_octets = options.long_messages.max_octets;
  totals.queued_octets = std::uint64_t{options.budget.tx_chunks} * ShardBudget::tx_chunk_size;
  totals.journal_octets = ~std::uint64_t{0} >> 1;
  if (options.journal) totals.journal_octets = journal::Journal::capacity(options.journal->options);
  return totals;
}

}  // namespace

Shard::Shard(const ShardOptions& options, const Directory& directory, Backend& backend,
             io::Network& network, const ShardWorld& world, Now now)
    : options_(options),
      limits_(options.limits),
      directory_(directory),
      backend_(backend),
      network_(network),
      world_(world),
      now_(now),
      steady_(now),
      guesses_(options.guesses, options.seed),
      malformed_binds_told_(options.seed),
      strangers_told_(options.seed, strangers_told_at_once),
      links_(options.budget, now.mono),
      messages_(options.index, options.budget.messages, options.first_name, options_.ids),
      uses_(directory, totals_of(options), options.account_share),
      strangers_(options.strangers, counters_.strangers),
      outboxes_(directory, now.mono),
      suspensions_(directory, (directory.size() + options.count - 1) / options.count),
      ids_(options.node, options.index, options.first_sequence, options_.ids),
      quotes_(directory.quirks(), options.budget.messages),
      operations_(directory.size(), options.first_name),
      owners_(options.budget.messages),
      replacing_(directory.size()),
      safe_(options, {directory, messages_, uses_, quotes_, ids_, resubmits_, counters_, steady_},
            world.disk, world.log, now_),
      reassembler_(options.long_messages, options.seed,
                   directory.size() <= 1 ? 1 : options.account_share),
      prng_(options.seed),
      retry_timers_(now.mono, milliseconds(10)) {
  ASSERT(options.index < options.count);
  ASSERT(options.budget.places <= options.budget.connections);
  limits_.ids = &options_.ids;
  if (!options.journal) return;
  // The slots that the records of restored messages name; nobody else may have them meanwhile.
  messages_.reserve(options.journal->start.messages);
}

Shard::~Shard() {
  links_.clear();
  while (Parcel* const parcel = parcels_.pop_front()) delete parcel;
}

// ---- links

LinkId Shard::on_outbind(std::string peer, std::string_view system_id, std::string_view password) {
  const LinkId link = on_link(std::move(peer));
  if (Connection* const connection = links_.find(link))
    connection->session.outbind(system_id, password, now_);
  return link;
}

LinkId Shard::on_link(std::string peer, bool make_room) {
  Connection* const connection = shutting_down_ || RARELY("there is no place for a connection")
                                     ? nullptr
                                     : links_.make(limits_, std::move(peer), now_);
  if (connection == nullptr) {
    counters_.connections_refused.add();
    return {};
  }
  const bool full = make_room || connections_open_ >= options_.budget.places ||
                    RARELY("the places for connections are taken");
  Connection* const in_the_way = find_in_the_way(connection->stranger.address, full);
  if (full && in_the_way == nullptr) {
    links_.release(*connection);
    counters_.connections_refused.add();
    return {};
  }
  if (in_the_way != nullptr) give_way(*in_the_way);
  strangers_.add(connection->stranger, now_.mono);
  ++connections_open_;
  ASSERT(connections_open_ <= links_.in_use());
  links_.name(*connection);
  counters_.connections.add();
  counters_.connections_open.add();
  links_.touch(*connection);
  return connection->id;
}

/// The stranger that has to give way to one more from that address; null: nobody. Who has said
/// something that lies unread is not silent: where many come at once, their binds do, and then
/// there may be more strangers than usual for a turn or two.
Connection* Shard::find_in_the_way(const std::string& address, bool full) {
  for (unsigned i = 0; i < strangers_looked_at; ++i) {
    Connection* one = strangers_.in_the_way(address);
    if (one == nullptr && full) one = strangers_.most_silent();
    if (one == nullptr) return nullptr;
    ASSERT(!one->over);
    // On a long line a bind takes its time.
    if (!full && one->stranger.heard_at + stranger_age_min > now_.mono) return nullptr;
    if (!network_.has_unread(one->id)) return one;
    strangers_.heard(one->stranger, now_.mono);
  }
  return nullptr;
}

/// Its place is needed for somebody else, and it has not bound.
void Shard::give_way(Connection& connection) {
  ASSERT(!connection.over && !connection.counted);
  counters_.gave_way.add();
  strangers_.remove(connection.stranger);
  connection.session.close(CloseCause::gave_way);
  connection.broken = connection.gives_way = true;
  end_session(connection);
  links_.touch(connection);
}

void Shard::on_released(LinkId link) {
  Connection* const connection = links_.find(link);
  if (connection == nullptr) return;
  if (!connection->over) {
    connection->session.close(CloseCause::peer);
    end_session(*connection);
  }
  until_safe_.forget(*connection);
  // A close that nobody asked for has given nothing back yet.
  press(*connection);
  ASSERT(!connection->pressed.linked() && connection->queued_counted == 0);
  ASSERT(!connection->stranger.by_silence.linked());
  ASSERT(!connection->counted && !connection->receives);
  ASSERT(connection->awaiting_send.empty());
  order_.leave(*connection);
  links_.release(*connection);
  counters_.connections_open.subtract();
}

void Shard::on_sent(LinkId link, std::size_t count) {
  Connection* const connection = links_.find(link);
  if (connection == nullptr) return;
  ByteQueue& output = connection->session.output();
  ASSERT(count <= output.size());
  while (count != 0) {
    const std::size_t piece = std::min(count, output.front().size());
    output.pop(piece);
    count -= piece;
  }
  connection->sending = connection->stalled_once = false;
  connection->stall_deadline = never;
  if (!connection->awaiting_send.empty()) release_awaiting(*connection, false);
  links_.touch(*connection);
}

void Shard::on_hangup(LinkId link, bool broken) {
  Connection* const connection = links_.find(link);
  if (connection == nullptr) return;
  // What it sent before it ended is still worked on, where some of it waits; its answers may be
  // read.
  connection->finished = !broken && !connection->held.empty();
  if (connection->finished)
    leave_account(*connection);
  else
    connection->session.close(CloseCause::peer);
  if (broken) {
    connection->broken = true;
    connection->sending = false;
  }
  links_.touch(*connection);
}

// ---- octets in

void Shard::on_bytes(LinkId link, Octets octets) {
  Connection* const connection = links_.find(link);
  if (connection == nullptr || connection->over) return;
  strangers_.heard(connection->stranger, now_.mono);
  if (!connection->held.empty() || blocked(*connection)) {
    hold_back(*connection, octets);
  } else {
    order_.grant(*connection);
    feed(*connection, octets);
    order_.settle(*connection);
    wait_for_turn(*connection);
  }
  links_.touch(*connection);
}

/// Gets in line if something of what it has sent could be worked on.
void Shard::wait_for_turn(Connection& connection) {
  const HeldInput& held = connection.held;
  if (held.empty()) return;
  if (!blocked(connection))
    order_.wait(connection, held.size() + connection.session.carried());
  else if (may_sift(connection))
    order_.wait(connection, held.unsifted());
}

/// Octets that must wait in whole; their arrival still shows that the peer lives.
void Shard::hold_back(Connection& connection, Octets octets) {
  connection.session.on_heard(now_);
  hold(connection, octets);
}

void Shard::feed(Connection& connection, Octets octets) {
  const Octets rest = consume(connection, octets);
  if (!rest.empty()) hold(connection, rest);
}

/// Returns what was not looked at because the connection is blocked.
Octets Shard::consume(Connection& connection, Octets octets) {
  Session& session = connection.session;
  session.on_bytes(octets, now_);
  // The backend may answer at once, which opens the window again: then there is more to read.
  for (bool more = true; more;) {
    more = pump(connection);
    flush_batch();
    more = more && !blocked(connection);
  }
  // What a batch of submits borrows goes now.
  ASSERT(batch_size_ == 0);
  // Before settle(), which takes whatever an unblocked session has left for the head of one PDU:
  // pacing and a full tx queue block the connection without blocking its session.
  const Octets rest = blocked(connection) ? session.take_rest() : Octets{};
  session.settle();
  count_pdus(connection);
  if (session.malformed_binds() != connection.malformed_binds_counted) [[unlikely]]
    note_malformed_binds(connection);
  return rest;
}

void Shard::count_pdus(Connection& connection) {
  const std::uint64_t pdus_in = connection.session.pdus_in();
  ASSERT(pdus_in >= connection.pdus_counted);
  counters_.pdus_in.add(pdus_in - connection.pdus_counted);
  connection.pdus_counted = pdus_in;
}

/// Works through events; true when it stopped because the connection is blocked.
bool Shard::pump(Connection& connection) {
  while (!blocked(connection)) {
    if (!connection.session.next_event(event_, next_submit())) return connection.session.blocked();
    // Before the switch: a jump by table costs as much as the rest of this loop.
    if (event_.kind == EventKind::submit) [[likely]] {
      on_submit(connection, event_);
      continue;
    }
    switch (event_.kind) {
      case EventKind::submit_multi:
        on_submit_multi(connection, event_);
        break;
      case EventKind::operation:
        flush_batch();
        on_operation(connection, event_);
        break;
      case EventKind::response:
        on_response(connection, event_);
        break;
      case EventKind::bind:
        on_bind(connection, event_);
        break;
      case EventKind::unbind:
        flush_batch();
        leave_account(connection);
        connection.session.finish_unbind(now_);
        break;
      case EventKind::none:
      case EventKind::submit:
      case EventKind::deliver:
      case EventKind::alert:
      case EventKind::outbind:
      case EventKind::bound:
        UNREACHABLE();
    }
  }
  return true;
}

void Shard::hold(Connection& connection, Octets octets) { connection.held.append(octets); }

/// What could not be looked at when it came, in turn, until this turn has done its work.
void Shard::read_waiting() {
  while (Connection* const connection = order_.next()) {
    ASSERT(!connection->over);
    read_held(*connection);
    order_.settle(*connection);
    links_.touch(*connection);
  }
}

/// Memory for octets in and out has owners: an account has its share, and where little is left for
/// all, who has most is not read until it has less. Nobody is disconnected for it.
bool Shard::is_pressed(const Connection& connection) {
  if (PLANTED("no shares")) return false;
  if (connection.queued() <= pressed_queue_max) return false;
  if (RARELY("memory for octets is short")) return true;
  if (is_short(links_.tx_pool()) && connection.session.output().held() > pressed_queue_max)
    return true;
  if (is_short(links_.held_pool()) && connection.held.held() > pressed_queue_max) return true;
  if (connection.account == nullptr) return false;
  const std::uint32_t account = connection.account->index;
  return uses_.of(account).queued_octets > uses_.bounds_of(account).queued_octets;
}

void Shard::press(Connection& connection) {
  if (connection.account != nullptr) {
    std::uint64_t& octets = uses_.of(connection.account->index).queued_octets;
    const std::uint64_t queued = connection.over ? 0 : connection.queued();
    ASSERT(octets >= connection.queued_counted);
    octets += queued - connection.queued_counted;
    connection.queued_counted = queued;
  }
  const bool pressed = !connection.over && is_pressed(connection);
  if (pressed == connection.pressed.linked()) return;
  if (pressed)
    pressed_.push_back(connection);
  else
    pressed_.remove(connection);
}

/// Those that are pressed look again whether there is room, some at a time.
void Shard::relieve() {
  if (now_.mono < relieve_at_) return;
  relieve_at_ = now_.mono + relief_pause;
  for (std::size_t i = std::min<std::size_t>(relieved_at_once, pressed_.size()); i-- > 0;) {
    Connection& connection = *pressed_.pop_front();
    pressed_.push_back(connection);
    links_.touch(connection);
  }
}

void Shard::read_held(Connection& connection) {
  while (!connection.held.empty() && !blocked(connection) &&
         connection.session.close_cause() == CloseCause::none) {
    const Octets front = connection.held.front();
    const Octets rest = consume(connection, front);
    connection.held.pop(front.size() - rest.size());
  }
  if (blocked(connection)) sift(connection);
}

/// Takes the responses out of what is held, as far as this turn's work goes: they wait for no pace
/// and for no window.
void Shard::sift(Connection& connection) {
  Session& session = connection.session;
  Octets response;
  for (unsigned requests = 1; may_sift(connection) && session.allowance() > 0; ++requests) {
    if (RARELY("responses are sifted out in a later turn")) break;
    const HeldInput::Found found =
        connection.held.look(session.begun(), limits_.pdu_size_max, joined_response_, response);
    if (found == HeldInput::Found::nothing) break;
    if (found == HeldInput::Found::request) {
      session.on_held_request();
      if (requests % requests_per_work == 0) session.charge(1);
      continue;
    }
    if (session.on_held_response(response, now_, event_)) on_response(connection, event_);
    connection.held.drop_response(response.size());
  }
  count_pdus(connection);
}

// ---- the end of a turn

void Shard::end_turn() {
  links_.advance(now_.mono, [this](Connection& connection) { on_connection_timer(connection); });
  if (backend_.deadline(options_.index) <= now_.mono) backend_.on_deadline(now_, *this);
  retry_timers_.advance(now_.mono, [this](TimerNode& node) {
    auto& record = *reinterpret_cast<MessageRecord*>(reinterpret_cast<char*>(&node) -
                                                     offsetof(MessageRecord, timer));
    home_receipt(record);
  });
  if (safe_.keeps() && !until_safe_.has_seen(safe_.durable())) on_safe();
  if (reassembler_.deadline() <= now_.mono) expire_parts();
  if (operations_.deadline() <= now_.mono) expire_operations();
  run_outboxes();
  tell_congestion();
  if (refusals_.deadline() <= now_.mono) tell_refusals();
  if (!pressed_.empty()) relieve();
  // Looking at a connection can make another one dirty (a receipt for its neighbour) or find that
  // more of its input can be read, but never without progress: every pass consumes input or output,
  // and the turn's work is bounded.
  // Reading goes first: what a turn answers to one connection leaves in one send.
  do {
    read_waiting();
    while (Connection* const connection = links_.pop_touched()) finish(*connection);
  } while (!order_.turn_is_over() && !order_.empty() && !RARELY("a turn ends early"));
  ASSERT(!links_.has_touched());
  ASSERT(batch_size_ == 0);
  counters_.turn_work_max.set(static_cast<std::uint64_t>(order_.work_max()));
  counters_.turn_wait_max.set(order_.wait_max());
  const std::uint64_t on_heap = links_.tx_pool().on_heap();
  if (on_heap > counters_.tx_on_heap_max.get()) counters_.tx_on_heap_max.set(on_heap);
  if (safe_.keeps()) safe_.commit(replacing_.octets());
  links_.give_commands(network_);
}

void Shard::finish(Connection& connection) {
  ASSERT(links_.is_named(connection));
  Session& session = connection.session;
  if (!connection.over) {
    if (connection.finished && connection.held.empty()) session.close(CloseCause::peer);
    if (session.close_cause() != CloseCause::none) end_session(connection);
  }
  press(connection);
  if (!connection.over) wait_for_turn(connection);
  if (draining_ && !connection.over) drain(connection);
  if (!connection.sending && !connection.broken && !session.output().empty()) {
    const Octets octets = sendable(connection);
    if (!octets.empty()) {
      links_.command(io::LinkCommand::Kind::send, connection, octets);
      session.output().lend();
      connection.sending = true;
      connection.stall_deadline = now_.mono + write_stall;
    }
  }
  if (connection.over) {
    const bool all_sent = !connection.sending && session.output().empty();
    if (!connection.close_asked && (connection.broken || all_sent)) {
      links_.command(
          connection.gives_way ? io::LinkCommand::Kind::abort : io::LinkCommand::Kind::close,
          connection);
      connection.close_asked = true;
    }
  } else {
    const bool is_heavy = order_.waits_heavily(connection) && !blocked(connection);
    const std::uint64_t enough = connection.account == nullptr ? 0
                                 : is_heavy                    ? heavy_backlog_max
                                                               : held_backlog_max;
    // Reading goes on when the send has ended.
    const bool rests = connection.sending && RARELY("reading waits for a send");
    const bool pause = rests || connection.held.size() > enough || connection.pressed.linked() ||
                       (connection.reading_paused && connection.held.size() > enough / resumed_at);
    if (pause != connection.reading_paused) {
      links_.command(pause ? io::LinkCommand::Kind::pause : io::LinkCommand::Kind::resume,
                     connection);
      connection.reading_paused = pause;
    }
  }
  arm(connection);
}

/// Everything that waits on this connection goes elsewhere; its slot lives on until on_released.
void Shard::end_session(Connection& connection) {
  if (connection.over) return;
  connection.over = true;
  ASSERT(connections_open_ != 0);
  --connections_open_;
  order_.leave(connection);
  strangers_.remove(connection.stranger);
  const CloseCause cause = connection.session.close_cause();
  tell_closed(connection);
  leave_account(connection);
  connection.session.on_closed(cause);
  while (connection.session.next_event(event_, next_submit())) {
    ASSERT(event_.kind == EventKind::response);
    on_response(connection, event_);
  }
  connection.session.settle();
  ASSERT(connection.session.window().open_count() == 0);
  release_awaiting(connection, true);
  ASSERT(connection.awaiting_send.empty());
  connection.held.clear();
}

// Activity only ever moves a session's deadline away, so the timer is left where it is and set anew
// when it fires; it is moved only when something is due earlier. That keeps the wheel out of the
// path of messages.
void Shard::arm(Connection& connection) {
  Nanos at = std::min(connection.session.deadline(), connection.stall_deadline);
  if (connection.pace_until > now_.mono) at = std::min(at, connection.pace_until);
  if (now_.mono < connection.grace_until) at = std::max(at, now_.mono + unread_look);
  if (RARELY("a connection's timer is early")) at = now_.mono + 1;
  if (at < connection.timer.at) links_.arm(connection, at);
}

void Shard::on_connection_timer(Connection& connection) {
  ASSERT(!connection.timer.armed());
  connection.timer.at = never;
  if (connection.stall_deadline <= now_.mono) {
    // The send may have ended while this process stood still.
    if (!connection.stalled_once) {
      connection.stalled_once = true;
      connection.stall_deadline = now_.mono + unread_grace;
    } else {
      connection.session.close(CloseCause::write_stall);
      connection.broken = true;
    }
  }
  if (connection.session.deadline() <= now_.mono && !waits_for_unread(connection)) {
    // What it says is not read: its silence proves nothing.
    if (connection.reading_paused) connection.session.on_heard(now_);
    connection.session.on_deadline(now_);
    // Requests that waited too long are events; a blocked connection has them as well as any.
    while (connection.session.window().deadline() <= now_.mono &&
           connection.session.next_event(event_, next_submit()))
      on_response(connection, event_);
  }
  links_.touch(connection);
}

/// What has arrived is read before a timer speaks, within a grace that cannot be stretched: one for
/// each time that is over, whatever comes meanwhile and moves no other.
bool Shard::waits_for_unread(Connection& connection) {
  const Nanos overdue = connection.session.deadline();
  const bool has_had_it = connection.grace_for == overdue;
  if (has_had_it && now_.mono >= connection.grace_until) return false;
  // Only the first time: what is rare shall not stretch it either.
  const bool rare = !has_had_it && RARELY("a timer waits for what may lie unread");
  if (connection.held.empty() && !network_.has_unread(connection.id) && !rare) return false;
  if (!has_had_it) {
    connection.grace_for = overdue;
    connection.grace_until = now_.mono + unread_grace;
  }
  links_.arm(connection, now_.mono + unread_look);
  return true;
}

Nanos Shard::deadline() const {
  if (!order_.empty()) return now_.mono;
  Nanos at = std::min(links_.deadline(), retry_timers_.next_deadline());
  at = std::min({at, outboxes_.deadline(), suspensions_.deadline(), reassembler_.deadline(),
                 operations_.deadline(), refusals_.deadline()});
  at = std::min(at, safe_.deadline());
  if (!pressed_.empty()) at = std::min(at, std::max(relieve_at_, now_.mono + 1));
  return std::min(at, backend_.deadline(options_.index));
}

/// For responses to 5.0 peers (5.0 §4.8.4.18): how full the fullest pool is.
void Shard::tell_congestion() {
  // What is on the heap is in use beyond the capacity.
  const auto percent = [](const auto& pool) {
    const std::uint64_t in_use = std::min(pool.in_use(), pool.capacity());
    return static_cast<std::uint8_t>(in_use * 99 / pool.capacity());
  };
  limits_.congestion_state = std::max(percent(messages_), percent(links_.tx_pool()));
  ASSERT(limits_.congestion_state <= 99);
}

void Shard::start_drain() {
  draining_ = true;
  links_.for_each([this](Connection& connection) { links_.touch(connection); });
}

/// Says goodbye once nothing of the session is under way: no request of the client's without its
/// response, no deliver_sm without its answer.
void Shard::drain(Connection& connection) {
  Session& session = connection.session;
  if (session.bound() && !session.unbinding() && session.open_requests() == 0 &&
      session.window().open_count() == 0 && connection.awaiting_send.empty())
    session.start_unbind(CloseCause::shutdown, now_);
}

void Shard::start_shutdown() {
  draining_ = shutting_down_ = true;
  links_.for_each([this](Connection& connection) {
    connection.session.start_unbind(CloseCause::shutdown, now_);
    links_.touch(connection);
  });
}

/// Mail about a record says whose it is. If that is not what the record says, the record has become
/// another message's while the mail was under way: an error of ours, and the mail must not touch
/// it.
bool Shard::astray(const io::Mail& mail) {
  const MessageRecord& record = record_of(mail);
  const bool ends_here = static_cast<MailKind>(mail.kind) == MailKind::ended;
  const unsigned addressee = ends_here ? record.owner_shard : home_of(record.account);
  if (record.account == mail.account && addressee == options_.index) [[likely]]
    return false;
  counters_.misrouted.add();
  if (world_.log != nullptr)
    world_.log->write(LogLevel::error, "mail about a message of another account, ignored; shard=" +
                                           std::to_string(options_.index));
  return true;
}

void Shard::on_mail(const io::Mail& mail) {
  const LinkId link{mail.link};
  switch (static_cast<MailKind>(mail.kind)) {
    case MailKind::receipt:
      if (astray(mail)) return;
      return home_receipt(record_of(mail));
    case MailKind::deliver: {
      MessageRecord& record = record_of(mail);
      const Attempt how = attempt(record, links_.find(link), true);
      // Nothing was sent: say so at once. What was sent is heard of when its response comes.
      if (how != Attempt::delivered)
        attempt_over(record, {link, static_cast<std::uint16_t>(options_.index)}, true, how);
      return;
    }
    case MailKind::attempt_over:
      if (astray(mail)) return;
      return home_attempt_over(record_of(mail), {link, mail.number},
                               (mail.code & attempt_from_home) != 0,
                               static_cast<Attempt>(mail.code & ~attempt_from_home));
    case MailKind::put_off:
      if (safe_.keeps())
        safe_.keep_retry(static_cast<std::uint32_t>(mail.link), MessageId{mail.pointer},
                         mail.number, static_cast<std::uint32_t>(now_.wall_s + mail.code));
      return;
    case MailKind::ended:
      if (astray(mail)) return;
      return owner_end(record_of(mail), static_cast<DeliverResult>(mail.code));
    case MailKind::bind_added:
      return home_bind(mail.account, {link, static_cast<std::uint16_t>(mail.pointer)}, mail.number);
    case MailKind::bind_removed:
      return home_bind(mail.account, {link, static_cast<std::uint16_t>(mail.pointer)}, 0);
    case MailKind::part:
      return home_part(take_parcel<Parcel>(mail));
    case MailKind::mo:
      return home_mo(take_parcel<Parcel>(mail));
    case MailKind::alert: {
      auto alert = take_parcel<AlertParcel>(mail);
      if (link == LinkId{}) return home_alert(std::move(alert));
      return send_alert(*alert, links_.find(link));
    }
    case MailKind::operation:
      return run_operation(take_parcel<OperationParcel>(mail));
    case MailKind::operation_answer:
      return take_answer(*take_parcel<OperationAnswerParcel>(mail));
    case MailKind::core_first:
      break;
  }
  UNREACHABLE();
}

}  // namespace ringgate

#include "shard/shard.h"

#include <algorithm>

#include "base/rarely.h"
#include "shard/restoration.h"

namespace ringgate {

Shard::Shard(const ShardOptions& options, std::shared_ptr<const Roster> roster, Backend& backend,
             io::Network& network, const ShardWorld& world, Now now)
    : house_(options, std::move(roster), backend, *this, *this, network, world, now),
      links_(options.budget, world.protocol, now.mono),
      books_(house_.options, house_.directory()),
      log_(house_),
      door_(house_, links_, log_),
      tidings_(house_),
      safe_(house_, books_),
      registry_(house_, books_, safe_),
      ids_(house_, books_, safe_),
      parts_(house_, books_.uses),
      delivery_(house_, links_, door_, books_, registry_, safe_, tidings_),
      originated_(house_, links_, door_, books_, safe_, registry_, ids_, delivery_, tidings_),
      admission_(house_, books_.uses, safe_, log_),
      intake_(house_, books_, safe_, registry_, ids_, parts_),
      resubmissions_(house_, books_, safe_, admission_),
      multi_(house_, links_, door_, books_, registry_, ids_, admission_, intake_, delivery_),
      submits_(house_, {links_, door_, log_, books_, safe_, registry_, ids_, parts_, admission_,
                        intake_, resubmissions_, multi_, delivery_, tidings_}),
      operations_(house_, links_, door_, log_, books_, safe_, ids_),
      gatekeeper_(house_, links_),
      ghosts_(house_, links_),
      binds_(house_, links_, log_, delivery_, gatekeeper_, ghosts_),
      reading_(house_, {links_, binds_, intake_, submits_, multi_, operations_, delivery_}),
      connections_(house_, books_.uses,
                   {links_, log_, safe_, gatekeeper_, binds_, reading_, delivery_}) {
  ASSERT(options.budget.places <= options.budget.connections);
}

void Shard::restore(std::uint32_t segment, const journal::BatchHeader& header, Octets batch) {
  Restoration(house_, books_, safe_, registry_, intake_, resubmissions_)
      .restore(segment, header, batch);
}

void Shard::restored() {
  ASSERT(safe_.keeps() && intake_.empty());
  // What the backend has reported meanwhile stands in the same list, and is not safe yet.
  on_safe();
}

// ---- accounts

void Shard::adopt(std::shared_ptr<const Roster> roster) {
  ASSERT(intake_.empty() && roster->directory.size() >= house_.directory().size());
  // What connections and rooms point into stays until they have let go of it.
  const std::shared_ptr<const Roster> before = std::exchange(house_.roster, std::move(roster));
  house_.limits.long_passwords = house_.directory().long_passwords();
  books_.adopt(house_.directory());
  parts_.adopt();
  delivery_.adopt();
  operations_.adopt();
  if (safe_.keeps()) safe_.put_accounts_from(before->directory.size());
  binds_.adopt(before->directory);
}

Posted Shard::decide(std::span<const BindVerdict> verdicts, std::size_t& taken) {
  for (taken = 0; taken < verdicts.size(); ++taken)
    if (const Posted posted = binds_.on_verdict(verdicts[taken]); posted != Posted::ok)
      return posted;
  return Posted::ok;
}

Posted Shard::answer_all(std::span<const Answer> answers, std::size_t& taken) {
  for (const Answer& one : answers) submits_.answer(one.ticket, one.status);
  taken = answers.size();
  return Posted::ok;
}

Posted Shard::report_all(std::span<const Report> reports, std::size_t& taken) {
  for (taken = 0; taken < reports.size(); ++taken) {
    if (taken + fetched_ahead < reports.size()) fetch(reports[taken + fetched_ahead].ticket);
    submits_.report(reports[taken].ticket, reports[taken].outcome);
  }
  return Posted::ok;
}

// ---- a turn

void Shard::begin_turn(Now now) {
  ASSERT(now.mono >= house_.now.mono);
  ASSERT(intake_.empty());
  house_.now = now;
  reading_.begin_turn();
}

LinkId Shard::on_link(std::string peer, bool make_room, std::uint32_t listener,
                      const ListenerTerms* terms) {
  Connection* const connection = connections_.open(std::move(peer), make_room, listener);
  if (connection == nullptr) return {};
  connection->terms = terms;
  return connection->id;
}

LinkId Shard::on_outbind(std::string peer, std::string_view system_id, std::string_view password) {
  Connection* const connection = connections_.open(std::move(peer), false, 0);
  if (connection == nullptr) return {};
  connection->session.outbind(system_id, password, house_.now);
  return connection->id;
}

void Shard::expect_security(LinkId link) {
  Connection* const connection = links_.find(link);
  ASSERT(connection != nullptr && connection->security == nullptr);
  connection->security = std::make_unique<Security>();
}

void Shard::on_secured(LinkId link, const io::Channel& channel) {
  Connection* const connection = links_.find(link);
  if (connection != nullptr && !connection->over) connections_.secured(*connection, channel);
}

void Shard::on_insecure(LinkId link, std::string_view why) {
  Connection* const connection = links_.find(link);
  if (connection != nullptr && !connection->over) connections_.insecure(*connection, why);
}

void Shard::on_bytes(LinkId link, Octets octets) {
  Connection* const connection = links_.find(link);
  if (connection == nullptr || connection->over) return;
  connection->octets_in += octets.size();
  reading_.on_bytes(*connection, octets);
}

void Shard::on_sent(LinkId link, std::size_t count) {
  if (Connection* const connection = links_.find(link)) connections_.sent(*connection, count);
}

void Shard::on_hangup(LinkId link, bool broken) {
  if (Connection* const connection = links_.find(link)) connections_.hangup(*connection, broken);
}

void Shard::on_released(LinkId link) {
  if (Connection* const connection = links_.find(link)) connections_.released(*connection);
}

void Shard::end_turn() {
  const Nanos now = house_.now.mono;
  connections_.run_timers();
  if (house_.backend.deadline(house_.options.index) <= now)
    house_.backend.on_deadline(house_.now, *this);
  delivery_.run_timers();
  if (safe_.keeps() && !safe_.until_safe().has_seen(safe_.durable())) on_safe();
  if (parts_.deadline() <= now) parts_.expire();
  if (operations_.deadline() <= now) operations_.expire();
  delivery_.run_outboxes();
  tell_congestion();
  look_at_memory();
  if (log_.deadline() <= now) log_.tell_refusals();
  connections_.relieve();
  // Looking at a connection can make another one dirty (a receipt for its neighbour) or find that
  // more of its input can be read, but never without progress: every pass consumes input or output,
  // and the turn's work is bounded.
  // Reading goes first: what a turn answers to one connection leaves in one send.
  const TurnOrder& order = reading_.order();
  do {
    reading_.read_waiting();
    parts_.tell();
    tidings_.tell();
    while (Connection* const connection = links_.pop_touched()) connections_.finish(*connection);
  } while (!order.turn_is_over() && !order.empty() && !RARELY("a turn ends early"));
  ASSERT(!links_.has_touched());
  ASSERT(intake_.empty());
  ShardCounters& counters = house_.counters;
  counters.turn_work_max.set(static_cast<std::uint64_t>(order.work_max()));
  counters.turn_wait_max.set(order.wait_max());
  const std::uint64_t on_heap = links_.tx_pool().on_heap();
  if (on_heap > counters.tx_on_heap_max.get()) counters.tx_on_heap_max.set(on_heap);
  if (safe_.keeps()) safe_.commit(operations_.pledged());
  links_.give_commands(house_.network);
}

Nanos Shard::deadline() const {
  if (!reading_.order().empty() || !tidings_.empty() || !parts_.has_told()) return house_.now.mono;
  return std::min({links_.deadline(), delivery_.deadline(), parts_.deadline(),
                   operations_.deadline(), log_.deadline(), safe_.deadline(), connections_.relief(),
                   house_.backend.deadline(house_.options.index)});
}

/// More batches have become safe.
void Shard::on_safe() {
  tidings_.settle(safe_.durable());
  safe_.until_safe().settle(
      safe_.durable(),
      [this](const ResubmitWatch::Answered& answered) { resubmissions_.decide(answered); },
      [this](Connection& connection) { links_.touch(connection); },
      [this](MessageRecord& record) { delivery_.send_home(record); },
      [this](unsigned shard, const io::Mail& mail) { house_.world.mesh.post(shard, mail); });
}

/// For responses to 5.0 peers (5.0 §4.8.4.18): how full the fullest pool is.
void Shard::tell_congestion() {
  // What is on the heap is in use beyond the capacity.
  const auto percent = [](const auto& pool) {
    const std::uint64_t in_use = std::min(pool.in_use(), pool.capacity());
    return static_cast<std::uint8_t>(in_use * 99 / pool.capacity());
  };
  house_.limits.congestion_state = std::max(percent(books_.messages), percent(links_.tx_pool()));
  ASSERT(house_.limits.congestion_state <= 99);
}

/// By the pool that has less left.
void Shard::look_at_memory() {
  const OctetPool& tx = links_.tx_pool();
  const OctetPool& held = links_.held_pool();
  const bool is_tx = tx.in_use() * held.capacity() >= held.in_use() * tx.capacity();
  const OctetPool& shorter = is_tx ? tx : held;
  // Strangers are one more.
  const std::uint64_t owners = std::uint64_t{house_.directory().size()} + 1;
  house_.emergency.look(shorter.in_use(), shorter.capacity(), owners);
  log_.tell_memory();
}

void Shard::start_drain() {
  house_.draining = true;
  connections_.drain_all();
}

void Shard::start_shutdown() {
  house_.draining = true;
  connections_.shut_down();
}

// ---- mail

/// Mail about a record says whose it is. If that is not what the record says, the record has become
/// another message's while the mail was under way: an error of ours, and the mail must not touch
/// it.
bool Shard::astray(const io::Mail& mail) {
  const MessageRecord& record = record_of(mail);
  const bool ends_here = static_cast<MailKind>(mail.kind) == MailKind::ended;
  const unsigned addressee = ends_here ? record.owner_shard : house_.home_of(record.account);
  if (record.account == mail.account && addressee == house_.options.index) [[likely]]
    return false;
  house_.counters.misrouted.add();
  LogLine line("mail about a message of another account, ignored;");
  house_.tell(LogLevel::error, line);
  return true;
}

void Shard::on_mail(const io::Mail& mail) {
  const LinkId link{mail.link};
  switch (static_cast<MailKind>(mail.kind)) {
    case MailKind::receipt:
      if (astray(mail)) return;
      return delivery_.take(record_of(mail));
    case MailKind::deliver:
      return delivery_.carry(record_of(mail), link);
    case MailKind::attempt_over:
      if (astray(mail)) return;
      return delivery_.home_attempt_over(record_of(mail), {link, mail.number},
                                         (mail.code & attempt_from_home) != 0,
                                         static_cast<Attempt>(mail.code & ~attempt_from_home));
    case MailKind::put_off:
      if (safe_.keeps())
        safe_.keep_retry(static_cast<std::uint32_t>(mail.link), MessageId{mail.pointer},
                         mail.number, static_cast<std::uint32_t>(house_.now.wall_s + mail.code));
      return;
    case MailKind::ended:
      if (astray(mail)) return;
      return delivery_.end(record_of(mail), static_cast<DeliverResult>(mail.code));
    case MailKind::bind_added:
      return delivery_.set_bind(mail.account, {link, static_cast<std::uint16_t>(mail.pointer)},
                                mail.number);
    case MailKind::bind_removed:
      return delivery_.set_bind(mail.account, {link, static_cast<std::uint16_t>(mail.pointer)}, 0);
    case MailKind::part:
      return parts_.take(take_parcel<Parcel>(mail));
    case MailKind::mo:
      return originated_.arrive(take_parcel<Parcel>(mail));
    case MailKind::mo_for_session:
      return originated_.take(take_parcel<Parcel>(mail));
    case MailKind::alert: {
      auto alert = take_parcel<AlertParcel>(mail);
      if (link == LinkId{}) return originated_.arrive(std::move(alert));
      return originated_.send(*alert, link);
    }
    case MailKind::operation:
      return operations_.run(take_parcel<OperationParcel>(mail));
    case MailKind::operation_answer:
      return operations_.take(*take_parcel<OperationAnswerParcel>(mail));
    case MailKind::hunt:
      return ghosts_.hunt(*take_parcel<HuntParcel>(mail), link);
    case MailKind::hunted:
      return ghosts_.heard(link, mail.code != 0);
    case MailKind::core_first:
      break;
  }
  UNREACHABLE();
}

}  // namespace ringgate

#include "parts.h"
#include "rare.h"

#include <algorithm>

#include "smpp/operations.h"
#include "smpp/tlv.h"

namespace ringgate::sim {

namespace {

constexpr Nanos safety_time = seconds(60);
// The longest retry delay, a response time, and then some.
constexpr Nanos liveness_time = seconds(300);
// For what the ledger does not follow attempt by attempt.
constexpr std::uint64_t no_attempt = ~std::uint64_t{0};
constexpr std::uint64_t turns_at_once_max = 20'000;

}  // namespace

World::World(std::uint64_t seed, Canary canary)
    : prng_(seed),
      canary_(canary),
      hoard_prng_(seed ^ 0x9E37'79B9'7F4A'7C15),
      swap_prng_(seed ^ 0xC2B2'AE3D'27D4'EB4F),
      ending_prng_(seed ^ 0x1656'67B1'9E37'79F9),
      seal_prng_(seed ^ 0x27D4'EB2F'1656'67C5) {
  // Clients wait for their answers, however long pacing delays them.
  client_limits_.response = seconds(600);
  if (canary != Canary::none) canary_countdown_ = 1 + prng_.below(40);
  const auto account_count = static_cast<std::uint32_t>(1 + prng_.below(4));
  std::vector<Ledger::Account> limits;
  for (std::uint32_t i = 0; i < account_count; ++i) {
    AccountOptions& account = accounts_.emplace_back();
    account.system_id = "a" + std::to_string(i);
    if (repeats_long_texts(i))
      account.quirks.receipt_template = "id:{id} stat:{stat} err:{err:3} text:{text:60}";
    if (prng_.chance(0.3))
      account.password_hash = "hash of secret";
    else
      account.password = "secret";
    account.receipts = static_cast<ReceiptRouting>(prng_.below(3));
    account.submit_window = static_cast<unsigned>(prng_.chance(0.5) ? 1 + prng_.below(10) : 1'000);
    account.deliver_window = static_cast<unsigned>(prng_.chance(0.5) ? 1 + prng_.below(5) : 64);
    if (prng_.chance(0.2)) account.max_outbox = static_cast<unsigned>(5 + prng_.below(50));
    if (prng_.chance(0.4)) account.resubmit_window_s = 3'600;
    // Over a restart the clock is all that says whether a key is still good.
    if (account.resubmit_window_s != 0) clock_may_go_ahead_ = false;
    Ledger::Account& limit = limits.emplace_back();
    if (prng_.chance(0.4)) {
      account.rate = static_cast<double>(20 + prng_.below(200));
      account.burst = static_cast<unsigned>(1 + prng_.below(20));
      account.over_rate = prng_.chance(0.5) ? OverRate::pace : OverRate::reject;
      limit.rate = account.rate;
      // A paced connection may take one ahead of its time, whatever the others have taken.
      limit.burst = account.burst + (account.over_rate == OverRate::pace ? 8 : 0);
      limit.tokens = limit.burst;
      limit.refilled = now_;
    }
  }
  ledger_ = std::make_unique<Ledger>(limits);
  unsure_.resize(account_count);
  number_options_.resize(account_count);
  for (std::uint32_t i = 0; i < account_count; ++i) {
    number_options_[i].prefix = "55" + std::to_string(i);
    number_options_[i].account = accounts_[i].system_id;
  }
  at(now_ + delay(seconds(5)), [this] { subscriber_sends(); });
  simulated_backend_ = prng_.chance(0.4);
  if (simulated_backend_) {
    sim_options_.delay_ms = static_cast<unsigned>(prng_.chance(0.3) ? 0 : prng_.below(5'000));
    sim_options_.delay_distribution = static_cast<SimDelay>(prng_.below(3));
    sim_options_.outcomes = {.delivered = 5, .expired = 1, .undeliverable = 1, .accepted = 1};
    sim_options_.submit_error_rate = prng_.chance(0.3) ? 0.05 : 0;
  }
  drain_time_ = delay(seconds(10));
  messages_max_ = prng_.chance(0.2) ? 50 : 5'000;
  durable_ = prng_.chance(0.7);
  if (durable_) {
    disk_ = std::make_unique<SimDisk>(prng_, sim_segment_size);
    disk_delay_ = delay(prng_.chance(0.3) ? milliseconds(100) : milliseconds(3));
    if (prng_.chance(0.2)) disk_fault_rate_ = 0.0005;
    disk_full_rate_ = prng_.chance(0.3) ? 0.95 : 0.1;
    files_max_ = static_cast<std::uint32_t>(prng_.chance(0.3) ? 4 : 5 + prng_.below(20));
    ledger_->expect_outcomes();
    if (prng_.chance(0.8)) plan_crash();
    if (prng_.chance(0.3)) plan_end();
  }
  if (prng_.chance(0.4))
    for (std::uint64_t i = 1 + prng_.below(4); i > 0; --i)
      at(now_ + delay(seconds(10)), [this] { flood_begins(); });
  drew_rare_ = prng_.chance(0.5);
  if (drew_rare_) draw_rare_from(&prng_);
  clock_is_set_ = prng_.chance(0.5);
  if (clock_is_set_) plan_clock_set();
  if (durable_ && hoard_prng_.chance(0.25)) hoard_begins();
  // Who hoards speaks as he is.
  seals_ = !hoards_ && seal_prng_.chance(0.3);
  swaps_ = swap_prng_.chance(0.4);
  boot();
  if (swaps_) plan_swap();
  endings_ = ending_prng_.chance(0.3);
  if (endings_) plan_ending();

  for (std::uint32_t account = 0; account < account_count; ++account) {
    const auto count = static_cast<std::uint32_t>(1 + prng_.below(4));
    for (std::uint32_t i = 0; i < count; ++i) {
      Esme& esme = *esmes_.emplace_back(std::make_unique<Esme>());
      esme.account = account;
      esme.number = static_cast<std::uint32_t>(esmes_.size());
      static constexpr Command commands[] = {Command::bind_transceiver, Command::bind_receiver,
                                             Command::bind_transmitter};
      // Somebody must take the account's receipts.
      esme.command = commands[prng_.below(i == 0 ? 2 : 3)];
      esme.version = prng_.chance(0.2) ? 0x50 : 0x34;
      esme.window = static_cast<std::uint32_t>(prng_.chance(0.3) ? 1 : 1 + prng_.below(100));
      esme.submit_gap = milliseconds(static_cast<std::int64_t>(2 + prng_.below(400)));
      if (prng_.chance(0.5)) esme.temper = static_cast<Esme::Temper>(prng_.below(5));
      esme.drops = prng_.chance(0.4);
      at(now_ + delay(seconds(5)), [this, &esme] { connect(esme); });
      at(now_ + delay(seconds(5)), [this, &esme] { client_submits(esme); });
      at(now_ + delay(seconds(5)), [this, &esme] { client_misbehaves(esme); });
    }
  }
}

World::~World() {
  ++incarnation_;
  draw_rare_from(nullptr);
}

// ---- time

void World::plan_clock_set() {
  at(now_ + delay(seconds(40)), [this] {
    if (!faulty_) return;
    set_clock();
    plan_clock_set();
  });
}

void World::set_clock() {
  constexpr std::int64_t hour_s = 3'600, day_s = 24 * hour_s;
  auto jump_s = static_cast<std::int64_t>(1 + prng_.below(prng_.chance(0.5) ? hour_s : 5 * day_s));
  if (!clock_may_go_ahead_ || prng_.chance(0.5)) jump_s = -jump_s;
  wall_start_s_ += jump_s;
  trace_.note(now_, "the clock is set to", static_cast<std::uint64_t>(clock().wall_s));
}

void World::at(Nanos when, std::function<void()> run) {
  events_.push({std::max(when, now_), order_++, std::move(run)});
}

Nanos World::delay(Nanos most) {
  return static_cast<Nanos>(prng_.below(static_cast<std::uint64_t>(most) + 1));
}

void World::run_until(Nanos until, const std::function<bool()>& done) {
  while (!events_.empty() && events_.top().at <= until && ledger_->faults().empty()) {
    if (done && done()) return;
    Event event = events_.top();
    events_.pop();
    now_ = event.at;
    event.run();
  }
  if (!done || events_.empty()) now_ = std::max(now_, until);
}

Result World::run() {
  const Nanos begun = now_;
  run_until(now_ + safety_time, {});

  // Liveness: nothing fails any more, nobody asks for more, and everything owed must come.
  faulty_ = false;
  submitting_ = false;
  draw_rare_from(nullptr);
  if (hoards_) look_at_idleness();
  if (swaps_) swap_accounts(true);
  trace_.note(now_, "liveness");
  const auto settled = [this] {
    if (!booted_) return false;
    std::uint64_t open = 0;
    for (const auto& node : nodes_) open += node->shard().counters().messages_open.get();
    // What a client has asked may become a message yet, when the server comes to read it.
    for (const auto& esme : esmes_)
      if (esme->session != nullptr) open += esme->session->window().open_count();
    return open == 0;
  };
  const Nanos until = now_ + liveness_time;
  while (now_ < until && ledger_->faults().empty() && !settled()) run_until(now_ + seconds(1), {});
  if (ledger_->faults().empty() && !settled()) ledger_->fault("messages are open for ever");

  // The end: everybody leaves, and nothing may be left.
  trace_.note(now_, "end");
  if (ledger_->faults().empty()) {
    run_until(now_ + seconds(5), {});
    ending_ = true;
    for (auto& esme : esmes_) {
      if (esme->session == nullptr) continue;
      esme->unbinding = true;
      esme->session->start_unbind(CloseCause::shutdown, clock());
      client_writes(*esme);
    }
    run_until(now_ + seconds(20), {});
    if (ledger_->faults().empty()) ledger_->check_end();
    for (const auto& node : nodes_) {
      if (ledger_->faults().empty() && !node->shard().empty())
        ledger_->fault("shard " + std::to_string(node->index) + " still holds something");
    }
    for (std::uint32_t i = 0; i < roster_->directory.size(); ++i) {
      if (ledger_->faults().empty() && roster_->directory.at(i).state->binds.all() != 0)
        ledger_->fault("binds are counted that are gone");
    }
  }
  return {ledger_->faults(),
          trace_.hash(),
          trace_.count(),
          ledger_->accepted(),
          ledger_->receipts(),
          ledger_->duplicates(),
          ledger_->operations(),
          ledger_->resubmits(),
          static_cast<double>(now_ - begun) / 1e9,
          crashes_,
          ends_,
          restored_};
}

// ---- shards

void World::input(unsigned shard, Nanos when, std::function<void(Core&)> what) {
  at(when, [this, shard, what = std::move(what), incarnation = incarnation_]() mutable {
    if (incarnation != incarnation_) return;
    nodes_[shard]->inputs.push_back(std::move(what));
    wake(shard, now_);
  });
}

void World::wake(unsigned shard, Nanos when) {
  Node& node = *nodes_[shard];
  if (when >= node.wake_at) return;
  node.wake_at = when;
  at(when, [this, shard, when, incarnation = incarnation_] {
    if (incarnation == incarnation_ && nodes_[shard]->wake_at == when) turn(shard);
  });
}

void World::turn(unsigned shard) {
  Node& node = *nodes_[shard];
  node.wake_at = never;
  node.turns_at_once = node.last_turn == now_ ? node.turns_at_once + 1 : 0;
  node.last_turn = now_;
  if (node.turns_at_once > turns_at_once_max) return ledger_->fault("a shard never comes to rest");
  Core& core = *node.core;
  std::vector<std::function<void(Core&)>> inputs;
  inputs.swap(node.inputs);
  core.begin_turn(clock());
  if (swaps_ && swap_prng_.chance(0.5)) follow(core);
  for (const auto& input : inputs) input(core);
  core.end_turn();
  trace_.note(now_, "turn: shard, inputs, open", shard, inputs.size(),
              core.shard().counters().messages_open.get());
  look_at_bounds(core.shard().counters());
  if (durable_) look_at_store(shard);
  if (core.shard().journal_failure() != 0) look_for_failure();
  if (core.is_over(node.disk_operations != 0)) return look_for_end();
  const Nanos deadline = node.inputs.empty() ? core.deadline(node.disk_operations != 0) : now_;
  if (deadline != never) wake(shard, std::max(deadline, now_));
}

// ---- clients

void World::connect(Esme& esme) {
  if (esme.session != nullptr || ending_) return;
  if (!booted_) {
    at(now_ + milliseconds(50) + delay(milliseconds(500)), [this, &esme] { connect(esme); });
    return;
  }
  auto link = new_link("192.0.2." + std::to_string(esme.number) + ":");
  esme.connection = link->number;
  link->esme = &esme;
  esme.link = link;
  esme.session = std::make_unique<SmppSession>(Role::esme, client_limits_,
                                               SessionPools{tx_pool_, carry_pool_}, clock());
  if (seals_) esme.seal = std::make_unique<Seal>(Seal::Side::esme, seal_prng_.next());
  esme.wire.clear();
  esme.written = 0;
  esme.said = 0;
  esme.unbinding = false;
  esme.paused = false;
  trace_.note(now_, "connects: esme, connection", esme.number, esme.connection);
  smpp::Bind body;
  body.system_id = accounts_[esme.account].system_id;
  body.password = faulty_ && prng_.chance(0.05) ? "wrong" : "secret";
  body.interface_version = esme.version;
  esme.session->bind(esme.command, body, esme.window, clock());
  arrive(link);
}

void World::client_lost(Esme& esme) {
  if (esme.session == nullptr) return;
  trace_.note(now_, "lost: esme, connection", esme.number, esme.connection);
  const auto link = esme.link;
  esme.session->on_closed(CloseCause::peer);
  SmppEvent event;
  ringgate::Content content;
  while (esme.session->next_event(event, content))
    if (event.kind == EventKind::response && !event.answered) client_unanswered(esme, event.token);
  esme.session->settle();
  esme.session.reset();
  esme.link.reset();
  link->esme = nullptr;
  // Not everybody says that he is done.
  if (esme.seal != nullptr && seal_prng_.chance(0.5)) {
    esme.seal->finish();
    link->up += as_text(esme.seal->outgoing());
  }
  esme.seal.reset();
  if (!link->over) client_closes(link, link->server_closed);
  if (!ending_)
    at(now_ + (faulty_ ? delay(seconds(3)) : milliseconds(100)), [this, &esme] { connect(esme); });
}

void World::client_reads(Esme& esme, const std::string& octets) {
  if (esme.seal == nullptr) return client_takes(esme, octets);
  Seal& seal = *esme.seal;
  if (!seal.hears()) return ledger_->fault("something comes behind the end of what is sealed");
  seal.put(as_octets(octets));
  if (seal.stage() == io::Channel::Stage::shaking) seal.shake();
  if (seal.stage() == io::Channel::Stage::shaking) return;
  std::string text;
  std::uint8_t piece[1'024];
  while (const std::size_t count = seal.read(piece))
    text.append(reinterpret_cast<const char*>(piece), count);
  if (seal.stage() == io::Channel::Stage::over)
    return ledger_->fault("what the server has sealed cannot be opened");
  if (!text.empty()) return client_takes(esme, text);
  client_writes(esme);
}

void World::client_takes(Esme& esme, const std::string& octets) {
  look_at_octets(esme, octets);
  esme.session->on_bytes(as_octets(octets), clock());
  client_events(esme);
  if (esme.session == nullptr) return;
  esme.session->settle();
  client_writes(esme);
}

/// What the Session would hide: a receipt on a transmitter bind.
void World::look_at_octets(Esme& esme, const std::string& octets) {
  esme.wire += octets;
  while (esme.wire.size() >= 16) {
    const auto* at = reinterpret_cast<const std::uint8_t*>(esme.wire.data());
    const std::uint32_t size = load_be32(at);
    if (size < 16 || size > 1'000) return ledger_->fault("the stream to a client is broken");
    if (esme.wire.size() < size) return;
    if (load_be32(at + 4) == 5 && !esme.receives())
      ledger_->fault("a deliver_sm on a transmitter bind");
    trace_.note(now_, "reads: esme, command_id, sequence_number", esme.number, load_be32(at + 4),
                load_be32(at + 12));
    esme.wire.erase(0, size);
  }
}

void World::client_events(Esme& esme) {
  SmppEvent event;
  ringgate::Content content;
  while (esme.session->next_event(event, content)) {
    switch (event.kind) {
      case EventKind::response:
        if (!event.answered)
          client_unanswered(esme, event.token);
        else if (event.command == Command::submit_sm_resp || event.command == Command::data_sm_resp)
          client_answered(esme, event);
        else
          client_told(event);
        break;
      case EventKind::deliver:
        client_delivery(esme, event);
        break;
      case EventKind::unbind:
        esme.session->finish_unbind(clock());
        break;
      default:
        break;
    }
  }
}

void World::client_delivery(Esme& esme, const SmppEvent& event) {
  const std::string text(as_text(event.content->text));
  const std::size_t mark = text.find(" text:");
  const std::string id = text.size() > 3 ? text.substr(3, 16) : std::string();
  const std::uint64_t submit =
      mark == std::string::npos ? 0 : Witness::number_in(std::string_view(text).substr(mark + 6));
  // A record is read once it is whole: what it says was sent long before.
  const bool excused = esme.temper == Esme::Temper::slow_reader || esme.seal != nullptr;
  if (event.content->esm_class == 0) {
    const std::uint64_t mo = Witness::number_in(text);
    return client_answers(
        esme, event,
        ledger_->on_mo(mo, esme.account, esme.connection, !esme.receives(), excused, now_));
  }
  if (event.content->esm_class == 0x20) {
    ledger_->on_notice(submit, esme.account, esme.connection, !esme.receives());
    return client_answers(esme, event, no_attempt);
  }
  const std::size_t stat = text.find(" stat:");
  const std::string state = stat == std::string::npos ? "" : text.substr(stat + 6, 7);
  const unsigned version =
      mark == std::string::npos ? 0 : Witness::version_in(std::string_view(text).substr(mark));
  std::uint64_t attempt = ledger_->on_receipt(submit, version, id, state, esme.account,
                                              esme.connection, !esme.receives(), excused, now_);
  if (canary_ == Canary::doubled_receipt && canary_countdown_ != 0 && --canary_countdown_ == 0) {
    // As if the server had sent it again although the client had taken it long ago.
    ledger_->on_final_answer_arrived(attempt, now_ - seconds(20));
    attempt = ledger_->on_receipt(submit, version, id, state, esme.account, esme.connection, false,
                                  false, now_);
  }
  client_answers(esme, event, attempt);
}

void World::client_answers(Esme& esme, const SmppEvent& event, std::uint64_t attempt) {
  Status status = Status::ESME_ROK;
  Nanos wait = faulty_ ? delay(milliseconds(50)) : 0;
  if (faulty_) {
    if (esme.temper == Esme::Temper::silent && prng_.chance(0.3)) return;
    if (esme.temper == Esme::Temper::puts_off && prng_.chance(0.5))
      status = prng_.chance(0.5) ? Status::ESME_RX_T_APPN : Status::ESME_RMSGQFUL;
    if (prng_.chance(0.02)) status = Status::ESME_RX_R_APPN;
    if (esme.temper == Esme::Temper::late) wait = delay(seconds(40));
  }
  const bool final = status == Status::ESME_ROK || status == Status::ESME_RX_R_APPN;
  at(now_ + wait, [this, &esme, status, final, attempt, connection = esme.connection,
                   sequence = event.sequence_number] {
    if (esme.session == nullptr || esme.connection != connection) return;
    esme.session->answer_deliver(smpp::Command::deliver_sm, sequence, status);
    if (final && attempt != no_attempt)
      esme.link->final_answers.push_back({esme.session->output().written(), attempt});
    client_writes(esme);
  });
}

/// Moves the session's octets to the kernel as far as there is room, and looks at its end.
void World::client_writes(Esme& esme) {
  const auto link = esme.link;
  if (esme.session == nullptr || !link->established) return;
  ByteQueue& output = esme.session->output();
  const bool may_speak = esme.seal == nullptr || esme.seal->stage() == io::Channel::Stage::open;
  while (may_speak && !output.empty() && link->up.size() < Link::socket_size) {
    const Octets front = output.front();
    if (esme.seal == nullptr)
      link->up.append(as_text(front));
    else
      esme.seal->write(front);
    output.pop(front.size());
    esme.said += front.size();
    client_seals(esme);
  }
  client_seals(esme);
  carry_up(link);
  if (esme.session->close_cause() != CloseCause::none && output.empty()) return client_lost(esme);
  client_timer(esme);
}

/// What was said leaves in records, or as it is.
void World::client_seals(Esme& esme) {
  Link& link = *esme.link;
  while (esme.seal != nullptr && !esme.seal->outgoing().empty()) {
    const Octets octets = esme.seal->outgoing();
    link.up.append(as_text(octets));
    esme.seal->sent(octets.size());
  }
  const std::uint64_t end = link.received + link.arrived.size() + link.up.size();
  if (link.marks.empty() || link.marks.back().said != esme.said)
    link.marks.push_back({end, esme.said});
}

void World::client_timer(Esme& esme) {
  const Nanos due = esme.session->deadline();
  if (due >= esme.timer) return;
  esme.timer = due;
  at(due, [this, &esme, due] {
    if (esme.timer != due) return;
    esme.timer = never;
    if (esme.session == nullptr) return;
    if (esme.session->deadline() <= now_) {
      esme.session->on_deadline(clock());
      client_events(esme);
    }
    client_writes(esme);
  });
}

void World::client_submits(Esme& esme) {
  if (!submitting_) return;
  at(now_ + esme.submit_gap, [this, &esme] { client_submits(esme); });
  if (esme.session == nullptr || !esme.session->bound() || !esme.transmits() || esme.unbinding)
    return;
  const std::uint64_t burst = prng_.chance(0.1) ? 1 + prng_.below(30) : 1;
  auto& unsure = unsure_[esme.account];
  for (std::uint64_t i = 0; i < burst; ++i) {
    if (!unsure.empty()) {
      if (!client_sends(esme, unsure.back())) break;
      ledger_->on_submitted_again(unsure.back(), esme.connection);
      unsure.pop_back();
      continue;
    }
    const std::uint64_t number = submitted_.size() + 1;
    auto wish = static_cast<std::uint8_t>(prng_.chance(0.6) ? 1 : prng_.below(4));
    const bool intermediate = prng_.chance(0.2);
    if (intermediate) wish |= 0x10;
    submitted_.push_back({wish, prng_.chance(0.1)});
    if (!client_sends(esme, number)) {
      submitted_.pop_back();
      break;
    }
    ledger_->on_submitted(number, esme.account, static_cast<ReceiptWish>(wish & 3), intermediate,
                          esme.connection);
  }
  if (prng_.chance(0.2)) client_asks(esme);
  client_writes(esme);
}

/// What Witness::number_in() and version_in() read. In an account with long receipts the version
/// stands where others are cut.
std::string World::text_of(std::uint32_t account, std::uint64_t submit, unsigned version) {
  std::string text = "S" + std::to_string(submit);
  if (repeats_long_texts(account)) text.append(MessageRecord::snippet_max, '.');
  if (version != 0) text += " v" + std::to_string(version);
  return text;
}

/// The submit of that number, the same every time; false: not now.
bool World::client_sends(Esme& esme, std::uint64_t number) {
  const Submitted& submitted = submitted_[number - 1];
  const std::string text = text_of(esme.account, number, 0);
  smpp::ShortMessage body;
  body.source_addr = "4477009";
  body.destination_addr = "447700900002";
  body.registered_delivery = submitted.registered_delivery;
  body.short_message = as_octets(text);
  const bool may_come_again = accounts_[esme.account].resubmit_window_s != 0;
  const Command command = submitted.as_data_sm ? Command::data_sm : Command::submit_sm;
  return client_requests(esme, number, command, [&](std::uint8_t* to) {
    if (submitted.as_data_sm) {
      smpp::DataSm data;
      data.source_addr = body.source_addr;
      data.destination_addr = body.destination_addr;
      data.registered_delivery = body.registered_delivery;
      to = wire::encode(data, to);
      to = wire::write_keyed(static_cast<std::uint16_t>(smpp::Tag::message_payload),
                             body.short_message, to);
    } else {
      to = wire::encode(body, to);
    }
    if (may_come_again) {
      const std::uint8_t reference[] = {static_cast<std::uint8_t>(number >> 8),
                                        static_cast<std::uint8_t>(number)};
      to = wire::write_keyed(static_cast<std::uint16_t>(smpp::Tag::user_message_reference),
                             reference, to);
    }
    return to;
  });
}

/// `write_body` writes what is behind the header and returns its end; false: not now.
bool World::client_requests(Esme& esme, std::uint64_t token, Command command,
                            const std::function<std::uint8_t*(std::uint8_t*)>& write_body) {
  const Admit admit =
      esme.session->request(token, clock(), 256, [&](std::uint32_t sequence, std::uint8_t* to) {
        const auto size = static_cast<std::size_t>(write_body(to + wire::pdu_header_size) - to);
        smpp::write_header(to, static_cast<std::uint32_t>(size),
                           static_cast<std::uint32_t>(command), 0, sequence);
        return size;
      });
  return admit == Admit::ok;
}

void World::client_answered(Esme& esme, const SmppEvent& event) {
  const bool ok = event.status == Status::ESME_ROK;
  ledger_->on_response(event.token, ok, std::string(event.message_id), esme.connection);
  // Not yet, says the server: what became of the first try is not settled.
  if (event.status == Status::ESME_RTHROTTLED && ledger_->submitted_again(event.token))
    unsure_[esme.account].push_back(event.token);
}

/// A message for one of the accounts, handed over on any shard.
void World::subscriber_sends() {
  if (!submitting_) return;
  at(now_ + milliseconds(50) + delay(seconds(1)), [this] { subscriber_sends(); });
  if (!booted_) return;
  const auto shard = static_cast<unsigned>(prng_.below(nodes_.size()));
  const auto account = static_cast<std::uint32_t>(prng_.below(number_options_.size()));
  if (endings_ && ending_prng_.chance(0.3)) return subscriber_aims(shard);
  input(shard, now_, [this, account](Core& core) {
    const std::string text = "M" + std::to_string(next_mo_);
    const std::string destination = "55" + std::to_string(account) + "1";
    Deliver message;
    message.source = {1, 1, "4917"};
    message.destination = {1, 1, destination};
    message.text = as_octets(text);
    MessageId id;
    const Routed routed = core.shard().deliver(message, id);
    trace_.note(now_, "MO: number, account, routed", next_mo_, account,
                static_cast<std::uint64_t>(routed));
    if (routed == Routed::ok)
      ledger_->on_mo_given(next_mo_++, id, account, now_);
    else if (routed != Routed::full && !(swaps_ && routed == Routed::no_account))
      ledger_->fault("an MO found no way");
  });
}

/// Now and then: a connection dropped without a word, an orderly unbind, a nap.
void World::client_misbehaves(Esme& esme) {
  if (esme.paused) {
    esme.paused = false;
    if (esme.link != nullptr) {
      esme.link->down_moving = false;
      carry_down(esme.link);
    }
  }
  if (!faulty_) return;
  at(now_ + milliseconds(500) + delay(seconds(5)), [this, &esme] { client_misbehaves(esme); });
  if (esme.session == nullptr) return;
  if (esme.drops && prng_.chance(0.3)) {
    trace_.note(now_, "drops: esme, connection", esme.number, esme.connection);
    const auto link = esme.link;
    if (!link->over) client_closes(link, true);
    return client_lost(esme);
  }
  if (prng_.chance(0.05) && esme.session->bound()) {
    esme.unbinding = true;
    esme.session->start_unbind(CloseCause::unbound, clock());
    return client_writes(esme);
  }
  if (esme.temper == Esme::Temper::slow_reader && prng_.chance(0.7)) esme.paused = true;
}

}  // namespace ringgate::sim

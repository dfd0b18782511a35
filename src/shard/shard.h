// One core's whole logic. Pure: the runtime (or the simulator) brings octets, mail and the time,
// and carries out what the shard asks of io/. Everything belongs to one thread.
//
// A turn: begin_turn, any number of on_*, end_turn. end_turn runs timers, calls the backend's
// deadline, hands out waiting receipts, and gives the network one batch of commands.
//
// What a shard knows and does lies in its rooms (docs/ARCHITECTURE.md, "Rooms of a shard"). Here
// are the order of a turn, and which room gets what comes from outside.
#pragma once

#include <memory>
#include <string>

#include <ringgate/backend.h>

#include "shard/admission.h"
#include "shard/binds.h"
#include "shard/books.h"
#include "shard/connections.h"
#include "shard/delivery.h"
#include "shard/door.h"
#include "shard/gatekeeper.h"
#include "shard/given_ids.h"
#include "shard/house.h"
#include "shard/intake.h"
#include "shard/links.h"
#include "shard/long_messages.h"
#include "shard/multi_submits.h"
#include "shard/operations.h"
#include "shard/originated.h"
#include "shard/reading.h"
#include "shard/registry.h"
#include "shard/resubmissions.h"
#include "shard/safekeeping.h"
#include "shard/session_desk.h"
#include "shard/shard_log.h"
#include "shard/submits.h"
#include "shard/tidings.h"

namespace ringgate {

class Shard final : public Replies, public Verdicts {
 public:
  Shard(const ShardOptions& options, std::shared_ptr<const Roster> roster, Backend& backend,
        io::Network& network, const ShardWorld& world, Now now);
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  // Before the first turn, with a journal: every record of what recovery has written for this
  // shard, in order.

  /// One batch's octets, whole and checked, of that segment; borrowed for the call.
  void restore(std::uint32_t segment, const journal::BatchHeader& header, Octets batch);
  /// That was all.
  void restored();

  /// The accounts and numbers from now on: what follows the roster that this shard has. Between
  /// any two calls of a turn. Before mail from a shard that has adopted it already, which may name
  /// accounts that only this one has.
  void adopt(std::shared_ptr<const Roster> roster);
  const std::shared_ptr<const Roster>& roster() const { return house_.roster; }

  // A turn.

  void begin_turn(Now now);
  /// A connection was accepted for this shard. Names none when there is no room: close it. With
  /// `make_room` the node as a whole is full: a stranger of this shard has to give way.
  LinkId on_link(std::string peer, bool make_room = false, std::uint32_t listener = 0,
                 const ListenerTerms* terms = nullptr);
  /// That one came by a listener with TLS, and nothing of it has been secured yet.
  void expect_security(LinkId link);
  /// Its handshake is over, and well.
  void on_secured(LinkId link, const io::Channel& channel);
  /// TLS has failed on it: nothing more comes, and what we say nobody can read.
  void on_insecure(LinkId link, std::string_view why);
  /// We connected to an ESME to ask it for a bind; otherwise as above.
  LinkId on_outbind(std::string peer, std::string_view system_id, std::string_view password);
  /// Octets arrived; borrowed for the call. Links that are no more are ignored, here and below.
  void on_bytes(LinkId link, Octets octets);
  /// That many octets of the send in flight have gone; the rest is asked for again.
  void on_sent(LinkId link, std::size_t count);
  /// No more octets will come. `broken`: none can be sent either.
  void on_hangup(LinkId link, bool broken);
  /// A close command has been carried out; nothing refers to the link's memory any more.
  void on_released(LinkId link);
  void on_mail(const io::Mail& mail);
  /// Answers that nobody waits for any more are ignored.
  void on_password(LinkId link, std::uint64_t question, io::PasswordVerdict verdict) {
    binds_.on_password(link, question, verdict);
  }
  void on_disk(std::uint32_t token, std::int64_t result) { safe_.on_disk(token, result); }
  void on_file(io::FileSlot file, int result) { safe_.on_file(file, result); }
  void end_turn();

  /// When end_turn wants to run next even if nothing happens.
  Nanos deadline() const;

  /// Takes nothing new any more: binds get ESME_RBINDFAIL, submits ESME_RSUBMITFAIL. Each session
  /// is unbound once nothing of it is under way.
  void start_drain();
  /// Unbinds every session now, whatever is under way.
  void start_shutdown();
  /// What is for an account of this server, routed already (see route()).
  void take(std::unique_ptr<Parcel> mo) { originated_.take(std::move(mo)); }
  void take(std::unique_ptr<AlertParcel> alert) { originated_.take(std::move(alert)); }
  /// Who is here, and an end to them; good for this call.
  SessionDesk sessions() { return {house_, links_, binds_}; }
  bool has_connections() const { return links_.in_use() != 0; }
  /// Nothing is held any more, in any pool.
  bool empty() const {
    return links_.in_use() == 0 && books_.messages.in_use() == 0 && links_.holds_nothing();
  }

  /// Everything journaled is on stable storage, or never will be.
  bool settled() const { return !safe_.keeps() || safe_.settled() || safe_.failure() != 0; }
  /// 0, or the errno with which the journal failed: this shard acknowledges nothing any more.
  int journal_failure() const { return safe_.keeps() ? safe_.failure() : 0; }

  /// What is done because memory is short.
  const Emergency& emergency() const { return house_.emergency; }
  const ShardCounters& counters() const { return house_.counters; }

  // Replies, for the backend's calls on this thread and for replies that the runtime has queued.

  /// A report of that ticket comes soon, behind so many others. Outcomes come long after their
  /// messages and in another order, so that no cache has the records any more: with 150,000 open
  /// messages, unfetched ones took a quarter more time from submit to end (shard_receipts_late).
  static constexpr std::size_t fetched_ahead = 4;
  void fetch(Ticket ticket) const { books_.messages.fetch(ticket); }
  Posted answer(Ticket ticket, Status status) override { return submits_.answer(ticket, status); }
  Posted report(Ticket ticket, Outcome outcome) override {
    return submits_.report(ticket, outcome);
  }
  Posted answer_all(std::span<const Answer> answers, std::size_t& taken) override;
  Posted report_all(std::span<const Report> reports, std::size_t& taken) override;
  Posted answer(OperationTicket ticket, const OperationAnswer& answer) override {
    return operations_.answer(ticket, answer);
  }
  Routed deliver(const Deliver& message, MessageId& id) override {
    return originated_.deliver(message, id);
  }
  Routed alert(const Alert& alert) override { return originated_.alert(alert); }
  unsigned shard() const override { return house_.options.index; }

  // Verdicts, for the gate in the same way.

  using Verdicts::decide;
  Posted decide(std::span<const BindVerdict> verdicts, std::size_t& taken) override;

 private:
  void on_safe();
  void tell_congestion();
  void look_at_memory();
  bool astray(const io::Mail& mail);

  House house_;
  Links links_;
  Books books_;
  ShardLog log_;
  Door door_;
  Tidings tidings_;
  Safekeeping safe_;
  Registry registry_;
  GivenIds ids_;
  LongMessages parts_;
  Delivery delivery_;
  Originated originated_;
  Admission admission_;
  Intake intake_;
  Resubmissions resubmissions_;
  MultiSubmits multi_;
  Submits submits_;
  Operations operations_;
  Gatekeeper gatekeeper_;
  Ghosts ghosts_;
  Binds binds_;
  Reading reading_;
  Connections connections_;
};

}  // namespace ringgate

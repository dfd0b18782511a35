// One core's whole logic. Pure: the runtime (or the simulator) brings octets, mail and the time,
// and carries out what the shard asks of io/. Everything belongs to one thread.
//
// A turn: begin_turn, any number of on_*, end_turn. end_turn runs timers, calls the backend's
// deadline, hands out waiting receipts, and gives the network one batch of commands.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ringgate/backend.h>
#include <ringgate/log.h>

#include "base/log_line.h"
#include "base/planted.h"
#include "base/prng.h"
#include "io/disk.h"
#include "io/mesh.h"
#include "io/network.h"
#include "io/passwords.h"
#include "journal/recovery.h"
#include "message/id_source.h"
#include "policy/directory.h"
#include "policy/guesses.h"
#include "policy/log_gaps.h"
#include "routing/number_plan.h"
#include "routing/outboxes.h"
#include "routing/reassembly.h"
#include "routing/suspensions.h"
#include "session/quotes.h"
#include "shard/account_use.h"
#include "shard/budget.h"
#include "shard/connection.h"
#include "shard/counters.h"
#include "shard/links.h"
#include "shard/mail.h"
#include "shard/messages.h"
#include "shard/multi.h"
#include "shard/operations.h"
#include "shard/owners.h"
#include "shard/refusals.h"
#include "shard/resubmit_watch.h"
#include "shard/safekeeping.h"
#include "shard/shard_options.h"
#include "shard/steady_clock.h"
#include "shard/strangers.h"
#include "shard/turn_order.h"
#include "shard/until_safe.h"

namespace ringgate {

/// What a shard is given to reach the world beside its connections. All outlive it.
struct ShardWorld {
  io::Mesh& mesh;
  io::Passwords& passwords;
  Log* log = nullptr;
  const NumberPlan* numbers = nullptr;  ///< null: nobody owns a number
  io::Disk* disk = nullptr;             ///< where there is a journal
};

class Shard final : public Replies {
 public:
  Shard(const ShardOptions& options, const Directory& directory, Backend& backend,
        io::Network& network, const ShardWorld& world, Now now);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  // Before the first turn, with a journal: every record of what recovery has written for this
  // shard, in order.

  /// One batch's octets, whole and checked, of that segment; borrowed for the call.
  void restore(std::uint32_t segment, const journal::BatchHeader& header, Octets batch);
  /// That was all.
  void restored();

  // A turn.

  void begin_turn(Now now) {
    ASSERT(now.mono >= now_.mono);
    ASSERT(batch_size_ == 0);
    now_ = now;
    order_.begin_turn();
  }
  /// A connection was accepted for this shard. Names none when there is no room: close it. With
  /// `make_room` the node as a whole is full: a stranger of this shard has to give way.
  LinkId on_link(std::string peer, bool make_room = false);
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
  void on_password(LinkId link, std::uint64_t question, io::PasswordVerdict verdict);
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
  /// A message for an account of this server, routed already (see route()).
  void take_mo(std::unique_ptr<Parcel> parcel);
  void take_alert(std::unique_ptr<AlertParcel> parcel);
  bool has_connections() const { return links_.in_use() != 0; }
  /// Nothing is held any more, in any pool.
  bool empty() const {
    return links_.in_use() == 0 && messages_.in_use() == 0 && links_.holds_nothing();
  }

  /// Everything journaled is on stable storage, or never will be.
  bool settled() const { return !safe_.keeps() || safe_.settled() || safe_.failure() != 0; }
  /// 0, or the errno with which the journal failed: this shard acknowledges nothing any more.
  int journal_failure() const { return safe_.keeps() ? safe_.failure() : 0; }

  const ShardCounters& counters() const { return counters_; }

  // Replies, for the backend's calls on this thread and for replies that the runtime has queued.

  void answer(Ticket ticket, Status status) override;
  void report(Ticket ticket, Outcome outcome) override;
  void answer(OperationTicket ticket, const OperationAnswer& answer) override;
  Routed deliver(const Deliver& message, MessageId& id) override;
  Routed alert(const Alert& alert) override;
  unsigned shard() const override { return options_.index; }

 private:
  /// Submits given to the backend at once; larger batches would push each other out of the
  /// first-level cache.
  static constexpr std::size_t batch_max = 32;

  /// Octets of TLVs that a journaled message may have: a message_payload of full length, and as
  /// much again. More could come only where limits.max_pdu was raised.
  static constexpr std::size_t kept_tlvs_max = 128 * 1024;

  // connections: shard.cc
  /// What leaves is checked at the door: the connection if it is bound to that account, else null,
  /// and an error of ours that is counted. Whatever is written to a connection without having been
  /// asked for on it in this very call comes through here.
  Connection* door(Connection* connection, std::uint32_t account, std::string_view what) {
    if (connection == nullptr || connection->serves(account) || PLANTED("no door")) [[likely]]
      return connection;
    return misrouted(*connection, account, what);
  }
  bool astray(const io::Mail& mail);
  Connection* misrouted(Connection& connection, std::uint32_t account, std::string_view what);
  bool blocked(Connection& connection) const {
    return connection.session.blocked() || connection.pace_until > now_.mono ||
           connection.session.output().size() > connection.backlog_max() ||
           // Only what would make its output longer: working on what it has sent gives memory back.
           (connection.pressed.linked() && connection.session.output().size() > pressed_queue_max);
  }
  bool is_pressed(const Connection& connection);
  void press(Connection& connection);
  void relieve();
  Connection* find_in_the_way(const std::string& address, bool full);
  void give_way(Connection& connection);
  void read_waiting();
  void feed(Connection& connection, Octets octets);
  Octets consume(Connection& connection, Octets octets);
  bool pump(Connection& connection);
  void hold(Connection& connection, Octets octets);
  void hold_back(Connection& connection, Octets octets);
  void read_held(Connection& connection);
  static bool may_sift(const Connection& connection) {
    return connection.held.can_look() && connection.session.bound() &&
           connection.session.close_cause() == CloseCause::none && !PLANTED("responses wait");
  }
  void sift(Connection& connection);
  void wait_for_turn(Connection& connection);
  void count_pdus(Connection& connection);
  void finish(Connection& connection);
  void drain(Connection& connection);
  void end_session(Connection& connection);
  void arm(Connection& connection);
  bool waits_for_unread(Connection& connection);
  static bool is_short(const OctetPool& pool) { return pool.in_use() >= pool.capacity() / 4 * 3; }
  void on_connection_timer(Connection& connection);

  // binds: shard_bind.cc
  void on_bind(Connection& connection, const Event& event);
  void bind_ask(Connection& connection, io::PasswordQuestion& question);
  void bind_accept(Connection& connection);
  void bind_refuse(Connection& connection, Status status, std::string_view why);
  void bind_refuse(Connection& connection, Status status, std::string_view why, Nanos delay);
  void turn_away(Connection& connection, Status status, Nanos delay);
  void bind_refuse_wrong(Connection& connection);
  void bind_refuse_unheard(Connection& connection);
  void bind_refuse_unchecked(Connection& connection);
  Status wrong_credentials(const BindClaim& claim) const;
  void leave_account(Connection& connection);
  void note_malformed_binds(Connection& connection);
  void note_refusal(std::uint32_t account, Status status) {
    refusals_.note(account, status, now_.mono);
  }
  void tell_refusals();
  void log(LogLevel level, const Connection& connection, std::string_view what,
           std::optional<std::string_view> system_id, std::string_view detail = {},
           std::uint64_t held_back = 0);
  void tell_closed(const Connection& connection);

  // submits: shard_submit.cc
  /// Where the batch for the backend goes on: sessions write the content of a submit straight
  /// there, and it stays if the submit is accepted.
  Submit& next_submit() {
    ASSERT(batch_size_ < batch_max);
    return batch_[batch_size_];
  }
  void on_submit(Connection& connection, const Event& event);
  void refuse_submit(Connection& connection, const Event& event, Status status);
  void count_refused(Status status, unsigned count);
  template <class F>
  Status admit(Connection& connection, const Event& event, unsigned count, F&& octets);
  Status admit_many(Connection& connection, const Event& event);
  Status take_rate(Connection& connection, const Event& event, unsigned count);
  std::optional<Status> take_rate_of_part(Connection& connection, const Event& event,
                                          unsigned count);
  MessageRecord* accept(Connection& connection, RecordKind kind, NumberedId id);
  MessageRecord* accept_destination(Connection& connection, const Content& content,
                                    const Address& destination, NumberedId id);
  void flush_batch();
  void release(MessageRecord& record);
  void release_now(MessageRecord& record);
  void drop_parcel(MessageRecord& record);

  // submits that come again: shard_resubmit.cc
  bool meets_again(Connection& connection, const Event& event, MessageId id);
  void watch(const MessageRecord* record);
  void watched_answered(std::uint32_t slot, bool accepted);
  void watched_reported(std::uint32_t slot);
  void watch_kept(const ResubmitWatch::Watched& watched);
  void decide(const ResubmitWatch::Answered& answered);
  void rewatch(const journal::Accepted& message);
  std::uint32_t resubmit_until(std::uint32_t account, std::int64_t until_s) const;

  // after a restart: shard_restore.cc
  void restore_accepted(const journal::RecordView& record, std::uint32_t segment);
  void restore_outcome(const journal::RecordView& record);
  void restore_retry(const journal::RecordView& record);
  void set_expiry(MessageRecord& record) const;
  void resubmit(MessageRecord& record, const journal::Accepted& message);

  // what waits until it is safe: shard_safe.cc
  void tell(LogLevel level, LogLine& line);
  void on_safe();
  Octets sendable(Connection& connection);
  void post_when_safe(unsigned shard, const io::Mail& mail);

  // whose an id is: shard_operations.cc
  const EndedMessage* find_ended(MessageId id);
  bool complete_id(OperationParcel& parcel);
  NumberedId next_id(const Connection& connection);
  NumberedId next_short_id(std::uint32_t account);
  bool gave_to(std::uint32_t account, MessageId id);

  // submit_multi: shard_multi.cc
  void on_submit_multi(Connection& connection, const Event& event);
  void multi_answered(MessageRecord& record, Status status);
  void multi_done(MultiGroup& group);

  // operations: shard_operations.cc
  void on_operation(Connection& connection, const Event& event);
  void pass_on(std::unique_ptr<OperationParcel> parcel, unsigned shard);
  void run_operation(std::unique_ptr<OperationParcel> parcel);
  bool answer_from_end(const OperationParcel& parcel);
  void replace_answered(OperationTicket ticket, Status status);
  void take_answer(const OperationAnswerParcel& answer);
  void answer_operation(OpenOperation& open, const OperationAnswer& answer);
  void expire_operations();

  // long messages: shard_parts.cc
  void keep_part(MessageRecord& record, const Content& content);
  void part_answered(MessageRecord& record, Status status);
  void home_part(std::unique_ptr<Parcel> parcel);
  void announce(const Parcel& last, std::span<const MessageId> ids, std::span<const Octets> parts);
  void expire_parts();

  // messages for clients: shard_mo.cc
  MessageRecord* own_record(RecordKind kind, MessageId id, std::uint32_t account, LinkId submitter);
  void home_mo(std::unique_ptr<Parcel> parcel);
  void home_alert(std::unique_ptr<AlertParcel> parcel);
  void send_alert(const AlertParcel& alert, Connection* connection);
  void send_notice(MessageRecord& record, Outcome outcome);
  void notice_over(MessageRecord& notice);

  // receipts: shard_deliver.cc
  void send_receipt(MessageRecord& record);
  void send_receipt_home(MessageRecord& record);
  void release_awaiting(Connection& connection, bool all);
  Attempt attempt(MessageRecord& record, Connection* connection, bool from_home);
  void on_response(Connection& connection, const Event& event);
  void attempt_over(MessageRecord& record, BindRef bind, bool from_home, Attempt how);
  void put_off(MessageRecord& record, Nanos delay);
  void suspend(const MessageRecord& record);
  Nanos suspended_until(const MessageRecord& record);
  void home_receipt(MessageRecord& record);
  void rest_until(MessageRecord& record, Nanos at);
  void home_attempt_over(MessageRecord& record, BindRef bind, bool from_home, Attempt how);
  void home_expire(MessageRecord& record);
  void home_end(MessageRecord& record, DeliverResult how);
  void owner_end(MessageRecord& record, DeliverResult how);
  void home_bind(std::uint32_t account, BindRef bind, std::uint32_t window);
  void hand_out(MessageRecord& record, BindRef target);
  void run_outboxes();
  Nanos receipt_expiry() const { return seconds(options_.receipt_expiry_s); }
  DefaultAlphabet alphabet_of(std::uint32_t account) const {
    return directory_.at(account).options.quirks.default_alphabet;
  }
  unsigned home_of(std::uint32_t account) const { return account % options_.count; }
  void tell_home(MailKind kind, const Connection& connection);

  void tell_congestion();

  const ShardOptions options_;
  SessionLimits limits_;  // sessions refer to it
  const Directory& directory_;
  Backend& backend_;
  io::Network& network_;
  const ShardWorld world_;
  Now now_;
  const SteadyClock steady_;
  ShardCounters counters_;
  Guesses guesses_;
  std::uint64_t questions_ = 0;  // ever asked of world_.passwords
  Nanos unchecked_quiet_until_ = 0;
  Refusals refusals_;
  LogGaps malformed_binds_told_;
  LogGaps strangers_told_;  // of those that have closed

  Links links_;
  std::uint32_t connections_open_ = 0;  // whose session has not ended
  Messages messages_;
  AccountUses uses_;
  Strangers strangers_;
  TurnOrder order_;
  Outboxes outboxes_;        // of the accounts whose home is here
  Suspensions suspensions_;  // the same
  MessageIdSource ids_;
  Quotes quotes_;
  MultiGroups groups_;
  OpenOperations operations_;

  Owners owners_;
  UntilSafe until_safe_;
  IntrusiveList<Connection, &Connection::pressed> pressed_;
  Nanos relieve_at_ = 0;
  Replacing replacing_;
  ResubmitWatch resubmits_;
  Safekeeping safe_;
  std::optional<ResubmitWatch::Watched> met_;  // by meets_again(), for watch()
  Reassembler reassembler_;
  IntrusiveList<Parcel, &Parcel::link> parcels_;  // those of records of this shard
  std::size_t part_octets_ = 0;                   // of parts that wait for their answer
  Prng prng_;
  TimerWheel retry_timers_;
  Event event_;
  HeldInput::Joined joined_response_;
  std::array<Submit, batch_max> batch_;
  std::size_t batch_size_ = 0;
  bool draining_ = false;
  bool shutting_down_ = false;
};

}  // namespace ringgate

// The judge: knows what clients were promised and what they got. Shares no code with the server
// beyond the plain values of the public headers.
//
// Every submit carries its number in its text, and a receipt repeats the text, so that a receipt
// can be held against its submit even where the client never learned the message id.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <ringgate/message.h>

namespace ringgate::sim {

/// One connection of one client, for ever.
using ConnectionNumber = std::uint64_t;

class Ledger {
 public:
  struct Account {
    double rate = 0;  ///< 0 = no limit
    double burst = 0;
    double tokens = 0;
    Nanos refilled = 0;
  };

  explicit Ledger(std::vector<Account> accounts)
      : accounts_(std::move(accounts)), recent_(accounts_.size()) {}

  // What clients say. `submit` is the number in the text.

  void on_submitted(std::uint64_t submit, std::uint32_t account, ReceiptWish wish,
                    bool intermediate, ConnectionNumber connection);
  /// The same again, because its connection has ended without an answer, by a client whose account
  /// may do that.
  void on_submitted_again(std::uint64_t submit, ConnectionNumber connection);
  void on_response(std::uint64_t submit, bool ok, const std::string& id,
                   ConnectionNumber connection);
  /// Returns the number of the attempt.
  std::uint64_t on_receipt(std::uint64_t submit, unsigned text, const std::string& id,
                           const std::string& stat, std::uint32_t account,
                           ConnectionNumber connection, bool transmitter, bool slow, Nanos now);
  /// An intermediate notification.
  void on_notice(std::uint64_t submit, std::uint32_t account, ConnectionNumber connection,
                 bool transmitter);
  /// A message from a subscriber. Returns the number of the attempt.
  std::uint64_t on_mo(std::uint64_t mo, std::uint32_t account, ConnectionNumber connection,
                      bool transmitter, bool slow, Nanos now);
  /// The client's last word on an attempt has reached the server: it took or refused the receipt
  /// for good.
  void on_final_answer_arrived(std::uint64_t attempt, Nanos now);
  void on_connection_over(ConnectionNumber connection, Nanos now);

  // Operations on accepted messages. One at a time for each, so that their answers have an order.

  /// A message of the account to ask about: accepted not long ago, and nobody is asking; 0 if there
  /// is none. `draw` picks one of so many.
  std::uint64_t choose(std::uint32_t account,
                       const std::function<std::uint64_t(std::uint64_t)>& draw) const;
  void on_asked(std::uint64_t submit, bool replace);
  void on_queried(std::uint64_t submit, bool ok, MessageState state);
  void on_cancelled(std::uint64_t submit, bool ok);
  void on_replaced(std::uint64_t submit, bool ok);
  /// No answer came. What it did, nobody knows; the message is left alone from now on.
  void on_unanswered(std::uint64_t submit);

  bool submitted_again(std::uint64_t submit) const { return promises_.at(submit).again; }
  const std::string& id_of(std::uint64_t submit) const { return promises_.at(submit).id; }
  /// How often it was asked to be replaced.
  unsigned texts_of(std::uint64_t submit) const { return promises_.at(submit).texts; }

  // What the backend says.

  void on_taken(std::uint64_t submit, MessageId id, std::uint32_t account, Nanos now);
  /// The same message again, after a restart of the server, with its text of that number.
  void on_restored(std::uint64_t submit, unsigned text, MessageId id, std::uint32_t account);
  void on_refused(MessageId id);
  void on_outcome(MessageId id, MessageState state);
  /// The server took a message for a client.
  void on_mo_given(std::uint64_t mo, MessageId id, std::uint32_t account, Nanos now,
                   ConnectionNumber only = 0);
  /// There was no room for it after all.
  void on_mo_dropped(MessageId id);
  void on_mo_gone(MessageId id);

  /// The server has crashed. What it was given just before need not have been safe yet, unless
  /// somebody was told so.
  void on_crash(Nanos now);
  /// The server promises to hear of the outcome of every message it has acknowledged.
  void expect_outcomes() { expects_outcomes_ = true; }

  /// After the liveness phase.
  void check_end();

  bool owes_receipts() const;
  const std::vector<std::string>& faults() const { return faults_; }
  void fault(const std::string& what) { faults_.push_back(what); }
  std::uint64_t accepted() const { return accepted_; }
  std::uint64_t receipts() const { return attempts_.size(); }
  std::uint64_t mos() const { return mos_.size(); }
  std::uint64_t duplicates() const { return duplicates_; }
  std::uint64_t operations() const { return operations_; }
  std::uint64_t resubmits() const { return resubmits_; }

 private:
  struct Attempt {
    ConnectionNumber connection = 0;
    Nanos seen = 0;
    Nanos final_answer = never;  ///< when it reached the server
    bool slow = false;           ///< by a client whose delays excuse anything
  };
  struct Promise {
    std::uint32_t account = 0;
    ReceiptWish wish = ReceiptWish::none;
    bool intermediate = false;
    unsigned notices = 0;
    ConnectionNumber connection = 0;
    bool answered = false;
    bool ok = false;
    std::string id;  ///< as the client was told
    std::string taken_id;
    MessageState state = MessageState::enroute;
    std::string stat;  ///< what receipts have said so far
    std::vector<std::uint64_t> attempts;
    // Resubmits.
    bool again = false;  ///< submitted more than once
    bool kept = false;   ///< what was taken was not refused, and not lost in a crash
    // Operations.
    std::uint64_t accepted_as = 0;                     ///< of all, the how manieth
    MessageState told = MessageState::enroute;         ///< the end, once the client has heard of it
    MessageState told_before = MessageState::enroute;  ///< ... when it asked
    bool asking = false;
    bool left_alone = false;
    unsigned texts = 0;      ///< replacements asked for
    unsigned text_min = 0;   ///< the last that was answered with ESME_ROK
    unsigned text_told = 0;  ///< by the first receipt
  };

  struct Mo {
    std::uint32_t account = 0;
    bool dropped = false;
    bool excused = false;       ///< the server crashed soon after it was given
    ConnectionNumber only = 0;  ///< it is for that one, and does not outlive it
    Nanos given = 0;
    std::vector<std::uint64_t> attempts;
  };

  /// Something came again, and nothing excuses it that is known by then.
  struct Suspicion {
    std::size_t attempt;  // the earlier one
    Nanos at;
    std::string fault;
  };

  void tell_end(std::uint64_t submit, Promise& promise, MessageState state);
  bool owes(const Promise& promise) const;
  void check_again(const std::string& what, const std::vector<std::uint64_t>& earlier,
                   ConnectionNumber connection, bool slow, Nanos now);
  bool excuses_another(const Attempt& attempt, Nanos now) const;
  void judge_suspicions(Nanos until);

  std::vector<Account> accounts_;
  std::map<std::uint64_t, Promise> promises_;
  std::map<std::uint64_t, std::uint64_t> by_id_;
  std::map<std::uint64_t, Mo> mos_;
  std::map<std::uint64_t, std::uint64_t> mo_by_id_;
  std::set<std::uint64_t> dropped_;
  std::set<std::uint64_t> gone_;
  std::set<std::uint64_t> refused_;  // ids
  std::map<ConnectionNumber, Nanos> over_;
  std::vector<Attempt> attempts_;
  std::deque<Suspicion> suspicions_;
  std::vector<std::string> faults_;
  std::vector<std::deque<std::uint64_t>> recent_;  // of each account, accepted last
  bool expects_outcomes_ = false;
  std::uint64_t accepted_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t operations_ = 0;  // answered with ESME_ROK
  std::uint64_t resubmits_ = 0;   // ... with the id of an earlier one
};

}  // namespace ringgate::sim

#include "ledger.h"

#include <algorithm>

namespace ringgate::sim {
namespace {

constexpr Nanos second = 1'000'000'000;
// The server waits 30 s for an answer; one that took longer than this may have come too late.
constexpr Nanos answer_in_time = 25 * second;
// An answer that arrived this long before its connection ended has been looked at.
constexpr Nanos looked_at = 5 * second;
// Messages of an account that clients still ask about. The server forgets those that ended long ago
// when it has no place for more; none of so few can be among them.
constexpr std::size_t recent_max = 40;
constexpr std::uint64_t recent_of_all_max = 1'000;

std::string hex(std::uint64_t value) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out(16, '0');
  for (std::size_t i = 16; i-- > 0; value >>= 4) out[i] = digits[value & 15];
  return out;
}

constexpr std::pair<MessageState, std::string_view> stats[] = {
    {MessageState::delivered, "DELIVRD"}, {MessageState::expired, "EXPIRED"},
    {MessageState::deleted, "DELETED"},   {MessageState::undeliverable, "UNDELIV"},
    {MessageState::accepted, "ACCEPTD"},  {MessageState::rejected, "REJECTD"}};

std::string name_of(MessageState state) {
  for (const auto& [one, name] : stats)
    if (one == state) return std::string(name);
  return "ENROUTE";
}

std::string number(std::uint64_t value) { return std::to_string(value); }
std::string seconds_text(Nanos at) { return std::to_string(static_cast<double>(at) / 1e9); }

}  // namespace

void Ledger::on_submitted(std::uint64_t submit, std::uint32_t account, ReceiptWish wish,
                          bool intermediate, ConnectionNumber connection) {
  Promise& promise = promises_[submit];
  promise.intermediate = intermediate;
  promise.account = account;
  promise.wish = wish;
  promise.connection = connection;
}

void Ledger::on_submitted_again(std::uint64_t submit, ConnectionNumber connection) {
  Promise& promise = promises_.at(submit);
  promise.again = true;
  promise.connection = connection;
}

void Ledger::on_response(std::uint64_t submit, bool ok, const std::string& id,
                         ConnectionNumber connection) {
  const auto found = promises_.find(submit);
  if (found == promises_.end()) return fault("response to a submit that was never made");
  Promise& promise = found->second;
  if (promise.answered) fault("submit " + number(submit) + " answered twice");
  if (promise.connection != connection)
    fault("submit " + number(submit) + " answered on another connection");
  if (!ok && promise.again) {
    // One of the others may have been accepted, and be on its way.
    promise.connection = 0;
    return;
  }
  promise.answered = true;
  promise.ok = ok;
  if (!ok) return;
  promise.accepted_as = ++accepted_;
  promise.id = id;
  if (promise.again) ++resubmits_;
  auto& recent = recent_[promise.account];
  recent.push_back(submit);
  if (recent.size() > recent_max) recent.pop_front();
  if (promise.taken_id != id)
    fault("submit " + number(submit) + " answered with id " + id + ", taken as " +
          promise.taken_id);
}

std::uint64_t Ledger::on_receipt(std::uint64_t submit, unsigned text, const std::string& id,
                                 const std::string& stat, std::uint32_t account,
                                 ConnectionNumber connection, bool transmitter, bool slow,
                                 Nanos now) {
  const std::uint64_t attempt = attempts_.size();
  attempts_.push_back({connection, now, never, slow});
  if (transmitter) fault("a receipt on a transmitter bind");
  const auto found = promises_.find(submit);
  if (found == promises_.end()) {
    fault("a receipt for unknown submit " + number(submit));
    return attempt;
  }
  Promise& promise = found->second;
  if (promise.account != account) fault("receipt of submit " + number(submit) + " leaked");
  if (promise.taken_id != id)
    fault("receipt of submit " + number(submit) + " names " + id + ", taken as " +
          promise.taken_id);
  if (promise.state == MessageState::enroute)
    fault("receipt of submit " + number(submit) + " without an outcome");
  if (!owes(promise)) fault("receipt of submit " + number(submit) + " was not wished for");
  if (promise.answered && !promise.ok)
    fault("receipt of submit " + number(submit) + ", which was refused");
  if (promise.connection == connection && !promise.answered && !promise.again)
    fault("receipt of submit " + number(submit) + " before its response");
  if (!promise.stat.empty() && promise.stat != stat)
    fault("receipts of submit " + number(submit) + " say " + promise.stat + " and " + stat);
  promise.stat = stat;
  if (text < promise.text_min || text > promise.texts)
    fault("receipt of submit " + number(submit) + " repeats text " + number(text) +
          "; replaced by " + number(promise.text_min) + " of " + number(promise.texts));
  if (promise.attempts.empty()) promise.text_told = text;
  if (promise.text_told != text)
    fault("receipts of submit " + number(submit) + " repeat texts " + number(promise.text_told) +
          " and " + number(text));
  for (const auto& [state, name] : stats)
    if (name == stat) tell_end(submit, promise, state);
  check_again("receipt of submit " + number(submit), promise.attempts, connection, slow, now);
  promise.attempts.push_back(attempt);
  return attempt;
}

void Ledger::check_again(const std::string& what, const std::vector<std::uint64_t>& earlier,
                         ConnectionNumber connection, bool slow, Nanos now) {
  judge_suspicions(now - looked_at);
  for (const std::uint64_t one : earlier) {
    ++duplicates_;
    const Attempt& before = attempts_[one];
    // What a slow client reads now may have been sent before all that the others have answered. So
    // may the last of a session that is over, which waits for the disk as all that is sent.
    if (!slow && !over_.contains(connection) && !excuses_another(before, now))
      suspicions_.push_back({one, now,
                             what + " on connection " + number(connection) +
                                 " again after a final answer: seen on connection " +
                                 number(before.connection) + " at " + seconds_text(before.seen) +
                                 ", answered at " + seconds_text(before.final_answer)});
  }
}

/// A session may have ended with the answer unread, and its connection be closed a little later: so
/// what is suspected until `until` is judged by what is known of connections now.
void Ledger::judge_suspicions(Nanos until) {
  for (; !suspicions_.empty() && suspicions_.front().at <= until; suspicions_.pop_front()) {
    const Suspicion& one = suspicions_.front();
    if (!excuses_another(attempts_[one.attempt], one.at)) fault(one.fault);
  }
}

void Ledger::on_notice(std::uint64_t submit, std::uint32_t account, ConnectionNumber connection,
                       bool transmitter) {
  if (transmitter) fault("a notification on a transmitter bind");
  const auto found = promises_.find(submit);
  if (found == promises_.end()) return fault("a notification for unknown submit " + number(submit));
  Promise& promise = found->second;
  const std::string what = "notification of submit " + number(submit);
  if (promise.account != account) fault(what + " leaked");
  if (!promise.intermediate) fault(what + " was not wished for");
  if (promise.connection == connection && !promise.answered && !promise.again)
    fault(what + " before its response");
  // Nobody answers one for the client here but the client, and it is never tried on two binds
  // without cause; but a bind that dies or sleeps is cause enough, so only its order is judged.
  for (const std::uint64_t receipt : promise.attempts)
    if (attempts_[receipt].connection == connection) fault(what + " behind its receipt");
  ++promise.notices;
}

std::uint64_t Ledger::on_mo(std::uint64_t mo, std::uint32_t account, ConnectionNumber connection,
                            bool transmitter, bool slow, Nanos now) {
  const std::uint64_t attempt = attempts_.size();
  attempts_.push_back({connection, now, never, slow});
  if (transmitter) fault("an MO on a transmitter bind");
  const auto found = mos_.find(mo);
  if (found == mos_.end()) {
    fault("MO " + number(mo) + " was never given");
    return attempt;
  }
  Mo& given = found->second;
  if (given.account != account) fault("MO " + number(mo) + " leaked");
  if (given.only != 0 && given.only != connection)
    fault("MO " + number(mo) + " came to another session than it was for");
  if (given.dropped) fault("MO " + number(mo) + " was dropped");
  check_again("MO " + number(mo), given.attempts, connection, slow, now);
  given.attempts.push_back(attempt);
  return attempt;
}

void Ledger::on_mo_given(std::uint64_t mo, MessageId id, std::uint32_t account, Nanos now,
                         ConnectionNumber only) {
  mos_[mo].only = only;
  mos_[mo].account = account;
  mos_[mo].given = now;
  mos_[mo].dropped = dropped_.contains(id.value);
  mos_[mo].excused = gone_.contains(id.value);
  if (!mo_by_id_.emplace(id.value, mo).second || by_id_.contains(id.value))
    fault("message id " + hex(id.value) + " twice");
}

void Ledger::on_mo_dropped(MessageId id) {
  // On its home shard that is told before deliver() has returned the id.
  dropped_.insert(id.value);
  const auto found = mo_by_id_.find(id.value);
  if (found != mo_by_id_.end()) mos_[found->second].dropped = true;
}

/// What was on its way to the session may still reach it.
void Ledger::on_mo_gone(MessageId id) {
  gone_.insert(id.value);
  const auto found = mo_by_id_.find(id.value);
  if (found == mo_by_id_.end()) return;
  Mo& mo = mos_[found->second];
  if (mo.only == 0) fault("an MO for any session is gone with one");
  mo.excused = true;
}

bool Ledger::excuses_another(const Attempt& attempt, Nanos now) const {
  if (attempt.slow) return true;
  if (attempt.final_answer > now) return true;
  if (attempt.final_answer - attempt.seen > answer_in_time) return true;
  const auto over = over_.find(attempt.connection);
  return over != over_.end() && over->second - attempt.final_answer < looked_at;
}

void Ledger::on_final_answer_arrived(std::uint64_t attempt, Nanos now) {
  attempts_[attempt].final_answer = now;
}

void Ledger::on_connection_over(ConnectionNumber connection, Nanos now) {
  over_.emplace(connection, now);
}

void Ledger::on_taken(std::uint64_t submit, MessageId id, std::uint32_t account, Nanos now) {
  const auto found = promises_.find(submit);
  if (found == promises_.end()) return fault("the backend got a submit that nobody made");
  Promise& promise = found->second;
  if (promise.account != account) fault("the backend got another account's submit");
  if (promise.kept) fault("the backend got submit " + number(submit) + " twice");
  promise.kept = true;
  promise.state = MessageState::enroute;
  promise.taken_id = hex(id.value);
  if (!by_id_.emplace(id.value, submit).second) fault("message id " + hex(id.value) + " twice");
  Account& limits = accounts_[account];
  if (limits.rate == 0) return;
  // A token bucket, where the server has GCRA.
  const double passed = static_cast<double>(now - limits.refilled) / 1e9;
  limits.tokens = std::min(limits.burst, limits.tokens + passed * limits.rate);
  limits.refilled = now;
  limits.tokens -= 1;
  if (limits.tokens < -0.01) fault("account " + number(account) + " over its rate");
}

void Ledger::on_refused(MessageId id) {
  const auto found = by_id_.find(id.value);
  if (found == by_id_.end()) return;
  promises_[found->second].kept = false;
  refused_.insert(id.value);
}

void Ledger::on_restored(std::uint64_t submit, unsigned text, MessageId id, std::uint32_t account) {
  const auto found = promises_.find(submit);
  if (found == promises_.end()) return fault("a submit was restored that nobody made");
  Promise& promise = found->second;
  const std::string what = "submit " + number(submit);
  if (promise.account != account) fault(what + " was restored for another account");
  // Refused before the crash, and nobody has heard of it.
  const bool was_refused = !promise.kept && refused_.contains(id.value);
  if (was_refused) promise.taken_id = hex(id.value);
  if (promise.taken_id != hex(id.value))
    fault(what + " was restored with id " + hex(id.value) + ", taken as " + promise.taken_id);
  if (promise.answered && !promise.ok) fault(what + " was restored although it was refused");
  // A receipt leaves only when its outcome is safe; then nobody has to find it out again.
  if (!promise.attempts.empty())
    fault(what + " was restored although its receipt was out on connection " +
          number(attempts_[promise.attempts.back()].connection) + " at " +
          seconds_text(attempts_[promise.attempts.back()].seen) + ", submitted on " +
          number(promise.connection));
  if (promise.told != MessageState::enroute)
    fault(what + " was restored although its end was told");
  if (text < promise.text_min || text > promise.texts)
    fault(what + " was restored with text " + number(text) + "; replaced by " +
          number(promise.text_min) + " of " + number(promise.texts));
  promise.kept = true;
  promise.state = MessageState::enroute;
}

void Ledger::on_crash(Nanos now) {
  // What was not safe is forgotten, what was comes back.
  for (auto& [submit, promise] : promises_)
    if (!promise.ok && promise.told == MessageState::enroute) promise.kept = false;
  for (auto& [mo, given] : mos_)
    if (given.only != 0 || now - given.given < looked_at) given.excused = true;
  for (Account& account : accounts_) {
    account.tokens = account.burst;
    account.refilled = now;
  }
}

void Ledger::on_outcome(MessageId id, MessageState state) {
  const auto found = by_id_.find(id.value);
  if (found == by_id_.end() || !is_final(state)) return;
  Promise& promise = promises_[found->second];
  if (promise.state == MessageState::enroute) promise.state = state;
}

// ---- operations

std::uint64_t Ledger::choose(std::uint32_t account,
                             const std::function<std::uint64_t(std::uint64_t)>& draw) const {
  const auto& recent = recent_[account];
  if (recent.empty()) return 0;
  const std::uint64_t submit = recent[draw(recent.size())];
  const Promise& promise = promises_.at(submit);
  const bool recent_enough = accepted_ - promise.accepted_as < recent_of_all_max;
  return promise.asking || promise.left_alone || !recent_enough ? 0 : submit;
}

void Ledger::on_asked(std::uint64_t submit, bool replace) {
  Promise& promise = promises_.at(submit);
  promise.asking = true;
  promise.told_before = promise.told;
  if (replace) ++promise.texts;
}

void Ledger::tell_end(std::uint64_t submit, Promise& promise, MessageState state) {
  if (promise.told != MessageState::enroute && promise.told != state)
    fault("submit " + number(submit) + " has ended twice: with " + name_of(promise.told) + " and " +
          name_of(state));
  // Without a journal the backend says nothing of messages that owe no receipt.
  const bool said = expects_outcomes_ || promise.state != MessageState::enroute;
  if (said && promise.state != state)
    fault("submit " + number(submit) + " is told to have ended with " + name_of(state) +
          ", and the backend said " + name_of(promise.state));
  promise.told = state;
}

void Ledger::on_queried(std::uint64_t submit, bool ok, MessageState state) {
  Promise& promise = promises_.at(submit);
  promise.asking = false;
  if (!ok) return fault("submit " + number(submit) + " is not known any more");
  ++operations_;
  if (is_final(state))
    tell_end(submit, promise, state);
  else if (promise.told_before != MessageState::enroute)
    fault("submit " + number(submit) + " has ended and is on its way again");
}

void Ledger::on_cancelled(std::uint64_t submit, bool ok) {
  Promise& promise = promises_.at(submit);
  promise.asking = false;
  if (!ok) return;
  ++operations_;
  tell_end(submit, promise, MessageState::deleted);
}

void Ledger::on_replaced(std::uint64_t submit, bool ok) {
  Promise& promise = promises_.at(submit);
  promise.asking = false;
  if (!ok) return;
  ++operations_;
  promise.text_min = promise.texts;
  if (promise.told_before != MessageState::enroute)
    fault("submit " + number(submit) + " was replaced after its end");
}

void Ledger::on_unanswered(std::uint64_t submit) { promises_.at(submit).left_alone = true; }

bool Ledger::owes(const Promise& promise) const {
  const bool success =
      promise.state == MessageState::delivered || promise.state == MessageState::accepted;
  switch (promise.wish) {
    case ReceiptWish::none:
      return false;
    case ReceiptWish::always:
      return true;
    case ReceiptWish::on_failure:
      return !success;
    case ReceiptWish::on_success:
      return success;
  }
  return false;
}

bool Ledger::owes_receipts() const {
  return std::any_of(promises_.begin(), promises_.end(), [this](const auto& one) {
    return one.second.ok && owes(one.second) && one.second.attempts.empty();
  });
}

void Ledger::check_end() {
  judge_suspicions(never);
  for (const auto& [submit, promise] : promises_) {
    if (promise.ok && owes(promise) && promise.attempts.empty())
      fault("submit " + number(submit) + " (" + promise.id + ") was accepted and has no receipt");
  }
  for (const auto& [submit, promise] : promises_) {
    if (expects_outcomes_ && promise.ok && promise.state == MessageState::enroute)
      fault("submit " + number(submit) + " (" + promise.id + ") was accepted and forgotten");
  }
  for (const auto& [mo, given] : mos_)
    if (!given.dropped && !given.excused && given.attempts.empty())
      fault("MO " + number(mo) + " never came");
}

}  // namespace ringgate::sim

// The comparisons that wait, and whose turn it is.
//
// A comparison is paid for by the address that asks and by the account it asks about: each keeps a
// count of the comparisons it has had, which fades over some ten seconds. The next one to be
// computed is that whose address and account have both had little. When too many wait, the one
// whose payers have had and want most gives way. So one address cannot keep others waiting, nor can
// many addresses that try one account keep other accounts waiting.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <ringgate/types.h>

#include "base/hash.h"
#include "io/passwords.h"

namespace ringgate::runtime {

/// One thread at a time; time only grows.
class PasswordQueue {
 public:
  using Done = std::function<void(io::PasswordVerdict)>;

  // At some 10 ms each, a full queue is a few seconds of work for each of the pool's threads: about
  // what session_init lets a client wait.
  static constexpr std::size_t waiting_max = 1000;
  /// Of one account, asked by one address. An honest client knows one password; a guesser would
  /// otherwise have the whole queue's worth of guesses under way before the first one has failed.
  static constexpr std::size_t waiting_max_per_pair = 10;
  /// Those who wait for an answer; many may wait for the same one.
  static constexpr std::size_t askers_max = 65'536;

  /// Whoever has paid for something lately. Decoys are all of one account, that of nobody, which
  /// names that nobody has are bound to be.
  struct Payer {
    double had = 0;        ///< comparisons, fading
    std::size_t open = 0;  ///< that wait or are being computed
  };
  struct Check {
    io::PasswordQuestion question;
    std::vector<Done> askers;

   private:
    friend class PasswordQueue;
    Payer* address = nullptr;
    Payer* account = nullptr;
    std::uint64_t age = 0;  // lower is older
    bool started = false;
  };

  /// `seed` must not be known to those who ask.
  explicit PasswordQueue(std::uint64_t seed);

  /// Full, and `done` forgotten, when there is no room for it. Otherwise it has a place, maybe that
  /// of another, whose askers are appended to `gave_way`.
  io::PasswordReply add(const io::PasswordQuestion& question, Done done, Nanos now,
                        std::vector<Done>& gave_way);
  /// The next one to compute, null when none waits; to be given back to finish(). Askers of the
  /// same thing join it meanwhile.
  Check* start(Nanos now);
  /// Forgets it and returns who waits for it.
  std::vector<Done> finish(Check* check);

  std::size_t waiting() const { return waiting_.size(); }
  std::size_t payers() const { return addresses_.size() + accounts_.size(); }

 private:
  using Payers = std::unordered_map<std::string, Payer, SeededHash, std::equal_to<>>;
  // Beyond that, those who have nothing open are forgotten.
  static constexpr std::size_t payers_max = 8192;

  /// What two checks are compared by: the payer that matters more, then the other.
  using Weight = std::pair<double, double>;
  static Weight weight(const Payer& a, const Payer& b, bool with_open);

  Payer* payer(Payers& payers, std::string_view name);
  bool pair_is_full(const Check& check) const;
  void join(Check& check, Done done, Payer* address);
  Check* heaviest() const;
  void stop_waiting(const Check* check);
  std::vector<Done> drop(Check* check);
  void fade(Nanos now);
  static void remove_idle(Payers& payers, double had_max);

  // By all of what is compared, so that nobody gets the answer to another's question.
  std::unordered_map<Secret, Check, SeededHash> checks_;
  std::vector<Check*> waiting_;
  Payers addresses_;
  Payers accounts_;
  std::uint64_t ages_ = 0;
  std::size_t askers_ = 0;
  Nanos faded_ = 0;
};

}  // namespace ringgate::runtime

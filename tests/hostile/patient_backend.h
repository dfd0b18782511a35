// A backend that speaks when the test says so, from the test's thread.
#pragma once

#include <ringgate/server.h>

#include <atomic>
#include <deque>
#include <mutex>
#include <vector>

namespace ringgate::hostile {

class PatientBackend final : public Backend {
 public:
  /// Whether submits and operations are answered ESME_ROK at once or kept until the test answers.
  explicit PatientBackend(bool answers_at_once) : answers_at_once_(answers_at_once) {}

  /// From now on.
  void answer_at_once(bool yes) { answers_at_once_ = yes; }

  void on_submits(std::span<const Submit> submits, Now, Replies& replies) noexcept override;
  void on_operations(std::span<const Operation> operations, Now,
                     Replies& replies) noexcept override;

  // What the test does; `replies` is Server::replies().

  /// Answers so many of the submits that were kept, the oldest, and every operation.
  void answer_first(std::size_t submits, Replies& replies);
  void answer_all(Replies& replies) { answer_first(~std::size_t{0}, replies); }
  /// Says DELIVERED of every message that waits for its outcome.
  void report_all(Replies& replies);

  std::size_t submits_kept() const;
  std::size_t operations_kept() const;

 private:
  std::atomic<bool> answers_at_once_;
  mutable std::mutex mutex_;
  std::deque<Ticket> unanswered_;
  std::vector<Ticket> unreported_;
  std::vector<OperationTicket> operations_;
};

}  // namespace ringgate::hostile

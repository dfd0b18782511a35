// What this ESME answers deliver_sm with, and when.
#pragma once

#include <ringgate/status.h>
#include <ringgate/types.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "base/prng.h"
#include "smpp/command.h"

namespace ringgate::load {

struct AnswerOptions {
  Nanos delay = 0;
  struct Error {
    Status status;
    double share;  ///< of all answers; the rest is ESME_ROK
  };
  std::vector<Error> errors;

  bool usual() const { return delay == 0 && errors.empty(); }
};

/// Answers that are owed. All have the same delay, so they leave in the order in which their
/// requests came. One thread.
class Answers {
 public:
  /// More than servers' windows let there be; above it, the first leaves before its time.
  static constexpr std::size_t owed_max = std::size_t{1} << 20;

  struct Answer {
    Nanos due;
    std::uint32_t connection;
    std::uint32_t generation;  ///< of the connection: who has it now was not asked
    smpp::Command request;
    std::uint32_t sequence_number;
    Status status;
  };

  explicit Answers(const AnswerOptions& options) : options_(options), prng_(1) {}

  /// Returns what will be said.
  Status owe(std::uint32_t connection, std::uint32_t generation, smpp::Command request,
             std::uint32_t sequence_number, Nanos now) {
    const Status status = draw();
    owed_.push_back(
        {now + options_.delay, connection, generation, request, sequence_number, status});
    return status;
  }
  /// When the first is due; `never` while none is owed.
  Nanos due() const {
    if (owed_.empty()) return never;
    return owed_.size() > owed_max ? 0 : owed_.front().due;
  }
  Answer take() {
    const Answer first = owed_.front();
    owed_.pop_front();
    return first;
  }

 private:
  Status draw() {
    double left = options_.errors.empty() ? 1 : prng_.unit();
    for (const AnswerOptions::Error& error : options_.errors)
      if ((left -= error.share) < 0) return error.status;
    return Status::ESME_ROK;
  }

  AnswerOptions options_;
  Prng prng_;
  std::deque<Answer> owed_;
};

}  // namespace ringgate::load

// How far a message has come, in the hands of its owner.
//
//   offered ──answer──> accepted ──respond──> open ──report──> due
//       │                   │                              ↑
//       └──────report───────┴── the same, reported ────────┘
//
// offered    the backend has it, and says yes or no; the client waits
// accepted   its answer is here; the response waits for the others of its submit_multi
// open       the client has its response; the outcome is awaited
// due        the outcome is here as well: its receipt goes out, and then it ends
//
// The outcome may come before the answer, and then only waits. Whatever else happens to a message,
// it goes no other way, and none of its steps twice.
#pragma once

#include <cstdint>

#include "base/assert.h"

namespace ringgate {

/// Not initialized by its constructor, as the records that have one are not. The owner's thread.
class Stage {
 public:
  Stage() = default;
  static constexpr Stage offered() { return Stage(0); }
  /// Of a message that an earlier run has accepted.
  static constexpr Stage open() { return Stage(open_); }
  /// Of what nobody has submitted.
  static constexpr Stage due() { return Stage(open_ | reported_); }

  /// The backend has said yes or no.
  bool answered() const { return (at_ & (accepted_ | open_)) != 0; }
  /// The client's response is in the tx buffer, or it has none to get.
  bool responded() const { return (at_ & open_) != 0; }
  /// The outcome is here.
  bool reported() const { return (at_ & reported_) != 0; }

  void answer() {
    ASSERT(!answered());
    at_ |= accepted_;
  }
  void respond() {
    ASSERT(answered() && !responded());
    at_ ^= accepted_ | open_;
  }
  void report() {
    ASSERT(!reported());
    at_ |= reported_;
  }

  friend bool operator==(Stage, Stage) = default;

 private:
  static constexpr std::uint8_t reported_ = 1;
  static constexpr std::uint8_t accepted_ = 2;
  static constexpr std::uint8_t open_ = 4;

  explicit constexpr Stage(unsigned at) : at_(static_cast<std::uint8_t>(at)) {}

  std::uint8_t at_;
};

}  // namespace ringgate

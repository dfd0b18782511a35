// Whether a server keeps up with an open loop.
#pragma once

#include <ringgate/types.h>

#include <cstdint>
#include <optional>

namespace ringgate::load {

/// Messages that are due and not answered: not yet sent, because every window is full, or in a
/// window. Large windows hide for long that a server is slower than the rate; this does not. What
/// counts is the least in the second quarter of the run against the least at its end, so that
/// neither a batch that is under way nor a pause of the server is taken for growth. One thread.
class Backlog {
 public:
  /// What is measured of the run, as it is planned.
  void start(Nanos from, Nanos until);

  /// Of all messages so far, so many were due and so many are answered.
  void note(Nanos now, std::uint64_t due, std::uint64_t answered);

  /// By how many messages a second it has grown: only where that is more than one in a hundred of
  /// those due, and more than chance makes; else 0.
  double growth() const;

 private:
  struct Low {
    Nanos at;
    std::uint64_t due;
    std::uint64_t open;
  };
  static void lower(std::optional<Low>& least, const Low& now);

  Nanos from_ = 0, until_ = 0;
  Nanos size_ = 0;
  std::optional<Low> early_, late_;
};

}  // namespace ringgate::load

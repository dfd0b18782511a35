// What a run shows of itself while it goes on.
#pragma once

#include <ringgate/types.h>

#include <cstddef>
#include <cstdint>

#include "load/crew.h"
#include "load/inbox.h"
#include "load/options.h"
#include "load/report.h"
#include "load/share.h"
#include "load/stage.h"

namespace ringgate::load {

/// One thread, which tells the crew its counts; the first of them shows everybody's.
class Progress {
 public:
  /// Everything referred to outlives it.
  Progress(const Options& options, Crew& crew, const Share& share, const Stage& stage)
      : options_(options), crew_(crew), share_(share), stage_(stage) {}

  void start(Nanos at);
  /// Now and then.
  void tell(const Report& report, const Inbox::Counts& counts, std::size_t open_count);
  /// The screen is the summary's.
  void stop();

 private:
  LiveFacts look();

  const Options& options_;
  Crew& crew_;
  const Share share_;
  const Stage& stage_;
  Nanos started_ = 0;
  Nanos next_ = never;
  Nanos shown_at_ = 0;
  std::uint64_t shown_submitted_ = 0;  // by all threads
};

}  // namespace ringgate::load

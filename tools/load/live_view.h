// What somebody sees who waits for a run to end.
#pragma once

#include <ringgate/types.h>

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "load/second.h"

namespace ringgate::load {

struct LiveFacts {
  Nanos elapsed = 0;
  std::string_view
      stage;         ///< what is waited for when nothing more is submitted; empty: nothing yet
  Nanos length = 0;  ///< of the whole run; 0: a count ends it
  std::uint64_t rate = 0;  ///< submits a second, lately
  std::uint64_t submitted = 0, accepted = 0, throttled = 0, errors = 0, open = 0;
  std::uint64_t receipts = 0;
  std::uint64_t binds = 0;  ///< open now
  std::uint64_t rebinds = 0;
  bool with_receipts = false;
  bool with_rebinds = false;
  bool idle = false;            ///< nothing is submitted
  std::vector<Second> seconds;  ///< the last ones, in order
};

/// For a log: one line, not ended.
std::string progress_line(const LiveFacts& facts);
/// For a terminal of so many columns: several lines, each ended. Plots are of blocks where the
/// terminal knows such characters, else of ASCII.
std::string live_view(const LiveFacts& facts, unsigned columns, bool blocks);

/// The lowest of eight heights is for 0, the highest for the greatest.
std::string sparkline(const std::vector<double>& values, bool blocks);

/// Draws views over each other on standard error, where that is a terminal; else writes lines. Many
/// threads.
class LiveScreen {
 public:
  LiveScreen();
  void show(const LiveFacts& facts);
  /// Makes place for what others write.
  void clear();
  /// A line, not ended.
  void say(const std::string& line);
  bool is_terminal() const { return is_terminal_; }

 private:
  void make_place();

  const bool is_terminal_;
  const bool blocks_;
  std::mutex mutex_;
  unsigned lines_ = 0;  // on the terminal, above the cursor
};

}  // namespace ringgate::load

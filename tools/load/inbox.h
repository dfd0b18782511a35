// What the server sends: responses, receipts and other deliver_sm, unbinds.
#pragma once

#include <ringgate/types.h>

#include <cstdint>
#include <functional>

#include "load/answers.h"
#include "load/connections.h"
#include "load/crew.h"
#include "load/options.h"
#include "load/receipt_desk.h"
#include "load/report.h"
#include "load/stage.h"
#include "load/timeline.h"
#include "load/wires.h"

namespace ringgate::load {

/// One thread. take() after everything that may have given a session events.
class Inbox {
 public:
  /// What has been counted for others to see while the run goes on; the rest is in the report.
  struct Counts {
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
    std::uint64_t unanswered = 0;
    std::uint64_t receipts_matched = 0;
  };
  using OnBound = std::function<void(Connection&, const SmppEvent&)>;

  /// Everything referred to outlives it. `on_bound` is told of answers to binds, whatever they say.
  Inbox(const Options& options, Crew& crew, const Stage& stage, Timeline& timeline, Report& report,
        OnBound on_bound);

  /// All events of its session.
  void take(Connection& connection);
  /// Answers to deliver_sm that are due by now.
  void send_answers(Connections& connections, Wires& wires);
  /// At the end of a turn: receipts of this thread's, and of others' messages, find each other.
  void file_receipts();
  void finish();

  /// When an answer of ours is due; `never`: none is owed.
  Nanos next_answer() const { return answers_.due(); }
  const Counts& counts() const { return counts_; }
  /// Submits of which nothing more will be heard.
  std::uint64_t settled() const { return report_.responses + counts_.unanswered; }
  Nanos last_response() const { return last_response_; }

 private:
  void on_response(Connection& connection, const SmppEvent& event);
  void on_deliver(Connection& connection, const SmppEvent& event);
  Status answer_deliver(Connection& connection, const SmppEvent& event);
  /// What becomes of a receipt that has found its message.
  auto on_matched() {
    return [this](Nanos sent, Nanos came) {
      ++counts_.receipts_matched;
      timeline_.receipted(sent, came);
    };
  }

  const Options& options_;
  Crew& crew_;
  const Stage& stage_;
  Timeline& timeline_;
  Report& report_;
  const OnBound on_bound_;
  Answers answers_;
  ReceiptNotes receipts_;
  Counts counts_;
  Nanos last_response_ = 0;
};

}  // namespace ringgate::load

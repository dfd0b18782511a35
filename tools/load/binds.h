// The life of a thread's binds: made, bound, ended, and made again.
#pragma once

#include <ringgate/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "load/connections.h"
#include "load/crew.h"
#include "load/inbox.h"
#include "load/options.h"
#include "load/rebinds.h"
#include "load/report.h"
#include "load/share.h"
#include "load/stage.h"
#include "load/submitter.h"
#include "load/wires.h"

namespace ringgate::load {

/// One thread. Whatever cannot be bound before the run is a failure of the crew; what is lost later
/// is counted, and comes back where that is asked for.
class Binds {
 public:
  /// Everything referred to outlives it.
  Binds(const Options& options, Crew& crew, const Share& share, const Stage& stage,
        Connections& connections, Wires& wires, Submitter& submitter, Inbox& inbox, Report& report);

  // Once.
  /// The first binds may begin.
  void open();
  void start_run(Nanos at);
  /// The last answers and receipts are waited for: who is still missing is counted.
  void note_missing();
  void start_unbind();
  void finish();

  // Each turn.
  void connect_due();
  void come_back_due();
  void cut_due();
  /// When there is something to do for one of these.
  Nanos next() const;
  /// Now and then.
  void look_after_all();

  // When it happens.
  void on_connected(Connection& connection);
  void on_bound(Connection& connection, const SmppEvent& event);
  /// The connection has ended, by our unbind or for some other reason.
  void lose(Connection& connection, const std::string& why);
  /// Closed, or never opened: it comes back, where those that are lost do so at all.
  void on_closed(const Connection& connection);

  bool all_are_bound() const { return bound_ == connection_count(options_, share_); }
  bool all_are_back() const;
  /// Some are open, or will be.
  bool any_left() const { return wires_.open_count() != 0 || rebinds_.expects_any(); }

 private:
  Nanos next_connect() const;
  void connect(Connection& connection);
  void on_refused(const Connection& connection, Status status);
  void note_lost(Connection& connection, const std::string& why, bool was_asked);
  bool comes_back() const;
  void look_after(Connection& connection);
  void note_violations(const Connection& connection);
  void fail(std::string text);

  const Options& options_;
  Crew& crew_;
  const Share share_;
  const Stage& stage_;
  Connections& connections_;
  Wires& wires_;
  Submitter& submitter_;
  Inbox& inbox_;
  Report& report_;
  Rebinds rebinds_;
  Nanos connecting_since_ = never;
  std::size_t binding_ = 0;  // begun and not bound yet
  std::size_t bound_ = 0;    // ever, before the run
};

}  // namespace ringgate::load

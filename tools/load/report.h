// What a run has found: as text for people and as JSON for programs.
#pragma once

#include <ringgate/status.h>
#include <ringgate/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "load/disk_probe.h"
#include "load/receipt_matcher.h"
#include "load/second.h"

namespace ringgate::load {

/// How often each command_status came. Few differ in one run, so a list is searched.
class StatusCounts {
 public:
  void add(Status status, std::uint64_t count = 1) {
    if (count == 0) return;
    for (Row& row : rows_) {
      if (row.status != status) continue;
      row.count += count;
      return;
    }
    rows_.push_back({status, count});
  }

  std::uint64_t of(Status status) const {
    for (const Row& row : rows_)
      if (row.status == status) return row.count;
    return 0;
  }

  struct Row {
    Status status;
    std::uint64_t count;
  };
  const std::vector<Row>& rows() const { return rows_; }

 private:
  std::vector<Row> rows_;
};

/// "ESME_RTHROTTLED", or "0x00000400" for a code without a name.
std::string status_text(Status status);

/// What the server sent that SMPP does not permit, or not here.
struct Violations {
  /// Requests that were refused, what cannot be read, and octets that are no PDU.
  std::uint64_t malformed = 0;
  /// Responses to nothing that waited for one: also those that came too late.
  std::uint64_t unasked = 0;

  std::uint64_t all() const { return malformed + unasked; }
};

/// Binds that ended on purpose, or were lost and came back.
struct RebindCounts {
  bool wanted = false;
  std::uint64_t done = 0;
  std::uint64_t failed = 0;   ///< attempts that led to no bind
  std::uint64_t missing = 0;  ///< that were still wanted at the end
  std::uint64_t cut_off = 0;  ///< messages whose answers were under way when we cut the connection
  StatusCounts refusals;      ///< of the attempts, those that were answered

  /// Some bind ended, and with it perhaps an answer to a receipt.
  bool any() const { return done + failed + missing != 0; }
};

struct Report {
  Nanos submitting = 0;  ///< from the first submit until no further one was meant to leave
  Nanos duration = 0;    ///< until then, or to the last response where that is later
  Nanos warm_up = 0;     ///< of it, at the beginning; what was sent in it counts for no rate and no
                         ///< latency
  std::uint64_t submitted = 0;
  std::uint64_t responses = 0;
  std::uint64_t not_submitted = 0;  ///< open loop: due, but no window was open in time
  double backlog_growth = 0;        ///< open loop: messages a second; 0: the server kept up
  StatusCounts statuses;
  std::uint64_t accepted_in_warm_up = 0;
  LatencySummary latency;
  Histogram latency_histogram;

  bool receipts_requested = false;
  ReceiptCounts receipts;
  LatencySummary receipt_latency;
  Histogram receipt_histogram;
  std::uint64_t other_deliver_sm = 0;  ///< that were no receipts
  std::string last_message_id;
  std::string last_receipt;  ///< its text

  Nanos client_cpu = 0;
  std::uint64_t connections = 0;
  std::uint64_t connections_lost = 0;
  std::uint64_t out_of_order = 0;  ///< responses after that of a later request; SMPP permits it
  Violations violations;
  RebindCounts rebinds;
  LatencySummary rebind_latency;  ///< from the wish to bind again to the bind
  Histogram rebind_histogram;
  bool idle = false;  ///< nothing was to be submitted
  std::vector<Second> seconds;
  std::optional<DiskProbe> disk_probe;

  std::uint64_t accepted() const { return statuses.of(Status::ESME_ROK); }
  std::uint64_t throttled() const { return statuses.of(Status::ESME_RTHROTTLED); }
  /// Not those that we have cut off ourselves.
  std::uint64_t unanswered() const { return submitted - responses - rebinds.cut_off; }
  double duration_s() const { return static_cast<double>(duration) / 1e9; }
  /// Whether anything was answered that counts.
  bool measured() const { return latency.count != 0; }
  /// Accepted messages per second, without the warm-up; 0 for a run that has not lasted longer.
  double rate() const;
  /// Whether the server kept up with an open loop: its backlog did not grow, and not more than one
  /// message in a hundred was still to be sent at the end.
  bool sustainable() const;
  /// Of the seconds that count, those in which not the server was measured but this program.
  std::size_t limited_seconds() const;
  std::size_t measured_seconds() const;
  /// So many of them that no figure of this run says what the server can do.
  bool client_limited() const;
  double client_cpu_ns_per_message() const;
  /// What another thread of the same run has found; not its seconds and histograms, which the
  /// threads share.
  void add(const Report& other);
  /// Nothing unanswered, no receipt missing or twice, no connection lost, and the server kept to
  /// SMPP, and every bind came back. Where some ended meanwhile receipts may come twice: their
  /// answers may be lost with them.
  bool sound() const;
};

/// What a peer or a file says, for a terminal: what is not printable ASCII as \x1b.
std::string printable(std::string_view text);
/// 1234567 -> "1,234,567".
std::string grouped(std::uint64_t number);
/// 1500 -> "1.50 us"; three significant digits.
std::string duration_text(Nanos duration);

class Requirement;

/// What a run was, for who reads its report later: names and texts that become JSON as they are.
struct RunFacts {
  std::vector<std::pair<std::string, std::string>> options;
  std::vector<std::pair<std::string, std::string>> machine;
};

/// Several lines, each ended; the last tell which requirements are met.
std::string report_text(const Report& report, std::span<const Requirement> requirements = {});
/// One line, ended.
std::string report_json(const Report& report, std::span<const Requirement> requirements = {},
                        const RunFacts& facts = {});

/// A page that needs nothing beside itself, with that JSON and its plots.
std::string report_html(const Report& report, std::span<const Requirement> requirements,
                        const RunFacts& facts);

}  // namespace ringgate::load

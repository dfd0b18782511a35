// A whole node and its clients under one virtual clock: real shards, a network and a mesh that
// delay, cut and reset, and clients of every temper. One seed draws everything.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "backend.h"
#include "backend/sim/simulator.h"
#include "core/core.h"
#include "disk.h"
#include "ledger.h"
#include "session/smpp_session.h"
#include "trace.h"

namespace ringgate::sim {

/// Faults that the world commits itself, to prove that the ledger would see them.
enum class Canary : std::uint8_t { none, lost_mail, doubled_receipt };

struct Result {
  std::vector<std::string> faults;
  std::uint64_t hash = 0;
  std::uint64_t events = 0;
  std::uint64_t accepted = 0;
  std::uint64_t receipts = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t operations = 0;  ///< queries, cancels and replaces answered with ESME_ROK
  std::uint64_t resubmits = 0;   ///< submits answered that had been lost before
  double seconds = 0;            ///< simulated
  std::uint64_t crashes = 0;
  std::uint64_t ends = 0;      ///< orderly ones
  std::uint64_t restored = 0;  ///< messages that a restart took over
};

/// Of a simulated disk: the least that a segment may have.
inline constexpr std::uint64_t sim_segment_size = std::uint64_t{1} << 20;

class World {
 public:
  World(std::uint64_t seed, Canary canary);
  ~World();

  Result run();
  void print_trace() const { trace_.print(); }

 private:
  struct Node;
  struct Esme;
  struct Link;
  struct Event {
    Nanos at;
    std::uint64_t order;
    std::function<void()> run;
    bool operator>(const Event& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };

  void at(Nanos when, std::function<void()> run);
  void run_until(Nanos until, const std::function<bool()>& done);
  Nanos delay(Nanos most);

  // the machine: restart.cc
  void boot();
  journal::Recovered recover(unsigned shard_count);
  void restore_shard(unsigned shard);

  // what lies on the disk: damage.cc
  void clients_have_sent();
  void look_at_damage(const journal::TakeoverOptions& options);
  void damage(const journal::EpochNote& note, const journal::TakeoverOptions& options);
  void crash();
  void plan_crash();
  void plan_end();
  void look_for_end();
  void process_is_gone();
  void look_for_failure();

  // shards
  void input(unsigned shard, Nanos when, std::function<void(Core&)> what);
  void wake(unsigned shard, Nanos when);
  void turn(unsigned shard);

  // network.cc
  std::shared_ptr<Link> new_link(const std::string& address);
  void arrive(const std::shared_ptr<Link>& link);
  void accept_some();
  int open_socket(const std::shared_ptr<Link>& link);
  void close_socket(int socket);
  void drop(const std::shared_ptr<Link>& link);
  void receive_some(const std::shared_ptr<Link>& link);
  void complete_receive(Core& core, const std::shared_ptr<Link>& link);
  std::size_t hand_over(Core& core, Link& link);
  void send_some(const std::shared_ptr<Link>& link);
  void carry_up(const std::shared_ptr<Link>& link);
  void carry_down(const std::shared_ptr<Link>& link);
  void client_closes(const std::shared_ptr<Link>& link, bool reset);

  // strangers: floods.cc
  void flood_begins();
  void flood_goes_on(const std::shared_ptr<Link>& link, Nanos until);
  void look_at_bounds(const ShardCounters& counters);

  // stores that are filled: hoards.cc
  void hoard_begins();
  void hoard_goes_on(const std::shared_ptr<Link>& link);
  void hoard_reads(Link& link);
  void hoard_ends();
  void look_at_store(unsigned shard);
  void look_at_idleness();

  // accounts that change: swaps.cc
  void plan_swap();
  void swap_accounts(bool all_open);
  void follow(Core& core);

  // sessions that are ended: endings.cc
  void plan_ending();
  void end_sessions();
  /// Clients may be unbound although they have not asked for it.
  bool unbinds_clients() const { return is_told_to_end_ || swaps_ || endings_; }

  // clients
  void connect(Esme& esme);
  void client_reads(Esme& esme, const std::string& octets);
  void client_takes(Esme& esme, const std::string& octets);
  void client_seals(Esme& esme);
  void client_events(Esme& esme);
  void client_delivery(Esme& esme, const SmppEvent& event);
  void client_answers(Esme& esme, const SmppEvent& event, std::uint64_t attempt);
  void subscriber_aims(unsigned shard);
  void subscriber_sends();
  void client_writes(Esme& esme);
  void client_submits(Esme& esme);
  bool client_sends(Esme& esme, std::uint64_t number);
  /// Every other account's receipts repeat more of a text than a record holds.
  static bool repeats_long_texts(std::uint32_t account) { return account % 2 == 1; }
  static std::string text_of(std::uint32_t account, std::uint64_t submit, unsigned version);
  bool client_requests(Esme& esme, std::uint64_t token, smpp::Command command,
                       const std::function<std::uint8_t*(std::uint8_t*)>& write_body);
  void client_answered(Esme& esme, const SmppEvent& event);
  void client_unanswered(Esme& esme, std::uint64_t token);

  // operations: operations.cc
  void client_asks(Esme& esme);
  void client_told(const SmppEvent& event);

  void client_lost(Esme& esme);
  void client_timer(Esme& esme);
  void client_misbehaves(Esme& esme);
  void look_at_octets(Esme& esme, const std::string& octets);

  /// Somebody sets the wall clock, now and then.
  void plan_clock_set();
  void set_clock();
  Now clock() const { return {now_, wall_start_s_ + now_ / 1'000'000'000}; }

  Trace trace_;
  Prng prng_;
  const Canary canary_;
  std::uint64_t canary_countdown_ = 0;
  Nanos now_ = seconds(100);
  std::int64_t wall_start_s_ = 1'700'000'000;
  bool clock_is_set_ = false;  // at times
  bool clock_may_go_ahead_ = true;
  std::uint64_t order_ = 0;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  bool faulty_ = true;
  bool submitting_ = true;
  bool ending_ = false;
  std::uint64_t next_mo_ = 1;
  std::uint64_t next_connection_ = 1;

  bool durable_ = false;  // the shards have a journal
  bool booted_ = false;
  std::unique_ptr<SimDisk> disk_;
  journal::Epoch epoch_;
  MessageIdCodec ids_;
  std::uint64_t incarnation_ = 0;  // of the process; events of an earlier one come to nothing
  std::uint64_t crashes_ = 0;
  std::uint64_t ends_ = 0;
  std::uint64_t restored_ = 0;
  double disk_fault_rate_ = 0;
  Nanos disk_delay_ = 0;
  double disk_full_rate_ = 0;  // of the wishes for another file
  std::uint32_t files_max_ = 0;
  std::uint32_t messages_max_ = 5'000;
  Prng hoard_prng_;  // of its own: seeds without a hoard stay what they were
  bool drew_rare_ = false;
  bool hoards_ = false;  // somebody fills the store
  SimOptions sim_options_;
  bool simulated_backend_ = false;
  std::vector<NumberOptions> number_options_;

  struct Submitted {
    std::uint8_t registered_delivery;
    bool as_data_sm;
  };
  std::vector<Submitted> submitted_;                // by number - 1
  std::vector<std::vector<std::uint64_t>> unsure_;  // of each account: submits without an answer
  std::vector<AccountOptions> accounts_;
  std::shared_ptr<const Roster> roster_;  // that is in use; shards follow
  Prng swap_prng_;                        // of its own: seeds without swaps stay what they were
  bool swaps_ = false;                    // accounts change
  std::uint64_t swapped_ = 0;
  Prng ending_prng_;      // likewise
  bool endings_ = false;  // sessions are ended
  Prng seal_prng_;        // likewise
  bool seals_ = false;    // the listener has what stands for TLS
  const SmppProtocol protocol_{};
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<Witness> witness_;
  SessionLimits limits_;
  SessionLimits client_limits_;
  OctetPool tx_pool_{16'384, 2'048};
  ChunkPool carry_pool_{1'024, 256};
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<std::shared_ptr<Link>> sockets_;  // of the process, by descriptor
  std::deque<std::shared_ptr<Link>> backlog_;   // connected, and not accepted yet
  bool accepting_ = false;
  bool accept_due_ = false;
  bool is_ending_ = false;
  bool is_told_to_end_ = false;  // once at least
  Nanos drain_time_ = 0;
  std::vector<std::unique_ptr<Esme>> esmes_;
};

}  // namespace ringgate::sim

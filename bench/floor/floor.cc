// The floor: the least work an SMPP server on io_uring can do on this machine, and so the baseline
// that every benchmark of the real server is divided by.
//
// One thread, one ring, and the ring techniques of the server: multishot receive into shared
// buffers, frames parsed in place by their length, one send in flight per connection, one system
// call per turn. What it leaves out is the server's subject: decoding, sessions, policy, routing,
// durability. Each submit_sm earns a constant answer.
//
//   floor --port N [--cpu N] [--receipts] [--stats-on-exit]
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "frames.h"
#include "output.h"
#include "uring/buffer_ring.h"
#include "uring/clocks.h"
#include "uring/ring.h"
#include "uring/socket.h"

namespace ringgate::floor {

namespace {

constexpr unsigned sq_entries = 4096;
constexpr unsigned cq_entries = 32'768;
constexpr std::uint16_t receive_group = 0;
constexpr std::uint32_t receive_buffer_count = 64;
constexpr std::uint32_t receive_buffer_size = 16'384;
constexpr int listen_backlog = 4096;
constexpr std::uint32_t frame_size_max = 70'000;
// Answers a peer may leave unread before we stop reading its requests.
constexpr std::size_t output_high_water = std::size_t{1} << 20;

enum class Kind : std::uint8_t { ignored, accept, receive, send, signal };

struct Options {
  std::uint16_t port = 0;
  std::optional<unsigned> cpu;
  bool receipts = false;
  bool stats_on_exit = false;
};

struct Counters {
  std::uint64_t messages = 0;
  std::uint64_t receive_completions = 0;
  std::uint64_t sends = 0;
};

// One slot of the connection table; reused, with a new generation, after its last completion has
// come.
struct Connection {
  int fd = -1;
  std::uint32_t index = 0;
  std::uint32_t generation = 0;
  std::uint32_t next_sequence_number = 1;
  bool receiving = false;  // a multishot receive is armed
  bool sending = false;    // a send is in flight
  bool paused = false;     // reads no more until its answers are taken
  bool ended = false;      // the peer sends no more, or the connection failed
  bool failed = false;     // nothing can be sent any more
  bool dirty = false;      // is in the dirty list
  Output pending;
  Output in_flight;
  std::size_t in_flight_sent = 0;
  std::vector<std::uint8_t> fragment;  // the beginning of a frame whose rest has not come
};

class Floor {
 public:
  Floor(uring::Ring& ring, uring::BufferRing& buffers, int listener, int signals, bool receipts)
      : ring_(ring),
        buffers_(buffers),
        listener_(listener),
        signals_(signals),
        bundle_(ring.capabilities().bundle),
        receipts_(receipts) {}

  /// Serves until a signal arrives.
  void run();

  const Counters& counters() const { return counters_; }

 private:
  void on_completion(const io_uring_cqe& completion);
  void on_accept(const io_uring_cqe& completion);
  void on_receive(Connection& connection, const io_uring_cqe& completion);
  void on_send(Connection& connection, const io_uring_cqe& completion);
  void on_bytes(Connection& connection, Octets bytes);
  bool complete_fragment(Connection& connection, Octets& bytes);
  bool append_fragment(Connection& connection, Octets& bytes, std::size_t size);
  void on_frame(Connection& connection, const std::uint8_t* frame);
  void on_rare_frame(Connection& connection, const std::uint8_t* frame, std::uint32_t command_id);
  void append_receipt(Connection& connection);

  void arm_accept();
  void arm_receive(Connection& connection, bool poll_first);
  void send(Connection& connection);
  void flush();
  void rearm();
  void mark_dirty(Connection& connection);
  void fail(Connection& connection);
  void release_if_done(Connection& connection);
  Connection& free_slot();
  Connection& connection_of(uring::UserData data);
  uring::UserData user_data(Kind kind, const Connection& connection) const;

  uring::Ring& ring_;
  uring::BufferRing& buffers_;
  const int listener_;
  const int signals_;
  const bool bundle_;
  const bool receipts_;
  bool stopping_ = false;
  bool accepting_ = false;
  Counters counters_;
  signalfd_siginfo signal_{};
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> dirty_;  // has output, or may send again
  std::vector<std::uint32_t> rearm_;  // lost its receive
};

void Floor::run() {
  uring::prep_read(ring_.sqe(), signals_,
                   {reinterpret_cast<std::uint8_t*>(&signal_), sizeof signal_},
                   uring::UserData{.kind = static_cast<std::uint8_t>(Kind::signal)});
  arm_accept();
  while (!stopping_) {
    // Waiting for a larger batch (as many completions as last time, min_wait 50 us) halved the rate
    // of 8 connections with a window of 64, whose senders stood still meanwhile, and saved less
    // than a tenth with 200 and a window of 1.
    ring_.enter(never, 1);
    ring_.drain([this](const io_uring_cqe& completion) { on_completion(completion); });
    buffers_.publish();
    flush();
    rearm();
  }
}

void Floor::on_completion(const io_uring_cqe& completion) {
  const uring::UserData data = uring::UserData::unpack(completion.user_data);
  switch (static_cast<Kind>(data.kind)) {
    case Kind::receive:
      on_receive(connection_of(data), completion);
      return;
    case Kind::send:
      on_send(connection_of(data), completion);
      return;
    case Kind::accept:
      on_accept(completion);
      return;
    case Kind::signal:
      stopping_ = true;
      return;
    case Kind::ignored:
      return;
  }
  UNREACHABLE();
}

void Floor::on_accept(const io_uring_cqe& completion) {
  if ((completion.flags & IORING_CQE_F_MORE) == 0) accepting_ = false;
  if (completion.res >= 0) {
    uring::tune_accepted(completion.res);
    Connection& connection = free_slot();
    connection.fd = completion.res;
    arm_receive(connection, true);
  }
  // Out of descriptors: accepting again at once would spin. The next close tries again.
  const bool exhausted = completion.res == -EMFILE || completion.res == -ENFILE;
  if (!accepting_ && !exhausted) arm_accept();
}

void Floor::on_receive(Connection& connection, const io_uring_cqe& completion) {
  ++counters_.receive_completions;
  buffers_.for_each_buffer(completion, [&](std::uint16_t bid, Octets bytes) {
    if (!connection.failed) on_bytes(connection, bytes);
    buffers_.give_back(bid);
  });
  if (!connection.pending.empty()) mark_dirty(connection);

  // Above the high-water mark the receive is cancelled; what arrives until then is still answered.
  if (connection.pending.size() > output_high_water && !connection.paused && !connection.ended) {
    connection.paused = true;
    uring::prep_cancel(ring_.sqe(), user_data(Kind::receive, connection), uring::UserData{});
  }
  if ((completion.flags & IORING_CQE_F_MORE) != 0) return;
  connection.receiving = false;
  if (completion.res == 0) {
    connection.ended = true;
  } else if (completion.res < 0 && completion.res != -ENOBUFS && completion.res != -ECANCELED) {
    fail(connection);
  }
  if (connection.ended)
    release_if_done(connection);
  else
    rearm_.push_back(connection.index);
}

void Floor::on_send(Connection& connection, const io_uring_cqe& completion) {
  connection.sending = false;
  if (completion.res < 0) {
    fail(connection);
  } else {
    connection.in_flight_sent += static_cast<std::size_t>(completion.res);
    const bool sent_all = connection.in_flight_sent == connection.in_flight.size();
    if (!sent_all && !connection.failed) {
      send(connection);
      return;
    }
    connection.in_flight.clear();
    if (!connection.pending.empty()) mark_dirty(connection);
  }
  if (connection.ended) release_if_done(connection);
}

void Floor::on_bytes(Connection& connection, Octets bytes) {
  if (!connection.fragment.empty() && !complete_fragment(connection, bytes)) return;
  const std::uint8_t* at = bytes.data();
  const std::uint8_t* const end = at + bytes.size();
  while (static_cast<std::size_t>(end - at) >= header_size) {
    const std::uint32_t size = load_be32(at);
    if (size < header_size || size > frame_size_max) [[unlikely]]
      return fail(connection);
    if (static_cast<std::size_t>(end - at) < size) break;
    on_frame(connection, at);
    at += size;
  }
  if (at != end) connection.fragment.assign(at, end);
}

// Joins the kept fragment with its continuation, and handles the frame once it is whole. False if
// it is not, or if the connection has failed: there is nothing more to read then.
bool Floor::complete_fragment(Connection& connection, Octets& bytes) {
  if (!append_fragment(connection, bytes, header_size)) return false;
  const std::uint32_t size = load_be32(connection.fragment.data());
  if (size < header_size || size > frame_size_max) {
    fail(connection);
    return false;
  }
  if (!append_fragment(connection, bytes, size)) return false;
  on_frame(connection, connection.fragment.data());
  connection.fragment.clear();
  return true;
}

// Moves octets from `bytes` until the fragment has `size` of them; false if there are too few.
bool Floor::append_fragment(Connection& connection, Octets& bytes, std::size_t size) {
  std::vector<std::uint8_t>& fragment = connection.fragment;
  if (fragment.size() >= size) return true;
  const std::size_t moved = std::min(size - fragment.size(), bytes.size());
  fragment.insert(fragment.end(), bytes.data(), bytes.data() + moved);
  bytes = bytes.subspan(moved);
  return fragment.size() == size;
}

// Copies a ready answer and gives it the request's sequence number, which needs no conversion on
// the way.
template <std::size_t Size>
std::uint8_t* append_answer(Connection& connection, const std::array<std::uint8_t, Size>& answer,
                            const std::uint8_t* request) {
  std::uint8_t* const place = connection.pending.append(Size);
  std::memcpy(place, answer.data(), Size);
  std::memcpy(place + sequence_number_offset, request + sequence_number_offset, 4);
  return place;
}

inline void Floor::on_frame(Connection& connection, const std::uint8_t* frame) {
  const std::uint32_t command_id = load_be32(frame + command_id_offset);
  if (command_id != submit_sm) return on_rare_frame(connection, frame, command_id);
  ++counters_.messages;
  append_answer(connection, submit_response_frame, frame);
  if (receipts_) append_receipt(connection);
}

void Floor::on_rare_frame(Connection& connection, const std::uint8_t* frame,
                          std::uint32_t command_id) {
  if ((command_id & response_bit) != 0) return;
  std::uint8_t* answer = nullptr;
  switch (command_id) {
    case bind_receiver:
    case bind_transmitter:
    case bind_transceiver:
      answer = append_answer(connection, bind_response_frame, frame);
      store_be32(answer + command_id_offset, command_id | response_bit);
      return;
    case enquire_link:
    case unbind:
      answer = append_answer(connection, header_frame, frame);
      store_be32(answer + command_id_offset, command_id | response_bit);
      return;
    default:
      answer = append_answer(connection, header_frame, frame);
      store_be32(answer + command_id_offset, generic_nack);
      store_be32(answer + command_id_offset + 4, ESME_RINVCMDID);
      return;
  }
}

void Floor::append_receipt(Connection& connection) {
  std::uint8_t* const place = connection.pending.append(receipt_frame.size());
  std::memcpy(place, receipt_frame.data(), receipt_frame.size());
  store_be32(place + sequence_number_offset, connection.next_sequence_number);
  // SMPP 3.4 §3.2: from 1 to 0x7FFFFFFF.
  connection.next_sequence_number = connection.next_sequence_number % 0x7FFFFFFF + 1;
}

void Floor::arm_accept() {
  accepting_ = true;
  uring::prep_accept_multishot(ring_.sqe(), listener_,
                               uring::UserData{.kind = static_cast<std::uint8_t>(Kind::accept)});
}

void Floor::arm_receive(Connection& connection, bool poll_first) {
  ASSERT(!connection.receiving);
  connection.receiving = true;
  uring::prep_recv_multishot(ring_.sqe(), connection.fd, receive_group, bundle_, poll_first,
                             user_data(Kind::receive, connection));
}

void Floor::send(Connection& connection) {
  ASSERT(!connection.sending);
  connection.sending = true;
  ++counters_.sends;
  uring::prep_send(ring_.sqe(), connection.fd, connection.in_flight.from(connection.in_flight_sent),
                   user_data(Kind::send, connection));
}

void Floor::flush() {
  for (const std::uint32_t index : dirty_) {
    Connection& connection = *connections_[index];
    connection.dirty = false;
    // A connection released in this turn has neither output nor descriptor.
    if (connection.sending || connection.failed || connection.pending.empty()) continue;
    std::swap(connection.pending, connection.in_flight);
    connection.in_flight_sent = 0;
    send(connection);
    if (connection.paused) {
      connection.paused = false;
      rearm_.push_back(index);
    }
  }
  dirty_.clear();
}

// After publish(), because a receive armed on an empty buffer ring fails at once.
void Floor::rearm() {
  for (const std::uint32_t index : rearm_) {
    Connection& connection = *connections_[index];
    if (connection.fd < 0 || connection.receiving || connection.paused || connection.ended)
      continue;
    arm_receive(connection, false);
  }
  rearm_.clear();
}

void Floor::mark_dirty(Connection& connection) {
  if (connection.dirty) return;
  connection.dirty = true;
  dirty_.push_back(connection.index);
}

void Floor::fail(Connection& connection) {
  if (connection.failed) return;
  connection.ended = true;
  connection.failed = true;
  connection.pending.clear();
  if (connection.receiving || connection.sending)
    uring::prep_cancel_fd(ring_.sqe(), connection.fd, uring::UserData{});
}

// Closes once nothing of the connection is in the kernel any more; until then its descriptor number
// must not be reused.
void Floor::release_if_done(Connection& connection) {
  ASSERT(connection.ended);
  if (connection.receiving || connection.sending) return;
  if (!connection.failed && !connection.pending.empty()) return;
  uring::prep_close(ring_.sqe(), connection.fd, uring::UserData{});
  connection.fd = -1;
  ++connection.generation;
  free_.push_back(connection.index);
  if (!accepting_) arm_accept();
}

Connection& Floor::free_slot() {
  if (free_.empty()) {
    const auto index = static_cast<std::uint32_t>(connections_.size());
    connections_.push_back(std::make_unique<Connection>());
    connections_.back()->index = index;
    return *connections_.back();
  }
  Connection& connection = *connections_[free_.back()];
  free_.pop_back();
  connection.next_sequence_number = 1;
  connection.paused = false;
  connection.ended = false;
  connection.failed = false;
  connection.pending.clear();
  connection.in_flight.clear();
  connection.fragment.clear();
  return connection;
}

Connection& Floor::connection_of(uring::UserData data) {
  ASSERT(data.index < connections_.size());
  Connection& connection = *connections_[data.index];
  // A slot is reused only after its last completion, so a stale one is our mistake.
  ASSERT((connection.generation & (uring::UserData::generation_count - 1)) == data.generation);
  return connection;
}

uring::UserData Floor::user_data(Kind kind, const Connection& connection) const {
  return {.kind = static_cast<std::uint8_t>(kind),
          .generation = connection.generation,
          .index = connection.index};
}

template <class Number>
Number number_argument(std::string_view name, const char* text) {
  Number value{};
  const char* const end = text + std::strlen(text);
  const auto parsed = std::from_chars(text, end, value);
  if (parsed.ec == std::errc{} && parsed.ptr == end) return value;
  std::fprintf(stderr, "floor: %.*s: \"%s\" is not a number in range\n",
               static_cast<int>(name.size()), name.data(), text);
  std::exit(2);
}

Options parse_options(int argument_count, char** arguments) {
  Options options;
  for (int i = 1; i < argument_count; ++i) {
    const std::string_view name = arguments[i];
    const bool has_value = i + 1 < argument_count;
    if (name == "--port" && has_value) {
      options.port = number_argument<std::uint16_t>(name, arguments[++i]);
    } else if (name == "--cpu" && has_value) {
      options.cpu = number_argument<unsigned>(name, arguments[++i]);
    } else if (name == "--receipts") {
      options.receipts = true;
    } else if (name == "--stats-on-exit") {
      options.stats_on_exit = true;
    } else {
      std::fprintf(stderr, "usage: floor --port N [--cpu N] [--receipts] [--stats-on-exit]\n");
      std::exit(2);
    }
  }
  return options;
}

[[noreturn]] void die(const std::string& text) {
  std::fprintf(stderr, "floor: %s\n", text.c_str());
  std::exit(1);
}

template <class T>
T value_or_die(Result<T> result) {
  if (!result) die(result.error().text);
  return std::move(result).value();
}

void pin(unsigned cpu) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(cpu, &cpus);
  if (sched_setaffinity(0, sizeof cpus, &cpus) != 0)
    die("cannot run on CPU " + std::to_string(cpu));
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

int termination_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  const int fd = signalfd(-1, &signals, SFD_CLOEXEC);
  if (fd < 0) die("cannot receive signals");
  return fd;
}

int run(const Options& options) {
  if (options.cpu) pin(*options.cpu);
  raise_descriptor_limit();
  const int signals = termination_signals();
  const uring::Capabilities capabilities = value_or_die(uring::probe());
  const auto ring = value_or_die(uring::Ring::make(capabilities, sq_entries, cq_entries));
  const auto buffers = value_or_die(
      uring::BufferRing::make(*ring, receive_group, receive_buffer_count, receive_buffer_size));
  const int listener = value_or_die(uring::listen_tcp("127.0.0.1", options.port, listen_backlog));

  std::printf("floor: listening on 127.0.0.1:%u\n", unsigned{uring::bound_port(listener)});
  std::fflush(stdout);
  Floor floor(*ring, *buffers, listener, signals, options.receipts);
  const Nanos cpu_before = uring::thread_cpu_time();
  floor.run();
  const Nanos cpu_used = uring::thread_cpu_time() - cpu_before;

  if (!options.stats_on_exit) return 0;
  std::printf(
      "{\"messages\":%llu,\"cpu_ns\":%lld,\"enters\":%llu,\"recv_completions\":%llu,\"sends\":%llu}"
      "\n",
      static_cast<unsigned long long>(floor.counters().messages), static_cast<long long>(cpu_used),
      static_cast<unsigned long long>(ring->counters().enters),
      static_cast<unsigned long long>(floor.counters().receive_completions),
      static_cast<unsigned long long>(floor.counters().sends));
  return 0;
}

}  // namespace

}  // namespace ringgate::floor

int main(int argument_count, char** arguments) {
  return ringgate::floor::run(ringgate::floor::parse_options(argument_count, arguments));
}

#include "client/loop_client.h"

#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace ringgate::client {
namespace {

constexpr unsigned ring_entries = 16;
constexpr std::size_t buffer_size = 64 * 1024;
// How often the end of what the kernel still has is waited for, in the destructor.
constexpr unsigned farewell_rounds = 200;
constexpr Nanos farewell_round = milliseconds(10);

Now read_clocks() {
  timespec mono, wall;
  clock_gettime(CLOCK_MONOTONIC, &mono);
  clock_gettime(CLOCK_REALTIME_COARSE, &wall);
  return {seconds(mono.tv_sec) + mono.tv_nsec, wall.tv_sec};
}

std::uint64_t draw_seed() {
  std::uint64_t seed = 0;
  if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
    seed = static_cast<std::uint64_t>(read_clocks().mono);
  return seed;
}

std::string text_of(int os_errno) { return std::system_category().message(os_errno); }

}  // namespace

std::unique_ptr<LoopClient> LoopClient::make(const ClientOptions& options, ClientHandler& handler,
                                             std::string& error) {
  auto client = make_loop_client(options, handler, nullptr, error);
  if (client == nullptr || client->begin_to_signal()) return client;
  error = "eventfd: " + text_of(errno);
  return nullptr;
}

std::unique_ptr<LoopClient> make_loop_client(const ClientOptions& options, ClientHandler& handler,
                                             Client* shown, std::string& error,
                                             unsigned more_queued) {
  error = client_faults(options);
  const auto server = uring::parse_address(options.address, options.port);
  if (!server) error += (error.empty() ? "address: " : "\naddress: ") + server.error().text;
  if (!error.empty()) return nullptr;
  const auto capabilities = uring::probe();
  if (!capabilities) {
    error = capabilities.error().text;
    return nullptr;
  }
  auto ring = uring::Ring::make(capabilities.value(), ring_entries, 4 * ring_entries);
  if (!ring) {
    error = ring.error().text;
    return nullptr;
  }
  const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  if (timer < 0) {
    error = "timerfd: " + text_of(errno);
    return nullptr;
  }
  ClientOptions own = options;
  own.queue_max += more_queued;
  return std::make_unique<LoopClient>(own, handler, shown, server.value(), std::move(ring.value()),
                                      timer);
}

LoopClient::LoopClient(const ClientOptions& options, ClientHandler& handler, Client* shown,
                       const uring::SocketAddress& server, std::unique_ptr<uring::Ring> ring,
                       int timer)
    : ring_(std::move(ring)),
      server_(server),
      timer_(timer),
      buffer_(buffer_size),
      esme_(options, handler, shown == nullptr ? *this : *shown, draw_seed(), read_clocks()) {
  uring::prep_read(ring_->sqe(), timer_,
                   {reinterpret_cast<std::uint8_t*>(&timer_count_), sizeof timer_count_},
                   uring::UserData{.kind = static_cast<std::uint8_t>(Operation::timer)});
  arm_timer();
  ring_->enter(0);
}

/// Waits until the kernel writes to our memory no more. It takes as long as the kernel needs to
/// cancel, which is not long.
LoopClient::~LoopClient() {
  if (socket_ >= 0) {
    shutdown(socket_, SHUT_RDWR);
    uring::prep_cancel_fd(ring_->sqe(), socket_,
                          uring::UserData{.kind = static_cast<std::uint8_t>(Operation::cancel)});
  }
  bool timer_ended = false;
  bool wake_ended = wake_ < 0;
  for (const int fd : {timer_, wake_})
    if (fd >= 0)
      uring::prep_cancel_fd(ring_->sqe(), fd,
                            uring::UserData{.kind = static_cast<std::uint8_t>(Operation::cancel)});
  for (unsigned i = 0; i < farewell_rounds && !(timer_ended && wake_ended && is_quiet()); ++i) {
    ring_->enter(farewell_round);
    ring_->drain([&](const io_uring_cqe& completion) {
      switch (static_cast<Operation>(uring::UserData::unpack(completion.user_data).kind)) {
        case Operation::connect:
          connecting_ = false;
          break;
        case Operation::receive:
          receiving_ = false;
          break;
        case Operation::send:
          sending_ = false;
          break;
        case Operation::timer:
          timer_ended = true;
          break;
        case Operation::wake:
          wake_ended = true;
          break;
        case Operation::cancel:
          break;
      }
    });
  }
  if (socket_ >= 0) ::close(socket_);
  ::close(timer_);
  ring_.reset();
  if (signal_ >= 0) ::close(signal_);
}

// ---- the program

// What the program says outside a turn is acted upon in one: the timer brings it about.

Posted LoopClient::submit(std::span<const Outgoing> messages, std::size_t& taken) {
  esme_.begin_turn(read_clocks());
  const Posted posted = esme_.submit(messages, taken);
  arm_timer();
  return posted;
}

Posted LoopClient::answer(DeliveryTicket ticket, Status status) {
  const Posted posted = esme_.answer(ticket, status);
  arm_timer();
  return posted;
}

void LoopClient::stop() {
  esme_.begin_turn(read_clocks());
  esme_.stop();
  arm_timer();
}

bool LoopClient::begin_to_signal() {
  signal_ = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
  return signal_ >= 0 && ring_->signal(signal_);
}

void LoopClient::watch(int wake) {
  wake_ = wake;
  uring::prep_read(ring_->sqe(), wake_,
                   {reinterpret_cast<std::uint8_t*>(&wake_count_), sizeof wake_count_},
                   uring::UserData{.kind = static_cast<std::uint8_t>(Operation::wake)});
}

// ---- a turn

void LoopClient::turn() {
  work();
  ring_->enter(0);
  quiet_down();
}

void LoopClient::work() {
  ASSERT(!in_turn_);  // no handler may
  in_turn_ = true;
  ring_->enter(0);
  esme_.begin_turn(read_clocks());
  ring_->drain([this](const io_uring_cqe& completion) { on_completion(completion); });
  esme_.end_turn();
  carry_out();
  arm_timer();
  in_turn_ = false;
}

/// The program waits for the descriptor again. What comes behind the look makes it readable anew.
void LoopClient::quiet_down() {
  if (signal_ < 0) return;
  eventfd_t count;
  eventfd_read(signal_, &count);
  if (ring_->has_work()) eventfd_write(signal_, 1);
}

void LoopClient::on_completion(const io_uring_cqe& completion) {
  const int result = completion.res;
  switch (static_cast<Operation>(uring::UserData::unpack(completion.user_data).kind)) {
    case Operation::connect:
      connecting_ = false;
      // Also where it has been told to end, too late.
      broken_off_ = false;
      if (result == 0) return esme_.on_connected();
      close();
      return esme_.on_refused(result == -ECANCELED ? "no answer in time" : text_of(-result));
    case Operation::receive:
      return on_receive(result);
    case Operation::send:
      sending_ = false;
      esme_.on_sent(result > 0 ? static_cast<std::size_t>(result) : 0);
      if (result < 0) esme_.on_hangup();
      return;
    case Operation::timer:
      timer_at_ = never;
      uring::prep_read(ring_->sqe(), timer_,
                       {reinterpret_cast<std::uint8_t*>(&timer_count_), sizeof timer_count_},
                       uring::UserData{.kind = static_cast<std::uint8_t>(Operation::timer)});
      return;
    case Operation::wake:
      return watch(wake_);
    case Operation::cancel:
      return;
  }
}

void LoopClient::on_receive(int result) {
  receiving_ = false;
  if (result <= 0) return esme_.on_hangup();
  esme_.on_octets({buffer_.data(), static_cast<std::size_t>(result)});
}

/// Connects, receives, sends and closes as the Esme wishes.
void LoopClient::carry_out() {
  if (esme_.take_connect_wish()) connect();
  if (socket_ < 0) return;
  if (connecting_) {
    if (!esme_.wants_to_give_up() || std::exchange(broken_off_, true)) return;
    uring::prep_cancel_fd(ring_->sqe(), socket_,
                          uring::UserData{.kind = static_cast<std::uint8_t>(Operation::cancel)});
    return;
  }
  if (esme_.wants_close()) {
    if (!std::exchange(broken_off_, true)) {
      shutdown(socket_, SHUT_RDWR);
      uring::prep_cancel_fd(ring_->sqe(), socket_,
                            uring::UserData{.kind = static_cast<std::uint8_t>(Operation::cancel)});
    }
    if (!is_quiet()) return;
    close();
    esme_.on_closed();
    esme_.end_turn();
    if (esme_.take_connect_wish()) connect();
    return;
  }
  if (!receiving_ && esme_.wants_to_read()) {
    receiving_ = true;
    uring::prep_read(ring_->sqe(), socket_, buffer_,
                     uring::UserData{.kind = static_cast<std::uint8_t>(Operation::receive)});
  }
  if (sending_) return;
  const Octets octets = esme_.output();
  if (octets.empty()) return;
  sending_ = true;
  uring::prep_send(ring_->sqe(), socket_, octets,
                   uring::UserData{.kind = static_cast<std::uint8_t>(Operation::send)});
}

void LoopClient::connect() {
  ASSERT(socket_ < 0 && is_quiet());
  socket_ = socket(server_.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return esme_.on_refused(text_of(errno));
  uring::tune_accepted(socket_);
  broken_off_ = false;
  connecting_ = true;
  uring::prep_connect(ring_->sqe(), socket_, server_.raw(), server_.size,
                      uring::UserData{.kind = static_cast<std::uint8_t>(Operation::connect)});
}

void LoopClient::close() {
  ::close(socket_);
  socket_ = -1;
}

/// The timer is set for the next thing that time brings about; at once where the Esme has something
/// to say that no completion will bring up.
void LoopClient::arm_timer() {
  Nanos at = esme_.deadline();
  if (!sending_ && esme_.has_output()) at = 0;
  if (at == timer_at_) return;
  timer_at_ = at;
  itimerspec when{};
  if (at != never) {
    // A time of 0 would disarm it.
    const Nanos not_zero = std::max<Nanos>(at, 1);
    when.it_value.tv_sec = not_zero / seconds(1);
    when.it_value.tv_nsec = not_zero % seconds(1);
  }
  timerfd_settime(timer_, TFD_TIMER_ABSTIME, &when, nullptr);
}

}  // namespace ringgate::client

#include "client/loop_client.h"

#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "uring/clocks.h"
#include "uring/random.h"

namespace ringgate::client {
namespace {

constexpr unsigned ring_entries = 16;
constexpr std::size_t buffer_size = 64 * 1024;
// How often the end of what the kernel still has is waited for, in the destructor.
constexpr unsigned farewell_rounds = 200;
constexpr Nanos farewell_round = milliseconds(10);

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
                                             Client* shown, std::string& error) {
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
  return std::make_unique<LoopClient>(options, handler, shown, server.value(),
                                      std::move(ring.value()), timer);
}

LoopClient::LoopClient(const ClientOptions& options, ClientHandler& handler, Client* shown,
                       const uring::SocketAddress& server, std::unique_ptr<uring::Ring> ring,
                       int timer)
    : ring_(std::move(ring)),
      server_(server),
      timer_(timer),
      buffer_(buffer_size),
      esme_(options, handler, shown == nullptr ? *this : *shown, uring::random_number(),
            uring::read_clocks()) {
  await_timer();
  arm_timer();
  ring_->enter(0);
}

/// Waits until the kernel writes to our memory no more. It takes as long as the kernel needs to
/// cancel, which is not long.
LoopClient::~LoopClient() {
  if (socket_ >= 0) shutdown(socket_, SHUT_RDWR);
  for (const int fd : {socket_, timer_, wake_})
    if (fd >= 0) cancel(fd);
  for (unsigned i = 0; i < farewell_rounds && under_way_.any(); ++i) {
    ring_->enter(farewell_round);
    ring_->drain([this](const io_uring_cqe& completion) { end(completion); });
  }
  if (socket_ >= 0) ::close(socket_);
  ::close(timer_);
  ring_.reset();
  if (signal_ >= 0) ::close(signal_);
}

// ---- the program

// What the program says outside a turn is acted upon in one: the timer brings it about.

Posted LoopClient::submit(std::span<const Outgoing> messages, std::size_t& taken) {
  esme_.begin_turn(uring::read_clocks());
  const Posted posted = esme_.submit(messages, taken);
  arm_timer();
  return posted;
}

void LoopClient::submit(QueuedSubmit&& message) {
  esme_.begin_turn(uring::read_clocks());
  esme_.submit(std::move(message));
  arm_timer();
}

Posted LoopClient::answer(DeliveryTicket ticket, Status status) {
  const Posted posted = esme_.answer(ticket, status);
  arm_timer();
  return posted;
}

void LoopClient::stop() {
  esme_.begin_turn(uring::read_clocks());
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
                   begin(Operation::wake));
}

// ---- operations

std::uint64_t LoopClient::begin(Operation operation) {
  under_way_.set(static_cast<std::size_t>(operation));
  return uring::UserData{.kind = static_cast<std::uint8_t>(operation)};
}

LoopClient::Operation LoopClient::end(const io_uring_cqe& completion) {
  const std::uint8_t kind = uring::UserData::unpack(completion.user_data).kind;
  under_way_.reset(kind);
  return static_cast<Operation>(kind);
}

void LoopClient::await_timer() {
  uring::prep_read(ring_->sqe(), timer_,
                   {reinterpret_cast<std::uint8_t*>(&timer_count_), sizeof timer_count_},
                   begin(Operation::timer));
}

/// Whatever is under way there ends soon.
void LoopClient::cancel(int fd) {
  uring::prep_cancel_fd(ring_->sqe(), fd, begin(Operation::cancel));
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
  esme_.begin_turn(uring::read_clocks());
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
  switch (end(completion)) {
    case Operation::connect:
      // Also where it has been told to end, too late.
      broken_off_ = false;
      if (result == 0) return esme_.on_connected();
      close();
      return esme_.on_refused(result == -ECANCELED ? "no answer in time" : text_of(-result));
    case Operation::receive:
      if (result <= 0) return esme_.on_hangup();
      return esme_.on_octets({buffer_.data(), static_cast<std::size_t>(result)});
    case Operation::send:
      esme_.on_sent(result > 0 ? static_cast<std::size_t>(result) : 0);
      if (result < 0) esme_.on_hangup();
      return;
    case Operation::timer:
      timer_at_ = never;
      return await_timer();
    case Operation::wake:
      return watch(wake_);
    case Operation::cancel:
      return;
  }
}

/// Connects, receives, sends and closes as the Esme wishes.
void LoopClient::carry_out() {
  if (esme_.take_connect_wish()) connect();
  if (socket_ < 0) return;
  if (is_under_way(Operation::connect)) {
    if (esme_.wants_to_give_up() && !std::exchange(broken_off_, true)) cancel(socket_);
    return;
  }
  if (esme_.wants_close()) {
    if (!std::exchange(broken_off_, true)) {
      shutdown(socket_, SHUT_RDWR);
      cancel(socket_);
    }
    if (!is_quiet()) return;
    close();
    esme_.on_closed();
    esme_.end_turn();
    if (esme_.take_connect_wish()) connect();
    return;
  }
  if (!is_under_way(Operation::receive) && esme_.wants_to_read())
    uring::prep_read(ring_->sqe(), socket_, buffer_, begin(Operation::receive));
  if (is_under_way(Operation::send)) return;
  if (const Octets octets = esme_.output(); !octets.empty())
    uring::prep_send(ring_->sqe(), socket_, octets, begin(Operation::send));
}

void LoopClient::connect() {
  ASSERT(socket_ < 0 && is_quiet());
  socket_ = socket(server_.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return esme_.on_refused(text_of(errno));
  uring::tune_accepted(socket_);
  broken_off_ = false;
  uring::prep_connect(ring_->sqe(), socket_, server_.raw(), server_.size,
                      begin(Operation::connect));
}

void LoopClient::close() {
  ::close(socket_);
  socket_ = -1;
}

/// The timer is set for the next thing that time brings about; at once where the Esme has something
/// to say that no completion will bring up.
void LoopClient::arm_timer() {
  Nanos at = esme_.deadline();
  if (!is_under_way(Operation::send) && esme_.has_output()) at = 0;
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

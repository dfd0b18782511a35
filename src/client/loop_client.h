// A client in its program's loop: an Esme, its socket, and a ring with an eventfd that tells when
// there is something to do.
#pragma once

#include <bitset>
#include <memory>
#include <string>
#include <vector>

#include <ringgate/client.h>

#include "esme/esme.h"
#include "uring/ring.h"
#include "uring/socket.h"

namespace ringgate::client {

/// Everything on the thread that has made it.
class LoopClient final : public Client {
 public:
  /// Null, and `error` says why.
  static std::unique_ptr<LoopClient> make(const ClientOptions& options, ClientHandler& handler,
                                          std::string& error);
  ~LoopClient() override;

  using Client::submit;
  Posted submit(std::span<const Outgoing> messages, std::size_t& taken) override;
  /// As Esme has it.
  void submit(QueuedSubmit&& message);
  Posted answer(DeliveryTicket ticket, Status status) override;
  void stop() override;
  ClientState state() const override { return esme_.state(); }
  int descriptor() const override { return signal_; }
  void turn() override;

  // For a thread of the client's own.

  /// A turn, but that nothing is said to the kernel yet.
  void work();
  /// That, and waits until there is more to do, or something has been written to `wake` since the
  /// last work().
  void wait() { ring_->enter(never); }
  /// From now on descriptor() tells. False, and errno says why: it cannot.
  bool begin_to_signal();
  /// That eventfd ends the wait.
  void watch(int wake);
  /// Whom the handler is told of; before the first turn.
  LoopClient(const ClientOptions& options, ClientHandler& handler, Client* shown,
             const uring::SocketAddress& server, std::unique_ptr<uring::Ring> ring, int timer);

 private:
  enum class Operation : std::uint8_t { connect, receive, send, timer, wake, cancel };
  static constexpr std::size_t operations = 6;

  void on_completion(const io_uring_cqe& completion);
  void carry_out();
  void connect();
  void close();
  void arm_timer();
  void quiet_down();
  /// The name of an operation that begins.
  std::uint64_t begin(Operation operation);
  /// Of a completion; it is not under way any more.
  Operation end(const io_uring_cqe& completion);
  bool is_under_way(Operation operation) const {
    return under_way_.test(static_cast<std::size_t>(operation));
  }
  /// Nothing is under way on the socket.
  bool is_quiet() const {
    return !is_under_way(Operation::connect) && !is_under_way(Operation::receive) &&
           !is_under_way(Operation::send);
  }
  void await_timer();
  void cancel(int fd);

  std::unique_ptr<uring::Ring> ring_;
  const uring::SocketAddress server_;
  const int timer_;
  std::vector<std::uint8_t> buffer_;
  std::uint64_t timer_count_ = 0;
  std::uint64_t wake_count_ = 0;
  Nanos timer_at_ = never;
  int wake_ = -1;
  int signal_ = -1;
  int socket_ = -1;
  std::bitset<operations> under_way_;  // the kernel has what belongs to these
  bool broken_off_ = false;            // what is under way has been told to end
  bool in_turn_ = false;
  Esme esme_;
};

/// The ring, address and timer that it takes; fills in `error` where something is wrong.
std::unique_ptr<LoopClient> make_loop_client(const ClientOptions& options, ClientHandler& handler,
                                             Client* shown, std::string& error);

}  // namespace ringgate::client

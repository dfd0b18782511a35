// A client with a thread of its own: what the program says is queued, and the thread's LoopClient
// says it.
#pragma once

#include <atomic>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include "client/loop_client.h"

namespace ringgate::client {

/// Any thread, but for the handler's calls, which are the client's own thread's.
class ThreadClient final : public Client, private ClientHandler {
 public:
  static std::unique_ptr<ThreadClient> start(const ClientOptions& options, ClientHandler& handler,
                                             std::string& error);
  ThreadClient(const ClientOptions& options, ClientHandler& handler);
  ~ThreadClient() override;

  using Client::submit;
  Posted submit(std::span<const Outgoing> messages, std::size_t& taken) override;
  Posted answer(DeliveryTicket ticket, Status status) override;
  void stop() override;
  ClientState state() const override { return state_.load(std::memory_order_relaxed); }
  int descriptor() const override { return -1; }
  void turn() override {}

 private:
  struct Answered {
    DeliveryTicket ticket;
    Status status;
  };

  /// Submits that are taken at most, and answers that wait at most: as many as are open, and as
  /// many again of a connection that is no more.
  std::size_t submits_max() const { return std::size_t{options_.queue_max} + options_.window; }
  std::size_t answers_max() const { return std::size_t{2} * options_.deliver_window; }

  void run(std::promise<std::string>& ready);
  void take_over(LoopClient& loop);
  void wake();

  void on_bound(Client&) noexcept override;
  void on_loss(Client&, const ClientLoss& loss) noexcept override;
  void on_submitted(Client&, std::span<const Submitted> submitted) noexcept override;
  void on_deliveries(Client&, std::span<const Delivery> deliveries) noexcept override;
  void on_room(Client&) noexcept override {}
  void on_ended(Client&) noexcept override;

  const ClientOptions options_;
  ClientHandler& handler_;
  int wake_ = -1;
  LoopClient* loop_ = nullptr;  // lives in run(); its thread's
  std::mutex mutex_;
  std::vector<QueuedSubmit> said_;  // submits
  std::vector<Answered> answered_;  // deliveries
  std::size_t untold_ = 0;          // submits that were taken and whose end is not told
  bool stop_asked_ = false;
  bool told_full_ = false;
  std::atomic<bool> over_ = false;  // the thread shall end
  std::atomic<ClientState> state_ = ClientState::waiting;
  std::thread::id own_;  // of thread_, from before anybody can ask
  std::thread thread_;
};

}  // namespace ringgate::client

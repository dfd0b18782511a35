#include "client/thread_client.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "smpp/deliver_pdu.h"

namespace ringgate::client {

std::unique_ptr<ThreadClient> ThreadClient::start(const ClientOptions& options,
                                                  ClientHandler& handler, std::string& error) {
  auto client = std::make_unique<ThreadClient>(options, handler);
  if (client->wake_ < 0) {
    error = std::string("eventfd: ") + std::strerror(errno);
    return nullptr;
  }
  std::promise<std::string> ready;
  std::future<std::string> complaint = ready.get_future();
  client->thread_ = std::thread(
      [raw = client.get(), promise = std::move(ready)]() mutable { raw->run(promise); });
  error = complaint.get();
  if (!error.empty()) return nullptr;
  return client;
}

ThreadClient::ThreadClient(const ClientOptions& options, ClientHandler& handler)
    : options_(options), handler_(handler), wake_(eventfd(0, EFD_CLOEXEC)) {}

ThreadClient::~ThreadClient() {
  {
    const std::scoped_lock lock(mutex_);
    if (!stop_asked_) over_ = true;
  }
  // In this order: the thread looks at it behind each wait.
  if (wake_ >= 0) wake();
  if (thread_.joinable()) thread_.join();
  if (wake_ >= 0) ::close(wake_);
}

/// The client's thread. Its loop is made here, because a ring is used by one thread only.
void ThreadClient::run(std::promise<std::string>& ready) {
  own_ = std::this_thread::get_id();
  std::string error;
  const std::unique_ptr<LoopClient> loop = make_loop_client(options_, *this, this, error);
  if (loop != nullptr) loop->watch(wake_);
  {
    const std::scoped_lock lock(mutex_);
    loop_ = loop.get();
  }
  ready.set_value(error);
  if (loop == nullptr) return;
  for (;;) {
    loop->work();
    // Whatever is said behind this ends the wait.
    take_over(*loop);
    state_.store(loop->state(), std::memory_order_relaxed);
    if (over_ || loop->state() == ClientState::ended) break;
    loop->wait();
  }
  state_.store(ClientState::ended, std::memory_order_relaxed);
}

void ThreadClient::take_over(LoopClient& loop) {
  std::vector<QueuedSubmit> said;
  std::vector<Answered> answered;
  bool stops = false;
  {
    const std::scoped_lock lock(mutex_);
    said.swap(said_);
    answered.swap(answered_);
    stops = stop_asked_;
  }
  for (const Answered& one : answered) loop.answer(one.ticket, one.status);
  for (QueuedSubmit& one : said) loop.submit(std::move(one));
  if (stops) loop.stop();
}

void ThreadClient::wake() { eventfd_write(wake_, 1); }

// ---- the program

Posted ThreadClient::submit(std::span<const Outgoing> messages, std::size_t& taken) {
  const std::scoped_lock lock(mutex_);
  Posted posted = Posted::ok;
  for (taken = 0; taken < messages.size() && posted == Posted::ok; ++taken) {
    const Outgoing& message = messages[taken];
    if (stop_asked_) {
      posted = Posted::gone;
    } else if (!smpp::is_submittable(message, options_.version)) {
      posted = Posted::misuse;
    } else if (untold_ >= submits_max()) {
      told_full_ = true;
      posted = Posted::full;
    }
    if (posted != Posted::ok) break;
    said_.emplace_back(message);
    ++untold_;
  }
  if (taken != 0) wake();
  return posted;
}

Posted ThreadClient::answer(DeliveryTicket ticket, Status status) {
  if (std::this_thread::get_id() == own_) return loop_->answer(ticket, status);
  const std::scoped_lock lock(mutex_);
  if (state_ == ClientState::ended) return Posted::gone;
  if (answered_.size() >= answers_max()) return Posted::full;
  answered_.push_back({ticket, status});
  wake();
  return Posted::ok;
}

void ThreadClient::stop() {
  const std::scoped_lock lock(mutex_);
  stop_asked_ = true;
  wake();
}

// ---- the handler's calls, on this client's thread

void ThreadClient::on_bound(Client&) noexcept {
  state_ = ClientState::bound;
  handler_.on_bound(*this);
}

void ThreadClient::on_loss(Client&, const ClientLoss& loss) noexcept {
  state_ = ClientState::waiting;
  handler_.on_loss(*this, loss);
}

void ThreadClient::on_submitted(Client&, std::span<const Submitted> submitted) noexcept {
  handler_.on_submitted(*this, submitted);
  {
    const std::scoped_lock lock(mutex_);
    ASSERT(untold_ >= submitted.size());
    untold_ -= submitted.size();
    const bool has_much_room = untold_ <= submits_max() / 2;
    if (!told_full_ || !has_much_room || stop_asked_) return;
    told_full_ = false;
  }
  handler_.on_room(*this);
}

void ThreadClient::on_deliveries(Client&, std::span<const Delivery> deliveries) noexcept {
  handler_.on_deliveries(*this, deliveries);
}

void ThreadClient::on_ended(Client&) noexcept {
  {
    const std::scoped_lock lock(mutex_);
    state_ = ClientState::ended;
  }
  handler_.on_ended(*this);
}

}  // namespace ringgate::client

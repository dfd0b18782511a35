// An SMPP server inside a program of your own: it takes every submit whose text does not say "no",
// and reports the message delivered a little later, from a thread of its own.
//
//   embed [PORT]        then bind as test/test; end it with Enter or end of input
#include <ringgate/server.h>
#include <ringgate/text.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

class Shop : public ringgate::Backend {
 public:
  // Before the first submit, with replies that any thread may use, for ever.
  void on_start(unsigned, ringgate::Now,
                const std::shared_ptr<ringgate::Replies>& replies) noexcept override {
    replies_ = replies;
  }

  // Called on the server's threads with views that end with the call. Answer here, or later by
  // ticket.
  void on_submits(std::span<const ringgate::Submit> submits, ringgate::Now,
                  ringgate::Replies& replies) noexcept override {
    for (const ringgate::Submit& submit : submits) {
      const std::string text = ringgate::text_of(submit).utf8;
      std::printf("%.*s -> %.*s: %s\n", static_cast<int>(submit.source.text.size()),
                  submit.source.text.data(), static_cast<int>(submit.destination.text.size()),
                  submit.destination.text.data(), text.c_str());
      std::fflush(stdout);
      if (text.find("no") != std::string::npos) {
        replies.answer(submit.ticket, ringgate::Status::ESME_RSUBMITFAIL);
        continue;
      }
      replies.answer(submit.ticket, ringgate::Status::ESME_ROK);
      if (submit.outcome_wanted) later(submit.ticket);
    }
  }

 private:
  // A real program would hand the ticket to whatever delivers the message. This thread may outlive
  // the server and the shop, so it has a share of the replies.
  void later(ringgate::Ticket ticket) {
    std::thread([replies = replies_, ticket] {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      replies->report(ticket, {ringgate::MessageState::delivered, 0});
    }).detach();
  }

  std::shared_ptr<ringgate::Replies> replies_;
};

int main(int argument_count, char** arguments) {
  ringgate::Options options;
  options.listen.push_back({"127.0.0.1", static_cast<std::uint16_t>(
                                             argument_count > 1 ? std::atoi(arguments[1]) : 2775)});
  // Each takes a descriptor, of which a shell often allows 1,024.
  options.limits.max_connections = 500;
  options.accounts.emplace_back();
  options.accounts.back().system_id = "test";
  options.accounts.back().password = "test";

  Shop shop;
  std::string error;
  const auto server = ringgate::Server::start(options, shop, nullptr, error);
  if (server == nullptr) return std::fprintf(stderr, "embed: %s\n", error.c_str()), 1;
  std::printf("port %d\n", server->port());
  std::fflush(stdout);
  std::getchar();
  server->stop();
  return 0;
}

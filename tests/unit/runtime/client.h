// An ESME for tests of the runtime.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string_view>
#include <utility>

#include "../shard/pdus.h"

namespace ringgate::test {

inline constexpr int patience_ms = 10'000;

/// A blocking ESME on a real socket.
class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  struct Accepted {};
  Client(int fd, Accepted) : fd_(fd), connected_(true) {}
  ~Client() { close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool connected() const { return connected_; }
  void write(std::string_view octets) {
    ASSERT_EQ(send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(octets.size()));
  }
  /// The next PDU; command generic_nack with an empty body and sequence 0 when the server closed or
  /// was silent for too long.
  Pdu read() {
    while (reader_.pdus.empty()) {
      pollfd wait{fd_, POLLIN, 0};
      if (poll(&wait, 1, patience_ms) != 1) return nothing();
      std::uint8_t buffer[4096];
      const ssize_t size = recv(fd_, buffer, sizeof buffer, 0);
      if (size <= 0) return nothing();
      reader_.add({buffer, static_cast<std::size_t>(size)});
    }
    Pdu out = std::move(reader_.pdus.front());
    reader_.pdus.pop_front();
    return out;
  }
  bool closed() {
    const Pdu last = read();
    return last.sequence_number() == 0 && last.body.empty();
  }
  Status bind(smpp::Command command, std::string_view system_id, std::string_view password) {
    write(bind_pdu(command, system_id, password));
    return read().status();
  }

 private:
  static Pdu nothing() {
    Pdu out;
    out.header = {16, static_cast<std::uint32_t>(smpp::Command::generic_nack), 0, 0};
    return out;
  }

  const int fd_;
  bool connected_ = false;
  PduReader reader_;
};

}  // namespace ringgate::test

// A peer on a real socket that sends any octets it likes and takes apart what comes back.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "io/channel.h"
#include "protocol.h"

namespace ringgate::hostile {

inline constexpr std::chrono::seconds patience{5};

struct Received {
  std::uint32_t command_id = 0;
  std::uint32_t command_status = 0;
  std::uint32_t sequence_number = 0;
  std::string body;
};

/// The C-string at the head of a body, if it has its NUL.
std::string c_string_of(std::string_view body);
/// The TLVs of a deliver_sm stand behind its short_message; empty where the body is cut short.
struct DeliverSm {
  std::uint32_t esm_class = 0;
  std::string short_message;
  std::string rest;
};
DeliverSm read_deliver_sm(std::string_view body);
/// The value of a TLV among TLVs; null where there is none of that tag.
const char* find_tlv(std::string_view tlvs, std::uint16_t tag, std::size_t& size);
bool has_tlv(std::string_view tlvs, std::uint16_t tag);

class Peer {
 public:
  /// Connects from that address of this machine; every 127.x.y.z is one.
  explicit Peer(std::uint16_t port, const char* source = nullptr);
  ~Peer();
  Peer(Peer&& other) noexcept;
  Peer& operator=(Peer&&) = delete;

  /// False when the server has closed.
  bool send(std::string_view octets);
  /// Reads what there is, waiting until something comes, the connection ends, or that moment.
  void read(std::chrono::steady_clock::time_point until);
  /// Reads until `enough`; false when the time was up or the connection ended first.
  bool read_until(const std::function<bool()>& enough, std::chrono::milliseconds within = patience);
  bool read_count(std::size_t count) {
    return read_until([this, count] { return received.size() >= count; });
  }
  bool read_end(std::chrono::milliseconds within = patience) {
    return read_until([this] { return closed_; }, within);
  }
  /// Sends a request and returns its response; whatever came before stays in `received`.
  Received ask(std::uint32_t command_id, std::uint32_t sequence_number, std::string_view body = {});
  /// The next request of the server, which leaves `received`.
  Received next(std::uint32_t command_id, std::chrono::milliseconds within = patience);

  bool closed() const { return closed_; }
  /// Octets behind the last whole PDU; anything but empty at the end is a fault of the server.
  const std::string& partial() const { return partial_; }

  std::deque<Received> received;

 private:
  void shake_hands();
  bool write(std::string_view octets);
  bool write_plain(std::string_view octets);
  bool take(std::string_view octets);
  void split();

  int fd_ = -1;
  std::unique_ptr<io::Channel> channel_;  // null: in plain
  bool closed_ = false;
  std::string partial_;
};

}  // namespace ringgate::hostile

#include "peer.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/bytes.h"
#include "pdu.h"
#include "site.h"
#include "sockets.h"
#ifdef RINGGATE_TLS
#include "tls/ssl_channel.h"
#endif

namespace ringgate::hostile {
namespace {

std::uint32_t read_u32(std::string_view octets, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4; ++i)
    value = value << 8 | static_cast<unsigned char>(octets[i]);
  return value;
}

}  // namespace

std::string c_string_of(std::string_view body) {
  const std::size_t end = body.find('\0');
  return std::string(body.substr(0, end == body.npos ? 0 : end));
}

DeliverSm read_deliver_sm(std::string_view body) {
  DeliverSm out;
  const auto skip_c_string = [&body] {
    body.remove_prefix(std::min(body.size(), body.find('\0') + 1));
  };
  const auto skip = [&body](std::size_t count) {
    body.remove_prefix(std::min(body.size(), count));
  };
  skip_c_string();
  for (int i = 0; i < 2; ++i) {
    skip(2);
    skip_c_string();
  }
  if (body.empty()) return out;
  out.esm_class = static_cast<unsigned char>(body[0]);
  skip(3);
  skip_c_string();
  skip_c_string();
  skip(4);
  if (body.empty()) return out;
  const std::size_t sm_length = static_cast<unsigned char>(body[0]);
  skip(1);
  out.short_message = std::string(body.substr(0, sm_length));
  skip(sm_length);
  out.rest = std::string(body);
  return out;
}

const char* find_tlv(std::string_view tlvs, std::uint16_t tag, std::size_t& size) {
  while (tlvs.size() >= 4) {
    const std::uint32_t head = read_u32(tlvs, 0);
    size = head & 0xFFFF;
    if (size + 4 > tlvs.size()) return nullptr;
    if (head >> 16 == tag) return tlvs.data() + 4;
    tlvs.remove_prefix(4 + size);
  }
  return nullptr;
}

bool has_tlv(std::string_view tlvs, std::uint16_t tag) {
  std::size_t size;
  return find_tlv(tlvs, tag, size) != nullptr;
}

Peer::Peer(std::uint16_t port, const char* source) : fd_(connect_from(port, source)) {
  closed_ = fd_ < 0;
  EXPECT_FALSE(closed_) << "connect: errno " << errno;
  if (!closed_ && tls_directory() != nullptr) shake_hands();
}

/// What is said in plain elsewhere, this peer says through TLS.
void Peer::shake_hands() {
#ifdef RINGGATE_TLS
  static const auto context =
      tls::ClientContext::make(std::string(tls_directory()) + "/ca.pem", {}, {});
  if (!context) {
    ADD_FAILURE() << context.error().text;
    return;
  }
  channel_ = std::make_unique<tls::SslChannel>(context.value(), "smsc.example");
  channel_->shake();
  write({});
  read_until([this] { return channel_->stage() != io::Channel::Stage::shaking; });
  EXPECT_EQ(channel_->stage(), io::Channel::Stage::open) << channel_->fault();
#endif
}

Peer::~Peer() {
  if (fd_ >= 0) close(fd_);
}

Peer::Peer(Peer&& other) noexcept
    : received(std::move(other.received)),
      fd_(other.fd_),
      channel_(std::move(other.channel_)),
      closed_(other.closed_),
      partial_(std::move(other.partial_)) {
  other.fd_ = -1;
}

bool Peer::send(std::string_view octets) {
  if (channel_ == nullptr) return write(octets);
  if (closed_ || channel_->stage() != io::Channel::Stage::open) return false;
  channel_->write(as_octets(octets));
  return write({});
}

/// To the socket; of a channel, all that it has to say.
bool Peer::write(std::string_view octets) {
  if (channel_ == nullptr) return write_plain(octets);
  for (Octets piece = channel_->outgoing(); !piece.empty(); piece = channel_->outgoing()) {
    // Read meanwhile: it may send itself.
    const std::string copy(as_text(piece));
    channel_->sent(piece.size());
    if (!write_plain(copy)) return false;
  }
  return true;
}

bool Peer::write_plain(std::string_view octets) {
  while (!octets.empty() && !closed_) {
    const ssize_t sent = ::send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      octets.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      // What the server says meanwhile is read, or both would wait for the other.
      pollfd wait{fd_, POLLIN | POLLOUT, 0};
      if (poll(&wait, 1, 1000) == 1 && (wait.revents & POLLIN) != 0)
        read(std::chrono::steady_clock::now());
    } else {
      return false;
    }
  }
  return octets.empty();
}

void Peer::read(std::chrono::steady_clock::time_point until) {
  if (closed_) return;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      until - std::chrono::steady_clock::now());
  pollfd wait{fd_, POLLIN, 0};
  if (poll(&wait, 1, std::max(0, static_cast<int>(left.count()) + 1)) != 1) return;
  char buffer[16 * 1024];
  const ssize_t size = recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT);
  if (size > 0) {
    if (!take({buffer, static_cast<std::size_t>(size)})) closed_ = true;
    split();
  } else if (size == 0 || errno != EAGAIN) {
    closed_ = true;
  }
}

/// Of the socket. False: nothing more will come.
bool Peer::take(std::string_view octets) {
  if (channel_ == nullptr) {
    partial_.append(octets);
    return true;
  }
  if (!channel_->hears()) return false;
  channel_->put(as_octets(octets));
  if (channel_->stage() == io::Channel::Stage::shaking) {
    channel_->shake();
    write({});
  }
  std::uint8_t buffer[16 * 1024];
  if (channel_->stage() != io::Channel::Stage::shaking)
    while (const std::size_t count = channel_->read(buffer))
      partial_.append(reinterpret_cast<const char*>(buffer), count);
  return channel_->hears();
}

void Peer::split() {
  std::size_t at = 0;
  while (partial_.size() - at >= 16) {
    const std::size_t size = read_u32(partial_, at);
    if (size < 16 || size > 70'000) {
      ADD_FAILURE() << "the server lost its own framing: " << to_hex(partial_.substr(at, 64));
      closed_ = true;
      return;
    }
    if (partial_.size() - at < size) break;
    received.push_back({read_u32(partial_, at + 4), read_u32(partial_, at + 8),
                        read_u32(partial_, at + 12), partial_.substr(at + 16, size - 16)});
    at += size;
  }
  partial_.erase(0, at);
}

bool Peer::read_until(const std::function<bool()>& enough, std::chrono::milliseconds within) {
  const auto until = std::chrono::steady_clock::now() + within;
  while (!enough()) {
    if (closed_ || std::chrono::steady_clock::now() >= until) return false;
    read(until);
  }
  return true;
}

Received Peer::ask(std::uint32_t command_id, std::uint32_t sequence_number, std::string_view body) {
  send(pdu(command_id, sequence_number, body));
  Received out;
  out.command_status = 0xFFFFFFFF;  // no answer came
  read_until([&] {
    for (auto at = received.begin(); at != received.end(); ++at) {
      if (at->command_id != (command_id | command::resp) || at->sequence_number != sequence_number)
        continue;
      out = std::move(*at);
      received.erase(at);
      return true;
    }
    return false;
  });
  return out;
}

Received Peer::next(std::uint32_t command_id, std::chrono::milliseconds within) {
  Received out;
  read_until(
      [&] {
        for (auto at = received.begin(); at != received.end(); ++at) {
          if (at->command_id != command_id) continue;
          out = std::move(*at);
          received.erase(at);
          return true;
        }
        return false;
      },
      within);
  return out;
}

}  // namespace ringgate::hostile

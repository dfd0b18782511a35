#include "tls/ssl_channel.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "tls/ssl_io.h"

namespace ringgate::tls {
namespace {

constexpr std::uint8_t handshake_record = 0x16;  // RFC 8446 §5.1
constexpr std::size_t record_header = 5;
constexpr std::size_t record_max = 16'384;
// A peer may send a few records that have nothing for the session, and one for so many that have:
// each costs us as much as a message, and may want an answer.
constexpr std::uint64_t barren_max = 64;
constexpr std::uint64_t fruitful_per_barren = 16;
// What a peer that does not read may have us keep, beside the record that we send.
constexpr std::size_t gathered_max = 128 * 1024;
// Of the peer, before it is open: more than any chain of certificates.
constexpr std::size_t handshake_max = 256 * 1024;
constexpr std::size_t server_name_max = 255;

}  // namespace

int receive(WOLFSSL*, char* to, int size, void* channel) {
  return static_cast<SslChannel*>(channel)->give(to, size);
}

int send(WOLFSSL*, char* from, int size, void* channel) {
  return static_cast<SslChannel*>(channel)->take(from, size);
}

SslChannel::SslChannel(std::shared_ptr<const ServerContext> context)
    : server_(std::move(context)) {}

SslChannel::SslChannel(std::shared_ptr<const ClientContext> context, const std::string& server_name)
    : client_(std::move(context)), server_name_(server_name) {}

// ---- what wolfSSL reads and writes

int SslChannel::give(char* to, int size) {
  const auto wanted = static_cast<std::size_t>(size);
  const Octets kept = Octets(kept_).subspan(kept_read_);
  const Octets from = kept.empty() ? borrowed_ : kept;
  const std::size_t count = std::min(wanted, from.size());
  if (count == 0) return WOLFSSL_CBIO_ERR_WANT_READ;
  records_.pass(from.first(count));
  if (stage_ == Stage::open && is_barren()) return WOLFSSL_CBIO_ERR_GENERAL;
  std::memcpy(to, from.data(), count);
  if (kept.empty())
    borrowed_ = borrowed_.subspan(count);
  else
    kept_read_ += count;
  return static_cast<int>(count);
}

void RecordCount::pass(Octets octets) {
  while (!octets.empty()) {
    if (left_ == 0) {
      header_ = (header_ << 8 | octets.front()) & 0xFFFF;
      octets = octets.subspan(1);
      if (++seen_ < record_header) continue;
      left_ = header_;
      seen_ = 0;
      ++count_;
    }
    const std::size_t passed = std::min(left_, octets.size());
    left_ -= passed;
    octets = octets.subspan(passed);
  }
}

/// Whether the peer sends records for their own sake.
bool SslChannel::is_barren() const {
  return records_.count() > fruitful_ + barren_max + fruitful_ / fruitful_per_barren;
}

int SslChannel::take(const char* from, int size) {
  const auto* const octets = reinterpret_cast<const std::uint8_t*>(from);
  gathered_.insert(gathered_.end(), octets, octets + size);
  return size;
}

// ---- the handshake

void SslChannel::put(Octets octets) {
  ASSERT(borrowed_.empty());
  ASSERT(hears());
  if (stage_ != Stage::shaking) {
    borrowed_ = octets;
    return;
  }
  kept_.insert(kept_.end(), octets.begin(), octets.end());
  // Nobody needs another thread to see that.
  if (client_ == nullptr && ssl_ == nullptr && kept_.front() != handshake_record)
    stage_ = Stage::plain;
  else if (kept_.size() > handshake_max)
    fail("too long a handshake");
}

bool SslChannel::can_shake() const {
  return client_ != nullptr || ssl_ != nullptr || has_first_record();
}

/// The first record in whole, unless it is longer than any may be: what is in it decides how we
/// answer.
bool SslChannel::has_first_record() const {
  if (kept_.size() < record_header) return false;
  const std::size_t length = std::size_t{kept_[3]} << 8 | kept_[4];
  return length > record_max || kept_.size() >= record_header + length;
}

WOLFSSL_CTX* SslChannel::choose_context() const {
  if (client_ != nullptr) return client_->get();
  std::uint8_t name[server_name_max];
  word32 size = sizeof name;
  const bool has_name =
      server_->has_many() &&
      wolfSSL_SNI_GetFromBuffer(kept_.data(), static_cast<word32>(kept_.size()),
                                WOLFSSL_SNI_HOST_NAME, name, &size) == WOLFSSL_SUCCESS;
  return server_->of({reinterpret_cast<const char*>(name), has_name ? size : 0});
}

/// False: there is no memory.
bool SslChannel::begin() {
  ssl_.reset(wolfSSL_new(choose_context()));
  if (ssl_ == nullptr) {
    fault_ = "no memory for TLS";
    stage_ = Stage::over;
    return false;
  }
  wolfSSL_SetIOReadCtx(ssl_.get(), this);
  wolfSSL_SetIOWriteCtx(ssl_.get(), this);
  if (!server_name_.empty()) {
    wolfSSL_UseSNI(ssl_.get(), WOLFSSL_SNI_HOST_NAME, server_name_.data(),
                   static_cast<word16>(server_name_.size()));
    wolfSSL_check_domain_name(ssl_.get(), server_name_.c_str());
  }
  return true;
}

void SslChannel::shake() {
  ASSERT(stage_ == Stage::shaking && can_shake());
  if (ssl_ == nullptr && !begin()) return;
  const int result = client_ != nullptr ? wolfSSL_connect(ssl_.get()) : wolfSSL_accept(ssl_.get());
  if (result != WOLFSSL_SUCCESS) return end(result);
  stage_ = Stage::open;
  records_.restart();
  look_at_terms();
}

void SslChannel::look_at_terms() {
  terms_ = wolfSSL_get_version(ssl_.get());
  terms_.append(" ").append(wolfSSL_get_cipher_name(ssl_.get()));
  resumed_ = wolfSSL_session_reused(ssl_.get()) == 1;
  const Owned<WOLFSSL_X509> shown(wolfSSL_get_peer_certificate(ssl_.get()));
  if (shown == nullptr) return;
  int size = 0;
  const unsigned char* const der = wolfSSL_X509_get_der(shown.get(), &size);
  if (der == nullptr || size <= 0) return;
  if (const auto certificate = read_certificate({der, static_cast<std::size_t>(size)}))
    names_ = certificate.value().names();
}

/// After a call of wolfSSL that has not succeeded: it may only want more.
void SslChannel::end(int result) {
  const int error = wolfSSL_get_error(ssl_.get(), result);
  if (error == WOLFSSL_ERROR_WANT_READ || error == WOLFSSL_ERROR_WANT_WRITE) return;
  borrowed_ = {};
  if (error == WOLFSSL_ERROR_ZERO_RETURN && stage_ == Stage::open) {
    // One direction has ended; the other is ours (RFC 8446 §6.1).
    stage_ = Stage::half;
    return;
  }
  const bool barren = stage_ == Stage::open && is_barren();
  stage_ = Stage::over;
  fault_ = error == WOLFSSL_ERROR_ZERO_RETURN ? "ended in the handshake"
           : barren                           ? "too many records with nothing in them"
                                              : reason(error);
}

// ---- the session

std::size_t SslChannel::read(std::span<std::uint8_t> to) {
  ASSERT(stage_ != Stage::shaking);
  if (!hears() || to.empty()) return 0;
  if (stage_ == Stage::plain) {
    if (waiting() == 0) return 0;
    return static_cast<std::size_t>(
        give(reinterpret_cast<char*>(to.data()), static_cast<int>(to.size())));
  }
  // What it has read need not have been for us.
  for (std::size_t before = waiting() + 1; stage_ == Stage::open && waiting() < before;) {
    before = waiting();
    const int count = wolfSSL_read(ssl_.get(), to.data(), static_cast<int>(to.size()));
    if (count > 0) {
      ++fruitful_;
      return static_cast<std::size_t>(count);
    }
    end(count);
  }
  if (stage_ == Stage::open && gathered_.size() > gathered_max) fail("does not read our answers");
  // Half a record is wolfSSL's now. It is a stranger that decides what it leaves.
  if (stage_ == Stage::open && waiting() != 0) fail("TLS made no progress");
  if (kept_read_ == kept_.size() && kept_read_ != 0) {
    kept_ = {};
    kept_read_ = 0;
  }
  return 0;
}

void SslChannel::write(Octets octets) {
  ASSERT(stage_ != Stage::shaking);
  if (stage_ == Stage::over) return;
  const auto* const data = octets.data();
  const auto size = static_cast<int>(octets.size());
  if (stage_ == Stage::plain) {
    take(reinterpret_cast<const char*>(data), size);
    return;
  }
  const int count = wolfSSL_write(ssl_.get(), data, size);
  if (count == size) return;
  // Ours is the memory that it writes to, so there is no such thing as half of it.
  fail("TLS could not write");
}

void SslChannel::fail(const char* why) {
  stage_ = Stage::over;
  fault_ = why;
  borrowed_ = {};
}

void SslChannel::finish() {
  if (finished_ || ssl_ == nullptr || !fault_.empty()) return;
  finished_ = true;
  wolfSSL_shutdown(ssl_.get());
}

// ---- for the socket

Octets SslChannel::outgoing() {
  if (left_ == leaving_.size()) {
    // What was as large as a burst is not kept for the next one: an idle connection costs little.
    leaving_ = std::move(gathered_);
    gathered_ = {};
    left_ = 0;
  }
  return Octets(leaving_).subspan(left_);
}

void SslChannel::sent(std::size_t count) {
  ASSERT(count <= leaving_.size() - left_);
  left_ += count;
}

}  // namespace ringgate::tls

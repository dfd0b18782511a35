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
  if (kept_read_ < kept_.size()) {
    const std::size_t count = std::min(wanted, kept_.size() - kept_read_);
    std::memcpy(to, kept_.data() + kept_read_, count);
    kept_read_ += count;
    return static_cast<int>(count);
  }
  const std::size_t count = std::min(wanted, borrowed_.size());
  if (count == 0) return WOLFSSL_CBIO_ERR_WANT_READ;
  std::memcpy(to, borrowed_.data(), count);
  borrowed_ = borrowed_.subspan(count);
  return static_cast<int>(count);
}

int SslChannel::take(const char* from, int size) {
  const auto* const octets = reinterpret_cast<const std::uint8_t*>(from);
  gathered_.insert(gathered_.end(), octets, octets + size);
  return size;
}

// ---- the handshake

void SslChannel::put(Octets octets) {
  ASSERT(borrowed_.empty());
  if (stage_ == Stage::shaking)
    kept_.insert(kept_.end(), octets.begin(), octets.end());
  else
    borrowed_ = octets;
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

/// False: there is nothing to shake yet, or nobody to shake hands with.
bool SslChannel::begin() {
  if (client_ == nullptr) {
    if (kept_.empty()) return false;
    if (kept_.front() != handshake_record) {
      stage_ = Stage::plain;
      return false;
    }
    if (!has_first_record()) return false;
  }
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
  ASSERT(stage_ == Stage::shaking);
  if (ssl_ == nullptr && !begin()) return;
  const int result = client_ != nullptr ? wolfSSL_connect(ssl_.get()) : wolfSSL_accept(ssl_.get());
  if (result != WOLFSSL_SUCCESS) return end(result);
  stage_ = Stage::open;
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
  stage_ = Stage::over;
  terms_.clear();
  if (error != WOLFSSL_ERROR_ZERO_RETURN) fault_ = reason(error);
  borrowed_ = {};
}

// ---- the session

std::size_t SslChannel::read(std::span<std::uint8_t> to) {
  ASSERT(stage_ != Stage::shaking);
  if (stage_ == Stage::over || to.empty()) return 0;
  if (stage_ == Stage::plain) {
    if (waiting() == 0) return 0;
    return static_cast<std::size_t>(
        give(reinterpret_cast<char*>(to.data()), static_cast<int>(to.size())));
  }
  // What it has read need not have been for us.
  for (std::size_t before = waiting() + 1; stage_ == Stage::open && waiting() < before;) {
    before = waiting();
    const int count = wolfSSL_read(ssl_.get(), to.data(), static_cast<int>(to.size()));
    if (count > 0) return static_cast<std::size_t>(count);
    end(count);
  }
  if (kept_read_ == kept_.size() && kept_read_ != 0) {
    kept_ = {};
    kept_read_ = 0;
  }
  // Half a record is wolfSSL's now.
  ASSERT(waiting() == 0 || stage_ == Stage::over);
  return 0;
}

void SslChannel::write(Octets octets) {
  ASSERT(stage_ == Stage::open || stage_ == Stage::plain);
  const auto* const data = octets.data();
  const auto size = static_cast<int>(octets.size());
  if (stage_ == Stage::plain) {
    take(reinterpret_cast<const char*>(data), size);
    return;
  }
  const int count = wolfSSL_write(ssl_.get(), data, size);
  if (count == size) return;
  // Ours is the memory that it writes to, so there is no such thing as half of it.
  end(count);
  if (stage_ == Stage::open) {
    stage_ = Stage::over;
    fault_ = "TLS could not write";
  }
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

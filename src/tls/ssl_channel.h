// A TLS connection as octets in and octets out: no socket, no clock, no thread of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "io/channel.h"
#include "tls/context.h"
#include "tls/wolfssl.h"

namespace ringgate::tls {

/// The records that pass by, as they begin on a connection's first octet.
class RecordCount {
 public:
  void pass(Octets octets);
  /// Since the last restart().
  std::uint64_t count() const { return count_; }
  void restart() { count_ = 0; }

 private:
  std::uint64_t count_ = 0;
  std::size_t left_ = 0;      // octets of the one that passes
  std::uint32_t header_ = 0;  // of the next: its last two octets, its length
  std::size_t seen_ = 0;      // octets of that
};

/// Of either side. Until the peer has begun, and so until somebody pays for it, it has no memory of
/// wolfSSL's.
class SslChannel final : public io::Channel {
 public:
  explicit SslChannel(std::shared_ptr<const ServerContext> context);
  /// `server_name`: whom it wants to speak to (SNI), and whose certificate it wants to see where
  /// its context verifies them; empty: anybody. The first shake() has nothing to read.
  SslChannel(std::shared_ptr<const ClientContext> context, const std::string& server_name);

  Stage stage() const override { return stage_; }
  void put(Octets octets) override;
  bool can_shake() const override;
  void shake() override;
  std::size_t read(std::span<std::uint8_t> to) override;
  void write(Octets octets) override;
  void finish() override;
  Octets outgoing() override;
  void sent(std::size_t count) override;
  std::string_view fault() const override { return fault_; }
  std::string_view terms() const override { return terms_; }
  bool resumed() const override { return resumed_; }
  const std::vector<std::string>& names() const override { return names_; }

  /// TLS 1.3: asks for new keys both ways, as a peer may at any time. For tests.
  bool update_keys() { return wolfSSL_update_keys(ssl_.get()) == WOLFSSL_SUCCESS; }

  // For wolfSSL's callbacks.

  int give(char* to, int size);
  int take(const char* from, int size);

 private:
  bool begin();
  WOLFSSL_CTX* choose_context() const;
  bool has_first_record() const;
  void look_at_terms();
  void end(int result);
  bool is_barren() const;
  void fail(const char* why);
  std::size_t waiting() const { return kept_.size() - kept_read_ + borrowed_.size(); }

  const std::shared_ptr<const ServerContext> server_;
  const std::shared_ptr<const ClientContext> client_;
  const std::string server_name_;
  Owned<WOLFSSL> ssl_;
  Stage stage_ = Stage::shaking;
  std::string fault_;
  std::string terms_;
  std::vector<std::string> names_;
  bool resumed_ = false;
  RecordCount records_;         // of the peer, since it is open
  std::uint64_t fruitful_ = 0;  // pieces of them that the session has read
  bool finished_ = false;

  // Of the socket, not read by wolfSSL yet: the kept ones come first.
  std::vector<std::uint8_t> kept_;
  std::size_t kept_read_ = 0;
  Octets borrowed_;
  // For the socket. While a send is under way its octets do not move, and others gather behind.
  std::vector<std::uint8_t> leaving_;
  std::size_t left_ = 0;
  std::vector<std::uint8_t> gathered_;
};

}  // namespace ringgate::tls

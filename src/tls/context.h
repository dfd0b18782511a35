// What many TLS connections share: certificates, keys, rules, and the keys of session tickets.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ringgate/options.h>

#include "base/result.h"
#include "io/tls_engine.h"
#include "tls/certificate.h"
#include "tls/wolfssl.h"

namespace ringgate::tls {

/// What wolfSSL has built in of the processor's AES, and this processor has.
bool has_aes_instructions();

/// Of a server's listener. Immutable; any thread. Session tickets are made with a key that changes
/// every hour, and which every connection of this context shares; another context, which new files
/// make, has another.
class ServerContext {
 public:
  [[nodiscard]] static Result<std::shared_ptr<const ServerContext>> make(
      const ListenTlsOptions& options);

  /// For a client that asks for that name; empty: for none.
  WOLFSSL_CTX* of(std::string_view server_name) const;
  bool has_many() const { return served_.size() > 1; }
  const std::vector<ListenerCertificate>& certificates() const { return certificates_; }

 private:
  struct Served {
    Owned<WOLFSSL_CTX> context;
    Certificate certificate;
  };
  [[nodiscard]] Result<bool> add(const ListenTlsOptions& options, std::size_t index);

  std::vector<Served> served_;
  std::vector<ListenerCertificate> certificates_;
};

/// Of a client. Immutable; any thread.
class ClientContext {
 public:
  /// `ca`: PEM file with the roots that servers are verified with; empty: they are not verified.
  /// `cert`, `key`: PEM files of its own; empty: it shows none.
  [[nodiscard]] static Result<std::shared_ptr<const ClientContext>> make(const std::string& ca,
                                                                         const std::string& cert,
                                                                         const std::string& key);
  WOLFSSL_CTX* get() const { return context_.get(); }

 private:
  Owned<WOLFSSL_CTX> context_;
};

}  // namespace ringgate::tls

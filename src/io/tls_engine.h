// Where listeners have TLS from. The server is made without knowing whose it is, or whether there
// is any.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <ringgate/options.h>
#include <ringgate/tls.h>

#include "base/result.h"
#include "io/channel.h"

namespace ringgate::io {

/// A listener's certificates, keys and rules, as they were when they were read. Any thread.
class TlsListener {
 public:
  virtual ~TlsListener() = default;
  /// For a connection that has come. It keeps what it needs of the listener.
  virtual std::unique_ptr<Channel> make() const = 0;
  virtual const std::vector<ListenerCertificate>& certificates() const = 0;
};

}  // namespace ringgate::io

namespace ringgate {
inline namespace RINGGATE_ABI {

class TlsEngine {
 public:
  virtual ~TlsEngine() = default;
  /// Reads the files. Any thread; may wait for a disk.
  [[nodiscard]] virtual Result<std::shared_ptr<const io::TlsListener>> open(
      const ListenTlsOptions& options) = 0;
  /// "wolfSSL 5.7.2, AES instructions in use".
  virtual std::string text() const = 0;
};

}  // namespace RINGGATE_ABI
}  // namespace ringgate

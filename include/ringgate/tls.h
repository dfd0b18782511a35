// TLS for the server's listeners. It comes from wolfSSL, whose licence is the GPL unless another
// one has been bought: so it is a library of its own, ringgate-tls, and whoever does not link it is
// not bound by that.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <ringgate/api.h>

namespace ringgate {
inline namespace RINGGATE_ABI {

/// A certificate that a listener shows.
struct ListenerCertificate {
  std::string file;
  std::vector<std::string> names;  ///< that it is for: the subject's, then the alternative ones
  std::int64_t not_after_s = 0;    ///< when it expires: seconds since 1970 UTC
};

/// From so many seconds before a certificate expires the daemon warns of it once a day, and
/// Counters::certificates_expiring counts it.
inline constexpr std::int64_t certificate_warning_s = 30 * 86'400;

/// What the server has TLS from.
class TlsEngine;

/// An engine for Server::start. As many servers as like may share one; it lives as long as any of
/// them. Any thread.
RINGGATE_API std::shared_ptr<TlsEngine> make_tls_engine();

}  // namespace RINGGATE_ABI
}  // namespace ringgate

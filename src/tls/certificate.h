// What stands in a certificate.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ringgate/types.h>

#include "base/result.h"

namespace ringgate::tls {

struct Certificate {
  std::string common_name;                     ///< of the subject; may be empty
  std::vector<std::string> alternative_names;  ///< DNS names, e-mail addresses and URIs
  std::int64_t not_after_s = 0;                ///< seconds since 1970 UTC

  /// The common name, then the others: each once.
  std::vector<std::string> names() const;
  /// Whether it is for a server of that name (RFC 6125: alternative names, and only without any the
  /// common name; "*" stands for one whole label on the left).
  bool is_for(std::string_view server_name) const;
};

/// Of a certificate in DER. Verifies nothing.
Result<Certificate> read_certificate(Octets der);
/// Of the first one in a PEM file's text.
Result<Certificate> read_pem_certificate(std::string_view pem);

}  // namespace ringgate::tls

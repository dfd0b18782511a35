// wolfSSL's headers, which warn; and its objects as values that end by themselves.
#pragma once

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
// options.h comes first: it says how the library was built.
// clang-format off
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <wolfssl/error-ssl.h>
#include <wolfssl/wolfcrypt/asn.h>
// clang-format on
#pragma GCC diagnostic pop

#include <memory>
#include <string>

namespace ringgate::tls {

struct Free {
  void operator()(WOLFSSL_CTX* context) const { wolfSSL_CTX_free(context); }
  void operator()(WOLFSSL* ssl) const { wolfSSL_free(ssl); }
  void operator()(WOLFSSL_X509* certificate) const { wolfSSL_X509_free(certificate); }
};

template <class Object>
using Owned = std::unique_ptr<Object, Free>;

/// What wolfSSL says of one of its errors.
inline std::string reason(int error) {
  char text[WOLFSSL_MAX_ERROR_SZ];
  wolfSSL_ERR_error_string_n(static_cast<unsigned long>(error), text, sizeof text);
  return text;
}

}  // namespace ringgate::tls

#include "tls/context.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/secret.h"
#include "tls/ssl_io.h"

namespace ringgate::tls {
namespace {

// Forward secrecy and authenticated encryption, nothing else. AES first where the processor does
// it; without, ChaCha20 is several times faster, and safe from those who measure time.
constexpr const char* aes_first =
    "TLS13-AES128-GCM-SHA256:TLS13-AES256-GCM-SHA384:TLS13-CHACHA20-POLY1305-SHA256:"
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* chacha_first =
    "TLS13-CHACHA20-POLY1305-SHA256:TLS13-AES128-GCM-SHA256:TLS13-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";

constexpr short rsa_bits_min = 2048;
constexpr short ecc_bits_min = 256;
constexpr std::size_t file_size_max = 1 << 20;

Result<std::string> read_file(const std::string& name) {
  // Not repeated: it may be the key.
  if (name.find("-----BEGIN") != name.npos)
    return Error{ErrorCode::invalid, 0, "what is given is PEM itself: give the name of its file"};
  std::ifstream file(name, std::ios::binary);
  std::string out{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad())
    return Error{ErrorCode::io, errno, name + ": " + std::strerror(errno)};
  if (out.empty() || out.size() > file_size_max)
    return Error{ErrorCode::invalid, 0,
                 name + ": " + (out.empty() ? "nothing in it that can be read" : "too large")};
  return out;
}

const unsigned char* octets(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Result<Owned<WOLFSSL_CTX>> make_context(WOLFSSL_METHOD* (*make_method)(), TlsVersion least,
                                        const std::string& ciphers) {
  // Once, before anything else; never undone, since nobody knows who else uses it.
  static const int initialised = wolfSSL_Init();
  if (initialised != WOLFSSL_SUCCESS)
    return Error{ErrorCode::not_supported, 0, "TLS: wolfSSL does not start"};
  Owned<WOLFSSL_CTX> context(wolfSSL_CTX_new(make_method()));
  if (context == nullptr) return Error{ErrorCode::full, 0, "TLS: no memory"};
  const int version = least == TlsVersion::tls13 ? WOLFSSL_TLSV1_3 : WOLFSSL_TLSV1_2;
  const char* const list =
      !ciphers.empty() ? ciphers.c_str() : (has_aes_instructions() ? aes_first : chacha_first);
  if (wolfSSL_CTX_SetMinVersion(context.get(), version) != WOLFSSL_SUCCESS)
    return Error{ErrorCode::not_supported, 0, "TLS: this build of wolfSSL lacks that version"};
  if (wolfSSL_CTX_set_cipher_list(context.get(), list) != WOLFSSL_SUCCESS)
    return Error{ErrorCode::invalid, 0, std::string("ciphers: none that wolfSSL knows in ") + list};
  // Sessions are resumed by tickets, which cost no memory here.
  wolfSSL_CTX_set_session_cache_mode(context.get(), WOLFSSL_SESS_CACHE_OFF);
  int groups[] = {WOLFSSL_ECC_X25519, WOLFSSL_ECC_SECP256R1, WOLFSSL_ECC_SECP384R1};
  if (wolfSSL_CTX_set_groups(context.get(), groups, static_cast<int>(std::size(groups))) !=
      WOLFSSL_SUCCESS)
    return Error{ErrorCode::not_supported, 0, "TLS: this build of wolfSSL lacks a curve"};
  wolfSSL_CTX_SetMinRsaKey_Sz(context.get(), rsa_bits_min);
  wolfSSL_CTX_SetMinEccKey_Sz(context.get(), ecc_bits_min);
  wolfSSL_CTX_SetIORecv(context.get(), receive);
  wolfSSL_CTX_SetIOSend(context.get(), send);
  return context;
}

/// What both files have to say to `context`; the certificate's text.
Result<std::string> show(WOLFSSL_CTX* context, const std::string& cert, const std::string& key) {
  auto chain = read_file(cert);
  if (!chain) return chain.error();
  auto secret = read_file(key);
  if (!secret) return secret.error();
  const std::string& text = chain.value();
  int result = wolfSSL_CTX_use_certificate_chain_buffer(context, octets(text),
                                                        static_cast<long>(text.size()));
  if (result != WOLFSSL_SUCCESS)
    return Error{ErrorCode::invalid, 0, cert + ": no certificate in PEM: " + reason(result)};
  result = wolfSSL_CTX_use_PrivateKey_buffer(context, octets(secret.value()),
                                             static_cast<long>(secret.value().size()),
                                             WOLFSSL_FILETYPE_PEM);
  wipe(secret.value());
  if (result != WOLFSSL_SUCCESS)
    return Error{ErrorCode::invalid, 0,
                 key + ": no private key in PEM, or one with a pass phrase: " + reason(result)};
  if (wolfSSL_CTX_check_private_key(context) != WOLFSSL_SUCCESS)
    return Error{ErrorCode::invalid, 0, key + ": is not the key of the certificate in " + cert};
  return text;
}

Result<bool> trust(WOLFSSL_CTX* context, const std::string& ca) {
  const auto roots = read_file(ca);
  if (!roots) return roots.error();
  const int result =
      wolfSSL_CTX_load_verify_buffer(context, octets(roots.value()),
                                     static_cast<long>(roots.value().size()), WOLFSSL_FILETYPE_PEM);
  if (result != WOLFSSL_SUCCESS)
    return Error{ErrorCode::invalid, 0, ca + ": no certificates in PEM: " + reason(result)};
  return true;
}

}  // namespace

bool has_aes_instructions() {
#if defined(WOLFSSL_AESNI)
  return __builtin_cpu_supports("aes") != 0 && __builtin_cpu_supports("pclmul") != 0;
#elif defined(WOLFSSL_ARMASM)
  return true;
#else
  return false;
#endif
}

Result<std::shared_ptr<const ServerContext>> ServerContext::make(const ListenTlsOptions& options) {
  auto out = std::make_shared<ServerContext>();
  if (options.cert.empty() || options.cert.size() != options.key.size())
    return Error{ErrorCode::invalid, 0, "TLS needs a cert, and a key for each"};
  for (std::size_t i = 0; i < options.cert.size(); ++i)
    if (const auto added = out->add(options, i); !added) return added.error();
  return std::shared_ptr<const ServerContext>(std::move(out));
}

Result<bool> ServerContext::add(const ListenTlsOptions& options, std::size_t index) {
  auto context = make_context(wolfSSLv23_server_method, options.min_version, options.ciphers);
  if (!context) return context.error();
  WOLFSSL_CTX* const raw = context.value().get();
  const auto text = show(raw, options.cert[index], options.key[index]);
  if (!text) return text.error();
  const auto certificate = read_pem_certificate(text.value());
  if (!certificate)
    return Error{ErrorCode::invalid, 0, options.cert[index] + ": " + certificate.error().text};
  if (options.client_certificate != ClientCertificate::none) {
    if (const auto trusted = trust(raw, options.client_ca); !trusted) return trusted.error();
    const bool required = options.client_certificate == ClientCertificate::required;
    wolfSSL_CTX_set_verify(
        raw, WOLFSSL_VERIFY_PEER | (required ? WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
    // A ticket does not say whose certificate was shown when it was made.
    wolfSSL_CTX_NoTicketTLSv12(raw);
    wolfSSL_CTX_no_ticket_TLSv13(raw);
  } else {
    wolfSSL_CTX_set_verify(raw, WOLFSSL_VERIFY_NONE, nullptr);
  }
  certificates_.push_back(
      {options.cert[index], certificate.value().names(), certificate.value().not_after_s});
  served_.push_back({std::move(context.value()), certificate.value()});
  return true;
}

WOLFSSL_CTX* ServerContext::of(std::string_view server_name) const {
  for (const Served& one : served_)
    if (one.certificate.is_for(server_name)) return one.context.get();
  return served_.front().context.get();
}

Result<std::shared_ptr<const ClientContext>> ClientContext::make(const std::string& ca,
                                                                 const std::string& cert,
                                                                 const std::string& key) {
  auto context = make_context(wolfSSLv23_client_method, TlsVersion::tls12, {});
  if (!context) return context.error();
  WOLFSSL_CTX* const raw = context.value().get();
  if (!ca.empty())
    if (const auto trusted = trust(raw, ca); !trusted) return trusted.error();
  wolfSSL_CTX_set_verify(raw, ca.empty() ? WOLFSSL_VERIFY_NONE : WOLFSSL_VERIFY_PEER, nullptr);
  if (!cert.empty())
    if (const auto shown = show(raw, cert, key); !shown) return shown.error();
  auto out = std::make_shared<ClientContext>();
  out->context_ = std::move(context.value());
  return std::shared_ptr<const ClientContext>(std::move(out));
}

}  // namespace ringgate::tls

// ringgate::TlsEngine by wolfSSL.
#include "io/tls_engine.h"
#include "tls/context.h"
#include "tls/ssl_channel.h"
#include "tls/wolfssl.h"

namespace ringgate {
namespace tls {
namespace {

class SslListener final : public io::TlsListener {
 public:
  explicit SslListener(std::shared_ptr<const ServerContext> context)
      : context_(std::move(context)) {}

  std::unique_ptr<io::Channel> make() const override {
    return std::make_unique<SslChannel>(context_);
  }
  const std::vector<ListenerCertificate>& certificates() const override {
    return context_->certificates();
  }

 private:
  const std::shared_ptr<const ServerContext> context_;
};

class WolfSsl final : public TlsEngine {
 public:
  Result<std::shared_ptr<const io::TlsListener>> open(const ListenTlsOptions& options) override {
    auto context = ServerContext::make(options);
    if (!context) return context.error();
    return std::shared_ptr<const io::TlsListener>(
        std::make_shared<SslListener>(std::move(context.value())));
  }

  std::string text() const override {
    return std::string("wolfSSL ") + wolfSSL_lib_version() +
           (has_aes_instructions() ? ", AES instructions in use"
                                   : ", without AES instructions: slow");
  }
};

}  // namespace
}  // namespace tls

inline namespace RINGGATE_ABI {

std::shared_ptr<TlsEngine> make_tls_engine() { return std::make_shared<tls::WolfSsl>(); }

}  // namespace RINGGATE_ABI
}  // namespace ringgate

#include "daemon/tls.h"

#include <chrono>
#include <cstdio>

#include "base/log_line.h"
#include "io/tls_engine.h"

namespace ringgate {
namespace {

constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t warned_days = 30;

std::int64_t days_left(const ListenerCertificate& certificate) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return (certificate.not_after_s - std::chrono::duration_cast<std::chrono::seconds>(now).count()) /
         day_s;
}

bool has_expired(const ListenerCertificate& certificate) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return certificate.not_after_s < std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

std::string names_text(const ListenerCertificate& certificate) {
  std::string out;
  for (const std::string& name : certificate.names) {
    if (!out.empty()) out += ' ';
    out += name;
  }
  return out;
}

}  // namespace

std::shared_ptr<TlsEngine> tls_engine() {
#ifdef RINGGATE_TLS
  return make_tls_engine();
#else
  return nullptr;
#endif
}

std::string tls_text() {
  const auto engine = tls_engine();
  return "TLS: " + (engine == nullptr ? "none, this build has no wolfSSL" : engine->text());
}

bool check_certificates(const Options& options) {
  const auto engine = tls_engine();
  bool sound = true;
  for (std::size_t i = 0; i < options.listen.size(); ++i) {
    const ListenOptions& listen = options.listen[i];
    if (!listen.has_tls()) continue;
    const auto fail = [&](const std::string& why) {
      std::fprintf(stderr, "listener %zu (port %u): tls: %s\n", i + 1, listen.port, why.c_str());
      sound = false;
    };
    if (engine == nullptr) {
      fail("this build of ringgate has no TLS");
      continue;
    }
    const auto opened = engine->open(listen.tls);
    if (!opened) {
      fail(opened.error().text);
      continue;
    }
    for (const ListenerCertificate& one : opened.value()->certificates()) {
      const std::int64_t days = days_left(one);
      const std::string left =
          has_expired(one) ? "HAS EXPIRED" : "expires in " + std::to_string(days) + " days";
      std::printf("%s: for %s, %s\n", one.file.c_str(), names_text(one).c_str(), left.c_str());
    }
  }
  return sound;
}

void tell_certificates(const Server& server, Log& log) {
  for (const ListenerCertificate& one : server.certificates()) {
    const std::int64_t days = days_left(one);
    const bool soon = days < warned_days;
    LogLine line(has_expired(one) ? "certificate has expired"
                 : soon           ? "certificate expires soon"
                                  : "certificate");
    line.field("file", one.file).field("names", names_text(one));
    line.field("days_left", static_cast<std::uint64_t>(days < 0 ? 0 : days));
    log.write(has_expired(one) ? LogLevel::error
              : soon           ? LogLevel::warning
                               : LogLevel::info,
              line.view());
  }
}

}  // namespace ringgate

#include "daemon/tls.h"

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "base/log_line.h"
#include "io/tls_engine.h"
#include "uring/clocks.h"

namespace ringgate {
namespace {

constexpr std::int64_t day_s = 86'400;

/// Below 0: it has expired.
std::int64_t seconds_left(const ListenerCertificate& certificate) {
  return certificate.not_after_s - uring::read_clocks().wall_s;
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
      const std::int64_t left_s = seconds_left(one);
      const std::string left =
          left_s < 0 ? "HAS EXPIRED" : "expires in " + std::to_string(left_s / day_s) + " days";
      std::printf("%s: for %s, %s\n", one.file.c_str(), names_text(one).c_str(), left.c_str());
    }
  }
  return sound;
}

void tell_certificates(const Server& server, Log& log, LogLevel least) {
  for (const ListenerCertificate& one : server.certificates()) {
    const std::int64_t left_s = seconds_left(one);
    LogLevel level = LogLevel::info;
    std::string_view what = "certificate";
    if (left_s < 0) {
      level = LogLevel::error;
      what = "certificate has expired";
    } else if (left_s < certificate_warning_s) {
      level = LogLevel::warning;
      what = "certificate expires soon";
    }
    if (level < least) continue;
    LogLine line(what);
    line.field("file", one.file).field("names", names_text(one));
    line.field("days_left", static_cast<std::uint64_t>(std::max<std::int64_t>(left_s, 0) / day_s));
    log.write(level, line.view());
  }
}

}  // namespace ringgate

// What --version prints.
#include <liburing.h>
#include <mimalloc.h>
#include <ringgate/version.h>
#include <spdlog/version.h>
#include <toml++/toml.h>

#include <nlohmann/json.hpp>
#include <string>

#include "daemon/tls.h"
#include "daemon/wiring.h"
#include "uring/capabilities.h"

namespace ringgate {
namespace {

std::string dotted(int major, int minor, int patch) {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

std::string compiler() {
#if defined(__clang__)
  return std::string("clang ") + __clang_version__;
#else
  return std::string("gcc ") + __VERSION__;
#endif
}

std::string build_kind() {
#if defined(__OPTIMIZE__)
  return "optimized";
#else
  return "debug";
#endif
}

}  // namespace

std::string version_text() {
  std::string out = std::string("ringgate ") + version + "\n";
  out += "build: " + compiler() + ", " + build_kind() + "\n";
  const int mimalloc = mi_version();
  out += "libraries: mimalloc " + dotted(mimalloc / 100, mimalloc / 10 % 10, mimalloc % 10) +
         ", spdlog " + dotted(SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH) + ", toml++ " +
         dotted(TOML_LIB_MAJOR, TOML_LIB_MINOR, TOML_LIB_PATCH) + ", liburing " + LIBURING_VERSION +
         "\n";
  out += tls_text() + "\n";
  const auto capabilities = uring::probe();
  out += (capabilities ? capabilities.value().text() : "io_uring: " + capabilities.error().text) +
         "\n";
  return out;
}

}  // namespace ringgate

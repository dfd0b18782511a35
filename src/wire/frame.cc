#include "wire/frame.h"

namespace ringgate::wire {
namespace {

struct Sign {
  std::string_view begin;
  std::string_view protocol;
};

constexpr Sign signs[] = {
    {"HTTP", "HTTP"}, {"DELE", "HTTP"}, {"PATC", "HTTP"},    {"TRAC", "HTTP"}, {"GET ", "HTTP"},
    {"POST", "HTTP"}, {"PUT ", "HTTP"}, {"HEAD", "HTTP"},    {"OPTI", "HTTP"}, {"CONN", "HTTP"},
    {"PRI ", "HTTP"}, {"SSH-", "SSH"},  {"\x16\x03", "TLS"},  // a handshake record of any version
                                                              // (RFC 8446 §5.1)
};

}  // namespace

std::string_view foreign_protocol(Octets head) {
  const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
  for (const Sign& sign : signs)
    if (text.starts_with(sign.begin)) return sign.protocol;
  return {};
}

}  // namespace ringgate::wire

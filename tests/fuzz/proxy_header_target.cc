// The header before a connection's first octet: whatever comes, and in whatever pieces, it ends
// within its bound, and the same way.
#include "base/bytes.h"
#include "policy/proxy_header.h"
#include "target.h"

namespace ringgate::fuzz {
namespace {

/// How much of the stream it took.
std::size_t read(ProxyHeader& header, Octets stream, std::size_t piece_max) {
  std::size_t taken = 0;
  while (header.wanted() > 0 && taken < stream.size()) {
    const std::size_t size = std::min({header.wanted(), piece_max, stream.size() - taken});
    header.put(ExactCopy(stream.subspan(taken, size)).octets());
    taken += size;
    ASSERT(taken + header.wanted() <= ProxyHeader::size_max);
  }
  ASSERT((header.wanted() > 0) == (header.stage() == ProxyHeader::Stage::reading));
  return taken;
}

}  // namespace

void run_proxy_header(Octets stream) {
  ProxyHeader whole;
  ProxyHeader pieces;
  const std::size_t taken = read(whole, stream, ProxyHeader::size_max);
  const std::size_t pieces_taken = read(pieces, stream, 1);
  ASSERT(pieces.stage() == whole.stage());
  ASSERT(pieces.fault() == whole.fault());
  // A fault is seen in the middle of a piece.
  ASSERT(pieces_taken == taken || whole.stage() == ProxyHeader::Stage::wrong);
  if (whole.stage() != ProxyHeader::Stage::done) return;
  ASSERT(pieces.peer() == whole.peer());
  ASSERT(whole.peer().empty() || parse_address(host_of(whole.peer())));
}

Seeds seeds_of_proxy_header(const SeedSource&) {
  using std::literals::operator""s;
  const std::string binary = "\r\n\r\n\0\r\nQUIT\n"s;
  return {"PROXY TCP4 192.0.2.1 198.51.100.2 5000 2775\r\n",
          "PROXY TCP6 2001:db8::1 ::ffff:192.0.2.1 5000 2775\r\n",
          "PROXY UNKNOWN\r\n",
          "PROXY UNKNOWN anything\r\n",
          binary + "\x20\0\0\0"s,
          binary + "\x21\x11\0\x10\xC0\0\2\1\xC6\x33\x64\2\x13\x88\x0A\xD7\4\0\1x"s,
          binary + "\x21\x21\0\x24"s + std::string(36, '\1')};
}

}  // namespace ringgate::fuzz

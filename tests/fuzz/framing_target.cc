// Frames found by a Carry in whatever pieces the stream arrives, against the stream read at once.
#include "base/prng.h"
#include "base/units.h"
#include "session/carry.h"
#include "target.h"

namespace ringgate::fuzz {
namespace {

struct Frames {
  std::vector<std::string> whole;
  bool lost = false;
  friend bool operator==(const Frames&, const Frames&) = default;
};

std::string text_of(Octets octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

/// Shares nothing with next_frame but the definition of the length.
Frames read_at_once(Octets stream, std::uint32_t pdu_size_max) {
  Frames out;
  while (stream.size() >= 4) {
    const std::size_t size = std::size_t{stream[0]} << 24 | std::size_t{stream[1]} << 16 |
                             std::size_t{stream[2]} << 8 | stream[3];
    if (size < 16 || size > pdu_size_max) {
      out.lost = true;
      break;
    }
    if (stream.size() < size) break;
    out.whole.push_back(text_of(stream.first(size)));
    stream = stream.subspan(size);
  }
  return out;
}

/// One piece, as a session takes it: the carry first, then frames in place, then the carry again.
void read_piece(Octets piece, std::uint32_t pdu_size_max, Carry& carry, Frames& out) {
  if (!carry.empty()) {
    const wire::Frame head = carry.fill(piece, pdu_size_max);
    ASSERT(head.state != wire::FrameState::partial || piece.empty());
    if (head.state == wire::FrameState::lost) out.lost = true;
    if (head.state != wire::FrameState::whole) return;
    ASSERT(carry.octets().size() == head.size);
    out.whole.push_back(text_of(carry.octets()));
    carry.release();
  }
  for (;;) {
    const wire::Frame head = wire::next_frame(piece, pdu_size_max);
    if (head.state == wire::FrameState::lost) out.lost = true;
    if (head.state == wire::FrameState::lost) return;
    if (head.state == wire::FrameState::partial) break;
    out.whole.push_back(text_of(piece.first(head.size)));
    piece = piece.subspan(head.size);
  }
  if (!piece.empty()) carry.fill(piece, pdu_size_max);
  ASSERT(piece.empty());
}

}  // namespace

void run_framing(Octets octets) {
  Input input(octets);
  constexpr std::uint32_t sizes_max[] = {16, 64, 1'024, 70'000};
  const std::uint8_t choice = input.u8();
  const std::uint32_t pdu_size_max = sizes_max[choice % 4];
  const std::uint64_t piece_size_max = 1 + (choice >> 2);
  Prng prng(input.u16());
  Octets stream = input.rest();
  const Frames expected = read_at_once(stream, pdu_size_max);

  // One chunk of 64 octets: everything beyond it takes the way over the heap.
  ChunkPool pool(64, 1);
  {
    Carry carry(pool);
    Frames found;
    while (!stream.empty() && !found.lost) {
      const std::size_t size = std::min<std::size_t>(1 + prng.below(piece_size_max), stream.size());
      const ExactCopy piece(stream.first(size));
      read_piece(piece.octets(), pdu_size_max, carry, found);
      stream = stream.subspan(size);
    }
    ASSERT(found == expected);
  }
  ASSERT(pool.in_use() == 0);
}

/// Each PDU behind what framing reads first: sizes, and the seed of its pieces.
Seeds seeds_of_framing(const SeedSource& source) {
  Seeds out;
  std::string all;
  for (const std::string& pdu : source.pdus) all += pdu;
  for (const char choice : {'\2', '\x46', '\xFF'}) {
    for (const std::string& pdu : source.pdus) out.push_back(choice + std::string("\0\1", 2) + pdu);
    out.push_back(choice + std::string("\0\1", 2) + all);
  }
  return out;
}

}  // namespace ringgate::fuzz

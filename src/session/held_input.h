// What a connection has sent and may not be worked on yet, in order.
//
//   front ── sifted ──┬── unsifted ── what arrives
//                     │
//     requests only   └ next_response() looks on from here, and takes the responses out
//
// A client that is paced, or whose window is full, still answers what it is sent. Its answers lie
// behind requests that wait, and must not wait with them: they open windows and end receipts.
#pragma once

#include <algorithm>
#include <array>
#include <limits>

#include "base/assert.h"
#include "session/byte_queue.h"
#include "session/session.h"

namespace ringgate {

/// A ByteQueue for whoever reads it with front() and pop(); each octet is looked at once by
/// next_response(), and a request moves on to the sifted ones as a whole. One thread.
class HeldInput {
 public:
  /// Longer responses wait in their order; none that are of use come near.
  static constexpr std::uint32_t response_size_max = 1024;
  using Joined = std::array<std::uint8_t, response_size_max>;

  /// The pool outlives it.
  explicit HeldInput(OctetPool& pool) : sifted_(pool), unsifted_(pool) {}

  void append(Octets octets) { unsifted_.append(octets); }
  Octets front() const { return sifted_.empty() ? unsifted_.front() : sifted_.front(); }
  void pop(std::size_t size) {
    if (!sifted_.empty()) return sifted_.pop(size);
    unsifted_.pop(size);
    wanted_ = 0;
  }
  void clear() {
    sifted_.clear();
    unsifted_.clear();
    wanted_ = 0;
  }

  bool empty() const { return sifted_.empty() && unsifted_.empty(); }
  std::uint64_t size() const { return sifted_.size() + unsifted_.size(); }
  /// Octets of memory held.
  std::uint64_t held() const { return sifted_.held() + unsifted_.held(); }
  /// Octets that nobody has looked through.
  std::uint64_t unsifted() const { return unsifted_.size(); }
  /// Whether look() would find a whole PDU, for all that is known.
  bool can_look() const { return !unsifted_.empty() && unsifted_.size() >= wanted_; }

  enum class Found : std::uint8_t {
    nothing,   ///< no whole PDU is there, or what is there is none
    request,   ///< it waits on
    response,  ///< take it, then drop_response()
  };
  /// Looks at the next PDU, by what the session knows of PDUs. A response lies in `response` until
  /// drop_response(), in `joined` if it came in pieces.
  Found look(const Session& session, Joined& joined, Octets& response) {
    // Of the PDU that everything here goes on with.
    const Octets begun = sifted_.empty() ? session.begun() : Octets{};
    std::array<std::uint8_t, HeldHead::size_max> head;
    std::size_t size = std::min(begun.size(), head.size());
    std::copy_n(begun.begin(), size, head.begin());
    size += unsifted_.peek(head.data() + size, head.size() - size);
    const HeldHead pdu = session.look_at({head.data(), size});
    // That is for the session to say, in its turn.
    if (pdu.is_lost) return want(never_enough);
    if (pdu.size == 0) return want(unsifted_.size() + 1);
    // What the session has is less than a PDU.
    ASSERT(begun.size() < pdu.size);
    const auto rest = static_cast<std::uint32_t>(pdu.size - begun.size());
    if (unsifted_.size() < rest) return want(rest);
    wanted_ = 0;
    if (!begun.empty() || rest > response_size_max || !pdu.may_overtake) return keep(rest);
    response = unsifted_.front();
    if (response.size() < rest) {
      unsifted_.peek(joined.data(), rest);
      response = joined;
    }
    response = response.first(rest);
    return Found::response;
  }
  void drop_response(std::size_t size) {
    ASSERT(size <= unsifted_.size());
    while (size != 0) {
      const std::size_t piece = std::min(size, unsifted_.front().size());
      unsifted_.pop(piece);
      size -= piece;
    }
  }

 private:
  static constexpr std::uint64_t never_enough = std::numeric_limits<std::uint64_t>::max();

  Found want(std::uint64_t size) {
    wanted_ = size;
    return Found::nothing;
  }
  Found keep(std::size_t size) {
    ASSERT(size <= unsifted_.size());
    while (size != 0) {
      const Octets piece = unsifted_.front().first(std::min(size, unsifted_.front().size()));
      sifted_.append(piece);
      unsifted_.pop(piece.size());
      size -= piece.size();
    }
    return Found::request;
  }

  ByteQueue sifted_;
  ByteQueue unsifted_;
  std::uint64_t wanted_ = 0;  // so much of unsifted_, before looking at it again tells more
};

}  // namespace ringgate

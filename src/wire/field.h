// One row describes one field of a positional body. Decode, encode, limits, the status a bad field
// earns, dumps, JSON and fuzz dictionaries all come from the rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <ringgate/status.h>
#include <ringgate/types.h>

namespace ringgate::wire {

enum class Kind : std::uint8_t {
  u8,
  u32,
  c_string,  ///< octets up to and including a NUL; the member is a string_view without it
  time,      ///< a c_string that is empty or exactly 16 characters (SMPP 5.0 §4.7.23)
  counted8,  ///< one octet of length, then that many octets; the member is Octets
};

enum class Fault : std::uint8_t { none, truncated, too_long, bad_length, out_of_range };

struct Field {
  std::string_view name;
  Kind kind;
  std::uint16_t offset;  ///< of the member inside the message struct
  std::uint16_t limit;   ///< strings: octets, counting the NUL; integers: the largest value
  Status error;          ///< the command_status that names this field to the peer
};

/// What a decoder or encoder found. `field` is the index of the row at fault and means nothing
/// without a fault.
struct [[nodiscard]] Verdict {
  Fault fault = Fault::none;
  std::uint8_t field = 0;
  constexpr bool ok() const { return fault == Fault::none; }
};

/// The member type that a kind demands; a row whose kind does not fit its member does not compile.
template <class Member>
consteval Kind kind_of(Kind wanted) {
  constexpr bool text = std::is_same_v<Member, std::string_view>;
  constexpr bool octets = std::is_same_v<Member, Octets>;
  const bool fits = (wanted == Kind::u8 && std::is_same_v<Member, std::uint8_t>) ||
                    (wanted == Kind::u32 && std::is_same_v<Member, std::uint32_t>) ||
                    ((wanted == Kind::c_string || wanted == Kind::time) && text) ||
                    (wanted == Kind::counted8 && octets);
  if (!fits) throw "the field's kind does not match the member's type";
  return wanted;
}

/// One row: RINGGATE_FIELD(struct, member, kind, limit, status). The member's name is the
/// specification's name.
#define RINGGATE_FIELD(T, member, kind, limit, error)                                        \
  ::ringgate::wire::Field {                                                                  \
#member, ::ringgate::wire::kind_of < decltype(T::member)>(::ringgate::wire::Kind::kind), \
        offsetof(T, member), limit, ::ringgate::Status::error                                \
  }

}  // namespace ringgate::wire

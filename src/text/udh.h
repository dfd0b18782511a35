// The user data header in front of a message's text (3GPP TS 23.040 §9.2.3.24).
//
//   | UDHL | IEI | IEDL | data ... | IEI | IEDL | data ... |  text ...
//     one    one   one    IEDL       and so on until UDHL octets have passed
//
// UDHL does not count itself. A message says that it has a header in esm_class (0x40).
#pragma once

#include <ringgate/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace ringgate {

/// Information element identifiers that are read or written here; all others pass unread.
inline constexpr std::uint8_t udh_concatenation_8 = 0x00;
inline constexpr std::uint8_t udh_ports_8 = 0x04;
inline constexpr std::uint8_t udh_ports_16 = 0x05;
inline constexpr std::uint8_t udh_concatenation_16 = 0x08;
inline constexpr std::uint8_t udh_single_shift = 0x24;
inline constexpr std::uint8_t udh_locking_shift = 0x25;

/// What is wrong with a header. The first three leave nothing to trust; the others cost one element
/// only, which is ignored as the standard asks.
enum class UdhFault : std::uint8_t {
  none,
  missing,           ///< no octets, or UDHL is 0: the flag is set and there is no header
  length,            ///< UDHL goes beyond the user data
  element_length,    ///< an element goes beyond UDHL
  element_size,      ///< a known element is not as long as it must be
  element_sequence,  ///< a concatenation of 0 parts, or a part 0, or one beyond the total
};

/// Lower-case words for logs.
std::string_view udh_fault_text(UdhFault fault);

/// What a header says. Of an element that comes twice the last one counts.
struct UdhInfo {
  struct Ports {
    std::uint16_t destination = 0;
    std::uint16_t source = 0;
    friend bool operator==(const Ports&, const Ports&) = default;
  };

  bool sound = false;  ///< the structure holds; false means that the rest is as at the start
  UdhFault fault = UdhFault::none;  ///< the first one found
  bool concatenated = false;
  std::uint16_t reference = 0;
  bool wide_reference = false;  ///< 16 bits: another number space than 8 bits
  std::uint8_t total = 0;
  std::uint8_t sequence = 0;       ///< from 1
  std::uint8_t locking_shift = 0;  ///< national language identifier; 0 is none
  std::uint8_t single_shift = 0;
  std::optional<Ports> ports;
  std::size_t header_size = 0;  ///< UDHL's octet included: where the text begins
};

/// Reads the header at the start of `user_data`.
UdhInfo parse_udh(Octets user_data);

/// Builds a header, element by element. Without elements there is no header: octets() is empty.
class UdhWriter {
 public:
  /// `sequence` counts from 1 and is not above `total`.
  void add_concatenation_8(std::uint8_t reference, std::uint8_t total, std::uint8_t sequence);
  void add_concatenation_16(std::uint16_t reference, std::uint8_t total, std::uint8_t sequence);
  /// National language identifiers (3GPP TS 23.038 §6.2.1.2.4).
  void add_locking_shift(std::uint8_t language);
  void add_single_shift(std::uint8_t language);

  /// UDHL and the elements so far; good until the writer changes.
  Octets octets() const { return octets_; }

 private:
  void add(std::uint8_t identifier, Octets data);

  std::vector<std::uint8_t> octets_;
};

}  // namespace ringgate

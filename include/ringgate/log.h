// Where the server says what happened to whom.
#pragma once

#include <cstdint>
#include <string_view>

#include <ringgate/api.h>

namespace ringgate {
inline namespace RINGGATE_ABI {

enum class LogLevel : std::uint8_t { info, warning, error };

/// Receives one line per noteworthy event (binds, closes, trouble), never one per message. Lines
/// are printable ASCII of at most some 2,000 octets: what happened, then fields `name=value`. A
/// value with anything but letters, digits and `._:@+/-[]%` stands in double quotes, where `\"`,
/// `\\` and `\xNN` are a quote, a backslash and any other octet; `-` without quotes is none. So no
/// peer can forge a field or a line.
class RINGGATE_API Log {
 public:
  /// Called on the shards' threads, concurrently. Must not block; dropping lines is better.
  virtual void write(LogLevel level, std::string_view line) = 0;

 protected:
  ~Log() = default;
};

}  // namespace RINGGATE_ABI
}  // namespace ringgate

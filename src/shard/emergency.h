// What a shard does when its memory for octets runs short, one measure after the other.
//
// That memory holds what peers have sent and is not worked on yet, and what was said to them and
// they have not read. Each measure keeps the next from being needed: those who have most are told
// to send less; then they are not read; then nobody new is bound; then nobody new is let in. A
// measure ends some way below where it began, so that it does not come and go with every turn.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"

namespace ringgate {

/// In their order: with each of them those before it are in force.
enum class Measure : std::uint8_t {
  none,
  throttle,
  stop_reading,
  refuse_binds,
  refuse_connections
};

struct MeasureRow {
  Measure measure;
  unsigned from;  ///< percent of the memory
  std::string_view text;
};

inline constexpr std::array<MeasureRow, 5> measure_rows{{
    {Measure::none, 0, "there is enough"},
    {Measure::throttle, 65, "submits of those who have most get ESME_RTHROTTLED"},
    {Measure::stop_reading, 75, "who has much is not read"},
    {Measure::refuse_binds, 88, "binds get ESME_RBINDFAIL"},
    {Measure::refuse_connections, 95, "connections are closed"},
}};

/// One thread.
class Emergency {
 public:
  /// Percent below where it began.
  static constexpr unsigned relief = 8;

  /// `in_use` of `capacity` octets are taken, maybe more than there are, by so many accounts.
  void look(std::uint64_t in_use, std::uint64_t capacity, std::uint64_t accounts) {
    ASSERT(capacity != 0 && accounts != 0);
    even_part_ = in_use / accounts;
    while (measure_ != Measure::refuse_connections && in_use * 100 >= capacity * from(1))
      measure_ = measure_rows[index() + 1].measure;
    while (measure_ != Measure::none && in_use * 100 + capacity * relief < capacity * from(0))
      measure_ = measure_rows[index() - 1].measure;
  }
  /// The last that is in force.
  Measure measure() const { return measure_; }
  bool is(Measure measure) const { return measure_ >= measure; }
  /// Whether submits of an account that holds so many octets wait for better times.
  bool throttles(std::uint64_t octets) const {
    return measure_ >= Measure::throttle && octets != 0 && octets >= even_part_;
  }
  std::string_view text() const { return measure_rows[index()].text; }

 private:
  std::size_t index() const { return static_cast<std::size_t>(measure_); }
  std::uint64_t from(std::size_t ahead) const { return measure_rows[index() + ahead].from; }

  Measure measure_ = Measure::none;
  std::uint64_t even_part_ = 0;  // of what is in use, if all accounts had the same
};

}  // namespace ringgate

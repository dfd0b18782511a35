// Time strings of SMPP: YYMMDDhhmmsstnnp (5.0 §4.7.23.4).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ringgate {

/// Seconds since 1970 UTC that `text` names, or empty when it is not a valid time. Relative times
/// ("R") count from `wall_s`. 16 characters exactly; the empty string is not a time (callers take
/// it as "not given").
std::optional<std::int64_t> parse_smpp_time(std::string_view text, std::int64_t wall_s);

/// Writes the absolute form YYMMDDhhmmss000+ (UTC) of `wall_s` to `to`.
void write_smpp_time(std::int64_t wall_s, char to[16]);

/// Writes YYYYMMDDhhmmss (UTC) of `wall_s` to `to`: digits whatever it is, of the first or the last
/// date with four digits of a year where it lies beyond these.
void write_date(std::int64_t wall_s, char to[14]);

/// Writes YYMMDDhhmm (UTC) of `wall_s` to `to`: the dates in a receipt's text (3.4 Appendix B).
void write_receipt_date(std::int64_t wall_s, char to[10]);

}  // namespace ringgate

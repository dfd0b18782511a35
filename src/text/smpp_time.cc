#include "text/smpp_time.h"

#include <algorithm>
#include <chrono>

namespace ringgate {
namespace {

namespace chrono = std::chrono;

constexpr std::int64_t day_s = 86'400;

bool all_digits(std::string_view text) {
  for (const char c : text)
    if (c < '0' || c > '9') return false;
  return true;
}

unsigned two(std::string_view text, std::size_t at) {
  return static_cast<unsigned>((text[at] - '0') * 10 + (text[at + 1] - '0'));
}

void put_two(unsigned value, char* to) {
  to[0] = static_cast<char>('0' + value / 10 % 10);
  to[1] = static_cast<char>('0' + value % 10);
}

}  // namespace

std::optional<std::int64_t> parse_smpp_time(std::string_view text, std::int64_t wall_s) {
  if (text.size() != 16 || !all_digits(text.substr(0, 15))) return std::nullopt;
  const unsigned year = two(text, 0), month = two(text, 2), day = two(text, 4);
  const unsigned hour = two(text, 6), minute = two(text, 8), second = two(text, 10);
  const auto tenth = static_cast<unsigned>(text[12] - '0');
  const unsigned quarters = two(text, 13);
  const char kind = text[15];
  if (kind == 'R') {
    // Amounts, not a date; tenths and offset must be zero. Months and years are taken as 30 and 365
    // days.
    if (tenth != 0 || quarters != 0) return std::nullopt;
    const std::int64_t days = std::int64_t{year} * 365 + std::int64_t{month} * 30 + day;
    return wall_s + days * day_s + std::int64_t{hour} * 3600 + std::int64_t{minute} * 60 + second;
  }
  if (kind != '+' && kind != '-') return std::nullopt;
  const int full_year = static_cast<int>(year >= 38 ? 1900 + year : 2000 + year);  // 3.4 Appendix C
  const chrono::year_month_day date{chrono::year(full_year), chrono::month(month),
                                    chrono::day(day)};
  if (!date.ok()) return std::nullopt;
  if (hour > 23 || minute > 59 || second > 59 || quarters > 48) return std::nullopt;
  const std::int64_t local = chrono::sys_days(date).time_since_epoch().count() * day_s +
                             std::int64_t{hour} * 3600 + std::int64_t{minute} * 60 + second;
  const std::int64_t offset = std::int64_t{quarters} * 900;
  return kind == '+' ? local - offset : local + offset;
}

void write_date(std::int64_t wall_s, char to[14]) {
  constexpr std::int64_t first_s =
      chrono::sys_days(chrono::year(0) / 1 / 1).time_since_epoch() / chrono::seconds(1);
  constexpr std::int64_t end_s =
      chrono::sys_days(chrono::year(10'000) / 1 / 1).time_since_epoch() / chrono::seconds(1);
  const chrono::sys_seconds time{chrono::seconds(std::clamp(wall_s, first_s, end_s - 1))};
  const auto day = chrono::floor<chrono::days>(time);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss clock(time - day);
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  put_two(year / 100, to);
  put_two(year, to + 2);
  put_two(static_cast<unsigned>(date.month()), to + 4);
  put_two(static_cast<unsigned>(date.day()), to + 6);
  put_two(static_cast<unsigned>(clock.hours().count()), to + 8);
  put_two(static_cast<unsigned>(clock.minutes().count()), to + 10);
  put_two(static_cast<unsigned>(clock.seconds().count()), to + 12);
}

void write_receipt_date(std::int64_t wall_s, char to[10]) {
  char date[14];
  write_date(wall_s, date);
  std::copy_n(date + 2, 10, to);
}

void write_smpp_time(std::int64_t wall_s, char to[16]) {
  char date[14];
  write_date(wall_s, date);
  std::copy_n(date + 2, 12, to);
  to[12] = to[13] = to[14] = '0';
  to[15] = '+';
}

}  // namespace ringgate

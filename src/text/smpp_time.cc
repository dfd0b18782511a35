#include "text/smpp_time.h"

namespace ringgate {
namespace {

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

unsigned days_in(std::int64_t year, unsigned month) {
  constexpr unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : days[month - 1];
}

}  // namespace

// The era arithmetic of both functions counts 400-year cycles from 1 March 0000, which puts the
// leap day last.
std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) {
  year -= month <= 2;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<std::int64_t>(year - era * 400);
  const std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

Civil civil_from_days(std::int64_t days) {
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const std::int64_t day_of_era = days - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const auto day = static_cast<unsigned>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  const auto month =
      static_cast<unsigned>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  return {year_of_era + era * 400 + (month <= 2), month, day};
}

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
  const std::int64_t full_year = year >= 38 ? 1900 + year : 2000 + year;  // 3.4 Appendix C
  if (month < 1 || month > 12 || day < 1 || day > days_in(full_year, month)) return std::nullopt;
  if (hour > 23 || minute > 59 || second > 59 || quarters > 48) return std::nullopt;
  const std::int64_t local = days_from_civil(full_year, month, day) * day_s +
                             std::int64_t{hour} * 3600 + std::int64_t{minute} * 60 + second;
  const std::int64_t offset = std::int64_t{quarters} * 900;
  return kind == '+' ? local - offset : local + offset;
}

void write_receipt_date(std::int64_t wall_s, char to[10]) {
  std::int64_t days = wall_s / day_s;
  std::int64_t rest = wall_s % day_s;
  if (rest < 0) {
    rest += day_s;
    --days;
  }
  const Civil date = civil_from_days(days);
  put_two(static_cast<unsigned>(date.year % 100), to);
  put_two(date.month, to + 2);
  put_two(date.day, to + 4);
  put_two(static_cast<unsigned>(rest / 3600), to + 6);
  put_two(static_cast<unsigned>(rest / 60 % 60), to + 8);
}

void write_smpp_time(std::int64_t wall_s, char to[16]) {
  write_receipt_date(wall_s, to);
  put_two(static_cast<unsigned>((wall_s % 60 + 60) % 60), to + 10);
  to[12] = to[13] = to[14] = '0';
  to[15] = '+';
}

}  // namespace ringgate

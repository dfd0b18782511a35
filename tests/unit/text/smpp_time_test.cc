#include "text/smpp_time.h"

#include <gtest/gtest.h>

#include <ctime>
#include <limits>
#include <string>

#include "base/prng.h"

namespace ringgate {
namespace {

constexpr std::int64_t wall = 1'767'225'600;  // 2026-01-01 00:00:00 UTC
constexpr std::int64_t day = 86'400;

std::optional<std::int64_t> parse(std::string_view text) { return parse_smpp_time(text, wall); }

// Aim: absolute times count from 1970 in UTC, two-digit years as 3.4 Appendix C says. Method: times
// whose seconds are known from elsewhere.
TEST(SmppTime, Absolute) {
  EXPECT_EQ(parse("260101000000000+"), wall);
  EXPECT_EQ(parse("260101000000000-"), wall);
  EXPECT_EQ(parse("260101000001900+"), wall + 1);
  EXPECT_EQ(parse("700101000000000+"), 0);
  EXPECT_EQ(parse("000229120000000+"), 951'825'600);
  EXPECT_EQ(parse("371231235959000+"), 2'145'916'799);
  EXPECT_EQ(parse("380101000000000+"), -1'009'843'200);  // 38-99 are 19xx
  EXPECT_EQ(parse("991231235959000+"), 946'684'799);
}

// Aim: nn counts quarter hours that local time is ahead ("+") of or behind ("-") UTC. Method: the
// same instant in zones up to the limit of 48 quarters.
TEST(SmppTime, Offset) {
  EXPECT_EQ(parse("260101010000004+"), wall);
  EXPECT_EQ(parse("251231190000020-"), wall);
  EXPECT_EQ(parse("260101054500023+"), wall);
  EXPECT_EQ(parse("260101120000048+"), wall);
  EXPECT_EQ(parse("251231120000048-"), wall);
}

// Aim: relative times are amounts from now, not a date. Method: one part at a time, then all.
TEST(SmppTime, Relative) {
  EXPECT_EQ(parse("000000000000000R"), wall);
  EXPECT_EQ(parse("000000000001000R"), wall + 1);
  EXPECT_EQ(parse("000000000100000R"), wall + 60);
  EXPECT_EQ(parse("000000010000000R"), wall + 3600);
  EXPECT_EQ(parse("000001000000000R"), wall + day);
  EXPECT_EQ(parse("000100000000000R"), wall + 30 * day);
  EXPECT_EQ(parse("010000000000000R"), wall + 365 * day);
  EXPECT_EQ(parse("000099999999000R"), wall + 99 * (day + 3600 + 60 + 1));
}

// Aim: the leap rule of the Gregorian calendar, as far as two-digit years reach. Method: 29
// February, and the last day of each month and the day after it.
TEST(SmppTime, DaysOfMonths) {
  EXPECT_TRUE(parse("240229000000000+"));
  EXPECT_TRUE(parse("000229000000000+"));
  EXPECT_FALSE(parse("250229000000000+"));
  EXPECT_FALSE(parse("240230000000000+"));
  constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (int month = 1; month <= 12; ++month) {
    char text[32];
    std::snprintf(text, sizeof text, "26%02d%02d000000000+", month, days[month - 1]);
    EXPECT_TRUE(parse(text)) << text;
    std::snprintf(text, sizeof text, "26%02d%02d000000000+", month, days[month - 1] + 1);
    EXPECT_FALSE(parse(text)) << text;
  }
}

// Aim: every malformed time of row A18 is refused. Method: a list, each one step from a valid time.
TEST(SmppTime, Invalid) {
  for (const char* text : {
           "",                      // "not given" is the caller's business
           "26010100000000+",       // 15 characters
           "2601010000000000+",     // 17
           "20260101000000000000",  // 20
           "260101000000",          // local short form, which only a message centre may write
           "261301000000000+",      // month 13
           "260001000000000+",      // month 0
           "260100000000000+",      // day 0
           "260132000000000+",      // day 32
           "260101240000000+",      // hour 24
           "260101006000000+",      // minute 60
           "260101000060000+",      // second 60
           "260101000000049+",      // nn 49
           "260101000000049-",      //
           "000001000000100R",      // relative with tenths
           "000001000000001R",      // relative with an offset
           "260101000000000r",      // no such kind
           "260101000000000 ",      //
           "2601010000000000",      //
           "26010100000000a+",      // not a digit
           " 60101000000000+",      //
           "-60101000000000+",      //
           "26 101000000000+",      //
       }) {
    EXPECT_FALSE(parse(text)) << '"' << text << '"';
  }
  EXPECT_FALSE(
      parse(std::string_view("2601010000000\0"
                             "0+",
                             16)));
}

// Aim: whatever a clock says, a date is digits, and beyond four digits of a year it is the nearest.
TEST(SmppTime, DatesAreDigits) {
  const auto written = [](std::int64_t at) {
    char digits[14];
    write_date(at, digits);
    return std::string(digits, sizeof digits);
  };
  EXPECT_EQ(written(0), "19700101000000");
  EXPECT_EQ(written(-1), "19691231235959");
  EXPECT_EQ(written(1'767'323'045), "20260102030405");
  EXPECT_EQ(written(std::numeric_limits<std::int64_t>::max()), "99991231235959");
  EXPECT_EQ(written(std::numeric_limits<std::int64_t>::min()), "00000101000000");
}

// Aim: dates of receipts are YYMMDDhhmm in UTC, seconds cut off, before 1970 too. Method: against
// strftime on random times.
TEST(SmppTime, ReceiptDate) {
  Prng prng(2);
  for (int round = 0; round < 20'000; ++round) {
    const auto at = static_cast<std::time_t>(prng.below(8'000'000'000)) - 2'000'000'000;
    std::tm parts{};
    ASSERT_NE(gmtime_r(&at, &parts), nullptr);
    char expected[16];
    std::strftime(expected, sizeof expected, "%y%m%d%H%M", &parts);
    char written[10];
    write_receipt_date(at, written);
    ASSERT_EQ(std::string(written, 10), expected) << at;
  }
}

}  // namespace
}  // namespace ringgate

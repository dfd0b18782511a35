#include "policy/address_rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/prng.h"

namespace ringgate {
namespace {

using Texts = std::vector<std::string>;

Address from(std::string_view text, std::uint8_t ton = 0, std::uint8_t npi = 0) {
  return {ton, npi, text};
}

bool allowed(const Texts& rules, const Address& source) {
  for (const std::string& rule : rules) EXPECT_EQ(SourceRules::fault(rule), "") << rule;
  return SourceRules(rules).allow(source);
}

bool may_send_to(const Texts& allowed, const Texts& denied, std::string_view destination) {
  return DestinationRules(allowed, denied).allow(from(destination));
}

void expect_fault(std::string_view rule, const std::string& words) {
  const std::string fault = SourceRules::fault(rule);
  EXPECT_NE(fault.find(words), std::string::npos) << rule << " is told:" << fault;
  EXPECT_TRUE(fault.starts_with(' ')) << fault;
}

// Aim: what nobody could mean, or what has two meanings, is refused, and says what to write
// instead.
TEST(SourceRules, Faults) {
  for (const char* rule : {"ACME",
                           "4477*",
                           "*",
                           "5/0 ACME",
                           "1/* 4477*",
                           "*/* *",
                           "*/0 ACME",
                           "255/255 x",
                           "0/0 x",
                           "My Bank",
                           "5/0 My Bank",
                           "5/0 A/B",
                           "*/* 24/7 Taxi",
                           "/[A-Z]{3,11}/",
                           "5/0 /[A-Z]+/",
                           "/a b/",
                           "/a/b/",
                           "/.*/",
                           "/|ACME/",
                           " ",
                           "+4477*",
                           "caf\xe9",
                           "/\\x{e9}/"})
    EXPECT_EQ(SourceRules::fault(rule), "") << rule;

  expect_fault("", "has no address");
  expect_fault("5/0 ", "has no address");
  for (const char* rule : {"AC*ME", "*ACME", "**", "ACME**", "5/0 44*77*"})
    expect_fault(rule, "pattern, between slashes");
  for (const char* rule : {"5/0", "5/0ACME", "5/ ACME", "256/0 ACME", "5/256 ACME", "-1/0 ACME",
                           "+5/0 ACME", "5/0x ACME", "5/**  ACME", "*5/0 ACME", "5/0/0 ACME",
                           "x/y ACME", "A/B", "ACME/", "ACME 5/0 ACME", "24 / 7"})
    expect_fault(rule, "must begin with TON and NPI");
  for (const char* rule : {"/", "/abc", "5/0 /", "5/0 /abc", "/abc/ "})
    expect_fault(rule, "no '/' at its end");
  expect_fault("//", "empty pattern");
  expect_fault("5/0 //", "empty pattern");
}

// Aim: RE2's words reach the operator, in one line of printable characters.
TEST(SourceRules, FaultsOfPatterns) {
  expect_fault("/(abc/", "missing ): (abc");
  expect_fault("/a)(b/", "unexpected ): a)(b");
  expect_fault("/*/", "*");
  expect_fault("/[z-a]/", "z-a");
  expect_fault("/a{2,1}/", "{2,1}");
  expect_fault("/(?=a)b/", "(?=");
  expect_fault("/(a)\\1/", "\\1");
  expect_fault("/a\\/", "\\");
  expect_fault("/\\Qabc/", "RE2 refuses");
  EXPECT_EQ(SourceRules::fault("/\\Qa.c\\E/"), "");

  const std::string fault = SourceRules::fault("/(a\n\x01\xe9/");
  EXPECT_TRUE(std::all_of(fault.begin(), fault.end(), [](char c) {
    return c >= 0x20 && c <= 0x7e;
  })) << fault;
}

// Aim: a pattern takes no more memory or time than an address deserves.
TEST(SourceRules, PatternsThatAreTooLarge) {
  EXPECT_EQ(SourceRules::fault("/[A-Za-z0-9 ._-]{1,20}/"), "");
  EXPECT_EQ(SourceRules::fault("/\\pL{1,20}/"), "");
  EXPECT_EQ(SourceRules::fault("/" + std::string(253, 'a') + "/"), "");
  expect_fault("/a{600}/", "too large");
  expect_fault("/(a{20}){30}/", "too large");
  expect_fault("/a{1000}/", "too large");
  expect_fault("/((a{9}){9}){9}/", "too large");
  expect_fault("/(((a{100}){100}){100}){100}/", "RE2 refuses");
  expect_fault("/(x{1,1000}y{1,1000}z{1,1000})/", "too large");
  expect_fault("/a{1001}/", "RE2 refuses");
}

TEST(SourceRules, NoneAllowsAll) {
  EXPECT_TRUE(SourceRules().empty());
  EXPECT_TRUE(SourceRules().allow(from("")));
  EXPECT_TRUE(SourceRules().allow(from("ACME", 5)));
  EXPECT_TRUE(SourceRules(Texts{}).empty());
  EXPECT_TRUE(SourceRules(Texts{}).allow(from("ACME")));
  EXPECT_FALSE(SourceRules(Texts{"ACME"}).empty());
}

TEST(SourceRules, Exact) {
  const Texts rules{"ACME", "My Bank"};
  EXPECT_TRUE(allowed(rules, from("ACME")));
  EXPECT_TRUE(allowed(rules, from("My Bank")));
  for (const char* other :
       {"", "ACM", "ACMES", "acme", "ACME ", " ACME", "My", "Bank", "ACMD", "B"})
    EXPECT_FALSE(allowed(rules, from(other))) << other;
  EXPECT_FALSE(allowed(rules, from(std::string_view("ACME\0", 5))));
}

TEST(SourceRules, Prefix) {
  const Texts rules{"4477*", "+44*", "A*"};
  for (const char* good : {"4477", "447700900123", "4477x", "+44", "+4411", "A", "ACME"})
    EXPECT_TRUE(allowed(rules, from(good))) << good;
  for (const char* bad : {"", "447", "4478", "4", "+4", "44", "a", "B", "04477"})
    EXPECT_FALSE(allowed(rules, from(bad))) << bad;
}

// Aim: an exact rule hides no prefix, and no longer prefix a shorter one.
TEST(SourceRules, PrefixesBehindOtherRules) {
  const Texts rules{"44*", "4477", "447788*", "4477880", "1/1 4477889*"};
  for (const char* good :
       {"44", "447", "4477", "44770", "4477880", "44778801", "4477889", "44778891", "45"})
    EXPECT_EQ(allowed(rules, from(good)), good != std::string_view("45")) << good;
  EXPECT_TRUE(allowed(Texts{"4*", "44", "449"}, from("445")));
  EXPECT_FALSE(allowed(Texts{"44", "449"}, from("445")));
}

// Aim: a pattern has to match all of the address, with every way to write that.
TEST(SourceRules, Pattern) {
  EXPECT_TRUE(allowed({"/[A-Z]{3,11}/"}, from("ACME")));
  for (const char* bad : {"", "AC", "ACMEACMEACME", "acme", "ACME1", "1ACME", "ACME "})
    EXPECT_FALSE(allowed({"/[A-Z]{3,11}/"}, from(bad))) << bad;
  // An alternative is one of the whole pattern, not of its ends.
  for (const char* rule :
       {"/ACME|BANK/", "/^ACME|BANK$/", "/(ACME|BANK)/", "/(A)(C)(M)(E)|BANK/"}) {
    EXPECT_TRUE(allowed({rule}, from("ACME"))) << rule;
    EXPECT_TRUE(allowed({rule}, from("BANK"))) << rule;
    EXPECT_FALSE(allowed({rule}, from("ACMEBANK"))) << rule;
    EXPECT_FALSE(allowed({rule}, from("ACMEX"))) << rule;
    EXPECT_FALSE(allowed({rule}, from("XBANK"))) << rule;
  }
  // The shorter of two ways to match is not all that is tried.
  EXPECT_TRUE(allowed({"/A|AB|ABC/"}, from("ABC")));
  EXPECT_TRUE(allowed({"/A*?/"}, from("AAA")));
  EXPECT_TRUE(allowed({"/(?i)acme/"}, from("AcMe")));
  EXPECT_TRUE(allowed({"/a/b/"}, from("a/b")));
  EXPECT_TRUE(allowed({"/\\Qa.c\\E/"}, from("a.c")));
  EXPECT_FALSE(allowed({"/\\Qa.c\\E/"}, from("abc")));
  // Several ways to read the same octets.
  EXPECT_TRUE(allowed({"/.*BANK.*/"}, from("My BANK 24")));
  EXPECT_TRUE(allowed({"/.*BANK.*/"}, from("BANBANKANK")));
  EXPECT_FALSE(allowed({"/.*BANK.*/"}, from("BANBAN")));
  // The second, when the first does not match.
  EXPECT_TRUE(allowed({"/[A-Z]+/", "/[0-9]+/"}, from("123")));
  EXPECT_FALSE(allowed({"/[A-Z]+/", "/[0-9]+/"}, from("A23")));
  // No end of line is an end.
  EXPECT_FALSE(allowed({"/ACME$/"}, from("ACME\n")));
  EXPECT_FALSE(allowed({"/ACME/"}, from("ACME\nACME")));
}

TEST(SourceRules, TonAndNpi) {
  for (const char* text : {"ACME", "ACM*", "/AC.E/"}) {
    const std::string rule = text;
    for (const char* any : {"", "*/* "}) {
      EXPECT_TRUE(allowed({any + rule}, from("ACME", 0, 0)));
      EXPECT_TRUE(allowed({any + rule}, from("ACME", 255, 255)));
    }
    EXPECT_TRUE(allowed({"5/0 " + rule}, from("ACME", 5, 0)));
    EXPECT_FALSE(allowed({"5/0 " + rule}, from("ACME", 5, 1)));
    EXPECT_FALSE(allowed({"5/0 " + rule}, from("ACME", 0, 0)));
    EXPECT_FALSE(allowed({"5/0 " + rule}, from("XCME", 5, 0)));
    EXPECT_TRUE(allowed({"5/* " + rule}, from("ACME", 5, 9)));
    EXPECT_FALSE(allowed({"5/* " + rule}, from("ACME", 4, 9)));
    EXPECT_TRUE(allowed({"*/0 " + rule}, from("ACME", 200, 0)));
    EXPECT_FALSE(allowed({"*/0 " + rule}, from("ACME", 200, 1)));
    EXPECT_FALSE(allowed({"0/0 " + rule}, from("ACME", 1, 0)));
    // The same text more than once.
    const Texts several{"1/1 " + rule, "5/0 " + rule, "2/* " + rule, "5/0 " + rule};
    EXPECT_TRUE(allowed(several, from("ACME", 1, 1)));
    EXPECT_TRUE(allowed(several, from("ACME", 5, 0)));
    EXPECT_TRUE(allowed(several, from("ACME", 2, 7)));
    EXPECT_FALSE(allowed(several, from("ACME", 1, 0)));
    EXPECT_FALSE(allowed(several, from("ACME", 3, 0)));
  }
  // What follows the numbers may have spaces and slashes.
  EXPECT_TRUE(allowed({"5/0 My Bank"}, from("My Bank", 5)));
  EXPECT_TRUE(allowed({"5/0  A/B"}, from(" A/B", 5)));
  EXPECT_FALSE(allowed({"5/0 My Bank"}, from("Bank", 5)));
}

// Aim: addresses are octets, whatever they would be as UTF-8.
TEST(SourceRules, OctetsAbove0x7f) {
  EXPECT_TRUE(allowed({"caf\xe9"}, from("caf\xe9")));
  EXPECT_FALSE(allowed({"caf\xe9"}, from("caf\xc3\xa9")));
  EXPECT_TRUE(allowed({"caf\xc3\xa9*"}, from("caf\xc3\xa9s")));
  EXPECT_TRUE(allowed({"\xff*", "\x80", "A"}, from("\xff\xfe")));
  EXPECT_TRUE(allowed({"\xff*", "\x80", "A"}, from("\x80")));
  EXPECT_FALSE(allowed({"\xff*", "\x80", "A"}, from("\xfe")));
  for (const char* rule : {"/caf\xe9/", "/caf./", "/caf\\x{e9}/", "/caf\\xe9/", "/caf[\xe0-\xff]/",
                           "/caf[^a-z]/", "/(?i)CAF\xc9/"}) {
    EXPECT_TRUE(allowed({rule}, from("caf\xe9"))) << rule;
    EXPECT_FALSE(allowed({rule}, from("caf\xc3\xa9"))) << rule;
  }
  // Each octet is one ".".
  for (int octet = 0; octet <= 0xff; ++octet) {
    const std::string text(1, static_cast<char>(octet));
    EXPECT_TRUE(allowed({"/./"}, from(text))) << octet;
    EXPECT_TRUE(allowed({"/.*X*/"}, from(text))) << octet;
  }
}

// Aim: no address is one as well; a rule has to say so.
TEST(SourceRules, TheEmptyAddress) {
  for (const char* rule : {"ACME", "A*", "/A+/", "/[A-Z]{3,11}/", "5/0 *", "5/0 /.*/"})
    EXPECT_FALSE(allowed({rule}, from(""))) << rule;
  for (const char* rule : {"*", "/.*/", "/A*/", "/|ACME/", "/(ACME)?/", "0/0 *", "/^$/"})
    EXPECT_TRUE(allowed({rule}, from(""))) << rule;
  EXPECT_FALSE(allowed({"ACME"}, Address{}));
  EXPECT_TRUE(allowed({"*"}, Address{}));
  EXPECT_TRUE(allowed({"/A*/"}, Address{}));
}

// Aim: many rules are right.
TEST(SourceRules, TenThousand) {
  Texts rules;
  for (int i = 0; i < 10'000; ++i)
    rules.push_back(std::to_string(100'000 + 2 * i) + (i % 2 == 0 ? "*" : ""));
  const SourceRules made(rules);
  for (int i = 0; i < 10'000; ++i) {
    const std::string text = std::to_string(100'000 + 2 * i);
    EXPECT_TRUE(made.allow(from(text)));
    EXPECT_EQ(made.allow(from(text + "5")), i % 2 == 0);
    EXPECT_FALSE(made.allow(from(std::to_string(100'001 + 2 * i))));
  }
}

// Aim: what would keep a matcher busy for years that tries one way after another. Method: the
// longest address, which all but matches; with a matcher like that the test would not end.
TEST(SourceRules, PatternsWithManyWays) {
  const std::string address = std::string(19, 'a') + '!';
  for (const char* pattern : {"(a+)+", "(a+)+$", "(a|aa)+", "(a|a?)+", "(.*a){12}", "((a*)*)*",
                              "(a*a*a*a*a*a*a*)*", "a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?"}) {
    const SourceRules rules(Texts{"/" + std::string(pattern) + "/"});
    for (int i = 0; i < 1000; ++i) ASSERT_FALSE(rules.allow(from(address))) << pattern;
    EXPECT_TRUE(rules.allow(from(std::string(19, 'a')))) << pattern;
  }
}

TEST(SourceRules, CopiesAllowTheSame) {
  SourceRules copy;
  {
    const SourceRules rules(Texts{"ACME", "/[0-9]+/"});
    copy = rules;
  }
  EXPECT_TRUE(copy.allow(from("ACME")));
  EXPECT_TRUE(copy.allow(from("12")));
  EXPECT_FALSE(copy.allow(from("ACME1")));
}

std::string draw_text(Prng& random, std::size_t longest) {
  std::string text;
  for (std::size_t left = random.next() % (longest + 1); left != 0; --left)
    text += static_cast<char>('1' + random.next() % 2);
  return text;
}

// Aim: the search finds what a walk through all rules finds. Method: two digits, so that rules lie
// within each other, and three TONs.
TEST(SourceRules, AsIfAllWereTried) {
  Prng random(1);
  for (int round = 0; round < 300; ++round) {
    struct Rule {
      int ton;  // -1 is any
      std::string text;
      bool whole;
    };
    std::vector<Rule> plain;
    Texts rules;
    for (std::uint64_t left = 1 + random.next() % 20; left != 0; --left) {
      const Rule rule{static_cast<int>(random.next() % 4) - 1, draw_text(random, 5),
                      random.next() % 2 == 0};
      if (rule.whole && rule.text.empty()) continue;
      plain.push_back(rule);
      rules.push_back((rule.ton < 0 ? "*/* " : std::to_string(rule.ton) + "/* ") + rule.text +
                      (rule.whole ? "" : "*"));
    }
    if (rules.empty()) continue;
    const SourceRules made(rules);
    for (int i = 0; i < 100; ++i) {
      const std::string text = draw_text(random, 6);
      const auto ton = static_cast<std::uint8_t>(random.next() % 3);
      const bool fits = std::any_of(plain.begin(), plain.end(), [&](const Rule& rule) {
        return (rule.ton < 0 || rule.ton == ton) &&
               (rule.whole ? text == rule.text : text.starts_with(rule.text));
      });
      ASSERT_EQ(made.allow(from(text, ton)), fits) << text;
    }
  }
}

TEST(DestinationRules, Faults) {
  for (const char* rule : {"4477", "4477*", "*", "+4477", "+4477*", "0", "00000000000000000000"})
    EXPECT_EQ(DestinationRules::fault(rule), "") << rule;
  for (const char* rule : {"", "+", "+*", "**", "4*7", "4477**", "++44", "44 77", " 44", "44 ",
                           "ACME", "4477x", "-44", "/44/", "1/1 44", "\xb2"})
    EXPECT_EQ(DestinationRules::fault(rule),
              " must be digits, perhaps with a '*' behind them, or \"*\"")
        << rule;
}

TEST(DestinationRules, NoneAllowsAll) {
  for (const char* destination : {"", "+", "4477", "ACME"}) {
    EXPECT_TRUE(DestinationRules().allow(from(destination)));
    EXPECT_TRUE(may_send_to({}, {}, destination));
  }
}

TEST(DestinationRules, Allowed) {
  const Texts rules{"4477", "1*"};
  for (const char* good : {"4477", "447700900123", "1", "15550100"})
    EXPECT_TRUE(may_send_to(rules, {}, good)) << good;
  for (const char* bad : {"", "447", "4478", "2", "ACME", "04477"})
    EXPECT_FALSE(may_send_to(rules, {}, bad)) << bad;
  EXPECT_TRUE(may_send_to({"*"}, {}, ""));
  EXPECT_TRUE(may_send_to({"*"}, {}, "ACME"));
}

TEST(DestinationRules, Denied) {
  const Texts rules{"4487", "99*"};
  for (const char* good : {"", "4", "448", "4488", "1", "9", "ACME"})
    EXPECT_TRUE(may_send_to({}, rules, good)) << good;
  for (const char* bad : {"4487", "44871", "99", "990"})
    EXPECT_FALSE(may_send_to({}, rules, bad)) << bad;
  EXPECT_FALSE(may_send_to({}, {"*"}, ""));
  EXPECT_FALSE(may_send_to({}, {"*"}, "4477"));
}

// Aim: the longest prefix that fits decides, whichever list it is from.
TEST(DestinationRules, TheLongestDecides) {
  const Texts allowed{"44", "447712", "4477123456"};
  const Texts denied{"4477", "44771234", "5"};
  for (const char* good : {"44", "4476", "447712", "4477125", "4477123456", "44771234567"})
    EXPECT_TRUE(may_send_to(allowed, denied, good)) << good;
  for (const char* bad : {"4477", "447713", "44771234", "447712345", "4", "43", "5", "6", ""})
    EXPECT_FALSE(may_send_to(allowed, denied, bad)) << bad;
  EXPECT_TRUE(may_send_to({"*"}, {"44"}, "45"));
  EXPECT_FALSE(may_send_to({"*"}, {"44"}, "447"));
  EXPECT_TRUE(may_send_to({"44"}, {"*"}, "447"));
  EXPECT_FALSE(may_send_to({"44"}, {"*"}, "45"));
}

TEST(DestinationRules, DeniedWinsWhereBothHaveIt) {
  EXPECT_FALSE(may_send_to({"4477"}, {"4477*"}, "44771"));
  EXPECT_FALSE(may_send_to({"+4477*", "4477"}, {"4477"}, "4477"));
  EXPECT_FALSE(may_send_to({"*"}, {"*"}, "1"));
}

// Aim: one '+' says nothing, of a rule or of a destination; the TON and NPI say nothing either.
TEST(DestinationRules, Plus) {
  for (const char* rule : {"4477", "+4477"}) {
    EXPECT_TRUE(may_send_to({rule}, {}, "+44770"));
    EXPECT_TRUE(may_send_to({rule}, {}, "44770"));
    EXPECT_FALSE(may_send_to({rule}, {}, "++44770"));
    EXPECT_FALSE(may_send_to({}, {rule}, "+44770"));
    EXPECT_FALSE(may_send_to({rule}, {}, "+"));
    EXPECT_TRUE(DestinationRules(Texts{rule}, {}).allow({1, 1, "+4477"}));
    EXPECT_TRUE(DestinationRules(Texts{rule}, {}).allow({2, 8, "4477"}));
  }
}

// Aim: the search finds what a walk through all rules finds.
TEST(DestinationRules, AsIfAllWereTried) {
  Prng random(2);
  for (int round = 0; round < 300; ++round) {
    Texts allowed;
    Texts denied;
    for (std::uint64_t left = random.next() % 20; left != 0; --left)
      (random.next() % 2 == 0 ? allowed : denied).push_back(draw_text(random, 5) + "*");
    const DestinationRules made(allowed, denied);
    for (int i = 0; i < 100; ++i) {
      const std::string text = draw_text(random, 6);
      const auto longest = [&](const Texts& rules) {
        std::size_t size = 0;  // with its '*'
        for (const std::string& rule : rules)
          if (text.starts_with(rule.substr(0, rule.size() - 1))) size = std::max(size, rule.size());
        return size;
      };
      const std::size_t yes = longest(allowed);
      const std::size_t no = longest(denied);
      ASSERT_EQ(made.allow(from(text)), yes == no ? yes == 0 && allowed.empty() : yes > no) << text;
    }
  }
}

TEST(DestinationRules, TenThousand) {
  Texts allowed;
  Texts denied;
  for (int i = 0; i < 10'000; ++i) {
    allowed.push_back(std::to_string(10'000 + i));
    denied.push_back(std::to_string(10'000 + i) + "7");
  }
  const DestinationRules made(allowed, denied);
  for (int i = 0; i < 10'000; ++i) {
    const std::string text = std::to_string(10'000 + i);
    EXPECT_TRUE(made.allow(from(text)));
    EXPECT_TRUE(made.allow(from(text + "8")));
    EXPECT_FALSE(made.allow(from(text + "77")));
  }
  EXPECT_FALSE(made.allow(from("20000")));
  EXPECT_FALSE(made.allow(from("1000")));
}

TEST(DestinationRules, CopiesAllowTheSame) {
  DestinationRules copy;
  {
    const DestinationRules rules(Texts{"44"}, Texts{"447"});
    copy = rules;
  }
  EXPECT_TRUE(copy.allow(from("441")));
  EXPECT_FALSE(copy.allow(from("447")));
}

}  // namespace
}  // namespace ringgate

// Aim: receipts as providers write them come out of a template octet for octet; a wrong template is
// refused with its position; no template and no fields make write() pass its room. Method: examples
// from providers' pages, tables of faults, and random templates under a fixed seed.
#include "smpp/receipt_template.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "text/smpp_time.h"

namespace ringgate::smpp {
namespace {

std::int64_t at(int year, unsigned month, unsigned day, unsigned hour, unsigned minute,
                unsigned second = 0) {
  const std::chrono::sys_days date(std::chrono::year(year) / std::chrono::month(month) /
                                   std::chrono::day(day));
  return date.time_since_epoch().count() * 86'400 + hour * 3600 + minute * 60 + second;
}

ReceiptTemplate compiled(std::string_view text) {
  std::string error;
  std::optional<ReceiptTemplate> result = ReceiptTemplate::compile(text, error);
  EXPECT_EQ(error, "") << text;
  EXPECT_TRUE(result.has_value()) << text;
  return result ? std::move(*result) : ReceiptTemplate();
}

std::string written(std::string_view text, const ReceiptFields& fields) {
  char buffer[ReceiptTemplate::receipt_max];
  const std::size_t size = compiled(text).write(fields, buffer, sizeof buffer);
  return std::string(buffer, size);
}

std::string fault(std::string_view text) {
  std::string error;
  EXPECT_FALSE(ReceiptTemplate::compile(text, error).has_value()) << text;
  return error;
}

TEST(ReceiptTemplate, AppendixB) {
  ReceiptFields fields;
  fields.id = "0000000000c0ffee";
  fields.submit_s = at(2024, 2, 29, 23, 59, 58);
  fields.done_s = at(2024, 3, 1, 0, 0, 1);
  fields.err = "0";
  fields.text = "twenty characters, no more";
  fields.success = true;
  EXPECT_EQ(written(ReceiptTemplate::appendix_b, fields),
            "id:0000000000c0ffee sub:001 dlvrd:001 submit date:2402292359 done date:2403010000 "
            "stat:DELIVRD err:000 text:twenty characters, n");
  fields.state = MessageState::undeliverable;
  fields.success = false;
  fields.err = "69";
  EXPECT_EQ(written(ReceiptTemplate::appendix_b, fields),
            "id:0000000000c0ffee sub:001 dlvrd:000 submit date:2402292359 done date:2403010000 "
            "stat:UNDELIV err:069 text:twenty characters, n");
}

TEST(ReceiptTemplate, InMobile) {
  ReceiptFields fields;
  fields.id = "ble50673-f8b8-41e8-a143-07a43bb8c86b";
  fields.submit_s = fields.done_s = at(2019, 11, 12, 13, 14);
  fields.err = "000";
  fields.text = "not shown";
  fields.success = true;
  const std::string_view text =
      "id:{id} sub:{sub} dlvrd:{dlvrd} submit date:{submit_date:10} done date:{done_date:10} "
      "stat:{stat} err:{err:3}";
  // As the page has it, which breaks the line inside of the label "submit date".
  std::string page =
      "id:ble50673-f8b8-41e8-a143-07a43bb8c86b sub:001 dlvrd:001 submit\n"
      "date:1911121314 done date:1911121314 stat:DELIVRD err:000";
  page.replace(page.find('\n'), 1, " ");
  EXPECT_EQ(written(text, fields), page);
  // "The error code (005) is the absolute value of the status code -5."
  fields.err = "5";
  fields.success = false;
  fields.state = MessageState::rejected;
  EXPECT_EQ(written(text, fields),
            "id:ble50673-f8b8-41e8-a143-07a43bb8c86b sub:001 dlvrd:000 submit date:1911121314 "
            "done date:1911121314 stat:REJECTD err:005");
}

TEST(ReceiptTemplate, ImiConnect) {
  ReceiptFields fields;
  fields.id = "1_14839433040000";
  fields.submit_s = at(2017, 1, 9, 9, 35);
  fields.done_s = at(2017, 1, 9, 9, 40);
  fields.err = "000";
  fields.text = "Sending SMS through SMPP and more";
  fields.success = true;
  const std::string receipt = written(
      "id:{id} sub:{sub} submit date:{submit_date:10} done date:{done_date:10} stat:{stat} "
      "err:{err:3} text:\"{text:25}\"",
      fields);
  // As the page has it. It says YYMMDDhhmm but shows nine digits: the second digit of the day (the
  // id begins with a time of that day in seconds) got lost in both dates, and is put back.
  std::string page =
      "id:1_14839433040000 sub:001 submit date:170100935 done date:170100940 stat:DELIVRD err:000 "
      "text:\"Sending SMS through SMPP \"";
  for (const char* date : {"170100935", "170100940"}) page.insert(page.find(date) + 5, "9");
  EXPECT_EQ(receipt, page);
}

// Aim: a template says how many characters of the text it shows, and shows whole ones: the
// beginning of one would swallow what the template has behind it. Method: an escape and a UTF-8
// character, the last one shown, and cut before; in Latin-1 both are characters of one octet.
TEST(ReceiptTemplate, TextIsCountedInCharacters) {
  ReceiptFields fields;
  const auto quoted = [&](const char* form, std::string_view text, DefaultAlphabet alphabet) {
    fields.text = text;
    fields.alphabet = alphabet;
    return written(form, fields);
  };
  EXPECT_EQ(quoted("'{text:2}'", "ab\x1B\x65z", DefaultAlphabet::gsm7), "'ab'");
  EXPECT_EQ(quoted("'{text:3}'", "ab\x1B\x65z", DefaultAlphabet::gsm7), "'ab\x1B\x65'");
  EXPECT_EQ(quoted("'{text:3}'", "ab\x1B", DefaultAlphabet::gsm7), "'ab'");
  EXPECT_EQ(quoted("'{text:2}'", "ab\xC3\xA9z", DefaultAlphabet::utf8), "'ab'");
  EXPECT_EQ(quoted("'{text:3}'", "ab\xC3\xA9z", DefaultAlphabet::utf8), "'ab\xC3\xA9'");
  EXPECT_EQ(quoted("'{text:3}'", "ab\xC3", DefaultAlphabet::utf8), "'ab'");
  EXPECT_EQ(quoted("'{text:3}'", "ab\xC3\xA9", DefaultAlphabet::latin1), "'ab\xC3'");
}

// Aim: characters of several octets take what the other fields leave of the 254 octets of a
// receipt, and nothing of what stands behind them. Method: a text of two octets a character, in one
// field and in two, with little room and with none.
TEST(ReceiptTemplate, LongCharactersLeaveTheRestItsPlace) {
  std::string accents;
  for (int i = 0; i < 127; ++i) accents += "\xC3\xA9";
  ReceiptFields fields;
  fields.alphabet = DefaultAlphabet::utf8;
  fields.text = accents;
  EXPECT_EQ(written("<{text:100}>", fields), "<" + accents.substr(0, 200) + ">");
  EXPECT_EQ(written("<{text:150}>", fields), "<" + accents.substr(0, 252) + ">");
  EXPECT_EQ(written("<{text:100}|{text:100}>", fields),
            "<" + accents.substr(0, 150) + "|" + accents.substr(0, 100) + ">");
  EXPECT_EQ(written("{text:160}" + std::string(94, 'x'), fields),
            accents.substr(0, 160) + std::string(94, 'x'));
}

struct Example {
  std::string_view name, text, receipt;
};

// Pages of other providers: text by name, twelve digits, a single err, a capital Text, no counts, a
// list with commas.
TEST(ReceiptTemplate, OtherProviders) {
  ReceiptFields fields;
  fields.id = "0000000012345678";
  fields.submit_s = at(2019, 6, 8, 16, 52, 32);
  fields.done_s = at(2019, 6, 8, 16, 52, 37);
  fields.err = "0";
  fields.text = "Hello World";
  fields.success = true;
  const Example examples[] = {
      {"vonage",
       "id:{id} sub:{sub} dlvrd:{dlvrd} submit date:{submit_date} done date:{done_date} "
       "stat:{stat} err:{err:3} text:none",
       "id:0000000012345678 sub:001 dlvrd:001 submit date:1906081652 done date:1906081652 "
       "stat:DELIVRD err:000 text:none"},
      {"smppcenter",
       "id:{id} sub:{sub} dlvrd:{dlvrd} submit date:{submit_date:12} done date:{done_date:12} "
       "stat:{stat} err:{err:3} text:{text}",
       "id:0000000012345678 sub:001 dlvrd:001 submit date:190608165232 done date:190608165237 "
       "stat:DELIVRD err:000 text:Hello World"},
      {"serwersms",
       "id:{id} sub:{sub} dlvrd:{dlvrd} submit date:{submit_date:10} done date:{done_date:10} "
       "stat:{stat} err:{err} Text: {text}",
       "id:0000000012345678 sub:001 dlvrd:001 submit date:1906081652 done date:1906081652 "
       "stat:DELIVRD err:0 Text: Hello World"},
      {"jasmin", "id:{id} submit date:{submit_date} done date:{done_date} stat:{stat} err:{err}",
       "id:0000000012345678 submit date:1906081652 done date:1906081652 stat:DELIVRD err:0"},
      {"commas", "{id},{sub:1},{dlvrd:2},{submit_date:14},{done_date:14},{stat}",
       "0000000012345678,1,01,20190608165232,20190608165237,DELIVRD"},
      {"braces", "{{{id}}} {{}}", "{0000000012345678} {}"},
  };
  for (const Example& example : examples)
    EXPECT_EQ(written(example.text, fields), example.receipt) << example.name;
}

TEST(ReceiptTemplate, FieldsAtTheirBounds) {
  ReceiptFields fields;
  EXPECT_EQ(written("{id}{text}", fields), "");
  EXPECT_EQ(written("{err:8}", fields), "00000000");
  fields.err = "SYSERR99";
  EXPECT_EQ(written("{err:3}", fields), "SYSERR99");
  fields.sub = 12345;
  fields.success = true;
  EXPECT_EQ(written("{sub} {dlvrd:1}", fields), "999 999");
  fields.submit_s = -1;
  fields.done_s = at(2100, 1, 2, 3, 4, 5);
  EXPECT_EQ(written("{submit_date:14} {done_date:14}", fields), "19700101000000 21000102030405");
  fields.submit_s = std::numeric_limits<std::int64_t>::min();
  fields.done_s = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(written("{submit_date}{done_date}", fields).size(), 20u);
}

TEST(ReceiptTemplate, EveryStateHasSevenLetters) {
  for (int state = 0; state <= static_cast<int>(MessageState::skipped); ++state) {
    ReceiptFields fields;
    fields.state = static_cast<MessageState>(state);
    EXPECT_EQ(written("{stat}", fields).size(), 7u) << state;
  }
}

TEST(ReceiptTemplate, FaultsNameTheirPosition) {
  const std::string fields =
      "unknown field; the fields are {id}, {sub}, {dlvrd}, {submit_date}, {done_date}, {stat}, "
      "{err}, {text}";
  EXPECT_EQ(fault(""), "the template is empty");
  EXPECT_EQ(fault("id:{idd}"), "position 4: " + fields);
  EXPECT_EQ(fault("{}"), "position 1: " + fields);
  EXPECT_EQ(fault("{ID}"), "position 1: " + fields);
  EXPECT_EQ(fault("{\n}"), "position 1: " + fields);
  EXPECT_EQ(fault("a{id"), "position 2: { without }; a brace of the text is written {{");
  EXPECT_EQ(fault("{id}}"), "position 5: } without {; a brace of the text is written }}");
  EXPECT_EQ(fault("{{}"), "position 3: } without {; a brace of the text is written }}");
  EXPECT_EQ(fault("{id:5}"), "position 1: {id} takes no number");
  EXPECT_EQ(fault("{stat:}"), "position 1: {stat} takes no number");
  EXPECT_EQ(fault("{submit_date:11}"),
            "position 1: the number of {submit_date} must be 10, 12 or 14");
  EXPECT_EQ(fault("{done_date:16}"), "position 1: the number of {done_date} must be 10, 12 or 14");
  for (const char* text : {"{err:0}", "{err:9}", "{err:}", "{err:3 }", "{err:-1}", "{err:x}",
                           "{err:3:3}", "{err:99999999999}"})
    EXPECT_EQ(fault(text), "position 1: the number of {err} must be 1-8") << text;
  EXPECT_EQ(fault("{text:161}"), "position 1: the number of {text} must be 1-160");
  EXPECT_EQ(fault("{sub:4}"), "position 1: the number of {sub} must be 1-3");
}

TEST(ReceiptTemplate, ReceiptsThatWouldBeTooLong) {
  EXPECT_EQ(compiled(std::string(254, 'x')).size_max(), 254u);
  EXPECT_EQ(fault(std::string(255, 'x')), "a receipt could have 255 octets, more than 254");
  EXPECT_EQ(compiled("{text:160}{text:94}").size_max(), 254u);
  EXPECT_EQ(fault("{text:160}{text:95}"), "a receipt could have 255 octets, more than 254");
  EXPECT_EQ(fault(std::string(100'000, '{')), "a receipt could have 100000 octets, more than 254");
}

TEST(ReceiptTemplate, IsCutAtTheRoomItGets) {
  ReceiptFields fields;
  fields.id = "0123456789abcdef";
  fields.text = "some text";
  const ReceiptTemplate receipt = compiled(ReceiptTemplate::appendix_b);
  char whole[ReceiptTemplate::receipt_max];
  const std::size_t size = receipt.write(fields, whole, sizeof whole);
  for (std::size_t room = 0; room <= size; ++room) {
    // A block of exactly that size, so that the sanitizer sees the first octet too many.
    const std::string canary(room, '#');
    std::string to = canary;
    ASSERT_EQ(receipt.write(fields, to.data(), room), room);
    EXPECT_EQ(to, std::string(whole, room));
  }
  EXPECT_EQ(receipt.write(fields, nullptr, 0), 0u);
}

/// Any text compiles or names its fault in one line; what compiles keeps to its size.
TEST(ReceiptTemplate, RandomTemplates) {
  std::mt19937 random(7);
  const std::string_view pieces[] = {"{id}",       "{sub}",  "{dlvrd:2}", "{submit_date:12}",
                                     "{done_date", "{stat}", "{err:3}",   "{text:40}",
                                     "{",          "}",      ":",         "{{",
                                     "}}",         "id:",    "\n",        "\xff"};
  const std::string id(ReceiptTemplate::id_max, 'i');
  const std::string err(ReceiptTemplate::err_max, 'e');
  const std::string message(300, 'm');
  ReceiptFields fields;
  fields.id = id;
  fields.err = err;
  fields.text = message;
  fields.sub = 1000;
  fields.success = true;
  unsigned good = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t count = random() % 12; count > 0; --count)
      text += pieces[random() % std::size(pieces)];
    std::string error;
    const std::optional<ReceiptTemplate> receipt = ReceiptTemplate::compile(text, error);
    ASSERT_EQ(receipt.has_value(), error.empty());
    EXPECT_EQ(error.find('\n'), error.npos);
    if (!receipt) continue;
    ++good;
    std::string to(receipt->size_max(), '#');
    EXPECT_EQ(receipt->write(fields, to.data(), to.size()), to.size()) << text;
  }
  EXPECT_GT(good, 1000u);
}

}  // namespace
}  // namespace ringgate::smpp

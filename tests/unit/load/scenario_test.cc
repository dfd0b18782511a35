#include "load/scenario.h"

#include <gtest/gtest.h>

#include "base/units.h"

namespace ringgate::load {
namespace {

MessageOptions usual_message() {
  MessageOptions usual;
  usual.source = "491700000001";
  usual.destinations = Destinations("491600000002", 1);
  return usual;
}

std::string fault_in(std::string_view text) {
  std::string fault;
  EXPECT_FALSE(parse_scenario(text, ".", usual_message(), fault)) << text;
  return fault;
}

// Aim: every key means something, and what is left out is as the command line says. Method: all.
TEST(Scenario, ReadsEveryKey) {
  std::string fault;
  const auto scenario = parse_scenario(R"(
[[message]]
weight = 3
[[message]]
operation = "data_sm"
source = "Shop"
destination = "4917"
destination_count = 10
text = "Grüße"
coding = "ucs2"
long = "udh"
receipt = true
[[message]]
operation = "submit_multi"
recipients = 5
destination = "4917"
destination_count = 5
size = 20
priority = 2
[[account]]
system_id = "a"
password = "secret"
[[account]]
system_id = "b"
[answers]
delay_ms = 1.5
errors = {ESME_RSYSERR = 0.25, ESME_RX_T_APPN = 0.5}
)",
                                       ".", usual_message(), fault);
  ASSERT_TRUE(scenario) << fault;
  ASSERT_EQ(scenario->messages.size(), 3u);
  const MessageOptions& first = scenario->messages[0];
  EXPECT_EQ(first.weight, 3);
  EXPECT_EQ(first.source, "491700000001");
  EXPECT_EQ(first.destinations.now(), "491600000002");
  EXPECT_EQ(first.size, 160u);
  EXPECT_EQ(first.coding, Coding::octets);
  const MessageOptions& second = scenario->messages[1];
  EXPECT_EQ(second.operation, smpp::Command::data_sm);
  EXPECT_EQ(second.destinations.count(), 10u);
  EXPECT_EQ(second.coding, Coding::ucs2);
  EXPECT_EQ(second.long_text, LongText::udh);
  EXPECT_TRUE(second.receipt);
  const MessageOptions& third = scenario->messages[2];
  EXPECT_EQ(third.recipients, 5u);
  EXPECT_EQ(third.size, 20u);
  EXPECT_EQ(third.priority, 2);
  EXPECT_EQ(scenario->accounts.size(), 2u);
  EXPECT_EQ(scenario->accounts[0].password, "secret");
  EXPECT_EQ(scenario->answers.delay, microseconds(1500));
  EXPECT_EQ(scenario->answers.errors.size(), 2u);
  EXPECT_EQ(mix_text(scenario->messages), "60 % submit_sm, 20 % data_sm, 20 % submit_multi");
}

// Aim: each mistake is named with its line. Method: one at a time.
TEST(Scenario, NamesMistakes) {
  EXPECT_EQ(fault_in("[[message]]\nwieght = 1\n"),
            "line 2: unknown key message.wieght; did you mean weight?");
  EXPECT_EQ(fault_in("[[mesage]]\n"), "line 1: unknown key mesage; did you mean message?");
  EXPECT_EQ(fault_in("[message]\n").substr(0, 14), "line 1: messag");
  EXPECT_EQ(fault_in("[[message]]\noperation = \"submit\"\n"),
            "line 2: message.operation must be submit_sm, data_sm or submit_multi");
  EXPECT_EQ(fault_in("[[message]]\nweight = 0\n"),
            "line 2: message.weight must be a number from 0.001 to 1000000");
  EXPECT_EQ(fault_in("[[message]]\nsize = 1.5\n"), "line 2: message.size must be a whole number");
  for (const char* const text :
       {"[[message]]\nsize = \"1\"\n",
        "[[message]]\ntext = 5\n",
        "[[message]]\nreceipt = 1\n",
        "[[message]]\ntext = \"a\"\nsize = 5\n",
        "[[message]]\nrecipients = 3\n",
        "[[message]]\noperation = \"submit_multi\"\nreceipt = true\n",
        "[[message]]\noperation = \"submit_multi\"\nrecipients = 2\n",
        "[[message]]\noperation = \"data_sm\"\npriority = 1\n",
        "[[message]]\ntext = \"漢\"\ncoding = \"gsm\"\n",
        "[[message]]\ndestination = \"x\"\n",
        "[[message]]\ndestination = \"99\"\ndestination_count = 2\n",
        "[[message]]\ndestination_count = 2\n",
        "[[message]]\ndestinations = \"/nowhere\"\n",
        "[[message]]\ndestinations = \"/dev/null\"\n",
        "[[account]]\npassword = \"x\"\n",
        "[answers]\nerrors = {ESME_RSYSERR = 0.6, ESME_RINVMSGLEN = 0.6}\n",
        "[answers]\nerrors = {ESME_NONE = 0.6}\n",
        "[answers]\ndelay_ms = -1\n",
        "x",
        "a = [\n"})
    EXPECT_EQ(fault_in(text).substr(0, 5), "line ") << text;
}

// Aim: answers leave in time and with the statuses that were asked for. Method: a thousand.
TEST(Answers, KeepTheirSharesAndTheirTime) {
  Answers answers({.delay = 100, .errors = {{Status::ESME_RSYSERR, 0.25}}});
  EXPECT_EQ(answers.due(), never);
  for (std::uint32_t i = 0; i < 1000; ++i) answers.owe(i, 0, smpp::Command::deliver_sm, i, i);
  int refused = 0;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(answers.due(), static_cast<Nanos>(i) + 100);
    const Answers::Answer answer = answers.take();
    EXPECT_EQ(answer.sequence_number, i);
    refused += answer.status == Status::ESME_RSYSERR;
  }
  EXPECT_EQ(answers.due(), never);
  for (std::size_t i = 0; i <= Answers::owed_max; ++i)
    answers.owe(0, 0, smpp::Command::deliver_sm, 0, 5'000);
  EXPECT_EQ(answers.due(), 0) << "too many wait: the first leaves at once";
  (void)answers.take();
  EXPECT_EQ(answers.due(), 5'100);
  EXPECT_GT(refused, 200);
  EXPECT_LT(refused, 300);
}

}  // namespace
}  // namespace ringgate::load

// A file that says what is sent, by whom, and what is answered.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "load/account.h"
#include "load/answers.h"
#include "load/message_template.h"

namespace ringgate::load {

/// What a scenario leaves out is as the command line says.
struct Scenario {
  std::vector<MessageOptions> messages;
  std::vector<Account> accounts;
  AnswerOptions answers;
};

/// Of TOML, in which files of addresses are named from `folder`. `usual` is what a [[message]] does
/// not say. Empty, and `fault` says where and why: "line 3: unknown key message.wieght; ...".
std::optional<Scenario> parse_scenario(std::string_view text, const std::string& folder,
                                       const MessageOptions& usual, std::string& fault);

/// What two scenarios have in common that say the same, whatever their files are called.
std::string digest_of(std::string_view text, const Scenario& scenario);

/// "70 % submit_sm, 30 % data_sm", for reports.
std::string mix_text(const std::vector<MessageOptions>& messages);

}  // namespace ringgate::load

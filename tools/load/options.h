// The command line of ringgate-load.
#pragma once

#include <ringgate/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "load/account.h"
#include "load/answers.h"
#include "load/message_template.h"
#include "load/pacer.h"
#include "load/rebinds.h"
#include "load/requirement.h"

namespace ringgate::load {

enum class Mode : std::uint8_t { trx, tx, tx_rx };

struct Options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 2775;
  std::vector<Account> accounts;  ///< at least one
  Mode mode = Mode::trx;
  std::uint32_t binds = 1;       ///< per account; of each kind with tx_rx
  double bind_rate = 0;          ///< binds begun in a second; 0: as the server answers
  std::uint32_t idle_binds = 0;  ///< over all accounts; then nothing is submitted
  std::uint32_t window = 10;
  std::uint64_t count = 0;  ///< 0 = no limit
  Nanos duration = 0;       ///< 0 = no limit; the warm-up is part of it
  Nanos warm_up = 0;        ///< at the beginning, of which no rate and no latency is told
  RateProfile rate;         ///< empty: a closed loop; begins with the warm-up
  std::string rate_text;    ///< as it was asked for
  Arrivals arrivals = Arrivals::even;
  std::uint64_t seed = 1;                ///< of Poisson arrivals
  std::string scenario;                  ///< the file's name; empty: there is none
  std::string scenario_digest;           ///< of all that it says, its lists included
  std::vector<MessageOptions> messages;  ///< what is sent; at least one kind
  bool receipts = false;                 ///< some of them ask for one
  AnswerOptions answers;
  Nanos receipt_wait = 0;
  Nanos response_timeout = 0;
  Nanos enquire_link = 0;    ///< silence after which the server is asked; 0: never
  Nanos inactivity = 0;      ///< without traffic, after which a bind ends; 0: never
  Nanos throttle_pause = 0;  ///< of a bind that was throttled
  Nanos busy_poll = 0;       ///< how long a thread looks for work before it sleeps
  RebindOptions rebinds;
  std::string like;               ///< whose habits these are; empty: nobody's
  std::string from_text;          ///< as it was asked for
  std::vector<std::string> from;  ///< local addresses, used in turn; empty: the kernel's choice
  std::string disk_probe;         ///< a folder; empty: no disk is looked at
  std::uint8_t interface_version = 0x34;
  unsigned threads = 1;
  std::vector<unsigned> cpus;  ///< of each thread; empty: they run anywhere
  bool tls = false;
  std::string tls_name;  ///< of the server (SNI); empty: none is asked for
  std::string tls_ca;    ///< roots to verify the server with; empty: it is not verified
  std::string tls_cert;  ///< shown to the server; empty: none
  std::string tls_key;
  std::vector<Requirement> requirements;
  bool json = false;
  std::string html;  ///< where a page goes; empty: nowhere
  bool quiet = false;
};

/// The options, or else the exit code of a program that has said what there is to say.
struct ParsedOptions {
  std::optional<Options> options;
  int exit_code = 0;
};
ParsedOptions parse_options(int argc, char** argv);

}  // namespace ringgate::load

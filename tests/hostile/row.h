// One row of the tables: octets that a hostile or clumsy peer sends, and what must come back in
// each session state. run() tries it whole, octet by octet, and glued between two PDUs.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pdu.h"
#include "peer.h"

namespace ringgate::hostile {

enum class State : std::uint8_t { open, tx, rx, trx };
inline constexpr std::array all_states{State::open, State::tx, State::rx, State::trx};
std::string_view state_name(State state);

/// The sequence_number of every row that says nothing else.
inline constexpr std::uint32_t own_sequence = 0x55;

struct Reply {
  std::uint32_t command_id = 0;
  std::uint32_t command_status = 0;
  std::uint32_t sequence_number = own_sequence;
};

enum class Then : std::uint8_t { keep, close };

struct Answer {
  std::vector<Reply> replies;
  Then then = Then::keep;
};

struct Row {
  std::string number;  ///< of the matrix: "A12"
  std::string what;
  std::string octets;
  /// By state; unset where the row means nothing in that state.
  std::array<std::optional<Answer>, 4> answers;
  /// The first in every way, the others whole only.
  std::vector<std::uint32_t> interface_versions{0x34, 0x33, 0x50};
  std::string system_id = "esme";
  /// What the backend must be told, once for each ESME_ROK to a submit.
  std::optional<std::string> text;
  bool reaches_backend = false;  ///< refused by the backend, not by the server
  /// More about replies with status ROK.
  std::function<void(const Received& reply, std::uint32_t interface_version)> check;

  Row&& in_versions(std::vector<std::uint32_t> versions) && {
    interface_versions = std::move(versions);
    return std::move(*this);
  }
  Row&& of_account(std::string name) && {
    system_id = std::move(name);
    return std::move(*this);
  }
  Row&& backend_reads(std::string expected) && {
    text = std::move(expected);
    return std::move(*this);
  }
  Row&& checked_by(std::function<void(const Received&, std::uint32_t)> function) && {
    check = std::move(function);
    return std::move(*this);
  }
};

/// The same answer in all four states.
Row everywhere(std::string number, std::string what, std::string octets, Answer answer);
/// A request that only transmitters and transceivers may send: elsewhere ESME_RINVBNDSTS.
Row request(std::string number, std::string what, std::uint32_t command_id, std::string_view body,
            std::uint32_t command_status);
Row submit(std::string number, std::string what, const SubmitSm& message,
           std::uint32_t command_status);
/// A bind in state Open: its answer, and with ESME_ROK the state it leads to. On a bound session
/// every bind is ESME_RALYBND.
Row bind(std::string number, std::string what, const Bind& body, std::uint32_t command_status,
         std::uint32_t command_id = command::bind_transceiver);
/// Lost framing: generic_nack ESME_RINVCMDLEN with the sequence_number as read or 0, then the end.
Row lost_framing(std::string number, std::string what, std::string octets);

/// A connection in that state.
Peer enter(State state, std::uint32_t interface_version = 0x34,
           const std::string& system_id = "esme");

/// Every row by itself, on fresh connections; then all that say "keep" in one session per state:
/// nothing but lost framing closes a session.
void run(const std::vector<Row>& rows);

}  // namespace ringgate::hostile

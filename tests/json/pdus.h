// Whole PDUs to JSON and back.
#pragma once

#include <span>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include <ringgate/types.h>

#include "smpp/command.h"
#include "wire/field.h"

namespace ringgate::smpp {

/// {"command", "command_status", "sequence_number", "body": {...}, "tlvs": [{"tag", "value"}...]}.
/// A PDU that does not decode gives {"fault", "field", "command_status", ...}: what a server would
/// answer.
nlohmann::ordered_json pdu_to_json(Octets pdu);

/// The inverse; `error` says what was wrong where the result is empty.
std::string json_to_pdu(const nlohmann::ordered_json& json, std::string& error);

/// The rows of a command's body, empty for header-only PDUs. submit_multi's own are
/// submit_multi_head and submit_multi_tail, with the list between them.
std::span<const wire::Field> body_rows(Command command);

}  // namespace ringgate::smpp

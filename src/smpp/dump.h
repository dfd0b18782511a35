// Whole PDUs to JSON and back: golden files, tests, tools. Cold.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include <ringgate/types.h>

namespace ringgate::smpp {

/// {"command", "command_status", "sequence_number", "body": {...}, "tlvs": [{"tag", "value"}...]}.
/// A PDU that does not decode gives {"fault", "field", "command_status", ...}: what a server would
/// answer.
nlohmann::ordered_json pdu_to_json(Octets pdu);

/// The inverse; `error` says what was wrong where the result is empty.
std::string json_to_pdu(const nlohmann::ordered_json& json, std::string& error);

}  // namespace ringgate::smpp

#include "smpp/dump.h"

#include <deque>

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "smpp/check.h"
#include "smpp/command.h"
#include "wire/frame.h"
#include "wire/json.h"

namespace ringgate::smpp {
namespace {

using Json = nlohmann::ordered_json;

/// Calls f with an empty body struct of the command's kind; false for header-only and unserved
/// PDUs.
template <class F>
bool with_body(Command command, F&& f) {
  switch (command) {
    case Command::bind_receiver:
    case Command::bind_transmitter:
    case Command::bind_transceiver: {
      Bind body;
      f(body);
      return true;
    }
    case Command::bind_receiver_resp:
    case Command::bind_transmitter_resp:
    case Command::bind_transceiver_resp: {
      BindResp body;
      f(body);
      return true;
    }
    case Command::submit_sm:
    case Command::deliver_sm: {
      ShortMessage body;
      f(body);
      return true;
    }
    case Command::submit_sm_resp:
    case Command::deliver_sm_resp: {
      MessageIdResp body;
      f(body);
      return true;
    }
    default:
      return false;
  }
}

const CommandRow* command_by_name(const std::string& name) {
  for (const CommandRow& row : command_rows)
    if (row.name == name) return &row;
  return nullptr;
}

Json tlvs_to_json(Octets stream) {
  Json out = Json::array();
  Cursor cursor{stream.data(), stream.data() + stream.size()};
  while (const auto item = wire::next_keyed(cursor)) {
    const wire::KeyedField* row = tlv_row(item->tag);
    Json entry = Json::object();
    if (row != nullptr) entry["name"] = std::string(row->name);
    entry["tag"] = item->tag;
    entry["value"] = wire::to_hex(item->value);
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace

Json pdu_to_json(Octets pdu) {
  Json out = Json::object();
  if (pdu.size() < wire::pdu_header_size) {
    out["fault"] = "shorter than a header";
    return out;
  }
  const Header header = read_header(pdu.data());
  const auto command = static_cast<Command>(header.command_id);
  out["command"] = std::string(command_name(command));
  if (command_row(header.command_id) == nullptr) out["command_id"] = header.command_id;
  out["command_status"] = header.command_status;
  out["sequence_number"] = header.sequence_number;
  if (header.command_length != pdu.size()) {
    out["fault"] = "command_length is not the size";
    return out;
  }
  Cursor cursor{pdu.data() + wire::pdu_header_size, pdu.data() + pdu.size()};
  const bool body_left_out = cursor.left() == 0 && is_response(header.command_id);
  if (!body_left_out) {
    with_body(command, [&](auto& body) {
      using Body = std::remove_reference_t<decltype(body)>;
      const wire::Verdict verdict = wire::decode_any(Body::fields, cursor, &body);
      if (!verdict.ok()) {
        out["fault"] = std::string(Body::fields[verdict.field].name);
        out["answer"] = std::string(status_name(status_of<Body>(verdict)));
      } else {
        out["body"] = wire::to_json(Body::fields, &body);
      }
    });
  }
  if (out.contains("fault") || cursor.left() == 0) return out;
  const Octets tlvs(cursor.at, cursor.left());
  std::uint16_t culprit = 0;
  const Status status = check_tlvs(tlvs, &culprit);
  if (status != Status::ESME_ROK) {
    out["fault"] = "tlvs";
    out["answer"] = std::string(status_name(status));
  } else {
    out["tlvs"] = tlvs_to_json(tlvs);
  }
  return out;
}

std::string json_to_pdu(const Json& json, std::string& error) {
  error.clear();
  const CommandRow* row = command_by_name(json.value("command", std::string()));
  if (row == nullptr) {
    error = "unknown command";
    return {};
  }
  std::deque<std::string> storage;
  std::string body_octets;
  if (json.contains("body")) {
    with_body(row->id, [&](auto& body) {
      using Body = std::remove_reference_t<decltype(body)>;
      error = wire::from_json(Body::fields, json["body"], &body, storage);
      if (!error.empty()) return;
      const wire::Verdict verdict = wire::check_any(Body::fields, &body);
      if (!verdict.ok()) {
        error = "field " + std::string(Body::fields[verdict.field].name) + " does not fit";
        return;
      }
      body_octets.resize(wire::encoded_size_any(Body::fields, &body));
      wire::encode(body, reinterpret_cast<std::uint8_t*>(body_octets.data()));
    });
    if (!error.empty()) return {};
  }
  if (json.contains("tlvs")) {
    for (const Json& item : json["tlvs"]) {
      std::string value;
      if (!wire::from_hex(item.value("value", std::string()), value)) {
        error = "a TLV value must be hex digits";
        return {};
      }
      const std::uint64_t tag = item.value("tag", std::uint64_t{0});
      if (tag > 0xFFFF || value.size() > 0xFFFF) {
        error = "a TLV has a tag and a size of 16 bits";
        return {};
      }
      const std::size_t at = body_octets.size();
      body_octets.resize(at + wire::keyed_header_size + value.size());
      wire::write_keyed(static_cast<std::uint16_t>(tag), as_octets(value),
                        reinterpret_cast<std::uint8_t*>(body_octets.data()) + at);
    }
  }
  std::string out(wire::pdu_header_size, '\0');
  write_header(reinterpret_cast<std::uint8_t*>(out.data()),
               static_cast<std::uint32_t>(wire::pdu_header_size + body_octets.size()),
               static_cast<std::uint32_t>(row->id), json.value("command_status", 0u),
               json.value("sequence_number", 1u));
  return out + body_octets;
}

}  // namespace ringgate::smpp

#include "json/pdus.h"

#include <deque>

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/hex.h"
#include "json/fields.h"
#include "smpp/check.h"
#include "smpp/command.h"
#include "smpp/submit_multi.h"
#include "wire/frame.h"

namespace ringgate::smpp {
namespace {

using Json = nlohmann::ordered_json;

template <class Body, class F>
void with(F&& f) {
  Body body;
  f(body);
}

/// Calls f with an empty body struct of the command's kind; not for header-only PDUs, and not for
/// the two of submit_multi, which hold lists.
template <class F>
void with_body(Command command, F&& f) {
  switch (command) {
    case Command::bind_receiver:
    case Command::bind_transmitter:
    case Command::bind_transceiver:
      return with<Bind>(f);
    case Command::bind_receiver_resp:
    case Command::bind_transmitter_resp:
    case Command::bind_transceiver_resp:
      return with<BindResp>(f);
    case Command::submit_sm:
    case Command::deliver_sm:
      return with<ShortMessage>(f);
    case Command::data_sm:
      return with<DataSm>(f);
    case Command::submit_sm_resp:
    case Command::deliver_sm_resp:
    case Command::data_sm_resp:
    case Command::broadcast_sm_resp:
    case Command::query_broadcast_sm_resp:
      return with<MessageIdResp>(f);
    case Command::query_sm:
    case Command::query_broadcast_sm:
      return with<QuerySm>(f);
    case Command::query_sm_resp:
      return with<QuerySmResp>(f);
    case Command::cancel_sm:
      return with<CancelSm>(f);
    case Command::replace_sm:
      return with<ReplaceSm>(f);
    case Command::broadcast_sm:
      return with<BroadcastSm>(f);
    case Command::cancel_broadcast_sm:
      return with<CancelBroadcastSm>(f);
    case Command::outbind:
      return with<Outbind>(f);
    case Command::alert_notification:
      return with<AlertNotification>(f);
    default:
      return;
  }
}

// ---- submit_multi: a list between two halves of a submit_sm

/// Reads the body; returns the complaint's status.
Status read_multi(Cursor& cursor, Json& body) {
  Content message;
  Octets list;
  std::uint8_t count = 0;
  const Status status = decode_submit_multi(cursor, 0x50, message, list, count);
  if (status != Status::ESME_ROK) return status;
  body = wire::to_json(submit_multi_head, &message);
  body["number_of_dests"] = count;
  Json destinations = Json::array();
  DestinationList entries(list);
  for (unsigned i = 0; i < count; ++i) {
    DestAddress entry;
    entries.next(entry);
    destinations.push_back(wire::to_json(DestAddress::fields, &entry));
  }
  body["dest_address"] = destinations;
  body.update(wire::to_json(submit_multi_tail, &message));
  return status;
}

Status read_multi_resp(Cursor& cursor, Json& body) {
  SubmitMultiResp head;
  wire::Verdict verdict = wire::decode_any(SubmitMultiResp::fields, cursor, &head);
  if (!verdict.ok()) return status_of<SubmitMultiResp>(verdict);
  body = wire::to_json(SubmitMultiResp::fields, &head);
  Json failures = Json::array();
  for (unsigned i = 0; i < head.no_unsuccess; ++i) {
    UnsuccessSme failure;
    verdict = wire::decode_any(UnsuccessSme::fields, cursor, &failure);
    if (!verdict.ok()) return status_of<UnsuccessSme>(verdict);
    failures.push_back(wire::to_json(UnsuccessSme::fields, &failure));
  }
  body["unsuccess_sme"] = failures;
  return Status::ESME_ROK;
}

/// Appends what the rows say of `json`; complains like from_json.
std::string append(std::span<const Field> fields, const Json& json, void* body,
                   std::deque<std::string>& storage, std::string& octets) {
  std::string error = wire::from_json(fields, json, body, storage);
  if (!error.empty()) return error;
  const wire::Verdict verdict = wire::check_any(fields, body);
  if (!verdict.ok()) return "field " + std::string(fields[verdict.field].name) + " does not fit";
  const std::size_t at = octets.size();
  octets.resize(at + wire::encoded_size_any(fields, body));
  wire::encode_any(fields, body, reinterpret_cast<std::uint8_t*>(octets.data()) + at);
  return {};
}

std::string write_multi(const Json& json, std::deque<std::string>& storage, std::string& octets) {
  Content message;
  // Each call looks for the fields of its own rows only.
  std::string error = append(submit_multi_head, json, &message, storage, octets);
  const Json destinations = json.value("dest_address", Json::array());
  octets.push_back(static_cast<char>(destinations.size()));
  for (const Json& one : destinations) {
    DestAddress entry;
    octets.push_back(static_cast<char>(dest_flag_sme_address));
    if (error.empty()) error = append(DestAddress::fields, one, &entry, storage, octets);
  }
  if (error.empty()) error = append(submit_multi_tail, json, &message, storage, octets);
  return error;
}

std::string write_multi_resp(const Json& json, std::deque<std::string>& storage,
                             std::string& octets) {
  SubmitMultiResp head;
  std::string error = append(SubmitMultiResp::fields, json, &head, storage, octets);
  for (const Json& one : json.value("unsuccess_sme", Json::array())) {
    UnsuccessSme failure;
    if (error.empty()) error = append(UnsuccessSme::fields, one, &failure, storage, octets);
  }
  return error;
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
    entry["value"] = to_hex(item->value);
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace

std::span<const wire::Field> body_rows(Command command) {
  if (command == Command::submit_multi_resp) return SubmitMultiResp::fields;
  std::span<const wire::Field> rows;
  with_body(command, [&](auto& body) { rows = body.fields; });
  return rows;
}

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
  if (!body_left_out &&
      (command == Command::submit_multi || command == Command::submit_multi_resp)) {
    Json body;
    const Status status =
        command == Command::submit_multi ? read_multi(cursor, body) : read_multi_resp(cursor, body);
    if (status == Status::ESME_ROK) {
      out["body"] = body;
    } else {
      out["fault"] = "body";
      out["answer"] = std::string(status_name(status));
    }
  } else if (!body_left_out) {
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
    const Json& from = json["body"];
    if (row->id == Command::submit_multi)
      error = write_multi(from, storage, body_octets);
    else if (row->id == Command::submit_multi_resp)
      error = write_multi_resp(from, storage, body_octets);
    else
      with_body(row->id, [&](auto& body) {
        using Body = std::remove_reference_t<decltype(body)>;
        error = append(Body::fields, from, &body, storage, body_octets);
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

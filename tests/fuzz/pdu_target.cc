// Bodies: the hot and the cold decoder agree, and what was decoded encodes to the same octets.
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "json/pdus.h"
#include "smpp/check.h"
#include "smpp/operations.h"
#include "smpp/submit_multi.h"
#include "target.h"
#include "wire/frame.h"

namespace ringgate::fuzz {
namespace {

std::string encoded_any(std::span<const wire::Field> fields, const void* message) {
  std::string out(wire::encoded_size_any(fields, message), '\0');
  auto* at = reinterpret_cast<std::uint8_t*>(out.data());
  for (const wire::Field& row : fields) at = wire::write(row, message, at);
  ASSERT(at == reinterpret_cast<std::uint8_t*>(out.data()) + out.size());
  return out;
}

template <class Body>
void run_body(Octets octets) {
  Cursor hot{octets.data(), octets.data() + octets.size()};
  Cursor cold = hot;
  Body body;
  Body body_any;
  const wire::Verdict verdict = wire::decode(hot, body);
  const wire::Verdict verdict_any = wire::decode_any(Body::fields, cold, &body_any);
  ASSERT(verdict.fault == verdict_any.fault);
  ASSERT(hot.at == cold.at);
  ASSERT(hot.at >= octets.data() && hot.at <= hot.end);
  if (!verdict.ok()) {
    ASSERT(verdict.field == verdict_any.field);
    ASSERT(verdict.field < Body::fields.size());
    ASSERT(smpp::status_of<Body>(verdict) != Status::ESME_ROK);
    return;
  }
  ASSERT(wire::check_any(Body::fields, &body).ok());
  const std::string_view read = as_text(octets.first(octets.size() - hot.left()));
  ASSERT(wire::encoded_size(body) == read.size());
  std::string again(read.size(), '\0');
  auto* const begin = reinterpret_cast<std::uint8_t*>(again.data());
  ASSERT(wire::encode(body, begin) == begin + again.size());
  ASSERT(again == read);
  ASSERT(encoded_any(Body::fields, &body_any) == read);
}

template <class... Bodies>
void run_bodies(Octets octets) {
  (run_body<Bodies>(octets), ...);
}

void run_submit_multi(Octets octets) {
  Cursor cursor{octets.data(), octets.data() + octets.size()};
  Content message;
  Octets list;
  std::uint8_t count = 0;
  if (smpp::decode_submit_multi(cursor, 0x50, message, list, count) != Status::ESME_ROK) return;
  // What has been checked can be walked again to its very end.
  smpp::DestinationList entries(list);
  for (unsigned i = 0; i < count; ++i) {
    smpp::DestAddress entry;
    ASSERT(entries.next(entry) == Status::ESME_ROK);
    ASSERT(entry.destination_addr.size() <= 20);
  }
  ASSERT(entries.cursor().left() == 0);
  const std::string again = encoded_any(smpp::submit_multi_head, &message) +
                            static_cast<char>(count) + std::string(as_text(list)) +
                            encoded_any(smpp::submit_multi_tail, &message);
  ASSERT(again == as_text(octets.first(octets.size() - cursor.left())));
}

void run_json(Octets pdu) {
  const nlohmann::ordered_json json = smpp::pdu_to_json(pdu);
  const std::string text = json.dump();
  if (json.contains("fault") || json.contains("command_id")) return;
  // A body that the JSON does not show cannot come back.
  if (!json.contains("body") && pdu.size() > wire::pdu_header_size && !json.contains("tlvs"))
    return;
  std::string error;
  const std::string again = smpp::json_to_pdu(nlohmann::ordered_json::parse(text), error);
  ASSERT(error.empty());
  ASSERT(again == as_text(pdu));
}

}  // namespace

void run_pdu(Octets octets) {
  const ExactCopy pdu(octets);
  run_json(pdu.octets());
  // The same with a command_length that is right, which the fuzzer would seldom keep so.
  std::string framed(as_text(octets));
  if (framed.size() >= wire::pdu_header_size) {
    store_be32(reinterpret_cast<std::uint8_t*>(framed.data()),
               static_cast<std::uint32_t>(framed.size()));
    const ExactCopy copy(as_octets(framed));
    run_json(copy.octets());
    const ExactCopy body(octets.subspan(wire::pdu_header_size));
    run_bodies<smpp::Bind, smpp::BindResp, smpp::ShortMessage, smpp::MessageIdResp, smpp::DataSm,
               smpp::QuerySm, smpp::QuerySmResp, smpp::CancelSm, smpp::ReplaceSm, smpp::DestAddress,
               smpp::DistributionList, smpp::UnsuccessSme, smpp::SubmitMultiResp, smpp::BroadcastSm,
               smpp::CancelBroadcastSm, smpp::Outbind, smpp::AlertNotification>(body.octets());
    run_submit_multi(body.octets());
  }
}

Seeds seeds_of_pdu(const SeedSource& source) { return source.pdus; }

}  // namespace ringgate::fuzz

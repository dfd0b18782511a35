// The JSON object, one line. Names stay; new ones may be added.
//
//   duration_s                 first submit to the end of submitting or the last response,
//                              whichever is later; warm-up included
//   submitted                  submit_sm sent
//   responses                  of these, answered
//   unanswered                 submitted - responses - rebinds.cut_off
//   accepted                   answered ESME_ROK
//   throttled                  answered ESME_RTHROTTLED
//   not_submitted              open loop: due in the run's time, but every window was full
//   sustainable                the backlog did not grow, and not more than one in a hundred was
//                              still due at the end
//   backlog_per_s              by how many messages a second it grew; 0 where it did not
//   rate                       accepted per second, without what the warm-up has sent
//   statuses                   {"ESME_ROK": count, ...}; codes without a name as "0x00000400"
//   receipts                   {requested, matched, missing, duplicate, early, unknown, refused,
//   given_up} other_deliver_sm           deliver_sm that were no receipts latency_us {p50, p99,
//   p999, max} of submit_sm to response receipt_latency_us         {p50, p99, p999, max} of
//   submit_sm to receipt client_cpu_ns_per_message  CPU time of this program per response
//   connections                bound at the start
//   connections_lost           of these, ended by anything but our unbind
//   out_of_order               responses after that of a later request, which SMPP permits
//   violations                 {malformed, unasked}: what the server sent that SMPP does not permit
//   rebinds                    {done, failed, missing, statuses, cut_off, latency_us}: binds that
//                              ended on purpose or were lost, and came back; of attempts that
//                              failed, what they were answered
//   disk_probe_us              {idle, busy}: of a durable write; null where --probe-disk was not
//                              asked for
//   requirements               [{requirement, figure, met}]: what --require asked for
//   version                    of ringgate-load
//   options, machine           {name: text}: how it was asked for, and where it ran
//   client                     {seconds, limited_seconds, limited}: of those measured, which say
//                              more about this program than about the server
//   series                     a second each: {at_s, size_s, warm_up, submitted, accepted, refused,
//                              receipts, held, paused_s, latency_us, receipt_latency_us, late_us,
//                              client_cpu, cpu_wait, steal, pressure, throttled, limited_by}
//   percentiles                {latency_us, receipt_latency_us}: [share, value] pairs, as far as
//                              ten values are above
//   histograms                 {latency_ns, receipt_latency_ns}: HdrHistogram version 2,
//                              compressed, base64
#include <ringgate/version.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "load/hdr.h"
#include "load/report.h"
#include "load/requirement.h"

namespace ringgate::load {

namespace {

using Json = nlohmann::ordered_json;

Json latency_json(const LatencySummary& latency) {
  const auto us = [](Nanos duration) { return static_cast<double>(duration) / 1e3; };
  return {{"p50", us(latency.p50)},
          {"p99", us(latency.p99)},
          {"p999", us(latency.p999)},
          {"max", us(latency.max)}};
}

Json requirements_json(const Report& report, std::span<const Requirement> requirements) {
  Json json = Json::array();
  for (const Requirement& one : requirements)
    json.push_back({{"requirement", one.text()},
                    {"figure", one.figure_text(report)},
                    {"met", one.is_met(report)}});
  return json;
}

/// Eight for each further nine.
Json percentiles_json(const Histogram& histogram) {
  constexpr double per_nine = 8, samples_above = 10;
  Json json = Json::array();
  for (double i = 0;; ++i) {
    const double above = std::pow(10.0, -i / per_nine);
    if (above * static_cast<double>(histogram.count()) < samples_above) return json;
    json.push_back({1 - above, static_cast<double>(histogram.quantile(1 - above)) / 1e3});
  }
}

Json seconds_json(const std::vector<Second>& seconds) {
  Json json = Json::array();
  for (const Second& one : seconds)
    json.push_back(
        {{"at_s", static_cast<double>(one.at) / 1e9},
         {"size_s", static_cast<double>(one.size) / 1e9},
         {"warm_up", one.warm_up},
         {"submitted", one.submitted},
         {"accepted", one.accepted},
         {"refused", one.refused},
         {"receipts", one.receipts},
         {"held", one.held},
         {"paused_s", static_cast<double>(one.paused) / 1e9},
         {"latency_us", latency_json(one.latency)},
         {"receipt_latency_us", latency_json(one.receipt_latency)},
         {"late_us", latency_json(one.lateness)},
         {"client_cpu", one.around.client_cpu},
         {"cpu_wait", one.around.cpu_wait},
         {"steal", one.around.steal},
         {"pressure", one.around.pressure},
         {"throttled", one.around.throttled},
         {"limited_by", counts(one) ? limits_of(one) : std::vector<std::string_view>()}});
  return json;
}

Json statuses_json(const StatusCounts& statuses) {
  Json json = Json::object();
  for (const StatusCounts::Row& row : statuses.rows()) json[status_text(row.status)] = row.count;
  return json;
}

Json disk_json(const std::optional<DiskProbe>& probe) {
  if (!probe) return nullptr;
  return {{"idle", static_cast<double>(probe->idle) / 1e3},
          {"busy", static_cast<double>(probe->busy) / 1e3}};
}

Json facts_json(const std::vector<std::pair<std::string, std::string>>& facts) {
  Json json = Json::object();
  for (const auto& [name, text] : facts) json[name] = text;
  return json;
}

}  // namespace

std::string report_json(const Report& report, std::span<const Requirement> requirements,
                        const RunFacts& facts) {
  const ReceiptCounts& receipts = report.receipts;
  const Json json = {
      {"duration_s", report.duration_s()},
      {"submitted", report.submitted},
      {"responses", report.responses},
      {"unanswered", report.unanswered()},
      {"accepted", report.accepted()},
      {"throttled", report.throttled()},
      {"not_submitted", report.not_submitted},
      {"sustainable", report.sustainable()},
      {"backlog_per_s", report.backlog_growth},
      {"rate", report.rate()},
      {"statuses", statuses_json(report.statuses)},
      {"receipts",
       {{"requested", receipts.requested},
        {"matched", receipts.matched},
        {"missing", receipts.missing()},
        {"duplicate", receipts.duplicate},
        {"early", receipts.early},
        {"unknown", receipts.unknown},
        {"refused", receipts.refused},
        {"given_up", receipts.given_up}}},
      {"other_deliver_sm", report.other_deliver_sm},
      {"latency_us", latency_json(report.latency)},
      {"receipt_latency_us", latency_json(report.receipt_latency)},
      {"client_cpu_ns_per_message", report.client_cpu_ns_per_message()},
      {"connections", report.connections},
      {"connections_lost", report.connections_lost},
      {"out_of_order", report.out_of_order},
      {"violations",
       {{"malformed", report.violations.malformed}, {"unasked", report.violations.unasked}}},
      {"rebinds",
       {{"done", report.rebinds.done},
        {"failed", report.rebinds.failed},
        {"missing", report.rebinds.missing},
        {"statuses", statuses_json(report.rebinds.refusals)},
        {"cut_off", report.rebinds.cut_off},
        {"latency_us", latency_json(report.rebind_latency)}}},
      {"disk_probe_us", disk_json(report.disk_probe)},
      {"requirements", requirements_json(report, requirements)},
      {"version", version},
      {"options", facts_json(facts.options)},
      {"machine", facts_json(facts.machine)},
      {"client",
       {{"seconds", report.measured_seconds()},
        {"limited_seconds", report.limited_seconds()},
        {"limited", report.client_limited()}}},
      {"series", seconds_json(report.seconds)},
      {"percentiles",
       {{"latency_us", percentiles_json(report.latency_histogram)},
        {"receipt_latency_us", percentiles_json(report.receipt_histogram)}}},
      {"histograms",
       {{"latency_ns", hdr_text(report.latency_histogram)},
        {"receipt_latency_ns", hdr_text(report.receipt_histogram)}}},
  };
  // Names of files and accounts may be of any octets.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace ringgate::load

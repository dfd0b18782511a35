// Named sets of quirk switches: what is known of a client library, or of a provider whose clients
// we take over.
#pragma once

#include <array>
#include <cstddef>
#include <iterator>
#include <string_view>

#include <ringgate/options.h>

namespace ringgate {

/// One profile: what it sets on top of the defaults of QuirkOptions.
struct QuirkProfileRow {
  std::string_view name;
  std::string_view meaning;  ///< for people; the documentation is made of it
  void (*apply)(QuirkOptions& quirks);
};

// Above each row stands its evidence: a project's source or thread, or a provider's own page.
inline constexpr QuirkProfileRow quirk_profile_rows[] = {
    {"standard", "what the documents say; everybody's start", [](QuirkOptions&) {}},

    // Kannel's gw/smsc/smpp_pdu.def declares replace_sm with a service_type in front of message_id,
    // which neither 3.4 nor 5.0 has. Its msg-id-type is unset by default, and then ids are compared
    // as text, so the format of ids need not change.
    {"kannel", "Kannel as a client: replace_sm begins with a service_type",
     [](QuirkOptions& quirks) { quirks.replace_sm_service_type = true; }},

    // Jasmin issue 124: a response of 17 octets (an error and one NUL) is "corrupt" to its client,
    // which then drops the connection. Its operations.py reads three characters of err at most,
    // which holds as long as no err_map gives more.
    {"jasmin", "Jasmin as a client: error responses end with the header",
     [](QuirkOptions& quirks) { quirks.error_body = ErrorBody::none; }},

    // getReceipt() in Jasmin's operations.py: neither counts nor text; message ids are UUIDs.
    {"jasmin_server", "clients used to Jasmin's own server: its receipts and ids",
     [](QuirkOptions& quirks) {
       quirks.message_id = IdFormat::uuid;
       quirks.receipt_template =
           "id:{id} submit date:{submit_date:10} done date:{done_date:10} stat:{stat} err:{err:3}";
     }},

    // Cloudhopper issue 64 (a NUL behind the text that sm_length does not count) concerns framing,
    // where everybody is treated alike. No switch is known to help; the name is here so that it can
    // be written.
    {"cloudhopper", "Cloudhopper as a client: nothing known to differ", [](QuirkOptions&) {}},

    // DeliveryReceipt.java takes dates of ten digits or twelve, any err, and text: or Text:.
    {"jsmpp", "jSMPP as a client: nothing known to differ", [](QuirkOptions&) {}},

    // node-smpp issue 58: it binds with 0x50 unless told otherwise, and speaks 3.4.
    {"node_smpp", "node-smpp as a client: binds as 5.0, is spoken to as 3.4",
     [](QuirkOptions& quirks) { quirks.interface_version = 0x34; }},

    // 3.3 knows no TLVs, and its responses have no form without a body: clients of that time read a
    // C-octet string whatever the status.
    {"smpp33", "clients of 3.3, whatever version they claim: no TLVs, a NUL in error responses",
     [](QuirkOptions& quirks) {
       quirks.interface_version = 0x33;
       quirks.receipt_tlvs = false;
       quirks.error_body = ErrorBody::nul;
     }},

    // Jasmin issue 218: a client that ends its text with a NUL and cannot be told not to.
    {"lenient",
     "hand-made clients: a NUL at the end of the text is dropped, a long source cut, reserved "
     "data_coding passed",
     [](QuirkOptions& quirks) {
       quirks.strip_trailing_nul = true;
       quirks.source_too_long = SourceTooLong::truncate;
       quirks.lenient_data_coding = true;
     }},

    // For acceptance tests of clients: reserved values that everybody tolerates are faults here.
    {"strict", "clients under test: reserved values of ton and npi are refused",
     [](QuirkOptions& quirks) { quirks.strict_ton_npi = true; }},

    // inMobile's page: receipts without text and with UUIDs, a source cut to 15 characters, times
    // of delivery ignored, version 3.4, ESME_RBINDFAIL for a bind.
    {"inmobile", "clients used to inMobile: its receipts, short sources, no scheduled delivery",
     [](QuirkOptions& quirks) {
       quirks.message_id = IdFormat::uuid;
       quirks.receipt_template =
           "id:{id} sub:{sub} dlvrd:{dlvrd} submit date:{submit_date:10} "
           "done date:{done_date:10} stat:{stat} err:{err:3}";
       quirks.source_addr_max = 15;
       quirks.source_too_long = SourceTooLong::truncate;
       quirks.scheduled_delivery = ScheduledDelivery::ignore;
       quirks.interface_version = 0x34;
     }},

    // IMIconnect's page: receipts without dlvrd, the text in double quotes and longer than 20
    // characters, ESME_RINVPASWD among the errors.
    {"imiconnect", "clients used to IMIconnect: its receipts, ESME_RINVPASWD",
     [](QuirkOptions& quirks) {
       quirks.receipt_template =
           "id:{id} sub:{sub} submit date:{submit_date:10} done date:{done_date:10} stat:{stat} "
           "err:{err:3} text:\"{text:25}\"";
       quirks.wrong_credentials = Status::ESME_RINVPASWD;
     }},

    // Vonage's (Nexmo's) page on reading its receipts: the text is always the word none.
    {"vonage", "clients used to Vonage: its receipts, whose text is the word none",
     [](QuirkOptions& quirks) {
       quirks.receipt_template =
           "id:{id} sub:{sub} dlvrd:{dlvrd} submit date:{submit_date:10} "
           "done date:{done_date:10} stat:{stat} err:{err:3} text:none";
     }},
};

/// The names of the rows, in their order.
inline constexpr auto quirk_profile_names = [] {
  std::array<std::string_view, std::size(quirk_profile_rows)> names;
  for (std::size_t index = 0; index < names.size(); ++index)
    names[index] = quirk_profile_rows[index].name;
  return names;
}();

/// The switches of a profile, its name among them; null for an unknown name. Good for ever; any
/// thread.
const QuirkOptions* find_profile(std::string_view name);

}  // namespace ringgate

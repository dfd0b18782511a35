// ringgate journal dump: every record as a line of JSON.
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/bytes.h"
#include "base/hex.h"
#include "daemon/journal_command.h"
#include "daemon/opened_journal.h"
#include "message/id_codec.h"
#include "runtime/id_key.h"

namespace ringgate {
namespace {

using journal::RecordType;

/// In every form that a client can have seen it: see account.quirks.message_id; eight digits are
/// for SMPP 3.3.
struct IdForms {
  MessageIdCodec codec;

  std::string text(MessageId id, IdStyle style) const {
    style.codec = &codec;
    char out[message_id_text_max];
    return {out, write_message_id(id, style, out)};
  }
  std::string hex(MessageId id) const { return text(id, {}); }
  std::string decimal(MessageId id) const { return text(id, {0x34, IdFormat::decimal, nullptr}); }
  std::string uuid(MessageId id) const { return text(id, {0x34, IdFormat::uuid, nullptr}); }
  std::string eight(MessageId id) const { return text(id, {0x33, IdFormat::hex, nullptr}); }

  bool is(MessageId id, const std::string& written) const {
    return written == hex(id) || written == decimal(id) || written == uuid(id) ||
           written == eight(id);
  }
};

const char* kind_name(RecordKind kind) {
  switch (kind) {
    case RecordKind::submit_sm:
      return "submit_sm";
    case RecordKind::data_sm:
      return "data_sm";
    case RecordKind::submit_multi:
      return "submit_multi";
    case RecordKind::notice:
      return "notice";
    case RecordKind::mo:
      return "mo";
  }
  return "unknown";
}

/// SMPP 5.0 §4.7.15.
std::string_view state_name(std::uint8_t state) {
  static constexpr std::string_view names[] = {"SCHEDULED", "ENROUTE",       "DELIVERED", "EXPIRED",
                                               "DELETED",   "UNDELIVERABLE", "ACCEPTED",  "UNKNOWN",
                                               "REJECTED",  "SKIPPED"};
  return state < std::size(names) ? names[state] : "?";
}

std::string_view result_name(std::uint8_t result) {
  static constexpr std::string_view names[] = {"delivered", "refused", "expired", "no_room"};
  return result < std::size(names) ? names[result] : "?";
}

/// The accounts, as the records number them.
using Names = std::map<std::uint32_t, std::string>;

std::string name_of(const Names& names, std::uint32_t account) {
  const auto found = names.find(account);
  return found == names.end() ? std::string() : found->second;
}

void add_accepted(nlohmann::ordered_json& line, const journal::RecordView& record,
                  const Names& names, bool with_text) {
  const auto message = journal::read_accepted(record);
  if (!message) return;
  line["kind"] = kind_name(message->kind);
  line["account"] = name_of(names, message->account);
  line["submitted_s"] = message->submitted_s;
  line["source"] = message->source.text;
  line["destination"] = message->destination.text;
  line["registered_delivery"] = static_cast<int>(message->registered_delivery);
  line["esm_class"] = message->esm_class;
  line["data_coding"] = message->data_coding;
  line["text_octets"] = message->text.size();
  line["tlv_octets"] = message->tlvs.size();
  if (message->trimmed) line["trimmed"] = true;
  if (with_text) line["text"] = to_hex(message->text);
}

void add_body(nlohmann::ordered_json& line, const journal::RecordView& record, const Names& names,
              bool with_text) {
  switch (record.header.type) {
    case RecordType::accepted:
      return add_accepted(line, record, names, with_text);
    case RecordType::outcome:
      if (const auto body = record.fixed<journal::OutcomeBody>()) {
        line["message_state"] = state_name(record.header.code);
        line["error"] = body->error;
        line["done_s"] = body->done_s;
        line["closes"] = body->closes != 0;
      }
      return;
    case RecordType::closed:
      line["result"] = result_name(record.header.code);
      return;
    case RecordType::retry:
      if (const auto body = record.fixed<journal::RetryBody>()) {
        line["attempts"] = body->attempts;
        line["next_s"] = body->next_s;
      }
      return;
    case RecordType::replaced:
      if (const auto body = journal::read_replaced(record)) {
        line["text_octets"] = body->text.size();
        if (with_text) line["text"] = to_hex(body->text);
      }
      return;
    case RecordType::state:
      if (const auto body = record.fixed<journal::StateBody>()) {
        line["message_state"] = state_name(record.header.code);
        line["done_s"] = body->done_s;
        line["account"] = name_of(names, body->account);
      }
      return;
    case RecordType::resubmit:
      if (const auto body = record.fixed<journal::ResubmitBody>()) line["until_s"] = body->until_s;
      return;
    case RecordType::checkpoint: {
      auto accounts = nlohmann::ordered_json::array();
      journal::for_each_account(
          record, [&](std::uint32_t, std::string_view name) { accounts.push_back(name); });
      line["accounts"] = accounts;
      return;
    }
  }
}

/// Which records are shown. What is said of a message goes with it: the records behind that of its
/// submit name it by its id only.
class Selection {
 public:
  Selection(const DumpFilter& filter, const IdForms& forms, const Names& names)
      : filter_(filter), forms_(forms), names_(names) {}

  bool takes(const journal::RecordView& record) {
    if (filter_.is_empty()) return true;
    if (record.header.type == RecordType::checkpoint) return false;
    const bool chosen = by_itself(record);
    if (chosen) chosen_.insert(record.header.id);
    return chosen || chosen_.contains(record.header.id);
  }

 private:
  bool by_itself(const journal::RecordView& record) const {
    if (!filter_.id.empty() && !forms_.is(record.id(), filter_.id)) return false;
    if (filter_.account.empty() && filter_.address.empty()) return true;
    std::string account, source, destination;
    if (const auto state = record.header.type == RecordType::state
                               ? record.fixed<journal::StateBody>()
                               : std::nullopt)
      account = name_of(names_, state->account);
    if (record.header.type == RecordType::accepted) {
      const auto message = journal::read_accepted(record);
      if (!message) return false;
      account = name_of(names_, message->account);
      source = message->source.text;
      destination = message->destination.text;
    }
    return (filter_.account.empty() || filter_.account == account) &&
           (filter_.address.empty() || filter_.address == source || filter_.address == destination);
  }

  const DumpFilter& filter_;
  const IdForms& forms_;
  const Names& names_;
  std::set<std::uint64_t> chosen_;
};

/// Nothing is made: a directory without a key has ids of the plain kind.
MessageIdCodec codec_of(const std::string& directory) {
  const auto key = runtime::find_id_key(directory);
  if (!key) std::fprintf(stderr, "ringgate: %s\n", key.error().text.c_str());
  return key && key.value() ? MessageIdCodec(*key.value()) : MessageIdCodec();
}

}  // namespace

int journal_dump(const std::string& directory, const DumpFilter& filter) {
  OpenedJournal journal;
  const auto complain = [](const std::string& what) {
    std::fprintf(stderr, "ringgate: %s\n", what.c_str());
    return 1;
  };
  if (const std::string complaint = journal.open(directory); !complaint.empty())
    return complain(complaint);
  const IdForms forms{codec_of(directory)};
  const Names& names = journal.scanned.accounts;
  for (const journal::ShardBatches& shard : journal.scanned.shards) {
    Selection selection(filter, forms, names);
    const auto show = [&](const journal::RecordView& record, const journal::BatchPlace& place) {
      if (!selection.takes(record)) return true;
      nlohmann::ordered_json line;
      if (shard.shard == journal::left_shard)
        line["shard"] = "left";
      else
        line["shard"] = shard.shard;
      line["segment"] = place.segment;
      line["batch"] = place.sequence;
      line["type"] = type_name(record.header.type);
      if (record.header.type != RecordType::checkpoint) {
        line["id"] = forms.hex(record.id());
        line["id_decimal"] = forms.decimal(record.id());
        line["id_3.3"] = forms.eight(record.id());
        line["slot"] = record.header.slot;
      }
      add_body(line, record, names, filter.with_text);
      // What a peer wrote need not be UTF-8.
      std::puts(line.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace).c_str());
      return true;
    };
    auto read = journal::for_each_record(journal.files, journal.note.epoch, shard, show);
    if (!read) return complain(read.error().text);
  }
  // A disk that is full, or a pipe that nobody reads, must not look like the end of the journal.
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
    return complain("the output could not be written");
  return 0;
}

}  // namespace ringgate

#include "daemon/journal_command.h"

#include <cinttypes>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/bytes.h"
#include "runtime/journal_store.h"

namespace ringgate {
namespace {

using journal::RecordType;
using runtime::JournalStore;
using runtime::StoredEpoch;

constexpr int exit_damaged = 1;
constexpr int exit_unreadable = 1;

int complain(const std::string& what) {
  std::fprintf(stderr, "ringgate: %s\n", what.c_str());
  return exit_unreadable;
}

struct Opened {
  std::uint64_t epoch = 0;
  StoredEpoch files;
  journal::Scanned scanned;
};

/// Finds and scans the epoch in use. The complaint is empty on success.
std::string open(const std::string& directory, Opened& out) {
  out.epoch = JournalStore::last_epoch(directory);
  if (out.epoch == 0) return directory + " holds no journal (it wants node.data_dir)";
  if (auto opened = out.files.open(JournalStore::epoch_path(directory, out.epoch)); !opened)
    return opened.error().text;
  auto scanned = journal::scan(out.files, out.epoch, {});
  if (!scanned) return scanned.error().text;
  out.scanned = std::move(scanned.value());
  return {};
}

const char* type_name(RecordType type) {
  switch (type) {
    case RecordType::accepted:
      return "accepted";
    case RecordType::outcome:
      return "outcome";
    case RecordType::closed:
      return "closed";
    case RecordType::retry:
      return "retry";
    case RecordType::replaced:
      return "replaced";
    case RecordType::state:
      return "state";
    case RecordType::resubmit:
      return "resubmit";
    case RecordType::checkpoint:
      return "checkpoint";
  }
  return "unknown";
}

std::string id_text(MessageId id) {
  const MessageIdText text = to_text(id);
  return {text.data(), text.size()};
}

std::string hex(Octets octets) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t octet : octets) {
    out.push_back(digits[octet >> 4]);
    out.push_back(digits[octet & 15]);
  }
  return out;
}

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

/// The accounts of one shard, as its checkpoints number them.
using Names = std::map<std::uint32_t, std::string>;

void add_accepted(nlohmann::ordered_json& line, const journal::RecordView& record,
                  const Names& names, bool with_text) {
  const auto message = journal::read_accepted(record);
  if (!message) return;
  const auto name = names.find(message->account);
  line["kind"] = kind_name(message->kind);
  line["account"] = name == names.end() ? "" : name->second;
  line["submitted_s"] = message->submitted_s;
  line["source"] = message->source.text;
  line["destination"] = message->destination.text;
  line["registered_delivery"] = static_cast<int>(message->wish);
  line["esm_class"] = message->esm_class;
  line["data_coding"] = message->data_coding;
  line["text_octets"] = message->text.size();
  line["tlv_octets"] = message->tlvs.size();
  if (message->trimmed) line["trimmed"] = true;
  if (with_text) line["text"] = hex(message->text);
}

void add_body(nlohmann::ordered_json& line, const journal::RecordView& record, Names& names,
              bool with_text) {
  switch (record.header.type) {
    case RecordType::accepted:
      return add_accepted(line, record, names, with_text);
    case RecordType::outcome:
      if (const auto body = record.fixed<journal::OutcomeBody>()) {
        line["message_state"] = record.header.code;
        line["error"] = body->error;
        line["done_s"] = body->done_s;
        line["closes"] = body->closes != 0;
      }
      return;
    case RecordType::closed:
      line["result"] = record.header.code;
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
        if (with_text) line["text"] = hex(body->text);
      }
      return;
    case RecordType::state:
      if (const auto body = record.fixed<journal::StateBody>()) {
        line["message_state"] = record.header.code;
        line["done_s"] = body->done_s;
      }
      return;
    case RecordType::resubmit:
      if (const auto body = record.fixed<journal::ResubmitBody>()) line["until_s"] = body->until_s;
      return;
    case RecordType::checkpoint: {
      auto accounts = nlohmann::ordered_json::array();
      journal::for_each_account(record, [&](std::uint32_t index, std::string_view name) {
        names[index] = name;
        accounts.push_back(name);
      });
      line["accounts"] = accounts;
      return;
    }
  }
}

}  // namespace

int journal_verify(const std::string& directory) {
  Opened journal;
  if (const std::string complaint = open(directory, journal); !complaint.empty())
    return complain(complaint);
  std::printf("%s: epoch %" PRIu64 ", %zu files\n", directory.c_str(), journal.epoch,
              journal.files.files().size());
  for (const journal::ShardBatches& shard : journal.scanned.shards) {
    std::map<RecordType, std::uint64_t> records;
    auto read = journal::for_each_record(journal.files, shard,
                                         [&](const journal::RecordView& record, const auto&) {
                                           ++records[record.header.type];
                                           return true;
                                         });
    if (!read) return complain(read.error().text);
    std::printf("shard %u: %zu batches", shard.shard, shard.batches.size());
    for (const auto& [type, count] : records)
      std::printf(", %" PRIu64 " %s", count, type_name(type));
    if (shard.cut != 0)
      std::printf("; %" PRIu64 " batches behind a torn one, never acknowledged", shard.cut);
    std::printf("\n");
    for (const journal::Damage& damage : shard.damage)
      std::printf("damaged: %s at offset %" PRIu64 ": %s\n",
                  journal.files.files()[damage.file].name.c_str(), damage.offset,
                  damage.what.c_str());
  }
  if (journal.scanned.first_damage() == nullptr) {
    std::printf("ok\n");
    return 0;
  }
  std::printf("to take over what is left: ringgate journal repair %s\n", directory.c_str());
  return exit_damaged;
}

int journal_dump(const std::string& directory, bool with_text) {
  Opened journal;
  if (const std::string complaint = open(directory, journal); !complaint.empty())
    return complain(complaint);
  for (const journal::ShardBatches& shard : journal.scanned.shards) {
    Names names;
    auto read = journal::for_each_record(
        journal.files, shard,
        [&](const journal::RecordView& record, const journal::BatchPlace& place) {
          nlohmann::ordered_json line;
          line["shard"] = shard.shard;
          line["segment"] = place.segment;
          line["batch"] = place.sequence;
          line["type"] = type_name(record.header.type);
          if (record.header.type != RecordType::checkpoint) {
            line["id"] = id_text(record.id());
            line["slot"] = record.header.slot;
          }
          add_body(line, record, names, with_text);
          // What a peer wrote need not be UTF-8.
          std::puts(line.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace).c_str());
          return true;
        });
    if (!read) return complain(read.error().text);
  }
  return 0;
}

int journal_repair(const std::string& directory) {
  // Without a journal there is nothing to lock, and open() says so.
  runtime::DataLock lock;
  if (JournalStore::last_epoch(directory) != 0) {
    auto taken = runtime::DataLock::take(directory);
    if (!taken) return complain(taken.error().text);
    lock = std::move(taken).value();
  }
  std::set<std::string> accounts;
  Options options;
  {
    Opened journal;
    if (const std::string complaint = open(directory, journal); !complaint.empty())
      return complain(complaint);
    if (journal.scanned.first_damage() == nullptr) {
      std::printf("%s: nothing to repair\n", directory.c_str());
      return 0;
    }
    for (const journal::ShardBatches& shard : journal.scanned.shards) {
      auto read = journal::for_each_record(
          journal.files, shard, [&](const journal::RecordView& record, const auto&) {
            if (record.header.type == RecordType::checkpoint)
              journal::for_each_account(
                  record, [&](std::uint32_t, std::string_view name) { accounts.emplace(name); });
            return true;
          });
      if (!read) return complain(read.error().text);
    }
    for (const journal::StoredFile& file : journal.files.files())
      options.store.segment_bytes = file.size;
  }
  options.node.data_dir = directory;
  for (const std::string& account : accounts) options.accounts.emplace_back().system_id = account;
  JournalStore store(options, 1, nullptr);
  if (auto opened = store.salvage(std::move(lock)); !opened) return complain(opened.error().text);
  std::printf("%s: %" PRIu64 " open messages taken over, %" PRIu64
              " of them with a receipt to deliver; the damaged files are in set-aside/\n",
              directory.c_str(), store.recovered().messages, store.recovered().receipts);
  return 0;
}

}  // namespace ringgate

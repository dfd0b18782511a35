// The journal as an offline tool and a start read it: whatever a batch with a good checksum holds,
// reading it ends with messages or an error, and what recovery writes can be recovered.
#include "journal/recovery.h"
#include "target.h"

namespace ringgate::fuzz {
namespace {

constexpr std::uint64_t segment_size = std::uint64_t{1} << 20;

struct Epoch final : journal::OldFiles, journal::NewFiles {
  const std::vector<journal::StoredFile>& files() const override { return list; }
  Result<std::size_t> read(std::size_t file, std::uint64_t offset,
                           std::span<std::uint8_t> to) override {
    const std::vector<std::uint8_t>& octets = content[file];
    if (offset >= octets.size()) return std::size_t{0};
    const std::size_t size = std::min<std::size_t>(to.size(), octets.size() - offset);
    std::memcpy(to.data(), octets.data() + offset, size);
    return size;
  }
  Result<void> write(unsigned, io::FileSlot, std::uint64_t, Octets octets) override {
    // Each batch as a file of its own: enough for scan() to find it.
    content.emplace_back(octets.begin(), octets.end());
    list.push_back({"new", octets.size()});
    return {};
  }
  std::vector<std::vector<std::uint8_t>> content;
  std::vector<journal::StoredFile> list;
};

journal::EpochNote note(std::uint64_t number) {
  journal::EpochNote out;
  out.epoch = {number, 1'000 + number};
  return out;
}

journal::RecoveryOptions options(std::uint64_t epoch) {
  journal::RecoveryOptions out;
  out.old_epoch = note(epoch).epoch;
  out.epoch = note(epoch + 1).epoch;
  out.shard_count = 2;
  out.segment_size = segment_size;
  out.wall_s = 1'000;
  out.accounts = {"esme", "other"};
  return out;
}

}  // namespace

void run_journal(Octets octets) {
  constexpr std::size_t records_max = 64 * 1024;
  const Octets records = octets.first(std::min(octets.size(), records_max));
  std::vector<std::uint8_t> batch(sizeof(journal::BatchHeader) + records.size());
  std::copy(records.begin(), records.end(), batch.begin() + sizeof(journal::BatchHeader));
  journal::BatchHeader header{};
  header.size = static_cast<std::uint32_t>(batch.size());
  header.sequence = 1;
  header.segment = 1;
  header.oldest = 1;
  journal::seal_batch(batch.data(), header, note(1).epoch);
  Epoch old, fresh;
  old.content.push_back(batch);
  old.list.push_back({"old", batch.size()});
  const auto scanned = journal::scan(old, note(1), {});
  ASSERT(scanned);
  ASSERT(scanned.value().first_damage() == nullptr);
  const auto recovered = journal::rewrite(old, scanned.value(), options(1), fresh, {});
  if (!recovered) return;
  std::uint64_t messages = 0;
  for (const journal::ShardStart& shard : recovered.value().shards) messages += shard.messages;
  ASSERT(messages == recovered.value().messages);
  messages += recovered.value().left.messages;
  // The same once more: nothing is lost by a start with nothing in between.
  const auto again = journal::scan(fresh, note(2), {});
  ASSERT(again);
  std::uint64_t accepted = 0;
  for (const journal::ShardBatches& shard : again.value().shards) {
    const auto read = journal::for_each_record(
        fresh, note(2).epoch, shard,
        [&](const journal::RecordView& record, const journal::BatchPlace&) {
          if (record.header.type != journal::RecordType::accepted) return true;
          ASSERT(journal::read_accepted(record).has_value());
          ++accepted;
          return true;
        });
    ASSERT(read);
  }
  ASSERT(accepted == messages);
}

Seeds seeds_of_journal(const SeedSource& source) {
  Seeds out;
  for (const std::string& pdu : source.pdus) {
    std::vector<std::uint8_t> records;
    const auto append = [&records](std::size_t size) {
      records.resize(records.size() + size);
      return records.data() + records.size() - size;
    };
    journal::put_checkpoints(std::vector<std::string>{"esme", "gone"}, 7, append);
    journal::Accepted message;
    message.id = MessageId{5};
    message.slot = 1;
    message.set_receipt(ReceiptWish::always);
    message.source.text = "4477";
    message.destination.text = "447700900002";
    message.text = Octets(reinterpret_cast<const std::uint8_t*>(pdu.data()), pdu.size());
    const std::size_t size = journal::accepted_size(message);
    journal::write_accepted(append(size), size, message);
    journal::write_fixed(append(24), journal::RecordType::outcome, 2, 1, message.id,
                         journal::OutcomeBody{900, 0, 0});
    journal::write_fixed(append(24), journal::RecordType::retry, 0, 1, message.id,
                         journal::RetryBody{900, 1});
    journal::write_fixed(append(40), journal::RecordType::state, 2, 0, MessageId{4},
                         journal::StateBody{0, 900, 1, 2, 0, {}});
    journal::Replaced replaced;
    replaced.text = message.text.first(std::min<std::size_t>(message.text.size(), 20));
    const std::size_t replaced_size = journal::size_of(replaced);
    journal::write_replaced(append(replaced_size), message.id, 1, replaced);
    out.emplace_back(records.begin(), records.end());
  }
  return out;
}

}  // namespace ringgate::fuzz

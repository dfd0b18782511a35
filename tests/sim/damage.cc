// What may lie on a disk besides what we wrote: octets of clients that look like ours, and bits
// that have changed. Recovery is given both, and what it makes of them is compared with what is
// there.
#include <map>
#include <set>

#include "parts.h"

namespace ringgate::sim {
namespace {

constexpr double forgery_chance = 0.3;
constexpr double damage_chance = 0.1;
constexpr std::size_t forged_blocks = 16;

using MessageKey = std::pair<std::uint64_t, std::uint32_t>;

/// Recovery's files for a look: what it writes is not kept.
struct Nowhere final : journal::NewFiles {
  ringgate::Result<void> write(unsigned, io::FileSlot, std::uint64_t, Octets octets) override {
    Octets records = octets;
    journal::BatchHeader header;
    std::memcpy(&header, octets.data(), sizeof header);
    records = journal::records_of(header, octets);
    journal::RecordView record;
    bool broken = false;
    while (journal::next_record(records, record, broken))
      if (record.header.type == journal::RecordType::accepted) ids.insert(record.header.id);
    return {};
  }
  std::multiset<std::uint64_t> ids;
};

/// Only a receipt can be owed for it, and how it ended went with its outcome: nothing is owed to
/// who wished for a receipt of a success.
bool is_settled_without_outcome(const journal::RecordView& record) {
  const auto accepted = journal::read_accepted(record);
  ASSERT(accepted);
  return accepted->trimmed && !wants_receipt(accepted->receipt(), MessageState::unknown);
}

/// The messages of which something is owed after these batches, found out in the plainest way there
/// is.
std::multiset<std::uint64_t> open_in(journal::OldFiles& files, const journal::Epoch& epoch,
                                     const journal::Scanned& batches) {
  std::multiset<std::uint64_t> out;
  for (const journal::ShardBatches& shard : batches.shards) {
    std::map<MessageKey, bool> open;  // or else only with its outcome
    std::set<MessageKey> ended;
    const auto read = journal::for_each_record(
        files, epoch, shard, [&](const journal::RecordView& record, const auto&) {
          const MessageKey key{record.header.id, record.header.slot};
          const auto outcome = record.header.type == journal::RecordType::outcome
                                   ? record.fixed<journal::OutcomeBody>()
                                   : std::nullopt;
          if (outcome) ended.insert(key);
          if (record.header.type == journal::RecordType::accepted)
            open[key] = !is_settled_without_outcome(record);
          if (record.header.type == journal::RecordType::closed ||
              (outcome && outcome->closes != 0))
            open.erase(key);
          return true;
        });
    ASSERT(read);
    for (const auto& [key, owed_anyway] : open)
      if (owed_anyway || ended.contains(key)) out.insert(key.first);
  }
  return out;
}

}  // namespace

/// Payloads lie in the files as they came. Here they come to lie where it hurts most, and know all
/// that a client can know: the format, and the number that the next epoch will have.
void World::clients_have_sent() {
  const auto note = journal::Epochs(disk_->tree()).current();
  if (!note || note.value().epoch.number == 0 || !prng_.chance(forgery_chance)) return;
  const auto opened = disk_->open_old(journal::Epochs::path_of(note.value().epoch.number));
  ASSERT(opened);
  const auto scanned = journal::scan(*disk_, note.value(), {});
  if (!scanned) return;
  std::vector<std::uint64_t> used(disk_->files().size());
  for (const journal::ShardBatches& shard : scanned.value().shards)
    for (const journal::BatchPlace& place : shard.batches)
      used[place.file] = std::max(used[place.file], place.offset + place.size);
  for (std::size_t file = 0; file < used.size(); ++file) {
    std::vector<std::uint8_t>& octets = disk_->old_content(file);
    for (std::size_t i = 0; i < forged_blocks; ++i) {
      const std::uint64_t at =
          prng_.below(octets.size() / journal::block_size) * journal::block_size;
      // A segment begins with a batch of ours.
      if (at < used[file] || at == 0) continue;
      journal::BatchHeader header{};
      header.size = sizeof header;
      header.sequence = 1 + prng_.below(1'000);
      header.durable = header.sequence + prng_.below(10);
      header.segment = 1 + prng_.below(10);
      header.oldest = header.segment;
      journal::seal_batch(octets.data() + at, header,
                          {note.value().epoch.number + prng_.below(2), 0});
    }
  }
}

/// One bit is not what it was. The start refuses, or nothing is missing; and repair keeps all that
/// can be read. Then the bit is as it was.
void World::look_at_damage(const journal::TakeoverOptions& options) {
  const auto note = journal::Epochs(disk_->tree()).current();
  if (!note || note.value().epoch.number == 0 || !prng_.chance(damage_chance)) return;
  const auto opened = disk_->open_old(journal::Epochs::path_of(note.value().epoch.number));
  ASSERT(opened);
  damage(note.value(), options);
}

void World::damage(const journal::EpochNote& note, const journal::TakeoverOptions& options) {
  auto whole = journal::scan(*disk_, note, {});
  if (!whole) return;
  std::vector<journal::ShardBatches*> shards;
  for (journal::ShardBatches& shard : whole.value().shards)
    if (!shard.batches.empty()) shards.push_back(&shard);
  if (shards.empty()) return;
  journal::ShardBatches& shard = *shards[prng_.below(shards.size())];
  // The first of a segment more often than chance would have it.
  const std::size_t hit = prng_.chance(0.3) ? 0 : prng_.below(shard.batches.size());
  const journal::BatchPlace place = shard.batches[hit];
  const std::uint64_t bit = prng_.below(std::uint64_t{place.size} * 8);
  std::uint8_t& octet = disk_->old_content(place.file)[place.offset + bit / 8];
  const auto flip = static_cast<std::uint8_t>(1u << bit % 8);
  octet = static_cast<std::uint8_t>(octet ^ flip);

  const auto scanned = journal::scan(*disk_, note, {});
  ASSERT(scanned);
  // What nobody has called safe since may be a torn tail, which is cut off.
  const auto behind = shard.batches.begin() + static_cast<std::ptrdiff_t>(hit + 1);
  const bool called_safe =
      std::any_of(behind, shard.batches.end(), [&](const journal::BatchPlace& later) {
        journal::BatchHeader header;
        std::memcpy(&header, &disk_->old_content(later.file)[later.offset], sizeof header);
        return header.durable >= place.sequence;
      });
  if (called_safe && scanned.value().first_damage() == nullptr)
    ledger_->fault("damage is not told of");
  shard.batches.erase(behind - 1, called_safe ? behind : shard.batches.end());
  journal::RecoveryOptions recovery;
  recovery.old_epoch = note.epoch;
  recovery.epoch = {note.epoch.number + 1, prng_.next()};
  recovery.segment_size = options.segment_size;
  recovery.accounts = options.accounts;
  recovery.quoted_octets = options.quoted_octets;
  recovery.ids = options.ids;
  Nowhere nowhere;
  const auto repaired = journal::rewrite(*disk_, scanned.value(), recovery, nowhere, {});
  const std::multiset<std::uint64_t> readable = open_in(*disk_, note.epoch, whole.value());
  octet = static_cast<std::uint8_t>(octet ^ flip);
  if (!repaired) return ledger_->fault("repair refuses: " + repaired.error().text);
  if (!repaired.value().orphans.empty())
    return ledger_->fault("repair does not know whose messages these are");
  // Segments that only the damaged batch had given up may come back: more is kept, never less.
  if (!std::ranges::includes(nowhere.ids, readable))
    ledger_->fault("repair does not keep what can be read");
}

}  // namespace ringgate::sim

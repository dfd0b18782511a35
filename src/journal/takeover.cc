#include "journal/takeover.h"

#include "base/assert.h"
#include "base/rarely.h"

namespace ringgate::journal {
namespace {

/// Of a directory without an epoch.
struct NoFiles final : OldFiles {
  const std::vector<StoredFile>& files() const override { return none; }
  Result<std::size_t> read(std::size_t, std::uint64_t, std::span<std::uint8_t>) override {
    UNREACHABLE();
  }
  std::vector<StoredFile> none;
};

Error refusal(const OldFiles& files, const Damage& damage) {
  return {ErrorCode::invalid, 0,
          file_of(files, damage) + " at offset " + std::to_string(damage.offset) + ": " +
              damage.what + ". Acknowledged messages may be missing"};
}

}  // namespace

Result<Takeover> Taker::run() {
  auto before = epochs_.current();
  if (!before) return before.error();
  before_ = std::move(before.value());
  if (auto settled = epochs_.settle(before_, lines_); !settled) return settled.error();

  NoFiles nothing;
  OldFiles* old = &nothing;
  if (before_.epoch.number != 0) {
    auto opened = files_.open_old(Epochs::path_of(before_.epoch.number));
    if (!opened) return opened.error();
    old = opened.value();
  }
  auto scanned = scan(*old, before_, progress_);
  if (!scanned) return scanned.error();
  const Damage* const damage = scanned.value().first_damage();
  if (damage != nullptr && !options_.salvage) return refusal(*old, *damage);

  auto number = epochs_.begin(before_.epoch.number);
  if (!number) return number.error();
  ASSERT(number.value() > before_.epoch.number);
  Takeover out;
  out.note.epoch = {number.value(), options_.salt};
  out.note.previous = before_.epoch.number;
  out.note.fate = damage != nullptr ? Fate::set_aside : Fate::reuse;
  if (auto written = write_new(*old, scanned.value(), out); !written) {
    // The old epoch is in use still; what was begun is only in the way, of the space first of all.
    if (auto dropped = epochs_.drop_unfinished(number.value()); !dropped)
      lines_.push_back(dropped.error().text);
    return written.error();
  }
  if (damage == nullptr)
    if (auto adopted = adopt_files(*old, out); !adopted) return adopted.error();
  if (auto given_up = epochs_.give_up_previous(out.note); !given_up) return given_up.error();
  return out;
}

/// Writes what is needed and takes it into use.
Result<void> Taker::write_new(OldFiles& old, const Scanned& scanned, Takeover& out) {
  RecoveryOptions recovery;
  recovery.old_epoch = before_.epoch;
  recovery.epoch = out.note.epoch;
  recovery.shard_count = options_.shard_count;
  recovery.segment_size = options_.segment_size;
  recovery.wall_s = options_.wall_s;
  recovery.next_sequence = before_.next_sequence;
  recovery.states_max = options_.states_max;
  recovery.accounts = options_.accounts;
  recovery.quoted_octets = options_.quoted_octets;
  recovery.ids = options_.ids;
  NewFiles& files = files_.open_new(Epochs::unfinished_path_of(out.note.epoch.number));
  auto rewritten = rewrite(old, scanned, recovery, files, progress_);
  if (!rewritten) return rewritten.error();
  out.recovered = std::move(rewritten.value());
  ASSERT(out.recovered.shards.size() == options_.shard_count);
  ASSERT(out.recovered.accounts.size() >= options_.accounts.size());
  out.note.accounts = out.recovered.accounts;
  out.note.segment_size = options_.segment_size;
  // Where this run begins to count, as long as the clock is behind: what it gives out and a crash
  // takes away must not be given out again by the next.
  for (const ShardStart& shard : out.recovered.shards)
    if (shard.next_sequence != 0)
      out.note.next_sequence =
          std::max(out.note.next_sequence, shard.next_sequence + unsafe_ids_max);
  for (std::size_t shard = 0; shard < out.recovered.shards.size(); ++shard)
    out.note.batches[static_cast<std::uint16_t>(shard)] = out.recovered.shards[shard].batches;
  out.note.batches[left_shard] = out.recovered.left.batches;
  if (auto finished = files_.finish_new(); !finished) return finished;
  return epochs_.take_into_use(out.note);
}

/// The old epoch's files are only space from here on: as many as fit become the new one's.
Result<void> Taker::adopt_files(const OldFiles& old, const Takeover& taken) {
  const std::string from = Epochs::path_of(before_.epoch.number) + "/";
  const std::string to = Epochs::path_of(taken.note.epoch.number);
  std::size_t next = 0;
  ASSERT(before_.epoch.number != taken.note.epoch.number);
  for (unsigned shard = 0; shard < options_.shard_count; ++shard) {
    auto file = static_cast<io::FileSlot>(taken.recovered.shards[shard].segments.size());
    const std::size_t share = old.files().size() / options_.shard_count;
    for (std::size_t i = 0; i < share && file < options_.files_max && next < old.files().size();
         ++next) {
      const StoredFile& one = old.files()[next];
      if (one.size != options_.segment_size || RARELY("an old file is left behind")) continue;
      const std::string name = one.name.substr(one.name.rfind('/') + 1);
      auto renamed = directories_.rename(from + name, to + "/" + Epochs::file_name(shard, file));
      if (!renamed) return renamed;
      ++file;
      ++i;
    }
  }
  return directories_.sync(to);
}

}  // namespace ringgate::journal

#include "journal/journal.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/rarely.h"
#include "base/units.h"

namespace ringgate::journal {
namespace {

// Writes under way at once. More than one lets a batch leave while others are still with the
// device; each costs the shard some 20 us of system call, so every further one must be worth more
// octets. Under full load few large ones are better: many would take the clients' windows apart,
// and each piece comes back with system calls of its own.
constexpr std::size_t writes_max = 4;
constexpr std::size_t further_write_min = 48 * 1024;
constexpr std::size_t under_way_max = 160 * 1024;
// A batch is closed at this size: larger ones push each other out of the cache between writing
// their records and reading them for the checksum.
constexpr std::size_t gather_max = batch_size_max / 2;
// Octets that may wait for the disk before new messages are put off: a second of a slow disk, or a
// fifth of a turn at full speed.
constexpr std::uint64_t staged_max = 24u << 20;
// Memory that is kept for the next batches.
constexpr std::size_t spare_memory_max = 8;
// What a message may still write after it was accepted: an outcome, a retry, its end.
constexpr std::uint64_t owed_per_message = 64;
// Segments that may stay although nothing in them is needed, where there is space enough: the
// states of messages that have ended soon need not be copied out of them any more.
constexpr std::size_t dead_segments_max = 4;
// Free segments below which new messages are refused. One is for what open messages still owe, and
// one for the copies by which an old segment is emptied: with that, emptying always comes to an
// end. While there may be more files, one may be used up until the next is made.
constexpr std::uint64_t reserve_segments = 2;
// Files ahead of need: the reserve, and the segment that comes next; more where much is owed.
constexpr std::size_t free_files_min = reserve_segments + 1;
// Emptying old segments begins when there are more than this many, and more octets in use than
// twice those that are needed.
constexpr std::size_t collect_segments_min = 4;
// After the disk had no room for another file.
constexpr Nanos prepare_pause = seconds(1);

}  // namespace

Journal::Journal(const JournalOptions& options, io::Disk& disk, Keeper& keeper,
                 const std::vector<WrittenSegment>& written, std::uint64_t batches,
                 std::uint32_t files)
    : options_(options),
      room_min_(std::min<std::uint64_t>(options.segment_size / 4, gather_max / 2)),
      dead_segments_max_(options.files_max >= 4 * dead_segments_max ? dead_segments_max : 1),
      disk_(disk),
      keeper_(keeper),
      sequence_(batches + 1),
      durable_(batches),
      files_(files),
      files_max_(options.files_max) {
  ASSERT(options.files_max >= free_files_min + 1);
  ASSERT(options.segment_size % block_size == 0 && options.segment_size >= batch_size_max);
  for (const WrittenSegment& one : written) {
    Segment& segment = segments_.emplace_back();
    segment.number = segments_.size();
    segment.file = one.file;
    segment.end = one.end;
    segment.last_batch = batches;
  }
  for (auto file = static_cast<io::FileSlot>(written.size()); file < files; ++file)
    free_files_.push_back(file);
  // Whatever recovery wrote is left as it is: appending begins with a segment of its own.
  current_ = &segments_.emplace_back();
  current_->number = segments_.size();
  give_file(*current_);
}

Journal::~Journal() {
  for (const Batch& batch : sealed_) std::free(batch.memory);
  // A device that hangs may come back to these when the heap has given them to somebody else.
  for (const Batch& batch : writing_)
    batch.answered ? std::free(batch.memory) : disk_.outlive(batch.memory);
  for (std::uint8_t* const memory : spare_memory_) std::free(memory);
  std::free(memory_);
  reading_ ? disk_.outlive(read_memory_) : std::free(read_memory_);
}

std::uint8_t* Journal::take_memory() {
  if (!spare_memory_.empty()) {
    std::uint8_t* const memory = spare_memory_.back();
    spare_memory_.pop_back();
    return memory;
  }
  auto* const memory = static_cast<std::uint8_t*>(std::aligned_alloc(block_size, batch_size_max));
  ASSERT(memory != nullptr);
  return memory;
}

void Journal::give_memory(std::uint8_t* memory) {
  if (spare_memory_.size() < spare_memory_max)
    spare_memory_.push_back(memory);
  else
    std::free(memory);
}

// ---- appending

void Journal::make_room(std::size_t size) {
  ASSERT(size <= record_size_max && size % 8 == 0);
  if (records_ != 0) seal();
  if (memory_ == nullptr) begin_batch();
  // A checkpoint may have taken much of it.
  if (static_cast<std::size_t>(end_ - at_) < size) {
    seal();
    begin_batch();
  }
  ASSERT(static_cast<std::size_t>(end_ - at_) >= size);
}

void Journal::begin_batch() {
  const bool opens = options_.segment_size - current().end < room_min_ ||
                     (current().end != 0 && free_files_.size() > reserve_segments &&
                      RARELY("a segment ends early"));
  if (opens) open_segment();
  memory_ = take_memory();
  const std::uint64_t left = options_.segment_size - current().end;
  at_ = memory_ + sizeof(BatchHeader);
  end_ = memory_ + std::min<std::uint64_t>(left, gather_max);
  if (current().end == 0) keeper_.write_checkpoint();
}

void Journal::open_segment() {
  Segment next;
  next.number = current().number + 1;
  current_ = &segments_.emplace_back(next);
  give_file(*current_);
}

void Journal::seal() {
  ASSERT(records_ != 0);
  Batch batch;
  batch.memory = memory_;
  batch.sequence = sequence_++;
  batch.segment = current().number;
  batch.offset = current().end;
  batch.oldest = segments_.front().number;
  batch.records = records_;
  batch.size = static_cast<std::uint32_t>(at_ - memory_);
  const std::size_t padded = round_up(batch.size, block_size);
  std::memset(at_, 0, padded - batch.size);
  current().end += padded;
  current().last_batch = batch.sequence;
  sealed_.push_back(batch);
  memory_ = at_ = end_ = nullptr;
  records_ = 0;
}

std::uint64_t Journal::staged() const {
  return (sealed_.size() + writing_.size()) * batch_size_max +
         static_cast<std::uint64_t>(at_ - memory_);
}

// ---- writing

void Journal::commit(Nanos now) {
  if (failure_ != 0) return;
  // First what may append: the rest of the turn must not leave records behind that nobody writes
  // until something else happens.
  release_dead();
  collect();
  if (records_ != 0 && !writing_.empty() && RARELY("a batch is sealed early")) seal();
  if (records_ != 0 && sealed_.empty()) {
    std::size_t under_way = 0;
    for (const Batch& batch : writing_) under_way += batch.size;
    const bool large =
        static_cast<std::size_t>(at_ - memory_) >= further_write_min * writing_.size();
    if (large && writing_.size() < writes_max && under_way < under_way_max) seal();
  }
  write_sealed();
  want_files(now);
  room_ = find_room();
}

void Journal::write_sealed() {
  while (!sealed_.empty() && writing_.size() < writes_max) {
    const Batch batch = sealed_.front();
    Segment& segment = at(static_cast<std::uint32_t>(batch.segment));
    if (segment.file == no_file && !give_file(segment)) return;
    BatchHeader header{};
    header.size = batch.size;
    header.sequence = batch.sequence;
    header.durable = durable_;
    header.segment = batch.segment;
    header.oldest = batch.oldest;
    header.shard = options_.shard;
    header.shard_count = options_.shard_count;
    header.records = batch.records;
    seal_batch(batch.memory, header, options_.epoch);
    const std::size_t padded = round_up(batch.size, block_size);
    octets_written_ += padded;
    ++batches_written_;
    writing_.push_back(batch);
    sealed_.pop_front();
#ifdef RINGGATE_CANARY
    // A planted bug, for the simulator to find: promises what is not kept yet.
    durable_ = batch.sequence;
#endif
    disk_.write(segment.file, batch.offset, {batch.memory, padded},
                static_cast<std::uint32_t>(batch.sequence % 0xFFFF'FFFF) + 1);
  }
}

void Journal::on_disk(std::uint32_t token, std::int64_t result) {
  if (token == read_token) return on_read(result);
  for (Batch& batch : writing_) {
    if (static_cast<std::uint32_t>(batch.sequence % 0xFFFF'FFFF) + 1 != token) continue;
    const auto padded = static_cast<std::int64_t>(round_up(batch.size, block_size));
    batch.answered = true;
    batch.done = result == padded;
    // Never tried again: after a failed sync the kernel may have dropped what it could not write,
    // and a second sync that succeeds says nothing about it.
    if (!batch.done && failure_ == 0) failure_ = result < 0 ? static_cast<int>(-result) : EIO;
  }
  while (!writing_.empty() && writing_.front().done) {
    durable_ = writing_.front().sequence;
    give_memory(writing_.front().memory);
    writing_.pop_front();
  }
  while (!released_.empty() && released_.front().after <= durable_) {
    free_files_.push_back(released_.front().file);
    released_.pop_front();
  }
}

// ---- files

bool Journal::give_file(Segment& segment) {
  if (free_files_.empty()) return false;
  segment.file = free_files_.back();
  free_files_.pop_back();
  return true;
}

/// Files ahead of need, up to the limit; beyond it rather than standing still.
void Journal::want_files(Nanos now) {
  if (prepare_failed_) {
    prepare_failed_ = false;
    retry_prepare_at_ = now + prepare_pause;
  }
  if (retry_prepare_at_ <= now) {
    retry_prepare_at_ = never;
    files_max_ = options_.files_max;
  }
  if (preparing_ || retry_prepare_at_ != never || free_files_.size() >= files_wanted()) return;
  const bool stuck = !sealed_.empty() && writing_.empty() &&
                     at(static_cast<std::uint32_t>(sealed_.front().segment)).file == no_file;
  if (files_ >= files_max_ && !stuck) return;
  preparing_ = true;
  disk_.prepare(files_++);
}

void Journal::on_file(io::FileSlot file, int result) {
  preparing_ = false;
  if (result == 0) {
    free_files_.push_back(file);
    return;
  }
  // Most likely the disk is full. What is there goes on being used, and the next try comes later.
  --files_;
  files_max_ = files_;
  prepare_failed_ = true;
}

// ---- giving segments up

void Journal::release_front() {
  Segment& front = segments_.front();
  keeper_.before_release(static_cast<std::uint32_t>(front.number));
  // A batch must say that it is given up, or its file is never free.
  if (records_ == 0) keeper_.write_checkpoint();
  ASSERT(segments_.size() > 1 && segments_.front().live == 0);
  released_.push_back({segments_.front().file, sequence_});
  segments_.pop_front();
}

void Journal::release_dead() {
  while (segments_.size() > 1 && !collecting_) {
    if (segments_.size() <= dead_segments_max_ && free_files_.size() >= files_wanted()) return;
    const Segment& front = segments_.front();
    if (front.live != 0 || front.last_batch > durable_) return;
    release_front();
  }
}

bool Journal::worth_collecting() const {
  if (RARELY("a segment is emptied without need")) return true;
  const std::uint64_t used = octets_used();
  const std::uint64_t needed = live_octets_ + other_live_;
  const std::uint64_t garbage = used - std::min(used, needed);
  // Where space is short, while the copies of one whole segment still have a place: the reserve is
  // used up by closings only, which are garbage as soon as they are written.
  const bool tight = !may_grow() && free_files_.size() + released_.size() < reserve_segments;
  if (tight && garbage >= options_.segment_size * 3 / 4) return true;
  if (segments_.size() <= collect_segments_min) return false;
  return garbage > needed + collect_segments_min * options_.segment_size;
}

void Journal::collect() {
  if (reading_ || failure_ != 0 || sealed_.size() > 1) return;
  if (!collecting_) {
    const Segment& front = segments_.front();
    if (segments_.size() < 2 || front.last_batch > durable_ || !worth_collecting()) return;
    collecting_ = true;
    read_offset_ = 0;
  }
  const Segment& front = segments_.front();
  if (read_offset_ >= front.end || front.live == 0) {
    collecting_ = false;
    ASSERT(front.live == 0);
    return release_front();
  }
  if (read_memory_ == nullptr) read_memory_ = take_memory();
  reading_ = true;
  const std::uint64_t size = std::min<std::uint64_t>(front.end - read_offset_, batch_size_max);
  disk_.read(front.file, read_offset_, {read_memory_, size}, read_token);
}

void Journal::on_read(std::int64_t result) {
  reading_ = false;
  const auto number = static_cast<std::uint32_t>(segments_.front().number);
  Octets rest(read_memory_, result > 0 ? static_cast<std::size_t>(result) : 0);
  bool any = false;
  while (const auto header = read_batch(rest, options_.epoch)) {
    if (header->segment != segments_.front().number) break;
    any = true;
    Octets records = records_of(*header, rest);
    RecordView record;
    bool broken = false;
    while (next_record(records, record, broken))
      octets_rewritten_ += keeper_.rewrite(record, number);
    const std::size_t size = std::min(round_up(header->size, block_size), rest.size());
    read_offset_ += size;
    rest = rest.subspan(size);
  }
  // What was written and synced cannot be read: what it holds would be lost with the segment.
  if (!any && failure_ == 0) failure_ = result < 0 ? static_cast<int>(-result) : EIO;
}

// ---- room

std::uint64_t Journal::owed() const { return live_ * owed_per_message; }

std::size_t Journal::files_wanted() const {
  return free_files_min + static_cast<std::size_t>(owed() / options_.segment_size);
}

bool Journal::may_grow() const { return files_ < files_max_ && retry_prepare_at_ == never; }

Room Journal::find_room() const {
  if (staged() > staged_max || RARELY("the disk is behind")) return Room::slow;
  // Only files that exist count: the disk may be full when the next one is asked for.
  const std::uint64_t left =
      free_files_.size() * options_.segment_size + (options_.segment_size - current().end);
  const std::uint64_t reserve = may_grow() ? 1 : reserve_segments;
  if (left >= reserve * options_.segment_size + owed()) return Room::ok;
  return may_grow() ? Room::slow : Room::full;
}

}  // namespace ringgate::journal

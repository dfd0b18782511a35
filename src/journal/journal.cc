#include "journal/journal.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/planted.h"
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
// fifth of a turn at full speed. One PDU is taken whole, so a submit_multi may go beyond.
constexpr std::uint64_t staged_max = 24u << 20;
// What admit() adds for it.
static_assert((sizeof(BatchHeader) + block_size) * 64 <= gather_max);
// Memory that is kept for the next batches.
constexpr std::size_t spare_memory_max = 8;
// Segments that may stay although nothing in them is needed, where there is space enough: the
// states of messages that have ended soon need not be copied out of them any more.
constexpr std::size_t dead_segments_max = 4;
// Free segments below which new messages are refused. One is for what open messages still owe, and
// one for the copies by which an old segment is emptied: with that, emptying always comes to an
// end. While there may be more files, one may be used up until the next is made.
constexpr std::uint64_t reserve_segments_min = 2;
// ... and of many files one of so many. What is owed may come one by one, each alone in a block;
// that comes back only when what is in front of it has been copied, while more of it comes: some
// fiftieth of what is copied.
constexpr std::uint64_t files_per_reserve = 16;
// Emptying old segments begins when there are more than this many, and more octets in use than
// twice those that are needed; where space is short, earlier.
constexpr std::size_t collect_segments_min = 4;
// Copying pays if of the segments to be copied one octet in so many comes back: where space is
// short, and else. Where the reserve is being used up, what is owed has to find its place.
constexpr std::uint64_t gain_part_reserve = 2 * files_per_reserve;
constexpr std::uint64_t gain_part_tight = 4;
constexpr std::uint64_t gain_part = 2;
// Of the files without the reserve, as much at the most is for what is needed; the rest is garbage
// that may gather before it is worth collecting. So wherever there is room for a new message,
// emptying old segments pays by gain_part_tight: an octet is copied three times at the most for
// each one that is accepted. The margin is for padding.
constexpr std::uint64_t needed_thirds = 2;
static_assert((3 - needed_thirds) * gain_part_tight > 3);
// A segment with less left than this is full, whatever the size of the next record.
constexpr std::uint64_t tail_min = 16 * 1024;
// After the disk had no room for another file.
constexpr Nanos prepare_pause = seconds(1);

}  // namespace

Journal::Journal(const JournalOptions& options, io::Disk& disk, Keeper& keeper,
                 const std::vector<WrittenSegment>& written, std::uint64_t batches,
                 std::uint32_t files)
    : options_(options),
      tail_max_(std::min<std::uint64_t>(options.segment_size / 4, gather_max / 2)),
      dead_segments_max_(options.files_max >= 4 * dead_segments_max ? dead_segments_max : 1),
      disk_(disk),
      keeper_(keeper),
      sequence_(batches + 1),
      durable_(batches),
      files_(files),
      files_max_(options.files_max) {
  ASSERT(options.files_max >= reserve_segments_min + 2);
  ASSERT(files > written.size());
  ASSERT(options.segment_size % block_size == 0 && options.segment_size >= batch_size_max);
  ASSERT(written.empty() == (batches == 0));
  for (const WrittenSegment& one : written) {
    ASSERT(one.file < written.size());
    ASSERT(one.end != 0 && one.end % block_size == 0 && one.end <= options.segment_size);
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
  const bool given = give_file(*current_);
  ASSERT(given);
  find_room();
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
  if (!spare_memory_.empty() && !RARELY("memory of a batch is new")) {
    ASSERT(spare_memory_.size() <= spare_memory_max);
    std::uint8_t* const memory = spare_memory_.back();
    spare_memory_.pop_back();
    return memory;
  }
  auto* const memory = static_cast<std::uint8_t*>(std::aligned_alloc(block_size, batch_size_max));
  ASSERT(memory != nullptr);
  return memory;
}

void Journal::give_memory(std::uint8_t* memory) {
  ASSERT(memory != nullptr);
  if (spare_memory_.size() < spare_memory_max && !RARELY("memory of a batch is given up"))
    spare_memory_.push_back(memory);
  else
    std::free(memory);
}

// ---- appending

void Journal::make_room(std::size_t size) {
  ASSERT(size <= record_size_max && size % 8 == 0);
  if (records_ != 0) seal();
  if (memory_ == nullptr) begin_batch(size);
  // A checkpoint may have taken much of it.
  if (static_cast<std::size_t>(end_ - at_) < size) {
    seal();
    begin_batch(size);
  }
  ASSERT(static_cast<std::size_t>(end_ - at_) >= size);
}

void Journal::begin_batch(std::size_t size) {
  ASSERT(memory_ == nullptr && records_ == 0);
  const std::uint64_t needed =
      std::max<std::uint64_t>(tail_min, round_up(sizeof(BatchHeader) + size, block_size));
  const bool opens = options_.segment_size - current().end < needed ||
                     (current().end != 0 && free_files_.size() > reserve_segments() &&
                      RARELY("a segment ends early"));
  if (opens) open_segment();
  memory_ = take_memory();
  ASSERT(current().end < options_.segment_size && current().end % block_size == 0);
  const std::uint64_t left = options_.segment_size - current().end;
  at_ = memory_ + sizeof(BatchHeader);
  end_ = memory_ + std::min<std::uint64_t>(left, gather_max);
  if (current().end != 0) {
    if (RARELY("a batch is small"))
      end_ = memory_ + round_up(sizeof(BatchHeader) + size, block_size);
    return;
  }
  const std::uint64_t number = current().number;
  keeper_.write_checkpoint();
  if (current().number == number)
    checkpoint_octets_ = current().end + static_cast<std::uint64_t>(at_ - memory_);
}

void Journal::open_segment() {
  ASSERT(current().end != 0 && records_ == 0);
  ASSERT(memory_ == nullptr);
  Segment next;
  next.number = current().number + 1;
  current_ = &segments_.emplace_back(next);
  // It gets one when its first batch is written.
  if (free_files_.size() > reserve_segments() && RARELY("a segment begins without a file")) return;
  give_file(*current_);
}

void Journal::seal() {
  ASSERT(records_ != 0);
  ASSERT(at_ <= end_);
  ASSERT(current_ == &segments_.back());
  ASSERT(sealed_.empty() || sealed_.back().sequence + 1 == sequence_);
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
  ASSERT(current().end <= options_.segment_size);
  staged_octets_ += padded;
  current().last_batch = batch.sequence;
  sealed_.push_back(batch);
  memory_ = at_ = end_ = nullptr;
  records_ = 0;
}

// ---- writing

void Journal::commit(Nanos now) {
  if (failure_ != 0) return;
  ASSERT(durable_ < sequence_);
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
  find_room();
}

void Journal::write_sealed() {
  while (!sealed_.empty() && writing_.size() < writes_max) {
    if (!writing_.empty() && RARELY("a batch waits for the one before it")) return;
    const Batch batch = sealed_.front();
    ASSERT(batch.sequence > durable_ && batch.records != 0);
    ASSERT(writing_.empty() || writing_.back().sequence + 1 == batch.sequence);
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
    ASSERT(batch.offset + padded <= segment.end);
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
  bool known = false;
  for (Batch& batch : writing_) {
    if (static_cast<std::uint32_t>(batch.sequence % 0xFFFF'FFFF) + 1 != token) continue;
    ASSERT(!known && !batch.answered);
    known = true;
    const auto padded = static_cast<std::int64_t>(round_up(batch.size, block_size));
    batch.answered = true;
    batch.done = result == padded;
    // Never tried again: after a failed sync the kernel may have dropped what it could not write,
    // and a second sync that succeeds says nothing about it.
    if (!batch.done && failure_ == 0) failure_ = result < 0 ? static_cast<int>(-result) : EIO;
  }
  ASSERT(known);
  while (!writing_.empty() && writing_.front().done) {
    ASSERT(staged_octets_ >= round_up(writing_.front().size, block_size));
    durable_ = writing_.front().sequence;
    staged_octets_ -= round_up(writing_.front().size, block_size);
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
  ASSERT(segment.file == no_file);
  if (free_files_.empty()) return false;
  segment.file = free_files_.back();
  ASSERT(segment.file < files_);
  free_files_.pop_back();
  return true;
}

/// Files ahead of need, up to the limit; beyond it rather than standing still.
void Journal::want_files(Nanos now) {
  // Those that were made are free, or wait to be, or are somebody's.
  ASSERT(free_files_.size() + released_.size() + (current().file == no_file ? 0 : 1) <= files_);
  if (prepare_failed_) {
    prepare_failed_ = false;
    retry_prepare_at_ = now + prepare_pause;
  }
  if (retry_prepare_at_ <= now) {
    retry_prepare_at_ = never;
    files_max_ = options_.files_max;
  }
  const bool enough =
      free_files_.size() >= files_wanted() && !RARELY("a file is made ahead of need");
  if (preparing_ || retry_prepare_at_ != never || enough) return;
  // The reserve makes that rare: what is owed came in more blocks than anybody would think.
  if (files_ >= files_max_ && !free_files_.empty()) return;
  if (files_ >= files_max_ && !released_.empty()) return;
  preparing_ = true;
  disk_.prepare(files_++);
}

void Journal::on_file(io::FileSlot file, int result) {
  ASSERT(preparing_ && files_ != 0);
  ASSERT(file == files_ - 1);
  preparing_ = false;
  disk_is_full_ = result != 0;
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
  ASSERT(segments_.size() > 1 && segments_.front().live == 0);
  Segment& front = segments_.front();
  ASSERT(front.last_batch <= durable_);
  ASSERT(front.live_octets == 0);
  ASSERT(front.file != no_file);
  // It may begin a segment on its way: then that one counts as holding all of it.
  const std::size_t kept = keeper_.before_release(static_cast<std::uint32_t>(front.number));
  current().kept_octets += kept;
  // A batch must say that it is given up, or its file is never free.
  if (records_ == 0) keeper_.write_checkpoint();
  ASSERT(segments_.front().live == 0);
  ASSERT(records_ != 0 && &segments_.front() != current_);
  ASSERT(released_.empty() || released_.back().after <= sequence_);
  released_.push_back({segments_.front().file, sequence_});
  segments_.pop_front();
}

/// Nothing in it is needed but a few states and keys.
bool Journal::is_dead(const Segment& front) const {
  return front.live == 0 && front.last_batch <= durable_ &&
         front.kept_octets < options_.segment_size / gain_part_tight;
}

void Journal::release_dead() {
  while (segments_.size() > 1 && !collecting_) {
    const bool may_stay =
        segments_.size() <= dead_segments_max_ && free_files_.size() >= files_wanted();
    if (may_stay && !RARELY("a dead segment goes early")) return;
    if (!is_dead(segments_.front()) || RARELY("a dead segment stays for a turn")) return;
    release_front();
  }
}

/// What emptying a segment costs of the space, at the most: its records, batches around them, and
/// the ends of segments into which a record does not fit.
std::uint64_t Journal::copies_of(const Segment& segment) const {
  std::uint64_t octets = segment.live_octets;
  ASSERT(octets >= segment.live * sizeof(RecordHeader));
  if (segment.live != 0) octets += octets * (octets / segment.live) / options_.segment_size;
  octets += segment.kept_octets;
  return octets + octets / 64 + block_size;
}

/// Whether of the oldest segments, as many as need be, one octet in `part` would come back: only
/// the oldest can be given up, so one that is full of what is needed may stand in front of others
/// that are not. What is left is as dense as it can be, so this ends.
bool Journal::pays(std::uint64_t part) {
  ASSERT(part > 1);
  // Only the keeper knows what has expired meanwhile, and what messages that have ended leave. Of
  // the others an upper bound will do: what it hides is found when they are in front.
  Segment& front = segments_.front();
  front.kept_octets = keeper_.kept_of(static_cast<std::uint32_t>(front.number));
  std::uint64_t copies = 0, emptied = 0;
  for (const Segment& segment : segments_) {
    if (segment.number == current().number || segment.last_batch > durable_) return false;
    copies += copies_of(segment);
    emptied += options_.segment_size;
    if (copies <= emptied - emptied / part) return true;
  }
  return false;
}

bool Journal::worth_collecting() {
  ASSERT(segments_.size() > 1);
  if (RARELY("a segment is emptied without need")) return true;
  const std::uint64_t used = octets_used();
  const std::uint64_t needed = live_octets_ + other_live_;
  const std::uint64_t garbage = used - std::min(used, needed);
  if (PLANTED("padding is garbage")) return garbage >= options_.segment_size * 3 / 4;
  const std::uint64_t free = free_files_.size() + released_.size();
  const bool tight = !may_grow() && free < files_wanted();
  const bool reserve_is_used = !may_grow() && free < reserve_segments();
  const bool much = segments_.size() > collect_segments_min &&
                    garbage > needed + collect_segments_min * options_.segment_size;
  if (!tight && !much) return false;
  const std::uint64_t part = reserve_is_used ? gain_part_reserve
                             : tight         ? gain_part_tight
                                             : gain_part;
  const bool changed = looked_.front != segments_.front().number ||
                       looked_.back != current().number || looked_.part != part ||
                       live_octets_ + options_.segment_size / 16 <= looked_.live_octets;
  if (!changed) return false;
  if (pays(part)) return true;
  looked_ = {segments_.front().number, current().number, live_octets_, part};
  return false;
}

bool Journal::has_place_for_copies(const Segment& front) const {
  return space() >= copies_of(front) + tail_min;
}

void Journal::collect() {
  if (reading_ || failure_ != 0 || sealed_.size() > 1) return;
  if (!collecting_) {
    const Segment& front = segments_.front();
    if (segments_.size() < 2 || front.last_batch > durable_ || !worth_collecting()) return;
    if (!has_place_for_copies(front)) return;
    collecting_ = true;
    read_offset_ = 0;
  }
  if (RARELY("emptying rests for a turn")) return;
  const Segment& front = segments_.front();
  ASSERT(front.file != no_file && front.number != current().number);
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
  ASSERT(reading_ && collecting_);
  ASSERT(read_memory_ != nullptr && result <= static_cast<std::int64_t>(batch_size_max));
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

std::uint64_t Journal::owed() const { return live_ * owed_per_message + pledged_; }

std::uint64_t Journal::reserve_segments() const {
  return std::max<std::uint64_t>(reserve_segments_min, files_ / files_per_reserve);
}

std::uint64_t Journal::capacity(const JournalOptions& options) {
  ASSERT(options.segment_size >= batch_size_max);
  const std::uint64_t tail = std::min<std::uint64_t>(options.segment_size / 4, gather_max / 2);
  const std::uint64_t total = options.files_max * (options.segment_size - tail);
  const std::uint64_t reserve =
      std::max<std::uint64_t>(reserve_segments_min, options.files_max / files_per_reserve) *
      options.segment_size;
  return (total - std::min(total, reserve)) / 3 * needed_thirds;
}

/// Files ahead of need: the reserve, and the segment that comes next; more where much is owed.
std::size_t Journal::files_wanted() const {
  return reserve_segments() + 1 + static_cast<std::size_t>(owed() / room_of_file());
}

bool Journal::may_grow() const { return files_ < files_max_ && retry_prepare_at_ == never; }

/// For records, whatever their sizes.
std::uint64_t Journal::room_of_file() const {
  const std::uint64_t lost = tail_max_ + checkpoint_octets_;
  return options_.segment_size - std::min(options_.segment_size - block_size, lost);
}

/// Octets for records in the files that exist: the disk may be full when the next one is asked for.
std::uint64_t Journal::space() const {
  std::uint64_t files = free_files_.size();
  std::uint64_t left = 0;
  // Segments without a file have taken a free one in advance.
  for (auto one = segments_.rbegin(); one != segments_.rend() && one->file == no_file; ++one)
    files -= std::min<std::uint64_t>(files, 1);
  if (current().file != no_file) {
    ASSERT(current().end <= options_.segment_size);
    left = options_.segment_size - current().end;
    left -= std::min(left, tail_max_ + static_cast<std::uint64_t>(at_ - memory_));
  }
  return files * room_of_file() + left;
}

/// What a full store has to have again before it says so.
std::uint64_t Journal::ample_room() const {
  return std::min(options_.segment_size / 2, files_max_ * room_of_file() / 16);
}

/// At the end of a turn, for the next one.
void Journal::find_room() {
  // To ask a full disk again is not to have room: that would come and go with every try.
  const bool grows = may_grow() && !disk_is_full_;
  ASSERT(live_ != 0 || live_octets_ == 0);
  const std::uint64_t segments = reserve_segments() - (grows ? 1 : 0);
  const std::uint64_t reserve = segments * options_.segment_size + owed();
  const std::uint64_t there = space();
  const std::uint64_t files = grows ? files_max_ : files_;
  const std::uint64_t total = files * room_of_file();
  const std::uint64_t needed_max = (total - std::min(total, reserve)) / 3 * needed_thirds;
  const std::uint64_t needed = live_octets_ + other_live_;
  const std::uint64_t files_left = there - std::min(there, reserve);
  const std::uint64_t needed_left = needed_max - std::min(needed_max, needed);
  waits_for_file_ = grows && files_left <= needed_left;
  space_left_ = static_cast<std::int64_t>(std::min(files_left, needed_left));
  ASSERT(space_left_ >= 0);
  turn_left_ = static_cast<std::int64_t>(staged_max) - static_cast<std::int64_t>(staged());
  if (RARELY("the disk is behind")) turn_left_ = 0;
  if (RARELY("there is no room")) space_left_ = 0;
  room_ = space_left_ == 0 || turn_left_ <= 0 ? lack() : Room::ok;
}

/// What there is too little of.
Room Journal::lack() const { return turn_left_ <= 0 || waits_for_file_ ? Room::slow : Room::full; }

Room Journal::refuse() const {
  if (PLANTED("room is not reserved")) return room_;
  return lack();
}

}  // namespace ringgate::journal

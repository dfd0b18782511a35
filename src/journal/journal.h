// One shard's journal: gathers the records of a turn, writes them with one synced write, and says
// from which batch on everything is safe.
//
//   admit, append ──> gathering ──seal──> sealed ──> writing ──on_disk──> durable
//
// Invariants:
//   - Batches become durable in their order, whatever the order in which the device writes them.
//   - live_octets of a segment is what rewrite() would copy out of it, octet by octet; live_ and
//     live_octets_ are the sums over all segments.
//   - Room that admit() has given is there: what is needed, owed and pledged fits into the free
//     segments behind the reserve, so append() never fails.
//   - Memory of a write is not used again and not freed before the device has answered for it.
//
// While a write is under way the next batch gathers, so the batches grow with the load by
// themselves. Pure: the files are behind io::Disk. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "base/assert.h"
#include "io/disk.h"
#include "journal/record.h"

namespace ringgate::journal {

struct JournalOptions {
  std::uint16_t shard = 0;
  std::uint16_t shard_count = 1;
  Epoch epoch{1};
  std::uint64_t segment_size = 32u << 20;
  std::uint32_t files_max = 64;  ///< at least 4
};

/// Who knows which records are still needed; called while a segment is being given up.
class Keeper {
 public:
  /// A record of a segment that shall be emptied: append a copy if it is needed still. Returns the
  /// octets appended.
  virtual std::size_t rewrite(const RecordView& record, std::uint32_t segment) = 0;
  /// The segment goes: append what else of it is needed (states, keys of resubmits). Returns the
  /// octets appended.
  virtual std::size_t before_release(std::uint32_t segment) = 0;
  /// How many octets that would append now.
  virtual std::uint64_t kept_of(std::uint32_t segment) const = 0;
  /// A segment begins: append its checkpoint.
  virtual void write_checkpoint() = 0;

 protected:
  ~Keeper() = default;
};

/// Whether a new message may come in.
enum class Room : std::uint8_t {
  ok,
  slow,  ///< too much waits for the disk: not now
  full,  ///< the rest of the space is needed for what is owed
};

/// A segment that recovery has written: where it lies and how much of it is used.
struct WrittenSegment {
  io::FileSlot file = 0;
  std::uint64_t end = 0;
};

class Journal {
 public:
  /// `written` are this epoch's first segments, in order, numbered from 1, with
  /// `batches` batches in all; `files` is the number of files there are, those of `written` first.
  Journal(const JournalOptions& options, io::Disk& disk, Keeper& keeper,
          const std::vector<WrittenSegment>& written, std::uint64_t batches, std::uint32_t files);
  ~Journal();
  /// Octets of records of open messages that there is room for, about.
  static std::uint64_t capacity(const JournalOptions& options);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Appending.

  /// Asks whether `count` new messages may come in, whose records take `octets` in all, and
  /// reserves what they need and what they will owe. To be called before anything of them is taken;
  /// who is admitted and does not come has only held room until the next commit(). Otherwise says
  /// why not.
  Room admit(std::uint64_t octets, std::uint64_t count = 1) {
    // Padding and headers of batches are less than a sixty-fourth of them (see static_assert).
    const auto cost = static_cast<std::int64_t>(octets + octets / 64 + count * owed_per_message);
    if (cost <= space_left_ && turn_left_ > 0) [[likely]] {
      space_left_ -= cost;
      turn_left_ -= cost;
      return Room::ok;
    }
    return refuse();
  }
  /// What a message may still write after it was accepted: an outcome, a retry, its end.
  static constexpr std::uint64_t owed_per_message = 64;

  /// What is appended next begins a batch.
  void begin_anew() {
    if (records_ != 0) seal();
  }
  /// Room for one record of exactly `size` octets, a multiple of 8, to be filled at once. Always
  /// there: what limits new messages is admit(), and what they owe has its place reserved.
  std::uint8_t* append(std::size_t size) {
    ASSERT(size % 8 == 0);
    if (static_cast<std::size_t>(end_ - at_) < size) [[unlikely]]
      make_room(size);
    std::uint8_t* const out = at_;
    at_ += size;
    ++records_;
    return out;
  }
  /// The segment that holds the record appended last.
  std::uint32_t segment() const { return static_cast<std::uint32_t>(current().number); }
  /// A new message's record of that size now lies in the segment appended to last, and must be
  /// kept; or, of an earlier one, in that segment.
  void hold(std::size_t size) {
    ASSERT(records_ != 0 && size != 0);
    count_live(current(), size);
    octets_accepted_ += size;
  }
  void hold(std::uint32_t segment, std::size_t size) { count_live(at(segment), size); }
  /// ... and is not needed any more.
  void drop(std::uint32_t segment, std::size_t size) {
    Segment& one = at(segment);
    ASSERT(one.live != 0 && one.live_octets >= size);
    --one.live;
    one.live_octets -= size;
    ASSERT(one.live != 0 || one.live_octets == 0);
    --live_;
    live_octets_ -= size;
  }
  /// ... and is needed still, but a copy of it, with all that belongs to it, will have another
  /// size.
  void resize(std::uint32_t segment, std::size_t from, std::size_t to) {
    Segment& one = at(segment);
    ASSERT(one.live != 0 && one.live_octets >= from);
    ASSERT(to != 0);
    one.live_octets += to - from;
    live_octets_ += to - from;
  }

  /// Octets of records that are copied when their segment goes, besides those of held messages.
  void set_other_live(std::uint64_t octets) { other_live_ = octets; }
  /// Octets that were admitted and come in a later turn, besides what every message owes.
  void set_pledged(std::uint64_t octets) { pledged_ = octets; }

  /// Whether there was room for any new message at the last commit().
  Room room() const { return room_; }
  /// Whether there was room for so much more that it will not be gone at once.
  bool has_ample_room() const {
    return room_ == Room::ok && space_left_ >= static_cast<std::int64_t>(ample_room());
  }

  // Safety. Batches are numbered from 1.

  /// The batch with the record appended last; 0 before the first.
  std::uint64_t last() const { return records_ != 0 ? sequence_ : sequence_ - 1; }
  /// All batches up to this one are on stable storage.
  std::uint64_t durable() const { return durable_; }
  bool disk_is_full() const { return disk_is_full_; }
  bool settled() const { return last() == durable_; }
  /// 0, or the errno of the write that failed. Then nothing becomes durable any more.
  int failure() const { return failure_; }

  // A turn.

  /// At the end of each turn: writes what was gathered, if the disk has time for it.
  void commit(Nanos now);
  void on_disk(std::uint32_t token, std::int64_t result);
  void on_file(io::FileSlot file, int result);
  /// When commit() wants to be called even if nothing happens.
  Nanos deadline() const { return failure_ == 0 ? retry_prepare_at_ : never; }

  // For people.

  std::uint64_t octets_written() const { return octets_written_; }
  std::uint64_t batches_written() const { return batches_written_; }
  std::uint64_t octets_rewritten() const { return octets_rewritten_; }
  /// Of the records of new messages: what octets_written() is measured by.
  std::uint64_t octets_accepted() const { return octets_accepted_; }
  /// Sealed or gathering, and not yet on stable storage.
  std::uint64_t staged() const {
    return staged_octets_ + static_cast<std::uint64_t>(at_ - memory_);
  }
  std::uint64_t octets_used() const { return segments_.size() * options_.segment_size; }
  std::uint64_t live() const { return live_; }
  std::uint32_t files() const { return files_; }

 private:
  static constexpr io::FileSlot no_file = ~io::FileSlot{0};
  static constexpr std::uint32_t read_token = 0;

  struct Segment {
    std::uint64_t number = 0;
    io::FileSlot file = no_file;
    std::uint64_t end = 0;         // of its last batch
    std::uint64_t last_batch = 0;  // with which it was full
    std::uint64_t live = 0;
    std::uint64_t live_octets = 0;
    // Of what before_release() has put here: as much at the most has to be copied once more.
    std::uint64_t kept_octets = 0;
  };
  struct Batch {
    std::uint8_t* memory = nullptr;
    std::uint64_t sequence = 0;
    std::uint64_t segment = 0;
    std::uint64_t offset = 0;
    // As of when it was sealed: what earlier batches copied out of a segment may not be safe before
    // this batch is.
    std::uint64_t oldest = 0;
    std::uint32_t size = 0;
    std::uint32_t records = 0;
    bool answered = false;
    bool done = false;
  };
  struct Released {
    io::FileSlot file;
    std::uint64_t after;  // reusable once this batch, which names the new oldest segment, is safe
  };

  const Segment& current() const { return *current_; }
  Segment& current() { return *current_; }
  // Numbers are compared by their low 32 bits, which is what a message remembers.
  Segment& at(std::uint32_t segment) {
    const std::uint32_t index = segment - static_cast<std::uint32_t>(segments_.front().number);
    ASSERT(index < segments_.size());
    return segments_[index];
  }
  void count_live(Segment& segment, std::size_t size) {
    ++segment.live;
    segment.live_octets += size;
    ++live_;
    live_octets_ += size;
  }

  Room refuse() const;
  void make_room(std::size_t size);
  void begin_batch(std::size_t size);
  void open_segment();
  void seal();
  void write_sealed();
  std::uint8_t* take_memory();
  void give_memory(std::uint8_t* memory);
  bool give_file(Segment& segment);
  void want_files(Nanos now);
  void release_front();
  void release_dead();
  bool is_dead(const Segment& front) const;
  bool worth_collecting();
  bool pays(std::uint64_t part);
  std::uint64_t copies_of(const Segment& segment) const;
  bool has_place_for_copies(const Segment& front) const;
  void collect();
  void on_read(std::int64_t result);
  bool may_grow() const;
  std::uint64_t owed() const;
  std::uint64_t reserve_segments() const;
  std::size_t files_wanted() const;
  void find_room();
  Room lack() const;
  std::uint64_t room_of_file() const;
  std::uint64_t space() const;
  std::uint64_t ample_room() const;

  const JournalOptions options_;
  const std::uint64_t tail_max_;  // what the last record that does not fit leaves of a segment
  const std::size_t dead_segments_max_;
  io::Disk& disk_;
  Keeper& keeper_;

  // The batch that gathers; null pointers while there is none.
  std::uint8_t* memory_ = nullptr;
  std::uint8_t* at_ = nullptr;
  std::uint8_t* end_ = nullptr;
  std::uint32_t records_ = 0;
  std::uint64_t checkpoint_octets_ = 0;  // of the last one
  std::uint64_t sequence_ = 1;           // of the batch that gathers or will

  std::deque<Segment> segments_;  // oldest first; the last is written
  Segment* current_ = nullptr;    // the last
  std::deque<Batch> sealed_;
  std::deque<Batch> writing_;
  std::uint64_t durable_ = 0;
  std::vector<std::uint8_t*> spare_memory_;

  std::uint32_t files_ = 0;  // made, or being made
  std::uint32_t files_max_;  // less than the option's while the disk is full
  std::vector<io::FileSlot> free_files_;
  std::deque<Released> released_;
  bool preparing_ = false;
  bool disk_is_full_ = false;  // the last file that was asked for could not be made
  bool prepare_failed_ = false;
  Nanos retry_prepare_at_ = never;

  // What admit() may still give away until the next commit(): of the files, and of the memory in
  // which octets wait for the disk. One that is let in may overdraw the latter.
  std::int64_t space_left_ = 0;
  std::int64_t turn_left_ = 0;
  bool waits_for_file_ = false;  // more than that is there when the next file is made

  // As of the last look that found nothing to collect: until one of these has changed there is no
  // need for another.
  struct Looked {
    std::uint64_t front = 0;
    std::uint64_t back = 0;
    std::uint64_t live_octets = 0;
    std::uint64_t part = 0;
  };
  Looked looked_;
  bool collecting_ = false;
  bool reading_ = false;
  std::uint64_t read_offset_ = 0;
  std::uint8_t* read_memory_ = nullptr;

  std::uint64_t live_ = 0;
  std::uint64_t live_octets_ = 0;
  std::uint64_t other_live_ = 0;
  std::uint64_t pledged_ = 0;
  std::uint64_t staged_octets_ = 0;  // sealed, and not yet on stable storage
  std::uint64_t octets_accepted_ = 0;
  std::uint64_t octets_written_ = 0;
  std::uint64_t batches_written_ = 0;
  std::uint64_t octets_rewritten_ = 0;
  Room room_ = Room::ok;
  int failure_ = 0;
};

}  // namespace ringgate::journal

#include "journal/journal.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/prng.h"
#include "base/units.h"
#include "fake_disk.h"

namespace ringgate::journal::test {
namespace {

/// A first write under way, and a second one large enough to go beside it.
void write_two(Rig& rig) {
  rig.accept();
  rig.commit();
  rig.accept(65'000);
  rig.accept(65'000);
  rig.commit();
  ASSERT_EQ(rig.disk.writes.size(), 2U) << "enough for a write of its own";
}

/// Fills the first segment and closes all that is in it.
void kill_first_segment(Rig& rig) {
  std::vector<std::uint32_t> slots;
  while (rig.journal->segment() == 1) {
    slots.push_back(rig.accept(60'000));
    rig.commit();
    rig.finish_all();
  }
  for (const std::uint32_t slot : slots) rig.close(slot);
}

// Aim: what one turn gathers is one write, and what comes while it is under way is the next.
// Method: three turns while the disk says nothing, then its answers.
TEST(Journal, GathersWhileWriting) {
  Rig rig;
  rig.accept();
  rig.accept();
  EXPECT_EQ(rig.disk.writes.size(), 0U);
  rig.commit();
  ASSERT_EQ(rig.disk.writes.size(), 1U);
  EXPECT_EQ(rig.disk.writes[0].octets.size(), block_size);
  EXPECT_EQ(rig.journal->last(), 1U);
  EXPECT_EQ(rig.journal->durable(), 0U);
  rig.accept();
  rig.commit();
  rig.accept();
  rig.commit();
  ASSERT_EQ(rig.disk.writes.size(), 1U) << "too little for a write beside the first";
  EXPECT_EQ(rig.journal->last(), 2U);
  rig.finish(0);
  EXPECT_EQ(rig.journal->durable(), 1U);
  rig.commit();
  ASSERT_EQ(rig.disk.writes.size(), 1U);
  const auto header = read_batch(rig.disk.writes[0].octets, Rig::epoch());
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->sequence, 2U);
  EXPECT_EQ(header->durable, 1U);
  EXPECT_EQ(header->records, 2U);
  rig.finish(0);
  EXPECT_TRUE(rig.journal->settled());
}

// Aim: a batch is safe only when all before it are. Method: two writes under way finish in the
// wrong order.
TEST(Journal, SafeInOrderOnly) {
  Rig rig;
  ASSERT_NO_FATAL_FAILURE(write_two(rig));
  rig.finish(1);
  EXPECT_EQ(rig.journal->durable(), 0U);
  rig.finish(0);
  EXPECT_EQ(rig.journal->durable(), 2U);
}

// Aim: a failed write is never tried again, and nothing is safe after it, whatever else succeeds.
// Method: the first of two writes fails with EIO; later turns go on appending.
TEST(Journal, AFailureIsForEver) {
  Rig rig;
  ASSERT_NO_FATAL_FAILURE(write_two(rig));
  rig.finish(0, -EIO);
  EXPECT_EQ(rig.journal->failure(), EIO);
  rig.finish(0);
  EXPECT_EQ(rig.journal->durable(), 0U);
  for (int i = 0; i < 10; ++i) {
    rig.accept();
    rig.commit();
  }
  EXPECT_TRUE(rig.disk.writes.empty());
  EXPECT_EQ(rig.journal->durable(), 0U);
}

// Aim: memory that the device may still use is not given back, however long it hangs. Method: a
// journal that ends while a write and a read are under way; then the device reads the one and
// writes the other, which the address sanitizer watches.
TEST(Journal, ADiskThatNeverAnswers) {
  Rig rig(4, 4);
  kill_first_segment(rig);
  rig.saves = true;
  for (int i = 0; i < 10 && (rig.disk.reads.empty() || rig.disk.writes.empty()); ++i) {
    rig.accept();
    rig.commit();
  }
  ASSERT_FALSE(rig.disk.writes.empty());
  const Octets written = rig.disk.under_way.back();
  const std::vector<std::uint8_t> wanted = rig.disk.writes.back().octets;
  const std::size_t expected = rig.disk.writes.size() + rig.disk.reads.size();
  rig.journal.reset();
  EXPECT_EQ(rig.disk.outlived.size(), expected);
  EXPECT_TRUE(std::ranges::equal(written, wanted));
  for (const auto& memory : rig.disk.outlived) memory.get()[batch_size_max - 1] = 1;
}

// Aim: what giving a segment up appends is written by the same turn; nobody need come by for it.
// Method: a dead segment, a keeper that has something to save of it, one commit after the last
// write.
TEST(Journal, NothingIsLeftBehind) {
  Rig rig(4, 4);
  kill_first_segment(rig);
  rig.saves = true;
  for (int i = 0; i < 10; ++i) {
    rig.commit();
    rig.finish_all();
  }
  EXPECT_FALSE(rig.released.empty());
  EXPECT_TRUE(rig.journal->settled());
}

// Aim: a journal that has failed wants nothing more, not even the file it was waiting for. Method:
// a file that cannot be made, and then a write that fails.
TEST(Journal, AFailedOneRests) {
  Rig rig(16, 2);
  rig.commit();
  rig.journal->on_file(2, -ENOSPC);
  rig.accept();
  rig.commit();
  ASSERT_NE(rig.journal->deadline(), never);
  rig.finish(0, -EIO);
  EXPECT_EQ(rig.journal->deadline(), never);
}

// Aim: a short write is a failed one.
TEST(Journal, AShortWriteIsAFailure) {
  Rig rig;
  rig.accept();
  rig.commit();
  rig.finish(0, 512);
  EXPECT_NE(rig.journal->failure(), 0);
  EXPECT_EQ(rig.journal->durable(), 0U);
}

// Aim: with a disk that says nothing, new messages are put off before memory grows without bound.
// Method: turns with much to write and no answer, until there is no room; then the answers.
TEST(Journal, ASlowDiskPutsNewMessagesOff) {
  Rig rig(64, 40);
  std::uint64_t octets = 0;
  while (rig.journal->room() == Room::ok && octets < (100u << 20)) {
    for (int i = 0; i < 20; ++i) octets += rig.messages[rig.accept(60'000)].size;
    rig.commit();
  }
  EXPECT_EQ(rig.journal->room(), Room::slow);
  EXPECT_LT(octets, 40u << 20);
  rig.settle();
  EXPECT_EQ(rig.journal->room(), Room::ok);
}

// Aim: every message that is open is in the segments that count, however many segments have come
// and gone. Method: a random life of messages, some very long, through hundreds of segments; after
// it the files are recovered and compared with the memory.
TEST(Journal, SegmentsComeAndGo) {
  Prng prng(7);
  Rig rig(12, 4);
  std::size_t refused = 0;
  for (int turn = 0; turn < 6'000; ++turn) {
    for (std::uint64_t i = prng.below(20); i > 0; --i) {
      if (rig.journal->room() != Room::ok) {
        ++refused;
        break;
      }
      rig.accept(prng.below(4'000));
    }
    while (rig.messages.size() > 200 || (!rig.messages.empty() && prng.chance(0.5))) {
      auto one = rig.messages.begin();
      // Young ones end first, so that old ones have to be moved.
      std::advance(one, static_cast<std::ptrdiff_t>(rig.messages.size() - 1 -
                                                    prng.below(rig.messages.size()) / 4));
      rig.close(one->first);
    }
    if (prng.chance(0.7))
      rig.settle();
    else
      rig.commit();
  }
  rig.settle();
  EXPECT_EQ(rig.journal->failure(), 0);
  EXPECT_GT(rig.released.size(), 20U);
  EXPECT_GT(rig.rewritten, 0U);
  EXPECT_LE(rig.journal->files(), 12U);
  EXPECT_EQ(rig.journal->live(), rig.messages.size());
  for (std::size_t i = 1; i < rig.released.size(); ++i)
    EXPECT_EQ(rig.released[i], rig.released[i - 1] + 1) << "given up out of order";

  struct Files final : OldFiles {
    explicit Files(FakeDisk& disk_in) : disk(disk_in) {
      for (const auto& [file, octets] : disk.files)
        list.push_back({std::to_string(file), octets.size()});
    }
    const std::vector<StoredFile>& files() const override { return list; }
    Result<std::size_t> read(std::size_t file, std::uint64_t offset,
                             std::span<std::uint8_t> to) override {
      const auto& octets = disk.files.at(static_cast<io::FileSlot>(file));
      const std::size_t size = std::min<std::size_t>(to.size(), octets.size() - offset);
      std::memcpy(to.data(), octets.data() + offset, size);
      return size;
    }
    FakeDisk& disk;
    std::vector<StoredFile> list;
  } files(rig.disk);
  const auto scanned = scan(files, Rig::note(), {});
  ASSERT_TRUE(scanned);
  ASSERT_EQ(scanned.value().shards.size(), 1U);
  EXPECT_EQ(scanned.value().first_damage(), nullptr);
  EXPECT_EQ(scanned.value().shards[0].cut, 0U);
  std::set<std::uint64_t> open;
  ASSERT_TRUE(for_each_record(files, Rig::epoch(), scanned.value().shards[0],
                              [&](const RecordView& record, const BatchPlace&) {
                                if (record.header.type == RecordType::accepted)
                                  open.insert(record.header.id);
                                if (record.header.type == RecordType::closed)
                                  open.erase(record.header.id);
                                return true;
                              }));
  std::set<std::uint64_t> wanted;
  for (const auto& [slot, kept] : rig.messages) wanted.insert(kept.id.value);
  EXPECT_EQ(open, wanted);
}

// Aim: when the files are full of open messages new ones are refused, closings and what they free
// still find room, and after enough of them there is room again. Method: fill up, close, go on.
TEST(Journal, FullIsNotStuck) {
  Rig rig(6, 4);
  while (rig.journal->room() != Room::full && rig.messages.size() < 100'000) {
    if (rig.journal->room() == Room::ok) rig.accept(2'000);
    rig.settle();
  }
  ASSERT_EQ(rig.journal->room(), Room::full);
  const std::size_t most = rig.messages.size();
  EXPECT_GT(most, 500U);
  while (!rig.messages.empty() && rig.journal->room() != Room::ok) {
    rig.close(rig.messages.begin()->first);
    rig.settle();
  }
  EXPECT_EQ(rig.journal->room(), Room::ok);
  EXPECT_FALSE(rig.messages.empty());
  EXPECT_LE(rig.journal->files(), 6U);
}

// Aim: a disk without room for more files is a limit, not a fault, and is asked again later.
// Method: the next file cannot be made; later it can.
TEST(Journal, ADiskWithoutRoom) {
  Rig rig(16, 2);
  rig.commit();
  ASSERT_EQ(rig.disk.wanted.size(), 1U);
  rig.disk.wanted.clear();
  rig.journal->on_file(2, -ENOSPC);
  rig.accept();
  rig.commit();
  rig.finish_all();
  rig.commit();
  EXPECT_EQ(rig.journal->room(), Room::full);
  EXPECT_EQ(rig.journal->failure(), 0);
  EXPECT_TRUE(rig.disk.wanted.empty()) << "asked again at once";
  ASSERT_NE(rig.journal->deadline(), never);
  rig.now = rig.journal->deadline();
  rig.commit();
  ASSERT_EQ(rig.disk.wanted.size(), 1U);
  EXPECT_EQ(rig.journal->room(), Room::full) << "asking is not having";
  rig.settle();
  rig.commit();
  EXPECT_EQ(rig.journal->room(), Room::ok);
}

// Aim: a file is used again only when the batch that gives its segment up is safe. Method: a dead
// segment is given up while the disk is silent, and the next segments go elsewhere.
TEST(Journal, FilesAreNotReusedTooEarly) {
  Rig rig(4, 4);
  kill_first_segment(rig);
  rig.commit();
  ASSERT_FALSE(rig.disk.writes.empty());
  const io::FileSlot dead = 3;  // The free file given out first is the last one.
  const std::vector<std::uint8_t> before = rig.disk.files[dead];
  for (int i = 0; i < 40; ++i) {
    rig.accept(60'000);
    rig.commit();
    for (const FakeDisk::Write& write : rig.disk.writes) EXPECT_NE(write.file, dead);
  }
  EXPECT_EQ(rig.disk.files[dead], before);
}

/// As a shard does: false when the message is refused.
bool admitted(Rig& rig, std::size_t text_size) {
  Accepted message;
  const std::vector<std::uint8_t> text(text_size);
  message.text = text;
  return rig.journal->admit(accepted_size(message)) == Room::ok;
}

/// Messages of that size until no more is taken, many in a turn; all of them open, everything safe.
void fill_up(Rig& rig, std::size_t text_size) {
  for (int turn = 0; turn < 1'000; ++turn) {
    for (int i = 0; i < 20'000 && admitted(rig, text_size); ++i) rig.accept(text_size);
    rig.settle();
    if (!admitted(rig, text_size) && rig.journal->admit(text_size) == Room::full) break;
  }
  ASSERT_FALSE(rig.messages.empty());
  ASSERT_EQ(rig.journal->admit(rig.messages.begin()->second.size), Room::full);
}

// Aim: room is reserved before a message is taken, so that what one turn brings never goes beyond
// the files, and what the accepted ones owe is always written at once. Method: one turn offers far
// more than fits, of every size; then every message ends in a turn of its own, which costs a block
// each, while every segment is full of open ones.
TEST(Journal, ABurstDoesNotOverrunTheFiles) {
  for (const std::size_t text_size :
       {20UL, 160UL, 1'000UL, 30'000UL, 60'000UL, 120'000UL, 190'000UL}) {
    for (const std::uint32_t files : {4U, 9U, 40U}) {
      SCOPED_TRACE(std::to_string(text_size) + " octets, files: " + std::to_string(files));
      Rig rig(files, files);
      ASSERT_NO_FATAL_FAILURE(fill_up(rig, text_size));
      // As many as the reserve could never hold without giving old segments up.
      for (std::size_t i = 0; i < 2'000 * files && !rig.messages.empty(); ++i) {
        rig.close(rig.messages.begin()->first);
        rig.settle();
      }
      EXPECT_EQ(rig.journal->files(), files) << "the reserve was used up";
    }
  }
}

// Aim: memory that waits for the disk is bounded however much one turn brings. Method: as many
// files as anybody could want, and a disk that says nothing.
TEST(Journal, ABurstDoesNotFillTheMemory) {
  Rig rig(300, 300);
  std::uint64_t octets = 0;
  rig.commit();
  while (admitted(rig, 60'000)) octets += rig.messages[rig.accept(60'000)].size;
  EXPECT_EQ(rig.journal->admit(100), Room::slow);
  EXPECT_GT(octets, 20u << 20);
  EXPECT_LT(octets, 26u << 20);
}

// Aim: many messages come in together or not at all. Method: a store with room for some of them,
// asked for all, and then for fewer.
TEST(Journal, ManyAreAdmittedTogether) {
  Rig rig(6, 6);
  rig.commit();
  const std::uint64_t size = 60'064;
  EXPECT_EQ(rig.journal->admit(254 * size, 254), Room::full);
  EXPECT_EQ(rig.journal->admit(10 * size, 10), Room::ok);
}

// Aim: a full store of which nobody wants anything writes nothing: what large records leave free at
// the end of a segment, and the padding of batches, come back by no copying. Method: stores full of
// open messages of every size, each then left alone for many turns.
TEST(Journal, AnIdleStoreWritesNothing) {
  for (const std::size_t text_size :
       {20UL, 160UL, 1'000UL, 4'100UL, 30'000UL, 60'000UL, 120'000UL, 190'000UL}) {
    for (const std::uint32_t files : {4U, 8U, 24U}) {
      SCOPED_TRACE(std::to_string(text_size) + " octets, files: " + std::to_string(files));
      Rig rig(files, 4);
      ASSERT_NO_FATAL_FAILURE(fill_up(rig, text_size));
      // What had begun when the last one came may come to its end.
      for (int i = 0; i < 200; ++i) {
        rig.commit();
        rig.finish_all();
      }
      const std::uint64_t written = rig.journal->octets_written();
      for (int i = 0; i < 1'000; ++i) {
        rig.commit();
        rig.finish_all();
      }
      EXPECT_EQ(rig.journal->octets_written(), written);
    }
  }
}

}  // namespace
}  // namespace ringgate::journal::test

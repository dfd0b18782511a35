#include "journal/recovery.h"

#include <gtest/gtest.h>

#include <set>

#include "base/bytes.h"
#include "base/prng.h"
#include "fake_disk.h"

namespace ringgate::journal::test {
namespace {

/// Of the old epoch and of the new one.
EpochNote note_of(std::uint64_t number) {
  EpochNote out;
  out.epoch = {number, 1'000 + number};
  return out;
}

/// An epoch in memory: what batches say lies where they say, and can be broken.
class StoredEpoch final : public OldFiles, public NewFiles {
 public:
  std::size_t file_size = segment_size;

  const std::vector<StoredFile>& files() const override { return list_; }
  Result<std::size_t> read(std::size_t file, std::uint64_t offset,
                           std::span<std::uint8_t> to) override {
    const std::vector<std::uint8_t>& octets = content_[file];
    if (offset >= octets.size()) return std::size_t{0};
    const std::size_t size = std::min<std::size_t>(to.size(), octets.size() - offset);
    std::memcpy(to.data(), octets.data() + offset, size);
    return size;
  }
  Result<void> write(unsigned shard, io::FileSlot file, std::uint64_t offset,
                     Octets octets) override {
    std::vector<std::uint8_t>& to = at(shard, file);
    std::memcpy(to.data() + offset, octets.data(), octets.size());
    return {};
  }
  std::vector<std::uint8_t>& at(unsigned shard, io::FileSlot file) {
    const auto [found, fresh] = index_.try_emplace({shard, file}, content_.size());
    if (fresh) {
      content_.emplace_back(file_size);
      list_.push_back({std::to_string(shard) + "-" + std::to_string(file), file_size});
    }
    return content_[found->second];
  }

 private:
  std::map<std::pair<unsigned, io::FileSlot>, std::size_t> index_;
  std::vector<std::vector<std::uint8_t>> content_;
  std::vector<StoredFile> list_;
};

/// Writes batches by hand.
class Scribe {
 public:
  explicit Scribe(StoredEpoch& files, std::uint16_t shard = 0) : files_(files), shard_(shard) {}

  Epoch epoch = note_of(1).epoch;

  std::uint8_t* append(std::size_t size) {
    const std::size_t at = records_.size();
    records_.resize(at + size);
    ++count_;
    return records_.data() + at;
  }
  void checkpoint(const std::vector<std::string>& accounts, std::uint64_t next = 1) {
    put_checkpoints(accounts, next, [this](std::size_t size) { return append(size); });
  }
  void accept(std::uint64_t id, std::uint32_t slot, const std::string& text = "hello",
              RecordKind kind = RecordKind::submit_sm, std::uint32_t account = 0,
              bool permuted = false) {
    Accepted message;
    message.permuted = permuted;
    message.id = MessageId{id};
    message.slot = slot;
    message.account = account;
    message.kind = kind;
    message.set_receipt(ReceiptWish::always);
    message.source.text = "447700900001";
    message.destination.text = "447700900002";
    message.text = as_octets(text);
    const std::size_t size = accepted_size(message);
    write_accepted(append(size), size, message);
  }
  /// What is left of one whose outcome follows.
  void accept_trimmed(std::uint64_t id, std::uint32_t slot, ReceiptWish wish) {
    Accepted message;
    message.id = MessageId{id};
    message.slot = slot;
    message.set_receipt(wish);
    message.submitted_s = 900;
    trim(message);
    const std::size_t size = accepted_size(message);
    write_accepted(append(size), size, message);
  }
  void retry(std::uint64_t id, std::uint32_t slot) {
    write_fixed(append(24), RecordType::retry, 0, slot, MessageId{id}, RetryBody{3'000, 4});
  }
  void outcome(std::uint64_t id, std::uint32_t slot, MessageState state, bool closes = false) {
    write_fixed(append(24), RecordType::outcome, static_cast<std::uint8_t>(state), slot,
                MessageId{id}, OutcomeBody{1'000, 5, static_cast<std::uint16_t>(closes)});
  }
  void close(std::uint64_t id, std::uint32_t slot) {
    put_header(append(16), RecordType::closed, 0, slot, MessageId{id}, 16);
  }
  /// Ends the batch and writes it behind the last one; returns its offset.
  std::uint64_t seal(std::uint64_t durable, io::FileSlot file = 0, std::uint64_t segment = 1,
                     std::uint64_t oldest = 1) {
    if (file != file_) {
      file_ = file;
      offset_ = 0;
    }
    BatchHeader header{};
    header.size = static_cast<std::uint32_t>(sizeof header + records_.size());
    header.sequence = ++sequence_;
    header.durable = durable;
    header.segment = segment;
    header.oldest = oldest;
    header.shard = shard_;
    header.shard_count = 1;
    header.records = count_;
    std::vector<std::uint8_t> batch(round_up(header.size, block_size));
    std::memcpy(batch.data() + sizeof header, records_.data(), records_.size());
    seal_batch(batch.data(), header, epoch);
    std::memcpy(files_.at(shard_, file).data() + offset_, batch.data(), batch.size());
    records_.clear();
    count_ = 0;
    const std::uint64_t at = offset_;
    offset_ += batch.size();
    return at;
  }

 private:
  StoredEpoch& files_;
  const std::uint16_t shard_;
  std::vector<std::uint8_t> records_;
  std::uint32_t count_ = 0;
  std::uint64_t sequence_ = 0;
  io::FileSlot file_ = 0;
  std::uint64_t offset_ = 0;
};

RecoveryOptions options(std::uint16_t shards = 1, std::vector<std::string> accounts = {"esme"}) {
  RecoveryOptions out;
  out.old_epoch = note_of(1).epoch;
  out.epoch = note_of(2).epoch;
  out.shard_count = shards;
  out.segment_size = segment_size;
  out.wall_s = 2'000;
  out.accounts = std::move(accounts);
  return out;
}

/// Every record of a new epoch: type, id, slot per shard.
struct Line {
  unsigned shard;
  RecordType type;
  std::uint64_t id;
  std::uint32_t slot;
  std::string text{};
};
std::vector<Line> lines_of(StoredEpoch& epoch) {
  std::vector<Line> out;
  const auto scanned = scan(epoch, note_of(2), {});
  EXPECT_TRUE(scanned);
  EXPECT_EQ(scanned.value().first_damage(), nullptr);
  for (const ShardBatches& shard : scanned.value().shards)
    EXPECT_TRUE(for_each_record(
        epoch, note_of(2).epoch, shard, [&](const RecordView& record, const BatchPlace&) {
          if (record.header.type == RecordType::checkpoint) return true;
          Line& line = out.emplace_back(
              Line{shard.shard, record.header.type, record.header.id, record.header.slot});
          if (record.header.type == RecordType::accepted)
            line.text = as_text(read_accepted(record)->text);
          return true;
        }));
  return out;
}

Result<Recovered> recover(StoredEpoch& old, const RecoveryOptions& how, StoredEpoch& fresh) {
  auto scanned = scan(old, note_of(1), {});
  EXPECT_TRUE(scanned);
  EXPECT_EQ(scanned.value().first_damage(), nullptr);
  return rewrite(old, scanned.value(), how, fresh, {});
}

// Aim: what is open is carried over, with what is known of it; what is closed is not, but its state
// is. Method: one message of each fate.
TEST(Recovery, CarriesOverWhatIsOpen) {
  StoredEpoch old, fresh;
  Scribe scribe(old);
  scribe.checkpoint({"esme"}, 500);
  scribe.accept(101, 0, "not answered by anybody");
  scribe.accept(102, 1, "a text longer than what receipts repeat");
  scribe.outcome(102, 1, MessageState::delivered);
  scribe.accept(103, 2);
  scribe.outcome(103, 2, MessageState::undeliverable);
  scribe.close(103, 2);
  scribe.accept(104, 3);
  scribe.outcome(104, 3, MessageState::delivered, true);
  scribe.accept(105, 4);
  scribe.close(105, 4);
  scribe.seal(0);
  const auto recovered = recover(old, options(), fresh);
  ASSERT_TRUE(recovered);
  EXPECT_EQ(recovered.value().messages, 2U);
  EXPECT_EQ(recovered.value().receipts, 1U);
  EXPECT_EQ(recovered.value().states, 2U);
  EXPECT_EQ(recovered.value().shards[0].messages, 2U);
  EXPECT_EQ(recovered.value().shards[0].next_sequence, 500U);
  const auto lines = lines_of(fresh);
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[0].id, 101U);
  EXPECT_EQ(lines[0].slot, 0U);
  EXPECT_EQ(lines[0].text, "not answered by anybody");
  EXPECT_EQ(lines[1].id, 102U);
  EXPECT_EQ(lines[1].slot, 1U);
  EXPECT_EQ(lines[1].text, "a text longer than w");
  EXPECT_EQ(lines[2].type, RecordType::outcome);
  EXPECT_EQ(lines[2].slot, 1U);
  EXPECT_EQ(lines[3].type, RecordType::state);
  EXPECT_EQ(lines[3].id, 103U);
  EXPECT_EQ(lines[4].id, 104U);
}

constexpr IdKey key{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

// Aim: ids go on behind the last that was given out, told from the checkpoint and from ids in
// records, whether they are permuted or come from an earlier version; every id stays as it is.
// Method: the newest id of either kind, and of both.
TEST(Recovery, NextSequence) {
  constexpr std::uint64_t checkpoint = 1'000'000'000'000;
  const MessageIdCodec codec(key);
  for (const bool permuted : {false, true}) {
    for (const std::uint64_t ahead : {std::uint64_t{0}, std::uint64_t{70'000}}) {
      StoredEpoch old, fresh;
      Scribe scribe(old);
      scribe.checkpoint({"esme"}, checkpoint);
      const auto id_of = [&](std::uint64_t sequence) {
        return permuted ? codec.id_of({}, sequence).value : sequence;
      };
      scribe.accept(checkpoint - 50, 0);
      scribe.accept(id_of(checkpoint + ahead), 1, "newest", RecordKind::submit_sm, 0, permuted);
      scribe.seal(0);
      RecoveryOptions how = options();
      how.ids = codec;
      const auto recovered = recover(old, how, fresh);
      ASSERT_TRUE(recovered);
      EXPECT_EQ(recovered.value().shards[0].next_sequence, checkpoint + ahead + 1);
      const auto lines = lines_of(fresh);
      ASSERT_EQ(lines.size(), 2U);
      EXPECT_EQ(lines[0].id, checkpoint - 50);
      EXPECT_EQ(lines[1].id, id_of(checkpoint + ahead));
    }
  }
}

// Aim: an id that was permuted with another key says nothing about the sequence, and moves nothing.
// Method: a journal under another key, under none, and one whose checkpoint is missing.
TEST(Recovery, NextSequenceWithoutTheKey) {
  const MessageIdCodec lost(IdKey{9, 9, 9});
  for (const std::uint64_t checkpoint : {std::uint64_t{1'000'000'000'000}, std::uint64_t{0}}) {
    for (const MessageIdCodec& codec : {MessageIdCodec(), MessageIdCodec(key)}) {
      StoredEpoch old, fresh;
      Scribe scribe(old);
      scribe.checkpoint({"esme"}, checkpoint);
      for (std::uint32_t i = 0; i < 100; ++i)
        scribe.accept(lost.id_of({}, 1'000'000'000'000 + i).value, i, "hello",
                      RecordKind::submit_sm, 0, true);
      scribe.seal(0);
      RecoveryOptions how = options();
      how.ids = codec;
      const auto recovered = recover(old, how, fresh);
      ASSERT_TRUE(recovered);
      EXPECT_EQ(recovered.value().messages, 100U);
      EXPECT_EQ(recovered.value().shards[0].next_sequence, checkpoint);
    }
  }
}

// Aim: any number of shards before and after; a client's message goes where its id says, an MO to
// its account's home. Method: two shards become three.
TEST(Recovery, OtherShardCount) {
  StoredEpoch old, fresh;
  const auto id_on = [](std::uint64_t shard, std::uint64_t n) { return shard << 48 | n; };
  for (std::uint16_t shard = 0; shard < 2; ++shard) {
    Scribe scribe(old, shard);
    scribe.checkpoint({"esme", "other"});
    for (std::uint64_t i = 0; i < 10; ++i)
      scribe.accept(id_on(shard, 10 + i), static_cast<std::uint32_t>(i));
    scribe.accept(id_on(255, 100u + shard), 50, "mo", RecordKind::mo, 1);
    scribe.seal(0);
  }
  const auto recovered = recover(old, options(3, {"esme", "other"}), fresh);
  ASSERT_TRUE(recovered);
  EXPECT_EQ(recovered.value().messages, 22U);
  EXPECT_EQ(recovered.value().mos, 2U);
  std::map<unsigned, std::uint32_t> slots;
  for (const Line& line : lines_of(fresh)) {
    EXPECT_EQ(line.shard, line.text == "mo" ? 1U : line.id >> 48);
    EXPECT_EQ(line.slot, slots[line.shard]++) << "slots count up, as the shard takes them";
  }
}

// Aim: a torn tail is cut, whatever was behind it, and without a word of damage. Method: the last
// batch, then the one before it, is broken; nobody knew either as safe.
TEST(Recovery, TornTail) {
  for (const int broken : {2, 1}) {
    StoredEpoch old, fresh;
    Scribe scribe(old);
    scribe.checkpoint({"esme"});
    std::vector<std::uint64_t> offsets;
    for (std::uint32_t i = 0; i < 3; ++i) {
      scribe.accept(100 + i, i);
      offsets.push_back(scribe.seal(i == 0 ? 0 : 1));
    }
    old.at(0, 0)[offsets[static_cast<std::size_t>(broken)] + 100] ^= 1;
    const auto scanned = scan(old, note_of(1), {});
    ASSERT_TRUE(scanned);
    EXPECT_EQ(scanned.value().first_damage(), nullptr);
    EXPECT_EQ(scanned.value().shards[0].cut, broken == 1 ? 1U : 0U);
    const auto recovered = recover(old, options(), fresh);
    ASSERT_TRUE(recovered);
    EXPECT_EQ(recovered.value().messages, static_cast<std::uint64_t>(broken));
  }
}

// Aim: an epoch that has lost all its files is damaged, and that can be told although there is no
// file to name. Method: a note that knows of batches, and no file.
TEST(Recovery, NoFileIsLeft) {
  StoredEpoch old;
  EpochNote note = note_of(1);
  note.batches[0] = 3;
  const auto scanned = scan(old, note, {});
  ASSERT_TRUE(scanned);
  ASSERT_NE(scanned.value().first_damage(), nullptr);
  EXPECT_EQ(scanned.value().shards[0].missing, 3U);
  EXPECT_EQ(file_of(old, *scanned.value().first_damage()), "a file that is not there");
}

// Aim: names of accounts that fill a batch to its end leave the first record behind them a batch of
// its own. Method: as many accounts as leave no octet of the first batch.
TEST(Recovery, NamesFillABatch) {
  constexpr std::uint32_t account_count = 31 * 2'048 + 1'980;
  constexpr std::size_t name_size = 15;
  std::vector<std::string> accounts;
  while (accounts.size() < account_count) {
    std::string name = std::to_string(1'000'000 + accounts.size());
    accounts.push_back(name.append(name_size - name.size(), '_'));
  }
  StoredEpoch old, fresh;
  fresh.file_size = 4 * batch_size_max;
  Scribe scribe(old);
  scribe.checkpoint({accounts[0]});
  scribe.accept(101, 0);
  scribe.seal(0);
  RecoveryOptions how = options(1, accounts);
  how.segment_size = fresh.file_size;
  ASSERT_TRUE(recover(old, how, fresh));
  const auto lines = lines_of(fresh);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].text, "hello");
}

// Aim: a batch that was safe and is broken is told with its file and offset, wherever it lies; a
// salvage takes the rest. Method: each of the first batches of two segments in turn.
TEST(Recovery, DamageInTheMiddle) {
  for (std::size_t broken = 0; broken < 5; ++broken) {
    StoredEpoch old, fresh;
    Scribe scribe(old);
    scribe.checkpoint({"esme"});
    std::vector<std::pair<io::FileSlot, std::uint64_t>> places;
    for (std::uint32_t i = 0; i < 6; ++i) {
      const io::FileSlot file = i < 3 ? 0 : 1;
      if (i == 3) scribe.checkpoint({"esme"});
      scribe.accept(100 + i, i);
      places.emplace_back(file, scribe.seal(i, file, 1 + file));
    }
    const auto [file, offset] = places[broken];
    old.at(0, file)[offset + 70] ^= 0x10;
    const auto scanned = scan(old, note_of(1), {});
    ASSERT_TRUE(scanned);
    const Damage* const damage = scanned.value().first_damage();
    ASSERT_NE(damage, nullptr) << broken;
    // The first batch of a later segment is missed behind the last of the one before, where it
    // might have been as well.
    const bool ambiguous = broken == 3;
    EXPECT_EQ(damage->file, ambiguous ? 0U : file) << broken;
    EXPECT_EQ(damage->offset, ambiguous ? places[2].second + block_size : offset) << broken;
    const auto salvaged = rewrite(old, scanned.value(), options(), fresh, {});
    ASSERT_TRUE(salvaged);
    // The accounts of a segment without its checkpoint are known from the others.
    EXPECT_EQ(salvaged.value().messages, 5U) << broken;
    EXPECT_EQ(scanned.value().shards[0].missing, 1U) << broken;
  }
}

// Aim: where damage has taken outcomes, what the shards find is in order all the same: a message
// whose text is gone has an unknown end, if anybody waits for it; one that is whole goes to the
// backend again, as if it had never been tried to deliver. Method: a batch of nothing but outcomes
// is broken.
TEST(Recovery, OutcomesAreLost) {
  StoredEpoch old, fresh;
  Scribe scribe(old);
  scribe.checkpoint({"esme"});
  scribe.accept_trimmed(100, 0, ReceiptWish::always);
  scribe.accept_trimmed(101, 1, ReceiptWish::on_success);
  scribe.accept(102, 2);
  scribe.seal(0);
  for (std::uint32_t i = 0; i < 3; ++i) scribe.outcome(100 + i, i, MessageState::delivered);
  const std::uint64_t broken = scribe.seal(1);
  for (std::uint32_t i = 0; i < 3; ++i) scribe.retry(100 + i, i);
  scribe.seal(2);
  old.at(0, 0)[broken + 70] ^= 0x10;
  const auto scanned = scan(old, note_of(1), {});
  ASSERT_TRUE(scanned);
  const auto salvaged = rewrite(old, scanned.value(), options(), fresh, {});
  ASSERT_TRUE(salvaged);
  EXPECT_EQ(salvaged.value().messages, 2u);
  EXPECT_EQ(salvaged.value().receipts, 1u);
  std::vector<std::pair<std::uint64_t, RecordType>> found;
  for (const Line& line : lines_of(fresh)) found.emplace_back(line.id, line.type);
  const std::vector<std::pair<std::uint64_t, RecordType>> expected = {{100, RecordType::accepted},
                                                                      {100, RecordType::outcome},
                                                                      {100, RecordType::retry},
                                                                      {102, RecordType::accepted}};
  EXPECT_EQ(found, expected);
}

// Aim: segments that were given up do not come back, even where their file still holds them.
// Method: a message accepted in a segment below `oldest` and never closed in what counts.
TEST(Recovery, GivenUpSegmentsStayAway) {
  StoredEpoch old, fresh;
  Scribe scribe(old);
  scribe.checkpoint({"esme"});
  scribe.accept(100, 0);
  scribe.seal(0, 0, 1);
  scribe.checkpoint({"esme"});
  scribe.accept(101, 1);
  scribe.seal(1, 1, 2, 2);
  const auto recovered = recover(old, options(), fresh);
  ASSERT_TRUE(recovered);
  EXPECT_EQ(recovered.value().messages, 1U);
  EXPECT_EQ(lines_of(fresh)[0].id, 101U);
}

// Aim: a copy of a message is that message, with all that was said of it. Method: accepted,
// outcome, then a trimmed copy in a later segment, the first one given up.
TEST(Recovery, Copies) {
  StoredEpoch old, fresh;
  Scribe scribe(old);
  scribe.checkpoint({"esme"});
  scribe.accept(100, 0);
  scribe.seal(0, 0, 1);
  scribe.checkpoint({"esme"});
  scribe.accept(100, 0);
  scribe.outcome(100, 0, MessageState::expired);
  scribe.seal(1, 1, 2, 2);
  const auto recovered = recover(old, options(), fresh);
  ASSERT_TRUE(recovered);
  EXPECT_EQ(recovered.value().messages, 1U);
  EXPECT_EQ(recovered.value().receipts, 1U);
}

// Aim: of a text whose message has its outcome, as much is kept as receipts of its account need; of
// an account that is not configured, as much as any could; of open messages, all. Method: the same
// text in each.
TEST(Recovery, TextsForReceipts) {
  const std::string text(1'000, 'x');
  StoredEpoch old, fresh;
  Scribe scribe(old);
  scribe.checkpoint({"gone", "long", "short"});
  for (std::uint32_t i = 0; i < 3; ++i) {
    scribe.accept(100 + i, i, text, RecordKind::submit_sm, i);
    scribe.outcome(100 + i, i, MessageState::expired);
  }
  scribe.accept(103, 3, text, RecordKind::submit_sm, 2);
  scribe.seal(0);
  RecoveryOptions how = options(1, {"short", "long"});
  how.quoted_octets = {MessageRecord::snippet_max, octets_of_characters(25)};
  ASSERT_TRUE(recover(old, how, fresh));
  std::map<std::uint64_t, std::size_t> sizes;
  for (const Line& line : lines_of(fresh))
    if (line.type == RecordType::accepted) sizes[line.id] = line.text.size();
  EXPECT_EQ(sizes, (std::map<std::uint64_t, std::size_t>{
                       {100, 640}, {101, 100}, {102, 20}, {103, text.size()}}));
}

// Aim: messages of an account that is not configured any more are counted and wait; those of an
// account with another place in the list are its own still.
TEST(Recovery, AccountsMove) {
  StoredEpoch old, fresh;
  Scribe scribe(old);
  scribe.checkpoint({"gone", "esme"});
  scribe.accept(100, 0, "a", RecordKind::submit_sm, 0);
  scribe.accept(101, 1, "b", RecordKind::submit_sm, 1);
  scribe.seal(0);
  const auto recovered = recover(old, options(1, {"new", "third", "esme"}), fresh);
  ASSERT_TRUE(recovered);
  EXPECT_EQ(recovered.value().messages, 1U);
  EXPECT_EQ(recovered.value().orphans.at("gone"), 1U);
  const auto scanned = scan(fresh, note_of(2), {});
  ASSERT_TRUE(for_each_record(fresh, note_of(2).epoch, scanned.value().shards[0],
                              [](const RecordView& record, const BatchPlace&) {
                                if (record.header.type == RecordType::accepted) {
                                  EXPECT_EQ(read_accepted(record)->account, 2U);
                                }
                                return true;
                              }));
}

/// A new epoch as the old one of the next recovery.
RecoveryOptions after(std::uint64_t epoch, std::vector<std::string> accounts) {
  RecoveryOptions out = options(1, std::move(accounts));
  out.old_epoch = note_of(epoch).epoch;
  out.epoch = note_of(epoch + 1).epoch;
  return out;
}

// Aim: messages of an account that is not configured come back with their account, with all that is
// known of them, after any number of starts without it; what has been closed is not counted.
TEST(Recovery, OrphansComeBack) {
  StoredEpoch files[5];
  Scribe scribe(files[0]);
  scribe.checkpoint({"gone", "esme"});
  scribe.accept(100, 0, "first");
  scribe.accept(101, 1, "second");
  scribe.outcome(101, 1, MessageState::delivered);
  scribe.accept(102, 2, "closed");
  scribe.close(102, 2);
  scribe.accept(103, 3, "mine", RecordKind::submit_sm, 1);
  scribe.seal(0);
  const std::vector<std::string> accounts[] = {{"esme"}, {"new", "esme"}, {}, {"esme", "gone"}};
  const std::uint64_t gone[] = {2, 2, 2, 0}, mine[] = {0, 0, 1, 0};
  for (std::uint64_t i = 0; i < 4; ++i) {
    EpochNote note = note_of(i + 1);
    const auto scanned = scan(files[i], note, {});
    ASSERT_TRUE(scanned);
    const auto recovered =
        rewrite(files[i], scanned.value(), after(i + 1, accounts[i]), files[i + 1], {});
    ASSERT_TRUE(recovered);
    auto orphans = recovered.value().orphans;
    EXPECT_EQ(orphans["gone"], gone[i]) << i;
    EXPECT_EQ(orphans["esme"], mine[i]) << i;
  }
  const auto scanned = scan(files[4], note_of(5), {});
  std::map<std::uint64_t, std::string> texts;
  for (const ShardBatches& shard : scanned.value().shards)
    ASSERT_TRUE(for_each_record(
        files[4], note_of(5).epoch, shard, [&](const RecordView& record, const BatchPlace&) {
          if (const auto message =
                  record.header.type == RecordType::accepted ? read_accepted(record) : std::nullopt)
            texts[record.header.id] = as_text(message->text);
          return true;
        }));
  EXPECT_EQ(texts,
            (std::map<std::uint64_t, std::string>{{100, "first"}, {101, "second"}, {103, "mine"}}));
}

// Aim: what recovery itself has written had been safe before anything counted on it, so that damage
// to it is told of, wherever it is: also to the last batch, and to all of them.
TEST(Recovery, DamageAtTheEndOfTheBeginning) {
  for (const bool all : {false, true}) {
    StoredEpoch old;
    Scribe scribe(old);
    std::uint64_t last = 0;
    for (std::uint32_t i = 0; i < 3; ++i) {
      scribe.checkpoint({"esme"});
      scribe.accept(100 + i, i);
      last = scribe.seal(i);
    }
    EpochNote note = note_of(1);
    note.batches[0] = 3;
    ASSERT_EQ(scan(old, note, {}).value().first_damage(), nullptr);
    for (std::uint64_t offset = all ? 0 : last; offset <= last; offset += block_size)
      old.at(0, 0)[offset + 70] ^= 1;
    const auto scanned = scan(old, note, {});
    ASSERT_NE(scanned.value().first_damage(), nullptr);
    EXPECT_EQ(scanned.value().shards[0].missing, all ? 3u : 1u);
  }
}

// Aim: a file that has lost its end is not taken for one whose end was never written. Method: the
// note tells a longer length than the file has.
TEST(Recovery, AFileThatHasBecomeShorter) {
  StoredEpoch old;
  Scribe scribe(old);
  scribe.checkpoint({"esme"});
  scribe.accept(100, 0);
  scribe.seal(0);
  EpochNote note = note_of(1);
  note.segment_size = segment_size;
  EXPECT_EQ(scan(old, note, {}).value().first_damage(), nullptr);
  note.segment_size = 2 * segment_size;
  const auto scanned = scan(old, note, {});
  ASSERT_NE(scanned.value().first_damage(), nullptr);
  EXPECT_EQ(scanned.value().first_damage()->offset, segment_size);
}

// Aim: octets that a client has sent are never a batch, however well it knows the format, the
// version before and the epoch's number, and wherever in the file they come to lie. Method: files
// full of batches sealed with every salt but the right one, with text that the client chose, behind
// a batch of ours; nothing of it is found, nothing is damaged, and repair keeps what is ours.
TEST(Recovery, NothingThatClientsSendIsABatch) {
  const EpochNote note = note_of(1);
  Prng prng(1);
  for (int round = 0; round < 20; ++round) {
    StoredEpoch old, fresh;
    Scribe scribe(old);
    scribe.checkpoint({"esme"});
    scribe.accept(100, 0);
    scribe.seal(0);
    std::vector<std::uint8_t>& file = old.at(0, 0);
    for (std::size_t at = block_size; at < file.size(); at += block_size) {
      BatchHeader header{};
      header.size = static_cast<std::uint32_t>(sizeof header + 8 * prng.below(400));
      header.sequence = 1 + prng.below(4);
      header.durable = prng.below(10);
      header.segment = 1 + prng.below(3);
      header.oldest = header.segment;
      const std::uint64_t guess = prng.chance(0.3) ? 0 : prng.next();
      seal_batch(file.data() + at, header,
                 {note.epoch.number + prng.below(2), guess, prng.chance(0.5) ? 1u : 2u});
    }
    const auto scanned = scan(old, note, {});
    ASSERT_TRUE(scanned);
    ASSERT_EQ(scanned.value().shards.size(), 1u);
    ASSERT_EQ(scanned.value().shards[0].batches.size(), 1u);
    ASSERT_EQ(scanned.value().first_damage(), nullptr);
    ASSERT_EQ(rewrite(old, scanned.value(), options(), fresh, {}).value().messages, 1u);
  }
}

// Aim: an epoch of version 1, which had neither salt nor note, is taken over; one whose note is
// lost is not taken for one.
TEST(Recovery, EpochsOfVersionOne) {
  for (const std::uint32_t version : {1u, 2u}) {
    StoredEpoch old, fresh;
    Scribe scribe(old);
    scribe.epoch = {1, 0, version};
    scribe.checkpoint({"esme"});
    scribe.accept(100, 0);
    scribe.seal(0);
    EpochNote note;
    note.epoch = {1, 0, 1};
    const auto scanned = scan(old, note, {});
    if (version == 2) {
      ASSERT_FALSE(scanned);
      EXPECT_NE(scanned.error().text.find("note is gone"), std::string::npos);
      continue;
    }
    ASSERT_TRUE(scanned);
    RecoveryOptions how = options();
    how.old_epoch = note.epoch;
    EXPECT_EQ(rewrite(old, scanned.value(), how, fresh, {}).value().messages, 1u);
    EXPECT_EQ(lines_of(fresh).size(), 1u);
  }
}

// Aim: a replaced text is the one that goes on, and a retry keeps its time.
TEST(Recovery, ReplacedAndPutOff) {
  StoredEpoch old, fresh;
  Scribe scribe(old);
  scribe.checkpoint({"esme"});
  scribe.accept(100, 0, "the old text");
  Replaced replaced;
  replaced.text = as_octets("the new text");
  replaced.wish = ReceiptWish::always;
  write_replaced(scribe.append(size_of(replaced)), MessageId{100}, 0, replaced);
  scribe.accept(101, 1);
  scribe.outcome(101, 1, MessageState::delivered);
  write_fixed(scribe.append(24), RecordType::retry, 0, 1, MessageId{101}, RetryBody{3'000, 4});
  scribe.seal(0);
  ASSERT_TRUE(recover(old, options(), fresh));
  const auto lines = lines_of(fresh);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0].text, "the new text");
  EXPECT_EQ(lines[3].type, RecordType::retry);
  EXPECT_EQ(lines[3].id, 101U);
}

// Aim: keys of resubmits that had ended when the journal did are not taken over; those that had not
// are, wherever the clock stands now, and so are states, whose time the shards measure. Method: the
// clock as it was, and three days ahead and behind.
TEST(Recovery, KeysEnd) {
  constexpr std::int64_t days_s = 3 * 86'400;
  constexpr std::uint32_t then = 1'000'000;
  for (const std::int64_t jump_s : {std::int64_t{0}, days_s, -days_s}) {
    StoredEpoch old, fresh;
    Scribe scribe(old);
    scribe.checkpoint({"esme"});
    for (const std::uint32_t done : {then - 5'000, then})
      write_fixed(scribe.append(40), RecordType::state, 2, 0, MessageId{done},
                  StateBody{0, done, 1, 2, 0, {}});
    for (const std::uint32_t until : {then - 1, then + 1})
      write_fixed(scribe.append(40), RecordType::resubmit, 0, 0, MessageId{until},
                  ResubmitBody{{1, until}, 0, until});
    scribe.seal(0);
    RecoveryOptions how = options();
    how.wall_s = then + jump_s;
    ASSERT_TRUE(recover(old, how, fresh));
    std::set<std::uint64_t> ids;
    for (const Line& line : lines_of(fresh)) ids.insert(line.id);
    std::set<std::uint64_t> wanted{then - 5'000, then, then + 1};
    // Behind, nobody can tell.
    if (jump_s < 0) wanted.insert(then - 1);
    EXPECT_EQ(ids, wanted) << jump_s;
  }
}

// Aim: when there are more states and keys than may be kept, the newest stay, whatever the clock
// was set to between them. Method: old ones behind newer ones, where copying forward puts them;
// dates that go back while ids count up.
TEST(Recovery, TheNewestStay) {
  for (const std::uint32_t set_back : {0u, 1'000u}) {
    const auto date = [&](std::uint32_t id) { return id >= 1'900 ? id - set_back : id; };
    StoredEpoch old, fresh;
    Scribe scribe(old);
    scribe.checkpoint({"esme"});
    for (const std::uint32_t id : {1'900u, 1'800u, 1'950u, 1'700u, 1'600u})
      write_fixed(scribe.append(40), RecordType::state, 2, 0, MessageId{id},
                  StateBody{0, date(id), 1, 2, 0, {}});
    for (const std::uint32_t id : {1'901u, 1'951u, 1'701u, 1'801u})
      write_fixed(scribe.append(40), RecordType::resubmit, 0, 0, MessageId{id},
                  ResubmitBody{{1, id}, 0, 5'000 + date(id)});
    scribe.seal(0);
    RecoveryOptions how = options();
    how.states_max = 2;
    ASSERT_TRUE(recover(old, how, fresh));
    std::set<std::uint64_t> ids;
    for (const Line& line : lines_of(fresh)) ids.insert(line.id);
    EXPECT_EQ(ids, (std::set<std::uint64_t>{1'900, 1'950, 1'901, 1'951})) << set_back;
  }
}

// Aim: which are the newest is right also of ids that were given out before the node permuted them:
// their sequence is what they show, not what the key makes of it. Method: a node with a key; old
// ids without it, then newer ones with it, and the other way round in the journal.
TEST(Recovery, TheNewestStayWhereIdsWereNotPermutedBefore) {
  const MessageIdCodec ids(key);
  constexpr std::uint64_t first = 1'700'000'000'000'000;
  constexpr std::uint64_t plain = 200, permuted = 100;
  for (const bool plain_behind : {false, true}) {
    StoredEpoch old, fresh;
    Scribe scribe(old);
    scribe.checkpoint({"esme"}, first);
    std::vector<MessageId> given;
    for (std::uint64_t i = 0; i < plain; ++i)
      given.push_back(MessageId{(first + i) & message_sequence_mask});
    for (std::uint64_t i = plain; i < plain + permuted; ++i)
      given.push_back(ids.id_of(MessageId{}, first + i));
    std::vector<MessageId> written = given;
    if (plain_behind) std::reverse(written.begin(), written.end());
    for (const MessageId id : written)
      write_fixed(scribe.append(40), RecordType::state, 2, 0, id, StateBody{0, 1'000, 1, 2, 0, {}});
    scribe.seal(0);
    RecoveryOptions how = options();
    how.ids = ids;
    how.states_max = permuted + 50;
    ASSERT_TRUE(recover(old, how, fresh));
    std::set<std::uint64_t> kept, newest;
    for (const Line& line : lines_of(fresh)) kept.insert(line.id);
    for (auto one = given.end() - static_cast<int>(how.states_max); one != given.end(); ++one)
      newest.insert(one->value);
    EXPECT_EQ(kept, newest) << plain_behind;
  }
}

// Aim: more than one segment is written when it takes that. Method: two megabytes of messages.
TEST(Recovery, ManySegments) {
  StoredEpoch old, fresh;
  Scribe scribe(old);
  for (io::FileSlot file = 0; file < 3; ++file) {
    scribe.checkpoint({"esme"});
    for (std::uint32_t i = 0; i < 7; ++i) {
      for (std::uint32_t j = 0; j < 2; ++j) {
        const std::uint32_t slot = file * 100 + i * 10 + j;
        scribe.accept(1'000 + slot, slot, std::string(60'000, 'x'));
      }
      scribe.seal(file * 7 + i, file, file + 1);
    }
  }
  const auto recovered = recover(old, options(), fresh);
  ASSERT_TRUE(recovered);
  EXPECT_EQ(recovered.value().messages, 42U);
  EXPECT_GE(recovered.value().shards[0].segments.size(), 3U);
  EXPECT_EQ(lines_of(fresh).size(), 42U);
}

}  // namespace
}  // namespace ringgate::journal::test

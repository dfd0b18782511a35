// A journal's world in a test: files that do what they are told, and a keeper of messages.
#pragma once

#include <gtest/gtest.h>

#include <cerrno>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "journal/recovery.h"

namespace ringgate::journal::test {

constexpr std::uint64_t segment_size = std::uint64_t{1} << 20;

class FakeDisk final : public io::Disk {
 public:
  struct Write {
    io::FileSlot file;
    std::uint64_t offset;
    std::vector<std::uint8_t> octets;
    std::uint32_t token;
  };

  void write(io::FileSlot file, std::uint64_t offset, Octets octets, std::uint32_t token) override {
    EXPECT_EQ(offset % block_size, 0U);
    EXPECT_EQ(octets.size() % block_size, 0U);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(octets.data()) % block_size, 0U);
    EXPECT_LE(offset + octets.size(), segment_size);
    EXPECT_TRUE(files.contains(file));
    writes.push_back({file, offset, {octets.begin(), octets.end()}, token});
    under_way.push_back(octets);
  }
  void read(io::FileSlot file, std::uint64_t offset, std::span<std::uint8_t> to,
            std::uint32_t token) override {
    std::memcpy(to.data(), files.at(file).data() + offset, to.size());
    reads.push_back({token, to.size()});
  }
  void prepare(io::FileSlot file) override { wanted.push_back(file); }

  void outlive(std::uint8_t* memory) override { outlived.emplace_back(memory, &std::free); }

  void make(io::FileSlot file) { files[file].resize(segment_size); }
  /// The write is safe: its content is in the file.
  void store(const Write& write) {
    std::memcpy(files.at(write.file).data() + write.offset, write.octets.data(),
                write.octets.size());
  }

  std::map<io::FileSlot, std::vector<std::uint8_t>> files;
  std::deque<Write> writes;  ///< under way
  std::deque<std::pair<std::uint32_t, std::size_t>> reads;
  std::deque<io::FileSlot> wanted;
  /// What the journal has left behind, and where the device will come back to.
  std::vector<std::unique_ptr<std::uint8_t, void (*)(void*)>> outlived;
  std::vector<Octets> under_way;
};

/// A message in its shard's memory, as far as the journal cares.
struct Kept {
  MessageId id;
  std::uint32_t segment = 0;
  std::size_t size = 0;
};

/// One shard's journal with as much of a shard as it needs.
class Rig final : public Keeper {
 public:
  static Epoch epoch() { return {1, 99}; }
  static EpochNote note() {
    EpochNote out;
    out.epoch = epoch();
    return out;
  }

  explicit Rig(std::uint32_t files_max = 16, std::uint32_t files = 4) {
    for (io::FileSlot file = 0; file < files; ++file) disk.make(file);
    JournalOptions options;
    options.epoch = epoch();
    options.segment_size = segment_size;
    options.files_max = files_max;
    journal =
        std::make_unique<Journal>(options, disk, *this, std::vector<WrittenSegment>{}, 0, files);
  }

  /// A message with a text of that size.
  std::uint32_t accept(std::size_t text_size = 100) {
    const std::vector<std::uint8_t> text(text_size, 'x');
    Accepted message;
    message.slot = next_slot++;
    message.id = MessageId{1'000 + message.slot};
    message.text = text;
    const std::size_t size = accepted_size(message);
    write_accepted(journal->append(size), size, message);
    journal->hold(size);
    messages[message.slot] = {message.id, journal->segment(), size};
    return message.slot;
  }
  void close(std::uint32_t slot) {
    const Kept kept = messages.at(slot);
    put_header(journal->append(16), RecordType::closed, 0, slot, kept.id, 16);
    journal->drop(kept.segment, kept.size);
    messages.erase(slot);
  }
  void commit() { journal->commit(now); }
  /// Everything under way becomes safe, and whatever follows from it.
  void settle() {
    for (int i = 0; i < 10'000; ++i) {
      commit();
      while (!disk.wanted.empty()) {
        disk.make(disk.wanted.front());
        journal->on_file(disk.wanted.front(), 0);
        disk.wanted.pop_front();
      }
      if (disk.writes.empty() && disk.reads.empty()) {
        if (journal->settled()) return;
        continue;
      }
      finish_all();
    }
    ADD_FAILURE() << "the journal never comes to rest";
  }
  void finish(std::size_t index, std::int64_t result = 0) {
    const FakeDisk::Write write = disk.writes.at(index);
    disk.writes.erase(disk.writes.begin() + static_cast<std::ptrdiff_t>(index));
    if (result == 0) {
      disk.store(write);
      result = static_cast<std::int64_t>(write.octets.size());
    }
    journal->on_disk(write.token, result);
  }
  void finish_all() {
    while (!disk.writes.empty()) finish(0);
    while (!disk.reads.empty()) {
      const auto [token, size] = disk.reads.front();
      disk.reads.pop_front();
      journal->on_disk(token, static_cast<std::int64_t>(size));
    }
  }

  std::size_t rewrite(const RecordView& record, std::uint32_t segment) override {
    const auto found = messages.find(record.header.slot);
    if (record.header.type != RecordType::accepted || found == messages.end()) return 0;
    if (found->second.id != record.id() || found->second.segment != segment) return 0;
    ++rewritten;
    journal->drop(segment, found->second.size);
    std::memcpy(journal->append(record.octets.size()), record.octets.data(), record.octets.size());
    journal->hold(journal->segment(), record.octets.size());
    found->second.segment = journal->segment();
    return record.octets.size();
  }
  std::size_t before_release(std::uint32_t segment) override {
    released.push_back(segment);
    if (!saves) return 0;
    write_fixed(journal->append(record_size(sizeof(StateBody))), RecordType::state, 2, 0,
                MessageId{segment}, StateBody{});
    return kept_record_size;
  }
  std::uint64_t kept_of(std::uint32_t) const override { return saves ? kept_record_size : 0; }
  void write_checkpoint() override {
    put_checkpoints(accounts, 1, [this](std::size_t size) { return journal->append(size); });
  }

  FakeDisk disk;
  std::vector<std::string> accounts{"esme"};
  std::map<std::uint32_t, Kept> messages;
  std::uint32_t next_slot = 0;
  std::size_t rewritten = 0;
  std::vector<std::uint32_t> released;
  bool saves = false;  ///< something of every segment that is given up
  Nanos now = 0;
  std::unique_ptr<Journal> journal;
};

}  // namespace ringgate::journal::test

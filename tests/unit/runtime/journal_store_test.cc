#include "runtime/journal_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/bytes.h"

namespace ringgate::runtime {
namespace {

namespace fs = std::filesystem;

class JournalStoreTest : public testing::Test {
 protected:
  JournalStoreTest() {
    char name[] = "/tmp/ringgate-store-XXXXXX";
    directory_ = mkdtemp(name);
    options_.node.data_dir = directory_ + "/data";
    options_.store.mode = StoreMode::journal;
    options_.store.segment_bytes = 1u << 20;
    options_.store.max_bytes = 16u << 20;
    options_.accounts.emplace_back().system_id = "esme";
  }
  ~JournalStoreTest() override { fs::remove_all(directory_); }

  std::string data(const std::string& name) const { return options_.node.data_dir + "/" + name; }

  /// Writes one batch with so many open messages into the first file of that shard, as a running
  /// server would.
  static void write_messages(JournalStore& store, unsigned shard, std::uint32_t count) {
    std::vector<std::uint8_t> batch(journal::batch_size_max);
    std::size_t at = sizeof(journal::BatchHeader);
    std::uint32_t records = 0;
    const auto append = [&](std::size_t size) {
      std::uint8_t* const to = batch.data() + at;
      at += size;
      ++records;
      return to;
    };
    journal::put_checkpoints(std::vector<std::string>{"esme"}, 1, append);
    for (std::uint32_t slot = 0; slot < count; ++slot) {
      journal::Accepted message;
      message.id = MessageId{std::uint64_t{shard} << 48 | (100 + slot)};
      message.slot = slot;
      message.destination.text = "447700900002";
      message.text = as_octets("hello");
      const std::size_t size = journal::accepted_size(message);
      journal::write_accepted(append(size), size, message);
    }
    journal::BatchHeader header{};
    header.size = static_cast<std::uint32_t>(at);
    header.sequence = 1;
    header.segment = 1;
    header.oldest = 1;
    header.shard = static_cast<std::uint16_t>(shard);
    header.records = records;
    journal::seal_batch(batch.data(), header, store.epoch());
    const std::string path =
        store_directory(store) + "/" + journal::Epochs::path_of(store.epoch().number);
    char name[16];
    std::snprintf(name, sizeof name, "/%02u-0000", shard);
    const int fd = ::open((path + name).c_str(), O_WRONLY);
    ASSERT_GE(fd, 0);
    ASSERT_EQ(pwrite(fd, batch.data(), at, 0), static_cast<ssize_t>(at));
    close(fd);
  }
  static std::string store_directory(JournalStore& store) { return directory_of_[&store]; }

  std::unique_ptr<JournalStore> store(unsigned shards = 1) {
    auto out = std::make_unique<JournalStore>(options_, shards, nullptr);
    directory_of_[out.get()] = options_.node.data_dir;
    return out;
  }

  std::string directory_;
  Options options_;
  static inline std::map<JournalStore*, std::string> directory_of_;
};

// Aim: a first start makes the directory, an epoch, and files of full length for every shard; the
// next start takes them over.
TEST_F(JournalStoreTest, FirstStartAndNext) {
  {
    auto first = store(2);
    ASSERT_TRUE(first->open());
    EXPECT_EQ(first->epoch().number, 1U);
    for (unsigned shard = 0; shard < 2; ++shard) EXPECT_EQ(first->shard(shard).fds.size(), 2U);
    EXPECT_EQ(fs::file_size(data("journal/00000001/01-0001")), 1u << 20);
  }
  auto next = store(2);
  ASSERT_TRUE(next->open());
  EXPECT_EQ(next->epoch().number, 2U);
  EXPECT_EQ(next->recovered().messages, 0U);
  EXPECT_FALSE(fs::exists(data("journal/00000001")));
}

// Aim: two servers never use one directory.
TEST_F(JournalStoreTest, OneAtATime) {
  auto first = store();
  ASSERT_TRUE(first->open());
  const auto opened = store()->open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::busy);
  EXPECT_EQ(opened.error().text,
            "node.data_dir " + options_.node.data_dir + " is in use by another server");
}

// Aim: ... also when the lock file has been deleted, or put back by somebody: what is locked is the
// directory. A server of before, which knows the file only, is seen by it. And what is refused
// leaves nothing behind. Method: each of them while a store is open.
TEST_F(JournalStoreTest, OneAtATimeWithoutTheFile) {
  auto first = store();
  ASSERT_TRUE(first->open());
  fs::remove(data("lock"));
  auto opened = store()->open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::busy);
  EXPECT_FALSE(fs::exists(data("lock")));
  std::ofstream(data("lock")) << "";
  opened = store()->open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::busy);
  fs::create_directory_symlink(options_.node.data_dir, directory_ + "/alias");
  options_.node.data_dir = directory_ + "/alias";
  opened = store()->open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::busy);
  first.reset();
  EXPECT_TRUE(store()->open());
}

// Aim: a server that locks nothing but the file is seen.
TEST_F(JournalStoreTest, OneAtATimeByTheFile) {
  fs::create_directories(options_.node.data_dir);
  const int fd = ::open(data("lock").c_str(), O_RDWR | O_CREAT, 0640);
  ASSERT_GE(fd, 0);
  ASSERT_EQ(flock(fd, LOCK_EX | LOCK_NB), 0);
  const auto opened = store()->open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::busy);
  close(fd);
  EXPECT_TRUE(store()->open());
}

// Aim: what was open is there after a start with any number of shards.
TEST_F(JournalStoreTest, OtherShardCounts) {
  {
    auto first = store(2);
    ASSERT_TRUE(first->open());
    write_messages(*first, 0, 10);
    write_messages(*first, 1, 7);
  }
  for (const unsigned shards : {1u, 3u, 2u}) {
    auto next = store(shards);
    ASSERT_TRUE(next->open());
    EXPECT_EQ(next->recovered().messages, 17U);
    std::uint32_t sum = 0;
    for (unsigned shard = 0; shard < shards; ++shard) sum += next->shard(shard).start.messages;
    EXPECT_EQ(sum, 17U);
  }
}

// Aim: an interrupted recovery leaves nothing that the next one minds.
TEST_F(JournalStoreTest, InterruptedRecovery) {
  {
    auto first = store();
    ASSERT_TRUE(first->open());
    write_messages(*first, 0, 10);
  }
  fs::create_directories(data("journal/00000002.new"));
  std::ofstream(data("journal/00000002.new/00-0000")) << "half a file";
  auto next = store();
  ASSERT_TRUE(next->open());
  EXPECT_EQ(next->epoch().number, 2U);
  EXPECT_EQ(next->recovered().messages, 10U);
}

// Aim: open messages of an account that is gone are not dropped, and come back with it.
TEST_F(JournalStoreTest, OrphansComeBack) {
  {
    auto first = store();
    ASSERT_TRUE(first->open());
    write_messages(*first, 0, 10);
  }
  options_.accounts[0].system_id = "other";
  for (int starts = 0; starts < 2; ++starts) {
    auto next = store();
    ASSERT_TRUE(next->open());
    EXPECT_EQ(next->recovered().messages, 0U);
    EXPECT_EQ(next->recovered().orphans.at("esme"), 10U);
    EXPECT_FALSE(fs::exists(data("set-aside")));
  }
  options_.accounts[0].system_id = "esme";
  auto next = store();
  ASSERT_TRUE(next->open());
  EXPECT_EQ(next->recovered().messages, 10U);
}

// Aim: every start has a salt of its own.
TEST_F(JournalStoreTest, Salts) {
  std::set<std::uint64_t> salts;
  for (int starts = 0; starts < 3; ++starts) {
    auto one = store();
    ASSERT_TRUE(one->open());
    salts.insert(one->epoch().salt);
  }
  EXPECT_EQ(salts.size(), 3u);
  EXPECT_FALSE(salts.contains(0));
}

// Aim: a start that fails leaves the directory as it was, and no files of full length. Method: one
// that finds no room for its files; one that opens the store, and ends for another reason.
TEST_F(JournalStoreTest, AFailedStartLeavesNothing) {
  {
    auto one = store();
    ASSERT_TRUE(one->open());
    one->give_back();
  }
  std::uint64_t octets = 0;
  for (const auto& entry : fs::recursive_directory_iterator(options_.node.data_dir))
    if (entry.is_regular_file()) octets += entry.file_size();
  EXPECT_LT(octets, 64u * 1024);
  EXPECT_TRUE(store()->open());
}

// Aim: what is open can be counted without being touched.
TEST_F(JournalStoreTest, Look) {
  EXPECT_EQ(JournalStore::look(options_).value().messages, 0u);
  {
    auto first = store();
    ASSERT_TRUE(first->open());
    write_messages(*first, 0, 10);
  }
  EXPECT_EQ(JournalStore::look(options_).value().messages, 10u);
  EXPECT_TRUE(fs::exists(data("journal/00000001")));
  EXPECT_FALSE(fs::exists(data("journal/00000002.new")));
  Options file = options_;
  file.node.data_dir = data("lock");
  EXPECT_EQ(JournalStore::look(file).value().messages, 0u) << "a file holds no journal";
}

// Aim: a directory that cannot be made is an error with its name in it.
TEST_F(JournalStoreTest, NoDirectory) {
  std::ofstream(directory_ + "/data") << "a file";
  const auto opened = store()->open();
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().text.find(options_.node.data_dir), std::string::npos);
}

}  // namespace
}  // namespace ringgate::runtime

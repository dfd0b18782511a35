#include "runtime/id_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>

namespace ringgate::runtime {
namespace {

class IdKeyTest : public testing::Test {
 protected:
  IdKeyTest() {
    char path[] = "/tmp/ringgate-id-key-XXXXXX";
    directory_ = mkdtemp(path);
  }
  ~IdKeyTest() override { std::filesystem::remove_all(directory_); }

  std::string file() const { return directory_ + "/id.key"; }
  void write(const std::string& text) const { std::ofstream(file()) << text; }
  std::string read() const {
    std::ifstream in(file());
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::string directory_;
};

// Aim: the first start makes a key that nobody else may read, and every later one finds the same;
// no two nodes make the same.
TEST_F(IdKeyTest, MadeOnce) {
  const auto made = stored_id_key(directory_);
  ASSERT_TRUE(made) << made.error().text;
  const auto found = stored_id_key(directory_);
  ASSERT_TRUE(found);
  EXPECT_EQ(made.value(), found.value());
  struct stat about;
  ASSERT_EQ(stat(file().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
  std::filesystem::remove(file());
  const auto other = stored_id_key(directory_);
  ASSERT_TRUE(other);
  EXPECT_NE(made.value(), other.value());
}

// Aim: who only looks makes no key, finds the one that is there, and is told of a damaged one.
TEST_F(IdKeyTest, OnlyLookedFor) {
  const auto none = find_id_key(directory_);
  ASSERT_TRUE(none);
  EXPECT_FALSE(none.value().has_value());
  EXPECT_FALSE(std::filesystem::exists(file()));
  const auto made = stored_id_key(directory_);
  ASSERT_TRUE(made);
  EXPECT_EQ(find_id_key(directory_).value(), made.value());
  write("0123");
  EXPECT_FALSE(find_id_key(directory_));
}

// Aim: a start that was interrupted while it made the key leaves nothing that keeps the next from
// making one. Method: what it would have left.
TEST_F(IdKeyTest, Interrupted) {
  std::ofstream(file() + ".new") << "0123";
  EXPECT_TRUE(stored_id_key(directory_));
  EXPECT_FALSE(std::filesystem::exists(file() + ".new"));
}

// Aim: a file that is no key is an error that says which file and what to do, and is left alone.
TEST_F(IdKeyTest, Damaged) {
  for (const char* text : {"", "0123", "0123456789abcdef0123456\n", "0123456789abcdef012345678\n",
                           "0123456789abcdef0123456z\n", "0123456789ABCDEF01234567\n",
                           "0123456789abcdef01234567\n\n"}) {
    write(text);
    const auto key = stored_id_key(directory_);
    ASSERT_FALSE(key) << text;
    EXPECT_NE(key.error().text.find(file() + " is damaged"), std::string::npos) << key.error().text;
    EXPECT_NE(key.error().text.find("remove it"), std::string::npos);
    EXPECT_EQ(read(), text);
  }
  write("000102030405060708090a0b");
  const auto key = stored_id_key(directory_);
  ASSERT_TRUE(key);
  EXPECT_EQ(key.value(), (IdKey{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
}

TEST_F(IdKeyTest, DirectoryIsMissing) { EXPECT_FALSE(stored_id_key(directory_ + "/none")); }

// Aim: without files the key stays the same for a node on a machine, differs for every other, and
// there is none where the machine has no id.
TEST_F(IdKeyTest, OfTheMachine) {
  const std::string id = "00112233445566778899aabbccddeeff";
  write(id + "\n");
  const auto key = machine_id_key(1, file());
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(machine_id_key(1, file()), key);
  EXPECT_NE(machine_id_key(2, file()), key);
  write("1" + id.substr(1) + "\n");
  EXPECT_NE(machine_id_key(1, file()), key);
  for (const char* text : {"", "uninitialized\n"}) {
    write(text);
    EXPECT_FALSE(machine_id_key(1, file()).has_value());
  }
  EXPECT_FALSE(machine_id_key(1, directory_ + "/none").has_value());
}

}  // namespace
}  // namespace ringgate::runtime

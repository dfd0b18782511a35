#include "journal/epochs.h"

#include <gtest/gtest.h>

#include <set>

#include "base/prng.h"
#include "fake_tree.h"

namespace ringgate::journal::test {
namespace {

/// A start in little: each epoch holds one file, which lists the messages that are kept.
class Start {
 public:
  explicit Start(FakeTree& tree) : tree_(tree), epochs_(tree) {}

  /// Takes over what there is, and one message more. False when the machine ended on the way.
  bool run(std::uint8_t message, Fate fate) {
    auto note = epochs_.current();
    EXPECT_TRUE(note) << note.error().text;
    if (!note || !epochs_.settle(note.value(), lines)) return false;
    std::vector<std::uint8_t> messages;
    if (note.value().epoch.number != 0) {
      const auto content = tree_.content(file(Epochs::path_of(note.value().epoch.number)));
      EXPECT_NE(content, nullptr) << "an epoch in use without its file";
      if (content != nullptr) messages = *content;
    }
    messages.push_back(message);
    const auto number = epochs_.begin(note.value().epoch.number);
    if (!number) return false;
    if (!tree_.write_file(file(Epochs::unfinished_path_of(number.value())), messages)) return false;
    EpochNote next;
    next.epoch = {number.value(), 7};
    next.previous = note.value().epoch.number;
    next.fate = fate;
    return epochs_.take_into_use(next) && epochs_.give_up_previous(next);
  }

  std::set<std::uint8_t> messages() {
    auto note = epochs_.current();
    EXPECT_TRUE(note);
    if (!note || note.value().epoch.number == 0) return {};
    const auto content = tree_.content(file(Epochs::path_of(note.value().epoch.number)));
    EXPECT_NE(content, nullptr);
    return content == nullptr ? std::set<std::uint8_t>()
                              : std::set<std::uint8_t>(content->begin(), content->end());
  }

  std::vector<std::string> lines;

 private:
  static std::string file(const std::string& directory) {
    return directory + "/" + Epochs::file_name(0, 0);
  }

  FakeTree& tree_;
  Epochs epochs_;
};

bool is_set_aside(FakeTree& tree, std::uint64_t number) {
  return tree.exists("set-aside/" + Epochs::path_of(number).substr(8) + "/00-0000");
}

// Aim: a note is read back, also when one of its copies is damaged, wherever, which can be told;
// when both are, it is none. Method: every octet of either copy is changed in turn.
TEST(EpochNote, EitherCopyWillDo) {
  EpochNote note;
  note.epoch = {12, 0x1234'5678'9ABC'DEF0};
  note.previous = 11;
  note.fate = Fate::set_aside;
  note.accounts = {"esme", "", "other"};
  note.batches = {{0, 5}, {left_shard, 2}};
  note.next_sequence = 77;
  note.segment_size = 88;
  const std::vector<std::uint8_t> whole = write_note(note);
  const std::size_t half = whole.size() / 2;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::vector<std::uint8_t> file = whole;
    file[i] ^= 0x10;
    const auto read = read_note(file);
    ASSERT_TRUE(read) << i;
    EXPECT_FALSE(is_whole_note(file)) << i;
    EXPECT_EQ(read->epoch, note.epoch);
    EXPECT_EQ(read->previous, 11U);
    EXPECT_EQ(read->fate, Fate::set_aside);
    EXPECT_EQ(read->accounts, note.accounts);
    EXPECT_EQ(read->next_sequence, 77U);
    EXPECT_EQ(read->segment_size, 88U);
    EXPECT_EQ(read->batches, note.batches);
  }
  std::vector<std::uint8_t> file = whole;
  file[20] ^= 1;
  file[half + 20] ^= 1;
  EXPECT_FALSE(read_note(file));
  EXPECT_FALSE(read_note({}));
  EXPECT_TRUE(is_whole_note(whole));
  EXPECT_FALSE(is_whole_note(file));
  EXPECT_FALSE(is_whole_note({}));
  EXPECT_FALSE(is_whole_note(Octets(whole).first(half)));
}

// Aim: a machine may end between any two operations on directories, and of those that nobody has
// synced any may be undone: nothing is lost, nothing that was to be kept aside is removed, and what
// the server did not make stays. Method: three starts, the crash before every operation of each,
// and for each of these many choices of what the disk has kept; then a start that comes to its end.
TEST(Epochs, ACrashBetweenAnyTwoOperations) {
  for (const Fate fate : {Fate::reuse, Fate::set_aside}) {
    for (std::uint64_t operation = 0;; ++operation) {
      bool complete = false;
      for (std::uint64_t seed = 0; seed < 60; ++seed) {
        Prng prng(seed);
        const auto keep = [&prng] { return prng.chance(0.5); };
        FakeTree tree;
        // Names of people's, where ours are.
        ASSERT_TRUE(tree.make("journal") && tree.make("journal/notes") &&
                    tree.write_file("journal/notes/todo", {}) && tree.sync("") &&
                    tree.sync("journal") && tree.sync("journal/notes"));
        ASSERT_TRUE(Start(tree).run(1, Fate::reuse));
        tree.reboot(keep);
        const std::uint64_t before = Epochs(tree).current().value().epoch.number;
        tree.crash_before(operation);
        complete = Start(tree).run(2, fate);
        tree.reboot(keep);
        const std::set<std::uint8_t> kept = Start(tree).messages();
        ASSERT_TRUE(kept.contains(1)) << "lost at operation " << operation << ", seed " << seed;
        const bool second = kept.contains(2);
        if (complete) {
          ASSERT_TRUE(second);
        }
        ASSERT_TRUE(Start(tree).run(3, Fate::reuse));
        tree.reboot(keep);
        const std::set<std::uint8_t> then = Start(tree).messages();
        ASSERT_TRUE(then.contains(1) && then.contains(3));
        ASSERT_EQ(then.contains(2), second);
        ASSERT_EQ(is_set_aside(tree, before), second && fate == Fate::set_aside);
        ASSERT_TRUE(tree.exists("journal/notes/todo"));
        // One epoch is left, and nothing half made.
        ASSERT_EQ(tree.list("journal").value().size(), 2u);
      }
      if (complete) break;
      ASSERT_LT(operation, 100u);
    }
  }
}

// Aim: names that are not ours stay, whatever they look like, and are told of once. Method: a file,
// a directory with a number for a name, and a file of somebody's in an epoch that goes.
TEST(Epochs, WhatIsNotOursStays) {
  FakeTree tree;
  Start start(tree);
  ASSERT_TRUE(start.run(1, Fate::reuse));
  ASSERT_TRUE(tree.make("journal/99999999") && tree.write_file("journal/README", {}) &&
              tree.write_file("journal/00000001/mine.txt", {}) &&
              tree.make("journal/00000007.new") && tree.write_file("journal/00000007.new/x", {}));
  ASSERT_TRUE(start.run(2, Fate::reuse));
  EXPECT_EQ(start.messages(), (std::set<std::uint8_t>{1, 2}));
  EXPECT_TRUE(tree.exists("journal/99999999"));
  EXPECT_TRUE(tree.exists("journal/README"));
  EXPECT_TRUE(tree.exists("journal/00000001/mine.txt"));
  EXPECT_TRUE(tree.exists("journal/00000007.new/x"));
  EXPECT_FALSE(tree.exists("journal/00000001/00-0000"));
  EXPECT_EQ(start.lines, (std::vector<std::string>{"journal/README is not ours and stays"}));
}

// Aim: an epoch of a version without notes that nobody gave up is kept where people find it.
// Method: two of them, as a crash of that version leaves them.
TEST(Epochs, AnEpochWithoutANote) {
  FakeTree tree;
  for (const char* path : {"journal", "journal/00000003", "journal/00000004"})
    ASSERT_TRUE(tree.make(path));
  ASSERT_TRUE(tree.write_file("journal/00000003/00-0000", {}) &&
              tree.write_file("journal/00000004/00-0000", {}));
  Epochs epochs(tree);
  const auto note = epochs.current();
  ASSERT_TRUE(note);
  EXPECT_EQ(note.value().epoch, (Epoch{4, 0, 1}));
  std::vector<std::string> lines;
  ASSERT_TRUE(epochs.settle(note.value(), lines));
  EXPECT_TRUE(is_set_aside(tree, 3));
  EXPECT_EQ(lines.size(), 1u);
}

// Aim: what a repair has set aside is found again by the note of its successor, also when the same
// number was set aside before, and when the repair was interrupted in between. Method: an epoch
// whose predecessor is damaged, given up by halves.
TEST(Epochs, WhatWasSetAsideIsFound) {
  FakeTree tree;
  for (const char* path : {"journal", "journal/00000001", "set-aside", "set-aside/00000001"})
    ASSERT_TRUE(tree.make(path));
  EpochNote old;
  old.epoch = {1, 5};
  ASSERT_TRUE(tree.write_file("journal/00000001/epoch", write_note(old)));
  Epochs epochs(tree);
  EpochNote next;
  next.epoch = {2, 6};
  next.previous = 1;
  EXPECT_EQ(epochs.find_set_aside(next).value(), "") << "it was not damaged";
  next.fate = Fate::set_aside;
  EXPECT_TRUE(epochs.has_previous(next).value());
  ASSERT_TRUE(epochs.give_up_previous(next));
  EXPECT_FALSE(epochs.has_previous(next).value());
  EXPECT_EQ(epochs.find_set_aside(next).value(), "set-aside/00000001-2");
  const auto found = epochs.note_of("set-aside/00000001-2", 1);
  ASSERT_TRUE(found);
  EXPECT_EQ(found.value().epoch, old.epoch);
  EXPECT_FALSE(epochs.note_of("set-aside/00000001-2", 7)) << "another epoch's note";
}

// Aim: without its note an epoch is not taken for an empty one.
TEST(Epochs, ADamagedNoteIsNoEmptyJournal) {
  FakeTree tree;
  ASSERT_TRUE(Start(tree).run(1, Fate::reuse));
  ASSERT_TRUE(tree.write_file("journal/00000001/epoch", {}));
  const auto note = Epochs(tree).current();
  ASSERT_FALSE(note);
  EXPECT_NE(note.error().text.find("journal/00000001/epoch is damaged"), std::string::npos);
}

}  // namespace
}  // namespace ringgate::journal::test

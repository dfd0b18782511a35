#include "shard/intake.h"

#include <gtest/gtest.h>

#include <string>

#include "house_world.h"
#include "shard/admission.h"

namespace ringgate {
namespace {

/// A bound connection, and what a submit of it goes through.
class IntakeTest : public testing::Test {
 protected:
  explicit IntakeTest(const test::HouseOptions& options = {.messages = 64}) : world_(options) {
    connection_.account = &world_.house.directory().at(0);
    connection_.follow_restrictions();
  }
  ~IntakeTest() override { links_.release(connection_); }

  MessageRecord* accept(std::string_view text) {
    Content& content = intake_.next();
    content = {};
    content.source.text = "447700900001";
    content.destination.text = "447700900002";
    content.text = as_octets(text);
    return intake_.accept(connection_, RecordKind::submit_sm, ids_.next(connection_));
  }
  Status admit(std::size_t count = 1) {
    Event event;
    Content content;
    content.text = as_octets(std::string_view("hello"));
    event.content = &content;
    Status last = Status::ESME_ROK;
    for (std::size_t i = 0; i < count; ++i) last = admission_.admit(connection_, event, 0);
    return last;
  }

  test::HouseWorld world_;
  Links links_{world_.house.options.budget, world_.protocol, world_.house.now.mono};
  ShardLog log_{world_.house};
  Safekeeping safe_{world_.house, world_.books};
  Registry registry_{world_.house, world_.books, safe_};
  GivenIds ids_{world_.house, world_.books, safe_};
  LongMessages parts_{world_.house, world_.books.uses};
  Admission admission_{world_.house, world_.books.uses, safe_, log_};
  Intake intake_{world_.house, world_.books, safe_, registry_, ids_, parts_};
  Connection& connection_ = world_.connect(links_);
};

// Aim: the backend gets what was accepted, in order, once, and each has a record that its ticket
// finds. Method: three, flushed; then nothing more.
TEST_F(IntakeTest, TheBackendGetsWhatWasAccepted) {
  for (const std::string_view text : {"one", "two", "three"}) ASSERT_NE(accept(text), nullptr);
  EXPECT_TRUE(world_.submitted.empty());
  intake_.flush();
  EXPECT_EQ(world_.submitted, (std::vector<std::string>{"one", "two", "three"}));
  EXPECT_TRUE(intake_.empty());
  intake_.flush();
  EXPECT_EQ(world_.submitted.size(), 3U);
  EXPECT_EQ(world_.books.uses.of(0).messages, 3U);
}

// Aim: a batch has an end, and says so before it.
TEST_F(IntakeTest, ABatchHasAnEnd) {
  while (!intake_.full()) ASSERT_NE(accept("x"), nullptr);
  EXPECT_DEATH(intake_.next(), "assertion failed");
  intake_.flush();
  EXPECT_FALSE(intake_.full());
  EXPECT_NE(accept("y"), nullptr);
  intake_.flush();
  EXPECT_EQ(world_.submitted.back(), "y");
}

class FullIntake : public IntakeTest {
 protected:
  FullIntake() : IntakeTest({.messages = 1}) {}
};

// Aim: what finds no room is not in the batch, and the next one has its place.
TEST_F(FullIntake, WhatFindsNoRoomLeavesNothing) {
  MessageRecord* const first = accept("first");
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(accept("second"), nullptr);
  registry_.release(*first);
  EXPECT_NE(accept("third"), nullptr);
  intake_.flush();
  EXPECT_EQ(world_.submitted, (std::vector<std::string>{"first", "third"}));
}

// Aim: nothing new is admitted while the shard drains.
TEST_F(IntakeTest, NothingIsAdmittedWhileDraining) {
  EXPECT_EQ(admit(), Status::ESME_ROK);
  world_.house.draining = true;
  EXPECT_EQ(admit(), Status::ESME_RSUBMITFAIL);
}

class LimitedIntake : public IntakeTest {
 protected:
  LimitedIntake() : IntakeTest({.messages = 64, .rate = 2}) {}
};

// Aim: an account's rate is taken by what is admitted; what is beyond it is throttled until time
// has passed. Method: two a second.
TEST_F(LimitedIntake, TheRateIsTaken) {
  EXPECT_EQ(admit(2), Status::ESME_ROK);
  EXPECT_EQ(admit(), Status::ESME_RTHROTTLED);
  world_.house.now.mono += seconds(1);
  EXPECT_EQ(admit(2), Status::ESME_ROK);
  EXPECT_EQ(admit(), Status::ESME_RTHROTTLED);
}

class JournaledIntake : public IntakeTest {
 protected:
  JournaledIntake() : IntakeTest({.journal = true, .messages = 64}) {}
};

// Aim: with a journal a message is in it before the backend has it, and its account owns its
// octets. Method: one that nobody wants a receipt of.
TEST_F(JournaledIntake, TheJournalHasItFirst) {
  ASSERT_EQ(admit(), Status::ESME_ROK);
  MessageRecord* const record = accept("hello");
  ASSERT_NE(record, nullptr);
  EXPECT_TRUE(world_.submitted.empty());
  EXPECT_FALSE(record->kept.empty());
  EXPECT_EQ(world_.octets(), record->kept.octets());
  EXPECT_TRUE(registry_.awaits_outcome(*record));
  EXPECT_FALSE(safe_.settled());
  intake_.flush();
  registry_.release(*record);
  EXPECT_EQ(world_.octets(), 0U);
}

}  // namespace
}  // namespace ringgate

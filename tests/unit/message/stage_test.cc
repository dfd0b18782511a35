#include "message/stage.h"

#include <gtest/gtest.h>

namespace ringgate {
namespace {

// Aim: a message goes from the backend's hands to its end by one way, and its outcome comes once,
// whenever it does. Method: the outcome in each of the three places.
TEST(Stage, OneWayToTheEnd) {
  for (int when = 0; when < 3; ++when) {
    Stage stage = Stage::offered();
    EXPECT_FALSE(stage.answered() || stage.responded() || stage.reported());
    if (when == 0) stage.report();
    stage.answer();
    EXPECT_TRUE(stage.answered() && !stage.responded());
    EXPECT_EQ(stage.reported(), when == 0);
    if (when == 1) stage.report();
    stage.respond();
    EXPECT_TRUE(stage.answered() && stage.responded());
    EXPECT_EQ(stage.reported(), when != 2);
    if (when == 2) {
      EXPECT_EQ(stage, Stage::open());
      stage.report();
    }
    EXPECT_EQ(stage, Stage::due());
  }
}

// Aim: a step that is taken twice, or before the one it needs, ends the process: it would be
// another message's.
TEST(StageDeathTest, NoStepTwiceAndNoneAhead) {
  Stage stage = Stage::offered();
  EXPECT_DEATH(stage.respond(), "assertion failed");
  stage.answer();
  EXPECT_DEATH(stage.answer(), "assertion failed");
  stage.respond();
  EXPECT_DEATH(stage.respond(), "assertion failed");
  stage.report();
  EXPECT_DEATH(stage.report(), "assertion failed");
  EXPECT_DEATH(stage.answer(), "assertion failed");
}

}  // namespace
}  // namespace ringgate

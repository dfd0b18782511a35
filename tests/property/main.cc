// Runs the properties. RINGGATE_ROUNDS multiplies the hundred cases that each is tried with.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  // RapidCheck reads its parameters once, when the first property is checked.
  if (const char* const rounds = std::getenv("RINGGATE_ROUNDS")) {
    const unsigned long cases = 100 * std::strtoul(rounds, nullptr, 10);
    if (cases != 0) setenv("RC_PARAMS", ("max_success=" + std::to_string(cases)).c_str(), 0);
  }
  return RUN_ALL_TESTS();
}

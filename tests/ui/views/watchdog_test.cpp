// SPDX-License-Identifier: GPL-3.0-or-later
// What the measurements of stalls rest on.
#include "tests/ui/support/watchdog.h"

#include <gtest/gtest.h>

#include <ctime>

#include "tests/ui/support/waiting.h"

namespace salient::ui {
namespace {

TEST(WatchdogTest, SeesAThreadThatDoesNotAnswer) {
  Watchdog watchdog;
  const auto answersAgain = [&] {
    const int answers = watchdog.answers();
    return waitFor([&] { return watchdog.answers() > answers + 2; });
  };
  ASSERT_TRUE(answersAgain());
  QTest::qSleep(120);  // waits for something, without a processor
  ASSERT_TRUE(answersAgain());
  EXPECT_GE(watchdog.longestMilliseconds(), 100);
  watchdog.reset();
  // Computes: what the machine gives to others meanwhile does not count, so the thread's own time is what is asked for.
  timespec begin{};
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
  do {
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  } while ((now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1'000'000 < 120);
  ASSERT_TRUE(answersAgain());
  EXPECT_GE(watchdog.longestMilliseconds(), 100);
}

}  // namespace
}  // namespace salient::ui

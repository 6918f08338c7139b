// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/log_view.h"

#include <gtest/gtest.h>

#include <QScrollBar>
#include <QTemporaryDir>

#include "tests/ui/support/waiting.h"

namespace salient::ui {
namespace {

TEST(LogViewTest, TheEndStaysSeenUntilThePersonScrollsAway) {
  const QTemporaryDir folder;
  JobQueue jobs(folder.path(), QStringLiteral("/nowhere/salient"));
  LogView log(jobs, QStringLiteral("log"));
  log.resize(400, 300);
  log.show();
  log.setJob(7);
  const auto say = [&](int lines) {
    for (int i = 0; i < lines; ++i)
      emit jobs.logLine(7, QStringLiteral("sequence %1").arg(i));
  };
  say(100);
  const QScrollBar* bar = log.verticalScrollBar();
  ASSERT_TRUE(waitFor([&] { return bar->maximum() > 50; }));
  EXPECT_EQ(bar->value(), bar->maximum());
  log.resize(400, 150);  // an error has come above it
  say(3);
  EXPECT_TRUE(waitFor([&] { return bar->value() == bar->maximum(); }));
  log.verticalScrollBar()->setValue(10);
  say(3);
  QTest::qWait(20);
  EXPECT_EQ(bar->value(), 10);
}

}  // namespace
}  // namespace salient::ui

// SPDX-License-Identifier: GPL-3.0-or-later
// What tests of whole sessions on the sample begin with.
#pragma once

#include <gtest/gtest.h>

#include "tests/ui/support/hands.h"
#include "tests/ui/support/studio.h"
#include "ui/views/notice_bar.h"

namespace salient::ui {

class SessionTest : public ::testing::Test {
 protected:
  /// Opens the sample by its button and goes to the search with settings that take moments.
  static void openSample(Studio& studio, int samples) {
    ASSERT_TRUE(studio.ready());
    press(studio.window(), "start.openSample");
    ASSERT_TRUE(waitFor([&] { return studio.session().hasModel(); }));
    trigger(studio.window(), "view.search");
    type(studio.window(), "search.samples", QString::number(samples));
    type(studio.window(), "search.length", QStringLiteral("64"));
    EXPECT_EQ(studio.session().recipe().value(QStringLiteral("samples")), samples);
    EXPECT_EQ(studio.session().recipe().value(QStringLiteral("length")), 64);
  }
  static void startSearch(Studio& studio) {
    const auto before = studio.session().jobs().jobs().size();
    press(studio.window(), "search.start.button");
    // A short one may have ended by the time somebody looks.
    ASSERT_TRUE(waitFor([&] {
      return studio.session().jobs().jobs().size() > before && studio.lastJob()->fraction > 0 &&
             studio.lastJob()->stage == QLatin1String("search");
    }));
  }
  static QString notice(Studio& studio) { return findIn<NoticeBar>(studio.window(), "notice")->text(); }

  QTemporaryDir folder_;
};

}  // namespace salient::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/choice_box.h"

#include <gtest/gtest.h>

#include <QAbstractItemView>
#include <QApplication>
#include <QHelpEvent>
#include <QTest>
#include <QToolTip>

namespace salient::ui {
namespace {

const QString kLong = QStringLiteral("evaluation-of-a-long-name.txt, 24 × 256 tokens, scales folded-token");

TEST(ChoiceBox, IsAsWideAsItsLongestTextWhereThereIsRoom) {
  ChoiceBox box(8);
  box.addItems({QStringLiteral("a"), kLong});
  const int text = box.fontMetrics().horizontalAdvance(kLong);
  EXPECT_GT(box.sizeHint().width(), text);
  EXPECT_LT(box.minimumSizeHint().width(), text / 2);
  box.show();
  box.addItem(kLong + kLong);
  EXPECT_GT(box.sizeHint().width(), 2 * text) << "also for texts that come after it was shown";
}

TEST(ChoiceBox, ShowsInFullWhatANarrowOneCuts) {
  ChoiceBox box(8);
  box.setToolTip(QStringLiteral("The text"));
  box.addItems({QStringLiteral("a"), kLong});
  box.resize(box.minimumSizeHint());
  box.show();
  ASSERT_TRUE(QTest::qWaitForWindowExposed(&box));
  const auto tip = [&] {
    QHelpEvent event(QEvent::ToolTip, box.rect().center(), box.mapToGlobal(box.rect().center()));
    QApplication::sendEvent(&box, &event);
    return QToolTip::text();
  };
  EXPECT_EQ(tip(), QStringLiteral("The text"));
  box.setCurrentIndex(1);
  EXPECT_EQ(tip(), kLong + QStringLiteral("\n\nThe text"));
  box.showPopup();
  EXPECT_GE(box.view()->width(), box.fontMetrics().horizontalAdvance(kLong));
  box.hidePopup();
}

}  // namespace
}  // namespace salient::ui

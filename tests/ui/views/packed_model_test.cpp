// SPDX-License-Identifier: GPL-3.0-or-later
// A packed model that is opened like any other: the pages that need the 16-bit one say so.
#include <gtest/gtest.h>

#include <QLabel>
#include <QTemporaryDir>

#include "tests/ui/support/fake_worker.h"
#include "tests/ui/support/hands.h"
#include "tests/ui/support/studio.h"
#include "ui/views/page.h"

namespace salient::ui {
namespace {

/// Answers every request as `inspect` answers for a packed model.
constexpr auto kPackedModel = R"(
while read line; do
  id=$(echo "$line" | sed 's/.*"id":\([0-9]*\).*/\1/')
  echo '{"event":"done","id":'$id',"result":{"format":"packed","features":10}}'
done
)";

TEST(APackedModel, IsNotOfferedForSearch) {
  const FakeWorker worker(kPackedModel);
  const QTemporaryDir folder;
  Studio studio(folder.path(), worker.program());
  ASSERT_TRUE(studio.ready());
  Session& session = studio.session();
  MainWindow& window = studio.window();
  session.setCalibrationText(folder.filePath(QStringLiteral("text.txt")));
  session.openModel(folder.path());
  ASSERT_TRUE(waitFor([&] { return session.hasModel(); }));
  ASSERT_TRUE(session.isPacked());
  trigger(window, "view.search");
  const auto* missing = findIn<QLabel>(window, "search.empty.text");
  EXPECT_TRUE(missing->isVisible());
  EXPECT_TRUE(missing->text().contains(QStringLiteral("packed already"))) << qPrintable(missing->text());
  for (const char* action : {"search.start", "search.estimate", "budget.queue"})
    EXPECT_FALSE(findIn<QAction>(window, action)->isEnabled()) << action;
  for (const char* name : {page::budget, page::salience}) {
    trigger(window, qPrintable(QStringLiteral("view.") + QLatin1String(name)));
    bool said = false;
    for (const QLabel* label : window.page(QLatin1String(name))->findChildren<QLabel*>())
      said = said || (label->isVisible() && label->text() == session.whyNotSearchable());
    EXPECT_TRUE(said) << name;
    press(window, QLatin1String(name) + QStringLiteral(".empty.action"));
    EXPECT_EQ(window.currentPage()->objectName(), QLatin1String(page::start)) << name;
  }
  EXPECT_EQ(studio.lastJob(), nullptr);
}

}  // namespace
}  // namespace salient::ui

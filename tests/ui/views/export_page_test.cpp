// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/export_page.h"

#include <gtest/gtest.h>

#include <QCheckBox>
#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QTableView>
#include <QTemporaryDir>

#include "tests/ui/support/waiting.h"

namespace salient::ui {
namespace {

class ExportPageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SessionOptions options;
    options.experiments = path("experiments.db");
    options.stateDir = path("state");
    options.dataDir = path("data");
    session_ = std::make_unique<Session>(options);
    page_ = std::make_unique<ExportPage>(*session_);
    page_->resize(1200, 800);
    page_->show();
  }
  QString path(const char* name) const { return directory_.filePath(QLatin1String(name)); }
  template <class T>
  T* find(const char* name) {
    T* found = page_->findChild<T*>(QLatin1String(name));
    EXPECT_NE(found, nullptr) << name;
    return found;
  }
  const JobRecord* job(int index) {
    return session_->jobs().jobs().value(index).id != 0 ? &session_->jobs().jobs()[index] : nullptr;
  }
  bool allDone(int count) {
    const auto& jobs = session_->jobs().jobs();
    return jobs.size() == count &&
           std::all_of(jobs.begin(), jobs.end(), [](const JobRecord& one) { return one.finishedForGood(); });
  }
  /// The sample in 4 bit, which needs no scores.
  void quantizeSample() {
    session_->jobs().add(QStringLiteral("Quantize"),
                         {{QStringLiteral("op"), QStringLiteral("quantize")},
                          {QStringLiteral("model"), QStringLiteral(SALIENT_RESOURCES "/sample")},
                          {QStringLiteral("output"), path("packed")},
                          {QStringLiteral("experiments"), path("experiments.db")},
                          {QStringLiteral("percent"), 0},
                          {QStringLiteral("method"), QStringLiteral("rtn")}});
    ASSERT_TRUE(waitFor([&] { return allDone(1); }));
    ASSERT_TRUE(waitFor([&] { return find<QComboBox>("export.source")->currentData().toString() == path("packed"); }));
  }

  QTemporaryDir directory_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<ExportPage> page_;
};

TEST_F(ExportPageTest, WithoutAModelThereIsNothingToExport) {
  EXPECT_FALSE(find<QPushButton>("export.start.button")->isEnabled());
  EXPECT_FALSE(find<QComboBox>("export.source")->currentText().isEmpty());
}

TEST_F(ExportPageTest, ExportsAnExperimentsModelAndVerifiesIt) {
  quantizeSample();
  find<QRadioButton>("export.format.compressed-tensors")->click();
  EXPECT_EQ(find<QLineEdit>("export.output")->text(), path("packed-compressed-tensors"));
  ASSERT_TRUE(waitFor([&] { return find<QLabel>("export.space")->text().contains(QStringLiteral("MiB")); }))
      << find<QLabel>("export.space")->text().toStdString();
  find<QPushButton>("export.start.button")->click();
  ASSERT_TRUE(waitFor([&] { return allDone(2); })) << session_->jobs().jobs().last().error.message.toStdString();
  EXPECT_TRUE(QFile::exists(path("packed-compressed-tensors") + QStringLiteral("/model.safetensors")));
  EXPECT_TRUE(find<QLabel>("export.outcome")->text().contains(QStringLiteral("weights exact")));
  EXPECT_TRUE(find<QPushButton>("export.folder.button")->isEnabled());
  find<QPushButton>("export.check.button")->click();
  ASSERT_TRUE(waitFor([&] { return allDone(3); })) << session_->jobs().jobs().last().error.message.toStdString();
  EXPECT_EQ(find<QTableView>("export.results")->model()->rowCount(), 2);
}

TEST_F(ExportPageTest, SaysWhyAFolderCannotBeUsed) {
  quantizeSample();
  QDir().mkpath(path("thesis"));
  QFile file(path("thesis") + QStringLiteral("/text.txt"));
  ASSERT_TRUE(file.open(QIODevice::WriteOnly));
  file.write("years");
  file.close();
  find<QLineEdit>("export.output")->setText(path("thesis"));
  find<QPushButton>("export.start.button")->click();
  ASSERT_TRUE(waitFor([&] { return session_->jobs().jobs().last().state == JobRecord::State::failed; }));
  EXPECT_TRUE(find<QLabel>("export.outcome")->text().contains(QStringLiteral("other contents")));
}

}  // namespace
}  // namespace salient::ui

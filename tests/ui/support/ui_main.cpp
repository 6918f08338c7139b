// SPDX-License-Identifier: GPL-3.0-or-later
// Runs the tests of a ui room in a QApplication whose settings, data and state lie in a temporary folder.
#include <gtest/gtest.h>

#include <QApplication>
#include <QStandardPaths>
#include <QTemporaryDir>

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  const QTemporaryDir home;
  for (const char* variable : {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"}) {
    qputenv(variable, home.filePath(QString::fromLatin1(variable)).toLocal8Bit());
  }
  if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) {
    qputenv("QT_QPA_PLATFORM", "offscreen");
  }
  qputenv("SALIENT_PROGRAM", SALIENT_PROGRAM);
  QApplication application(argc, argv);
  QApplication::setOrganizationName(QStringLiteral("Salient"));
  QApplication::setApplicationName(QStringLiteral("salient-studio-test"));
  return RUN_ALL_TESTS();
}

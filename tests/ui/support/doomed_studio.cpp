// SPDX-License-Identifier: GPL-3.0-or-later
// doomed_studio FOLDER: a studio without a window for a test that kills it. Starts a job with FOLDER/salient, writes
// that worker's process number into FOLDER/process and waits for its end.
#include <QCoreApplication>
#include <QFile>

#include "tests/ui/support/waiting.h"
#include "ui/models/job_queue.h"

int main(int argc, char** argv) {
  using namespace salient::ui;
  QCoreApplication application(argc, argv);
  const QString folder = QCoreApplication::arguments().value(1);
  JobQueue queue(folder, folder + QStringLiteral("/salient"));
  const qint64 id = queue.add(QStringLiteral("Search"), {{"op", "search"}});
  if (!waitFor([&] { return queue.find(id)->stage == QLatin1String("search"); })) return 1;
  QFile file(folder + QStringLiteral("/process"));
  if (!file.open(QIODevice::WriteOnly)) return 1;
  file.write(QByteArray::number(queue.processId()) + '\n');
  file.close();
  QTest::qWait(kWaitMilliseconds);
  return 0;
}

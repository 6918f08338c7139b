// SPDX-License-Identifier: GPL-3.0-or-later
// Programs that stand in for `salient` and misbehave: each is a shell script in a folder of its own.
#pragma once

#include <QFile>
#include <QTemporaryDir>

namespace salient::ui {

class FakeWorker {
 public:
  explicit FakeWorker(const char* script) {
    QFile file(program());
    if (!file.open(QIODevice::WriteOnly)) return;
    file.write("#!/bin/sh\n");
    file.write(script);
    file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ExeOwner);
  }
  [[nodiscard]] QString program() const { return directory_.filePath(QStringLiteral("salient")); }
  [[nodiscard]] QString file(const char* name) const { return directory_.filePath(QString::fromLatin1(name)); }

 private:
  QTemporaryDir directory_;
};

/// Accepts request 1 and then answers nothing, not even a cancel.
inline constexpr auto kStuckWorker = R"(
read line
echo '{"event":"accepted","id":1}'
echo '{"event":"progress","id":1,"stage":"search","fraction":0.25,"eta_seconds":3,"elapsed_seconds":1,"detail":"x"}'
exec sleep 1000
)";

}  // namespace salient::ui

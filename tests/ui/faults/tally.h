// SPDX-License-Identifier: GPL-3.0-or-later
// What a run of faults has seen: how often, how long the studio took to answer, and what went wrong.
#pragma once

#include <QElapsedTimer>
#include <QString>
#include <QStringList>
#include <algorithm>
#include <random>

namespace salient::ui {

/// What is promised, on a busy machine as well.
inline constexpr double kAnswerMilliseconds = 5000;

struct Tally {
  double promised = kAnswerMilliseconds;
  QString what;             ///< "search: worker killed"
  int faults = 0;           ///< that hit a job at work
  int missed = 0;           ///< came when the job had just ended
  int resumed = 0;          ///< of those, continued afterwards
  int completed = 0;        ///< jobs that came to their end in spite of them
  double slowest = 0;       ///< milliseconds until the studio had answered, the longest
  double sum = 0;           ///< of all faults
  double longestStall = 0;  ///< of the event loop, milliseconds; 0 where it was not watched
  QStringList problems;

  void answered(double milliseconds) {
    ++faults;
    sum += milliseconds;
    slowest = std::max(slowest, milliseconds);
    if (milliseconds > promised) problem(QStringLiteral("answered only after %1 ms").arg(milliseconds, 0, 'f', 0));
  }
  void problem(const QString& text) { problems.append(what + QStringLiteral(": ") + text); }
  /// Keeps `text` where `holds` is false.
  bool expect(bool holds, const QString& text) {
    if (!holds) problem(text);
    return holds;
  }
};

/// The same moments again for the same seed.
class Moments {
 public:
  explicit Moments(quint64 seed) : random_(seed) {}
  int upTo(int most) { return std::uniform_int_distribution<int>(0, std::max(0, most))(random_); }

 private:
  std::mt19937_64 random_;
};

}  // namespace salient::ui

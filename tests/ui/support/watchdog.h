// SPDX-License-Identifier: GPL-3.0-or-later
// Measures how long the event loop of a thread takes to answer: another thread posts to it again and again, and the
// watched thread itself notes when it answers. Time in which a thread was ready but the machine gave its processors to
// others is not counted where the system tells it (/proc/self/task/<thread>/schedstat): of the watching thread until
// the question is posted, of the watched one from then until it answers. So a busy machine does not look like a slow
// program, and whatever the watched thread computes, reads or waits for counts in full.
#pragma once

#include <QObject>
#include <atomic>
#include <thread>

namespace salient::ui {

class Watchdog {
 public:
  Watchdog();  ///< watches the thread it is made in
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  [[nodiscard]] double longestMilliseconds() const { return longest_; }
  [[nodiscard]] int answers() const { return answers_; }
  void reset() { longest_ = 0; }

 private:
  void watch();

  QObject target_;  ///< lives in the watched thread
  long thread_;     ///< the watched thread's number in the system
  std::atomic<double> longest_{0};
  std::atomic<int> answers_{0};
  std::atomic<bool> stopping_{false};
  std::thread watcher_;
};

}  // namespace salient::ui

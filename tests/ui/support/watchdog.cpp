// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/support/watchdog.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <QMetaObject>
#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <string>

namespace salient::ui {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kPause = std::chrono::milliseconds(3);
constexpr auto kLook = std::chrono::microseconds(200);

/// Milliseconds that a thread has waited for a processor since it began; 0 where the system does not say.
double waitedForProcessor(long thread) {
  std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/schedstat");
  double running = 0;
  double waiting = 0;
  file >> running >> waiting;
  return file ? waiting / 1e6 : 0;
}

}  // namespace

Watchdog::Watchdog() : thread_(::syscall(SYS_gettid)), watcher_([this] { watch(); }) {}

Watchdog::~Watchdog() {
  stopping_ = true;
  watcher_.join();
}

void Watchdog::watch() {
  while (!stopping_) {
    const auto answered = std::make_shared<std::atomic<bool>>(false);
    const double waitedBefore = waitedForProcessor(thread_);
    const auto asked = Clock::now();
    QMetaObject::invokeMethod(
        &target_, [answered] { *answered = true; }, Qt::QueuedConnection);
    while (!*answered && !stopping_)
      std::this_thread::sleep_for(kLook);
    if (!*answered) return;
    const double took = std::chrono::duration<double, std::milli>(Clock::now() - asked).count();
    const double waited = waitedForProcessor(thread_) - waitedBefore;
    longest_ = std::max(longest_.load(), took - waited);
    ++answers_;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace salient::ui

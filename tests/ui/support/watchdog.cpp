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

struct Answer {
  Clock::time_point at;
  double waited = 0;  ///< what the watched thread had waited for a processor by then
  std::atomic<bool> given{false};
};

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
  const long self = ::syscall(SYS_gettid);
  while (!stopping_) {
    const auto answer = std::make_shared<Answer>();
    const double own = waitedForProcessor(self);
    const auto asked = Clock::now();
    QMetaObject::invokeMethod(
        &target_,
        [answer, thread = thread_] {
          answer->at = Clock::now();
          answer->waited = waitedForProcessor(thread);
          answer->given = true;
        },
        Qt::QueuedConnection);
    const double posting = waitedForProcessor(self) - own;
    const double waitedBefore = waitedForProcessor(thread_);
    while (!answer->given && !stopping_)
      std::this_thread::sleep_for(kLook);
    if (!answer->given) return;
    const double took = std::chrono::duration<double, std::milli>(answer->at - asked).count();
    // An answer that came before this thread looked is one without a wait.
    const double waited = std::max(0.0, answer->waited - waitedBefore);
    longest_ = std::max(longest_.load(), took - posting - waited);
    ++answers_;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace salient::ui

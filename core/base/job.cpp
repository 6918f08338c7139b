// SPDX-License-Identifier: Apache-2.0
#include "core/base/job.h"

#include "core/base/memory_reserve.h"

namespace salient {

Status Job::check() const {
  if (MemoryReserve::needed()) return MemoryReserve::error();
  if (!cancelled()) return {};
  return Error{ErrorCode::cancelled, "", "", "", "a request to stop", "run the same command again to resume"};
}

void Job::begin(std::string_view stage, double done_before) {
  stage_ = stage;
  done_before_ = done_before;
  started_ = Clock::now();
  last_ = Clock::time_point{};
}

void Job::report(double done, double total, std::string_view detail) {
  if (!listener_.progress) return;
  const auto now = Clock::now();
  const bool finished = done >= total;
  if (!finished && now - last_ < std::chrono::milliseconds(50)) return;
  last_ = now;
  ProgressEvent event;
  event.stage = stage_;
  event.fraction = total > 0 ? done / total : 1;
  event.elapsed_seconds = std::chrono::duration<double>(now - started_).count();
  const double own = done - done_before_;
  if (finished) {
    event.eta_seconds = 0;
  } else if (own > 0 && event.elapsed_seconds > 0.2) {
    event.eta_seconds = event.elapsed_seconds * (total - done) / own;
  }
  event.detail = detail;
  listener_.progress(event);
}

void Job::warn(const std::string& message) {
  if (listener_.warning) listener_.warning(message);
}

}  // namespace salient

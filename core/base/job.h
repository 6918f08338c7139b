// SPDX-License-Identifier: Apache-2.0
// What a long operation is handed by whoever started it: a way to be cancelled, and a place to tell
// how far it is. A job ends done, failed or cancelled (an Error of code `cancelled`); progress is
// throttled here, so that callers may report as often as they like.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace salient {

/// Shared between the one who cancels and the one who works. Async-signal-safe to set.
class CancelToken {
 public:
  void cancel() noexcept { flag_.store(true, std::memory_order_relaxed); }
  void reset() noexcept { flag_.store(false, std::memory_order_relaxed); }
  [[nodiscard]] bool cancelled() const noexcept { return flag_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> flag_{false};
};

struct ProgressEvent {
  std::string stage;           ///< search, quantize, pack, evaluate, …
  double fraction = 0;         ///< of this stage, 0 to 1
  double eta_seconds = -1;     ///< of this stage; negative while unknown
  double elapsed_seconds = 0;  ///< in this stage
  std::string detail;          ///< a word for people: "sequence 12 of 128"
};

/// Listener for a job's events. Called from the thread that works; must be quick and must not throw.
struct JobListener {
  std::function<void(const ProgressEvent&)> progress;
  std::function<void(const std::string&)> warning;  ///< something a person should read, once
};

class Job {
 public:
  Job() = default;
  Job(const CancelToken* cancel, JobListener listener) : cancel_(cancel), listener_(std::move(listener)) {}

  [[nodiscard]] bool cancelled() const { return cancel_ != nullptr && cancel_->cancelled(); }
  /// An Error of code `cancelled` once somebody asked to stop, of code `memory` once the reserve was needed
  /// (MemoryReserve).
  [[nodiscard]] Status check() const;

  /// Starts a stage: resets its clock. `done_before` is work a resumed stage does not repeat, so that
  /// the ETA is computed from what this process did itself.
  void begin(std::string_view stage, double done_before = 0);
  /// Work done so far of `total`, in any unit. Emitted at most every 50 ms, and always at the end.
  void report(double done, double total, std::string_view detail = {});
  void warn(const std::string& message);

 private:
  using Clock = std::chrono::steady_clock;
  const CancelToken* cancel_ = nullptr;
  JobListener listener_;
  std::string stage_;
  double done_before_ = 0;
  Clock::time_point started_ = Clock::now();
  Clock::time_point last_ = Clock::time_point{};
};

}  // namespace salient

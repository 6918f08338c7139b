// SPDX-License-Identifier: Apache-2.0
#include "cuda/measured_plans.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "core/base/hash.h"
#include "core/base/system.h"
#include "cuda/context.h"
#include "cuda/mixed_plan.h"

namespace salient::cuda {
namespace {

constexpr const char* kOperation = "measure a product";
/// Fewer take too short for a launch by itself to tell: at 64 tokens it found a plan 3 % faster that is 25 % slower
/// among others (tests/bench/results). The rule's constants come from launches that follow one another.
constexpr int kFewestTokens = 129;
constexpr int kRounds = 5;
/// A rival must be faster by so much: below it is the noise of a measurement.
constexpr double kGain = 0.97;

/// All that the time of a product depends on beside its shape.
std::string owner_of(const cudaDeviceProp& device) {
  int driver = 0, runtime = 0;
  // What cannot be asked for stays 0; the device itself has been opened.
  static_cast<void>(cudaDriverGetVersion(&driver));
  static_cast<void>(cudaRuntimeGetVersion(&runtime));
  return fmt::format("{}, {} multiprocessors, driver {}, runtime {}, kernels {}",
                     escape_for_message(static_cast<const char*>(device.name)), device.multiProcessorCount, driver,
                     runtime, SALIENT_KERNEL_VERSION);
}
std::filesystem::path file_of(const std::string& owner) {
  return cache_directory() / fmt::format("plans-{}.json", sha256_hex(owner).substr(0, 16));
}

/// One measurement for all numbers of tokens that fill as many tiles.
mixed::Shape rounded_up(mixed::Shape shape) {
  const int tokens = shape.tokens;
  const int step = tokens <= 64 ? 8 : tokens <= 1024 ? 64 : tokens <= 4096 ? 128 : 512;
  shape.tokens = (tokens + step - 1) / step * step;
  return shape;
}
std::string subject_of(const mixed::Shape& shape, bool transposed) {
  constexpr std::array kModes{"exact", "folded", "folded_token"};
  return fmt::format("{} rows in {} tiles, {} blocks of {} groups, {} tokens, {}{}{}", shape.rows, shape.tiles,
                     shape.blocks, shape.groups_in_block, shape.tokens, kModes[static_cast<std::size_t>(shape.mode)],
                     shape.copied ? ", copied" : "", transposed ? ", transposed" : "");
}

/// Launches between events, each after the second-level cache was filled with something else: in a model the weights
/// come from memory.
class Stopwatch {
 public:
  explicit Stopwatch(Context& context) : context_(context) {}
  ~Stopwatch() {
    for (const cudaEvent_t event : events_) {
      if (event != nullptr) static_cast<void>(cudaEventDestroy(event));
    }
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

  Status prepare() {
    bytes_ = (context_.level2_bytes() + 255) / 256 * 256;
    SALIENT_ASSIGN(other_, context_.scratch(bytes_ + 256, kOperation));
    SALIENT_CHECK(check(cudaMemsetAsync(other_->data(), 0, bytes_ + 256, context_.stream())));
    for (cudaEvent_t& event : events_)
      SALIENT_CHECK(check(cudaEventCreate(&event)));
    return {};
  }
  /// In milliseconds.
  Result<float> time(const MeasuredPlans::Launch& launch, const mixed::Plan& plan) {
    auto* sum = static_cast<std::uint8_t*>(other_->data()) + bytes_;
    SALIENT_CHECK(check(mixed::read_all(other_->data(), bytes_, sum, context_.multiprocessors(), context_.stream())));
    SALIENT_CHECK(check(cudaEventRecord(events_[0], context_.stream())));
    SALIENT_CHECK(launch(plan));
    SALIENT_CHECK(check(cudaEventRecord(events_[1], context_.stream())));
    SALIENT_CHECK(check(cudaEventSynchronize(events_[1])));
    float milliseconds = 0;
    SALIENT_CHECK(check(cudaEventElapsedTime(&milliseconds, events_[0], events_[1])));
    return milliseconds;
  }

 private:
  Status check(cudaError_t status) { return context_.check(status, kOperation); }

  Context& context_;
  std::uint64_t bytes_ = 0;
  std::shared_ptr<Buffer> other_;
  std::array<cudaEvent_t, 2> events_{};
};

/// The one with the least median. Rounds go over all plans, so that a change of the clock meets all of them.
Result<mixed::Plan> fastest(Stopwatch& stopwatch, const std::vector<mixed::Plan>& plans,
                            const MeasuredPlans::Launch& launch) {
  std::vector<std::array<float, kRounds>> times(plans.size());
  for (int round = -1; round < kRounds; ++round) {  // the first one loads what the kernels need
    for (std::size_t i = 0; i < plans.size(); ++i) {
      SALIENT_ASSIGN(const float milliseconds, stopwatch.time(launch, plans[i]));
      if (round >= 0) times[i][static_cast<std::size_t>(round)] = milliseconds;
    }
  }
  std::size_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < plans.size(); ++i) {
    std::sort(times[i].begin(), times[i].end());
    const double median = static_cast<double>(times[i][kRounds / 2]);
    if (median >= least) continue;
    best = i;
    least = i == 0 ? median * kGain : median;
  }
  return plans[best];
}

}  // namespace

MeasuredPlans::MeasuredPlans(const cudaDeviceProp& device) : choices_(file_of(owner_of(device)), owner_of(device)) {}

MeasuredPlans::Key MeasuredPlans::key_of(const mixed::Shape& shape, bool transposed) {
  return {shape.rows,
          shape.tiles,
          shape.blocks,
          shape.groups_in_block,
          rounded_up(shape).tokens,
          static_cast<int>(shape.mode),
          static_cast<int>(shape.copied),
          static_cast<int>(transposed)};
}

mixed::Plan MeasuredPlans::known(const mixed::Shape& shape, bool transposed) const {
  const auto at = known_.find(key_of(shape, transposed));
  return at != known_.end() ? at->second : mixed::choose_plan(rounded_up(shape), transposed);
}

Result<mixed::Plan> MeasuredPlans::choose(Context& context, const mixed::Shape& exact_shape, bool transposed,
                                          const Launch& launch) {
  const Key key = key_of(exact_shape, transposed);
  const auto at = known_.find(key);
  if (at != known_.end()) return at->second;

  const mixed::Shape shape = rounded_up(exact_shape);
  const std::vector<mixed::Plan> rivals = mixed::rival_plans(shape, transposed);
  const auto remember = [&](const mixed::Plan& plan) { return known_.insert_or_assign(key, plan).first->second; };
  if (rivals.size() == 1 || exact_shape.tokens < kFewestTokens) return remember(rivals.front());

  const std::string subject = subject_of(shape, transposed);
  const auto kept = [&] {
    const auto name = choices_.find(subject);
    return std::find_if(rivals.begin(), rivals.end(),
                        [&](const mixed::Plan& plan) { return name == mixed::plan_name(plan); });
  };
  if (kept() == rivals.end()) {
    cudaStreamCaptureStatus recorded = cudaStreamCaptureStatusNone;
    SALIENT_CHECK(context.check(cudaStreamIsCapturing(context.stream(), &recorded), kOperation));
    if (recorded != cudaStreamCaptureStatusNone) return rivals.front();
    choices_.load();  // another process may have measured it by now
  }
  if (const auto plan = kept(); plan != rivals.end()) return remember(*plan);

  Stopwatch stopwatch(context);
  if (const Status prepared = stopwatch.prepare(); !prepared) {
    if (prepared.error().code == ErrorCode::memory) return remember(rivals.front());
    return prepared.error();
  }
  SALIENT_ASSIGN(const mixed::Plan plan, fastest(stopwatch, rivals, launch));
  ++measured_;
  // Where there is no place for the file, it is measured again by the next process.
  static_cast<void>(choices_.store(subject, mixed::plan_name(plan)));
  return remember(plan);
}

}  // namespace salient::cuda

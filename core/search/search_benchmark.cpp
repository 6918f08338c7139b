// SPDX-License-Identifier: Apache-2.0
#include "core/search/search_benchmark.h"

#include <chrono>

#include "core/base/system.h"

namespace salient {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

Result<SearchBenchmark> benchmark_search(Decoder& decoder, const std::vector<std::vector<std::int32_t>>& windows,
                                         const SearchOptions& options, Job& job) {
  if (windows.empty()) return Error{ErrorCode::usage, "", "windows", "at least one", "none", "use a longer text"};
  SearchBenchmark benchmark;
  job.begin("bench");
  for (std::size_t i = 0; i <= windows.size(); ++i) {
    SALIENT_CHECK(job.check());
    const std::vector<std::int32_t>& window = windows[i == 0 ? 0 : i - 1];
    const Clock::time_point start = Clock::now();
    SALIENT_CHECK(decoder.sequence_nll(window, &job));
    const double forward = seconds_since(start);
    SALIENT_CHECK(sequence_terms(decoder, window, options, &job));
    const double both = seconds_since(start);
    job.report(static_cast<double>(i + 1), static_cast<double>(windows.size() + 1));
    if (i == 0) continue;  // caches and clocks warm up
    benchmark.sequences += 1;
    benchmark.tokens += static_cast<std::int64_t>(window.size());
    benchmark.forward_seconds += forward;
    benchmark.search_seconds += both - forward;
  }
  const double tokens = static_cast<double>(benchmark.tokens);
  benchmark.ratio = benchmark.search_seconds / benchmark.forward_seconds;
  benchmark.forward_tokens_per_second = tokens / benchmark.forward_seconds;
  benchmark.search_tokens_per_second = tokens / benchmark.search_seconds;
  benchmark.peak_memory_bytes = peak_memory_bytes();
  return benchmark;
}

}  // namespace salient

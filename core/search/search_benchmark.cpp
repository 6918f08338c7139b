// SPDX-License-Identifier: Apache-2.0
#include "core/search/search_benchmark.h"

#include <algorithm>
#include <utility>

#include "core/base/clock.h"
#include "core/base/system.h"

namespace salient {
Result<SearchBenchmark> benchmark_search(Decoder& decoder, const std::vector<std::vector<std::int32_t>>& windows,
                                         const SearchOptions& options, Job& job) {
  if (windows.empty()) return Error{ErrorCode::usage, "", "windows", "at least one", "none", "use a longer text"};
  SearchBenchmark benchmark;
  job.begin("bench");
  const std::span<const std::vector<std::int32_t>> all(windows);
  const std::size_t together = std::min(decoder.backend().places(), windows.size());
  bool warm = false;  // caches and clocks
  for (std::size_t first = 0; first < windows.size();) {
    SALIENT_CHECK(job.check());
    const auto some = all.subspan(first, std::min(together, windows.size() - first));
    const Clock::time_point start = Clock::now();
    for (const std::vector<std::int32_t>& window : some)
      SALIENT_CHECK(decoder.sequence_nll(window, &job));
    const double forward = seconds_since(start);
    SALIENT_CHECK(terms_together(decoder, some, options, &job));
    const double both = seconds_since(start);
    if (std::exchange(warm, true)) {
      first += some.size();
      benchmark.sequences += static_cast<std::int64_t>(some.size());
      benchmark.tokens += static_cast<std::int64_t>(some.size() * some.front().size());
      benchmark.forward_seconds += forward;
      benchmark.search_seconds += both - forward;
    }
    job.report(static_cast<double>(first + 1), static_cast<double>(windows.size() + 1));
  }
  const double tokens = static_cast<double>(benchmark.tokens);
  benchmark.ratio = benchmark.search_seconds / benchmark.forward_seconds;
  benchmark.forward_tokens_per_second = tokens / benchmark.forward_seconds;
  benchmark.search_tokens_per_second = tokens / benchmark.search_seconds;
  benchmark.peak_memory_bytes = peak_memory_bytes();
  return benchmark;
}

}  // namespace salient

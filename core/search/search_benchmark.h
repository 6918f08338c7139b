// SPDX-License-Identifier: Apache-2.0
// What the search costs beside a plain forward over the same tokens.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/search/salience.h"

namespace salient {

struct SearchBenchmark {
  std::int64_t sequences = 0;
  std::int64_t tokens = 0;     ///< of all sequences
  double forward_seconds = 0;  ///< plain forward passes, losses included
  double search_seconds = 0;   ///< forward, backward and salience terms of the same sequences
  double ratio = 0;            ///< search_seconds / forward_seconds
  double forward_tokens_per_second = 0;
  double search_tokens_per_second = 0;
  std::uint64_t peak_memory_bytes = 0;  ///< high-water mark of the process
};

/// One forward and one search pass over each window (of equal lengths), taking turns, after a pass of each that is not
/// timed. Searched together as many as the backend has devices.
[[nodiscard]] Result<SearchBenchmark> benchmark_search(Decoder& decoder,
                                                       const std::vector<std::vector<std::int32_t>>& windows,
                                                       const SearchOptions& options, Job& job);

}  // namespace salient

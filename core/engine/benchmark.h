// SPDX-License-Identifier: Apache-2.0
// Measuring speed: the mixed-precision product beside a float one, and a model's prefill and decode.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/engine/engine.h"

namespace salient {

struct KernelBenchmarkOptions {
  std::int64_t rows = 4096;
  std::int64_t cols = 4096;
  std::int64_t group = 128;
  double percent8 = 10;                           ///< rows in 8 bit
  std::vector<std::int64_t> tokens{1, 16, 2048};  ///< 1 is decoding, 2048 prefill
  int threads = 0;                                ///< 0 = all cores
  double seconds = 0.5;  ///< at least this long and three times for each line; the fastest run counts
};
struct KernelTiming {
  std::string kernels;  ///< "fp32", "bf16" (BLAS), "reference", "avx2", "avx512_vnni"
  std::int64_t tokens = 0;
  double seconds = 0;         ///< of one product
  double gigaoperations = 0;  ///< 2·tokens·N·K / seconds / 10⁹
  double gigabytes = 0;       ///< weight bytes read a second / 10⁹
  double speedup = 0;         ///< over fp32 at the same number of tokens
};
/// Random weights and activations; every implementation this processor has.
[[nodiscard]] Result<std::vector<KernelTiming>> benchmark_kernels(const KernelBenchmarkOptions& options, Job& job);

struct ModelThroughput {
  bool packed = false;
  std::uint64_t linear_bytes = 0;
  std::int64_t prompt_tokens = 0;
  std::int64_t new_tokens = 0;  ///< of each sequence
  std::int64_t batch = 1;       ///< sequences decoded together
  double prefill_tokens_per_second = 0;
  double decode_tokens_per_second = 0;
};
/// `batch` sequences of arbitrary tokens: each prompt processed at once (the median of several readings counts), then
/// all continued together token by token; decoding's rate is that of all. The weights are loaded before the clock
/// starts. Devices with memory of their own, and more than one sequence, take a BatchDecoder.
[[nodiscard]] Result<ModelThroughput> measure_throughput(Decoder& decoder, std::int64_t prompt_tokens,
                                                         std::int64_t new_tokens, Job& job, std::int64_t batch = 1);
[[nodiscard]] Result<ModelThroughput> measure_throughput(Engine& engine, std::int64_t prompt_tokens,
                                                         std::int64_t new_tokens, Job& job, std::int64_t batch = 1);

}  // namespace salient

// SPDX-License-Identifier: Apache-2.0
#include "core/engine/benchmark.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/compute/packed_linear.h"
#include "core/engine/batch_decoder.h"
#include "core/engine/random_weights.h"

namespace salient {
namespace {

std::uint64_t stored_bytes(const QuantizedMatrix& matrix) {
  return static_cast<std::uint64_t>(linear_size(matrix.rows, matrix.cols, matrix.count8(), matrix.group).total_bytes);
}

/// One way of computing the same linear layer.
struct Contender {
  std::string name;
  std::unique_ptr<Backend> backend;
  Linear linear;
  std::uint64_t bytes = 0;
};

Result<Contender> float_contender(const QuantizedMatrix& matrix, DType dtype, int threads) {
  Contender contender;
  contender.name = dtype == DType::f32 ? "fp32" : "bf16";
  SALIENT_ASSIGN(contender.backend, make_cpu_backend({.threads = threads}));
  std::vector<float> weight(static_cast<std::size_t>(matrix.rows * matrix.cols));
  matrix.dequantize(weight);
  SALIENT_ASSIGN(contender.linear.weight, contender.backend->allocate(dtype, matrix.rows, matrix.cols));
  if (dtype == DType::f32) {
    SALIENT_CHECK(contender.backend->upload(weight.data(), contender.linear.weight));
  } else {
    std::vector<std::uint16_t> half(weight.size());
    std::transform(weight.begin(), weight.end(), half.begin(), f32_to_bf16);
    SALIENT_CHECK(contender.backend->upload(half.data(), contender.linear.weight));
  }
  contender.bytes = static_cast<std::uint64_t>(contender.linear.weight.bytes());
  return contender;
}

Result<Contender> packed_contender(const QuantizedMatrix& matrix, const char* name, CpuKernels kernels, int threads) {
  Contender contender;
  contender.name = name;
  contender.bytes = stored_bytes(matrix);
  SALIENT_ASSIGN(contender.backend, make_cpu_backend({.threads = threads, .kernels = kernels}));
  SALIENT_ASSIGN(contender.linear.packed, contender.backend->pack(matrix, ScaleMode::exact));
  return contender;
}

Result<std::vector<Contender>> contenders(const QuantizedMatrix& matrix, int threads) {
  std::vector<Contender> all;
  for (const DType dtype : {DType::f32, DType::bf16}) {
    SALIENT_ASSIGN(Contender contender, float_contender(matrix, dtype, threads));
    all.push_back(std::move(contender));
  }
  const std::pair<const char*, CpuKernels> implementations[] = {
      {"reference", CpuKernels::reference}, {"avx2", CpuKernels::avx2}, {"avx512_vnni", CpuKernels::avx512_vnni}};
  for (const auto& [name, kernels] : implementations) {
    if (!cpu_kernels_available(kernels)) continue;
    SALIENT_ASSIGN(Contender contender, packed_contender(matrix, name, kernels, threads));
    all.push_back(std::move(contender));
  }
  return all;
}

/// The fastest of at least three runs, and of as many as fit into `seconds`, after one that warms up.
Result<double> fastest(const std::function<Status()>& run, double seconds, const Job& job) {
  SALIENT_CHECK(run());
  double best = std::numeric_limits<double>::infinity();
  const Clock::time_point started = Clock::now();
  for (int i = 0; i < 3 || seconds_since(started) < seconds; ++i) {
    SALIENT_CHECK(job.check());
    const Clock::time_point begin = Clock::now();
    SALIENT_CHECK(run());
    best = std::min(best, seconds_since(begin));
  }
  return std::max(best, 1e-9);
}

Result<KernelTiming> time_contender(const Contender& contender, const KernelBenchmarkOptions& options,
                                    std::int64_t tokens, const std::vector<float>& activations, const Job& job) {
  Backend& backend = *contender.backend;
  SALIENT_ASSIGN(const Tensor x, backend.allocate(DType::f32, tokens, options.cols));
  SALIENT_ASSIGN(const Tensor y, backend.allocate(DType::f32, tokens, options.rows));
  SALIENT_CHECK(backend.upload(activations.data(), x));
  KernelTiming timing{contender.name, tokens, 0, 0, 0, 0};
  SALIENT_ASSIGN(timing.seconds, fastest([&] { return backend.linear(x, contender.linear, y); }, options.seconds, job));
  const double products =
      static_cast<double>(tokens) * static_cast<double>(options.rows) * static_cast<double>(options.cols);
  timing.gigaoperations = 2e-9 * products / timing.seconds;
  timing.gigabytes = 1e-9 * static_cast<double>(contender.bytes) / timing.seconds;
  return timing;
}

}  // namespace

Result<std::vector<KernelTiming>> benchmark_kernels(const KernelBenchmarkOptions& options, Job& job) {
  constexpr std::int64_t kLargest = 1 << 20;
  const bool sizes = options.rows > 0 && options.rows <= kLargest && options.cols > 0 && options.cols <= kLargest;
  if (!sizes ||
      std::any_of(options.tokens.begin(), options.tokens.end(), [](std::int64_t t) { return t < 1 || t > kLargest; })) {
    return Error{ErrorCode::usage,         {},
                 "rows, cols, tokens",     fmt::format("1 to {}", kLargest),
                 "a size outside of that", "choose other sizes"};
  }
  job.begin("benchmark");
  Random random(0);
  const QuantizedMatrix matrix =
      random_quantized_matrix({options.rows, options.cols}, options.group, options.percent8, random);
  SALIENT_ASSIGN(const std::vector<Contender> all, contenders(matrix, options.threads));
  std::vector<KernelTiming> timings;
  for (const std::int64_t tokens : options.tokens) {
    std::vector<float> x(static_cast<std::size_t>(tokens * options.cols));
    for (float& value : x)
      value = static_cast<float>(random.uniform() - 0.5);
    double float_seconds = 0;
    for (const Contender& contender : all) {
      SALIENT_ASSIGN(KernelTiming timing, time_contender(contender, options, tokens, x, job));
      if (contender.name == "fp32") float_seconds = timing.seconds;
      timing.speedup = float_seconds / timing.seconds;
      timings.push_back(std::move(timing));
      job.report(static_cast<double>(timings.size()), static_cast<double>(options.tokens.size() * all.size()),
                 contender.name);
    }
  }
  return timings;
}

namespace {

Status check_lengths(const ModelConfig& config, std::int64_t prompt_tokens, std::int64_t new_tokens) {
  const std::int64_t positions = config.max_positions;
  if (prompt_tokens < 1 || new_tokens < 1 || prompt_tokens > positions - new_tokens) {
    return Error{ErrorCode::usage,
                 {},
                 "prompt_tokens, new_tokens",
                 fmt::format("at least 1 each, {} together", positions),
                 fmt::format("{} and {}", prompt_tokens, new_tokens),
                 "choose fewer tokens"};
  }
  return {};
}

/// The prompt for each sequence, then all of them token by token. The prompt is read at least three times after one
/// that makes room for it; the median counts.
Status measure_batch(Decoder& decoder, std::span<const TokenId> prompt, ModelThroughput& result, Job& job) {
  Backend& backend = decoder.backend();
  SALIENT_ASSIGN(const auto batch,
                 BatchDecoder::create(decoder, result.batch, result.prompt_tokens + result.new_tokens + 1));
  std::vector<double> seconds;
  for (std::int64_t i = 0; i < std::max<std::int64_t>(result.batch, 4); ++i) {
    SALIENT_CHECK(job.check());
    const Clock::time_point started = Clock::now();
    SALIENT_ASSIGN(const Tensor logits, batch->read(i % result.batch, prompt, &job));
    SALIENT_CHECK(backend.synchronize());
    if (i > 0) seconds.push_back(seconds_since(started));
  }
  const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
  std::nth_element(seconds.begin(), middle, seconds.end());
  result.prefill_tokens_per_second = static_cast<double>(result.prompt_tokens) / *middle;
  std::vector<TokenId> ids(static_cast<std::size_t>(result.batch), prompt.front());
  SALIENT_ASSIGN(const Tensor first, batch->step(ids));  // records it
  SALIENT_CHECK(backend.synchronize());
  const Clock::time_point started = Clock::now();
  for (std::int64_t i = 0; i < result.new_tokens; ++i) {
    SALIENT_CHECK(job.check());
    std::fill(ids.begin(), ids.end(), prompt[static_cast<std::size_t>(i % result.prompt_tokens)]);
    SALIENT_ASSIGN(const Tensor logits, batch->step(ids));
    SALIENT_CHECK(backend.synchronize());
    job.report(static_cast<double>(i + 1), static_cast<double>(result.new_tokens), {});
  }
  result.decode_tokens_per_second = static_cast<double>(result.batch * result.new_tokens) / seconds_since(started);
  return {};
}

}  // namespace

Result<ModelThroughput> measure_throughput(Engine& engine, std::int64_t prompt_tokens, std::int64_t new_tokens,
                                           Job& job, std::int64_t batch) {
  SALIENT_CHECK(check_lengths(engine.config(), prompt_tokens, new_tokens));
  SALIENT_ASSIGN(Decoder decoder, engine.decoder(prompt_tokens + new_tokens));
  SALIENT_ASSIGN(ModelThroughput result, measure_throughput(decoder, prompt_tokens, new_tokens, job, batch));
  result.packed = engine.packed();
  result.linear_bytes = engine.linear_bytes();
  return result;
}

Result<ModelThroughput> measure_throughput(Decoder& decoder, std::int64_t prompt_tokens, std::int64_t new_tokens,
                                           Job& job, std::int64_t batch) {
  SALIENT_CHECK(check_lengths(decoder.config(), prompt_tokens, new_tokens));
  job.begin("benchmark");
  Random random(0);
  std::vector<TokenId> ids(static_cast<std::size_t>(prompt_tokens));
  for (TokenId& id : ids) {
    id = static_cast<TokenId>(random.below(static_cast<std::uint64_t>(decoder.config().vocab_size)));
  }
  const auto pass = [&](std::span<const TokenId> tokens, KvCache& cache) -> Status {
    SALIENT_CHECK(job.check());
    SALIENT_ASSIGN(const Tensor hidden, decoder.hidden(tokens, &cache, &job));
    SALIENT_ASSIGN(const Tensor logits, decoder.logits(hidden.row_slice(hidden.rows - 1, 1)));
    return decoder.backend().synchronize();
  };
  {
    SALIENT_ASSIGN(KvCache cache, decoder.make_cache(1));
    SALIENT_CHECK(pass(std::span(ids).first(1), cache));
  }
  ModelThroughput result;
  result.prompt_tokens = prompt_tokens;
  result.new_tokens = new_tokens;
  result.batch = batch;
  const bool recorded = dynamic_cast<BatchSteps*>(&decoder.backend()) != nullptr;
  if (batch > 1 || (recorded && decoder.backend().device_memory())) {
    SALIENT_CHECK(measure_batch(decoder, ids, result, job));
    return result;
  }
  SALIENT_ASSIGN(KvCache cache, decoder.make_cache(prompt_tokens + new_tokens));
  Clock::time_point started = Clock::now();
  SALIENT_CHECK(pass(ids, cache));
  result.prefill_tokens_per_second = static_cast<double>(prompt_tokens) / seconds_since(started);
  started = Clock::now();
  for (std::int64_t i = 0; i < new_tokens; ++i) {
    SALIENT_CHECK(pass(std::span(ids).subspan(static_cast<std::size_t>(i % prompt_tokens), 1), cache));
    job.report(static_cast<double>(i + 1), static_cast<double>(new_tokens), {});
  }
  result.decode_tokens_per_second = static_cast<double>(new_tokens) / seconds_since(started);
  return result;
}

}  // namespace salient

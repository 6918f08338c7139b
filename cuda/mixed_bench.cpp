// SPDX-License-Identifier: Apache-2.0
// Backend::time_products: replays of CUDA graphs over copies of the weights that together exceed the second-level
// cache, medians, and cuBLASLt's fp16 product beside each in the same process.
#include <cublasLt.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "core/base/job.h"
#include "core/base/random.h"
#include "core/compute/gemm_benchmark.h"
#include "cuda/cuda_backend.h"
#include "cuda/kernels/mixed_kernels.h"
#include "cuda/measured_plans.h"
#include "cuda/mixed_gemm.h"
#include "cuda/mixed_plan.h"

namespace salient::cuda {
namespace {

constexpr int kReplays = 9;
constexpr std::uint64_t kBlasWorkspaceBytes = std::uint64_t{64} << 20;

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

/// A graph of `count` launches, from capture to the last replay.
class Replay {
 public:
  explicit Replay(Context& context) : context_(context) {}
  ~Replay() {
    // Nobody is left to hear of an error.
    if (executable_ != nullptr) static_cast<void>(cudaGraphExecDestroy(executable_));
    if (graph_ != nullptr) static_cast<void>(cudaGraphDestroy(graph_));
    for (const cudaEvent_t event : events_) {
      if (event != nullptr) static_cast<void>(cudaEventDestroy(event));
    }
  }
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  /// Median seconds of one launch.
  Result<double> time(int count, const std::function<Status(int)>& launch) {
    SALIENT_CHECK(launch(0));
    SALIENT_CHECK(context_.synchronize("time a product"));
    SALIENT_CHECK(check(cudaStreamBeginCapture(context_.stream(), cudaStreamCaptureModeThreadLocal)));
    Status launched;
    for (int i = 0; i < count && launched; ++i)
      launched = launch(i);
    const cudaError_t captured = cudaStreamEndCapture(context_.stream(), &graph_);
    SALIENT_CHECK(std::move(launched));
    SALIENT_CHECK(check(captured));
    SALIENT_CHECK(check(cudaGraphInstantiate(&executable_, graph_, 0)));
    for (cudaEvent_t& event : events_)
      SALIENT_CHECK(check(cudaEventCreate(&event)));
    std::vector<double> seconds;
    for (int i = 0; i <= kReplays; ++i) {
      SALIENT_CHECK(check(cudaEventRecord(events_[0], context_.stream())));
      SALIENT_CHECK(check(cudaGraphLaunch(executable_, context_.stream())));
      SALIENT_CHECK(check(cudaEventRecord(events_[1], context_.stream())));
      SALIENT_CHECK(check(cudaEventSynchronize(events_[1])));
      float milliseconds = 0;
      SALIENT_CHECK(check(cudaEventElapsedTime(&milliseconds, events_[0], events_[1])));
      if (i > 0) seconds.push_back(static_cast<double>(milliseconds) / 1000 / count);  // the first one warms up
    }
    return median(std::move(seconds));
  }

 private:
  Status check(cudaError_t status) { return context_.check(status, "time a product"); }

  Context& context_;
  cudaGraph_t graph_ = nullptr;
  cudaGraphExec_t executable_ = nullptr;
  std::array<cudaEvent_t, 2> events_{};
};

Result<double> time_launches(Context& context, int count, const std::function<Status(int)>& launch) {
  return Replay(context).time(count, launch);
}

/// Random codes of every value; scales that keep the products near 1.
QuantizedMatrix random_matrix(const ProductTimingOptions::Shape& shape, double percent, std::int64_t group,
                              Random& random) {
  QuantizedMatrix matrix;
  matrix.rows = shape.rows;
  matrix.cols = shape.cols;
  matrix.group = group;
  for (std::int64_t row = 0; row < shape.rows; ++row) {
    if (random.uniform() * 100 < percent) matrix.rows8.push_back(static_cast<std::uint32_t>(row));
  }
  const auto fill = [&](auto& values, std::int64_t count) {
    values.resize(static_cast<std::size_t>(count));
    for (auto& value : values)
      value = static_cast<std::remove_reference_t<decltype(value)>>(random.next());
  };
  fill(matrix.codes4, matrix.count4() * nibble_bytes(shape.cols));
  fill(matrix.zeros4, matrix.count4() * nibble_bytes(matrix.groups()));
  fill(matrix.codes8, matrix.count8() * shape.cols);
  const auto scales = [&](std::int64_t count, float typical) {
    std::vector<std::uint16_t> values(static_cast<std::size_t>(count));
    for (std::uint16_t& value : values)
      value = f32_to_f16(typical * static_cast<float>(0.5 + random.uniform()));
    return values;
  };
  matrix.scales4 = scales(matrix.count4() * matrix.groups(), 0.01F);
  matrix.scales8 = scales(matrix.count8() * matrix.groups(), 0.001F);
  return matrix;
}

Result<Tensor> random_half(Context& context, std::int64_t rows, std::int64_t cols, Random& random) {
  Tensor tensor;
  tensor.dtype = DType::f16;
  tensor.rows = rows;
  tensor.cols = cols;
  SALIENT_ASSIGN(tensor.buffer, context.scratch(static_cast<std::uint64_t>(tensor.bytes()), "time a product"));
  std::vector<std::uint16_t> values(static_cast<std::size_t>(tensor.size()));
  for (std::uint16_t& value : values)
    value = f32_to_f16(static_cast<float>(random.uniform() - 0.5));
  SALIENT_CHECK(context.upload(values.data(), tensor.data(), values.size() * 2));
  return tensor;
}

/// cuBLASLt's product of fp16 matrices with fp32 sums, by its own first choice of an algorithm.
class HalfProduct {
 public:
  explicit HalfProduct(Context& context) : context_(context) {}
  ~HalfProduct() {
    if (preference_ != nullptr) static_cast<void>(cublasLtMatmulPreferenceDestroy(preference_));
    for (const cublasLtMatrixLayout_t layout : layouts_) {
      if (layout != nullptr) static_cast<void>(cublasLtMatrixLayoutDestroy(layout));
    }
    if (operation_ != nullptr) static_cast<void>(cublasLtMatmulDescDestroy(operation_));
    if (handle_ != nullptr) static_cast<void>(cublasLtDestroy(handle_));
  }
  HalfProduct(const HalfProduct&) = delete;
  HalfProduct& operator=(const HalfProduct&) = delete;

  Status prepare(std::int64_t rows, std::int64_t cols, std::int64_t tokens) {
    SALIENT_CHECK(check(cublasLtCreate(&handle_)));
    SALIENT_ASSIGN(workspace_, context_.scratch(kBlasWorkspaceBytes, "time a product"));
    SALIENT_CHECK(check(cublasLtMatmulDescCreate(&operation_, CUBLAS_COMPUTE_32F, CUDA_R_32F)));
    const cublasOperation_t transposed = CUBLAS_OP_T;
    SALIENT_CHECK(
        check(cublasLtMatmulDescSetAttribute(operation_, CUBLASLT_MATMUL_DESC_TRANSA, &transposed, sizeof transposed)));
    // cuBLAS counts columns first: yᵀ = W xᵀ.
    const auto k = static_cast<std::uint64_t>(cols), n = static_cast<std::uint64_t>(rows),
               m = static_cast<std::uint64_t>(tokens);
    SALIENT_CHECK(check(cublasLtMatrixLayoutCreate(&layouts_[0], CUDA_R_16F, k, n, cols)));
    SALIENT_CHECK(check(cublasLtMatrixLayoutCreate(&layouts_[1], CUDA_R_16F, k, m, cols)));
    SALIENT_CHECK(check(cublasLtMatrixLayoutCreate(&layouts_[2], CUDA_R_16F, n, m, rows)));
    SALIENT_CHECK(check(cublasLtMatmulPreferenceCreate(&preference_)));
    SALIENT_CHECK(check(cublasLtMatmulPreferenceSetAttribute(preference_, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                                                             &kBlasWorkspaceBytes, sizeof kBlasWorkspaceBytes)));
    int found = 0;
    SALIENT_CHECK(check(cublasLtMatmulAlgoGetHeuristic(handle_, operation_, layouts_[0], layouts_[1], layouts_[2],
                                                       layouts_[2], preference_, 1, &chosen_, &found)));
    return check(found == 1 ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_SUPPORTED);
  }
  Status run(const Tensor& weight, const Tensor& x, const Tensor& out) {
    const float one = 1, zero = 0;
    return check(cublasLtMatmul(handle_, operation_, &one, weight.data(), layouts_[0], x.data(), layouts_[1], &zero,
                                out.data(), layouts_[2], out.data(), layouts_[2], &chosen_.algo, workspace_->data(),
                                kBlasWorkspaceBytes, context_.stream()));
  }

 private:
  Status check(cublasStatus_t status) { return context_.check(status, "time an fp16 product"); }

  Context& context_;
  cublasLtHandle_t handle_ = nullptr;
  cublasLtMatmulDesc_t operation_ = nullptr;
  std::array<cublasLtMatrixLayout_t, 3> layouts_{};
  cublasLtMatmulPreference_t preference_ = nullptr;
  cublasLtMatmulHeuristicResult_t chosen_{};
  std::shared_ptr<Buffer> workspace_;
};

/// Copies of something of this size that exceed the second-level cache four times.
int copies_of(const Context& context, std::uint64_t bytes) {
  return static_cast<int>(
      std::max<std::uint64_t>(2, 4 * context.level2_bytes() / std::max<std::uint64_t>(bytes, 1) + 1));
}
/// Launches in a graph: a few milliseconds' worth.
int launches_of(double operations) {
  return static_cast<int>(std::clamp(4e-3 / (operations / 4e14 + 3e-6), 4.0, 100.0));
}

/// Terabytes a second that a kernel which does nothing else reads.
Result<double> time_reading(Context& context) {
  constexpr std::uint64_t kBytes = std::uint64_t{1} << 30;
  SALIENT_ASSIGN(const auto memory, context.scratch(kBytes, "time reading"));
  SALIENT_ASSIGN(const auto sum, context.scratch(4, "time reading"));
  SALIENT_CHECK(context.check(cudaMemsetAsync(memory->data(), 1, kBytes, context.stream()), "time reading"));
  SALIENT_ASSIGN(const double seconds, time_launches(context, 4, [&](int) {
                   return context.check(mixed::read_all(memory->data(), kBytes, sum->data(), context.multiprocessors(),
                                                        context.stream()),
                                        "time reading");
                 }));
  return static_cast<double>(kBytes) / seconds * 1e-12;
}

/// int8 operations a second of the tensor cores at the highest clock, in 10¹².
Result<double> peak_teraoperations(Context& context) {
  int kilohertz = 0;
  SALIENT_CHECK(
      context.check(cudaDeviceGetAttribute(&kilohertz, cudaDevAttrClockRate, context.ordinal()), "read the clock"));
  const int capability = context.capability();
  const double a_clock = capability >= 90 && capability < 120 ? 8192 : capability == 80 ? 4096 : 2048;
  return a_clock * context.multiprocessors() * kilohertz * 1e-9;
}

std::string version_text(int version) {
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

/// All modes and numbers of tokens for one matrix.
class MatrixTimer {
 public:
  MatrixTimer(Context& context, const ProductTimingOptions& options, ProductTimings& timings, Job& job)
      : context_(context), options_(options), timings_(timings), job_(job) {}

  Status run(const ProductTimingOptions::Shape& shape, double percent, const std::vector<double>& half_seconds,
             Random& random) {
    const QuantizedMatrix matrix = random_matrix(shape, percent, options_.group, random);
    std::vector<Tensor> xs, outs;
    for (const std::int64_t tokens : options_.tokens) {
      SALIENT_ASSIGN(Tensor x, random_half(context_, tokens, shape.cols, random));
      SALIENT_ASSIGN(Tensor out, random_half(context_, tokens, shape.rows, random));
      xs.push_back(std::move(x));
      outs.push_back(std::move(out));
    }
    for (const MixedCopy kept : {MixedCopy::none, MixedCopy::exact, MixedCopy::folded}) {
      std::vector<std::shared_ptr<const MixedMatrix>> copies;
      for (std::size_t i = 0; i < options_.tokens.size(); ++i) {
        for (const ScaleMode mode : options_.modes) {
          if ((kept == MixedCopy::folded) != (mode != ScaleMode::exact)) continue;
          const std::int64_t fewest = mode == ScaleMode::exact ? mixed::kFewFromCopy + 1 : kFoldedTokens;
          if (kept != MixedCopy::none && options_.tokens[i] < fewest) continue;  // a copy would not be chosen
          SALIENT_CHECK(job_.check());
          if (copies.empty()) {
            SALIENT_ASSIGN(copies, copies_for(matrix, kept));
          }
          SALIENT_CHECK(time(shape, percent, copies, xs[i], outs[i], mode, half_seconds[i]));
        }
      }
    }
    return {};
  }

 private:
  Result<std::vector<std::shared_ptr<const MixedMatrix>>> copies_for(const QuantizedMatrix& matrix, MixedCopy kept) {
    std::vector<std::shared_ptr<const MixedMatrix>> copies;
    do {
      SALIENT_ASSIGN(auto copy, MixedMatrix::create(context_, matrix, kept));
      copies.push_back(std::move(copy));
    } while (static_cast<int>(copies.size()) < copies_of(context_, copies.front()->bytes()));
    return copies;
  }
  Status time(const ProductTimingOptions::Shape& shape, double percent,
              const std::vector<std::shared_ptr<const MixedMatrix>>& copies, const Tensor& x, const Tensor& out,
              ScaleMode mode, double half_seconds) {
    const MixedMatrix& first = *copies.front();
    SALIENT_ASSIGN(const RoundedActivations rounded, round_activations(context_, first, x, mode));
    ProductTiming timing;
    timing.rows = shape.rows;
    timing.cols = shape.cols;
    timing.percent = percent;
    timing.tokens = x.rows;
    timing.mode = mode;
    timing.copied = first.copy() == MixedCopy::exact;
    const double operations =
        2.0 * static_cast<double>(x.rows) * static_cast<double>(shape.rows) * static_cast<double>(shape.cols);
    SALIENT_ASSIGN(timing.seconds, time_launches(context_, launches_of(operations), [&](int i) {
                     return mixed_gemm(context_, *copies[static_cast<std::size_t>(i) % copies.size()], rounded, {},
                                       out);
                   }));
    // Chosen by now.
    const mixed::Plan plan = context_.plans().known(shape_of(context_, first, x.rows, mode), rounded.transposed);
    timing.kernel = mixed::plan_name(plan);
    SALIENT_ASSIGN(timing.rounding_seconds, time_launches(context_, 20, [&](int) -> Status {
                     SALIENT_ASSIGN(const RoundedActivations again,
                                    round_activations(context_, first, x, mode, rounded.memory));
                     return {};
                   }));
    timing.half_seconds = half_seconds;
    timing.speedup = half_seconds / timing.seconds;
    const std::uint64_t bytes = plan.kernel == mixed::Plan::Kernel::int8 ? first.copy_bytes() : first.bytes();
    timing.terabytes = static_cast<double>(bytes) / timing.seconds * 1e-12;
    timing.teraoperations = operations / timing.seconds * 1e-12;
    timing.share =
        std::max(timing.terabytes / timings_.read_terabytes, timing.teraoperations / timings_.peak_teraoperations);
    timings_.rows.push_back(std::move(timing));
    return {};
  }

  Context& context_;
  const ProductTimingOptions& options_;
  ProductTimings& timings_;
  Job& job_;
};

Result<std::vector<double>> time_halves(Context& context, const ProductTimingOptions::Shape& shape,
                                        const std::vector<std::int64_t>& tokens, Random& random) {
  std::vector<Tensor> weights;
  SALIENT_ASSIGN(Tensor weight, random_half(context, shape.rows, shape.cols, random));
  weights.push_back(weight);
  while (static_cast<int>(weights.size()) < copies_of(context, static_cast<std::uint64_t>(weight.bytes()))) {
    SALIENT_ASSIGN(weight.buffer, context.scratch(static_cast<std::uint64_t>(weight.bytes()), "time an fp16 product"));
    SALIENT_CHECK(
        context.check(cudaMemcpyAsync(weight.data(), weights.front().data(), static_cast<std::size_t>(weight.bytes()),
                                      cudaMemcpyDeviceToDevice, context.stream()),
                      "time an fp16 product"));
    weights.push_back(weight);
  }
  std::vector<double> seconds;
  for (const std::int64_t count : tokens) {
    SALIENT_ASSIGN(const Tensor x, random_half(context, count, shape.cols, random));
    SALIENT_ASSIGN(const Tensor out, random_half(context, count, shape.rows, random));
    HalfProduct product(context);
    SALIENT_CHECK(product.prepare(shape.rows, shape.cols, count));
    const double operations =
        2.0 * static_cast<double>(count) * static_cast<double>(shape.rows) * static_cast<double>(shape.cols);
    SALIENT_ASSIGN(const double each, time_launches(context, launches_of(operations), [&](int i) {
                     return product.run(weights[static_cast<std::size_t>(i) % weights.size()], x, out);
                   }));
    seconds.push_back(each);
  }
  return seconds;
}

}  // namespace

Result<ProductTimings> CudaBackend::time_products(const ProductTimingOptions& options, Job& job) {
  Context& context = *context_;
  context.bind();
  ProductTimings timings;
  timings.device = context.label();
  int driver = 0;
  SALIENT_CHECK(context.check(cudaDriverGetVersion(&driver), "read the driver's version"));
  timings.driver = version_text(driver);
  timings.toolkit = version_text(CUDART_VERSION);
  SALIENT_ASSIGN(timings.read_terabytes, time_reading(context));
  SALIENT_ASSIGN(timings.peak_teraoperations, peak_teraoperations(context));
  Random random(0);
  const double total = static_cast<double>(options.shapes.size() * options.percents.size());
  double done = 0;
  for (const auto& shape : options.shapes) {
    SALIENT_ASSIGN(const std::vector<double> halves, time_halves(context, shape, options.tokens, random));
    for (const double percent : options.percents) {
      MatrixTimer timer(context, options, timings, job);
      SALIENT_CHECK(timer.run(shape, percent, halves, random));
      job.report(++done, total, fmt::format("{} x {}, p{:g}", shape.rows, shape.cols, percent));
    }
  }
  return timings;
}

}  // namespace salient::cuda

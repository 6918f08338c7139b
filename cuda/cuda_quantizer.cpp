// SPDX-License-Identifier: Apache-2.0
#include "cuda/cuda_quantizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cuda/cuda_backend.h"
#include "cuda/kernels/gptq.h"

namespace salient::cuda {
namespace {

constexpr const char* kPrepare = "factorize the Hessian";
constexpr const char* kGptq = "gptq";
constexpr double kLargestDamping = 1;
/// Rows whose energies are formed together: about this many elements (128 MiB of floats).
constexpr std::int64_t kEnergyElements = std::int64_t{1} << 25;

std::uint64_t bytes_of(std::int64_t count, std::size_t element) {
  return static_cast<std::uint64_t>(count) * element;
}

}  // namespace

class CudaQuantizer::Inputs final : public QuantizerInputs {
 public:
  [[nodiscard]] std::int64_t cols() const override { return n; }
  [[nodiscard]] std::int64_t dead_inputs() const override { return dead; }
  [[nodiscard]] double damping() const override { return damping_used; }
  [[nodiscard]] const std::string& failure() const override { return failure_text; }

  std::int64_t n = 0;
  std::int64_t group = 128;
  std::int64_t dead = 0;
  double damping_used = 0;
  std::string failure_text;
  std::vector<std::int64_t> group_order;
  std::shared_ptr<Buffer> order;     ///< int32 [n]: the column at each place of the processing order; −1: dead
  std::shared_ptr<Buffer> reversed;  ///< int32 [n]: that order backwards, dead inputs included
  std::shared_ptr<Buffer> blocks;    ///< f32 [n, group]
  std::shared_ptr<Buffer> gram;      ///< f32 [n, n]
  std::shared_ptr<Buffer> factor;    ///< f32 [n, n]: U
};

struct CudaQuantizer::Codes {
  const std::int8_t* codes = nullptr;
  const std::uint16_t* scales = nullptr;
  const std::uint8_t* zeros = nullptr;
};

Result<std::unique_ptr<QuantizerInputs>> CudaQuantizer::prepare(const Tensor& gram, std::int64_t sequences,
                                                                std::int64_t group, double damping, const Job* job) {
  Context& context = backend_.context();
  auto inputs = std::make_unique<Inputs>();
  const std::int64_t n = inputs->n = gram.cols;
  inputs->group = group;
  const auto size = static_cast<std::size_t>(n);
  const double scale = 2.0 / static_cast<double>(sequences);
  const auto* const sums = static_cast<const double*>(gram.data());

  SALIENT_ASSIGN(const auto device_diagonal, context.scratch(size * sizeof(double), kPrepare));
  auto* const diagonal_data = static_cast<double*>(device_diagonal->data());
  SALIENT_CHECK(context.check(kernels::diagonal(context.stream(), sums, n, diagonal_data), kPrepare));
  std::vector<double> diagonal(size);
  SALIENT_CHECK(context.download(diagonal_data, diagonal.data(), size * sizeof(double)));
  // What is not finite among the inputs shows in their squares.
  const auto finite = [](double value) { return std::isfinite(value); };
  const auto first = std::find_if_not(diagonal.begin(), diagonal.end(), finite);
  if (first != diagonal.end()) {
    const auto count = std::count_if(first, diagonal.end(), std::not_fn(finite));
    return Error{ErrorCode::numeric,
                 "",
                 "Gram matrix of the calibration inputs",
                 "finite values",
                 fmt::format("{} NaN or Inf on the diagonal, the first at input {}", count, first - diagonal.begin()),
                 "check the checkpoint's weights and the calibration text; an earlier layer's activations overflow"};
  }

  std::vector<bool> dead(size);
  std::vector<double> group_sums(static_cast<std::size_t>((n + group - 1) / group));
  for (std::size_t i = 0; i < size; ++i) {
    diagonal[i] *= scale;
    dead[i] = diagonal[i] == 0;
    if (dead[i]) diagonal[i] = 1;
    inputs->dead += dead[i] ? 1 : 0;
    group_sums[i / static_cast<std::size_t>(group)] += diagonal[i];
  }
  const double mean = std::accumulate(diagonal.begin(), diagonal.end(), 0.0) / static_cast<double>(n);
  inputs->group_order.resize(group_sums.size());
  std::iota(inputs->group_order.begin(), inputs->group_order.end(), 0);
  std::stable_sort(inputs->group_order.begin(), inputs->group_order.end(), [&](std::int64_t a, std::int64_t b) {
    return group_sums[static_cast<std::size_t>(a)] > group_sums[static_cast<std::size_t>(b)];
  });
  std::vector<std::int32_t> order, columns;
  for (const std::int64_t g : inputs->group_order) {
    for (std::int64_t c = g * group; c < std::min((g + 1) * group, n); ++c) {
      columns.push_back(static_cast<std::int32_t>(c));
      order.push_back(dead[static_cast<std::size_t>(c)] ? -1 : static_cast<std::int32_t>(c));
    }
  }
  std::reverse(columns.begin(), columns.end());
  const std::size_t order_bytes = size * sizeof(std::int32_t);
  SALIENT_ASSIGN(inputs->order, context.scratch(order_bytes, kPrepare));
  SALIENT_ASSIGN(inputs->reversed, context.scratch(order_bytes, kPrepare));
  SALIENT_CHECK(context.upload(order.data(), inputs->order->data(), order_bytes));
  SALIENT_CHECK(context.upload(columns.data(), inputs->reversed->data(), order_bytes));
  SALIENT_CHECK(context.upload(diagonal.data(), diagonal_data, size * sizeof(double)));

  SALIENT_ASSIGN(inputs->blocks, context.scratch(bytes_of(n * group, sizeof(float)), kPrepare));
  SALIENT_ASSIGN(inputs->gram, context.scratch(bytes_of(n * n, sizeof(float)), kPrepare));
  SALIENT_CHECK(context.check(kernels::diagonal_blocks(context.stream(), sums, scale / (mean > 0 ? mean : 1), n, group,
                                                       static_cast<float*>(inputs->blocks->data())),
                              kPrepare));
  SALIENT_CHECK(context.check(
      kernels::doubles_to_floats(context.stream(), sums, n * n, static_cast<float*>(inputs->gram->data())), kPrepare));
  double tried = damping;
  while (true) {
    SALIENT_CHECK(factorize(*inputs, gram, diagonal_data, scale, tried * mean, job));
    if (inputs->factor) {
      inputs->damping_used = tried;
      break;
    }
    if (tried >= kLargestDamping) {
      inputs->failure_text = fmt::format(
          "the Hessian of its inputs is not positive definite even with damping {:g} of its mean diagonal", tried);
      break;
    }
    tried = std::min(tried > 0 ? tried * 10 : 0.01, kLargestDamping);
  }
  return std::unique_ptr<QuantizerInputs>(std::move(inputs));
}

Status CudaQuantizer::factorize(Inputs& inputs, const Tensor& gram, const double* diagonal, double scale,
                                double damping, const Job* job) {
  Context& context = backend_.context();
  const std::int64_t n = inputs.n;
  const std::string sizes = fmt::format("{} x {}", n, n);
  SALIENT_ASSIGN(const auto failed, context.scratch(sizeof(int), kPrepare));
  auto* const flag = static_cast<int*>(failed->data());
  SALIENT_CHECK(context.check(cudaMemsetAsync(flag, 0, sizeof(int), context.stream()), kPrepare));
  SALIENT_ASSIGN(auto matrix, context.scratch(bytes_of(n * n, sizeof(double)), kPrepare));
  auto* const lower = static_cast<double*>(matrix->data());
  SALIENT_CHECK(context.check(
      kernels::permute(context.stream(), static_cast<const double*>(gram.data()),
                       static_cast<const std::int32_t*>(inputs.reversed->data()), diagonal, scale, damping, n, lower),
      kPrepare, sizes));
  SALIENT_CHECK(cholesky(lower, n, flag, job));
  SALIENT_ASSIGN(auto inverse, context.scratch(bytes_of(n * n, sizeof(double)), kPrepare));
  auto* const solution = static_cast<double*>(inverse->data());
  SALIENT_CHECK(context.check(kernels::identity(context.stream(), solution, n), kPrepare, sizes));
  const double one = 1;
  const int size = static_cast<int>(n);
  SALIENT_CHECK(context.check(cublasDtrsm(context.blas(), CUBLAS_SIDE_LEFT, CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_N,
                                          CUBLAS_DIAG_NON_UNIT, size, size, &one, lower, size, solution, size),
                              kPrepare, sizes));
  matrix.reset();
  SALIENT_ASSIGN(auto factor, context.scratch(bytes_of(n * n, sizeof(float)), kPrepare));
  SALIENT_CHECK(
      context.check(kernels::upper_factor(context.stream(), solution, n, static_cast<float*>(factor->data()), flag),
                    kPrepare, sizes));
  int failure = 0;
  SALIENT_CHECK(context.download(flag, &failure, sizeof failure));
  if (failure == 0) inputs.factor = std::move(factor);
  return {};
}

Status CudaQuantizer::cholesky(double* matrix, std::int64_t n, int* failed, const Job* job) {
  Context& context = backend_.context();
  const double one = 1, minus_one = -1;
  const int stride = static_cast<int>(n);
  for (std::int64_t first = 0; first < n; first += kernels::kFactorBlock) {
    if (job != nullptr) SALIENT_CHECK(job->check());
    const int size = static_cast<int>(std::min<std::int64_t>(kernels::kFactorBlock, n - first));
    const int rest = static_cast<int>(n - first) - size;
    double* const block = matrix + first * n + first;
    SALIENT_CHECK(context.check(kernels::factor_block(context.stream(), block, n, size, failed), kPrepare));
    if (rest == 0) break;
    double* const panel = block + size;
    SALIENT_CHECK(context.check(cublasDtrsm(context.blas(), CUBLAS_SIDE_RIGHT, CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_T,
                                            CUBLAS_DIAG_NON_UNIT, rest, size, &one, block, stride, panel, stride),
                                kPrepare));
    SALIENT_CHECK(context.check(cublasDsyrk(context.blas(), CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_N, rest, size, &minus_one,
                                            panel, stride, &one, panel + static_cast<std::int64_t>(size) * n, stride),
                                kPrepare));
  }
  return {};
}

Result<RowsQuantized> CudaQuantizer::gptq(const QuantizerInputs& prepared, const RowsToQuantize& work, const Job* job) {
  Context& context = backend_.context();
  const auto& inputs = static_cast<const Inputs&>(prepared);
  const std::int64_t n = inputs.n, count = static_cast<std::int64_t>(work.rows.size());
  const auto groups = static_cast<std::int64_t>(inputs.group_order.size());
  const std::string sizes = fmt::format("{} rows of {}", count, n);
  RowsQuantized result;
  result.codes.resize(static_cast<std::size_t>(count * n));
  result.scales.resize(static_cast<std::size_t>(count * groups));
  result.zeros.resize(result.scales.size());

  SALIENT_ASSIGN(const auto rows, context.scratch(work.rows.size_bytes(), kGptq));
  SALIENT_CHECK(context.upload(work.rows.data(), rows->data(), work.rows.size_bytes()));
  const auto* const row_indices = static_cast<const std::uint32_t*>(rows->data());
  SALIENT_ASSIGN(const auto codes, context.scratch(result.codes.size(), kGptq));
  SALIENT_ASSIGN(const auto scales, context.scratch(result.scales.size() * 2, kGptq));
  SALIENT_ASSIGN(const auto zeros, context.scratch(result.zeros.size(), kGptq));
  const std::uint64_t clipped_bytes = bytes_of(count, sizeof(std::int32_t));
  SALIENT_ASSIGN(const auto clipped, context.scratch(clipped_bytes, kGptq));
  SALIENT_CHECK(context.check(cudaMemsetAsync(clipped->data(), 0, clipped_bytes, context.stream()), kGptq));
  {
    SALIENT_ASSIGN(const auto weights, context.scratch(bytes_of(count * n, sizeof(float)), kGptq));
    SALIENT_ASSIGN(const auto errors, context.scratch(bytes_of(count * inputs.group, sizeof(float)), kGptq));
    auto* const values = static_cast<float*>(weights->data());
    const auto* const factor = static_cast<const float*>(inputs.factor->data());
    SALIENT_CHECK(
        context.check(kernels::gather_rows(context.stream(), work.weight.dtype, work.weight.data(), row_indices,
                                           static_cast<const std::int32_t*>(inputs.order->data()), count, n, values),
                      kGptq, sizes));
    std::int64_t position = 0;
    for (const std::int64_t index : inputs.group_order) {
      if (job != nullptr) SALIENT_CHECK(job->check());
      kernels::GptqGroup group;
      group.weights = values + position;
      group.stride = n;
      group.rows = count;
      group.width = static_cast<int>(std::min(inputs.group, n - index * inputs.group));
      group.group = static_cast<int>(inputs.group);
      group.groups = groups;
      group.index = index;
      group.first_column = index * inputs.group;
      group.format = work.format;
      group.block = static_cast<const float*>(inputs.blocks->data()) + group.first_column * inputs.group;
      group.factor = factor + position * n + position;
      group.scales = static_cast<std::uint16_t*>(scales->data());
      group.zeros = static_cast<std::uint8_t*>(zeros->data());
      group.clipped = static_cast<std::int32_t*>(clipped->data());
      group.codes = static_cast<std::int8_t*>(codes->data());
      group.errors = static_cast<float*>(errors->data());
      SALIENT_CHECK(context.check(kernels::choose_grids(context.stream(), group, work.clip), kGptq, sizes));
      SALIENT_CHECK(context.check(kernels::round_group(context.stream(), group), kGptq, sizes));
      const std::int64_t next = position + group.width;
      if (next < n) {  // the columns still to come make up for the errors
        CudaBackend::Product product{.operation = kGptq, .tf32 = false};
        product.m = n - next;
        product.n = count;
        product.inner = group.width;
        product.alpha = -1;
        product.beta = 1;
        product.a = factor + position * n + next;
        product.stride_a = n;
        product.b = errors->data();
        product.stride_b = group.width;
        product.c = values + next;
        product.stride_c = n;
        SALIENT_CHECK(backend_.multiply(product));
      }
      position = next;
    }
  }
  const Codes found{static_cast<const std::int8_t*>(codes->data()), static_cast<const std::uint16_t*>(scales->data()),
                    static_cast<const std::uint8_t*>(zeros->data())};
  SALIENT_ASSIGN(result.error, energy(inputs, work.weight, row_indices, count, &found));
  std::vector<std::int32_t> clipped_rows(static_cast<std::size_t>(count));
  SALIENT_CHECK(context.download(clipped->data(), clipped_rows.data(), clipped_bytes));
  result.clipped_groups = std::accumulate(clipped_rows.begin(), clipped_rows.end(), std::int64_t{0});
  SALIENT_CHECK(context.download(codes->data(), result.codes.data(), result.codes.size()));
  SALIENT_CHECK(context.download(scales->data(), result.scales.data(), result.scales.size() * 2));
  SALIENT_CHECK(context.download(zeros->data(), result.zeros.data(), result.zeros.size()));
  return result;
}

Result<double> CudaQuantizer::output_energy(const QuantizerInputs& inputs, const Tensor& weight) {
  return energy(static_cast<const Inputs&>(inputs), weight, nullptr, weight.rows, nullptr);
}

Result<double> CudaQuantizer::energy(const Inputs& inputs, const Tensor& weight, const std::uint32_t* rows,
                                     std::int64_t count, const Codes* codes) {
  Context& context = backend_.context();
  const std::int64_t n = inputs.n, groups = (n + inputs.group - 1) / inputs.group;
  const std::int64_t step = std::clamp<std::int64_t>(kEnergyElements / n, 1, std::max<std::int64_t>(count, 1));
  SALIENT_ASSIGN(const auto difference, context.scratch(bytes_of(step * n, sizeof(float)), kGptq));
  SALIENT_ASSIGN(const auto products, context.scratch(bytes_of(step * n, sizeof(float)), kGptq));
  SALIENT_ASSIGN(const auto sums, context.scratch(bytes_of(count, sizeof(double)), kGptq));
  auto* const d = static_cast<float*>(difference->data());
  for (std::int64_t first = 0; first < count; first += step) {
    const std::int64_t part = std::min(step, count - first);
    const Tensor weight_part = rows == nullptr ? weight.row_slice(first, part) : weight;
    SALIENT_CHECK(context.check(
        kernels::differences(context.stream(), weight.dtype, weight_part.data(), rows == nullptr ? rows : rows + first,
                             codes == nullptr ? nullptr : codes->codes + first * n,
                             codes == nullptr ? nullptr : codes->scales + first * groups,
                             codes == nullptr ? nullptr : codes->zeros + first * groups, part, n, inputs.group, d),
        kGptq));
    CudaBackend::Product product{.operation = kGptq, .tf32 = false};
    product.m = product.inner = n;
    product.n = part;
    product.a = inputs.gram->data();
    product.b = d;
    product.stride_a = product.stride_b = product.stride_c = n;
    product.c = static_cast<float*>(products->data());
    SALIENT_CHECK(backend_.multiply(product));
    SALIENT_CHECK(context.check(kernels::row_dots(context.stream(), d, static_cast<const float*>(product.c), part, n,
                                                  static_cast<double*>(sums->data()) + first),
                                kGptq));
  }
  std::vector<double> values(static_cast<std::size_t>(count));
  SALIENT_CHECK(context.download(sums->data(), values.data(), values.size() * sizeof(double)));
  return std::accumulate(values.begin(), values.end(), 0.0);
}

}  // namespace salient::cuda

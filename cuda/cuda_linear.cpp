// SPDX-License-Identifier: Apache-2.0
// Linear layers. A few tokens read the weight once in its own type, with fp32 activations; more of them go through
// cuBLAS: exact with 16-bit weights widened a block of rows at a time, fast with activations rounded to the weight's
// type.
#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "cuda/cuda_backend.h"
#include "cuda/kernels/kernels.h"
#include "cuda/mixed_gemm.h"

namespace salient::cuda {
namespace {

/// Weight rows are widened in blocks of about this many elements (256 MiB of floats).
constexpr std::int64_t kBlockElements = std::int64_t{1} << 26;

std::string sizes(std::int64_t tokens, const Tensor& weight) {
  return fmt::format("{} tokens, {} -> {}", tokens, weight.cols, weight.rows);
}

/// How many rows of the weight are widened at once; all where there is nothing to widen.
std::int64_t block_rows(const Tensor& weight, bool widened) {
  if (!widened) return std::max<std::int64_t>(weight.rows, 1);
  return std::clamp<std::int64_t>(kBlockElements / std::max<std::int64_t>(weight.cols, 1), 1,
                                  std::max<std::int64_t>(weight.rows, 1));
}

cudaDataType_t blas_type(DType dtype) {
  return dtype == DType::f32 ? CUDA_R_32F : dtype == DType::f16 ? CUDA_R_16F : CUDA_R_16BF;
}

}  // namespace

Status CudaBackend::multiply(const Product& p) {
  const cudaDataType_t type = blas_type(p.dtype);
  const auto transpose = [](bool wanted) { return wanted ? CUBLAS_OP_T : CUBLAS_OP_N; };
  const auto size = [](std::int64_t value) { return static_cast<int>(value); };
  const cublasComputeType_t compute =
      p.dtype == DType::f32 && p.tf32 && fast() ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
  const cublasStatus_t status = cublasGemmStridedBatchedEx(
      context_->blas(), transpose(p.transpose_a), transpose(p.transpose_b), size(p.m), size(p.n), size(p.inner),
      &p.alpha, p.a, type, size(p.stride_a), p.step_a, p.b, type, size(p.stride_b), p.step_b, &p.beta, p.c,
      blas_type(p.c_dtype), size(p.stride_c), p.step_c, size(p.count), compute, CUBLAS_GEMM_DEFAULT);
  if (status == CUBLAS_STATUS_SUCCESS) return {};
  return context_->check(status, p.operation, fmt::format("{} of {} x {} x {}", p.count, p.m, p.n, p.inner));
}

Status CudaBackend::linear_by_blas(const Tensor& x, const Tensor& weight, const Tensor& out) {
  const bool halves = fast() && weight.dtype != DType::f32;
  assert(out.dtype == DType::f32 || (halves && out.dtype == weight.dtype));
  const std::int64_t block = block_rows(weight, !halves && weight.dtype != DType::f32);
  std::shared_ptr<Buffer> x_holder;
  const void* input = nullptr;
  if (halves) {
    SALIENT_ASSIGN(input, as_halves(x, weight.dtype, x_holder, "linear"));
  } else {
    SALIENT_ASSIGN(input, as_floats(x, x_holder, "linear"));
  }
  for (std::int64_t first = 0; first < weight.rows; first += block) {
    const Tensor part = weight.row_slice(first, std::min(block, weight.rows - first));
    Product product{.operation = "linear", .transpose_a = true};  // yᵀ = W xᵀ
    product.m = part.rows;
    product.n = x.rows;
    product.inner = weight.cols;
    product.stride_a = product.stride_b = weight.cols;
    product.b = input;
    product.c_dtype = out.dtype;
    product.c = static_cast<std::byte*>(out.data()) + first * dtype_bits(out.dtype) / 8;
    product.stride_c = weight.rows;
    std::shared_ptr<Buffer> holder;
    if (halves) {
      product.dtype = weight.dtype;
      product.a = part.data();
    } else {
      SALIENT_ASSIGN(product.a, as_floats(part, holder, "linear"));
    }
    SALIENT_CHECK(multiply(product));
  }
  return {};
}

Status CudaBackend::linear(const Tensor& x, const Linear& linear, const Tensor& out) {
  context_->bind();
  if (linear.packed != nullptr) {
    const auto& matrix = static_cast<const MixedMatrix&>(*linear.packed);
    SALIENT_ASSIGN(const RoundedActivations rounded,
                   round_activations(*context_, matrix, x, mode_for(matrix.mode(), x.rows)));
    return mixed_gemm(*context_, matrix, rounded, linear.bias, out);
  }
  const Tensor& weight = linear.weight;
  assert(x.cols == weight.cols && out.cols == weight.rows && out.rows == x.rows);
  const std::string what = sizes(x.rows, weight);
  const bool few = x.rows <= kernels::kFewTokens;
  if (out.dtype != DType::f32 && (few || !fast() || out.dtype != weight.dtype)) {
    SALIENT_ASSIGN(const Tensor floats, allocate(DType::f32, out.rows, out.cols));
    SALIENT_CHECK(this->linear(x, linear, floats));
    return context_->check(kernels::narrow(context_->stream(), out.dtype, floats.f32(), out.data(), out.size()),
                           "linear", what);
  }
  Tensor input = x;
  std::shared_ptr<Buffer> widened;
  const float* floats = nullptr;
  if (few || linear.activation_group > 0) {
    SALIENT_ASSIGN(floats, as_floats(x, widened, "linear"));
  }
  if (linear.activation_group > 0) {
    SALIENT_ASSIGN(input, allocate(DType::f32, x.rows, x.cols));
    SALIENT_CHECK(context_->check(
        kernels::round_activations(context_->stream(), floats, x.rows, x.cols, linear.activation_group, input.f32()),
        "linear", what));
    floats = input.f32();
  }
  const Tensor& bias = linear.bias;
  const void* const shift = bias.empty() ? nullptr : bias.data();
  const DType shift_dtype = bias.empty() ? DType::f32 : bias.dtype;
  if (few) {
    return context_->check(kernels::linear_few_tokens(context_->stream(), floats, x.rows, weight.dtype, weight.data(),
                                                      weight.rows, weight.cols, shift_dtype, shift, out.f32()),
                           "linear", what);
  }
  SALIENT_CHECK(linear_by_blas(input, weight, out));
  if (shift == nullptr) return {};
  return context_->check(
      kernels::add_bias(context_->stream(), shift_dtype, shift, out.dtype, out.data(), out.rows, out.cols), "linear",
      what);
}

Status CudaBackend::linear_backward(const Tensor& dy, const Linear& linear, const Tensor& dx, bool accumulate) {
  const Tensor& weight = linear.weight;
  assert(dy.cols == weight.rows && dx.cols == weight.cols && dx.rows == dy.rows);
  context_->bind();
  // Gradients are too small for f16: such weights are taken to bf16.
  const bool halves = fast() && weight.dtype != DType::f32;
  const std::int64_t block = block_rows(weight, halves ? weight.dtype != DType::bf16 : weight.dtype != DType::f32);
  std::shared_ptr<Buffer> dy_holder;
  const void* gradient = dy.data();
  if (halves) {
    SALIENT_ASSIGN(gradient, as_halves(dy, DType::bf16, dy_holder, "linear_backward"));
  }
  const std::int64_t element = halves ? 2 : 4;
  for (std::int64_t first = 0; first < weight.rows; first += block) {
    const Tensor part = weight.row_slice(first, std::min(block, weight.rows - first));
    Product product{.operation = "linear_backward"};  // dxᵀ = Wᵀ dyᵀ
    product.m = weight.cols;
    product.n = dy.rows;
    product.inner = part.rows;
    product.stride_a = weight.cols;
    product.b = static_cast<const std::byte*>(gradient) + first * element;
    product.stride_b = weight.rows;
    product.beta = accumulate || first > 0 ? 1.0F : 0.0F;
    product.c = dx.f32();
    product.stride_c = weight.cols;
    std::shared_ptr<Buffer> holder;
    if (halves) {
      product.dtype = DType::bf16;
      SALIENT_ASSIGN(product.a, as_halves(part, DType::bf16, holder, "linear_backward"));
    } else {
      SALIENT_ASSIGN(product.a, as_floats(part, holder, "linear_backward"));
    }
    SALIENT_CHECK(multiply(product));
  }
  return {};
}

Result<std::shared_ptr<const PackedWeights>> CudaBackend::pack(const QuantizedMatrix& matrix, ScaleMode mode) {
  SALIENT_ASSIGN(auto packed, MixedMatrix::create(*context_, matrix, mode != ScaleMode::exact, mode));
  return std::shared_ptr<const PackedWeights>(std::move(packed));
}

Result<std::vector<std::shared_ptr<const PackedWeights>>> CudaBackend::pack_together(
    std::span<const QuantizedMatrix> matrices, ScaleMode mode) {
  const QuantizedMatrix& first = matrices.front();
  const bool alike = std::all_of(matrices.begin(), matrices.end(), [&](const QuantizedMatrix& matrix) {
    return matrix.cols == first.cols && matrix.group == first.group;
  });
  if (!alike) return Backend::pack_together(matrices, mode);
  SALIENT_ASSIGN(const auto packed, MixedMatrix::create(*context_, matrices, mode != ScaleMode::exact, mode));
  return std::vector<std::shared_ptr<const PackedWeights>>(packed.begin(), packed.end());
}

}  // namespace salient::cuda

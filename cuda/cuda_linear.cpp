// SPDX-License-Identifier: Apache-2.0
// Linear layers in fp32: a few tokens read the weight once in its own type, more of them go through cuBLAS without
// TF32, with 16-bit weights widened a block of rows at a time.
#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "cuda/cuda_backend.h"
#include "cuda/kernels/kernels.h"

namespace salient::cuda {
namespace {

/// Weight rows are widened in blocks of about this many elements (256 MiB of floats).
constexpr std::int64_t kBlockElements = std::int64_t{1} << 26;

std::string sizes(std::int64_t tokens, const Tensor& weight) {
  return fmt::format("{} tokens, {} -> {}", tokens, weight.cols, weight.rows);
}

int blas_size(std::int64_t value) {
  return static_cast<int>(value);
}

}  // namespace

Status CudaBackend::linear_by_blas(const float* x, std::int64_t tokens, const Tensor& weight, float* out) {
  const std::int64_t inputs = weight.cols, features = weight.rows;
  const std::int64_t block =
      weight.dtype == DType::f32
          ? features
          : std::clamp<std::int64_t>(kBlockElements / std::max<std::int64_t>(inputs, 1), 1, features);
  const float one = 1, zero = 0;
  for (std::int64_t first = 0; first < features; first += block) {
    const Tensor part = weight.row_slice(first, std::min(block, features - first));
    std::shared_ptr<Buffer> holder;
    SALIENT_ASSIGN(const float* const floats, as_floats(part, holder, "linear"));
    // cuBLAS counts columns first: yᵀ = W xᵀ.
    SALIENT_CHECK(context_->check(cublasSgemm(context_->blas(), CUBLAS_OP_T, CUBLAS_OP_N, blas_size(part.rows),
                                              blas_size(tokens), blas_size(inputs), &one, floats, blas_size(inputs), x,
                                              blas_size(inputs), &zero, out + first, blas_size(features)),
                                  "linear", sizes(tokens, weight)));
  }
  return {};
}

Status CudaBackend::linear(const Tensor& x, const Linear& linear, const Tensor& out) {
  context_->bind();
  const Tensor& weight = linear.weight;
  assert(x.cols == weight.cols && out.cols == weight.rows && out.rows == x.rows);
  const std::string what = sizes(x.rows, weight);
  const float* input = x.f32();
  std::shared_ptr<Buffer> rounded;
  if (linear.activation_group > 0) {
    SALIENT_ASSIGN(rounded, context_->scratch(static_cast<std::uint64_t>(x.bytes()), "linear"));
    auto* values = static_cast<float*>(rounded->data());
    SALIENT_CHECK(context_->check(
        kernels::round_activations(context_->stream(), input, x.rows, x.cols, linear.activation_group, values),
        "linear", what));
    input = values;
  }
  const Tensor& bias = linear.bias;
  const void* const shift = bias.empty() ? nullptr : bias.data();
  const DType shift_dtype = bias.empty() ? DType::f32 : bias.dtype;
  if (x.rows <= kernels::kFewTokens) {
    return context_->check(kernels::linear_few_tokens(context_->stream(), input, x.rows, weight.dtype, weight.data(),
                                                      weight.rows, weight.cols, shift_dtype, shift, out.f32()),
                           "linear", what);
  }
  SALIENT_CHECK(linear_by_blas(input, x.rows, weight, out.f32()));
  if (shift == nullptr) return {};
  return context_->check(kernels::add_bias(context_->stream(), shift_dtype, shift, out.f32(), out.rows, out.cols),
                         "linear", what);
}

Status CudaBackend::linear_backward(const Tensor& dy, const Linear& linear, const Tensor& dx, bool accumulate) {
  const Tensor& weight = linear.weight;
  assert(dy.cols == weight.rows && dx.cols == weight.cols && dx.rows == dy.rows);
  context_->bind();
  const std::int64_t inputs = weight.cols, features = weight.rows;
  const std::int64_t block =
      weight.dtype == DType::f32
          ? features
          : std::clamp<std::int64_t>(kBlockElements / std::max<std::int64_t>(inputs, 1), 1, features);
  const float one = 1;
  for (std::int64_t first = 0; first < features; first += block) {
    const Tensor part = weight.row_slice(first, std::min(block, features - first));
    std::shared_ptr<Buffer> holder;
    SALIENT_ASSIGN(const float* const floats, as_floats(part, holder, "linear_backward"));
    const float keep = accumulate || first > 0 ? 1.0F : 0.0F;
    SALIENT_CHECK(
        context_->check(cublasSgemm(context_->blas(), CUBLAS_OP_N, CUBLAS_OP_N, blas_size(inputs), blas_size(dy.rows),
                                    blas_size(part.rows), &one, floats, blas_size(inputs), dy.f32() + first,
                                    blas_size(features), &keep, dx.f32(), blas_size(inputs)),
                        "linear_backward", sizes(dy.rows, weight)));
  }
  return {};
}

Result<std::shared_ptr<const PackedWeights>> CudaBackend::pack(const QuantizedMatrix& /*matrix*/) {
  return Error{ErrorCode::unsupported,        context_->label(),    "packed weights",
               "the mixed-precision product", "a build without it", "use --device cpu"};
}

}  // namespace salient::cuda

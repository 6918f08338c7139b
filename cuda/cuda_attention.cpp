// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cassert>

#include "cuda/cuda_backend.h"
#include "cuda/kernels/kernels.h"
#include "cuda/mixed_plan.h"

namespace salient::cuda {
namespace {

/// Fewer queries would leave tensor cores idle.
constexpr std::int64_t kFewestRowsForTensorCores = 16;

kernels::Attention describe(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionShape& shape,
                            std::int64_t first_position, float* out) {
  kernels::Attention attention;
  attention.q = q.f32();
  attention.k = k.f32();
  attention.v = v.f32();
  attention.out = out;
  attention.tokens = q.rows;
  attention.first_position = first_position;
  attention.heads = static_cast<int>(shape.heads);
  attention.kv_heads = static_cast<int>(shape.kv_heads);
  attention.dim = static_cast<int>(shape.head_dim);
  return attention;
}

std::string sizes(const kernels::Attention& attention) {
  return fmt::format("{} tokens after {}, {} heads of {}, {} of keys", attention.tokens, attention.first_position,
                     attention.heads, attention.dim, attention.kv_heads);
}

}  // namespace

Status CudaBackend::check_head_dim(const AttentionShape& shape) const {
  if (shape.head_dim <= kernels::kLargestHeadDim) return {};
  return Error{ErrorCode::unsupported,
               context_->label(),
               "head_dim",
               fmt::format("at most {}", kernels::kLargestHeadDim),
               fmt::format("{}", shape.head_dim),
               "use --device cpu"};
}

Status CudaBackend::attention(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionShape& shape,
                              std::int64_t first_position, const Tensor& out) {
  assert(q.cols == shape.heads * shape.head_dim && out.size() == q.size() && shape.heads % shape.kv_heads == 0);
  assert(k.cols == shape.kv_heads * shape.head_dim && k.rows == first_position + q.rows && v.size() == k.size());
  context_->bind();
  SALIENT_CHECK(check_head_dim(shape));
  const kernels::Attention attention = describe(q, k, v, shape, first_position, out.f32());
  if (fast() && q.rows >= kFewestRowsForTensorCores) {
    const Tensor* const inputs[] = {&q, &k, &v};
    Tensor halves[3];
    for (int i = 0; i < 3; ++i) {
      SALIENT_ASSIGN(halves[i], allocate(DType::f16, inputs[i]->rows, inputs[i]->cols));
      SALIENT_CHECK(context_->check(
          kernels::narrow(context_->stream(), DType::f16, inputs[i]->f32(), halves[i].data(), halves[i].size()),
          "attention", sizes(attention)));
    }
    return half_attention(halves[0], halves[1], halves[2], shape, first_position,
                          {.values = out.data(), .type = out.dtype});
  }
  if (q.rows != 1) {
    return context_->check(kernels::attention(context_->stream(), attention), "attention", sizes(attention));
  }
  const auto floats = static_cast<std::uint64_t>(kernels::decode_partial_floats(attention, {}));
  SALIENT_ASSIGN(const auto partial, context_->scratch(floats * sizeof(float), "attention"));
  return context_->check(
      kernels::attention_decode(context_->stream(), attention, {}, static_cast<float*>(partial->data())), "attention",
      sizes(attention));
}

bool CudaBackend::has_hopper_attention(const AttentionShape& shape) const {
  return mixed::has_warpgroups(context_->capability()) && (shape.head_dim == 64 || shape.head_dim == 128);
}

Status CudaBackend::half_attention(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionShape& shape,
                                   std::int64_t first_position, const kernels::RowOutput& out) {
  assert(q.dtype == DType::f16 && k.dtype == DType::f16 && v.dtype == DType::f16);
  kernels::HalfAttention attention;
  attention.q = q.data();
  attention.k = k.data();
  attention.v = v.data();
  attention.out = out;
  attention.tokens = q.rows;
  attention.first_position = first_position;
  attention.heads = static_cast<int>(shape.heads);
  attention.kv_heads = static_cast<int>(shape.kv_heads);
  attention.dim = static_cast<int>(shape.head_dim);
  const auto kernel = has_hopper_attention(shape) ? kernels::hopper_attention : kernels::half_attention;
  return context_->check(
      kernel(context_->stream(), attention, overlaps()), "attention",
      fmt::format("{} tokens after {}, {} heads of {}", q.rows, first_position, shape.heads, shape.head_dim));
}

Status CudaBackend::attention_backward(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& out,
                                       const Tensor& dout, const AttentionShape& shape, const Tensor& dq,
                                       const Tensor& dk, const Tensor& dv) {
  assert(k.rows == q.rows && dq.size() == q.size() && dk.size() == k.size() && dv.size() == v.size());
  assert(out.size() == q.size() && dout.size() == q.size());
  context_->bind();
  SALIENT_CHECK(check_head_dim(shape));
  if (fast()) return attention_backward_by_blocks(q, k, v, dout, shape, dq, dk, dv);
  const std::uint64_t rows = static_cast<std::uint64_t>(q.rows) * static_cast<std::uint64_t>(shape.heads);
  SALIENT_ASSIGN(const auto sums, context_->scratch(2 * rows * sizeof(float), "attention_backward"));
  kernels::AttentionBackward backward;
  backward.forward = describe(q, k, v, shape, 0, out.f32());
  backward.dout = dout.f32();
  backward.log_sums = static_cast<float*>(sums->data());
  backward.projections = static_cast<float*>(sums->data()) + rows;
  backward.dq = dq.f32();
  backward.dk = dk.f32();
  backward.dv = dv.f32();
  const std::string what = sizes(backward.forward);
  SALIENT_CHECK(context_->check(
      kernels::attention_log_sums(context_->stream(), backward.forward, static_cast<float*>(sums->data())),
      "attention_backward", what));
  return context_->check(kernels::attention_backward(context_->stream(), backward), "attention_backward", what);
}

}  // namespace salient::cuda

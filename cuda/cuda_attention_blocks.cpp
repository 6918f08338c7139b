// SPDX-License-Identifier: Apache-2.0
// Gradients of attention on tensor cores through cuBLAS: a block of queries of all heads at a time, whose scores fit
// into a bounded piece of memory, with a softmax kernel between the products. Factors are bf16, scores and sums fp32.
// The heads that share keys take turns, so that their sums for dk and dv have a fixed order; the key heads go together.
#include <algorithm>
#include <cmath>

#include "cuda/cuda_backend.h"
#include "cuda/kernels/kernels.h"

namespace salient::cuda {
namespace {

constexpr std::int64_t kBlockElements = std::int64_t{1} << 25;  ///< of scores: 128 MiB
constexpr std::int64_t kMostRows = 512;

}  // namespace

struct CudaBackend::Blocks {
  AttentionShape shape;
  std::int64_t tokens = 0;
  std::int64_t rows = 0;  ///< of a block
  float scale = 1;
  std::shared_ptr<Buffer> q_holder, k_holder, v_holder;
  const std::uint16_t *q = nullptr, *k = nullptr, *v = nullptr;  ///< bf16, as the tensors
  std::shared_ptr<Buffer> scores;                                ///< fp32 [heads, rows, stride]
  std::shared_ptr<Buffer> probabilities;                         ///< bf16, likewise
  std::shared_ptr<Buffer> gradients;                             ///< fp32, of the probabilities
  std::shared_ptr<Buffer> score_gradients;                       ///< bf16

  [[nodiscard]] std::int64_t group() const { return shape.heads / shape.kv_heads; }
  [[nodiscard]] std::int64_t q_size() const { return shape.heads * shape.head_dim; }
  [[nodiscard]] std::int64_t kv_size() const { return shape.kv_heads * shape.head_dim; }
  /// Keys that a block's last query sees, and the row length of its scores: tensor cores like multiples of 8.
  [[nodiscard]] std::int64_t keys(std::int64_t first, std::int64_t count) const { return first + count; }
  static std::int64_t stride(std::int64_t keys) { return (keys + 7) / 8 * 8; }
  [[nodiscard]] kernels::ScoreRows score_rows(std::int64_t first, std::int64_t count) const {
    return {shape.heads, count, stride(keys(first, count)), first + 1};
  }
};

Result<CudaBackend::Blocks> CudaBackend::attention_blocks(const Tensor& q, const Tensor& k, const Tensor& v,
                                                          const AttentionShape& shape) {
  constexpr const char* kName = "attention";
  Blocks blocks;
  blocks.shape = shape;
  blocks.tokens = q.rows;
  blocks.scale = static_cast<float>(1 / std::sqrt(static_cast<double>(shape.head_dim)));
  const std::int64_t stride = Blocks::stride(k.rows);
  blocks.rows = std::clamp<std::int64_t>(kBlockElements / (shape.heads * stride), 1, std::min(kMostRows, q.rows));
  SALIENT_ASSIGN(const void* const q_half, as_halves(q, DType::bf16, blocks.q_holder, kName));
  SALIENT_ASSIGN(const void* const k_half, as_halves(k, DType::bf16, blocks.k_holder, kName));
  SALIENT_ASSIGN(const void* const v_half, as_halves(v, DType::bf16, blocks.v_holder, kName));
  blocks.q = static_cast<const std::uint16_t*>(q_half);
  blocks.k = static_cast<const std::uint16_t*>(k_half);
  blocks.v = static_cast<const std::uint16_t*>(v_half);
  const auto elements = static_cast<std::uint64_t>(shape.heads * blocks.rows * stride);
  SALIENT_ASSIGN(blocks.scores, context_->scratch(elements * 4, kName));
  SALIENT_ASSIGN(blocks.probabilities, context_->scratch(elements * 2, kName));
  SALIENT_ASSIGN(blocks.gradients, context_->scratch(elements * 4, kName));
  SALIENT_ASSIGN(blocks.score_gradients, context_->scratch(elements * 2, kName));
  return blocks;
}

// Matrices are row-major here and column-major for cuBLAS: each is its own transpose there.
Status CudaBackend::scores_of(const Blocks& blocks, std::int64_t first, std::int64_t count) {
  const std::int64_t dim = blocks.shape.head_dim, group = blocks.group();
  const kernels::ScoreRows rows = blocks.score_rows(first, count);
  for (std::int64_t g = 0; g < group; ++g) {
    Product product{.operation = "attention", .transpose_a = true, .dtype = DType::bf16};
    product.m = blocks.keys(first, count);
    product.n = count;
    product.inner = dim;
    product.alpha = blocks.scale;
    product.a = blocks.k;
    product.stride_a = blocks.kv_size();
    product.b = blocks.q + first * blocks.q_size() + g * dim;
    product.stride_b = blocks.q_size();
    product.c = static_cast<float*>(blocks.scores->data()) + g * count * rows.stride;
    product.stride_c = rows.stride;
    product.count = blocks.shape.kv_heads;
    product.step_a = dim;
    product.step_b = group * dim;
    product.step_c = group * count * rows.stride;
    SALIENT_CHECK(multiply(product));
  }
  return context_->check(
      kernels::softmax_rows(context_->stream(), rows, static_cast<const float*>(blocks.scores->data()),
                            blocks.probabilities->data()),
      "attention");
}

Status CudaBackend::attention_backward_by_blocks(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& dout,
                                                 const AttentionShape& shape, const Tensor& dq, const Tensor& dk,
                                                 const Tensor& dv) {
  constexpr const char* kName = "attention_backward";
  SALIENT_ASSIGN(const Blocks blocks, attention_blocks(q, k, v, shape));
  std::shared_ptr<Buffer> dout_holder;
  SALIENT_ASSIGN(const void* const dout_half, as_halves(dout, DType::bf16, dout_holder, kName));
  const auto* const dout_data = static_cast<const std::uint16_t*>(dout_half);
  for (const Tensor& sum : {dk, dv}) {
    SALIENT_CHECK(clear(sum));
  }
  const std::int64_t dim = shape.head_dim, group = blocks.group(), q_size = blocks.q_size(), kv_size = blocks.kv_size();
  for (std::int64_t first = 0; first < q.rows; first += blocks.rows) {
    const std::int64_t count = std::min(blocks.rows, q.rows - first), keys = blocks.keys(first, count);
    SALIENT_CHECK(scores_of(blocks, first, count));
    const kernels::ScoreRows rows = blocks.score_rows(first, count);
    const std::int64_t head_step = count * rows.stride;
    Product product{.operation = kName, .dtype = DType::bf16};
    product.count = shape.kv_heads;
    for (std::int64_t g = 0; g < group; ++g) {  // dp = dout vᵀ
      Product gradient = product;
      gradient.transpose_a = true;
      gradient.m = keys;
      gradient.n = count;
      gradient.inner = dim;
      gradient.a = blocks.v;
      gradient.stride_a = kv_size;
      gradient.step_a = dim;
      gradient.b = dout_data + first * q_size + g * dim;
      gradient.stride_b = q_size;
      gradient.step_b = group * dim;
      gradient.c = static_cast<float*>(blocks.gradients->data()) + g * head_step;
      gradient.stride_c = rows.stride;
      gradient.step_c = group * head_step;
      SALIENT_CHECK(multiply(gradient));
    }
    SALIENT_CHECK(context_->check(kernels::softmax_rows_backward(context_->stream(), rows, blocks.probabilities->data(),
                                                                 static_cast<const float*>(blocks.gradients->data()),
                                                                 blocks.scale, blocks.score_gradients->data()),
                                  kName));
    for (std::int64_t g = 0; g < group; ++g) {
      const auto* const p = static_cast<const std::uint16_t*>(blocks.probabilities->data()) + g * head_step;
      const auto* const ds = static_cast<const std::uint16_t*>(blocks.score_gradients->data()) + g * head_step;
      Product of_queries = product;  // dq = ds k
      of_queries.m = dim;
      of_queries.n = count;
      of_queries.inner = keys;
      of_queries.a = blocks.k;
      of_queries.stride_a = kv_size;
      of_queries.step_a = dim;
      of_queries.b = ds;
      of_queries.stride_b = rows.stride;
      of_queries.step_b = group * head_step;
      of_queries.c = dq.f32() + first * q_size + g * dim;
      of_queries.stride_c = q_size;
      of_queries.step_c = group * dim;
      SALIENT_CHECK(multiply(of_queries));
      Product of_keys = product;  // dk += dsᵀ q
      of_keys.transpose_b = true;
      of_keys.m = dim;
      of_keys.n = keys;
      of_keys.inner = count;
      of_keys.a = blocks.q + first * q_size + g * dim;
      of_keys.stride_a = q_size;
      of_keys.step_a = group * dim;
      of_keys.b = ds;
      of_keys.stride_b = rows.stride;
      of_keys.step_b = group * head_step;
      of_keys.beta = 1;
      of_keys.c = dk.f32();
      of_keys.stride_c = kv_size;
      of_keys.step_c = dim;
      SALIENT_CHECK(multiply(of_keys));
      of_keys.a = dout_data + first * q_size + g * dim;  // dv += pᵀ dout
      of_keys.b = p;
      of_keys.c = dv.f32();
      SALIENT_CHECK(multiply(of_keys));
    }
  }
  return {};
}

}  // namespace salient::cuda

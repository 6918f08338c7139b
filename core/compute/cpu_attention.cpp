// SPDX-License-Identifier: Apache-2.0
// Causal attention by blocks of queries and keys with a running softmax (Milakov and Gimelshein 2018; Dao et al.
// 2022): memory does not grow with the square of the sequence, and blocks above the diagonal are never touched.
#include <cblas.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/compute/cpu_backend.h"

namespace salient {
namespace {

constexpr std::int64_t kQueryBlock = 128;
constexpr std::int64_t kKeyBlock = 512;
constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();

/// A matrix inside a larger one: one head's columns of some rows.
struct View {
  float* data;
  std::int64_t stride;
};

enum class Transpose { none, left, right };

/// c[m, n] = alpha · a b (or aᵀ b, or a bᵀ) + beta · c, with `inner` products to an element.
void multiply(Transpose transpose, std::int64_t m, std::int64_t n, std::int64_t inner, float alpha, View a, View b,
              float beta, View c) {
  cblas_sgemm(CblasRowMajor, transpose == Transpose::left ? CblasTrans : CblasNoTrans,
              transpose == Transpose::right ? CblasTrans : CblasNoTrans, static_cast<int>(m), static_cast<int>(n),
              static_cast<int>(inner), alpha, a.data, static_cast<int>(a.stride), b.data, static_cast<int>(b.stride),
              beta, c.data, static_cast<int>(c.stride));
}

View head_view(const Tensor& tensor, std::int64_t row, std::int64_t head, std::int64_t head_dim) {
  return {tensor.f32() + row * tensor.cols + head * head_dim, tensor.cols};
}

float softmax_scale(std::int64_t head_dim) {
  return static_cast<float>(1 / std::sqrt(static_cast<double>(head_dim)));
}

/// One query against all keys.
void attend_one(const FloatKernels& floats, const float* query, View keys, View values, std::int64_t count,
                std::int64_t dim, float* scores, float* out) {
  const float scale = softmax_scale(dim);
  for (std::int64_t k = 0; k < count; ++k)
    scores[k] = scale * floats.dot(query, keys.data + k * keys.stride, dim);
  const float sum = floats.exp_shifted(scores, count, floats.maximum(scores, count));
  std::fill_n(out, dim, 0.0F);
  for (std::int64_t k = 0; k < count; ++k) {
    floats.add_scaled(values.data + k * values.stride, scores[k] / sum, out, dim);
  }
}

/// Queries at positions [position, position + count) of one head against the keys up to themselves.
void attend_block(const FloatKernels& floats, View queries, View keys, View values, std::int64_t position,
                  std::int64_t count, std::int64_t dim, float* scores, View out) {
  const float scale = softmax_scale(dim);
  float peaks[kQueryBlock], sums[kQueryBlock];
  std::fill_n(peaks, count, kMinusInfinity);
  std::fill_n(sums, count, 0.0F);
  const std::int64_t all_keys = position + count;
  for (std::int64_t first = 0; first < all_keys; first += kKeyBlock) {
    const std::int64_t width = std::min(kKeyBlock, all_keys - first);
    const View block{scores, width};
    multiply(Transpose::right, count, width, dim, scale, queries, {keys.data + first * keys.stride, keys.stride}, 0,
             block);
    for (std::int64_t i = 0; i < count; ++i) {
      float* row = scores + i * width;
      const std::int64_t visible = std::clamp<std::int64_t>(position + i + 1 - first, 0, width);
      std::fill(row + visible, row + width, 0.0F);
      if (visible == 0) continue;
      const float peak = std::max(peaks[i], floats.maximum(row, visible));
      const float correction = first == 0 ? 0.0F : std::exp(peaks[i] - peak);
      sums[i] = sums[i] * correction + floats.exp_shifted(row, visible, peak);
      peaks[i] = peak;
      if (first > 0 && correction != 1.0F) floats.scale(out.data + i * out.stride, dim, correction);
    }
    multiply(Transpose::none, count, dim, width, 1, block, {values.data + first * values.stride, values.stride},
             first == 0 ? 0.0F : 1.0F, out);
  }
  for (std::int64_t i = 0; i < count; ++i)
    floats.scale(out.data + i * out.stride, dim, 1 / sums[i]);
}

}  // namespace

Status CpuBackend::attention(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionShape& shape,
                             std::int64_t first_position, const Tensor& out) {
  assert(q.cols == shape.heads * shape.head_dim && out.size() == q.size() && shape.heads % shape.kv_heads == 0);
  assert(k.cols == shape.kv_heads * shape.head_dim && k.rows == first_position + q.rows && v.size() == k.size());
  const std::int64_t dim = shape.head_dim, group = shape.heads / shape.kv_heads;
  const std::int64_t blocks = (q.rows + kQueryBlock - 1) / kQueryBlock;
  return guarded("attention", [&] {
    if (q.rows == 1) {
      threads_.parallel_for(shape.heads, 1, [&](std::int64_t begin, std::int64_t end) {
        const Scratch scores(*memory_, k.rows);
        for (std::int64_t head = begin; head < end; ++head) {
          attend_one(floats_, head_view(q, 0, head, dim).data, head_view(k, 0, head / group, dim),
                     head_view(v, 0, head / group, dim), k.rows, dim, scores.data(), head_view(out, 0, head, dim).data);
        }
      });
      return;
    }
    // The last blocks have the most keys: they go first, so that no thread ends long after the others.
    threads_.parallel_for(shape.heads * blocks, 1, [&](std::int64_t begin, std::int64_t end) {
      const Scratch scores(*memory_, kQueryBlock * kKeyBlock);
      for (std::int64_t i = begin; i < end; ++i) {
        const std::int64_t head = i % shape.heads, row = (blocks - 1 - i / shape.heads) * kQueryBlock;
        attend_block(floats_, head_view(q, row, head, dim), head_view(k, 0, head / group, dim),
                     head_view(v, 0, head / group, dim), first_position + row, std::min(kQueryBlock, q.rows - row), dim,
                     scores.data(), head_view(out, row, head, dim));
      }
    });
  });
}

namespace {

constexpr std::int64_t kGradientBlock = 64;  ///< queries: their rows of probabilities over all keys are kept

/// One head's matrices.
struct HeadBackward {
  View q, k, v, out, dout, dq;
  View dk, dv;  ///< added to
};

/// Queries [row, row + count): dq complete, dk and dv their share.
void backward_block(const FloatKernels& floats, const HeadBackward& head, std::int64_t row, std::int64_t count,
                    std::int64_t dim, float* scores, float* gradients) {
  const float scale = softmax_scale(dim);
  const std::int64_t keys = row + count;
  const auto rows_of = [&](View view) { return View{view.data + row * view.stride, view.stride}; };
  const View p{scores, keys}, dp{gradients, kKeyBlock};
  multiply(Transpose::right, count, keys, dim, scale, rows_of(head.q), head.k, 0, p);
  float projections[kGradientBlock];
  for (std::int64_t i = 0; i < count; ++i) {
    float* line = scores + i * keys;
    const std::int64_t visible = row + i + 1;
    const float sum = floats.exp_shifted(line, visible, floats.maximum(line, visible));
    floats.scale(line, visible, 1 / sum);
    std::fill(line + visible, line + keys, 0.0F);
    projections[i] =
        floats.dot(head.out.data + (row + i) * head.out.stride, head.dout.data + (row + i) * head.dout.stride, dim);
  }
  for (std::int64_t first = 0; first < keys; first += kKeyBlock) {
    const std::int64_t width = std::min(kKeyBlock, keys - first);
    const auto keys_of = [&](View view) { return View{view.data + first * view.stride, view.stride}; };
    const View part{p.data + first, p.stride};
    multiply(Transpose::left, width, dim, count, 1, part, rows_of(head.dout), 1, keys_of(head.dv));
    multiply(Transpose::right, count, width, dim, 1, rows_of(head.dout), keys_of(head.v), 0, dp);
    for (std::int64_t i = 0; i < count; ++i) {
      floats.softmax_backward(part.data + i * part.stride, dp.data + i * dp.stride, projections[i], scale, width);
    }
    multiply(Transpose::none, count, dim, width, 1, dp, keys_of(head.k), first == 0 ? 0.0F : 1.0F, rows_of(head.dq));
    multiply(Transpose::left, width, dim, count, 1, dp, rows_of(head.q), 1, keys_of(head.dk));
  }
}

/// Into how many shares the queries of one key head are dealt out: enough for many threads, but each share has its
/// own sums for dk and dv.
std::int64_t share_count(std::int64_t tokens, std::int64_t blocks, const AttentionShape& shape) {
  constexpr std::int64_t kPieces = 32, kMostElements = std::int64_t{1} << 25;
  const std::int64_t elements = 2 * tokens * shape.kv_heads * shape.head_dim;
  return std::max<std::int64_t>(1, std::min({kPieces / shape.kv_heads, kMostElements / elements, blocks}));
}

}  // namespace

Status CpuBackend::attention_backward(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& out,
                                      const Tensor& dout, const AttentionShape& shape, const Tensor& dq,
                                      const Tensor& dk, const Tensor& dv) {
  assert(k.rows == q.rows && dq.size() == q.size() && dk.size() == k.size() && dv.size() == v.size());
  assert(out.size() == q.size() && dout.size() == q.size());
  const std::int64_t tokens = q.rows, dim = shape.head_dim, group = shape.heads / shape.kv_heads;
  const std::int64_t blocks = (tokens + kGradientBlock - 1) / kGradientBlock;
  const std::int64_t shares = share_count(tokens, blocks, shape);
  return guarded("attention_backward", [&] {
    const Scratch sums(*memory_, 2 * shares * k.size());
    threads_.parallel_for(shape.kv_heads * shares, 1, [&](std::int64_t begin, std::int64_t end) {
      const Scratch scores(*memory_, kGradientBlock * tokens), gradients(*memory_, kGradientBlock * kKeyBlock);
      for (std::int64_t piece = begin; piece < end; ++piece) {
        const std::int64_t kv_head = piece % shape.kv_heads, share = piece / shape.kv_heads;
        float* key_sums = sums.data() + 2 * share * k.size() + kv_head * tokens * dim;
        float* value_sums = key_sums + k.size();
        std::fill_n(key_sums, tokens * dim, 0.0F);
        std::fill_n(value_sums, tokens * dim, 0.0F);
        for (std::int64_t head = kv_head * group; head < (kv_head + 1) * group; ++head) {
          const HeadBackward views{head_view(q, 0, head, dim),
                                   head_view(k, 0, kv_head, dim),
                                   head_view(v, 0, kv_head, dim),
                                   head_view(out, 0, head, dim),
                                   head_view(dout, 0, head, dim),
                                   head_view(dq, 0, head, dim),
                                   {key_sums, dim},
                                   {value_sums, dim}};
          for (std::int64_t block = share; block < blocks; block += shares) {
            const std::int64_t row = block * kGradientBlock;
            backward_block(floats_, views, row, std::min(kGradientBlock, tokens - row), dim, scores.data(),
                           gradients.data());
          }
        }
      }
    });
    // The shares' sums, in their order.
    for_rows(tokens * shape.kv_heads, dim, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const std::int64_t kv_head = i % shape.kv_heads, token = i / shape.kv_heads;
        const float* part = sums.data() + (kv_head * tokens + token) * dim;
        float* key = dk.f32() + i * dim;
        float* value = dv.f32() + i * dim;
        std::copy_n(part, dim, key);
        std::copy_n(part + k.size(), dim, value);
        for (std::int64_t share = 1; share < shares; ++share) {
          part += 2 * k.size();
          floats_.add(part, key, dim);
          floats_.add(part + k.size(), value, dim);
        }
      }
    });
  });
}

}  // namespace salient

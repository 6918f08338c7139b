// SPDX-License-Identifier: Apache-2.0
// The kernels as host code sees them: each function launches on a stream and returns what the launch gave. Pointers are
// addresses of the device; matrices are row-major and contiguous unless a stride says otherwise.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "core/base/dtype.h"

namespace salient::cuda::kernels {

// convert.cu
[[nodiscard]] cudaError_t widen(cudaStream_t stream, DType dtype, const void* source, float* out, std::int64_t count);
/// To f16 or bf16, to the nearest.
[[nodiscard]] cudaError_t narrow(cudaStream_t stream, DType dtype, const float* source, void* out, std::int64_t count);
/// out[t, c] += bias[c]
[[nodiscard]] cudaError_t add_bias(cudaStream_t stream, DType dtype, const void* bias, DType out_dtype, void* out,
                                   std::int64_t rows, std::int64_t cols);
/// accumulator += x
[[nodiscard]] cudaError_t add(cudaStream_t stream, const float* x, float* accumulator, std::int64_t count);
/// x rounded to 8 bit for each row and group, as values again (quantize_activation_group).
[[nodiscard]] cudaError_t round_activations(cudaStream_t stream, const float* x, std::int64_t rows, std::int64_t cols,
                                            std::int64_t group, float* out);

// embed.cu
[[nodiscard]] cudaError_t embed(cudaStream_t stream, const std::int32_t* ids, std::int64_t tokens, DType dtype,
                                const void* table, std::int64_t cols, float* out);

/// Where an operation leaves its rows: as values, or in 8 bit for the mixed-precision product that reads them.
struct RowOutput {
  void* values = nullptr;  ///< [rows, cols] of `type`: f32, f16 or bf16
  DType type = DType::f32;
  // Or, in the order of mixed_kernels.h:
  std::int8_t* codes = nullptr;
  float* scales = nullptr;
  /// 32, 64 or 128; rms_norm(), and swiglu_rows() for multiples of 128 columns, take 0 as well: one scale for a row.
  int group = 128;
  bool transposed = false;
};
// `overlap`: where the device can order it (compute capability 9.0 on), a kernel starts while the one before ends.

// rms_norm.cu
struct Norm {
  float* x = nullptr;             ///< [rows, cols]; x += addend before
  const float* addend = nullptr;  ///< or null: x is only read
  DType weight_type = DType::f32;
  const void* weight = nullptr;
  float epsilon = 0;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
};
[[nodiscard]] cudaError_t rms_norm(cudaStream_t stream, const Norm& norm, const RowOutput& out, bool overlap);
[[nodiscard]] cudaError_t rms_norm_backward(cudaStream_t stream, const float* x, DType dtype, const void* weight,
                                            float epsilon, const float* dy, float* dx, bool accumulate,
                                            std::int64_t rows, std::int64_t cols);

// rope.cu
/// cos, sin: rows of positions from `first_position` on, [*, head_dim/2].
[[nodiscard]] cudaError_t rope(cudaStream_t stream, float* x, const float* cosine, const float* sine,
                               std::int64_t tokens, std::int64_t cols, std::int64_t head_dim,
                               std::int64_t first_position, bool inverse);

// swiglu.cu
[[nodiscard]] cudaError_t swiglu(cudaStream_t stream, const float* gate, const float* up, float* out,
                                 std::int64_t count);
/// silu(gate) · up of `projected` [rows, 2 · cols]: gate and up side by side, of `dtype`.
[[nodiscard]] cudaError_t swiglu_rows(cudaStream_t stream, DType dtype, const void* projected, std::int64_t rows,
                                      std::int64_t cols, const RowOutput& out, bool overlap);
[[nodiscard]] cudaError_t swiglu_backward(cudaStream_t stream, const float* gate, const float* up, const float* dout,
                                          float* dgate, float* dup, std::int64_t count);

// cross_entropy.cu
[[nodiscard]] cudaError_t cross_entropy(cudaStream_t stream, const float* logits, const std::int32_t* targets,
                                        float* nll, std::int64_t rows, std::int64_t cols);
[[nodiscard]] cudaError_t cross_entropy_backward(cudaStream_t stream, float* logits, const std::int32_t* targets,
                                                 float scale, std::int64_t rows, std::int64_t cols);

// sample.cu
inline constexpr std::int32_t kNanLogits = -1;       ///< in the place of a token
inline constexpr std::int32_t kInfiniteLogits = -2;  ///< +Inf, or nothing above −Inf
struct SampleRows {
  const float* logits = nullptr;  ///< [rows, cols]
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  double temperature = 0;
  double top_p = 1;
  const std::uint64_t* draws = nullptr;  ///< [rows]
  std::uint64_t* weights = nullptr;      ///< scratch [rows, cols]; of no use to temperature 0
  std::int32_t* ids = nullptr;           ///< [rows]
};
/// ids[r] = sample_token(logits[r]), or one of the constants above.
[[nodiscard]] cudaError_t sample_rows(cudaStream_t stream, const SampleRows& work);

// few_tokens.cu
/// Products of up to kFewTokens tokens read the weight once, in its own type.
inline constexpr std::int64_t kFewTokens = 4;
/// out [tokens, rows] = x [tokens, cols] Wᵀ + bias; sums in fp32. `bias` may be null.
[[nodiscard]] cudaError_t linear_few_tokens(cudaStream_t stream, const float* x, std::int64_t tokens, DType dtype,
                                            const void* weight, std::int64_t rows, std::int64_t cols, DType bias_dtype,
                                            const void* bias, float* out);

// attention.cu, attention_decode.cu, attention_backward.cu: in fp32
struct Attention {
  const float* q = nullptr;  ///< [tokens, heads · dim]
  const float* k = nullptr;  ///< [first_position + tokens, kv_heads · dim]
  const float* v = nullptr;
  float* out = nullptr;  ///< as q
  std::int64_t tokens = 0;
  std::int64_t first_position = 0;
  int heads = 0;
  int kv_heads = 0;
  int dim = 0;
};
inline constexpr int kLargestHeadDim = 256;
[[nodiscard]] cudaError_t attention(cudaStream_t stream, const Attention& attention);
/// log Σ exp of each row of scores: sums [heads, tokens].
[[nodiscard]] cudaError_t attention_log_sums(cudaStream_t stream, const Attention& attention, float* sums);

/// One token of each of `sequences` against the past, in pieces of kDecodePiece keys. `attention` describes one
/// sequence; sequence b has its keys from row b · capacity on, positions[b] + 1 of them, or without `positions`
/// first_position + 1. `partial`: decode_partial_floats() floats.
inline constexpr std::int64_t kDecodePiece = 128;
struct Sequences {
  std::int64_t count = 1;
  std::int64_t capacity = 0;                ///< at least as many as keys
  const std::int32_t* positions = nullptr;  ///< in device memory
};
[[nodiscard]] std::int64_t decode_partial_floats(const Attention& attention, const Sequences& sequences);
[[nodiscard]] cudaError_t attention_decode(cudaStream_t stream, const Attention& attention, const Sequences& sequences,
                                           float* partial);

// attention_read.cu
/// Tokens with query, key and value side by side, [tokens, (heads + 2 kv_heads) · dim] of `type`, before rotation, and
/// the caches their keys and values belong to.
struct Projected {
  const void* data = nullptr;
  DType type = DType::f32;
  std::int64_t tokens = 0;
  int heads = 0;
  int kv_heads = 0;
  int dim = 0;
  const float* cosine = nullptr;  ///< [positions, dim/2]
  const float* sine = nullptr;
  DType cache_type = DType::f32;  ///< f32 or f16
  void* keys = nullptr;           ///< [*, kv_heads · dim]
  void* values = nullptr;
  /// Token t is the next one of sequence t, at positions[t] (in device memory), in row t · capacity + positions[t].
  /// Without: tokens of one sequence, at first_position + t, which is the row too.
  const std::int32_t* positions = nullptr;
  std::int64_t capacity = 0;
  std::int64_t first_position = 0;
};
/// Turns queries, to `queries` [tokens, heads · dim] of the cache's type, and keys; appends keys and values.
[[nodiscard]] cudaError_t append_to_cache(cudaStream_t stream, const Projected& projected, void* queries, bool overlap);

/// Causal attention on tensor cores: f16 factors, sums in fp32, probabilities rounded to f16.
struct HalfAttention {
  const void* q = nullptr;  ///< f16, as in Attention
  const void* k = nullptr;
  const void* v = nullptr;
  RowOutput out;  ///< [tokens, heads · dim]
  std::int64_t tokens = 0;
  std::int64_t first_position = 0;
  int heads = 0;
  int kv_heads = 0;
  int dim = 0;  ///< at most kLargestHeadDim
};
[[nodiscard]] cudaError_t half_attention(cudaStream_t stream, const HalfAttention& attention, bool overlap);

// attention_read_hopper.cu
/// The same with Hopper's instructions (sm_90a), for heads of 64 and 128. `out` may be in 8 bit if a head is a group
/// and heads · dim a multiple of 128; values are rounded to f16 first.
[[nodiscard]] cudaError_t hopper_attention(cudaStream_t stream, const HalfAttention& attention, bool overlap);

// attention_step.cu
/// The same for one token of each sequence (projected.positions), with a cache of f16: append_to_cache() and attention.
/// `hopper`: the device is of compute capability 9.0. `partial`: step_partial_floats() floats.
[[nodiscard]] std::int64_t step_partial_floats(const Projected& projected, int multiprocessors, bool hopper);
[[nodiscard]] cudaError_t half_attention_step(cudaStream_t stream, const Projected& projected, int multiprocessors,
                                              bool hopper, float* partial, const RowOutput& out, bool overlap);

struct AttentionBackward {
  Attention forward;  ///< `out` is read here
  const float* dout = nullptr;
  const float* log_sums = nullptr;  ///< attention_log_sums()
  float* projections = nullptr;     ///< [heads, tokens]: Σ out·dout, written here first
  float* dq = nullptr;
  float* dk = nullptr;
  float* dv = nullptr;
};
[[nodiscard]] cudaError_t attention_backward(cudaStream_t stream, const AttentionBackward& backward);

// softmax_rows.cu: rows of scores [heads, rows, stride], of which row r of each head sees its first `visible + r` keys.
struct ScoreRows {
  std::int64_t heads = 0;
  std::int64_t rows = 0;
  std::int64_t stride = 0;
  std::int64_t visible = 0;
};
/// probabilities (bf16) = softmax(scores), zero where nothing is seen.
[[nodiscard]] cudaError_t softmax_rows(cudaStream_t stream, const ScoreRows& shape, const float* scores,
                                       void* probabilities);
/// out (bf16) = p · (dp − Σ p·dp) · scale: the gradient of the scores.
[[nodiscard]] cudaError_t softmax_rows_backward(cudaStream_t stream, const ScoreRows& shape, const void* probabilities,
                                                const float* gradients, float scale, void* out);

// statistics.cu
/// out = Q4(W) − W
[[nodiscard]] cudaError_t quantization_delta(cudaStream_t stream, DType dtype, const void* weight, std::int64_t rows,
                                             std::int64_t cols, std::int64_t group, float* out);
/// sums[c] = Σ_t a[t,c]·b[t,c]; `partial`: kColumnPieces · cols doubles.
inline constexpr std::int64_t kColumnPieces = 16;
[[nodiscard]] cudaError_t column_dot(cudaStream_t stream, const float* a, const float* b, std::int64_t rows,
                                     std::int64_t cols, double* partial, double* sums);
/// sums[r] = Σ_k (a[r,k]·b[r,k])²
[[nodiscard]] cudaError_t squared_products(cudaStream_t stream, const float* a, const float* b, std::int64_t rows,
                                           std::int64_t cols, double* sums);
/// gram[first + r, c] += product[r, c] for r < rows and c ≥ first + r: the upper triangle, from a strip of it.
[[nodiscard]] cudaError_t add_gram_strip(cudaStream_t stream, const float* product, std::int64_t first,
                                         std::int64_t rows, std::int64_t cols, double* gram);
/// The lower triangle from the upper one.
[[nodiscard]] cudaError_t mirror_upper(cudaStream_t stream, std::int64_t cols, double* gram);

}  // namespace salient::cuda::kernels

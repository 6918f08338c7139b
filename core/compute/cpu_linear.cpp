// SPDX-License-Identifier: Apache-2.0
// Linear layers. A few tokens read the weight once in its own dtype; many tokens widen blocks of it to float once
// and leave tiles of the product to BLAS.
#include <cblas.h>

#include <algorithm>
#include <vector>

#include "core/compute/cpu_backend.h"

namespace salient {
namespace {

constexpr std::int64_t kFewTokens = 4;
constexpr std::int64_t kTokenTile = 256;
/// Weight rows are widened in blocks of about this many elements (64 MiB of floats).
constexpr std::int64_t kBlockElements = std::int64_t{1} << 24;
constexpr std::int64_t kPieceElements = 1 << 15;

constexpr std::int64_t tiles(std::int64_t count, std::int64_t tile) {
  return (count + tile - 1) / tile;
}

/// Features to a tile: wide ones are faster, but there should be enough tiles for many threads.
std::int64_t feature_tile(std::int64_t tokens, std::int64_t features) {
  constexpr std::int64_t kWide = 512, kNarrow = 256, kEnough = 32;
  if (tiles(tokens, kTokenTile) * tiles(features, kWide) >= kEnough) return kWide;
  if (tiles(tokens, kTokenTile) * tiles(features, kNarrow) >= kEnough / 2 || tokens >= kTokenTile) return kNarrow;
  return kNarrow / 2;
}

struct Tile {
  std::int64_t token, tokens, feature, features;
};

/// Calls body for each tile of a [tokens, features] product, on all threads.
template <class Body>
void for_tiles(ThreadPool& threads, std::int64_t tokens, std::int64_t features, const Body& body) {
  const std::int64_t width = feature_tile(tokens, features);
  const std::int64_t down = tiles(tokens, kTokenTile);
  threads.parallel_for(down * tiles(features, width), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t token = i % down * kTokenTile, feature = i / down * width;
      body(Tile{token, std::min(kTokenTile, tokens - token), feature, std::min(width, features - feature)});
    }
  });
}

/// The weight as floats, a block of rows after the other: body(floats, first row, rows).
template <class Body>
void for_weight_blocks(const Tensor& weight, ThreadPool& threads, const FloatKernels& floats, MemoryPool& memory,
                       const Body& body) {
  if (weight.dtype == DType::f32) return body(static_cast<const float*>(weight.f32()), 0, weight.rows);
  const std::int64_t block = std::clamp<std::int64_t>(kBlockElements / weight.cols, 1, weight.rows);
  const Scratch scratch(memory, block * weight.cols);
  for (std::int64_t first = 0; first < weight.rows; first += block) {
    const std::int64_t rows = std::min(block, weight.rows - first);
    const auto* source = static_cast<const std::uint16_t*>(weight.data()) + first * weight.cols;
    threads.parallel_for(rows * weight.cols, kPieceElements, [&](std::int64_t begin, std::int64_t end) {
      floats.widen(weight.dtype, source + begin, scratch.data() + begin, end - begin);
    });
    body(static_cast<const float*>(scratch.data()), first, rows);
  }
}

int blas(std::int64_t value) {
  return static_cast<int>(value);
}

/// Tokens rounded to 8 bit for each group.
struct RoundedTokens {
  std::vector<float> codes;   ///< [tokens, cols]
  std::vector<float> scales;  ///< [tokens, groups]
};

RoundedTokens round_tokens(const float* x, std::int64_t tokens, std::int64_t cols, std::int64_t group,
                           ThreadPool& threads) {
  const std::int64_t groups = group_count(cols, group);
  RoundedTokens rounded{std::vector<float>(static_cast<std::size_t>(tokens * cols)),
                        std::vector<float>(static_cast<std::size_t>(tokens * groups))};
  threads.parallel_for(tokens, std::max<std::int64_t>(kPieceElements / cols, 1),
                       [&](std::int64_t begin, std::int64_t end) {
                         std::vector<std::int8_t> codes(static_cast<std::size_t>(group));
                         for (std::int64_t i = begin * groups; i < end * groups; ++i) {
                           const std::int64_t at = i / groups * cols + i % groups * group;
                           const auto width = static_cast<std::size_t>(std::min(group, cols - i % groups * group));
                           rounded.scales[static_cast<std::size_t>(i)] =
                               quantize_activation_group({x + at, width}, std::span(codes).first(width));
                           std::copy_n(codes.begin(), width, rounded.codes.begin() + at);
                         }
                       });
  return rounded;
}

/// out (of row stride `stride`) = the tile's products in the arithmetic of the packed kernels. A weight over its scale
/// is a code of METHOD §1's grids, so a group's sum of codes times codes stays below 2²⁴: in float it is exact in
/// whatever order BLAS adds, as the kernels' integer sum is. What follows, times the weight's scale, times the
/// activations', added to the groups before, is their arithmetic too. `weight` [features, cols], `scales` [features,
/// groups] and `bias` begin at the tile's first feature.
void simulate_tile(const RoundedTokens& x, const Tile& tile, const float* weight, const float* scales,
                   std::int64_t cols, std::int64_t group, const float* bias, float* out, std::int64_t stride) {
  constexpr std::int64_t kBlock = 128;  // tokens whose sums stay in the second-level cache
  const std::int64_t groups = group_count(cols, group);
  std::vector<float> codes(static_cast<std::size_t>(tile.features * group));
  std::vector<float> own(static_cast<std::size_t>(tile.features));
  std::vector<float> sums(static_cast<std::size_t>(std::min(kBlock, tile.tokens) * tile.features));
  for (std::int64_t t = 0; t < tile.tokens; ++t)
    std::fill_n(out + t * stride, tile.features, 0.0F);
  for (std::int64_t g = 0; g < groups; ++g) {
    const std::int64_t first = g * group, width = std::min(group, cols - first);
    for (std::int64_t n = 0; n < tile.features; ++n) {
      const float scale = own[static_cast<std::size_t>(n)] = scales[n * groups + g];
      for (std::int64_t k = 0; k < width; ++k)
        codes[static_cast<std::size_t>(n * width + k)] = weight[n * cols + first + k] / scale;
    }
    for (std::int64_t block = 0; block < tile.tokens; block += kBlock) {
      const std::int64_t count = std::min(kBlock, tile.tokens - block), token = tile.token + block;
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, blas(count), blas(tile.features), blas(width), 1.0F,
                  x.codes.data() + token * cols + first, blas(cols), codes.data(), blas(width), 0.0F, sums.data(),
                  blas(tile.features));
      for (std::int64_t t = 0; t < count; ++t) {
        const float scale = x.scales[static_cast<std::size_t>((token + t) * groups + g)];
        const float* from = sums.data() + t * tile.features;
        float* to = out + (block + t) * stride;
        for (std::int64_t n = 0; n < tile.features; ++n)
          to[n] += from[n] * own[static_cast<std::size_t>(n)] * scale;
      }
    }
  }
  if (bias == nullptr) return;
  for (std::int64_t t = 0; t < tile.tokens; ++t) {
    for (std::int64_t n = 0; n < tile.features; ++n)
      out[t * stride + n] += bias[n];
  }
}

}  // namespace

void CpuBackend::linear_few_tokens(const float* x, std::int64_t tokens, const Linear& linear, const float* bias,
                                   float* y) {
  const Tensor& weight = linear.weight;
  const auto* source = static_cast<const std::byte*>(weight.data());
  const std::int64_t row_bytes = weight.cols * dtype_bits(weight.dtype) / 8;
  for_rows(weight.rows, weight.cols, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = begin; n < end; ++n) {
      float sums[kFewTokens];
      floats_.dot_tokens(weight.dtype, source + n * row_bytes, x, weight.cols, tokens, sums);
      for (std::int64_t t = 0; t < tokens; ++t)
        y[t * weight.rows + n] = sums[t] + (bias != nullptr ? bias[n] : 0);
    }
  });
}

void CpuBackend::linear_blocked(const float* x, std::int64_t tokens, const Linear& linear, const float* bias,
                                float* y) {
  const std::int64_t inner = linear.weight.cols, features = linear.weight.rows;
  for_weight_blocks(linear.weight, threads_, floats_, *memory_,
                    [&](const float* weight, std::int64_t first, std::int64_t rows) {
                      for_tiles(threads_, tokens, rows, [&](const Tile& tile) {
                        float* out = y + tile.token * features + first + tile.feature;
                        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, blas(tile.tokens), blas(tile.features),
                                    blas(inner), 1.0F, x + tile.token * inner, blas(inner),
                                    weight + tile.feature * inner, blas(inner), 0.0F, out, blas(features));
                        if (bias == nullptr) return;
                        for (std::int64_t t = 0; t < tile.tokens; ++t) {
                          floats_.add(bias + first + tile.feature, out + t * features, tile.features);
                        }
                      });
                    });
}

void CpuBackend::linear_simulated(const float* x, std::int64_t tokens, const Linear& linear, const float* bias,
                                  float* y) {
  const std::int64_t cols = linear.weight.cols, features = linear.weight.rows, group = linear.activation_group;
  RoundedTokens rounded = round_tokens(x, tokens, cols, group, threads_);
  const std::int64_t groups = group_count(cols, group);
  if (linear.weight_scales.empty()) {
    for (std::int64_t i = 0; i < tokens * cols; ++i)
      rounded.codes[static_cast<std::size_t>(i)] *=
          rounded.scales[static_cast<std::size_t>(i / cols * groups + i % cols / group)];
    linear_float(rounded.codes.data(), tokens, linear, bias, y);
    return;
  }
  const float* scales = linear.weight_scales.f32();
  for_weight_blocks(
      linear.weight, threads_, floats_, *memory_, [&](const float* weight, std::int64_t first, std::int64_t rows) {
        for_tiles(threads_, tokens, rows, [&](const Tile& tile) {
          const std::int64_t feature = first + tile.feature;
          simulate_tile(rounded, tile, weight + tile.feature * cols, scales + feature * groups, cols, group,
                        bias == nullptr ? nullptr : bias + feature, y + tile.token * features + feature, features);
        });
      });
}

void CpuBackend::linear_float(const float* x, std::int64_t tokens, const Linear& linear, const float* bias, float* y) {
  if (tokens <= kFewTokens) {
    linear_few_tokens(x, tokens, linear, bias, y);
  } else {
    linear_blocked(x, tokens, linear, bias, y);
  }
}

Status CpuBackend::linear(const Tensor& x, const Linear& linear, const Tensor& out) {
  return guarded("linear", [&] {
    std::shared_ptr<Buffer> bias_holder;
    const float* bias = linear.bias.empty() ? nullptr : as_floats(linear.bias, bias_holder);
    const float* input = x.f32();
    if (linear.packed) {
      assert(x.cols == linear.packed->cols() && out.cols == linear.packed->rows() && out.rows == x.rows);
      packed_linear_cpu(*linear.packed, input, x.rows, bias, out.f32(), threads_);
      return;
    }
    assert(x.cols == linear.weight.cols && out.cols == linear.weight.rows && out.rows == x.rows);
    if (linear.activation_group > 0) {
      linear_simulated(input, x.rows, linear, bias, out.f32());
    } else {
      linear_float(input, x.rows, linear, bias, out.f32());
    }
  });
}

Status CpuBackend::linear_backward(const Tensor& dy, const Linear& linear, const Tensor& dx, bool accumulate) {
  assert(dy.cols == linear.weight.rows && dx.cols == linear.weight.cols && dx.rows == dy.rows);
  const std::int64_t inputs = linear.weight.cols, outputs = linear.weight.rows;
  return guarded("linear_backward", [&] {
    for_weight_blocks(
        linear.weight, threads_, floats_, *memory_, [&](const float* weight, std::int64_t first, std::int64_t rows) {
          const float keep = accumulate || first > 0 ? 1.0F : 0.0F;
          for_tiles(threads_, dy.rows, inputs, [&](const Tile& tile) {
            cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, blas(tile.tokens), blas(tile.features), blas(rows),
                        1.0F, dy.f32() + tile.token * outputs + first, blas(outputs), weight + tile.feature,
                        blas(inputs), keep, dx.f32() + tile.token * inputs + tile.feature, blas(inputs));
          });
        });
  });
}

Result<std::shared_ptr<const PackedWeights>> CpuBackend::pack(const QuantizedMatrix& matrix, ScaleMode mode) {
  return pack_cpu(matrix, mode, kernels_, threads_);
}

}  // namespace salient

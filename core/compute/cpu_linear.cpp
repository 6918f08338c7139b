// SPDX-License-Identifier: Apache-2.0
// Linear layers. A few tokens read the weight once in its own dtype; many tokens widen blocks of it to float once
// and leave tiles of the product to BLAS.
#include <cblas.h>

#include <algorithm>

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

Status CpuBackend::linear(const Tensor& x, const Linear& linear, const Tensor& out) {
  return guarded("linear", [&] {
    std::shared_ptr<Buffer> bias_holder, x_holder;
    const float* bias = linear.bias.empty() ? nullptr : as_floats(linear.bias, bias_holder);
    const float* input = x.f32();
    if (linear.packed) {
      assert(x.cols == linear.packed->cols() && out.cols == linear.packed->rows() && out.rows == x.rows);
      packed_linear_cpu(*linear.packed, input, x.rows, bias, out.f32(), threads_);
      return;
    }
    assert(x.cols == linear.weight.cols && out.cols == linear.weight.rows && out.rows == x.rows);
    if (linear.activation_group > 0) {
      const Scratch rounded(*memory_, x.size());
      for_rows(x.rows, x.cols, [&](std::int64_t begin, std::int64_t end) {
        const auto count = static_cast<std::size_t>((end - begin) * x.cols);
        fake_quantize_activations({x.f32() + begin * x.cols, count}, end - begin, x.cols, linear.activation_group,
                                  {rounded.data() + begin * x.cols, count});
      });
      x_holder = rounded.buffer();
      input = rounded.data();
    }
    if (x.rows <= kFewTokens) {
      linear_few_tokens(input, x.rows, linear, bias, out.f32());
    } else {
      linear_blocked(input, x.rows, linear, bias, out.f32());
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

Result<std::shared_ptr<const PackedWeights>> CpuBackend::pack(const QuantizedMatrix& matrix) {
  return pack_cpu(matrix, kernels_, threads_);
}

}  // namespace salient

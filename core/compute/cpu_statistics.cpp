// SPDX-License-Identifier: Apache-2.0
// What salience and the quantizers need to know about a linear's weights, inputs and gradients.
#include <cblas.h>

#include <algorithm>

#include "core/compute/cpu_backend.h"

namespace salient {

Status CpuBackend::quantization_delta(const Tensor& weight, std::int64_t group, const Tensor& out) {
  assert(out.rows == weight.rows && out.cols == weight.cols);
  const std::int64_t cols = weight.cols;
  const auto* source = static_cast<const std::byte*>(weight.data());
  const std::int64_t row_bytes = cols * dtype_bits(weight.dtype) / 8;
  return guarded("quantization_delta", [&] {
    for_rows(weight.rows, cols, [&](std::int64_t begin, std::int64_t end) {
      const std::int64_t count = (end - begin) * cols;
      const Scratch floats(*memory_, count);
      floats_.widen(weight.dtype, source + begin * row_bytes, floats.data(), count);
      float* delta = out.f32() + begin * cols;
      const auto size = static_cast<std::size_t>(count);
      fake_quantize4({floats.data(), size}, end - begin, cols, group, {delta, size});
      floats_.subtract(floats.data(), delta, count);
    });
  });
}

Status CpuBackend::column_dot(const Tensor& a, const Tensor& b, std::span<double> out) {
  assert(a.rows == b.rows && a.cols == b.cols && static_cast<std::int64_t>(out.size()) == a.cols);
  constexpr std::int64_t kColumns = 128;
  threads_.parallel_for(a.cols, kColumns, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t t = 0; t < a.rows; ++t) {
      floats_.add_products(a.f32() + t * a.cols + begin, b.f32() + t * a.cols + begin, out.data() + begin, end - begin);
    }
  });
  return {};
}

Status CpuBackend::diagonal_fisher(const Tensor& dy, const Tensor& x, const Tensor& delta, std::span<double> out) {
  assert(dy.rows == x.rows && delta.rows == dy.cols && delta.cols == x.cols);
  assert(static_cast<std::int64_t>(out.size()) == dy.cols);
  constexpr std::int64_t kFeatures = 64;
  return guarded("diagonal_fisher", [&] {
    threads_.parallel_for(dy.cols, kFeatures, [&](std::int64_t begin, std::int64_t end) {
      const Scratch gradient(*memory_, (end - begin) * x.cols);
      cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, static_cast<int>(end - begin), static_cast<int>(x.cols),
                  static_cast<int>(x.rows), 1.0F, dy.f32() + begin, static_cast<int>(dy.cols), x.f32(),
                  static_cast<int>(x.cols), 0.0F, gradient.data(), static_cast<int>(x.cols));
      for (std::int64_t c = begin; c < end; ++c) {
        out[static_cast<std::size_t>(c)] +=
            floats_.sum_squared_products(gradient.data() + (c - begin) * x.cols, delta.f32() + c * x.cols, x.cols);
      }
    });
  });
}

Status CpuBackend::accumulate_gram(const Tensor& x, const Tensor& gram) {
  assert(gram.dtype == DType::f64 && gram.rows == x.cols && gram.cols == x.cols);
  constexpr std::int64_t kTokens = 2048, kTile = 256;
  const std::int64_t cols = x.cols, side = (cols + kTile - 1) / kTile;
  auto* sums = static_cast<double*>(gram.data());
  return guarded("accumulate_gram", [&] {
    // Tiles on and above the diagonal; the others are their mirror images.
    threads_.parallel_for(side * side, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const std::int64_t top = i / side * kTile, left = i % side * kTile;
        if (left < top) continue;
        const std::int64_t height = std::min(kTile, cols - top), width = std::min(kTile, cols - left);
        const Scratch product(*memory_, height * width);
        for (std::int64_t first = 0; first < x.rows; first += kTokens) {
          const float* rows = x.f32() + first * cols;
          cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, static_cast<int>(height), static_cast<int>(width),
                      static_cast<int>(std::min(kTokens, x.rows - first)), 1.0F, rows + top, static_cast<int>(cols),
                      rows + left, static_cast<int>(cols), 0.0F, product.data(), static_cast<int>(width));
          for (std::int64_t r = 0; r < height; ++r) {
            floats_.add_to_double(product.data() + r * width, sums + (top + r) * cols + left, width);
          }
        }
        for (std::int64_t r = 0; r < height; ++r) {
          for (std::int64_t c = left == top ? r + 1 : 0; c < width; ++c)
            sums[(left + c) * cols + top + r] = sums[(top + r) * cols + left + c];
        }
      }
    });
  });
}

}  // namespace salient

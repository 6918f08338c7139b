// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <vector>

#include "cuda/cuda_backend.h"
#include "cuda/kernels/kernels.h"

namespace salient::cuda {
namespace {

/// Rows of gradients and of Gram matrices exist in strips of about this many elements (256 MiB of floats).
constexpr std::int64_t kStripElements = std::int64_t{1} << 26;
/// Products of more tokens than these are summed in double.
constexpr std::int64_t kGramTokens = 2048;

std::int64_t strip_rows(std::int64_t rows, std::int64_t cols) {
  return std::clamp<std::int64_t>(kStripElements / std::max<std::int64_t>(cols, 1), 1, std::max<std::int64_t>(rows, 1));
}

}  // namespace

Status CudaBackend::quantization_delta(const Tensor& weight, std::int64_t group, const Tensor& out) {
  assert(out.rows == weight.rows && out.cols == weight.cols);
  context_->bind();
  return context_->check(kernels::quantization_delta(context_->stream(), weight.dtype, weight.data(), weight.rows,
                                                     weight.cols, group, out.f32()),
                         "quantization_delta", sizes_of(weight));
}

Status CudaBackend::add_to_host(const std::shared_ptr<Buffer>& sums, std::span<double> out) {
  std::vector<double> values(out.size());
  SALIENT_CHECK(context_->download(sums->data(), values.data(), out.size_bytes()));
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] += values[i];
  return {};
}

Status CudaBackend::column_dot(const Tensor& a, const Tensor& b, std::span<double> out) {
  assert(a.rows == b.rows && a.cols == b.cols && static_cast<std::int64_t>(out.size()) == a.cols);
  SALIENT_ASSIGN(
      const auto partial,
      context_->scratch(out.size_bytes() * static_cast<std::uint64_t>(kernels::kColumnPieces), "column_dot"));
  SALIENT_ASSIGN(const auto sums, context_->scratch(out.size_bytes(), "column_dot"));
  SALIENT_CHECK(
      context_->check(kernels::column_dot(context_->stream(), a.f32(), b.f32(), a.rows, a.cols,
                                          static_cast<double*>(partial->data()), static_cast<double*>(sums->data())),
                      "column_dot", sizes_of(a)));
  return add_to_host(sums, out);
}

Status CudaBackend::diagonal_fisher(const Tensor& dy, const Tensor& x, const Tensor& delta, std::span<double> out) {
  assert(dy.rows == x.rows && delta.rows == dy.cols && delta.cols == x.cols);
  assert(static_cast<std::int64_t>(out.size()) == dy.cols);
  const std::int64_t strip = strip_rows(dy.cols, x.cols);
  const std::string what = fmt::format("{} tokens, {} -> {}", x.rows, x.cols, dy.cols);
  SALIENT_ASSIGN(const auto gradient,
                 context_->scratch(static_cast<std::uint64_t>(strip * x.cols) * sizeof(float), "diagonal_fisher"));
  SALIENT_ASSIGN(const auto sums, context_->scratch(out.size_bytes(), "diagonal_fisher"));
  auto* const floats = static_cast<float*>(gradient->data());
  for (std::int64_t first = 0; first < dy.cols; first += strip) {
    const std::int64_t rows = std::min(strip, dy.cols - first);
    Product product{.operation = "diagonal_fisher", .transpose_b = true};
    product.m = x.cols;
    product.n = rows;
    product.inner = x.rows;
    product.a = x.data();
    product.stride_a = product.stride_c = x.cols;
    product.b = dy.f32() + first;
    product.stride_b = dy.cols;
    product.c = floats;
    SALIENT_CHECK(multiply(product));
    SALIENT_CHECK(
        context_->check(kernels::squared_products(context_->stream(), floats, delta.f32() + first * delta.cols, rows,
                                                  x.cols, static_cast<double*>(sums->data()) + first),
                        "diagonal_fisher", what));
  }
  return add_to_host(sums, out);
}

Status CudaBackend::accumulate_gram(const Tensor& x, const Tensor& gram) {
  assert(gram.dtype == DType::f64 && gram.rows == x.cols && gram.cols == x.cols);
  const std::int64_t cols = x.cols, strip = strip_rows(cols, cols);
  const std::string what = sizes_of(x);
  SALIENT_ASSIGN(const auto product,
                 context_->scratch(static_cast<std::uint64_t>(strip * cols) * sizeof(float), "accumulate_gram"));
  auto* const floats = static_cast<float*>(product->data());
  auto* const sums = static_cast<double*>(gram.data());
  for (std::int64_t token = 0; token < x.rows; token += kGramTokens) {
    const float* const rows = x.f32() + token * cols;
    const std::int64_t tokens = std::min(kGramTokens, x.rows - token);
    for (std::int64_t first = 0; first < cols; first += strip) {
      // A strip of rows of the upper triangle: nothing left of its first column.
      const std::int64_t height = std::min(strip, cols - first), width = cols - first;
      Product strip_product{.operation = "accumulate_gram", .transpose_b = true, .tf32 = false};
      strip_product.m = width;
      strip_product.n = height;
      strip_product.inner = tokens;
      strip_product.a = strip_product.b = rows + first;
      strip_product.stride_a = strip_product.stride_b = strip_product.stride_c = cols;
      strip_product.c = floats + first;
      SALIENT_CHECK(multiply(strip_product));
      SALIENT_CHECK(context_->check(kernels::add_gram_strip(context_->stream(), floats, first, height, cols, sums),
                                    "accumulate_gram", what));
    }
  }
  return context_->check(kernels::mirror_upper(context_->stream(), cols, sums), "accumulate_gram", what);
}

}  // namespace salient::cuda

// SPDX-License-Identifier: Apache-2.0
// What the tests of the CPU backend's operations share: a backend for each set of kernels this processor has, and
// small random matrices.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/compute/backend.h"
#include "core/compute/packed_linear.h"
#include "core/compute/quantized_matrix.h"

namespace salient::test {

inline std::vector<CpuKernels> available_kernels() {
  std::vector<CpuKernels> found;
  for (const CpuKernels kernels : {CpuKernels::reference, CpuKernels::avx2, CpuKernels::avx512_vnni}) {
    if (cpu_kernels_available(kernels)) found.push_back(kernels);
  }
  return found;
}

inline std::string kernels_name(const testing::TestParamInfo<CpuKernels>& info) {
  return info.param == CpuKernels::avx512_vnni ? "avx512" : info.param == CpuKernels::avx2 ? "avx2" : "reference";
}

/// Activations [rows, cols] rounded to 8 bit for each token and group, and taken back: q·scale.
inline void fake_quantize_activations(std::span<const float> x, std::int64_t rows, std::int64_t cols,
                                      std::int64_t group, std::span<float> out) {
  std::vector<std::int8_t> codes(static_cast<std::size_t>(group));
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t first = 0; first < cols; first += group) {
      const auto offset = static_cast<std::size_t>(row * cols + first);
      const auto count = static_cast<std::size_t>(std::min(group, cols - first));
      const float scale = quantize_activation_group(x.subspan(offset, count), std::span(codes).first(count));
      for (std::size_t k = 0; k < count; ++k)
        out[offset + k] = static_cast<float>(codes[k]) * scale;
    }
  }
}

/// A value of a Result, or a failed test.
template <class T>
T take(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().to_string());
  return *std::move(result);
}
inline void take(const Status& status) {
  if (!status) throw std::runtime_error(status.error().to_string());
}

class BackendTest : public testing::TestWithParam<CpuKernels> {
 protected:
  Tensor tensor(std::int64_t rows, std::int64_t cols) { return take(backend->allocate(DType::f32, rows, cols)); }

  /// Uniform over [−scale, scale).
  Tensor random(std::int64_t rows, std::int64_t cols, double scale = 1) {
    const Tensor out = tensor(rows, cols);
    for (std::int64_t i = 0; i < out.size(); ++i) {
      out.f32()[i] = static_cast<float>((2 * generator.uniform() - 1) * scale);
    }
    return out;
  }

  Tensor copy(const Tensor& from) {
    const Tensor out = take(backend->allocate(from.dtype, from.rows, from.cols));
    take(backend->copy(from, out));
    return out;
  }

  /// Rounded to `dtype`, and the rounded values as floats again in `values`.
  Tensor rounded(const Tensor& from, DType dtype, Tensor& values) {
    const Tensor out = take(backend->allocate(dtype, from.rows, from.cols));
    values = copy(from);
    for (std::int64_t i = 0; i < from.size(); ++i) {
      if (dtype == DType::f32) {
        out.f32()[i] = from.f32()[i];
        continue;
      }
      const std::uint16_t bits = dtype == DType::bf16 ? f32_to_bf16(from.f32()[i]) : f32_to_f16(from.f32()[i]);
      static_cast<std::uint16_t*>(out.data())[i] = bits;
      values.f32()[i] = dtype == DType::bf16 ? bf16_to_f32(bits) : f16_to_f32(bits);
    }
    return out;
  }

  std::unique_ptr<Backend> backend = take(make_cpu_backend({.threads = 2, .kernels = GetParam()}));
  Random generator{20};
};

inline double at(const Tensor& tensor, std::int64_t row, std::int64_t col) {
  return static_cast<double>(tensor.f32()[row * tensor.cols + col]);
}

/// Largest absolute difference over the largest magnitude of `expected`.
inline double relative_error(const Tensor& actual, const std::vector<double>& expected) {
  double worst = 0, largest = 1e-30;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double difference = std::abs(static_cast<double>(actual.f32()[i]) - expected[i]);
    if (!(difference <= worst)) worst = difference;
    largest = std::max(largest, std::abs(expected[i]));
  }
  return worst / largest;
}

inline bool same_bits(const Tensor& a, const Tensor& b) {
  return a.bytes() == b.bytes() && std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.bytes())) == 0;
}

}  // namespace salient::test

// SPDX-License-Identifier: Apache-2.0
// The CUDA backend beside the processor's, on the same random matrices. SALIENT_GPU_SMALL in the environment leaves out
// the large shapes: for compute-sanitizer, which makes everything a hundred times slower.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/checkpoint/model_config.h"
#include "core/compute/devices.h"
#include "cuda/provider.h"
#include "tests/unit/support/random_ids.h"
#include "tests/unit/support/temporary_directory.h"

namespace salient::test {

inline bool small_only() {
  return std::getenv("SALIENT_GPU_SMALL") != nullptr;
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

/// Four layers, of which the tests make random weights.
inline ModelConfig small_config() {
  ModelConfig config;
  config.hidden_size = 256;
  config.intermediate_size = 512;
  config.layers = 4;
  config.heads = 4;
  config.kv_heads = 2;
  config.head_dim = 64;
  config.vocab_size = 300;
  config.max_positions = 512;
  return config;
}

/// What is measured on the device is kept in a directory of this run, not in the user's.
inline void use_own_cache() {
  static const TemporaryDirectory directory;
  static const int set = setenv("XDG_CACHE_HOME", directory.path().c_str(), 1);
  ASSERT_EQ(set, 0);
}

/// The first device, made once for all tests.
inline Result<Backend*> shared_gpu() {
  static Result<std::unique_ptr<Backend>> backend = cuda::make_provider()->make({.device = "cuda:0", .threads = 2});
  if (!backend) return backend.error();
  return backend->get();
}

/// The same matrix in both memories.
struct Twin {
  Tensor cpu;
  Tensor gpu;
};

class GpuTest : public testing::Test {
 protected:
  void SetUp() override {
    use_own_cache();
    const auto made = shared_gpu();
    if (!made) GTEST_SKIP() << made.error().to_string();
    gpu = *made;
  }

  Twin twin(std::int64_t rows, std::int64_t cols, DType dtype = DType::f32) {
    return {take(cpu->allocate(dtype, rows, cols)), take(gpu->allocate(dtype, rows, cols))};
  }
  /// Filled with something that is no result, so that what a kernel leaves out shows.
  Twin poisoned(std::int64_t rows, std::int64_t cols) {
    Twin out = twin(rows, cols);
    std::memset(out.cpu.data(), 0x7f, static_cast<std::size_t>(out.cpu.bytes()));
    take(gpu->upload(out.cpu.data(), out.gpu));
    return out;
  }
  /// Uniform over [−scale, scale), rounded to `dtype`.
  Twin random(std::int64_t rows, std::int64_t cols, double scale = 1, DType dtype = DType::f32) {
    Twin out = twin(rows, cols, dtype);
    for (std::int64_t i = 0; i < out.cpu.size(); ++i) {
      const auto value = static_cast<float>((2 * generator.uniform() - 1) * scale);
      if (dtype == DType::f32) {
        out.cpu.f32()[i] = value;
      } else {
        static_cast<std::uint16_t*>(out.cpu.data())[i] = dtype == DType::bf16 ? f32_to_bf16(value) : f32_to_f16(value);
      }
    }
    take(gpu->upload(out.cpu.data(), out.gpu));
    return out;
  }
  std::vector<std::int32_t> random_ids(std::int64_t count, std::int64_t below) {
    return test::random_ids(static_cast<std::size_t>(count), static_cast<std::uint64_t>(below), generator);
  }

  std::vector<float> from_gpu(const Tensor& tensor) {
    std::vector<float> values(static_cast<std::size_t>(tensor.size()));
    take(gpu->download(tensor, values.data()));
    return values;
  }
  /// Largest difference over the largest magnitude of the processor's result. NaN never passes.
  double error(const Twin& result) {
    const std::vector<float> actual = from_gpu(result.gpu);
    double worst = 0, largest = 1e-30;
    for (std::size_t i = 0; i < actual.size(); ++i) {
      const auto expected = static_cast<double>(result.cpu.f32()[i]);
      const double difference = std::abs(static_cast<double>(actual[i]) - expected);
      if (!(difference <= worst)) worst = difference;
      if (std::isnan(worst)) return worst;
      largest = std::max(largest, std::abs(expected));
    }
    return worst / largest;
  }

  static double error(const std::vector<double>& actual, const std::vector<double>& expected) {
    double worst = 0, largest = 1e-30;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const double difference = std::abs(actual[i] - expected[i]);
      if (!(difference <= worst)) worst = difference;
      if (std::isnan(worst)) return worst;
      largest = std::max(largest, std::abs(expected[i]));
    }
    return worst / largest;
  }

  /// Root mean square of the differences over that of `expected`: a code on the other side of a rounding boundary moves
  /// a single value far.
  static double difference(const std::vector<float>& actual, const std::vector<float>& expected) {
    EXPECT_EQ(actual.size(), expected.size());
    double squares = 0, sum = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const double d = static_cast<double>(actual[i]) - static_cast<double>(expected[i]);
      squares += static_cast<double>(expected[i]) * static_cast<double>(expected[i]);
      sum += d * d;
    }
    return std::sqrt(sum / squares);
  }

  std::unique_ptr<Backend> cpu = take(make_cpu_backend({.threads = 0}));
  Backend* gpu = nullptr;
  Random generator{20};
};

/// With a second backend for the same device, in the fast mode.
class FastGpuTest : public GpuTest {
 protected:
  void SetUp() override {
    GpuTest::SetUp();
    if (IsSkipped()) return;
    fast = take(cuda::make_provider()->make({.device = "cuda:0", .threads = 1, .precision = Precision::fast}));
  }

  std::unique_ptr<Backend> fast;
};

}  // namespace salient::test

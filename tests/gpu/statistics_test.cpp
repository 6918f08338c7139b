// SPDX-License-Identifier: Apache-2.0
#include "tests/gpu/gpu_test.h"

namespace salient {
namespace {

using test::GpuTest;
using test::small_only;
using test::take;
using test::Twin;

class Statistics : public GpuTest {};

TEST_F(Statistics, RoundingErrorsAreTheSameBits) {
  for (const DType dtype : {DType::f32, DType::f16, DType::bf16}) {
    for (const std::int64_t group : {32, 64, 128}) {
      for (const std::int64_t cols : {1, 31, 128, 200, 512}) {
        const Twin weight = random(19, cols, 0.3, dtype), out = poisoned(19, cols);
        take(cpu->quantization_delta(weight.cpu, group, out.cpu));
        take(gpu->quantization_delta(weight.gpu, group, out.gpu));
        EXPECT_EQ(error(out), 0) << dtype_name(dtype) << ", group " << group << ", " << cols;
      }
    }
  }
}

TEST_F(Statistics, RoundingErrorsOfUncommonWeights) {
  const Twin weight = random(4, 128, 1e-7), out = poisoned(4, 128);
  for (std::int64_t i = 0; i < 128; ++i) {
    weight.cpu.f32()[128 + i] = 0;                                         // all zero
    weight.cpu.f32()[256 + i] = i == 5 ? 6e4F : 1e-3F;                     // an outlier
    weight.cpu.f32()[384 + i] = 0.5F + static_cast<float>(i % 2) * 1e-6F;  // a range below the smallest
  }
  take(gpu->upload(weight.cpu.data(), weight.gpu));
  take(cpu->quantization_delta(weight.cpu, 128, out.cpu));
  take(gpu->quantization_delta(weight.gpu, 128, out.gpu));
  EXPECT_EQ(error(out), 0);
}

TEST_F(Statistics, ColumnDot) {
  for (const std::int64_t rows : {1, 7, 300, small_only() ? 2 : 2048}) {
    for (const std::int64_t cols : {1, 33, 500}) {
      const Twin a = random(rows, cols), b = random(rows, cols);
      std::vector<double> expected(static_cast<std::size_t>(cols), 2.5), actual = expected;
      take(cpu->column_dot(a.cpu, b.cpu, expected));
      take(gpu->column_dot(a.gpu, b.gpu, actual));
      EXPECT_LT(error(actual, expected), 1e-13) << rows << " x " << cols;
    }
  }
}

TEST_F(Statistics, DiagonalFisher) {
  for (const std::int64_t tokens : {1, 65, small_only() ? 2 : 512}) {
    const Twin dy = random(tokens, 70), x = random(tokens, 130), delta = random(70, 130, 0.01);
    std::vector<double> expected(70, 1e-3), actual = expected;
    take(cpu->diagonal_fisher(dy.cpu, x.cpu, delta.cpu, expected));
    take(gpu->diagonal_fisher(dy.gpu, x.gpu, delta.gpu, actual));
    EXPECT_LT(error(actual, expected), 1e-5) << tokens;
  }
}

TEST_F(Statistics, Gram) {
  for (const std::int64_t cols : {1, 33, 200, small_only() ? 65 : 1024}) {
    const Twin gram = twin(cols, cols, DType::f64);
    std::memset(gram.cpu.data(), 0, static_cast<std::size_t>(gram.cpu.bytes()));
    take(gpu->upload(gram.cpu.data(), gram.gpu));
    for (const std::int64_t tokens : {1, 100, small_only() ? 3 : 3000}) {
      const Twin x = random(tokens, cols);
      take(cpu->accumulate_gram(x.cpu, gram.cpu));
      take(gpu->accumulate_gram(x.gpu, gram.gpu));
    }
    std::vector<double> actual(static_cast<std::size_t>(cols * cols));
    take(gpu->download(gram.gpu, actual.data()));
    const auto* sums = static_cast<const double*>(gram.cpu.data());
    EXPECT_LT(error(actual, {sums, sums + cols * cols}), 1e-6) << cols;
    for (std::int64_t r = 0; r < cols; ++r)
      for (std::int64_t c = 0; c < r; ++c)
        ASSERT_EQ(actual[static_cast<std::size_t>(r * cols + c)], actual[static_cast<std::size_t>(c * cols + r)]);
  }
}

}  // namespace
}  // namespace salient

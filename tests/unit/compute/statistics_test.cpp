// SPDX-License-Identifier: Apache-2.0
// Statistics for salience and quantization against their definitions.
#include "tests/unit/compute/compute_test.h"

namespace salient {
namespace {

using test::at;
using test::BackendTest;
using test::relative_error;
using test::take;

class Statistics : public BackendTest {};

TEST_P(Statistics, QuantizationDelta) {
  for (const DType dtype : {DType::f32, DType::f16, DType::bf16}) {
    Tensor weight;
    const Tensor stored = rounded(random(37, 100), dtype, weight);
    const Tensor delta = tensor(37, 100);
    take(backend->quantization_delta(stored, 32, delta));
    std::vector<float> quantized(3700);
    fake_quantize4({weight.f32(), 3700}, 37, 100, 32, quantized);
    for (std::size_t i = 0; i < 3700; ++i)
      ASSERT_EQ(delta.f32()[i], quantized[i] - weight.f32()[i]);
  }
}

TEST_P(Statistics, ColumnDotAddsInDouble) {
  const Tensor a = random(301, 150), b = random(301, 150);
  std::vector<double> out(150, 1e6);
  take(backend->column_dot(a, b, out));
  for (std::int64_t c = 0; c < 150; ++c) {
    double sum = 0;
    for (std::int64_t t = 0; t < 301; ++t)
      sum += at(a, t, c) * at(b, t, c);
    EXPECT_NEAR(out[static_cast<std::size_t>(c)] - 1e6, sum, 1e-8);
  }
}

TEST_P(Statistics, DiagonalFisher) {
  const Tensor dy = random(90, 70), x = random(90, 45), delta = random(70, 45);
  std::vector<double> out(70, 0.5);
  take(backend->diagonal_fisher(dy, x, delta, out));
  for (std::int64_t c = 0; c < 70; ++c) {
    double sum = 0.5;
    for (std::int64_t k = 0; k < 45; ++k) {
      double gradient = 0;
      for (std::int64_t t = 0; t < 90; ++t)
        gradient += at(dy, t, c) * at(x, t, k);
      sum += gradient * at(delta, c, k) * gradient * at(delta, c, k);
    }
    EXPECT_NEAR(out[static_cast<std::size_t>(c)], sum, 1e-5 * sum);
  }
}

TEST_P(Statistics, GramIsSymmetricAndAccumulates) {
  const std::int64_t tokens = 2100, cols = 300;  // more than one block of tokens, more than one tile
  const Tensor x = random(tokens, cols);
  const Tensor gram = take(backend->allocate(DType::f64, cols, cols));
  auto* sums = static_cast<double*>(gram.data());
  std::fill_n(sums, cols * cols, 3.0);
  take(backend->accumulate_gram(x, gram));
  for (std::int64_t i = 0; i < cols; i += 7) {
    for (std::int64_t j = 0; j < cols; ++j) {
      double sum = 3;
      for (std::int64_t t = 0; t < tokens; ++t)
        sum += at(x, t, i) * at(x, t, j);
      ASSERT_NEAR(sums[i * cols + j], sum, 2e-3);
      ASSERT_EQ(sums[i * cols + j], sums[j * cols + i]);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, Statistics, testing::ValuesIn(test::available_kernels()), test::kernels_name);

}  // namespace
}  // namespace salient

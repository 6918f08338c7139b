// SPDX-License-Identifier: Apache-2.0
// Linear layers in every dtype and at sizes on both sides of each tile's edge, against a loop in double precision.
#include <algorithm>

#include "tests/unit/compute/compute_test.h"

namespace salient {
namespace {

using test::at;
using test::BackendTest;
using test::relative_error;
using test::take;

std::vector<double> product(const Tensor& x, const Tensor& weight, const Tensor* bias) {
  std::vector<double> out;
  for (std::int64_t t = 0; t < x.rows; ++t) {
    for (std::int64_t n = 0; n < weight.rows; ++n) {
      double sum = bias != nullptr ? at(*bias, 0, n) : 0;
      for (std::int64_t k = 0; k < x.cols; ++k)
        sum += at(x, t, k) * at(weight, n, k);
      out.push_back(sum);
    }
  }
  return out;
}

class LinearLayers : public BackendTest {};

TEST_P(LinearLayers, EveryDtypeAndTokenCount) {
  for (const DType dtype : {DType::f32, DType::f16, DType::bf16}) {
    for (const std::int64_t tokens : {1, 2, 3, 4, 5, 17, 259}) {
      Tensor weight, bias;
      Linear linear;
      linear.weight = rounded(random(131, 77), dtype, weight);
      const Tensor x = random(tokens, 77), out = tensor(tokens, 131);
      take(backend->linear(x, linear, out));
      EXPECT_LT(relative_error(out, product(x, weight, nullptr)), 2e-6) << dtype_name(dtype) << " " << tokens;
      linear.bias = rounded(random(1, 131), dtype, bias);
      take(backend->linear(x, linear, out));
      EXPECT_LT(relative_error(out, product(x, weight, &bias)), 2e-6) << dtype_name(dtype) << " " << tokens;
    }
  }
}

TEST_P(LinearLayers, ManyTiles) {
  Tensor weight;
  Linear linear;
  linear.weight = rounded(random(1100, 33), DType::bf16, weight);
  const Tensor x = random(600, 33), out = tensor(600, 1100);
  take(backend->linear(x, linear, out));
  EXPECT_LT(relative_error(out, product(x, weight, nullptr)), 2e-6);
}

TEST_P(LinearLayers, RoundsActivationsWhenAsked) {
  Linear linear;
  linear.weight = random(40, 70);
  linear.activation_group = 32;
  for (const std::int64_t tokens : {2, 9}) {
    const Tensor x = random(tokens, 70), out = tensor(tokens, 40), rounded_x = tensor(tokens, 70);
    test::fake_quantize_activations({x.f32(), static_cast<std::size_t>(x.size())}, tokens, 70, 32,
                                    {rounded_x.f32(), static_cast<std::size_t>(x.size())});
    take(backend->linear(x, linear, out));
    EXPECT_LT(relative_error(out, product(rounded_x, linear.weight, nullptr)), 2e-6);
    EXPECT_GT(relative_error(out, product(x, linear.weight, nullptr)), 1e-4);
  }
}

TEST_P(LinearLayers, Backward) {
  for (const DType dtype : {DType::f32, DType::f16, DType::bf16}) {
    Tensor weight;
    Linear linear;
    linear.weight = rounded(random(90, 300), dtype, weight);
    linear.activation_group = 32;  // ignored
    const Tensor dy = random(270, 90), dx = tensor(270, 300);
    take(backend->linear_backward(dy, linear, dx, false));
    std::vector<double> expected;
    for (std::int64_t t = 0; t < dy.rows; ++t) {
      for (std::int64_t k = 0; k < weight.cols; ++k) {
        double sum = 0;
        for (std::int64_t n = 0; n < weight.rows; ++n)
          sum += at(dy, t, n) * at(weight, n, k);
        expected.push_back(sum);
      }
    }
    EXPECT_LT(relative_error(dx, expected), 2e-6);
    take(backend->linear_backward(dy, linear, dx, true));
    for (double& value : expected)
      value *= 2;
    EXPECT_LT(relative_error(dx, expected), 2e-6);
  }
}

TEST_P(LinearLayers, WeightsWiderThanOneBlock) {
  // 2^24 elements of weight are widened at a time: here are three blocks of rows.
  const std::int64_t rows = 700, cols = 50000;
  const Tensor weight = take(backend->allocate(DType::bf16, rows, cols));
  auto* bits = static_cast<std::uint16_t*>(weight.data());
  for (std::int64_t i = 0; i < weight.size(); ++i)
    bits[i] = f32_to_bf16(static_cast<float>(i % 7 - 3));
  const Tensor x = tensor(5, cols), out = tensor(5, rows), dx = tensor(5, cols);
  std::fill_n(x.f32(), x.size(), 0.0F);
  for (std::int64_t t = 0; t < 5; ++t)
    x.f32()[t * cols + 40000 + t] = 1;
  Linear linear;
  linear.weight = weight;
  take(backend->linear(x, linear, out));
  for (std::int64_t t = 0; t < 5; ++t) {
    for (std::int64_t n = 0; n < rows; ++n) {
      EXPECT_EQ(at(out, t, n), static_cast<double>((n * cols + 40000 + t) % 7 - 3));
    }
  }
  const Tensor dy = tensor(5, rows);
  std::fill_n(dy.f32(), dy.size(), 0.0F);
  for (std::int64_t t = 0; t < 5; ++t)
    dy.f32()[t * rows + 160 * t] = 1;
  take(backend->linear_backward(dy, linear, dx, false));
  for (std::int64_t t = 0; t < 5; ++t) {
    for (std::int64_t k = 0; k < cols; ++k)
      ASSERT_EQ(at(dx, t, k), static_cast<double>((160 * t * cols + k) % 7 - 3));
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, LinearLayers, testing::ValuesIn(test::available_kernels()), test::kernels_name);

}  // namespace
}  // namespace salient

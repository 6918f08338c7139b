// SPDX-License-Identifier: Apache-2.0
// Row-wise operations against their definitions in double precision, and their backward passes against differences.
#include <functional>
#include <numeric>

#include "tests/unit/compute/compute_test.h"

namespace salient {
namespace {

using test::at;
using test::BackendTest;
using test::relative_error;
using test::take;

/// d(Σ weights · f(x))/dx by central differences in the f32 operation itself.
std::vector<double> numeric_gradient(const Tensor& x, const Tensor& out, const Tensor& weights, float step,
                                     const std::function<void()>& forward) {
  const auto value = [&] {
    forward();
    double sum = 0;
    for (std::int64_t i = 0; i < out.size(); ++i) {
      sum += static_cast<double>(out.f32()[i]) * static_cast<double>(weights.f32()[i]);
    }
    return sum;
  };
  std::vector<double> gradient(static_cast<std::size_t>(x.size()));
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    const float kept = x.f32()[i];
    x.f32()[i] = kept + step;
    const double above = value();
    x.f32()[i] = kept - step;
    const double below = value();
    x.f32()[i] = kept;
    gradient[i] = (above - below) / (2 * static_cast<double>(step));
  }
  return gradient;
}

class FloatOperations : public BackendTest {};

TEST_P(FloatOperations, EmbedsRowsOfEveryDtype) {
  const Tensor table = random(11, 37);
  for (const DType dtype : {DType::f32, DType::f16, DType::bf16}) {
    Tensor values;
    const Tensor rounded_table = rounded(table, dtype, values);
    const Tensor out = tensor(3, 37);
    const std::vector<std::int32_t> ids{10, 0, 4};
    take(backend->embed(ids, rounded_table, out));
    for (std::int64_t t = 0; t < 3; ++t) {
      for (std::int64_t i = 0; i < 37; ++i)
        EXPECT_EQ(at(out, t, i), at(values, ids[static_cast<std::size_t>(t)], i));
    }
  }
}

TEST_P(FloatOperations, WidensEveryHalf) {
  // All bit patterns, subnormals and infinities included; NaN only has to stay NaN.
  for (const DType dtype : {DType::f16, DType::bf16}) {
    const Tensor table = take(backend->allocate(dtype, 1, 65536));
    std::vector<std::uint16_t> bits(65536);
    std::iota(bits.begin(), bits.end(), std::uint16_t{0});
    take(backend->upload(bits.data(), table));
    const Tensor out = tensor(1, 65536);
    take(backend->embed(std::vector<std::int32_t>{0}, table, out));
    for (std::size_t i = 0; i < bits.size(); ++i) {
      const float expected = dtype == DType::f16 ? f16_to_f32(bits[i]) : bf16_to_f32(bits[i]);
      if (std::isnan(expected)) {
        EXPECT_TRUE(std::isnan(out.f32()[i])) << i;
      } else {
        ASSERT_EQ(out.f32()[i], expected) << i;
      }
    }
  }
}

TEST_P(FloatOperations, RmsNorm) {
  const std::int64_t rows = 5, cols = 83;
  const Tensor x = random(rows, cols, 3), out = tensor(rows, cols);
  Tensor weight;
  const Tensor stored = rounded(random(1, cols), DType::bf16, weight);
  take(backend->rms_norm(x, stored, 1e-3F, out));
  std::vector<double> expected;
  for (std::int64_t t = 0; t < rows; ++t) {
    double squares = 0;
    for (std::int64_t i = 0; i < cols; ++i)
      squares += at(x, t, i) * at(x, t, i);
    const double r = 1 / std::sqrt(squares / static_cast<double>(cols) + 1e-3);
    for (std::int64_t i = 0; i < cols; ++i)
      expected.push_back(at(weight, 0, i) * at(x, t, i) * r);
  }
  EXPECT_LT(relative_error(out, expected), 1e-6);
}

TEST_P(FloatOperations, RmsNormBackward) {
  const Tensor x = random(3, 19), weight = random(1, 19), dy = random(3, 19), out = tensor(3, 19), dx = tensor(3, 19);
  const auto expected = numeric_gradient(x, out, dy, 1e-2F, [&] { take(backend->rms_norm(x, weight, 1e-2F, out)); });
  take(backend->rms_norm_backward(x, weight, 1e-2F, dy, dx, false));
  EXPECT_LT(relative_error(dx, expected), 1e-3);
  take(backend->rms_norm_backward(x, weight, 1e-2F, dy, dx, true));
  std::vector<double> twice = expected;
  for (double& value : twice)
    value *= 2;
  EXPECT_LT(relative_error(dx, twice), 1e-3);
}

TEST_P(FloatOperations, RopeRotatesHalvesAndBack) {
  const std::int64_t dim = 22, half = dim / 2;
  RopeTable table{tensor(9, half), tensor(9, half)};
  for (std::int64_t i = 0; i < table.cos.size(); ++i) {
    table.cos.f32()[i] = std::cos(static_cast<float>(i));
    table.sin.f32()[i] = std::sin(static_cast<float>(i));
  }
  const Tensor x = random(4, 3 * dim), before = copy(x);
  take(backend->rope(x, dim, table, 5, false));
  std::vector<double> expected(static_cast<std::size_t>(x.size()));
  for (std::int64_t t = 0; t < 4; ++t) {
    for (std::int64_t head = 0; head < 3; ++head) {
      for (std::int64_t i = 0; i < half; ++i) {
        const double a = at(before, t, head * dim + i), b = at(before, t, head * dim + half + i);
        const double c = at(table.cos, 5 + t, i), s = at(table.sin, 5 + t, i);
        expected[static_cast<std::size_t>(t * 3 * dim + head * dim + i)] = a * c - b * s;
        expected[static_cast<std::size_t>(t * 3 * dim + head * dim + half + i)] = b * c + a * s;
      }
    }
  }
  EXPECT_LT(relative_error(x, expected), 1e-6);
  take(backend->rope(x, dim, table, 5, true));
  EXPECT_LT(relative_error(x, std::vector<double>(before.f32(), before.f32() + before.size())), 1e-6);
}

TEST_P(FloatOperations, Swiglu) {
  const Tensor gate = random(3, 41, 20), up = random(3, 41), out = tensor(3, 41);
  gate.f32()[0] = -200;  // exp(200) is no float
  gate.f32()[1] = 200;
  take(backend->swiglu(gate, up, out));
  std::vector<double> expected;
  for (std::int64_t i = 0; i < gate.size(); ++i) {
    const auto g = static_cast<double>(gate.f32()[i]);
    expected.push_back(g / (1 + std::exp(-g)) * static_cast<double>(up.f32()[i]));
  }
  EXPECT_LT(relative_error(out, expected), 1e-6);
}

TEST_P(FloatOperations, SwigluBackward) {
  const Tensor gate = random(2, 21, 3), up = random(2, 21), dout = random(2, 21), out = tensor(2, 21);
  const auto forward = [&] { take(backend->swiglu(gate, up, out)); };
  const auto expected_gate = numeric_gradient(gate, out, dout, 1e-2F, forward);
  const auto expected_up = numeric_gradient(up, out, dout, 1e-2F, forward);
  const Tensor dgate = tensor(2, 21), dup = tensor(2, 21);
  take(backend->swiglu_backward(gate, up, dout, dgate, dup));
  EXPECT_LT(relative_error(dgate, expected_gate), 1e-3);
  EXPECT_LT(relative_error(dup, expected_up), 1e-3);
}

TEST_P(FloatOperations, AddAccumulates) {
  const Tensor x = random(3, 29), sum = random(3, 29), before = copy(sum);
  take(backend->add(x, sum));
  for (std::int64_t i = 0; i < x.size(); ++i)
    EXPECT_EQ(sum.f32()[i], before.f32()[i] + x.f32()[i]);
}

TEST_P(FloatOperations, CrossEntropyIsStable) {
  const std::int64_t vocab = 5003;
  const Tensor logits = random(4, vocab, 30);
  for (std::int64_t i = 0; i < vocab; ++i)
    logits.f32()[i] += 1e4F;  // exp overflows without a shift
  const std::vector<std::int32_t> targets{17, 0, 5002, 2500};
  std::vector<float> nll(4);
  take(backend->cross_entropy(logits, targets, nll));
  for (std::int64_t t = 0; t < 4; ++t) {
    double peak = -1e300, sum = 0;
    for (std::int64_t i = 0; i < vocab; ++i)
      peak = std::max(peak, at(logits, t, i));
    for (std::int64_t i = 0; i < vocab; ++i)
      sum += std::exp(at(logits, t, i) - peak);
    const auto index = static_cast<std::size_t>(t);
    const double expected = std::log(sum) + peak - at(logits, t, targets[index]);
    EXPECT_NEAR(static_cast<double>(nll[index]), expected, 1e-6 * std::max(1.0, expected));
  }
}

TEST_P(FloatOperations, CrossEntropyShowsNan) {
  const Tensor logits = random(2, 33);
  logits.f32()[5] = std::nanf("");
  logits.f32()[33 + 7] = INFINITY;
  std::vector<float> nll(2);
  take(backend->cross_entropy(logits, std::vector<std::int32_t>{1, 2}, nll));
  EXPECT_FALSE(std::isfinite(nll[0]));
  EXPECT_FALSE(std::isfinite(nll[1]));
}

TEST_P(FloatOperations, CrossEntropyBackward) {
  const std::int64_t vocab = 57;
  const Tensor logits = random(3, vocab, 4), gradient = copy(logits);
  const std::vector<std::int32_t> targets{56, 0, 20};
  take(backend->cross_entropy_backward(gradient, targets, 0.25F));
  std::vector<double> expected;
  for (std::int64_t t = 0; t < 3; ++t) {
    double sum = 0;
    for (std::int64_t i = 0; i < vocab; ++i)
      sum += std::exp(at(logits, t, i));
    for (std::int64_t i = 0; i < vocab; ++i) {
      const double hot = i == targets[static_cast<std::size_t>(t)] ? 1 : 0;
      expected.push_back((std::exp(at(logits, t, i)) / sum - hot) * 0.25);
    }
  }
  EXPECT_LT(relative_error(gradient, expected), 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Kernels, FloatOperations, testing::ValuesIn(test::available_kernels()), test::kernels_name);

}  // namespace
}  // namespace salient

// SPDX-License-Identifier: Apache-2.0
// The three implementations of the packed product against a loop in double precision over the definition.
#include "core/compute/packed_linear.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/base/dtype.h"
#include "core/base/random.h"
#include "tests/unit/compute/compute_test.h"

namespace salient {
namespace {

enum class Codes { random, extreme };

struct Case {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::int64_t group = 0;
  int percent8 = 0;
  std::int64_t tokens = 0;
  Codes codes = Codes::random;
};

QuantizedMatrix make_matrix(const Case& c, Random& random) {
  QuantizedMatrix matrix;
  matrix.rows = c.rows;
  matrix.cols = c.cols;
  matrix.group = c.group;
  for (std::uint32_t row = 0; row < static_cast<std::uint64_t>(c.rows); ++row) {
    if (random.below(100) < static_cast<std::uint64_t>(c.percent8)) matrix.rows8.push_back(row);
  }
  const bool extreme = c.codes == Codes::extreme;
  const auto nibble = [&] { return static_cast<unsigned>(extreme ? random.below(2) * 15 : random.below(16)); };
  const auto nibbles = [&](std::int64_t rows, std::int64_t count) {
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(rows * nibble_bytes(count)));
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t k = 0; k < count; ++k) {
        auto& byte = bytes[static_cast<std::size_t>(row * nibble_bytes(count) + k / 2)];
        byte = static_cast<std::uint8_t>(byte | nibble() << (k % 2 * 4));
      }
    }
    return bytes;
  };
  const auto scales = [&](std::int64_t count) {
    std::vector<std::uint16_t> bits(static_cast<std::size_t>(count));
    for (auto& scale : bits)
      scale = f32_to_f16(static_cast<float>(0.001 + 0.01 * random.uniform()));
    return bits;
  };
  matrix.codes4 = nibbles(matrix.count4(), c.cols);
  matrix.zeros4 = nibbles(matrix.count4(), matrix.groups());
  matrix.scales4 = scales(matrix.count4() * matrix.groups());
  matrix.scales8 = scales(matrix.count8() * matrix.groups());
  matrix.codes8.resize(static_cast<std::size_t>(matrix.count8() * c.cols));
  for (auto& code : matrix.codes8) {
    code =
        static_cast<std::int8_t>(extreme ? (random.below(4) ? -128 : 127) : static_cast<int>(random.below(256)) - 128);
  }
  return matrix;
}

std::vector<float> make_activations(const Case& c, Random& random) {
  std::vector<float> x(static_cast<std::size_t>(c.tokens * c.cols));
  for (float& value : x) {
    value = c.codes == Codes::extreme ? (random.below(8) ? -3.0F : 3.0F) : static_cast<float>(random.uniform() * 4 - 2);
  }
  return x;
}

/// METHOD §5 over the rounded activations and dequantized weights, with the magnitude Σ|terms| for the tolerance.
struct Expected {
  std::vector<double> y;
  std::vector<double> magnitude;
};
Expected expect(const Case& c, const QuantizedMatrix& matrix, const std::vector<float>& x,
                const std::vector<float>& bias) {
  std::vector<float> weight(static_cast<std::size_t>(c.rows * c.cols));
  matrix.dequantize(weight);
  std::vector<float> rounded(x.size());
  test::fake_quantize_activations(x, c.tokens, c.cols, c.group, rounded);
  Expected expected;
  for (std::int64_t t = 0; t < c.tokens; ++t) {
    for (std::int64_t n = 0; n < c.rows; ++n) {
      double sum = bias.empty() ? 0.0 : bias[static_cast<std::size_t>(n)];
      double magnitude = std::abs(sum);
      for (std::int64_t k = 0; k < c.cols; ++k) {
        const double term = static_cast<double>(rounded[static_cast<std::size_t>(t * c.cols + k)]) *
                            weight[static_cast<std::size_t>(n * c.cols + k)];
        sum += term;
        magnitude += std::abs(term);
      }
      expected.y.push_back(sum);
      expected.magnitude.push_back(magnitude);
    }
  }
  return expected;
}

std::vector<CpuKernels> available() {
  std::vector<CpuKernels> all;
  for (const CpuKernels kernels : {CpuKernels::reference, CpuKernels::avx2, CpuKernels::avx512_vnni}) {
    if (cpu_kernels_available(kernels)) all.push_back(kernels);
  }
  return all;
}

std::vector<float> product(const QuantizedMatrix& matrix, CpuKernels kernels, const std::vector<float>& x,
                           std::int64_t tokens, const std::vector<float>& bias, ThreadPool& threads,
                           ScaleMode mode = ScaleMode::exact) {
  auto packed = pack_cpu(matrix, mode, kernels, threads);
  EXPECT_TRUE(packed.ok());
  if (!packed) return {};
  std::vector<float> y(static_cast<std::size_t>(tokens * matrix.rows), std::numeric_limits<float>::quiet_NaN());
  packed_linear_cpu(**packed, x.data(), tokens, bias.empty() ? nullptr : bias.data(), y.data(), threads);
  return y;
}

void check(const Case& c, bool with_bias, ThreadPool& threads) {
  SCOPED_TRACE(std::to_string(c.rows) + " x " + std::to_string(c.cols) + ", group " + std::to_string(c.group) + ", p" +
               std::to_string(c.percent8) + ", tokens " + std::to_string(c.tokens));
  Random random(static_cast<std::uint64_t>(c.rows * 1000 + c.cols + c.percent8 * 7 + c.tokens));
  const QuantizedMatrix matrix = make_matrix(c, random);
  const std::vector<float> x = make_activations(c, random);
  std::vector<float> bias(with_bias ? static_cast<std::size_t>(c.rows) : 0);
  for (float& b : bias)
    b = static_cast<float>(random.uniform());
  const Expected expected = expect(c, matrix, x, bias);
  const std::vector<float> reference = product(matrix, CpuKernels::reference, x, c.tokens, bias, threads);
  ASSERT_EQ(reference.size(), expected.y.size());
  for (std::size_t i = 0; i < reference.size(); ++i) {
    ASSERT_NEAR(reference[i], expected.y[i], 1e-6 * expected.magnitude[i] + 1e-30) << i;
  }
  for (const CpuKernels kernels : available()) {
    ASSERT_EQ(product(matrix, kernels, x, c.tokens, bias, threads), reference) << static_cast<int>(kernels);
  }
}

TEST(PackedLinear, EveryShapeGroupAndMix) {
  ThreadPool threads(2);
  for (const std::int64_t group : {32, 64, 128}) {
    for (const int percent : {0, 10, 50, 100}) {
      for (const std::int64_t cols : {1, 7, 31, 128, 200, 333}) {
        for (const std::int64_t rows : {1, 17, 70}) {
          check({rows, cols, group, percent, 3, Codes::random}, percent == 10, threads);
        }
      }
    }
  }
}

TEST(PackedLinear, EveryNumberOfTokens) {
  ThreadPool threads(2);
  for (std::int64_t tokens = 1; tokens <= 70; ++tokens) {
    check({40, 96, 64, 30, tokens, Codes::random}, true, threads);
  }
  check({33, 40, 32, 30, 1030, Codes::random}, false, threads);  // more than one chunk of activations
}

TEST(PackedLinear, ExtremeCodesDoNotSaturate) {
  ThreadPool threads(2);
  for (const std::int64_t group : {32, 128}) {
    check({64, 512, group, 50, 9, Codes::extreme}, false, threads);
    check({64, 515, group, 50, 4, Codes::extreme}, false, threads);
  }
}

TEST(PackedLinear, IndependentOfThreads) {
  const Case c{300, 512, 128, 20, 80, Codes::random};
  Random random(11);
  const QuantizedMatrix matrix = make_matrix(c, random);
  const std::vector<float> x = make_activations(c, random);
  ThreadPool one(1);
  ThreadPool four(4);
  EXPECT_EQ(product(matrix, CpuKernels::automatic, x, c.tokens, {}, one),
            product(matrix, CpuKernels::automatic, x, c.tokens, {}, four));
}

TEST(PackedLinear, TokensDoNotInfluenceEachOther) {
  const Case c{48, 160, 64, 20, 13, Codes::random};
  Random random(12);
  const QuantizedMatrix matrix = make_matrix(c, random);
  std::vector<float> x = make_activations(c, random);
  ThreadPool threads(2);
  for (const CpuKernels kernels : available()) {
    const std::vector<float> together = product(matrix, kernels, x, c.tokens, {}, threads);
    for (std::int64_t t = 0; t < c.tokens; ++t) {
      const std::vector<float> token(x.begin() + t * c.cols, x.begin() + (t + 1) * c.cols);
      EXPECT_EQ(product(matrix, kernels, token, 1, {}, threads),
                std::vector<float>(together.begin() + t * c.rows, together.begin() + (t + 1) * c.rows));
    }
  }
}

TEST(PackedLinear, NanAndInfinityShowInTheirTokenOnly) {
  const Case c{40, 96, 32, 25, 5, Codes::random};
  Random random(13);
  const QuantizedMatrix matrix = make_matrix(c, random);
  std::vector<float> x = make_activations(c, random);
  x[static_cast<std::size_t>(1 * c.cols + 40)] = std::numeric_limits<float>::quiet_NaN();
  x[static_cast<std::size_t>(3 * c.cols + 95)] = -std::numeric_limits<float>::infinity();
  ThreadPool threads(2);
  for (const CpuKernels kernels : available()) {
    const std::vector<float> y = product(matrix, kernels, x, c.tokens, {}, threads);
    for (std::int64_t i = 0; i < c.tokens * c.rows; ++i) {
      const std::int64_t token = i / c.rows;
      EXPECT_EQ(std::isfinite(y[static_cast<std::size_t>(i)]), token != 1 && token != 3) << i;
    }
  }
}

TEST(PackedLinear, ZeroActivationsGiveTheBias) {
  const Case c{40, 96, 32, 25, 2, Codes::random};
  Random random(14);
  const QuantizedMatrix matrix = make_matrix(c, random);
  std::vector<float> bias(40, 2.5F);
  ThreadPool threads(1);
  for (const CpuKernels kernels : available()) {
    EXPECT_EQ(product(matrix, kernels, std::vector<float>(192), 2, bias, threads), std::vector<float>(80, 2.5F));
  }
}

/// The folded modes in a plain loop over what fold_scales() gives and rounded activations, with the magnitude for the
/// tolerance: how much the kernels' fp32 sums may lose of it.
Expected expect_folded(const Case& c, const QuantizedMatrix& matrix, ScaleMode mode, const std::vector<float>& x,
                       const std::vector<float>& bias) {
  const FoldedMatrix folded = fold_scales(matrix);
  const std::int64_t group = mode == ScaleMode::folded_token ? c.cols : c.group;
  std::vector<float> rounded(x.size());
  test::fake_quantize_activations(x, c.tokens, c.cols, group, rounded);
  Expected expected;
  for (std::int64_t t = 0; t < c.tokens; ++t) {
    for (std::int64_t n = 0; n < c.rows; ++n) {
      double sum = bias.empty() ? 0.0 : bias[static_cast<std::size_t>(n)];
      double magnitude = std::abs(sum);
      for (std::int64_t k = 0; k < c.cols; ++k) {
        const double weight = static_cast<double>(folded.scales[static_cast<std::size_t>(n)]) *
                              folded.codes[static_cast<std::size_t>(n * c.cols + k)];
        const double term = weight * rounded[static_cast<std::size_t>(t * c.cols + k)];
        sum += term;
        magnitude += std::abs(term);
      }
      expected.y.push_back(sum);
      expected.magnitude.push_back(magnitude);
    }
  }
  return expected;
}

void check_folded(const Case& c, ScaleMode mode, bool with_bias, ThreadPool& threads) {
  SCOPED_TRACE(std::string(scale_mode_name(mode)) + ", " + std::to_string(c.rows) + " x " + std::to_string(c.cols) +
               ", group " + std::to_string(c.group) + ", p" + std::to_string(c.percent8) + ", tokens " +
               std::to_string(c.tokens));
  Random random(static_cast<std::uint64_t>(c.rows * 1000 + c.cols + c.percent8 * 7 + c.tokens));
  const QuantizedMatrix matrix = make_matrix(c, random);
  const std::vector<float> x = make_activations(c, random);
  std::vector<float> bias(with_bias ? static_cast<std::size_t>(c.rows) : 0);
  for (float& b : bias)
    b = static_cast<float>(random.uniform());
  const Expected expected = expect_folded(c, matrix, mode, x, bias);
  const std::vector<float> reference = product(matrix, CpuKernels::reference, x, c.tokens, bias, threads, mode);
  ASSERT_EQ(reference.size(), expected.y.size());
  for (std::size_t i = 0; i < reference.size(); ++i) {
    ASSERT_NEAR(reference[i], expected.y[i], 1e-6 * expected.magnitude[i] + 1e-30) << i;
  }
  for (const CpuKernels kernels : available()) {
    ASSERT_EQ(product(matrix, kernels, x, c.tokens, bias, threads, mode), reference) << static_cast<int>(kernels);
  }
}

TEST(PackedLinear, FoldedModesFollowTheirDefinition) {
  ThreadPool threads(2);
  for (const ScaleMode mode : {ScaleMode::folded, ScaleMode::folded_token}) {
    for (const std::int64_t group : {32, 64, 128}) {
      for (const int percent : {0, 10, 100}) {
        for (const std::int64_t cols : {1, 31, 128, 333})
          check_folded({37, cols, group, percent, kFoldedTokens, Codes::random}, mode, percent == 10, threads);
      }
    }
    check_folded({33, 515, 128, 50, kFoldedTokens + 3, Codes::extreme}, mode, true, threads);
  }
}

TEST(PackedLinear, FoldedModesRoundDifferentlyFromTheExactProduct) {
  const Case c{40, 384, 128, 25, kFoldedTokens, Codes::random};
  Random random(15);
  const QuantizedMatrix matrix = make_matrix(c, random);
  const std::vector<float> x = make_activations(c, random);
  ThreadPool threads(2);
  const auto y = [&](ScaleMode mode) { return product(matrix, CpuKernels::automatic, x, c.tokens, {}, threads, mode); };
  const std::vector<float> exact = y(ScaleMode::exact);
  const std::vector<float> folded = y(ScaleMode::folded);
  const std::vector<float> folded_token = y(ScaleMode::folded_token);
  EXPECT_EQ(exact, product(matrix, CpuKernels::automatic, x, c.tokens, {}, threads));
  EXPECT_NE(exact, folded);
  EXPECT_NE(folded, folded_token);
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    difference += std::pow(exact[i] - folded_token[i], 2.0);
    size += std::pow(exact[i], 2.0);
  }
  EXPECT_LT(difference, 1e-3 * size);
}

TEST(PackedLinear, ProductsOfFewTokensAreExactInEveryMode) {
  const Case c{40, 384, 128, 25, kFoldedTokens - 1, Codes::random};
  Random random(17);
  const QuantizedMatrix matrix = make_matrix(c, random);
  const std::vector<float> x = make_activations(c, random);
  ThreadPool threads(2);
  const std::vector<float> exact = product(matrix, CpuKernels::automatic, x, c.tokens, {}, threads);
  for (const ScaleMode mode : {ScaleMode::folded, ScaleMode::folded_token})
    EXPECT_EQ(product(matrix, CpuKernels::automatic, x, c.tokens, {}, threads, mode), exact);
}

TEST(PackedLinear, NanAndInfinityShowInEachMode) {
  const Case c{40, 96, 32, 25, kFoldedTokens, Codes::random};
  Random random(16);
  const QuantizedMatrix matrix = make_matrix(c, random);
  std::vector<float> x = make_activations(c, random);
  x[static_cast<std::size_t>(1 * c.cols + 40)] = std::numeric_limits<float>::quiet_NaN();
  ThreadPool threads(2);
  for (const ScaleMode mode : {ScaleMode::folded, ScaleMode::folded_token}) {
    const std::vector<float> y = product(matrix, CpuKernels::automatic, x, c.tokens, {}, threads, mode);
    for (std::int64_t i = 0; i < c.tokens * c.rows; ++i)
      EXPECT_EQ(std::isfinite(y[static_cast<std::size_t>(i)]), i / c.rows != 1) << i;
  }
}

TEST(PackedLinear, RefusesOtherGroupSizes) {
  QuantizedMatrix matrix;
  matrix.rows = 1;
  matrix.cols = 48;
  matrix.group = 48;
  ThreadPool threads(1);
  const auto packed = pack_cpu(matrix, ScaleMode::exact, CpuKernels::automatic, threads);
  ASSERT_FALSE(packed.ok());
  EXPECT_EQ(packed.error().code, ErrorCode::range);
}

}  // namespace
}  // namespace salient

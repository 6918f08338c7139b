// SPDX-License-Identifier: Apache-2.0
#include "core/compute/quantized_matrix.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "core/base/dtype.h"
#include "core/base/random.h"
#include "tests/unit/compute/compute_test.h"

namespace salient {
namespace {

TEST(AsymmetricGrid, UsesTheScaleAsStored) {
  const AsymmetricGrid grid = asymmetric_grid(-0.37F, 0.81F, 4);
  EXPECT_EQ(grid.scale, f32_to_f16((0.81F + 0.37F) / 15.0F));
  EXPECT_EQ(grid.zero, static_cast<int>(std::nearbyint(0.37F / f16_to_f32(grid.scale))));
}

TEST(AsymmetricGrid, ZeroPointIsClamped) {
  EXPECT_EQ(asymmetric_grid(0.5F, 1.0F, 4).zero, 0);
  EXPECT_EQ(asymmetric_grid(-1.0F, -0.5F, 4).zero, 15);
}

TEST(Grids, ScalesAreNeverZeroNorInfinite) {
  EXPECT_GT(f16_to_f32(asymmetric_grid(0.0F, 0.0F, 4).scale), 0.0F);
  EXPECT_GT(f16_to_f32(grid8_from_absmax(0.0F)), 0.0F);
  EXPECT_EQ(f16_to_f32(asymmetric_grid(-1e30F, 1e30F, 4).scale), 65504.0F);
  EXPECT_EQ(f16_to_f32(grid8_from_absmax(1e30F)), 65504.0F);
}

TEST(Quantize, RoundsHalfToEvenAndClamps) {
  EXPECT_EQ(quantize4(0.5F, 1.0F, 3.0F), 3);
  EXPECT_EQ(quantize4(1.5F, 1.0F, 3.0F), 5);
  EXPECT_EQ(quantize4(-2.5F, 1.0F, 3.0F), 1);
  EXPECT_EQ(quantize4(1e30F, 1.0F, 0.0F), 15);
  EXPECT_EQ(quantize4(-1e30F, 1.0F, 15.0F), 0);
  EXPECT_EQ(quantize8(-128.5F, 1.0F), -128);
  EXPECT_EQ(quantize8(-200.0F, 1.0F), -128);
  EXPECT_EQ(quantize8(126.5F, 1.0F), 126);
  EXPECT_EQ(quantize8(1e30F, 1e-7F), 127);
}

TEST(Quantize, AgreesWithNearbyintEverywhere) {
  Random random(3);
  for (int i = 0; i < 20000; ++i) {
    const auto value = static_cast<float>(random.uniform() * 40.0 - 20.0);
    const auto scale = static_cast<float>(random.uniform() + 0.01);
    const auto zero = static_cast<float>(random.below(16));
    EXPECT_EQ(quantize4(value, scale, zero), std::min(std::max(std::nearbyint(value / scale) + zero, 0.0F), 15.0F));
    EXPECT_EQ(quantize8(value, scale), std::min(std::max(std::nearbyint(value / scale), -128.0F), 127.0F));
  }
}

TEST(QuantizedMatrix, DequantizesBothClassesInOriginalOrder) {
  QuantizedMatrix matrix;
  matrix.rows = 3;
  matrix.cols = 5;
  matrix.group = 4;  // the format's helpers work for any size
  matrix.rows8 = {1};
  matrix.codes4 = {0x21, 0x43, 0x05, 0xff, 0x0f, 0x00};
  matrix.scales4 = {f32_to_f16(0.5F), f32_to_f16(2.0F), f32_to_f16(1.0F), f32_to_f16(0.25F)};
  matrix.zeros4 = {0x31, 0xf0};
  matrix.codes8 = {-128, -1, 0, 1, 127};
  matrix.scales8 = {f32_to_f16(2.0F), f32_to_f16(0.5F)};
  EXPECT_EQ(matrix.groups(), 2);
  EXPECT_EQ(matrix.rows4(), (std::vector<std::uint32_t>{0, 2}));
  std::vector<float> out(15);
  matrix.dequantize(out);
  EXPECT_EQ(out, (std::vector<float>{0, 0.5F, 1, 1.5F, 4,    //
                                     -256, -2, 0, 2, 63.5F,  //
                                     15, 15, 15, 0, -3.75F}));
  std::vector<float> scales(6);
  matrix.scales(scales);
  EXPECT_EQ(scales, (std::vector<float>{0.5F, 2, 2, 0.5F, 1, 0.25F}));
}

TEST(FakeQuantize4, IsTheGridOfEachGroup) {
  constexpr std::int64_t rows = 3;
  constexpr std::int64_t cols = 45;
  constexpr std::int64_t group = 32;
  Random random(5);
  std::vector<float> weight(rows * cols);
  for (float& w : weight)
    w = static_cast<float>(random.uniform() - 0.4);
  std::vector<float> out(weight.size());
  fake_quantize4(weight, rows, cols, group, out);
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t first = 0; first < cols; first += group) {
      const std::int64_t end = std::min(first + group, cols);
      const auto begin_it = weight.begin() + row * cols;
      const auto [low, high] = std::minmax_element(begin_it + first, begin_it + end);
      const AsymmetricGrid grid = asymmetric_grid(*low, *high, 4);
      const float scale = f16_to_f32(grid.scale);
      for (std::int64_t k = first; k < end; ++k) {
        const auto at = static_cast<std::size_t>(row * cols + k);
        EXPECT_EQ(out[at], static_cast<float>(quantize4(weight[at], scale, grid.zero) - grid.zero) * scale);
      }
    }
  }
}

TEST(Activations, RoundPerTokenAndGroup) {
  const std::vector<float> x{1.0F, -0.5F, 0.25F, 127.0F, 2.0F, 0.5F, 0, 0, 0};
  std::vector<float> out(x.size());
  test::fake_quantize_activations(x, 1, 9, 3, out);
  const float scale = 1.0F / 127.0F;
  EXPECT_EQ(out[0], 127.0F * scale);
  EXPECT_EQ(out[1], -64.0F * scale);  // -63.5 goes to the even neighbour
  EXPECT_EQ(out[2], 32.0F * scale);
  EXPECT_EQ(out[3], 127.0F);
  EXPECT_EQ(out[5], 0.0F);  // 0.5 goes to the even neighbour
  EXPECT_EQ(out[6], 0.0F);
}

TEST(Activations, ZerosKeepScaleZeroAndNanShows) {
  std::vector<std::int8_t> codes(3);
  EXPECT_EQ(quantize_activation_group(std::vector<float>{0.0F, -0.0F, 0.0F}, codes), 0.0F);
  EXPECT_EQ(codes, (std::vector<std::int8_t>{0, 0, 0}));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(std::isnan(quantize_activation_group(std::vector<float>{1.0F, nan, 2.0F}, codes)));
  EXPECT_TRUE(std::isinf(quantize_activation_group(std::vector<float>{1.0F, -infinity, 2.0F}, codes)));
  // Denormals: the scale rounds, the codes stay in range.
  (void)quantize_activation_group(std::vector<float>{1e-44F, -3e-43F, 0.0F}, codes);
  EXPECT_GE(codes[1], -127);
}

}  // namespace
}  // namespace salient

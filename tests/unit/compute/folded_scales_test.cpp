// SPDX-License-Identifier: Apache-2.0
#include "core/compute/folded_scales.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/base/dtype.h"
#include "core/base/random.h"

namespace salient {
namespace {

QuantizedMatrix random_matrix(std::int64_t rows, std::int64_t cols, std::int64_t group, Random& random) {
  QuantizedMatrix m;
  m.rows = rows;
  m.cols = cols;
  m.group = group;
  for (std::uint32_t row = 0; row < rows; row += 3)
    m.rows8.push_back(row);
  const auto bytes = [&](auto& values, std::int64_t count) {
    values.resize(static_cast<std::size_t>(count));
    for (auto& value : values)
      value = static_cast<std::remove_reference_t<decltype(value)>>(random.next());
  };
  bytes(m.codes4, m.count4() * nibble_bytes(cols));
  bytes(m.zeros4, m.count4() * nibble_bytes(m.groups()));
  bytes(m.codes8, m.count8() * cols);
  for (std::int64_t i = 0; i < m.count4() * m.groups(); ++i)
    m.scales4.push_back(f32_to_f16(static_cast<float>(0.001 + random.uniform())));
  for (std::int64_t i = 0; i < m.count8() * m.groups(); ++i)
    m.scales8.push_back(f32_to_f16(static_cast<float>(0.001 + random.uniform())));
  return m;
}

TEST(FoldedScales, StayWithinHalfAStepOfTheRow) {
  Random random(1);
  for (const std::int64_t group : {32, 64, 128}) {
    const QuantizedMatrix matrix = random_matrix(13, 301, group, random);
    std::vector<float> exact(static_cast<std::size_t>(matrix.rows * matrix.cols));
    matrix.dequantize(exact);
    const FoldedMatrix folded = fold_scales(matrix);
    for (std::size_t i = 0; i < exact.size(); ++i) {
      const float scale = folded.scales[i / static_cast<std::size_t>(matrix.cols)];
      // Half a step from rounding the code, and what 1/512 of a step makes of a multiplier times a code.
      ASSERT_NEAR(static_cast<float>(folded.codes[i]) * scale, exact[i], 0.76F * scale) << i;
    }
  }
}

TEST(FoldedScales, UseTheWholeRange) {
  QuantizedMatrix matrix;
  matrix.rows = 2;
  matrix.cols = 4;
  matrix.group = 32;
  matrix.rows8 = {1};
  matrix.codes4 = {0xf0, 0x80};  // 0, 15, 0, 8
  matrix.zeros4 = {0x08};
  matrix.scales4 = {f32_to_f16(0.5F)};
  matrix.codes8 = {-128, 127, 0, 1};
  matrix.scales8 = {f32_to_f16(0.25F)};
  const FoldedMatrix folded = fold_scales(matrix);
  EXPECT_EQ(folded.codes, (std::vector<std::int8_t>{-127, 111, -127, 0, -128, 127, 0, 1}));
  EXPECT_FLOAT_EQ(folded.scales[0], 4.0F / 127);
  EXPECT_FLOAT_EQ(folded.scales[1], 0.25F);
}

TEST(FoldedScales, TakeRowsWithoutScales) {
  Random random(2);
  QuantizedMatrix matrix = random_matrix(4, 64, 64, random);
  std::fill(matrix.scales4.begin(), matrix.scales4.end(), std::uint16_t{0});
  std::fill(matrix.scales8.begin(), matrix.scales8.end(), std::uint16_t{0});
  const FoldedMatrix folded = fold_scales(matrix);
  EXPECT_TRUE(std::all_of(folded.codes.begin(), folded.codes.end(), [](std::int8_t code) { return code == 0; }));
}

TEST(FoldedScales, KnowTheirNames) {
  for (const ScaleMode mode : {ScaleMode::exact, ScaleMode::folded, ScaleMode::folded_token})
    EXPECT_EQ(scale_mode_from_name(scale_mode_name(mode)), mode);
  EXPECT_FALSE(scale_mode_from_name("fast"));
}

}  // namespace
}  // namespace salient

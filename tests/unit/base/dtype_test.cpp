// SPDX-License-Identifier: Apache-2.0
#include "core/base/dtype.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace salient {
namespace {

/// binary16 by its definition, in exact double arithmetic.
double f16_value(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const double mantissa = bits & 1023;
  const double magnitude = exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

TEST(DType, NamesAndSizesAreThoseOfSafetensors) {
  for (int i = 0; i <= static_cast<int>(DType::c64); ++i) {
    const auto dtype = static_cast<DType>(i);
    EXPECT_EQ(dtype_from_name(dtype_name(dtype)), dtype);
  }
  EXPECT_EQ(dtype_name(DType::bf16), "BF16");
  EXPECT_EQ(dtype_bits(DType::bf16), 16);
  EXPECT_EQ(dtype_bits(DType::f4), 4);
  EXPECT_EQ(dtype_bits(DType::f6_e3m2), 6);
  EXPECT_EQ(dtype_bits(DType::boolean), 8);
  EXPECT_FALSE(dtype_from_name("bf16"));
  EXPECT_FALSE(dtype_from_name("F12"));
}

TEST(DType, EveryHalfConvertsExactlyAndBack) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = f16_to_f32(half);
    if ((half & 0x7C00) == 0x7C00) {
      EXPECT_EQ(std::isnan(value), (half & 0x3FF) != 0);
      EXPECT_EQ(std::isinf(value), (half & 0x3FF) == 0);
    } else {
      ASSERT_EQ(value, f16_value(half));
    }
    ASSERT_EQ(std::signbit(value), (half & 0x8000) != 0);
    if (!std::isnan(value)) {
      ASSERT_EQ(f32_to_f16(value), half);
    }
    const float brain = bf16_to_f32(half);
    if (!std::isnan(brain)) {
      ASSERT_EQ(f32_to_bf16(brain), half);
    }
  }
}

TEST(DType, RoundsToNearestEven) {
  for (std::uint16_t half = 0; half < 0x7BFF; ++half) {
    const float low = f16_to_f32(half);
    const float high = f16_to_f32(static_cast<std::uint16_t>(half + 1));
    const float middle = (low + high) / 2;  // exact: floats have more bits
    const auto even = static_cast<std::uint16_t>((half & 1) == 0 ? half : half + 1);
    ASSERT_EQ(f32_to_f16(middle), even) << half;
    ASSERT_EQ(f32_to_f16(std::nextafter(middle, 0.0F)), half);
    ASSERT_EQ(f32_to_f16(std::nextafter(middle, 1e9F)), half + 1);
    ASSERT_EQ(f32_to_f16(-middle), 0x8000 | even);
  }
  EXPECT_EQ(f32_to_f16(65519.99F), 0x7BFF);
  EXPECT_EQ(f32_to_f16(65520.0F), 0x7C00);
  EXPECT_EQ(f32_to_f16(-1e30F), 0xFC00);
  EXPECT_EQ(f32_to_bf16(1.0F + 0x1p-8F), 0x3F80);      // a tie goes to the even neighbour
  EXPECT_EQ(f32_to_bf16(1.0F + 3 * 0x1p-8F), 0x3F82);  // and so does this one
  EXPECT_EQ(f32_to_bf16(std::numeric_limits<float>::max()), 0x7F80);
  EXPECT_TRUE(std::isnan(f16_to_f32(f32_to_f16(std::bit_cast<float>(0x7F800001U)))));
  EXPECT_TRUE(std::isnan(bf16_to_f32(f32_to_bf16(std::bit_cast<float>(0x7F800001U)))));
}

TEST(DType, VectorisedConversionEqualsThePlainOne) {
  std::vector<std::byte> bytes(1 + 2 * 0x10000);
  for (std::uint32_t i = 0; i < 0x10000; ++i) {
    const auto bits = static_cast<std::uint16_t>(i);
    std::memcpy(bytes.data() + 1 + 2 * i, &bits, 2);  // at an odd address on purpose
  }
  for (const std::size_t count :
       {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{13}, std::size_t{65536}}) {
    std::vector<float> out(count);
    convert_to_f32(DType::f16, bytes.data() + 1, out);
    for (std::size_t i = 0; i < count; ++i) {
      const auto expected = std::bit_cast<std::uint32_t>(f16_to_f32(static_cast<std::uint16_t>(i)));
      ASSERT_EQ(std::bit_cast<std::uint32_t>(out[i]), expected) << i;
    }
    convert_to_f32(DType::bf16, bytes.data() + 1, out);
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_EQ(std::bit_cast<std::uint32_t>(out[i]), static_cast<std::uint32_t>(i) << 16) << i;
    }
  }
  const float source[3] = {1.5F, -0.0F, 1e-40F};
  float out[3] = {};
  convert_to_f32(DType::f32, reinterpret_cast<const std::byte*>(source), out);
  EXPECT_EQ(std::memcmp(source, out, sizeof source), 0);
}

}  // namespace
}  // namespace salient

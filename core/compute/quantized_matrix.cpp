// SPDX-License-Identifier: Apache-2.0
#include "core/compute/quantized_matrix.h"

#include <algorithm>
#include <cassert>
#include <cstddef>

#include "core/base/dtype.h"
#include "core/compute/rounding.h"

namespace salient {
namespace {

constexpr float kSmallestRange = 1e-5F;
constexpr float kLargestHalf = 65504.0F;

/// Calls body(first, count) for each group along a row.
template <class Body>
void for_each_group(std::int64_t cols, std::int64_t group, Body body) {
  for (std::int64_t first = 0, g = 0; first < cols; first += group, ++g) {
    body(static_cast<std::size_t>(g), static_cast<std::size_t>(first),
         static_cast<std::size_t>(std::min(group, cols - first)));
  }
}

}  // namespace

AsymmetricGrid asymmetric_grid(float min, float max, std::int32_t bits) {
  const auto highest = static_cast<float>(RowFormat{bits, false}.highest());
  AsymmetricGrid grid;
  grid.scale = f32_to_f16(std::min(std::max(max - min, kSmallestRange) / highest, kLargestHalf));
  grid.zero = static_cast<std::uint8_t>(rounding::code(-min / f16_to_f32(grid.scale), 0.0F, 0.0F, highest));
  return grid;
}

std::uint8_t quantize4(float value, float scale, float zero) {
  return static_cast<std::uint8_t>(rounding::code(value / scale, zero, 0.0F, 15.0F));
}

std::uint16_t grid8_from_absmax(float absmax) {
  return f32_to_f16(std::min(std::max(absmax, kSmallestRange) / 127.0F, kLargestHalf));
}

std::int8_t quantize8(float value, float scale) {
  return static_cast<std::int8_t>(rounding::code(value / scale, 0.0F, -128.0F, 127.0F));
}

std::vector<std::uint32_t> QuantizedMatrix::rows4() const {
  std::vector<std::uint32_t> others;
  others.reserve(static_cast<std::size_t>(count4()));
  auto next8 = rows8.begin();
  for (std::uint32_t row = 0; row < static_cast<std::uint64_t>(rows); ++row) {
    if (next8 != rows8.end() && *next8 == row) {
      ++next8;
    } else {
      others.push_back(row);
    }
  }
  return others;
}

void QuantizedMatrix::dequantize_row4(std::int64_t index4, std::span<float> out) const {
  assert(out.size() == static_cast<std::size_t>(cols));
  const std::uint8_t* codes = codes4.data() + index4 * nibble_bytes(cols);
  const std::uint16_t* scales = scales4.data() + index4 * groups();
  const std::uint8_t* zeros = zeros4.data() + index4 * nibble_bytes(groups());
  for_each_group(cols, group, [&](std::size_t g, std::size_t first, std::size_t count) {
    const float scale = f16_to_f32(scales[g]);
    const int zero = nibble_at(zeros, static_cast<std::int64_t>(g));
    for (std::size_t k = first; k < first + count; ++k) {
      out[k] = static_cast<float>(nibble_at(codes, static_cast<std::int64_t>(k)) - zero) * scale;
    }
  });
}

void QuantizedMatrix::dequantize_row8(std::int64_t index8, std::span<float> out) const {
  assert(out.size() == static_cast<std::size_t>(cols));
  const std::int8_t* codes = codes8.data() + index8 * cols;
  const std::uint16_t* scales = scales8.data() + index8 * groups();
  for_each_group(cols, group, [&](std::size_t g, std::size_t first, std::size_t count) {
    const float scale = f16_to_f32(scales[g]);
    for (std::size_t k = first; k < first + count; ++k)
      out[k] = static_cast<float>(codes[k]) * scale;
  });
}

void QuantizedMatrix::dequantize(std::span<float> out) const {
  assert(out.size() == static_cast<std::size_t>(rows * cols));
  const auto width = static_cast<std::size_t>(cols);
  const std::vector<std::uint32_t> low = rows4();
  for (std::size_t i = 0; i < low.size(); ++i) {
    dequantize_row4(static_cast<std::int64_t>(i), out.subspan(low[i] * width, width));
  }
  for (std::size_t i = 0; i < rows8.size(); ++i) {
    dequantize_row8(static_cast<std::int64_t>(i), out.subspan(rows8[i] * width, width));
  }
}

void QuantizedMatrix::scales(std::span<float> out) const {
  assert(out.size() == static_cast<std::size_t>(rows * groups()));
  const auto copy = [&](const std::vector<std::uint32_t>& of, const std::vector<std::uint16_t>& from) {
    for (std::size_t i = 0; i < from.size(); ++i) {
      const std::size_t row = of[i / static_cast<std::size_t>(groups())];
      out[row * static_cast<std::size_t>(groups()) + i % static_cast<std::size_t>(groups())] = f16_to_f32(from[i]);
    }
  };
  copy(rows4(), scales4);
  copy(rows8, scales8);
}

void fake_quantize4(std::span<const float> weight, std::int64_t rows, std::int64_t cols, std::int64_t group,
                    std::span<float> out) {
  assert(weight.size() == static_cast<std::size_t>(rows * cols) && out.size() == weight.size());
  for (std::int64_t row = 0; row < rows; ++row) {
    for_each_group(cols, group, [&](std::size_t, std::size_t first, std::size_t count) {
      const auto offset = static_cast<std::size_t>(row * cols) + first;
      const float* values = weight.data() + offset;
      float* rounded = out.data() + offset;
      float low = values[0];
      float high = values[0];
      for (std::size_t k = 1; k < count; ++k) {
        low = std::min(low, values[k]);
        high = std::max(high, values[k]);
      }
      const AsymmetricGrid grid = asymmetric_grid(low, high, kAsymmetric4.bits);
      const float scale = f16_to_f32(grid.scale);
      const auto zero = static_cast<float>(grid.zero);
      for (std::size_t k = 0; k < count; ++k) {
        rounded[k] = (rounding::code(values[k] / scale, zero, 0.0F, 15.0F) - zero) * scale;
      }
    });
  }
}

float quantize_activation_group(std::span<const float> x, std::span<std::int8_t> codes) {
  assert(codes.size() == x.size());
  std::int32_t sum = 0;
  return rounding::activations(x.data(), static_cast<std::int64_t>(x.size()), codes.data(), sum);
}

}  // namespace salient

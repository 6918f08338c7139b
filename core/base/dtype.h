// SPDX-License-Identifier: Apache-2.0
// Element types as safetensors names them, and exact conversions between the float formats.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace salient {

enum class DType : std::uint8_t {
  boolean,
  u8,
  i8,
  u16,
  i16,
  f16,
  bf16,
  u32,
  i32,
  f32,
  u64,
  i64,
  f64,
  f8_e4m3,
  f8_e5m2,
  f4,
  f6_e2m3,
  f6_e3m2,
  f8_e8m0,
  f8_e4m3fnuz,
  f8_e5m2fnuz,
  c64
};

[[nodiscard]] std::string_view dtype_name(DType dtype);                     ///< "F32", "BF16", …
[[nodiscard]] std::optional<DType> dtype_from_name(std::string_view name);  ///< exact, case-sensitive
[[nodiscard]] int dtype_bits(DType dtype);                                  ///< 4 for f4, 6 for f6_*

/// IEEE binary16 bits to float and back (round to nearest even; overflow becomes infinity).
[[nodiscard]] float f16_to_f32(std::uint16_t bits);
[[nodiscard]] std::uint16_t f32_to_f16(float value);
/// bfloat16 bits to float and back (round to nearest even, NaN stays NaN).
[[nodiscard]] float bf16_to_f32(std::uint16_t bits);
[[nodiscard]] std::uint16_t f32_to_bf16(float value);

/// F32, F16 and BF16: what convert_to_f32 takes.
[[nodiscard]] bool convertible_to_f32(DType dtype);
/// `source` holds out.size() elements of f32, f16 or bf16 (any alignment). Vectorised where it pays.
void convert_to_f32(DType dtype, const std::byte* source, std::span<float> out);

}  // namespace salient

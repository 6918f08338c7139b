// SPDX-License-Identifier: Apache-2.0
#include "core/base/dtype.h"

#include <array>
#include <bit>
#include <cstring>
#include <limits>

#include "core/base/system.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace salient {
namespace {

struct DTypeEntry {
  std::string_view name;
  int bits;
};

// In the order of the enumeration.
constexpr std::array<DTypeEntry, 22> kDTypes{
    {{"BOOL", 8},    {"U8", 8},          {"I8", 8},          {"U16", 16}, {"I16", 16},    {"F16", 16},
     {"BF16", 16},   {"U32", 32},        {"I32", 32},        {"F32", 32}, {"U64", 64},    {"I64", 64},
     {"F64", 64},    {"F8_E4M3", 8},     {"F8_E5M2", 8},     {"F4", 4},   {"F6_E2M3", 6}, {"F6_E3M2", 6},
     {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"C64", 64}}};
static_assert(kDTypes.size() == static_cast<std::size_t>(DType::c64) + 1);

template <float (*convert)(std::uint16_t)>
void convert16(const std::byte* source, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, source + 2 * i, sizeof bits);
    out[i] = convert(bits);
  }
}

#if defined(__x86_64__)

// Both return how many elements they did; the rest is left to the plain loop.

__attribute__((target("avx2,f16c"))) std::size_t f16_avx2(const std::byte* source, std::span<float> out) {
  std::size_t i = 0;
  for (; i + 8 <= out.size(); i += 8) {
    const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(source + 2 * i));
    _mm256_storeu_ps(out.data() + i, _mm256_cvtph_ps(halves));
  }
  return i;
}

__attribute__((target("avx2"))) std::size_t bf16_avx2(const std::byte* source, std::span<float> out) {
  std::size_t i = 0;
  for (; i + 8 <= out.size(); i += 8) {
    const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(source + 2 * i));
    const __m256i words = _mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16);
    _mm256_storeu_ps(out.data() + i, _mm256_castsi256_ps(words));
  }
  return i;
}

#endif

}  // namespace

std::string_view dtype_name(DType dtype) {
  return kDTypes[static_cast<std::size_t>(dtype)].name;
}

int dtype_bits(DType dtype) {
  return kDTypes[static_cast<std::size_t>(dtype)].bits;
}

std::optional<DType> dtype_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kDTypes.size(); ++i) {
    if (kDTypes[i].name == name) return static_cast<DType>(i);
  }
  return std::nullopt;
}

float f16_to_f32(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000U) << 16;
  const std::uint32_t exponent = (bits >> 10) & 0x1FU;
  const std::uint32_t mantissa = bits & 0x3FFU;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(mantissa) * 0x1.0p-24F;
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
  }
  if (exponent == 31) {
    // A signalling NaN becomes quiet, as the processor's own instruction makes it.
    const std::uint32_t quiet = mantissa == 0 ? 0U : 0x400000U;
    return std::bit_cast<float>(sign | 0x7F800000U | quiet | mantissa << 13);
  }
  return std::bit_cast<float>(sign | (exponent + 112U) << 23 | mantissa << 13);
}

std::uint16_t f32_to_f16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000U;
  const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
  if (magnitude > 0x7F800000U) return static_cast<std::uint16_t>(sign | 0x7E00U | ((magnitude >> 13) & 0x3FFU));
  if (magnitude >= 0x477FF000U) return static_cast<std::uint16_t>(sign | 0x7C00U);  // 65520 rounds up to infinity
  if (magnitude < 0x38800000U) {
    // Below 2^-14 the result is subnormal, in steps of 2^-24: the distance between floats at 0.5, so that
    // the addition rounds to them (nearest even).
    const float shifted = std::bit_cast<float>(magnitude) + 0.5F;
    return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3F000000U));
  }
  const std::uint32_t rounded = magnitude + 0xFFFU + ((magnitude >> 13) & 1U);
  return static_cast<std::uint16_t>(sign | ((rounded - 0x38000000U) >> 13));
}

float bf16_to_f32(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

std::uint16_t f32_to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7FFFFFFFU) > 0x7F800000U) return static_cast<std::uint16_t>(bits >> 16 | 0x40U);
  return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

bool convertible_to_f32(DType dtype) {
  return dtype == DType::f32 || dtype == DType::f16 || dtype == DType::bf16;
}

void convert_to_f32(DType dtype, const std::byte* source, std::span<float> out) {
  std::size_t done = 0;
  switch (dtype) {
    case DType::f32:
      if (!out.empty()) std::memcpy(out.data(), source, out.size_bytes());
      return;
    case DType::f16:
#if defined(__x86_64__)
      if (cpu_features().avx2) done = f16_avx2(source, out);
#endif
      convert16<f16_to_f32>(source + 2 * done, out.subspan(done));
      return;
    case DType::bf16:
#if defined(__x86_64__)
      if (cpu_features().avx2) done = bf16_avx2(source, out);
#endif
      convert16<bf16_to_f32>(source + 2 * done, out.subspan(done));
      return;
    default:
      // Outside the contract; NaN cannot pass for a weight.
      for (float& value : out)
        value = std::numeric_limits<float>::quiet_NaN();
  }
}

}  // namespace salient

// SPDX-License-Identifier: Apache-2.0
// The packed product with AVX2. vpmaddubsw adds pairs into 16 bits and must not saturate:
//   4 bit: a pair is at most 2·15·127 = 3810, so eight of them (32 columns) are added up in 16 bits first;
//   8 bit: the magnitude of the code meets the activation with the code's sign, at most 2·128·127 = 32512.
#include "core/compute/packed_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <cstring>

#include "core/compute/rounding.h"

#define SALIENT_AVX2 __attribute__((target("avx2,fma,f16c")))

namespace salient::packed {
namespace {

constexpr int kHalves = 2;  // of a tile: 8 rows fill a register
constexpr std::int64_t kOctetsIn16Bits = 4;

SALIENT_AVX2 SALIENT_INLINE __m256i broadcast4(const std::int8_t* codes) {
  std::int32_t four;
  std::memcpy(&four, codes, sizeof four);
  return _mm256_set1_epi32(four);
}

SALIENT_AVX2 SALIENT_INLINE __m256i load(const std::byte* bytes) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(bytes));
}

template <int kTokens>
using Sums = __m256i[kTokens][kHalves];

template <int kTokens>
SALIENT_AVX2 SALIENT_INLINE void add_codes4(const std::byte* codes, std::int64_t octets_in_group, const std::int8_t* x,
                                            std::int64_t x_stride, Sums<kTokens>& sums) {
  const __m256i mask = _mm256_set1_epi8(15);
  for (std::int64_t done = 0; done < octets_in_group; done += kOctetsIn16Bits) {
    Sums<kTokens> pairs;
    for (int t = 0; t < kTokens; ++t) {
      for (int h = 0; h < kHalves; ++h)
        pairs[t][h] = _mm256_setzero_si256();
    }
    const std::int64_t end = std::min(done + kOctetsIn16Bits, octets_in_group);
    for (std::int64_t o = done; o < end; ++o, codes += octet_bytes(4), x += kOctet) {
      for (int h = 0; h < kHalves; ++h) {
        const __m256i both = load(codes + 32 * h);
        const __m256i low = _mm256_and_si256(both, mask);
        const __m256i high = _mm256_and_si256(_mm256_srli_epi16(both, 4), mask);
        for (int t = 0; t < kTokens; ++t) {
          pairs[t][h] = _mm256_add_epi16(pairs[t][h], _mm256_maddubs_epi16(low, broadcast4(x + t * x_stride)));
          pairs[t][h] = _mm256_add_epi16(pairs[t][h], _mm256_maddubs_epi16(high, broadcast4(x + t * x_stride + 4)));
        }
      }
    }
    for (int t = 0; t < kTokens; ++t) {
      for (int h = 0; h < kHalves; ++h) {
        sums[t][h] = _mm256_add_epi32(sums[t][h], _mm256_madd_epi16(pairs[t][h], _mm256_set1_epi16(1)));
      }
    }
  }
}

template <int kTokens>
SALIENT_AVX2 SALIENT_INLINE void add_codes8(const std::byte* codes, std::int64_t octets_in_group, const std::int8_t* x,
                                            std::int64_t x_stride, Sums<kTokens>& sums) {
  const __m256i offset = _mm256_set1_epi8(-128);
  const __m256i ones = _mm256_set1_epi16(1);
  // A quad of columns is 64 bytes, half an octet.
  for (std::int64_t quad = 0; quad < 2 * octets_in_group; ++quad, codes += octet_bytes(8) / 2, x += kOctet / 2) {
    for (int h = 0; h < kHalves; ++h) {
      const __m256i code = _mm256_xor_si256(load(codes + 32 * h), offset);
      const __m256i magnitude = _mm256_abs_epi8(code);
      for (int t = 0; t < kTokens; ++t) {
        const __m256i signed_x = _mm256_sign_epi8(broadcast4(x + t * x_stride), code);
        sums[t][h] = _mm256_add_epi32(sums[t][h], _mm256_madd_epi16(_mm256_maddubs_epi16(magnitude, signed_x), ones));
      }
    }
  }
}

/// One group of one tile times kTokens tokens.
template <int kBits, int kTokens>
SALIENT_AVX2 void multiply_group(const std::byte* data, std::int64_t octets_in_group, const std::int8_t* x,
                                 std::int64_t x_stride, const float* x_scales, const std::int32_t* x_sums,
                                 std::int64_t groups, float* out) {
  Sums<kTokens> sums;
  for (int h = 0; h < kHalves; ++h) {
    const auto* zeros = reinterpret_cast<const __m128i*>(data + kZerosOffset + 8 * h);
    const __m256i zero = kBits == 4 ? _mm256_cvtepu8_epi32(_mm_loadl_epi64(zeros)) : _mm256_setzero_si256();
    for (int t = 0; t < kTokens; ++t) {
      sums[t][h] = _mm256_madd_epi16(zero, _mm256_set1_epi32(-x_sums[t * groups]));
    }
  }
  if constexpr (kBits == 4) {
    add_codes4<kTokens>(data + kHeaderBytes, octets_in_group, x, x_stride, sums);
  } else {
    add_codes8<kTokens>(data + kHeaderBytes, octets_in_group, x, x_stride, sums);
  }
  for (int h = 0; h < kHalves; ++h) {
    const __m256 scale = _mm256_cvtph_ps(_mm_load_si128(reinterpret_cast<const __m128i*>(data + 16 * h)));
    for (int t = 0; t < kTokens; ++t) {
      float* to = out + t * kPanelRows + 8 * h;
      const __m256 part =
          _mm256_mul_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(sums[t][h]), scale), _mm256_set1_ps(x_scales[t * groups]));
      _mm256_storeu_ps(to, _mm256_add_ps(_mm256_loadu_ps(to), part));
    }
  }
}

template <int kBits>
SALIENT_AVX2 void multiply(const Panel& panel, const Columns& columns, const Activations& activations,
                           std::int64_t tokens, float* out) {
  const std::int64_t stride = columns.padded();
  for (std::int64_t tile = 0; tile < panel.tiles; ++tile) {
    const std::byte* data = panel.data + tile * columns.tile_bytes(kBits);
    for (std::int64_t g = 0; g < columns.groups; ++g) {
      const std::int64_t count = columns.in_group(g);
      for (std::int64_t t = 0; t < tokens;) {
        const std::int8_t* x = activations.codes + t * stride + g * columns.group_octets * kOctet;
        const float* scales = activations.scales + t * columns.groups + g;
        const std::int32_t* sums = activations.sums + t * columns.groups + g;
        float* to = out + t * kPanelRows + tile * kTileRows;
        if (tokens - t >= 4) {
          multiply_group<kBits, 4>(data, count, x, stride, scales, sums, columns.groups, to);
          t += 4;
        } else {
          multiply_group<kBits, 1>(data, count, x, stride, scales, sums, columns.groups, to);
          t += 1;
        }
      }
      data += kHeaderBytes + count * octet_bytes(kBits);
    }
  }
}

SALIENT_AVX2 float round_activations(const float* x, std::int64_t count, std::int8_t* codes, std::int32_t& sum) {
  return rounding::activations(x, count, codes, sum);
}

}  // namespace

const Kernels kAvx2Kernels{multiply<4>, multiply<8>, round_activations};

}  // namespace salient::packed
#endif

// SPDX-License-Identifier: Apache-2.0
// The packed product with AVX-512 VNNI: vpdpbusd takes the codes as they are stored (unsigned) and signed
// activations; zero points (128 for 8 bit) come in through the activations' sums when a group's accumulators start.
#include "core/compute/packed_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <cstring>

#include "core/compute/rounding.h"

#define SALIENT_VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))

namespace salient::packed {
namespace {

SALIENT_VNNI SALIENT_INLINE __m512i broadcast4(const std::int8_t* codes) {
  std::int32_t four;
  std::memcpy(&four, codes, sizeof four);
  return _mm512_set1_epi32(four);
}

/// One group of kTiles tiles times kTokens tokens. `data`: the group in the first tile.
template <int kBits, int kTiles, int kTokens>
SALIENT_VNNI void multiply_group(const std::byte* data, std::int64_t tile_bytes, std::int64_t octets_in_group,
                                 const std::int8_t* x, std::int64_t x_stride, const float* x_scales,
                                 const std::int32_t* x_sums, std::int64_t groups, float* out) {
  // With few accumulators the two halves of an octet get one each, to hide the instruction's latency.
  constexpr int kChains = kTiles * kTokens <= 4 ? 2 : 1;
  __m512i sums[kTokens][kTiles][kChains];
  for (int i = 0; i < kTiles; ++i) {
    const auto* zeros = reinterpret_cast<const __m128i*>(data + i * tile_bytes + kZerosOffset);
    const __m512i zero = kBits == 4 ? _mm512_cvtepu8_epi32(_mm_load_si128(zeros)) : _mm512_set1_epi32(128);
    for (int t = 0; t < kTokens; ++t) {
      // Both factors fit 16 bits, and the upper half of `zero` is 0: one multiplication without widening.
      sums[t][i][0] = _mm512_madd_epi16(zero, _mm512_set1_epi32(-x_sums[t * groups]));
      if constexpr (kChains == 2) sums[t][i][1] = _mm512_setzero_si512();
    }
  }
  const std::byte* codes = data + kHeaderBytes;
  for (std::int64_t o = 0; o < octets_in_group; ++o, codes += octet_bytes(kBits), x += kOctet) {
    __m512i low[kTiles];
    __m512i high[kTiles];
    for (int i = 0; i < kTiles; ++i) {
      const __m512i first = _mm512_load_si512(codes + i * tile_bytes);
      if constexpr (kBits == 4) {
        const __m512i mask = _mm512_set1_epi8(15);
        low[i] = _mm512_and_si512(first, mask);
        high[i] = _mm512_and_si512(_mm512_srli_epi16(first, 4), mask);
      } else {
        low[i] = first;
        high[i] = _mm512_load_si512(codes + i * tile_bytes + 64);
      }
    }
    for (int t = 0; t < kTokens; ++t) {
      const __m512i x_low = broadcast4(x + t * x_stride);
      const __m512i x_high = broadcast4(x + t * x_stride + 4);
      for (int i = 0; i < kTiles; ++i)
        sums[t][i][0] = _mm512_dpbusd_epi32(sums[t][i][0], low[i], x_low);
      for (int i = 0; i < kTiles; ++i) {
        sums[t][i][kChains - 1] = _mm512_dpbusd_epi32(sums[t][i][kChains - 1], high[i], x_high);
      }
    }
  }
  for (int i = 0; i < kTiles; ++i) {
    const __m512 scale = _mm512_cvtph_ps(_mm256_load_si256(reinterpret_cast<const __m256i*>(data + i * tile_bytes)));
    for (int t = 0; t < kTokens; ++t) {
      __m512i sum = sums[t][i][0];
      if constexpr (kChains == 2) sum = _mm512_add_epi32(sum, sums[t][i][1]);
      float* to = out + t * kPanelRows + i * kTileRows;
      const __m512 part =
          _mm512_mul_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(sum), scale), _mm512_set1_ps(x_scales[t * groups]));
      _mm512_storeu_ps(to, _mm512_add_ps(_mm512_loadu_ps(to), part));
    }
  }
}

template <int kBits, int kTiles>
SALIENT_VNNI void multiply_tiles(const std::byte* data, const Columns& columns, const Activations& activations,
                                 std::int64_t tokens, float* out) {
  const std::int64_t tile_bytes = columns.tile_bytes(kBits);
  const std::int64_t stride = columns.padded();
  for (std::int64_t g = 0; g < columns.groups; ++g) {
    const std::int64_t count = columns.in_group(g);
    for (std::int64_t t = 0; t < tokens;) {
      const std::int8_t* x = activations.codes + t * stride + g * columns.group_octets * kOctet;
      const float* scales = activations.scales + t * columns.groups + g;
      const std::int32_t* sums = activations.sums + t * columns.groups + g;
      float* to = out + t * kPanelRows;
      if (tokens - t >= 8) {
        multiply_group<kBits, kTiles, 8>(data, tile_bytes, count, x, stride, scales, sums, columns.groups, to);
        t += 8;
      } else if (tokens - t >= 4) {
        multiply_group<kBits, kTiles, 4>(data, tile_bytes, count, x, stride, scales, sums, columns.groups, to);
        t += 4;
      } else if (tokens - t >= 2) {
        multiply_group<kBits, kTiles, 2>(data, tile_bytes, count, x, stride, scales, sums, columns.groups, to);
        t += 2;
      } else {
        multiply_group<kBits, kTiles, 1>(data, tile_bytes, count, x, stride, scales, sums, columns.groups, to);
        t += 1;
      }
    }
    data += kHeaderBytes + count * octet_bytes(kBits);
  }
}

template <int kBits>
void multiply(const Panel& panel, const Columns& columns, const Activations& activations, std::int64_t tokens,
              float* out) {
  if (panel.tiles == kPanelTiles) {
    multiply_tiles<kBits, kPanelTiles>(panel.data, columns, activations, tokens, out);
  } else {
    multiply_tiles<kBits, 1>(panel.data, columns, activations, tokens, out);
  }
}

SALIENT_VNNI float round_activations(const float* x, std::int64_t count, std::int8_t* codes, std::int32_t& sum) {
  return rounding::activations(x, count, codes, sum);
}

}  // namespace

const Kernels kAvx512VnniKernels{multiply<4>, multiply<8>, round_activations};

}  // namespace salient::packed
#endif

// SPDX-License-Identifier: Apache-2.0
// The packed product in plain loops: what the vectorised implementations are compared with, and what runs on
// processors without them.
#include <array>
#include <cstring>

#include "core/base/dtype.h"
#include "core/compute/packed_kernels.h"
#include "core/compute/rounding.h"

namespace salient::packed {
namespace {

/// Row `r`'s integer sum over a group, without its zero point.
template <int kBits>
std::int32_t dot(const std::uint8_t* codes, std::int64_t row, std::int64_t octets_in_group, const std::int8_t* x) {
  std::int32_t sum = 0;
  for (std::int64_t o = 0; o < octets_in_group; ++o, codes += octet_bytes(kBits), x += kOctet) {
    for (std::int64_t j = 0; j < 4; ++j) {
      const std::uint8_t first = codes[4 * row + j];
      if constexpr (kBits == 4) {
        sum += (first & 15) * x[j] + (first >> 4) * x[4 + j];
      } else {
        sum += first * x[j] + codes[64 + 4 * row + j] * x[4 + j];
      }
    }
  }
  return sum;
}

template <int kBits>
void multiply(const Panel& panel, const Columns& columns, const Activations& activations, std::int64_t tokens,
              float* out) {
  for (std::int64_t tile = 0; tile < panel.tiles; ++tile) {
    const auto* data = reinterpret_cast<const std::uint8_t*>(panel.data) + tile * columns.tile_bytes(kBits);
    for (std::int64_t g = 0; g < columns.groups; ++g) {
      const std::int64_t count = columns.in_group(g);
      std::array<std::uint16_t, kTileRows> scales;
      std::memcpy(scales.data(), data, sizeof scales);
      for (std::int64_t t = 0; t < tokens; ++t) {
        const std::int8_t* x = activations.codes + t * columns.padded() + g * columns.group_octets * kOctet;
        const std::int32_t sum = activations.sums[t * columns.groups + g];
        const float x_scale = activations.scales[t * columns.groups + g];
        for (std::int64_t r = 0; r < kTileRows; ++r) {
          const int zero = kBits == 4 ? data[kZerosOffset + r] : 128;
          const std::int32_t product = dot<kBits>(data + kHeaderBytes, r, count, x) - zero * sum;
          out[t * kPanelRows + tile * kTileRows + r] +=
              static_cast<float>(product) * f16_to_f32(scales[static_cast<std::size_t>(r)]) * x_scale;
        }
      }
      data += kHeaderBytes + count * octet_bytes(kBits);
    }
  }
}

float round_activations(const float* x, std::int64_t count, std::int8_t* codes, std::int32_t& sum) {
  return rounding::activations(x, count, codes, sum);
}

}  // namespace

const Kernels kReferenceKernels{multiply<4>, multiply<8>, round_activations};

}  // namespace salient::packed

// SPDX-License-Identifier: Apache-2.0
// The packed product in plain loops: what the vectorised implementations are compared with, and what runs on
// processors without them.
#include <algorithm>
#include <array>
#include <cstring>

#include "core/base/dtype.h"
#include "core/compute/packed_kernels.h"
#include "core/compute/rounding.h"

namespace salient::packed {
namespace {

constexpr std::int64_t kLargestGroup = 128;
using Codes = std::array<std::int16_t, kLargestGroup>;  // wide enough for unsigned 8 bit

/// A tile's group, one row of codes after the other.
template <int kBits>
void unpack(const std::uint8_t* codes, std::int64_t octets_in_group, std::array<Codes, kTileRows>& rows) {
  for (std::int64_t o = 0; o < octets_in_group; ++o, codes += octet_bytes(kBits)) {
    for (std::int64_t r = 0; r < kTileRows; ++r) {
      std::int16_t* row = rows[static_cast<std::size_t>(r)].data() + o * kOctet;
      for (std::int64_t j = 0; j < 4; ++j) {
        const std::uint8_t first = codes[4 * r + j];
        row[j] = static_cast<std::int16_t>(kBits == 4 ? first & 15 : first);
        row[4 + j] = static_cast<std::int16_t>(kBits == 4 ? first >> 4 : codes[64 + 4 * r + j]);
      }
    }
  }
}

std::int32_t dot(const Codes& row, const Codes& x, std::int64_t count) {
  std::int32_t sum = 0;
  for (std::int64_t k = 0; k < count; ++k) {
    sum += row[static_cast<std::size_t>(k)] * x[static_cast<std::size_t>(k)];
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
      std::array<Codes, kTileRows> rows;
      unpack<kBits>(data + kHeaderBytes, count, rows);
      for (std::int64_t t = 0; t < tokens; ++t) {
        Codes x;
        std::copy_n(activations.codes + t * columns.padded() + g * columns.group_octets * kOctet, count * kOctet,
                    x.begin());
        const std::int32_t sum = activations.sums[t * columns.groups + g];
        const float x_scale = activations.scales[t * columns.groups + g];
        for (std::int64_t r = 0; r < kTileRows; ++r) {
          const int zero = kBits == 4 ? data[kZerosOffset + r] : 128;
          const std::int32_t product = dot(rows[static_cast<std::size_t>(r)], x, count * kOctet) - zero * sum;
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

// SPDX-License-Identifier: Apache-2.0
// Inside of packed_linear.cpp: the tile order of packed weights and the three implementations that multiply them.
//
// A tile holds 16 output rows of one class (4 or 8 bit) over all of K; two tiles are a panel. Inside a tile the
// groups follow one another, each as a header and its codes:
//   header, 64 bytes: 16 scales (fp16), then for 4 bit 16 zero points (one byte each); the rest unused.
//   codes, for each octet of 8 columns (the last one of a group filled up with zeros):
//     4 bit:  64 bytes; byte 4r + j holds row r's column j in its low and column 4 + j in its high half;
//     8 bit: 128 bytes; byte 4r + j holds row r's column j plus 128, byte 64 + 4r + j its column 4 + j plus 128.
// So a 32-bit lane is an output row, and four activations, broadcast, meet four codes of every row at once.
#pragma once

#include <cstddef>
#include <cstdint>

namespace salient::packed {

inline constexpr std::int64_t kTileRows = 16;
inline constexpr std::int64_t kPanelTiles = 2;
inline constexpr std::int64_t kPanelRows = kTileRows * kPanelTiles;
inline constexpr std::int64_t kHeaderBytes = 64;
inline constexpr std::int64_t kZerosOffset = kTileRows * 2;  ///< of a 4-bit group's zero points in its header
inline constexpr std::int64_t kOctet = 8;

constexpr std::int64_t octets(std::int64_t columns) {
  return (columns + kOctet - 1) / kOctet;
}
constexpr std::int64_t octet_bytes(int bits) {
  return kTileRows * kOctet * bits / 8;
}

/// How K is cut: `groups` groups, all of `group_octets` octets but the last.
struct Columns {
  std::int64_t groups = 0;
  std::int64_t group_octets = 0;
  std::int64_t last_octets = 0;

  [[nodiscard]] std::int64_t in_group(std::int64_t g) const { return g + 1 < groups ? group_octets : last_octets; }
  /// Activations a token, the short group filled up.
  [[nodiscard]] std::int64_t padded() const { return ((groups - 1) * group_octets + last_octets) * kOctet; }
  [[nodiscard]] std::int64_t tile_bytes(int bits) const {
    return groups * kHeaderBytes + padded() / kOctet * octet_bytes(bits);
  }
};

/// Rounded activations of some tokens.
struct Activations {
  const std::int8_t* codes = nullptr;  ///< [tokens, columns.padded()]
  const float* scales = nullptr;       ///< [tokens, groups]
  const std::int32_t* sums = nullptr;  ///< [tokens, groups]: Σ codes
};

struct Panel {
  const std::byte* data = nullptr;  ///< `tiles` tiles, each columns.tile_bytes() long, 64-byte aligned
  std::int64_t tiles = 0;
};

struct Kernels {
  /// out [tokens, kPanelRows] += the panel's products, group after group.
  using Multiply = void (*)(const Panel& panel, const Columns& columns, const Activations& activations,
                            std::int64_t tokens, float* out);
  Multiply multiply4 = nullptr;
  Multiply multiply8 = nullptr;
  /// rounding::activations() compiled for this processor.
  float (*round_activations)(const float* x, std::int64_t count, std::int8_t* codes, std::int32_t& sum) = nullptr;
};

extern const Kernels kReferenceKernels;
#if defined(__x86_64__)
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512VnniKernels;
#endif

}  // namespace salient::packed

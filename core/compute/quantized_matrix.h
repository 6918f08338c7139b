// SPDX-License-Identifier: Apache-2.0
// METHOD §1: the number formats, and a linear layer's weight in them: some rows (output features) in
// 4 bit asymmetric, the others in 8 bit symmetric, both with scales for groups along K. This is the
// canonical form that quantizers produce, the packed model stores, and backends re-tile at load. Rows of other widths
// live in it too: up to 4 bits as 4-bit rows, 5 to 7 as 8-bit rows of q − z, which then lies within ±127.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace salient {

/// ceil(cols / group): the last group may be short.
[[nodiscard]] constexpr std::int64_t group_count(std::int64_t cols, std::int64_t group) {
  return (cols + group - 1) / group;
}

/// Two 4-bit values a byte, the even index in the low half.
[[nodiscard]] constexpr std::int64_t nibble_bytes(std::int64_t count) {
  return (count + 1) / 2;
}
[[nodiscard]] constexpr int nibble_at(const std::uint8_t* bytes, std::int64_t index) {
  return bytes[index / 2] >> (index % 2 * 4) & 15;
}

// Rounding is half to even. Scales are rounded to fp16 first and then used as stored; they are never zero
// (1e-5/127 is a denormal fp16 above zero) and saturate at the largest finite fp16.

/// The grid of a class of rows: one of METHOD §1's, or its asymmetric one with another number of bits.
struct RowFormat {
  std::int32_t bits = 4;   ///< asymmetric: 2 to 7
  bool symmetric = false;  ///< no zero point; of 8 bits

  [[nodiscard]] constexpr std::int32_t lowest() const { return symmetric ? -(1 << (bits - 1)) : 0; }
  [[nodiscard]] constexpr std::int32_t highest() const { return (1 << (symmetric ? bits - 1 : bits)) - 1; }
  bool operator==(const RowFormat&) const = default;
};
inline constexpr RowFormat kAsymmetric4{4, false};
inline constexpr RowFormat kSymmetric8{8, true};

/// With n = 2^bits − 1: scale = max(max − min, 1e-5)/n as fp16 bits, zero = clamp(round(−min/scale), 0, n) with the
/// scale as stored.
struct AsymmetricGrid {
  std::uint16_t scale = 0;  ///< fp16 bits
  std::uint8_t zero = 0;
};
[[nodiscard]] AsymmetricGrid asymmetric_grid(float min, float max, std::int32_t bits);
[[nodiscard]] std::uint8_t quantize4(float value, float scale, float zero);  ///< clamp(round(v/scale) + zero, 0, 15)

/// scale = max(absmax, 1e-5)/127 as fp16 bits.
[[nodiscard]] std::uint16_t grid8_from_absmax(float absmax);
[[nodiscard]] std::int8_t quantize8(float value, float scale);  ///< clamp(round(v/scale), −128, 127)

struct QuantizedMatrix {
  std::int64_t rows = 0;  ///< N, output features
  std::int64_t cols = 0;  ///< K, input features
  std::int64_t group = 128;
  std::vector<std::uint32_t> rows8;  ///< ascending indices of the 8-bit rows; the others are the 4-bit rows, ascending
  std::vector<std::uint8_t> codes4;  ///< [N4, ceil(K/2)], even k in the low nibble; a last odd nibble is 0
  std::vector<std::uint16_t> scales4;  ///< [N4, groups] fp16 bits
  std::vector<std::uint8_t> zeros4;    ///< [N4, ceil(groups/2)], nibbles as codes4
  std::vector<std::int8_t> codes8;     ///< [N8, K]
  std::vector<std::uint16_t> scales8;  ///< [N8, groups] fp16 bits

  [[nodiscard]] std::int64_t groups() const { return group_count(cols, group); }
  [[nodiscard]] std::int64_t count8() const { return static_cast<std::int64_t>(rows8.size()); }
  [[nodiscard]] std::int64_t count4() const { return rows - count8(); }
  [[nodiscard]] std::vector<std::uint32_t> rows4() const;  ///< the complement of rows8, ascending
  /// (q − z)·s or q·s of one row in original numbering order is costly; these take the row within its class.
  void dequantize_row4(std::int64_t index4, std::span<float> out) const;
  void dequantize_row8(std::int64_t index8, std::span<float> out) const;
  /// The whole weight [N, K] in original row order.
  void dequantize(std::span<float> out) const;
  /// The scales [N, groups] in original row order.
  void scales(std::span<float> out) const;
};

/// Round-to-nearest 4 bit of every row, as the salience search uses it (METHOD §2): out = Q4(W), fp32.
void fake_quantize4(std::span<const float> weight, std::int64_t rows, std::int64_t cols, std::int64_t group,
                    std::span<float> out);

/// Activations of one token and group: codes in [−127, 127]; returns the scale absmax/127 (fp32), 0 for a group of
/// zeros. A NaN or Inf among them makes the scale NaN or Inf, so that it shows in whatever is computed from them.
[[nodiscard]] float quantize_activation_group(std::span<const float> x, std::span<std::int8_t> codes);

}  // namespace salient

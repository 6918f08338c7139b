// SPDX-License-Identifier: Apache-2.0
// Inside of core/pack: the layout "pack-quantized" of the compressed-tensors library. A linear of N rows and K columns
// with B = 4 or 8 bit and groups of g columns (G = K/g) is stored as
//   weight_packed I32 [N, K·B/32]       element k of a row at bit (k·B) of the row's little-endian words
//   weight_scale F16 [N, G] · weight_shape I64 [2]
//   weight_zero_point I32 [ceil(N/8), G] (4 bit only)  element n of a column at bit (n mod 8)·4 of word n/8
// Stored are unsigned numbers: the code for 4 bit, where the value is (code − zero)·scale, and code + 128 for 8 bit,
// where it is code·scale.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/compute/quantized_matrix.h"
#include "core/model/linear_id.h"
#include "core/search/allocation.h"

namespace salient::compressed_tensors {

/// One linear's bits: 8 where a row of it, or of a linear that readers fuse with it (q/k/v, gate/up), has 8.
struct LinearScheme {
  LinearId id;
  LinearShape shape;
  int bits = 4;
};
/// Error{unsupported} where a linear's columns are no multiple of the group: the format knows no short last group.
[[nodiscard]] Result<std::vector<LinearScheme>> schemes(const BitMap& map, std::int64_t group);
/// config.json's quantization_config.
[[nodiscard]] Json quantization_config(const std::vector<LinearScheme>& schemes, std::int64_t group);

struct Linear {
  std::vector<std::int32_t> packed;
  std::vector<std::uint16_t> scales;  ///< fp16 bits
  std::vector<std::int32_t> zeros;    ///< 4 bit only
};
/// The same values: a 4-bit row's code − zero lies between −15 and 15 and is an 8-bit code under the same scale.
[[nodiscard]] Linear encode(const QuantizedMatrix& matrix, int bits);
/// Weight [N, K] of an encoded linear, as readers of the format compute it.
void decode(const Linear& linear, LinearShape shape, int bits, std::int64_t group, std::span<float> out);

}  // namespace salient::compressed_tensors

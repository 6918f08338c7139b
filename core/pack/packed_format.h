// SPDX-License-Identifier: Apache-2.0
// Inside of core/pack: the names, shapes and bytes of a packed linear's tensors, and quantization_config.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/base/dtype.h"
#include "core/base/json.h"
#include "core/base/result.h"
#include "core/compute/quantized_matrix.h"
#include "core/model/linear_id.h"

namespace salient {

enum class PackedPart : std::uint8_t { qweight4, scales4, zeros4, qweight8, scales8, rows8 };
inline constexpr std::array<PackedPart, 6> kPackedParts{PackedPart::qweight4, PackedPart::scales4, PackedPart::zeros4,
                                                        PackedPart::qweight8, PackedPart::scales8, PackedPart::rows8};

struct PackedTensor {
  PackedPart part = PackedPart::qweight4;
  std::string name;
  DType dtype = DType::u8;
  std::vector<std::int64_t> shape;
};

[[nodiscard]] std::string packed_tensor_name(LinearId id, PackedPart part);
/// The tensors that a linear with so many 8-bit rows has; none for a bit width without rows.
[[nodiscard]] std::vector<PackedTensor> packed_tensors(LinearId id, LinearShape shape, std::int64_t rows8,
                                                       std::int64_t group);
/// The matrix's bytes for one part, as stored.
[[nodiscard]] std::span<const std::byte> part_bytes(const QuantizedMatrix& matrix, PackedPart part);
/// Makes room for the part of a matrix whose rows, columns and rows8 are set.
[[nodiscard]] std::span<std::byte> resize_part(QuantizedMatrix& matrix, PackedPart part, std::int64_t rows8);

struct QuantizationConfig {
  std::int64_t group = 128;
  std::int32_t uniform_bits = 0;  ///< as BitMap's
  Json recipe;
};
[[nodiscard]] Json quantization_config_json(const QuantizationConfig& config);
/// Reads quantization_config of a config.json (HOSTILE rows 58 and 59).
[[nodiscard]] Result<QuantizationConfig> read_quantization_config(const Json& config, const std::string& file);

/// Error{mismatch} about a packed model's tensor.
[[nodiscard]] Error pack_error(const std::filesystem::path& file, const std::string& key, std::string expected,
                               std::string found);

}  // namespace salient

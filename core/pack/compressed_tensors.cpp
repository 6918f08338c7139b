// SPDX-License-Identifier: Apache-2.0
#include "core/pack/compressed_tensors.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/dtype.h"

namespace salient::compressed_tensors {
namespace {

constexpr int kWordBits = 32;

/// The group of linears that inference engines fuse into one product.
int fused_part(LinearKind kind) {
  switch (kind) {
    case LinearKind::q:
    case LinearKind::k:
    case LinearKind::v: return 0;
    case LinearKind::o: return 1;
    case LinearKind::gate:
    case LinearKind::up: return 2;
    case LinearKind::down: break;
  }
  return 3;
}

/// `value` into the `bits` bits of element `index` of a row of words.
void put(std::int32_t* words, std::int64_t index, int bits, std::uint32_t value) {
  const std::int64_t position = index * bits;
  auto word = static_cast<std::uint32_t>(words[position / kWordBits]);
  word |= value << (position % kWordBits);
  words[position / kWordBits] = static_cast<std::int32_t>(word);
}

std::int32_t get(const std::int32_t* words, std::int64_t index, int bits) {
  const std::int64_t position = index * bits;
  const auto word = static_cast<std::uint32_t>(words[position / kWordBits]);
  return static_cast<std::int32_t>(word >> (position % kWordBits) & ((1U << bits) - 1));
}

Json group_json(const std::vector<std::string>& targets, int bits, std::int64_t group) {
  return {{"targets", targets},
          {"weights",
           {{"num_bits", bits},
            {"type", "int"},
            {"symmetric", bits == 8},
            {"strategy", "group"},
            {"group_size", group},
            {"dynamic", false}}},
          {"input_activations", nullptr},
          {"output_activations", nullptr},
          {"format", "pack-quantized"}};
}

}  // namespace

Result<std::vector<LinearScheme>> schemes(const BitMap& map, std::int64_t group) {
  std::vector<LinearScheme> result;
  for (const LinearBits& linear : map.linears) {
    if (linear.cols % group != 0) {
      return Error{ErrorCode::unsupported,      {},
                   linear_name(linear.id),      fmt::format("a multiple of {} columns", group),
                   std::to_string(linear.cols), "quantize with a smaller --group, or choose another format"};
    }
    result.push_back({linear.id, {linear.rows, linear.cols}, linear.rows8.empty() ? 4 : 8});
  }
  for (LinearScheme& scheme : result) {
    const bool wide = std::any_of(map.linears.begin(), map.linears.end(), [&](const LinearBits& other) {
      return other.id.layer == scheme.id.layer && fused_part(other.id.kind) == fused_part(scheme.id.kind) &&
             !other.rows8.empty();
    });
    if (wide) scheme.bits = 8;
  }
  return result;
}

Json quantization_config(const std::vector<LinearScheme>& schemes, std::int64_t group) {
  std::vector<std::string> narrow;
  std::vector<std::string> wide;
  for (const LinearScheme& scheme : schemes)
    (scheme.bits == 4 ? narrow : wide).push_back(linear_name(scheme.id));
  Json groups = Json::object();
  if (!narrow.empty())
    groups["group_0"] = group_json(wide.empty() ? std::vector<std::string>{"Linear"} : narrow, 4, group);
  if (!wide.empty())
    groups["group_1"] = group_json(narrow.empty() ? std::vector<std::string>{"Linear"} : wide, 8, group);
  return {{"quant_method", "compressed-tensors"}, {"format", "pack-quantized"}, {"quantization_status", "compressed"},
          {"global_compression_ratio", nullptr},  {"kv_cache_scheme", nullptr}, {"ignore", Json::array({"lm_head"})},
          {"config_groups", std::move(groups)}};
}

Linear encode(const QuantizedMatrix& matrix, int bits) {
  const std::int64_t words = matrix.cols * bits / kWordBits;
  const std::int64_t groups = matrix.groups();
  Linear result;
  result.packed.assign(static_cast<std::size_t>(matrix.rows * words), 0);
  result.scales.resize(static_cast<std::size_t>(matrix.rows * groups));
  if (bits == 4) result.zeros.assign(static_cast<std::size_t>((matrix.rows + 7) / 8 * groups), 0);

  std::int64_t index4 = 0;
  std::int64_t index8 = 0;
  for (std::int64_t row = 0; row < matrix.rows; ++row) {
    std::int32_t* out = result.packed.data() + row * words;
    std::uint16_t* scales = result.scales.data() + row * groups;
    const bool wide = index8 < matrix.count8() && matrix.rows8[static_cast<std::size_t>(index8)] == row;
    if (wide) {
      std::copy_n(matrix.scales8.begin() + index8 * groups, groups, scales);
      const std::int8_t* codes = matrix.codes8.data() + index8 * matrix.cols;
      for (std::int64_t k = 0; k < matrix.cols; ++k)
        put(out, k, bits, static_cast<std::uint32_t>(codes[k] + 128));
      ++index8;
      continue;
    }
    std::copy_n(matrix.scales4.begin() + index4 * groups, groups, scales);
    const std::uint8_t* codes = matrix.codes4.data() + index4 * nibble_bytes(matrix.cols);
    const std::uint8_t* zeros = matrix.zeros4.data() + index4 * nibble_bytes(groups);
    for (std::int64_t k = 0; k < matrix.cols; ++k) {
      const int code = nibble_at(codes, k);
      const int zero = nibble_at(zeros, k / matrix.group);
      put(out, k, bits, static_cast<std::uint32_t>(bits == 4 ? code : code - zero + 128));
    }
    if (bits == 4) {
      for (std::int64_t g = 0; g < groups; ++g)
        put(result.zeros.data() + row / 8 * groups + g, row % 8, 4, static_cast<std::uint32_t>(nibble_at(zeros, g)));
    }
    ++index4;
  }
  return result;
}

void decode(const Linear& linear, LinearShape shape, int bits, std::int64_t group, std::span<float> out) {
  const std::int64_t words = shape.cols * bits / kWordBits;
  const std::int64_t groups = shape.cols / group;
  for (std::int64_t row = 0; row < shape.rows; ++row) {
    const std::int32_t* packed = linear.packed.data() + row * words;
    float* values = out.data() + row * shape.cols;
    for (std::int64_t k = 0; k < shape.cols; ++k) {
      const std::int64_t g = k / group;
      const std::int32_t zero = bits == 4 ? get(linear.zeros.data() + row / 8 * groups + g, row % 8, 4) : 128;
      const float scale = f16_to_f32(linear.scales[static_cast<std::size_t>(row * groups + g)]);
      values[k] = static_cast<float>(get(packed, k, bits) - zero) * scale;
    }
  }
}

}  // namespace salient::compressed_tensors

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/checkpoint/safetensors_header.h"
#include "core/pack/packed_format.h"
#include "core/pack/packed_model.h"

namespace salient {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kConfigLimit = 16'000'000;
constexpr std::uint64_t kPieceBytes = std::uint64_t{4} << 20;

Status check_tensor(const Checkpoint& checkpoint, const std::string& name, DType dtype,
                    const std::vector<std::int64_t>& shape) {
  SALIENT_ASSIGN(const Checkpoint::Located located, checkpoint.find(name));
  if (located.info->dtype == dtype && located.info->shape == shape) return {};
  return pack_error(located.shard->path(), name, fmt::format("{} {}", dtype_name(dtype), shape_text(shape)),
                    fmt::format("{} {}", dtype_name(located.info->dtype), shape_text(located.info->shape)));
}

/// The 8-bit rows of a linear: ascending and inside the matrix (row 63).
Result<std::vector<std::uint32_t>> read_rows8(const Checkpoint& checkpoint, LinearId id, LinearShape shape) {
  const std::string name = packed_tensor_name(id, PackedPart::rows8);
  if (!checkpoint.contains(name)) return std::vector<std::uint32_t>{};
  SALIENT_ASSIGN(const Checkpoint::Located located, checkpoint.find(name));
  const TensorInfo& info = *located.info;
  if (info.dtype != DType::i32 || info.shape.size() != 1 || info.shape[0] < 1 || info.shape[0] > shape.rows) {
    return pack_error(located.shard->path(), name, fmt::format("I32 [n] with n from 1 to {}", shape.rows),
                      fmt::format("{} {}", dtype_name(info.dtype), shape_text(info.shape)));
  }
  std::vector<std::int32_t> rows(static_cast<std::size_t>(info.shape[0]));
  SALIENT_CHECK(located.shard->read(info, 0, std::as_writable_bytes(std::span(rows))));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] < 0 || rows[i] >= shape.rows || (i > 0 && rows[i] <= rows[i - 1])) {
      return pack_error(located.shard->path(), name, fmt::format("ascending row numbers below {}", shape.rows),
                        fmt::format("{} at index {}", rows[i], i));
    }
  }
  return std::vector<std::uint32_t>(rows.begin(), rows.end());
}

Result<LinearBits> read_bits(const Checkpoint& checkpoint, LinearId id, std::int64_t group) {
  const LinearShape shape = linear_shape(checkpoint.config(), id.kind);
  LinearBits bits{id, shape.rows, shape.cols, {}};
  SALIENT_ASSIGN(bits.rows8, read_rows8(checkpoint, id, shape));
  const auto count8 = static_cast<std::int64_t>(bits.rows8.size());
  const std::vector<PackedTensor> tensors = packed_tensors(id, shape, count8, group);
  for (const PackedTensor& tensor : tensors) {
    SALIENT_CHECK(check_tensor(checkpoint, tensor.name, tensor.dtype, tensor.shape));
  }
  return bits;
}

/// Where all rows have one width, all are stored alike.
Status check_uniform(const BitMap& map, const std::string& config_file) {
  if (map.uniform_bits == 0) return {};
  for (const LinearBits& bits : map.linears) {
    const std::int64_t wanted = map.uniform_bits > 4 ? bits.rows : 0;
    if (static_cast<std::int64_t>(bits.rows8.size()) == wanted) continue;
    return Error{ErrorCode::mismatch,
                 config_file,
                 "quantization_config.bits.uniform",
                 fmt::format("{} 8-bit rows in {} for {} bits", wanted, linear_name(bits.id), map.uniform_bits),
                 std::to_string(bits.rows8.size()),
                 "the packed model is damaged; export it again or get another copy"};
  }
  return {};
}

/// The tensors that are not quantized, as a decoder with this config needs them.
Status check_copied_tensor(const Checkpoint& checkpoint, const RequiredTensor& required) {
  SALIENT_ASSIGN(const Checkpoint::Located located, checkpoint.find(required.name));
  const TensorInfo& info = *located.info;
  const bool readable = info.dtype == DType::f32 || info.dtype == DType::f16 || info.dtype == DType::bf16;
  if (readable && info.shape == required.shape) return {};
  return pack_error(located.shard->path(), required.name, "F32, F16 or BF16 " + shape_text(required.shape),
                    fmt::format("{} {}", dtype_name(info.dtype), shape_text(info.shape)));
}

/// Copied tensors are there, and no others: more layers than config.json speaks of, a weight beside its packed form
/// or rows of a bit width that rows8 leaves empty would be ignored otherwise.
Status check_other_tensors(const Checkpoint& checkpoint, const BitMap& map, std::int64_t group) {
  std::unordered_set<std::string> weights;
  std::unordered_set<std::string> known;
  for (const LinearBits& bits : map.linears) {
    weights.insert(linear_name(bits.id) + ".weight");
    const auto count8 = static_cast<std::int64_t>(bits.rows8.size());
    for (PackedTensor& tensor : packed_tensors(bits.id, {bits.rows, bits.cols}, count8, group)) {
      known.insert(std::move(tensor.name));
    }
  }
  for (RequiredTensor& required : required_tensors(checkpoint.config())) {
    if (weights.contains(required.name)) continue;
    SALIENT_CHECK(check_copied_tensor(checkpoint, required));
    known.insert(std::move(required.name));
  }
  for (const Checkpoint::Located& located : checkpoint.tensors()) {
    if (known.contains(located.info->name)) continue;
    return pack_error(located.shard->path(), located.info->name, "only tensors that config.json and rows8 ask for",
                      "one beside them");
  }
  return {};
}

/// The manifest's entries against what the directory holds; hashes are checked where tensors are read.
Status check_manifest(const Checkpoint& checkpoint, const Manifest& manifest) {
  for (const auto& [name, entry] : manifest.files) {
    const fs::path path = checkpoint.directory() / name;
    SALIENT_ASSIGN(const fs::path real, resolve_model_file(checkpoint.directory(), name));
    SALIENT_ASSIGN(const InputFile file, InputFile::open(real));
    if (file.size() != entry.bytes) {
      return pack_error(path, "", fmt::format("{} bytes", entry.bytes), fmt::format("{}", file.size()));
    }
  }
  for (const Checkpoint::Located& located : checkpoint.tensors()) {
    const auto entry = manifest.tensors.find(located.info->name);
    if (entry == manifest.tensors.end()) {
      return pack_error(located.shard->path(), located.info->name, "a tensor of the manifest", "one it does not list");
    }
    SALIENT_CHECK(check_tensor(checkpoint, entry->first, entry->second.dtype, entry->second.shape));
  }
  for (const auto& [name, entry] : manifest.tensors) {
    if (!checkpoint.contains(name)) {
      return pack_error(checkpoint.directory() / escape_for_message(entry.file), name, "this tensor of the manifest",
                        "none");
    }
  }
  return {};
}

Status check_scales(const std::vector<std::uint16_t>& scales, const fs::path& file, const std::string& name) {
  for (std::size_t i = 0; i < scales.size(); ++i) {
    // As bits: zero, the infinities, NaN and everything below zero lie outside this range.
    if (scales[i] == 0 || scales[i] >= 0x7c00) {
      return pack_error(file, name, "finite scales above zero",
                        fmt::format("{} at index {}", f16_to_f32(scales[i]), i));
    }
  }
  return {};
}

/// The upper half of a row's last byte, where it is not used.
Status check_padding(const std::vector<std::uint8_t>& nibbles, std::int64_t count, const fs::path& file,
                     const std::string& name) {
  if (count % 2 == 0) return {};
  const auto width = static_cast<std::size_t>(nibble_bytes(count));
  for (std::size_t last = width - 1; last < nibbles.size(); last += width) {
    if (nibbles[last] >> 4 != 0) {
      return pack_error(file, name, "0 in the unused half of a row's last byte",
                        fmt::format("{} in row {}", nibbles[last] >> 4, last / width));
    }
  }
  return {};
}

/// The hash of a tensor's bytes as read, against the manifest (row 64).
Status check_hash(const Checkpoint& checkpoint, const Manifest& manifest, const std::string& name,
                  const std::string& found) {
  const auto entry = manifest.tensors.find(name);
  if (entry != manifest.tensors.end() && entry->second.sha256 == found) return {};
  SALIENT_ASSIGN(const Checkpoint::Located located, checkpoint.find(name));
  return pack_error(located.shard->path(), name,
                    entry == manifest.tensors.end() ? "a tensor of the manifest" : "SHA-256 " + entry->second.sha256,
                    found);
}

Status check_values(const QuantizedMatrix& matrix, LinearId id, const fs::path& file) {
  SALIENT_CHECK(check_scales(matrix.scales4, file, packed_tensor_name(id, PackedPart::scales4)));
  SALIENT_CHECK(check_scales(matrix.scales8, file, packed_tensor_name(id, PackedPart::scales8)));
  SALIENT_CHECK(check_padding(matrix.codes4, matrix.cols, file, packed_tensor_name(id, PackedPart::qweight4)));
  return check_padding(matrix.zeros4, matrix.groups(), file, packed_tensor_name(id, PackedPart::zeros4));
}

}  // namespace

bool is_packed_model(const fs::path& directory) {
  const fs::path path = directory / "config.json";
  const auto text = read_text_file(path, kConfigLimit);
  if (!text) return false;
  const auto config = parse_json(*text, path.string());
  if (!config || !config->is_object()) return false;
  const auto quantization = config->find("quantization_config");
  if (quantization == config->end() || !quantization->is_object()) return false;
  const auto method = quantization->find("quant_method");
  return method != quantization->end() && *method == "mixllm";
}

Result<PackedModel> PackedModel::open(const fs::path& directory, const CancelToken* cancel) {
  PackedModel model;
  // An unfinished export may lack anything else too, but this is what is to be said about it.
  if (is_packed_model(directory)) {
    SALIENT_ASSIGN(model.manifest_, read_manifest(directory));
  }
  SALIENT_ASSIGN(Checkpoint opened, Checkpoint::open_raw(directory, cancel));
  auto checkpoint = std::make_shared<Checkpoint>(std::move(opened));
  const std::string config_file = escape_for_message((directory / "config.json").string());
  SALIENT_ASSIGN(QuantizationConfig config, read_quantization_config(checkpoint->config_json(), config_file));
  model.group_ = config.group;
  model.recipe_ = std::move(config.recipe);
  model.map_.uniform_bits = config.uniform_bits;
  const std::int64_t layers = checkpoint->config().layers;
  for (std::int64_t layer = 0; layer < layers; ++layer) {
    for (const LinearKind kind : kLinearKinds) {
      SALIENT_ASSIGN(LinearBits bits,
                     read_bits(*checkpoint, LinearId{static_cast<std::int32_t>(layer), kind}, model.group_));
      model.map_.linears.push_back(std::move(bits));
    }
  }
  SALIENT_CHECK(check_uniform(model.map_, config_file));
  SALIENT_CHECK(check_other_tensors(*checkpoint, model.map_, model.group_));
  SALIENT_CHECK(check_manifest(*checkpoint, model.manifest_));
  model.checkpoint_ = std::move(checkpoint);
  return model;
}

Result<QuantizedMatrix> PackedModel::linear(LinearId id) const {
  const auto bits = std::lower_bound(map_.linears.begin(), map_.linears.end(), id,
                                     [](const LinearBits& a, LinearId b) { return a.id < b; });
  if (bits == map_.linears.end() || bits->id != id) {
    return Error{ErrorCode::not_found,
                 escape_for_message(checkpoint_->directory().string()),
                 linear_name(id),
                 "a linear of this model",
                 "none",
                 {}};
  }
  SALIENT_ASSIGN(QuantizedMatrix matrix, read_linear(*bits));
  for (const PackedTensor& tensor : packed_tensors(id, {bits->rows, bits->cols}, matrix.count8(), group_)) {
    SALIENT_CHECK(check_hash(*checkpoint_, manifest_, tensor.name, sha256_hex(part_bytes(matrix, tensor.part))));
  }
  return matrix;
}

Status PackedModel::check_copied_tensors() const {
  std::unordered_set<std::string> packed;
  for (const LinearBits& bits : map_.linears) {
    for (const PackedPart part : kPackedParts)
      packed.insert(packed_tensor_name(bits.id, part));
  }
  std::vector<std::byte> piece;
  for (const Checkpoint::Located& located : checkpoint_->tensors()) {
    if (packed.contains(located.info->name)) continue;
    Sha256 hash;
    for (std::uint64_t first = 0; first < located.info->bytes(); first += piece.size()) {
      piece.resize(std::min(kPieceBytes, located.info->bytes() - first));
      SALIENT_CHECK(located.shard->read(*located.info, first, piece));
      hash.update(piece);
    }
    SALIENT_CHECK(check_hash(*checkpoint_, manifest_, located.info->name, hash.finish()));
  }
  return {};
}

Result<QuantizedMatrix> PackedModel::read_linear(const LinearBits& bits) const {
  QuantizedMatrix matrix;
  matrix.rows = bits.rows;
  matrix.cols = bits.cols;
  matrix.group = group_;
  const auto count8 = static_cast<std::int64_t>(bits.rows8.size());
  fs::path file;
  for (const PackedTensor& tensor : packed_tensors(bits.id, {bits.rows, bits.cols}, count8, group_)) {
    SALIENT_ASSIGN(const Checkpoint::Located located, checkpoint_->find(tensor.name));
    SALIENT_CHECK(located.shard->read(*located.info, 0, resize_part(matrix, tensor.part, count8)));
    file = located.shard->path();
  }
  // Checked when the model was opened; the file may have changed since.
  matrix.rows8 = bits.rows8;
  SALIENT_CHECK(check_values(matrix, bits.id, file));
  return matrix;
}

}  // namespace salient

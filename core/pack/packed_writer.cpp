// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/pack/model_directory.h"
#include "core/pack/packed_format.h"
#include "core/pack/packed_model.h"

namespace salient {
namespace {

namespace fs = std::filesystem;

/// The quantized layers, one in memory at a time.
class Layers {
 public:
  Layers(LayerStore& store, const ModelConfig& config, std::int64_t group)
      : store_(store), config_(config), group_(group) {}

  Result<const QuantizedMatrix*> get(LinearId id) {
    if (!layer_ || layer_->index != id.layer) {
      layer_.reset();
      SALIENT_ASSIGN(layer_, store_.load(id.layer));
    }
    const QuantizedMatrix& matrix = layer_->linears[static_cast<std::size_t>(id.kind)].matrix;
    const LinearShape shape = linear_shape(config_, id.kind);
    if (matrix.rows != shape.rows || matrix.cols != shape.cols || matrix.group != group_) {
      return Error{ErrorCode::mismatch,
                   {},
                   linear_name(id),
                   fmt::format("{} x {}, group {}", shape.rows, shape.cols, group_),
                   fmt::format("{} x {}, group {}", matrix.rows, matrix.cols, matrix.group),
                   "quantize this model again"};
    }
    return &matrix;
  }

 private:
  LayerStore& store_;
  const ModelConfig& config_;
  std::int64_t group_;
  std::optional<QuantizedLayer> layer_;
};

Status send_part(Layers& layers, LinearId id, PackedPart part, std::size_t expected, const ByteSink& sink) {
  SALIENT_ASSIGN(const QuantizedMatrix* matrix, layers.get(id));
  const std::span<const std::byte> bytes = part_bytes(*matrix, part);
  if (bytes.size() == expected) return sink(bytes);
  return Error{ErrorCode::internal,
               {},
               packed_tensor_name(id, part),
               fmt::format("{} bytes", expected),
               fmt::format("{}", bytes.size()),
               "a quantized layer changed while it was packed; quantize again"};
}

/// Copied tensors by name.
void add_copies(const Checkpoint& checkpoint, ModelDirectoryWriter& writer) {
  std::vector<std::string> quantized;
  for (std::int32_t layer = 0; layer < checkpoint.config().layers; ++layer) {
    for (const LinearKind kind : kLinearKinds)
      quantized.push_back(linear_name({layer, kind}) + ".weight");
  }
  std::sort(quantized.begin(), quantized.end());
  for (const Checkpoint::Located& located : checkpoint.tensors()) {
    if (!std::binary_search(quantized.begin(), quantized.end(), located.info->name)) writer.add_copy(located);
  }
}

}  // namespace

Status write_packed_model(const PackSource& source, const fs::path& output, Job& job) {
  job.begin("pack");
  const Checkpoint& checkpoint = *source.checkpoint;
  SALIENT_CHECK(check_output(checkpoint.directory(), output));
  const std::int64_t layer_count = checkpoint.config().layers;
  if (source.layers->layers_done() != layer_count) {
    return Error{ErrorCode::usage,
                 {},
                 "layers",
                 fmt::format("{} quantized layers", layer_count),
                 std::to_string(source.layers->layers_done()),
                 "quantize the remaining layers first"};
  }
  Layers layers(*source.layers, checkpoint.config(), source.group);
  ModelDirectoryWriter writer(checkpoint, source.shard_bytes, job);
  SALIENT_CHECK(writer.add_sidecars());
  add_copies(checkpoint, writer);
  for (std::int32_t layer = 0; layer < layer_count; ++layer) {
    SALIENT_CHECK(job.check());
    for (const LinearKind kind : kLinearKinds) {
      const LinearId id{layer, kind};
      SALIENT_ASSIGN(const QuantizedMatrix* matrix, layers.get(id));
      for (PackedTensor& tensor : packed_tensors(id, {matrix->rows, matrix->cols}, matrix->count8(), source.group)) {
        const std::size_t bytes = part_bytes(*matrix, tensor.part).size();
        writer.add(std::move(tensor.name), tensor.dtype, std::move(tensor.shape),
                   [&layers, id, part = tensor.part, bytes](const ByteSink& sink) {
                     return send_part(layers, id, part, bytes, sink);
                   });
      }
    }
  }
  Json config = checkpoint.config_json();
  config["quantization_config"] = quantization_config_json({source.group, source.uniform_bits, source.recipe});
  return writer.write(output, config);
}

}  // namespace salient

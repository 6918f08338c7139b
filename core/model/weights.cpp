// SPDX-License-Identifier: Apache-2.0
#include "core/model/weights.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace salient {
namespace {

/// Tensors go from the file to the backend in pieces of about this many bytes.
constexpr std::int64_t kPieceBytes = std::int64_t{16} << 20;

std::int64_t bytes_of(const LayerWeights& layer) {
  std::int64_t bytes = layer.input_norm.bytes() + layer.post_norm.bytes();
  for (const Linear& linear : layer.linears) {
    bytes += linear.weight.bytes() + (linear.bias.empty() ? 0 : linear.bias.bytes());
  }
  return bytes;
}

bool has_bias(const ModelConfig& config, LinearKind kind) {
  if (kind < LinearKind::o) return config.qkv_bias;
  return kind == LinearKind::o ? config.o_bias : config.mlp_bias;
}

/// A tensor of a checkpoint that a backend can take: a vector or a matrix of floats.
struct Source {
  Checkpoint::Located located;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  [[nodiscard]] DType dtype() const { return located.info->dtype; }
};

Result<Source> find_source(const Checkpoint& checkpoint, const std::string& name) {
  SALIENT_ASSIGN(const Checkpoint::Located located, checkpoint.find(name));
  const TensorInfo& info = *located.info;
  const auto refused = [&](std::string expected, std::string found) {
    return Error{ErrorCode::unsupported,   located.shard->path().string(),
                 escape_for_message(name), std::move(expected),
                 std::move(found),         "convert the checkpoint to BF16, F16 or F32"};
  };
  if (info.dtype != DType::f32 && info.dtype != DType::f16 && info.dtype != DType::bf16) {
    return refused("F32, F16 or BF16", std::string(dtype_name(info.dtype)));
  }
  if (info.shape.empty() || info.shape.size() > 2) {
    return refused("a vector or a matrix", fmt::format("{} dimensions", info.shape.size()));
  }
  return Source{located, info.shape.size() == 2 ? info.shape[0] : 1, info.shape.back()};
}

Status upload_source(const Source& source, const Tensor& tensor, Backend& backend) {
  const std::int64_t row_bytes = tensor.cols * dtype_bits(tensor.dtype) / 8;
  const std::int64_t step = std::clamp<std::int64_t>(kPieceBytes / std::max<std::int64_t>(1, row_bytes), 1,
                                                     std::max<std::int64_t>(1, tensor.rows));
  std::vector<std::byte> piece(static_cast<std::size_t>(step * row_bytes));
  for (std::int64_t first = 0; first < tensor.rows; first += step) {
    const Tensor part = tensor.row_slice(first, std::min(step, tensor.rows - first));
    const std::span<std::byte> bytes(piece.data(), static_cast<std::size_t>(part.bytes()));
    SALIENT_CHECK(
        source.located.shard->read(*source.located.info, static_cast<std::uint64_t>(first * row_bytes), bytes));
    SALIENT_CHECK(backend.upload(bytes.data(), part));
  }
  return {};
}

/// As upload_tensor(), one behind the other in memory where their types and widths are the same.
Result<std::vector<Tensor>> upload_together(const Checkpoint& checkpoint, const std::vector<std::string>& names,
                                            Backend& backend) {
  std::vector<Source> sources;
  for (const std::string& name : names) {
    SALIENT_ASSIGN(Source source, find_source(checkpoint, name));
    sources.push_back(source);
  }
  const Source& first = sources.front();
  std::int64_t elements = 0;
  bool alike = true, vectors = true;
  for (const Source& source : sources) {
    elements += source.rows * source.cols;
    alike = alike && source.dtype() == first.dtype() && source.cols == first.cols;
    vectors = vectors && source.dtype() == first.dtype() && source.rows == 1;
  }
  const std::int64_t cols = vectors ? 1 : std::max<std::int64_t>(first.cols, 1);
  Tensor all;
  if (alike || vectors) {
    SALIENT_ASSIGN(all, backend.allocate(first.dtype(), elements / cols, cols));
  }
  std::vector<Tensor> tensors;
  std::int64_t row = 0;
  for (const Source& source : sources) {
    Tensor tensor;
    if (all.empty()) {
      SALIENT_ASSIGN(tensor, backend.allocate(source.dtype(), source.rows, source.cols));
    } else {
      const std::int64_t rows = source.rows * source.cols / cols;
      tensor = all.row_slice(row, rows).reshaped(source.rows, source.cols);
      row += rows;
    }
    SALIENT_CHECK(upload_source(source, tensor, backend));
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

std::vector<std::string> names_of(std::span<const LinearKind> kinds, std::int64_t layer, const char* suffix) {
  std::vector<std::string> names;
  for (const LinearKind kind : kinds)
    names.push_back(linear_name({static_cast<std::int32_t>(layer), kind}) + suffix);
  return names;
}

Result<LayerWeights> upload_layer(const Checkpoint& checkpoint, std::int64_t index, Backend& backend) {
  SALIENT_ASSIGN(LayerWeights layer, upload_norms_and_biases(checkpoint, index, backend));
  for (const std::span<const LinearKind> kinds : kLinearGroups) {
    SALIENT_ASSIGN(std::vector<Tensor> weights,
                   upload_together(checkpoint, names_of(kinds, index, ".weight"), backend));
    for (std::size_t i = 0; i < kinds.size(); ++i)
      layer.at(kinds[i]).weight = std::move(weights[i]);
  }
  return layer;
}

}  // namespace

Result<Tensor> upload_tensor(const Checkpoint& checkpoint, const std::string& name, Backend& backend) {
  SALIENT_ASSIGN(std::vector<Tensor> tensors, upload_together(checkpoint, {name}, backend));
  return std::move(tensors.front());
}

Result<std::shared_ptr<const GlobalWeights>> upload_global(const Checkpoint& checkpoint, Backend& backend) {
  auto global = std::make_shared<GlobalWeights>();
  SALIENT_ASSIGN(global->embedding, upload_tensor(checkpoint, "model.embed_tokens.weight", backend));
  SALIENT_ASSIGN(global->final_norm, upload_tensor(checkpoint, "model.norm.weight", backend));
  global->lm_head = global->embedding;
  if (!checkpoint.config().tied_embeddings) {
    SALIENT_ASSIGN(global->lm_head, upload_tensor(checkpoint, "lm_head.weight", backend));
  }
  return std::shared_ptr<const GlobalWeights>(std::move(global));
}

Result<LayerWeights> upload_norms_and_biases(const Checkpoint& checkpoint, std::int64_t index, Backend& backend) {
  const std::string prefix = fmt::format("model.layers.{}.", index);
  LayerWeights layer;
  SALIENT_ASSIGN(layer.input_norm, upload_tensor(checkpoint, prefix + "input_layernorm.weight", backend));
  SALIENT_ASSIGN(layer.post_norm, upload_tensor(checkpoint, prefix + "post_attention_layernorm.weight", backend));
  for (const std::span<const LinearKind> kinds : kLinearGroups) {
    if (!has_bias(checkpoint.config(), kinds.front())) continue;
    SALIENT_ASSIGN(std::vector<Tensor> biases, upload_together(checkpoint, names_of(kinds, index, ".bias"), backend));
    for (std::size_t i = 0; i < kinds.size(); ++i)
      layer.at(kinds[i]).bias = std::move(biases[i]);
  }
  return layer;
}

CheckpointWeights::CheckpointWeights(std::shared_ptr<const Checkpoint> checkpoint, Backend& backend,
                                     std::uint64_t resident_bytes)
    : checkpoint_(std::move(checkpoint)),
      backend_(backend),
      resident_bytes_(resident_bytes),
      layers_(static_cast<std::size_t>(checkpoint_->config().layers)) {}

Result<std::shared_ptr<const GlobalWeights>> CheckpointWeights::global() {
  if (!global_) {
    SALIENT_ASSIGN(global_, upload_global(*checkpoint_, backend_));
  }
  return global_;
}

Result<std::shared_ptr<const LayerWeights>> CheckpointWeights::layer(std::int64_t index) {
  const std::scoped_lock lock(loading_);
  auto& kept = layers_[static_cast<std::size_t>(index)];
  if (kept) return kept;
  SALIENT_ASSIGN(LayerWeights loaded, upload_layer(*checkpoint_, index, backend_));
  const auto bytes = static_cast<std::uint64_t>(bytes_of(loaded));
  auto layer = std::make_shared<const LayerWeights>(std::move(loaded));
  if (resident_used_ + bytes <= resident_bytes_) {
    resident_used_ += bytes;
    kept = layer;
  }
  return layer;
}

}  // namespace salient

// SPDX-License-Identifier: Apache-2.0
#include "core/pack/packed_model.h"

namespace salient {

Status set_simulated(const QuantizedMatrix& matrix, Backend& backend, Linear& linear) {
  std::vector<float> values(static_cast<std::size_t>(matrix.rows * matrix.cols));
  matrix.dequantize(values);
  SALIENT_ASSIGN(linear.weight, backend.allocate(DType::f32, matrix.rows, matrix.cols));
  SALIENT_CHECK(backend.upload(values.data(), linear.weight));
  values.resize(static_cast<std::size_t>(matrix.rows * matrix.groups()));
  matrix.scales(values);
  SALIENT_ASSIGN(linear.weight_scales, backend.allocate(DType::f32, matrix.rows, matrix.groups()));
  SALIENT_CHECK(backend.upload(values.data(), linear.weight_scales));
  linear.activation_group = matrix.group;
  return {};
}

PackedModelWeights::PackedModelWeights(std::shared_ptr<const PackedModel> model, Backend& backend,
                                       const PackedEngine& options)
    : model_(std::move(model)),
      backend_(backend),
      options_(options),
      layers_(static_cast<std::size_t>(model_->config().layers)) {}

Result<std::shared_ptr<const GlobalWeights>> PackedModelWeights::global() {
  if (!global_) {
    SALIENT_CHECK(model_->check_copied_tensors());
    SALIENT_ASSIGN(global_, upload_global(model_->checkpoint(), backend_));
  }
  return global_;
}

Result<std::shared_ptr<const LayerWeights>> PackedModelWeights::layer(std::int64_t index) {
  auto& kept = layers_[static_cast<std::size_t>(index)];
  if (kept) return kept;
  SALIENT_ASSIGN(LayerWeights layer, upload_norms_and_biases(model_->checkpoint(), index, backend_));
  for (const std::span<const LinearKind> kinds : kLinearGroups) {
    std::vector<QuantizedMatrix> matrices;
    for (const LinearKind kind : kinds) {
      SALIENT_ASSIGN(QuantizedMatrix matrix, model_->linear({static_cast<std::int32_t>(index), kind}));
      matrices.push_back(std::move(matrix));
    }
    if (!options_.simulate) {
      SALIENT_ASSIGN(const auto packed, backend_.pack_together(matrices, options_.scales));
      for (std::size_t i = 0; i < kinds.size(); ++i)
        layer.at(kinds[i]).packed = packed[i];
      continue;
    }
    for (std::size_t i = 0; i < kinds.size(); ++i)
      SALIENT_CHECK(set_simulated(matrices[i], backend_, layer.at(kinds[i])));
  }
  kept = std::make_shared<const LayerWeights>(std::move(layer));
  return kept;
}

}  // namespace salient

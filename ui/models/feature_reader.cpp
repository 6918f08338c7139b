// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/feature_reader.h"

#include <QFile>
#include <algorithm>
#include <string>

#include "core/checkpoint/checkpoint.h"
#include "core/checkpoint/safetensors_header.h"
#include "core/quant/quantized_rows.h"

namespace salient::ui {
namespace {

constexpr int kWeightBins = 64;

std::vector<float> scales(RowFormat format, std::span<const float> weights, std::int64_t group) {
  std::vector<float> all;
  for (std::size_t first = 0; first < weights.size(); first += static_cast<std::size_t>(group)) {
    const std::size_t width = std::min(static_cast<std::size_t>(group), weights.size() - first);
    all.push_back(fit_grid(format, weights.subspan(first, width), 1.0F).scale);
  }
  return all;
}

}  // namespace

Result<std::shared_ptr<const Checkpoint>> FeatureReader::checkpoint(const QString& directory) {
  const std::lock_guard lock(mutex_);
  if (!checkpoint_ || directory_ != directory) {
    SALIENT_ASSIGN(Checkpoint opened, Checkpoint::open_raw(QFile::encodeName(directory).toStdString()));
    checkpoint_ = std::make_shared<const Checkpoint>(std::move(opened));
    directory_ = directory;
  }
  return checkpoint_;
}

Result<FeatureWeights> FeatureReader::read(const QString& directory, const LinearScores& linear, std::uint32_t row,
                                           std::int64_t group) {
  SALIENT_ASSIGN(const auto source, checkpoint(directory));
  const std::string name = linear_name(linear.id) + ".weight";
  SALIENT_ASSIGN(const Checkpoint::Located tensor, source->find(name));
  const std::vector<std::int64_t> expected{linear.rows, linear.cols};
  if (tensor.info->shape != expected) {
    return Error{ErrorCode::mismatch,
                 escape_for_message(tensor.shard->path().string()),
                 name,
                 shape_text(expected),
                 shape_text(tensor.info->shape),
                 "open the model that was searched"};
  }
  FeatureWeights feature;
  feature.weights.resize(static_cast<std::size_t>(linear.cols));
  SALIENT_CHECK(source->read_f32(name, row, feature.weights));
  const NonFinite broken = count_non_finite(feature.weights);
  if (broken.count() > 0) return non_finite_error(tensor.shard->path(), name, broken);
  feature.scales4 = scales(kAsymmetric4, feature.weights, group);
  feature.scales8 = scales(kSymmetric8, feature.weights, group);
  feature.distribution = histogram(feature.weights, kWeightBins);
  return feature;
}

}  // namespace salient::ui

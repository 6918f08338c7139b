// SPDX-License-Identifier: Apache-2.0
#include "core/engine/random_weights.h"

#include <algorithm>

#include "core/base/dtype.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/search/allocation.h"

namespace salient {
namespace {

constexpr std::uint64_t kConfigLimit = 16'000'000;
constexpr std::int64_t kValues = std::int64_t{1} << 22;

}  // namespace

QuantizedMatrix random_quantized_matrix(const LinearShape& shape, std::int64_t group, double percent8, Random& random) {
  QuantizedMatrix matrix;
  matrix.rows = shape.rows;
  matrix.cols = shape.cols;
  matrix.group = group;
  for (std::int64_t row = 0; row < shape.rows; ++row) {
    if (random.uniform() * 100 < percent8) matrix.rows8.push_back(static_cast<std::uint32_t>(row));
  }
  const auto size = [](std::int64_t rows, std::int64_t width) { return static_cast<std::size_t>(rows * width); };
  matrix.codes4.resize(size(matrix.count4(), nibble_bytes(shape.cols)));
  matrix.zeros4.assign(size(matrix.count4(), nibble_bytes(matrix.groups())), 0x88);
  matrix.codes8.resize(size(matrix.count8(), shape.cols));
  for (std::uint8_t& code : matrix.codes4)
    code = static_cast<std::uint8_t>(random.next());
  for (std::int8_t& code : matrix.codes8)
    code = static_cast<std::int8_t>(random.next());
  matrix.scales4.assign(size(matrix.count4(), matrix.groups()), f32_to_f16(0.01F));
  matrix.scales8.assign(size(matrix.count8(), matrix.groups()), f32_to_f16(0.001F));
  return matrix;
}

RandomWeights::RandomWeights(ModelConfig config, Backend& backend, const RandomWeightsOptions& options)
    : config_(std::move(config)),
      backend_(backend),
      options_(options),
      values_(static_cast<std::size_t>(std::max({kValues, config_.hidden_size, config_.intermediate_size}))),
      layers_(static_cast<std::size_t>(config_.layers)) {
  Random random(0);
  for (std::uint16_t& value : values_)
    value = f32_to_bf16(static_cast<float>(0.04 * (random.uniform() - 0.5)));
  for (const LinearKind kind : kLinearKinds) {
    const LinearShape shape = linear_shape(config_, kind);
    const auto layers = static_cast<std::uint64_t>(config_.layers);
    if (options_.percent8) {
      const QuantizedMatrix& matrix =
          matrices_.emplace_back(random_quantized_matrix(shape, options_.group, *options_.percent8, random));
      const SizeReport size = linear_size(shape.rows, shape.cols, matrix.count8(), options_.group);
      linear_bytes_ += layers * static_cast<std::uint64_t>(size.total_bytes);
    } else {
      linear_bytes_ += layers * static_cast<std::uint64_t>(shape.rows * shape.cols) * 2;
    }
  }
}

Result<Tensor> RandomWeights::matrix(std::int64_t rows, std::int64_t cols) {
  SALIENT_ASSIGN(Tensor tensor, backend_.allocate(DType::bf16, rows, cols));
  const std::int64_t step = static_cast<std::int64_t>(values_.size()) / cols;
  for (std::int64_t first = 0; first < rows; first += step) {
    SALIENT_CHECK(backend_.upload(values_.data(), tensor.row_slice(first, std::min(step, rows - first))));
  }
  return tensor;
}

Result<std::shared_ptr<const GlobalWeights>> RandomWeights::global() {
  if (global_) return global_;
  auto global = std::make_shared<GlobalWeights>();
  SALIENT_ASSIGN(global->embedding, matrix(config_.vocab_size, config_.hidden_size));
  SALIENT_ASSIGN(global->final_norm, matrix(1, config_.hidden_size));
  global->lm_head = global->embedding;
  if (!config_.tied_embeddings) {
    SALIENT_ASSIGN(global->lm_head, matrix(config_.vocab_size, config_.hidden_size));
  }
  global_ = std::move(global);
  return global_;
}

Result<std::shared_ptr<const LayerWeights>> RandomWeights::layer(std::int64_t index) {
  const std::scoped_lock lock(making_);
  auto& kept = layers_[static_cast<std::size_t>(index)];
  if (kept) return kept;
  LayerWeights layer;
  SALIENT_ASSIGN(layer.input_norm, matrix(1, config_.hidden_size));
  SALIENT_ASSIGN(layer.post_norm, matrix(1, config_.hidden_size));
  for (const std::span<const LinearKind> kinds : kLinearGroups) {
    if (options_.percent8) {
      const std::span group = std::span(matrices_).subspan(static_cast<std::size_t>(kinds.front()), kinds.size());
      SALIENT_ASSIGN(const auto packed, backend_.pack_together(group, options_.scales));
      for (std::size_t i = 0; i < kinds.size(); ++i)
        layer.at(kinds[i]).packed = packed[i];
      continue;
    }
    std::int64_t rows = 0;
    for (const LinearKind kind : kinds)
      rows += linear_shape(config_, kind).rows;
    SALIENT_ASSIGN(const Tensor all, matrix(rows, linear_shape(config_, kinds.front()).cols));
    std::int64_t first = 0;
    for (const LinearKind kind : kinds) {
      const std::int64_t count = linear_shape(config_, kind).rows;
      layer.at(kind).weight = all.row_slice(first, count);
      first += count;
    }
  }
  kept = std::make_shared<const LayerWeights>(std::move(layer));
  return kept;
}

Result<ModelConfig> load_model_config(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / "config.json";
  const std::string file = escape_for_message(path.string());
  SALIENT_ASSIGN(const std::string text, read_text_file(path, kConfigLimit));
  SALIENT_ASSIGN(const Json json, parse_json(text, file));
  std::vector<std::string> notes;
  return parse_model_config(json, file, notes);
}

}  // namespace salient

// SPDX-License-Identifier: Apache-2.0
// All layers of a step in one launch (kernels/layers_step.cu): for which models, and how its work is shared.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <optional>

#include "cuda/arrangement.h"
#include "cuda/cuda_backend.h"
#include "cuda/joined_linears.h"
#include "cuda/kernels/layers_step.h"
#include "cuda/kernels/mixed_deal.h"
#include "cuda/mixed_plan.h"

namespace salient::cuda {
namespace {

using kernels::kStepLinears;
using kernels::LayersStep;
using kernels::StepLinear;

constexpr StepLinear kLinears[kStepLinears] = {StepLinear::qkv, StepLinear::o, StepLinear::gate_up, StepLinear::down};

/// The layer's four products, where they are packed as the kernel reads them.
std::optional<std::array<Linear, kStepLinears>> packed_linears(const StepWeights& layer) {
  const Linear* const projections[] = {layer.q, layer.k, layer.v};
  const Linear* const gates[] = {layer.gate, layer.up};
  std::optional<Linear> qkv = joined(projections), gate_up = joined(gates);
  if (!qkv || !gate_up) return std::nullopt;
  std::array<Linear, kStepLinears> all{*std::move(qkv), *layer.o, *std::move(gate_up), *layer.down};
  const bool suits = std::all_of(all.begin(), all.end(), [](const Linear& linear) {
    return linear.packed != nullptr && packed_of(linear)->group() == mixed::kBlock &&
           packed_of(linear)->cols() % mixed::kBlock == 0;
  });
  return suits ? std::optional(std::move(all)) : std::nullopt;
}

kernels::StepMatrix matrix_of(const Linear& linear) {
  const mixed::Weights& w = packed_of(linear)->weights();
  kernels::StepMatrix matrix;
  matrix.codes4 = w.codes4;
  matrix.codes8 = w.codes8;
  matrix.meta4 = w.meta4;
  matrix.meta8 = w.meta8;
  matrix.rows = w.rows;
  matrix.bias = linear.bias.empty() ? nullptr : linear.bias.data();
  matrix.tiles4 = w.tiles4;
  matrix.tiles8 = w.tiles8;
  return matrix;
}

/// Into how many parts K is cut: the busiest CTA should have little to do. What it does for a unit takes as long as
/// half a turn of its four rings of slots of two blocks; what others do for a part, three sixteenths (measured on an
/// H200).
int choose_parts(int tiles4, int tiles8, int blocks, int most, int multiprocessors) {
  int best = 1;
  int least = 0;
  for (int parts = 1; parts <= std::min({most, blocks, multiprocessors}); ++parts) {
    const int turns = ((blocks + parts - 1) / parts + 7) / 8;
    const int cost = mixed::Deal{multiprocessors / parts, tiles8, tiles4}.heaviest() * (16 * turns + 8) + 3 * parts;
    if (parts == 1 || cost < least) {
      best = parts;
      least = cost;
    }
  }
  return best;
}

}  // namespace

Result<bool> CudaBackend::layers_step(const Tensor& x, std::span<const StepWeights> layers, const RopeTable& table,
                                      const AttentionShape& shape, std::span<const BatchCache> caches, float epsilon) {
  assert(layers.size() == caches.size() && !layers.empty());
  const auto of_blocks = [](std::int64_t size) { return size % mixed::kBlock == 0; };
  const std::int64_t width = shape.heads * shape.head_dim;
  if (!fast() || !mixed::has_warpgroups(context_->capability()) || x.rows != 1 ||
      layers.size() > kernels::kMostStepLayers || x.cols > kernels::kMostStepHidden || !of_blocks(x.cols) ||
      (shape.head_dim != 64 && shape.head_dim != 128) || !of_blocks(width) ||
      shape.heads > kernels::kMostStepQueries * shape.kv_heads || shape.heads % shape.kv_heads != 0) {
    return false;
  }
  LayersStep step;
  step.layers = static_cast<int>(layers.size());
  step.hidden = static_cast<int>(x.cols);
  step.heads = static_cast<int>(shape.heads);
  step.kv_heads = static_cast<int>(shape.kv_heads);
  step.dim = static_cast<int>(shape.head_dim);
  step.epsilon = epsilon;
  step.norm_type = kernel_type(layers.front().input_norm->dtype);
  step.x = x.f32();
  step.cosine = table.cos.f32();
  step.sine = table.sin.f32();
  step.position = static_cast<const std::int32_t*>(caches.front().positions.data());
  const int multiprocessors = context_->multiprocessors();

  std::array<std::int64_t, kStepLinears> tiles4{}, tiles8{};
  DType bias_type = DType::f32;
  bool has_bias = false;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const StepWeights& layer = layers[i];
    const auto linears = packed_linears(layer);
    if (!linears || layer.input_norm->dtype != layers.front().input_norm->dtype ||
        layer.post_norm->dtype != layers.front().input_norm->dtype || caches[i].keys.dtype != DType::f16) {
      return false;
    }
    step.intermediate = static_cast<int>(packed_of((*linears)[static_cast<std::size_t>(StepLinear::down)])->cols());
    kernels::StepLayer& to = step.layer[i];
    for (std::size_t n = 0; n < kStepLinears; ++n) {
      const Linear& linear = (*linears)[n];
      if (!linear.bias.empty()) {
        if (has_bias && linear.bias.dtype != bias_type) return false;
        bias_type = linear.bias.dtype;
        has_bias = true;
      }
      to.linears[n] = matrix_of(linear);
      tiles4[n] += to.linears[n].tiles4;
      tiles8[n] += to.linears[n].tiles8;
    }
    to.input_norm = layer.input_norm->data();
    to.post_norm = layer.post_norm->data();
    to.keys = static_cast<__half*>(caches[i].keys.data());
    to.values = static_cast<__half*>(caches[i].values.data());
  }
  step.bias_type = kernel_type(bias_type);

  const auto count = static_cast<std::int64_t>(layers.size());
  for (std::size_t n = 0; n < kStepLinears; ++n) {
    step.parts[n] = choose_parts(static_cast<int>(tiles4[n] / count), static_cast<int>(tiles8[n] / count),
                                 kernels::step_blocks(step, kLinears[n]), kernels::kMostStepParts[n], multiprocessors);
  }
  // Each product begins with the CTA behind the last busy one of the product before.
  std::int64_t first = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    for (std::size_t n = 0; n < kStepLinears; ++n) {
      kernels::StepMatrix& matrix = step.layer[i].linears[n];
      matrix.first = static_cast<int>(first % multiprocessors);
      first += static_cast<std::int64_t>(step.parts[n]) * (matrix.tiles4 + 2 * matrix.tiles8);
    }
  }
  if (multiprocessors < std::max(step.kv_heads, step.hidden / mixed::kBlock)) return false;
  step.pieces = std::min(multiprocessors / step.kv_heads, kernels::kMostStepPieces);
  step.room = kernels::step_room(step, static_cast<int>(context_->shared_memory()));
  if (step.room.slots == 0) return false;

  context_->bind();
  const auto outputs = [&](StepLinear linear) {
    return static_cast<std::int64_t>(step.parts[static_cast<std::size_t>(linear)]) *
           kernels::step_outputs(step, linear);
  };
  constexpr std::int64_t kFloat = sizeof(float);
  Arrangement places;
  const std::int64_t partial = static_cast<std::int64_t>(step.heads) * step.pieces;
  const std::int64_t qkv = places.add(kFloat * outputs(StepLinear::qkv));
  const std::int64_t added = places.add(kFloat * std::max(outputs(StepLinear::o), outputs(StepLinear::down)));
  const std::int64_t gate_up = places.add(kFloat * outputs(StepLinear::gate_up));
  const std::int64_t values = places.add(kFloat * partial * step.dim);
  const std::int64_t softmax = places.add(2 * kFloat * partial);
  const std::int64_t arrivals = places.add(sizeof(unsigned));
  const std::int64_t other = places.add(kFloat * x.size());
  SALIENT_ASSIGN(const auto memory, context_->scratch(static_cast<std::uint64_t>(places.total()), "layers of a step"));
  auto* const base = static_cast<std::byte*>(memory->data());
  step.qkv = reinterpret_cast<float*>(base + qkv);
  step.added = reinterpret_cast<float*>(base + added);
  step.gate_up = reinterpret_cast<float*>(base + gate_up);
  step.values = reinterpret_cast<float*>(base + values);
  step.softmax = reinterpret_cast<float2*>(base + softmax);
  step.arrivals = reinterpret_cast<unsigned*>(base + arrivals);
  step.other_x = reinterpret_cast<float*>(base + other);
  const std::string what = fmt::format("{} layers", step.layers);
  SALIENT_CHECK(context_->check(cudaMemsetAsync(step.arrivals, 0, sizeof(unsigned), context_->stream()),
                                "layers of a step", what));
  SALIENT_CHECK(
      context_->check(kernels::layers_step(context_->stream(), step, multiprocessors), "layers of a step", what));
  return true;
}

}  // namespace salient::cuda

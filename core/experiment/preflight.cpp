// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/preflight.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/system.h"
#include "core/experiment/results.h"

namespace salient {
namespace {

namespace fs = std::filesystem;

constexpr double kMiB = 1024 * 1024;
/// Slices of logits: the decoder's for losses, the evaluation's (device and host) for comparing two models.
constexpr double kLogitSlice = 64 * kMiB;
constexpr double kCompareSlices = 4 * 32 * kMiB;
/// Tensors come in rounded sizes; measured.
constexpr double kFragmentation = 1.04;

/// Sizes in double: hostile configurations must not overflow on the way to being refused.
struct Shapes {
  explicit Shapes(const Checkpoint& checkpoint, const Recipe& recipe)
      : layers(static_cast<double>(checkpoint.config().layers)),
        hidden(static_cast<double>(checkpoint.config().hidden_size)),
        query(static_cast<double>(checkpoint.config().q_size())),
        key(static_cast<double>(checkpoint.config().kv_size())),
        inner(static_cast<double>(checkpoint.config().intermediate_size)),
        vocabulary(static_cast<double>(checkpoint.config().vocab_size)),
        length(static_cast<double>(recipe.length)),
        samples(static_cast<double>(recipe.samples)) {
    for (const LinearKind kind : kLinearKinds) {
      const LinearShape shape = linear_shape(checkpoint.config(), kind);
      const auto rows = static_cast<double>(shape.rows);
      const auto cols = static_cast<double>(shape.cols);
      layer_weights += rows * cols;
      layer_features += rows;
      widest = std::max(widest, rows * cols);
      most_rows = std::max(most_rows, rows);
      most_cols = std::max(most_cols, cols);
      packed_bytes +=
          layers * static_cast<double>(linear_size(shape.rows, shape.cols, shape.rows, recipe.quant.group).total_bytes);
    }
    for (const Checkpoint::Located& tensor : checkpoint.tensors()) {
      const auto bytes = static_cast<double>(tensor.info->bytes());
      (tensor.info->name.starts_with("model.layers.") ? layers_bytes : global_bytes) += bytes;
    }
    layer_bytes = layers_bytes / std::max(layers, 1.0);
  }

  /// Multiply-adds of one token's way through the decoder layers and through the head.
  [[nodiscard]] double body(double window) const { return layers * (layer_weights + window * query); }
  [[nodiscard]] double head() const { return hidden * vocabulary; }

  double layers, hidden, query, key, inner, vocabulary, length, samples;
  double layer_weights = 0;
  double layer_features = 0;
  double widest = 0;  ///< elements of the largest linear
  double most_rows = 0;
  double most_cols = 0;
  double layers_bytes = 0;
  double layer_bytes = 0;
  double global_bytes = 0;  ///< embedding, final norm, head
  double packed_bytes = 0;  ///< of the linears, if all rows had 8 bit
};

/// Multiply-adds a second of a product of the shape the decoder spends its time in.
Result<double> measure(Backend& backend) {
  constexpr std::int64_t kTokens = 512;
  constexpr std::int64_t kSize = 768;
  SALIENT_ASSIGN(const Tensor x, backend.allocate(DType::f32, kTokens, kSize));
  SALIENT_ASSIGN(const Tensor out, backend.allocate(DType::f32, kTokens, kSize));
  Linear linear;
  SALIENT_ASSIGN(linear.weight, backend.allocate(DType::f32, kSize, kSize));
  const std::vector<float> values(static_cast<std::size_t>(kSize * kSize), 0.5F);
  SALIENT_CHECK(backend.upload(values.data(), x));
  SALIENT_CHECK(backend.upload(values.data(), linear.weight));
  SALIENT_CHECK(backend.linear(x, linear, out));  // the first one also sets up buffers
  SALIENT_CHECK(backend.synchronize());
  // The quickest of a few: another process's burst must not stretch the estimate.
  double best = 0;
  double spent = 0;
  while (spent < 0.05) {
    const auto start = Clock::now();
    SALIENT_CHECK(backend.linear(x, linear, out));
    SALIENT_CHECK(backend.synchronize());
    const double seconds = std::max(1e-9, seconds_since(start));
    spent += seconds;
    best = std::max(best, static_cast<double>(kTokens * kSize * kSize) / seconds);
  }
  return best;
}

/// Bytes beyond what the process holds already, without kept layers and kept activations.
struct StageMemory {
  std::string name;
  double bytes = 0;
  double host = 0;         ///< of them in the host's memory, whatever the device
  double activations = 0;  ///< of all layers, which a search may keep
};

StageMemory search_memory(const Shapes& s) {
  StageMemory memory{"search"};
  const double one_layer = s.length * (2 * s.hidden + 2 * s.query + 2 * s.key + 2 * s.inner) * 4;
  const double temporaries = s.length * (3 * s.inner + 5 * s.hidden) * 4;
  const double observer = s.widest * 4 + s.length * s.most_rows * 4;
  const double logits = std::min(kLogitSlice, s.length * s.vocabulary * 4);
  const double state = 4 * 8 * s.layers * s.layer_features;
  const double inputs = s.layers * s.length * s.hidden * 4;
  // The logits are gone before the backward passes need room.
  memory.bytes = s.global_bytes + s.layer_bytes + inputs + one_layer + std::max(logits, temporaries + observer) + state;
  memory.host = state;
  memory.activations = s.layers * one_layer;
  return memory;
}

StageMemory quantize_memory(const Shapes& s, const Recipe& recipe) {
  StageMemory memory{"quantize"};
  const double replaced = s.layer_weights * 4;
  const double working = s.widest * 4 * 4;  // the weight, both classes of rows, errors
  memory.bytes = s.global_bytes + s.layer_bytes + replaced + working + s.layer_weights;
  memory.host = working + s.layer_weights;
  if (!recipe.quant.needs_calibration()) return memory;
  const double streams = s.samples * s.length * (s.hidden + s.query) * 4 / kFragmentation;  // stay from first to last
  const double gram = s.most_cols * s.most_cols * (8 + 8 + 4 + 4);
  const double temporaries = s.length * (2 * s.inner + 3 * s.hidden + s.query + 2 * s.key) * 4;
  memory.bytes += streams + gram + temporaries;
  memory.host += streams;
  return memory;
}

StageMemory evaluate_memory(const Shapes& s, const Recipe& recipe) {
  const auto length = static_cast<double>(recipe.evaluation_length);
  const double temporaries = length * (2 * s.inner + 4 * s.hidden + s.query + 2 * s.key) * 4;
  const double logits = std::min(kCompareSlices, 4 * length * s.vocabulary * 4);
  StageMemory memory{"evaluate"};
  memory.bytes = s.layer_bytes + 2 * s.global_bytes + s.packed_bytes + temporaries + logits;
  memory.host = logits / 2;
  return memory;
}

/// Multiply-adds of each stage, weighted by how much slower than a plain product they run (measured).
double search_work(const Shapes& s, const Recipe& recipe) {
  const double tokens = s.samples * s.length;
  // Forward, gradient of inputs and the product with Δ; attention's backward takes about 2.5 forwards.
  const double body = s.layers * (3 * s.layer_weights + 3.5 * s.length * s.query);
  const double deltas = s.samples * s.layers * s.layer_weights * 40;  // rounding W to 4 bit, a pass over memory
  const double fisher = recipe.variant == SalienceVariant::diagonal_fisher ? s.layers * s.layer_weights : 0;
  return tokens * (body + 2 * s.head() + fisher) * 1.15 + deltas;
}

double quantize_work(const Shapes& s, const Recipe& recipe) {
  if (!recipe.quant.needs_calibration()) return 60 * s.layers * s.layer_weights;
  const double tokens = s.samples * s.length;
  const double grams = 2 * s.hidden * s.hidden + s.query * s.query + s.inner * s.inner;
  const double passes = s.hidden * (2 * s.query + 2 * s.key + 5 * s.inner) + s.length * s.query;
  double linears = 0;
  const double gptq = recipe.quant.method == QuantMethod::rtn ? 0 : 1;
  const double clip = recipe.quant.clip ? 1 : 0;
  const auto group = static_cast<double>(recipe.quant.group);
  const double shapes[][2] = {
      {s.query + 2 * s.key, s.hidden}, {s.hidden, s.query}, {2 * s.inner, s.hidden}, {s.hidden, s.inner}};
  for (const auto& [rows, cols] : shapes)
    linears += rows * cols * ((1 + clip) * (gptq + 1) * cols + clip * 11 * group);
  return s.layers * (tokens * (grams + passes) * 1.15 + 2 * linears);
}

double evaluate_work(const Shapes& s, const Recipe& recipe, double tokens) {
  return 2 * tokens * (s.body(static_cast<double>(recipe.evaluation_length)) + s.head()) * 1.3;
}

std::uint64_t rounded(double bytes) {
  return static_cast<std::uint64_t>(std::clamp(bytes, 0.0, 9e18));
}

std::string amount(double bytes) {
  return fmt::format("{} bytes ({:.1f} MiB)", rounded(bytes), bytes / kMiB);
}

}  // namespace

Result<Preflight> preflight(const Checkpoint& checkpoint, const Recipe& recipe, const PreflightPlan& plan,
                            const fs::path& output, Backend& backend, const PreflightLimits& limits) {
  const Shapes shapes(checkpoint, recipe);
  Preflight result;
  SALIENT_ASSIGN(const double rate, measure(backend));
  result.flops_per_second = 2 * rate;

  // What the process holds by now (program, tokenizer, text) counts too.
  const auto held = static_cast<double>(limits.held_bytes > 0 ? limits.held_bytes : peak_memory_bytes());
  const double available = limits.memory_bytes > 0 ? static_cast<double>(limits.memory_bytes)
                                                   : held + static_cast<double>(available_memory_bytes());
  std::vector<StageMemory> stages;
  std::vector<double> work;
  if (plan.search) {
    stages.push_back(search_memory(shapes));
    work.push_back(search_work(shapes, recipe));
  }
  if (plan.quantize) {
    stages.push_back(quantize_memory(shapes, recipe));
    work.push_back(quantize_work(shapes, recipe));
  }
  if (plan.evaluation_tokens > 0) {
    stages.push_back(evaluate_memory(shapes, recipe));
    work.push_back(evaluate_work(shapes, recipe, static_cast<double>(plan.evaluation_tokens)));
  }

  // Layers stay resident as far as every stage leaves room for them; activations get what is left after that.
  double spare_layers = shapes.layers_bytes;
  double spare_activations = 0;
  // A device with memory of its own holds the tensors; what stays on the host is checked beside it.
  const auto device_memory = backend.device_memory();
  const double room = device_memory ? static_cast<double>(*device_memory) : available;
  const auto too_large = [&](const StageMemory& stage, const char* where, double needed, double there) {
    return Error{ErrorCode::memory,
                 escape_for_message(checkpoint.directory().string()),
                 "stage " + stage.name + where,
                 amount(needed),
                 amount(there) + " available",
                 "use fewer or shorter samples, close other programs, or a machine with more memory"};
  };
  for (StageMemory& stage : stages) {
    if (device_memory) {
      const double on_host = held + kFragmentation * stage.host;
      if (on_host > available) return too_large(stage, " on the host", on_host, available);
      stage.bytes = kFragmentation * (stage.bytes - stage.host);
    } else {
      stage.bytes = held + kFragmentation * stage.bytes;
    }
    stage.activations *= kFragmentation;
    if (stage.bytes > room) return too_large(stage, device_memory ? " on the device" : "", stage.bytes, room);
    spare_layers = std::min(spare_layers, room - stage.bytes);
  }
  for (const StageMemory& stage : stages) {
    if (stage.activations > 0) spare_activations = std::max(0.0, room - stage.bytes - spare_layers);
  }
  result.resident_bytes = rounded(spare_layers);
  result.activation_bytes = rounded(spare_activations);
  for (std::size_t i = 0; i < stages.size(); ++i) {
    double bytes = stages[i].bytes + spare_layers;
    if (stages[i].activations <= spare_activations) bytes += stages[i].activations;
    const double seconds = work[i] / rate;
    result.stages.push_back({stages[i].name, rounded(bytes), seconds});
    result.memory_bytes = std::max(result.memory_bytes, rounded(bytes));
    result.seconds += seconds;
  }
  result.memory_available = rounded(room);

  double disk = 16 * kMiB + 16 * shapes.layers * shapes.layer_features;  // scores and the state of the search
  // Finished layers and the packed model stand side by side until the work directory goes.
  if (plan.quantize) disk += 2 * shapes.packed_bytes + shapes.global_bytes;
  result.disk_bytes = rounded(disk);
  result.disk_available = limits.disk_bytes;
  if (result.disk_available == 0) {
    SALIENT_ASSIGN(result.disk_available, free_disk_bytes(output));
  }
  if (result.disk_bytes > result.disk_available) {
    return Error{ErrorCode::disk_full,
                 escape_for_message(nearest_existing(output).string()),
                 "free space",
                 amount(disk),
                 amount(static_cast<double>(result.disk_available)) + " available",
                 "free space, or name an output on another disk"};
  }
  return result;
}

Json preflight_json(const Preflight& preflight) {
  Json json{{"memory_bytes", preflight.memory_bytes},
            {"memory_available", preflight.memory_available},
            {"disk_bytes", preflight.disk_bytes},
            {"disk_available", preflight.disk_available},
            {"seconds", preflight.seconds},
            {"flops_per_second", preflight.flops_per_second},
            {"resident_bytes", preflight.resident_bytes},
            {"activation_bytes", preflight.activation_bytes},
            {"stages", Json::array()}};
  for (const StageEstimate& stage : preflight.stages) {
    json["stages"].push_back(
        Json{{"name", stage.name}, {"memory_bytes", stage.memory_bytes}, {"seconds", stage.seconds}});
  }
  return json;
}

}  // namespace salient

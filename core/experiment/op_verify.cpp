// SPDX-License-Identifier: Apache-2.0
// verify: every hash and value of a packed model; against its 16-bit source the copied tensors, the error of
// each linear's weights, the engine's products and, on the processor, its logits; against another export, byte for
// byte. Of an export in another format: every weight and the logits against the packed model.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include "core/base/file_errors.h"
#include "core/base/random.h"
#include "core/checkpoint/safetensors_header.h"
#include "core/compute/backend.h"
#include "core/experiment/export_check.h"
#include "core/experiment/operations_detail.h"
#include "core/pack/export_model.h"
#include "core/pack/packed_model.h"

namespace salient::operations {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{4} << 20;
constexpr std::int64_t kProbeTokens = 4;
// Rounding to 4 bit leaves about a tenth of the weights' norm; a model that is not the source leaves all of it.
constexpr double kMostWeightError = 0.5;
constexpr const char* kOtherSource = "name the 16-bit model this one was made from";
constexpr const char* kOtherExport = "compare the recipes in the quantization_config of both config.json";
constexpr double kMostEngineError = 1e-3;

/// The same dtype, shape and bytes.
Status compare_tensor(const Checkpoint::Located& own, const Checkpoint::Located& other, const char* advice, Job& job) {
  const std::string name = escape_for_message(own.info->name);
  const std::string file = shown(own.shard->path());
  const auto differs = [&](std::string expected, std::string found) {
    return Error{ErrorCode::mismatch, file, name, std::move(expected), std::move(found), advice};
  };
  if (own.info->dtype != other.info->dtype) {
    return differs(std::string(dtype_name(other.info->dtype)), std::string(dtype_name(own.info->dtype)));
  }
  if (own.info->shape != other.info->shape) {
    return differs("shape " + shape_text(other.info->shape), shape_text(own.info->shape));
  }
  std::vector<std::byte> left(std::min<std::size_t>(own.info->bytes(), kPieceBytes));
  std::vector<std::byte> right(left.size());
  for (std::uint64_t at = 0; at < own.info->bytes(); at += left.size()) {
    SALIENT_CHECK(job.check());
    const std::size_t many = std::min<std::uint64_t>(left.size(), own.info->bytes() - at);
    SALIENT_CHECK(own.shard->read(*own.info, at, std::span(left).first(many)));
    SALIENT_CHECK(other.shard->read(*other.info, at, std::span(right).first(many)));
    const auto end = left.begin() + static_cast<std::ptrdiff_t>(many);
    const auto found = std::mismatch(left.begin(), end, right.begin());
    if (found.first != end) {
      return differs(
          "the bytes of " + shown(other.shard->path()),
          fmt::format("a difference at byte {}", at + static_cast<std::uint64_t>(found.first - left.begin())));
    }
  }
  return {};
}

/// A source of other sizes is another model, whatever its values are.
Status compare_shapes(const PackedModel& packed, const Checkpoint& source) {
  for (const LinearBits& linear : packed.bit_map().linears) {
    const std::string name = linear_name(linear.id) + ".weight";
    const std::vector<std::int64_t> shape{linear.rows, linear.cols};
    SALIENT_ASSIGN(const Checkpoint::Located theirs, source.find(name));
    if (theirs.info->shape == shape) continue;
    return Error{ErrorCode::mismatch, shown(theirs.shard->path()),    name,
                 shape_text(shape),   shape_text(theirs.info->shape), kOtherSource};
  }
  return {};
}

/// ‖Q(W) − W‖ / ‖W‖ of one linear.
Result<double> weight_error(const PackedModel& packed, const Checkpoint& source, LinearId id) {
  SALIENT_ASSIGN(const QuantizedMatrix matrix, packed.linear(id));
  const auto size = static_cast<std::size_t>(matrix.rows * matrix.cols);
  std::vector<float> original(size);
  std::vector<float> stored(size);
  SALIENT_CHECK(source.read_f32(linear_name(id) + ".weight", 0, original));
  matrix.dequantize(stored);
  double error = 0;
  double norm = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const double w = original[i];
    const double d = stored[i] - w;
    error += d * d;
    norm += w * w;
  }
  return norm > 0 ? std::sqrt(error / norm) : std::sqrt(error);
}

Status compare_weights(const PackedModel& packed, const Checkpoint& source, Json& result, Job& job) {
  const BitMap map = packed.bit_map();
  double sum = 0;
  double most = -1;
  std::string worst;
  job.begin("compare");
  for (std::size_t i = 0; i < map.linears.size(); ++i) {
    SALIENT_CHECK(job.check());
    const std::string name = linear_name(map.linears[i].id);
    SALIENT_ASSIGN(const double error, weight_error(packed, source, map.linears[i].id));
    if (!(error <= kMostWeightError)) {
      return Error{ErrorCode::mismatch,
                   shown(packed.checkpoint().directory()),
                   name,
                   fmt::format("a relative weight error of at most {}", kMostWeightError),
                   fmt::format("{:.3g}", error),
                   kOtherSource};
    }
    sum += error;
    if (error > most) {
      most = error;
      worst = name;
    }
    job.report(static_cast<double>(i + 1), static_cast<double>(map.linears.size()), name);
  }
  result["weight_error"] = sum / static_cast<double>(map.linears.size());
  result["weight_error_most"] = most;
  result["worst_linear"] = worst;
  return {};
}

Status compare_copies(const PackedModel& packed, const Checkpoint& source, Json& result, Job& job) {
  std::int64_t copied = 0;
  std::set<std::string> quantized;
  for (const LinearBits& linear : packed.bit_map().linears)
    quantized.insert(linear_name(linear.id) + ".weight");
  for (const auto& tensor : source.tensors()) {
    const std::string& name = tensor.info->name;
    if (quantized.count(name) > 0) continue;
    SALIENT_ASSIGN(const auto own, packed.checkpoint().find(name));
    SALIENT_CHECK(compare_tensor(own, tensor, "export the model again", job));
    ++copied;
  }
  result["copied_tensors"] = copied;
  return {};
}

/// Largest difference of y = x Wᵀ between the integer kernels and float arithmetic on the dequantized weights and
/// the same rounded activations, over the largest |y|.
Result<double> product_error(const QuantizedMatrix& matrix, Backend& backend) {
  Random random(0);
  std::vector<float> input(static_cast<std::size_t>(kProbeTokens * matrix.cols));
  for (float& value : input)
    value = static_cast<float>(random.uniform() - 0.5);

  Linear integers;
  SALIENT_ASSIGN(integers.packed, backend.pack(matrix, ScaleMode::exact));
  Linear simulated;
  SALIENT_CHECK(set_simulated(matrix, backend, simulated));
  SALIENT_ASSIGN(const Tensor x, backend.allocate(DType::f32, kProbeTokens, matrix.cols));
  SALIENT_CHECK(backend.upload(input.data(), x));
  SALIENT_ASSIGN(const Tensor y, backend.allocate(DType::f32, kProbeTokens, matrix.rows));
  std::vector<float> computed(static_cast<std::size_t>(y.size()));
  std::vector<float> expected(computed.size());
  SALIENT_CHECK(backend.linear(x, integers, y));
  SALIENT_CHECK(backend.download(y, computed.data()));
  SALIENT_CHECK(backend.linear(x, simulated, y));
  SALIENT_CHECK(backend.download(y, expected.data()));
  double largest = 0;
  double difference = 0;
  for (std::size_t i = 0; i < computed.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(expected[i])));
    difference = std::max(difference, std::abs(static_cast<double>(computed[i]) - expected[i]));
  }
  return largest > 0 ? difference / largest : difference;
}

Status compare_engine(const PackedModel& packed, Backend& backend, Json& result, Job& job) {
  const BitMap map = packed.bit_map();
  double most = 0;
  job.begin("engine");
  for (std::size_t i = 0; i < map.linears.size(); ++i) {
    SALIENT_CHECK(job.check());
    const std::string name = linear_name(map.linears[i].id);
    SALIENT_ASSIGN(const QuantizedMatrix matrix, packed.linear(map.linears[i].id));
    SALIENT_ASSIGN(const double error, product_error(matrix, backend));
    if (!(error <= kMostEngineError)) {
      return Error{ErrorCode::numeric,
                   shown(packed.checkpoint().directory()),
                   name,
                   fmt::format("the float simulation's product within {}", kMostEngineError),
                   fmt::format("a relative difference of {:.3g}", error),
                   "report this with the processor's name"};
    }
    most = std::max(most, error);
    job.report(static_cast<double>(i + 1), static_cast<double>(map.linears.size()), name);
  }
  result["engine_error"] = most;
  return {};
}

/// The whole model's logits, where simulation and engine have the same arithmetic.
Status compare_logits(const std::shared_ptr<const PackedModel>& packed, Backend& backend, Json& result, Job& job) {
  SALIENT_ASSIGN(const double error, engine_logit_error(packed, backend, job));
  if (!(error <= kMostEngineError)) {
    return Error{ErrorCode::numeric,
                 shown(packed->checkpoint().directory()),
                 "logits",
                 fmt::format("the float simulation's within {}", kMostEngineError),
                 fmt::format("a relative difference of {:.3g}", error),
                 "report this with the processor's name"};
  }
  result["engine_logit_error"] = error;
  return {};
}

Status compare_exports(const PackedModel& packed, const PackedModel& other, Json& result, Job& job) {
  const auto own = packed.checkpoint().tensors();
  const auto theirs = other.checkpoint().tensors();
  job.begin("compare");
  for (std::size_t i = 0; i < own.size(); ++i) {
    SALIENT_ASSIGN(const auto counterpart, other.checkpoint().find(own[i].info->name));
    SALIENT_CHECK(compare_tensor(own[i], counterpart, kOtherExport, job));
    job.report(static_cast<double>(i + 1), static_cast<double>(own.size()));
  }
  if (own.size() != theirs.size()) {
    return Error{ErrorCode::mismatch,
                 shown(packed.checkpoint().directory()),
                 "tensors",
                 std::to_string(theirs.size()),
                 std::to_string(own.size()),
                 kOtherExport};
  }
  if (packed.checkpoint().config_json() != other.checkpoint().config_json()) {
    return Error{ErrorCode::mismatch,
                 shown(packed.checkpoint().directory() / "config.json"),
                 {},
                 "that of " + shown(other.checkpoint().directory()),
                 "another one",
                 kOtherExport};
  }
  result["identical"] = true;
  return {};
}

}  // namespace

Result<Json> verify(const Json& request, OperationContext& context, Job& job) {
  RequestReader read(request);
  const auto directory = read.path("model");
  const auto against = read.path_or("against", {});
  const BackendRequest where = read.backend();
  SALIENT_CHECK(read.finish());

  if (!is_packed_model(directory) && is_export(directory)) {
    if (against.empty()) {
      return Error{ErrorCode::usage, {}, "against", "the packed model of this export", "nothing", ""};
    }
    Json result = result_header("verify");
    result["model"] = shown(directory);
    result["against"] = shown(against);
    SALIENT_ASSIGN(Backend * backend, context.backend(where));
    SALIENT_ASSIGN(const Json checked, check_export(directory, against, *backend, job));
    result["verified"] = true;
    result.update(checked);
    return result;
  }
  SALIENT_ASSIGN(PackedModel model, PackedModel::open(directory));
  const auto opened = std::make_shared<const PackedModel>(std::move(model));
  const PackedModel& packed = *opened;
  SALIENT_CHECK(packed.verify(job));
  const BitMap map = packed.bit_map();
  Json result = result_header("verify");
  result["model"] = shown(directory);
  result["verified"] = true;
  result["tensors"] = packed.checkpoint().tensors().size();
  result.update(allocation_json(map, bit_map_size(map, packed.group())));
  if (against.empty()) return result;

  result["against"] = shown(against);
  if (is_packed_model(against)) {
    SALIENT_ASSIGN(const PackedModel other, PackedModel::open(against));
    SALIENT_CHECK(compare_exports(packed, other, result, job));
    return result;
  }
  SALIENT_ASSIGN(const Checkpoint source, Checkpoint::open(against));
  SALIENT_CHECK(compare_shapes(packed, source));
  SALIENT_CHECK(compare_copies(packed, source, result, job));
  SALIENT_CHECK(compare_weights(packed, source, result, job));
  SALIENT_ASSIGN(Backend * backend, context.backend(where));
  SALIENT_CHECK(compare_engine(packed, *backend, result, job));
  if (where.device == "cpu") SALIENT_CHECK(compare_logits(opened, *backend, result, job));
  return result;
}

}  // namespace salient::operations

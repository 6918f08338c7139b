// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/pack/packed_format.h"
#include "core/pack/packed_model.h"

namespace salient {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kPieceBytes = std::uint64_t{4} << 20;

/// Equal dtype, shape and bytes of one tensor in two checkpoints.
Status check_copy(const Checkpoint& packed, const Checkpoint& source, const std::string& name, const Job& job) {
  SALIENT_ASSIGN(const Checkpoint::Located theirs, source.find(name));
  SALIENT_ASSIGN(const Checkpoint::Located ours, packed.find(name));
  const auto differs = [&](const std::string& where) {
    return Error{ErrorCode::mismatch,
                 escape_for_message(ours.shard->path().string()),
                 escape_for_message(name),
                 "what the checkpoint holds",
                 where,
                 "this model was packed from another checkpoint, or was changed"};
  };
  if (ours.info->dtype != theirs.info->dtype || ours.info->shape != theirs.info->shape) {
    return differs("another dtype or shape");
  }
  std::vector<std::byte> left;
  std::vector<std::byte> right;
  for (std::uint64_t first = 0; first < ours.info->bytes(); first += left.size()) {
    SALIENT_CHECK(job.check());
    left.resize(std::min(kPieceBytes, ours.info->bytes() - first));
    right.resize(left.size());
    SALIENT_CHECK(ours.shard->read(*ours.info, first, left));
    SALIENT_CHECK(theirs.shard->read(*theirs.info, first, right));
    const auto at = std::mismatch(left.begin(), left.end(), right.begin()).first;
    if (at != left.end()) {
      return differs(fmt::format("another byte at {}", first + static_cast<std::uint64_t>(at - left.begin())));
    }
  }
  return {};
}

/// ‖Q(W) − W‖/‖W‖
Result<double> weight_error(const PackedModel& model, const Checkpoint& source, const LinearBits& bits) {
  SALIENT_ASSIGN(const QuantizedMatrix matrix, model.linear(bits.id));
  std::vector<float> weight(static_cast<std::size_t>(bits.rows * bits.cols));
  SALIENT_CHECK(source.read_f32(linear_name(bits.id) + ".weight", 0, weight));
  std::vector<float> rounded(weight.size());
  matrix.dequantize(rounded);
  double error = 0;
  double norm = 0;
  for (std::size_t i = 0; i < weight.size(); ++i) {
    const double difference = static_cast<double>(rounded[i]) - weight[i];
    error += difference * difference;
    norm += static_cast<double>(weight[i]) * weight[i];
  }
  return norm > 0 ? std::sqrt(error / norm) : std::sqrt(error);
}

Result<PackedComparison> compare_with_source(const PackedModel& model, const Checkpoint& source, Job& job) {
  PackedComparison result;
  std::set<std::string> quantized;
  for (const LinearBits& bits : model.bit_map().linears) {
    const std::string name = linear_name(bits.id) + ".weight";
    SALIENT_ASSIGN(const Checkpoint::Located located, source.find(name));
    if (located.info->shape != std::vector<std::int64_t>{bits.rows, bits.cols}) {
      return Error{ErrorCode::mismatch,
                   escape_for_message(located.shard->path().string()),
                   name,
                   fmt::format("[{}, {}]", bits.rows, bits.cols),
                   fmt::format("[{}]", fmt::join(located.info->shape, ", ")),
                   "give the checkpoint this model was packed from"};
    }
    quantized.insert(name);
  }
  for (const Checkpoint::Located& located : source.tensors()) {
    if (quantized.contains(located.info->name)) continue;
    SALIENT_CHECK(check_copy(model.checkpoint(), source, located.info->name, job));
    ++result.copied_tensors;
  }
  const auto linears = static_cast<double>(model.bit_map().linears.size());
  double done = 0;
  for (const LinearBits& bits : model.bit_map().linears) {
    SALIENT_CHECK(job.check());
    SALIENT_ASSIGN(const double error, weight_error(model, source, bits));
    result.weight_error += error / linears;
    if (error >= result.weight_error_most) {
      result.weight_error_most = error;
      result.worst_linear = linear_name(bits.id);
    }
    job.report(++done, linears, linear_name(bits.id));
  }
  return result;
}

template <class Entries>
void add_differences(const Entries& ours, const Entries& theirs, std::vector<std::string>& differing) {
  for (const auto& [name, entry] : ours) {
    const auto other = theirs.find(name);
    if (other == theirs.end() || other->second != entry) differing.push_back(name);
  }
  for (const auto& [name, entry] : theirs) {
    if (!ours.contains(name)) differing.push_back(name);
  }
}

}  // namespace

Result<Verification> PackedModel::verify(Job& job) const {
  job.begin("verify");
  const fs::path& directory = checkpoint_->directory();
  const auto bytes = static_cast<double>(manifest_bytes(manifest_));
  SALIENT_CHECK(verify_files(directory, manifest_, 2 * bytes, job));
  Verification result{static_cast<std::int64_t>(manifest_.files.size()),
                      static_cast<std::int64_t>(manifest_.tensors.size()), 0};
  const auto linears = static_cast<double>(map_.linears.size());
  for (const LinearBits& bits : map_.linears) {
    SALIENT_CHECK(job.check());
    SALIENT_ASSIGN(const QuantizedMatrix checked, read_linear(bits));
    ++result.linears;
    job.report(bytes * (1 + static_cast<double>(result.linears) / linears), 2 * bytes, linear_name(bits.id));
  }
  return result;
}

Result<PackedComparison> compare_packed_model(const PackedModel& model, const fs::path& against, Job& job) {
  job.begin("compare");
  if (!is_packed_model(against)) {
    SALIENT_ASSIGN(const Checkpoint source, Checkpoint::open(against));
    return compare_with_source(model, source, job);
  }
  SALIENT_ASSIGN(const PackedModel other, PackedModel::open(against));
  PackedComparison result;
  result.against_packed = true;
  add_differences(model.manifest().tensors, other.manifest().tensors, result.differing);
  add_differences(model.manifest().files, other.manifest().files, result.differing);
  return result;
}

}  // namespace salient

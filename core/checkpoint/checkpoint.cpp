// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <system_error>
#include <utility>

#include "core/base/file.h"
#include "core/base/file_errors.h"
#include "core/base/hash.h"
#include "core/checkpoint/safetensors_header.h"
#include "core/checkpoint/shard_set.h"

namespace salient {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kConfigLimit = std::uint64_t{16} << 20;
constexpr std::size_t kPieceElements = std::size_t{1} << 18;
constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

/// Elements [first, first + out.size()) as floats, with a buffer of fixed size.
Status read_elements(const Checkpoint::Located& at, std::uint64_t first, std::span<float> out) {
  const std::size_t width = static_cast<std::size_t>(dtype_bits(at.info->dtype)) / 8;
  if (at.info->dtype == DType::f32) return at.shard->read(*at.info, first * width, std::as_writable_bytes(out));
  std::vector<std::byte> buffer(std::min(out.size(), kPieceElements) * width);
  for (std::size_t done = 0; done < out.size(); done += kPieceElements) {
    const auto piece = out.subspan(done, std::min(kPieceElements, out.size() - done));
    const auto bytes = std::span(buffer).first(piece.size() * width);
    SALIENT_CHECK(at.shard->read(*at.info, (first + done) * width, bytes));
    convert_to_f32(at.info->dtype, bytes.data(), piece);
  }
  return {};
}

}  // namespace

NonFinite count_non_finite(std::span<const float> values) {
  NonFinite found;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) continue;
    if (found.count() == 0) found.first = i;
    ++(std::isnan(values[i]) ? found.nan : found.inf);
  }
  return found;
}

Error non_finite_error(const fs::path& file, std::string_view tensor, NonFinite found) {
  return {ErrorCode::numeric,
          shown(file),
          escape_for_message(tensor),
          "finite weights",
          fmt::format("{} NaN or infinite, the first at index {}", found.count(), found.first),
          "the weights are damaged; get them again"};
}

Result<Checkpoint> Checkpoint::open_raw(const fs::path& directory, const CancelToken* cancel) {
  std::error_code error;
  if (!fs::is_directory(directory, error)) {
    if (error) return system_error(directory, "open", error.value());
    return Error{fs::exists(directory, error) ? ErrorCode::usage : ErrorCode::not_found,
                 shown(directory),
                 "",
                 "a model directory",
                 fs::exists(directory, error) ? "no directory" : "nothing",
                 "give the directory that holds config.json"};
  }
  Checkpoint checkpoint;
  checkpoint.directory_ = directory;
  const std::string file = shown(directory / "config.json");
  if (!is_there(directory / "config.json")) {
    return Error{ErrorCode::not_found,   shown(directory),
                 "config.json",          "a model directory: config.json, *.safetensors and the tokenizer's files",
                 "no config.json in it", "open the directory that holds config.json"};
  }
  SALIENT_ASSIGN(const fs::path path, resolve_model_file(directory, "config.json"));
  SALIENT_ASSIGN(const std::string text, read_text_file(path, kConfigLimit));
  SALIENT_ASSIGN(checkpoint.config_json_, parse_json(text, file));
  SALIENT_ASSIGN(checkpoint.config_, parse_model_config(checkpoint.config_json_, file, checkpoint.notes_));
  SALIENT_ASSIGN(ShardSet set, open_shards(directory, checkpoint.notes_, cancel));
  checkpoint.shards_ = std::move(set.shards);
  checkpoint.shard_of_ = std::move(set.shard_of);
  return checkpoint;
}

Result<Checkpoint> Checkpoint::open(const fs::path& directory, const CancelToken* cancel) {
  SALIENT_ASSIGN(Checkpoint checkpoint, open_raw(directory, cancel));
  if (checkpoint.config_json_.contains("quantization_config") &&
      !checkpoint.config_json_["quantization_config"].is_null()) {
    return Error{ErrorCode::usage,        shown(directory / "config.json"),  "quantization_config",
                 "16- or 32-bit weights", "a model this program has packed", "use the model it was made from"};
  }
  SALIENT_CHECK(checkpoint.check_tensors());
  return checkpoint;
}

Result<Checkpoint::Located> Checkpoint::find(std::string_view name) const {
  const auto found = shard_of_.find(std::string(name));
  if (found == shard_of_.end()) {
    return Error{ErrorCode::not_found, shown(directory_),   escape_for_message(name),
                 "the tensor",         "none of this name", "get the whole model"};
  }
  const SafetensorsFile& shard = shards_[found->second];
  return Located{&shard, shard.find(name)};
}

bool Checkpoint::contains(std::string_view name) const {
  return shard_of_.contains(std::string(name));
}

std::vector<Checkpoint::Located> Checkpoint::tensors() const {
  std::vector<Located> all;
  all.reserve(shard_of_.size());
  for (const auto& [name, index] : shard_of_)
    all.push_back({&shards_[index], shards_[index].find(name)});
  std::sort(all.begin(), all.end(), [](const Located& a, const Located& b) { return a.info->name < b.info->name; });
  return all;
}

Status Checkpoint::read(std::string_view name, std::span<std::byte> out) const {
  SALIENT_ASSIGN(const Located at, find(name));
  if (out.size() != at.info->bytes()) {
    return Error{ErrorCode::usage,
                 shown(at.shard->path()),
                 escape_for_message(name),
                 fmt::format("room for {} bytes", at.info->bytes()),
                 fmt::format("{}", out.size()),
                 ""};
  }
  return at.shard->read(*at.info, 0, out);
}

Status Checkpoint::read_f32(std::string_view name, std::int64_t first_row, std::span<float> out) const {
  SALIENT_ASSIGN(const Located at, find(name));
  const TensorInfo& info = *at.info;
  if (!convertible_to_f32(info.dtype)) {
    return Error{ErrorCode::unsupported,
                 shown(at.shard->path()),
                 escape_for_message(name),
                 "F32, F16 or BF16",
                 std::string(dtype_name(info.dtype)),
                 "use the model in 16 or 32 bit"};
  }
  // A vector is a matrix of one row.
  const std::uint64_t columns = info.shape.empty() ? 1 : static_cast<std::uint64_t>(info.shape.back());
  const std::uint64_t rows = columns == 0 ? 0 : static_cast<std::uint64_t>(info.elements()) / columns;
  const std::uint64_t wanted = columns == 0 ? 0 : out.size() / columns;
  const bool fits = first_row >= 0 && static_cast<std::uint64_t>(first_row) <= rows &&
                    wanted <= rows - static_cast<std::uint64_t>(first_row) && wanted * columns == out.size();
  if (!fits) {
    return Error{ErrorCode::range,
                 shown(at.shard->path()),
                 escape_for_message(name),
                 "whole rows of " + shape_text(info.shape),
                 fmt::format("{} elements from row {}", out.size(), first_row),
                 ""};
  }
  return read_elements(at, static_cast<std::uint64_t>(first_row) * columns, out);
}

Result<NonFinite> Checkpoint::scan_non_finite(std::string_view name) const {
  SALIENT_ASSIGN(const Located at, find(name));
  NonFinite total;
  if (!convertible_to_f32(at.info->dtype)) return total;
  const auto elements = static_cast<std::uint64_t>(at.info->elements());
  std::vector<float> buffer(static_cast<std::size_t>(std::min<std::uint64_t>(elements, kPieceElements)));
  for (std::uint64_t done = 0; done < elements; done += kPieceElements) {
    const auto piece =
        std::span(buffer).first(static_cast<std::size_t>(std::min<std::uint64_t>(kPieceElements, elements - done)));
    SALIENT_CHECK(read_elements(at, done, piece));
    const NonFinite found = count_non_finite(piece);
    if (total.count() == 0) total.first = done + found.first;
    total.nan += found.nan;
    total.inf += found.inf;
  }
  return total;
}

std::uint64_t Checkpoint::parameters() const {
  std::uint64_t count = 0;
  for (const Located& at : tensors())
    count += static_cast<std::uint64_t>(at.info->elements());
  return count;
}

Result<std::string> Checkpoint::fingerprint(Job& job) const {
  const std::vector<Located> all = tensors();
  std::uint64_t total = 0;
  for (const Located& at : all)
    total += at.info->bytes();
  Sha256 hash;
  hash.update(config_json_.dump());
  std::vector<std::byte> buffer(kPieceBytes);
  std::uint64_t done = 0;
  for (const Located& at : all) {
    // Names hold no line breaks, so every line can be told from its neighbours.
    hash.update(fmt::format("\n{}\n{} {}\n", at.info->name, dtype_name(at.info->dtype), shape_text(at.info->shape)));
    for (std::uint64_t first = 0; first < at.info->bytes(); first += kPieceBytes) {
      SALIENT_CHECK(job.check());
      const auto piece = std::span(buffer).first(
          static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, at.info->bytes() - first)));
      SALIENT_CHECK(at.shard->read(*at.info, first, piece));
      hash.update(piece);
      done += piece.size();
      job.report(static_cast<double>(done), static_cast<double>(total), at.info->name);
    }
  }
  return hash.finish();
}

}  // namespace salient

// SPDX-License-Identifier: Apache-2.0
#include "core/search/scores.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <span>

#include "core/checkpoint/safetensors.h"
#include "core/search/tensor_reader.h"

namespace salient {
namespace {

constexpr std::string_view kFormat = "salient.scores/1";
constexpr std::string_view kSuffix = ".salience";

constexpr std::array<std::pair<SalienceVariant, std::string_view>, 4> kVariants{{
    {SalienceVariant::full, "full"},
    {SalienceVariant::second_order, "second-order"},
    {SalienceVariant::diagonal_fisher, "diagonal-fisher"},
    {SalienceVariant::first_order, "first-order"},
}};

Status read_windows(const TensorReader& read, const SafetensorsFile& file, SalienceScores& scores) {
  const TensorInfo* tensor = file.find("windows");
  if (tensor == nullptr) return {};
  SALIENT_ASSIGN(const std::vector<std::int32_t> ids, read.values<std::int32_t>(*tensor, DType::i32, 2));
  if (tensor->shape[0] != scores.samples || tensor->shape[1] != scores.length)
    return read.error("windows", fmt::format("[{}, {}]", scores.samples, scores.length),
                      fmt::format("[{}, {}]", tensor->shape[0], tensor->shape[1]));
  for (const std::int32_t id : ids)
    if (id < 0) return read.error("windows", "token ids of 0 or more", fmt::to_string(id));
  for (std::int64_t i = 0; i < scores.samples; ++i)
    scores.windows.emplace_back(ids.begin() + i * scores.length, ids.begin() + (i + 1) * scores.length);
  return {};
}

Status read_linears(const TensorReader& read, const SafetensorsFile& file, SalienceScores& scores) {
  SALIENT_ASSIGN(const TensorInfo* columns, read.tensor("columns"));
  SALIENT_ASSIGN(const std::vector<std::int64_t> cols, read.values<std::int64_t>(*columns, DType::i64, 2));
  const std::int64_t kinds = static_cast<std::int64_t>(kLinearKinds.size());
  if (columns->shape[1] != kinds)
    return read.error("columns", fmt::format("[layers, {}]", kinds),
                      fmt::format("[{}, {}]", columns->shape[0], columns->shape[1]));
  for (std::size_t i = 0; i < cols.size(); ++i) {
    const LinearId id = linear_at(i);
    SALIENT_ASSIGN(const TensorInfo* tensor, read.tensor(linear_name(id) + std::string(kSuffix)));
    SALIENT_ASSIGN(std::vector<double> values, read.values<double>(*tensor, DType::f64, 1));
    scores.linears.push_back({id, tensor->shape[0], cols[i], std::move(values)});
  }
  const std::size_t expected = cols.size() + 1 + (scores.windows.empty() ? 0 : 1);
  if (file.tensors().size() > expected)
    return read.error("", fmt::format("{} layers, as columns has", columns->shape[0]),
                      fmt::format("{} tensors more", file.tensors().size() - expected));
  return {};
}

}  // namespace

std::string_view salience_variant_name(SalienceVariant variant) {
  for (const auto& [value, name] : kVariants)
    if (value == variant) return name;
  return "";
}

Result<SalienceVariant> salience_variant_from_name(std::string_view name) {
  std::string known;
  for (const auto& [value, its_name] : kVariants) {
    if (its_name == name) return value;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", its_name);
  }
  return Error{ErrorCode::usage, "", "variant", std::move(known), escape_for_message(name), "choose one of these"};
}

std::int64_t SalienceScores::features() const {
  std::int64_t sum = 0;
  for (const LinearScores& linear : linears)
    sum += linear.rows;
  return sum;
}

Status check_scores(const SalienceScores& scores, const std::string& file) {
  const std::string again = "search again";
  if (scores.linears.empty()) return Error{ErrorCode::format, file, "scores", "at least one linear", "none", again};
  const LinearId* last = nullptr;
  for (const LinearScores& linear : scores.linears) {
    const std::string name = linear_name(linear.id);
    if (last != nullptr && !(*last < linear.id))
      return Error{ErrorCode::format, file, name, "linears in ascending order", "after " + linear_name(*last), again};
    last = &linear.id;
    if (linear.rows < 1 || linear.cols < 1 || linear.cols > (std::int64_t{1} << 31) ||
        linear.scores.size() != static_cast<std::size_t>(linear.rows))
      return Error{ErrorCode::format,
                   file,
                   name,
                   "a score for each row",
                   fmt::format("{} scores for [{}, {}]", linear.scores.size(), linear.rows, linear.cols),
                   again};
    for (std::size_t row = 0; row < linear.scores.size(); ++row)
      if (!(std::isfinite(linear.scores[row]) && linear.scores[row] >= 0))
        return Error{ErrorCode::numeric,
                     file,
                     name,
                     "finite scores of 0 or more",
                     fmt::format("{} at row {}", linear.scores[row], row),
                     again};
  }
  return {};
}

Status save_scores(const SalienceScores& scores, const std::filesystem::path& path) {
  SALIENT_CHECK(check_scores(scores, ""));
  std::vector<std::int64_t> columns;
  for (std::size_t i = 0; i < scores.linears.size(); ++i) {
    const LinearScores& linear = scores.linears[i];
    columns.push_back(linear.cols);
    const LinearId expected = linear_at(i);
    if (linear.id != expected)
      return Error{ErrorCode::format, "", linear_name(linear.id), linear_name(expected), "", "give every linear"};
  }
  if (columns.size() % kLinearKinds.size() != 0)
    return Error{ErrorCode::format, "", "scores", "every linear of the last layer", "fewer", "give every linear"};
  std::vector<std::int32_t> ids;
  for (const std::vector<std::int32_t>& window : scores.windows) {
    if (static_cast<std::int64_t>(window.size()) != scores.length)
      return Error{ErrorCode::mismatch,           "", "windows", fmt::format("{} ids each", scores.length),
                   fmt::to_string(window.size()), ""};
    ids.insert(ids.end(), window.begin(), window.end());
  }
  if (!scores.windows.empty() && static_cast<std::int64_t>(scores.windows.size()) != scores.samples)
    return Error{ErrorCode::mismatch,
                 "",
                 "windows",
                 fmt::format("{} of them", scores.samples),
                 fmt::to_string(scores.windows.size()),
                 ""};

  SafetensorsWriter writer(path);
  writer.metadata("format", std::string(kFormat));
  writer.metadata("program_version", scores.program_version);
  writer.metadata("model_fingerprint", scores.model_fingerprint);
  writer.metadata("text_fingerprint", scores.text_fingerprint);
  writer.metadata("variant", std::string(salience_variant_name(scores.variant)));
  writer.metadata("group", fmt::to_string(scores.group));
  writer.metadata("samples", fmt::to_string(scores.samples));
  writer.metadata("length", fmt::to_string(scores.length));
  writer.metadata("seed", fmt::to_string(scores.seed));
  writer.metadata("mean_loss", fmt::to_string(scores.mean_loss));
  writer.add(
      "columns", DType::i64,
      {static_cast<std::int64_t>(columns.size() / kLinearKinds.size()), static_cast<std::int64_t>(kLinearKinds.size())},
      std::as_bytes(std::span(columns)));
  for (const LinearScores& linear : scores.linears)
    writer.add(linear_name(linear.id) + std::string(kSuffix), DType::f64, {linear.rows},
               std::as_bytes(std::span(linear.scores)));
  if (!ids.empty()) writer.add("windows", DType::i32, {scores.samples, scores.length}, std::as_bytes(std::span(ids)));
  return writer.write();
}

Result<SalienceScores> load_scores(const std::filesystem::path& path) {
  SALIENT_ASSIGN(const SafetensorsFile file, SafetensorsFile::open(path));
  const TensorReader read(file, "make the scores again with salient search");
  SALIENT_ASSIGN(const std::string format, read.text("format"));
  if (format != kFormat) return read.error("format", std::string(kFormat), escape_for_message(format));
  SalienceScores scores;
  SALIENT_ASSIGN(scores.program_version, read.text("program_version"));
  SALIENT_ASSIGN(scores.model_fingerprint, read.text("model_fingerprint"));
  SALIENT_ASSIGN(scores.text_fingerprint, read.text("text_fingerprint"));
  SALIENT_ASSIGN(const std::string variant, read.text("variant"));
  const Result<SalienceVariant> known = salience_variant_from_name(variant);
  if (!known) return read.error("variant", known.error().expected, known.error().found);
  scores.variant = *known;
  SALIENT_ASSIGN(scores.group, read.number<std::int64_t>("group"));
  SALIENT_ASSIGN(scores.samples, read.number<std::int64_t>("samples"));
  SALIENT_ASSIGN(scores.length, read.number<std::int64_t>("length"));
  SALIENT_ASSIGN(scores.seed, read.number<std::uint64_t>("seed"));
  SALIENT_ASSIGN(scores.mean_loss, read.number<double>("mean_loss"));
  if (scores.group < 1 || scores.samples < 1 || scores.length < 1)
    return read.error("group, samples, length", "1 or more",
                      fmt::format("{}, {}, {}", scores.group, scores.samples, scores.length));
  SALIENT_CHECK(read_windows(read, file, scores));
  SALIENT_CHECK(read_linears(read, file, scores));
  SALIENT_CHECK(check_scores(scores, read.name()));
  return scores;
}

}  // namespace salient

// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/export_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "core/base/random.h"
#include "core/eval/statistics.h"
#include "core/model/decoder.h"
#include "core/pack/export_model.h"

namespace salient {
namespace {

constexpr std::int64_t kProbeTokens = 32;
// Sums in another order leave 1e-5 in deep models; rounding weights to 16 bit a percent or two.
constexpr double kMostExactError = 1e-3;
constexpr double kMostRoundedError = 0.1;

std::vector<std::int32_t> probe_tokens(const ModelConfig& config) {
  Random random(0);
  std::vector<std::int32_t> ids(static_cast<std::size_t>(std::min(kProbeTokens, config.max_positions)));
  for (std::int32_t& id : ids)
    id = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(config.vocab_size)));
  return ids;
}

/// Logits [tokens, vocab] of one pass.
Result<std::vector<float>> logits_of(WeightSource& weights, const std::vector<std::int32_t>& ids, Backend& backend,
                                     const Job& job) {
  SALIENT_ASSIGN(Decoder decoder, Decoder::create(weights, backend, static_cast<std::int64_t>(ids.size())));
  SALIENT_ASSIGN(const Tensor hidden, decoder.hidden(ids, nullptr, &job));
  SALIENT_ASSIGN(const Tensor logits, decoder.logits(hidden));
  std::vector<float> values(static_cast<std::size_t>(logits.size()));
  SALIENT_CHECK(backend.download(logits, values.data()));
  return values;
}

/// Largest difference over the largest logit; NaN where one is NaN.
double relative_difference(const std::vector<float>& expected, const std::vector<float>& found) {
  double largest = 0;
  double difference = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double d = std::abs(static_cast<double>(found[i]) - expected[i]);
    if (!(d <= difference) && !std::isnan(difference)) difference = d;
    largest = std::max(largest, std::abs(static_cast<double>(expected[i])));
  }
  return largest > 0 ? difference / largest : difference;
}

FloatWeights::Reader dequantized(const std::shared_ptr<const PackedModel>& packed) {
  return [packed](LinearId id, std::span<float> out) -> Status {
    SALIENT_ASSIGN(const QuantizedMatrix matrix, packed->linear(id));
    matrix.dequantize(out);
    return {};
  };
}

/// Dequantized weights whose products round their activations as the engine does.
class SimulatedWeights final : public WeightSource {
 public:
  SimulatedWeights(const std::shared_ptr<const PackedModel>& packed, Backend& backend)
      : packed_(packed), backend_(backend) {}
  [[nodiscard]] const ModelConfig& config() const override { return packed_->config(); }
  [[nodiscard]] Result<std::shared_ptr<const GlobalWeights>> global() override {
    return upload_global(packed_->checkpoint(), backend_);
  }
  [[nodiscard]] Result<std::shared_ptr<const LayerWeights>> layer(std::int64_t index) override {
    SALIENT_ASSIGN(LayerWeights layer, upload_norms_and_biases(packed_->checkpoint(), index, backend_));
    for (const LinearKind kind : kLinearKinds) {
      SALIENT_ASSIGN(const QuantizedMatrix matrix, packed_->linear({static_cast<std::int32_t>(index), kind}));
      SALIENT_CHECK(set_simulated(matrix, backend_, layer.at(kind)));
    }
    return std::make_shared<const LayerWeights>(std::move(layer));
  }

 private:
  std::shared_ptr<const PackedModel> packed_;
  Backend& backend_;
};

Status compare_logits_of(const ExportedModel& model, const std::shared_ptr<const PackedModel>& packed, Backend& backend,
                         Json& result, Job& job) {
  job.begin("logits");
  const std::vector<std::int32_t> ids = probe_tokens(packed->config());
  FloatWeights exported(
      model.checkpoint(), [&](LinearId id, std::span<float> out) { return model.weight(id, out); }, backend);
  FloatWeights exact(packed->checkpoint(), dequantized(packed), backend);
  PackedModelWeights engine(packed, backend, {});
  SALIENT_ASSIGN(const std::vector<float> found, logits_of(exported, ids, backend, job));
  job.report(1, 3, "the export's");
  SALIENT_ASSIGN(const std::vector<float> expected, logits_of(exact, ids, backend, job));
  job.report(2, 3, "the packed weights'");
  SALIENT_ASSIGN(const std::vector<float> running, logits_of(engine, ids, backend, job));
  job.report(3, 3, "the engine's");

  const double error = relative_difference(expected, found);
  const bool is_exact = model.format() == ExportFormat::fp32;
  const double most = is_exact ? kMostExactError : kMostRoundedError;
  if (!(error <= most)) {
    return Error{ErrorCode::numeric,
                 escape_for_message(model.checkpoint().directory().string()),
                 "logits",
                 fmt::format("the packed model's within {}", most),
                 fmt::format("a relative difference of {:.3g}", error),
                 "export as fp32 and compare again"};
  }
  const std::size_t cols = expected.size() / ids.size();
  double kl = 0;
  double top1 = 0;
  for (std::size_t row = 0; row < ids.size(); ++row) {
    const LogitComparison position =
        compare_logits(std::span(running).subspan(row * cols, cols), std::span(found).subspan(row * cols, cols));
    kl += position.kl_forward;
    top1 += position.top1;
  }
  result["tokens"] = ids.size();
  result["logit_error"] = error;
  result["kl"] = kl / static_cast<double>(ids.size());
  result["top1"] = top1 / static_cast<double>(ids.size());
  return {};
}

}  // namespace

Result<Json> check_export(const std::filesystem::path& directory, const std::filesystem::path& packed, Backend& backend,
                          Job& job) {
  SALIENT_ASSIGN(PackedModel opened, PackedModel::open(packed));
  const auto source = std::make_shared<const PackedModel>(std::move(opened));
  SALIENT_ASSIGN(const ExportedModel model, ExportedModel::open(directory));
  SALIENT_ASSIGN(const ExportComparison comparison, compare_export(model, *source, job));
  Json result{{"format", export_format_info(model.format()).name},
              {"files", comparison.files},
              {"linears", comparison.linears},
              {"copied_tensors", comparison.copied_tensors},
              {"rounding_error", comparison.rounding_error}};
  SALIENT_CHECK(compare_logits_of(model, source, backend, result, job));
  return result;
}

Result<double> engine_logit_error(const std::shared_ptr<const PackedModel>& packed, Backend& backend, Job& job) {
  job.begin("logits");
  const std::vector<std::int32_t> ids = probe_tokens(packed->config());
  SimulatedWeights simulation(packed, backend);
  PackedModelWeights engine(packed, backend, {});
  SALIENT_ASSIGN(const std::vector<float> expected, logits_of(simulation, ids, backend, job));
  job.report(1, 2, "the simulation's");
  SALIENT_ASSIGN(const std::vector<float> found, logits_of(engine, ids, backend, job));
  job.report(2, 2, "the engine's");
  return relative_difference(expected, found);
}

}  // namespace salient

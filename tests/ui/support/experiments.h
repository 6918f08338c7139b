// SPDX-License-Identifier: GPL-3.0-or-later
// Experiment files for tests: finished runs of one small model with bit maps, measures and two methods.
#pragma once

#include <gtest/gtest.h>

#include <QString>
#include <filesystem>

#include "core/experiment/store.h"

namespace salient::ui {

inline ExperimentStart experimentStart(int number) {
  ExperimentStart start;
  start.operation = "run";
  start.fingerprint = "f" + std::to_string(number);
  start.recipe.budget.value = 5 + number % 40;
  start.recipe.quant.method = number % 2 == 0 ? QuantMethod::mixllm : QuantMethod::rtn;
  start.output = "/nowhere/out" + std::to_string(number);
  start.model = {"0123456789abcdef", "/models/tiny", "LlamaForCausalLM", 1000000};
  start.calibration = TextRecord{"c0ffee00", "/texts/train.txt", 1000, 1};
  start.evaluation = TextRecord{"beef0000", "/texts/test.txt", 1000, 1};
  start.version = "0.1.0";
  start.backend = "cpu";
  return start;
}

inline ExperimentOutcome experimentOutcome(int number, std::int32_t layers = 2) {
  ExperimentOutcome outcome;
  for (std::int32_t layer = 0; layer < layers; ++layer) {
    for (const LinearKind kind : kLinearKinds) {
      LinearBits linear{{layer, kind}, 64, 128, {}};
      for (std::uint32_t row = 0; row < static_cast<std::uint32_t>(4 + number % 40); ++row)
        linear.rows8.push_back(row + static_cast<std::uint32_t>(number % 2));
      outcome.map.linears.push_back(linear);
    }
  }
  const double bits = 4.2 + 0.05 * number;
  outcome.metrics = {{"reference", "perplexity", 20.0, 0.2},
                     {"reference", "tokens_per_second", 1000.0, {}},
                     {"quantized", "perplexity", 24.0 - 0.1 * number + (number % 2), 0.25},
                     {"quantized", "windows", 11, {}},
                     {"quantized", "tokens", 5621, {}},
                     {"quantized", "tokens_per_second", 500.0 + number, {}},
                     {"quantized", "kl_forward", 0.05 / (1 + number), 0.001},
                     {"quantized", "kl_reverse", 0.06 / (1 + number), 0.001},
                     {"quantized", "top1", 0.9, {}},
                     {"quantized", "percent", 5.0 + number, {}},
                     {"quantized", "payload_bits", bits, {}},
                     {"quantized", "effective_bits", bits + 0.2, {}},
                     {"quantized", "bytes", 1.0e6 * bits, {}}};
  outcome.windows = {{"reference", {3.0, 3.1}}, {"quantized", {3.1, 3.2}}};
  outcome.stages = {{"search", 1.5}, {"quantize", 2.5}};
  return outcome;
}

/// Adds finished experiments `first` … `first + count − 1`.
inline void addExperiments(const QString& file, int count, int first = 1) {
  auto store = Store::open(std::filesystem::path(file.toStdString()));
  ASSERT_TRUE(store.ok()) << store.error().to_string();
  for (int number = first; number < first + count; ++number) {
    const auto id = store->begin(experimentStart(number));
    ASSERT_TRUE(id.ok()) << id.error().to_string();
    const Status finished = store->finish(*id, experimentOutcome(number));
    ASSERT_TRUE(finished.ok()) << finished.error().to_string();
  }
}

}  // namespace salient::ui

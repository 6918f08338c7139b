// SPDX-License-Identifier: Apache-2.0
// An experiment as a run records it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/experiment/store.h"

namespace salient::test {

inline ExperimentStart a_start(const std::string& fingerprint = "f1") {
  ExperimentStart start;
  start.operation = "run";
  start.fingerprint = fingerprint;
  start.recipe.samples = 4;
  start.model = {"m1", "/models/tiny", "LlamaForCausalLM", 1234};
  start.calibration = TextRecord{"t1", "/texts/a.txt", 100, 1};
  start.evaluation = TextRecord{"t2", "/texts/b.txt", 50, 2};
  start.version = "0.1.0";
  start.machine = {"a processor", 2, 1 << 30, "Linux"};
  start.backend = "cpu";
  return start;
}

inline ExperimentOutcome an_outcome(std::vector<std::uint32_t> rows8 = {1, 3}) {
  ExperimentOutcome outcome;
  SalienceScores scores;
  scores.model_fingerprint = "m1";
  scores.text_fingerprint = "t1";
  scores.samples = 4;
  scores.length = 8;
  scores.group = 32;
  scores.mean_loss = 2.5;
  scores.program_version = "0.1.0";
  scores.linears = {{{0, LinearKind::q}, 4, 2, {0.5, 1.5, 0, 3}}, {{0, LinearKind::k}, 2, 2, {7, 8}}};
  outcome.scores = scores;
  outcome.map.linears = {{{0, LinearKind::q}, 4, 2, std::move(rows8)}, {{0, LinearKind::k}, 2, 2, {}}};
  Evaluation evaluation;
  evaluation.perplexity = 12.5;
  evaluation.perplexity_stderr = 0.25;
  evaluation.windows = 2;
  evaluation.window_nll = {2.5, 2.75};
  outcome.metrics = evaluation_metrics("quantized", evaluation);
  outcome.windows = {{"quantized", evaluation.window_nll}};
  outcome.stages = {{"search", 1.5}, {"quantize", 2.5}};
  outcome.notes = {"down_proj fell back to round-to-nearest"};
  outcome.exported = ExportRecord{"/out", 4096, "manifest-hash"};
  return outcome;
}

}  // namespace salient::test

// SPDX-License-Identifier: Apache-2.0
#include "app/cli/recipe_options.h"

#include <fmt/format.h>

#include "core/experiment/recipe.h"

namespace salient::cli {
namespace {

const Recipe kDefaults;

}  // namespace

void add_model_argument(Options& options, const std::string& description) {
  options.text({"DIR", "DIR", description, "", true, "model"});
}

void add_calibration_options(Options& options) {
  options.group("Calibration");
  options.integer({"--samples", "N", "Sequences drawn from the calibration text", std::to_string(kDefaults.samples)});
  options.integer({"--length", "N", "Tokens of a sequence", std::to_string(kDefaults.length)});
  options.integer(
      {"--seed", "N", "Seed of the random offsets, and of --selection random", std::to_string(kDefaults.seed)});
  options.text({"--key,--json-key", "KEY", "Which key of a .jsonl line holds the text", "text"});
}

void add_search_options(Options& options) {
  options.group("Search");
  options.text({"--variant", "NAME",
                "Estimate of the loss change: full, or the ablations second-order, diagonal-fisher, first-order",
                std::string(salience_variant_name(kDefaults.variant))});
}

void add_group_option(Options& options) {
  options.integer({"--group", "N", "Weights that share a scale: 32, 64 or 128", std::to_string(kDefaults.quant.group)});
}

void add_scales_option(Options& options, const std::string& name) {
  options.text(
      {name, "NAME",
       "Packed models: exact scales; or, faster on GPUs and rounded differently, folded into the weights' codes: "
       "folded, or folded-token with activations rounded for each token instead of each group as well; products of "
       "fewer than 128 tokens stay exact",
       std::string(scale_mode_name(ScaleMode::exact))});
}

void add_budget_options(Options& options) {
  options.group("Budget (exactly one)");
  options.number({"--percent", "P", "Percent of all output features that get 8 bit, 0 to 100"});
  options.number({"--average-bits", "B", "Effective bits a weight: codes, scales, zeros and row indices"});
  options.bytes(
      {"--size", "BYTES", "Bytes of all quantized linears as stored; suffixes as in 500MB (10^6) or 4GiB (2^30)"});
  options.integer(
      {"--uniform", "BITS",
       "For comparison, every row of every linear in BITS bit, 2 to 8; above 4 a code is stored in a byte"});
  options.exactly_one({"--percent", "--average-bits", "--size", "--uniform"});
}

void add_allocation_options(Options& options) {
  options.group("Allocation");
  options.text({"--rank", "NAME", "Rank features by salience, or by density: salience per extra byte", "salience"});
  options.text(
      {"--granularity", "NAME", "feature, or linear: whole linears, q/k/v together and gate/up together", "feature"});
  options.text({"--selection", "NAME", "global over the model, or the controls per-layer and random", "global"});
  options.integer({"--row-multiple", "N", "Round the 8-bit rows of each linear to a multiple of N",
                   std::to_string(kDefaults.row_multiple)});
}

void add_quantization_options(Options& options) {
  options.group("Quantization");
  options.text({"--method", "NAME", "mixllm: GPTQ with clip search; gptq: without; rtn: round-to-nearest",
                std::string(quant_method_name(kDefaults.quant.method))});
  options.flag({"--clip", "", "Search for clipped ranges also with gptq and rtn"});
  options.no_flag({"--no-clip", "", "No clip search with mixllm"});
  options.number({"--damping", "D", "Added to the Hessian's diagonal, as a share of its mean",
                  fmt::format("{}", kDefaults.quant.damping)});
}

void add_evaluation_options(Options& options) {
  options.group("Evaluation");
  options.integer({"--evaluation-length", "N", "Tokens of a window", std::to_string(kDefaults.evaluation_length)});
  options.integer({"--evaluation-windows", "N", "Windows, from the beginning of the text; 0 takes all", "0"});
  add_scales_option(options, "--evaluation-scales");
}

void add_job_options(Options& options) {
  options.group("Job");
  options.flag({"--preflight", "", "Only estimate memory, disk and time, then stop"});
  options.bytes(
      {"--memory-limit", "BYTES", "Memory to stay below, with a suffix as in 4GiB; by default what is available"});
  options.text(
      {"--work", "DIR", "Where resumable state is kept; by default beside the result, with .salient-work appended"});
  options.flag({"--fresh", "", "Forget the state that an interrupted job left, instead of resuming it"});
}

}  // namespace salient::cli

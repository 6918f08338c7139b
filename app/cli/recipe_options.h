// SPDX-License-Identifier: Apache-2.0
// The options of the main job, shared by search, quantize and run. Defaults shown are those of Recipe.
#pragma once

#include "app/cli/options.h"

namespace salient::cli {

void add_model_argument(Options& options, const std::string& description);
void add_calibration_options(Options& options);
void add_search_options(Options& options);
/// percent, average-bits, size or uniform: exactly one of them.
void add_budget_options(Options& options);
void add_allocation_options(Options& options);
void add_quantization_options(Options& options);
void add_evaluation_options(Options& options);
void add_job_options(Options& options);
/// Group size: shared by search and quantization, declared once.
void add_group_option(Options& options);
/// --scales, or the option of that kind called `name`.
void add_scales_option(Options& options, const std::string& name = "--scales");

}  // namespace salient::cli

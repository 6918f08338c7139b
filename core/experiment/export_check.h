// SPDX-License-Identifier: Apache-2.0
// An export against the packed model it was made from: every file's hash, every weight, and the logits.
#pragma once

#include <filesystem>
#include <memory>

#include "core/base/job.h"
#include "core/base/json.h"
#include "core/base/result.h"
#include "core/compute/backend.h"
#include "core/pack/packed_model.h"

namespace salient {

/// files, linears, copied_tensors, rounding_error (of the weights; 0 where they are exact), and over `tokens` random
/// tokens, deterministic for a model: logit_error (largest difference from the packed model's weights in float, over
/// the largest logit), kl and top1 against the packed model as this program runs it, activations in 8 bit.
/// Error{mismatch} where the export is not this packed model's; Error{numeric} where the logits are too far away.
[[nodiscard]] Result<Json> check_export(const std::filesystem::path& directory, const std::filesystem::path& packed,
                                        Backend& backend, Job& job);

/// Largest difference, over the largest logit, between the integer engine and the simulation with dequantized weights
/// on the same tokens as above, end to end; NaN where a logit is NaN. On the processor it is 0: elsewhere the two may
/// round an activation on the edge between codes to either side, and every layer after it differs. The simulated
/// weights are in memory one layer at a time.
[[nodiscard]] Result<double> engine_logit_error(const std::shared_ptr<const PackedModel>& packed, Backend& backend,
                                                Job& job);

}  // namespace salient

// SPDX-License-Identifier: Apache-2.0
// Before a long job starts: does it fit into memory and onto the disk, and how long will it take?
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/checkpoint/checkpoint.h"
#include "core/compute/backend.h"
#include "core/experiment/recipe.h"

namespace salient {

struct PreflightPlan {
  bool search = false;
  bool quantize = false;
  std::int64_t evaluation_tokens = 0;  ///< of one model's pass; 0 = no evaluation
};

struct PreflightLimits {
  std::uint64_t memory_bytes = 0;  ///< 0 = available_memory_bytes()
  std::uint64_t disk_bytes = 0;    ///< 0 = free_disk_bytes() of the output's directory
  std::uint64_t held_bytes = 0;    ///< what the process holds already; 0 = peak_memory_bytes()
};

struct StageEstimate {
  std::string name;
  std::uint64_t memory_bytes = 0;  ///< peak of the process during this stage
  double seconds = 0;
};

struct Preflight {
  std::vector<StageEstimate> stages;
  std::uint64_t memory_bytes = 0;  ///< the largest of the stages, in the device's memory where it has its own
  std::uint64_t memory_available = 0;
  std::uint64_t disk_bytes = 0;
  std::uint64_t disk_available = 0;
  double seconds = 0;
  double flops_per_second = 0;         ///< measured
  std::uint64_t resident_bytes = 0;    ///< for CheckpointWeights: layers kept in memory; the others are streamed
  std::uint64_t activation_bytes = 0;  ///< for Decoder::loss_and_gradients
};

/// Error{memory} or Error{disk_full} with needed and available when the job cannot fit, even streaming.
[[nodiscard]] Result<Preflight> preflight(const Checkpoint& checkpoint, const Recipe& recipe, const PreflightPlan& plan,
                                          const std::filesystem::path& output, Backend& backend,
                                          const PreflightLimits& limits = {});
[[nodiscard]] Json preflight_json(const Preflight& preflight);

}  // namespace salient

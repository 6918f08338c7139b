// SPDX-License-Identifier: Apache-2.0
// Inside of core/pack: the float formats of exports.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "core/base/dtype.h"
#include "core/base/result.h"
#include "core/checkpoint/safetensors.h"
#include "core/pack/export_model.h"
#include "core/pack/packed_format.h"

namespace salient {

/// Of everything that is stored as floats; F16 in compressed_tensors, whose scales then stay exact.
[[nodiscard]] DType export_dtype(ExportFormat format);
/// Rounds and sends; Error{numeric} naming the tensor where a value is not finite afterwards.
[[nodiscard]] Status send_values(std::span<const float> values, DType dtype, const std::filesystem::path& file,
                                 const std::string& name, const ByteSink& sink);

}  // namespace salient

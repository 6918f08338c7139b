// SPDX-License-Identifier: Apache-2.0
// The JSON header of a safetensors file, read piece by piece: a hundred megabytes of it never become a document.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/checkpoint/safetensors.h"

namespace salient {

struct SafetensorsHeader {
  std::vector<TensorInfo> tensors;  ///< in the header's order; each consistent in itself
  std::map<std::string, std::string> metadata;
};

/// Checks the text and each tensor by itself (HOSTILE rows 5 to 18, 22, 23): whether names repeat and ranges fit
/// together is for the caller. `file` names the source in errors.
[[nodiscard]] Result<SafetensorsHeader> parse_safetensors_header(std::string_view text, const std::string& file,
                                                                 const CancelToken* cancel);

/// Bytes of a tensor of this shape; an Error without file and key where they overflow or end inside a byte.
[[nodiscard]] Result<std::uint64_t> tensor_bytes(DType dtype, const std::vector<std::int64_t>& shape);

/// "[2, 3]".
[[nodiscard]] std::string shape_text(const std::vector<std::int64_t>& shape);

/// Empty when `name` may name a tensor, else what is wrong with it.
[[nodiscard]] std::string name_problem(std::string_view name);

}  // namespace salient

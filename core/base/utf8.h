// SPDX-License-Identifier: Apache-2.0
// The little of UTF-8 that reading files from strangers needs: where a text stops being well formed.
#pragma once

#include <cstddef>
#include <string_view>

namespace salient {

/// Length in bytes (1 to 4) of the well-formed UTF-8 sequence at the start of `text`; 0 when there is none
/// (overlong forms, surrogates and values over U+10FFFF are not well formed). Empty text gives 0.
[[nodiscard]] std::size_t utf8_sequence_length(std::string_view text);

/// Offset of the first byte that belongs to no well-formed sequence; text.size() when all is well.
[[nodiscard]] std::size_t first_invalid_utf8(std::string_view text);

}  // namespace salient

// SPDX-License-Identifier: Apache-2.0
// Which bytes of a text each of its tokens stands for: what a person sees when a text is cut into tokens.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/text/tokenizer.h"

namespace salient {

struct TokenSpan {
  TokenId id = 0;
  std::size_t begin = 0;  ///< bytes [begin, end) of the text
  std::size_t end = 0;
};

/// encode(text, add_special) with the bytes behind each token; neither begins nor ends ever go back. What the tokenizer
/// puts in by itself (special tokens of the template, the space before a text) has begin == end. Where it rewrites the
/// text (Unicode normalization, an unknown character) each token of the rewritten stretch has the whole stretch.
[[nodiscard]] Result<std::vector<TokenSpan>> token_spans(const Tokenizer& tokenizer, std::string_view text,
                                                         bool add_special);

}  // namespace salient

// SPDX-License-Identifier: Apache-2.0
// Calibration and evaluation text: .txt, .jsonl and .jsonl.gz as one token stream, and the windows cut
// from it. Memory stays bounded by the tokens, not by the file (HOSTILE-INPUTS row 77).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/text/tokenizer.h"

namespace salient {

struct CorpusOptions {
  std::string json_key = "text";  ///< of .jsonl and .jsonl.gz lines
  std::uint64_t max_tokens = 0;   ///< stop reading there; 0 = all
};

struct Corpus {
  std::vector<TokenId> tokens;  ///< documents joined by a blank line, tokenized as ONE text without special tokens
  std::string sha256;           ///< of the text's bytes as joined: the text fingerprint
  std::uint64_t bytes = 0;
  std::uint64_t documents = 0;
};

/// .txt is one document. JSON lines are documents joined by "\n\n". Byte order marks are dropped.
[[nodiscard]] Result<Corpus> load_corpus(const std::filesystem::path& path, const Tokenizer& tokenizer,
                                         const CorpusOptions& options, Job& job);

/// METHOD §2: `samples` windows of `length` tokens at seeded uniform random offsets of the stream.
[[nodiscard]] Result<std::vector<std::vector<TokenId>>> calibration_windows(const Corpus& corpus, std::int64_t samples,
                                                                            std::int64_t length, std::uint64_t seed);

/// METHOD §6: consecutive non-overlapping windows of `length`; a shorter rest is dropped. At most `limit`
/// windows (0 = all), the first ones.
[[nodiscard]] Result<std::vector<std::vector<TokenId>>> evaluation_windows(const Corpus& corpus, std::int64_t length,
                                                                           std::int64_t limit);

}  // namespace salient

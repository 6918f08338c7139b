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
  std::string json_key = "text";                     ///< of .jsonl and .jsonl.gz lines
  std::uint64_t max_tokens = 0;                      ///< stop reading there; 0 = all
  std::uint64_t max_bytes = std::uint64_t{1} << 30;  ///< of text, where the tokens are not bounded; more is refused
};

struct Corpus {
  std::vector<TokenId> tokens;  ///< documents joined by a blank line, tokenized as ONE text without special tokens
  std::string sha256;           ///< of the text's bytes as joined and as far as read: the text fingerprint
  std::uint64_t bytes = 0;
  std::uint64_t documents = 0;
  std::string file;  ///< it was read from, as messages show it
};

/// .txt is one document. .jsonl, .ndjson and .json hold a JSON object a line: documents joined by "\n\n".
/// Each may be compressed (.gz). A byte order mark at the beginning is dropped.
/// The text is read and tokenized in parts of a few MiB, cut only where the tokens provably stay those of
/// the whole (Tokenizer::safe_cut); where no such place comes for 256 MiB the text is refused. Memory is
/// bounded by that and by the tokens. Errors name the line (JSON lines), the byte (text) or the length.
[[nodiscard]] Result<Corpus> load_corpus(const std::filesystem::path& path, const Tokenizer& tokenizer,
                                         const CorpusOptions& options, Job& job);

/// METHOD §2: `samples` windows of `length` tokens at seeded uniform random offsets of the stream.
/// Error{range} naming the file where the text is shorter than one window.
[[nodiscard]] Result<std::vector<std::vector<TokenId>>> calibration_windows(const Corpus& corpus, std::int64_t samples,
                                                                            std::int64_t length, std::uint64_t seed);

/// METHOD §6: consecutive non-overlapping windows of `length`; a shorter rest is dropped. At most `limit`
/// windows (0 = all), the first ones. Error{range} as above.
[[nodiscard]] Result<std::vector<std::vector<TokenId>>> evaluation_windows(const Corpus& corpus, std::int64_t length,
                                                                           std::int64_t limit);

}  // namespace salient

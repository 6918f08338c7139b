// SPDX-License-Identifier: Apache-2.0
// A byte-level tokenizer without merges: one id a byte, so that any text can be tokenized by a model of 256 ids.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/json.h"
#include "tests/unit/support/temporary_directory.h"

namespace salient::test {

/// The bytes' names in a byte-level vocabulary: themselves where printable, otherwise letters from U+0100 on.
inline std::string byte_token(int byte, int& next) {
  const bool printable = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
  const int letter = printable ? byte : next++;
  if (letter < 0x80) return std::string(1, static_cast<char>(letter));
  return {static_cast<char>(0xC0 | letter >> 6), static_cast<char>(0x80 | (letter & 0x3F))};
}

/// Writes it as a tokenizer.json.
inline void write_byte_tokenizer(const std::filesystem::path& path) {
  Json vocabulary = Json::object();
  int next = 0x100;
  for (int byte = 0; byte < 256; ++byte)
    vocabulary[byte_token(byte, next)] = byte;
  const Json byte_level{
      {"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", false}};
  const Json tokenizer{{"version", "1.0"},
                       {"added_tokens", Json::array()},
                       {"normalizer", nullptr},
                       {"pre_tokenizer", byte_level},
                       {"post_processor", nullptr},
                       {"decoder", byte_level},
                       {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", Json::array()}}}};
  write_file(path, tokenizer.dump());
}

}  // namespace salient::test

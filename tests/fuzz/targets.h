// SPDX-License-Identifier: Apache-2.0
// What is fuzzed: each target takes any bytes, builds the file (or pipe) of a stranger from them, and drives the reader
// of that format over it. An error value (false) is a fine answer; a crash, a sanitizer's finding or a hang is not.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace salient::fuzz {

bool safetensors(std::string_view input);      ///< `{…`: a header, its length and some data added; else a whole file
bool index_json(std::string_view input);       ///< model.safetensors.index.json of a model of three shards
bool config_json(std::string_view input);      ///< config.json
bool tokenizer_json(std::string_view input);   ///< tokenizer.json
bool tokenizer_model(std::string_view input);  ///< tokenizer.model
bool tokenizer_side_files(std::string_view input);  ///< three JSON files with a NUL between, beside vocab.json
bool packed_model(std::string_view input);  ///< first byte: which file; then its text or header, or patches of it
bool experiment_database(std::string_view input);  ///< a whole file, or patches of a good one
bool worker(std::string_view input);               ///< lines on the worker's standard input
bool corpus(std::string_view input);               ///< first byte: which kind of text file; then its content

/// `good` with bytes overwritten. Each patch: a place (three bytes, little-endian), the number of bytes, the bytes.
[[nodiscard]] std::string patched(std::string good, std::string_view patches);
/// A directory of this process's own for one target, removed at its end.
[[nodiscard]] const std::filesystem::path& scratch(std::string_view target);
/// A directory of the committed fixtures: "text/gpt2".
[[nodiscard]] std::filesystem::path fixture(std::string_view name);
/// Copies its files there, unless there is something already.
void copy_fixture(std::string_view name, const std::filesystem::path& directory);

}  // namespace salient::fuzz

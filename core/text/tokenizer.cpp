// SPDX-License-Identifier: Apache-2.0
#include "core/text/tokenizer.h"

#include <utility>

#include "core/base/file.h"
#include "core/checkpoint/checkpoint.h"
#include "core/text/slow_tokenizer.h"
#include "core/text/tokenizer_files.h"

namespace salient {
namespace {

constexpr std::uint64_t config_limit = std::uint64_t{16} << 20;
constexpr std::string_view replacement_character = "\xEF\xBF\xBD";
constexpr std::size_t longest_wait = 16;  // tokens held back; a character has at most four bytes

}  // namespace

Result<std::shared_ptr<const Tokenizer>> Tokenizer::load(const std::filesystem::path& directory,
                                                         std::optional<std::int64_t> embedding_rows) {
  for (const char* name : kFiles) {
    if (is_there(directory / name)) SALIENT_CHECK(resolve_model_file(directory, name));  // no link leads out of it
  }
  TokenizerFiles files{directory, Json::object(), embedding_rows};
  if (const auto path = directory / "tokenizer_config.json"; is_there(path)) {
    SALIENT_ASSIGN(const std::string text, read_text_file(path, config_limit));
    SALIENT_ASSIGN(files.config, parse_json(text, path.string()));
  }
  if (is_there(directory / "tokenizer.json")) return load_tokenizer_json(files);
  SALIENT_ASSIGN(files.config, read_side_files(directory, std::move(files.config)));
  if (is_there(directory / "tokenizer.model")) return load_tokenizer_model(files);
  if (is_there(directory / "vocab.json") && is_there(directory / "merges.txt"))
    return load_vocabulary_and_merges(files);
  return Error{ErrorCode::not_found, directory.string(),
               "tokenizer",          "tokenizer.json, tokenizer.model, or vocab.json with merges.txt",
               "none of them",       "copy the tokenizer's files into the model directory"};
}

Result<std::string> TokenStream::push(TokenId id) {
  ids_.push_back(id);
  const std::span<const TokenId> all(ids_);
  SALIENT_ASSIGN(const std::string before, tokenizer_->decode(all.first(emitted_), true));
  SALIENT_ASSIGN(std::string now, tokenizer_->decode(all, true));
  if (now == before) {
    // A special token is left out; a leading space that the decoder strips must stay. Ids that no token has
    // may come for ever.
    SALIENT_ASSIGN(const std::string alone, tokenizer_->decode(all.last(1), false));
    if (!alone.empty() || ids_.size() - emitted_ > longest_wait) ids_.pop_back();
    return std::string();
  }
  if (now.ends_with(replacement_character) && ids_.size() - emitted_ < longest_wait) return std::string();
  if (now.starts_with(before)) {
    now.erase(0, before.size());
  } else {
    SALIENT_ASSIGN(now, tokenizer_->decode(all.subspan(emitted_), true));
  }
  // The last tokens given out stay as context, since a decoder treats the first token of a text differently.
  ids_.erase(ids_.begin(), ids_.begin() + static_cast<std::ptrdiff_t>(emitted_));
  emitted_ = ids_.size();
  return now;
}

Result<std::string> TokenStream::finish() {
  const std::span<const TokenId> all(ids_);
  SALIENT_ASSIGN(const std::string before, tokenizer_->decode(all.first(emitted_), true));
  SALIENT_ASSIGN(std::string now, tokenizer_->decode(all, true));
  ids_.clear();
  emitted_ = 0;
  return now.starts_with(before) ? now.substr(before.size()) : now;
}

}  // namespace salient

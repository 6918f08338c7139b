// SPDX-License-Identifier: Apache-2.0
// tokenizer.json of Hugging Face tokenizers with a BPE model. Every part is checked; what this program
// would do differently from the reference is refused by name.
#include <fmt/format.h>

#include <limits>
#include <utility>

#include "core/base/file.h"
#include "core/text/json_fields.h"
#include "core/text/pipeline_tokenizer.h"
#include "core/text/tokenizer_files.h"

namespace salient {
namespace {

constexpr const char* get_again = "the tokenizer file is damaged; get it again";
constexpr std::size_t most_template_tokens = 1024;  // real ones have two
constexpr const char* cannot_use = "this program cannot use this tokenizer";

class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) { parts_.file = file_; }

  Result<PipelineParts> read(const Json& json) {
    if (!json.is_object()) return format("", "an object", json_describe(json));
    const Json* model = json_member(json, "model");
    if (model == nullptr) return format("model", "an object", "none");
    SALIENT_CHECK(read_model(*model));
    SALIENT_CHECK(read_added_tokens(json));
    const auto part = [&](const char* key) {
      const Json* found = json_member(json, key);
      return found ? *found : Json();
    };
    SALIENT_ASSIGN(parts_.normalizers, parse_normalizers(part("normalizer"), file_));
    SALIENT_ASSIGN(parts_.pre_tokenizers, parse_pre_tokenizers(part("pre_tokenizer"), file_));
    SALIENT_ASSIGN(parts_.decoders, parse_token_decoders(part("decoder"), file_));
    if (const Json* post = json_member(json, "post_processor")) SALIENT_CHECK(read_post_processor(*post, 0));
    return std::move(parts_);
  }

 private:
  Error format(const std::string& key, const std::string& expected, const std::string& found) const {
    return Error{ErrorCode::format, file_, key, expected, found, get_again};
  }

  Status read_model(const Json& model) {
    // Files from before the field was written hold BPE where they hold merges.
    SALIENT_ASSIGN(const std::string type,
                   json_string_or(model, "type", json_member(model, "merges") ? "BPE" : "unknown", file_));
    if (type != "BPE") return unknown_type(file_, "model", type, "BPE");
    if (const Json* dropout = json_member(model, "dropout"); dropout != nullptr && *dropout != 0) {
      return Error{ErrorCode::unsupported, file_, "model.dropout", "null or 0", json_describe(*dropout), cannot_use};
    }
    for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
      SALIENT_ASSIGN(const std::string affix, json_string_or(model, key, "", file_));
      if (affix.empty()) continue;
      return Error{ErrorCode::unsupported,
                   file_,
                   std::string("model.") + key,
                   "null",
                   "\"" + escape_for_message(affix) + "\"",
                   cannot_use};
    }
    BpeOptions& options = parts_.bpe;
    if (json_member(model, "unk_token") != nullptr) {
      SALIENT_ASSIGN(options.unk_token, json_string(model, "unk_token", file_));
    }
    SALIENT_ASSIGN(options.fuse_unk, json_bool_or(model, "fuse_unk", false, file_));
    SALIENT_ASSIGN(options.byte_fallback, json_bool_or(model, "byte_fallback", false, file_));
    SALIENT_ASSIGN(options.ignore_merges, json_bool_or(model, "ignore_merges", false, file_));
    SALIENT_CHECK(read_vocabulary(model));
    return read_merges(model);
  }

  Status read_vocabulary(const Json& model) {
    const Json* vocab = json_member(model, "vocab");
    if (vocab == nullptr || !vocab->is_object()) return format("model.vocab", "an object", "none");
    auto& tokens = parts_.vocabulary.tokens;
    tokens.reserve(vocab->size());
    for (auto entry = vocab->begin(); entry != vocab->end(); ++entry) {
      SALIENT_ASSIGN(const TokenId id,
                     checked_token_id(*entry, file_, "vocab \"" + escape_for_message(entry.key()) + "\""));
      tokens.emplace_back(entry.key(), id);
    }
    return {};
  }

  Status read_merges(const Json& model) {
    const Json* merges = json_member(model, "merges");
    if (merges == nullptr || !merges->is_array()) return format("model.merges", "an array", "none");
    auto& pairs = parts_.vocabulary.merges;
    pairs.reserve(merges->size());
    for (const Json& merge : *merges) {
      if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
        pairs.emplace_back(merge[0].get<std::string>(), merge[1].get<std::string>());
        continue;
      }
      const std::string text = merge.is_string() ? merge.get<std::string>() : std::string();
      const std::size_t space = text.find(' ');
      if (space == std::string::npos || text.find(' ', space + 1) != std::string::npos) {
        return format(fmt::format("merge {}", pairs.size()), "two tokens", json_describe(merge));
      }
      pairs.emplace_back(text.substr(0, space), text.substr(space + 1));
    }
    return {};
  }

  Status read_added_tokens(const Json& json) {
    const Json* tokens = json_member(json, "added_tokens");
    if (tokens == nullptr) return {};
    if (!tokens->is_array()) return format("added_tokens", "an array", json_describe(*tokens));
    for (const Json& token : *tokens) {
      const std::string key = fmt::format("added_tokens[{}].id", parts_.added_tokens.size());
      const Json* number = json_member(token, "id");
      SALIENT_ASSIGN(const TokenId id, checked_token_id(number ? *number : Json(), file_, key));
      SALIENT_ASSIGN(AddedToken parsed, parse_added_token(token, id, file_));
      parts_.added_tokens.push_back(std::move(parsed));
    }
    return {};
  }

  Status read_post_processor(const Json& json, int depth) {
    SALIENT_ASSIGN(const std::string type, json_string(json, "type", file_));
    if (type == "ByteLevel") return {};  // moves offsets only
    if (type == "TemplateProcessing") return read_template(json);
    if (type != "Sequence" || depth >= 8) {
      return unknown_type(file_, "post_processor", type, "TemplateProcessing, ByteLevel or Sequence");
    }
    const Json* members = json_member(json, "processors");
    if (members == nullptr || !members->is_array()) return format("post_processor.processors", "an array", "none");
    for (const Json& member : *members)
      SALIENT_CHECK(read_post_processor(member, depth + 1));
    return {};
  }

  Status read_template(const Json& json) {
    const Json* single = json_member(json, "single");
    const Json* specials = json_member(json, "special_tokens");
    if (single == nullptr || !single->is_array()) return format("post_processor.single", "an array", "none");
    Template around;
    for (const Json& item : *single) {
      if (json_member(item, "Sequence") != nullptr) {
        around.push_back(std::nullopt);
        continue;
      }
      const Json* special = json_member(item, "SpecialToken");
      if (special == nullptr) return format("post_processor.single", "SpecialToken or Sequence", json_describe(item));
      SALIENT_ASSIGN(const std::string name, json_string(*special, "id", file_));
      const Json* entry = specials == nullptr ? nullptr : json_member(*specials, name.c_str());
      const Json* ids = entry == nullptr ? nullptr : json_member(*entry, "ids");
      const std::string key = "post_processor.special_tokens." + escape_for_message(name);
      if (ids == nullptr || !ids->is_array()) return format(key, "its ids", "none");
      for (const Json& number : *ids) {
        SALIENT_ASSIGN(const TokenId id, checked_token_id(number, file_, key));
        around.push_back(id);
        if (around.size() > most_template_tokens) {
          return format("post_processor", fmt::format("at most {} tokens around a text", most_template_tokens), "more");
        }
      }
    }
    parts_.templates.push_back(std::move(around));
    return check_steps(parts_.templates.size(), "post_processor", file_);
  }

  std::string file_;
  PipelineParts parts_;
};

/// add_bos_token and add_eos_token of tokenizer_config.json, where they are written, outrank the template, as
/// in transformers.
Status apply_configured_template(const TokenizerFiles& files, PipelineParts& parts) {
  const Json& config = files.config;
  if (json_member(config, "add_bos_token") == nullptr && json_member(config, "add_eos_token") == nullptr) return {};
  const std::string config_file = (files.directory / "tokenizer_config.json").string();
  Template around;
  const auto put = [&](const char* wish, const char* key) -> Status {
    SALIENT_ASSIGN(const bool wanted, json_bool_or(config, wish, false, config_file));
    const std::string content = configured_token(config, key);
    if (!wanted || content.empty()) return {};
    for (const AddedToken& token : parts.added_tokens) {
      if (token.content != content) continue;
      around.push_back(token.id);
      return {};
    }
    for (const auto& [text, id] : parts.vocabulary.tokens) {
      if (text != content) continue;
      around.push_back(id);
      return {};
    }
    return Error{ErrorCode::mismatch,
                 config_file,
                 key,
                 "a token of the tokenizer",
                 "\"" + escape_for_message(content) + "\"",
                 get_again};
  };
  SALIENT_CHECK(put("add_bos_token", "bos_token"));
  around.push_back(std::nullopt);
  SALIENT_CHECK(put("add_eos_token", "eos_token"));
  parts.templates = {std::move(around)};
  return {};
}

}  // namespace

Result<std::shared_ptr<const Tokenizer>> build_tokenizer(const Json& json, const TokenizerFiles& files,
                                                         const std::string& file) {
  SALIENT_ASSIGN(PipelineParts parts, Reader(file).read(json));
  SALIENT_CHECK(apply_configured_template(files, parts));
  return PipelineTokenizer::build(std::move(parts), files.embedding_rows);
}

Result<std::shared_ptr<const Tokenizer>> load_tokenizer_json(const TokenizerFiles& files) {
  const std::filesystem::path path = files.directory / "tokenizer.json";
  SALIENT_ASSIGN(const std::string text, read_text_file(path, tokenizer_file_limit));
  SALIENT_ASSIGN(const Json json, parse_json(text, path.string()));
  return build_tokenizer(json, files, path.string());
}

}  // namespace salient

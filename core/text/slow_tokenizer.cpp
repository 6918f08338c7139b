// SPDX-License-Identifier: Apache-2.0
#include "core/text/slow_tokenizer.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <system_error>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/base/file.h"
#include "core/text/added_tokens.h"
#include "core/text/json_fields.h"

namespace salient {
namespace {

constexpr std::uint64_t side_file_limit = std::uint64_t{16} << 20;
constexpr const char* additional = "additional_special_tokens";
// In the order in which those without an id get one.
constexpr std::array special_keys{"bos_token", "eos_token", "unk_token", "sep_token",
                                  "pad_token", "cls_token", "mask_token"};

Error wrong(const std::string& file, const std::string& key, const char* expected, const Json& found) {
  return Error{ErrorCode::format, file, key, expected, json_describe(found), "correct the file or get it again"};
}

std::string content_of(const Json& token) {
  const Json* content = token.is_object() ? json_member(token, "content") : &token;
  return content != nullptr && content->is_string() ? content->get<std::string>() : std::string();
}

Status check_special(const Json& token, const std::string& file, const std::string& key) {
  if (token.is_string()) return {};
  if (!token.is_object()) return wrong(file, key, "a token: a string, or an object with its content", token);
  SALIENT_CHECK(parse_added_token(token, 0, file));
  return {};
}

Status check_specials(const Json& json, const std::string& file) {
  if (!json.is_object()) return wrong(file, "", "an object", json);
  for (const char* key : special_keys) {
    if (const Json* token = json_member(json, key)) SALIENT_CHECK(check_special(*token, file, key));
  }
  const Json* list = json_member(json, additional);
  if (list == nullptr) return {};
  if (!list->is_array()) return wrong(file, additional, "an array", *list);
  for (const Json& token : *list)
    SALIENT_CHECK(check_special(token, file, additional));
  return {};
}

/// The file as JSON; null where there is none.
Result<Json> read_if_present(const std::filesystem::path& path) {
  std::error_code code;
  if (!std::filesystem::exists(path, code)) return Json();
  SALIENT_ASSIGN(const std::string text, read_text_file(path, side_file_limit));
  return parse_json(text, path.string());
}

/// Special tokens of special_tokens_map.json replace those of the configuration, further ones join its list.
void overlay(const Json& map, Json& config) {
  for (const char* key : special_keys) {
    if (const auto token = map.find(key); token != map.end()) config[key] = *token;
  }
  const Json* list = json_member(map, additional);
  if (list == nullptr) return;
  Json all = json_member(config, additional) ? config[additional] : Json::array();
  for (const Json& token : *list)
    all.push_back(token);
  config[additional] = std::move(all);
}

/// Contents of the special tokens that are named, in the order of special_keys, each with the object that names it.
struct Named {
  std::string content;
  Json token;
  bool by_default = false;
};
std::vector<Named> named_specials(const Json& config, std::span<const SpecialDefault> defaults) {
  std::vector<Named> all;
  for (const char* key : special_keys) {
    const std::string content = special_token(config, defaults, key);
    const Json* token = json_member(config, key);
    if (!content.empty()) all.push_back({content, token ? *token : Json(), token == nullptr});
  }
  if (const Json* list = json_member(config, additional)) {
    for (const Json& token : *list)
      all.push_back({content_of(token), token, false});
  }
  return all;
}

/// added_tokens.json gives ids only: the tokens have no flags but whether they are special.
Result<Json> decoder_of(const Json& added, const std::string& file, const Json& config) {
  if (!added.is_object()) return wrong(file, "", "an object: ids by token", added);
  std::unordered_set<std::string> specials;
  for (const Named& named : named_specials(config, {}))
    specials.insert(named.content);
  std::unordered_map<TokenId, const std::string*> owners;
  Json decoder = Json::object();
  for (auto entry = added.begin(); entry != added.end(); ++entry) {
    const std::string name = "\"" + escape_for_message(entry.key()) + "\"";
    SALIENT_ASSIGN(const TokenId id, checked_token_id(*entry, file, name));
    if (const auto [owner, fresh] = owners.emplace(id, &entry.key()); !fresh) {
      return Error{ErrorCode::mismatch,
                   file,
                   name,
                   "an id of its own",
                   fmt::format("id {}, which is that of \"{}\"", id, escape_for_message(*owner->second)),
                   "correct the file or get it again"};
    }
    const bool special = specials.contains(entry.key());
    // Appended without the look-up that would make a large object quadratic.
    decoder.get_ref<Json::object_t&>().emplace_back(
        std::to_string(id), Json{{"content", entry.key()}, {"special", special}, {"normalized", !special}});
  }
  return decoder;
}

}  // namespace

Result<Json> read_side_files(const std::filesystem::path& directory, Json config) {
  const std::string config_file = (directory / "tokenizer_config.json").string();
  SALIENT_CHECK(check_specials(config, config_file));
  if (json_member(config, "added_tokens_decoder") != nullptr) return config;
  const std::filesystem::path map_path = directory / "special_tokens_map.json";
  SALIENT_ASSIGN(const Json map, read_if_present(map_path));
  if (!map.is_null()) {
    SALIENT_CHECK(check_specials(map, map_path.string()));
    overlay(map, config);
  }
  const std::filesystem::path added_path = directory / "added_tokens.json";
  SALIENT_ASSIGN(const Json added, read_if_present(added_path));
  if (!added.is_null()) {
    SALIENT_ASSIGN(Json decoder, decoder_of(added, added_path.string(), config));
    config["added_tokens_decoder"] = std::move(decoder);
  }
  return config;
}

std::string special_token(const Json& config, std::span<const SpecialDefault> defaults, const char* key) {
  if (const auto token = config.find(key); token != config.end()) return content_of(*token);
  for (const SpecialDefault& known : defaults) {
    if (std::string_view(known.key) == key) return known.content;
  }
  return {};
}

Result<Json> slow_added_tokens(const TokenizerFiles& files, std::span<const SpecialDefault> defaults,
                               const BaseVocabulary& vocabulary) {
  SALIENT_ASSIGN(Json added, configured_added_tokens(files));
  std::int64_t next = vocabulary.size;
  std::unordered_map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < added.size(); ++i) {
    const std::string content = content_of(added[i]);
    if (places.emplace(content, i).second && !vocabulary.find(content)) ++next;
  }
  for (const Named& named : named_specials(files.config, defaults)) {
    if (const auto place = places.find(named.content); place != places.end()) {
      Json& token = added[place->second];
      token["special"] = true;
      // The class's own token takes no white space, whatever the files say of it.
      if (named.by_default) token["lstrip"] = token["rstrip"] = token["single_word"] = false;
      continue;
    }
    const auto in_vocabulary = vocabulary.find(named.content);
    const std::int64_t id = in_vocabulary ? *in_vocabulary : next++;
    // A name nobody wrote is no reason to refuse a model that was trained without it.
    if (named.by_default && !in_vocabulary && files.embedding_rows && id >= *files.embedding_rows) continue;
    Json token = named.token.is_object() ? named.token : Json::object();
    token["id"] = id;
    token["content"] = named.content;
    token["special"] = true;
    if (json_member(token, "normalized") == nullptr) token["normalized"] = false;
    places.emplace(named.content, added.size());
    added.push_back(std::move(token));
  }
  return added;
}

std::string configured_token(const Json& config, const char* key) {
  const Json* token = json_member(config, key);
  return token == nullptr ? std::string() : content_of(*token);
}

Result<Json> configured_added_tokens(const TokenizerFiles& files) {
  Json tokens = Json::array();
  const Json* entries = json_member(files.config, "added_tokens_decoder");
  if (entries == nullptr) return tokens;
  const std::string file = (files.directory / "tokenizer_config.json").string();
  if (!entries->is_object()) return wrong(file, "added_tokens_decoder", "an object: tokens by id", *entries);
  for (auto entry = entries->begin(); entry != entries->end(); ++entry) {
    const std::string& key = entry.key();
    std::uint32_t id = 0;
    const auto [end, code] = std::from_chars(key.data(), key.data() + key.size(), id);
    if (code != std::errc() || end != key.data() + key.size() || !entry->is_object()) {
      return Error{ErrorCode::format,
                   file,
                   "added_tokens_decoder",
                   "a token under each id",
                   "\"" + escape_for_message(key) + "\"",
                   "correct the file or get it again"};
    }
    Json token = *entry;
    token["id"] = id;
    if (json_member(token, "normalized") == nullptr) {
      SALIENT_ASSIGN(const bool special, json_bool_or(token, "special", false, file));
      token["normalized"] = !special;
    }
    SALIENT_CHECK(json_string(token, "content", file));
    tokens.push_back(std::move(token));
  }
  return tokens;
}

}  // namespace salient

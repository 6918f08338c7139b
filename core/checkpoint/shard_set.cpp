// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/shard_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "core/base/file.h"
#include "core/base/file_errors.h"
#include "core/base/json.h"
#include "core/checkpoint/checkpoint.h"

namespace salient {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSingle = "model.safetensors";
constexpr const char* kIndex = "model.safetensors.index.json";
constexpr std::uint64_t kIndexLimit = std::uint64_t{256} << 20;
constexpr const char* kDamaged = "the directory is damaged or was made to deceive; get it again";

/// A relative path that stays below the directory by its own words.
bool is_plain_name(const std::string& name) {
  const fs::path path(name);
  if (name.empty() || path.is_absolute() || name.find('\0') != std::string::npos) return false;
  return std::none_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".." || part.empty(); });
}

/// Why there are no weights this program reads.
Error no_weights(const fs::path& directory) {
  std::vector<std::string> pickles;
  std::vector<std::string> others;
  std::error_code ignored;
  for (auto entry = fs::directory_iterator(directory, ignored); entry != fs::directory_iterator();
       entry.increment(ignored)) {
    const std::string extension = entry->path().extension().native();
    const std::string name = entry->path().filename().native();
    if (extension == ".bin" || extension == ".pt" || extension == ".pth" || extension == ".pkl" ||
        name == "pytorch_model.bin.index.json") {
      pickles.push_back(name);
    }
    if (extension == ".safetensors" || extension == ".gguf") others.push_back(name);
  }
  std::sort(pickles.begin(), pickles.end());
  std::sort(others.begin(), others.end());
  const std::string expected = std::string(kSingle) + " or " + kIndex;
  if (!others.empty()) {
    return {ErrorCode::not_found,
            shown(directory),
            "weights",
            expected,
            list_names(others),
            "get the missing file, or the model in this format"};
  }
  if (!pickles.empty()) {
    return {ErrorCode::unsupported,
            shown(directory),
            "weights",
            expected,
            list_names(pickles) + ", which may contain code and is never loaded",
            "convert the model to safetensors with a tool you trust, or get it in that format"};
  }
  return {ErrorCode::not_found, shown(directory), "weights", expected, "neither", "get the weights"};
}

/// The index's weight_map, in order of shard name.
using WeightMap = std::map<std::string, std::vector<std::string>>;

struct Index {
  WeightMap shards;
  std::optional<double> total_size;
};

Result<Index> read_index(const fs::path& directory) {
  SALIENT_ASSIGN(const fs::path path, resolve_model_file(directory, kIndex));
  const std::string file = shown(directory / kIndex);
  SALIENT_ASSIGN(const std::string text, read_text_file(path, kIndexLimit));
  SALIENT_ASSIGN(const Json json, parse_json(text, file));
  if (!json.is_object() || !json.contains("weight_map") || !json["weight_map"].is_object() ||
      json["weight_map"].empty()) {
    return Error{ErrorCode::format, file, "weight_map", "an object naming each tensor's file", "none", kDamaged};
  }
  Index index;
  for (const auto& [tensor, shard] : json["weight_map"].items()) {
    if (!shard.is_string()) {
      return Error{ErrorCode::format,    file,    "weight_map." + escape_for_message(tensor), "a file's name",
                   json_describe(shard), kDamaged};
    }
    const auto& name = shard.get_ref<const std::string&>();
    if (!is_plain_name(name) || !name.ends_with(".safetensors")) {
      return Error{ErrorCode::format,
                   file,
                   "weight_map." + escape_for_message(tensor),
                   "a .safetensors file in this directory",
                   "\"" + escape_for_message(name) + "\"",
                   kDamaged};
    }
    index.shards[name].push_back(tensor);
  }
  if (json.contains("metadata") && json["metadata"].is_object() && json["metadata"].contains("total_size") &&
      json["metadata"]["total_size"].is_number()) {
    index.total_size = json["metadata"]["total_size"].get<double>();
  }
  return index;
}

Status check_present(const fs::path& directory, const WeightMap& shards) {
  std::vector<std::string> missing;
  for (const auto& [name, tensors] : shards) {
    if (!is_there(directory / name)) missing.push_back(name);
  }
  if (missing.empty()) return {};
  return Error{ErrorCode::not_found,
               shown(directory),
               "shards",
               fmt::format("all {} files that {} names", shards.size(), kIndex),
               fmt::format("{} missing: {}", missing.size(), list_names(missing)),
               "get the missing files"};
}

Result<SafetensorsFile> open_shard(const fs::path& directory, const std::string& name, const CancelToken* cancel) {
  SALIENT_ASSIGN(const fs::path path, resolve_model_file(directory, name));
  auto file = SafetensorsFile::open(path, {}, cancel);
  // A blob of a cache is named by its hash: people know the name in the model's directory.
  if (!file) file.error().file = shown(directory / name);
  return file;
}

Result<ShardSet> open_indexed(const fs::path& directory, std::vector<std::string>& notes, const CancelToken* cancel) {
  SALIENT_ASSIGN(const Index index, read_index(directory));
  SALIENT_CHECK(check_present(directory, index.shards));
  ShardSet set;
  std::unordered_map<std::string_view, const std::string*> holder;  // of every tensor in any shard
  std::uint64_t bytes = 0;
  std::vector<std::string> strays;
  set.shards.reserve(index.shards.size());
  for (const auto& [name, tensors] : index.shards) {
    SALIENT_ASSIGN(SafetensorsFile opened, open_shard(directory, name, cancel));
    set.shards.push_back(std::move(opened));
    const SafetensorsFile& shard = set.shards.back();
    for (const TensorInfo& tensor : shard.tensors()) {
      const auto [at, fresh] = holder.emplace(tensor.name, &name);
      if (!fresh) {
        return Error{ErrorCode::mismatch,
                     shown(directory / name),
                     escape_for_message(tensor.name),
                     "each tensor in one shard",
                     "it in " + escape_for_message(*at->second) + " as well",
                     kDamaged};
      }
      bytes += tensor.bytes();
    }
    for (const std::string& tensor : tensors) {
      if (shard.find(tensor) == nullptr) {
        return Error{ErrorCode::mismatch,        shown(directory / name),
                     escape_for_message(tensor), std::string("the tensor here, as ") + kIndex + " says",
                     "no such tensor",           kDamaged};
      }
      set.shard_of.emplace(tensor, set.shards.size() - 1);
    }
  }
  for (const auto& [tensor, name] : holder) {
    if (!set.shard_of.contains(std::string(tensor))) strays.emplace_back(tensor);
  }
  if (!strays.empty()) {
    std::sort(strays.begin(), strays.end());
    notes.push_back(fmt::format("{}: {} tensors are in a shard but not in the index, and are ignored: {}",
                                shown(directory / kIndex), strays.size(), list_names(strays)));
  }
  if (index.total_size && *index.total_size != static_cast<double>(bytes)) {
    notes.push_back(fmt::format("{}: total_size is {:.0f}, the tensors have {} bytes", shown(directory / kIndex),
                                *index.total_size, bytes));
  }
  return set;
}

}  // namespace

std::string list_names(const std::vector<std::string>& names) {
  constexpr std::size_t kLimit = 4000;
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (list.size() > kLimit) return list + fmt::format(" and {} more", names.size() - i);
    list += (i == 0 ? "" : ", ") + escape_for_message(names[i]);
  }
  return list;
}

Result<fs::path> resolve_model_file(const fs::path& directory, const std::string& name) {
  const fs::path path = directory / name;
  if (!is_plain_name(name)) {
    return Error{
        ErrorCode::usage, shown(directory), "", "a name in this directory", "\"" + escape_for_message(name) + "\"", ""};
  }
  std::error_code error;
  const fs::path root = fs::canonical(directory, error);
  if (error) return system_error(directory, "resolve", error.value());
  const fs::path real = fs::canonical(path, error);
  if (error.value() == ENOENT && is_there(path)) {
    return Error{ErrorCode::not_found,
                 shown(path),
                 "",
                 "a file",
                 "a link to " + shown(fs::read_symlink(path, error)) + ", where nothing is",
                 "put the file itself there"};
  }
  if (error) return system_error(path, "resolve", error.value());
  const bool cached =
      root.parent_path().filename() == "snapshots" && is_below(real, root.parent_path().parent_path() / "blobs");
  if (is_below(real, root) || cached) return real;
  return Error{
      ErrorCode::unsupported,     shown(path), "", "a file in the model's directory", "a link to " + shown(real),
      "put the file itself there"};
}

Result<ShardSet> open_shards(const fs::path& directory, std::vector<std::string>& notes, const CancelToken* cancel) {
  const bool single = is_there(directory / kSingle);
  if (is_there(directory / kIndex)) {
    if (single) {
      notes.push_back(
          fmt::format("{}: both {} and {} are present; the index is used", shown(directory), kSingle, kIndex));
    }
    return open_indexed(directory, notes, cancel);
  }
  if (!single) return no_weights(directory);
  ShardSet set;
  SALIENT_ASSIGN(SafetensorsFile file, open_shard(directory, kSingle, cancel));
  for (const TensorInfo& tensor : file.tensors())
    set.shard_of.emplace(tensor.name, 0);
  set.shards.push_back(std::move(file));
  return set;
}

}  // namespace salient

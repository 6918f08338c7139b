// SPDX-License-Identifier: Apache-2.0
#include "core/pack/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "core/base/file.h"
#include "core/base/file_errors.h"
#include "core/base/hash.h"
#include "core/checkpoint/checkpoint.h"
#include "core/pack/packed_format.h"

namespace salient {
namespace {

constexpr std::uint64_t kManifestLimit = 256'000'000;
constexpr std::uint64_t kPieceBytes = std::uint64_t{4} << 20;

/// A count that fits where shapes are kept.
bool is_dimension(const Json& n) {
  return n.is_number_unsigned() &&
         n.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Hashes a file in one pass, and with it the tensors that follow one another to its end.
class FileHasher {
 public:
  FileHasher(const std::filesystem::path& path, double done, double total, Job& job)
      : path_(path), done_(done), total_(total), job_(job) {}

  Result<ManifestFile> hash(const std::vector<TensorInfo>& tensors, Manifest& manifest) {
    SALIENT_ASSIGN(const InputFile file, InputFile::open(path_));
    const std::string name = path_.filename().string();
    const std::uint64_t data_bytes = tensors.empty() ? 0 : tensors.back().end;
    if (data_bytes > file.size()) return pack_error(path_, "", "the tensors' bytes", "a file that became shorter");
    SALIENT_CHECK(feed(file, 0, file.size() - data_bytes, nullptr));
    for (const TensorInfo& tensor : tensors) {
      Sha256 hash;
      SALIENT_CHECK(feed(file, file.size() - data_bytes + tensor.begin, tensor.bytes(), &hash));
      manifest.tensors[tensor.name] = {name, tensor.dtype, tensor.shape, hash.finish()};
    }
    return ManifestFile{file.size(), whole_.finish()};
  }

 private:
  Status feed(const InputFile& file, std::uint64_t offset, std::uint64_t count, Sha256* tensor) {
    while (count > 0) {
      SALIENT_CHECK(job_.check());
      piece_.resize(std::min(count, kPieceBytes));
      SALIENT_CHECK(file.read(offset, piece_));
      whole_.update(piece_);
      if (tensor != nullptr) tensor->update(piece_);
      offset += piece_.size();
      count -= piece_.size();
      done_ += static_cast<double>(piece_.size());
      job_.report(done_, total_, "hashing " + path_.filename().string());
    }
    return {};
  }

  const std::filesystem::path& path_;
  double done_;
  double total_;
  Job& job_;
  Sha256 whole_;
  std::vector<std::byte> piece_;
};

Result<ManifestFile> parse_file(const Json& json, const std::string& name, const std::string& file) {
  SALIENT_ASSIGN(const std::int64_t bytes, json_integer(json, "bytes", file));
  SALIENT_ASSIGN(std::string hash, json_string(json, "sha256", file));
  if (bytes < 0 || !is_sha256(hash) || name.find('/') != std::string::npos || name.empty() || name[0] == '.') {
    return Error{ErrorCode::format,
                 file,
                 "files." + escape_for_message(name),
                 "a plain name, a size and a SHA-256",
                 "something else",
                 "export the model again"};
  }
  return ManifestFile{static_cast<std::uint64_t>(bytes), std::move(hash)};
}

Result<ManifestTensor> parse_tensor(const Json& json, const std::string& name, const std::string& file) {
  ManifestTensor tensor;
  SALIENT_ASSIGN(tensor.file, json_string(json, "file", file));
  SALIENT_ASSIGN(tensor.sha256, json_string(json, "sha256", file));
  SALIENT_ASSIGN(const std::string dtype, json_string(json, "dtype", file));
  const auto known = dtype_from_name(dtype);
  const auto shape = json.find("shape");
  if (!known || !is_sha256(tensor.sha256) || shape == json.end() || !shape->is_array() ||
      !std::all_of(shape->begin(), shape->end(), is_dimension)) {
    return Error{ErrorCode::format,
                 file,
                 "tensors." + escape_for_message(name),
                 "dtype, shape and SHA-256",
                 "something else",
                 "export the model again"};
  }
  tensor.dtype = *known;
  for (const Json& n : *shape)
    tensor.shape.push_back(n.get<std::int64_t>());
  return tensor;
}

/// Files beside those of the manifest.
Status check_no_others(const std::filesystem::path& directory, const Manifest& manifest) {
  std::set<std::string> others;
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(directory, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name != kManifestName && !manifest.files.contains(name)) others.insert(name);
  }
  if (error)
    return Error{ErrorCode::io, escape_for_message(directory.string()), {},
                 "a listing",   system_message(error.value()),          {}};
  if (others.empty()) return {};
  return Error{ErrorCode::mismatch,
               escape_for_message((directory / *others.begin()).string()),
               {},
               "only files of the manifest",
               others.size() == 1 ? "one it does not list" : fmt::format("{} that it does not list", others.size()),
               "move them elsewhere or export the model again"};
}

Status check_hashes(const std::filesystem::path& directory, const Manifest& expected, const Manifest& found) {
  for (const auto& [name, tensor] : expected.tensors) {
    const auto other = found.tensors.find(name);
    if (other == found.tensors.end()) return pack_error(directory / tensor.file, name, "this tensor", "none");
    if (other->second != tensor) {
      return pack_error(directory / tensor.file, name, "SHA-256 " + tensor.sha256, other->second.sha256);
    }
  }
  for (const auto& [name, file] : expected.files) {
    const ManifestFile& other = found.files.at(name);
    if (other != file) return pack_error(directory / name, "", "SHA-256 " + file.sha256, other.sha256);
  }
  return {};
}

}  // namespace

Result<Manifest> hash_files(const std::filesystem::path& directory, const std::vector<std::string>& files,
                            double done_bytes, double total_bytes, Job& job) {
  Manifest manifest;
  for (const std::string& name : files) {
    const std::filesystem::path path = directory / name;
    std::vector<TensorInfo> tensors;
    if (path.extension() == ".safetensors") {
      SALIENT_ASSIGN(const SafetensorsFile shard, SafetensorsFile::open(path));
      tensors = shard.tensors();
    }
    SALIENT_ASSIGN(const ManifestFile entry, FileHasher(path, done_bytes, total_bytes, job).hash(tensors, manifest));
    manifest.files[name] = entry;
    done_bytes += static_cast<double>(entry.bytes);
  }
  return manifest;
}

std::uint64_t manifest_bytes(const Manifest& manifest) {
  std::uint64_t bytes = 0;
  for (const auto& [name, file] : manifest.files)
    bytes += file.bytes;
  return bytes;
}

Status verify_files(const std::filesystem::path& directory, const Manifest& manifest, double total_bytes, Job& job) {
  SALIENT_CHECK(check_no_others(directory, manifest));
  std::vector<std::string> names;
  for (const auto& [name, file] : manifest.files)
    names.push_back(name);
  SALIENT_ASSIGN(const Manifest found, hash_files(directory, names, 0, total_bytes, job));
  return check_hashes(directory, manifest, found);
}

Json manifest_json(const Manifest& manifest) {
  Json files = Json::object();
  for (const auto& [name, file] : manifest.files)
    files[name] = {{"bytes", file.bytes}, {"sha256", file.sha256}};
  Json tensors = Json::object();
  for (const auto& [name, tensor] : manifest.tensors) {
    tensors[name] = {
        {"file", tensor.file}, {"dtype", dtype_name(tensor.dtype)}, {"shape", tensor.shape}, {"sha256", tensor.sha256}};
  }
  return {{"format_version", 1}, {"files", std::move(files)}, {"tensors", std::move(tensors)}};
}

Result<Manifest> read_manifest(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / kManifestName;
  if (!is_there(path)) {
    return Error{ErrorCode::not_found, escape_for_message(directory.string()),
                 kManifestName,        "the manifest, which is written last",
                 "no such file",       "the export was not finished; quantize again"};
  }
  const std::string file = escape_for_message(path.string());
  SALIENT_ASSIGN(const std::string text, read_manifest_text(directory));
  SALIENT_ASSIGN(const Json json, parse_json(text, file));
  SALIENT_ASSIGN(const std::int64_t version, json_integer(json, "format_version", file));
  if (version != 1) {
    return Error{ErrorCode::unsupported,  file,
                 "format_version",        "1",
                 std::to_string(version), "use the program version that wrote it"};
  }
  Manifest manifest;
  for (const char* key : {"files", "tensors"}) {
    const auto part = json.find(key);
    if (part == json.end() || !part->is_object()) {
      return Error{ErrorCode::format, file, key, "an object", "none", "export the model again"};
    }
    for (const auto& [name, entry] : part->items()) {
      if (key[0] == 'f') {
        SALIENT_ASSIGN(manifest.files[name], parse_file(entry, name, file));
      } else {
        SALIENT_ASSIGN(manifest.tensors[name], parse_tensor(entry, name, file));
      }
    }
  }
  return manifest;
}

Result<std::string> read_manifest_text(const std::filesystem::path& directory) {
  SALIENT_ASSIGN(const std::filesystem::path path, resolve_model_file(directory, kManifestName));
  return read_text_file(path, kManifestLimit);
}

Result<std::string> manifest_sha256(const std::filesystem::path& directory) {
  SALIENT_ASSIGN(const std::string text, read_manifest_text(directory));
  return sha256_hex(text);
}

}  // namespace salient

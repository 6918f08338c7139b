// SPDX-License-Identifier: Apache-2.0
#include "core/pack/model_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>

#include "core/base/file.h"
#include "core/base/file_errors.h"
#include "core/pack/export_model.h"
#include "core/pack/packed_model.h"

namespace salient {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSidecarLimit = 256'000'000;
constexpr std::uint64_t kPieceBytes = std::uint64_t{4} << 20;
// For the JSON files, safetensors headers and the file system's own needs.
constexpr std::uint64_t kDiskReserve = std::uint64_t{16} << 20;

constexpr std::array kSidecars{"generation_config.json",
                               "tokenizer.json",
                               "tokenizer_config.json",
                               "tokenizer.model",
                               "special_tokens_map.json",
                               "added_tokens.json",
                               "vocab.json",
                               "merges.txt",
                               "chat_template.jinja"};

Error output_error(const fs::path& output, std::string expected, std::string found) {
  return {ErrorCode::usage, escape_for_message(output.string()), "output", std::move(expected),
          std::move(found), "choose another output directory"};
}

}  // namespace

Status check_disk(const fs::path& output, std::uint64_t bytes) {
  SALIENT_ASSIGN(const std::uint64_t free, free_disk_bytes(output));
  if (free >= bytes + kDiskReserve) return {};
  return Error{ErrorCode::disk_full,
               escape_for_message(output.string()),
               {},
               fmt::format("{} bytes of disk space", bytes + kDiskReserve),
               fmt::format("{} bytes free", free),
               "free some space or choose another place"};
}

Status check_output(const fs::path& source, const fs::path& output) {
  std::error_code error;
  const fs::path from = fs::weakly_canonical(source, error);
  if (error) return system_error(source, "resolve", error.value());
  fs::path to = fs::absolute(output, error);
  if (!error) to = fs::weakly_canonical(to, error);
  if (error.value() == ENOMEM) return system_error(output, "resolve", ENOMEM);
  if (error) return output_error(output, "a path that can be resolved", system_message(error.value()));
  if (to == from || is_below(to, from)) {
    return output_error(output, "a place outside the checkpoint's directory", "one inside it");
  }
  if (is_below(from, to)) return output_error(output, "a place beside the checkpoint's directory", "one around it");
  const fs::file_status status = fs::status(to, error);
  if (status.type() == fs::file_type::none) return system_error(output, "open", error.value());
  if (!fs::exists(status)) return {};
  if (!fs::is_directory(status)) return output_error(output, "a directory", "a file");
  const bool empty = fs::is_empty(to, error);
  if (error) return system_error(output, "list", error.value());
  if (!empty && !is_packed_model(to) && !is_export(to)) {
    return output_error(output, "a new or empty directory, or a packed model or an export to replace",
                        "a directory with other contents");
  }
  return {};
}

void ModelDirectoryWriter::add(std::string name, DType dtype, std::vector<std::int64_t> shape, ByteSource source) {
  auto bytes = static_cast<std::uint64_t>(dtype_bits(dtype)) / 8;
  for (const std::int64_t n : shape)
    bytes *= static_cast<std::uint64_t>(n);
  if (shards_.empty() || shards_.back().bytes + bytes > shard_bytes_) shards_.emplace_back();
  shards_.back().bytes += bytes;
  bytes_ += bytes;
  shards_.back().tensors.push_back({std::move(name), dtype, std::move(shape), bytes, std::move(source)});
}

void ModelDirectoryWriter::add_copy(const Checkpoint::Located& located) {
  const TensorInfo& info = *located.info;
  add(info.name, info.dtype, info.shape, [located](const ByteSink& sink) -> Status {
    std::vector<std::byte> piece;
    for (std::uint64_t first = 0; first < located.info->bytes(); first += piece.size()) {
      piece.resize(std::min(kPieceBytes, located.info->bytes() - first));
      SALIENT_CHECK(located.shard->read(*located.info, first, piece));
      SALIENT_CHECK(sink(piece));
    }
    return {};
  });
}

Status ModelDirectoryWriter::add_sidecars() {
  for (const char* name : kSidecars) {
    auto path = resolve_model_file(source_.directory(), name);
    if (!is_there(source_.directory() / name)) continue;
    SALIENT_CHECK(path);
    SALIENT_ASSIGN(std::string text, read_text_file(*path, kSidecarLimit));
    bytes_ += text.size();
    sidecars_.emplace_back(name, std::move(text));
  }
  return {};
}

Status ModelDirectoryWriter::write(const fs::path& output, const Json& config, const Json& origin) {
  SALIENT_CHECK(check_output(source_.directory(), output));
  SALIENT_CHECK(check_disk(output, bytes_));
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    shards_[i].file = shards_.size() == 1 ? "model.safetensors"
                                          : fmt::format("model-{:05}-of-{:05}.safetensors", i + 1, shards_.size());
  }
  SALIENT_ASSIGN(DurableDirectory directory, DurableDirectory::create(output));
  // Every byte is written once and read once for its hash.
  total_ = 2.0 * static_cast<double>(bytes_);
  for (const Shard& shard : shards_)
    SALIENT_CHECK(write_shard(shard, directory.path()));
  if (shards_.size() > 1) SALIENT_CHECK(write_index(directory.path()));
  SALIENT_CHECK(write_text(directory.path(), "config.json", config.dump(2) + "\n"));
  for (const auto& [name, text] : sidecars_)
    SALIENT_CHECK(write_text(directory.path(), name, text));
  std::error_code ignored;
  total_ = static_cast<double>(done_);  // headers and the small files are known by now
  for (const std::string& name : files_)
    total_ += static_cast<double>(fs::file_size(directory.path() / name, ignored));
  SALIENT_ASSIGN(const Manifest manifest,
                 hash_files(directory.path(), files_, static_cast<double>(done_), total_, job_));
  Json json = manifest_json(manifest);
  if (!origin.is_null()) json["export"] = origin;
  SALIENT_CHECK(write_text(directory.path(), kManifestName, json.dump(1) + "\n"));
  SALIENT_CHECK(job_.check());
  SALIENT_CHECK(directory.commit());
  job_.report(total_, total_, "written");
  return {};
}

Status ModelDirectoryWriter::write_shard(const Shard& shard, const fs::path& directory) {
  SafetensorsWriter writer(directory / shard.file);
  writer.metadata("format", "pt");  // what loaders of the Hugging Face ecosystem ask for
  for (const Planned& tensor : shard.tensors) {
    writer.add(tensor.name, tensor.dtype, tensor.shape, [this, &tensor](const ByteSink& sink) {
      return tensor.source([&](std::span<const std::byte> piece) -> Status {
        SALIENT_CHECK(job_.check());
        SALIENT_CHECK(sink(piece));
        done_ += piece.size();
        job_.report(static_cast<double>(done_), total_, "writing tensors");
        return {};
      });
    });
  }
  files_.push_back(shard.file);
  return writer.write();
}

Status ModelDirectoryWriter::write_index(const fs::path& directory) {
  Json weight_map = Json::object();
  std::map<std::string, std::string> sorted;
  std::uint64_t total = 0;
  for (const Shard& shard : shards_) {
    total += shard.bytes;
    for (const Planned& tensor : shard.tensors)
      sorted[tensor.name] = shard.file;
  }
  for (const auto& [name, file] : sorted)
    weight_map[name] = file;
  const Json index = {{"metadata", {{"total_size", total}}}, {"weight_map", std::move(weight_map)}};
  return write_text(directory, "model.safetensors.index.json", index.dump(2) + "\n");
}

Status ModelDirectoryWriter::write_text(const fs::path& directory, const std::string& name, const std::string& text) {
  files_.push_back(name);
  return write_file_durably(directory / name, text);
}

}  // namespace salient

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/base/file.h"
#include "core/pack/packed_format.h"
#include "core/pack/packed_model.h"

namespace salient {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSidecarLimit = 256'000'000;
constexpr std::uint64_t kPieceBytes = std::uint64_t{4} << 20;
// For the JSON files, safetensors headers and the file system's own needs.
constexpr std::uint64_t kDiskReserve = std::uint64_t{16} << 20;

/// Files that go with a model and hold no weights.
constexpr std::array kSidecars{"generation_config.json",
                               "tokenizer.json",
                               "tokenizer_config.json",
                               "tokenizer.model",
                               "special_tokens_map.json",
                               "added_tokens.json",
                               "vocab.json",
                               "merges.txt",
                               "chat_template.jinja"};

/// A tensor of the export: copied from the checkpoint, or a part of a quantized linear.
struct Planned {
  std::string name;
  DType dtype = DType::u8;
  std::vector<std::int64_t> shape;
  std::uint64_t bytes = 0;
  std::optional<LinearId> linear;
  PackedPart part = PackedPart::qweight4;
};

struct Shard {
  std::string file;
  std::vector<Planned> tensors;
  std::uint64_t bytes = 0;
};

Error output_error(const fs::path& output, std::string expected, std::string found) {
  return {ErrorCode::usage, escape_for_message(output.string()), {}, std::move(expected),
          std::move(found), "choose another output directory"};
}

bool is_inside(const fs::path& path, const fs::path& directory) {
  const auto [end, unused] = std::mismatch(directory.begin(), directory.end(), path.begin(), path.end());
  return end == directory.end();
}

Status check_output(const fs::path& source, const fs::path& output) {
  std::error_code error;
  const fs::path from = fs::weakly_canonical(source, error);
  const fs::path to = fs::weakly_canonical(fs::absolute(output), error);
  if (error) return output_error(output, "a path that can be resolved", error.message());
  if (is_inside(to, from)) return output_error(output, "a place outside the checkpoint's directory", "one inside it");
  if (is_inside(from, to)) return output_error(output, "a place beside the checkpoint's directory", "one around it");
  if (!fs::exists(to, error)) return {};
  if (!fs::is_directory(to, error)) return output_error(output, "a directory", "a file");
  if (!fs::is_empty(to, error) && !is_packed_model(to)) {
    return output_error(output, "a new or empty directory, or a packed model to replace",
                        "a directory with other contents");
  }
  return {};
}

/// The quantized layers, one in memory at a time.
class Layers {
 public:
  Layers(LayerStore& store, const ModelConfig& config, std::int64_t group)
      : store_(store), config_(config), group_(group) {}

  Result<const QuantizedMatrix*> get(LinearId id) {
    if (!layer_ || layer_->index != id.layer) {
      layer_.reset();
      SALIENT_ASSIGN(layer_, store_.load(id.layer));
    }
    const QuantizedMatrix& matrix = layer_->linears[static_cast<std::size_t>(id.kind)].matrix;
    const LinearShape shape = linear_shape(config_, id.kind);
    if (matrix.rows != shape.rows || matrix.cols != shape.cols || matrix.group != group_) {
      return Error{ErrorCode::mismatch,
                   {},
                   linear_name(id),
                   fmt::format("{} x {}, group {}", shape.rows, shape.cols, group_),
                   fmt::format("{} x {}, group {}", matrix.rows, matrix.cols, matrix.group),
                   "quantize this model again"};
    }
    return &matrix;
  }

 private:
  LayerStore& store_;
  const ModelConfig& config_;
  std::int64_t group_;
  std::optional<QuantizedLayer> layer_;
};

class Writer {
 public:
  Writer(const PackSource& source, Job& job)
      : source_(source),
        checkpoint_(*source.checkpoint),
        layers_(*source.layers, checkpoint_.config(), source.group),
        job_(job) {}

  Status write(const fs::path& output) {
    SALIENT_CHECK(check_output(checkpoint_.directory(), output));
    const std::int64_t layer_count = checkpoint_.config().layers;
    if (source_.layers->layers_done() != layer_count) {
      return Error{ErrorCode::usage,
                   {},
                   "layers",
                   fmt::format("{} quantized layers", layer_count),
                   std::to_string(source_.layers->layers_done()),
                   "quantize the remaining layers first"};
    }
    SALIENT_CHECK(read_sidecars());
    SALIENT_CHECK(plan());
    SALIENT_ASSIGN(const std::uint64_t free, free_disk_bytes(output));
    if (free < bytes_ + kDiskReserve) {
      return Error{ErrorCode::disk_full,
                   escape_for_message(output.string()),
                   {},
                   fmt::format("{} bytes of disk space", bytes_ + kDiskReserve),
                   fmt::format("{} bytes free", free),
                   "free some space or choose another place"};
    }
    SALIENT_ASSIGN(DurableDirectory directory, DurableDirectory::create(output));
    // Every byte is written once and read once for its hash.
    total_ = 2.0 * static_cast<double>(bytes_);
    for (const Shard& shard : shards_)
      SALIENT_CHECK(write_shard(shard, directory.path()));
    if (shards_.size() > 1) SALIENT_CHECK(write_index(directory.path()));
    SALIENT_CHECK(write_config(directory.path()));
    for (const auto& [name, text] : sidecars_)
      SALIENT_CHECK(write_text(directory.path(), name, text));
    std::error_code ignored;
    total_ = static_cast<double>(done_);  // headers and the small files are known by now
    for (const std::string& name : files_)
      total_ += static_cast<double>(fs::file_size(directory.path() / name, ignored));
    SALIENT_ASSIGN(const Manifest manifest,
                   hash_files(directory.path(), files_, static_cast<double>(done_), total_, job_));
    SALIENT_CHECK(write_text(directory.path(), kManifestName, manifest_json(manifest).dump(1) + "\n"));
    SALIENT_CHECK(job_.check());
    SALIENT_CHECK(directory.commit());
    job_.report(total_, total_, "packed");
    return {};
  }

 private:
  Status read_sidecars() {
    for (const char* name : kSidecars) {
      auto path = resolve_model_file(checkpoint_.directory(), name);
      if (!path && path.error().code == ErrorCode::not_found) continue;
      SALIENT_CHECK(path);
      SALIENT_ASSIGN(std::string text, read_text_file(*path, kSidecarLimit));
      bytes_ += text.size();
      sidecars_.emplace_back(name, std::move(text));
    }
    return {};
  }

  /// Copied tensors by name, then linears by layer, cut into shards.
  Status plan() {
    std::vector<std::string> quantized;
    for (std::int32_t layer = 0; layer < checkpoint_.config().layers; ++layer) {
      for (const LinearKind kind : kLinearKinds)
        quantized.push_back(linear_name({layer, kind}) + ".weight");
    }
    std::sort(quantized.begin(), quantized.end());
    for (const Checkpoint::Located& located : checkpoint_.tensors()) {
      const TensorInfo& info = *located.info;
      if (std::binary_search(quantized.begin(), quantized.end(), info.name)) continue;
      place({info.name, info.dtype, info.shape, info.bytes(), {}, {}});
    }
    for (std::int32_t layer = 0; layer < checkpoint_.config().layers; ++layer) {
      SALIENT_CHECK(job_.check());
      for (const LinearKind kind : kLinearKinds) {
        const LinearId id{layer, kind};
        SALIENT_ASSIGN(const QuantizedMatrix* matrix, layers_.get(id));
        for (PackedTensor& tensor : packed_tensors(id, {matrix->rows, matrix->cols}, matrix->count8(), source_.group)) {
          place({std::move(tensor.name), tensor.dtype, std::move(tensor.shape), part_bytes(*matrix, tensor.part).size(),
                 id, tensor.part});
        }
      }
    }
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      shards_[i].file = shards_.size() == 1 ? "model.safetensors"
                                            : fmt::format("model-{:05}-of-{:05}.safetensors", i + 1, shards_.size());
    }
    return {};
  }

  void place(Planned tensor) {
    if (shards_.empty() || shards_.back().bytes + tensor.bytes > source_.shard_bytes) shards_.emplace_back();
    shards_.back().bytes += tensor.bytes;
    bytes_ += tensor.bytes;
    shards_.back().tensors.push_back(std::move(tensor));
  }

  Status write_shard(const Shard& shard, const fs::path& directory) {
    SafetensorsWriter writer(directory / shard.file);
    writer.metadata("format", "pt");  // what loaders of the Hugging Face ecosystem ask for
    for (const Planned& tensor : shard.tensors) {
      writer.add(tensor.name, tensor.dtype, tensor.shape,
                 [this, &tensor](const ByteSink& sink) { return send(tensor, sink); });
    }
    files_.push_back(shard.file);
    return writer.write();
  }

  Status send(const Planned& tensor, const ByteSink& sink) {
    if (!tensor.linear) return copy(tensor, sink);
    SALIENT_CHECK(job_.check());
    SALIENT_ASSIGN(const QuantizedMatrix* matrix, layers_.get(*tensor.linear));
    const std::span<const std::byte> bytes = part_bytes(*matrix, tensor.part);
    if (bytes.size() != tensor.bytes) {
      return Error{ErrorCode::internal,
                   {},
                   tensor.name,
                   fmt::format("{} bytes", tensor.bytes),
                   fmt::format("{}", bytes.size()),
                   "a quantized layer changed while it was packed; quantize again"};
    }
    SALIENT_CHECK(sink(bytes));
    return progress(bytes.size());
  }

  Status copy(const Planned& tensor, const ByteSink& sink) {
    SALIENT_ASSIGN(const Checkpoint::Located located, checkpoint_.find(tensor.name));
    std::vector<std::byte> piece;
    for (std::uint64_t first = 0; first < tensor.bytes; first += piece.size()) {
      SALIENT_CHECK(job_.check());
      piece.resize(std::min(kPieceBytes, tensor.bytes - first));
      SALIENT_CHECK(located.shard->read(*located.info, first, piece));
      SALIENT_CHECK(sink(piece));
      SALIENT_CHECK(progress(piece.size()));
    }
    return {};
  }

  Status progress(std::uint64_t bytes) {
    done_ += bytes;
    job_.report(static_cast<double>(done_), total_, "writing tensors");
    return {};
  }

  Status write_index(const fs::path& directory) {
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

  Status write_config(const fs::path& directory) {
    Json config = checkpoint_.config_json();
    config["quantization_config"] = quantization_config_json({source_.group, source_.recipe});
    return write_text(directory, "config.json", config.dump(2) + "\n");
  }

  Status write_text(const fs::path& directory, const std::string& name, const std::string& text) {
    files_.push_back(name);
    return write_file_durably(directory / name, text);
  }

  const PackSource& source_;
  const Checkpoint& checkpoint_;
  Layers layers_;
  Job& job_;
  std::vector<std::pair<std::string, std::string>> sidecars_;
  std::vector<Shard> shards_;
  std::vector<std::string> files_;
  std::uint64_t bytes_ = 0;
  std::uint64_t done_ = 0;
  double total_ = 0;
};

}  // namespace

Status write_packed_model(const PackSource& source, const fs::path& output, Job& job) {
  job.begin("pack");
  return Writer(source, job).write(output);
}

}  // namespace salient

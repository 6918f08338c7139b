// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "core/base/file_errors.h"
#include "core/checkpoint/safetensors_header.h"

namespace salient {
namespace {

constexpr const char* kDamaged = "the file is damaged or was made to deceive; get it again";
constexpr std::uint64_t kPiece = std::uint64_t{4} << 20;

/// What else a file of this name often is, judged by its first bytes; nullptr when nothing is recognised.
const char* impostor(std::string_view start) {
  if (start.starts_with("version https://git-lfs.github.com/spec")) return "a Git LFS pointer";
  if (start.starts_with("PK\x03\x04")) return "a zip archive, as PyTorch writes";
  if (start.starts_with("GGUF")) return "a GGUF file";
  while (!start.empty() && std::isspace(static_cast<unsigned char>(start[0])) != 0)
    start.remove_prefix(1);
  std::string lower(start.substr(0, 14));
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower.starts_with("<!doctype html") || lower.starts_with("<html") ? "an HTML page" : nullptr;
}

/// The header's length, checked against the file and the cap before anything is allocated.
Result<std::uint64_t> header_length(const InputFile& file, const std::string& name, SafetensorsLimits limits) {
  std::array<char, 64> start{};
  const std::size_t available = static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), start.size()));
  SALIENT_CHECK(file.read(0, std::as_writable_bytes(std::span(start.data(), available))));
  if (const char* kind = impostor({start.data(), available}); kind != nullptr) {
    return Error{ErrorCode::format,    name, "",
                 "a safetensors file", kind, "the weights were not downloaded; fetch the file itself"};
  }
  if (file.size() < 8) {
    return Error{ErrorCode::format,
                 name,
                 "size",
                 "at least 8 bytes",
                 fmt::format("{} bytes", file.size()),
                 "the file is incomplete; get it again"};
  }
  std::uint64_t length = 0;
  for (std::size_t i = 8; i-- > 0;)
    length = length << 8 | static_cast<unsigned char>(start[i]);
  if (length > limits.header_bytes) {
    return Error{
        ErrorCode::range,          name,
        "header length",           fmt::format("at most {} bytes (the file has {})", limits.header_bytes, file.size()),
        fmt::format("{}", length), "this is no safetensors file, or it is damaged; get it again"};
  }
  if (length > file.size() - 8) {
    return Error{ErrorCode::format,         name,
                 "header length",           fmt::format("at most {} bytes, the rest of the file", file.size() - 8),
                 fmt::format("{}", length), "the file is incomplete or damaged; get it again"};
  }
  if (length < 2 || start[8] != '{') {
    return Error{ErrorCode::format,
                 name,
                 "header",
                 "an object, beginning with {",
                 length == 0 ? "nothing" : "\"" + escape_for_message({start.data() + 8, 1}) + "\"",
                 kDamaged};
  }
  return length;
}

void sort_by_offset(std::vector<TensorInfo>& tensors) {
  const auto before = [](const TensorInfo& a, const TensorInfo& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  };
  if (!std::is_sorted(tensors.begin(), tensors.end(), before)) {
    std::stable_sort(tensors.begin(), tensors.end(), before);
  }
}

/// Whether the tensors, in order of offset, cover the data section without overlap, hole or rest.
Status check_layout(const std::vector<TensorInfo>& tensors, std::uint64_t data_bytes, const std::string& file) {
  std::uint64_t covered = 0;
  const TensorInfo* previous = nullptr;
  for (const TensorInfo& tensor : tensors) {
    if (tensor.begin < covered) {
      return Error{ErrorCode::format,
                   file,
                   escape_for_message(tensor.name),
                   fmt::format("data from byte {}, where \"{}\" ends", covered, escape_for_message(previous->name)),
                   fmt::format("an overlap: data_offsets [{}, {}]", tensor.begin, tensor.end),
                   kDamaged};
    }
    if (tensor.begin > covered) {
      return Error{ErrorCode::format,
                   file,
                   escape_for_message(tensor.name),
                   fmt::format("data from byte {}", covered),
                   fmt::format("a hole: bytes {} to {} belong to no tensor", covered, tensor.begin),
                   kDamaged};
    }
    covered = tensor.end;
    previous = &tensor;
  }
  if (covered > data_bytes) {
    const auto cut =
        std::find_if(tensors.begin(), tensors.end(), [&](const TensorInfo& t) { return t.end > data_bytes; });
    return Error{ErrorCode::format,
                 file,
                 escape_for_message(cut->name),
                 fmt::format("{} bytes of tensor data", covered),
                 fmt::format("{}: short by {} bytes", data_bytes, covered - data_bytes),
                 "the copy is incomplete; get the file again"};
  }
  if (covered < data_bytes) {
    return Error{ErrorCode::format,
                 file,
                 "",
                 fmt::format("{} bytes of tensor data", covered),
                 fmt::format("trailing bytes {} to {} that belong to no tensor", covered, data_bytes),
                 kDamaged};
  }
  return {};
}

}  // namespace

std::int64_t TensorInfo::elements() const {
  std::int64_t count = 1;
  for (const std::int64_t dimension : shape)
    count *= dimension;
  return count;
}

Result<SafetensorsFile> SafetensorsFile::open(const std::filesystem::path& path, SafetensorsLimits limits,
                                              const CancelToken* cancel) {
  SALIENT_ASSIGN(InputFile input, InputFile::open(path));
  SafetensorsFile file(std::move(input));
  const std::string name = shown(path);
  SALIENT_ASSIGN(const std::uint64_t length, header_length(file.file_, name, limits));
  std::string text(length, '\0');
  for (std::uint64_t at = 0; at < length; at += kPiece) {
    if (cancel != nullptr && cancel->cancelled()) {
      return Error{ErrorCode::cancelled, name, "", "", "a request to stop", ""};
    }
    const auto piece = std::span(text).subspan(at, std::min(kPiece, length - at));
    SALIENT_CHECK(file.file_.read(8 + at, std::as_writable_bytes(piece)));
  }
  SALIENT_ASSIGN(SafetensorsHeader header, parse_safetensors_header(text, name, cancel));
  text = std::string();  // a large header is not kept beside what was made of it
  file.data_start_ = 8 + length;
  file.tensors_ = std::move(header.tensors);
  file.metadata_ = std::move(header.metadata);

  sort_by_offset(file.tensors_);
  SALIENT_CHECK(file.index_names(name));
  SALIENT_CHECK(check_layout(file.tensors_, file.file_.size() - file.data_start_, name));
  return file;
}

Status SafetensorsFile::index_names(const std::string& name) {
  by_name_.reserve(tensors_.size());
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    if (!by_name_.emplace(tensors_[i].name, i).second) {
      return Error{ErrorCode::format, name,    escape_for_message(tensors_[i].name), "each tensor name once",
                   "the name twice",  kDamaged};
    }
  }
  return {};
}

const TensorInfo* SafetensorsFile::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &tensors_[found->second];
}

Status SafetensorsFile::read(const TensorInfo& tensor, std::uint64_t first, std::span<std::byte> out) const {
  if (first > tensor.bytes() || out.size() > tensor.bytes() - first) {
    return Error{ErrorCode::range,
                 shown(path()),
                 escape_for_message(tensor.name),
                 fmt::format("bytes within its {}", tensor.bytes()),
                 fmt::format("{} bytes from {}", out.size(), first),
                 ""};
  }
  return file_.read(data_start_ + tensor.begin + first, out);
}

}  // namespace salient

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include "core/base/file.h"
#include "core/base/file_errors.h"
#include "core/base/json.h"
#include "core/base/utf8.h"
#include "core/checkpoint/safetensors_header.h"

namespace salient {
namespace {

std::string quoted(const std::string& text) {
  return Json(text).dump();
}

}  // namespace

void SafetensorsWriter::add(std::string name, DType dtype, std::vector<std::int64_t> shape,
                            std::span<const std::byte> bytes) {
  entries_.push_back({std::move(name), dtype, std::move(shape), bytes, {}});
}

void SafetensorsWriter::add(std::string name, DType dtype, std::vector<std::int64_t> shape, ByteSource source) {
  entries_.push_back({std::move(name), dtype, std::move(shape), {}, std::move(source)});
}

Status SafetensorsWriter::check() {
  const auto refuse = [&](const std::string& key, std::string expected, std::string found) {
    return Error{ErrorCode::usage, shown(target_), escape_for_message(key), std::move(expected), std::move(found), ""};
  };
  for (const auto& [key, value] : metadata_) {
    if (first_invalid_utf8(key) != key.size() || first_invalid_utf8(value) != value.size()) {
      return refuse(key, "metadata in UTF-8", "other bytes");
    }
  }
  std::unordered_set<std::string_view> names;
  for (Entry& entry : entries_) {
    if (std::string problem = name_problem(entry.name); !problem.empty()) {
      return refuse(entry.name, "a tensor name of at most 4096 bytes without control characters", std::move(problem));
    }
    if (first_invalid_utf8(entry.name) != entry.name.size()) return refuse(entry.name, "UTF-8", "other bytes");
    if (entry.name == "__metadata__" || !names.insert(entry.name).second) {
      return refuse(entry.name, "a name of its own", "a name that is taken");
    }
    const bool negative = std::any_of(entry.shape.begin(), entry.shape.end(), [](auto d) { return d < 0; });
    if (negative || entry.shape.size() > 8) {
      return refuse(entry.name, "up to 8 dimensions from 0", shape_text(entry.shape));
    }
    const auto bytes = tensor_bytes(entry.dtype, entry.shape);
    if (!bytes) return refuse(entry.name, bytes.error().expected, bytes.error().found);
    entry.size = *bytes;
    if (!entry.source && *bytes != entry.bytes.size()) {
      return refuse(entry.name, std::to_string(*bytes) + " bytes for " + shape_text(entry.shape),
                    std::to_string(entry.bytes.size()));
    }
  }
  return {};
}

Status SafetensorsWriter::write_entry(const Entry& entry, DurableFile& file) const {
  if (!entry.source) return file.write(entry.bytes);
  const std::uint64_t before = file.written();
  SALIENT_CHECK(entry.source([&](std::span<const std::byte> piece) { return file.write(piece); }));
  if (file.written() - before == entry.size) return {};
  return Error{ErrorCode::usage,
               shown(target_),
               escape_for_message(entry.name),
               std::to_string(entry.size) + " bytes for " + shape_text(entry.shape),
               std::to_string(file.written() - before),
               ""};
}

Status SafetensorsWriter::write() {
  SALIENT_CHECK(check());
  // Wide elements first, so that every tensor starts at a multiple of its element's size.
  std::vector<const Entry*> order;
  for (const Entry& entry : entries_)
    order.push_back(&entry);
  std::stable_sort(order.begin(), order.end(),
                   [](const Entry* a, const Entry* b) { return dtype_bits(a->dtype) > dtype_bits(b->dtype); });

  std::string header = "{";
  const auto separate = [&] { header += header.size() > 1 ? "," : ""; };
  if (!metadata_.empty()) header += "\"__metadata__\":" + nlohmann::json(metadata_).dump();
  std::uint64_t offset = 0;
  for (const Entry* entry : order) {
    separate();
    const std::uint64_t end = offset + entry->size;
    header += quoted(entry->name) + ":{\"dtype\":" + quoted(std::string(dtype_name(entry->dtype))) +
              ",\"shape\":" + Json(entry->shape).dump() + ",\"data_offsets\":" + Json({offset, end}).dump() + "}";
    offset = end;
  }
  header += "}";
  header.append((8 - header.size() % 8) % 8, ' ');

  std::array<char, 8> length{};
  for (std::size_t i = 0; i < length.size(); ++i)
    length[i] = static_cast<char>(header.size() >> (8 * i) & 0xFF);
  SALIENT_ASSIGN(DurableFile file, DurableFile::create(target_, length.size() + header.size() + offset));
  SALIENT_CHECK(file.write(std::string_view(length.data(), length.size())));
  SALIENT_CHECK(file.write(header));
  for (const Entry* entry : order)
    SALIENT_CHECK(write_entry(*entry, file));
  return file.commit();
}

}  // namespace salient

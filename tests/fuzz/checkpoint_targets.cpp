// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "core/checkpoint/checkpoint.h"
#include "tests/fuzz/targets.h"
#include "tests/unit/support/temporary_directory.h"

namespace salient::fuzz {
namespace {

/// The first bytes of a tensor, as much as a small file can have.
void read_some(const SafetensorsFile& file, const TensorInfo& tensor) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(std::min<std::uint64_t>(tensor.bytes(), 4096)));
  static_cast<void>(file.read(tensor, 0, bytes));
}

bool read_all(const Result<Checkpoint>& checkpoint) {
  if (!checkpoint) return false;
  for (const Checkpoint::Located& located : checkpoint->tensors()) {
    read_some(*located.shard, *located.info);
    static_cast<void>(checkpoint->scan_non_finite(located.info->name));
  }
  return true;
}

}  // namespace

bool safetensors(std::string_view input) {
  const std::filesystem::path path = scratch("safetensors") / "model.safetensors";
  std::string bytes(input);
  if (input.starts_with('{')) {
    std::string length(8, '\0');
    for (std::size_t i = 0; i < 8; ++i)
      length[i] = static_cast<char>(input.size() >> (8 * i) & 0xFF);
    bytes = length + bytes + std::string(64, 'x');
  }
  test::write_file(path, bytes);
  const auto file = SafetensorsFile::open(path, {.header_bytes = 1 << 20});
  if (!file) return false;
  for (const TensorInfo& tensor : file->tensors())
    read_some(*file, tensor);
  return true;
}

bool index_json(std::string_view input) {
  const std::filesystem::path& directory = scratch("index_json");
  copy_fixture("model/llama-biased-f32", directory);
  test::write_file(directory / "model.safetensors.index.json", input);
  static_cast<void>(read_all(Checkpoint::open_raw(directory)));
  return read_all(Checkpoint::open(directory));
}

bool config_json(std::string_view input) {
  const std::filesystem::path& directory = scratch("config_json");
  copy_fixture("model/qwen2-f32", directory);
  test::write_file(directory / "config.json", input);
  return read_all(Checkpoint::open(directory));
}

}  // namespace salient::fuzz

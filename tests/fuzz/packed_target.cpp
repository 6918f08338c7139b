// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>

#include "core/pack/packed_model.h"
#include "tests/fuzz/targets.h"
#include "tests/unit/pack/packed_fixture.h"

namespace salient::fuzz {
namespace {

constexpr const char* weights = "model.safetensors";

std::uint64_t header_length(const std::string& file) {
  std::uint64_t length = 0;
  for (std::size_t i = 8; i-- > 0;)
    length = length << 8 | static_cast<unsigned char>(file[i]);
  return length;
}

/// A packed model in the scratch directory, and its files' bytes.
std::map<std::string, std::string> good_model() {
  const std::filesystem::path& root = scratch("packed_model");
  test::write_source_model(root / "source", 1, 24, 37);
  const Status written = test::export_model(root / "source", root / "packed");
  if (!written) throw std::runtime_error(written.error().to_string());
  return test::directory_contents(root / "packed");
}

}  // namespace

bool packed_model(std::string_view input) {
  static const std::map<std::string, std::string> good = good_model();
  static constexpr std::array names{"manifest.json", "config.json", weights};
  if (input.empty()) return false;
  const std::filesystem::path directory = scratch("packed_model") / "packed";
  const std::string name = names[static_cast<unsigned char>(input[0]) % names.size()];
  const std::string& original = good.at(name);
  const std::size_t data = name == weights ? 8 + header_length(original) : original.size();
  const std::string text = name == weights ? original.substr(8, data - 8) : original;
  std::string bytes = input.substr(1).starts_with('{') ? std::string(input.substr(1)) : patched(text, input.substr(1));
  if (name == weights) {
    std::string length(8, '\0');
    for (std::size_t i = 0; i < 8; ++i)
      length[i] = static_cast<char>(bytes.size() >> (8 * i) & 0xFF);
    bytes = length + bytes + original.substr(data);
  }
  test::write_file(directory / name, bytes);
  const auto model = PackedModel::open(directory);
  if (model) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(model->config().layers) * 7; ++i)
      static_cast<void>(model->linear(linear_at(i)));
    Job job;
    static_cast<void>(model->verify(job));
  }
  test::write_file(directory / name, original);
  return model.ok();
}

}  // namespace salient::fuzz

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <map>
#include <memory>

#include "tests/fuzz/targets.h"
#include "tests/unit/support/temporary_directory.h"

namespace salient::fuzz {

const std::filesystem::path& scratch(std::string_view target) {
  static std::map<std::string, std::unique_ptr<test::TemporaryDirectory>, std::less<>> directories;
  auto found = directories.find(target);
  if (found == directories.end()) {
    found = directories.emplace(target, std::make_unique<test::TemporaryDirectory>()).first;
  }
  return found->second->path();
}

std::string patched(std::string good, std::string_view patches) {
  while (patches.size() >= 4) {
    const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(patches[i])); };
    const std::size_t place = (byte(0) | byte(1) << 8 | byte(2) << 16) % good.size();
    const std::string_view part = patches.substr(4, byte(3));
    const std::size_t fits = std::min(part.size(), good.size() - place);
    good.replace(place, fits, part.substr(0, fits));
    patches.remove_prefix(4 + part.size());
  }
  return good;
}

std::filesystem::path fixture(std::string_view name) {
  return std::filesystem::path(SALIENT_FIXTURES) / name;
}

void copy_fixture(std::string_view name, const std::filesystem::path& directory) {
  if (std::filesystem::exists(directory) && !std::filesystem::is_empty(directory)) return;
  std::filesystem::copy(fixture(name), directory, std::filesystem::copy_options::recursive);
}

}  // namespace salient::fuzz

// SPDX-License-Identifier: Apache-2.0
// A program under the kernel's eyes: every path that it, its threads and its children open for writing, make, rename or
// remove. Unlike tests/faults/interposed.h this sees what the C library does for itself, too.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace salient::faults {

struct Watched {
  bool possible = false;                    ///< this process may trace others, and the kernel can filter their calls
  int status = 0;                           ///< as waitpid() gave it
  std::set<std::filesystem::path> changed;  ///< absolute and without links, as far as the paths exist
};

/// Runs `program` (arguments with its own path first) with `environment` ("NAME=value") and nothing to read; what it
/// prints goes to `log`.
Watched watch(const std::vector<std::string>& program, const std::vector<std::string>& environment,
              const std::filesystem::path& log);

}  // namespace salient::faults

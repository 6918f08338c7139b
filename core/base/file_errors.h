// SPDX-License-Identifier: Apache-2.0
// What the operating system says when it refuses, as an Error. Shared by reading and durable writing.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "core/base/result.h"

namespace salient {

/// A path as errors show it.
[[nodiscard]] std::string shown(const std::filesystem::path& path);
/// "a directory", "a named pipe", …
[[nodiscard]] std::string file_kind(mode_t mode);
/// What errno `number` means, in the same English words whatever language the process speaks.
[[nodiscard]] std::string system_message(int number);
/// `action` ("open", "write") failed with errno `number`: not_found, disk_full, memory or io.
[[nodiscard]] Error system_error(const std::filesystem::path& path, const char* action, int number);

}  // namespace salient

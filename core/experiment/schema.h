// SPDX-License-Identifier: Apache-2.0
// The experiment file's schema: recognising it, creating it, bringing an older one up to date. Private to
// core/experiment.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/experiment/sqlite.h"

namespace salient::schema {

inline constexpr std::int32_t kApplicationId = 0x53414c45;  ///< "SALE"

/// resources/migrations in order: the n-th leads from version n − 1 to n, which is SQLite's user_version.
[[nodiscard]] std::span<const char* const> migrations();

/// Beside what create() works in a temporary directory (see DurableDirectory).
[[nodiscard]] std::filesystem::path making_place(const std::filesystem::path& path);

/// Creates a complete empty experiment file under `path`, or leaves the one somebody else made meanwhile. The
/// file appears under its name complete: an empty file is never ours.
[[nodiscard]] Status create(const std::filesystem::path& path, std::span<const char* const> steps);

/// Opens an existing file. Refused before anything is written: what is no regular file, an empty one, no SQLite file,
/// another program's, a truncated one, one by a newer version, one whose tables, triggers or views are not ours. An
/// older one is copied to `<path>.backup-v<N>` and migrated in one transaction when `writable`.
[[nodiscard]] Result<std::unique_ptr<sqlite::Database>> open(const std::filesystem::path& path, bool writable,
                                                             std::span<const char* const> steps,
                                                             std::vector<std::string>& notes);

}  // namespace salient::schema

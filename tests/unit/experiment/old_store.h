// SPDX-License-Identifier: Apache-2.0
// Experiment files as older versions of the program left them.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <string>

#include "core/experiment/recipe.h"
#include "core/experiment/results.h"
#include "core/experiment/schema.h"

namespace salient::test {

/// SQL on the file behind the store's back.
inline void tamper(const std::filesystem::path& path, const std::string& sql) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle);
  sqlite3_close(handle);
}

/// A file of version 1, before later evaluations were kept, with one experiment.
inline void write_version_1(const std::filesystem::path& file) {
  std::filesystem::create_directories(file.parent_path());
  ASSERT_TRUE(schema::create(file, schema::migrations().first(1)));
  tamper(file,
         "INSERT INTO models VALUES (1, 'm1', '/models/tiny', 'LlamaForCausalLM', 1234);"
         "INSERT INTO texts VALUES (1, 't2', '/texts/b.txt', 50, 2);"
         "INSERT INTO experiments (id, status, created, operation, fingerprint, recipe, output, model_id, "
         "evaluation_id, version, processor, cores, memory_bytes, system, backend) VALUES (1, 'done', '2026', 'run', "
         "'f1', '" +
             json_line(recipe_json(Recipe{})) +
             "', '/out', 1, 1, '0.1.0', 'p', 2, 1, 'Linux', 'cpu');"
             "INSERT INTO metrics VALUES (1, 'quantized', 'perplexity', 12.5, 0.25);"
             "INSERT INTO exports VALUES (1, '/out', 4096, 'manifest-hash');");
}

}  // namespace salient::test

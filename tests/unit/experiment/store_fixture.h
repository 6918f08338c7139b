// SPDX-License-Identifier: Apache-2.0
// An experiment file of a test's own.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/support/experiment_record.h"
#include "tests/unit/support/temporary_directory.h"

namespace salient::test {

class StoreFixture : public ::testing::Test {
 protected:
  Store open() {
    auto store = Store::open(file());
    if (!store) throw std::runtime_error(store.error().to_string());
    return *std::move(store);
  }
  /// A finished experiment's number.
  static std::int64_t record(Store& store, const std::string& fingerprint = "f1",
                             std::vector<std::uint32_t> rows8 = {1, 3}) {
    const auto id = store.begin(a_start(fingerprint));
    if (!id) throw std::runtime_error(id.error().to_string());
    const Status finished = store.finish(*id, an_outcome(std::move(rows8)));
    if (!finished) throw std::runtime_error(finished.error().to_string());
    return *id;
  }
  [[nodiscard]] std::filesystem::path file() const { return temporary_ / "data" / "experiments.db"; }

  TemporaryDirectory temporary_;
};

}  // namespace salient::test

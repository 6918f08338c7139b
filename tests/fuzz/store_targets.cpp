// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "core/experiment/store.h"
#include "core/experiment/worker.h"
#include "tests/fuzz/targets.h"
#include "tests/unit/support/experiment_record.h"
#include "tests/unit/support/temporary_directory.h"

namespace salient::fuzz {
namespace {

/// The bytes of a database with one finished and one running record.
std::string good_database() {
  const std::filesystem::path path = scratch("experiment_database") / "good" / "experiments.db";
  {
    auto store = Store::open(path);
    if (!store) throw std::runtime_error(store.error().to_string());
    const auto id = store->begin(test::a_start());
    if (!id || !store->finish(*id, test::an_outcome()) || !store->begin(test::a_start("f2"))) {
      throw std::runtime_error("the good database cannot be written");
    }
  }
  return test::read_file(path);
}

}  // namespace

bool experiment_database(std::string_view input) {
  static const std::string good = good_database();
  const std::string bytes = input.starts_with("SQLite") ? std::string(input) : patched(good, input);
  const std::filesystem::path directory = scratch("experiment_database") / "hostile";
  std::filesystem::create_directory(directory);
  bool accepted = false;
  test::write_file(directory / "experiments.db", bytes);
  for (const auto access : {Store::Access::read_only, Store::Access::read_write}) {
    auto store = Store::open(directory / "experiments.db", access);
    if (!store) continue;
    if (const auto all = store->list()) {
      accepted = true;
      static_cast<void>(experiments_csv(*all));
      for (const Experiment& experiment : *all) {
        if (const auto one = store->show(experiment.id)) static_cast<void>(experiment_json(*one));
        static_cast<void>(store->scores(experiment.id));
        static_cast<void>(store->bit_map(experiment.id));
      }
    }
    static_cast<void>(compare_experiments(*store, 1, 2));
    static_cast<void>(store->annotate(1, "x"));
  }
  std::filesystem::remove_all(directory);
  return accepted;
}

bool worker(std::string_view input) {
  // Whatever a request names is looked for and written below the scratch directory.
  static const bool prepared = [] {
    const std::filesystem::path& directory = scratch("worker");
    setenv("XDG_DATA_HOME", directory.c_str(), 1);
    setenv("XDG_CACHE_HOME", directory.c_str(), 1);
    copy_fixture("text/gpt2", directory / "gpt2");
    copy_fixture("model/qwen2-f32", directory / "qwen2");
    return true;
  }();
  static_cast<void>(prepared);
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(scratch("worker"));
  const std::filesystem::path path = scratch("worker") / "input";
  test::write_file(path, input);
  const int in = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const int out = open("/dev/null", O_WRONLY | O_CLOEXEC);
  const bool served = serve(in, out, {.line_bytes = 4096}).ok();
  close(in);
  close(out);
  std::filesystem::current_path(before);
  return served;
}

}  // namespace salient::fuzz

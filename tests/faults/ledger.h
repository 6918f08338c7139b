// SPDX-License-Identifier: Apache-2.0
// Which files a process has written to and not yet brought to the disk, and whether one of them got its name too early:
// what a loss of power would show and the end of a process does not.
#pragma once

#include <array>
#include <cstddef>
#include <mutex>

#include "tests/faults/interposed.h"

namespace salient::faults {

/// Allocates nothing. Calls may come from several threads.
class Ledger {
 public:
  /// Forgets everything; what is found is counted there from now on.
  void begin(Counters* counters);
  void written(const char* path);
  void synced(const char* path);
  /// `from`, a file or a directory, is called `to` now. Temporary names promise nothing and do not count.
  void named(const char* from, const char* to);
  /// The operation says that it is done.
  void end();

 private:
  struct Entry {
    char path[512] = {};  ///< empty: none
    bool renamed_into = false;
  };
  Entry* find(const char* path, bool renamed_into);
  void put(const char* path, std::size_t length, bool renamed_into);
  void count_unsettled();

  std::mutex mutex_;
  std::array<Entry, 256> entries_;
  Counters* counters_ = nullptr;
};

}  // namespace salient::faults

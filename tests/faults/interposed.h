// SPDX-License-Identifier: Apache-2.0
// What this test program puts in front of the C library: the calls that change files, and the allocations. SQLite and
// the C++ library call these too. A plan says at which of them the process dies, or which of them fail.
#pragma once

#include <cerrno>
#include <cstdint>
#include <limits>
#include <string>

namespace salient::faults {

enum class Act {
  kill_before,    ///< SIGKILL instead of the call
  kill_after,     ///< SIGKILL once it is done
  kill_half_way,  ///< of a write: half of its bytes, then SIGKILL; as kill_before for the others
  fail,           ///< the call fails with `error`, and so does every later one; removing goes on working
  run_and_go_on,  ///< `intrude` is called once, then the call is made
};

struct Plan {
  std::string root;  ///< only changes of files below this directory count
  long at = 0;       ///< the change at which to act, from 1; 0: none
  Act act = Act::kill_before;
  int error = EIO;
  void (*intrude)() = nullptr;
  /// Bytes written below `root` after which every write fails, as on a disk that has become full or broken.
  std::uint64_t room = std::numeric_limits<std::uint64_t>::max();
  int no_room = ENOSPC;    ///< the error of those writes
  long allocation = 0;     ///< the allocation that fails, from 1; 0: none
  bool exhausted = false;  ///< and from there on every one that asks for more than was freed since
};

/// Counted since follow().
struct Counters {
  long changes = 0;
  std::uint64_t bytes = 0;
  long allocations = 0;
  long named = 0;            ///< files and directories that were given a name that is not temporary
  long named_early = 0;      ///< of these, before their bytes were on the disk
  long names_unsettled = 0;  ///< names that were not on the disk when another was given, or at the end
};

/// From now on, in this process. `counters` may lie in memory shared with another one and must outlive the process.
void follow(const Plan& plan, Counters& counters);
/// As before follow().
void leave_alone();

}  // namespace salient::faults

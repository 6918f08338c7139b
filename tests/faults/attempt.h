// SPDX-License-Identifier: Apache-2.0
// One operation, carried out in a child process under a plan of faults.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "core/base/json.h"
#include "tests/faults/interposed.h"

namespace salient::faults {

struct Attempt {
  bool killed = false;    ///< by SIGKILL, as planned
  int status = 0;         ///< as waitpid() gave it
  bool answered = false;  ///< the operation came back, with a result or an error value
  bool done = false;      ///< with a result
  std::string code;       ///< of the error value
  std::string error;      ///< in full
  Counters counters;
  /// Fractions of the stage `quantize` as they were reported: first and last. Negative where there was none.
  double first_layer = -1;
  double last_layer = -1;
  /// Bytes, of an operation with a preflight.
  std::uint64_t promised_memory = 0;
  std::uint64_t peak_memory = 0;
};
Attempt attempt(const Json& request, const Plan& plan = {});
/// The same, killed after so long by somebody outside, if it has not ended by then.
Attempt attempt_for(const Json& request, std::chrono::microseconds life);

/// Where SALIENT_FAULTS=long: every point is tried.
[[nodiscard]] bool long_run();
/// How many points a test tries that is not long: SALIENT_FAULTS where that is a number, else `short_points`.
[[nodiscard]] long wanted_points(long short_points);
/// Every so many of the points are tried: 1 in the long run.
[[nodiscard]] long stride(long points, long short_points);
/// Several processes may share a long test: SALIENT_LANE=3/8 is the third of eight. `number` counts from 0.
struct Lane {
  long number = 0;
  long of = 1;
  [[nodiscard]] bool has(long point) const { return point % of == number; }
  /// Of `all` points, this lane's share; the shares add up to `all`.
  [[nodiscard]] long share(long all) const { return all * (number + 1) / of - all * number / of; }
};
[[nodiscard]] Lane lane();

}  // namespace salient::faults

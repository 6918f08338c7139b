// SPDX-License-Identifier: Apache-2.0
// Asking for an operation in process, as a command or the worker does.
#pragma once

#include <stdexcept>
#include <utility>

#include "core/base/job.h"
#include "core/base/json.h"
#include "core/experiment/operations.h"

namespace salient::test {

inline Result<Json> ask(const Json& request, const CancelToken* cancel = nullptr, JobListener listener = {}) {
  OperationContext context;
  Job job(cancel, std::move(listener));
  return perform(request, context, job);
}

inline Json done(const Json& request) {
  auto result = ask(request);
  if (!result) throw std::runtime_error(result.error().to_string());
  return *std::move(result);
}

}  // namespace salient::test

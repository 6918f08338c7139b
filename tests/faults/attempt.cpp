// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/attempt.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <stdexcept>

#include "core/base/job.h"
#include "core/experiment/operations.h"

namespace salient::faults {
namespace {

/// What outlives the child, however it ends.
struct Shared {
  Counters counters;
  double first_layer = -1;
  double last_layer = -1;
  bool answered = false;
  bool done = false;
  bool json_ended_it = false;
  char code[32] = {};
  char error[4096] = {};
};

Shared* g_shared = nullptr;

/// nlohmann's JSON values allocate in their destructor, which may not throw: where memory ends there, so does the
/// process.
[[noreturn]] void terminated() {
  leave_alone();
  constexpr int kFrames = 10;  // this one, the library's, the function that may not throw
  void* frames[kFrames];
  const int count = backtrace(frames, kFrames);
  for (int i = 0; i < count; ++i) {
    Dl_info info{};
    const bool known = dladdr(frames[i], &info) != 0 && info.dli_sname != nullptr;
    if (known && std::strstr(info.dli_sname, "nlohmann") != nullptr) g_shared->json_ended_it = true;
  }
  std::abort();
}

[[noreturn]] void carry_out(const Json& request, const Plan& plan, Shared& shared) {
  JobListener listener;
  listener.progress = [&shared](const ProgressEvent& event) {
    if (event.stage != "quantize") return;
    if (shared.first_layer < 0) shared.first_layer = event.fraction;
    shared.last_layer = event.fraction;
  };
  try {
    OperationContext context;
    Job job(nullptr, listener);
    g_shared = &shared;
    std::set_terminate(terminated);
    follow(plan, shared.counters);
    const auto result = perform(request, context, job);
    leave_alone();
    shared.done = result.ok();
    if (!result) {
      std::string(error_code_name(result.error().code)).copy(shared.code, sizeof shared.code - 1);
      result.error().to_string().copy(shared.error, sizeof shared.error - 1);
    }
    shared.answered = true;
  } catch (...) {
    _exit(1);  // not into the test that forked
  }
  _exit(0);
}

}  // namespace

Attempt attempt(const Json& request, const Plan& plan) {
  void* const memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("mmap");
  auto& shared = *new (memory) Shared;
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork");
  if (child == 0) carry_out(request, plan, shared);
  Attempt result;
  waitpid(child, &result.status, 0);
  result.killed = WIFSIGNALED(result.status) && WTERMSIG(result.status) == SIGKILL;
  result.answered = shared.answered && result.status == 0;
  result.done = shared.done;
  result.json_ended_it = shared.json_ended_it;
  result.code = shared.code;
  result.error = shared.error;
  result.counters = shared.counters;
  result.first_layer = shared.first_layer;
  result.last_layer = shared.last_layer;
  munmap(memory, sizeof(Shared));
  return result;
}

bool long_run() {
  const char* const wanted = std::getenv("SALIENT_FAULTS");
  return wanted != nullptr && std::strcmp(wanted, "long") == 0;
}

long stride(long points, long short_points) {
  return long_run() ? 1 : std::max(1L, points / short_points);
}

}  // namespace salient::faults

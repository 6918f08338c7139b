// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/attempt.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
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
  std::uint64_t promised_memory = 0;
  std::uint64_t peak_memory = 0;
  bool answered = false;
  bool done = false;
  char code[32] = {};
  char error[4096] = {};
};

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
    follow(plan, shared.counters);
    const auto result = perform(request, context, job);
    leave_alone();
    shared.done = result.ok();
    if (result && result->contains("preflight")) {
      shared.promised_memory = (*result)["preflight"].value("memory_bytes", std::uint64_t{0});
      shared.peak_memory = result->value("peak_memory_bytes", std::uint64_t{0});
    }
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

namespace {

Attempt attempt(const Json& request, const Plan& plan, std::chrono::microseconds life) {
  void* const memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("mmap");
  auto& shared = *new (memory) Shared;
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork");
  if (child == 0) carry_out(request, plan, shared);
  Attempt result;
  const auto end = std::chrono::steady_clock::now() + life;
  bool ended = false;
  while (life.count() > 0 && !ended && std::chrono::steady_clock::now() < end) {
    ended = waitpid(child, &result.status, WNOHANG) == child;
    if (!ended) usleep(200);
  }
  if (life.count() > 0 && !ended) kill(child, SIGKILL);
  if (!ended) waitpid(child, &result.status, 0);
  result.killed = WIFSIGNALED(result.status) && WTERMSIG(result.status) == SIGKILL;
  result.answered = shared.answered && result.status == 0;
  result.done = shared.done;
  result.code = shared.code;
  result.error = shared.error;
  result.counters = shared.counters;
  result.first_layer = shared.first_layer;
  result.last_layer = shared.last_layer;
  result.promised_memory = shared.promised_memory;
  result.peak_memory = shared.peak_memory;
  munmap(memory, sizeof(Shared));
  return result;
}

}  // namespace

Attempt attempt(const Json& request, const Plan& plan) {
  return attempt(request, plan, {});
}

Attempt attempt_for(const Json& request, std::chrono::microseconds life) {
  return attempt(request, Plan{}, life);
}

bool long_run() {
  const char* const wanted = std::getenv("SALIENT_FAULTS");
  return wanted != nullptr && std::strcmp(wanted, "long") == 0;
}

long wanted_points(long short_points) {
  const char* const wanted = std::getenv("SALIENT_FAULTS");
  const long number = wanted == nullptr ? 0 : std::strtol(wanted, nullptr, 10);
  return number > 0 ? number : short_points;
}

long stride(long points, long short_points) {
  return long_run() ? 1 : std::max(1L, points / wanted_points(short_points));
}

Lane lane() {
  Lane result;
  const char* const wanted = std::getenv("SALIENT_LANE");
  if (wanted == nullptr) return result;
  char* end = nullptr;
  result.number = std::strtol(wanted, &end, 10) - 1;
  result.of = *end == '/' ? std::strtol(end + 1, nullptr, 10) : 0;
  if (result.number < 0 || result.number >= result.of) throw std::runtime_error("SALIENT_LANE is no lane: 3/8");
  return result;
}

}  // namespace salient::faults

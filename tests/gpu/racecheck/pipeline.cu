// SPDX-License-Identifier: Apache-2.0
// The smallest pipeline of the kind that the kernels for many tokens are built on, for compute-sanitizer's racecheck:
// one warp fills stages in shared memory, four others read them, and two barriers a stage say when it is full and when
// it is free. It is right or wrong by construction, so what racecheck reports of it is about racecheck.
//
//   pipeline FORM      one of the forms below; ends with 0 when the sums are as expected (or need not be)
//
// plain        ordinary stores fill a stage
// plain-race   the same, but readers free a stage before they read it: a race
// bulk         the copy engine fills a stage (cp.async.bulk), as in mixed_warpgroup.cu and mixed_int8.cu
// bulk-fence   the same, with a fence for the copy engine in front of freeing
// bulk-one     the same as bulk with one stage
// bulk-race    the race of plain-race with the copy engine
//
// And the smallest of what adds sums in layers_step.cu: four of five warps leave values in shared memory for one of
// them, in turns.
//
// meet         the four meet at a numbered barrier of 128 of the 160 threads
// meet-later   the other three arrive there without waiting
// meet-race    nobody waits: a race
#include <cuda_runtime_api.h>

#include <cstdio>
#include <cstring>
#include <vector>

#include "cuda/kernels/mixed_hopper.cuh"

namespace {

namespace ptx = salient::cuda::mixed::ptx;

constexpr int kReaders = 4;  ///< warps
constexpr int kValues = 1024;
constexpr int kBlocks = 64;

enum class Filling { plain, bulk };
enum class Freeing { after, fenced, before };

template <Filling kFilling, Freeing kFreeing, int kStages>
__global__ void pipeline_kernel(const int* blocks, int* sums) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  __shared__ __align__(128) int stages[kStages][kValues];
  __shared__ __align__(8) unsigned long long barriers[kStages][2];
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const auto full = [&](int stage) { return ptx::shared_address(&barriers[stage][0]); };
  const auto free = [&](int stage) { return ptx::shared_address(&barriers[stage][1]); };
  if (threadIdx.x == 0) {
    for (int stage = 0; stage < kStages; ++stage) {
      ptx::barrier_init(full(stage), 1);
      ptx::barrier_init(free(stage), kReaders);
    }
    ptx::barrier_init_done();
  }
  __syncthreads();
  int sum = 0;
  for (int block = 0; block < kBlocks; ++block) {
    const int stage = block % kStages;
    const int parity = block / kStages % 2;
    if (warp == kReaders) {
      ptx::barrier_wait(free(stage), parity ^ 1);
      const int* from = blocks + block * kValues;
      if constexpr (kFilling == Filling::plain) {
        for (int i = lane; i < kValues; i += 32)
          stages[stage][i] = from[i];
        __syncwarp();
        if (lane == 0) ptx::barrier_arrive(full(stage));
      } else if (lane == 0) {
        ptx::barrier_expect(full(stage), kValues * sizeof(int));
        ptx::copy(ptx::shared_address(stages[stage]), from, kValues * sizeof(int), full(stage));
      }
    } else {
      const auto release = [&] {
        if constexpr (kFreeing == Freeing::fenced) ptx::fence_async();
        __syncwarp();
        if (lane == 0) ptx::barrier_arrive(free(stage));
      };
      ptx::barrier_wait(full(stage), parity);
      if constexpr (kFreeing == Freeing::before) release();
      for (int i = static_cast<int>(threadIdx.x); i < kValues; i += kReaders * 32)
        sum += stages[stage][i];
      if constexpr (kFreeing != Freeing::before) release();
    }
  }
  if (warp < kReaders) sums[threadIdx.x] = sum;
#endif
}

enum class Meeting { all, later, none };

template <Meeting kMeeting>
__global__ void exchange_kernel(const int* blocks, int* sums) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  constexpr int kBuffers = 4;
  constexpr int kThreads = kReaders * 32;
  __shared__ int values[kBuffers][kThreads];
  const int thread = static_cast<int>(threadIdx.x);
  if (thread >= kThreads) return;
  int sum = 0;
  for (int block = 0; block < kBlocks; ++block) {
    const int buffer = block % kBuffers;
    const bool adds = thread / 32 == buffer;
    for (int i = 0; i < kValues / kThreads; ++i)
      values[buffer][thread] = blocks[block * kValues + i * kThreads + thread] + (i > 0 ? values[buffer][thread] : 0);
    if constexpr (kMeeting != Meeting::none) {
      if (adds || kMeeting == Meeting::all) {
        ptx::meet(1 + buffer, kThreads);
      } else {
        ptx::meet_later(1 + buffer, kThreads);
      }
    }
    // Before this buffer is filled again, each of the others waits here for the one that read it.
    for (int warp = 0; adds && warp < kReaders; ++warp)
      sum += values[buffer][warp * 32 + thread % 32];
  }
  sums[thread] = sum;
#endif
}

/// How a form's sums are shared among threads.
enum class Shares { of_columns, of_blocks };
struct Form {
  const char* name;
  void (*kernel)(const int*, int*);
  bool right;  ///< its sums must be as expected
  Shares shares = Shares::of_columns;
};
constexpr Form kForms[] = {
    {"plain", pipeline_kernel<Filling::plain, Freeing::after, 4>, true},
    {"plain-race", pipeline_kernel<Filling::plain, Freeing::before, 4>, false},
    {"bulk", pipeline_kernel<Filling::bulk, Freeing::after, 4>, true},
    {"bulk-fence", pipeline_kernel<Filling::bulk, Freeing::fenced, 4>, true},
    {"bulk-one", pipeline_kernel<Filling::bulk, Freeing::after, 1>, true},
    {"bulk-race", pipeline_kernel<Filling::bulk, Freeing::before, 4>, false},
    {"meet", exchange_kernel<Meeting::all>, true, Shares::of_blocks},
    {"meet-later", exchange_kernel<Meeting::later>, true, Shares::of_blocks},
    {"meet-race", exchange_kernel<Meeting::none>, false, Shares::of_blocks},
};

int run(const Form& form) {
  std::vector<int> blocks(kBlocks * kValues);
  std::vector<int> expected(kReaders * 32);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    blocks[i] = static_cast<int>(i * 2654435761U % 1000);
    const std::size_t warp = i / kValues % kReaders;
    expected[form.shares == Shares::of_columns ? i % expected.size() : warp * 32 + i % 32] += blocks[i];
  }
  std::vector<int> sums(expected.size());
  int* device_blocks = nullptr;
  int* device_sums = nullptr;
  const auto bytes = [](const std::vector<int>& values) { return values.size() * sizeof(int); };
  cudaError_t status = cudaMalloc(&device_blocks, bytes(blocks));
  if (status == cudaSuccess) status = cudaMalloc(&device_sums, bytes(sums));
  if (status == cudaSuccess) status = cudaMemcpy(device_blocks, blocks.data(), bytes(blocks), cudaMemcpyHostToDevice);
  if (status == cudaSuccess) {
    form.kernel<<<1, (kReaders + 1) * 32>>>(device_blocks, device_sums);
    status = cudaGetLastError();
  }
  if (status == cudaSuccess) status = cudaMemcpy(sums.data(), device_sums, bytes(sums), cudaMemcpyDeviceToHost);
  if (status != cudaSuccess) {
    std::fprintf(stderr, "%s: %s\n", form.name, cudaGetErrorString(status));
    return 1;
  }
  std::printf("%s: sums %s\n", form.name, sums == expected ? "as expected" : "differ");
  return form.right && sums != expected ? 1 : 0;
}

}  // namespace

int main(int count, char** arguments) {
  for (const Form& form : kForms) {
    if (count == 2 && std::strcmp(arguments[1], form.name) == 0) return run(form);
  }
  std::fprintf(stderr, "usage: %s", arguments[0]);
  for (const Form& form : kForms)
    std::fprintf(stderr, " | %s", form.name);
  std::fprintf(stderr, "\n");
  return 2;
}

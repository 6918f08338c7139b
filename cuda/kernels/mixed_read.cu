// SPDX-License-Identifier: Apache-2.0
// The ceiling of everything that is bound by reading weights.
#include "cuda/kernels/mixed_common.cuh"

namespace salient::cuda::mixed {
namespace {

constexpr int kAtOnce = 8;

__global__ void __launch_bounds__(256) read_kernel(const uint4* memory, std::uint64_t count, std::uint32_t* sum) {
  std::uint32_t mixed = 0;
  const std::uint64_t step = static_cast<std::uint64_t>(gridDim.x) * 256;
  for (std::uint64_t i = static_cast<std::uint64_t>(blockIdx.x) * 256 + threadIdx.x; i < count; i += kAtOnce * step) {
    uint4 v[kAtOnce];
#pragma unroll
    for (int j = 0; j < kAtOnce; ++j)
      v[j] = i + j * step < count ? load_once(memory + i + j * step) : make_uint4(0, 0, 0, 0);
#pragma unroll
    for (int j = 0; j < kAtOnce; ++j)
      mixed ^= v[j].x ^ v[j].y ^ v[j].z ^ v[j].w;
  }
  // Never true for what is read here, but the compiler cannot know.
  if (mixed == 0xdeadbeefU) *sum = mixed;
}

}  // namespace

cudaError_t read_all(const void* memory, std::uint64_t bytes, void* sum, int multiprocessors, cudaStream_t stream) {
  read_kernel<<<static_cast<unsigned>(multiprocessors * 8), 256, 0, stream>>>(
      static_cast<const uint4*>(memory), bytes / 16, static_cast<std::uint32_t*>(sum));
  return cudaGetLastError();
}

}  // namespace salient::cuda::mixed

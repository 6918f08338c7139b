// SPDX-License-Identifier: Apache-2.0
// The next token of each row of logits: the choices of core/compute/sampling.h, token for token. A block a row. Sums
// are of integers, so that their order does not matter, and nothing is sorted: the edge of the nucleus is found eight
// bits of a weight at a time, from sums of the weights that share the bits before.
#include "core/compute/sampling_weight.h"
#include "cuda/kernels/device.cuh"
#include "cuda/kernels/kernels.h"

namespace salient::cuda::kernels {
namespace {

constexpr int kThreads = 1024;
constexpr int kDigitBits = 8;
constexpr int kDigits = 1 << kDigitBits;
using Word = unsigned long long;  // what atomicAdd and shuffles take

struct LargerWord {
  __device__ Word operator()(Word a, Word b) const { return a > b ? a : b; }
};

/// Orders as the floats do, of equal ones the smaller id last; NaN above everything.
__device__ Word rank_of(float logit, int id) {
  if (isnan(logit)) return ~Word{0};
  const std::uint32_t bits = __float_as_uint(logit + 0.0F);  // one zero
  const std::uint32_t ordered = (bits >> 31) != 0 ? ~bits : bits | 0x80000000U;
  return static_cast<Word>(ordered) << 32 | (0xffffffffU - static_cast<std::uint32_t>(id));
}

/// Sum of the values of the threads before this one.
__device__ Word scan_block(Word value) {
  __shared__ Word warps[kThreads / kWarp];
  const int lane = static_cast<int>(threadIdx.x) % kWarp, warp = static_cast<int>(threadIdx.x) / kWarp;
  Word sum = value;
#pragma unroll
  for (int step = 1; step < kWarp; step *= 2) {
    const Word before = __shfl_up_sync(0xffffffffU, sum, step);
    if (lane >= step) sum += before;
  }
  __syncthreads();
  if (lane == kWarp - 1) warps[warp] = sum;
  __syncthreads();
  Word offset = 0;
  for (int w = 0; w < warp; ++w)
    offset += warps[w];
  return offset + sum - value;
}

struct Nucleus {
  Word edge = 0;  ///< tokens above it are kept,
  Word ties = 0;  ///< and so many of those at it
  Word total = 0;
};

/// Of the digits' sums the largest digit at which `above` and the sums down to it reach `needed`. By one warp; every
/// lane gets the result. `above` receives the sum of the digits above it.
__device__ int find_digit(const Word* sums, Word needed, Word& above) {
  constexpr int kEach = kDigits / kWarp;
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const int top = kDigits - 1 - lane * kEach;  // lane 0 has the largest digits
  Word own = 0;
#pragma unroll
  for (int i = 0; i < kEach; ++i)
    own += sums[top - i];
  Word until = own;
#pragma unroll
  for (int step = 1; step < kWarp; step *= 2) {
    const Word before = __shfl_up_sync(0xffffffffU, until, step);
    if (lane >= step) until += before;
  }
  Word sum = above + until - own;
  const bool here = sum < needed && needed <= above + until;
  int digit = 0;
  if (here) {
    digit = top;
    while (sum + sums[digit] < needed)
      sum += sums[digit--];
  }
  const int source = __ffs(static_cast<int>(__ballot_sync(0xffffffffU, here))) - 1;
  above = __shfl_sync(0xffffffffU, sum, source);
  return __shfl_sync(0xffffffffU, digit, source);
}

__device__ Nucleus find_nucleus(const Word* weights, int count, Word total, double top_p) {
  if (top_p >= 1) return {0, 0, total};
  __shared__ Word sums[kDigits];
  __shared__ Word found[2];  // the edge's bits so far, and the weights above them
  const Word needed = sampling::weight_to_keep(total, top_p);
  Word prefix = 0, above = 0;
  for (int shift = sampling::kWeightBits; shift >= 0; shift -= kDigitBits) {
    __syncthreads();
    if (threadIdx.x < kDigits) sums[threadIdx.x] = 0;
    __syncthreads();
    for (int id = static_cast<int>(threadIdx.x); id < count; id += kThreads) {
      const Word weight = weights[id];
      if (weight != 0 && weight >> shift >> kDigitBits == prefix)
        atomicAdd(&sums[weight >> shift & (kDigits - 1)], weight);
    }
    __syncthreads();
    if (threadIdx.x < kWarp) {
      const auto digit = static_cast<Word>(find_digit(sums, needed, above));
      if (threadIdx.x == 0) {
        found[0] = prefix << kDigitBits | digit;
        found[1] = above;
      }
    }
    __syncthreads();
    prefix = found[0];
    above = found[1];
  }
  const Word ties = (needed - above + prefix - 1) / prefix;
  return {prefix, ties, above + ties * prefix};
}
static_assert(sampling::kWeightBits % kDigitBits == 0);

__global__ void __launch_bounds__(kThreads) sample_kernel(SampleRows work) {
  const int count = static_cast<int>(work.cols);
  const float* logits = work.logits + static_cast<std::int64_t>(blockIdx.x) * count;
  std::int32_t* const chosen = work.ids + blockIdx.x;
  Word rank = 0;
  for (int id = static_cast<int>(threadIdx.x); id < count; id += kThreads)
    rank = max(rank, rank_of(logits[id], id));
  rank = reduce_block<kThreads>(rank, LargerWord());
  const int first = static_cast<int>(0xffffffffU - static_cast<std::uint32_t>(rank));
  const bool nan = rank == ~Word{0};
  const float largest = nan ? 0.0F : logits[first];
  if (nan || isinf(largest)) {
    if (threadIdx.x == 0) *chosen = nan ? kNanLogits : kInfiniteLogits;
    return;
  }
  if (work.temperature == 0) {
    if (threadIdx.x == 0) *chosen = first;
    return;
  }

  Word* const weights = reinterpret_cast<Word*>(work.weights) + static_cast<std::int64_t>(blockIdx.x) * count;
  Word total = 0;
  for (int id = static_cast<int>(threadIdx.x); id < count; id += kThreads) {
    const Word weight = sampling::weight(logits[id], largest, work.temperature);
    weights[id] = weight;
    total += weight;
  }
  total = reduce_block<kThreads>(total, Sum());
  __syncthreads();  // all weights are there
  const Nucleus nucleus = find_nucleus(weights, count, total, work.top_p);

  // Threads take neighbouring ids, because of tokens at the edge the first ones count, and tokens are drawn by id.
  const int each = (count + kThreads - 1) / kThreads;
  const int begin = min(static_cast<int>(threadIdx.x) * each, count), end = min(begin + each, count);
  Word ties = 0, sum = 0;
  for (int id = begin; id < end; ++id) {
    ties += weights[id] == nucleus.edge ? 1 : 0;
    sum += weights[id] > nucleus.edge ? weights[id] : 0;
  }
  const Word ties_before = min(scan_block(ties), nucleus.ties);
  Word ties_left = min(nucleus.ties - ties_before, ties);
  sum += ties_left * nucleus.edge;
  const Word sum_before = scan_block(sum);
  const Word share = __umul64hi(work.draws[blockIdx.x], nucleus.total);
  if (share < sum_before || share >= sum_before + sum) return;
  Word left = share - sum_before;
  for (int id = begin; id < end; ++id) {
    const Word weight = weights[id];
    const bool at_edge = weight == nucleus.edge && ties_left > 0;
    if (weight <= nucleus.edge && !at_edge) continue;
    if (at_edge) --ties_left;
    if (left < weight) {
      *chosen = id;
      return;
    }
    left -= weight;
  }
}

}  // namespace

cudaError_t sample_rows(cudaStream_t stream, const SampleRows& work) {
  if (work.rows == 0) return cudaSuccess;
  sample_kernel<<<static_cast<unsigned>(work.rows), kThreads, 0, stream>>>(work);
  return cudaGetLastError();
}

}  // namespace salient::cuda::kernels

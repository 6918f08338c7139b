// SPDX-License-Identifier: Apache-2.0
// Decoding's attention, its second half: the pieces of each sequence and head become one.
#include "cuda/kernels/attention_step.cuh"
#include "cuda/kernels/half_mma.cuh"
#include "cuda/kernels/row_output.cuh"

namespace salient::cuda::kernels {
namespace {

constexpr int kWarps = 4;
constexpr int kThreads = kWarps * kWarp;
constexpr int kPartsAtOnce = 16;

/// A warp for each 128 columns of each sequence: grid (columns, sequences). kWhole: heads are multiples of 4 columns.
template <class Output, bool kWhole>
__global__ void __launch_bounds__(kThreads) join_kernel(Projected p, Partial partial, Output out) {
  const int dim = p.dim;
  const int cols = p.heads * dim;
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const int block = static_cast<int>(blockIdx.x * kWarps + threadIdx.x / kWarp);
  const int sequence = static_cast<int>(blockIdx.y);
  mixed::wait_for_previous();
  mixed::let_next_start();
  const int keys = sequence < p.tokens ? p.positions[sequence] + 1 : 1;
  const int length = partial.piece_keys(keys);
  const int pieces = (keys + length - 1) / length;
  if (block * kRowBlock >= cols) return;
  if (sequence >= p.tokens) {
    out.fill_block(sequence, block, lane);
    return;
  }
  float v[4] = {};
  const int column = block * kRowBlock + 4 * lane;
  const int end = min((block + 1) * kRowBlock, cols);
#pragma unroll 1
  for (int head = block * kRowBlock / dim; head * dim < end; ++head) {  // the heads that these columns belong to
    const int row = (sequence * p.heads + head) * partial.pieces;
    const int in_head = column - head * dim;
    const float* values = partial.values + static_cast<std::int64_t>(row) * dim + in_head;
    static_assert(kMostPieces <= kWarp);
    const float2 sum = lane < pieces ? partial.sums[row + lane] : make_float2(-INFINITY, 0);
    float factor = 0;
#pragma unroll 1
    for (int first = 0; first < pieces; first += kPartsAtOnce) {
      float parts[kPartsAtOnce][4] = {};
#pragma unroll
      for (int i = 0; i < kPartsAtOnce; ++i) {
        if (first + i >= pieces) continue;
        const float* from = values + (first + i) * dim;
        if constexpr (kWhole) {
          if (in_head >= 0 && in_head < dim) load_four(from, parts[i]);
        } else {
          for (int e = 0; e < 4; ++e)
            if (in_head + e >= 0 && in_head + e < dim) parts[i][e] = from[e];
        }
      }
      if (first == 0) {  // while the first parts are on their way
        const float largest = reduce_lanes(sum.x, Largest());
        factor = power_of_two(sum.x - largest);
        factor /= reduce_lanes(sum.y * factor, Sum());
      }
#pragma unroll
      for (int i = 0; i < kPartsAtOnce; ++i) {
        // Behind the last piece both parts and weights are zeros.
        const float weight = __shfl_sync(0xffffffffU, factor, first + i);
#pragma unroll
        for (int e = 0; e < 4; ++e)
          v[e] = fmaf(parts[i][e], weight, v[e]);
      }
    }
  }
  out.store_block(v, sequence, block, lane);
}

}  // namespace

cudaError_t join_pieces(cudaStream_t stream, const Projected& p, const Partial& partial, const RowOutput& out,
                        bool overlap) {
  const int cols = p.heads * p.dim;
  const dim3 grid(static_cast<unsigned>((cols + kWarps * kRowBlock - 1) / (kWarps * kRowBlock)),
                  static_cast<unsigned>(output_rows(out, p.tokens)));
  return with_output(out, p.tokens, cols, [&](auto output) {
    using Output = decltype(output);
    return mixed::launch(p.dim % 8 == 0 ? join_kernel<Output, true> : join_kernel<Output, false>, grid, kThreads, 0, 1,
                         overlap, stream, p, partial, output);
  });
}

}  // namespace salient::cuda::kernels

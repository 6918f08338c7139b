// SPDX-License-Identifier: Apache-2.0
// One token against the keys of the past, in fp32. The past is cut into pieces of fixed length so that it fills the
// device; each block reads a piece of one key head once for up to 8 of its query heads; a second kernel joins the
// pieces in their order. Several sequences of different lengths go side by side.
#include "cuda/kernels/attention.cuh"

namespace salient::cuda::kernels {
namespace {

constexpr int kThreads = 256;
constexpr int kWarps = kThreads / kWarp;
constexpr int kMostQueries = 8;  ///< of a block
constexpr int kKeys = static_cast<int>(kDecodePiece);

/// Of one query and piece: the maximum, the sum of exponentials, and dim sums of values.
__host__ __device__ inline std::int64_t partial_stride(int dim) {
  return 2 + dim;
}

/// Keys of sequence b.
__device__ inline std::int64_t key_count(const Attention& a, const Sequences& s, unsigned sequence) {
  return (s.positions != nullptr ? s.positions[sequence] : a.first_position) + 1;
}

/// Grid: key heads, pieces of the longest sequence, sequences times groups of query heads. kGroup query heads at most,
/// of kLaneValues · 32 columns at most: what is known when compiling keeps many loads under way.
template <int kGroup, int kLaneValues>
__global__ void __launch_bounds__(kThreads) decode_kernel(Attention a, Sequences s, unsigned groups, float* partial) {
  __shared__ float scores[kGroup][kKeys];
  __shared__ float reduced[kGroup][kThreads];
  const int group = a.heads / a.kv_heads;
  const int kv_head = static_cast<int>(blockIdx.x);
  const unsigned sequence = blockIdx.z / groups;
  const int first_query = static_cast<int>(blockIdx.z % groups) * kMostQueries;
  const int queries = min(kGroup, group - first_query);
  const int head = kv_head * group + first_query;
  const std::int64_t first = blockIdx.y * kDecodePiece;
  const std::int64_t all_keys = key_count(a, s, sequence);
  if (first >= all_keys) return;
  const float* all_queries = a.q + static_cast<std::int64_t>(sequence) * a.heads * a.dim;
  partial += static_cast<std::int64_t>(sequence) * gridDim.y * a.heads * partial_stride(a.dim);
  const int count = static_cast<int>(min(kDecodePiece, all_keys - first));
  const std::int64_t stride = static_cast<std::int64_t>(a.kv_heads) * a.dim;
  const std::int64_t begin = (sequence * s.capacity + first) * stride + kv_head * a.dim;
  const float* k = a.k + begin;
  const float* v = a.v + begin;
  const int lane = threadIdx.x % kWarp;
  const int warp = threadIdx.x / kWarp;

  // Scores: a warp a key, with the queries in registers.
  const float scale = softmax_scale(a.dim);
  float q[kGroup][kLaneValues];
#pragma unroll
  for (int g = 0; g < kGroup; ++g)
#pragma unroll
    for (int i = 0; i < kLaneValues; ++i) {
      const int d = lane + kWarp * i;
      q[g][i] = g < queries && d < a.dim ? all_queries[(head + g) * a.dim + d] * scale : 0.0F;
    }
#pragma unroll 4
  for (int key = warp; key < count; key += kWarps) {
    float products[kGroup] = {};
#pragma unroll
    for (int i = 0; i < kLaneValues; ++i) {
      const int d = lane + kWarp * i;
      const float value = d < a.dim ? k[key * stride + d] : 0.0F;
#pragma unroll
      for (int g = 0; g < kGroup; ++g)
        products[g] = fmaf(q[g][i], value, products[g]);
    }
#pragma unroll
    for (int g = 0; g < kGroup; ++g) {
      products[g] = reduce_lanes(products[g], Sum());
      if (lane == 0) scores[g][key] = products[g];
    }
  }
  __syncthreads();

  // A warp a query: the piece's maximum, exponentials and their sum.
  if (warp < queries) {
    float peak = -INFINITY;
    for (int key = lane; key < count; key += kWarp)
      peak = fmaxf(peak, scores[warp][key]);
    peak = reduce_lanes(peak, Largest());
    float sum = 0;
    for (int key = lane; key < count; key += kWarp) {
      const float p = expf(scores[warp][key] - peak);
      scores[warp][key] = p;
      sum += p;
    }
    sum = reduce_lanes(sum, Sum());
    if (lane == 0) {
      float* out = partial + (blockIdx.y * static_cast<std::int64_t>(a.heads) + head + warp) * partial_stride(a.dim);
      out[0] = peak;
      out[1] = sum;
    }
  }
  __syncthreads();

  // Values: a thread a column; where there are threads to spare, they share the keys.
  const int width = a.dim;
  const int shares = kThreads / width;
  const int column = threadIdx.x % width;
  const int share = threadIdx.x / width;
  float sums[kGroup] = {};
  if (share < shares) {
#pragma unroll 8
    for (int key = share; key < count; key += shares) {
      const float value = v[key * stride + column];
#pragma unroll
      for (int g = 0; g < kGroup; ++g)
        if (g < queries) sums[g] = fmaf(scores[g][key], value, sums[g]);
    }
  }
#pragma unroll
  for (int g = 0; g < kGroup; ++g)
    reduced[g][threadIdx.x] = sums[g];
  __syncthreads();
  for (int i = threadIdx.x; i < queries * width; i += kThreads) {
    const int g = i / width;
    const int c = i % width;
    float total = 0;
    for (int s = 0; s < shares; ++s)
      total += reduced[g][s * width + c];
    partial[(blockIdx.y * static_cast<std::int64_t>(a.heads) + head + g) * partial_stride(width) + 2 + c] = total;
  }
}

/// Grid: query heads, sequences. `most_pieces`: from one sequence's partial results to the next one's.
__global__ void join_kernel(const float* partial, Attention a, Sequences s, std::int64_t most_pieces) {
  const int heads = a.heads;
  const int dim = a.dim;
  const int head = static_cast<int>(blockIdx.x);
  const std::int64_t pieces = (key_count(a, s, blockIdx.y) + kDecodePiece - 1) / kDecodePiece;
  partial += blockIdx.y * most_pieces * heads * partial_stride(dim);
  float* out = a.out + static_cast<std::int64_t>(blockIdx.y) * heads * dim;
  const auto piece = [&](std::int64_t index) { return partial + (index * heads + head) * partial_stride(dim); };
  float peak = -INFINITY;
  for (std::int64_t i = 0; i < pieces; ++i)
    peak = fmaxf(peak, piece(i)[0]);
  float sum = 0;
  for (std::int64_t i = 0; i < pieces; ++i)
    sum += piece(i)[1] * expf(piece(i)[0] - peak);
  for (int c = threadIdx.x; c < dim; c += blockDim.x) {
    float total = 0;
    for (std::int64_t i = 0; i < pieces; ++i)
      total += piece(i)[2 + c] * expf(piece(i)[0] - peak);
    out[head * dim + c] = total / sum;
  }
}

std::int64_t piece_count(std::int64_t keys) {
  return (keys + kDecodePiece - 1) / kDecodePiece;
}

std::int64_t most_pieces(const Attention& a, const Sequences& s) {
  return piece_count(s.positions != nullptr ? s.capacity : a.first_position + 1);
}

}  // namespace

std::int64_t decode_partial_floats(const Attention& a, const Sequences& s) {
  return s.count * most_pieces(a, s) * a.heads * partial_stride(a.dim);
}

cudaError_t attention_decode(cudaStream_t stream, const Attention& a, const Sequences& s, float* partial) {
  if (a.tokens != 1 || a.dim > kLargestHeadDim) return cudaErrorInvalidValue;
  if (s.count == 0) return cudaSuccess;
  const int group = a.heads / a.kv_heads;
  const auto groups = static_cast<unsigned>((group + kMostQueries - 1) / kMostQueries);
  const auto pieces = static_cast<unsigned>(most_pieces(a, s));
  const auto count = static_cast<unsigned>(s.count);
  const dim3 grid(static_cast<unsigned>(a.kv_heads), pieces, count * groups);
  const auto launch = [&]<int kGroup>() {
    const auto kernel = a.dim <= 4 * kWarp ? decode_kernel<kGroup, 4> : decode_kernel<kGroup, 8>;
    kernel<<<grid, kThreads, 0, stream>>>(a, s, groups, partial);
  };
  if (group == 1) {
    launch.template operator()<1>();
  } else if (group <= 4) {
    launch.template operator()<4>();
  } else {
    launch.template operator()<kMostQueries>();
  }
  const cudaError_t status = cudaGetLastError();
  if (status != cudaSuccess) return status;
  join_kernel<<<dim3(static_cast<unsigned>(a.heads), count), 128, 0, stream>>>(partial, a, s, pieces);
  return cudaGetLastError();
}

}  // namespace salient::cuda::kernels

// SPDX-License-Identifier: Apache-2.0
// A decoding step's layers in one launch that stays on the device, for one sequence on Hopper.
//
// What bounds such a step is reading the weights; what a launch for each operation loses is the time in which memory
// has nothing to do: while a kernel starts, ends, and computes a norm. Here a CTA on each multiprocessor goes through
// all layers. Weights depend on nothing, so four threads of it copy them into rings ahead of their use, across all
// operations that come between. CTAs meet five times a layer, at a counter; what they tell each other goes through the
// second-level cache. What each of them needs whole, a norm or a gate, each computes for itself.
//
// Apart from products everything is executed once a layer, and its time goes by in fetching instructions, some ten
// cycles for each: hence loops that are not unrolled, a table in the place of divisions, and nothing for other cases.
//
// Sums have a fixed order: parts of K and pieces of the past are added in the order of their numbers.
#include <algorithm>
#include <new>

#include "cuda/kernels/layers_step_attention.cuh"

// For other architectures the kernels are empty, and what they are made of is not used.
#pragma nv_diag_suppress 177

namespace salient::cuda::kernels {
namespace {

using step::AttentionRoom;
using step::kBlock;
using step::kConsumers;
using step::kQuads;
using step::kThreads;
using step::kWarps;

constexpr int kMostAdded = std::max(kMostStepParts[1], kMostStepParts[3]);  ///< parts of o and down

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)

/// Of four columns, `step` apart. All of them are asked for before the first one is needed.
template <int kMost>
__device__ __forceinline__ float4 sum_of_parts(const float* from, int parts, int step) {
  float4 v[kMost];
#pragma unroll
  for (int i = 0; i < kMost; ++i)
    v[i] = i < parts ? step::load_shared_by_all(from + i * step) : make_float4(0, 0, 0, 0);
#pragma unroll
  for (int i = 1; i < kMost; ++i)
    v[0].x += v[i].x, v[0].y += v[i].y, v[0].z += v[i].z, v[0].w += v[i].w;
  return v[0];
}
/// Four values of a norm's weight.
__device__ __forceinline__ void load_weights(const void* weight, mixed::Type type, int column, float (&w)[4]) {
  if (type == mixed::Type::f32) {
    load_four(static_cast<const float*>(weight) + column, w);
  } else if (type == mixed::Type::f16) {
    load_four(static_cast<const __half*>(weight) + column, w);
  } else {
    load_four(static_cast<const __nv_bfloat16*>(weight) + column, w);
  }
}

/// x + what was added to it last, and RMSNorm of that into codes of all of K. Every CTA does it for itself; each stores
/// one block of the new x in the place that nobody reads now. `added`: parts of what is still being written to p.added.
/// kHeld: blocks of a warp.
template <int kHeld>
__device__ __forceinline__ void normalize(const step::Cta& c, const void* weight, const float* x, int added,
                                          float* new_x) {
  const LayersStep& p = c.p;
  const int blocks = p.hidden / kBlock;
  const int first = c.warp * kBlock + 4 * c.lane;
  const auto holds = [&](int i) { return c.warp + i * kWarps < blocks; };
  float w[kHeld][4];
  float4 v[kHeld];
#pragma unroll
  for (int i = 0; i < kHeld; ++i) {
    w[i][0] = w[i][1] = w[i][2] = w[i][3] = 0;
    if (holds(i)) load_weights(weight, p.norm_type, first + i * kWarps * kBlock, w[i]);
  }
  if (added > 0) c.await();
#pragma unroll
  for (int i = 0; i < kHeld; ++i) {
    v[i] = make_float4(0, 0, 0, 0);
    if (holds(i)) v[i] = step::load_shared_by_all(x + first + i * kWarps * kBlock);
  }
  if (added > 0) {
    float4 sums[kHeld];
#pragma unroll
    for (int i = 0; i < kHeld; ++i)
      if (holds(i)) sums[i] = sum_of_parts<kMostAdded>(p.added + first + i * kWarps * kBlock, added, p.hidden);
#pragma unroll
    for (int i = 0; i < kHeld; ++i) {
      if (!holds(i)) continue;
      v[i].x += sums[i].x, v[i].y += sums[i].y, v[i].z += sums[i].z, v[i].w += sums[i].w;
      if (static_cast<int>(blockIdx.x) == c.warp + i * kWarps) {
        *reinterpret_cast<float4*>(new_x + first + i * kWarps * kBlock) = v[i];
      }
    }
  }
  float squares = 0;
#pragma unroll
  for (int i = 0; i < kHeld; ++i)
    squares += fmaf(v[i].x, v[i].x, v[i].y * v[i].y) + fmaf(v[i].z, v[i].z, v[i].w * v[i].w);
  float* const sums = reinterpret_cast<float*>(c.memory + p.room.norms);
  squares = reduce_lanes(squares, Sum());
  if (c.lane == 0) sums[c.warp] = squares;
  c.meet();
  const float sum = reduce_lanes<kWarps>(sums[c.lane % kWarps], Sum());
  const float factor = 1.0F / sqrtf(sum / static_cast<float>(p.hidden) + p.epsilon);
#pragma unroll
  for (int i = 0; i < kHeld; ++i)
    if (holds(i)) {
      step::store_codes(c,
                        make_float4(w[i][0] * (v[i].x * factor), w[i][1] * (v[i].y * factor),
                                    w[i][2] * (v[i].z * factor), w[i][3] * (v[i].w * factor)),
                        c.warp + i * kWarps);
    }
  c.meet();
}

/// x of the last layer.
__device__ void finish(const step::Cta& c, const float* x, int added, float* new_x) {
  const LayersStep& p = c.p;
  c.await();
  const int i = 4 * static_cast<int>(blockIdx.x * kConsumers + c.thread);
  if (i >= p.hidden) return;
  const float4 old = step::load_shared_by_all(x + i);
  const float4 sum = sum_of_parts<kMostAdded>(p.added + i, added, p.hidden);
  *reinterpret_cast<float4*>(new_x + i) = make_float4(old.x + sum.x, old.y + sum.y, old.z + sum.z, old.w + sum.w);
}

/// silu(gate) · up of the columns that this CTA multiplies, both rounded to f16 first.
__device__ __forceinline__ void gate(const step::Cta& c, const step::Walk& walk) {
  constexpr int kTogether = 2;  ///< blocks that a warp asks for at once
  const auto one = [](float g, float up) {
    const float half = __half2float(__float2half_rn(g));
    return half * sigmoid(half) * __half2float(__float2half_rn(up));
  };
  const float* from = c.p.gate_up + walk.first_block * kBlock + 4 * c.lane;
#pragma unroll 1
  for (int first = c.warp; first < walk.blocks; first += kTogether * kWarps) {
    float4 gates[kTogether], ups[kTogether];
#pragma unroll
    for (int i = 0; i < kTogether; ++i) {
      const int column = min(first + i * kWarps, walk.blocks - 1) * kBlock;
      gates[i] = step::load_shared_by_all(from + column);
      ups[i] = step::load_shared_by_all(from + c.p.intermediate + column);
    }
#pragma unroll 1
    for (int block = first; block < min(first + kTogether * kWarps, static_cast<int>(walk.blocks)); block += kWarps) {
      const float4 g = gates[0], u = ups[0];
#pragma unroll
      for (int i = 0; i + 1 < kTogether; ++i)
        gates[i] = gates[i + 1], ups[i] = ups[i + 1];
      step::store_codes(c, make_float4(one(g.x, u.x), one(g.y, u.y), one(g.z, u.z), one(g.w, u.w)), block);
    }
  }
  c.meet();
}

template <int kDim, int kHeld>
__device__ void consume(const LayersStep& p, std::uint8_t* memory) {
  step::Consumer c(p, memory);
  const float* x = p.x;
  float* next_x = p.other_x;
  const auto* walks = reinterpret_cast<const step::Walk*>(memory + p.room.walks);
  constexpr int kQkv = static_cast<int>(StepLinear::qkv), kO = static_cast<int>(StepLinear::o);
  constexpr int kGateUp = static_cast<int>(StepLinear::gate_up), kDown = static_cast<int>(StepLinear::down);
  // One place for each operation: a norm, a product.
#pragma unroll 1
  for (int product = 0; product < kStepLinears * p.layers; ++product) {
    const StepLayer& layer = p.layer[product / kStepLinears];
    const int linear = product % kStepLinears;
    const step::Walk walk = walks[product];
    int origin = 0;
    int outputs = p.hidden;
    float* out = p.added;
    if (linear == kQkv || linear == kGateUp) {
      const bool first = linear == kQkv;
      const int added = first ? (product > 0 ? p.parts[kDown] : 0) : p.parts[kO];
      normalize<kHeld>(c, first ? layer.input_norm : layer.post_norm, x, added, next_x);
      if (added > 0) {
        float* const read = const_cast<float*>(x);
        x = next_x;
        next_x = read;
      }
      outputs = first ? (p.heads + 2 * p.kv_heads) * kDim : 2 * p.intermediate;
      out = first ? p.qkv : p.gate_up;
    } else {
      origin = walk.first_block;
      c.await();
      if (linear == kO) {
        step::join<kDim>(c, walk);
      } else {
        gate(c, walk);
      }
    }
    c.multiply(layer.linears[linear], walk, origin, outputs, out);
    c.arrive();
    if (linear == kQkv) {
      step::attend<kDim>(c, layer);
      c.arrive();
    }
  }
  finish(c, x, p.parts[kDown], p.x);
}

#endif

template <int kDim, int kHeld>
__global__ void __launch_bounds__(kThreads, 1) layers_step_kernel(const __grid_constant__ LayersStep p) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  extern __shared__ __align__(1024) std::uint8_t memory[];
  const int thread = static_cast<int>(threadIdx.x);
  const int warp = __shfl_sync(0xffffffffU, thread / 32, 0);
  if (thread < kQuads) {
    step::Place at(p.room, step::ptx::shared_address(memory), thread);
#pragma unroll 1
    for (int slot = 0; slot < p.room.slots; ++slot, at.next(p.room.slots)) {
      step::ptx::barrier_init(at.loaded, 1);
      step::ptx::barrier_init(at.free(), 4);
    }
    step::ptx::barrier_init_done();
  }
  if (thread == 0) new (memory + p.room.own) step::Own(p);
  const std::array<int, kStepLinears> blocks = {p.hidden / kBlock, p.heads * kDim / kBlock, p.hidden / kBlock,
                                                p.intermediate / kBlock};
#pragma unroll 1
  for (int i = thread; i < p.layers * kStepLinears; i += kThreads) {
    const int linear = i % kStepLinears;
    new (memory + p.room.walks + i * sizeof(step::Walk))
        step::Walk(p.layer[i / kStepLinears].linears[linear], p.parts[linear], blocks[linear]);
  }
  __syncthreads();
  if (warp >= kWarps) {
    if (thread % kWarp == 0) step::produce(p, blocks, memory, warp - kWarps);
  } else {
    consume<kDim, kHeld>(p, memory);
  }
#endif
}

}  // namespace

StepRoom step_room(const LayersStep& p, int limit) {
  StepRoom room;
  int most = p.hidden / kBlock;  // blocks of activations at a time
  for (const StepLinear linear : {StepLinear::o, StepLinear::down}) {
    const int parts = p.parts[static_cast<std::size_t>(linear)];
    most = std::max(most, (step_blocks(p, linear) + parts - 1) / parts);
  }
  const int attention = p.dim == 64 ? AttentionRoom<64>::kBytes : AttentionRoom<128>::kBytes;
  const int sums = kQuads * kQuads * step::kTileRows * 4;
  const int codes = (std::max(most * kBlock, attention) + 127) / 128 * 128;
  const int scales = (most + 3) / 4 * 16;
  const int norms = kWarps * 4;
  const int walks = p.layers * kStepLinears * static_cast<int>(sizeof(step::Walk));
  const int rest = sums + codes + 2 * scales + norms + walks + static_cast<int>(sizeof(step::Own));
  room.slots = (limit - rest - 1024) / (kQuads * (step::kSlot + 16));
  if (room.slots < 3) return {};
  room.barriers = kQuads * room.slots * step::kSlot;
  room.sums = (room.barriers + kQuads * room.slots * 16 + 127) / 128 * 128;
  room.codes = room.sums + sums;
  room.scales = room.codes + codes;
  room.totals = room.scales + scales;
  room.norms = room.totals + scales;
  room.walks = room.norms + norms;
  room.own = room.walks + walks;
  room.bytes = room.own + static_cast<int>(sizeof(step::Own));
  return room;
}

cudaError_t layers_step(cudaStream_t stream, const LayersStep& p, int multiprocessors) {
  if (p.layers > kMostStepLayers || p.hidden > kMostStepHidden || p.heads / p.kv_heads > kMostStepQueries ||
      p.pieces > kMostStepPieces || p.pieces * p.kv_heads > multiprocessors || p.hidden / kBlock > multiprocessors ||
      p.room.slots == 0) {
    return cudaErrorInvalidValue;
  }
  const auto launch = [&]<int kDim>() {
    const auto kernel = p.hidden <= 2 * kWarps * kBlock ? layers_step_kernel<kDim, 2> : layers_step_kernel<kDim, 4>;
    const cudaError_t status = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, p.room.bytes);
    if (status != cudaSuccess) return status;
    cudaLaunchAttribute together{};  // all CTAs wait for each other
    together.id = cudaLaunchAttributeCooperative;
    together.val.cooperative = 1;
    cudaLaunchConfig_t config{};
    config.gridDim = dim3(static_cast<unsigned>(multiprocessors));
    config.blockDim = dim3(kThreads);
    config.dynamicSmemBytes = static_cast<std::size_t>(p.room.bytes);
    config.stream = stream;
    config.attrs = &together;
    config.numAttrs = 1;
    return cudaLaunchKernelEx(&config, kernel, p);
  };
  switch (p.dim) {
    case 64: return launch.template operator()<64>();
    case 128: return launch.template operator()<128>();
    default: return cudaErrorInvalidValue;
  }
}

}  // namespace salient::cuda::kernels

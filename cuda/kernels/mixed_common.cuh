// SPDX-License-Identifier: Apache-2.0
// What the kernels of the mixed-precision product share: codes into int8, tensor-core instructions, stores.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdint>

#include "cuda/kernels/mixed_kernels.h"

namespace salient::cuda::mixed {

// ---- Codes ----

/// Four codes in the low nibbles of a word's bytes, minus the zero point in every byte of `zeros`: int8.
__device__ __forceinline__ std::uint32_t subtract_zero(std::uint32_t nibbles, std::uint32_t zeros) {
  // Bit 7 is lent to every byte, so that none borrows from its neighbour. In one instruction: (nibbles & 0x0f…) |
  // 0x80….
  std::uint32_t lent;
  asm("lop3.b32 %0, %1, %2, %3, 0xea;" : "=r"(lent) : "r"(nibbles), "r"(0x0f0f0f0fU), "r"(0x80808080U));
  return (lent - zeros) ^ 0x80808080U;
}

/// A multiplier of folded scales with its constant, ready for two 16-bit halves of a word.
struct Fold {
  std::uint32_t factor;
  std::uint32_t addend;
};
/// `zero`: the zero point, 128 for 8-bit codes that were made unsigned.
__device__ __forceinline__ Fold make_fold(std::uint32_t factor, std::uint32_t zero) {
  return {factor, (0x8080U - zero * factor) * 0x00010001U};
}
/// ((code − zero)·factor + 128) >> 8 of four codes, given as bytes 0, 2 in `even` and 1, 3 in `odd`.
__device__ __forceinline__ std::uint32_t apply_fold(std::uint32_t even, std::uint32_t odd, Fold fold) {
  return __byte_perm(even * fold.factor + fold.addend, odd * fold.factor + fold.addend, 0x7351) ^ 0x80808080U;
}
__device__ __forceinline__ std::uint32_t fold_nibbles(std::uint32_t word, Fold fold) {
  return apply_fold(word & 0x000f000fU, (word >> 8) & 0x000f000fU, fold);
}
__device__ __forceinline__ std::uint32_t fold_bytes(std::uint32_t word, Fold fold) {
  const std::uint32_t shifted = word ^ 0x80808080U;
  return apply_fold(shifted & 0x00ff00ffU, (shifted >> 8) & 0x00ff00ffU, fold);
}

/// One group's part of a lane's codes: `low` are the rows r, `high` the rows r + 8. `scales` holds the two rows' scales
/// or multipliers, `zeros` their zero points as two nibbles. 4 bit: kWords words of nibble pairs in `codes`; 8 bit:
/// words of the rows r in `codes`, of the rows r + 8 in `more`.
template <int kBits, Mode kMode, int kWords>
__device__ __forceinline__ void convert(const std::uint32_t* codes, const std::uint32_t* more, std::uint32_t scales,
                                        std::uint32_t zeros, std::uint32_t* low, std::uint32_t* high) {
  if constexpr (kMode != Mode::exact) {
    const Fold low_fold = make_fold(scales & 0xffffU, kBits == 4 ? zeros & 15 : 128);
    const Fold high_fold = make_fold(scales >> 16, kBits == 4 ? zeros >> 4 : 128);
#pragma unroll
    for (int i = 0; i < kWords; ++i) {
      low[i] = kBits == 4 ? fold_nibbles(codes[i], low_fold) : fold_bytes(codes[i], low_fold);
      high[i] = kBits == 4 ? fold_nibbles(codes[i] >> 4, high_fold) : fold_bytes(more[i], high_fold);
    }
  } else if constexpr (kBits == 4) {
    const std::uint32_t low_zero = (zeros & 15) * 0x01010101U;
    const std::uint32_t high_zero = (zeros >> 4) * 0x01010101U;
#pragma unroll
    for (int i = 0; i < kWords; ++i) {
      low[i] = subtract_zero(codes[i], low_zero);
      high[i] = subtract_zero(codes[i] >> 4, high_zero);
    }
  } else {
#pragma unroll
    for (int i = 0; i < kWords; ++i) {
      low[i] = codes[i];
      high[i] = more[i];
    }
  }
}

// ---- Memory ----

/// Read once: kept out of the first-level cache.
__device__ __forceinline__ uint4 load_once(const void* address) {
  uint4 v;
  asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0,%1,%2,%3}, [%4];"
               : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w)
               : "l"(address));
  return v;
}
/// For copies of what is read once: the first to leave the second-level cache.
__device__ __forceinline__ std::uint64_t once_policy() {
  std::uint64_t policy;
  asm volatile("createpolicy.fractional.L2::evict_first.b64 %0, 1.0;" : "=l"(policy));
  return policy;
}
/// 16 bytes of shared memory.
__device__ __forceinline__ uint4 load_words(const std::uint8_t* from) {
  return *reinterpret_cast<const uint4*>(from);
}
__device__ __forceinline__ float read_as_float(const void* values, Type type, std::int64_t index) {
  if (type == Type::f32) return static_cast<const float*>(values)[index];
  if (type == Type::f16) return __half2float(static_cast<const __half*>(values)[index]);
  return __bfloat162float(static_cast<const __nv_bfloat16*>(values)[index]);
}
__device__ __forceinline__ void store_as(void* out, Type type, std::int64_t index, float value) {
  if (type == Type::f16) {
    static_cast<__half*>(out)[index] = __float2half_rn(value);
  } else if (type == Type::bf16) {
    static_cast<__nv_bfloat16*>(out)[index] = __float2bfloat16_rn(value);
  } else {
    static_cast<float*>(out)[index] = value;
  }
}

/// Where a CTA's rows go.
struct Target {
  std::int64_t row;
  float scale;
  float bias;
};
template <Mode kMode>
__device__ __forceinline__ Target target_of(const Product& p, int slot) {
  Target target{p.weights.rows[slot], 1.0F, 0.0F};
  if (target.row >= 0) {
    if constexpr (kMode != Mode::exact) target.scale = p.weights.row_scales[slot];
    if (p.bias != nullptr) target.bias = read_as_float(p.bias, p.bias_type, target.row);
  }
  return target;
}
/// One output from its sum over K (an int32's bits with kMode == folded_token). `token_scale` only matters there.
template <Mode kMode>
__device__ __forceinline__ float finish(float sum, const Target& target, float token_scale) {
  if constexpr (kMode == Mode::exact) return sum + target.bias;
  if constexpr (kMode == Mode::folded) return fmaf(sum, target.scale, target.bias);
  return fmaf(__int2float_rn(__float_as_int(sum)) * target.scale, token_scale, target.bias);
}
template <Mode kMode>
__device__ __forceinline__ float token_scale_of(const Product& p, int token) {
  return kMode == Mode::folded_token ? p.scales[token] : 1.0F;
}
template <Mode kMode>
__device__ __forceinline__ void store_output(const Product& p, const Target& target, int token, float sum) {
  if (target.row < 0) return;
  store_as(p.out, p.out_type, static_cast<std::int64_t>(token) * p.columns + target.row,
           finish<kMode>(sum, target, token_scale_of<kMode>(p, token)));
}
/// Sums of partial sums, in the order they are added.
template <Mode kMode>
__device__ __forceinline__ float add_partial(float sum, float part) {
  if constexpr (kMode == Mode::folded_token) return __int_as_float(__float_as_int(sum) + __float_as_int(part));
  return sum + part;
}

// ---- Kernels that follow one another ----

/// The next kernel may start its preparations.
__device__ __forceinline__ void let_next_start() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}
/// From here on everything earlier kernels wrote may be read. Weights may be read before.
__device__ __forceinline__ void wait_for_previous() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

/// Launches with the attributes of both kernels: overlap with the kernel before, and clusters along x.
template <class Kernel, class... Arguments>
cudaError_t launch(Kernel kernel, dim3 grid, int threads, std::size_t shared, int cluster, bool overlap,
                   cudaStream_t stream, const Arguments&... arguments) {
  cudaLaunchAttribute attributes[2];
  cudaLaunchConfig_t config{};
  config.gridDim = grid;
  config.blockDim = dim3(static_cast<unsigned>(threads));
  config.dynamicSmemBytes = shared;
  config.stream = stream;
  config.attrs = attributes;
  if (overlap) {
    attributes[config.numAttrs].id = cudaLaunchAttributeProgrammaticStreamSerialization;
    attributes[config.numAttrs].val.programmaticStreamSerializationAllowed = 1;
    ++config.numAttrs;
  }
  if (cluster > 1) {
    attributes[config.numAttrs].id = cudaLaunchAttributeClusterDimension;
    attributes[config.numAttrs].val.clusterDim.x = static_cast<unsigned>(cluster);
    attributes[config.numAttrs].val.clusterDim.y = 1;
    attributes[config.numAttrs].val.clusterDim.z = 1;
    ++config.numAttrs;
  }
  return cudaLaunchKernelEx(&config, kernel, arguments...);
}

}  // namespace salient::cuda::mixed

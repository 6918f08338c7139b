// SPDX-License-Identifier: Apache-2.0
// The product on Hopper's warpgroup instructions for up to 32 tokens of many rows.
//
// Yᵀ = W Xᵀ as in mixed_warpgroup.cu. There every tile of weights has the activations copied anew, at 32 tokens as many
// bytes as its 4-bit codes. Here a CTA, one on each multiprocessor, keeps all activations in shared memory and
// multiplies several tiles with them, which are dealt out by their bytes.
//
// In a CTA each of four warpgroups has tiles of its own and a ring of its own for their codes, which a warp of the
// first warpgroup fills (bulk copies), from before the kernel in front has ended on. A stage goes back as soon as its
// codes are in registers. Two blocks of 4-bit codes are a stage, and so is one of 8-bit codes.
#include "cuda/kernels/mixed_common.cuh"
#include "cuda/kernels/mixed_deal.h"
#include "cuda/kernels/mixed_hopper.cuh"
#include "cuda/kernels/mixed_warpgroup.cuh"

// For other architectures the kernel is empty, and what it is made of is not used.
#pragma nv_diag_suppress 177

namespace salient::cuda::mixed {
namespace {

constexpr int kTokens = 32;
constexpr int kSums = kTokens / 2;  ///< of a thread
constexpr int kSides = 4;           ///< warpgroups that multiply
constexpr int kThreads = (kSides + 1) * 128;

constexpr int kActivationBytes = kTokens * kBlock;  ///< of a block
constexpr int kMetaAt = 2 * kCodes4Bytes;           ///< in a stage, after its codes
constexpr int kStage = (kMetaAt + 2 * meta_bytes(4, 1) + 127) / 128 * 128;
constexpr int kMostStages = 8;
constexpr int kLimit = 227 * 1024;

/// Shared memory of a CTA: activations, rings, scales of tokens, barriers. Offsets in bytes.
struct Room {
  int stages;  ///< of a warpgroup's ring; fewer than two do not do
  int scales;
  int barriers;
  int bytes;
};
constexpr Room room_for(int blocks, int scale_stride) {
  const int scales = (blocks * scale_stride * 4 + 127) / 128 * 128;
  const int barriers = (2 * kSides * kMostStages + blocks + 1) * 8;
  const int fixed = 1024 + blocks * kActivationBytes + scales + barriers;  // with room to align
  Room room{};
  room.stages = (kLimit - fixed) / (kSides * kStage);
  if (room.stages > kMostStages) room.stages = kMostStages;
  room.scales = blocks * kActivationBytes + kSides * room.stages * kStage;
  room.barriers = room.scales + scales;
  room.bytes = fixed + kSides * room.stages * kStage;
  return room;
}

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)

struct Unit {
  bool wide;  ///< a tile of 8 bits
  int tile;
};

struct Position {
  int stage = 0;
  int parity = 0;
  __device__ void next(int stages) {
    if (++stage == stages) {
      stage = 0;
      parity ^= 1;
    }
  }
};

/// One stage's codes, zero points and scales, as they lie in it.
template <int kBits>
struct Fetched {
  static constexpr int kTogether = kBits == 4 ? 2 : 1;  ///< blocks
  RawBlock<kBits, 1> raw[kTogether];
  std::uint32_t row_scales[kTogether];
};

struct Kernel {
  const Product& p;
  const Room& room;
  std::uint8_t* memory;
  std::uint32_t shared;  ///< address of `memory`
  Deal tiles;            ///< to CTAs
  Deal units;            ///< this CTA's to warpgroups

  [[nodiscard]] __device__ std::uint32_t stage(int side, int index) const {
    return shared + p.weights.blocks * kActivationBytes + (side * room.stages + index) * kStage;
  }
  [[nodiscard]] __device__ std::uint32_t loaded(int side, int index) const {
    return shared + room.barriers + (side * kMostStages + index) * 16;
  }
  [[nodiscard]] __device__ std::uint32_t free(int side, int index) const { return loaded(side, index) + 8; }
  /// Of a block's activations; behind the last block, of all scales.
  [[nodiscard]] __device__ std::uint32_t activations_loaded(int block) const {
    return shared + room.barriers + kSides * kMostStages * 16 + block * 8;
  }
  [[nodiscard]] __device__ int count(int side) const { return units.count(side); }
  [[nodiscard]] __device__ Unit unit(int side, int index) const {
    const int cta = static_cast<int>(blockIdx.x);
    const int wide = units.count8(side);
    if (index < wide) return {true, p.weights.tiles4 + cta + (side + index * kSides) * tiles.hands};
    return {false, tiles.tile4(cta, units.tile4(side, index - wide))};
  }

  __device__ void prepare_barriers(int thread) const {
    for (int i = thread; i < kSides * room.stages; i += kThreads) {
      ptx::barrier_init(loaded(i / room.stages, i % room.stages), 1);
      ptx::barrier_init(free(i / room.stages, i % room.stages), 4);
    }
    for (int i = thread; i <= p.weights.blocks; i += kThreads)
      ptx::barrier_init(activations_loaded(i), 1);
    ptx::barrier_init_done();
  }

  // ---- Copies ----

  /// Codes, scales and zero points of a warpgroup's tiles. They need not wait for the kernel before.
  __device__ void load_weights(int side) const {
    const Weights& w = p.weights;
    Position at;
    for (int index = 0; index < count(side); ++index) {
      const Unit u = unit(side, index);
      const std::int64_t block = static_cast<std::int64_t>(u.wide ? u.tile - w.tiles4 : u.tile) * w.blocks;
      const std::uint32_t codes_size = u.wide ? kCodes8Bytes : kCodes4Bytes;
      const std::uint32_t meta_size = meta_bytes(u.wide ? 8 : 4, 1);
      const std::uint8_t* codes = (u.wide ? w.codes8 : w.codes4) + block * codes_size;
      const std::uint8_t* meta = (u.wide ? w.meta8 : w.meta4) + block * meta_size;
      for (int i = 0; i < w.blocks; at.next(room.stages)) {
        const int together = u.wide ? 1 : min(2, w.blocks - i);
        ptx::barrier_wait(free(side, at.stage), at.parity ^ 1);
        const std::uint32_t barrier = loaded(side, at.stage);
        ptx::barrier_expect(barrier, together * (codes_size + meta_size));
        ptx::copy(stage(side, at.stage), codes, together * codes_size, barrier);
        ptx::copy(stage(side, at.stage) + kMetaAt, meta, together * meta_size, barrier);
        codes += together * codes_size;
        meta += together * meta_size;
        i += together;
      }
    }
  }
  /// All activations, by one warp.
  __device__ void load_activations(int lane) const {
    const std::uint32_t bytes = p.tokens * kBlock;
    if (lane == 0) {
      const std::uint32_t size = p.weights.blocks * p.scale_stride * 4;
      const std::uint32_t barrier = activations_loaded(p.weights.blocks);
      ptx::barrier_expect(barrier, size);
      ptx::copy(shared + room.scales, p.scales, size, barrier);
    }
    for (int i = lane; i < p.weights.blocks; i += 32) {
      ptx::barrier_expect(activations_loaded(i), bytes);
      ptx::copy(shared + i * kActivationBytes, p.codes + static_cast<std::int64_t>(i) * bytes, bytes,
                activations_loaded(i));
    }
  }

  // ---- Products ----

  /// Takes the next stage out of the ring. What lies behind a tile's last block is of an earlier one.
  template <int kBits>
  __device__ void fetch(Position& at, int side, int warp, int lane, Fetched<kBits>& fetched) const {
    const std::uint8_t* base = memory + (stage(side, at.stage) - shared);
    ptx::barrier_wait(loaded(side, at.stage), at.parity);
#pragma unroll
    for (int i = 0; i < Fetched<kBits>::kTogether; ++i) {
      const std::uint8_t* meta = base + kMetaAt + i * meta_bytes(kBits, 1);
      fetch_block(base + i * kCodes4Bytes, meta, warp, lane, fetched.raw[i]);
      fetched.row_scales[i] = *reinterpret_cast<const std::uint32_t*>(meta + (warp * 8 + (lane >> 2)) * 4);
    }
    release_to_copies(free(side, at.stage), lane);
    at.next(room.stages);
  }
  __device__ void start(int (&d)[kSums], const std::uint32_t (&a)[16], int block) const {
    ptx::barrier_wait(activations_loaded(block), 0);
    multiply_steps<kTokens, 4>(d, a, ptx::describe(shared + block * kActivationBytes), 0);
  }
  __device__ void add(int (&d)[kSums], float (&out)[kSums], int block, std::uint32_t row_scales, int lane) const {
    const auto* scales = reinterpret_cast<const float*>(memory + room.scales) + block * p.scale_stride;
    add_scaled<kTokens>(d, out, scales, __half22float2(*reinterpret_cast<const __half2*>(&row_scales)), lane);
  }

  /// A tile of 4 bits; the two blocks of a stage are multiplied at the same time.
  __device__ void sum_narrow(Position& at, int side, int warp, int lane, float (&out)[kSums]) const {
    const int blocks = p.weights.blocks;
    int d[2][kSums] = {};
#pragma unroll 1
    for (int block = 0; block < blocks; block += 2) {
      Fetched<4> fetched;
      std::uint32_t even[16];
      std::uint32_t odd[16];
      fetch(at, side, warp, lane, fetched);
      prepare_block(fetched.raw[0], even);
      start(d[0], even, block);
      if (block + 1 < blocks) {
        prepare_block(fetched.raw[1], odd);
        start(d[1], odd, block + 1);
        ptx::products_wait<1>();
        add(d[0], out, block, fetched.row_scales[0], lane);
        ptx::products_wait<0>();
        add(d[1], out, block + 1, fetched.row_scales[1], lane);
        continue;
      }
      ptx::products_wait<0>();
      add(d[0], out, block, fetched.row_scales[0], lane);
    }
  }
  /// A tile of 8 bits, whose codes are operands as they come: they are fetched when the instruction has read the last.
  __device__ void sum_wide(Position& at, int side, int warp, int lane, float (&out)[kSums]) const {
    int d[kSums] = {};
#pragma unroll 1
    for (int block = 0; block < p.weights.blocks; ++block) {
      Fetched<8> fetched;
      std::uint32_t a[16];
      fetch(at, side, warp, lane, fetched);
      prepare_block(fetched.raw[0], a);
      start(d, a, block);
      ptx::products_wait<0>();
      add(d, out, block, fetched.row_scales[0], lane);
    }
  }

  __device__ void consume(int side, int thread) const {
    const int warp = __shfl_sync(0xffffffffU, thread / 32, 0);
    const int lane = thread % 32;
    wait_for_previous();
    if (side == 0 && warp == 0) load_activations(lane);
    __syncwarp();
    ptx::barrier_wait(activations_loaded(p.weights.blocks), 0);
    Position at;
    for (int index = 0; index < count(side); ++index) {
      const Unit u = unit(side, index);
      // Early, to have them when the sums are ready.
      const int slot = u.tile * kTileRows + warp * 16 + (lane >> 2);
      const Target low = target_of<Mode::exact>(p, slot), high = target_of<Mode::exact>(p, slot + 8);
      float out[kSums] = {};
      if (u.wide) {
        sum_wide(at, side, warp, lane, out);
      } else {
        sum_narrow(at, side, warp, lane, out);
      }
#pragma unroll
      for (int i = 0; i < kSums; ++i) {
        const int token = 8 * (i / 4) + 2 * (lane & 3) + i % 2;
        if (token < p.tokens) store_output<Mode::exact>(p, i % 4 < 2 ? low : high, token, out[i]);
      }
    }
  }
};

#endif

__global__ void __launch_bounds__(kThreads, 1)
    resident_kernel(const __grid_constant__ Product p, const __grid_constant__ Room room) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  extern __shared__ std::uint8_t unaligned[];
  const std::uint32_t start = ptx::shared_address(unaligned);
  const std::uint32_t aligned = (start + 1023U) & ~1023U;
  const Deal tiles{static_cast<int>(gridDim.x), p.weights.tiles8, p.weights.tiles4};
  const int cta = static_cast<int>(blockIdx.x);
  const Kernel kernel{p,       room,  unaligned + (aligned - start),
                      aligned, tiles, {kSides, tiles.count8(cta), tiles.count4(cta)}};
  const int thread = static_cast<int>(threadIdx.x);
  const int group = __shfl_sync(0xffffffffU, thread / 128, 0);
  kernel.prepare_barriers(thread);
  __syncthreads();
  let_next_start();
  if (group == 0) {
    ptx::give_registers<32>();
    if (thread % 32 == 0) kernel.load_weights(thread / 32);
  } else {
    ptx::take_registers<112>();
    kernel.consume(group - 1, thread % 128);
  }
#endif
}

}  // namespace

bool resident_fits(int tokens, int blocks) {
  return tokens <= kTokens && room_for(blocks, kTokens).stages >= 2;
}

std::vector<Plan> resident_plans() {
  return {{Plan::Kernel::resident, kSides * kTileRows, kTokens, 0, 0, 1}};
}

cudaError_t resident_product(const Product& product, bool overlap, int multiprocessors, cudaStream_t stream) {
  const Weights& w = product.weights;
  const int tiles = w.tiles4 + w.tiles8;
  if (!resident_fits(product.tokens, w.blocks) || w.groups_in_block != 1) return cudaErrorInvalidValue;
  const Room room = room_for(w.blocks, product.scale_stride);
  const cudaError_t status = cudaFuncSetAttribute(resident_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, kLimit);
  if (status != cudaSuccess) return status;
  return launch(resident_kernel, dim3(static_cast<unsigned>(tiles < multiprocessors ? tiles : multiprocessors)),
                kThreads, static_cast<std::size_t>(room.bytes), 1, overlap, stream, product, room);
}

}  // namespace salient::cuda::mixed

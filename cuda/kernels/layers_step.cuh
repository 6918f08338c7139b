// SPDX-License-Identifier: Apache-2.0
// How the kernel of layers_step.cu multiplies: weights stream through rings in shared memory, in the order in which the
// whole step needs them and as far ahead as the rings reach; activations wait in shared memory.
//
// A unit is a tile of 64 rows and one part of K. Its blocks go in turns to four quads of warps, each with a ring of its
// own; a warp of a quad has 16 of the rows. The quads' sums meet in shared memory, where the quad whose turn it is adds
// them while the others go on.
#pragma once

#include "cuda/kernels/layers_step.h"
#include "cuda/kernels/mixed_deal.h"
#include "cuda/kernels/mixed_hopper.cuh"
#include "cuda/kernels/mixed_stream.cuh"
#include "cuda/kernels/mixed_warpgroup.cuh"

namespace salient::cuda::kernels::step {

namespace ptx = mixed::ptx;
using mixed::kBlock;
using mixed::kTileRows;

constexpr int kQuads = 4;
constexpr int kConsumers = kQuads * 128;
constexpr int kThreads = kConsumers + 128;
constexpr int kWarps = kConsumers / 32;
constexpr int kMeta = mixed::kCodes8Bytes;  ///< of a slot, after its codes
constexpr int kSlot = kMeta + 384;          ///< two blocks of 4-bit codes, or one of 8 bit
constexpr int kMeta4 = mixed::meta_bytes(4, 1);
constexpr int kMeta8 = mixed::meta_bytes(8, 1);
/// Numbered barriers of a CTA: one for each of four units, one for all consumers.
constexpr int kFirstUnitBarrier = 1;
constexpr int kAllConsumers = 5;

/// The units of a CTA in one product: of a part of K, the tiles that it is dealt among all CTAs of that part.
///
/// Made for all products at the start and kept in shared memory: divisions are slow, and many instructions.
struct alignas(16) Walk {
  std::uint16_t part;
  std::uint16_t first_block;
  std::uint16_t blocks;
  std::uint16_t index;    ///< among the CTAs of this part
  std::uint16_t members;  ///< their number
  std::uint16_t odd;      ///< those with one tile of 8 bit more than the others
  std::uint16_t wide;     ///< tiles of 8 bit of this CTA
  std::uint16_t narrow;   ///< and of 4 bit

  __device__ Walk(const StepMatrix& w, int parts, int all_blocks) {
    const int grid = static_cast<int>(gridDim.x);
    int at = static_cast<int>(blockIdx.x) - w.first;
    if (at < 0) at += grid;
    const int own = at % parts;
    const int all = (grid - own + parts - 1) / parts;
    const int from = all_blocks * own / parts;
    part = static_cast<std::uint16_t>(own);
    index = static_cast<std::uint16_t>(at / parts);
    members = static_cast<std::uint16_t>(all);
    first_block = static_cast<std::uint16_t>(from);
    blocks = static_cast<std::uint16_t>(all_blocks * (own + 1) / parts - from);
    odd = static_cast<std::uint16_t>(w.tiles8 % all);
    const mixed::Deal deal{all, w.tiles8, w.tiles4};
    wide = static_cast<std::uint16_t>(deal.count8(index));
    narrow = static_cast<std::uint16_t>(deal.count4(index));
  }
  [[nodiscard]] __device__ int units() const { return wide + narrow; }
  /// Number `k`, in its class.
  [[nodiscard]] __device__ int tile(int k) const {
    return k < wide ? index + k * members : mixed::Deal::tile4(members, odd, index, k - wide);
  }
};

/// A place in the ring of a quad: the slot's address in shared memory, and that of its barriers.
struct Place {
  std::uint32_t slot;
  std::uint32_t loaded;
  int parity = 0;
  std::uint32_t end;  ///< of the slots

  __device__ Place(const StepRoom& room, std::uint32_t memory, int quad)
      : slot(memory + static_cast<std::uint32_t>(quad * room.slots * kSlot)),
        loaded(memory + static_cast<std::uint32_t>(room.barriers + quad * room.slots * 16)),
        end(slot + static_cast<std::uint32_t>(room.slots * kSlot)) {}
  [[nodiscard]] __device__ std::uint32_t free() const { return loaded + 8; }
  __device__ void next(int slots) {
    slot += kSlot;
    loaded += 16;
    if (slot == end) {
      slot -= static_cast<std::uint32_t>(slots * kSlot);
      loaded -= static_cast<std::uint32_t>(slots * 16);
      parity ^= 1;
    }
  }
};

/// Slots of a unit.
__device__ __forceinline__ int slots_of(const Walk& walk, bool wide) {
  return wide ? walk.blocks : (walk.blocks + 1) / 2;
}

/// By one thread of each quad: everything that quad multiplies with in the whole step. It has few instructions, because
/// fetching them is what the others wait for too.
__device__ inline void produce(const LayersStep& p, const std::array<int, kStepLinears>& all_blocks,
                               std::uint8_t* memory, int quad) {
  const auto* walks = reinterpret_cast<const Walk*>(memory + p.room.walks);
  const std::uint64_t once = mixed::once_policy();
  Place at(p.room, ptx::shared_address(memory), quad);
  std::uint32_t before = 0;  // the barrier of the copy before
  int before_parity = 0;
  int turn = 0;
#pragma unroll 1
  for (int product = 0; product < kStepLinears * p.layers; ++product) {
    const StepMatrix& w = p.layer[product / kStepLinears].linears[product % kStepLinears];
    const int all = all_blocks[product % kStepLinears];
    const Walk walk = walks[product];
    const int units = walk.units();
#pragma unroll 1
    for (int k = 0; k < units; ++k) {
      const bool wide = k < walk.wide;
      const int tile = walk.tile(k);
      const int count = slots_of(walk, wide);
      const int first = (quad - turn) & 3;
      turn = (turn + count) & 3;
      const int per_slot = wide ? 1 : 2;
      const int meta_size = wide ? kMeta8 : 2 * kMeta4;
      const std::int64_t block = static_cast<std::int64_t>(tile) * all + walk.first_block + first * per_slot;
      const std::uint8_t* codes =
          wide ? w.codes8 + block * mixed::kCodes8Bytes : w.codes4 + block * mixed::kCodes4Bytes;
      const std::uint8_t* meta = wide ? w.meta8 + block * kMeta8 : w.meta4 + block * kMeta4;
      int left = wide ? 2 * walk.blocks : walk.blocks - 2 * first;  // narrow blocks from here on
      if (quad < 2) {  // whoever stores the unit's sums asks where its rows go
        const std::int32_t* rows = w.rows + (wide ? w.tiles4 + tile : tile) * kTileRows + quad * 32;
        asm volatile("prefetch.global.L2 [%0];" ::"l"(rows));
      }
#pragma unroll 1
      for (int i = first; i < count; i += kQuads) {
        ptx::barrier_wait(at.free(), at.parity ^ 1);
        // What waits in memory's queues makes all other accesses wait as well: one copy is under way at a time.
        if (before != 0) ptx::barrier_wait(before, before_parity);
        before = at.loaded;
        before_parity = at.parity;
        const bool half = left == 1;
        const std::uint32_t size = half ? mixed::kCodes4Bytes : mixed::kCodes8Bytes;
        const auto size_of_meta = static_cast<std::uint32_t>(half ? kMeta4 : meta_size);
        ptx::barrier_expect(at.loaded, size + size_of_meta);
        ptx::copy_once(at.slot, codes, size, at.loaded, once);
        ptx::copy_once(at.slot + kMeta, meta, size_of_meta, at.loaded, once);
        codes += kQuads * mixed::kCodes8Bytes;
        meta += kQuads * meta_size;
        left -= 2 * kQuads;
        at.next(p.room.slots);
      }
    }
  }
}

/// A consumer thread's view of its CTA, and of the meetings with others.
struct Cta {
  const LayersStep& p;
  std::uint8_t* memory;
  int thread;
  int lane;
  int warp;
  unsigned meetings = 0;

  __device__ Cta(const LayersStep& step, std::uint8_t* shared)
      : p(step), memory(shared), thread(static_cast<int>(threadIdx.x)), lane(thread & 31), warp(thread >> 5) {}

  [[nodiscard]] __device__ std::uint8_t* codes() const { return memory + p.room.codes; }
  [[nodiscard]] __device__ float* scales() const { return reinterpret_cast<float*>(memory + p.room.scales); }
  [[nodiscard]] __device__ int* totals() const { return reinterpret_cast<int*>(memory + p.room.totals); }

  __device__ void meet() const { ptx::meet(kAllConsumers, kConsumers); }
  /// What this CTA has written may be read by those that wait.
  __device__ void arrive() {
    meet();
    if (thread == 0) asm volatile("red.release.gpu.global.add.u32 [%0], 1;" ::"l"(p.arrivals) : "memory");
    ++meetings;
  }
  /// Until all CTAs have arrived as often as this one.
  __device__ void await() const {
    if (thread == 0) {
      const unsigned wanted = meetings * gridDim.x;
      unsigned seen;
      do {
        asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(seen) : "l"(p.arrivals) : "memory");
      } while (seen < wanted);
    }
    meet();
  }
};

/// The same for products.
struct Consumer : Cta {
  int quad;
  int strip;
  Place at;
  int turn = 0;
  int units = 0;

  __device__ Consumer(const LayersStep& step, std::uint8_t* shared)
      : Cta(step, shared), quad(warp >> 2), strip(warp & 3), at(step.room, ptx::shared_address(shared), warp >> 2) {}

  /// Adds the products of this quad's next slot, whose first block is block `block` of the activations. `blocks`: of 4
  /// bit, one or two. The sums of rows r and r + 8 come to lie in the lanes 4r.
  ///
  /// 4 bit: Σ (q − z)·a = Σ q·a − z·Σ a. The high nibbles stay where they are: their products are 16 times as large,
  /// which their scale takes back.
  __device__ __forceinline__ void add_slot(bool wide, int block, int blocks, float (&sum)[2]) {
    constexpr std::uint32_t kLow = 0x0f0f0f0fU, kHigh = 0xf0f0f0f0U;
    const int pair = strip * 8 + (lane >> 2);
    const std::uint8_t* from = memory + (at.slot - ptx::shared_address(memory));
    const std::uint8_t* place = from + strip * (wide ? 2048 : 1024) + lane * 16;
    const int step = wide ? 1024 : mixed::kCodes4Bytes;
    const std::uint8_t* meta = from + kMeta;
    ptx::barrier_wait(at.loaded, at.parity);
    // 4 bit: the halves of the columns of two blocks; 8 bit: rows r and r + 8 of the halves of one.
    uint4 v[2], w[2];
    __half2 scale[2];
    int zeros[2];
#pragma unroll
    for (int n = 0; n < 2; ++n) {
      v[n] = mixed::load_words(place + n * step);
      w[n] = mixed::load_words(place + n * step + 512);
      scale[n] = reinterpret_cast<const __half2*>(meta + n * kMeta4)[pair];
      zeros[n] = meta[n * kMeta4 + mixed::kScaleBytes + pair];
    }
    mixed::release_to_copies(at.free(), lane);
    at.next(p.room.slots);
    // Every column of the right factor is the same token: the first one counts.
    const std::uint8_t* const activations = codes() + block * kBlock + (lane & 3) * 16;
#pragma unroll
    for (int n = 0; n < 2; ++n) {
      if (n == blocks) break;
      int d[4] = {0, 0, 0, 0}, e[4] = {0, 0, 0, 0};
      const uint4 b = mixed::load_words(activations + n * kBlock), c = mixed::load_words(activations + n * kBlock + 64);
      float2 row = __half22float2(scale[n]);
      if (wide) {
        mixed::mma(d, v[0].x, w[0].x, v[0].y, w[0].y, b.x, b.y);
        mixed::mma(e, v[1].x, w[1].x, v[1].y, w[1].y, c.x, c.y);
        mixed::mma(d, v[0].z, w[0].z, v[0].w, w[0].w, b.z, b.w);
        mixed::mma(e, v[1].z, w[1].z, v[1].w, w[1].w, c.z, c.w);
      } else {
        mixed::mma_unsigned(d, v[n].x & kLow, v[n].x & kHigh, v[n].y & kLow, v[n].y & kHigh, b.x, b.y);
        mixed::mma_unsigned(e, w[n].x & kLow, w[n].x & kHigh, w[n].y & kLow, w[n].y & kHigh, c.x, c.y);
        mixed::mma_unsigned(d, v[n].z & kLow, v[n].z & kHigh, v[n].w & kLow, v[n].w & kHigh, b.z, b.w);
        mixed::mma_unsigned(e, w[n].z & kLow, w[n].z & kHigh, w[n].w & kLow, w[n].w & kHigh, c.z, c.w);
        const int total = totals()[block + n];
        d[0] -= (zeros[n] & 0x0f) * total;
        d[2] -= (zeros[n] & 0xf0) * total;
        row.y *= 0x1p-4F;
      }
      const float token = scales()[block + n];
      sum[0] = fmaf(__int2float_rn(d[0] + e[0]) * row.x, token, sum[0]);
      sum[1] = fmaf(__int2float_rn(d[2] + e[2]) * row.y, token, sum[1]);
      if (wide) break;
    }
  }

  /// out [parts, outputs] = this CTA's units of W times the activations in shared memory, whose first block is
  /// `origin` of K.
  __device__ __forceinline__ void multiply(const StepMatrix& w, const Walk& walk, int origin, int outputs, float* out) {
    const int first = walk.first_block - origin;
    const int all = walk.units();
#pragma unroll 1
    for (int k = 0; k < all; ++k, ++units) {
      const bool wide = k < walk.wide;
      const int buffer = units & 3;
      int row = -1;  // asked for here, needed in the end
      if (quad == buffer && lane < 16) {
        row = __ldg(w.rows + (walk.tile(k) + (wide ? w.tiles4 : 0)) * kTileRows + strip * 16 + lane);
      }
      float sum[2] = {};
      const int count = slots_of(walk, wide);
#pragma unroll 1
      for (int i = (quad - turn) & 3; i < count; i += kQuads) {
        const int block = wide ? i : 2 * i;
        add_slot(wide, first + block, min(walk.blocks - block, 2), sum);
      }
      turn = (turn + count) & 3;
      float* const sums = reinterpret_cast<float*>(memory + p.room.sums) + buffer * kQuads * kTileRows + strip * 16;
      if ((lane & 3) == 0) {
        sums[quad * kTileRows + (lane >> 2)] = sum[0];
        sums[quad * kTileRows + (lane >> 2) + 8] = sum[1];
      }
      if (quad != buffer) {
        ptx::meet_later(kFirstUnitBarrier + buffer, kConsumers);
        continue;
      }
      ptx::meet(kFirstUnitBarrier + buffer, kConsumers);
      if (row < 0) continue;
      float value = sums[lane] + sums[kTileRows + lane] + sums[2 * kTileRows + lane] + sums[3 * kTileRows + lane];
      if (w.bias != nullptr && walk.part == 0) value += mixed::read_as_float(w.bias, p.bias_type, row);
      out[walk.part * outputs + row] = value;
    }
  }
};

}  // namespace salient::cuda::kernels::step

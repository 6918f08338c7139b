// SPDX-License-Identifier: Apache-2.0
// The product on Hopper's warpgroup instructions, for more tokens than a few.
//
// Yᵀ = W Xᵀ: 64 rows of weights on the instruction's M side, from registers; tokens on its N side, from shared memory.
// A CTA is three warpgroups. The first one copies codes, scales and activations into a ring of stages (bulk copies).
// The other two turn codes into int8 in registers, multiply and scale; what the next stage needs is prepared while the
// tensor cores work on this one. They either take a tile each, or share one tile's K block by block and add their sums
// in the end. CTAs stay and walk over (rows, tokens); where these are few, a cluster shares K as well and adds its
// parts through distributed shared memory (of one tile: mixed_warpgroup_parts.cuh). Every sum has a fixed order.
#include <algorithm>
#include <type_traits>

#include "cuda/kernels/mixed_common.cuh"
#include "cuda/kernels/mixed_hopper.cuh"
#include "cuda/kernels/mixed_warpgroup.cuh"
#include "cuda/kernels/mixed_warpgroup_parts.cuh"

// For other architectures the kernels are empty, and what they are made of is not used.
#pragma nv_diag_suppress 177

namespace salient::cuda::mixed {
namespace {

constexpr int kThreads = 384;
constexpr int kConsumers = 256;
constexpr int kTokenTilesInColumn = 16;  ///< token tiles that are walked together, for the second-level cache

/// Shared memory of a CTA of `kTiles` tiles; `kResident` CTAs share a multiprocessor. kShared: a cluster shares K.
template <int kTokens, int kTiles, int kResident, int kGroups, bool kShared>
struct Layout {
  static constexpr int kActivations = kTiles * kCodes8Bytes;  ///< after the codes
  static constexpr int kMeta = kActivations + kTokens * kBlock;
  static constexpr int kMetaBytes = meta_bytes(4, kGroups);
  static constexpr int kScales = kMeta + kTiles * kMetaBytes;
  static constexpr int kStage = (kScales + kGroups * kTokens * 4 + 1023) / 1024 * 1024;
  static constexpr int kPitch = kTileRows + 4;  ///< of sums; tokens 2q apart fall into different banks
  /// Two tiles: outputs of 32 tokens, twice for each warpgroup, their rows apart by other banks. One tile: the sums of
  /// both warpgroups, or the parts of a cluster.
  static constexpr int kStagingTokens = 32;
  static constexpr int kStagingPitch = kTileRows * 2 + 16;  ///< bytes
  static constexpr int kStagingBuffer = kStagingTokens * kStagingPitch;
  static constexpr int kOfOneTile = kShared ? TileParts<kTokens>::kBytes : kTokens * kPitch * 4;
  static constexpr int kStaging = kTiles == 2 ? 4 * kStagingBuffer : kOfOneTile;
  static constexpr int kLimit = kResident == 1 ? 227 * 1024 : 113 * 1024;
  static constexpr int kFixed = kStaging + 1024 + 256;  ///< with room to align, and barriers
  static constexpr int kRoom = (kLimit - kFixed) / kStage < 12 ? (kLimit - kFixed) / kStage : 12;
  /// Where two warpgroups take turns, a stage always belongs to the same one: an even number. Else one of them could
  /// take the other's turn with a stage for its own, whose barrier looks the same.
  static constexpr int kStages = kTiles == 1 ? kRoom / 2 * 2 : kRoom;
  static constexpr int kStagingAt = kStages * kStage;
  static constexpr int kBarriersAt = kStagingAt + kStaging;
  static constexpr int kBytes = kFixed + kStages * kStage;
  static constexpr int kExchangePitch = kTiles * kTileRows + 4;
  static constexpr int kProducerRegisters = kResident == 1 ? 40 : 32;
  static constexpr int kConsumerRegisters = kResident == 1 ? 232 : 104;
  static_assert(kStages >= 3);
};

/// What a CTA does at a time: some tokens of one or two tiles.
struct Unit {
  int tile;
  int first_token;
};

/// The units of all CTAs, and the part of K that this one takes.
struct Walk {
  int tile_sets;
  int token_tiles;
  int units;
  int splits;
  int rank;
  int first_block;
  int block_count;

  template <int kTokens, int kTiles>
  __device__ static Walk make(const Product& p, int splits) {
    Walk walk{};
    walk.tile_sets = (p.weights.tiles4 + p.weights.tiles8 + kTiles - 1) / kTiles;
    walk.token_tiles = (p.tokens + kTokens - 1) / kTokens;
    walk.units = walk.tile_sets * walk.token_tiles;
    walk.splits = splits;
    walk.rank = static_cast<int>(blockIdx.x) % splits;
    walk.first_block = p.weights.blocks * walk.rank / splits;
    walk.block_count = p.weights.blocks * (walk.rank + 1) / splits - walk.first_block;
    return walk;
  }
  [[nodiscard]] __device__ int first() const { return static_cast<int>(blockIdx.x) / splits; }
  [[nodiscard]] __device__ int step() const { return static_cast<int>(gridDim.x) / splits; }
  template <int kTokens, int kTiles>
  [[nodiscard]] __device__ Unit unit(int index) const {
    const int column = index / (tile_sets * kTokenTilesInColumn);
    const int within = index - column * tile_sets * kTokenTilesInColumn;
    const int width = min(kTokenTilesInColumn, token_tiles - column * kTokenTilesInColumn);
    return {within / width * kTiles, (column * kTokenTilesInColumn + within % width) * kTokens};
  }
};

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)

template <int kTokens, int kTiles, int kResident, int kGroups, bool kShared>
struct Kernel {
  using L = Layout<kTokens, kTiles, kResident, kGroups, kShared>;
  static constexpr bool kSends = kShared && kTiles == 1;  ///< parts, to the CTA that adds them
  using Position = Ring<L::kStages>;
  static constexpr int kSums = kTokens / 2;  ///< of a thread

  const Product& p;
  const Walk& walk;
  std::uint32_t stages;    ///< shared address of the ring
  std::uint32_t barriers;  ///< of its stages: loaded, free; 8 bytes each
  std::uint64_t operand;   ///< the first stage's activations, as the instruction takes them
  std::uint8_t* memory;    ///< generic address of `stages`
  float* staging;

  [[nodiscard]] __device__ std::uint32_t loaded(int stage) const { return barriers + stage * 16; }
  [[nodiscard]] __device__ std::uint32_t free(int stage) const { return barriers + stage * 16 + 8; }
  [[nodiscard]] __device__ int tiles() const { return p.weights.tiles4 + p.weights.tiles8; }

  // ---- The first warpgroup ----

  __device__ void await_room(const Position& at) const {
    if constexpr (kTiles == 2) {
      ptx::barrier_sleep(free(at.stage), at.parity ^ 1);
    } else {
      ptx::barrier_wait(free(at.stage), at.parity ^ 1);
    }
  }

  /// Codes, scales and zero points of one tile. They need not wait for the kernel before.
  __device__ void load_tile(int side) const {
    const Weights& w = p.weights;
    Position at;
    for (int index = walk.first(); index < walk.units; index += walk.step()) {
      const int tile = walk.template unit<kTokens, kTiles>(index).tile + side;
      const bool narrow = tile < w.tiles4;
      const std::int64_t block =
          static_cast<std::int64_t>(narrow ? tile : tile - w.tiles4) * w.blocks + walk.first_block;
      const std::uint32_t codes_size = narrow ? kCodes4Bytes : kCodes8Bytes;
      const std::uint32_t meta_size = meta_bytes(narrow ? 4 : 8, kGroups);
      const std::uint8_t* codes = (narrow ? w.codes4 : w.codes8) + block * codes_size;
      const std::uint8_t* meta = (narrow ? w.meta4 : w.meta8) + block * meta_size;
      const bool exists = tile < tiles();
      for (int i = 0; i < walk.block_count; ++i, at.next()) {
        await_room(at);
        if (!exists) {
          ptx::barrier_arrive(loaded(at.stage));
          continue;
        }
        const std::uint32_t base = stages + at.stage * L::kStage;
        ptx::barrier_expect(loaded(at.stage), codes_size + meta_size);
        ptx::copy(base + side * kCodes8Bytes, codes, codes_size, loaded(at.stage));
        ptx::copy(base + L::kMeta + side * L::kMetaBytes, meta, meta_size, loaded(at.stage));
        codes += codes_size;
        meta += meta_size;
      }
    }
  }
  __device__ void load_activations() const {
    wait_for_previous();
    Position at;
    for (int index = walk.first(); index < walk.units; index += walk.step()) {
      const int first = walk.template unit<kTokens, kTiles>(index).first_token;
      const auto bytes = static_cast<std::uint32_t>(min(kTokens, p.tokens - first) * kBlock);
      const std::int8_t* codes = p.codes + (static_cast<std::int64_t>(walk.first_block) * p.tokens + first) * kBlock;
      for (int i = 0; i < walk.block_count; ++i, at.next()) {
        await_room(at);
        ptx::barrier_expect(loaded(at.stage), bytes);
        ptx::copy(stages + at.stage * L::kStage + L::kActivations, codes, bytes, loaded(at.stage));
        codes += static_cast<std::int64_t>(p.tokens) * kBlock;
      }
    }
  }
  __device__ void load_scales() const {
    wait_for_previous();
    Position at;
    for (int index = walk.first(); index < walk.units; index += walk.step()) {
      const int first = walk.template unit<kTokens, kTiles>(index).first_token;
      const auto bytes = static_cast<std::uint32_t>((min(kTokens, p.tokens - first) + 3) / 4 * 16);
      const float* scales = p.scales + static_cast<std::int64_t>(walk.first_block * kGroups) * p.scale_stride + first;
      for (int i = 0; i < walk.block_count; ++i, at.next()) {
        await_room(at);
        ptx::barrier_expect(loaded(at.stage), kGroups * bytes);
#pragma unroll
        for (int g = 0; g < kGroups; ++g) {
          ptx::copy(stages + at.stage * L::kStage + L::kScales + g * kTokens * 4, scales, bytes, loaded(at.stage));
          scales += p.scale_stride;
        }
      }
    }
  }
  static constexpr int kLoaders = kTiles + 2;
  /// One thread of each warp copies its part of every stage.
  __device__ void produce(int warp) const {
    if (warp < kTiles) {
      load_tile(warp);
    } else if (warp == kTiles) {
      load_activations();
    } else if (warp == kTiles + 1) {
      load_scales();
    }
  }

  // ---- The other two ----

  static constexpr int kStride = kTiles == 1 ? 2 : 1;  ///< a warpgroup takes every stage, or every other one

  template <int kBits>
  using Raw = RawBlock<kBits, kGroups>;
  template <int kBits>
  __device__ void fetch(int stage, int side, int warp, int lane, Raw<kBits>& raw) const {
    const std::uint8_t* base = memory + stage * L::kStage;
    const int tile = kTiles == 2 ? side : 0;
    fetch_block(base + tile * kCodes8Bytes, base + L::kMeta + tile * L::kMetaBytes, warp, lane, raw);
  }

  /// Starts the products of k-steps [first, first + kCount) of a stage.
  template <int kCount>
  __device__ void multiply(int (&d)[kSums], const std::uint32_t (&a)[16], int stage, int first) const {
    multiply_steps<kTokens, kCount>(d, a, operand + static_cast<std::uint32_t>(stage * (L::kStage >> 4)), first);
  }
  /// Adds a group's scaled sums.
  __device__ void scale(int (&d)[kSums], float (&out)[kSums], int stage, int g, int side, int warp, int lane) const {
    const std::uint8_t* base = memory + stage * L::kStage;
    const std::uint8_t* meta = base + L::kMeta + (kTiles == 2 ? side : 0) * L::kMetaBytes;
    add_scaled<kTokens>(d, out, reinterpret_cast<const float*>(base + L::kScales) + g * kTokens, meta + g * kScaleBytes,
                        warp, lane);
  }
  __device__ void release(int stage, int lane) const {
    release_to_copies(free(stage), lane);
  }
  __device__ void await(const Position& at) const {
    ptx::barrier_wait(loaded(at.stage), at.parity);
  }

  /// Where the ring is long enough, a block's codes are read a block before they are needed.
  static constexpr bool kEarly = kTiles == 2 && L::kStages >= 6;
  /// A warpgroup's way through its blocks: while one is multiplied, the next one becomes operands.
  template <int kBits>
  struct Blocks {
    Position multiplied;
    Position read;
    int left;  ///< blocks not yet read
    Raw<kBits> raw;
  };
  template <int kBits>
  __device__ void fetch_next(Blocks<kBits>& blocks, int side, int warp, int lane) const {
    if (blocks.left <= 0) return;
    await(blocks.read);
    fetch<kBits>(blocks.read.stage, side, warp, lane, blocks.raw);
    blocks.read.advance(kStride);
    --blocks.left;
  }
  template <int kBits>
  __device__ void prepare_next(Blocks<kBits>& blocks, int side, int warp, int lane, std::uint32_t (&next)[16]) const {
    if constexpr (kEarly) {
      // A condition nobody can foresee keeps this work in front of the wait that follows.
      if (p.tokens > 0) prepare_block(blocks.raw, next);
    } else if (blocks.left > 0) {
      fetch_next<kBits>(blocks, side, warp, lane);
      prepare_block(blocks.raw, next);
    }
  }
  /// One block whose weights are in `a`; the next one's go to `next`, which may be nobody's.
  template <int kBits>
  __device__ void step(Blocks<kBits>& blocks, int side, int warp, int lane, const std::uint32_t (&a)[16],
                       std::uint32_t (&next)[16], int (&d)[kSums], float (&out)[kSums]) const {
    const int stage = blocks.multiplied.stage;
    blocks.multiplied.advance(kStride);
    constexpr int kSteps = 4 / kGroups;
    multiply<kSteps>(d, a, stage, 0);
    prepare_next<kBits>(blocks, side, warp, lane, next);
    ptx::products_wait<0>();
    if constexpr (kEarly) fetch_next<kBits>(blocks, side, warp, lane);
    scale(d, out, stage, 0, side, warp, lane);
#pragma unroll
    for (int g = 1; g < kGroups; ++g) {
      multiply<kSteps>(d, a, stage, g * kSteps);
      ptx::products_wait<0>();
      scale(d, out, stage, g, side, warp, lane);
    }
    release(stage, lane);
  }
  /// One block after the other: four warpgroups share a multiprocessor and fill each other's waits.
  template <int kBits>
  __device__ void sum_simply(Position at, int count, int side, int warp, int lane, std::uint32_t (&a)[16],
                             int (&d)[kSums], float (&out)[kSums]) const {
    Raw<kBits> raw;
    for (int i = 0; i < count; ++i, at.advance(kStride)) {
      await(at);
      fetch<kBits>(at.stage, side, warp, lane, raw);
      prepare_block(raw, a);
      constexpr int kSteps = 4 / kGroups;
#pragma unroll
      for (int g = 0; g < kGroups; ++g) {
        multiply<kSteps>(d, a, at.stage, g * kSteps);
        ptx::products_wait<0>();
        scale(d, out, at.stage, g, side, warp, lane);
      }
      release(at.stage, lane);
    }
  }

  /// This warpgroup's share of a unit's blocks: `count` from `at` on.
  template <int kBits>
  __device__ void sum_blocks(const Position& at, int count, int side, int warp, int lane, float (&out)[kSums]) const {
    std::uint32_t even[16];
    std::uint32_t odd[16];
    int d[kSums];
#pragma unroll
    for (int i = 0; i < kSums; ++i) {
      d[i] = 0;
      out[i] = 0;
    }
    if (count <= 0) return;
    if constexpr (kTiles == 1) {
      sum_simply<kBits>(at, count, side, warp, lane, even, d, out);
      return;
    }
    Blocks<kBits> blocks{at, at, count, {}};
    fetch_next<kBits>(blocks, side, warp, lane);
    prepare_block(blocks.raw, even);
    if constexpr (kEarly) fetch_next<kBits>(blocks, side, warp, lane);
    int i = 0;
    for (; i + 1 < count; i += 2) {
      step<kBits>(blocks, side, warp, lane, even, odd, d, out);
      step<kBits>(blocks, side, warp, lane, odd, even, d, out);
    }
    if (i < count) step<kBits>(blocks, side, warp, lane, even, odd, d, out);
  }

  template <class T>
  __device__ static std::uint32_t pack_pair(float first, float second) {
    if constexpr (std::is_same_v<T, __half>) {
      const __half2 pair = __floats2half2_rn(first, second);
      return *reinterpret_cast<const std::uint32_t*>(&pair);
    } else {
      const __nv_bfloat162 pair = __floats2bfloat162_rn(first, second);
      return *reinterpret_cast<const std::uint32_t*>(&pair);
    }
  }

  /// A tile's outputs to their rows' places, 32 tokens at a time through shared memory, so that stores run along the
  /// rows.
  template <class T, bool kWhole>
  __device__ void store_tile(const Unit& unit, int side, int warp, int lane, const float (&out)[kSums]) const {
    const int slot = (unit.tile + side) * kTileRows;
    const int tokens = p.tokens - unit.first_token;
    const Target own[2] = {target_of<Mode::exact>(p, slot + warp * 16 + (lane >> 2)),
                           target_of<Mode::exact>(p, slot + warp * 16 + (lane >> 2) + 8)};
    const std::int32_t rows[2] = {p.weights.rows[slot + lane], p.weights.rows[slot + lane + 32]};
    std::uint8_t* const buffers = reinterpret_cast<std::uint8_t*>(staging) + side * 2 * L::kStagingBuffer;
    // Matrix 2i + j of a store: rows 8j of the strip, tokens 8i.
    const std::uint32_t place = ptx::shared_address(buffers) + ((lane >> 4) * 8 + (lane & 7)) * L::kStagingPitch +
                                warp * 32 + (lane >> 3 & 1) * 16;
    T* start = static_cast<T*>(p.out) + static_cast<std::int64_t>(unit.first_token + warp) * p.columns;
    T* low = start + rows[0];
    T* high = start + rows[1];
    const std::int64_t step = 4 * static_cast<std::int64_t>(p.columns);
#pragma unroll
    for (int chunk = 0; chunk < kTokens / L::kStagingTokens; ++chunk) {
      if (!kWhole && chunk * L::kStagingTokens >= tokens) break;
#pragma unroll
      for (int n = 0; n < 4; n += 2) {
        std::uint32_t packed[4];
#pragma unroll
        for (int i = 0; i < 4; ++i) {
          const int first = (chunk * 4 + n + i / 2) * 4 + i % 2 * 2;
          packed[i] = pack_pair<T>(out[first] + own[i % 2].bias, out[first + 1] + own[i % 2].bias);
        }
        ptx::store_transposed(place + chunk % 2 * L::kStagingBuffer + n * 8 * L::kStagingPitch, packed[0], packed[1],
                              packed[2], packed[3]);
      }
      ptx::meet(2 + side, 128);
      const auto* from =
          reinterpret_cast<const T*>(buffers + chunk % 2 * L::kStagingBuffer + warp * L::kStagingPitch) + lane;
#pragma unroll
      for (int i = 0; i < L::kStagingTokens / 4; ++i) {
        const bool inside = kWhole || chunk * L::kStagingTokens + warp + 4 * i < tokens;
        if (inside && rows[0] >= 0) *low = from[i * 4 * (L::kStagingPitch / 2)];
        if (inside && rows[1] >= 0) *high = from[i * 4 * (L::kStagingPitch / 2) + 32];
        low += step;
        high += step;
      }
    }
    ptx::meet(2 + side, 128);
  }
  template <class T>
  __device__ void store_tile(const Unit& unit, int side, int warp, int lane, const float (&out)[kSums]) const {
    if (unit.first_token + kTokens <= p.tokens) {
      store_tile<T, true>(unit, side, warp, lane, out);
    } else {
      store_tile<T, false>(unit, side, warp, lane, out);
    }
  }
  /// The same for fp32, which nobody is in a hurry for.
  __device__ void store_tile_f32(const Unit& unit, int side, int warp, int lane, const float (&out)[kSums]) const {
#pragma unroll
    for (int upper = 0; upper < 2; ++upper) {
      const Target target =
          target_of<Mode::exact>(p, (unit.tile + side) * kTileRows + warp * 16 + (lane >> 2) + upper * 8);
#pragma unroll
      for (int i = 0; i < kSums / 2; ++i) {
        const int token = unit.first_token + i / 2 * 8 + 2 * (lane & 3) + i % 2;
        if (token < p.tokens) store_output<Mode::exact>(p, target, token, out[i / 2 * 4 + upper * 2 + i % 2]);
      }
    }
  }

  /// The sums of both warpgroups over one tile, in `staging`.
  __device__ void join_halves(int side, int warp, int lane, const float (&out)[kSums]) const {
    if (side == 1) {
#pragma unroll
      for (int i = 0; i < kSums; ++i)
        staging[place_of_sum(i, warp, lane, L::kPitch)] = out[i];
    }
    ptx::meet(4, kConsumers);
    if (side == 0) {
#pragma unroll
      for (int i = 0; i < kSums; ++i) {
        float* at = staging + place_of_sum(i, warp, lane, L::kPitch);
        *at += out[i];
      }
    }
  }
  __device__ void lay_open(int side, int warp, int lane, const float (&out)[kSums]) const {
    auto* mine = reinterpret_cast<float*>(memory) + side * kTileRows;
#pragma unroll
    for (int i = 0; i < kSums; ++i)
      mine[place_of_sum(i, warp, lane, L::kExchangePitch)] = out[i];
  }

  /// Where a thread's share of store_parts() goes.
  [[nodiscard]] __device__ Target part_target(const Unit& unit, int thread) const {
    const int row = thread % (kTiles * kTileRows);
    if (unit.tile + row / kTileRows >= tiles()) return {-1, 1.0F, 0.0F};
    return target_of<Mode::exact>(p, unit.tile * kTileRows + row);
  }
  [[nodiscard]] __device__ TileParts<kTokens> parts() const {
    return {walk.splits, walk.rank, reinterpret_cast<std::uint8_t*>(staging), ptx::shared_address(staging),
            loaded(L::kStages)};
  }
  /// Of eight tokens, how many a unit has.
  [[nodiscard]] __device__ int eights(const Unit& unit) const {
    return (min(kTokens, p.tokens - unit.first_token) + 7) / 8;
  }
  /// Stores this CTA's share of the tokens, adding the parts of all CTAs of the cluster.
  __device__ void store_parts(const Unit& unit, int thread, const Target& target) const {
    constexpr int kRows = kTiles * kTileRows;
    const int row = thread % kRows;
    if constexpr (kTiles == 1) {
      ptx::meet(4, kConsumers);
      parts().await();
      const int tokens = p.tokens - unit.first_token;
      for (int first = walk.rank * 8; first < min(kTokens, tokens); first += walk.splits * 8) {
        for (int t = first + thread / kRows; t < min(first + 8, tokens); t += kConsumers / kRows)
          store_output<Mode::exact>(p, target, unit.first_token + t, parts().add(t, row));
      }
    } else {
      const int first = kTokens * walk.rank / walk.splits;
      const int last = min(kTokens * (walk.rank + 1) / walk.splits, p.tokens - unit.first_token);
      for (int t = first + thread / kRows; t < last; t += kConsumers / kRows) {
        const std::uint32_t address = stages + (t * L::kExchangePitch + row) * 4;
        float sum = ptx::load_from_rank(address, 0);
        for (int other = 1; other < walk.splits; ++other)
          sum += ptx::load_from_rank(address, other);
        store_output<Mode::exact>(p, target, unit.first_token + t, sum);
      }
    }
  }

  __device__ void consume(int side, int warp, int lane) const {
    Position at;
    const int first = kTiles == 1 ? side : 0;
    const int count = (walk.block_count - first + kStride - 1) / kStride;
    for (int index = walk.first(); index < walk.units; index += walk.step()) {
      const Unit unit = walk.template unit<kTokens, kTiles>(index);
      const int tile = unit.tile + (kTiles == 2 ? side : 0);
      float out[kSums];
      Target low{};
      Target high{};
      if constexpr (kTiles == 1) {  // early, to have them when the sums are ready
        if constexpr (!kShared) {
          low = target_of<Mode::exact>(p, unit.tile * kTileRows + lane);
          high = target_of<Mode::exact>(p, unit.tile * kTileRows + lane + 32);
        }
      }
      Position mine = at;
      mine.advance(first);
      at.skip(walk.block_count);
      if (tile < p.weights.tiles4) {
        sum_blocks<4>(mine, count, side, warp, lane, out);
      } else if (tile < tiles()) {
        sum_blocks<8>(mine, count, side, warp, lane, out);
      } else {
        for (int i = 0; i < count; ++i, mine.next()) {
          await(mine);
          release(mine.stage, lane);
        }
      }
      if constexpr (kTiles == 1) {
        if constexpr (!kShared) {
          join_halves(side, warp, lane, out);
          ptx::meet(4, kConsumers);
          store_whole(unit, side * 4 + warp, lane, low, high);
          ptx::meet(4, kConsumers);
        } else {
          parts().send(eights(unit), side, warp, lane, out);
        }
      } else if constexpr (kShared) {
        ptx::meet(4, kConsumers);  // no stage is in use any more
        if (tile < tiles()) lay_open(side, warp, lane, out);
      } else if (tile < tiles()) {
        if (p.out_type == Type::f16) {
          store_tile<__half>(unit, side, warp, lane, out);
        } else if (p.out_type == Type::bf16) {
          store_tile<__nv_bfloat16>(unit, side, warp, lane, out);
        } else {
          store_tile_f32(unit, side, warp, lane, out);
        }
      }
    }
  }
  /// From `staging`, a warp for each token.
  __device__ void store_whole(const Unit& unit, int warp, int lane, const Target& low, const Target& high) const {
    const int count = min(kTokens, p.tokens - unit.first_token);
    for (int t = warp; t < count; t += kConsumers / 32) {
      store_output<Mode::exact>(p, low, unit.first_token + t, staging[t * L::kPitch + lane]);
      store_output<Mode::exact>(p, high, unit.first_token + t, staging[t * L::kPitch + lane + 32]);
    }
  }
};

#endif

template <int kTokens, int kTiles, int kResident, int kGroups, bool kShared>
__global__ void __launch_bounds__(kThreads, kResident) warpgroup_kernel(const __grid_constant__ Product p, int splits) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  using K = Kernel<kTokens, kTiles, kResident, kGroups, kShared>;
  using L = K::L;
  extern __shared__ std::uint8_t shared[];
  const Walk walk = Walk::make<kTokens, kTiles>(p, kShared ? splits : 1);
  const std::uint32_t start = ptx::shared_address(shared);
  const std::uint32_t aligned = (start + 1023U) & ~1023U;
  std::uint8_t* memory = shared + (aligned - start);
  const K kernel{p,
                 walk,
                 aligned,
                 aligned + L::kBarriersAt,
                 ptx::describe(aligned + L::kActivations),
                 memory,
                 reinterpret_cast<float*>(memory + L::kStagingAt)};
  const int thread = static_cast<int>(threadIdx.x);
  const int group = __shfl_sync(0xffffffffU, thread / 128, 0);
  const int warp = __shfl_sync(0xffffffffU, thread / 32 % 4, 0);
  if (thread == 0) {
    for (int stage = 0; stage < L::kStages; ++stage) {
      ptx::barrier_init(kernel.loaded(stage), kernel.kLoaders);
      ptx::barrier_init(kernel.free(stage), kTiles == 2 ? 8 : 4);
    }
    if constexpr (K::kSends) kernel.parts().prepare(kernel.eights(walk.template unit<kTokens, kTiles>(walk.first())));
    ptx::barrier_init_done();
  }
  __syncthreads();
  if constexpr (K::kSends) ptx::cluster_arrive_relaxed();
  let_next_start();
  if (group == 0) {
    ptx::give_registers<L::kProducerRegisters>();
    if (thread % 32 == 0) kernel.produce(warp);
    __syncwarp();
    if constexpr (K::kSends) {
      ptx::cluster_wait();
    } else if constexpr (kShared) {
      ptx::cluster_meet();
      ptx::cluster_meet();
    }
  } else {
    ptx::take_registers<L::kConsumerRegisters>();
    if constexpr (K::kSends) ptx::cluster_wait();  // all have begun
    wait_for_previous();
    if constexpr (kShared) {
      const Unit unit = walk.template unit<kTokens, kTiles>(walk.first());
      // Its rows are on their way while the product is computed.
      const Target target = kernel.part_target(unit, thread - 128);
      kernel.consume(group - 1, warp, thread % 32);
      if constexpr (!K::kSends) ptx::cluster_meet();
      kernel.store_parts(unit, thread - 128, target);
      // Nobody leaves while others read its memory. Whoever is sent parts waits for all of them.
      if constexpr (!K::kSends) ptx::cluster_meet();
    } else {
      kernel.consume(group - 1, warp, thread % 32);
    }
  }
#endif
}

template <int kTokens, int kTiles, int kResident, int kGroups, bool kShared>
cudaError_t run(const Product& p, int splits, bool overlap, int multiprocessors, cudaStream_t stream) {
  using L = Layout<kTokens, kTiles, kResident, kGroups, kShared>;
  const auto kernel = warpgroup_kernel<kTokens, kTiles, kResident, kGroups, kShared>;
  const cudaError_t status = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, L::kBytes);
  if (status != cudaSuccess) return status;
  const int sets = (p.weights.tiles4 + p.weights.tiles8 + kTiles - 1) / kTiles;
  const int units = sets * ((p.tokens + kTokens - 1) / kTokens);
  const int ctas = kShared ? units * splits : std::min(units, kResident * multiprocessors);
  return launch(kernel, dim3(static_cast<unsigned>(ctas)), kThreads, L::kBytes, splits, overlap, stream, p, splits);
}

using Run = cudaError_t (*)(const Product&, int, bool, int, cudaStream_t);
struct Entry {
  int rows;
  int tokens;
  int groups;
  int splits;  ///< at most
  Run run;
  Run run_shared;  ///< where a cluster shares K
};
template <int kTokens, int kTiles, int kResident, int kGroups = 1>
constexpr Entry entry() {
  return {kTiles * kTileRows,
          kTokens,
          kGroups,
          TileParts<kTokens>::kMostSplits,
          run<kTokens, kTiles, kResident, kGroups, false>,
          run<kTokens, kTiles, kResident, kGroups, true>};
}
constexpr Entry kEntries[] = {
    entry<16, 1, 2>(),    entry<32, 1, 2>(),    entry<64, 1, 2>(),     entry<64, 2, 1>(),     entry<128, 2, 1>(),
#if !defined(SALIENT_FEW_KERNELS)
    entry<32, 1, 2, 2>(), entry<32, 1, 2, 4>(), entry<128, 2, 1, 2>(), entry<128, 2, 1, 4>(),
#endif
};

const Entry* find(const Plan& plan, int groups) {
  for (const Entry& e : kEntries) {
    if (e.rows == plan.rows && e.tokens == plan.tokens && e.groups == groups && plan.splits <= e.splits) return &e;
  }
  return nullptr;
}

}  // namespace

std::vector<Plan> warpgroup_plans(int groups_in_block) {
  std::vector<Plan> plans;
  for (const Entry& e : kEntries) {
    if (e.groups != groups_in_block) continue;
    for (const int splits : {1, 2, 3, 4, 8}) {
      // Thirds are for few tiles of few tokens, four CTAs for each of which are just more than the device holds.
      if (splits > e.splits || (splits == 3 && e.tokens != 32)) continue;
      plans.push_back({Plan::Kernel::warpgroup, e.rows, e.tokens, 0, 0, splits});
    }
  }
  return plans;
}

cudaError_t warpgroup_product(const Product& product, const Plan& plan, bool overlap, int multiprocessors,
                              cudaStream_t stream) {
  const Entry* e = find(plan, product.weights.groups_in_block);
  if (e == nullptr) return cudaErrorInvalidValue;
  const Run run = plan.splits == 1 ? e->run : e->run_shared;
  return run(product, plan.splits, overlap, multiprocessors, stream);
}

}  // namespace salient::cuda::mixed

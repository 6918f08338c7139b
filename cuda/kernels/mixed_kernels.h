// SPDX-License-Identifier: Apache-2.0
// The kernels of the mixed-precision product (METHOD §5) and how their operands lie in device memory.
//
// K is cut into blocks of 128 columns; the last one is filled up with zeros. A tile is 64 rows of one class (4 or 8
// bit) in the class's order, the last tile of a class filled up with zeros.
//   codes4 [tile][block][4 strips of 16 rows][2 halves][32 lanes][16 bytes]: word i of lane 4r + q holds the strip's
//   rows
//     r (low nibbles) and r + 8 (high nibbles) in the half's columns 16i + 4q + {0, 1, 2, 3};
//   codes8 [tile][block][4 strips][2 halves][row r, row r + 8][32 lanes][16 bytes], words as in codes4;
//   meta   [tile][block]: for each group of the block 64 fp16 scales, rows r and r + 8 of a strip side by side; then,
//   in
//     4-bit tiles, for each group 32 bytes: zero points of rows r (low nibble) and r + 8 (high nibble) of a strip;
//   folds  the same with 16-bit multipliers in the place of scales (core/compute/folded_scales.h), for devices without
//     warpgroups, which fold while they load;
//   copy, on Hopper if asked for: [block][row][128 bytes] int8 codes, less zero points or with the scales folded in,
//     rows in their original order, the 16-byte chunks of row r in the order chunk ^ (r & 7), as those of activations;
//   activations [block][token][128 bytes]; the 16-byte chunks of token t lie in the order chunk ^ (t & 7). For the
//   stream
//     kernel, the 16 words of each 64 columns are transposed as a 4 × 4 matrix first;
//   their scales [group][stride] fp32, stride = tokens rounded up to 8; one row only when they are per token.
// So a lane reads with 16-byte loads exactly the operands that it owes to mma.sync m16n8k32 or to wgmma m64k32, and a
// plain copy of activations into shared memory is an operand of wgmma (swizzle of 128 bytes).
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <vector>

namespace salient::cuda::mixed {

inline constexpr int kBlock = 128;
inline constexpr int kTileRows = 64;
inline constexpr int kCopyRows = 8;                          // the order of chunks in a copy repeats after so many rows
inline constexpr int kCodes4Bytes = kTileRows * kBlock / 2;  ///< of a tile's block
inline constexpr int kCodes8Bytes = kTileRows * kBlock;

/// Scales of one group in a tile's block, and its zero points.
inline constexpr int kScaleBytes = kTileRows * 2;
inline constexpr int kZeroBytes = kTileRows / 2;
constexpr int meta_bytes(int bits, int groups_in_block) {
  return groups_in_block * (kScaleBytes + (bits == 4 ? kZeroBytes : 0));
}

enum class Mode : int { exact, folded, folded_token };
enum class Type : int { f16, bf16, f32 };

struct Weights {
  const std::uint8_t* codes4 = nullptr;
  const std::uint8_t* codes8 = nullptr;
  const std::uint8_t* meta4 = nullptr;
  const std::uint8_t* meta8 = nullptr;
  const std::uint8_t* fold4 = nullptr;
  const std::uint8_t* fold8 = nullptr;
  const float* row_scales = nullptr;  ///< [tiles, 64] of the folds
  const std::int8_t* copy = nullptr;
  const float* copy_scales = nullptr;  ///< folded: [rows]; else [group][rows rounded up to 4]
  const int* copy_chain = nullptr;     ///< folded: what measure_chain() found
  int copy_rows = 0;                   ///< of the copy, which may hold more than this matrix's
  const std::int32_t* rows = nullptr;  ///< [tiles, 64] original rows, 4-bit tiles first; -1 where there is none
  int tiles4 = 0;
  int tiles8 = 0;
  int blocks = 0;           ///< of K
  int groups_in_block = 1;  ///< 1, 2, 4
};

struct Product {
  Weights weights;
  Mode mode = Mode::exact;
  const std::int8_t* codes = nullptr;
  const float* scales = nullptr;
  int scale_stride = 0;
  int tokens = 0;
  const void* bias = nullptr;  ///< [columns] of bias_type, or null
  Type bias_type = Type::f32;
  void* out = nullptr;  ///< [tokens, columns] of out_type
  Type out_type = Type::f16;
  int columns = 0;  ///< output features
  // gated_product() in exact mode: in the place of out, the activations of the next product, [tokens, columns / 2], one
  // scale a group.
  std::int8_t* out_codes = nullptr;
  float* out_scales = nullptr;
  bool out_transposed = false;
};

/// Which kernel and which shape of it; `splits` CTAs share a tile's K (a cluster).
struct Plan {
  /// Any device; Hopper from 4-bit and 8-bit tiles; the same with activations that stay; Hopper from a copy in int8.
  enum class Kernel : int { stream, warpgroup, resident, int8 } kernel = Kernel::stream;
  int rows = 16;   ///< of weights in a CTA
  int tokens = 8;  ///< of a CTA
  int warps = 8;   ///< stream: warps that share K
  int ahead = 2;   ///< stream: blocks of 4-bit codes a warp has under way
  int splits = 1;  ///< warpgroup, int8: CTAs that share K
  bool operator==(const Plan&) const = default;
};

/// The plans there are for a mode and group size.
std::vector<Plan> stream_plans(Mode mode, int groups_in_block);
std::vector<Plan> ring_plans(Mode mode, int groups_in_block);  ///< among stream_plans()
std::vector<Plan> warpgroup_plans(int groups_in_block);
std::vector<Plan> resident_plans();
std::vector<Plan> int8_plans(Mode mode, int groups_in_block);

/// For ring_plans(), which stream_product() takes too.
cudaError_t ring_product(const Product& product, const Plan& plan, bool overlap, cudaStream_t stream);
cudaError_t stream_product(const Product& product, const Plan& plan, bool overlap, cudaStream_t stream);
/// sm_90a only. Exact numerics.
cudaError_t warpgroup_product(const Product& product, const Plan& plan, bool overlap, int multiprocessors,
                              cudaStream_t stream);
/// The same for groups of 128 where all activations of a product have room in a multiprocessor's shared memory.
bool resident_fits(int tokens, int blocks);
cudaError_t resident_product(const Product& product, bool overlap, int multiprocessors, cudaStream_t stream);
/// sm_90a only. From `Weights::copy`, which is folded or not as the mode says.
cudaError_t int8_product(const Product& product, const Plan& plan, bool overlap, int multiprocessors,
                         cudaStream_t stream);
/// The same for a gate's rows and, behind them, as many rows of what it gates: columns / 2 outputs silu(gate) · up from
/// both rounded to f16. They go in 8 bit to `out_codes` in exact mode, else to `out` in f16. columns / 2 is a multiple
/// of 128; groups are of 128.
cudaError_t gated_product(const Product& product, bool overlap, int multiprocessors, cudaStream_t stream);

/// group = 32, 64, 128, or 0 for one scale a token. `transposed`: for the stream kernel. codes and scales as above, of
/// tokens × ceil(cols / 128) blocks.
struct Quantization {
  const void* x = nullptr;
  Type type = Type::f16;
  int tokens = 0;
  int cols = 0;
  int group = 128;
  bool transposed = false;
  std::int8_t* codes = nullptr;
  float* scales = nullptr;
};
cudaError_t quantize_activations(const Quantization& work, bool overlap, cudaStream_t stream);

/// Canonical arrays (core/compute/quantized_matrix.h) of one class in device memory into tiles. `first_tile` in
/// `row_scales`; `bits` 4 or 8; zeros null for 8 bit.
struct Packing {
  int bits = 4;
  const std::uint8_t* codes = nullptr;
  const std::uint16_t* scales = nullptr;
  const std::uint8_t* zeros = nullptr;
  int rows = 0;
  int cols = 0;
  int group = 128;
  std::uint8_t* tiles = nullptr;
  std::uint8_t* meta = nullptr;
  std::uint8_t* folds = nullptr;  ///< may be null
  float* row_scales = nullptr;
};
cudaError_t pack_class(const Packing& work, cudaStream_t stream);

/// One class into `copy` and its `scales`, from its canonical arrays; `total` rows in all, `rows` are the class's
/// original ones. `folded`: with the scales folded in.
cudaError_t copy_class(const Packing& work, const std::int32_t* rows, int total, bool folded, std::int8_t* copy,
                       float* scales, cudaStream_t stream);

/// How many blocks of a folded copy a sum of products may run over without leaving [-2^23, 2^23], whatever the
/// activations: 4 times a power of two, at most kLongestChain, counted from multiples of itself. For all rows together.
inline constexpr int kLongestChain = 1024;
cudaError_t measure_chain(const std::int8_t* copy, int rows, int blocks, int* chain, cudaStream_t stream);

/// Reads `bytes` (a multiple of 16) as fast as they come: what the device's memory can do. `sum` receives 4 bytes.
cudaError_t read_all(const void* memory, std::uint64_t bytes, void* sum, int multiprocessors, cudaStream_t stream);

}  // namespace salient::cuda::mixed

// SPDX-License-Identifier: Apache-2.0
#include "cuda/mixed_gemm.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <vector>

#include "cuda/arrangement.h"
#include "cuda/kernels/kernels.h"
#include "cuda/kernels/mixed_kernels.h"
#include "cuda/measured_plans.h"
#include "cuda/mixed_plan.h"

namespace salient::cuda {
namespace {

std::int64_t block_count(std::int64_t cols) {
  return (cols + mixed::kBlock - 1) / mixed::kBlock;
}
std::int64_t scale_stride(std::int64_t tokens) {
  return (tokens + 7) / 8 * 8;
}
std::int64_t tile_count(std::int64_t rows) {
  return (rows + mixed::kTileRows - 1) / mixed::kTileRows;
}
mixed::Mode kernel_mode(ScaleMode mode) {
  switch (mode) {
    case ScaleMode::exact: return mixed::Mode::exact;
    case ScaleMode::folded: return mixed::Mode::folded;
    case ScaleMode::folded_token: return mixed::Mode::folded_token;
  }
  return mixed::Mode::exact;
}

/// One class's tiles in the allocation.
struct ClassPlaces {
  std::int64_t tiles = 0;
  std::int64_t codes = 0;
  std::int64_t meta = 0;
  std::int64_t folds = 0;

  /// From tile `first` on.
  [[nodiscard]] ClassPlaces part(std::int64_t first, std::int64_t count, std::int64_t code_bytes,
                                 std::int64_t meta_bytes, bool has_folds) const {
    return {count, codes + first * code_bytes, meta + first * meta_bytes, has_folds ? folds + first * meta_bytes : 0};
  }
};

/// Where the operands of a product lie.
struct Places {
  ClassPlaces low;
  ClassPlaces high;
  std::int64_t row_scales = 0;
  std::int64_t rows = 0;
  [[nodiscard]] std::int64_t slots() const { return (low.tiles + high.tiles) * mixed::kTileRows; }
};

/// Bytes of one tile.
struct TileBytes {
  TileBytes(std::int64_t blocks, int groups)
      : codes4(blocks * mixed::kCodes4Bytes),
        codes8(blocks * mixed::kCodes8Bytes),
        meta4(blocks * mixed::meta_bytes(4, groups)),
        meta8(blocks * mixed::meta_bytes(8, groups)) {}
  std::int64_t codes4, codes8, meta4, meta8;
};

/// How a copy that is asked for is kept on a device: not at all, as multipliers in the tiles, or as it is.
enum class Keeping { nothing, in_tiles, whole };

Keeping keeping(const Context& context, MixedCopy copy) {
  if (copy == MixedCopy::none) return Keeping::nothing;
  if (mixed::has_warpgroups(context.capability())) return Keeping::whole;
  return copy == MixedCopy::folded ? Keeping::in_tiles : Keeping::nothing;
}

/// All of several matrices: their tiles of a class lie one behind the other, their rows of the copy as well.
struct Arranged {
  Places whole;
  std::vector<Places> parts;  ///< one: the whole itself
  std::int64_t copy = 0;
  std::int64_t copy_scales = 0;
  std::int64_t copy_chain = 0;
  std::int64_t copy_bytes = 0;
  std::int64_t rows = 0;
  std::int64_t total = 0;
};

/// `scales_of_row`: in the copy.
Arranged arrange(std::span<const QuantizedMatrix> matrices, const TileBytes& bytes, Keeping keeping,
                 std::int64_t blocks, std::int64_t scales_of_row) {
  Arranged arranged;
  Arrangement arrangement;
  const bool folds = keeping == Keeping::in_tiles;
  Places& whole = arranged.whole;
  for (const QuantizedMatrix& matrix : matrices) {
    whole.low.tiles += tile_count(matrix.count4());
    whole.high.tiles += tile_count(matrix.count8());
  }
  const auto place = [&](ClassPlaces& places, std::int64_t codes, std::int64_t meta) {
    places.codes = arrangement.add(places.tiles * codes);
    places.meta = arrangement.add(places.tiles * meta);
    if (folds) places.folds = arrangement.add(places.tiles * meta);
  };
  place(whole.low, bytes.codes4, bytes.meta4);
  place(whole.high, bytes.codes8, bytes.meta8);
  const auto place_rows = [&](Places& places) {
    places.row_scales = arrangement.add(folds ? places.slots() * 4 : 0);
    places.rows = arrangement.add(places.slots() * 4);
  };
  place_rows(whole);
  std::int64_t low = 0, high = 0;
  for (const QuantizedMatrix& matrix : matrices) {
    Places part;
    part.low = whole.low.part(low, tile_count(matrix.count4()), bytes.codes4, bytes.meta4, folds);
    part.high = whole.high.part(high, tile_count(matrix.count8()), bytes.codes8, bytes.meta8, folds);
    low += part.low.tiles;
    high += part.high.tiles;
    if (matrices.size() == 1) {
      part = whole;
    } else {
      place_rows(part);
    }
    arranged.parts.push_back(part);
    arranged.rows += matrix.rows;
  }
  if (keeping == Keeping::whole) {
    const std::int64_t codes = arranged.rows * blocks * mixed::kBlock;
    const std::int64_t scales = scales_of_row * ((arranged.rows + 3) / 4 * 4) * 4;
    arranged.copy = arrangement.add(codes);
    arranged.copy_scales = arrangement.add(scales);
    arranged.copy_chain = arrangement.add(sizeof(int));
    arranged.copy_bytes = codes + scales;
  }
  arranged.total = arrangement.total();
  return arranged;
}

/// Rows of each slot: of 4-bit tiles first, then of 8-bit tiles, each matrix's behind those of the ones before.
std::vector<std::int32_t> slot_rows(std::span<const QuantizedMatrix> matrices, const Places& places) {
  std::vector<std::int32_t> rows(static_cast<std::size_t>(places.slots()), -1);
  std::int64_t low = 0, high = places.low.tiles, first_row = 0;
  const auto fill = [&](std::int64_t& tile, const std::vector<std::uint32_t>& of_class) {
    for (std::size_t i = 0; i < of_class.size(); ++i)
      rows[static_cast<std::size_t>(tile * mixed::kTileRows) + i] = static_cast<std::int32_t>(first_row + of_class[i]);
    tile += tile_count(static_cast<std::int64_t>(of_class.size()));
  };
  for (const QuantizedMatrix& matrix : matrices) {
    fill(low, matrix.rows4());
    fill(high, matrix.rows8);
    first_row += matrix.rows;
  }
  return rows;
}

/// A host array on the device for the time of packing.
template <class T>
Result<std::shared_ptr<Buffer>> staged(Context& context, const std::vector<T>& values) {
  const std::size_t bytes = values.size() * sizeof(T);
  SALIENT_ASSIGN(auto buffer, context.scratch(std::max<std::uint64_t>(bytes, 1), "pack weights"));
  SALIENT_CHECK(context.upload(values.data(), buffer->data(), bytes));
  return buffer;
}

std::string sizes(const QuantizedMatrix& matrix) {
  return fmt::format("{} x {}", matrix.rows, matrix.cols);
}

}  // namespace

mixed::Type kernel_type(DType dtype) {
  assert(dtype == DType::f16 || dtype == DType::bf16 || dtype == DType::f32);
  return dtype == DType::f16 ? mixed::Type::f16 : dtype == DType::bf16 ? mixed::Type::bf16 : mixed::Type::f32;
}

MixedMatrix::~MixedMatrix() = default;

Result<std::shared_ptr<const MixedMatrix>> MixedMatrix::create(Context& context, const QuantizedMatrix& matrix,
                                                               MixedCopy copy, ScaleMode mode) {
  SALIENT_ASSIGN(const auto all, create(context, {&matrix, 1}, copy, mode));
  return all.front();
}

Result<std::vector<std::shared_ptr<const MixedMatrix>>> MixedMatrix::create(Context& context,
                                                                            std::span<const QuantizedMatrix> matrices,
                                                                            MixedCopy copy, ScaleMode mode) {
  assert(!matrices.empty() && (copy == MixedCopy::folded || mode == ScaleMode::exact));
  const QuantizedMatrix& first = matrices.front();
  for (const QuantizedMatrix& matrix : matrices) {
    assert(matrix.cols == first.cols && matrix.group == first.group);
    if (matrix.group != 32 && matrix.group != 64 && matrix.group != 128) {
      return Error{ErrorCode::range, {}, "group", "32, 64 or 128", std::to_string(matrix.group), {}};
    }
  }
  const std::int64_t blocks = block_count(first.cols);
  const int groups = static_cast<int>(mixed::kBlock / first.group);
  const TileBytes bytes(blocks, groups);
  const Keeping kept = keeping(context, copy);
  const bool folds = kept == Keeping::in_tiles;
  const Arranged arranged = arrange(matrices, bytes, kept, blocks, copy == MixedCopy::folded ? 1 : blocks * groups);
  SALIENT_ASSIGN(const std::shared_ptr<Buffer> memory,
                 context.scratch(static_cast<std::uint64_t>(arranged.total), "pack weights"));
  auto* base = static_cast<std::uint8_t*>(memory->data());
  const auto scales_of = [&](const Places& places) { return reinterpret_cast<float*>(base + places.row_scales); };
  const auto rows_of = [&](const Places& places) { return reinterpret_cast<std::int32_t*>(base + places.rows); };
  auto* copied = reinterpret_cast<std::int8_t*>(base + arranged.copy);
  auto* copied_scales = reinterpret_cast<float*>(base + arranged.copy_scales);
  auto* chain = reinterpret_cast<int*>(base + arranged.copy_chain);

  const auto finish = [&](std::span<const QuantizedMatrix> of, const Places& places,
                          std::int64_t first_row) -> Result<std::shared_ptr<MixedMatrix>> {
    const std::vector<std::int32_t> rows = slot_rows(of, places);
    SALIENT_CHECK(context.upload(rows.data(), rows_of(places), rows.size() * sizeof(std::int32_t)));
    std::shared_ptr<MixedMatrix> packed(new MixedMatrix);
    for (const QuantizedMatrix& matrix : of) {
      packed->rows_ += matrix.rows;
      packed->count8_ += matrix.count8();
    }
    packed->cols_ = first.cols;
    packed->group_ = first.group;
    packed->copy_ = copy;
    packed->mode_ = mode;
    packed->bytes_ = static_cast<std::uint64_t>(places.low.tiles * (bytes.codes4 + bytes.meta4) +
                                                places.high.tiles * (bytes.codes8 + bytes.meta8));
    packed->memory_ = memory;
    packed->first_row_ = first_row;
    packed->weights_ = std::make_unique<mixed::Weights>();
    mixed::Weights& w = *packed->weights_;
    w.codes4 = base + places.low.codes;
    w.codes8 = base + places.high.codes;
    w.meta4 = base + places.low.meta;
    w.meta8 = base + places.high.meta;
    if (folds) {
      w.fold4 = base + places.low.folds;
      w.fold8 = base + places.high.folds;
      w.row_scales = scales_of(places);
      packed->copy_bytes_ =
          static_cast<std::uint64_t>(places.low.tiles * bytes.meta4 + places.high.tiles * bytes.meta8);
    } else if (kept == Keeping::whole && first_row % mixed::kCopyRows == 0) {
      w.copy = copied + first_row * mixed::kBlock;
      w.copy_scales = copied_scales + first_row;
      if (copy == MixedCopy::folded) w.copy_chain = chain;
      w.copy_rows = static_cast<int>(arranged.rows);
      packed->copy_bytes_ = static_cast<std::uint64_t>(arranged.copy_bytes / arranged.rows * packed->rows_);
    }
    w.rows = rows_of(places);
    w.tiles4 = static_cast<int>(places.low.tiles);
    w.tiles8 = static_cast<int>(places.high.tiles);
    w.blocks = static_cast<int>(blocks);
    w.groups_in_block = groups;
    return packed;
  };

  SALIENT_ASSIGN(const std::shared_ptr<const MixedMatrix> whole, finish(matrices, arranged.whole, 0));
  std::vector<std::shared_ptr<const MixedMatrix>> all;
  std::int64_t first_row = 0, low_tile = 0, high_tile = arranged.whole.low.tiles;
  for (std::size_t i = 0; i < matrices.size(); ++i) {
    const QuantizedMatrix& matrix = matrices[i];
    const Places& places = arranged.parts[i];
    mixed::Packing work;
    work.cols = static_cast<int>(matrix.cols);
    work.group = static_cast<int>(matrix.group);
    const auto pack = [&](const ClassPlaces& to, int bits, std::int64_t count, const Buffer& codes,
                          const Buffer& scales, const Buffer* zeros) {
      work.bits = bits;
      work.rows = static_cast<int>(count);
      work.codes = static_cast<const std::uint8_t*>(codes.data());
      work.scales = static_cast<const std::uint16_t*>(scales.data());
      work.zeros = zeros != nullptr ? static_cast<const std::uint8_t*>(zeros->data()) : nullptr;
      work.tiles = base + to.codes;
      work.meta = base + to.meta;
      work.folds = folds ? base + to.folds : nullptr;
      work.row_scales = scales_of(places) + (bits == 4 ? 0 : places.low.tiles * mixed::kTileRows);
      Status status = context.check(mixed::pack_class(work, context.stream()), "pack weights", sizes(matrix));
      if (status && kept == Keeping::whole) {
        const std::int32_t* rows = rows_of(arranged.whole) + (bits == 4 ? low_tile : high_tile) * mixed::kTileRows;
        status = context.check(mixed::copy_class(work, rows, static_cast<int>(arranged.rows), copy == MixedCopy::folded,
                                                 copied, copied_scales, context.stream()),
                               "copy weights", sizes(matrix));
      }
      return status;
    };
    {
      SALIENT_ASSIGN(const auto codes, staged(context, matrix.codes4));
      SALIENT_ASSIGN(const auto scales, staged(context, matrix.scales4));
      SALIENT_ASSIGN(const auto zeros, staged(context, matrix.zeros4));
      SALIENT_CHECK(pack(places.low, 4, matrix.count4(), *codes, *scales, zeros.get()));
    }
    {
      SALIENT_ASSIGN(const auto codes, staged(context, matrix.codes8));
      SALIENT_ASSIGN(const auto scales, staged(context, matrix.scales8));
      SALIENT_CHECK(pack(places.high, 8, matrix.count8(), *codes, *scales, nullptr));
    }
    if (matrices.size() == 1) {
      all.push_back(whole);
      break;
    }
    if (folds) {
      const auto copy_scales = [&](std::int64_t to_tile, std::int64_t from_tile, std::int64_t count) {
        return context.check(cudaMemcpyAsync(scales_of(arranged.whole) + to_tile * mixed::kTileRows,
                                             scales_of(places) + from_tile * mixed::kTileRows,
                                             static_cast<std::size_t>(count * mixed::kTileRows) * sizeof(float),
                                             cudaMemcpyDeviceToDevice, context.stream()),
                             "pack weights", sizes(matrix));
      };
      SALIENT_CHECK(copy_scales(low_tile, 0, places.low.tiles));
      SALIENT_CHECK(copy_scales(high_tile, places.low.tiles, places.high.tiles));
    }
    low_tile += places.low.tiles;
    high_tile += places.high.tiles;
    SALIENT_ASSIGN(const auto packed, finish(matrices.subspan(i, 1), places, first_row));
    packed->whole_ = whole;
    first_row += matrix.rows;
    all.push_back(packed);
  }
  if (kept == Keeping::whole && copy == MixedCopy::folded) {
    SALIENT_CHECK(context.check(mixed::measure_chain(copied, static_cast<int>(arranged.rows), static_cast<int>(blocks),
                                                     chain, context.stream()),
                                "copy weights", sizes(first)));
  }
  return all;
}

std::uint64_t activation_bytes(std::int64_t tokens, std::int64_t cols, std::int64_t group) {
  const std::int64_t blocks = block_count(cols);
  return static_cast<std::uint64_t>(Arrangement::aligned(tokens * blocks * mixed::kBlock) +
                                    Arrangement::aligned(blocks * (mixed::kBlock / group) * scale_stride(tokens) * 4));
}

mixed::Shape shape_of(const Context& context, const MixedMatrix& matrix, std::int64_t tokens, ScaleMode mode) {
  const mixed::Weights& w = matrix.weights();
  const bool copied = w.copy != nullptr && (matrix.copy() == MixedCopy::folded) == (mode != ScaleMode::exact);
  return {static_cast<int>(matrix.rows()), w.tiles4 + w.tiles8,  w.blocks, w.groups_in_block,
          static_cast<int>(tokens),        kernel_mode(mode),    copied,   context.capability(),
          context.multiprocessors(),       context.memory_rate()};
}

RoundedActivations lay_out_activations(const Context& context, const MixedMatrix& matrix,
                                       std::shared_ptr<Buffer> memory, std::int64_t tokens, ScaleMode mode) {
  RoundedActivations x;
  auto* base = static_cast<std::uint8_t*>(memory->data());
  x.codes = reinterpret_cast<std::int8_t*>(base);
  x.scales = reinterpret_cast<float*>(base + Arrangement::aligned(tokens * block_count(matrix.cols()) * mixed::kBlock));
  x.memory = std::move(memory);
  x.tokens = tokens;
  x.cols = matrix.cols();
  x.group = matrix.group();
  x.mode = mode;
  x.transposed = mixed::wants_transposed(shape_of(context, matrix, tokens, mode));
  return x;
}

Result<RoundedActivations> round_activations(Context& context, const MixedMatrix& matrix, const Tensor& x,
                                             ScaleMode mode, std::shared_ptr<Buffer> memory) {
  assert(x.cols == matrix.cols());
  context.bind();
  if (memory == nullptr) {
    SALIENT_ASSIGN(memory, context.scratch(activation_bytes(x.rows, x.cols, matrix.group()), "round activations"));
  }
  RoundedActivations rounded = lay_out_activations(context, matrix, std::move(memory), x.rows, mode);
  if (x.rows == 0) return rounded;
  mixed::Quantization work;
  work.x = x.data();
  work.type = kernel_type(x.dtype);
  work.tokens = static_cast<int>(x.rows);
  work.cols = static_cast<int>(x.cols);
  work.group = mode == ScaleMode::folded_token ? 0 : static_cast<int>(matrix.group());
  work.transposed = rounded.transposed;
  work.codes = rounded.codes;
  work.scales = rounded.scales;
  const bool overlap = context.capability() >= 90;
  SALIENT_CHECK(
      context.check(mixed::quantize_activations(work, overlap, context.stream()), "round activations", sizes_of(x)));
  return rounded;
}

namespace {

/// All of a product but its output.
mixed::Product describe(const MixedMatrix& matrix, const RoundedActivations& x, const Tensor& bias) {
  assert(x.cols == matrix.cols() && x.group == matrix.group());
  mixed::Product product;
  product.weights = matrix.weights();
  product.mode = kernel_mode(x.mode);
  product.codes = x.codes;
  product.scales = x.scales;
  product.scale_stride = static_cast<int>(scale_stride(x.tokens));
  product.tokens = static_cast<int>(x.tokens);
  product.columns = static_cast<int>(matrix.rows());
  if (!bias.empty()) {
    product.bias = bias.data();
    product.bias_type = kernel_type(bias.dtype);
  }
  return product;
}

std::string sizes(const MixedMatrix& matrix, const RoundedActivations& x) {
  return fmt::format("{} x {} -> {}", x.tokens, matrix.cols(), matrix.rows());
}

}  // namespace

Status mixed_gemm(Context& context, const MixedMatrix& matrix, const RoundedActivations& x, const Tensor& bias,
                  const Tensor& out) {
  if (x.tokens == 0 || matrix.rows() == 0) return {};
  const auto launch = [&](const mixed::Plan& plan) { return mixed_gemm(context, matrix, x, bias, out, plan); };
  SALIENT_ASSIGN(const mixed::Plan plan,
                 context.plans().choose(context, shape_of(context, matrix, x.tokens, x.mode), x.transposed, launch));
  return launch(plan);
}

Status mixed_gemm(Context& context, const MixedMatrix& matrix, const RoundedActivations& x, const Tensor& bias,
                  const Tensor& out, const mixed::Plan& plan) {
  assert(out.rows == x.tokens && out.cols == matrix.rows());
  assert(x.mode == ScaleMode::exact || matrix.copy() == MixedCopy::folded);
  assert((plan.kernel == mixed::Plan::Kernel::stream) == x.transposed);
  if (x.tokens == 0 || matrix.rows() == 0) return {};
  context.bind();
  mixed::Product product = describe(matrix, x, bias);
  product.out = out.data();
  product.out_type = kernel_type(out.dtype);
  // Where the device can order it, the product reads weights before the kernel in front of it has ended.
  const bool overlap = context.capability() >= 90;
  cudaError_t status = cudaSuccess;
  switch (plan.kernel) {
    case mixed::Plan::Kernel::stream: status = mixed::stream_product(product, plan, overlap, context.stream()); break;
    case mixed::Plan::Kernel::warpgroup:
      status = mixed::warpgroup_product(product, plan, overlap, context.multiprocessors(), context.stream());
      break;
    case mixed::Plan::Kernel::resident:
      status = mixed::resident_product(product, overlap, context.multiprocessors(), context.stream());
      break;
    case mixed::Plan::Kernel::int8:
      status = mixed::int8_product(product, plan, overlap, context.multiprocessors(), context.stream());
      break;
  }
  return context.check(status, "mixed-precision product", sizes(matrix, x));
}

bool can_gate(const Context& context, const MixedMatrix& matrix, std::int64_t tokens) {
  constexpr std::int64_t kFewest = 256;  // fewer leave multiprocessors idle in tiles of that size
  const ScaleMode mode = mode_for(matrix.mode(), tokens);
  return tokens > kFewest && shape_of(context, matrix, tokens, mode).copied && matrix.group() == mixed::kBlock &&
         matrix.rows() % (2 * mixed::kBlock) == 0;
}

bool gates_into_codes(ScaleMode mode) {
  return mode == ScaleMode::exact;
}

Status gated_gemm(Context& context, const MixedMatrix& matrix, const RoundedActivations& x, const Tensor& bias,
                  const kernels::RowOutput& out) {
  assert(can_gate(context, matrix, x.tokens) && (out.codes != nullptr) == gates_into_codes(x.mode));
  context.bind();
  mixed::Product product = describe(matrix, x, bias);
  product.out = out.values;
  product.out_codes = out.codes;
  product.out_scales = out.scales;
  product.out_transposed = out.transposed;
  return context.check(mixed::gated_product(product, true, context.multiprocessors(), context.stream()),
                       "mixed-precision product", sizes(matrix, x));
}

}  // namespace salient::cuda

// SPDX-License-Identifier: Apache-2.0
#include "cuda/mixed_gemm.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <vector>

#include "cuda/kernels/mixed_kernels.h"
#include "cuda/mixed_plan.h"

namespace salient::cuda {
namespace {

constexpr std::int64_t kAlignment = 256;

std::int64_t aligned(std::int64_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}
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
mixed::Type kernel_type(DType dtype) {
  assert(dtype == DType::f16 || dtype == DType::bf16 || dtype == DType::f32);
  return dtype == DType::f16 ? mixed::Type::f16 : dtype == DType::bf16 ? mixed::Type::bf16 : mixed::Type::f32;
}

/// Where each array lies in one allocation.
class Arrangement {
 public:
  std::int64_t add(std::int64_t bytes) {
    const std::int64_t at = total_;
    total_ += aligned(bytes);
    return at;
  }
  [[nodiscard]] std::int64_t total() const { return total_; }

 private:
  std::int64_t total_ = 0;
};

/// One class's tiles in the allocation.
struct ClassPlaces {
  std::int64_t tiles = 0;
  std::int64_t codes = 0;
  std::int64_t meta = 0;
  std::int64_t folds = 0;
};

struct Places {
  ClassPlaces low;
  ClassPlaces high;
  std::int64_t row_scales = 0;
  std::int64_t rows = 0;
  std::int64_t copy = 0;
  std::int64_t copy_scales = 0;
  std::int64_t total = 0;
  std::uint64_t exact_bytes = 0;
  std::uint64_t copy_bytes = 0;
};

/// How a copy that is asked for is kept on a device: not at all, as multipliers in the tiles, or as it is.
enum class Keeping { nothing, in_tiles, whole };

Keeping keeping(const Context& context, MixedCopy copy) {
  if (copy == MixedCopy::none) return Keeping::nothing;
  if (mixed::has_warpgroups(context.capability())) return Keeping::whole;
  return copy == MixedCopy::folded ? Keeping::in_tiles : Keeping::nothing;
}

Places arrange(const QuantizedMatrix& matrix, MixedCopy copy, Keeping keeping) {
  Places places;
  Arrangement arrangement;
  const std::int64_t blocks = block_count(matrix.cols);
  const int groups = static_cast<int>(mixed::kBlock / matrix.group);
  const auto place = [&](std::int64_t rows, int bits) {
    const std::int64_t tiles = tile_count(rows);
    const std::int64_t codes = tiles * blocks * (bits == 4 ? mixed::kCodes4Bytes : mixed::kCodes8Bytes);
    const std::int64_t meta = tiles * blocks * mixed::meta_bytes(bits, groups);
    places.exact_bytes += static_cast<std::uint64_t>(codes + meta);
    ClassPlaces result{tiles, arrangement.add(codes), arrangement.add(meta), 0};
    if (keeping == Keeping::in_tiles) {
      result.folds = arrangement.add(meta);
      places.copy_bytes += static_cast<std::uint64_t>(meta);
    }
    return result;
  };
  places.low = place(matrix.count4(), 4);
  places.high = place(matrix.count8(), 8);
  const std::int64_t slots = (places.low.tiles + places.high.tiles) * mixed::kTileRows;
  places.row_scales = arrangement.add(keeping == Keeping::in_tiles ? slots * 4 : 0);
  places.rows = arrangement.add(slots * 4);
  if (keeping == Keeping::whole) {
    const std::int64_t codes = matrix.rows * blocks * mixed::kBlock;
    const std::int64_t scales = (copy == MixedCopy::folded ? 1 : blocks * groups) * ((matrix.rows + 3) / 4 * 4) * 4;
    places.copy = arrangement.add(codes);
    places.copy_scales = arrangement.add(scales);
    places.copy_bytes = static_cast<std::uint64_t>(codes + scales);
  }
  places.total = arrangement.total();
  return places;
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

MixedMatrix::~MixedMatrix() = default;

Result<std::shared_ptr<const MixedMatrix>> MixedMatrix::create(Context& context, const QuantizedMatrix& matrix,
                                                               MixedCopy copy) {
  if (matrix.group != 32 && matrix.group != 64 && matrix.group != 128) {
    return Error{ErrorCode::range, {}, "group", "32, 64 or 128", std::to_string(matrix.group), {}};
  }
  const Keeping kept = keeping(context, copy);
  const Places places = arrange(matrix, copy, kept);
  std::shared_ptr<MixedMatrix> packed(new MixedMatrix);
  SALIENT_ASSIGN(packed->memory_, context.scratch(static_cast<std::uint64_t>(places.total), "pack weights"));
  auto* base = static_cast<std::uint8_t*>(packed->memory_->data());

  std::vector<std::int32_t> rows(static_cast<std::size_t>((places.low.tiles + places.high.tiles) * mixed::kTileRows),
                                 -1);
  const std::vector<std::uint32_t> rows4 = matrix.rows4();
  std::copy(rows4.begin(), rows4.end(), rows.begin());
  std::copy(matrix.rows8.begin(), matrix.rows8.end(), rows.begin() + places.low.tiles * mixed::kTileRows);
  SALIENT_CHECK(context.upload(rows.data(), base + places.rows, rows.size() * sizeof(std::int32_t)));

  auto* row_scales = reinterpret_cast<float*>(base + places.row_scales);
  auto* copied = reinterpret_cast<std::int8_t*>(base + places.copy);
  auto* copied_scales = reinterpret_cast<float*>(base + places.copy_scales);
  mixed::Packing work;
  work.cols = static_cast<int>(matrix.cols);
  work.group = static_cast<int>(matrix.group);
  const auto pack = [&](const ClassPlaces& to, int bits, std::int64_t count, const Buffer& codes, const Buffer& scales,
                        const Buffer* zeros) {
    work.bits = bits;
    work.rows = static_cast<int>(count);
    work.codes = static_cast<const std::uint8_t*>(codes.data());
    work.scales = static_cast<const std::uint16_t*>(scales.data());
    work.zeros = zeros != nullptr ? static_cast<const std::uint8_t*>(zeros->data()) : nullptr;
    work.tiles = base + to.codes;
    work.meta = base + to.meta;
    work.folds = kept == Keeping::in_tiles ? base + to.folds : nullptr;
    const std::int64_t slot = bits == 4 ? 0 : places.low.tiles * mixed::kTileRows;
    work.row_scales = row_scales + slot;
    Status status = context.check(mixed::pack_class(work, context.stream()), "pack weights", sizes(matrix));
    if (status && kept == Keeping::whole) {
      const auto* originals = reinterpret_cast<const std::int32_t*>(base + places.rows) + slot;
      status = context.check(mixed::copy_class(work, originals, static_cast<int>(matrix.rows),
                                               copy == MixedCopy::folded, copied, copied_scales, context.stream()),
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

  packed->rows_ = matrix.rows;
  packed->cols_ = matrix.cols;
  packed->group_ = matrix.group;
  packed->count8_ = matrix.count8();
  packed->copy_ = copy;
  packed->bytes_ = places.exact_bytes;
  packed->copy_bytes_ = places.copy_bytes;
  packed->weights_ = std::make_unique<mixed::Weights>();
  mixed::Weights& w = *packed->weights_;
  w.codes4 = base + places.low.codes;
  w.codes8 = base + places.high.codes;
  w.meta4 = base + places.low.meta;
  w.meta8 = base + places.high.meta;
  if (kept == Keeping::in_tiles) {
    w.fold4 = base + places.low.folds;
    w.fold8 = base + places.high.folds;
    w.row_scales = row_scales;
  } else if (kept == Keeping::whole) {
    w.copy = copied;
    w.copy_scales = copied_scales;
  }
  w.rows = reinterpret_cast<const std::int32_t*>(base + places.rows);
  w.tiles4 = static_cast<int>(places.low.tiles);
  w.tiles8 = static_cast<int>(places.high.tiles);
  w.blocks = static_cast<int>(block_count(matrix.cols));
  w.groups_in_block = static_cast<int>(mixed::kBlock / matrix.group);
  return std::shared_ptr<const MixedMatrix>(std::move(packed));
}

std::uint64_t activation_bytes(std::int64_t tokens, std::int64_t cols, std::int64_t group) {
  const std::int64_t blocks = block_count(cols);
  return static_cast<std::uint64_t>(aligned(tokens * blocks * mixed::kBlock) +
                                    aligned(blocks * (mixed::kBlock / group) * scale_stride(tokens) * 4));
}

mixed::Shape shape_of(const Context& context, const MixedMatrix& matrix, std::int64_t tokens, ScaleMode mode) {
  const mixed::Weights& w = matrix.weights();
  const bool copied = w.copy != nullptr && (matrix.copy() == MixedCopy::folded) == (mode != ScaleMode::exact);
  return {static_cast<int>(matrix.rows()), w.tiles4 + w.tiles8, w.blocks, w.groups_in_block,
          static_cast<int>(tokens),        kernel_mode(mode),   copied,   context.capability(),
          context.multiprocessors()};
}

RoundedActivations lay_out_activations(const Context& context, const MixedMatrix& matrix,
                                       std::shared_ptr<Buffer> memory, std::int64_t tokens, ScaleMode mode) {
  RoundedActivations x;
  auto* base = static_cast<std::uint8_t*>(memory->data());
  x.codes = reinterpret_cast<std::int8_t*>(base);
  x.scales = reinterpret_cast<float*>(base + aligned(tokens * block_count(matrix.cols()) * mixed::kBlock));
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
  SALIENT_CHECK(context.check(mixed::quantize_activations(work, context.stream()), "round activations", sizes_of(x)));
  return rounded;
}

Status mixed_gemm(Context& context, const MixedMatrix& matrix, const RoundedActivations& x, const Tensor& bias,
                  const Tensor& out) {
  return mixed_gemm(context, matrix, x, bias, out,
                    mixed::choose_plan(shape_of(context, matrix, x.tokens, x.mode), x.transposed));
}

Status mixed_gemm(Context& context, const MixedMatrix& matrix, const RoundedActivations& x, const Tensor& bias,
                  const Tensor& out, const mixed::Plan& plan) {
  assert(x.cols == matrix.cols() && x.group == matrix.group());
  assert(out.rows == x.tokens && out.cols == matrix.rows());
  assert(x.mode == ScaleMode::exact || matrix.copy() == MixedCopy::folded);
  assert((plan.kernel == mixed::Plan::Kernel::stream) == x.transposed);
  if (x.tokens == 0 || matrix.rows() == 0) return {};
  context.bind();
  mixed::Product product;
  product.weights = matrix.weights();
  product.mode = kernel_mode(x.mode);
  product.codes = x.codes;
  product.scales = x.scales;
  product.scale_stride = static_cast<int>(scale_stride(x.tokens));
  product.tokens = static_cast<int>(x.tokens);
  if (!bias.empty()) {
    product.bias = bias.data();
    product.bias_type = kernel_type(bias.dtype);
  }
  product.out = out.data();
  product.out_type = kernel_type(out.dtype);
  product.columns = static_cast<int>(out.cols);
  // Where the device can order it, the product reads weights before the kernel in front of it has ended.
  const bool overlap = context.capability() >= 90;
  cudaError_t status = cudaSuccess;
  switch (plan.kernel) {
    case mixed::Plan::Kernel::stream: status = mixed::stream_product(product, plan, overlap, context.stream()); break;
    case mixed::Plan::Kernel::warpgroup:
      status = mixed::warpgroup_product(product, plan, overlap, context.multiprocessors(), context.stream());
      break;
    case mixed::Plan::Kernel::int8:
      status = mixed::int8_product(product, plan, overlap, context.multiprocessors(), context.stream());
      break;
  }
  return context.check(status, "mixed-precision product",
                       fmt::format("{} x {} -> {}", x.tokens, matrix.cols(), matrix.rows()));
}

}  // namespace salient::cuda

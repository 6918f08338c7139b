// SPDX-License-Identifier: Apache-2.0
#include "core/compute/packed_linear.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <numeric>

#include "core/base/dtype.h"
#include "core/base/system.h"
#include "core/compute/packed_kernels.h"

namespace salient {
namespace {

using namespace packed;

constexpr std::int64_t kTokenBlock = 64;          // products of a panel kept in the first-level cache
constexpr std::int64_t kTokenChunk = 512;         // activations rounded at a time
constexpr std::int64_t kPieceProducts = 1 << 18;  // work worth handing to another thread

struct AlignedDelete {
  void operator()(std::byte* bytes) const { ::operator delete[](bytes, std::align_val_t{64}); }
};
using AlignedBytes = std::unique_ptr<std::byte[], AlignedDelete>;

AlignedBytes aligned_zeros(std::int64_t bytes) {
  AlignedBytes memory(static_cast<std::byte*>(::operator new[](static_cast<std::size_t>(bytes), std::align_val_t{64})));
  std::memset(memory.get(), 0, static_cast<std::size_t>(bytes));
  return memory;
}

/// The rows of one bit width.
struct RowClass {
  int bits = 4;
  std::vector<std::uint32_t> rows;  ///< original indices, ascending
  AlignedBytes tiles;

  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(rows.size()); }
  [[nodiscard]] std::int64_t tile_count() const { return (count() + kTileRows - 1) / kTileRows; }
  [[nodiscard]] std::int64_t panel_count() const { return (count() + kPanelRows - 1) / kPanelRows; }
};

class PackedCpu final : public PackedWeights {
 public:
  [[nodiscard]] std::int64_t rows() const override { return rows_; }
  [[nodiscard]] std::int64_t cols() const override { return cols_; }

  std::int64_t rows_ = 0;
  std::int64_t cols_ = 0;
  std::int64_t group_ = 0;
  ScaleMode mode_ = ScaleMode::exact;
  std::vector<float> row_scales_;  ///< of the folded modes, [rows]
  Columns columns_;
  std::array<RowClass, 2> classes_;
  const Kernels* kernels_ = nullptr;
  std::unique_ptr<const PackedCpu> folded_;  ///< beside an exact one, for many tokens
};

const Kernels* find_kernels(CpuKernels kernels) {
#if defined(__x86_64__)
  if (kernels == CpuKernels::avx2) return cpu_features().avx2 ? &kAvx2Kernels : nullptr;
  if (kernels == CpuKernels::avx512_vnni) return cpu_features().avx512_vnni ? &kAvx512VnniKernels : nullptr;
#endif
  return kernels == CpuKernels::reference ? &kReferenceKernels : nullptr;
}

/// One row's codes into its lane of a group, octet by octet. `code(k)`: unsigned, k counted in the row.
template <int kBits, class Code>
void store_codes(std::uint8_t* codes, std::int64_t lane, std::int64_t first, std::int64_t count, Code code) {
  for (std::int64_t k = 0; k < count; ++k) {
    const std::int64_t within = k % kOctet;
    std::uint8_t* octet = codes + k / kOctet * octet_bytes(kBits) + 4 * lane + within % 4;
    const auto value = static_cast<unsigned>(code(first + k));
    if constexpr (kBits == 4) {
      *octet = static_cast<std::uint8_t>(*octet | value << (within < 4 ? 0 : 4));
    } else {
      octet[within < 4 ? 0 : 64] = static_cast<std::uint8_t>(value);
    }
  }
}

template <int kBits>
void store_row(const QuantizedMatrix& matrix, const Columns& columns, std::int64_t index, std::uint8_t* tile) {
  const std::int64_t lane = index % kTileRows;
  const std::int64_t groups = matrix.groups();
  for (std::int64_t g = 0; g < groups; ++g) {
    const std::int64_t first = g * matrix.group;
    const std::int64_t count = std::min(matrix.group, matrix.cols - first);
    const auto& scales = kBits == 4 ? matrix.scales4 : matrix.scales8;
    const std::uint16_t scale = scales[static_cast<std::size_t>(index * groups + g)];
    std::memcpy(tile + 2 * lane, &scale, sizeof scale);
    if constexpr (kBits == 4) {
      const std::uint8_t* row = matrix.codes4.data() + index * nibble_bytes(matrix.cols);
      const std::uint8_t* zeros = matrix.zeros4.data() + index * nibble_bytes(groups);
      tile[kZerosOffset + lane] = static_cast<std::uint8_t>(nibble_at(zeros, g));
      store_codes<4>(tile + kHeaderBytes, lane, first, count, [row](std::int64_t k) { return nibble_at(row, k); });
    } else {
      const std::int8_t* row = matrix.codes8.data() + index * matrix.cols;
      store_codes<8>(tile + kHeaderBytes, lane, first, count, [row](std::int64_t k) { return row[k] + 128; });
    }
    tile += kHeaderBytes + columns.in_group(g) * octet_bytes(kBits);
  }
}

template <int kBits>
RowClass store_class(const QuantizedMatrix& matrix, std::vector<std::uint32_t> rows, const Columns& columns,
                     ThreadPool& threads) {
  RowClass result;
  result.bits = kBits;
  result.rows = std::move(rows);
  const std::int64_t tile_bytes = columns.tile_bytes(kBits);
  result.tiles = aligned_zeros(result.tile_count() * tile_bytes);
  auto* tiles = reinterpret_cast<std::uint8_t*>(result.tiles.get());
  threads.parallel_for(result.tile_count(), 4, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t index = begin * kTileRows; index < std::min(end * kTileRows, result.count()); ++index) {
      store_row<kBits>(matrix, columns, index, tiles + index / kTileRows * tile_bytes);
    }
  });
  return result;
}

/// Folded codes as a matrix of 8-bit rows whose groups all have the scale 1.
QuantizedMatrix unit_matrix(FoldedMatrix& folded, std::int64_t group) {
  QuantizedMatrix matrix;
  matrix.rows = folded.rows;
  matrix.cols = folded.cols;
  matrix.group = group;
  matrix.rows8.resize(static_cast<std::size_t>(folded.rows));
  std::iota(matrix.rows8.begin(), matrix.rows8.end(), 0U);
  matrix.codes8 = std::move(folded.codes);
  matrix.scales8.assign(static_cast<std::size_t>(folded.rows * matrix.groups()), f32_to_f16(1.0F));
  return matrix;
}

std::unique_ptr<const PackedCpu> fold(const PackedCpu& exact, const QuantizedMatrix& matrix, ScaleMode mode,
                                      ThreadPool& threads) {
  auto packed = std::make_unique<PackedCpu>();
  packed->kernels_ = exact.kernels_;
  packed->rows_ = exact.rows_;
  packed->cols_ = exact.cols_;
  packed->group_ = exact.group_;
  packed->columns_ = exact.columns_;
  packed->mode_ = mode;
  FoldedMatrix folded = fold_scales(matrix);
  packed->row_scales_ = std::move(folded.scales);
  const QuantizedMatrix units = unit_matrix(folded, matrix.group);
  packed->classes_[1] = store_class<8>(units, units.rows8, packed->columns_, threads);
  return packed;
}

/// Activations of up to kTokenChunk tokens, rounded.
class RoundedActivations {
 public:
  RoundedActivations(const PackedCpu& weights, std::int64_t tokens)
      : weights_(weights),
        codes_(std::make_unique_for_overwrite<std::int8_t[]>(
            static_cast<std::size_t>(tokens * weights.columns_.padded()))),
        scales_(static_cast<std::size_t>(tokens * weights.columns_.groups)),
        sums_(scales_.size()),
        token_scales_(weights.mode_ == ScaleMode::folded_token ? static_cast<std::size_t>(tokens) : 0) {}

  void round(const float* x, std::int64_t token) {
    const Columns& columns = weights_.columns_;
    std::int8_t* codes = codes_.get() + token * columns.padded();
    // The short group is filled up with zeros.
    std::fill(codes + weights_.cols_, codes + columns.padded(), std::int8_t{0});
    if (!token_scales_.empty()) {
      round_whole(x, token, codes);
      return;
    }
    for (std::int64_t g = 0; g < columns.groups; ++g) {
      const std::int64_t first = g * weights_.group_;
      const auto at = static_cast<std::size_t>(token * columns.groups + g);
      scales_[at] = weights_.kernels_->round_activations(x + first, std::min(weights_.group_, weights_.cols_ - first),
                                                         codes + first, sums_[at]);
    }
  }

  [[nodiscard]] Activations from(std::int64_t token) const {
    const Columns& columns = weights_.columns_;
    return {codes_.get() + token * columns.padded(), scales_.data() + token * columns.groups,
            sums_.data() + token * columns.groups};
  }
  /// Of a token rounded as a whole; otherwise 1.
  [[nodiscard]] float token_scale(std::int64_t token) const {
    return token_scales_.empty() ? 1.0F : token_scales_[static_cast<std::size_t>(token)];
  }

 private:
  void round_whole(const float* x, std::int64_t token, std::int8_t* codes) {
    std::int32_t unused = 0;
    token_scales_[static_cast<std::size_t>(token)] =
        weights_.kernels_->round_activations(x, weights_.cols_, codes, unused);
    const Columns& columns = weights_.columns_;
    for (std::int64_t g = 0; g < columns.groups; ++g) {
      const std::int8_t* first = codes + g * weights_.group_;
      const auto at = static_cast<std::size_t>(token * columns.groups + g);
      scales_[at] = 1.0F;
      sums_[at] = std::accumulate(first, first + columns.in_group(g) * kOctet, 0);
    }
  }

  const PackedCpu& weights_;
  std::unique_ptr<std::int8_t[]> codes_;
  std::vector<float> scales_;
  std::vector<std::int32_t> sums_;
  std::vector<float> token_scales_;
};

/// Products of the folded modes get the scales of their row and token.
void scale_products(float* products, std::int64_t tokens, const float* row_scales, std::int64_t count,
                    const RoundedActivations& activations, std::int64_t first_token) {
  for (std::int64_t t = 0; t < tokens; ++t, products += kPanelRows) {
    const float token_scale = activations.token_scale(first_token + t);
    for (std::int64_t r = 0; r < count; ++r)
      products[r] *= row_scales[r] * token_scale;
  }
}

/// Products of one panel to their rows' places in y.
void scatter(const float* products, std::int64_t tokens, const std::uint32_t* rows, std::int64_t count,
             const float* bias, float* y, std::int64_t stride) {
  const bool contiguous = rows[count - 1] - rows[0] == static_cast<std::uint64_t>(count - 1);
  for (std::int64_t t = 0; t < tokens; ++t, products += kPanelRows, y += stride) {
    if (contiguous && bias == nullptr) {
      std::copy_n(products, count, y + rows[0]);
      continue;
    }
    for (std::int64_t r = 0; r < count; ++r)
      y[rows[r]] = bias ? products[r] + bias[rows[r]] : products[r];
  }
}

/// Panels [begin, end) of both classes, 4 bit first, for `tokens` rounded tokens.
void multiply_panels(const PackedCpu& weights, const RoundedActivations& activations, std::int64_t begin,
                     std::int64_t end, std::int64_t tokens, const float* bias, float* y) {
  const std::int64_t panels4 = weights.classes_[0].panel_count();
  for (std::int64_t index = begin; index < end; ++index) {
    const RowClass& rows = weights.classes_[index < panels4 ? 0 : 1];
    const std::int64_t first = (index < panels4 ? index : index - panels4) * kPanelRows;
    const std::int64_t count = std::min(kPanelRows, rows.count() - first);
    const Panel panel{rows.tiles.get() + first / kTileRows * weights.columns_.tile_bytes(rows.bits),
                      (count + kTileRows - 1) / kTileRows};
    const auto multiply = rows.bits == 4 ? weights.kernels_->multiply4 : weights.kernels_->multiply8;
    for (std::int64_t t = 0; t < tokens; t += kTokenBlock) {
      const std::int64_t block = std::min(kTokenBlock, tokens - t);
      alignas(64) std::array<float, kTokenBlock * kPanelRows> products;
      std::fill_n(products.begin(), block * kPanelRows, 0.0F);
      multiply(panel, weights.columns_, activations.from(t), block, products.data());
      if (!weights.row_scales_.empty()) {  // rows in their original order
        scale_products(products.data(), block, weights.row_scales_.data() + first, count, activations, t);
      }
      scatter(products.data(), block, rows.rows.data() + first, count, bias, y + t * weights.rows_, weights.rows_);
    }
  }
}

/// Pieces that are worth a thread, from the amount of work alone.
std::int64_t grain(std::int64_t items, std::int64_t products_each) {
  return std::clamp<std::int64_t>(kPieceProducts / std::max<std::int64_t>(products_each, 1), 1,
                                  std::max<std::int64_t>(items, 1));
}

}  // namespace

bool cpu_kernels_available(CpuKernels kernels) {
  return kernels == CpuKernels::automatic || find_kernels(kernels) != nullptr;
}

CpuKernels best_cpu_kernels() {
  for (const CpuKernels kernels : {CpuKernels::avx512_vnni, CpuKernels::avx2}) {
    if (cpu_kernels_available(kernels)) return kernels;
  }
  return CpuKernels::reference;
}

Result<std::shared_ptr<const PackedWeights>> pack_cpu(const QuantizedMatrix& matrix, ScaleMode mode, CpuKernels kernels,
                                                      ThreadPool& threads) {
  if (matrix.group != 32 && matrix.group != 64 && matrix.group != 128) {
    return Error{ErrorCode::range, {}, "group", "32, 64 or 128", std::to_string(matrix.group), {}};
  }
  auto packed = std::make_shared<PackedCpu>();
  packed->kernels_ = find_kernels(kernels == CpuKernels::automatic ? best_cpu_kernels() : kernels);
  if (packed->kernels_ == nullptr) {
    return Error{ErrorCode::unsupported,
                 {},
                 "kernels",
                 "instructions this processor has",
                 "others",
                 "let the kernels be chosen automatically"};
  }
  packed->rows_ = matrix.rows;
  packed->cols_ = matrix.cols;
  packed->group_ = matrix.group;
  const std::int64_t groups = matrix.groups();
  packed->columns_ = {groups, matrix.group / kOctet, octets(matrix.cols - (groups - 1) * matrix.group)};
  packed->classes_[0] = store_class<4>(matrix, matrix.rows4(), packed->columns_, threads);
  packed->classes_[1] = store_class<8>(matrix, matrix.rows8, packed->columns_, threads);
  if (mode != ScaleMode::exact) packed->folded_ = fold(*packed, matrix, mode, threads);
  return std::shared_ptr<const PackedWeights>(std::move(packed));
}

void packed_linear_cpu(const PackedWeights& weights, const float* x, std::int64_t tokens, const float* bias, float* y,
                       ThreadPool& threads) {
  const auto& exact = static_cast<const PackedCpu&>(weights);
  const bool folds = exact.folded_ != nullptr && mode_for(exact.folded_->mode_, tokens) != ScaleMode::exact;
  const PackedCpu& packed = folds ? *exact.folded_ : exact;
  const std::int64_t panels = packed.classes_[0].panel_count() + packed.classes_[1].panel_count();
  RoundedActivations activations(packed, std::min(tokens, kTokenChunk));
  for (std::int64_t first = 0; first < tokens; first += kTokenChunk) {
    const std::int64_t chunk = std::min(kTokenChunk, tokens - first);
    const float* from = x + first * packed.cols_;
    float* to = y + first * packed.rows_;
    // Rounding an activation costs about as much as 32 products.
    threads.parallel_for(chunk, grain(chunk, packed.cols_ * 32), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t t = begin; t < end; ++t)
        activations.round(from + t * packed.cols_, t);
    });
    threads.parallel_for(panels, grain(panels, chunk * kPanelRows * packed.cols_),
                         [&](std::int64_t begin, std::int64_t end) {
                           multiply_panels(packed, activations, begin, end, chunk, bias, to);
                         });
  }
}

}  // namespace salient

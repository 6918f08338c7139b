// SPDX-License-Identifier: Apache-2.0
// The mixed-precision product on a GPU (METHOD §5): a quantized matrix in the kernels' own order, activations rounded
// to 8 bit, and their product. Shapes are the caller's duty (checked by assertions).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/base/result.h"
#include "core/compute/backend.h"
#include "core/compute/folded_scales.h"
#include "core/compute/quantized_matrix.h"
#include "core/compute/tensor.h"
#include "cuda/context.h"

namespace salient::cuda {

namespace mixed {
struct Weights;
struct Plan;
struct Shape;
}  // namespace mixed

/// [N, K] re-tiled on the device. Groups of 32, 64 or 128; K of any size is filled up to a multiple of 128.
class MixedMatrix final : public PackedWeights {
 public:
  /// `folds`: keep what the folded modes need as well (a few bits for each group). `mode`: what the backend multiplies
  /// many tokens it in; a folded one needs `folds`.
  static Result<std::shared_ptr<const MixedMatrix>> create(Context& context, const QuantizedMatrix& matrix,
                                                           bool folds = true, ScaleMode mode = ScaleMode::exact);
  /// Several matrices with the same columns and group, arranged so that one product can have them all: see whole().
  static Result<std::vector<std::shared_ptr<const MixedMatrix>>> create(Context& context,
                                                                        std::span<const QuantizedMatrix> matrices,
                                                                        bool folds, ScaleMode mode);
  ~MixedMatrix() override;

  [[nodiscard]] std::int64_t rows() const override { return rows_; }
  [[nodiscard]] std::int64_t cols() const override { return cols_; }
  [[nodiscard]] std::int64_t group() const { return group_; }
  [[nodiscard]] std::int64_t count8() const { return count8_; }
  [[nodiscard]] bool folds() const { return folds_; }
  [[nodiscard]] ScaleMode mode() const { return mode_; }
  /// Bytes that an exact product reads.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] const mixed::Weights& weights() const { return *weights_; }
  /// The rows of all matrices that were created together with this one, in the same memory; null where there were none.
  [[nodiscard]] const std::shared_ptr<const MixedMatrix>& whole() const { return whole_; }
  [[nodiscard]] std::int64_t first_row() const { return first_row_; }  ///< in whole()

 private:
  MixedMatrix() = default;

  std::int64_t rows_ = 0;
  std::int64_t cols_ = 0;
  std::int64_t group_ = 128;
  std::int64_t count8_ = 0;
  bool folds_ = false;
  ScaleMode mode_ = ScaleMode::exact;
  std::uint64_t bytes_ = 0;
  std::unique_ptr<mixed::Weights> weights_;
  std::shared_ptr<Buffer> memory_;
  std::shared_ptr<const MixedMatrix> whole_;
  std::int64_t first_row_ = 0;
};

/// Activations [tokens, cols] in 8 bit, for products with matrices of this many columns and this group.
struct RoundedActivations {
  std::shared_ptr<Buffer> memory;
  std::int8_t* codes = nullptr;
  float* scales = nullptr;
  std::int64_t tokens = 0;
  std::int64_t cols = 0;
  std::int64_t group = 128;
  ScaleMode mode = ScaleMode::exact;
  bool transposed = false;  ///< the order that the kernel for few tokens reads
};

/// Bytes that the codes and scales of so many tokens take.
[[nodiscard]] std::uint64_t activation_bytes(std::int64_t tokens, std::int64_t cols, std::int64_t group);

/// Room for them in `memory` (activation_bytes() of it); nothing is computed. Their order suits products with `matrix`
/// best; others of as many columns and the same group take them as well. What fuses rounding into another operation
/// fills it in the order of cuda/kernels/mixed_kernels.h.
[[nodiscard]] RoundedActivations lay_out_activations(const Context& context, const MixedMatrix& matrix,
                                                     std::shared_ptr<Buffer> memory, std::int64_t tokens,
                                                     ScaleMode mode);

/// Rounds x [tokens, K] (f16, bf16 or f32) for products with `matrix` and its like, into scratch memory or `memory`.
[[nodiscard]] Result<RoundedActivations> round_activations(Context& context, const MixedMatrix& matrix, const Tensor& x,
                                                           ScaleMode mode, std::shared_ptr<Buffer> memory = nullptr);

/// out [tokens, N] (f16, bf16 or f32) = x Wᵀ + bias, rows in their original order; `bias` (f16, bf16 or f32) may be
/// empty. Sums have a fixed order. The mode is that of the activations.
[[nodiscard]] Status mixed_gemm(Context& context, const MixedMatrix& matrix, const RoundedActivations& x,
                                const Tensor& bias, const Tensor& out);
/// The same with a kernel and shape of the caller's choice: for tests and measurements.
[[nodiscard]] Status mixed_gemm(Context& context, const MixedMatrix& matrix, const RoundedActivations& x,
                                const Tensor& bias, const Tensor& out, const mixed::Plan& plan);
/// What the choice of a plan depends on.
[[nodiscard]] mixed::Shape shape_of(const Context& context, const MixedMatrix& matrix, std::int64_t tokens,
                                    ScaleMode mode);

}  // namespace salient::cuda

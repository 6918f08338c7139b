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

namespace kernels {
struct RowOutput;
}
namespace mixed {
enum class Type : int;
struct Weights;
struct Plan;
struct Shape;
}  // namespace mixed

/// What a MixedMatrix keeps for products of many tokens beside its tiles of 4 and 8 bits. On Hopper it is a copy of the
/// weights in 8 bits each, made on the device at load, which such products read instead: unpacking costs them more than
/// reading. Elsewhere there is no exact copy, and a folded one is 16 bits for each group.
enum class MixedCopy {
  none,    ///< exact products only
  exact,   ///< the same products, faster from 65 tokens on, of small matrices from more
  folded,  ///< the folded modes as well
};

/// [N, K] re-tiled on the device. Groups of 32, 64 or 128; K of any size is filled up to a multiple of 128.
class MixedMatrix final : public PackedWeights {
 public:
  /// `mode`: what the backend multiplies many tokens it in; a folded one needs a folded copy.
  static Result<std::shared_ptr<const MixedMatrix>> create(Context& context, const QuantizedMatrix& matrix,
                                                           MixedCopy copy = MixedCopy::none,
                                                           ScaleMode mode = ScaleMode::exact);
  /// Several matrices with the same columns and group, arranged so that one product can have them all: see whole().
  /// Those that begin at no multiple of mixed::kCopyRows rows of the whole have no copy of their own.
  static Result<std::vector<std::shared_ptr<const MixedMatrix>>> create(Context& context,
                                                                        std::span<const QuantizedMatrix> matrices,
                                                                        MixedCopy copy, ScaleMode mode);
  ~MixedMatrix() override;

  [[nodiscard]] std::int64_t rows() const override { return rows_; }
  [[nodiscard]] std::int64_t cols() const override { return cols_; }
  [[nodiscard]] std::int64_t group() const { return group_; }
  [[nodiscard]] std::int64_t count8() const { return count8_; }
  [[nodiscard]] MixedCopy copy() const { return copy_; }
  [[nodiscard]] ScaleMode mode() const { return mode_; }
  /// Bytes that an exact product reads without a copy.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  /// Bytes of the copy.
  [[nodiscard]] std::uint64_t copy_bytes() const { return copy_bytes_; }
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
  MixedCopy copy_ = MixedCopy::none;
  ScaleMode mode_ = ScaleMode::exact;
  std::uint64_t bytes_ = 0;
  std::uint64_t copy_bytes_ = 0;
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
/// empty. Sums have a fixed order. The mode is that of the activations. The first product of a shape on a device may
/// take a few hundred times as long: see MeasuredPlans.
[[nodiscard]] Status mixed_gemm(Context& context, const MixedMatrix& matrix, const RoundedActivations& x,
                                const Tensor& bias, const Tensor& out);
/// The same with a kernel and shape of the caller's choice: for tests and measurements.
[[nodiscard]] Status mixed_gemm(Context& context, const MixedMatrix& matrix, const RoundedActivations& x,
                                const Tensor& bias, const Tensor& out, const mixed::Plan& plan);
/// Whether gated_gemm() has a kernel for so many tokens, and gains by it.
[[nodiscard]] bool can_gate(const Context& context, const MixedMatrix& matrix, std::int64_t tokens);
/// Whether gated_gemm() leaves activations for the next product, in 8 bit in groups of 128, and not values in f16: with
/// exact scales, whose tiles hold whole groups. Those of folded ones hold as many rows as leave room for their sums to
/// run on, and one scale a token takes whole rows.
[[nodiscard]] bool gates_into_codes(ScaleMode mode);
/// silu(gate) · up of the two halves of the outputs, both rounded to f16 first.
[[nodiscard]] Status gated_gemm(Context& context, const MixedMatrix& matrix, const RoundedActivations& x,
                                const Tensor& bias, const kernels::RowOutput& out);
/// f16, bf16 or f32, as kernels say it.
[[nodiscard]] mixed::Type kernel_type(DType dtype);
/// What the choice of a plan depends on.
[[nodiscard]] mixed::Shape shape_of(const Context& context, const MixedMatrix& matrix, std::int64_t tokens,
                                    ScaleMode mode);

}  // namespace salient::cuda

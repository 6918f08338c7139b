// SPDX-License-Identifier: Apache-2.0
// What quantization knows of a linear's calibration inputs, prepared once for all linears that read them
// (q, k, v; gate, up) and for both classes of rows.
//
// H = 2 Σ x xᵀ / sequences. In this order: dead inputs (H_kk = 0) get H_kk = 1; groups are sorted in
// descending order of Σ diag(H) inside the group (stable, columns inside a group stay together, a short last
// group is a group like the others); damping · mean(diag H) is added to the diagonal. GPTQ (Frantar et al.
// 2022) needs the upper Cholesky factor U of H⁻¹ = UᵀU in that order of columns.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/quant/quantize_linear.h"

namespace salient {

class Hessian {
 public:
  /// `gram`'s values must outlive the Hessian. Factorizes for the methods that need it; where that fails with
  /// the damping asked for, it is raised tenfold up to mean(diag H) before failure() says so.
  /// Error{numeric} with count and first index where the Gram matrix holds NaN or Inf.
  static Result<Hessian> prepare(const GramMatrix& gram, const QuantOptions& options, ThreadPool& threads,
                                 const Job* job = nullptr);

  [[nodiscard]] std::int64_t cols() const { return gram_.cols; }
  [[nodiscard]] std::int64_t group() const { return group_; }
  [[nodiscard]] bool dead(std::int64_t column) const { return dead_[static_cast<std::size_t>(column)] != 0; }
  [[nodiscard]] std::int64_t dead_inputs() const;
  /// Groups in the order in which GPTQ takes them.
  [[nodiscard]] const std::vector<std::int64_t>& group_order() const { return group_order_; }
  /// U [K, K], row-major, columns in processing order; what is below the diagonal is zero. Empty without factor.
  [[nodiscard]] std::span<const float> factor() const { return factor_; }
  [[nodiscard]] double damping() const { return damping_; }              ///< used by the factor; 0 without
  [[nodiscard]] const std::string& failure() const { return failure_; }  ///< why there is no factor
  /// The group's diagonal block of the undamped H, up to a constant factor common to all blocks: [w, w].
  [[nodiscard]] std::span<const float> diagonal_block(std::int64_t group) const;

  /// Σ over rows of d (Σ x xᵀ) dᵀ; `fill(row, d)` writes row `row`'s d [K] and is called from many threads.
  [[nodiscard]] double output_energy(std::int64_t rows,
                                     const std::function<void(std::int64_t row, std::span<double> d)>& fill,
                                     ThreadPool& threads, const Job* job = nullptr) const;

 private:
  Hessian() = default;
  void copy_diagonal_blocks(double scale);
  void order_groups(const std::vector<double>& diagonal);
  Status factorize(const std::vector<double>& diagonal, double damping, ThreadPool& threads, const Job* job);

  GramMatrix gram_;
  std::int64_t group_ = 128;
  std::vector<std::uint8_t> dead_;
  std::vector<std::int64_t> group_order_;
  std::vector<float> blocks_;  ///< [K, group]: the diagonal blocks one after another
  std::vector<float> factor_;
  double damping_ = 0;
  std::string failure_;
};

}  // namespace salient

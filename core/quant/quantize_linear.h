// SPDX-License-Identifier: Apache-2.0
// Quantizing one linear (METHOD §4): 4-bit rows and 8-bit rows separately, each by round-to-nearest or GPTQ,
// with or without clip search. Works on host memory in fp32 and double. The result does not depend on the
// number of threads.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/base/threads.h"
#include "core/compute/quantized_matrix.h"

namespace salient {

class DeviceQuantizer;
class Hessian;
class QuantizerInputs;
struct Tensor;

enum class QuantMethod {
  mixllm,  ///< GPTQ with group reordering and clip search (METHOD §4)
  gptq,    ///< GPTQ with group reordering, no clip search unless asked for
  rtn      ///< round-to-nearest; with clip search if asked for
};
[[nodiscard]] std::string_view quant_method_name(QuantMethod method);
[[nodiscard]] Result<QuantMethod> quant_method_from_name(std::string_view name);
/// What QuantOptions::clip should be where nobody said: clip search is part of mixllm alone.
[[nodiscard]] constexpr bool clips_by_default(QuantMethod method) {
  return method == QuantMethod::mixllm;
}

struct QuantOptions {
  QuantMethod method = QuantMethod::mixllm;
  bool clip = true;          ///< clip search over r in {0.80, 0.82, …, 1.00}, whatever the method
  std::int64_t group = 128;  ///< 32, 64 or 128
  double damping = 0.01;     ///< of mean(diag H), 0 to 1
  /// 0: 4 and 8 bit as the bit map says. 2 to 8: every row has so many, and the bit map must say 4 bit for all rows up
  /// to 4, 8 bit above, which is how they are stored (uniform_map).
  std::int32_t uniform_bits = 0;

  /// Whether calibration inputs are needed at all: plain round-to-nearest looks at the weights alone.
  [[nodiscard]] bool needs_calibration() const { return method != QuantMethod::rtn || clip; }
};
/// Error{usage} where an option is outside what is documented above.
[[nodiscard]] Status check_quant_options(const QuantOptions& options);

/// Gram matrix of a linear's calibration inputs: Σ x xᵀ over all tokens of `sequences` sequences, [K, K] f64, both
/// triangles valid. H = 2 Σ x xᵀ / sequences is formed inside.
struct GramMatrix {
  std::span<const double> values;
  std::int64_t cols = 0;
  std::int64_t sequences = 0;
};

struct QuantizedLinear {
  QuantizedMatrix matrix;
  /// Σ δ (xᵀx) δᵀ / Σ w (xᵀx) wᵀ over the rows: relative squared output error on the calibration inputs.
  /// Negative where there were none (round-to-nearest without clip search).
  double output_error = -1;
  double clipped_groups = 0;  ///< share of row-groups with r < 1
  std::int64_t dead_inputs = 0;
  double damping_used = 0;  ///< after raising; 0 where nothing was factorized
  std::string fallback;     ///< empty, or why GPTQ gave way to round-to-nearest (a line for the report)
};

/// `weight` [rows, cols]; `rows8` ascending. `hessian` (see hessian.h) may be null for rtn without clip; it was
/// prepared with the same options. Clip search is kept for a class of rows (4 bit, 8 bit) only where the output
/// error summed over that class gets smaller by it. NaN, Inf or magnitudes beyond what an fp16 scale can hold in
/// the weight → Error{numeric} with count and first index.
[[nodiscard]] Result<QuantizedLinear> quantize_linear(std::span<const float> weight, std::int64_t rows,
                                                      std::int64_t cols, const std::vector<std::uint32_t>& rows8,
                                                      const Hessian* hessian, const QuantOptions& options,
                                                      ThreadPool& threads, const Job* job = nullptr);

/// The same where weight and inputs are on a device that quantizes itself; `inputs` has a factor, the method is not
/// rtn. `values` are the weight's, for the checks.
[[nodiscard]] Result<QuantizedLinear> quantize_linear(DeviceQuantizer& quantizer, const QuantizerInputs& inputs,
                                                      const Tensor& weight, std::span<const float> values,
                                                      const std::vector<std::uint32_t>& rows8,
                                                      const QuantOptions& options, const Job* job = nullptr);

/// The same for a linear that shares its inputs with no other: prepares the Hessian of `gram` itself. `gram` may be
/// empty (cols 0) for rtn without clip.
[[nodiscard]] Result<QuantizedLinear> quantize_linear(std::span<const float> weight, std::int64_t rows,
                                                      std::int64_t cols, const std::vector<std::uint32_t>& rows8,
                                                      const GramMatrix& gram, const QuantOptions& options,
                                                      ThreadPool& threads, const Job* job = nullptr);

}  // namespace salient

// SPDX-License-Identifier: Apache-2.0
// The kernels of GPTQ as host code sees them; as kernels.h.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "core/base/dtype.h"
#include "core/compute/quantized_matrix.h"

namespace salient::cuda::kernels {

// Matrices [n, n] of doubles
[[nodiscard]] cudaError_t diagonal(cudaStream_t stream, const double* matrix, std::int64_t n, double* out);
/// out[r, c] = scale · gram[order[r], order[c]]; on the diagonal diagonal[order[r]] + damping.
[[nodiscard]] cudaError_t permute(cudaStream_t stream, const double* gram, const std::int32_t* order,
                                  const double* diagonal, double scale, double damping, std::int64_t n, double* out);
inline constexpr int kFactorBlock = 64;
/// Cholesky factor of the block [size, size] at `matrix`, columns first with stride n, in place of its lower triangle;
/// *failed = 1 where it is not positive definite.
[[nodiscard]] cudaError_t factor_block(cudaStream_t stream, double* matrix, std::int64_t n, int size, int* failed);
[[nodiscard]] cudaError_t identity(cudaStream_t stream, double* matrix, std::int64_t n);
/// `inverse`: L⁻¹, columns first, of the matrix in reversed order; out: U (core/quant/hessian.h) in fp32, rows first.
[[nodiscard]] cudaError_t upper_factor(cudaStream_t stream, const double* inverse, std::int64_t n, float* factor,
                                       int* failed);
/// blocks[r, c] = scale · gram[r, first column of r's group + c], [n, group]
[[nodiscard]] cudaError_t diagonal_blocks(cudaStream_t stream, const double* gram, double scale, std::int64_t n,
                                          std::int64_t group, float* blocks);
[[nodiscard]] cudaError_t doubles_to_floats(cudaStream_t stream, const double* source, std::int64_t count, float* out);

/// out[i, p] = weight[rows[i], order[p]], 0 where order[p] < 0.
[[nodiscard]] cudaError_t gather_rows(cudaStream_t stream, DType dtype, const void* weight, const std::uint32_t* rows,
                                      const std::int32_t* order, std::int64_t count, std::int64_t n, float* out);

/// One group of all rows.
struct GptqGroup {
  float* weights = nullptr;  ///< the group's first column of the first row, in processing order
  std::int64_t stride = 0;   ///< of rows of weights, factor and codes: n
  std::int64_t rows = 0;
  int width = 0;    ///< columns of this group
  int group = 128;  ///< of a whole group; also the stride of `block`
  std::int64_t groups = 0;
  std::int64_t index = 0;         ///< of the group in the linear's own order
  std::int64_t first_column = 0;  ///< likewise
  RowFormat format;
  const float* block = nullptr;   ///< of the Hessian, [width, group]
  const float* factor = nullptr;  ///< the factor's block on the diagonal
  std::uint16_t* scales = nullptr;
  std::uint8_t* zeros = nullptr;
  std::int32_t* clipped = nullptr;  ///< of each row, counted up
  std::int8_t* codes = nullptr;
  float* errors = nullptr;  ///< [rows, width]
};
[[nodiscard]] cudaError_t choose_grids(cudaStream_t stream, const GptqGroup& group, bool clip);
[[nodiscard]] cudaError_t round_group(cudaStream_t stream, const GptqGroup& group);

/// out[i, k] = value of the code − weight[rows[i], k]; the weight itself without codes; rows null: all in order.
[[nodiscard]] cudaError_t differences(cudaStream_t stream, DType dtype, const void* weight, const std::uint32_t* rows,
                                      const std::int8_t* codes, const std::uint16_t* scales, const std::uint8_t* zeros,
                                      std::int64_t count, std::int64_t n, std::int64_t group, float* out);
[[nodiscard]] cudaError_t row_dots(cudaStream_t stream, const float* a, const float* b, std::int64_t rows,
                                   std::int64_t n, double* sums);

}  // namespace salient::cuda::kernels

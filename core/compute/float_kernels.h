// SPDX-License-Identifier: Apache-2.0
// The inner loops of the CPU backend on rows of floats, in three versions (plain 128-bit vectors, AVX2, AVX-512)
// of one source. Sums run over a fixed number of lanes, so a version always gives the same bits.
#pragma once

#include <cstdint>

#include "core/base/dtype.h"
#include "core/compute/packed_linear.h"

namespace salient {

/// Rows need no alignment; `n` may be anything from 0 on unless said otherwise.
struct FloatKernels {
  float (*maximum)(const float* x, std::int64_t n);  ///< n ≥ 1
  float (*dot)(const float* a, const float* b, std::int64_t n);
  /// x ← exp(x − shift); the sum of what was written.
  float (*exp_shifted)(float* x, std::int64_t n, float shift);
  double (*sum_exp_shifted)(const float* x, std::int64_t n, float shift);  ///< Σ exp(x − shift), x unchanged
  void (*scale)(float* x, std::int64_t n, float factor);
  void (*add)(const float* x, float* y, std::int64_t n);                       ///< y += x
  void (*add_scaled)(const float* x, float factor, float* y, std::int64_t n);  ///< y += factor·x
  void (*subtract)(const float* x, float* y, std::int64_t n);                  ///< y −= x
  /// out = weight · (x · factor)
  void (*weighted)(const float* x, const float* weight, float factor, float* out, std::int64_t n);
  /// (a, b) ← (a·cos − b·sin, b·cos + a·sin)
  void (*rotate)(float* a, float* b, const float* cosine, const float* sine, std::int64_t n);
  void (*swiglu)(const float* gate, const float* up, float* out, std::int64_t n);
  void (*swiglu_backward)(const float* gate, const float* up, const float* dout, float* dgate, float* dup,
                          std::int64_t n);
  /// dp ← p · (dp − shift) · factor: from dL/dP to dL/dS of a softmax row.
  void (*softmax_backward)(const float* p, float* dp, float shift, float factor, std::int64_t n);
  /// sum[i] += a[i]·b[i] in double.
  void (*add_products)(const float* a, const float* b, double* sum, std::int64_t n);
  /// Σ (a·b)² in double.
  double (*sum_squared_products)(const float* a, const float* b, std::int64_t n);
  /// sum[i] += x[i] in double.
  void (*add_to_double)(const float* x, double* sum, std::int64_t n);
  /// out[t] = Σ_k weight[k]·x[t·cols + k] for `tokens` ≤ 4 rows of x; weight of f32, f16 or bf16.
  void (*dot_tokens)(DType dtype, const void* weight, const float* x, std::int64_t cols, std::int64_t tokens,
                     float* out);
  /// Floats from f32, f16 or bf16.
  void (*widen)(DType dtype, const void* source, float* out, std::int64_t n);
};

extern const FloatKernels kFloatKernelsPlain;
#if defined(__x86_64__)
extern const FloatKernels kFloatKernelsAvx2;
extern const FloatKernels kFloatKernelsAvx512;
#endif

/// `kernels` must be available on this processor, and not `automatic`.
[[nodiscard]] const FloatKernels& float_kernels(CpuKernels kernels);

}  // namespace salient

// SPDX-License-Identifier: Apache-2.0
#include "core/quant/cholesky.h"

#include <cblas.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace salient {
namespace {

constexpr std::int64_t kTile = 128;

/// Lower Cholesky factor of one tile in place; false at a pivot that is not positive.
bool factorize_tile(double* tile, std::int64_t size, std::int64_t stride) {
  for (std::int64_t j = 0; j < size; ++j) {
    double* row_j = tile + j * stride;
    double pivot = row_j[j];
    for (std::int64_t k = 0; k < j; ++k)
      pivot -= row_j[k] * row_j[k];
    if (!(pivot > 0) || !std::isfinite(pivot)) return false;
    row_j[j] = std::sqrt(pivot);
    for (std::int64_t i = j + 1; i < size; ++i) {
      double* row_i = tile + i * stride;
      double sum = row_i[j];
      for (std::int64_t k = 0; k < j; ++k)
        sum -= row_i[k] * row_j[k];
      row_i[j] = sum / row_j[j];
    }
  }
  return true;
}

/// Inverse of one lower triangular tile in place, zeros above its diagonal.
void invert_tile(double* tile, std::int64_t size, std::int64_t stride) {
  for (std::int64_t i = 0; i < size; ++i) {
    double* row_i = tile + i * stride;
    const double inverse = 1 / row_i[i];
    // Row i of the inverse is −(row i of L) · (the rows of the inverse above) / L_ii; column j needs k ≥ j only,
    // so going up in j never reads what was already replaced.
    for (std::int64_t j = 0; j < i; ++j) {
      double sum = 0;
      for (std::int64_t k = j; k < i; ++k)
        sum += row_i[k] * tile[k * stride + j];
      row_i[j] = -sum * inverse;
    }
    row_i[i] = inverse;
    std::fill(row_i + i + 1, row_i + size, 0.0);
  }
}

/// A = L Lᵀ, right-looking: factorize a diagonal tile, solve the tiles below it, update what is right of them.
Result<bool> factorize(double* a, std::int64_t n, ThreadPool& threads, const Job* job) {
  for (std::int64_t k = 0; k < n; k += kTile) {
    if (job != nullptr) SALIENT_CHECK(job->check());
    const std::int64_t size = std::min(kTile, n - k);
    double* diagonal = a + k * n + k;
    if (!factorize_tile(diagonal, size, n)) return false;
    const std::int64_t below = k + size;
    threads.parallel_for(n - below, kTile, [&](std::int64_t begin, std::int64_t end) {
      cblas_dtrsm(CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, static_cast<int>(end - begin),
                  static_cast<int>(size), 1.0, diagonal, static_cast<int>(n), a + (below + begin) * n + k,
                  static_cast<int>(n));
    });
    threads.parallel_for(n - below, kTile, [&](std::int64_t begin, std::int64_t end) {
      cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<int>(end - begin), static_cast<int>(end),
                  static_cast<int>(size), -1.0, a + (below + begin) * n + k, static_cast<int>(n), a + below * n + k,
                  static_cast<int>(n), 1.0, a + (below + begin) * n + below, static_cast<int>(n));
    });
  }
  return true;
}

/// L⁻¹ in place, a row of tiles after the other: X_i = −L_ii⁻¹ (L_i · X above).
Status invert(double* a, std::int64_t n, ThreadPool& threads, const Job* job) {
  std::vector<double> row(static_cast<std::size_t>(kTile * n));
  for (std::int64_t i = 0; i < n; i += kTile) {
    if (job != nullptr) SALIENT_CHECK(job->check());
    const std::int64_t size = std::min(kTile, n - i);
    for (std::int64_t r = 0; r < size; ++r)
      std::copy_n(a + (i + r) * n, i, row.data() + r * n);
    threads.parallel_for(i, kTile, [&](std::int64_t begin, std::int64_t end) {
      cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, static_cast<int>(size), static_cast<int>(end - begin),
                  static_cast<int>(i - begin), -1.0, row.data() + begin, static_cast<int>(n), a + begin * n + begin,
                  static_cast<int>(n), 0.0, a + i * n + begin, static_cast<int>(n));
      cblas_dtrsm(CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, static_cast<int>(size),
                  static_cast<int>(end - begin), 1.0, a + i * n + i, static_cast<int>(n), a + i * n + begin,
                  static_cast<int>(n));
    });
    invert_tile(a + i * n + i, size, n);
    for (std::int64_t r = 0; r < size; ++r)
      std::fill(a + (i + r) * n + i + size, a + (i + r + 1) * n, 0.0);
  }
  return {};
}

}  // namespace

Result<bool> invert_cholesky_factor(std::span<double> matrix, std::int64_t n, ThreadPool& threads, const Job* job) {
  openblas_set_num_threads(1);  // each tile is one single-threaded call
  SALIENT_ASSIGN(const bool positive, factorize(matrix.data(), n, threads, job));
  if (!positive) return false;
  SALIENT_CHECK(invert(matrix.data(), n, threads, job));
  return true;
}

}  // namespace salient

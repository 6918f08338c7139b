// SPDX-License-Identifier: Apache-2.0
#include "core/quant/cholesky.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/base/random.h"

namespace salient {
namespace {

/// A = B Bᵀ + I with B's entries in [−1, 1).
std::vector<double> positive_definite(std::int64_t n) {
  Random random(5);
  std::vector<double> b(static_cast<std::size_t>(n * n));
  for (double& value : b)
    value = 2 * random.uniform() - 1;
  std::vector<double> a(b.size());
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      double sum = i == j ? 1 : 0;
      for (std::int64_t k = 0; k < n; ++k)
        sum += b[static_cast<std::size_t>(i * n + k)] * b[static_cast<std::size_t>(j * n + k)];
      a[static_cast<std::size_t>(i * n + j)] = sum;
    }
  }
  return a;
}

TEST(InvertCholeskyFactor, WhitensTheMatrix) {
  ThreadPool threads(2);
  for (const std::int64_t n : {1, 7, 128, 129, 300}) {
    const std::vector<double> a = positive_definite(n);
    std::vector<double> x = a;
    const auto positive = invert_cholesky_factor(x, n, threads);
    ASSERT_TRUE(positive && *positive);
    // X A Xᵀ = I, X lower triangular.
    std::vector<double> xa(a.size());
    for (std::int64_t i = 0; i < n; ++i) {
      for (std::int64_t k = 0; k < n; ++k) {
        if (k > i) {
          ASSERT_EQ(x[static_cast<std::size_t>(i * n + k)], 0);
        }
        for (std::int64_t j = 0; j < n; ++j) {
          xa[static_cast<std::size_t>(i * n + j)] +=
              x[static_cast<std::size_t>(i * n + k)] * a[static_cast<std::size_t>(k * n + j)];
        }
      }
    }
    for (std::int64_t i = 0; i < n; ++i) {
      for (std::int64_t j = 0; j < n; ++j) {
        double sum = 0;
        for (std::int64_t k = 0; k < n; ++k)
          sum += xa[static_cast<std::size_t>(i * n + k)] * x[static_cast<std::size_t>(j * n + k)];
        ASSERT_NEAR(sum, i == j, 1e-9) << n << ": " << i << ", " << j;
      }
    }
  }
}

TEST(InvertCholeskyFactor, IsTheSameOnAnyNumberOfThreads) {
  ThreadPool one(1);
  ThreadPool three(3);
  std::vector<double> a = positive_definite(300);
  std::vector<double> b = a;
  ASSERT_TRUE(invert_cholesky_factor(a, 300, one));
  ASSERT_TRUE(invert_cholesky_factor(b, 300, three));
  EXPECT_EQ(a, b);
}

TEST(InvertCholeskyFactor, SaysWhereAMatrixIsNotPositiveDefinite) {
  ThreadPool threads(1);
  std::vector<double> a = positive_definite(200);
  a[150 * 200 + 150] = -1;
  const auto positive = invert_cholesky_factor(a, 200, threads);
  ASSERT_TRUE(positive);
  EXPECT_FALSE(*positive);
}

}  // namespace
}  // namespace salient

// SPDX-License-Identifier: Apache-2.0
// Blocked attention and its backward pass against the whole matrix of probabilities in double precision.
#include <algorithm>

#include "tests/unit/compute/compute_test.h"

namespace salient {
namespace {

using test::at;
using test::BackendTest;
using test::relative_error;
using test::take;

/// Probabilities of one head, [queries, keys].
std::vector<std::vector<double>> probabilities(const Tensor& q, const Tensor& k, const AttentionShape& shape,
                                               std::int64_t head, std::int64_t first_position) {
  const std::int64_t dim = shape.head_dim, kv_head = head / (shape.heads / shape.kv_heads);
  std::vector<std::vector<double>> rows;
  for (std::int64_t t = 0; t < q.rows; ++t) {
    std::vector<double> row(static_cast<std::size_t>(k.rows), 0.0);
    double peak = -1e300, sum = 0;
    for (std::int64_t s = 0; s <= first_position + t; ++s) {
      double score = 0;
      for (std::int64_t i = 0; i < dim; ++i)
        score += at(q, t, head * dim + i) * at(k, s, kv_head * dim + i);
      row[static_cast<std::size_t>(s)] = score / std::sqrt(static_cast<double>(dim));
      peak = std::max(peak, row[static_cast<std::size_t>(s)]);
    }
    for (std::int64_t s = 0; s <= first_position + t; ++s) {
      auto& value = row[static_cast<std::size_t>(s)];
      sum += value = std::exp(value - peak);
    }
    for (double& value : row)
      value /= sum;
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<double> attend(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionShape& shape,
                           std::int64_t first_position) {
  const std::int64_t dim = shape.head_dim;
  std::vector<double> out(static_cast<std::size_t>(q.size()), 0.0);
  for (std::int64_t head = 0; head < shape.heads; ++head) {
    const auto p = probabilities(q, k, shape, head, first_position);
    const std::int64_t kv_head = head / (shape.heads / shape.kv_heads);
    for (std::int64_t t = 0; t < q.rows; ++t) {
      for (std::int64_t s = 0; s < k.rows; ++s) {
        const double weight = p[static_cast<std::size_t>(t)][static_cast<std::size_t>(s)];
        for (std::int64_t i = 0; i < dim; ++i) {
          out[static_cast<std::size_t>(t * q.cols + head * dim + i)] += weight * at(v, s, kv_head * dim + i);
        }
      }
    }
  }
  return out;
}

class Attention : public BackendTest {};

TEST_P(Attention, WholeSequences) {
  for (const std::int64_t tokens : {2, 127, 128, 129, 700}) {
    const AttentionShape shape{4, 2, 20};
    const Tensor q = random(tokens, 80, 3), k = random(tokens, 40, 3), v = random(tokens, 40);
    const Tensor out = tensor(tokens, 80);
    take(backend->attention(q, k, v, shape, 0, out));
    EXPECT_LT(relative_error(out, attend(q, k, v, shape, 0)), 1e-5) << tokens;
  }
}

TEST_P(Attention, ContinuesAfterThePast) {
  for (const std::int64_t tokens : {1, 3, 130}) {
    for (const std::int64_t past : {0, 5, 511, 512, 600}) {
      const AttentionShape shape{3, 1, 16};
      const Tensor q = random(tokens, 48, 3), k = random(past + tokens, 16, 3), v = random(past + tokens, 16);
      const Tensor out = tensor(tokens, 48);
      take(backend->attention(q, k, v, shape, past, out));
      EXPECT_LT(relative_error(out, attend(q, k, v, shape, past)), 1e-5) << tokens << " after " << past;
    }
  }
}

TEST_P(Attention, LargeScoresDoNotOverflow) {
  const AttentionShape shape{1, 1, 8};
  const Tensor q = random(600, 8, 60), k = random(600, 8, 60), v = random(600, 8), out = tensor(600, 8);
  take(backend->attention(q, k, v, shape, 0, out));
  EXPECT_LT(relative_error(out, attend(q, k, v, shape, 0)), 1e-3);
}

TEST_P(Attention, Backward) {
  for (const std::int64_t tokens : {1, 63, 65, 530}) {
    const AttentionShape shape{4, 2, 12};
    const std::int64_t dim = shape.head_dim;
    const Tensor q = random(tokens, 48, 2), k = random(tokens, 24, 2), v = random(tokens, 24);
    const Tensor out = tensor(tokens, 48), dout = random(tokens, 48);
    const Tensor dq = tensor(tokens, 48), dk = tensor(tokens, 24), dv = tensor(tokens, 24);
    take(backend->attention(q, k, v, shape, 0, out));
    take(backend->attention_backward(q, k, v, out, dout, shape, dq, dk, dv));
    std::vector<double> expected_q(static_cast<std::size_t>(q.size())), expected_k(static_cast<std::size_t>(k.size())),
        expected_v(expected_k.size());
    for (std::int64_t head = 0; head < shape.heads; ++head) {
      const std::int64_t kv_head = head / 2;
      const auto p = probabilities(q, k, shape, head, 0);
      for (std::int64_t t = 0; t < tokens; ++t) {
        std::vector<double> dp(static_cast<std::size_t>(tokens));
        double mean = 0;
        for (std::int64_t s = 0; s <= t; ++s) {
          for (std::int64_t i = 0; i < dim; ++i) {
            dp[static_cast<std::size_t>(s)] += at(dout, t, head * dim + i) * at(v, s, kv_head * dim + i);
          }
          mean += p[static_cast<std::size_t>(t)][static_cast<std::size_t>(s)] * dp[static_cast<std::size_t>(s)];
        }
        for (std::int64_t s = 0; s <= t; ++s) {
          const double weight = p[static_cast<std::size_t>(t)][static_cast<std::size_t>(s)];
          const double ds = weight * (dp[static_cast<std::size_t>(s)] - mean) / std::sqrt(static_cast<double>(dim));
          for (std::int64_t i = 0; i < dim; ++i) {
            const std::int64_t query = head * dim + i, key = kv_head * dim + i;
            expected_q[static_cast<std::size_t>(t * 48 + query)] += ds * at(k, s, key);
            expected_k[static_cast<std::size_t>(s * 24 + key)] += ds * at(q, t, query);
            expected_v[static_cast<std::size_t>(s * 24 + key)] += weight * at(dout, t, query);
          }
        }
      }
    }
    EXPECT_LT(relative_error(dv, expected_v), 1e-5) << tokens;
    if (tokens == 1) continue;  // a single token's softmax is constant
    EXPECT_LT(relative_error(dq, expected_q), 1e-5) << tokens;
    EXPECT_LT(relative_error(dk, expected_k), 1e-5) << tokens;
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, Attention, testing::ValuesIn(test::available_kernels()), test::kernels_name);

}  // namespace
}  // namespace salient

// SPDX-License-Identifier: Apache-2.0
#include "core/quant/hessian.h"

#include <cblas.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/quant/cholesky.h"

namespace salient {
namespace {

constexpr double kLargestDamping = 1;
constexpr std::int64_t kRowPiece = 64;
constexpr std::int64_t kColumnBlock = 256;

Status check_gram(const GramMatrix& gram, std::int64_t group) {
  const auto expected = static_cast<std::size_t>(gram.cols) * static_cast<std::size_t>(gram.cols);
  if (gram.cols < 1 || gram.sequences < 1 || gram.values.size() != expected) {
    return Error{ErrorCode::usage,
                 "",
                 "Gram matrix",
                 "K × K values of at least one sequence",
                 fmt::format("{} values for K = {} of {} sequences", gram.values.size(), gram.cols, gram.sequences),
                 "collect the calibration inputs first"};
  }
  if (group < 1) return Error{ErrorCode::usage, "", "group", "32, 64 or 128", fmt::format("{}", group), ""};
  const auto finite = [](double value) { return std::isfinite(value); };
  const auto first = std::find_if_not(gram.values.begin(), gram.values.end(), finite);
  if (first == gram.values.end()) return {};
  const auto count = std::count_if(first, gram.values.end(), std::not_fn(finite));
  return Error{ErrorCode::numeric,
               "",
               "Gram matrix of the calibration inputs",
               "finite values",
               fmt::format("{} NaN or Inf, the first at index {}", count, first - gram.values.begin()),
               "check the checkpoint's weights and the calibration text; an earlier layer's activations overflow"};
}

}  // namespace

Result<Hessian> Hessian::prepare(const GramMatrix& gram, const QuantOptions& options, ThreadPool& threads,
                                 const Job* job) {
  SALIENT_CHECK(check_gram(gram, options.group));
  openblas_set_num_threads(1);
  Hessian hessian;
  hessian.gram_ = gram;
  hessian.group_ = options.group;
  const std::int64_t k = gram.cols;
  const double scale = 2.0 / static_cast<double>(gram.sequences);
  std::vector<double> diagonal(static_cast<std::size_t>(k));
  hessian.dead_.resize(static_cast<std::size_t>(k));
  for (std::int64_t i = 0; i < k; ++i) {
    const auto at = static_cast<std::size_t>(i);
    diagonal[at] = scale * gram.values[at * static_cast<std::size_t>(k) + at];
    hessian.dead_[at] = diagonal[at] == 0;
    if (hessian.dead_[at]) diagonal[at] = 1;
  }
  const double mean = std::accumulate(diagonal.begin(), diagonal.end(), 0.0) / static_cast<double>(k);
  hessian.order_groups(diagonal);
  hessian.copy_diagonal_blocks(scale / (mean > 0 ? mean : 1));
  if (options.method == QuantMethod::rtn) return hessian;

  double damping = options.damping;
  while (true) {
    SALIENT_CHECK(hessian.factorize(diagonal, damping * mean, threads, job));
    if (!hessian.factor_.empty()) {
      hessian.damping_ = damping;
      return hessian;
    }
    if (damping >= kLargestDamping) break;
    damping = std::min(damping > 0 ? damping * 10 : 0.01, kLargestDamping);
  }
  hessian.failure_ = fmt::format(
      "the Hessian of its inputs is not positive definite even with damping {:g} of its mean diagonal", damping);
  return hessian;
}

std::int64_t Hessian::dead_inputs() const {
  return std::count(dead_.begin(), dead_.end(), std::uint8_t{1});
}

void Hessian::order_groups(const std::vector<double>& diagonal) {
  const std::int64_t groups = group_count(cols(), group_);
  std::vector<double> sums(static_cast<std::size_t>(groups));
  for (std::int64_t column = 0; column < cols(); ++column) {
    sums[static_cast<std::size_t>(column / group_)] += diagonal[static_cast<std::size_t>(column)];
  }
  group_order_.resize(static_cast<std::size_t>(groups));
  std::iota(group_order_.begin(), group_order_.end(), 0);
  std::stable_sort(group_order_.begin(), group_order_.end(), [&](std::int64_t a, std::int64_t b) {
    return sums[static_cast<std::size_t>(a)] > sums[static_cast<std::size_t>(b)];
  });
}

void Hessian::copy_diagonal_blocks(double scale) {
  blocks_.resize(static_cast<std::size_t>(cols() * std::min(group_, cols())));
  for (std::int64_t first = 0; first < cols(); first += group_) {
    const std::int64_t width = std::min(group_, cols() - first);
    float* block = blocks_.data() + first * std::min(group_, cols());
    for (std::int64_t i = 0; i < width; ++i) {
      const double* row = gram_.values.data() + (first + i) * cols() + first;
      for (std::int64_t j = 0; j < width; ++j)
        block[i * width + j] = static_cast<float>(scale * row[j]);
    }
  }
}

std::span<const float> Hessian::diagonal_block(std::int64_t group) const {
  const std::int64_t first = group * group_;
  const std::int64_t width = std::min(group_, cols() - first);
  return std::span(blocks_).subspan(static_cast<std::size_t>(first * std::min(group_, cols())),
                                    static_cast<std::size_t>(width * width));
}

// U is the inverse of the upper triangular M in H = M Mᵀ, and M is the lower Cholesky factor of H with rows
// and columns reversed, reversed back: one factorization and one triangular inverse instead of two and a product.
Status Hessian::factorize(const std::vector<double>& diagonal, double damping, ThreadPool& threads, const Job* job) {
  const std::int64_t k = cols();
  const double scale = 2.0 / static_cast<double>(gram_.sequences);
  std::vector<std::int64_t> column;  // reversed position → column of the linear
  column.reserve(static_cast<std::size_t>(k));
  for (const std::int64_t group : group_order_) {
    for (std::int64_t c = group * group_; c < std::min((group + 1) * group_, k); ++c)
      column.push_back(c);
  }
  std::reverse(column.begin(), column.end());

  std::vector<double> matrix(static_cast<std::size_t>(k * k));
  threads.parallel_for(k, kRowPiece, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t from = column[static_cast<std::size_t>(i)];
      const double* row = gram_.values.data() + from * k;
      double* out = matrix.data() + i * k;
      for (std::int64_t j = 0; j < i; ++j)
        out[j] = scale * row[column[static_cast<std::size_t>(j)]];
      out[i] = diagonal[static_cast<std::size_t>(from)] + damping;
    }
  });
  SALIENT_ASSIGN(const bool positive, invert_cholesky_factor(matrix, k, threads, job));
  if (!positive) return {};

  factor_.resize(static_cast<std::size_t>(k * k));
  threads.parallel_for(k, kRowPiece, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const double* row = matrix.data() + (k - 1 - i) * k;
      float* out = factor_.data() + i * k;
      for (std::int64_t j = i; j < k; ++j)
        out[j] = static_cast<float>(row[k - 1 - j]);
    }
  });
  for (std::int64_t i = 0; i < k; ++i) {
    const float pivot = factor_[static_cast<std::size_t>(i * k + i)];
    if (pivot > 0 && std::isfinite(pivot)) continue;
    factor_.clear();
    break;
  }
  return {};
}

double Hessian::output_energy(std::int64_t rows, const std::function<void(std::int64_t row, std::span<double> d)>& fill,
                              ThreadPool& threads, const Job* job) const {
  const std::int64_t k = cols();
  const double* gram = gram_.values.data();
  std::vector<double> energies(static_cast<std::size_t>(rows));
  threads.parallel_for(rows, kRowPiece, [&](std::int64_t begin, std::int64_t end) {
    const std::int64_t count = end - begin;
    std::vector<double> d(static_cast<std::size_t>(count * k));
    std::vector<double> product(static_cast<std::size_t>(count * kColumnBlock));
    for (std::int64_t i = 0; i < count; ++i) {
      fill(begin + i, std::span(d).subspan(static_cast<std::size_t>(i * k), static_cast<std::size_t>(k)));
    }
    // G is symmetric: each block of columns takes twice what stands above its diagonal block.
    for (std::int64_t first = 0; first < k; first += kColumnBlock) {
      if (job != nullptr && job->cancelled()) return;
      const std::int64_t width = std::min(kColumnBlock, k - first);
      cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, static_cast<int>(count), static_cast<int>(width),
                  static_cast<int>(first), 2.0, d.data(), static_cast<int>(k), gram + first, static_cast<int>(k), 0.0,
                  product.data(), static_cast<int>(width));
      cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, static_cast<int>(count), static_cast<int>(width),
                  static_cast<int>(width), 1.0, d.data() + first, static_cast<int>(k), gram + first * k + first,
                  static_cast<int>(k), 1.0, product.data(), static_cast<int>(width));
      for (std::int64_t i = 0; i < count; ++i) {
        const double* left = d.data() + i * k + first;
        const double* right = product.data() + i * width;
        energies[static_cast<std::size_t>(begin + i)] += std::inner_product(left, left + width, right, 0.0);
      }
    }
  });
  return std::accumulate(energies.begin(), energies.end(), 0.0);
}

}  // namespace salient

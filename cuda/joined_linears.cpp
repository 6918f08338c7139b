// SPDX-License-Identifier: Apache-2.0
#include "cuda/joined_linears.h"

namespace salient::cuda {
namespace {

/// Whether `next` begins in memory where `tensor` ends.
bool follows(const Tensor& tensor, const Tensor& next) {
  if (tensor.empty() || next.empty()) return tensor.empty() && next.empty();
  return tensor.buffer == next.buffer && tensor.dtype == next.dtype && tensor.offset + tensor.bytes() == next.offset;
}

}  // namespace

std::optional<Linear> joined(std::span<const Linear* const> linears) {
  Linear all = *linears.front();
  std::int64_t rows = 0, biases = 0;
  for (std::size_t i = 0; i < linears.size(); ++i) {
    const Linear& linear = *linears[i];
    if (i > 0) {
      const Linear& before = *linears[i - 1];
      if (!follows(before.bias, linear.bias) || linear.activation_group != all.activation_group) return std::nullopt;
      if ((linear.packed != nullptr) != (all.packed != nullptr)) return std::nullopt;
      if (all.packed == nullptr && (!follows(before.weight, linear.weight) || linear.weight.cols != all.weight.cols)) {
        return std::nullopt;
      }
    }
    if (all.packed != nullptr) {
      const MixedMatrix& part = *packed_of(linear);
      if (part.whole() == nullptr || part.whole() != packed_of(all)->whole() || part.first_row() != rows) {
        return std::nullopt;
      }
    }
    rows += all.packed != nullptr ? linear.packed->rows() : linear.weight.rows;
    biases += linear.bias.empty() ? 0 : linear.bias.cols;
  }
  if (all.packed != nullptr) {
    all.packed = packed_of(all)->whole();
    if (all.packed->rows() != rows) return std::nullopt;
  } else {
    all.weight.rows = rows;
  }
  if (!all.bias.empty()) all.bias.cols = biases;
  return all;
}

}  // namespace salient::cuda

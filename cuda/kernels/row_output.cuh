// SPDX-License-Identifier: Apache-2.0
// Where operations leave their rows: as values of a type, or in 8 bit for a mixed-precision product that alone reads
// them. A warp stores 128 columns of a row at a time, four a lane.
#pragma once

#include <type_traits>

#include "cuda/kernels/activation_codes.cuh"
#include "cuda/kernels/kernels.h"

namespace salient::cuda::kernels {

/// Columns that a warp stores together.
constexpr int kRowBlock = mixed::kBlock;

template <class T>
struct Values {
  T* out;
  int cols;

  /// Columns block · 128 + 4 · lane + …
  __device__ void store_block(const float (&v)[4], std::int64_t row, int block, int lane) const {
    const int column = block * kRowBlock + 4 * lane;
    T* at = out + row * cols + column;
    if (cols % 4 == 0) {
      if (column < cols) store_four(at, v);
      return;
    }
#pragma unroll
    for (int i = 0; i < 4; ++i)
      if (column + i < cols) store(at + i, v[i]);
  }
  /// Rows behind the last one: nothing.
  __device__ void fill_block(std::int64_t, int, int) const {}
};

template <int kGroup>
struct Codes {
  std::int8_t* codes;
  float* scales;
  bool transposed;
  int tokens;

  __device__ int stride() const { return (tokens + 7) / 8 * 8; }
  __device__ void store_block(const float (&v)[4], std::int64_t row, int block, int lane) const {
    mixed::round_block<kGroup>(v, codes, scales, transposed, tokens, stride(), block, static_cast<int>(row), lane);
  }
  /// Rows of scales are filled up with zeros to a multiple of 8 tokens.
  __device__ void fill_block(std::int64_t row, int block, int lane) const {
    constexpr int kGroups = kRowBlock / kGroup;
    if (lane < kGroups) scales[static_cast<std::int64_t>(block * kGroups + lane) * stride() + row] = 0.0F;
  }
};

using mixed::TokenCodes;
template <class Output>
inline constexpr bool kOneScale = std::is_same_v<Output, TokenCodes>;

/// Rows that are stored or filled.
inline std::int64_t output_rows(const RowOutput& out, std::int64_t rows) {
  return out.codes == nullptr ? rows : (rows + 7) / 8 * 8;
}

/// Calls body with the Values or Codes that `out` describes.
template <class Body>
cudaError_t with_output(const RowOutput& out, std::int64_t rows, std::int64_t cols, const Body& body) {
  if (out.codes == nullptr) {
    return with_type(out.type, [&](auto* type) {
      using T = std::remove_cvref_t<decltype(*type)>;
      return body(Values<T>{static_cast<T*>(out.values), static_cast<int>(cols)});
    });
  }
  const auto codes = [&]<int kGroup>() {
    return body(Codes<kGroup>{out.codes, out.scales, out.transposed, static_cast<int>(rows)});
  };
  switch (out.group) {
    case 32: return codes.template operator()<32>();
    case 64: return codes.template operator()<64>();
    case 128: return codes.template operator()<128>();
    default: return cudaErrorInvalidValue;
  }
}

/// The same for operations whose CTAs take whole rows: the output may be TokenCodes as well.
template <class Body>
cudaError_t with_row_output(const RowOutput& out, std::int64_t rows, std::int64_t cols, const Body& body) {
  if (out.codes == nullptr || out.group != 0) return with_output(out, rows, cols, body);
  return body(TokenCodes{out.codes, out.scales, out.transposed, static_cast<int>(rows)});
}

}  // namespace salient::cuda::kernels

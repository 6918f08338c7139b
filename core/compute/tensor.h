// SPDX-License-Identifier: Apache-2.0
// A row-major matrix in a backend's memory. On the CPU data() may be dereferenced; elsewhere it is an
// address of the device, and only the backend's operations touch it.
#pragma once

#include <cassert>
#include <cstdint>
#include <memory>

#include "core/base/dtype.h"

namespace salient {

/// Memory owned by a backend; freed with the last Tensor that refers to it.
class Buffer {
 public:
  virtual ~Buffer() = default;
  [[nodiscard]] virtual void* data() const = 0;
};

struct Tensor {
  std::shared_ptr<Buffer> buffer;
  std::int64_t offset = 0;  ///< in bytes
  DType dtype = DType::f32;
  std::int64_t rows = 0;
  std::int64_t cols = 0;  ///< contiguous: the row stride is cols

  [[nodiscard]] bool empty() const { return buffer == nullptr; }
  [[nodiscard]] std::int64_t size() const { return rows * cols; }
  [[nodiscard]] std::int64_t bytes() const { return size() * dtype_bits(dtype) / 8; }
  [[nodiscard]] void* data() const { return static_cast<char*>(buffer->data()) + offset; }

  /// Typed access for the CPU backend and for host code that asked for host memory.
  [[nodiscard]] float* f32() const {
    assert(dtype == DType::f32);
    return static_cast<float*>(data());
  }
  /// Rows [first, first + count): shares the memory.
  [[nodiscard]] Tensor row_slice(std::int64_t first, std::int64_t count) const {
    Tensor part = *this;
    part.offset += first * cols * dtype_bits(dtype) / 8;
    part.rows = count;
    return part;
  }
  [[nodiscard]] Tensor reshaped(std::int64_t new_rows, std::int64_t new_cols) const {
    assert(new_rows * new_cols == size());
    Tensor same = *this;
    same.rows = new_rows;
    same.cols = new_cols;
    return same;
  }
};

}  // namespace salient

// SPDX-License-Identifier: Apache-2.0
#include "core/compute/cpu_backend.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "core/base/result.h"

namespace salient {
namespace {

/// Free blocks kept for reuse: the activations of one sequence of a small model fit.
constexpr std::uint64_t kKeepBytes = std::uint64_t{1} << 30;
constexpr std::int64_t kPieceElements = 1 << 15;

}  // namespace

const FloatKernels& float_kernels(CpuKernels kernels) {
#if defined(__x86_64__)
  if (kernels == CpuKernels::avx2) return kFloatKernelsAvx2;
  if (kernels == CpuKernels::avx512_vnni) return kFloatKernelsAvx512;
#endif
  return kFloatKernelsPlain;
}

CpuBackend::CpuBackend(int threads, CpuKernels kernels)
    : kernels_(kernels),
      floats_(float_kernels(kernels)),
      memory_(std::make_shared<MemoryPool>(kKeepBytes)),
      threads_(threads) {}

std::string CpuBackend::name() const {
  const char* kernels = kernels_ == CpuKernels::avx512_vnni ? "AVX-512 VNNI"
                        : kernels_ == CpuKernels::avx2      ? "AVX2"
                                                            : "reference kernels";
  return fmt::format("cpu ({}, {} {})", kernels, threads_.threads(), threads_.threads() == 1 ? "thread" : "threads");
}

Result<Tensor> CpuBackend::allocate(DType dtype, std::int64_t rows, std::int64_t cols) {
  Tensor tensor;
  tensor.dtype = dtype;
  tensor.rows = rows;
  tensor.cols = cols;
  std::int64_t bits = 0;
  const bool overflow = rows < 0 || cols < 0 || __builtin_mul_overflow(rows, cols, &bits) ||
                        __builtin_mul_overflow(bits, std::int64_t{dtype_bits(dtype)}, &bits);
  if (!overflow) tensor.buffer = memory_->take((static_cast<std::uint64_t>(bits) + 7) / 8);
  if (tensor.buffer == nullptr) {
    return Error{ErrorCode::memory,
                 {},
                 "tensor",
                 fmt::format("memory for {} x {} elements of {}", rows, cols, dtype_name(dtype)),
                 "the system has no more",
                 "close other programs, use shorter sequences, or a smaller model"};
  }
  return tensor;
}

Status CpuBackend::upload(const void* host, const Tensor& tensor) {
  std::memcpy(tensor.data(), host, static_cast<std::size_t>(tensor.bytes()));
  return {};
}

Status CpuBackend::download(const Tensor& tensor, void* host) {
  std::memcpy(host, tensor.data(), static_cast<std::size_t>(tensor.bytes()));
  return {};
}

Status CpuBackend::copy(const Tensor& from, const Tensor& to) {
  assert(from.bytes() == to.bytes() && from.dtype == to.dtype);
  std::memcpy(to.data(), from.data(), static_cast<std::size_t>(from.bytes()));
  return {};
}

Status CpuBackend::clear(const Tensor& tensor) {
  std::memset(tensor.data(), 0, static_cast<std::size_t>(tensor.bytes()));
  return {};
}

const float* CpuBackend::as_floats(const Tensor& tensor, std::shared_ptr<Buffer>& holder) {
  if (tensor.dtype == DType::f32) return tensor.f32();
  holder = memory_->take(static_cast<std::uint64_t>(tensor.size()) * sizeof(float));
  if (!holder) throw std::bad_alloc();
  auto* out = static_cast<float*>(holder->data());
  floats_.widen(tensor.dtype, tensor.data(), out, tensor.size());
  return out;
}

void CpuBackend::for_rows(std::int64_t rows, std::int64_t cols,
                          const std::function<void(std::int64_t, std::int64_t)>& body) {
  threads_.parallel_for(rows, std::max<std::int64_t>(1, kPieceElements / std::max<std::int64_t>(1, cols)), body);
}

Status CpuBackend::embed(std::span<const std::int32_t> ids, const Tensor& table, const Tensor& out) {
  assert(out.rows == static_cast<std::int64_t>(ids.size()) && out.cols == table.cols);
  const auto* source = static_cast<const std::byte*>(table.data());
  const std::int64_t row_bytes = table.cols * dtype_bits(table.dtype) / 8;
  for (std::size_t t = 0; t < ids.size(); ++t) {
    assert(ids[t] >= 0 && ids[t] < table.rows);
    floats_.widen(table.dtype, source + ids[t] * row_bytes, out.f32() + static_cast<std::int64_t>(t) * table.cols,
                  table.cols);
  }
  return {};
}

Status CpuBackend::rms_norm(const Tensor& x, const Tensor& weight, float epsilon, const Tensor& out) {
  assert(weight.size() == x.cols && out.size() == x.size());
  return guarded("rms_norm", [&] {
    std::shared_ptr<Buffer> holder;
    const float* scale = as_floats(weight, holder);
    const std::int64_t cols = x.cols;
    for_rows(x.rows, cols, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t t = begin; t < end; ++t) {
        const float* row = x.f32() + t * cols;
        const float mean_square = floats_.dot(row, row, cols) / static_cast<float>(cols);
        floats_.weighted(row, scale, 1.0F / std::sqrt(mean_square + epsilon), out.f32() + t * cols, cols);
      }
    });
  });
}

Status CpuBackend::rms_norm_backward(const Tensor& x, const Tensor& weight, float epsilon, const Tensor& dy,
                                     const Tensor& dx, bool accumulate) {
  assert(weight.size() == x.cols && dy.size() == x.size() && dx.size() == x.size());
  // With r = 1/rms(x) and g = weight·dy: dx = r·g − x · r³/n · Σ g·x.
  return guarded("rms_norm_backward", [&] {
    std::shared_ptr<Buffer> holder;
    const float* scale = as_floats(weight, holder);
    const std::int64_t cols = x.cols;
    for_rows(x.rows, cols, [&](std::int64_t begin, std::int64_t end) {
      const Scratch gradient(*memory_, cols);
      float* g = gradient.data();
      for (std::int64_t t = begin; t < end; ++t) {
        const float* row = x.f32() + t * cols;
        float* target = dx.f32() + t * cols;
        const float mean_square = floats_.dot(row, row, cols) / static_cast<float>(cols);
        const float r = 1.0F / std::sqrt(mean_square + epsilon);
        floats_.weighted(dy.f32() + t * cols, scale, r, g, cols);
        const float projection = floats_.dot(g, row, cols) * r * r / static_cast<float>(cols);
        floats_.add_scaled(row, -projection, g, cols);
        if (accumulate) {
          floats_.add(g, target, cols);
        } else {
          std::copy_n(g, cols, target);
        }
      }
    });
  });
}

Status CpuBackend::rope(const Tensor& x, std::int64_t head_dim, const RopeTable& table, std::int64_t first_position,
                        bool inverse) {
  assert(x.cols % head_dim == 0 && table.cos.cols * 2 == head_dim && first_position + x.rows <= table.cos.rows);
  const std::int64_t half = head_dim / 2;
  for_rows(x.rows, x.cols, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t t = begin; t < end; ++t) {
      const float* cosine = table.cos.f32() + (first_position + t) * half;
      const float* sine = table.sin.f32() + (first_position + t) * half;
      float* row = x.f32() + t * x.cols;
      for (float* head = row; head < row + x.cols; head += head_dim) {
        // Exchanging the halves' roles turns the other way.
        if (inverse) {
          floats_.rotate(head + half, head, cosine, sine, half);
        } else {
          floats_.rotate(head, head + half, cosine, sine, half);
        }
      }
    }
  });
  return {};
}

Status CpuBackend::swiglu(const Tensor& gate, const Tensor& up, const Tensor& out) {
  assert(up.size() == gate.size() && out.size() == gate.size());
  for_rows(gate.size(), 1, [&](std::int64_t begin, std::int64_t end) {
    floats_.swiglu(gate.f32() + begin, up.f32() + begin, out.f32() + begin, end - begin);
  });
  return {};
}

Status CpuBackend::swiglu_backward(const Tensor& gate, const Tensor& up, const Tensor& dout, const Tensor& dgate,
                                   const Tensor& dup) {
  assert(up.size() == gate.size() && dout.size() == gate.size());
  assert(dgate.size() == gate.size() && dup.size() == gate.size());
  for_rows(gate.size(), 1, [&](std::int64_t begin, std::int64_t end) {
    floats_.swiglu_backward(gate.f32() + begin, up.f32() + begin, dout.f32() + begin, dgate.f32() + begin,
                            dup.f32() + begin, end - begin);
  });
  return {};
}

Status CpuBackend::add(const Tensor& x, const Tensor& accumulator) {
  assert(accumulator.size() == x.size());
  for_rows(x.size(), 1, [&](std::int64_t begin, std::int64_t end) {
    floats_.add(x.f32() + begin, accumulator.f32() + begin, end - begin);
  });
  return {};
}

Status CpuBackend::cross_entropy(const Tensor& logits, std::span<const std::int32_t> targets, std::span<float> nll) {
  assert(targets.size() == nll.size() && static_cast<std::int64_t>(targets.size()) == logits.rows);
  const std::int64_t cols = logits.cols;
  for_rows(logits.rows, cols, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t t = begin; t < end; ++t) {
      const float* row = logits.f32() + t * cols;
      const float peak = floats_.maximum(row, cols);
      const double log_sum = std::log(floats_.sum_exp_shifted(row, cols, peak));
      const auto index = static_cast<std::size_t>(t);
      nll[index] = static_cast<float>(log_sum + static_cast<double>(peak) - static_cast<double>(row[targets[index]]));
    }
  });
  return {};
}

Status CpuBackend::cross_entropy_backward(const Tensor& logits, std::span<const std::int32_t> targets, float scale) {
  assert(static_cast<std::int64_t>(targets.size()) == logits.rows);
  const std::int64_t cols = logits.cols;
  for_rows(logits.rows, cols, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t t = begin; t < end; ++t) {
      float* row = logits.f32() + t * cols;
      const float sum = floats_.exp_shifted(row, cols, floats_.maximum(row, cols));
      floats_.scale(row, cols, scale / sum);
      row[targets[static_cast<std::size_t>(t)]] -= scale;
    }
  });
  return {};
}

}  // namespace salient

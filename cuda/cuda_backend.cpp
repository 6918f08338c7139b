// SPDX-License-Identifier: Apache-2.0
#include "cuda/cuda_backend.h"

#include <fmt/format.h>

#include <cassert>

#include "cuda/kernels/kernels.h"

namespace salient::cuda {

CudaBackend::CudaBackend(std::shared_ptr<Context> context, const BackendRequest& request)
    : context_(std::move(context)), precision_(request.precision), threads_(request.threads) {}

std::string CudaBackend::name() const {
  return fmt::format("{}, {}", context_->label(), precision_name(precision_));
}

Result<Tensor> CudaBackend::allocate(DType dtype, std::int64_t rows, std::int64_t cols) {
  Tensor tensor;
  tensor.dtype = dtype;
  tensor.rows = rows;
  tensor.cols = cols;
  std::int64_t bits = 0;
  const bool overflow = rows < 0 || cols < 0 || __builtin_mul_overflow(rows, cols, &bits) ||
                        __builtin_mul_overflow(bits, std::int64_t{dtype_bits(dtype)}, &bits);
  const std::string what = fmt::format("tensor of {} x {} elements of {}", rows, cols, dtype_name(dtype));
  if (overflow) {
    return Error{ErrorCode::memory,
                 context_->label(),
                 what,
                 "a size that can be addressed",
                 "a larger one",
                 "use a smaller model or shorter sequences"};
  }
  SALIENT_ASSIGN(tensor.buffer, context_->scratch((static_cast<std::uint64_t>(bits) + 7) / 8, what.c_str()));
  return tensor;
}

Status CudaBackend::upload(const void* host, const Tensor& tensor) {
  return context_->upload(host, tensor.data(), static_cast<std::size_t>(tensor.bytes()));
}

Status CudaBackend::download(const Tensor& tensor, void* host) {
  return context_->download(tensor.data(), host, static_cast<std::size_t>(tensor.bytes()));
}

Status CudaBackend::copy(const Tensor& from, const Tensor& to) {
  assert(from.bytes() == to.bytes() && from.dtype == to.dtype);
  context_->bind();
  return context_->check(cudaMemcpyAsync(to.data(), from.data(), static_cast<std::size_t>(from.bytes()),
                                         cudaMemcpyDeviceToDevice, context_->stream()),
                         "copy", sizes_of(from));
}

Status CudaBackend::receive(const Tensor& from, Backend& owner, const Tensor& to) {
  auto* const other = dynamic_cast<CudaBackend*>(&owner);
  if (other == nullptr) return Backend::receive(from, owner, to);
  assert(from.bytes() == to.bytes());
  Context& source = other->context();
  context_->bind();
  if (peers_.insert(source.ordinal()).second) {
    int reachable = 0;
    SALIENT_CHECK(context_->check(cudaDeviceCanAccessPeer(&reachable, context_->ordinal(), source.ordinal()), "copy"));
    // Without it the driver copies through the host.
    if (reachable != 0 && cudaDeviceEnablePeerAccess(source.ordinal(), 0) != cudaSuccess)
      static_cast<void>(cudaGetLastError());
  }
  const std::string what = fmt::format("{} from {}", sizes_of(from), source.label());
  // The copy waits for what was computed there, and what is computed there next for the copy.
  SALIENT_CHECK(context_->wait_for(source, "copy"));
  SALIENT_CHECK(context_->check(cudaMemcpyPeerAsync(to.data(), context_->ordinal(), from.data(), source.ordinal(),
                                                    static_cast<std::size_t>(from.bytes()), context_->stream()),
                                "copy", what));
  return source.wait_for(*context_, "copy");
}

Status CudaBackend::clear(const Tensor& tensor) {
  context_->bind();
  return context_->check(
      cudaMemsetAsync(tensor.data(), 0, static_cast<std::size_t>(tensor.bytes()), context_->stream()), "clear",
      sizes_of(tensor));
}

Result<std::shared_ptr<Buffer>> CudaBackend::on_device(const void* host, std::size_t bytes, const char* operation) {
  SALIENT_ASSIGN(std::shared_ptr<Buffer> buffer, context_->scratch(bytes, operation));
  SALIENT_CHECK(context_->upload(host, buffer->data(), bytes));
  return buffer;
}

Result<const float*> CudaBackend::as_floats(const Tensor& tensor, std::shared_ptr<Buffer>& holder,
                                            const char* operation) {
  if (tensor.dtype == DType::f32) return static_cast<const float*>(tensor.f32());
  SALIENT_ASSIGN(holder, context_->scratch(static_cast<std::uint64_t>(tensor.size()) * sizeof(float), operation));
  auto* out = static_cast<float*>(holder->data());
  SALIENT_CHECK(context_->check(kernels::widen(context_->stream(), tensor.dtype, tensor.data(), out, tensor.size()),
                                operation, sizes_of(tensor)));
  return static_cast<const float*>(out);
}

Result<const void*> CudaBackend::as_halves(const Tensor& tensor, DType dtype, std::shared_ptr<Buffer>& holder,
                                           const char* operation) {
  if (tensor.dtype == dtype) return static_cast<const void*>(tensor.data());
  std::shared_ptr<Buffer> widened;
  SALIENT_ASSIGN(const float* const floats, as_floats(tensor, widened, operation));
  SALIENT_ASSIGN(holder, context_->scratch(static_cast<std::uint64_t>(tensor.size()) * 2, operation));
  SALIENT_CHECK(context_->check(kernels::narrow(context_->stream(), dtype, floats, holder->data(), tensor.size()),
                                operation, sizes_of(tensor)));
  return static_cast<const void*>(holder->data());
}

Status CudaBackend::embed(std::span<const std::int32_t> ids, const Tensor& table, const Tensor& out) {
  assert(out.rows == static_cast<std::int64_t>(ids.size()) && out.cols == table.cols);
  SALIENT_ASSIGN(const auto device_ids, on_device(ids.data(), ids.size_bytes(), "embed"));
  return context_->check(kernels::embed(context_->stream(), static_cast<const std::int32_t*>(device_ids->data()),
                                        out.rows, table.dtype, table.data(), table.cols, out.f32()),
                         "embed", sizes_of(out));
}

Status CudaBackend::rms_norm(const Tensor& x, const Tensor& weight, float epsilon, const Tensor& out) {
  assert(weight.size() == x.cols && out.size() == x.size());
  context_->bind();
  kernels::Norm norm;
  norm.x = x.f32();
  norm.weight_type = weight.dtype;
  norm.weight = weight.data();
  norm.epsilon = epsilon;
  norm.rows = x.rows;
  norm.cols = x.cols;
  return context_->check(kernels::rms_norm(context_->stream(), norm, {.values = out.data(), .type = out.dtype}, false),
                         "rms_norm", sizes_of(x));
}

Status CudaBackend::rms_norm_backward(const Tensor& x, const Tensor& weight, float epsilon, const Tensor& dy,
                                      const Tensor& dx, bool accumulate) {
  assert(weight.size() == x.cols && dy.size() == x.size() && dx.size() == x.size());
  context_->bind();
  return context_->check(kernels::rms_norm_backward(context_->stream(), x.f32(), weight.dtype, weight.data(), epsilon,
                                                    dy.f32(), dx.f32(), accumulate, x.rows, x.cols),
                         "rms_norm_backward", sizes_of(x));
}

Status CudaBackend::rope(const Tensor& x, std::int64_t head_dim, const RopeTable& table, std::int64_t first_position,
                         bool inverse) {
  assert(x.cols % head_dim == 0 && table.cos.cols * 2 == head_dim && first_position + x.rows <= table.cos.rows);
  context_->bind();
  return context_->check(kernels::rope(context_->stream(), x.f32(), table.cos.f32(), table.sin.f32(), x.rows, x.cols,
                                       head_dim, first_position, inverse),
                         "rope", sizes_of(x));
}

Status CudaBackend::swiglu(const Tensor& gate, const Tensor& up, const Tensor& out) {
  assert(up.size() == gate.size() && out.size() == gate.size());
  context_->bind();
  return context_->check(kernels::swiglu(context_->stream(), gate.f32(), up.f32(), out.f32(), gate.size()), "swiglu",
                         sizes_of(gate));
}

Status CudaBackend::swiglu_backward(const Tensor& gate, const Tensor& up, const Tensor& dout, const Tensor& dgate,
                                    const Tensor& dup) {
  assert(up.size() == gate.size() && dout.size() == gate.size());
  assert(dgate.size() == gate.size() && dup.size() == gate.size());
  context_->bind();
  return context_->check(kernels::swiglu_backward(context_->stream(), gate.f32(), up.f32(), dout.f32(), dgate.f32(),
                                                  dup.f32(), gate.size()),
                         "swiglu_backward", sizes_of(gate));
}

Status CudaBackend::add(const Tensor& x, const Tensor& accumulator) {
  assert(accumulator.size() == x.size());
  context_->bind();
  return context_->check(kernels::add(context_->stream(), x.f32(), accumulator.f32(), x.size()), "add", sizes_of(x));
}

Status CudaBackend::cross_entropy(const Tensor& logits, std::span<const std::int32_t> targets, std::span<float> nll) {
  assert(targets.size() == nll.size() && static_cast<std::int64_t>(targets.size()) == logits.rows);
  SALIENT_ASSIGN(const auto device_targets, on_device(targets.data(), targets.size_bytes(), "cross_entropy"));
  SALIENT_ASSIGN(const auto losses, context_->scratch(nll.size_bytes(), "cross_entropy"));
  SALIENT_CHECK(context_->check(
      kernels::cross_entropy(context_->stream(), logits.f32(), static_cast<const std::int32_t*>(device_targets->data()),
                             static_cast<float*>(losses->data()), logits.rows, logits.cols),
      "cross_entropy", sizes_of(logits)));
  return context_->download(losses->data(), nll.data(), nll.size_bytes());
}

Status CudaBackend::cross_entropy_backward(const Tensor& logits, std::span<const std::int32_t> targets, float scale) {
  assert(static_cast<std::int64_t>(targets.size()) == logits.rows);
  SALIENT_ASSIGN(const auto device_targets, on_device(targets.data(), targets.size_bytes(), "cross_entropy_backward"));
  return context_->check(kernels::cross_entropy_backward(context_->stream(), logits.f32(),
                                                         static_cast<const std::int32_t*>(device_targets->data()),
                                                         scale, logits.rows, logits.cols),
                         "cross_entropy_backward", sizes_of(logits));
}

}  // namespace salient::cuda

// SPDX-License-Identifier: Apache-2.0
// The operations a decoder needs: forward, backward with respect to inputs (for salience), statistics for
// quantization, and the mixed-precision product. Matrices are row-major [tokens, features]; activations are
// f32 on the CPU. Weights may be f32, f16 or bf16 and stay so in memory. Shapes are the caller's duty
// (checked by assertions); what can fail at run time (memory, a device) comes back as an Error.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/threads.h"
#include "core/compute/folded_scales.h"
#include "core/compute/quantized_matrix.h"
#include "core/compute/tensor.h"

namespace salient {

class DeviceQuantizer;
class Job;
struct ProductTimingOptions;
struct ProductTimings;

/// A QuantizedMatrix in the backend's own tile order.
class PackedWeights {
 public:
  virtual ~PackedWeights() = default;
  [[nodiscard]] virtual std::int64_t rows() const = 0;
  [[nodiscard]] virtual std::int64_t cols() const = 0;
};

/// One linear layer, y = x Wᵀ + bias, in one of its forms.
struct Linear {
  Tensor weight;  ///< [N, K]; empty when packed
  Tensor bias;    ///< [1, N] or empty
  std::shared_ptr<const PackedWeights> packed;
  /// With `weight`: > 0 rounds x to 8 bit per token and group first (simulation of the packed engine).
  std::int64_t activation_group = 0;
  /// [N, groups], or empty: what the weights of a row's group are whole multiples of, at most 255 times. A backend may
  /// then form a group's sum from whole numbers, which is exact in floats whatever the order.
  Tensor weight_scales;
};

struct AttentionShape {
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;
  std::int64_t head_dim = 0;
};

/// cos and sin of each position and frequency: [positions, head_dim/2] each; rotates halves (Hugging Face layout).
struct RopeTable {
  Tensor cos;
  Tensor sin;
};

class Backend {
 public:
  virtual ~Backend() = default;
  [[nodiscard]] virtual std::string name() const = 0;  ///< "cpu (AVX-512 VNNI, 2 threads)"

  // Memory
  [[nodiscard]] virtual Result<Tensor> allocate(DType dtype, std::int64_t rows, std::int64_t cols) = 0;
  /// Copies exactly tensor.bytes() bytes from or to the host.
  [[nodiscard]] virtual Status upload(const void* host, const Tensor& tensor) = 0;
  [[nodiscard]] virtual Status download(const Tensor& tensor, void* host) = 0;
  [[nodiscard]] virtual Status copy(const Tensor& from, const Tensor& to) = 0;
  [[nodiscard]] virtual Status clear(const Tensor& tensor) = 0;  ///< every byte 0

  /// Gives memory that is kept for reuse back to the system: between stages that need different amounts.
  virtual void release_kept_memory() {}

  // Forward
  [[nodiscard]] virtual Status embed(std::span<const std::int32_t> ids, const Tensor& table, const Tensor& out) = 0;
  [[nodiscard]] virtual Status rms_norm(const Tensor& x, const Tensor& weight, float epsilon, const Tensor& out) = 0;
  [[nodiscard]] virtual Status linear(const Tensor& x, const Linear& linear, const Tensor& out) = 0;
  /// In place on [T, heads·head_dim]; token t has position first_position + t. `inverse` rotates back (the backward).
  [[nodiscard]] virtual Status rope(const Tensor& x, std::int64_t head_dim, const RopeTable& table,
                                    std::int64_t first_position, bool inverse) = 0;
  /// Causal attention, scale 1/√head_dim. q [T, heads·d]; k, v [first_position + T, kv_heads·d] hold the past too.
  [[nodiscard]] virtual Status attention(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionShape& shape,
                                         std::int64_t first_position, const Tensor& out) = 0;
  /// out = silu(gate) · up
  [[nodiscard]] virtual Status swiglu(const Tensor& gate, const Tensor& up, const Tensor& out) = 0;
  [[nodiscard]] virtual Status add(const Tensor& x, const Tensor& accumulator) = 0;  ///< accumulator += x
  /// nll[t] = −log softmax(logits[t])[targets[t]], in fp32 with a stable log-sum-exp.
  [[nodiscard]] virtual Status cross_entropy(const Tensor& logits, std::span<const std::int32_t> targets,
                                             std::span<float> nll) = 0;

  // Backward with respect to inputs
  /// logits ← (softmax(logits) − one_hot(targets)) · scale, in place.
  [[nodiscard]] virtual Status cross_entropy_backward(const Tensor& logits, std::span<const std::int32_t> targets,
                                                      float scale) = 0;
  [[nodiscard]] virtual Status rms_norm_backward(const Tensor& x, const Tensor& weight, float epsilon, const Tensor& dy,
                                                 const Tensor& dx, bool accumulate) = 0;
  /// dx (+)= dy W. Not for packed linears; activation_group is ignored.
  [[nodiscard]] virtual Status linear_backward(const Tensor& dy, const Linear& linear, const Tensor& dx,
                                               bool accumulate) = 0;
  /// For a whole sequence (first_position 0): `out` is the forward's result.
  [[nodiscard]] virtual Status attention_backward(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& out,
                                                  const Tensor& dout, const AttentionShape& shape, const Tensor& dq,
                                                  const Tensor& dk, const Tensor& dv) = 0;
  [[nodiscard]] virtual Status swiglu_backward(const Tensor& gate, const Tensor& up, const Tensor& dout,
                                               const Tensor& dgate, const Tensor& dup) = 0;

  // Salience and quantization
  /// out = Q4(W) − W with plain round-to-nearest (METHOD §2), f32 [N, K].
  [[nodiscard]] virtual Status quantization_delta(const Tensor& weight, std::int64_t group, const Tensor& out) = 0;
  /// out[c] += Σ_t a[t,c]·b[t,c], accumulated in double.
  [[nodiscard]] virtual Status column_dot(const Tensor& a, const Tensor& b, std::span<double> out) = 0;
  /// out[c] += Σ_k ((Σ_t dy[t,c] x[t,k]) · delta[c,k])²: the diagonal Fisher variant.
  [[nodiscard]] virtual Status diagonal_fisher(const Tensor& dy, const Tensor& x, const Tensor& delta,
                                               std::span<double> out) = 0;
  /// gram [K, K] in f64 += xᵀ x. Both triangles are valid afterwards. Products in fp32 over at most 2048 tokens,
  /// sums across calls in double.
  [[nodiscard]] virtual Status accumulate_gram(const Tensor& x, const Tensor& gram) = 0;

  // Mixed precision (METHOD §5)
  /// `mode`: how products with the result treat the scales, as mode_for() says.
  [[nodiscard]] virtual Result<std::shared_ptr<const PackedWeights>> pack(const QuantizedMatrix& matrix,
                                                                          ScaleMode mode) = 0;

  /// pack() of matrices that read the same input: a backend may arrange them so that their products are one.
  [[nodiscard]] virtual Result<std::vector<std::shared_ptr<const PackedWeights>>> pack_together(
      std::span<const QuantizedMatrix> matrices, ScaleMode mode) {
    std::vector<std::shared_ptr<const PackedWeights>> all;
    for (const QuantizedMatrix& matrix : matrices) {
      auto packed = pack(matrix, mode);
      if (!packed) return packed.error();
      all.push_back(*std::move(packed));
    }
    return all;
  }

  /// Threads for host-side work that goes with this backend (quantizers, reading weights).
  [[nodiscard]] virtual ThreadPool& threads() = 0;

  /// GPTQ on the device; null: on the processor, by core/quant.
  [[nodiscard]] virtual DeviceQuantizer* quantizer() { return nullptr; }

  // The device. Operations may return before it has carried them out; an error of theirs then comes out of a later one.
  /// Returns when everything asked for so far is done.
  [[nodiscard]] virtual Status synchronize() { return {}; }
  /// Bytes that tensors may still take, where the device has memory of its own.
  [[nodiscard]] virtual std::optional<std::uint64_t> device_memory() const { return std::nullopt; }
  /// Most bytes of the device's own memory that were in use at once; 0 where it has none.
  [[nodiscard]] virtual std::uint64_t peak_device_memory() const { return 0; }
  /// Speed of its mixed-precision products. Error{unsupported} where the processor does the work.
  [[nodiscard]] virtual Result<ProductTimings> time_products(const ProductTimingOptions& options, Job& job);
  // Several devices that share the layers of a model (core/compute/layered_backend.h). One alone has nothing to do
  // here.
  /// From here on tensors are made where this layer of `layers` belongs.
  virtual void enter_layer(std::int64_t /*layer*/, std::int64_t /*layers*/) {}
  /// From here on they are made where what stands before and behind the layers belongs.
  virtual void leave_layers() {}
  /// x where tensors are made now: itself, or a copy of one from elsewhere.
  [[nodiscard]] virtual Result<Tensor> bring(const Tensor& x) { return x; }
  [[nodiscard]] virtual std::size_t place() const { return 0; }   ///< where tensors are made now, below places()
  [[nodiscard]] virtual std::size_t places() const { return 1; }  ///< devices
  /// While it lives, this thread waits for its turn on each device that it goes to. Not where it already has one.
  [[nodiscard]] virtual std::shared_ptr<void> take_turns() { return nullptr; }
  /// to = from, a tensor of `owner`; through the host's memory where there is no shorter way.
  [[nodiscard]] virtual Status receive(const Tensor& from, Backend& owner, const Tensor& to);
  /// False after an error that the device does not recover from in this process: everything in its memory is gone.
  [[nodiscard]] virtual bool usable() const { return true; }
};

struct CpuOptions {
  int threads = 0;  ///< 0 = one for each core this process may use
  enum class Kernels { automatic, reference, avx2, avx512_vnni } kernels = Kernels::automatic;
};
/// The reference, and the default where no GPU is. An Error when the kernels asked for are not on this processor,
/// or when the BLAS library fails a small self-test against a plain loop.
[[nodiscard]] Result<std::unique_ptr<Backend>> make_cpu_backend(const CpuOptions& options = {});

}  // namespace salient

// SPDX-License-Identifier: Apache-2.0
// Several devices of one machine that share the layers of a model: each has a run of layers that follow one another, as
// long as its share of the memory, and the first one also what stands before and behind them. A tensor lies on the
// device that was current when it was made, and an operation runs where its result lies; other operands are copied
// there for its time. So everything is computed as on one device; who goes from layer to layer says so with
// enter_layer() and brings the residual stream along, and little else is ever copied.
//
// Threads may work on different layers at the same time: each has a current device of its own, and a device carries out
// one operation after the other. Threads that take turns have the device they are on to themselves until they go on to
// the next one; so two sequences follow each other through the devices instead of sharing each.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/compute/backend.h"

namespace salient {

class LayeredBackend final : public Backend {
 public:
  /// At least one device, in the order of the layers.
  explicit LayeredBackend(std::vector<std::unique_ptr<Backend>> devices);

  [[nodiscard]] std::string name() const override;  ///< the devices' names

  [[nodiscard]] Result<Tensor> allocate(DType dtype, std::int64_t rows, std::int64_t cols) override;
  [[nodiscard]] Status upload(const void* host, const Tensor& tensor) override;
  [[nodiscard]] Status download(const Tensor& tensor, void* host) override;
  [[nodiscard]] Status copy(const Tensor& from, const Tensor& to) override;
  [[nodiscard]] Status clear(const Tensor& tensor) override;
  void release_kept_memory() override;

  [[nodiscard]] Status embed(std::span<const std::int32_t> ids, const Tensor& table, const Tensor& out) override;
  [[nodiscard]] Status rms_norm(const Tensor& x, const Tensor& weight, float epsilon, const Tensor& out) override;
  [[nodiscard]] Status linear(const Tensor& x, const Linear& linear, const Tensor& out) override;
  [[nodiscard]] Status rope(const Tensor& x, std::int64_t head_dim, const RopeTable& table, std::int64_t first_position,
                            bool inverse) override;
  [[nodiscard]] Status attention(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionShape& shape,
                                 std::int64_t first_position, const Tensor& out) override;
  [[nodiscard]] Status swiglu(const Tensor& gate, const Tensor& up, const Tensor& out) override;
  [[nodiscard]] Status add(const Tensor& x, const Tensor& accumulator) override;
  [[nodiscard]] Status cross_entropy(const Tensor& logits, std::span<const std::int32_t> targets,
                                     std::span<float> nll) override;
  [[nodiscard]] Status cross_entropy_backward(const Tensor& logits, std::span<const std::int32_t> targets,
                                              float scale) override;
  [[nodiscard]] Status rms_norm_backward(const Tensor& x, const Tensor& weight, float epsilon, const Tensor& dy,
                                         const Tensor& dx, bool accumulate) override;
  [[nodiscard]] Status linear_backward(const Tensor& dy, const Linear& linear, const Tensor& dx,
                                       bool accumulate) override;
  [[nodiscard]] Status attention_backward(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& out,
                                          const Tensor& dout, const AttentionShape& shape, const Tensor& dq,
                                          const Tensor& dk, const Tensor& dv) override;
  [[nodiscard]] Status swiglu_backward(const Tensor& gate, const Tensor& up, const Tensor& dout, const Tensor& dgate,
                                       const Tensor& dup) override;
  [[nodiscard]] Status quantization_delta(const Tensor& weight, std::int64_t group, const Tensor& out) override;
  [[nodiscard]] Status column_dot(const Tensor& a, const Tensor& b, std::span<double> out) override;
  [[nodiscard]] Status diagonal_fisher(const Tensor& dy, const Tensor& x, const Tensor& delta,
                                       std::span<double> out) override;
  [[nodiscard]] Status accumulate_gram(const Tensor& x, const Tensor& gram) override;
  [[nodiscard]] Result<std::shared_ptr<const PackedWeights>> pack(const QuantizedMatrix& matrix,
                                                                  ScaleMode mode) override;

  [[nodiscard]] ThreadPool& threads() override { return devices_.front()->backend->threads(); }
  [[nodiscard]] DeviceQuantizer* quantizer() override { return current().backend->quantizer(); }
  [[nodiscard]] Status synchronize() override;
  [[nodiscard]] std::optional<std::uint64_t> device_memory() const override;  ///< of all together
  [[nodiscard]] std::uint64_t peak_device_memory() const override;            ///< of the one that had most in use
  [[nodiscard]] bool usable() const override;

  void enter_layer(std::int64_t layer, std::int64_t layers) override;
  void leave_layers() override;
  [[nodiscard]] Result<Tensor> bring(const Tensor& x) override;
  [[nodiscard]] std::size_t place() const override;
  [[nodiscard]] std::size_t places() const override { return devices_.size(); }

  [[nodiscard]] std::shared_ptr<void> take_turns() override;

  /// Bytes copied from device to device so far.
  [[nodiscard]] std::uint64_t moved_bytes() const { return moved_bytes_; }

 private:
  struct Device {
    std::unique_ptr<Backend> backend;
    std::mutex busy;  ///< for the time of an operation
    std::mutex turn;  ///< of a thread that takes turns, for as long as it stays
    double end = 1;   ///< of its layers, as a share of all
  };
  class Placed;
  class Turns;
  class PlacedWeights;

  void go_to(std::size_t place);
  [[nodiscard]] Device& current() const { return *devices_[place()]; }
  [[nodiscard]] std::size_t place_of(const Tensor& tensor) const;
  [[nodiscard]] Device& device_of(const Tensor& tensor) const { return *devices_[place_of(tensor)]; }
  [[nodiscard]] Result<Tensor> allocate_on(std::size_t place, DType dtype, std::int64_t rows, std::int64_t cols);
  /// `tensor` itself (also an empty one), or a copy on that device.
  [[nodiscard]] Result<Tensor> on(std::size_t place, const Tensor& tensor);
  [[nodiscard]] Result<Linear> on(std::size_t place, const Linear& linear);
  /// Runs body(backend, operands…) where `result` lies, with the other operands brought there.
  template <class Body, class... Operands>
  [[nodiscard]] Status run(const Tensor& result, const Body& body, const Operands&... operands);

  std::vector<std::unique_ptr<Device>> devices_;
  std::atomic<std::uint64_t> moved_bytes_{0};
};

}  // namespace salient

// SPDX-License-Identifier: Apache-2.0
#include "core/compute/layered_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <tuple>
#include <utility>

namespace salient {
namespace {

/// Of this thread, in whatever LayeredBackend it works on.
thread_local std::size_t current_place = 0;

}  // namespace

Status Backend::receive(const Tensor& from, Backend& owner, const Tensor& to) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(from.bytes()));
  SALIENT_CHECK(owner.download(from, bytes.data()));
  return upload(bytes.data(), to);
}

/// Memory of one of the devices.
class LayeredBackend::Placed final : public Buffer {
 public:
  Placed(std::shared_ptr<Buffer> memory, std::size_t place) : memory_(std::move(memory)), place_(place) {}
  [[nodiscard]] void* data() const override { return memory_->data(); }
  [[nodiscard]] std::size_t place() const { return place_; }

 private:
  std::shared_ptr<Buffer> memory_;
  std::size_t place_;
};

class LayeredBackend::PlacedWeights final : public PackedWeights {
 public:
  PlacedWeights(std::shared_ptr<const PackedWeights> weights, std::size_t place)
      : weights_(std::move(weights)), place_(place) {}
  [[nodiscard]] std::int64_t rows() const override { return weights_->rows(); }
  [[nodiscard]] std::int64_t cols() const override { return weights_->cols(); }
  [[nodiscard]] const std::shared_ptr<const PackedWeights>& weights() const { return weights_; }
  [[nodiscard]] std::size_t place() const { return place_; }

 private:
  std::shared_ptr<const PackedWeights> weights_;
  std::size_t place_;
};

/// The turn of a thread.
class LayeredBackend::Turns {
 public:
  explicit Turns(LayeredBackend& backend) : backend_(backend), held_(backend.current().turn) { of_thread = this; }
  ~Turns() { of_thread = nullptr; }
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  void go_to(std::size_t place) {
    held_.unlock();  // first: two threads may want each other's
    held_ = std::unique_lock(backend_.devices_[place]->turn);
  }
  static thread_local Turns* of_thread;

 private:
  LayeredBackend& backend_;
  std::unique_lock<std::mutex> held_;
};

thread_local LayeredBackend::Turns* LayeredBackend::Turns::of_thread = nullptr;

LayeredBackend::LayeredBackend(std::vector<std::unique_ptr<Backend>> devices) {
  assert(!devices.empty());
  std::vector<double> memory;
  for (const auto& device : devices)
    memory.push_back(std::max(1.0, static_cast<double>(device->device_memory().value_or(1))));
  const double total = std::accumulate(memory.begin(), memory.end(), 0.0);
  double end = 0;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    auto device = std::make_unique<Device>();
    device->backend = std::move(devices[i]);
    device->end = end += memory[i] / total;
    devices_.push_back(std::move(device));
  }
}

std::string LayeredBackend::name() const {
  std::string names;
  for (const auto& device : devices_)
    names += (names.empty() ? "" : " + ") + device->backend->name();
  return names;
}

std::size_t LayeredBackend::place() const {
  return std::min(current_place, devices_.size() - 1);
}

void LayeredBackend::go_to(std::size_t place) {
  if (Turns::of_thread != nullptr && place != this->place()) Turns::of_thread->go_to(place);
  current_place = place;
}

std::shared_ptr<void> LayeredBackend::take_turns() {
  return std::make_shared<Turns>(*this);
}

void LayeredBackend::leave_layers() {
  go_to(0);
}

void LayeredBackend::enter_layer(std::int64_t layer, std::int64_t layers) {
  std::size_t place = 0;
  // Rounded, so that equal devices have equally many layers where their number allows it.
  while (place + 1 < devices_.size() && layer >= std::llround(devices_[place]->end * static_cast<double>(layers)))
    ++place;
  go_to(place);
}

std::size_t LayeredBackend::place_of(const Tensor& tensor) const {
  const auto* const placed = dynamic_cast<const Placed*>(tensor.buffer.get());
  assert(placed != nullptr);
  return placed->place();
}

Result<Tensor> LayeredBackend::allocate_on(std::size_t place, DType dtype, std::int64_t rows, std::int64_t cols) {
  Device& device = *devices_[place];
  const std::scoped_lock lock(device.busy);
  SALIENT_ASSIGN(Tensor tensor, device.backend->allocate(dtype, rows, cols));
  tensor.buffer = std::make_shared<Placed>(std::move(tensor.buffer), place);
  return tensor;
}

Result<Tensor> LayeredBackend::on(std::size_t place, const Tensor& tensor) {
  if (tensor.empty() || place_of(tensor) == place) return tensor;
  SALIENT_ASSIGN(Tensor copied, allocate_on(place, tensor.dtype, tensor.rows, tensor.cols));
  SALIENT_CHECK(copy(tensor, copied));
  return copied;
}

Result<Linear> LayeredBackend::on(std::size_t place, const Linear& linear) {
  Linear there;
  there.activation_group = linear.activation_group;
  SALIENT_ASSIGN(there.weight, on(place, linear.weight));
  SALIENT_ASSIGN(there.weight_scales, on(place, linear.weight_scales));
  SALIENT_ASSIGN(there.bias, on(place, linear.bias));
  if (linear.packed == nullptr) return there;
  const auto& packed = static_cast<const PlacedWeights&>(*linear.packed);
  if (packed.place() != place) {
    return Error{ErrorCode::internal,
                 devices_[place]->backend->name(),
                 "packed weights",
                 "on the device of the result",
                 "on " + devices_[packed.place()]->backend->name(),
                 "please report this"};
  }
  there.packed = packed.weights();
  return there;
}

template <class Body, class... Operands>
Status LayeredBackend::run(const Tensor& result, const Body& body, const Operands&... operands) {
  const std::size_t place = place_of(result);
  std::tuple<Operands...> there;
  Status brought;
  const auto bring_one = [&](const auto& operand, auto& to) {
    if (!brought) return;
    auto found = on(place, operand);
    if (!found) {
      brought = found.error();
    } else {
      to = *std::move(found);
    }
  };
  std::apply([&](auto&... to) { (bring_one(operands, to), ...); }, there);
  SALIENT_CHECK(brought);
  Device& device = *devices_[place];
  const std::scoped_lock lock(device.busy);
  return std::apply([&](const auto&... operand) { return body(*device.backend, operand...); }, there);
}

Result<Tensor> LayeredBackend::allocate(DType dtype, std::int64_t rows, std::int64_t cols) {
  return allocate_on(place(), dtype, rows, cols);
}

Result<Tensor> LayeredBackend::bring(const Tensor& x) {
  return on(place(), x);
}

Status LayeredBackend::upload(const void* host, const Tensor& tensor) {
  return run(tensor, [&](Backend& backend) { return backend.upload(host, tensor); });
}

Status LayeredBackend::download(const Tensor& tensor, void* host) {
  return run(tensor, [&](Backend& backend) { return backend.download(tensor, host); });
}

Status LayeredBackend::copy(const Tensor& from, const Tensor& to) {
  Device &source = device_of(from), &target = device_of(to);
  if (&source == &target) {
    const std::scoped_lock lock(target.busy);
    return target.backend->copy(from, to);
  }
  const std::scoped_lock lock(source.busy, target.busy);
  moved_bytes_ += static_cast<std::uint64_t>(from.bytes());
  return target.backend->receive(from, *source.backend, to);
}

Status LayeredBackend::clear(const Tensor& tensor) {
  return run(tensor, [&](Backend& backend) { return backend.clear(tensor); });
}

void LayeredBackend::release_kept_memory() {
  for (const auto& device : devices_) {
    const std::scoped_lock lock(device->busy);
    device->backend->release_kept_memory();
  }
}

Status LayeredBackend::embed(std::span<const std::int32_t> ids, const Tensor& table, const Tensor& out) {
  return run(
      out, [&](Backend& b, const Tensor& from) { return b.embed(ids, from, out); }, table);
}

Status LayeredBackend::rms_norm(const Tensor& x, const Tensor& weight, float epsilon, const Tensor& out) {
  return run(
      out, [&](Backend& b, const Tensor& in, const Tensor& scale) { return b.rms_norm(in, scale, epsilon, out); }, x,
      weight);
}

Status LayeredBackend::linear(const Tensor& x, const Linear& linear, const Tensor& out) {
  return run(
      out, [&](Backend& b, const Tensor& in, const Linear& layer) { return b.linear(in, layer, out); }, x, linear);
}

// Of a table on another device only the positions at hand are copied.
Status LayeredBackend::rope(const Tensor& x, std::int64_t head_dim, const RopeTable& table, std::int64_t first_position,
                            bool inverse) {
  const bool elsewhere = place_of(table.cos) != place_of(x);
  const auto part = [&](const Tensor& whole) { return elsewhere ? whole.row_slice(first_position, x.rows) : whole; };
  return run(
      x,
      [&](Backend& b, const Tensor& cosine, const Tensor& sine) {
        return b.rope(x, head_dim, {cosine, sine}, elsewhere ? 0 : first_position, inverse);
      },
      part(table.cos), part(table.sin));
}

Status LayeredBackend::attention(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionShape& shape,
                                 std::int64_t first_position, const Tensor& out) {
  return run(
      out,
      [&](Backend& b, const Tensor& query, const Tensor& keys, const Tensor& values) {
        return b.attention(query, keys, values, shape, first_position, out);
      },
      q, k, v);
}

Status LayeredBackend::swiglu(const Tensor& gate, const Tensor& up, const Tensor& out) {
  return run(
      out, [&](Backend& b, const Tensor& g, const Tensor& u) { return b.swiglu(g, u, out); }, gate, up);
}

Status LayeredBackend::add(const Tensor& x, const Tensor& accumulator) {
  return run(
      accumulator, [&](Backend& b, const Tensor& in) { return b.add(in, accumulator); }, x);
}

Status LayeredBackend::cross_entropy(const Tensor& logits, std::span<const std::int32_t> targets,
                                     std::span<float> nll) {
  return run(logits, [&](Backend& b) { return b.cross_entropy(logits, targets, nll); });
}

Status LayeredBackend::cross_entropy_backward(const Tensor& logits, std::span<const std::int32_t> targets,
                                              float scale) {
  return run(logits, [&](Backend& b) { return b.cross_entropy_backward(logits, targets, scale); });
}

Status LayeredBackend::rms_norm_backward(const Tensor& x, const Tensor& weight, float epsilon, const Tensor& dy,
                                         const Tensor& dx, bool accumulate) {
  return run(
      dx,
      [&](Backend& b, const Tensor& in, const Tensor& scale, const Tensor& gradient) {
        return b.rms_norm_backward(in, scale, epsilon, gradient, dx, accumulate);
      },
      x, weight, dy);
}

Status LayeredBackend::linear_backward(const Tensor& dy, const Linear& linear, const Tensor& dx, bool accumulate) {
  return run(
      dx,
      [&](Backend& b, const Tensor& in, const Linear& layer) { return b.linear_backward(in, layer, dx, accumulate); },
      dy, linear);
}

Status LayeredBackend::attention_backward(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& out,
                                          const Tensor& dout, const AttentionShape& shape, const Tensor& dq,
                                          const Tensor& dk, const Tensor& dv) {
  assert(place_of(dq) == place_of(dk) && place_of(dq) == place_of(dv));
  return run(
      dq,
      [&](Backend& b, const Tensor& query, const Tensor& keys, const Tensor& values, const Tensor& context,
          const Tensor& gradient) {
        return b.attention_backward(query, keys, values, context, gradient, shape, dq, dk, dv);
      },
      q, k, v, out, dout);
}

Status LayeredBackend::swiglu_backward(const Tensor& gate, const Tensor& up, const Tensor& dout, const Tensor& dgate,
                                       const Tensor& dup) {
  assert(place_of(dgate) == place_of(dup));
  return run(
      dgate,
      [&](Backend& b, const Tensor& g, const Tensor& u, const Tensor& gradient) {
        return b.swiglu_backward(g, u, gradient, dgate, dup);
      },
      gate, up, dout);
}

Status LayeredBackend::quantization_delta(const Tensor& weight, std::int64_t group, const Tensor& out) {
  return run(
      out, [&](Backend& b, const Tensor& from) { return b.quantization_delta(from, group, out); }, weight);
}

Status LayeredBackend::column_dot(const Tensor& a, const Tensor& b, std::span<double> out) {
  return run(
      a, [&](Backend& backend, const Tensor& other) { return backend.column_dot(a, other, out); }, b);
}

Status LayeredBackend::diagonal_fisher(const Tensor& dy, const Tensor& x, const Tensor& delta, std::span<double> out) {
  return run(
      delta,
      [&](Backend& b, const Tensor& gradient, const Tensor& in) { return b.diagonal_fisher(gradient, in, delta, out); },
      dy, x);
}

Status LayeredBackend::accumulate_gram(const Tensor& x, const Tensor& gram) {
  return run(
      gram, [&](Backend& b, const Tensor& in) { return b.accumulate_gram(in, gram); }, x);
}

Result<std::shared_ptr<const PackedWeights>> LayeredBackend::pack(const QuantizedMatrix& matrix, ScaleMode mode) {
  Device& device = current();
  const std::scoped_lock lock(device.busy);
  SALIENT_ASSIGN(auto weights, device.backend->pack(matrix, mode));
  return std::shared_ptr<const PackedWeights>(std::make_shared<PlacedWeights>(std::move(weights), place()));
}

Status LayeredBackend::synchronize() {
  for (const auto& device : devices_) {
    const std::scoped_lock lock(device->busy);
    SALIENT_CHECK(device->backend->synchronize());
  }
  return {};
}

std::optional<std::uint64_t> LayeredBackend::device_memory() const {
  std::uint64_t sum = 0;
  for (const auto& device : devices_) {
    const auto own = device->backend->device_memory();
    if (!own) return std::nullopt;
    sum += *own;
  }
  return sum;
}

std::uint64_t LayeredBackend::peak_device_memory() const {
  std::uint64_t most = 0;
  for (const auto& device : devices_)
    most = std::max(most, device->backend->peak_device_memory());
  return most;
}

bool LayeredBackend::usable() const {
  return std::all_of(devices_.begin(), devices_.end(), [](const auto& device) { return device->backend->usable(); });
}

}  // namespace salient

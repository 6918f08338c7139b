// SPDX-License-Identifier: Apache-2.0
// Decoding a token of several sequences: packed linears take their input in 8 bit from the operation before, and a
// step's work is recorded as a CUDA graph.
#include <algorithm>
#include <cassert>

#include <fmt/format.h>

#include "cuda/cuda_backend.h"
#include "cuda/kernels/kernels.h"
#include "cuda/mixed_gemm.h"

namespace salient::cuda {
namespace {

/// A CUDA graph, and the memory its operations took from the pool for themselves.
class Graph final : public Recording {
 public:
  Graph(std::shared_ptr<Context> context, cudaGraphExec_t graph, std::unique_ptr<DeviceMemory::Held> memory)
      : context_(std::move(context)), graph_(graph), memory_(std::move(memory)) {}
  ~Graph() override {
    context_->bind();
    // Nobody is left to hear of an error.
    static_cast<void>(cudaStreamSynchronize(context_->stream()));
    static_cast<void>(cudaGraphExecDestroy(graph_));
  }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  Status replay() override {
    context_->bind();
    return context_->check(cudaGraphLaunch(graph_, context_->stream()), "repeat recorded operations");
  }

 private:
  std::shared_ptr<Context> context_;
  cudaGraphExec_t graph_;
  std::unique_ptr<DeviceMemory::Held> memory_;
};

const std::int32_t* integers(const Tensor& tensor) {
  assert(tensor.dtype == DType::i32);
  return static_cast<const std::int32_t*>(tensor.data());
}

const MixedMatrix* packed_of(const Linear& linear) {
  return static_cast<const MixedMatrix*>(linear.packed.get());
}

kernels::RoundedTarget target_of(const RoundedActivations& x) {
  return {x.codes, x.scales, static_cast<int>(x.group), x.transposed};
}

/// The kernels that fuse rounding into another operation round groups, not tokens as a whole.
bool fuses_rounding(const MixedMatrix& matrix, std::int64_t tokens) {
  return mode_for(matrix.mode(), tokens) != ScaleMode::folded_token;
}

/// Room for the input of `matrix` and its like.
Result<RoundedActivations> room_for(Context& context, const MixedMatrix& matrix, std::int64_t tokens) {
  SALIENT_ASSIGN(auto memory,
                 context.scratch(activation_bytes(tokens, matrix.cols(), matrix.group()), "round activations"));
  return lay_out_activations(context, matrix, std::move(memory), tokens, mode_for(matrix.mode(), tokens));
}

}  // namespace

DType CudaBackend::cache_type() const {
  return fast() ? DType::f16 : DType::f32;
}

Status CudaBackend::fill_cache(const Tensor& from, const Tensor& to) {
  assert(from.size() == to.size());
  if (to.dtype == DType::f32) return copy(from, to);
  context_->bind();
  return context_->check(kernels::narrow(context_->stream(), to.dtype, from.f32(), to.data(), from.size()),
                         "fill the cache", sizes_of(from));
}

Status CudaBackend::embed_step(const Tensor& ids, const Tensor& table, const Tensor& out) {
  assert(ids.size() == out.rows && out.cols == table.cols);
  context_->bind();
  return context_->check(
      kernels::embed(context_->stream(), integers(ids), out.rows, table.dtype, table.data(), table.cols, out.f32()),
      "embed", sizes_of(out));
}

Status CudaBackend::norm_linears(const Tensor& x, const Tensor& addend, const Tensor& weight, float epsilon,
                                 std::span<const Linear* const> linears, std::span<const Tensor> outs) {
  assert(linears.size() == outs.size() && !linears.empty());
  context_->bind();
  const float* const summand = addend.empty() ? nullptr : addend.f32();
  const MixedMatrix* const first = packed_of(*linears.front());
  const bool shared = first != nullptr && std::all_of(linears.begin(), linears.end(), [&](const Linear* linear) {
                        return linear->packed != nullptr && packed_of(*linear)->group() == first->group() &&
                               packed_of(*linear)->mode() == first->mode();
                      });
  if (shared && fuses_rounding(*first, x.rows) && x.cols % 4 == 0) {
    SALIENT_ASSIGN(const RoundedActivations rounded, room_for(*context_, *first, x.rows));
    SALIENT_CHECK(context_->check(kernels::add_norm_round(context_->stream(), x.f32(), summand, weight.dtype,
                                                          weight.data(), epsilon, x.rows, x.cols, target_of(rounded)),
                                  "rms_norm", sizes_of(x)));
    for (std::size_t i = 0; i < linears.size(); ++i)
      SALIENT_CHECK(mixed_gemm(*context_, *packed_of(*linears[i]), rounded, linears[i]->bias, outs[i]));
    return {};
  }
  SALIENT_ASSIGN(Tensor input, allocate(DType::f32, x.rows, x.cols));
  const cudaError_t status = summand == nullptr
                                 ? kernels::rms_norm(context_->stream(), x.f32(), weight.dtype, weight.data(), epsilon,
                                                     input.f32(), x.rows, x.cols)
                                 : kernels::add_rms_norm(context_->stream(), x.f32(), summand, weight.dtype,
                                                         weight.data(), epsilon, input.f32(), x.rows, x.cols);
  SALIENT_CHECK(context_->check(status, "rms_norm", sizes_of(x)));
  RoundedActivations rounded;
  if (shared) {
    SALIENT_ASSIGN(rounded, round_activations(*context_, *first, input, mode_for(first->mode(), x.rows)));
  }
  for (std::size_t i = 0; i < linears.size(); ++i) {
    SALIENT_CHECK(shared ? mixed_gemm(*context_, *packed_of(*linears[i]), rounded, linears[i]->bias, outs[i])
                         : linear(input, *linears[i], outs[i]));
  }
  return {};
}

Status CudaBackend::attention_step(const Tensor& q, const Tensor& k, const Tensor& v, const RopeTable& table,
                                   const AttentionShape& shape, const BatchCache& cache, const Tensor& out) {
  assert(q.cols == shape.heads * shape.head_dim && k.cols == shape.kv_heads * shape.head_dim);
  assert(cache.keys.rows == q.rows * cache.capacity && cache.positions.size() == q.rows);
  assert(cache.capacity <= table.cos.rows);
  context_->bind();
  SALIENT_CHECK(check_head_dim(shape));
  kernels::DecodeStep step;
  step.q = q.f32();
  step.k = k.f32();
  step.v = v.f32();
  step.cosine = table.cos.f32();
  step.sine = table.sin.f32();
  step.positions = integers(cache.positions);
  step.cache_type = cache.keys.dtype;
  step.keys = cache.keys.data();
  step.values = cache.values.data();
  step.out = out.f32();
  step.sequences = q.rows;
  step.capacity = cache.capacity;
  step.heads = static_cast<int>(shape.heads);
  step.kv_heads = static_cast<int>(shape.kv_heads);
  step.dim = static_cast<int>(shape.head_dim);
  const auto floats = static_cast<std::uint64_t>(kernels::decode_partial_floats(step));
  SALIENT_ASSIGN(const auto partial, context_->scratch(floats * sizeof(float), "attention"));
  return context_->check(kernels::attention_decode(context_->stream(), step, static_cast<float*>(partial->data())),
                         "attention", fmt::format("{} sequences, {} keys at most", q.rows, cache.capacity));
}

Status CudaBackend::swiglu_linear(const Tensor& gate, const Tensor& up, const Linear& down, const Tensor& out) {
  context_->bind();
  const MixedMatrix* const matrix = packed_of(down);
  if (matrix == nullptr || !fuses_rounding(*matrix, gate.rows)) {
    SALIENT_CHECK(swiglu(gate, up, gate));
    return linear(gate, down, out);
  }
  SALIENT_ASSIGN(const RoundedActivations rounded, room_for(*context_, *matrix, gate.rows));
  SALIENT_CHECK(context_->check(
      kernels::swiglu_round(context_->stream(), gate.f32(), up.f32(), gate.rows, gate.cols, target_of(rounded)),
      "swiglu", sizes_of(gate)));
  return mixed_gemm(*context_, *matrix, rounded, down.bias, out);
}

Result<std::vector<std::int32_t>> CudaBackend::sample(const Tensor& logits, const Sampling& sampling,
                                                      std::span<const std::uint64_t> draws) {
  assert(static_cast<std::int64_t>(draws.size()) == logits.rows);
  SALIENT_CHECK(check_vocabulary(logits.cols));
  std::vector<std::int32_t> ids(draws.size());
  kernels::SampleRows work;
  work.logits = logits.f32();
  work.rows = logits.rows;
  work.cols = logits.cols;
  work.temperature = sampling.temperature;
  work.top_p = sampling.top_p;
  SALIENT_ASSIGN(const auto chosen, context_->scratch(ids.size() * sizeof(std::int32_t), "sample"));
  work.ids = static_cast<std::int32_t*>(chosen->data());
  std::shared_ptr<Buffer> bits, weights;
  if (!sampling.greedy()) {
    SALIENT_ASSIGN(bits, on_device(draws.data(), draws.size_bytes(), "sample"));
    SALIENT_ASSIGN(weights,
                   context_->scratch(static_cast<std::uint64_t>(logits.size()) * sizeof(std::uint64_t), "sample"));
    work.draws = static_cast<const std::uint64_t*>(bits->data());
    work.weights = static_cast<std::uint64_t*>(weights->data());
  }
  SALIENT_CHECK(context_->check(kernels::sample_rows(context_->stream(), work), "sample", sizes_of(logits)));
  SALIENT_CHECK(context_->download(chosen->data(), ids.data(), ids.size() * sizeof(std::int32_t)));
  for (const std::int32_t id : ids) {
    if (id < 0) return unusable_logits(id == kernels::kNanLogits ? "NaN" : "Inf");
  }
  return ids;
}

Result<std::unique_ptr<Recording>> CudaBackend::record(const std::function<Status()>& step) {
  // Once without recording: libraries load what they need, and the pool grows to what the operations take.
  SALIENT_CHECK(step());
  SALIENT_CHECK(context_->synchronize("record operations"));
  auto held = context_->memory().hold();
  SALIENT_CHECK(
      context_->check(cudaStreamBeginCapture(context_->stream(), cudaStreamCaptureModeRelaxed), "record operations"));
  const Status recorded = step();
  cudaGraph_t graph = nullptr;
  const cudaError_t ended = cudaStreamEndCapture(context_->stream(), &graph);
  held->close();
  cudaGraphExec_t executable = nullptr;
  Status made = recorded;
  if (made) made = context_->check(ended, "record operations");
  if (made) made = context_->check(cudaGraphInstantiate(&executable, graph, 0), "record operations");
  if (graph != nullptr) static_cast<void>(cudaGraphDestroy(graph));
  SALIENT_CHECK(made);
  auto recording = std::make_unique<Graph>(context_, executable, std::move(held));
  SALIENT_CHECK(recording->replay());
  return std::unique_ptr<Recording>(std::move(recording));
}

}  // namespace salient::cuda

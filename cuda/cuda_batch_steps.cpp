// SPDX-License-Identifier: Apache-2.0
// Reading prompts and decoding a token of several sequences: packed linears take their input in 8 bit from the
// operation before, and a step's work is recorded as a CUDA graph.
#include <algorithm>
#include <cassert>
#include <cstddef>
#include <optional>

#include <fmt/format.h>

#include "cuda/cuda_backend.h"
#include "cuda/joined_linears.h"
#include "cuda/kernels/kernels.h"
#include "cuda/kernels/mixed_kernels.h"
#include "cuda/mixed_gemm.h"
#include "cuda/mixed_plan.h"

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

kernels::RowOutput output_to(const RoundedActivations& x) {
  return {.codes = x.codes,
          .scales = x.scales,
          .group = x.mode == ScaleMode::folded_token ? 0 : static_cast<int>(x.group),
          .transposed = x.transposed};
}
kernels::RowOutput output_to(const Tensor& x) {
  return {.values = x.data(), .type = x.dtype};
}

/// Whether activations get one scale a token, for which an operation has to see whole rows.
bool rounds_tokens(const MixedMatrix& matrix, std::int64_t tokens) {
  return mode_for(matrix.mode(), tokens) == ScaleMode::folded_token;
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

DType CudaBackend::activation_type(const Linear& linear, std::int64_t rows) const {
  if (!fast()) return DType::f32;
  if (linear.packed != nullptr) return DType::f16;
  return input_type(linear, rows);
}

DType CudaBackend::input_type(const Linear& linear, std::int64_t rows) const {
  if (linear.packed != nullptr) return fast() ? DType::f16 : DType::f32;
  const bool halves = fast() && rows > kernels::kFewTokens && linear.activation_group == 0;
  return halves ? linear.weight.dtype : DType::f32;
}

Status CudaBackend::embed_step(const Tensor& ids, const Tensor& table, const Tensor& out) {
  assert(ids.size() == out.rows && out.cols == table.cols);
  context_->bind();
  return context_->check(
      kernels::embed(context_->stream(), integers(ids), out.rows, table.dtype, table.data(), table.cols, out.f32()),
      "embed", sizes_of(out));
}

Status CudaBackend::norm(const Tensor& x, const Tensor& addend, const Tensor& weight, float epsilon,
                         const kernels::RowOutput& out) {
  kernels::Norm norm;
  norm.x = x.f32();
  norm.addend = addend.empty() ? nullptr : addend.f32();
  norm.weight_type = weight.dtype;
  norm.weight = weight.data();
  norm.epsilon = epsilon;
  norm.rows = x.rows;
  norm.cols = x.cols;
  return context_->check(kernels::rms_norm(context_->stream(), norm, out, overlaps()), "rms_norm", sizes_of(x));
}

Status CudaBackend::norm_linears(const Tensor& x, const Tensor& addend, const Tensor& weight, float epsilon,
                                 std::span<const Linear* const> linears, const Tensor& projected) {
  assert(!linears.empty());
  if (linears.size() > 1) {
    if (const std::optional<Linear> all = joined(linears)) {
      const Linear* const one[] = {&*all};
      return norm_linears(x, addend, weight, epsilon, one, projected);
    }
  }
  context_->bind();
  const auto store_in = [&](const kernels::RowOutput& out) { return norm(x, addend, weight, epsilon, out); };
  const MixedMatrix* const first = packed_of(*linears.front());
  const bool shared = first != nullptr && std::all_of(linears.begin(), linears.end(), [&](const Linear* linear) {
                        return linear->packed != nullptr && packed_of(*linear)->group() == first->group() &&
                               packed_of(*linear)->mode() == first->mode();
                      });
  if (shared) {
    SALIENT_ASSIGN(const RoundedActivations rounded, room_for(*context_, *first, x.rows));
    SALIENT_CHECK(store_in(output_to(rounded)));
    return side_by_side(linears, projected, [&](const Linear& each, const Tensor& out) {
      return mixed_gemm(*context_, *packed_of(each), rounded, each.bias, out);
    });
  }
  const DType type = input_type(*linears.front(), x.rows);
  const bool same = std::all_of(linears.begin(), linears.end(),
                                [&](const Linear* each) { return input_type(*each, x.rows) == type; });
  SALIENT_ASSIGN(const Tensor input, allocate(same ? type : DType::f32, x.rows, x.cols));
  SALIENT_CHECK(store_in(output_to(input)));
  return side_by_side(linears, projected,
                      [&](const Linear& each, const Tensor& out) { return linear(input, each, out); });
}

Status CudaBackend::side_by_side(std::span<const Linear* const> linears, const Tensor& projected,
                                 const std::function<Status(const Linear&, const Tensor&)>& product) {
  if (linears.size() == 1) return product(*linears.front(), projected);
  const auto element = static_cast<std::size_t>(dtype_bits(projected.dtype) / 8);
  std::size_t column = 0;
  for (const Linear* const each : linears) {
    const std::int64_t features = each->packed ? each->packed->rows() : each->weight.rows;
    SALIENT_ASSIGN(const Tensor out, allocate(projected.dtype, projected.rows, features));
    SALIENT_CHECK(product(*each, out));
    const std::size_t width = static_cast<std::size_t>(features) * element;
    SALIENT_CHECK(context_->check(
        cudaMemcpy2DAsync(static_cast<std::byte*>(projected.data()) + column,
                          static_cast<std::size_t>(projected.cols) * element, out.data(), width, width,
                          static_cast<std::size_t>(out.rows), cudaMemcpyDeviceToDevice, context_->stream()),
        "copy", sizes_of(out)));
    column += width;
  }
  return {};
}

namespace {

kernels::Projected describe(const Tensor& projected, const RopeTable& table, const AttentionShape& shape,
                            const BatchCache& cache) {
  assert(projected.cols == (shape.heads + 2 * shape.kv_heads) * shape.head_dim && cache.capacity <= table.cos.rows);
  kernels::Projected p;
  p.data = projected.data();
  p.type = projected.dtype;
  p.tokens = projected.rows;
  p.heads = static_cast<int>(shape.heads);
  p.kv_heads = static_cast<int>(shape.kv_heads);
  p.dim = static_cast<int>(shape.head_dim);
  p.cosine = table.cos.f32();
  p.sine = table.sin.f32();
  p.cache_type = cache.keys.dtype;
  p.keys = cache.keys.data();
  p.values = cache.values.data();
  p.capacity = cache.capacity;
  return p;
}

}  // namespace

Status CudaBackend::attention_step(const Tensor& projected, const RopeTable& table, const AttentionShape& shape,
                                   const BatchCache& cache, const Linear& o, const Tensor& out) {
  assert(cache.keys.rows == projected.rows * cache.capacity && cache.positions.size() == projected.rows);
  context_->bind();
  SALIENT_CHECK(check_head_dim(shape));
  kernels::Projected p = describe(projected, table, shape, cache);
  p.positions = integers(cache.positions);
  const std::string what = fmt::format("{} sequences, {} keys at most", p.tokens, cache.capacity);
  const std::int64_t width = shape.heads * shape.head_dim;
  if (p.cache_type == DType::f32) {
    SALIENT_ASSIGN(const Tensor queries, allocate(DType::f32, p.tokens, width));
    SALIENT_ASSIGN(const Tensor context, allocate(DType::f32, p.tokens, width));
    SALIENT_CHECK(context_->check(kernels::append_to_cache(context_->stream(), p, queries.data(), overlaps()),
                                  "attention", what));
    const kernels::Attention attention{.q = queries.f32(),
                                       .k = cache.keys.f32(),
                                       .v = cache.values.f32(),
                                       .out = context.f32(),
                                       .tokens = 1,
                                       .heads = p.heads,
                                       .kv_heads = p.kv_heads,
                                       .dim = p.dim};
    const kernels::Sequences sequences{p.tokens, cache.capacity, p.positions};
    const auto floats = static_cast<std::uint64_t>(kernels::decode_partial_floats(attention, sequences));
    SALIENT_ASSIGN(const auto partial, context_->scratch(floats * sizeof(float), "attention"));
    SALIENT_CHECK(context_->check(
        kernels::attention_decode(context_->stream(), attention, sequences, static_cast<float*>(partial->data())),
        "attention", what));
    return linear(context, o, out);
  }
  const bool hopper = mixed::has_warpgroups(context_->capability());
  const auto floats = static_cast<std::uint64_t>(kernels::step_partial_floats(p, context_->multiprocessors(), hopper));
  SALIENT_ASSIGN(const auto partial, context_->scratch(floats * sizeof(float), "attention"));
  const auto attend = [&](const kernels::RowOutput& to) {
    return context_->check(kernels::half_attention_step(context_->stream(), p, context_->multiprocessors(), hopper,
                                                        static_cast<float*>(partial->data()), to, overlaps()),
                           "attention", what);
  };
  const bool fused = o.packed == nullptr || !rounds_tokens(*packed_of(o), p.tokens);  // a CTA sees one head of a row
  return linear_of(attend, p.tokens, o, out, fused);
}

Status CudaBackend::attention_read(const Tensor& projected, const RopeTable& table, const AttentionShape& shape,
                                   const BatchCache& cache, std::int64_t sequence, std::int64_t first, const Linear& o,
                                   const Tensor& out) {
  const std::int64_t tokens = projected.rows;
  assert(first + tokens <= cache.capacity && cache.keys.rows >= (sequence + 1) * cache.capacity);
  context_->bind();
  SALIENT_CHECK(check_head_dim(shape));
  const auto filled = [&](const Tensor& all) { return all.row_slice(sequence * cache.capacity, first + tokens); };
  const Tensor keys = filled(cache.keys), values = filled(cache.values);
  kernels::Projected p = describe(projected, table, shape, cache);
  p.keys = keys.data();
  p.values = values.data();
  p.first_position = first;
  const std::string what = fmt::format("{} tokens after {}", tokens, first);
  const std::int64_t width = shape.heads * shape.head_dim;
  SALIENT_ASSIGN(const Tensor queries, allocate(p.cache_type, tokens, width));
  SALIENT_CHECK(
      context_->check(kernels::append_to_cache(context_->stream(), p, queries.data(), overlaps()), "attention", what));
  if (p.cache_type == DType::f32) {
    SALIENT_ASSIGN(const Tensor context, allocate(DType::f32, tokens, width));
    SALIENT_CHECK(attention(queries, keys, values, shape, first, context));
    return linear(context, o, out);
  }
  // A CTA of the kernel has whole heads, but not whole rows.
  const bool fused = o.packed != nullptr && has_hopper_attention(shape) && width % mixed::kBlock == 0 &&
                     packed_of(o)->group() == shape.head_dim && !rounds_tokens(*packed_of(o), tokens);
  const auto attend = [&](const kernels::RowOutput& to) {
    return half_attention(queries, keys, values, shape, first, to);
  };
  return linear_of(attend, tokens, o, out, fused);
}

Status CudaBackend::swiglu_linear(const Tensor& projected, const Linear& down, const Tensor& out) {
  context_->bind();
  const std::int64_t cols = projected.cols / 2;
  const auto store_in = [&](const kernels::RowOutput& to) {
    return context_->check(kernels::swiglu_rows(context_->stream(), projected.dtype, projected.data(), projected.rows,
                                                cols, to, overlaps()),
                           "swiglu", sizes_of(projected));
  };
  const bool fused =
      down.packed == nullptr || !rounds_tokens(*packed_of(down), projected.rows) || cols % mixed::kBlock == 0;
  return linear_of(store_in, projected.rows, down, out, fused);
}

Status CudaBackend::norm_mlp(const Tensor& x, const Tensor& addend, const Tensor& weight, float epsilon,
                             const Linear& gate, const Linear& up, const Linear& down, const Tensor& projected,
                             const Tensor& out) {
  const Linear* const gates[] = {&gate, &up};
  const std::optional<Linear> all = joined(gates);
  const MixedMatrix* const wide = all ? packed_of(*all) : nullptr;
  const MixedMatrix* const narrow = packed_of(down);
  // The product gates its outputs itself where it can.
  const bool into_codes = wide != nullptr && gates_into_codes(mode_for(wide->mode(), x.rows));
  const bool gated = projected.dtype == DType::f16 && wide != nullptr && narrow != nullptr &&
                     can_gate(*context_, *wide, x.rows) &&
                     (!into_codes || (narrow->group() == 128 && !rounds_tokens(*narrow, x.rows)));
  if (!gated) return BatchSteps::norm_mlp(x, addend, weight, epsilon, gate, up, down, projected, out);
  context_->bind();
  SALIENT_ASSIGN(const RoundedActivations rounded, room_for(*context_, *wide, x.rows));
  SALIENT_CHECK(norm(x, addend, weight, epsilon, output_to(rounded)));
  const auto store_in = [&](const kernels::RowOutput& to) {
    return gated_gemm(*context_, *wide, rounded, all->bias, to);
  };
  return linear_of(store_in, x.rows, down, out, into_codes);
}

Status CudaBackend::linear_of(const std::function<Status(const kernels::RowOutput&)>& store, std::int64_t rows,
                              const Linear& linear, const Tensor& out, bool fused) {
  const MixedMatrix* const matrix = packed_of(linear);
  if (matrix != nullptr && fused) {
    SALIENT_ASSIGN(const RoundedActivations rounded, room_for(*context_, *matrix, rows));
    SALIENT_CHECK(store(output_to(rounded)));
    return mixed_gemm(*context_, *matrix, rounded, linear.bias, out);
  }
  const std::int64_t cols = matrix != nullptr ? matrix->cols() : linear.weight.cols;
  SALIENT_ASSIGN(const Tensor input, allocate(input_type(linear, rows), rows, cols));
  SALIENT_CHECK(store(output_to(input)));
  return this->linear(input, linear, out);
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

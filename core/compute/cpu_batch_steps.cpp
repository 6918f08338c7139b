// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cassert>
#include <utility>

#include "core/compute/cpu_backend.h"

namespace salient {
namespace {

class Repetition final : public Recording {
 public:
  explicit Repetition(std::function<Status()> step) : step_(std::move(step)) {}
  Status replay() override { return step_(); }

 private:
  std::function<Status()> step_;
};

const std::int32_t* integers(const Tensor& tensor) {
  assert(tensor.dtype == DType::i32);
  return static_cast<const std::int32_t*>(tensor.data());
}

}  // namespace

Status CpuBackend::embed_step(const Tensor& ids, const Tensor& table, const Tensor& out) {
  return embed({integers(ids), static_cast<std::size_t>(ids.size())}, table, out);
}

Status CpuBackend::norm_linears(const Tensor& x, const Tensor& addend, const Tensor& weight, float epsilon,
                                std::span<const Linear* const> linears, const Tensor& projected) {
  if (!addend.empty()) SALIENT_CHECK(add(addend, x));
  SALIENT_ASSIGN(const Tensor input, allocate(DType::f32, x.rows, x.cols));
  SALIENT_CHECK(rms_norm(x, weight, epsilon, input));
  std::int64_t first = 0;
  for (const Linear* const each : linears) {
    const std::int64_t features = each->packed ? each->packed->rows() : each->weight.rows;
    SALIENT_ASSIGN(const Tensor out, allocate(DType::f32, x.rows, features));
    SALIENT_CHECK(linear(input, *each, out));
    for (std::int64_t row = 0; row < x.rows; ++row)
      std::copy_n(out.f32() + row * features, features, projected.f32() + row * projected.cols + first);
    first += features;
  }
  assert(first == projected.cols);
  return {};
}

Result<Tensor> CpuBackend::columns_of(const Tensor& x, std::int64_t first, std::int64_t count) {
  SALIENT_ASSIGN(Tensor out, allocate(DType::f32, x.rows, count));
  for (std::int64_t row = 0; row < x.rows; ++row)
    std::copy_n(x.f32() + row * x.cols + first, count, out.f32() + row * count);
  return out;
}

Status CpuBackend::attention_step(const Tensor& projected, const RopeTable& table, const AttentionShape& shape,
                                  const BatchCache& cache, const Linear& o, const Tensor& out) {
  SALIENT_ASSIGN(const Tensor context, allocate(DType::f32, projected.rows, shape.heads * shape.head_dim));
  for (std::int64_t b = 0; b < projected.rows; ++b)
    SALIENT_CHECK(attend(projected.row_slice(b, 1), table, shape, cache, b, integers(cache.positions)[b],
                         context.row_slice(b, 1)));
  return linear(context, o, out);
}

Status CpuBackend::attention_read(const Tensor& projected, const RopeTable& table, const AttentionShape& shape,
                                  const BatchCache& cache, std::int64_t sequence, std::int64_t first, const Linear& o,
                                  const Tensor& out) {
  SALIENT_ASSIGN(const Tensor context, allocate(DType::f32, projected.rows, shape.heads * shape.head_dim));
  SALIENT_CHECK(attend(projected, table, shape, cache, sequence, first, context));
  return linear(context, o, out);
}

Status CpuBackend::attend(const Tensor& projected, const RopeTable& table, const AttentionShape& shape,
                          const BatchCache& cache, std::int64_t sequence, std::int64_t first, const Tensor& context) {
  const std::int64_t tokens = projected.rows;
  const std::int64_t q_size = shape.heads * shape.head_dim, kv_size = shape.kv_heads * shape.head_dim;
  assert(projected.cols == q_size + 2 * kv_size && first + tokens <= cache.capacity);
  const auto filled = [&](const Tensor& all) { return all.row_slice(sequence * cache.capacity, first + tokens); };
  const Tensor keys = filled(cache.keys), values = filled(cache.values);
  SALIENT_ASSIGN(const Tensor queries, columns_of(projected, 0, q_size));
  SALIENT_ASSIGN(const Tensor new_keys, columns_of(projected, q_size, kv_size));
  SALIENT_ASSIGN(const Tensor new_values, columns_of(projected, q_size + kv_size, kv_size));
  SALIENT_CHECK(rope(queries, shape.head_dim, table, first, false));
  SALIENT_CHECK(rope(new_keys, shape.head_dim, table, first, false));
  SALIENT_CHECK(copy(new_keys, keys.row_slice(first, tokens)));
  SALIENT_CHECK(copy(new_values, values.row_slice(first, tokens)));
  return attention(queries, keys, values, shape, first, context);
}

Status CpuBackend::swiglu_linear(const Tensor& projected, const Linear& down, const Tensor& out) {
  SALIENT_ASSIGN(const Tensor gate, columns_of(projected, 0, projected.cols / 2));
  SALIENT_ASSIGN(const Tensor up, columns_of(projected, projected.cols / 2, projected.cols / 2));
  SALIENT_CHECK(swiglu(gate, up, gate));
  return linear(gate, down, out);
}

Result<std::vector<std::int32_t>> CpuBackend::sample(const Tensor& logits, const Sampling& sampling,
                                                     std::span<const std::uint64_t> draws) {
  assert(static_cast<std::int64_t>(draws.size()) == logits.rows);
  std::vector<std::int32_t> ids;
  for (const std::uint64_t draw : draws) {
    const float* const row = logits.f32() + static_cast<std::int64_t>(ids.size()) * logits.cols;
    SALIENT_ASSIGN(const std::int32_t id, sample_token({row, static_cast<std::size_t>(logits.cols)}, sampling, draw));
    ids.push_back(id);
  }
  return ids;
}

Result<std::unique_ptr<Recording>> CpuBackend::record(const std::function<Status()>& step) {
  SALIENT_CHECK(step());
  return std::unique_ptr<Recording>(std::make_unique<Repetition>(step));
}

}  // namespace salient

// SPDX-License-Identifier: Apache-2.0
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

Status CpuBackend::fill_cache(const Tensor& from, const Tensor& to) {
  return copy(from, to);
}

Status CpuBackend::embed_step(const Tensor& ids, const Tensor& table, const Tensor& out) {
  return embed({integers(ids), static_cast<std::size_t>(ids.size())}, table, out);
}

Status CpuBackend::norm_linears(const Tensor& x, const Tensor& addend, const Tensor& weight, float epsilon,
                                std::span<const Linear* const> linears, std::span<const Tensor> outs) {
  assert(linears.size() == outs.size());
  if (!addend.empty()) SALIENT_CHECK(add(addend, x));
  SALIENT_ASSIGN(const Tensor input, allocate(DType::f32, x.rows, x.cols));
  SALIENT_CHECK(rms_norm(x, weight, epsilon, input));
  for (std::size_t i = 0; i < linears.size(); ++i)
    SALIENT_CHECK(linear(input, *linears[i], outs[i]));
  return {};
}

Status CpuBackend::attention_step(const Tensor& q, const Tensor& k, const Tensor& v, const RopeTable& table,
                                  const AttentionShape& shape, const BatchCache& cache, const Tensor& out) {
  for (std::int64_t b = 0; b < q.rows; ++b) {
    const std::int64_t position = integers(cache.positions)[b];
    assert(position < cache.capacity);
    const std::int64_t begin = b * cache.capacity;
    const Tensor key = cache.keys.row_slice(begin + position, 1);
    const Tensor query = q.row_slice(b, 1);
    SALIENT_CHECK(copy(k.row_slice(b, 1), key));
    SALIENT_CHECK(copy(v.row_slice(b, 1), cache.values.row_slice(begin + position, 1)));
    SALIENT_CHECK(rope(key, shape.head_dim, table, position, false));
    SALIENT_CHECK(rope(query, shape.head_dim, table, position, false));
    SALIENT_CHECK(attention(query, cache.keys.row_slice(begin, position + 1),
                            cache.values.row_slice(begin, position + 1), shape, position, out.row_slice(b, 1)));
  }
  return {};
}

Status CpuBackend::swiglu_linear(const Tensor& gate, const Tensor& up, const Linear& down, const Tensor& out) {
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

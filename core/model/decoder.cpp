// SPDX-License-Identifier: Apache-2.0
#include "core/model/decoder.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/model/loss.h"

namespace salient {

Result<Decoder> Decoder::create(WeightSource& weights, Backend& backend, std::int64_t max_positions) {
  if (max_positions < 1) {
    return Error{ErrorCode::range,          {}, "sequence length", "at least 1", fmt::format("{}", max_positions),
                 "choose a longer sequence"};
  }
  backend.leave_layers();
  Decoder decoder(weights, backend);
  SALIENT_ASSIGN(decoder.rope_, make_rope_table(weights.config(), max_positions, backend));
  SALIENT_ASSIGN(decoder.global_, weights.global());
  return decoder;
}

AttentionShape Decoder::attention_shape() const {
  return {config().heads, config().kv_heads, config().head_dim};
}

Status Decoder::check_positions(std::int64_t end) const {
  if (end <= rope_.cos.rows) return {};
  return Error{ErrorCode::range,       {},
               "sequence length",      fmt::format("at most {} tokens", rope_.cos.rows),
               fmt::format("{}", end), "shorten the sequence, or prepare the decoder for longer ones"};
}

Result<std::shared_ptr<const LayerWeights>> Decoder::enter(std::int64_t index, Tensor& x) {
  backend_->enter_layer(index, config().layers);
  SALIENT_ASSIGN(x, backend_->bring(x));
  return weights_->layer(index);
}

Status Decoder::leave(Tensor& x) {
  backend_->leave_layers();
  SALIENT_ASSIGN(x, backend_->bring(x));
  return {};
}

Result<Tensor> Decoder::apply(const Linear& linear, const Tensor& x) {
  const std::int64_t features = linear.packed ? linear.packed->rows() : linear.weight.rows;
  SALIENT_ASSIGN(Tensor out, backend_->allocate(DType::f32, x.rows, features));
  SALIENT_CHECK(backend_->linear(x, linear, out));
  return out;
}

Result<Tensor> Decoder::norm(const Tensor& x, const Tensor& weight) {
  SALIENT_ASSIGN(Tensor out, backend_->allocate(DType::f32, x.rows, x.cols));
  SALIENT_CHECK(backend_->rms_norm(x, weight, static_cast<float>(config().rms_norm_eps), out));
  return out;
}

Result<Tensor> Decoder::copy_of(const Tensor& x) {
  SALIENT_ASSIGN(Tensor out, backend_->allocate(x.dtype, x.rows, x.cols));
  SALIENT_CHECK(backend_->copy(x, out));
  return out;
}

Status Decoder::rotate(const Tensor& x, std::int64_t first_position, bool inverse) {
  return backend_->rope(x, config().head_dim, rope_, first_position, inverse);
}

Status Decoder::check_ids(std::span<const std::int32_t> ids) const {
  if (ids.empty()) {
    return Error{ErrorCode::usage, {}, "token ids", "at least one token", "none", "give some text"};
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] >= 0 && ids[i] < config().vocab_size) continue;
    return Error{ErrorCode::range,           {},
                 fmt::format("token {}", i), fmt::format("an id from 0 to {}", config().vocab_size - 1),
                 fmt::format("{}", ids[i]),  "use the tokenizer that belongs to this model"};
  }
  return {};
}

Result<Tensor> Decoder::embed(std::span<const std::int32_t> ids) {
  SALIENT_CHECK(check_ids(ids));
  backend_->leave_layers();
  SALIENT_ASSIGN(Tensor x, backend_->allocate(DType::f32, static_cast<std::int64_t>(ids.size()), config().hidden_size));
  SALIENT_CHECK(backend_->embed(ids, global_->embedding, x));
  return x;
}

Result<Tensor> Decoder::attention_input(const LayerWeights& layer, const Tensor& x) {
  return norm(x, layer.input_norm);
}

Result<Tensor> Decoder::attention_context(const LayerWeights& layer, const Tensor& attention_input, KvCache* cache,
                                          std::int64_t layer_index) {
  const std::int64_t tokens = attention_input.rows, past = cache != nullptr ? cache->length : 0;
  SALIENT_CHECK(check_positions(past + tokens));
  Tensor keys, values;  // of these tokens
  Tensor all_keys, all_values;
  if (cache != nullptr) {
    const auto index = static_cast<std::size_t>(layer_index);
    if (past + tokens > cache->capacity) {
      return Error{ErrorCode::range,
                   {},
                   "key-value cache",
                   fmt::format("at most {} tokens", cache->capacity),
                   fmt::format("{}", past + tokens),
                   "shorten the sequence, or make a larger cache"};
    }
    keys = cache->keys[index].row_slice(past, tokens);
    values = cache->values[index].row_slice(past, tokens);
    all_keys = cache->keys[index].row_slice(0, past + tokens);
    all_values = cache->values[index].row_slice(0, past + tokens);
  } else {
    SALIENT_ASSIGN(keys, backend_->allocate(DType::f32, tokens, config().kv_size()));
    SALIENT_ASSIGN(values, backend_->allocate(DType::f32, tokens, config().kv_size()));
    all_keys = keys;
    all_values = values;
  }
  SALIENT_ASSIGN(const Tensor queries, apply(layer.at(LinearKind::q), attention_input));
  SALIENT_CHECK(backend_->linear(attention_input, layer.at(LinearKind::k), keys));
  SALIENT_CHECK(backend_->linear(attention_input, layer.at(LinearKind::v), values));
  SALIENT_CHECK(rotate(queries, past, false));
  SALIENT_CHECK(rotate(keys, past, false));
  SALIENT_ASSIGN(Tensor context, backend_->allocate(DType::f32, tokens, config().q_size()));
  SALIENT_CHECK(backend_->attention(queries, all_keys, all_values, attention_shape(), past, context));
  return context;
}

Status Decoder::add_attention(const LayerWeights& layer, const Tensor& context, const Tensor& x) {
  SALIENT_ASSIGN(const Tensor out, apply(layer.at(LinearKind::o), context));
  return backend_->add(out, x);
}

Result<Tensor> Decoder::mlp_input(const LayerWeights& layer, const Tensor& x) {
  return norm(x, layer.post_norm);
}

Result<Tensor> Decoder::mlp_activation(const LayerWeights& layer, const Tensor& mlp_input) {
  SALIENT_ASSIGN(const Tensor gate, apply(layer.at(LinearKind::gate), mlp_input));
  SALIENT_ASSIGN(const Tensor up, apply(layer.at(LinearKind::up), mlp_input));
  SALIENT_CHECK(backend_->swiglu(gate, up, gate));
  return gate;
}

Status Decoder::add_mlp(const LayerWeights& layer, const Tensor& activation, const Tensor& x) {
  SALIENT_ASSIGN(const Tensor out, apply(layer.at(LinearKind::down), activation));
  return backend_->add(out, x);
}

Result<Tensor> Decoder::hidden(std::span<const std::int32_t> ids, KvCache* cache, const Job* job) {
  SALIENT_ASSIGN(Tensor x, embed(ids));
  for (std::int64_t index = 0; index < config().layers; ++index) {
    if (job != nullptr) SALIENT_CHECK(job->check());
    SALIENT_ASSIGN(const std::shared_ptr<const LayerWeights> layer, enter(index, x));
    {
      SALIENT_ASSIGN(const Tensor input, attention_input(*layer, x));
      SALIENT_ASSIGN(const Tensor context, attention_context(*layer, input, cache, index));
      SALIENT_CHECK(add_attention(*layer, context, x));
    }
    SALIENT_ASSIGN(const Tensor input, mlp_input(*layer, x));
    SALIENT_ASSIGN(const Tensor activation, mlp_activation(*layer, input));
    SALIENT_CHECK(add_mlp(*layer, activation, x));
  }
  if (cache != nullptr) cache->length += x.rows;
  SALIENT_CHECK(leave(x));
  return norm(x, global_->final_norm);
}

Result<Tensor> Decoder::logits(const Tensor& hidden) {
  Linear head;
  head.weight = global_->lm_head;
  return apply(head, hidden);
}

std::int64_t Decoder::logit_rows() const {
  constexpr std::int64_t kSliceBytes = std::int64_t{64} << 20;
  return std::max<std::int64_t>(1, kSliceBytes / (config().vocab_size * 4));
}

Result<std::vector<float>> Decoder::sequence_nll(std::span<const std::int32_t> ids, const Job* job) {
  SALIENT_CHECK(check_loss_length(ids));
  SALIENT_ASSIGN(const Tensor states, hidden(ids, nullptr, job));
  std::vector<float> nll(ids.size() - 1);
  const auto count = static_cast<std::int64_t>(nll.size());
  for (std::int64_t first = 0; first < count; first += logit_rows()) {
    if (job != nullptr) SALIENT_CHECK(job->check());
    const std::int64_t rows = std::min(logit_rows(), count - first);
    SALIENT_ASSIGN(const Tensor scores, logits(states.row_slice(first, rows)));
    const auto begin = static_cast<std::size_t>(first), length = static_cast<std::size_t>(rows);
    SALIENT_CHECK(
        backend_->cross_entropy(scores, ids.subspan(begin + 1, length), std::span(nll).subspan(begin, length)));
  }
  SALIENT_CHECK(check_finite(nll, ids));
  return nll;
}

Result<KvCache> Decoder::make_cache(std::int64_t capacity) {
  SALIENT_CHECK(check_positions(capacity));
  KvCache cache;
  cache.capacity = capacity;
  for (std::int64_t index = 0; index < config().layers; ++index) {
    backend_->enter_layer(index, config().layers);
    SALIENT_ASSIGN(Tensor keys, backend_->allocate(DType::f32, capacity, config().kv_size()));
    SALIENT_ASSIGN(Tensor values, backend_->allocate(DType::f32, capacity, config().kv_size()));
    cache.keys.push_back(std::move(keys));
    cache.values.push_back(std::move(values));
  }
  backend_->leave_layers();
  return cache;
}

}  // namespace salient

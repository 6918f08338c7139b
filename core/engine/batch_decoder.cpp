// SPDX-License-Identifier: Apache-2.0
#include "core/engine/batch_decoder.h"

#include <fmt/format.h>

#include <algorithm>

namespace salient {

Result<std::unique_ptr<BatchDecoder>> BatchDecoder::create(Decoder& decoder, std::int64_t sequences,
                                                           std::int64_t capacity) {
  if (sequences < 1 || sequences > kMostSequences || capacity < 1 || capacity > decoder.config().max_positions) {
    return Error{ErrorCode::range,
                 {},
                 "batch",
                 fmt::format("1 to {} sequences of 1 to {} tokens", kMostSequences, decoder.config().max_positions),
                 fmt::format("{} of {}", sequences, capacity),
                 "choose fewer or shorter sequences"};
  }
  auto* const steps = dynamic_cast<BatchSteps*>(&decoder.backend());
  if (steps == nullptr) {
    return Error{ErrorCode::unsupported,
                 {},
                 "batch",
                 "a device that decodes several sequences together",
                 decoder.backend().name(),
                 "decode them one by one"};
  }
  std::unique_ptr<BatchDecoder> batch(new BatchDecoder(decoder, *steps));
  SALIENT_CHECK(batch->open(sequences, capacity));
  return batch;
}

Status BatchDecoder::open(std::int64_t sequences, std::int64_t capacity) {
  const ModelConfig& config = decoder_->config();
  Backend& backend = decoder_->backend();
  capacity_ = capacity;
  lengths_.assign(static_cast<std::size_t>(sequences), 0);
  SALIENT_ASSIGN(rope_, make_rope_table(config, capacity, backend));
  SALIENT_ASSIGN(global_, decoder_->weights().global());
  head_.weight = global_->lm_head;
  SALIENT_ASSIGN(inputs_, backend.allocate(DType::i32, 2, sequences));
  for (std::int64_t index = 0; index < config.layers; ++index) {
    SALIENT_ASSIGN(auto layer, decoder_->weights().layer(index));
    layers_.push_back(std::move(layer));
    BatchCache cache;
    SALIENT_ASSIGN(cache.keys, backend.allocate(steps_->cache_type(), sequences * capacity, config.kv_size()));
    SALIENT_ASSIGN(cache.values, backend.allocate(steps_->cache_type(), sequences * capacity, config.kv_size()));
    cache.positions = inputs_.row_slice(1, 1);
    cache.capacity = capacity;
    caches_.push_back(std::move(cache));
  }
  const auto floats = [&](std::int64_t cols) { return backend.allocate(DType::f32, sequences, cols); };
  SALIENT_ASSIGN(x_, floats(config.hidden_size));
  SALIENT_ASSIGN(q_, floats(config.q_size()));
  SALIENT_ASSIGN(k_, floats(config.kv_size()));
  SALIENT_ASSIGN(v_, floats(config.kv_size()));
  SALIENT_ASSIGN(context_, floats(config.q_size()));
  SALIENT_ASSIGN(gate_, floats(config.intermediate_size));
  SALIENT_ASSIGN(up_, floats(config.intermediate_size));
  SALIENT_ASSIGN(part_, floats(config.hidden_size));
  SALIENT_ASSIGN(logits_, floats(config.vocab_size));
  return {};
}

Result<Tensor> BatchDecoder::read(std::int64_t sequence, std::span<const std::int32_t> ids, const Job* job) {
  const auto count = static_cast<std::int64_t>(ids.size());
  if (sequence < 0 || sequence >= sequences() || count < 1 || count > capacity_) {
    return Error{ErrorCode::range,
                 {},
                 "prompt",
                 fmt::format("1 to {} tokens in one of {} sequences", capacity_, sequences()),
                 fmt::format("{} in sequence {}", count, sequence),
                 "give it a token at least, shorten it, or make room for longer sequences"};
  }
  SALIENT_ASSIGN(KvCache cache, decoder_->make_cache(count));
  SALIENT_ASSIGN(const Tensor hidden, decoder_->hidden(ids, &cache, job));
  for (std::size_t i = 0; i < caches_.size(); ++i) {
    const std::int64_t begin = sequence * capacity_;
    SALIENT_CHECK(steps_->fill_cache(cache.keys[i], caches_[i].keys.row_slice(begin, count)));
    SALIENT_CHECK(steps_->fill_cache(cache.values[i], caches_[i].values.row_slice(begin, count)));
  }
  lengths_[static_cast<std::size_t>(sequence)] = count;
  return decoder_->logits(hidden.row_slice(count - 1, 1));
}

Status BatchDecoder::run() {
  const ModelConfig& config = decoder_->config();
  const auto epsilon = static_cast<float>(config.rms_norm_eps);
  const AttentionShape shape{config.heads, config.kv_heads, config.head_dim};
  SALIENT_CHECK(steps_->embed_step(inputs_.row_slice(0, 1), global_->embedding, x_));
  Tensor addend;  // what the half layer before adds to x
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const LayerWeights& layer = *layers_[i];
    const Linear* const projections[] = {&layer.at(LinearKind::q), &layer.at(LinearKind::k), &layer.at(LinearKind::v)};
    const Tensor projected[] = {q_, k_, v_};
    SALIENT_CHECK(steps_->norm_linears(x_, addend, layer.input_norm, epsilon, projections, projected));
    SALIENT_CHECK(steps_->attention_step(q_, k_, v_, rope_, shape, caches_[i], context_));
    SALIENT_CHECK(decoder_->backend().linear(context_, layer.at(LinearKind::o), part_));
    const Linear* const gates[] = {&layer.at(LinearKind::gate), &layer.at(LinearKind::up)};
    const Tensor gated[] = {gate_, up_};
    SALIENT_CHECK(steps_->norm_linears(x_, part_, layer.post_norm, epsilon, gates, gated));
    SALIENT_CHECK(steps_->swiglu_linear(gate_, up_, layer.at(LinearKind::down), part_));
    addend = part_;
  }
  const Linear* const head[] = {&head_};
  return steps_->norm_linears(x_, addend, global_->final_norm, epsilon, head, {&logits_, 1});
}

Result<Tensor> BatchDecoder::step(std::span<const std::int32_t> ids) {
  if (static_cast<std::int64_t>(ids.size()) != sequences()) {
    return Error{ErrorCode::usage,
                 {},
                 "token ids",
                 fmt::format("one for each of {} sequences", sequences()),
                 fmt::format("{}", ids.size()),
                 {}};
  }
  std::vector<std::int32_t> inputs(ids.begin(), ids.end());
  for (std::size_t b = 0; b < ids.size(); ++b) {
    if (ids[b] < 0 || ids[b] >= decoder_->config().vocab_size || lengths_[b] >= capacity_) {
      return Error{ErrorCode::range,
                   {},
                   fmt::format("sequence {}", b),
                   fmt::format("a token id below {}, and room in {} tokens", decoder_->config().vocab_size, capacity_),
                   fmt::format("id {} after {} tokens", ids[b], lengths_[b]),
                   "make room for longer sequences"};
    }
    inputs.push_back(static_cast<std::int32_t>(lengths_[b]));
  }
  SALIENT_CHECK(decoder_->backend().upload(inputs.data(), inputs_));
  if (recording_ == nullptr) {
    SALIENT_ASSIGN(recording_, steps_->record([this] { return run(); }));
  } else {
    SALIENT_CHECK(recording_->replay());
  }
  for (std::int64_t& length : lengths_)
    ++length;
  return logits_;
}

}  // namespace salient

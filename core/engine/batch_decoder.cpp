// SPDX-License-Identifier: Apache-2.0
#include "core/engine/batch_decoder.h"

#include <fmt/format.h>

#include <algorithm>

namespace salient {
namespace {

/// Tokens of a prompt that go through the layers together: enough to keep a device busy, and a bound on its memory.
constexpr std::int64_t kPiece = 4096;

}  // namespace

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
  SALIENT_ASSIGN(activations_, room_for(sequences));
  SALIENT_ASSIGN(logits_, backend.allocate(DType::f32, sequences, config.vocab_size));
  return {};
}

Result<BatchDecoder::Activations> BatchDecoder::room_for(std::int64_t rows) {
  const ModelConfig& config = decoder_->config();
  Backend& backend = decoder_->backend();
  const auto type = [&](LinearKind kind) { return steps_->activation_type(layers_.front()->at(kind), rows); };
  Activations a;
  SALIENT_ASSIGN(a.x, backend.allocate(DType::f32, rows, config.hidden_size));
  SALIENT_ASSIGN(a.part, backend.allocate(DType::f32, rows, config.hidden_size));
  SALIENT_ASSIGN(a.attention, backend.allocate(type(LinearKind::q), rows, config.q_size() + 2 * config.kv_size()));
  SALIENT_ASSIGN(a.mlp, backend.allocate(type(LinearKind::gate), rows, 2 * config.intermediate_size));
  return a;
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
  SALIENT_CHECK(decoder_->check_ids(ids));
  Backend& backend = decoder_->backend();
  const AttentionShape shape = attention_shape();
  SALIENT_ASSIGN(const Tensor prompt, backend.allocate(DType::i32, 1, count));
  SALIENT_CHECK(backend.upload(ids.data(), prompt));
  SALIENT_ASSIGN(const Activations room, room_for(std::min(count, kPiece)));
  SALIENT_ASSIGN(Tensor result, backend.allocate(DType::f32, 1, decoder_->config().vocab_size));
  for (std::int64_t first = 0; first < count; first += kPiece) {
    const std::int64_t rows = std::min(kPiece, count - first);
    const Activations a{room.x.row_slice(0, rows), room.part.row_slice(0, rows), room.attention.row_slice(0, rows),
                        room.mlp.row_slice(0, rows)};
    const Tensor piece = prompt.reshaped(count, 1).row_slice(first, rows).reshaped(1, rows);
    SALIENT_CHECK(steps_->embed_step(piece, global_->embedding, a.x));
    SALIENT_CHECK(layers(
        a,
        [&](std::size_t i) {
          return steps_->attention_read(a.attention, rope_, shape, caches_[i], sequence, first,
                                        layers_[i]->at(LinearKind::o), a.part);
        },
        job));
    if (first + rows == count) SALIENT_CHECK(logits(a.x, a.part, 1, result));
  }
  lengths_[static_cast<std::size_t>(sequence)] = count;
  return result;
}

AttentionShape BatchDecoder::attention_shape() const {
  const ModelConfig& config = decoder_->config();
  return {config.heads, config.kv_heads, config.head_dim};
}

Status BatchDecoder::layers(const Activations& a, const std::function<Status(std::size_t)>& attend, const Job* job) {
  const auto epsilon = static_cast<float>(decoder_->config().rms_norm_eps);
  Tensor addend;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    if (job != nullptr) SALIENT_CHECK(job->check());
    const LayerWeights& layer = *layers_[i];
    const Linear* const projections[] = {&layer.at(LinearKind::q), &layer.at(LinearKind::k), &layer.at(LinearKind::v)};
    SALIENT_CHECK(steps_->norm_linears(a.x, addend, layer.input_norm, epsilon, projections, a.attention));
    SALIENT_CHECK(attend(i));
    SALIENT_CHECK(steps_->norm_mlp(a.x, a.part, layer.post_norm, epsilon, layer.at(LinearKind::gate),
                                   layer.at(LinearKind::up), layer.at(LinearKind::down), a.mlp, a.part));
    addend = a.part;
  }
  return {};
}

Status BatchDecoder::logits(const Tensor& x, const Tensor& addend, std::int64_t rows, const Tensor& out) {
  const auto epsilon = static_cast<float>(decoder_->config().rms_norm_eps);
  const Linear* const head[] = {&head_};
  const auto last = [&](const Tensor& all) { return all.empty() ? all : all.row_slice(all.rows - rows, rows); };
  return steps_->norm_linears(last(x), last(addend), global_->final_norm, epsilon, head, out);
}

Status BatchDecoder::run() {
  const Activations& a = activations_;
  const AttentionShape shape = attention_shape();
  SALIENT_CHECK(steps_->embed_step(inputs_.row_slice(0, 1), global_->embedding, a.x));
  std::vector<StepWeights> weights;
  for (const auto& layer : layers_) {
    const auto linear = [&](LinearKind kind) { return &layer->at(kind); };
    weights.push_back({&layer->input_norm, &layer->post_norm, linear(LinearKind::q), linear(LinearKind::k),
                       linear(LinearKind::v), linear(LinearKind::o), linear(LinearKind::gate), linear(LinearKind::up),
                       linear(LinearKind::down)});
  }
  SALIENT_ASSIGN(const bool done, steps_->layers_step(a.x, weights, rope_, shape, caches_,
                                                      static_cast<float>(decoder_->config().rms_norm_eps)));
  if (done) return logits(a.x, {}, sequences(), logits_);
  SALIENT_CHECK(layers(
      a,
      [&](std::size_t i) {
        return steps_->attention_step(a.attention, rope_, shape, caches_[i], layers_[i]->at(LinearKind::o), a.part);
      },
      nullptr));
  return logits(a.x, a.part, sequences(), logits_);
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

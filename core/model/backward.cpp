// SPDX-License-Identifier: Apache-2.0
// The decoder's backward pass with respect to activations: gradients of weights never exist, the observer sees each
// linear's input and the gradient of its output instead (METHOD §2).
#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "core/model/decoder.h"
#include "core/model/loss.h"

namespace salient {

Result<Decoder::LayerActivations> Decoder::forward_keeping(const LayerWeights& layer, const Tensor& x) {
  LayerActivations kept;
  kept.x = x;
  {
    SALIENT_ASSIGN(const Tensor input, attention_input(layer, x));
    SALIENT_ASSIGN(kept.q, apply(layer.at(LinearKind::q), input));
    SALIENT_ASSIGN(kept.k, apply(layer.at(LinearKind::k), input));
    SALIENT_ASSIGN(kept.v, apply(layer.at(LinearKind::v), input));
  }
  SALIENT_CHECK(rotate(kept.q, 0, false));
  SALIENT_CHECK(rotate(kept.k, 0, false));
  SALIENT_ASSIGN(kept.context, backend_->allocate(DType::f32, x.rows, config().q_size()));
  SALIENT_CHECK(backend_->attention(kept.q, kept.k, kept.v, attention_shape(), 0, kept.context));
  SALIENT_ASSIGN(kept.middle, copy_of(x));
  SALIENT_CHECK(add_attention(layer, kept.context, kept.middle));
  SALIENT_ASSIGN(const Tensor input, mlp_input(layer, kept.middle));
  SALIENT_ASSIGN(kept.gate, apply(layer.at(LinearKind::gate), input));
  SALIENT_ASSIGN(kept.up, apply(layer.at(LinearKind::up), input));
  return kept;
}

Result<Tensor> Decoder::layer_output(const LayerWeights& layer, const LayerActivations& kept) {
  SALIENT_ASSIGN(const Tensor activation, backend_->allocate(DType::f32, kept.gate.rows, kept.gate.cols));
  SALIENT_CHECK(backend_->swiglu(kept.gate, kept.up, activation));
  SALIENT_ASSIGN(Tensor out, copy_of(kept.middle));
  SALIENT_CHECK(add_mlp(layer, activation, out));
  return out;
}

Status Decoder::backward_mlp(const LayerWeights& layer, std::int32_t index, const LayerActivations& kept,
                             const GradientObserver& observer, const Tensor& gradient) {
  const Linear &gate = layer.at(LinearKind::gate), &up = layer.at(LinearKind::up), &down = layer.at(LinearKind::down);
  // Of the activation: first its value, then its gradient.
  SALIENT_ASSIGN(const Tensor activation, backend_->allocate(DType::f32, kept.gate.rows, kept.gate.cols));
  SALIENT_CHECK(backend_->swiglu(kept.gate, kept.up, activation));
  SALIENT_CHECK(observer({index, LinearKind::down}, activation, gradient, down));
  SALIENT_CHECK(backend_->linear_backward(gradient, down, activation, false));
  SALIENT_ASSIGN(const Tensor dgate, backend_->allocate(DType::f32, kept.gate.rows, kept.gate.cols));
  SALIENT_ASSIGN(const Tensor dup, backend_->allocate(DType::f32, kept.up.rows, kept.up.cols));
  SALIENT_CHECK(backend_->swiglu_backward(kept.gate, kept.up, activation, dgate, dup));
  SALIENT_ASSIGN(const Tensor input, mlp_input(layer, kept.middle));
  SALIENT_CHECK(observer({index, LinearKind::up}, input, dup, up));
  SALIENT_CHECK(observer({index, LinearKind::gate}, input, dgate, gate));
  SALIENT_CHECK(backend_->linear_backward(dgate, gate, input, false));
  SALIENT_CHECK(backend_->linear_backward(dup, up, input, true));
  return backend_->rms_norm_backward(kept.middle, layer.post_norm, static_cast<float>(config().rms_norm_eps), input,
                                     gradient, true);
}

Status Decoder::backward_attention(const LayerWeights& layer, std::int32_t index, const LayerActivations& kept,
                                   const GradientObserver& observer, const Tensor& gradient) {
  const Linear &q = layer.at(LinearKind::q), &k = layer.at(LinearKind::k), &v = layer.at(LinearKind::v);
  SALIENT_CHECK(observer({index, LinearKind::o}, kept.context, gradient, layer.at(LinearKind::o)));
  SALIENT_ASSIGN(const Tensor dcontext, backend_->allocate(DType::f32, kept.context.rows, kept.context.cols));
  SALIENT_CHECK(backend_->linear_backward(gradient, layer.at(LinearKind::o), dcontext, false));
  SALIENT_ASSIGN(const Tensor dq, backend_->allocate(DType::f32, kept.q.rows, kept.q.cols));
  SALIENT_ASSIGN(const Tensor dk, backend_->allocate(DType::f32, kept.k.rows, kept.k.cols));
  SALIENT_ASSIGN(const Tensor dv, backend_->allocate(DType::f32, kept.v.rows, kept.v.cols));
  SALIENT_CHECK(
      backend_->attention_backward(kept.q, kept.k, kept.v, kept.context, dcontext, attention_shape(), dq, dk, dv));
  SALIENT_CHECK(rotate(dq, 0, true));
  SALIENT_CHECK(rotate(dk, 0, true));
  SALIENT_ASSIGN(const Tensor input, attention_input(layer, kept.x));
  SALIENT_CHECK(observer({index, LinearKind::v}, input, dv, v));
  SALIENT_CHECK(observer({index, LinearKind::k}, input, dk, k));
  SALIENT_CHECK(observer({index, LinearKind::q}, input, dq, q));
  if (index == 0) return {};  // nobody asks for the embedding's gradient
  SALIENT_CHECK(backend_->linear_backward(dv, v, input, false));
  SALIENT_CHECK(backend_->linear_backward(dk, k, input, true));
  SALIENT_CHECK(backend_->linear_backward(dq, q, input, true));
  return backend_->rms_norm_backward(kept.x, layer.input_norm, static_cast<float>(config().rms_norm_eps), input,
                                     gradient, true);
}

Result<double> Decoder::backward_head(std::span<const std::int32_t> ids, const Tensor& hidden, const Tensor& gradient) {
  std::vector<float> nll(ids.size() - 1);
  const auto count = static_cast<std::int64_t>(nll.size());
  Linear head;
  head.weight = global_->lm_head;
  for (std::int64_t first = 0; first < count; first += logit_rows()) {
    const std::int64_t rows = std::min(logit_rows(), count - first);
    const auto begin = static_cast<std::size_t>(first), length = static_cast<std::size_t>(rows);
    const std::span<const std::int32_t> targets = ids.subspan(begin + 1, length);
    SALIENT_ASSIGN(const Tensor scores, apply(head, hidden.row_slice(first, rows)));
    SALIENT_CHECK(backend_->cross_entropy(scores, targets, std::span(nll).subspan(begin, length)));
    SALIENT_CHECK(backend_->cross_entropy_backward(scores, targets, 1.0F / static_cast<float>(count)));
    SALIENT_CHECK(backend_->linear_backward(scores, head, gradient.row_slice(first, rows), false));
  }
  // The last token predicts nothing.
  SALIENT_CHECK(backend_->clear(gradient.row_slice(count, 1)));
  SALIENT_CHECK(check_finite(nll, ids));
  return std::accumulate(nll.begin(), nll.end(), 0.0) / static_cast<double>(count);
}

Result<double> Decoder::loss_and_gradients(std::span<const std::int32_t> ids, const GradientObserver& observer,
                                           std::uint64_t activation_bytes, const Job* job) {
  SALIENT_CHECK(check_loss_length(ids));
  SALIENT_CHECK(check_positions(static_cast<std::int64_t>(ids.size())));
  const std::int64_t token_floats =
      2 * config().hidden_size + 2 * config().q_size() + 2 * config().kv_size() + 2 * config().intermediate_size;
  const auto layers = static_cast<std::size_t>(config().layers);
  const bool keep_all = ids.size() * layers * static_cast<std::uint64_t>(token_floats) * 4 <= activation_bytes;

  // Forward: everything the backward needs of each layer, or its input alone.
  std::vector<LayerActivations> kept(layers);
  SALIENT_ASSIGN(Tensor x, embed(ids));
  for (std::size_t index = 0; index < layers; ++index) {
    if (job != nullptr) SALIENT_CHECK(job->check());
    SALIENT_ASSIGN(const auto layer, enter(static_cast<std::int64_t>(index), x));
    if (layer->at(LinearKind::q).packed) {
      return Error{ErrorCode::unsupported,
                   {},
                   "gradients",
                   "a 16- or 32-bit checkpoint",
                   "a packed model",
                   "search on the checkpoint the packed model was made from"};
    }
    SALIENT_ASSIGN(LayerActivations activations, forward_keeping(*layer, x));
    SALIENT_ASSIGN(x, layer_output(*layer, activations));
    if (!keep_all) activations = LayerActivations{activations.x, {}, {}, {}, {}, {}, {}, {}};
    kept[index] = std::move(activations);
  }

  SALIENT_CHECK(leave(x));
  SALIENT_ASSIGN(Tensor gradient, backend_->allocate(DType::f32, x.rows, x.cols));
  double loss = 0;
  {
    SALIENT_ASSIGN(const Tensor hidden, norm(x, global_->final_norm));
    SALIENT_ASSIGN(const Tensor dhidden, backend_->allocate(DType::f32, x.rows, x.cols));
    SALIENT_ASSIGN(loss, backward_head(ids, hidden, dhidden));
    SALIENT_CHECK(backend_->rms_norm_backward(x, global_->final_norm, static_cast<float>(config().rms_norm_eps),
                                              dhidden, gradient, false));
  }

  for (std::size_t index = layers; index-- > 0;) {
    if (job != nullptr) SALIENT_CHECK(job->check());
    SALIENT_ASSIGN(const auto layer, enter(static_cast<std::int64_t>(index), gradient));
    if (!keep_all) {
      SALIENT_ASSIGN(kept[index], forward_keeping(*layer, kept[index].x));
    }
    SALIENT_CHECK(backward_mlp(*layer, static_cast<std::int32_t>(index), kept[index], observer, gradient));
    SALIENT_CHECK(backward_attention(*layer, static_cast<std::int32_t>(index), kept[index], observer, gradient));
    kept[index] = {};
  }
  return loss;
}

}  // namespace salient

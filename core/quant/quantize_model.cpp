// SPDX-License-Identifier: Apache-2.0
#include "core/quant/quantize_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <memory>

#include "core/base/dtype.h"
#include "core/compute/device_quantizer.h"
#include "core/quant/hessian.h"

namespace salient {
namespace {

using Windows = std::vector<std::vector<std::int32_t>>;

std::size_t index_of(LinearKind kind) {
  return static_cast<std::size_t>(kind);
}

/// Multiplications, roughly: what progress is measured in.
struct WorkModel {
  WorkModel(const ModelConfig& config, const Windows& windows, const QuantOptions& options)
      : hidden(static_cast<double>(config.hidden_size)),
        query(static_cast<double>(config.q_size())),
        key(static_cast<double>(config.kv_size())),
        inner(static_cast<double>(config.intermediate_size)),
        clip(options.clip ? 1 : 0),
        gptq(options.method == QuantMethod::rtn ? 0 : 1),
        group(static_cast<double>(options.group)),
        calibrated(options.needs_calibration()) {
    for (const auto& window : windows) {
      const auto length = static_cast<double>(window.size());
      tokens += length;
      pairs += length * length;
    }
  }

  [[nodiscard]] double attention_input() const { return tokens * hidden * hidden; }
  [[nodiscard]] double attention_context() const {
    return tokens * hidden * (query + 2 * key) + pairs * query + tokens * query * query;
  }
  [[nodiscard]] double mlp_input() const { return tokens * (query * hidden + hidden * hidden); }
  [[nodiscard]] double mlp_activation() const { return tokens * (2 * hidden * inner + inner * inner); }
  [[nodiscard]] double mlp() const { return 3 * tokens * hidden * inner; }
  [[nodiscard]] double linear(double rows, double cols) const {
    if (!calibrated) return rows * cols;
    return rows * cols * ((1 + clip) * (gptq + 1) * cols + clip * 11 * group);
  }
  [[nodiscard]] double linears() const {
    return linear(query + 2 * key, hidden) + linear(hidden, query) + linear(2 * inner, hidden) + linear(hidden, inner);
  }
  [[nodiscard]] double forward() const { return tokens * hidden * (2 * query + 2 * key + 3 * inner) + pairs * query; }
  /// Of a layer from its inputs to the next layer's.
  [[nodiscard]] double layer() const {
    const double passes = attention_input() + attention_context() + mlp_input() + mlp_activation() + mlp();
    return linears() + (calibrated ? passes : 0);
  }

  double hidden, query, key, inner, clip, gptq, group;
  bool calibrated;
  double tokens = 0;
  double pairs = 0;
};

class ModelQuantizer {
 public:
  ModelQuantizer(Decoder& decoder, const BitMap& map, const Windows& windows, const QuantOptions& options,
                 LayerStore& store, Job& job)
      : decoder_(decoder),
        backend_(decoder.backend()),
        map_(map),
        windows_(windows),
        options_(options),
        store_(store),
        job_(job),
        work_(decoder.config(), windows, options),
        layers_(decoder.config().layers) {}

  Status run();

 private:
  /// What one pass over the windows does with the residual stream x of one of them.
  using WindowStep = std::function<Status(std::size_t window, const Tensor& x)>;
  using InputOf = std::function<Result<Tensor>(std::size_t window, const Tensor& x)>;
  enum class Stream { read, advanced };  ///< advanced: x is written back afterwards

  Status check() const;
  Status embed();
  Status advance(const LayerWeights& layer);
  Status quantize_layer();
  Status add_mlp(const LayerWeights& layer);
  Status for_each_window(double work, const std::string& detail, Stream stream, const WindowStep& step);
  /// One pass in which `input_of` gives the common input of `kinds`; then they are quantized and replaced.
  Status calibrate_and_quantize(std::initializer_list<LinearKind> kinds, double work, Stream stream,
                                const InputOf& input_of);
  /// `hessian` on the processor, `inputs` on a device; both null where the method needs no calibration.
  Status quantize(std::initializer_list<LinearKind> kinds, const Hessian* hessian, const QuantizerInputs* inputs);
  Result<QuantizedLinear> quantize_one(const Linear& linear, const std::vector<std::uint32_t>& rows8,
                                       const Hessian* hessian, const QuantizerInputs* inputs);
  Status replace(Linear& linear, const QuantizedMatrix& matrix);
  Result<std::vector<float>> host_weight(const Tensor& tensor);
  Result<Tensor> upload(const std::vector<float>& values, std::int64_t rows, std::int64_t cols);
  Status download(const Tensor& tensor, std::vector<float>& values);

  /// A matrix between two passes: in the device's own memory where that has room for all of them, else on the host.
  struct Kept {
    Tensor tensor;
    std::vector<float> values;
  };
  void choose_where_to_keep();
  Status keep(const Tensor& tensor, Kept& kept);
  Result<Tensor> take_up(const Kept& kept, std::int64_t rows, std::int64_t cols);
  [[nodiscard]] std::string detail(std::int64_t layer, std::string_view what) const {
    return fmt::format("layer {} of {}: {}", layer + 1, layers_, what);
  }
  void report(double work, const std::string& what) { job_.report(done_ += work, total_, what); }

  Decoder& decoder_;
  Backend& backend_;
  const BitMap& map_;
  const Windows& windows_;
  const QuantOptions& options_;
  LayerStore& store_;
  Job& job_;
  WorkModel work_;
  std::int64_t layers_;
  double done_ = 0;
  double total_ = 0;
  bool keep_on_device_ = false;
  std::vector<Kept> hidden_;    ///< of each window: the residual stream [T, hidden]
  std::vector<Kept> contexts_;  ///< of each window: the attention's output [T, q_size]
  LayerWeights weights_;        ///< of the current layer; quantized linears replaced
  QuantizedLayer layer_;        ///< what is finished of it
};

Status ModelQuantizer::check() const {
  SALIENT_CHECK(check_quant_options(options_));
  const auto expected = static_cast<std::size_t>(layers_) * kLinearKinds.size();
  if (map_.linears.size() != expected) {
    return Error{ErrorCode::mismatch,
                 "",
                 "bit map",
                 fmt::format("{} linears", expected),
                 fmt::format("{}", map_.linears.size()),
                 "make the bit map for this model"};
  }
  for (std::size_t i = 0; i < expected; ++i) {
    const LinearBits& bits = map_.linears[i];
    const LinearId id{static_cast<std::int32_t>(i / kLinearKinds.size()), kLinearKinds[i % kLinearKinds.size()]};
    const LinearShape shape = linear_shape(decoder_.config(), id.kind);
    if (bits.id == id && bits.rows == shape.rows && bits.cols == shape.cols) continue;
    return Error{ErrorCode::mismatch,
                 "",
                 "bit map",
                 fmt::format("{} [{}, {}] at place {}", linear_name(id), shape.rows, shape.cols, i),
                 fmt::format("{} [{}, {}]", linear_name(bits.id), bits.rows, bits.cols),
                 "make the bit map for this model"};
  }
  const auto empty = [](const std::vector<std::int32_t>& window) { return window.empty(); };
  if (work_.calibrated && (windows_.empty() || std::any_of(windows_.begin(), windows_.end(), empty))) {
    return Error{ErrorCode::usage,
                 "",
                 "calibration windows",
                 "at least one, none of them empty",
                 fmt::format("{} windows", windows_.size()),
                 "use a longer calibration text"};
  }
  return {};
}

Status ModelQuantizer::run() {
  SALIENT_CHECK(check());
  const std::int64_t first = std::min(store_.layers_done(), layers_);
  const double forward = work_.calibrated ? work_.forward() : 0;
  // The last layer's output is nobody's input.
  total_ = static_cast<double>(layers_) * work_.layer() + static_cast<double>(first) * forward -
           (work_.calibrated ? work_.mlp() : 0);
  done_ = first == layers_ ? total_ : static_cast<double>(first) * work_.layer();
  job_.begin("quantize", done_);
  report(0, "");
  if (first == layers_) return {};

  if (work_.calibrated) SALIENT_CHECK(embed());
  for (std::int64_t index = 0; index < layers_; ++index) {
    SALIENT_CHECK(job_.check());
    if (index < first && !work_.calibrated) continue;
    backend_.enter_layer(index, layers_);
    for (Kept& kept : hidden_) {
      if (kept.tensor.empty()) continue;
      SALIENT_ASSIGN(kept.tensor, backend_.bring(kept.tensor));
    }
    SALIENT_ASSIGN(const std::shared_ptr<const LayerWeights> original, decoder_.weights().layer(index));
    weights_ = *original;
    layer_ = {};
    layer_.index = index;
    if (index < first) {
      SALIENT_ASSIGN(layer_, store_.load(index));
      for (const LinearKind kind : kLinearKinds) {
        SALIENT_CHECK(replace(weights_.at(kind), layer_.linears[index_of(kind)].matrix));
      }
      SALIENT_CHECK(advance(weights_));
      continue;
    }
    SALIENT_CHECK(quantize_layer());
    SALIENT_CHECK(store_.save(layer_));
    if (work_.calibrated && index + 1 < layers_) SALIENT_CHECK(add_mlp(weights_));
  }
  job_.report(total_, total_, detail(layers_ - 1, "done"));
  return {};
}

Status ModelQuantizer::embed() {
  choose_where_to_keep();
  hidden_.resize(windows_.size());
  contexts_.resize(windows_.size());
  for (std::size_t w = 0; w < windows_.size(); ++w) {
    SALIENT_CHECK(job_.check());
    SALIENT_ASSIGN(const Tensor x, decoder_.embed(windows_[w]));
    SALIENT_CHECK(keep(x, hidden_[w]));
  }
  return {};
}

// A finished layer's forward pass, by the same operations in the same order as while it was quantized.
Status ModelQuantizer::advance(const LayerWeights& layer) {
  const std::string what = detail(layer_.index, "resuming");
  return for_each_window(work_.forward(), what, Stream::advanced, [&](std::size_t, const Tensor& x) -> Status {
    SALIENT_ASSIGN(const Tensor input, decoder_.attention_input(layer, x));
    SALIENT_ASSIGN(const Tensor context, decoder_.attention_context(layer, input));
    SALIENT_CHECK(decoder_.add_attention(layer, context, x));
    SALIENT_ASSIGN(const Tensor mlp_input, decoder_.mlp_input(layer, x));
    SALIENT_ASSIGN(const Tensor activation, decoder_.mlp_activation(layer, mlp_input));
    return decoder_.add_mlp(layer, activation, x);
  });
}

Status ModelQuantizer::quantize_layer() {
  using enum LinearKind;
  if (!work_.calibrated) return quantize({q, k, v, o, gate, up, down}, nullptr, nullptr);

  const InputOf attention_input = [&](std::size_t, const Tensor& x) { return decoder_.attention_input(weights_, x); };
  const InputOf attention_context = [&](std::size_t window, const Tensor& x) -> Result<Tensor> {
    SALIENT_ASSIGN(const Tensor input, decoder_.attention_input(weights_, x));
    SALIENT_ASSIGN(const Tensor context, decoder_.attention_context(weights_, input));
    SALIENT_CHECK(keep(context, contexts_[window]));
    return context;
  };
  const InputOf mlp_input = [&](std::size_t window, const Tensor& x) -> Result<Tensor> {
    SALIENT_ASSIGN(const Tensor context, take_up(contexts_[window], x.rows, decoder_.config().q_size()));
    SALIENT_CHECK(decoder_.add_attention(weights_, context, x));
    return decoder_.mlp_input(weights_, x);
  };
  const InputOf mlp_activation = [&](std::size_t, const Tensor& x) -> Result<Tensor> {
    SALIENT_ASSIGN(const Tensor input, decoder_.mlp_input(weights_, x));
    return decoder_.mlp_activation(weights_, input);
  };
  SALIENT_CHECK(calibrate_and_quantize({q, k, v}, work_.attention_input(), Stream::read, attention_input));
  SALIENT_CHECK(calibrate_and_quantize({o}, work_.attention_context(), Stream::read, attention_context));
  SALIENT_CHECK(calibrate_and_quantize({gate, up}, work_.mlp_input(), Stream::advanced, mlp_input));
  return calibrate_and_quantize({down}, work_.mlp_activation(), Stream::read, mlp_activation);
}

Status ModelQuantizer::add_mlp(const LayerWeights& layer) {
  const std::string what = detail(layer_.index, "passing on");
  return for_each_window(work_.mlp(), what, Stream::advanced, [&](std::size_t, const Tensor& x) -> Status {
    SALIENT_ASSIGN(const Tensor input, decoder_.mlp_input(layer, x));
    SALIENT_ASSIGN(const Tensor activation, decoder_.mlp_activation(layer, input));
    return decoder_.add_mlp(layer, activation, x);
  });
}

Status ModelQuantizer::for_each_window(double work, const std::string& what, Stream stream, const WindowStep& step) {
  for (std::size_t w = 0; w < windows_.size(); ++w) {
    SALIENT_CHECK(job_.check());
    const auto length = static_cast<std::int64_t>(windows_[w].size());
    SALIENT_ASSIGN(const Tensor x, take_up(hidden_[w], length, decoder_.config().hidden_size));
    SALIENT_CHECK(step(w, x));
    if (stream == Stream::advanced) SALIENT_CHECK(keep(x, hidden_[w]));
    report(work * static_cast<double>(length) / work_.tokens, what);
  }
  return {};
}

Status ModelQuantizer::calibrate_and_quantize(std::initializer_list<LinearKind> kinds, double work, Stream stream,
                                              const InputOf& input_of) {
  const std::int64_t cols = linear_shape(decoder_.config(), *kinds.begin()).cols;
  const auto sequences = static_cast<std::int64_t>(windows_.size());
  const auto named = [&](Error error) {
    error.key =
        fmt::format("{} of {}", error.key, linear_name({static_cast<std::int32_t>(layer_.index), *kinds.begin()}));
    return error;
  };
  std::vector<double> values;
  std::unique_ptr<QuantizerInputs> inputs;
  {
    SALIENT_ASSIGN(const Tensor gram, backend_.allocate(DType::f64, cols, cols));
    SALIENT_CHECK(backend_.clear(gram));
    const std::string what = detail(layer_.index, fmt::format("inputs of {}", linear_kind_name(*kinds.begin())));
    SALIENT_CHECK(for_each_window(work, what, stream, [&](std::size_t window, const Tensor& x) -> Status {
      SALIENT_ASSIGN(const Tensor input, input_of(window, x));
      return backend_.accumulate_gram(input, gram);
    }));
    DeviceQuantizer* const quantizer = options_.method == QuantMethod::rtn ? nullptr : backend_.quantizer();
    if (quantizer != nullptr) {
      auto prepared = quantizer->prepare(gram, sequences, options_.group, options_.damping, &job_);
      if (!prepared) return prepared.error().code == ErrorCode::numeric ? named(prepared.error()) : prepared.error();
      if ((*prepared)->failure().empty()) inputs = *std::move(prepared);
    }
    // Without a factor the processor rounds to the nearest, and says so.
    if (!inputs) {
      values.resize(static_cast<std::size_t>(cols * cols));
      SALIENT_CHECK(backend_.download(gram, values.data()));
    }
  }
  if (inputs) return quantize(kinds, nullptr, inputs.get());
  auto hessian = Hessian::prepare({values, cols, sequences}, options_, backend_.threads(), &job_);
  if (!hessian) return named(std::move(hessian).error());
  return quantize(kinds, &*hessian, nullptr);
}

Result<QuantizedLinear> ModelQuantizer::quantize_one(const Linear& linear, const std::vector<std::uint32_t>& rows8,
                                                     const Hessian* hessian, const QuantizerInputs* inputs) {
  SALIENT_ASSIGN(const std::vector<float> weight, host_weight(linear.weight));
  if (inputs != nullptr) {
    return quantize_linear(*backend_.quantizer(), *inputs, linear.weight, weight, rows8, options_, &job_);
  }
  return quantize_linear(weight, linear.weight.rows, linear.weight.cols, rows8, hessian, options_, backend_.threads(),
                         &job_);
}

Status ModelQuantizer::quantize(std::initializer_list<LinearKind> kinds, const Hessian* hessian,
                                const QuantizerInputs* inputs) {
  for (const LinearKind kind : kinds) {
    SALIENT_CHECK(job_.check());
    const LinearId id{static_cast<std::int32_t>(layer_.index), kind};
    Linear& linear = weights_.at(kind);
    const std::int64_t rows = linear.weight.rows;
    const std::int64_t cols = linear.weight.cols;
    const auto& rows8 =
        map_.linears[static_cast<std::size_t>(layer_.index) * kLinearKinds.size() + index_of(kind)].rows8;
    auto quantized = quantize_one(linear, rows8, hessian, inputs);
    if (!quantized) {
      Error error = std::move(quantized).error();
      if (error.code != ErrorCode::cancelled) error.key = fmt::format("{}.{}", linear_name(id), error.key);
      return error;
    }
    if (!quantized->fallback.empty()) {
      quantized->fallback = fmt::format("{}: {}", linear_name(id), quantized->fallback);
      job_.warn(quantized->fallback);
    }
    if (hessian != nullptr || inputs != nullptr) SALIENT_CHECK(replace(linear, quantized->matrix));
    layer_.linears[index_of(kind)] = *std::move(quantized);
    report(work_.linear(static_cast<double>(rows), static_cast<double>(cols)),
           detail(layer_.index, linear_kind_name(kind)));
  }
  return {};
}

Status ModelQuantizer::replace(Linear& linear, const QuantizedMatrix& matrix) {
  std::vector<float> values(static_cast<std::size_t>(matrix.rows * matrix.cols));
  matrix.dequantize(values);
  SALIENT_ASSIGN(linear.weight, upload(values, matrix.rows, matrix.cols));
  return {};
}

Result<std::vector<float>> ModelQuantizer::host_weight(const Tensor& tensor) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(tensor.bytes()));
  SALIENT_CHECK(backend_.download(tensor, bytes.data()));
  std::vector<float> values(static_cast<std::size_t>(tensor.size()));
  convert_to_f32(tensor.dtype, bytes.data(), values);
  return values;
}

Result<Tensor> ModelQuantizer::upload(const std::vector<float>& values, std::int64_t rows, std::int64_t cols) {
  SALIENT_ASSIGN(Tensor tensor, backend_.allocate(DType::f32, rows, cols));
  SALIENT_CHECK(backend_.upload(values.data(), tensor));
  return tensor;
}

Status ModelQuantizer::download(const Tensor& tensor, std::vector<float>& values) {
  values.resize(static_cast<std::size_t>(tensor.size()));
  return backend_.download(tensor, values.data());
}

void ModelQuantizer::choose_where_to_keep() {
  const auto room = backend_.device_memory();
  const double needed = work_.tokens * (work_.hidden + work_.query) * 4;
  // They are all on one device at a time, whose layers come first.
  const double share = room ? static_cast<double>(*room) / static_cast<double>(backend_.places()) : 0;
  keep_on_device_ = room && needed < share / 2;
}

// On the device a pass works on the kept matrix itself: only passes that advance the stream change it.
Status ModelQuantizer::keep(const Tensor& tensor, Kept& kept) {
  if (!keep_on_device_) return download(tensor, kept.values);
  kept.tensor = tensor;
  return {};
}

Result<Tensor> ModelQuantizer::take_up(const Kept& kept, std::int64_t rows, std::int64_t cols) {
  if (keep_on_device_) return kept.tensor;
  return upload(kept.values, rows, cols);
}

}  // namespace

Status quantize_model(Decoder& decoder, const BitMap& map, const std::vector<std::vector<std::int32_t>>& windows,
                      const QuantOptions& options, LayerStore& store, Job& job) {
  return ModelQuantizer(decoder, map, windows, options, store, job).run();
}

}  // namespace salient

// SPDX-License-Identifier: Apache-2.0
// bench: how fast the mixed-precision product, the search, and whole models are on this machine.
#include <algorithm>
#include <optional>

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/base/system.h"
#include "core/compute/gemm_benchmark.h"
#include "core/engine/batch_decoder.h"
#include "core/engine/benchmark.h"
#include "core/engine/random_weights.h"
#include "core/experiment/operations_detail.h"
#include "core/quant/quantize_model.h"
#include "core/search/search_benchmark.h"

namespace salient::operations {
namespace {

/// Tokens that mean nothing: speed does not depend on them.
std::vector<std::vector<std::int32_t>> arbitrary_windows(std::int64_t count, std::int64_t length,
                                                         std::int64_t vocabulary) {
  Random random(0);
  std::vector<std::vector<std::int32_t>> windows(static_cast<std::size_t>(count));
  for (auto& window : windows) {
    for (std::int64_t t = 0; t < length; ++t) {
      window.push_back(static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(vocabulary))));
    }
  }
  return windows;
}

std::vector<std::int64_t> token_counts(RequestReader& read, std::vector<std::int64_t> usual) {
  auto tokens = read.integers("tokens");
  for (const std::int64_t count : tokens) {
    if (count >= 1 && count <= 1 << 20) continue;
    read.refuse(Error{ErrorCode::usage, {}, "tokens", "1 to 1048576", std::to_string(count), {}});
  }
  return tokens.empty() ? usual : tokens;
}

/// The product of a device with kernels of its own beside its vendor's fp16: shapes of linears of common models, unless
/// one is asked for.
Result<Json> bench_products(RequestReader& read, Backend& backend, Job& job) {
  ProductTimingOptions options;
  options.shapes = {{4096, 4096}, {6144, 4096}, {14336, 4096}, {4096, 14336}, {28672, 8192}};
  options.percents = {10, 0, 20, 50, 100};
  if (read.has("rows") || read.has("cols")) {
    options.shapes = {{read.integer_or("rows", 4096, 1, 1 << 17), read.integer_or("cols", 4096, 1, 1 << 17)}};
  }
  if (read.has("percent")) options.percents = {read.number_or("percent", 10, 0, 100)};
  options.group = read.integer_or("group", options.group, 32, 128);
  options.tokens = token_counts(read, {1, 16, 32, 64, 128, 256, 512, 1024, 4096});
  options.modes = {ScaleMode::exact, ScaleMode::folded, ScaleMode::folded_token};
  static_cast<void>(read.number_or("seconds", 0, 0, 3600));  // the number of launches is fixed
  SALIENT_CHECK(read.finish());
  job.begin("benchmark");
  SALIENT_ASSIGN(const ProductTimings timings, backend.time_products(options, job));
  Json result{{"device", timings.device},
              {"driver_cuda", timings.driver},
              {"toolkit_cuda", timings.toolkit},
              {"read_terabytes_per_second", timings.read_terabytes},
              {"peak_teraoperations_per_second", timings.peak_teraoperations},
              {"group", options.group}};
  result["products"] = Json::array();
  for (const ProductTiming& timing : timings.rows) {
    result["products"].push_back(Json{{"rows", timing.rows},
                                      {"cols", timing.cols},
                                      {"percent", timing.percent},
                                      {"tokens", timing.tokens},
                                      {"mode", timing.copied ? "exact-copy" : scale_mode_name(timing.mode)},
                                      {"kernel", timing.kernel},
                                      {"seconds", timing.seconds},
                                      {"fp16_seconds", timing.half_seconds},
                                      {"speedup", timing.speedup},
                                      {"terabytes_per_second", timing.terabytes},
                                      {"teraoperations_per_second", timing.teraoperations},
                                      {"share_of_ceiling", timing.share},
                                      {"rounding_seconds", timing.rounding_seconds}});
  }
  return result;
}

Result<Json> bench_gemm(RequestReader& read, const BackendRequest& request, Backend& backend, Job& job) {
  if (request.device != "cpu") return bench_products(read, backend, job);
  KernelBenchmarkOptions options;
  options.rows = read.integer_or("rows", options.rows, 1, 1 << 20);
  options.cols = read.integer_or("cols", options.cols, 1, 1 << 20);
  options.group = read.integer_or("group", options.group, 32, 128);
  options.percent8 = read.number_or("percent", options.percent8, 0, 100);
  options.seconds = read.number_or("seconds", options.seconds, 0.001, 3600);
  options.threads = backend.threads().threads();
  options.tokens = token_counts(read, options.tokens);
  SALIENT_CHECK(read.finish());
  SALIENT_ASSIGN(const auto timings, benchmark_kernels(options, job));
  Json result{{"rows", options.rows}, {"cols", options.cols}, {"group", options.group}, {"percent", options.percent8}};
  result["timings"] = Json::array();
  for (const KernelTiming& timing : timings) {
    result["timings"].push_back(Json{{"kernels", timing.kernels},
                                     {"tokens", timing.tokens},
                                     {"seconds", timing.seconds},
                                     {"gigaoperations_per_second", timing.gigaoperations},
                                     {"gigabytes_per_second", timing.gigabytes},
                                     {"speedup", timing.speedup}});
  }
  return result;
}

/// Finished layers are counted and forgotten.
class ForgottenLayers final : public LayerStore {
 public:
  [[nodiscard]] std::int64_t layers_done() const override { return 0; }
  [[nodiscard]] Result<QuantizedLayer> load(std::int64_t index) override {
    return Error{ErrorCode::not_found, {}, "layer", "one that was kept", std::to_string(index), {}};
  }
  [[nodiscard]] Status save(const QuantizedLayer& /*layer*/) override { return {}; }
};

/// Seconds for quantizing all layers by the defaults, GPTQ with clip search, with a tenth of the rows in 8 bit.
Result<double> time_quantization(Decoder& decoder, const std::vector<std::vector<std::int32_t>>& windows, Job& job) {
  const BitMap map = spread_map(decoder.config(), 10);
  ForgottenLayers layers;
  const auto started = Clock::now();
  SALIENT_CHECK(quantize_model(decoder, map, windows, QuantOptions{}, layers, job));
  return seconds_since(started);
}

Result<Json> search_figures(Decoder& decoder, const std::vector<std::vector<std::int32_t>>& windows, bool quantize,
                            Job& job) {
  SearchOptions options;
  // Sequences that are searched together share it.
  if (const auto room = decoder.backend().device_memory())
    options.activation_bytes = std::max(options.activation_bytes, *room / 8);
  SALIENT_ASSIGN(const SearchBenchmark measured, benchmark_search(decoder, windows, options, job));
  Json result{{"sequences", measured.sequences},
              {"tokens", measured.tokens},
              {"forward_seconds", measured.forward_seconds},
              {"search_seconds", measured.search_seconds},
              {"ratio", measured.ratio},
              {"forward_tokens_per_second", measured.forward_tokens_per_second},
              {"search_tokens_per_second", measured.search_tokens_per_second},
              {"peak_memory_bytes", measured.peak_memory_bytes}};
  if (quantize) {
    SALIENT_ASSIGN(result["quantize_seconds"], time_quantization(decoder, windows, job));
  }
  result["peak_device_memory_bytes"] = decoder.backend().peak_device_memory();
  return result;
}

struct SearchWork {
  std::int64_t samples = 4;
  std::int64_t length = 512;
  bool quantize = false;
};

Result<Json> random_search_figures(const ModelConfig& config, const SearchWork& work, Backend& backend, Job& job) {
  RandomWeights weights(config, backend, {});
  SALIENT_ASSIGN(Decoder decoder, Decoder::create(weights, backend, work.length));
  return search_figures(decoder, arbitrary_windows(work.samples, work.length, config.vocab_size), work.quantize, job);
}

/// What all layers would take, from the times of `layers` of them and of half as many: the difference is that of the
/// layers between. Their weights are there already; reading those that do not fit into memory comes on top.
Result<Json> extrapolated_search(const ModelConfig& config, std::int64_t layers, const SearchWork& work,
                                 Backend& backend, Job& job) {
  ModelConfig part = config;
  part.layers = layers / 2;
  SALIENT_ASSIGN(const Json half, random_search_figures(part, work, backend, job));
  backend.release_kept_memory();
  part.layers = layers;
  SALIENT_ASSIGN(Json figures, random_search_figures(part, work, backend, job));
  Json whole{{"layers", config.layers}, {"measured_layers", Json::array({layers / 2, layers})}};
  for (const std::string name : {"forward_seconds", "search_seconds", "quantize_seconds"}) {
    if (!figures.contains(name)) continue;
    const double seconds = figures[name].get<double>();
    const double layer = (seconds - half[name].get<double>()) / static_cast<double>(layers - layers / 2);
    whole[name + "_per_layer"] = layer;
    whole[name] = seconds + layer * static_cast<double>(config.layers - layers);
  }
  figures["extrapolated"] = std::move(whole);
  return figures;
}

Result<Json> bench_search(RequestReader& read, Backend& backend, Job& job) {
  const auto model = read.path("model");
  const bool random = read.boolean_or("random", false);
  SearchWork work;
  work.quantize = read.boolean_or("quantize", work.quantize);
  work.samples = read.integer_or("samples", work.samples, 1, 1000);
  work.length = read.integer_or("length", work.length, 2, 1'048'576);
  const std::int64_t layers = read.integer_or("layers", 0, 2, 1000);
  if (layers > 0 && !random) {
    read.refuse(Error{ErrorCode::usage, {}, "layers", "random weights", "a model's own", "add random"});
  }
  SALIENT_CHECK(read.finish());
  Result<Json> figures = Json::object();
  if (random) {
    SALIENT_ASSIGN(const ModelConfig config, load_model_config(model));
    figures = layers > 0 ? extrapolated_search(config, layers, work, backend, job)
                         : random_search_figures(config, work, backend, job);
  } else {
    SALIENT_ASSIGN(const auto engine, Engine::load(model, backend));
    if (engine->packed()) {
      return Error{ErrorCode::unsupported, escape_for_message(model.string()),      {}, "a 16-bit model",
                   "a packed one",         "search the model that it was made from"};
    }
    SALIENT_ASSIGN(Decoder decoder, engine->decoder(work.length));
    const auto windows = arbitrary_windows(work.samples, work.length, decoder.config().vocab_size);
    figures = search_figures(decoder, windows, work.quantize, job);
  }
  if (!figures) return figures;
  Json result{{"model", escape_for_message(model.string(), 4096)}, {"random", random}};
  result.update(*figures);
  return result;
}

struct ModelBenchmark {
  std::int64_t prompt = 512;
  std::int64_t tokens = 32;
  std::int64_t batch = 1;
  ScaleMode scales = ScaleMode::exact;
};

Json throughput_json(const std::string& model, const ModelThroughput& measured, ScaleMode scales) {
  Json json{{"model", escape_for_message(model, 4096)},
            {"format", measured.packed ? "packed" : "checkpoint"},
            {"linear_bytes", measured.linear_bytes},
            {"prompt_tokens", measured.prompt_tokens},
            {"new_tokens", measured.new_tokens},
            {"batch", measured.batch},
            {"prefill_tokens_per_second", measured.prefill_tokens_per_second},
            {"decode_tokens_per_second", measured.decode_tokens_per_second}};
  if (measured.packed) json["scales"] = scale_mode_name(scales);
  return json;
}

Result<Json> measure_model(const std::filesystem::path& model, const ModelBenchmark& wanted, Backend& backend,
                           Job& job) {
  SALIENT_ASSIGN(const auto engine, Engine::load(model, backend, {.packed = {.scales = wanted.scales}}));
  SALIENT_ASSIGN(const ModelThroughput measured,
                 measure_throughput(*engine, wanted.prompt, wanted.tokens, job, wanted.batch));
  return throughput_json(model.string(), measured, wanted.scales);
}

/// Random weights in the shapes of the model's config: packed with `percent8`, or bf16.
Result<Json> measure_random(const std::filesystem::path& model, std::optional<double> percent8,
                            const ModelBenchmark& wanted, Backend& backend, Job& job) {
  SALIENT_ASSIGN(ModelConfig config, load_model_config(model));
  RandomWeights weights(std::move(config), backend, {percent8, 128, wanted.scales});
  SALIENT_ASSIGN(Decoder decoder, Decoder::create(weights, backend, wanted.prompt + wanted.tokens));
  SALIENT_ASSIGN(ModelThroughput measured,
                 measure_throughput(decoder, wanted.prompt, wanted.tokens, job, wanted.batch));
  measured.packed = percent8.has_value();
  measured.linear_bytes = weights.linear_bytes();
  return throughput_json(model.string(), measured, wanted.scales);
}

/// `rate`: the key that the ratio of the two models is formed of.
Result<Json> bench_models(RequestReader& read, const char* rate, ModelBenchmark wanted, Backend& backend, Job& job) {
  const auto model = read.path("model");
  const auto against = read.path_or("against", {});
  wanted.prompt = read.integer_or("prompt_tokens", wanted.prompt, 1, 1'048'576);
  wanted.tokens = read.integer_or("new_tokens", wanted.tokens, 1, 1'048'576);
  wanted.batch = read.integer_or("batch", wanted.batch, 1, BatchDecoder::kMostSequences);
  wanted.scales = read.scales_or_exact();
  const bool random = read.boolean_or("random", false);
  const double percent8 = read.number_or("percent", 10, 0, 100);
  if (random && !against.empty()) {
    read.refuse(Error{ErrorCode::usage, {}, "against", "nothing", "a model", "random weights have their 16-bit twin"});
  }
  SALIENT_CHECK(read.finish());
  Json result{{"models", Json::array()}, {"random", random}};
  for (const bool packed : {true, false}) {
    if (!random) break;
    const std::optional<double> percent = packed ? std::optional(percent8) : std::nullopt;
    SALIENT_ASSIGN(const Json measured, measure_random(model, percent, wanted, backend, job));
    result["models"].push_back(measured);
    backend.release_kept_memory();
  }
  for (const auto* directory : {&model, &against}) {
    if (random || directory->empty()) continue;
    if (directory == &against) wanted.scales = ScaleMode::exact;
    SALIENT_ASSIGN(const Json measured, measure_model(*directory, wanted, backend, job));
    result["models"].push_back(measured);
  }
  if (result["models"].size() == 2) {
    const double own = result["models"][0][rate].get<double>();
    const double other = result["models"][1][rate].get<double>();
    result["ratio"] = other > 0 ? own / other : 0;
  }
  return result;
}

}  // namespace

Result<Json> bench(const Json& request, OperationContext& context, Job& job) {
  RequestReader read(request);
  const std::string what = read.string("what");
  const BackendRequest where = read.backend();
  SALIENT_ASSIGN(Backend * backend, context.backend(where));

  Json result = result_header("bench");
  result["what"] = escape_for_message(what);
  result["backend"] = backend->name();
  result["processor"] = escape_for_message(machine_info().processor);
  Result<Json> measured =
      Error{ErrorCode::usage, {}, "what", "gemm, search, decode or prefill", escape_for_message(what), {}};
  if (what == "gemm") measured = bench_gemm(read, where, *backend, job);
  if (what == "search") measured = bench_search(read, *backend, job);
  if (what == "decode") measured = bench_models(read, "decode_tokens_per_second", {16, 64}, *backend, job);
  if (what == "prefill") measured = bench_models(read, "prefill_tokens_per_second", {512, 1}, *backend, job);
  if (!measured) return std::move(measured).error();
  result.update(*measured);
  return result;
}

}  // namespace salient::operations

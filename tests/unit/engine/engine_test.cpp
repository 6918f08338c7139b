// SPDX-License-Identifier: Apache-2.0
#include "core/engine/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <utility>

#include "core/compute/cpu_backend.h"
#include "core/compute/packed_linear.h"
#include "core/engine/benchmark.h"
#include "core/engine/generator.h"
#include "core/engine/random_weights.h"
#include "tests/unit/pack/packed_fixture.h"
#include "tests/unit/support/random_ids.h"

namespace salient {
namespace {

class EngineTest : public test::PackedTest {
 protected:
  void SetUp() override {
    PackedTest::SetUp();
    pack();
    auto made = make_cpu_backend({.threads = 2});
    ASSERT_TRUE(made.ok()) << made.error().to_string();
    backend_ = *std::move(made);
  }

  std::unique_ptr<Engine> load(const std::filesystem::path& directory, Backend& backend, bool simulate = false) {
    auto engine = Engine::load(directory, backend, {.packed = {.simulate = simulate}});
    EXPECT_TRUE(engine.ok()) << engine.error().to_string();
    return engine ? *std::move(engine) : nullptr;
  }

  static std::vector<float> logits(Engine& engine, const std::vector<TokenId>& ids) {
    auto decoder = engine.decoder(static_cast<std::int64_t>(ids.size()));
    EXPECT_TRUE(decoder.ok());
    const auto hidden = decoder->hidden(ids);
    EXPECT_TRUE(hidden.ok());
    const auto out = decoder->logits(*hidden);
    std::vector<float> values(static_cast<std::size_t>(out->size()));
    EXPECT_TRUE(engine.backend().download(*out, values.data()).ok());
    return values;
  }

  std::unique_ptr<Backend> backend_;
};

double relative_difference(const std::vector<float>& a, const std::vector<float>& b) {
  EXPECT_EQ(a.size(), b.size());
  double difference = 0;
  double norm = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = std::max(difference, std::abs(static_cast<double>(a[i]) - b[i]));
    norm = std::max(norm, std::abs(static_cast<double>(b[i])));
  }
  return difference / norm;
}

/// Counts what it is asked to take.
class CountingBackend final : public CpuBackend {
 public:
  CountingBackend() : CpuBackend(1, best_cpu_kernels()) {}
  Result<Tensor> allocate(DType dtype, std::int64_t rows, std::int64_t cols) override {
    ++taken;
    return CpuBackend::allocate(dtype, rows, cols);
  }
  Result<std::shared_ptr<const PackedWeights>> pack(const QuantizedMatrix& matrix, ScaleMode mode) override {
    ++taken;
    return CpuBackend::pack(matrix, mode);
  }
  int taken = 0;
};

// HOSTILE row 63: an index that would have a device read or write elsewhere gets nowhere near it.
TEST_F(EngineTest, RowIndicesAreRefusedBeforeABackendIsAskedForAnything) {
  CountingBackend backend;
  const auto good = load(packed(), backend);
  ASSERT_NE(good, nullptr);
  ASSERT_EQ(logits(*good, {1, 2}).size(), 512U);
  EXPECT_GT(std::exchange(backend.taken, 0), 0);
  const std::string name = "model.layers.1.mlp.down_proj.rows8";
  const std::filesystem::path path = packed() / "model.safetensors";
  std::string bytes = test::read_file(path);
  {
    const auto file = SafetensorsFile::open(path);
    ASSERT_TRUE(file);
    const std::int32_t row = 1 << 30;
    std::memcpy(bytes.data() + (bytes.size() - file->tensors().back().end) + file->find(name)->begin, &row, sizeof row);
  }
  test::write_file(path, bytes);
  const auto engine = Engine::load(packed(), backend);
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().code, ErrorCode::mismatch);
  EXPECT_EQ(engine.error().key, name);
  EXPECT_EQ(engine.error().found, "1073741824 at index 0");
  EXPECT_EQ(backend.taken, 0);
}

std::vector<TokenId> some_ids(std::size_t count) {
  return test::random_ids(count, 256, 9);
}

TEST_F(EngineTest, IntegerEngineEqualsTheSimulation) {
  // Every position of the context: roundings that fall apart anywhere move all logits after them.
  const std::int64_t window = load(source(), *backend_)->config().max_positions;
  const std::vector<TokenId> ids = some_ids(static_cast<std::size_t>(window));
  for (const int percent : {0, 30, 100}) {
    pack(percent);
    const auto original = logits(*load(source(), *backend_), ids);
    for (const CpuKernels kernels : {CpuKernels::reference, CpuKernels::avx2, CpuKernels::avx512_vnni}) {
      if (!cpu_kernels_available(kernels)) continue;
      auto backend = make_cpu_backend({.threads = 1, .kernels = kernels});
      ASSERT_TRUE(backend.ok());
      const auto simulated = logits(*load(packed(), **backend, true), ids);
      EXPECT_EQ(logits(*load(packed(), **backend), ids), simulated);
      // The simulation is of this model, not of the unquantized one.
      EXPECT_GT(relative_difference(original, simulated), 1e-3);
    }
  }
}

TEST_F(EngineTest, FoldedModesDifferALittleFromTheExactProduct) {
  const std::vector<TokenId> ids = some_ids(kFoldedTokens);
  const auto in_mode = [&](ScaleMode mode) {
    auto engine = Engine::load(packed(), *backend_, {.packed = {.scales = mode}});
    EXPECT_TRUE(engine.ok()) << engine.error().to_string();
    return logits(**engine, ids);
  };
  const auto exact = in_mode(ScaleMode::exact);
  const auto folded = in_mode(ScaleMode::folded);
  const auto folded_token = in_mode(ScaleMode::folded_token);
  EXPECT_EQ(exact, logits(*load(packed(), *backend_), ids));
  EXPECT_NE(folded, exact);
  EXPECT_NE(folded_token, folded);
  EXPECT_LT(relative_difference(folded, exact), 0.1);
  EXPECT_LT(relative_difference(folded_token, exact), 0.1);
}

TEST_F(EngineTest, RefusesModesWhereNothingIsFolded) {
  const auto of_source = Engine::load(source(), *backend_, {.packed = {.scales = ScaleMode::folded}});
  ASSERT_FALSE(of_source.ok());
  EXPECT_EQ(of_source.error().code, ErrorCode::usage);
  EXPECT_EQ(of_source.error().key, "scales");
  const auto simulated =
      Engine::load(packed(), *backend_, {.packed = {.simulate = true, .scales = ScaleMode::folded_token}});
  ASSERT_FALSE(simulated.ok());
  EXPECT_EQ(simulated.error().key, "scales");
}

TEST_F(EngineTest, TellsDirectoriesApart) {
  const auto original = load(source(), *backend_);
  const auto quantized = load(packed(), *backend_);
  EXPECT_FALSE(original->packed());
  EXPECT_TRUE(quantized->packed());
  EXPECT_EQ(original->linear_bytes(), 2 * original->linear_weights());
  EXPECT_EQ(original->linear_weights(), quantized->linear_weights());
  const SizeReport size = bit_map_size(quantized->packed_model()->bit_map(), test::kPackedGroup);
  EXPECT_EQ(quantized->linear_bytes(), static_cast<std::uint64_t>(size.total_bytes));
  EXPECT_EQ(original->end_tokens(), (std::vector<TokenId>{254, 255}));
}

TEST_F(EngineTest, MissingDirectoryIsAnError) {
  EXPECT_FALSE(Engine::load(root_ / "nowhere", *backend_).ok());
}

TEST_F(EngineTest, GreedyFollowsTheLogits) {
  const auto engine = load(packed(), *backend_);
  Job job;
  const auto generation = generate(*engine, "Once upon", {.tokens = 6}, {}, job);
  ASSERT_TRUE(generation.ok()) << generation.error().to_string();
  std::vector<TokenId> ids = generation->prompt_ids;
  EXPECT_EQ(ids.size(), 9U);
  for (const TokenId id : generation->ids) {
    // Without a cache, the whole sequence at once.
    const std::vector<float> all = logits(*engine, ids);
    EXPECT_EQ(std::max_element(all.end() - 256, all.end()) - (all.end() - 256), id);
    ids.push_back(id);
  }
}

TEST_F(EngineTest, SeedDecidesAndTextIsStreamed) {
  const auto engine = load(packed(), *backend_);
  Job job;
  const GenerateOptions options{.tokens = 24, .temperature = 1.5, .top_p = 0.95, .seed = 42};
  std::string streamed;
  const auto first = generate(
      *engine, "A", options, [&](std::string_view text) { streamed += text; }, job);
  const auto second = generate(*engine, "A", options, {}, job);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->ids, second->ids);
  EXPECT_EQ(first->text, streamed);
  EXPECT_EQ(first->text, *engine->tokenizer()->decode(first->ids, true));
  GenerateOptions other = options;
  other.seed = 43;
  EXPECT_NE(generate(*engine, "A", other, {}, job)->ids, first->ids);
}

TEST_F(EngineTest, RecordedStepsWriteWhatSingleOnesWrite) {
  for (const auto& directory : {source(), packed()}) {
    const auto engine = load(directory, *backend_);
    const auto text = [&](TextReader::Steps steps, const Sampling& sampling) {
      Job job;
      auto reader = TextReader::create(*engine, 40, job, steps);
      EXPECT_TRUE(reader.ok()) << reader.error().to_string();
      EXPECT_EQ(reader->recorded(), steps == TextReader::Steps::recorded);  // the processor has no memory of its own
      Random random(3);
      std::vector<TokenId> ids{65, 66, 67};
      EXPECT_TRUE(reader->read(ids, job));
      while (ids.size() < 32) {
        const auto next = reader->choose(sampling, random);
        EXPECT_TRUE(next.ok()) << next.error().to_string();
        ids.push_back(*next);
        EXPECT_TRUE(reader->read(std::span(ids).last(1), job));
      }
      const auto logits = reader->logits();
      EXPECT_EQ(logits->size(), 256U);
      return ids;
    };
    for (const Sampling& sampling : {Sampling{}, Sampling{1.2, 0.9}}) {
      const std::vector<TokenId> recorded = text(TextReader::Steps::recorded, sampling);
      EXPECT_EQ(recorded, text(TextReader::Steps::single, sampling));
      EXPECT_EQ(recorded, text(TextReader::Steps::automatic, sampling));
    }
  }
}

TEST_F(EngineTest, StopsAtAnEndToken) {
  const auto probe = load(packed(), *backend_);
  Job job;
  const auto free = generate(*probe, "xyz", {.tokens = 4}, {}, job);
  ASSERT_TRUE(free.ok());
  ASSERT_GE(free->ids.size(), 1U);
  // The same source with that token as its end.
  test::write_file(source() / "generation_config.json", "{\"eos_token_id\": " + std::to_string(free->ids[0]) + "}");
  pack();
  const auto engine = load(packed(), *backend_);
  const auto ended = generate(*engine, "xyz", {.tokens = 4}, {}, job);
  ASSERT_TRUE(ended.ok());
  EXPECT_TRUE(ended->ended);
  EXPECT_TRUE(ended->ids.empty());
  EXPECT_EQ(ended->text, "");
}

TEST_F(EngineTest, EmptyPromptStartsFromTheFirstToken) {
  const auto engine = load(source(), *backend_);
  Job job;
  const auto generation = generate(*engine, "", {.tokens = 2}, {}, job);
  ASSERT_TRUE(generation.ok()) << generation.error().to_string();
  EXPECT_EQ(generation->prompt_ids, std::vector<TokenId>{0});
}

TEST_F(EngineTest, RefusesWhatMakesNoSense) {
  const auto engine = load(source(), *backend_);
  Job job;
  EXPECT_EQ(generate(*engine, "a", {.tokens = -1}, {}, job).error().key, "tokens");
  EXPECT_EQ(generate(*engine, "a", {.temperature = -0.5}, {}, job).error().key, "temperature");
  EXPECT_EQ(generate(*engine, "a", {.temperature = std::nan("")}, {}, job).error().key, "temperature");
  EXPECT_EQ(generate(*engine, "a", {.top_p = 0}, {}, job).error().key, "top_p");
  EXPECT_EQ(generate(*engine, std::string(90, 'a'), {.tokens = 7}, {}, job).error().code, ErrorCode::range);
  EXPECT_TRUE(generate(*engine, std::string(90, 'a'), {.tokens = 6}, {}, job).ok());
}

TEST_F(EngineTest, CancelledGenerationIsAnError) {
  const auto engine = load(packed(), *backend_);
  CancelToken cancel;
  JobListener listener;
  listener.progress = [&](const ProgressEvent&) { cancel.cancel(); };
  Job job(&cancel, listener);
  const auto generation = generate(*engine, "xyz", {.tokens = 50}, {}, job);
  ASSERT_FALSE(generation.ok());
  EXPECT_EQ(generation.error().code, ErrorCode::cancelled);
}

TEST_F(EngineTest, BenchmarksReportEveryImplementation) {
  Job job;
  const auto timings =
      benchmark_kernels({.rows = 64, .cols = 96, .group = 32, .tokens = {1, 5}, .threads = 1, .seconds = 0}, job);
  ASSERT_TRUE(timings.ok()) << timings.error().to_string();
  EXPECT_GE(timings->size(), 6U);
  EXPECT_EQ(timings->front().kernels, "fp32");
  for (const KernelTiming& timing : *timings)
    EXPECT_GT(timing.gigaoperations, 0.0);
  const auto engine = load(packed(), *backend_);
  const auto throughput = measure_throughput(*engine, 8, 3, job);
  ASSERT_TRUE(throughput.ok()) << throughput.error().to_string();
  EXPECT_TRUE(throughput->packed);
  EXPECT_GT(throughput->prefill_tokens_per_second, 0.0);
  EXPECT_GT(throughput->decode_tokens_per_second, 0.0);
  EXPECT_FALSE(measure_throughput(*engine, 96, 1, job).ok());
}

TEST_F(EngineTest, RandomWeightsHaveTheShapesOfAConfig) {
  const auto config = load_model_config(std::filesystem::path(SALIENT_RESOURCES) / "sample");
  ASSERT_TRUE(config.ok()) << config.error().to_string();
  std::uint64_t bytes16 = 0;
  for (const std::optional<double> percent8 : {std::optional<double>(), std::optional<double>(10)}) {
    RandomWeights weights(*config, *backend_, {percent8, 128});
    auto decoder = Decoder::create(weights, *backend_, 16);
    ASSERT_TRUE(decoder.ok()) << decoder.error().to_string();
    const auto layer = weights.layer(config->layers - 1);
    ASSERT_TRUE(layer.ok()) << layer.error().to_string();
    EXPECT_EQ((*layer)->at(LinearKind::down).packed != nullptr, percent8.has_value());
    Job job;
    const auto throughput = measure_throughput(*decoder, 8, 2, job);
    ASSERT_TRUE(throughput.ok()) << throughput.error().to_string();
    EXPECT_GT(throughput->decode_tokens_per_second, 0.0);
    if (percent8) {
      EXPECT_LT(weights.linear_bytes(), bytes16 / 3);
    } else {
      bytes16 = weights.linear_bytes();
    }
  }
  EXPECT_FALSE(load_model_config("/nonexistent").ok());
}

}  // namespace
}  // namespace salient
